// Whether what a carrier's data show is what was agreed, on generated days whose truth is known.
#include "exchange/agreed_counting.h"

#include <boost/json.hpp>
#include <gtest/gtest.h>

#include "exchange/deviations.h"
#include "reconcile/reconcile.h"
#include "reconcile/testing/generator.h"

namespace meetpoint::exchange {
namespace {

namespace json = boost::json;
using domain::AgreementTerms;
using domain::Increments;
using domain::RecordedScope;
using domain::TimeBasis;
using reconcile::testing::Scenario;

const Increments perMinute{seconds(60), seconds(60)}, sixes{seconds(6), seconds(6)}, seconds1{seconds(1), seconds(1)};

TEST(AgreedCounting, RoundingOfIncrementsIsWhatTheyCharge) {
    for (const Increments& increments : {perMinute, sixes, Increments{seconds(30), seconds(6)},
                                         Increments{seconds(1), seconds(60)}, Increments{seconds(60), seconds(1)}})
        for (std::int64_t ms = 0; ms <= 200'000; ms += 500)
            EXPECT_EQ(roundingOf(increments).apply(ms), increments.charged(ms))
                << increments.initial.ms << "/" << increments.step.ms << " of " << ms;
}

TEST(AgreedCounting, ExplainsWhatTheCarrierMayState) {
    const Counting plain{TimeBasis::answer, {}};
    EXPECT_TRUE(plain.explains(60'000, 9'000, 61'000)) << "within measurement";
    EXPECT_FALSE(plain.explains(60'000, 9'000, 62'000));
    const Counting ringing{TimeBasis::invite, {}};
    EXPECT_TRUE(ringing.explains(60'000, 9'000, 69'400));
    EXPECT_FALSE(ringing.explains(60'000, 9'000, 60'000));
    const Counting rounded{TimeBasis::invite, roundingOf(perMinute)};
    EXPECT_TRUE(rounded.explains(50'000, 9'000, 60'000));
    EXPECT_TRUE(rounded.explains(55'000, 9'000, 120'000));
    EXPECT_FALSE(rounded.explains(55'000, 9'000, 180'000));
}

// Of what the records themselves declare.
json::array deviationsDeclared(const Scenario& scenario) {
    const auto world = reconcile::testing::generate(scenario);
    const auto outcome = reconcile::reconcile(world.calls, world.durations, {});
    const Deviations deviations(nullptr, outcome.calibration);
    return deviations.say(deviations.count(outcome), outcome.diagnosis, Day{});
}

json::array deviations(const AgreementTerms& terms, const Scenario& scenario) {
    const auto world = reconcile::testing::generate(scenario);
    const auto outcome = reconcile::reconcile(world.calls, world.durations, {});
    const Day day = dayOf(world.calls.part(columns::Part::core)[columns::CallCore::invitedAt].instant(0));
    const Deviations deviations(&terms, outcome.calibration);
    return deviations.say(deviations.count(outcome), outcome.diagnosis, day);
}

std::string only(const json::array& found) {
    EXPECT_EQ(found.size(), 1u) << json::serialize(found);
    if (found.empty()) return {};
    const json::object& one = found[0].as_object();
    EXPECT_GT(one.at("count").to_number<std::int64_t>(), 0);
    EXPECT_GE(one.at("outOf").to_number<std::int64_t>(), one.at("count").to_number<std::int64_t>());
    EXPECT_FALSE(one.at("evidence").as_string().empty());
    return std::string(one.at("term").as_string()) + " " + json::serialize(one.at("shown"));
}

TEST(Deviations, NoneWhereTheDataShowWhatWasAgreed) {
    const AgreementTerms all{
        .increments = sixes, .durationBasis = TimeBasis::invite, .timeZone = "UTC", .scope = RecordedScope{}};
    EXPECT_TRUE(deviations(all, {.calls = 400, .carrierCountsRinging = true, .rounding = "up"}).empty());
    EXPECT_TRUE(deviations({.increments = seconds1, .durationBasis = TimeBasis::answer}, {.calls = 400}).empty());
}

TEST(Deviations, NoneOfWhatWasNotAgreed) {
    EXPECT_TRUE(deviations({}, {.calls = 400,
                                .zoneMinutes = 60,
                                .carrierCountsRinging = true,
                                .rounding = "up",
                                .carrierAnsweredOnly = true})
                    .empty());
}

TEST(Deviations, OtherIncrementsAndOtherBasis) {
    EXPECT_EQ(only(deviations({.increments = perMinute}, {.calls = 400, .rounding = "up"})),
              R"(increments {"initialSeconds":6,"stepSeconds":6})");
    EXPECT_EQ(only(deviations({.increments = perMinute}, {.calls = 400})), "increments null")
        << "agreed by the minute, and charged as it was";
    EXPECT_EQ(only(deviations({.increments = sixes}, {.calls = 400, .rounding = "down"})),
              R"(increments {"mode":"down","stepSeconds":6})");
    EXPECT_EQ(only(deviations({.durationBasis = TimeBasis::answer}, {.calls = 400, .carrierCountsRinging = true})),
              R"(durationBasis "invite")");
    EXPECT_EQ(only(deviations({.durationBasis = TimeBasis::invite}, {.calls = 400})), R"(durationBasis "answer")");
    EXPECT_TRUE(deviations({.increments = perMinute}, {.calls = 5}).empty()) << "too few to show it";
}

TEST(Deviations, FromWhatTheRecordsDeclare) {
    const auto perMinute = [](domain::RoundingMode mode) { return domain::DeclaredRounding{mode, seconds(60)}; };
    using enum domain::RoundingMode;
    const json::array basis =
        deviationsDeclared({.calls = 400, .carrierCountsRinging = true, .statedBasis = TimeBasis::answer});
    EXPECT_EQ(only(basis), R"(durationBasis "invite")");
    EXPECT_EQ(basis[0].at("declared").as_string(), "answer");
    EXPECT_FALSE(basis[0].as_object().contains("agreed"));
    const json::array rounding = deviationsDeclared({.calls = 400, .rounding = "up", .statedRounding = perMinute(up)});
    EXPECT_EQ(only(rounding), R"(rounding {"mode":"up","stepMs":6000})");
    EXPECT_EQ(json::serialize(rounding[0].at("declared")), R"({"mode":"up","stepMs":60000})");
    EXPECT_EQ(only(deviationsDeclared({.calls = 400, .statedRounding = perMinute(nearest)})), "rounding null");
}

TEST(Deviations, NoneWhereTheRecordsDeclareWhatTheyShow) {
    EXPECT_TRUE(deviationsDeclared({.calls = 400,
                                    .carrierCountsRinging = true,
                                    .rounding = "up",
                                    .statedBasis = TimeBasis::invite,
                                    .statedRounding = domain::DeclaredRounding{domain::RoundingMode::up, seconds(6)}})
                    .empty());
    EXPECT_TRUE(deviationsDeclared({.calls = 400}).empty()) << "nothing is declared";
    EXPECT_TRUE(deviationsDeclared({.calls = 5, .statedBasis = TimeBasis::invite}).empty()) << "too few to show it";
}

TEST(Deviations, AnotherZone) {
    const Scenario hourAhead{.calls = 400, .zoneMinutes = 60};
    EXPECT_EQ(only(deviations({.timeZone = "UTC"}, hourAhead)), R"(timeZone {"offsetMinutes":60})");
    EXPECT_TRUE(deviations({.timeZone = "+01:00"}, hourAhead).empty()) << "its own zone's time, as agreed";
    EXPECT_TRUE(deviations({.timeZone = "+01:00"}, {.calls = 400}).empty()) << "right times are right in any zone";
}

TEST(Deviations, KindsThatAreMissingAndKindsThatWereNotToCome) {
    const Scenario answeredOnly{.calls = 400, .carrierAnsweredOnly = true};
    EXPECT_EQ(only(deviations({.scope = RecordedScope{}}, answeredOnly)), R"(scope {"answeredOnly":true})");
    EXPECT_TRUE(deviations({.scope = RecordedScope{.answeredOnly = true}}, answeredOnly).empty());
    EXPECT_EQ(only(deviations({.scope = RecordedScope{.answeredOnly = true}}, {.calls = 400})),
              R"(scope {"answeredOnly":false})");
    const Scenario outboundOnly{.calls = 400, .carrierOutboundOnly = true};
    EXPECT_EQ(only(deviations({.scope = RecordedScope{}}, outboundOnly)), R"(scope {"directions":["outbound"]})");
    EXPECT_TRUE(deviations({.scope = RecordedScope{.inbound = false}}, outboundOnly).empty());
    EXPECT_EQ(deviations({.scope = RecordedScope{.outbound = false}}, outboundOnly).size(), 2u)
        << "what was to come is missing, and what was not came";
}

}  // namespace
}  // namespace meetpoint::exchange
