// Upkeep on every kind of store: nothing that can be read changes by it, whatever it finds and whoever comes between.
#include "exchange/upkeep.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "columns/content_hash.h"
#include "exchange/ledger_cache.h"
#include "store/key_pages.h"
#include "store/lane_verifier.h"
#include "store/testing/call_records.h"
#include "store/testing/checked_db.h"
#include "store/testing/test_store.h"

namespace meetpoint::exchange {
namespace {

using columns::LaneKind;
using store::LaneId;
using store::Outcome;
using store::PartSet;
using store::Tx;
using store::testing::Call;
using store::testing::callIdOf;
using store::testing::StoreEngine;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

constexpr store::KeyIndexLimits keyLimits{1u << 20, 3, 1'000'000, 12, 1'000'000, 0};

UpkeepLimits smallSteps() {
    UpkeepLimits limits;
    limits.keysPerStep = 700;
    limits.pagesPerStep = 2;
    limits.blocks = {minutes(10), 16, 3};
    return limits;
}

// How many pages of the key index so many entries take.
constexpr std::int64_t keyPagesOf(std::size_t entries) {
    return static_cast<std::int64_t>((entries + store::entriesPerKeyPage - 1) / store::entriesPerKeyPage);
}

// A node on a store: what the exchange works with, and its upkeep.
struct Node {
    Node(store::Db& db, const Clock& clock, const UpkeepLimits& limits, std::uint64_t seed,
         store::KeyIndexLimits keys = keyLimits)
        : lanes(KeyedHash({1, 2, 3}), clock, keys),
          random(seed),
          services{db, lanes, ledger, clock, random, StoreKind::sandbox},
          upkeep(services, limits) {}

    // Everything that is due now; gives what was done, added up.
    UpkeepDone workOff() {
        UpkeepDone all;
        for (bool more = true; more;) {
            const auto passed = upkeep.pass([&](const UpkeepDone& done) {
                EXPECT_FALSE(done.failure) << done.failure->message << done.failure->internal;
                all.runsMerged += done.runsMerged;
                all.blocksMerged += done.blocksMerged;
                all.blocksWritten += done.blocksWritten;
                all.recordsRewritten += done.recordsRewritten;
                all.givenUp += done.givenUp;
                all.leaseLost |= done.leaseLost;
            });
            EXPECT_TRUE(passed) << passed.error().message << passed.error().internal;
            more = passed && *passed;
        }
        return all;
    }

    store::Lanes lanes;
    LedgerCache ledger;
    SeededRandom random;
    Services services;
    Upkeep upkeep;
};

class UpkeepOnAStore : public ::testing::TestWithParam<StoreEngine> {
protected:
    void SetUp() override {
        if (!store::testing::isAvailable(GetParam())) GTEST_SKIP() << "MEETPOINT_TEST_POSTGRES names no server";
        place_ = std::make_unique<store::testing::StorePlace>(GetParam());
        db_ = openDb();
        node_ = std::make_unique<Node>(*db_, clock_, smallSteps(), 1);
    }
    void TearDown() override { EXPECT_THAT(findings_.findings(), IsEmpty()); }

    std::unique_ptr<store::Db> openDb() {
        auto opened = place_->open(clock_);
        EXPECT_TRUE(opened) << opened.error().message << opened.error().internal;
        raw_ = opened->get();
        return store::testing::checkStatements(std::move(*opened), findings_);
    }

    std::vector<Outcome> append(const std::vector<Call>& calls) { return appendAt(*db_, node_->lanes, calls); }
    std::vector<Outcome> appendAt(store::Db& db, store::Lanes& lanes, const std::vector<Call>& calls) {
        auto records = store::testing::recordsOf(calls);
        auto fingerprints = columns::fingerprints(records);
        const auto prepared = lanes.prepare(lane_, std::move(records), std::move(fingerprints));
        std::vector<Outcome> outcomes;
        const auto written = db.write(store::recordsWrite(lane_.shardKey, calls.size()), [&](Tx& tx) -> Result<void> {
            TRY_ASSIGN(store::Appended appended, lanes.append(tx, prepared, "test"));
            outcomes = appended.outcomes;
            return {};
        });
        EXPECT_TRUE(written) << written.error().message << written.error().internal;
        return outcomes;
    }
    // `count` calls from `first` on, in appends of `each`.
    void appendMany(int first, int count, int each) {
        for (int at = first; at < first + count; at += each) {
            std::vector<Call> calls;
            for (int id = at; id < std::min(at + each, first + count); ++id)
                calls.push_back({id, 1, id % 50});
            append(calls);
        }
    }

