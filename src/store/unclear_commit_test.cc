// A connection that breaks in the middle of a COMMIT: whatever became of it, the work is done once.
#include <gtest/gtest.h>

#include "store/testing/lossy_relay.h"

namespace meetpoint::store {
namespace {

using testing::LossyRelay;

struct Case {
    const char* name;
    WriteScope scope;
    LossyRelay::Loss loss;
    int runs;  // how often the work runs until it is kept
};
std::ostream& operator<<(std::ostream& out, const Case& one) {
    return out << one.name;
}

class UnclearCommit : public ::testing::TestWithParam<Case> {
protected:
    void SetUp() override {
        if (!testing::isAvailable(testing::StoreEngine::postgres))
            GTEST_SKIP() << "MEETPOINT_TEST_POSTGRES names no server";
    }

    // How often the work has been kept, as the database itself counts.
    static Result<void> countUp(Tx& tx) {
        TRY(
            tx.execute("INSERT INTO key_pages (shard_key, kind, run, page, data) "
                       "SELECT 1, 0, 0, COALESCE(MAX(page), 0) + 1, $1 FROM key_pages WHERE shard_key = 1",
                       {Bytes{1}}));
        return {};
    }
    static std::int64_t keptIn(Db& db) {
        std::int64_t rows = -1;
        EXPECT_TRUE(db.read([&](Tx& tx) {
            return tx.query("SELECT COUNT(*) FROM key_pages", {}, [&](const Row& row) { rows = row.integer(0); });
        }));
        return rows;
    }
};

TEST_P(UnclearCommit, IsSettledAndNeverGuessed) {
    const testing::StorePlace place(testing::StoreEngine::postgres);
    LossyRelay relay(place);
    if (relay.database().empty()) GTEST_SKIP() << "the server of MEETPOINT_TEST_POSTGRES has no Unix socket";
    const ManualClock clock({0});
    SystemRandom random;
    const auto opened = openPostgres(relay.database(), {.writeConnections = 1}, clock, random, silentLog());
    ASSERT_TRUE(opened) << opened.error().internal;
    Db& db = **opened;
    // A mark of an earlier transaction is there already, as it nearly always is.
    ASSERT_TRUE(db.write(GetParam().scope, [](Tx& tx) { return countUp(tx); }));

    int runs = 0;
    std::atomic<int> afterCommit = 0;
    relay.loseNextCommit(GetParam().loss);
    const auto written = db.write(GetParam().scope, [&](Tx& tx) -> Result<void> {
        ++runs;
        tx.onCommit([&] { ++afterCommit; });
        return countUp(tx);
    });
    EXPECT_TRUE(written) << written.error().internal;
    EXPECT_TRUE(relay.hasLost()) << "no COMMIT was lost: this test tried nothing";
    EXPECT_EQ(runs, GetParam().runs);
    EXPECT_EQ(afterCommit, 1) << "who waits for the commit hears of it once";
    EXPECT_EQ(keptIn(db), 2);
    ASSERT_TRUE(db.write(GetParam().scope, [](Tx& tx) { return countUp(tx); })) << "it goes on";
    EXPECT_EQ(keptIn(db), 3);
}

INSTANTIATE_TEST_SUITE_P(Losses, UnclearCommit,
                         ::testing::Values(Case{"LaneThatWasCommitted", recordsWrite(1, 1), LossyRelay::Loss::answer,
                                                1},
                                           Case{"LaneThatWasNot", recordsWrite(1, 1), LossyRelay::Loss::request, 2},
                                           Case{"LedgerThatWasCommitted", ledgerWrite(), LossyRelay::Loss::answer, 1},
                                           Case{"LedgerThatWasNot", ledgerWrite(), LossyRelay::Loss::request, 2}),
                         [](const auto& info) { return info.param.name; });

}  // namespace
}  // namespace meetpoint::store
