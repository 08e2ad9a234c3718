#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "columns/content_hash.h"
#include "store/lane_verifier.h"
#include "store/lanes.h"
#include "store/testing/call_records.h"
#include "store/testing/test_store.h"

namespace meetpoint::store {
namespace {

using columns::LaneKind;
using columns::Part;
using columns::Records;

using testing::Call;
using testing::recordsOf;

constexpr Instant morning = testing::firstCallAt;
constexpr LaneId lane{1, LaneKind::calls};

class LaneStore : public ::testing::TestWithParam<testing::StoreEngine> {
protected:
    void SetUp() override {
        if (!testing::isAvailable(GetParam())) GTEST_SKIP() << "MEETPOINT_TEST_POSTGRES names no server";
        renew();
    }

    // A new, empty store.
    void renew() {
        db_.reset();
        place_.reset();
        place_ = std::make_unique<testing::StorePlace>(GetParam());
        auto opened = place_->open(clock_);
        ASSERT_TRUE(opened) << opened.error().message << opened.error().internal;
        db_ = std::move(*opened);
        // No run stays in memory whole, and few filters fit: what is asked for comes from the tables, as with an index
        // that has grown.
        lanes_ = std::make_unique<Lanes>(KeyedHash({1, 2, 3}), clock_,
                                         KeyIndexLimits{.cachedRunBytes = 256,
                                                        .runsPerLevel = 3,
                                                        .largestMergedRun = 1'000'000,
                                                        .runsBeforeAppendMerges = 6,
                                                        .largestAppendMerge = 1'000'000,
                                                        .cheapAppendMerge = 12,
                                                        .residentRun = 0});
    }

    std::vector<Outcome> append(const std::vector<Call>& calls) {
        Records records = recordsOf(calls);
        auto fingerprints = columns::fingerprints(records);
        const auto prepared = lanes_->prepare(lane, std::move(records), std::move(fingerprints));
        std::vector<Outcome> outcomes;
        const auto written = db_->write(recordsWrite(lane.shardKey, calls.size()), [&](Tx& tx) -> Result<void> {
            TRY_ASSIGN(Appended appended, lanes_->append(tx, prepared, "test"));
            outcomes = appended.outcomes;
            return {};
        });
        EXPECT_TRUE(written) << written.error().message << written.error().internal;
        return outcomes;
    }

    // id → (version, seconds) of the newest rows
    std::map<int, std::pair<int, int>> newest() {
        std::map<int, std::pair<int, int>> out;
        const auto read = db_->read([&](Tx& tx) {
            return lanes_->scan(tx, lane, {}, [&](const LaneSlice& slice) -> Result<void> {
                for (const Call& call : testing::callsOf(slice.records))
                    EXPECT_TRUE(out.emplace(call.id, std::pair{call.version, call.seconds}).second)
                        << "two newest rows of one call";
                return {};
            });
        });
        EXPECT_TRUE(read);
        return out;
    }

    LaneProof verify() {
        LaneProof proof;
        const auto read = db_->read([&](Tx& tx) -> Result<void> {
            TRY_ASSIGN(proof, verifyLane(tx, *lanes_, lane));
            return {};
        });
        EXPECT_TRUE(read) << read.error().message;
        return proof;
    }

