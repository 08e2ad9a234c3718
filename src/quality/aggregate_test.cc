#include "quality/aggregate.h"

#include <random>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "quality/testing/calls.h"

namespace meetpoint::quality {
namespace {

using columns::Part;
using columns::Records;
using testing::noon;
using testing::recordsOf;
using testing::TestCall;
using testing::TestStream;

Query queryOf(std::vector<Dimension> groupBy = {}) {
    Query query;
    query.from = noon - hours(24);
    query.to = noon + hours(24);
    query.groupBy = std::move(groupBy);
    query.role = domain::Role::platform;
    query.now = noon + hours(25);
    return query;
}

Result<Groups> groupsOf(const Query& query, const std::vector<TestCall>& calls) {
    const Records records = recordsOf(calls);
    Aggregator aggregator(query);
    TRY(aggregator.add({records.part(Part::core), records.part(Part::network), 0, calls.size(), {}, std::nullopt}));
    Groups groups;
    TRY(aggregator.moveTo(groups));
    return groups;
}

Figures figuresOf(const std::vector<TestCall>& calls, const Query& query = queryOf()) {
    const auto groups = groupsOf(query, calls);
    return groups && !groups->empty() ? groups->begin()->second.asked : Figures();
}

std::string text(const Figures& figures, Kpi kpi) {
    const Ratio ratio = ratioOf(figures, kpi);
    return fmt::format("{}/{}", ratio.numerator, ratio.denominator);
}

std::vector<TestCall> times(std::size_t count, TestCall call) {
    return std::vector<TestCall>(count, call);
}
std::vector<TestCall> all(std::initializer_list<std::vector<TestCall>> parts) {
    std::vector<TestCall> calls;
    for (const auto& part : parts)
        calls.insert(calls.end(), part.begin(), part.end());
    return calls;
}

const TestCall answered{.connectedMs = 60'000, .sipCode = 200, .cause = 16};
const TestCall busy{.rungAfterMs = {}, .sipCode = 486, .cause = 17};
const TestCall noAnswer{.sipCode = 480, .cause = 19};
const TestCall rejected{.sipCode = 603, .cause = 21};
const TestCall unavailable{.rungAfterMs = {}, .sipCode = 503, .cause = 41};
const TestCall noCircuit{.rungAfterMs = {}, .cause = 34};
const TestCall redirected{.rungAfterMs = {}, .sipCode = 302};
const TestCall challenged{.rungAfterMs = {}, .sipCode = 407};

// E.411 and E.425: of 100 seizures 60 are answered, 12 busy, 20 not answered, 5 refused, and the network fails 3: ASR
// 60 %, NER 97 %. Ten more bids got no circuit: ABR 60 of 110.
TEST(Kpis, AreThoseOfE411AndE425) {
    const Figures figures = figuresOf(all({times(60, answered), times(12, busy), times(20, noAnswer),
                                           times(5, rejected), times(3, unavailable), times(10, noCircuit)}));
    EXPECT_EQ(text(figures, Kpi::asr), "60/100");
    EXPECT_EQ(text(figures, Kpi::ner), "97/100");
    EXPECT_EQ(text(figures, Kpi::abr), "60/110");
    EXPECT_EQ(text(figures, Kpi::acdMs), "3600000/60");
    EXPECT_EQ(ratioOf(figures, Kpi::acdMs).value(), 60'000);
    EXPECT_EQ(text(figures, Kpi::pddMs), "127500/85") << "those that rang";
    EXPECT_EQ(figures[Figure::postDialMs].percentile(95), 1'500);
}

// RFC 6076, 4.6 and 4.7: of 100 INVITEs 2 are redirected and 8 challenged; 45 end with 200, 15 with 486, 10 with 480,
// 5 with 603, 15 with 503. SER = 45 / 90, SEER = 75 / 90.
TEST(Kpis, AreThoseOfRfc6076) {
    const Figures figures =
        figuresOf(all({times(2, redirected), times(8, challenged), times(45, answered), times(15, busy),
                       times(10, noAnswer), times(5, rejected), times(15, unavailable)}));
    EXPECT_EQ(text(figures, Kpi::ser), "45/90");
    EXPECT_EQ(text(figures, Kpi::seer), "75/90");
    EXPECT_EQ(text(figures, Kpi::asr), "45/100");
}

TEST(Kpis, AreNothingWhereThereIsNothingToDivideBy) {
    const Figures none;
    for (std::size_t i = 0; i < kpiCount; ++i)
        EXPECT_FALSE(ratioOf(none, static_cast<Kpi>(i)).value()) << name(static_cast<Kpi>(i));
    EXPECT_FALSE(ratioOf(figuresOf({busy}), Kpi::acdMs).value());
    EXPECT_EQ(ratioOf(figuresOf({busy}), Kpi::asr).value(), 0);
}

TEST(Kpis, LossOfMeasurementIsNoBadQuality) {
    const TestStream good{.jitterMs = 5, .lossRatio = 0.01f, .mos = 4.2f};
    const TestStream poor{.jitterMs = 40, .lossRatio = 0.01f, .mos = 2.9f};
    const TestStream nothingCame{.packets = 0, .jitterMs = 90, .lossRatio = 1, .mos = 4.5f};
    const TestStream defaultMos{.packets = {}, .jitterMs = 4, .mos = 4.5f};
    TestCall call = answered;
    call.streams = {good, nothingCame};
    TestCall bad = answered;
    bad.streams = {poor, defaultMos};
    TestCall unmeasured = answered;
    const Figures figures = figuresOf({call, bad, unmeasured, busy});
    EXPECT_EQ(figures.streams,
              (StreamCounts{
                  .streams = 4, .good = 2, .poor = 1, .unclassified = 1, .withoutPackets = 1, .mosWithoutPackets = 2}));
    EXPECT_EQ(text(figures, Kpi::poorStreams), "1/3");
    EXPECT_EQ(text(figures, Kpi::poorCalls), "1/2");
    EXPECT_EQ(figures.calls.withoutStreams, 1u) << "a busy call has nothing to measure";
    EXPECT_EQ(figures[Figure::mos].count(), 2u);
    EXPECT_EQ(figures[Figure::mos].largest(), 4.2f);
    EXPECT_EQ(figures[Figure::lossRatio].largest(), 0.01f);
    EXPECT_EQ(figures[Figure::jitterMs].count(), 3u);
}

// Streams are judged figure by figure; the rule is the one of domain::qualityOf.
TEST(Kpis, StreamsAreClassedAsTheRuleHasIt) {
    std::mt19937_64 random(3);
    const auto sometimes = [&](auto value) { return random() % 3 == 0 ? std::nullopt : std::optional(value); };
    for (int i = 0; i < 500; ++i) {
        TestCall call = answered;
        std::vector<domain::StreamQuality> expected;
        auto worst = domain::StreamQuality::unclassified;
        for (std::uint64_t n = 1 + random() % 3; n > 0; --n) {
            TestStream stream{.packets = sometimes(static_cast<std::int64_t>(random() % 2)),
                              .jitterMs = sometimes(static_cast<float>(28 + random() % 4)),
                              .lossRatio = sometimes(static_cast<float>(random() % 3) / 10),
                              .roundTripMs = sometimes(static_cast<float>(498 + random() % 4))};
            expected.push_back(
                domain::qualityOf({{}, stream.roundTripMs, stream.lossRatio, stream.jitterMs, {}, stream.packets}));
            worst = domain::worseOf(worst, expected.back());
            call.streams.push_back(stream);
        }
        const Figures figures = figuresOf({call});
        EXPECT_EQ(figures.streams.poor,
                  static_cast<std::uint64_t>(std::ranges::count(expected, domain::StreamQuality::poor)));
        EXPECT_EQ(figures.streams.good,
                  static_cast<std::uint64_t>(std::ranges::count(expected, domain::StreamQuality::good)));
        EXPECT_EQ(figures.calls.poor, worst == domain::StreamQuality::poor ? 1u : 0u);
        EXPECT_EQ(figures.calls.good, worst == domain::StreamQuality::good ? 1u : 0u);
    }
}

TEST(Kpis, ThePeakIsTheLargestThatWasMeasured) {
    TestCall call = answered;
    call.streams = {{.jitterMs = 5, .jitterPeakMs = 80}, {.jitterMs = 7}};
    const Figures figures = figuresOf({call});
    EXPECT_EQ(figures[Figure::jitterMs].largest(), 80);
    EXPECT_EQ(figures[Figure::jitterMs].average(), 6);
    EXPECT_EQ(figures[Figure::jitterMs].percentile(99), 7) << "percentiles are those of the means";
}

TEST(Kpis, EstimatesAreMadeWhereTheyAreAskedFor) {
    TestCall call = answered;
    call.streams = {{.codec = "PCMA", .jitterMs = 0, .lossRatio = 0, .roundTripMs = 0},
                    {.codec = "opus", .jitterMs = 0, .lossRatio = 0, .roundTripMs = 0}};
    EXPECT_EQ(figuresOf({call})[Figure::rating].count(), 0u);
    Query query = queryOf();
    query.figures.set();
    const Figures figures = figuresOf({call}, query);
    EXPECT_EQ(figures[Figure::rating].count(), 2u);
    EXPECT_EQ(figures.streams.guessedRatings, 1u);
    EXPECT_NEAR(*figures[Figure::estimatedMos].largest(), 4.4, 0.02);
}

TEST(Grouping, OldNetworkFiguresCountForNobody) {
    TestCall call = answered;
    call.streams = {{.jitterMs = 40}};
    Query query = queryOf();
    query.now = call.invitedAt + domain::fullDetailAge;
    EXPECT_EQ(figuresOf({call}, query).streams.streams, 1u);
    query.now = query.now + milliseconds(1);
    EXPECT_EQ(figuresOf({call}, query).streams.streams, 0u);
    EXPECT_EQ(figuresOf({call}, query).calls.answered, 1u);
    EXPECT_EQ(figuresOf({call}, query).calls.withoutStreams, 0u) << "they were measured, and are not shown";
    query = queryOf();
    query.role = domain::Role::auditor;
    EXPECT_EQ(figuresOf({call}, query).streams.streams, 0u);
}

TEST(Grouping, ACallStandsInTheGroupOfEachOfItsCodecsOnce) {
    TestCall both = answered;
    both.streams = {
        {.codec = "silk", .jitterMs = 40}, {.codec = "silk", .jitterMs = 1}, {.codec = "opus", .jitterMs = 1}};
    TestCall one = answered;
    one.streams = {{.codec = "opus", .jitterMs = 1}};
    const auto groups = groupsOf(queryOf({Dimension::codec}), {both, one, busy});
    ASSERT_TRUE(groups);
    ASSERT_EQ(groups->size(), 3u);
    const Figures& silk = groups->at({std::string("silk")}).asked;
    const Figures& opus = groups->at({std::string("opus")}).asked;
    const Figures& none = groups->at({std::monostate()}).asked;
    EXPECT_EQ(silk.calls.bids, 1u);
    EXPECT_EQ(silk.streams.streams, 2u);
    EXPECT_EQ(text(silk, Kpi::poorCalls), "1/1");
    EXPECT_EQ(opus.calls.bids, 2u);
    EXPECT_EQ(text(opus, Kpi::poorCalls), "0/2") << "its streams of this codec were good";
    EXPECT_EQ(none.calls.bids, 1u);
    Query filtered = queryOf();
    filtered.filters.codecs = {"opus"};
    EXPECT_EQ(figuresOf({both, one, busy}, filtered).calls.bids, 2u);
    EXPECT_EQ(figuresOf({both, one, busy}, filtered).streams.streams, 2u);
}

TEST(Grouping, HoursAndDaysAreThoseOfTheZone) {
    Query query = queryOf({Dimension::hour, Dimension::day});
    query.zone = *TimeZone::load("Asia/Kathmandu");  // 5:45 east
    TestCall late = answered;
    late.invitedAt = Instant{noon.ms} + hours(6) + minutes(20);  // 00:05 of the next day
    const auto groups = groupsOf(query, {answered, late});
    ASSERT_TRUE(groups);
    ASSERT_EQ(groups->size(), 2u);
    const std::int64_t day = dayOf(noon).number;
    EXPECT_TRUE(groups->contains({(noon - minutes(45)).ms, day}));
    EXPECT_TRUE(groups->contains({(noon + hours(6) + minutes(15)).ms, day + 1}));
}

TEST(Grouping, FindsCountriesByTheDigitsThatEverybodySees) {
    TestCall toCanada = answered, toKazakhstan = answered, toNobody = answered;
    toCanada.farEnd = 14'165'550'123;
    toKazakhstan.farEnd = 77'012'345'678;
    toNobody.farEnd = 88'312'345'678;  // of no country
    const auto groups = groupsOf(queryOf({Dimension::ownCountry, Dimension::farEndCountry}),
                                 {answered, toCanada, toKazakhstan, toNobody});
    ASSERT_TRUE(groups);
    std::vector<std::string> seen;
    for (const auto& [key, figures] : *groups)
        seen.push_back(std::get<std::string>(key[0]) + ">" +
                       (key[1].index() == 0 ? "" : std::get<std::string>(key[1])));
    EXPECT_EQ(seen, (std::vector<std::string>{"CH>", "CH>CA", "CH>DE", "CH>KZ"}));
}

TEST(Grouping, LeavesTestCallsAndOlderVersionsOut) {
    TestCall test = answered;
    test.isTest = true;
    EXPECT_EQ(figuresOf({answered, test}).calls.bids, 1u);
    Query query = queryOf();
    query.filters.testCalls = TestCalls::only;
    EXPECT_EQ(figuresOf({answered, test, test}, query).calls.bids, 2u);
    query.filters.testCalls = TestCalls::include;
    EXPECT_EQ(figuresOf({answered, test}, query).calls.bids, 2u);
    const Records records = recordsOf({answered, answered, busy});
    const std::uint8_t superseded[] = {0b010};
    const Query plain = queryOf();
    Aggregator aggregator(plain);
    ASSERT_TRUE(
        aggregator.add({records.part(Part::core), records.part(Part::network), 0, 3, superseded, std::nullopt}));
    Groups groups;
    ASSERT_TRUE(aggregator.moveTo(groups));
    EXPECT_EQ(groups.begin()->second.asked.calls.bids, 2u);
    EXPECT_EQ(groups.begin()->second.asked.calls.answered, 1u);
}

TEST(Grouping, ThePeriodBeforeStandsBesideTheHoursThatItIsComparedWith) {
    Query query = queryOf({Dimension::hour});
    query.from = noon;
    query.to = noon + hours(2);
    query.comparePrevious = true;
    TestCall before = answered, gone = busy;
    before.invitedAt = noon - hours(2) + minutes(10);
    gone.invitedAt = noon - minutes(1);
    const auto groups = groupsOf(query, {answered, before, gone});
    ASSERT_TRUE(groups);
    ASSERT_EQ(groups->size(), 2u);
    EXPECT_EQ(groups->at({noon.ms}).asked.calls.bids, 1u);
    EXPECT_EQ(groups->at({noon.ms}).previous.calls.answered, 1u);
    EXPECT_EQ(groups->at({(noon + hours(1)).ms}).asked.calls.bids, 0u);
    EXPECT_EQ(groups->at({(noon + hours(1)).ms}).previous.calls.bids, 1u);
}

TEST(Grouping, RefusesMoreGroupsThanItHoldsAndCutsNothing) {
    std::vector<TestCall> calls;
    for (int i = 0; i < 50; ++i) {
        calls.push_back(answered);
        calls.back().trunk = fmt::format("sbc{}", i);
    }
    Query query = queryOf({Dimension::trunk});
    query.maxGroups = 50;
    EXPECT_EQ(groupsOf(query, calls)->size(), 50u);
    query.maxGroups = 49;
    EXPECT_EQ(groupsOf(query, calls).error().code, "too-many-groups");
    query.maxGroups = 10;
    EXPECT_EQ(groupsOf(query, calls).error().code, "too-many-groups");
}

// However calls are cut into blocks and divided among threads, the figures are the same to the last bit.
TEST(Aggregation, DoesNotDependOnHowTheCallsWereDivided) {
    std::mt19937_64 random(5);
    std::vector<TestCall> calls;
    for (int i = 0; i < 3'000; ++i) {
        const TestCall kinds[] = {answered, answered, answered, busy, noAnswer, unavailable, rejected, noCircuit};
        TestCall call = kinds[random() % std::size(kinds)];
        call.invitedAt = noon + seconds(static_cast<std::int64_t>(random() % 40'000));
        call.trunk = random() % 9 == 0 ? std::nullopt : std::optional(fmt::format("sbc{}", random() % 5));
        for (std::uint64_t n = call.connectedMs > 0 ? random() % 3 : 0; n > 0; --n)
            call.streams.push_back({.codec = random() % 2 == 0 ? "silk" : "opus",
                                    .packets = static_cast<std::int64_t>(random() % 3) * 100,
                                    .jitterMs = static_cast<float>(random() % 400) / 10,
                                    .mos = static_cast<float>(random() % 45) / 10});
        calls.push_back(call);
    }
    const Query query = queryOf({Dimension::hour, Dimension::trunk, Dimension::codec});
    const Groups whole = *groupsOf(query, calls);
    for (int round = 0; round < 5; ++round) {
        std::ranges::shuffle(calls, random);
        Groups merged;
        std::vector<Aggregator> threads;
        for (int i = 0; i < 3; ++i)
            threads.emplace_back(query);
        for (std::size_t at = 0; at < calls.size();) {
            const std::size_t end = std::min(calls.size(), at + 1 + random() % 700);
            const Records records = recordsOf(
                {calls.begin() + static_cast<std::ptrdiff_t>(at), calls.begin() + static_cast<std::ptrdiff_t>(end)});
            ASSERT_TRUE(threads[random() % 3].add(
                {records.part(Part::core), records.part(Part::network), 0, end - at, {}, std::nullopt}));
            at = end;
        }
        for (Aggregator& thread : threads)
            ASSERT_TRUE(thread.moveTo(merged));
        ASSERT_EQ(merged.size(), whole.size());
        for (const auto& [key, figures] : whole) {
            const Figures& other = merged.at(key).asked;
            EXPECT_EQ(other.calls, figures.asked.calls);
            EXPECT_EQ(other.streams, figures.asked.streams);
            for (std::size_t i = 0; i < figureCount; ++i) {
                EXPECT_EQ(other.distributions[i].sum(), figures.asked.distributions[i].sum());
                EXPECT_EQ(other.distributions[i].percentile(95), figures.asked.distributions[i].percentile(95));
            }
        }
    }
}

}  // namespace
}  // namespace meetpoint::quality