    template <class T>
    T read(const std::function<Result<T>(Tx&)>& what) {
        T out{};
        const auto done = raw_->read([&](Tx& tx) -> Result<void> {
            TRY_ASSIGN(out, what(tx));
            return {};
        });
        EXPECT_TRUE(done) << done.error().message << done.error().internal;
        return out;
    }
    std::int64_t number(const std::string& sql) {
        return read<std::int64_t>([&](Tx& tx) -> Result<std::int64_t> {
            std::int64_t out = -1;
            TRY(tx.query(sql, {}, [&](const store::Row& row) { out = row.integer(0); }));
            return out;
        });
    }
    std::int64_t blocks() {
        return number("SELECT COUNT(*) FROM blocks WHERE shard_key = " + std::to_string(lane_.shardKey));
    }
    std::vector<store::KeyRun> runs() {
        return read<std::vector<store::KeyRun>>([&](Tx& tx) { return store::listRuns(tx, lane_); });
    }
    std::vector<std::string> faults() {
        return read<store::LaneProof>([&](Tx& tx) { return store::verifyLane(tx, node_->lanes, lane_); }).faults;
    }

    std::vector<std::string> everything(const std::vector<Call>& known);

    ManualClock clock_{store::testing::firstCallAt};
    LaneId lane_{1, LaneKind::calls};
    store::testing::StatementFindings findings_;
    std::unique_ptr<store::testing::StorePlace> place_;
    std::unique_ptr<store::Db> db_;
    store::Db* raw_ = nullptr;  // the store behind the one that judges every statement, which takes its time
    std::unique_ptr<Node> node_;
};
INSTANTIATE_TEST_SUITE_P(Stores, UpkeepOnAStore, MEETPOINT_STORES,
                         store::testing::nameOfCase<::testing::TestParamInfo<StoreEngine>>);

// One line a record, of all that it holds.
void addLines(const std::string& what, const store::LaneSlice& slice, std::vector<std::string>& lines) {
    for (std::size_t row = 0; row < slice.sequences.size(); ++row) {
        std::string line = what + " " + std::to_string(slice.sequences[row]) + " " + formatInstant(slice.storedAt[row]);
        for (const Sha256& hash : columns::contentHashes(slice.records.slice(row, 1)))
            line += " " + toHex(ByteView(hash).first(8));
        lines.push_back(std::move(line));
    }
}

// Everything that any reader may see of the lane: feeds from every cursor, scans, look-ups, sums, proof.
std::vector<std::string> UpkeepOnAStore::everything(const std::vector<Call>& known) {
    std::vector<std::string> lines;
    const auto collect = [&](const std::string& what) {
        return [&lines, what](const store::LaneSlice& slice) -> Result<void> {
            addLines(what, slice, lines);
            return {};
        };
    };
    read<bool>([&](Tx& tx) -> Result<bool> {
        store::Lanes& lanes = node_->lanes;
        TRY_ASSIGN(const auto head, lanes.head(tx, lane_));
        for (std::int64_t at = 1; at < head.nextSequence; ++at) {
            TRY_ASSIGN(const auto slice, lanes.readFrom(tx, lane_, at, 1, PartSet::all()));
            addLines("feed", slice, lines);
        }
        for (const bool newest : {true, false}) {
            store::ScanRequest request;
            request.newestOnly = newest;
            request.parts = PartSet::all();
            TRY(lanes.scan(tx, lane_, request, collect(newest ? "newest" : "all")));
            request.from = store::testing::firstCallAt + minutes(5);
            request.to = store::testing::firstCallAt + minutes(9);
            TRY(lanes.scan(tx, lane_, request, collect("window")));
        }
        for (const Call& call : known) {
            TRY_ASSIGN(const auto found, node_->lanes.findByKey(tx, lane_, callIdOf(call.id).view(), PartSet::all()));
            if (found) addLines("key", *found, lines);
            store::ScanRequest request;
            request.parts = PartSet::all();
            request.ownNumber = columns::numberHash(store::testing::ownNumberOf(call.id), lanes.secret());
            // A filter may let more blocks through; what it must not miss are the number's own calls.
            TRY(lanes.scan(tx, lane_, request, [&](const store::LaneSlice& slice) -> Result<void> {
                const auto calls = store::testing::callsOf(slice.records);
                for (std::size_t row = 0; row < calls.size(); ++row)
                    if (calls[row].id == call.id) lines.push_back("number " + std::to_string(slice.sequences[row]));
                return {};
            }));
        }
        TRY(
            tx.query("SELECT SUM(row_count), SUM(answered), SUM(duration_ms), MIN(min_time), MAX(max_time), MIN(day), "
                     "MAX(day) FROM blocks WHERE shard_key = $1 AND kind = $2",
                     {lane_.shardKey, lane_.kindNumber()}, [&](const store::Row& row) {
                         for (int column = 0; column < 7; ++column)
                             lines.push_back("sum " + std::to_string(row.integer(column)));
                     }));
        return true;
    });
    for (const std::string& fault : faults())
        lines.push_back("fault " + fault);
    return lines;
}

// Appends of anything, updates of anything, at any pace, and upkeep between them.
TEST_P(UpkeepOnAStore, NothingThatCanBeReadChanges) {
    node_ = std::make_unique<Node>(*raw_, clock_, smallSteps(), 1);
    std::size_t merges = 0;
    const auto property = [&] {
        ++lane_.shardKey;
        std::map<int, std::pair<int, int>> newest;  // id → version, seconds
        std::vector<Call> sent;
        const auto batches = *rc::gen::inRange(1, 24);
        for (int batch = 0; batch < batches; ++batch) {
            const auto picked = *rc::gen::container<std::vector<std::pair<int, int>>>(
                *rc::gen::inRange<std::size_t>(1, 5), rc::gen::pair(rc::gen::inRange(1, 14), rc::gen::inRange(1, 4)));
            std::vector<Call> calls;
            for (const auto& [id, version] : picked) {
                calls.push_back({id, version, id * 10 + version});
                newest[id] = std::max(newest[id], {version, id * 10 + version});
            }
            append(calls);
            sent.insert(sent.end(), calls.begin(), calls.end());
            const int pause = *rc::gen::element(0, 0, 1, 11, 24 * 60);
            clock_.advance(minutes(pause));
            if (*rc::gen::inRange(0, 3) != 0) continue;
            const auto before = everything(sent);
            const UpkeepDone done = node_->workOff();
            merges += done.runsMerged + done.blocksMerged;
            RC_ASSERT(everything(sent) == before);
            RC_ASSERT(runs().size() < 12u);
        }
        clock_.advance(hours(48));
        const auto before = everything(sent);
        node_->workOff();
        RC_ASSERT(everything(sent) == before);
        RC_ASSERT(faults().empty());
        const auto again = append(sent);
        RC_ASSERT(std::ranges::all_of(again, [](Outcome one) { return one == Outcome::unchanged; }));
        std::map<int, std::pair<int, int>> found;
        read<bool>([&](Tx& tx) -> Result<bool> {
            TRY(node_->lanes.scan(tx, lane_, {}, [&](const store::LaneSlice& slice) -> Result<void> {
                for (const Call& call : store::testing::callsOf(slice.records))
                    found.emplace(call.id, std::pair{call.version, call.seconds});
                return {};
            }));
            return true;
        });
        RC_ASSERT(found == newest);
    };
    EXPECT_TRUE(rc::check("nothing that can be read changes", property));
    EXPECT_GT(merges, 100u) << "the cases were too tame to show anything";
}

TEST_P(UpkeepOnAStore, LongRunsAreMergedInSmallSteps) {
    appendMany(0, 9'000, 3'000);
    EXPECT_EQ(runs().size(), 3u);
    const UpkeepDone done = node_->workOff();
    EXPECT_EQ(done.runsMerged, 3u);
    ASSERT_EQ(runs().size(), 1u);
    EXPECT_EQ(runs()[0].level, 1);
    EXPECT_EQ(runs()[0].entries, 9'000);
    EXPECT_EQ(number("SELECT COUNT(*) FROM unlisted_runs"), 0);
    EXPECT_EQ(number("SELECT COUNT(*) FROM key_pages"), keyPagesOf(9'000)) << "the pages of the merged runs are gone";
    std::vector<Call> again;
    for (int id = 0; id < 9'000; ++id)
        again.push_back({id, 1, id % 50});
    const auto outcomes = append(again);
    EXPECT_EQ(std::ranges::count(outcomes, Outcome::unchanged), 9'000);
}

TEST_P(UpkeepOnAStore, AMergeOfRunsThatAnAppendTookIsGivenUpAndRemoved) {
    appendMany(0, 3'000, 1'000);
    store::KeyMerge merge(lane_, runs());
    const auto step = [&](const store::TxFunction& what) {
        const auto done = db_->write(store::upkeepWrite(lane_.shardKey, 1), what);
        EXPECT_TRUE(done) << done.error().message << done.error().internal;
    };
    const auto take = [&] { return read<bool>([&](Tx& tx) { return merge.read(tx, 700); }); };
    EXPECT_TRUE(take());
    step([&](Tx& tx) { return merge.write(tx); });
    // An append of a program that merges in its appends, as those of step 1 did.
    store::Lanes eager(KeyedHash({1, 2, 3}), clock_, {1u << 20, 4, 1'000'000, 4, 1'000'000, 0});
    appendAt(*db_, eager, {{3'000, 1, 1}});
    ASSERT_EQ(runs().size(), 1u);
    while (!merge.isAtEnd() && take())
        step([&](Tx& tx) { return merge.write(tx); });
    step([&](Tx& tx) -> Result<void> {
        TRY(node_->lanes.lock(tx, lane_));
        TRY_ASSIGN(const bool finished, merge.finish(tx));
        EXPECT_FALSE(finished);
        return {};
    });
    EXPECT_EQ(number("SELECT COUNT(*) FROM unlisted_runs"), 1);
    node_->workOff();
    EXPECT_EQ(number("SELECT COUNT(*) FROM unlisted_runs"), 0);
    EXPECT_EQ(number("SELECT COUNT(*) FROM key_pages"), keyPagesOf(3'001));
    EXPECT_THAT(append({{7, 1, 7}, {3'000, 1, 1}}), ElementsAre(Outcome::unchanged, Outcome::unchanged));
}

TEST_P(UpkeepOnAStore, SmallBlocksBecomeLargeOnesOnceTheyAreOldEnough) {
    appendMany(0, 9'000, 500);
    EXPECT_EQ(node_->workOff().blocksWritten, 0u) << "all are young";
    EXPECT_EQ(blocks(), 18);
    clock_.advance(minutes(11));
    const UpkeepDone done = node_->workOff();
    EXPECT_EQ(blocks(), 6) << "four of 2,000 records, and two of 500 that more may join";
    EXPECT_EQ(done.recordsRewritten, 8'000u);
    EXPECT_TRUE(faults().empty());
    EXPECT_EQ(node_->workOff().blocksWritten, 0u) << "nothing is done twice";
    clock_.advance(hours(48));
    EXPECT_EQ(node_->workOff().blocksWritten, 1u) << "the day is over";
    EXPECT_EQ(blocks(), 5);
    EXPECT_TRUE(faults().empty());
}

// Every buffer of a block says how it is compressed.
TEST_P(UpkeepOnAStore, FullBlocksAreCompressedHarderOnce) {
    appendMany(0, 2'048, 2'048);
    const auto compression = [&] {
        return read<columns::Compression>([&](Tx& tx) -> Result<columns::Compression> {
            Result<columns::Compression> found = columns::Compression::none;
            TRY(tx.query(
                "SELECT data FROM part_core WHERE shard_key = $1", {lane_.shardKey}, [&](const store::Row& row) {
                    found = columns::openBatch(*columns::schemaOf(lane_.kind).parts[0], row.bytes(0))->compression;
                }));
            return found;
        });
    };
    EXPECT_EQ(compression(), columns::Compression::lz4);
    clock_.advance(minutes(11));
    EXPECT_EQ(node_->workOff().blocksWritten, 1u);
    EXPECT_EQ(compression(), columns::Compression::zstd);
    Node other(*db_, clock_, smallSteps(), 2);
    EXPECT_EQ(other.workOff().blocksWritten, 0u);
    EXPECT_TRUE(faults().empty());
}

TEST_P(UpkeepOnAStore, WhatIsSupersededWhileBlocksAreMergedStaysSo) {
    appendMany(0, 40, 10);
    clock_.advance(minutes(11));
    const auto plan = read<store::BlockPlan>(
        [&](Tx& tx) { return store::planBlockMerge(tx, lane_, clock_.now(), smallSteps().blocks); });
    ASSERT_TRUE(plan.group);
    std::optional<store::BlockMerge> merge;
    const auto readAgain = [&] {
        read<bool>([&](Tx& tx) -> Result<bool> {
            TRY_ASSIGN(merge, store::BlockMerge::read(tx, lane_, *plan.group, node_->lanes.secret()));
            return true;
        });
    };
    const auto swap = [&] {
        bool swapped = false;
        EXPECT_TRUE(db_->write(store::upkeepWrite(lane_.shardKey, 1), [&](Tx& tx) -> Result<void> {
            TRY(node_->lanes.lock(tx, lane_));
            TRY_ASSIGN(swapped, merge->swap(tx));
            return {};
        }));
        return swapped;
    };
    readAgain();
    append({{3, 2, 9}, {17, 2, 9}, {39, 2, 9}});
    std::vector<Call> known(40);
    for (int id = 0; id < 40; ++id)
        known[static_cast<std::size_t>(id)].id = id;
    const auto before = everything(known);
    EXPECT_TRUE(swap());
    EXPECT_EQ(everything(known), before);
    EXPECT_FALSE(swap()) << "these blocks are there no more";
    EXPECT_EQ(everything(known), before);
}

TEST_P(UpkeepOnAStore, ANodeThatLostItsLeaseWritesNothing) {
    appendMany(0, 40, 10);
    clock_.advance(minutes(11));
    const auto otherDb = GetParam() == StoreEngine::postgres ? openDb() : nullptr;
    store::Db& second = otherDb ? *otherDb : *db_;
    Leases mine(*db_, clock_, Id{{1}}, seconds(30)), theirs(second, clock_, Id{{2}}, seconds(30));
    const store::LeaseName name{store::LaneWork::upkeep, lane_};
    const auto lease = mine.take(name);
    ASSERT_TRUE(lease && *lease);
    if (second.isShared()) {
        EXPECT_FALSE(*theirs.take(name)) << "it is held";
        clock_.advance(seconds(20));
        EXPECT_TRUE(*mine.keep(**lease));
        clock_.advance(seconds(20));
        EXPECT_FALSE(*theirs.take(name)) << "it was renewed since, and is watched anew";
        clock_.advance(seconds(29));
        EXPECT_FALSE(*theirs.take(name));
        clock_.advance(seconds(1));
    }
    const auto passed = theirs.take(name);
    ASSERT_TRUE(passed && *passed);
    EXPECT_GT((*passed)->token, (*lease)->token);
    const auto write = [&](store::Db& db, const store::Lease& shown) {
        return db.write(store::upkeepWrite(lane_.shardKey, 1), [&](Tx& tx) { return store::checkFence(tx, shown); });
    };
    const auto refused = write(*db_, **lease);
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, "lease-lost");
    clock_.advance(seconds(20));
    EXPECT_FALSE(*mine.keep(**lease));
    EXPECT_TRUE(write(second, **passed));
    EXPECT_TRUE(theirs.release(**passed));
    EXPECT_TRUE(*mine.take(name)) << "given back, it is free at once";
    // A store that was moved or restored without its leases.
    EXPECT_TRUE(raw_->write(store::ledgerWrite(), [](Tx& tx) -> Result<void> {
        TRY(tx.execute("DELETE FROM leases"));
        return {};
    }));
    const auto anew = mine.take(name);
    ASSERT_TRUE(anew && *anew);
    EXPECT_GT((*anew)->token, (*passed)->token) << "a token never falls behind the fence";
}

TEST_P(UpkeepOnAStore, NodesDivideLanesAndTakeOverFromOneThatDied) {
    if (GetParam() == StoreEngine::sqlite) GTEST_SKIP() << "one process at a time has such a store";
    appendMany(0, 3'000, 500);
    const auto otherDb = openDb();
    Node other(*otherDb, clock_, smallSteps(), 2);
    // A node that died with the lease in its hand, in the middle of a merge.
    Leases dead(*db_, clock_, Id{{9}}, smallSteps().lease);
    ASSERT_TRUE(*dead.take({store::LaneWork::upkeep, lane_}));
    store::KeyMerge merge(lane_, runs());
    EXPECT_TRUE(read<bool>([&](Tx& tx) { return merge.read(tx, 700); }));
    EXPECT_TRUE(db_->write(store::upkeepWrite(lane_.shardKey, 1), [&](Tx& tx) { return merge.write(tx); }));

    EXPECT_EQ(other.workOff().runsMerged, 0u);
    clock_.advance(smallSteps().lease);
    EXPECT_EQ(other.workOff().runsMerged, 6u);
    EXPECT_EQ(number("SELECT COUNT(*) FROM unlisted_runs"), 0);
    EXPECT_EQ(number("SELECT COUNT(*) FROM key_pages"), keyPagesOf(3'000));
    EXPECT_EQ(node_->workOff().runsMerged, 0u) << "nothing is left to do";
}

// While upkeep does nothing at all, appends stay right, and the number of runs bounded.
TEST_P(UpkeepOnAStore, AppendsMergeSmallRunsThemselvesWhereUpkeepLags) {
    for (int id = 0; id < 60; ++id)
        append({{id % 40, 1 + id / 40, 1}});
    EXPECT_LT(runs().size(), 24u);
    EXPECT_TRUE(faults().empty());
    EXPECT_THAT(append({{1, 2, 1}, {1, 1, 1}, {39, 1, 1}}),
                ElementsAre(Outcome::unchanged, Outcome::unchanged, Outcome::unchanged));
}

}  // namespace
}  // namespace meetpoint::exchange