    ManualClock clock_{morning};
    std::unique_ptr<testing::StorePlace> place_;
    std::unique_ptr<Db> db_;
    std::unique_ptr<Lanes> lanes_;
};
INSTANTIATE_TEST_SUITE_P(Stores, LaneStore, MEETPOINT_STORES,
                         testing::nameOfCase<::testing::TestParamInfo<testing::StoreEngine>>);

TEST_P(LaneStore, ClassifiesEachRecordAgainstAllThatWasEverStored) {
    using enum Outcome;
    EXPECT_EQ(append({{1, 1, 10}, {2, 1, 20}}), (std::vector{created, created}));
    EXPECT_EQ(append({{1, 1, 10}, {2, 1, 21}, {3, 2, 5}}), (std::vector{unchanged, conflict, created}));
    EXPECT_EQ(append({{1, 2, 11}, {3, 1, 4}, {3, 1, 4}}), (std::vector{updated, outdated, unchanged}));
    EXPECT_EQ(append({{9, 1, 1}, {9, 2, 2}, {9, 2, 3}}), (std::vector{created, updated, conflict}))
        << "within one batch too";
    EXPECT_EQ(newest(), (std::map<int, std::pair<int, int>>{{1, {2, 11}}, {2, {1, 20}}, {3, {2, 5}}, {9, {2, 2}}}));
    const LaneProof proof = verify();
    EXPECT_EQ(proof.faults, std::vector<std::string>());
    EXPECT_EQ(proof.records, 7);
    EXPECT_EQ(proof.distinctKeys, 4);
}

TEST_P(LaneStore, TheFeedDeliversEachVersionOnceInOrderOfArrival) {
    append({{5, 1, 10}, {1, 1, 20}});
    clock_.set(morning - hours(5));  // a clock that goes back
    append({{5, 2, 11}});
    std::vector<std::int64_t> sequences;
    std::vector<Instant> stored;
    EXPECT_TRUE(db_->read([&](Tx& tx) -> Result<void> {
        for (std::int64_t at = 1;;) {
            TRY_ASSIGN(const LaneSlice slice, lanes_->readFrom(tx, lane, at, 1000, PartSet::all()));
            if (slice.sequences.empty()) return {};
            sequences.insert(sequences.end(), slice.sequences.begin(), slice.sequences.end());
            stored.insert(stored.end(), slice.storedAt.begin(), slice.storedAt.end());
            std::size_t streams = 0;
            for (const Call& call : testing::callsOf(slice.records))
                streams += static_cast<std::size_t>(call.id % 3);
            EXPECT_EQ(slice.records.part(Part::network).rows(), streams);
            at = sequences.back() + 1;
        }
    }));
    EXPECT_EQ(sequences, (std::vector<std::int64_t>{1, 2, 3}));
    EXPECT_EQ(stored, std::vector<Instant>(3, morning)) << "storedAt never goes back";
}

TEST_P(LaneStore, FindsTheFirstRecordThatWasStoredAfterAnInstant) {
    const auto after = [&](Instant at) {
        std::int64_t first = 0;
        EXPECT_TRUE(db_->read([&](Tx& tx) -> Result<void> {
            TRY_ASSIGN(first, lanes_->firstStoredAfter(tx, lane, at));
            return {};
        }));
        return first;
    };
    EXPECT_EQ(after(morning), 1) << "an empty lane: the next to come";
    int id = 0;
    for (int hour = 0; hour < 5; ++hour) {
        clock_.set(morning + hours(hour));
        for (int entry = 0; entry <= hour; ++entry)
            append({{++id, 1, 10}, {++id, 1, 20}});
    }
    EXPECT_EQ(after(morning - hours(1)), 1);
    EXPECT_EQ(after(morning), 3) << "not what was stored at that instant";
    EXPECT_EQ(after(morning + minutes(1)), 3);
    EXPECT_EQ(after(morning + hours(2)), 13);
    EXPECT_EQ(after(morning + hours(3) - milliseconds(1)), 13);
    EXPECT_EQ(after(morning + hours(3)), 21);
    EXPECT_EQ(after(morning + hours(4)), 31) << "none: the next to come";
}

TEST_P(LaneStore, AnAppendOfManyBlocksIsOneEntry) {
    std::vector<Call> calls;
    for (int i = 0; i < 9'000; ++i)
        calls.push_back({i, 1, i % 100});
    const auto outcomes = append(calls);
    EXPECT_EQ(std::ranges::count(outcomes, Outcome::created), 9'000);
    const LaneProof proof = verify();
    EXPECT_EQ(proof.faults, std::vector<std::string>());
    EXPECT_EQ(proof.entries, 1);
    EXPECT_EQ(newest().size(), 9'000u);
    const auto again = append(calls);
    EXPECT_EQ(std::ranges::count(again, Outcome::unchanged), 9'000);
    EXPECT_EQ(verify().records, 9'000);
}

TEST_P(LaneStore, ScansOnlyTheTimesThatAreAskedFor) {
    append({{1, 1, 1}, {2, 1, 1}, {3, 1, 1}});
    std::size_t rows = 0;
    EXPECT_TRUE(db_->read([&](Tx& tx) {
        ScanRequest request;
        request.from = morning + minutes(2);
        request.to = morning + minutes(3);
        return lanes_->scan(tx, lane, request, [&](const LaneSlice& slice) -> Result<void> {
            rows += slice.records.rows();
            return {};
        });
    }));
    EXPECT_EQ(rows, 1u);
    EXPECT_TRUE(db_->read([&](Tx& tx) -> Result<void> {
        const Id id{{0, 2}};
        TRY_ASSIGN(const auto found, lanes_->findByKey(tx, lane, id.view(), {}));
        EXPECT_TRUE(found && found->sequences.front() == 2);
        TRY_ASSIGN(const auto absent, lanes_->findByKey(tx, lane, Id{{7, 7}}.view(), {}));
        EXPECT_FALSE(absent);
        return {};
    }));
}

TEST_P(LaneStore, TamperingIsFound) {
    append({{1, 1, 1}, {2, 1, 1}});
    append({{3, 1, 1}});
    const auto change = [&](const char* sql) {
        ASSERT_TRUE(db_->write(upkeepWrite(lane.shardKey, 1), [&](Tx& tx) -> Result<void> {
            TRY(tx.execute(sql));
            return {};
        }));
    };
    change("UPDATE entries SET stored_at = stored_at + 1 WHERE first_sequence = 1");
    EXPECT_FALSE(verify().faults.empty());
    change("UPDATE entries SET stored_at = stored_at - 1 WHERE first_sequence = 1");
    EXPECT_TRUE(verify().faults.empty());
    // A part swapped for that of another record, checksum and all
    change(
        "UPDATE part_core SET data = (SELECT data FROM part_core WHERE first_sequence = 1), "
        "checksum = (SELECT checksum FROM part_core WHERE first_sequence = 1) WHERE first_sequence = 3");
    EXPECT_FALSE(verify().faults.empty());
}

// Entries that were written before there were rules of hashing name none.
TEST_P(LaneStore, EntriesOfTheFirstRuleStillProveTheirRecords) {
    append({{1, 1, 1}, {2, 1, 1}});
    ASSERT_TRUE(db_->write(upkeepWrite(lane.shardKey, 1), [&](Tx& tx) -> Result<void> {
        TRY_ASSIGN(const LaneSlice slice, lanes_->readFrom(tx, lane, 1, 10, PartSet::all()));
        Bytes counts, hashes;
        for (const Part part : {Part::core, Part::parties, Part::network, Part::internal}) {
            const auto& batch = slice.records.part(part);
            const Sha256 hash = columns::contentHash(batch, batch.columnCount(), columns::HashRule::everyColumn);
            EXPECT_NE(hash, columns::contentHash(batch, batch.columnCount()));
            counts.push_back(static_cast<std::uint8_t>(batch.columnCount()));
            hashes.insert(hashes.end(), hash.begin(), hash.end());
        }
        const Sha256 own = entryHash({lane, 1, 2, slice.storedAt.front(), "test", counts, hashes, LaneHead().lastHash});
        TRY(tx.execute("UPDATE entries SET column_counts = $1, content_hashes = $2, own_hash = $3",
                       {counts, hashes, ByteView(own)}));
        TRY(tx.execute("UPDATE lanes SET last_hash = $1", {ByteView(own)}));
        return {};
    }));
    append({{3, 1, 1}});
    EXPECT_EQ(verify().faults, std::vector<std::string>());
    EXPECT_EQ(verify().entries, 2);
}

// Whatever the order, repetition and cutting of what is sent, the newest version of each call ends up the same.
TEST_P(LaneStore, OrderDuplicationAndSplittingDoNotMatter) {
    const auto property = [&] {
        renew();
        const auto sent = *rc::gen::container<std::vector<std::pair<int, int>>>(
            rc::gen::pair(rc::gen::inRange(1, 12), rc::gen::inRange(1, 4)));
        std::map<int, std::pair<int, int>> expected;
        std::vector<Call> calls;
        for (const auto& [id, version] : sent) {
            calls.push_back({id, version, id * 10 + version});
            auto& best = expected[id];
            best = std::max(best, {version, id * 10 + version});
        }
        for (std::size_t at = 0; at < calls.size();) {
            const auto size = *rc::gen::inRange<std::size_t>(1, calls.size() - at + 1);
            append({calls.begin() + static_cast<std::ptrdiff_t>(at),
                    calls.begin() + static_cast<std::ptrdiff_t>(at + size)});
            at += size;
        }
        append(calls);
        RC_ASSERT(newest() == expected);
        RC_ASSERT(calls.empty() || verify().faults.empty());
    };
    EXPECT_TRUE(rc::check("the newest version of each call ends up the same", property));
}

TEST_P(LaneStore, ALongAppendStoresItsPiecesTogetherOrNotAtAll) {
    append({{1, 1, 10}, {2, 1, 20}});
    const auto appendPieces = [&](const std::vector<std::vector<Call>>& pieces) {
        return db_->write(recordsWrite(lane.shardKey, 10), [&](Tx& tx) -> Result<void> {
            LongAppend append(*lanes_, tx, lane, "test");
            std::int64_t stored = 0;
            for (const auto& calls : pieces) {
                Records records = recordsOf(calls);
                auto fingerprints = columns::fingerprints(records);
                auto prepared = lanes_->prepare(lane, std::move(records), std::move(fingerprints));
                prepared.keepKeys();
                TRY(append.add(prepared));
                EXPECT_EQ(append.stored(), stored += static_cast<std::int64_t>(calls.size()));
            }
            return append.finish();
        });
    };
    EXPECT_TRUE(appendPieces({{{3, 1, 5}, {1, 2, 11}}, {}, {{4, 1, 6}}, {{5, 1, 7}, {2, 3, 21}}}));
    const std::map<int, std::pair<int, int>> expected{
        {1, {2, 11}}, {2, {3, 21}}, {3, {1, 5}}, {4, {1, 6}}, {5, {1, 7}}};
    EXPECT_EQ(newest(), expected);
    EXPECT_FALSE(appendPieces({{{6, 1, 1}}, {{3, 1, 5}}})) << "a version that is there already";
    EXPECT_FALSE(appendPieces({{{6, 1, 1}}, {{7, 1, 1}, {6, 1, 1}}})) << "a key twice";
    EXPECT_FALSE(appendPieces({{{6, 1, 1}}, {{2, 2, 1}}})) << "an older version";
    EXPECT_EQ(newest(), expected);
    EXPECT_TRUE(appendPieces({}));
    EXPECT_EQ(append({{4, 1, 6}, {8, 1, 1}}), (std::vector{Outcome::unchanged, Outcome::created}))
        << "its keys are known";
    const LaneProof proof = verify();
    EXPECT_EQ(proof.faults, std::vector<std::string>());
    EXPECT_EQ(proof.records, 8);
}

TEST_P(LaneStore, ReadersOfAFewColumnsGetTheRowsThatAScanGets) {
    append({{1, 1, 10}, {2, 1, 20}, {3, 1, 30}});
    append({{2, 2, 21}, {4, 1, 40}});
    Lanes::ColumnScan wanted;
    wanted.core.wanted.resize(static_cast<std::size_t>(columns::CallCore::durationMs) + 1, false);
    for (const auto column : {columns::CallCore::callId, columns::CallCore::invitedAt, columns::CallCore::durationMs})
        wanted.core.wanted[static_cast<std::size_t>(column)] = true;
    wanted.parties.wanted.resize(1, true);
    for (const bool newestOnly : {true, false}) {
        wanted.request.newestOnly = newestOnly;
        std::map<Id, std::vector<std::int64_t>> talks, expected;
        EXPECT_TRUE(db_->read([&](Tx& tx) -> Result<void> {
            TRY(lanes_->scanColumns(tx, lane, wanted,
                                    [&](const columns::Batch& core, const columns::Batch& parties,
                                        std::span<const std::uint32_t> rows, std::int64_t) -> Result<void> {
                                        EXPECT_EQ(core[columns::CallCore::version].size(), 0u) << "not asked for";
                                        EXPECT_EQ(parties[columns::CallParties::sipCallId].size(), 0u);
                                        for (const std::uint32_t row : rows)
                                            talks[core[columns::CallCore::callId].id(row)].push_back(
                                                core[columns::CallCore::durationMs].at<std::int64_t>(row));
                                        return {};
                                    }));
            ScanRequest request;
            request.newestOnly = newestOnly;
            return lanes_->scan(tx, lane, request, [&](const LaneSlice& slice) -> Result<void> {
                const columns::Batch& core = slice.records.part(Part::core);
                for (std::size_t row = 0; row < core.rows(); ++row)
                    expected[core[columns::CallCore::callId].id(row)].push_back(
                        core[columns::CallCore::durationMs].at<std::int64_t>(row));
                return {};
            });
        }));
        EXPECT_EQ(talks, expected);
        EXPECT_EQ(talks.size(), 4u);
    }
}

}  // namespace
}  // namespace meetpoint::store
