// What must make no difference: how many threads work, in which batches the records come, and in which pieces, and how
// often, items are asked for.
#include <numeric>
#include <random>
#include <set>

#include <gtest/gtest.h>

#include "reconcile/pair_groups.h"
#include "reconcile/reconcile.h"
#include "reconcile/report.h"
#include "reconcile/sorting.h"
#include "reconcile/testing/generator.h"

namespace meetpoint::reconcile {
namespace {

using columns::LaneKind;
using columns::Part;
using columns::Records;
using testing::generate;
using testing::Scenario;
using testing::World;

// Few numbers and short times, so that calls compete; enough of everything that stages look for.
Scenario mixed(std::uint64_t seed) {
    Scenario scenario;
    scenario.seed = seed;
    scenario.calls = 3'000;
    scenario.ownNumbers = 20;
    scenario.farNumbers = 60;
    scenario.offsetMs = 37'000;
    scenario.missingAtCarrier = 0.1;
    scenario.missingAtPlatform = 0.1;
    scenario.duplicatesAtCarrier = 0.1;
    scenario.forksAtPlatform = 0.2;
    scenario.partialsAtCarrier = 0.3;
    scenario.sharedIds = 0.5;
    scenario.reusedIds = 0.1;
    scenario.presented = 0.1;
    scenario.reversed = 0.1;
    scenario.maskedDigits = static_cast<int>(seed % 2) * 4;
    scenario.carrierNational = seed % 3 == 0;
    return scenario;
}

// Everything that an item says, and the rows in it.
std::string spelled(const Items& items) {
    std::string out;
    for (const Item& item : items.items) {
        out += fmt::format("{} {} {} {} {} {} {} {} {} {} {} {} {}:", name(item.state), name(item.matchedBy),
                           item.at.ms, item.startDeltaMs.value_or(-1), item.durationDeltaMs.value_or(-1),
                           item.startResidualMs, item.ourMs, item.theirMs, item.repeatedByBoth, item.invalidNumber,
                           item.ownNumber, item.direction, item.ourCount);
        for (std::size_t c = 0; c < causeCount; ++c)
            if (item.causes.has(static_cast<Cause>(c))) out += fmt::format(" {}", name(static_cast<Cause>(c)));
        for (const std::uint32_t row : items.ours(item))
            out += fmt::format(" {}", row);
        for (const std::uint32_t row : items.theirs(item))
            out += fmt::format(" /{}", row);
        out += '\n';
    }
    return out;
}

std::string spelled(const Summary& summary) {
    return totalsJson(summary.totals) + diagnosisJson(summary);
}

TEST(Threads, MakeNoDifference) {
    for (const std::uint64_t seed : {1, 2, 3, 4, 5, 6}) {
        const World world = generate(mixed(seed));
        Options options;
        options.defaultRegion = "CH";
        const Outcome alone = reconcile(world.calls, world.durations, options);
        for (const std::size_t threads : {2u, 3u, 7u}) {
            options.threads = threads;
            const Outcome together = reconcile(world.calls, world.durations, options);
            EXPECT_EQ(spelled(static_cast<const Items&>(together)), spelled(static_cast<const Items&>(alone)))
                << "seed " << seed << ", " << threads << " threads";
            EXPECT_EQ(spelled(static_cast<const Summary&>(together)), spelled(static_cast<const Summary&>(alone)));
        }
    }
}

// A batch of the columns alone that SideInput says it looks at, as one that reads no others has it.
columns::Batch pruned(const columns::Batch& batch, LaneKind kind, Part part) {
    const columns::ColumnSet wanted = SideInput::columnsOf(kind, part);
    columns::Batch out(batch.schema());
    for (std::size_t column = 0; column < batch.columnCount(); ++column)
        if (wanted.has(column)) out[column].appendRange(batch[column], 0, batch.rows());
    return out;
}

SideInput inBatches(const Records& records, std::mt19937_64& random) {
    SideInput side(records.kind());
    for (std::size_t first = 0; first < records.rows();) {
        const std::size_t count = std::min<std::size_t>(records.rows() - first, random() % 700);
        const columns::Batch core = pruned(records.part(Part::core), records.kind(), Part::core);
        const columns::Batch parties = pruned(records.part(Part::parties), records.kind(), Part::parties);
        std::vector<std::uint32_t> rows(count);
        std::iota(rows.begin(), rows.end(), static_cast<std::uint32_t>(first));
        side.add(core, &parties, rows);
        first += count;
    }
    return side;
}

TEST(Batches, MakeNoDifference) {
    std::mt19937_64 random(7);
    for (const std::uint64_t seed : {1, 2, 3}) {
        const World world = generate(mixed(seed));
        const Outcome whole = reconcile(world.calls, world.durations, {});
        const Reconciliation matched(inBatches(world.calls, random), inBatches(world.durations, random), {});
        ASSERT_EQ(matched.items(), whole.items.size());
        Items all;
        Tally tally;
        for (std::size_t number = 0; number < matched.pieces(); ++number) {
            const ItemPiece piece = matched.piece(number);
            for (Item item : piece.items) {
                item.firstOurs += static_cast<std::uint32_t>(all.ourRows.size());
                item.firstTheirs += static_cast<std::uint32_t>(all.theirRows.size());
                all.items.push_back(item);
            }
            all.ourRows.insert(all.ourRows.end(), piece.ourRows.begin(), piece.ourRows.end());
            all.theirRows.insert(all.theirRows.end(), piece.theirRows.begin(), piece.theirRows.end());
            tally.append(piece.tally);
        }
        EXPECT_EQ(spelled(all), spelled(static_cast<const Items&>(whole))) << "seed " << seed;
        EXPECT_EQ(spelled(matched.summary(tally)), spelled(static_cast<const Summary&>(whole)));
    }
}

TEST(Batches, NameTheirRecordsByTheRowsInWhichTheyCame) {
    std::mt19937_64 random(3);
    const World world = generate(mixed(1));
    const Reconciliation matched(inBatches(world.calls, random), inBatches(world.durations, random), {});
    for (std::uint32_t row = 0; row < world.calls.rows(); ++row)
        ASSERT_EQ(matched.callId(row), world.calls.part(Part::core)[columns::CallCore::callId].id(row));
    for (std::uint32_t row = 0; row < world.durations.rows(); ++row)
        ASSERT_EQ(matched.recordId(row), world.durations.part(Part::core)[columns::DurationCore::recordId].text(row));
}

TEST(Pieces, AreTheSameWheneverTheyAreAskedFor) {
    Scenario scenario = mixed(2);
    scenario.calls = 40'000;
    scenario.ownNumbers = 2'000;
    const World world = generate(scenario);
    SideInput calls(LaneKind::calls), durations(LaneKind::durations);
    calls.add(world.calls);
    durations.add(world.durations);
    const Reconciliation matched(std::move(calls), std::move(durations), {});
    ASSERT_GT(matched.pieces(), 2u);
    std::vector<std::string> first;
    for (std::size_t number = 0; number < matched.pieces(); ++number)
        first.push_back(spelled(matched.piece(number)));
    Instant last{INT64_MIN};
    for (std::size_t number = matched.pieces(); number-- > 0;)
        EXPECT_EQ(spelled(matched.piece(number)), first[number]);
    for (std::size_t number = 0; number < matched.pieces(); ++number) {
        for (const Item& item : matched.piece(number).items) {
            EXPECT_LE(last, item.at);
            last = item.at;
        }
    }
}

TEST(SharedGroups, StandInTheOrderInWhichOursBeginAndLeaveNoRowOut) {
    const auto grouped = [](const std::vector<std::uint64_t>& hashes) {
        return groupRows(hashes.size(), [&](std::uint32_t row) { return hashes[row] << 32; });
    };
    const std::vector<std::uint64_t> ours{9, 4, 9, 7, 1}, theirs{4, 8, 9, 4};
    using Rows = std::vector<std::uint32_t>;
    const auto rowsOf = [](std::span<const GroupedRow> group) {
        Rows rows;
        for (const GroupedRow one : group)
            rows.push_back(rowOf(one));
        return rows;
    };
    for (const std::size_t threads : {1u, 3u}) {
        const SharedGroups groups(grouped(ours), grouped(theirs), threads);
        std::vector<std::pair<Rows, Rows>> shared;
        for (std::size_t piece = 0; piece < groups.pieces(); ++piece)
            groups.forEach(piece, [&](std::span<const GroupedRow> a, std::span<const GroupedRow> b) {
                shared.emplace_back(rowsOf(a), rowsOf(b));
            });
        EXPECT_EQ(shared, (std::vector<std::pair<Rows, Rows>>{{{0, 2}, {2}}, {{1}, {0, 3}}}));
        for (const bool isOurs : {true, false}) {
            Side side;
            side.ours = isOurs;
            std::multiset<Rows> found;
            groups.forEachOf(side, [&](std::span<const GroupedRow> group) { found.insert(rowsOf(group)); });
            const std::multiset<Rows> ofOurs{{0, 2}, {1}, {3}, {4}}, ofTheirs{{0, 3}, {1}, {2}};
            EXPECT_EQ(found, isOurs ? ofOurs : ofTheirs);
        }
    }
}

TEST(NarrowColumn, HoldsNumbersThatDoNotFitAndOnesThatAreNotStated) {
    const std::int64_t values[] = {
        0,         -1,           INT32_MAX, INT64_C(1) + INT32_MAX, INT32_MIN, INT32_MIN + 1, noTime, INT32_MIN + 2,
        INT64_MAX, INT64_MIN + 1};
    NarrowColumn column;
    for (const std::int64_t value : values)
        column.append(value);
    for (std::size_t row = 0; row < std::size(values); ++row) {
        EXPECT_EQ(column[row], values[row]);
        EXPECT_EQ(column.isStated(row), values[row] != noTime);
    }
    std::vector<std::uint32_t> order(std::size(values));
    std::iota(order.begin(), order.end(), 0u);
    std::ranges::reverse(order);
    column.permute(order);
    for (std::size_t row = 0; row < std::size(values); ++row)
        EXPECT_EQ(column[row], values[order[row]]);
    column.set(0, 5);
    EXPECT_EQ(column[0], 5) << "a number that did not fit";
}

TEST(SortByNumber, KeepsTheOrderOfEqualKeys) {
    std::mt19937_64 random(11);
    for (const std::size_t size : {0u, 1u, 511u, 512u, 20'000u}) {
        for (const std::uint64_t mask : {std::uint64_t{0x3F}, std::uint64_t{0x3FF0'0000}, ~std::uint64_t{0}}) {
            std::vector<std::pair<std::uint64_t, std::size_t>> items;
            for (std::size_t i = 0; i < size; ++i)
                items.emplace_back(random() & mask, i);
            auto expected = items;
            std::ranges::stable_sort(expected, {}, [](const auto& item) { return item.first; });
            sortByNumber(items, [](const auto& item) { return item.first; });
            EXPECT_EQ(items, expected);
            std::ranges::shuffle(items, random);
            sortByNumberInPlace(std::span(items), [](const auto& item) { return item.first; });
            EXPECT_TRUE(std::ranges::is_sorted(items, {}, [](const auto& item) { return item.first; }));
            std::ranges::sort(items);
            EXPECT_EQ(items, expected) << "the same ones";
            std::ranges::shuffle(items, random);
            sortByNumberInPlace(
                std::span(items), [](const auto& item) { return item.first; }, 3);
            EXPECT_TRUE(std::ranges::is_sorted(items, {}, [](const auto& item) { return item.first; }));
            std::ranges::sort(items);
            EXPECT_EQ(items, expected);
        }
    }
}

}  // namespace
}  // namespace meetpoint::reconcile
