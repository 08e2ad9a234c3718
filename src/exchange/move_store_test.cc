#include "exchange/move_store.h"

#include <gtest/gtest.h>

#include "columns/content_hash.h"
#include "exchange/verify.h"
#include "store/ledger.h"
#include "store/numbers.h"
#include "store/tables.h"
#include "store/testing/test_store.h"

namespace meetpoint::exchange {
namespace {

using columns::CallCore;
using columns::CallParties;
using columns::LaneKind;
using columns::Part;
using store::testing::StoreEngine;
using store::testing::StorePlace;

constexpr Instant start{1'772'000'000'000};
constexpr int lanesFilled = 3, appends = 40, rowsEach = 25;

// Calls with ids from `first` on; every other one comes in two versions.
columns::Records callRecords(int first, std::int32_t version) {
    columns::Records records(LaneKind::calls);
    columns::Batch& core = records.part(Part::core);
    for (int i = 0; i < rowsEach; ++i) {
        if (version > 1 && i % 2 == 1) continue;
        const std::size_t row = records.rows();
        Id id;
        const int number = first + i;
        std::memcpy(id.bytes.data(), &number, sizeof number);
        core[CallCore::callId].append(id);
        core[CallCore::version].append(version);
        core[CallCore::completeness].append<std::uint8_t>(1);
        core[CallCore::direction].append<std::uint8_t>(0);
        core[CallCore::invitedAt].append(start + seconds(number));
        core[CallCore::endedAt].append(start + seconds(number + 60));
        core[CallCore::durationMs].append<std::int64_t>(60'000 + version);
        records.part(Part::parties)[CallParties::sipUri].padTo(row);
        records.part(Part::parties)[CallParties::sipUri].appendText("sip:" + std::to_string(number) + "@example.net");
    }
    records.complete();
    return records;
}

// A store with rows in the ledger and calls in several lanes, some superseded.
void fill(store::Db& db, const Clock& clock, Random& random) {
    ASSERT_TRUE(setUpStore(db, StoreKind::sandbox, random));
    const auto identity = readIdentity(db);
    ASSERT_TRUE(identity) << identity.error().message;
    store::Lanes lanes(KeyedHash(identity->hashKey), clock);
    const auto ledger = db.write(store::ledgerWrite(), [](store::Tx& tx) -> Result<void> {
        for (std::uint8_t i = 1; i <= lanesFilled; ++i)
            TRY(store::insertCarrier(tx, {Id{{i}}, 0, "Carrier " + std::to_string(i), "CH", 2000, start, 1}));
        TRY(store::insertTenant(tx, {Id{{11}}, "Acme \xC3\xBC", "CH", "acme.example", start, 1}));
        TRY(store::insertHolderChange(tx, {0, {41446681800}, start, Id{{1}}, Id{{11}}, std::nullopt}));
        return store::raiseLedgerChanges(tx);
    });
    ASSERT_TRUE(ledger) << ledger.error().internal;
    for (int i = 0; i < appends; ++i) {
        auto records = callRecords(i / 2 * rowsEach, i % 2 + 1);
        auto prints = columns::fingerprints(records);
        const std::int64_t shard = i / 2 % lanesFilled + 1;
        const auto prepared = lanes.prepare({shard, LaneKind::calls}, std::move(records), std::move(prints));
        const auto done = db.write(store::recordsWrite(shard, rowsEach), [&](store::Tx& tx) -> Result<void> {
            TRY(lanes.append(tx, prepared, "test"));
            return {};
        });
        ASSERT_TRUE(done) << done.error().internal;
    }
}

// A store that fails from some write on, as if the machine had gone.
class BreakingDb final : public store::Db {
public:
    BreakingDb(store::Db& db, int writes) : db_(db), writesLeft_(writes) {}
    std::future<Result<void>> submit(const store::WriteScope& scope, store::TxFunction work) override {
        if (writesLeft_-- > 0) return db_.submit(scope, std::move(work));
        std::promise<Result<void>> broken;
        broken.set_value(fail(conflict("broken", "It broke here.")));
        return broken.get_future();
    }
    Result<void> read(const store::TxFunction& work) override { return db_.read(work); }
    bool isHealthy() const override { return db_.isHealthy(); }
    void listen(store::Listener) override {}
    bool isShared() const override { return db_.isShared(); }

private:
    store::Db& db_;
    int writesLeft_;
};

using Direction = std::pair<StoreEngine, StoreEngine>;

class MoveStore : public testing::TestWithParam<Direction> {
protected:
    void SetUp() override {
        if (!isAvailable(GetParam().first) || !isAvailable(GetParam().second))
            GTEST_SKIP() << "MEETPOINT_TEST_POSTGRES names no server";
        fromPlace_.emplace(GetParam().first);
        toPlace_.emplace(GetParam().second);
        from_ = std::move(*fromPlace_->open(clock_));
        to_ = std::move(*toPlace_->open(clock_));
        fill(*from_, clock_, random_);
    }
    static void ignore(const MoveProgress&) {}
    Result<Moved> move() { return moveStore(*from_, *to_, clock_, ignore); }

    ManualClock clock_{start};
    SeededRandom random_{7};
    std::optional<StorePlace> fromPlace_, toPlace_;
    std::unique_ptr<store::Db> from_, to_;
};

TEST_P(MoveStore, MovesEverythingAndProvesIt) {
    const auto before = readIdentity(*from_);
    ASSERT_TRUE(before);
    std::set<std::string> seen;
    const auto moved = moveStore(*from_, *to_, clock_, [&](const MoveProgress& progress) {
        if (progress.rows > 0) seen.insert(std::string(progress.table));
    });
    ASSERT_TRUE(moved) << moved.error().message << " " << moved.error().internal;
    EXPECT_EQ(moved->rowsBefore, 0u);
    ASSERT_EQ(moved->lanes.size(), static_cast<std::size_t>(lanesFilled));
    std::int64_t records = 0;
    for (const auto& lane : moved->lanes)
        records += lane.records;
    EXPECT_EQ(records, appends / 2 * rowsEach + appends / 2 * ((rowsEach + 1) / 2));
    for (const char* table : {"meta", "carriers", "tenants", "holders", "lanes", "entries", "blocks", "part_core",
                              "part_parties", "key_runs", "key_pages"})
        EXPECT_TRUE(seen.contains(table)) << table;
    const auto after = readIdentity(*to_);
    ASSERT_TRUE(after) << after.error().message;
    EXPECT_EQ(after->hashKey, before->hashKey);
    EXPECT_EQ(after->cursorKey, before->cursorKey);
}

TEST_P(MoveStore, GoesOnWhereItBrokeOff) {
    for (const int writes : {1, 2, 7, 12}) {
        BreakingDb breaking(*to_, writes);
        const auto broken = moveStore(*from_, breaking, clock_, ignore);
        ASSERT_FALSE(broken) << "after " << writes;
        EXPECT_EQ(broken.error().code, "broken");
        const auto unfinished = readIdentity(*to_);
        ASSERT_FALSE(unfinished);
        EXPECT_EQ(unfinished.error().code, "store-unfinished");
    }
    const auto moved = move();
    ASSERT_TRUE(moved) << moved.error().message << " " << moved.error().internal;
    EXPECT_GT(moved->rowsBefore, 0u);
    EXPECT_LT(moved->rowsBefore, moved->rows);
    EXPECT_TRUE(readIdentity(*to_));
}

TEST_P(MoveStore, RefusesATargetThatHoldsSomethingElse) {
    ASSERT_TRUE(move());
    const auto again = move();
    ASSERT_FALSE(again);
    EXPECT_EQ(again.error().code, "move-target-not-empty");
}

TEST_P(MoveStore, NamesTheTableThatDiffers) {
    BreakingDb breaking(*to_, 20);
    ASSERT_FALSE(moveStore(*from_, breaking, clock_, ignore));
    ASSERT_TRUE(to_->write(store::ledgerWrite(), [](store::Tx& tx) -> Result<void> {
        TRY(tx.execute("UPDATE tenants SET name = $1", {"Emca"}));
        return {};
    }));
    const auto moved = move();
    ASSERT_FALSE(moved);
    EXPECT_EQ(moved.error().code, "move-differs");
    EXPECT_NE(moved.error().message.find("tenants"), std::string::npos) << moved.error().message;
    EXPECT_FALSE(readIdentity(*to_)) << "an unproved copy must not be served";
}

TEST_P(MoveStore, NeedsASourceThatIsAStore) {
    StorePlace emptyPlace(GetParam().first);
    const auto empty = std::move(*emptyPlace.open(clock_));
    const auto moved = moveStore(*empty, *to_, clock_, ignore);
    ASSERT_FALSE(moved);
    EXPECT_EQ(moved.error().code, "store-not-initialised");
}

std::string nameOfDirection(const testing::TestParamInfo<Direction>& info) {
    return std::string(name(info.param.first)) + "To" + std::string(name(info.param.second));
}
INSTANTIATE_TEST_SUITE_P(Stores, MoveStore,
                         testing::Values(Direction{StoreEngine::sqlite, StoreEngine::postgres},
                                         Direction{StoreEngine::postgres, StoreEngine::sqlite},
                                         Direction{StoreEngine::sqlite, StoreEngine::sqlite}),
                         nameOfDirection);

}  // namespace
}  // namespace meetpoint::exchange
