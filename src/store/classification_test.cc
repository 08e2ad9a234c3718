#include "store/classification.h"

#include <gtest/gtest.h>

#include "store/rows_by_hash.h"
#include "store/testing/call_records.h"

namespace meetpoint::store {
namespace {

using testing::Call;

// An append of these calls whose keys are all of one hash unless told otherwise; each id has a check of its own.
PreparedAppend appendOf(const std::vector<Call>& calls) {
    PreparedAppend append{.lane = {1, columns::LaneKind::calls}, .records = testing::recordsOf(calls)};
    for (const Call& call : calls) {
        append.hashes.push_back(7);
        append.checks.push_back(static_cast<std::uint32_t>(call.id));
        append.fingerprints.push_back(static_cast<std::uint32_t>(call.seconds));
    }
    append.byHash = rowsByHash(append.hashes);
    return append;
}

KeyEntry stored(const Call& call, std::int64_t sequence) {
    return {7, KeyEntry::placeOf(sequence, static_cast<std::uint32_t>(call.id)), call.version,
            static_cast<std::uint32_t>(call.seconds)};
}

using Outcomes = std::vector<Outcome>;

TEST(Classification, TellsKeysOfOneHashApartByTheirChecks) {
    const KeyEntry found[] = {stored({1, 1, 60}, 10), stored({2, 5, 60}, 11)};
    const auto classified = classify(appendOf({{3, 1, 60}, {1, 2, 60}, {2, 5, 60}, {3, 1, 61}}), found);
    EXPECT_EQ(classified.outcomes,
              (Outcomes{Outcome::created, Outcome::updated, Outcome::unchanged, Outcome::conflict}));
    EXPECT_EQ(classified.storedRows, (std::vector<std::uint32_t>{0, 1}));
    EXPECT_EQ(classified.supersededSequences, std::vector<std::int64_t>{10});
    EXPECT_TRUE(classified.supersededRows.empty());
}

TEST(Classification, JudgesRowsOfOneKeyInTheirOrder) {
    const auto classified = classify(appendOf({{1, 2, 60}, {1, 1, 50}, {1, 2, 60}, {1, 3, 70}}), {});
    EXPECT_EQ(classified.outcomes,
              (Outcomes{Outcome::created, Outcome::outdated, Outcome::unchanged, Outcome::updated}));
    EXPECT_EQ(classified.storedRows, (std::vector<std::uint32_t>{0, 1, 3}));
    EXPECT_EQ(classified.supersededRows, (std::vector<std::uint32_t>{0, 1})) << "all but the newest";
}

TEST(Classification, AnOutdatedVersionSupersedesNothing) {
    const KeyEntry found[] = {stored({1, 3, 60}, 10)};
    const auto classified = classify(appendOf({{1, 2, 60}}), found);
    EXPECT_EQ(classified.outcomes, Outcomes{Outcome::outdated});
    EXPECT_EQ(classified.supersededRows, std::vector<std::uint32_t>{0});
    EXPECT_TRUE(classified.supersededSequences.empty());
}

TEST(Classification, KeyEntriesHoldTheLargestSequenceAndCheck) {
    constexpr std::int64_t last = (std::int64_t{1} << KeyEntry::sequenceBits) - 1;
    const KeyEntry entry{7, KeyEntry::placeOf(last, 0xFFFFFF), 1, 1};
    EXPECT_EQ(entry.sequence(), last);
    EXPECT_EQ(entry.check(), 0xFFFFFFu);
}

}  // namespace
}  // namespace meetpoint::store
