// A rolling upgrade: programs that know fewer steps of the schema work on the same store as newer ones, before, while
// and after the step is applied.
#include <gtest/gtest.h>

#include "columns/content_hash.h"
#include "exchange/ledger_cache.h"
#include "exchange/upkeep.h"
#include "store/key_pages.h"
#include "store/lane_verifier.h"
#include "store/testing/call_records.h"
#include "store/testing/older_db.h"
#include "store/testing/test_store.h"

namespace meetpoint::exchange {
namespace {

using store::KnownSteps;
using store::LaneId;
using store::Outcome;
using store::Tx;
using store::testing::Call;
using store::testing::StoreEngine;

constexpr LaneId lane{1, columns::LaneKind::calls};
constexpr std::size_t runsPerLevel = 3;
// The step that brought the calendar of blocks.
constexpr int calendarStep = 6;
// Programs once merged in their appends, at the latest when a level was full; now that is left to upkeep.
constexpr store::KeyIndexLimits inAppends{1u << 20, runsPerLevel, 1'000'000, runsPerLevel, 1'000'000, 0};
constexpr store::KeyIndexLimits inBackground{1u << 20, runsPerLevel, 1'000'000, 64, 1'000'000, 0};

// A program that is running: its store, as far as it knows the schema, and what it keeps in memory.
struct Program {
    Program(std::unique_ptr<store::Db> opened, const Clock& clock, store::KeyIndexLimits keys)
        : db(std::move(opened)), lanes(KeyedHash({1, 2, 3}), clock, keys) {}

    // The outcomes of `count` calls from `first` on, of one version.
    std::vector<Outcome> append(int first, int count, int version = 1) {
        std::vector<Call> calls;
        for (int id = first; id < first + count; ++id)
            calls.push_back({id, version, id % 50});
        auto records = store::testing::recordsOf(calls);
        auto fingerprints = columns::fingerprints(records);
        const auto prepared = lanes.prepare(lane, std::move(records), std::move(fingerprints));
        std::vector<Outcome> outcomes;
        const auto written = db->write(store::recordsWrite(lane.shardKey, calls.size()), [&](Tx& tx) -> Result<void> {
            TRY_ASSIGN(auto appended, lanes.append(tx, prepared, "test"));
            outcomes = std::move(appended.outcomes);
            return {};
        });
        EXPECT_TRUE(written) << written.error().message << written.error().internal;
        return outcomes;
    }

    std::unique_ptr<store::Db> db;
    store::Lanes lanes;
};

class RollingUpgrade : public ::testing::TestWithParam<StoreEngine> {
protected:
    void SetUp() override {
        if (!store::testing::isAvailable(GetParam())) GTEST_SKIP() << "MEETPOINT_TEST_POSTGRES names no server";
        place_ = std::make_unique<store::testing::StorePlace>(GetParam());
        steps_.assign(place_->steps().begin(), place_->steps().end());
    }

    KnownSteps firstSteps(std::size_t count) const { return KnownSteps(steps_).first(count); }
    std::unique_ptr<store::Db> open(KnownSteps known) {
        auto opened = place_->openKnowing(known, clock_);
        EXPECT_TRUE(opened) << opened.error().message << opened.error().internal;
        return std::move(*opened);
    }
    // A program of before the calendar, and one of all steps.
    std::unique_ptr<Program> startOld() {
        const auto known = std::ranges::count_if(steps_, [](const auto& step) { return step.number < calendarStep; });
        return std::make_unique<Program>(
            store::testing::withoutCalendar(open(firstSteps(static_cast<std::size_t>(known)))), clock_, inAppends);
    }
    std::unique_ptr<Program> startNew() {
        return std::make_unique<Program>(open(KnownSteps(steps_)), clock_, inBackground);
    }
    // Everything that is due.
    void workOff(Program& program) {
        Services services{*program.db, program.lanes, ledger_, clock_, random_, StoreKind::sandbox};
        UpkeepLimits limits;
        limits.blocks.worthMerging = 3;
        Upkeep upkeep(services, limits);
        for (bool more = true; more;) {
            const auto passed = upkeep.pass([&](const UpkeepDone& done) {
                EXPECT_FALSE(done.failure) << done.failure->message << done.failure->internal;
                merges_ += done.runsMerged + done.blocksWritten;
            });
            EXPECT_TRUE(passed) << passed.error().message << passed.error().internal;
            more = passed && *passed;
        }
    }
    void expectIntact(Program& program, std::int64_t records) {
        EXPECT_TRUE(program.db->read([&](Tx& tx) -> Result<void> {
            TRY_ASSIGN(const auto proof, store::verifyLane(tx, program.lanes, lane));
            EXPECT_EQ(proof.faults, std::vector<std::string>());
            EXPECT_EQ(proof.records, records);
            EXPECT_EQ(proof.distinctKeys, records);
            return {};
        }));
    }

