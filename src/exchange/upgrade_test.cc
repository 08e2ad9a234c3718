// Upgrades: a store that an older program left goes on where that stopped; nodes of one schema work on the same store
// side by side, whatever each has been set to; programs that a step ends are kept out.
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
// Merging the key index is left to upkeep, but where that lags or is set so, appends do it.
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

    // How many newest rows a look-up of the call by its own number finds.
    int found(int id) {
        const std::uint64_t number = columns::numberHash(store::testing::ownNumberOf(id), lanes.secret());
        int rows = 0;
        const auto read = db->read([&](Tx& tx) -> Result<void> {
            return lanes.scan(tx, lane, {.ownNumber = number}, [&](const store::LaneSlice& slice) -> Result<void> {
                rows += static_cast<int>(std::ranges::count(store::testing::callsOf(slice.records), id, &Call::id));
                return {};
            });
        });
        EXPECT_TRUE(read) << read.error().message << read.error().internal;
        return rows;
    }

    std::unique_ptr<store::Db> db;
    store::Lanes lanes;
};

class Upgrade : public ::testing::TestWithParam<StoreEngine> {
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
    // The two settings of a program of all steps.
    std::unique_ptr<Program> startMergingInAppends() {
        return std::make_unique<Program>(open(KnownSteps(steps_)), clock_, inAppends);
    }
    std::unique_ptr<Program> start() {
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
INSTANTIATE_TEST_SUITE_P(Stores, Upgrade, MEETPOINT_STORES,
                         store::testing::nameOfCase<::testing::TestParamInfo<StoreEngine>>);

std::size_t countOf(const std::vector<Outcome>& outcomes, Outcome wanted) {
    return static_cast<std::size_t>(std::ranges::count(outcomes, wanted));
}

// What an older program stored is known by its keys, found by its numbers, merged and proven like everything else.
TEST_P(Upgrade, AStoreOfBeforeTheFiltersLayBesideTheDirectoryGoesOn) {
    constexpr int each = 100, appends = 12, all = each * appends;
    {
        const auto older = start();
        for (int i = 0; i < appends; ++i)
            older->append(i * each, each);
        const auto back = store::testing::takeBackToStep16(*older->db);
        ASSERT_TRUE(back) << back.error().message << back.error().internal;
    }
    const auto program = start();
    const auto expectAllThere = [&] {
        EXPECT_EQ(countOf(program->append(0, all), Outcome::unchanged), static_cast<std::size_t>(all));
        for (const int id : {0, all / 3, all - 1})
            EXPECT_EQ(program->found(id), 1) << id;
        expectIntact(*program, all);
    };
    expectAllThere();
    clock_.advance(minutes(11));
    workOff(*program);
    EXPECT_GT(merges_, 2u);
    expectAllThere();
    EXPECT_EQ(countOf(program->append(0, all, 2), Outcome::updated), static_cast<std::size_t>(all));
    EXPECT_EQ(program->found(all / 3), 1) << "the newest version alone";
}

// Both at once; one of them ends and comes back.
TEST_P(Upgrade, NodesOfEitherSettingWorkBesideEachOther) {
    if (GetParam() == StoreEngine::sqlite) GTEST_SKIP() << "one process at a time has such a store";
    auto merging = startMergingInAppends();
    constexpr int each = 50;
    merging->append(0, each);
    merging->append(each, each);
    const auto fresh = start();
    int next = 2 * each;
    for (int round = 0; round < 12; ++round) {
        if (round == 6) merging = nullptr, merging = startMergingInAppends();
        for (Program* program : {merging.get(), fresh.get(), fresh.get()}) {
            EXPECT_EQ(countOf(program->append(next, each), Outcome::created), 50u);
            next += each;
        }
        clock_.advance(minutes(6));
        workOff(*fresh);
        // What either has merged, the other finds.
        EXPECT_EQ(countOf(merging->append(0, next), Outcome::unchanged), static_cast<std::size_t>(next));
        EXPECT_EQ(countOf(fresh->append(0, next), Outcome::unchanged), static_cast<std::size_t>(next));
    }
    EXPECT_GT(merges_, 8u);
    expectIntact(*merging, next);
    expectIntact(*fresh, next);
}

// The same with nothing to tell them when: appends of both run while upkeep does.
TEST_P(Upgrade, AppendsThatMergeAndUpkeepRaceEachOther) {
    if (GetParam() == StoreEngine::sqlite) GTEST_SKIP() << "one process at a time has such a store";
    const auto merging = startMergingInAppends(), fresh = start();
    constexpr int appends = 60, each = 20;
    std::atomic<int> running = 2;
    const auto write = [&](Program& program, int first) {
        for (int i = 0; i < appends; ++i) {
            EXPECT_EQ(countOf(program.append(first + i * each, each), Outcome::created), 20u);
            clock_.advance(minutes(1));
        }
        --running;
    };
    std::thread one([&] { write(*merging, 0); }), other([&] { write(*fresh, appends * each); });
    while (running > 0)
        workOff(*fresh);
    one.join();
    other.join();
    workOff(*fresh);
    EXPECT_GT(merges_, 0u);
    expectIntact(*fresh, 2 * appends * each);
    EXPECT_EQ(countOf(merging->append(0, 2 * appends * each), Outcome::unchanged), 2'400u);
    EXPECT_TRUE(fresh->db->read([&](Tx& tx) -> Result<void> {
        TRY_ASSIGN(const auto left, store::unlistedRuns(tx, lane));
        EXPECT_TRUE(left.empty()) << "what was given up is removed";
        return {};
    }));
}

TEST_P(Upgrade, AStepThatEndsOlderProgramsKeepsThemOut) {
    const std::size_t before = steps_.size();
    steps_.push_back(
        {steps_.back().number + 1, "something-else", "CREATE TABLE something_else (id BIGINT PRIMARY KEY)"});
    start()->append(0, 10);
    for (const std::size_t known : {std::size_t{1}, std::size_t{2}, before}) {
        const auto refused = place_->openKnowing(firstSteps(known), clock_);
        ASSERT_FALSE(refused) << known;
        EXPECT_EQ(refused.error().code, "store-too-new");
    }
    expectIntact(*start(), 10);
}

}  // namespace
}  // namespace meetpoint::exchange
