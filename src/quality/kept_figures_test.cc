#include "quality/kept_figures.h"

#include <bit>
#include <cstring>
#include <random>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "base/hash.h"
#include "quality/aggregate.h"
#include "quality/testing/calls.h"

namespace meetpoint::quality {
namespace {

using columns::Part;
using columns::Records;
using testing::noon;
using testing::recordsOf;
using testing::TestCall;

using Random = std::mt19937_64;

template <class T>
T oneOf(Random& random, std::initializer_list<T> values) {
    return *(values.begin() + static_cast<std::ptrdiff_t>(random() % values.size()));
}

std::vector<TestCall> randomCalls(Random& random, std::size_t count, Duration span) {
    std::vector<TestCall> calls(count);
    for (TestCall& call : calls) {
        call.invitedAt = noon + milliseconds(static_cast<std::int64_t>(random()) % span.ms);
        call.isTest = random() % 9 == 0;
        call.connectedMs = random() % 3 == 0 ? 0 : static_cast<std::int64_t>(random() % 600'000);
        call.sipCode = oneOf<std::optional<std::int32_t>>(random, {200, 486, 503, std::nullopt});
        call.cause = oneOf<std::optional<std::int32_t>>(random, {16, 17, 34, std::nullopt});
        if (random() % 5 == 0) call.rungAfterMs = {};
        for (std::uint64_t n = random() % 3; n > 0; --n)
            call.streams.push_back({.codec = "silk",
                                    .packets = oneOf<std::optional<std::int64_t>>(random, {0, 900, std::nullopt}),
                                    .jitterMs = static_cast<float>(random() % 500) / 10,
                                    .lossRatio = static_cast<float>(random() % 300) / 1'000,
                                    .mos = static_cast<float>(random() % 45) / 10,
                                    .jitterPeakMs = static_cast<float>(random() % 900) / 10});
    }
    return calls;
}

// A block of a lane: its records, and its calls by hour as they are kept.
struct Block {
    Records records;
    std::size_t rows;
    Bytes superseded;
    Id carrier;
    KeptFigures kept;

    CallBlock calls() const {
        return {records.part(Part::core), records.part(Part::network), 0, rows, superseded, carrier};
    }
};

KeptFigures keptOf(const CallBlock& calls) {
    const Query query = hourlyQuery({});
    Aggregator aggregator(query);
    EXPECT_TRUE(aggregator.add(calls));
    Groups groups;
    EXPECT_TRUE(aggregator.moveTo(groups));
    return keep(hoursOf(std::move(groups)));
}

Block randomBlock(Random& random, std::size_t calls, Duration span) {
    Bytes superseded(random() % 2 == 0 ? 0 : (calls + 7) / 8);
    for (std::uint8_t& bits : superseded)
        bits = static_cast<std::uint8_t>(random() & random());
    Id carrier;
    carrier.bytes[15] = static_cast<std::uint8_t>(random() % 3);
    Block block{recordsOf(randomCalls(random, calls, span)), calls, superseded, carrier, {}};
    block.kept = keptOf(block.calls());
    return block;
}

Query randomQuery(Random& random) {
    Query query;
    query.from = noon - hours(static_cast<std::int64_t>(random() % 60)) + oneOf(random, {hours(0), minutes(20)});
    query.to = query.from + hours(static_cast<std::int64_t>(1 + random() % 100)) +
               oneOf(random, {hours(0), hours(0), minutes(1)});
    query.zone = *TimeZone::load(oneOf(random, {"UTC", "Europe/Zurich", "Asia/Kolkata", "America/New_York"}));
    for (const Dimension dimension : {Dimension::day, Dimension::carrier, Dimension::hour})
        if (random() % 2 == 0) query.groupBy.push_back(dimension);
    query.comparePrevious = random() % 3 == 0;
    query.role = oneOf(random, {domain::Role::platform, domain::Role::carrier, domain::Role::auditor});
    query.now = noon + oneOf(random, {days(1), hours(30 * 24 + 2), minutes(30 * 1'440 + 90), days(40)});
    if (random() % 2 == 0) query.kpis = std::bitset<kpiCount>(random());
    if (random() % 2 == 0) query.figures &= std::bitset<figureCount>(random());
    return query;
}

struct Answer {
    Groups groups;
    std::size_t fromKept = 0;
};
Answer answerOf(const Query& query, const std::vector<Block>& blocks, bool useKept) {
    Answer answer;
    Aggregator aggregator(query);
    for (const Block& block : blocks) {
        const auto hours = readKept({block.kept.hours, block.kept.figures, block.kept.points});
        EXPECT_TRUE(hours);
        const bool isKept = useKept && asksForHours(query) && allFit(query, *hours);
        EXPECT_TRUE(isKept ? aggregator.add(HourlyBlock{*hours, block.carrier}) : aggregator.add(block.calls()));
        answer.fromKept += isKept;
    }
    EXPECT_TRUE(aggregator.moveTo(answer.groups));
    return answer;
}

void expectSame(const Groups& kept, const Groups& read) {
    ASSERT_EQ(kept.size(), read.size());
    for (const auto& [key, figures] : read) {
        ASSERT_TRUE(kept.contains(key));
        for (const auto period : {&GroupFigures::asked, &GroupFigures::previous}) {
            const Figures &ours = kept.at(key).*period, &theirs = figures.*period;
            EXPECT_EQ(ours.calls, theirs.calls);
            EXPECT_EQ(ours.streams, theirs.streams);
            for (std::size_t i = 0; i < figureCount; ++i)
                EXPECT_EQ(ours.distributions[i].parts(), theirs.distributions[i].parts()) << i;
        }
    }
}

TEST(KeptFigures, GiveWhatTheCallsThemselvesGive) {
    constexpr std::uint64_t seed = 20'261'127;
    SCOPED_TRACE(fmt::format("seed {}", seed));
    Random random(seed);
    std::size_t fromKept = 0, fromCalls = 0;
    for (int round = 0; round < 60; ++round) {
        std::vector<Block> blocks;
        for (int i = 0; i < 4; ++i)
            blocks.push_back(randomBlock(random, 1 + random() % 800, oneOf(random, {minutes(50), hours(30)})));
        for (int i = 0; i < 5; ++i) {
            const Query query = randomQuery(random);
            const Answer kept = answerOf(query, blocks, true);
            expectSame(kept.groups, answerOf(query, blocks, false).groups);
            fromKept += kept.fromKept;
            fromCalls += blocks.size() - kept.fromKept;
        }
    }
    // Both ways were gone.
    EXPECT_GT(fromKept, 100u);
    EXPECT_GT(fromCalls, 100u);
}

// Everything that figures of the same calls say, as a number.
std::uint64_t digestOf(const std::vector<HourFigures>& hours) {
    Sha256Builder hash;
    const auto addAll = [&](std::initializer_list<std::uint64_t> counts) {
        for (const std::uint64_t count : counts)
            hash.addU64(count);
    };
    for (const auto& [hour, figures] : hours) {
        const auto& [calls, streams, distributions] = figures;
        addAll({static_cast<std::uint64_t>(hour.ms), calls.bids, calls.seizures, calls.answered, calls.delivered,
                calls.sessions, calls.effective, calls.connectedMs, calls.rung, calls.postDialMs, calls.good,
                calls.poor, calls.withoutStreams});
        addAll({streams.streams, streams.good, streams.poor, streams.unclassified, streams.withoutPackets,
                streams.mosWithoutPackets});
        for (const Distribution& distribution : distributions) {
            const Distribution::Parts parts = distribution.parts();
            addAll({parts.count, static_cast<std::uint64_t>(parts.sumHigh), parts.sumLow,
                    std::bit_cast<std::uint32_t>(parts.smallest), std::bit_cast<std::uint32_t>(parts.largest)});
            for (const Distribution::Point& point : parts.points)
                addAll({static_cast<std::uint64_t>(point.at), static_cast<std::uint64_t>(point.times)});
        }
    }
    const Sha256 all = hash.finish();
    std::uint64_t digest = 0;
    std::memcpy(&digest, all.data(), sizeof digest);
    return digest;
}

TEST(KeptFigures, OfOtherWaysOfCountingAreToldByTheirRules) {
    Random random(7);
    const KeptFigures kept = randomBlock(random, 2'000, hours(5)).kept;
    const auto figures = readKept({kept.hours, kept.figures, kept.points});
    ASSERT_TRUE(figures);
    EXPECT_EQ(digestOf(*figures), 9'694'355'839'337'450'692u)
        << "the same calls give other figures: raise countingRules, or stores go on with those that they keep";
    EXPECT_EQ(rulesOf({}), 5'838'316'480'517'785) << "together with the figures above";
}

TEST(KeptFigures, AreNotAskedWhereMoreIsWantedThanTheyTell) {
    const Query hourly = hourlyQuery({});
    EXPECT_TRUE(asksForHours(hourly));
    Query query = hourly;
    query.groupBy.push_back(Dimension::trunk);
    EXPECT_FALSE(asksForHours(query));
    query = hourly;
    query.filters.testCalls = TestCalls::include;
    EXPECT_FALSE(asksForHours(query));
    query = hourly;
    query.filters.tenant = Id{};
    EXPECT_FALSE(asksForHours(query));
    query = hourly;
    query.figures.set(static_cast<std::size_t>(Figure::rating));
    EXPECT_FALSE(asksForHours(query));
}

TEST(KeptFigures, AreOfTheLimitsThatTheyWereJudgedBy) {
    domain::QualityLimits other;
    other.jitterMs = 20;
    EXPECT_EQ(rulesOf({}), rulesOf({}));
    EXPECT_NE(rulesOf({}), rulesOf(other));
    EXPECT_GE(rulesOf(other), 0);
}

// An hour, its end not included, belongs to a question as a whole or not at all.
TEST(KeptFigures, FitWhereNoBorderOfTheQuestionCutsAnHour) {
    const HourFigures hour{noon, {}};
    Query query = hourlyQuery({});
    const auto fits = [&] { return allFit(query, std::span(&hour, 1)); };
    query.from = noon;
    query.to = noon + hours(1);
    EXPECT_TRUE(fits());
    query.to = noon + minutes(59);
    EXPECT_FALSE(fits());
    query.from = noon + hours(1);
    query.to = noon + minutes(61);
    EXPECT_TRUE(fits());
    query.from = noon - minutes(30);
    query.to = noon;
    EXPECT_TRUE(fits());
    query.to = noon + hours(1);
    query.zone = *TimeZone::load("Asia/Kolkata");
    EXPECT_FALSE(fits());
    query.groupBy = {Dimension::carrier};
    EXPECT_TRUE(fits());
}

TEST(KeptFigures, ThatAreDamagedAreRefused) {
    Random random(3);
    const Block block = randomBlock(random, 900, hours(9));
    const KeptFigures& kept = block.kept;
    const auto other = randomBlock(random, 20, hours(2)).kept;
    EXPECT_EQ(readKept({other.hours, kept.figures, kept.points}).error().code, "corrupt-data");
    EXPECT_EQ(readKept({kept.hours, kept.figures, other.points}).error().code, "corrupt-data");
    EXPECT_EQ(readKept({kept.hours, kept.figures, {}}).error().code, "corrupt-data");
    for (int i = 0; i < 2'000; ++i) {
        KeptFigures changed = kept;
        Bytes& part = *oneOf(random, {&changed.hours, &changed.figures, &changed.points});
        part[random() % part.size()] ^= static_cast<std::uint8_t>(1 + random() % 255);
        const auto read = readKept({changed.hours, changed.figures, changed.points});
        if (!read) {
            EXPECT_EQ(read.error().code, "corrupt-data");
        }
    }
}

}  // namespace
}  // namespace meetpoint::quality