    ManualClock clock_{store::testing::firstCallAt};
    SeededRandom random_{1};
    LedgerCache ledger_;
    std::vector<store::SchemaStep> steps_;
    std::unique_ptr<store::testing::StorePlace> place_;
    std::size_t merges_ = 0;
};
INSTANTIATE_TEST_SUITE_P(Stores, RollingUpgrade, MEETPOINT_STORES,
                         store::testing::nameOfCase<::testing::TestParamInfo<StoreEngine>>);

std::size_t countOf(const std::vector<Outcome>& outcomes, Outcome wanted) {
    return static_cast<std::size_t>(std::ranges::count(outcomes, wanted));
}

// One program after the other, as a store with one process at a time is upgraded, taken back and upgraded again.
TEST_P(RollingUpgrade, ThePreviousProgramMayComeBackAfterTheStep) {
    constexpr int each = 100;
    int next = 0;
    for (const bool isNew : {false, true, false, true, false}) {
        const auto program = isNew ? startNew() : startOld();
        for (int i = 0; i < 5; ++i, next += each)
            EXPECT_EQ(countOf(program->append(next, each), Outcome::created), 100u);
        EXPECT_EQ(countOf(program->append(0, next), Outcome::unchanged), static_cast<std::size_t>(next));
        clock_.advance(minutes(11));
        if (isNew) workOff(*program);
        expectIntact(*program, next);
    }
    EXPECT_GT(merges_, 10u);
}

// Both at once, the step applied while the older one is at work.
TEST_P(RollingUpgrade, OldAndNewNodesWorkBesideEachOther) {
    if (GetParam() == StoreEngine::sqlite) GTEST_SKIP() << "one process at a time has such a store";
    auto old = startOld();
    constexpr int each = 50;
    old->append(0, each);
    old->append(each, each);
    const auto fresh = startNew();
    int next = 2 * each;
    for (int round = 0; round < 12; ++round) {
        if (round == 6) old = nullptr, old = startOld();  // accepted: the later steps let it go on
        for (Program* program : {old.get(), fresh.get(), fresh.get()}) {
            EXPECT_EQ(countOf(program->append(next, each), Outcome::created), 50u);
            next += each;
        }
        clock_.advance(minutes(6));
        workOff(*fresh);
        // What either has merged, the other finds.
        EXPECT_EQ(countOf(old->append(0, next), Outcome::unchanged), static_cast<std::size_t>(next));
        EXPECT_EQ(countOf(fresh->append(0, next), Outcome::unchanged), static_cast<std::size_t>(next));
    }
    EXPECT_GT(merges_, 8u);
    expectIntact(*old, next);
    expectIntact(*fresh, next);
}

// The same with nothing to tell them when: appends of both run while upkeep does.
TEST_P(RollingUpgrade, OldAppendsAndNewUpkeepRaceEachOther) {
    if (GetParam() == StoreEngine::sqlite) GTEST_SKIP() << "one process at a time has such a store";
    const auto old = startOld(), fresh = startNew();
    constexpr int appends = 60, each = 20;
    std::atomic<int> running = 2;
    const auto write = [&](Program& program, int first) {
        for (int i = 0; i < appends; ++i) {
            EXPECT_EQ(countOf(program.append(first + i * each, each), Outcome::created), 20u);
            clock_.advance(minutes(1));
        }
        --running;
    };
    std::thread one([&] { write(*old, 0); }), other([&] { write(*fresh, appends * each); });
    while (running > 0)
        workOff(*fresh);
    one.join();
    other.join();
    workOff(*fresh);
    EXPECT_GT(merges_, 0u);
    expectIntact(*fresh, 2 * appends * each);
    EXPECT_EQ(countOf(old->append(0, 2 * appends * each), Outcome::unchanged), 2'400u);
    EXPECT_TRUE(fresh->db->read([&](Tx& tx) -> Result<void> {
        TRY_ASSIGN(const auto left, store::unlistedRuns(tx, lane));
        EXPECT_TRUE(left.empty()) << "what was given up is removed";
        return {};
    }));
}

TEST_P(RollingUpgrade, AStepThatEndsOlderProgramsKeepsThemOut) {
    const std::size_t before = steps_.size();
    steps_.push_back(
        {steps_.back().number + 1, "something-else", "CREATE TABLE something_else (id BIGINT PRIMARY KEY)"});
    startNew()->append(0, 10);
    for (const std::size_t known : {std::size_t{1}, std::size_t{2}, before}) {
        const auto refused = place_->openKnowing(firstSteps(known), clock_);
        ASSERT_FALSE(refused) << known;
        EXPECT_EQ(refused.error().code, "store-too-new");
    }
    expectIntact(*startNew(), 10);
}

}  // namespace
}  // namespace meetpoint::exchange
