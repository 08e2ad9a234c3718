// Agreements on the wire, and back.
#pragma once

#include "exchange/agreements.h"
#include "http/json.h"

namespace meetpoint::api {

enum class AgreedDurationBasis { invite, ring, answer };
BOOST_DESCRIBE_ENUM(AgreedDurationBasis, invite, ring, answer)
enum class AgreedDirection { inbound, outbound };
BOOST_DESCRIBE_ENUM(AgreedDirection, inbound, outbound)
enum class AgreementState { proposed, signed_, declined, withdrawn };
BOOST_DESCRIBE_ENUM(AgreementState, proposed, signed_, declined, withdrawn)
enum class AgreementSide { platform, carrier };
BOOST_DESCRIBE_ENUM(AgreementSide, platform, carrier)

struct AgreedIncrements {
    std::int64_t initialSeconds;
    std::int64_t stepSeconds;
    static constexpr http::FieldDoc docs[] = {
        {.field = "initialSeconds", .what = "Charged whole once a call is answered", .min = 1, .max = 3'600},
        {.field = "stepSeconds", .what = "Every further step that is begun", .min = 1, .max = 3'600},
    };
};
BOOST_DESCRIBE_STRUCT(AgreedIncrements, (), (initialSeconds, stepSeconds))

struct AgreedScope {
    bool answeredOnly;
    std::vector<AgreedDirection> directions;
    bool onNet;
    static constexpr http::FieldDoc docs[] = {
        {.field = "answeredOnly", .what = "The carrier records no calls that were not answered"},
        {.field = "directions", .what = "Seen from the tenant", .minLength = 1, .maxLength = 2},
        {.field = "onNet", .what = "The carrier records calls between two of its own numbers"},
    };
};
BOOST_DESCRIBE_STRUCT(AgreedScope, (), (answeredOnly, directions, onNet))

struct AgreementTerms {
    std::int64_t toleranceMs;
    std::optional<std::int64_t> tolerancePerMille;
    std::optional<AgreedIncrements> increments;
    std::optional<AgreedDurationBasis> durationBasis;
    std::optional<std::string> timeZone;
    std::optional<AgreedScope> scope;
    std::optional<std::int64_t> billingCycleStartDay;
    std::optional<std::int64_t> dueAfterHours;
    std::optional<std::int64_t> closeAfterHours;
    static constexpr http::FieldDoc docs[] = {
        {.field = "toleranceMs", .what = "Differences of durations that both accept", .min = 0, .max = 60'000},
        {.field = "tolerancePerMille",
         .what = "The same, of the platform's duration; the larger of the two applies. 0 if left out",
         .min = 0,
         .max = 200},
        {.field = "increments", .what = "How the carrier charges; not agreed if left out"},
        {.field = "durationBasis", .what = "From where the carrier counts a duration; not agreed if left out"},
        {.field = "timeZone", .what = "IANA name of the zone in which the carrier keeps its times", .maxLength = 64},
        {.field = "scope", .what = "Which kinds of call the carrier records; not agreed if left out"},
        {.field = "billingCycleStartDay", .what = "Of the month; 1 if left out", .min = 1, .max = 28},
        {.field = "dueAfterHours",
         .what =
             "After a reconciliation day's end its records are due, and later ones late; with its closing if left out",
         .min = 1,
         .max = 8'784},
        {.field = "closeAfterHours",
         .what = "After a reconciliation day's end it is closed; as the exchange is configured if left out",
         .min = 1,
         .max = 8'784},
    };
};
BOOST_DESCRIBE_STRUCT(AgreementTerms, (),
                      (toleranceMs, tolerancePerMille, increments, durationBasis, timeZone, scope, billingCycleStartDay,
                       dueAfterHours, closeAfterHours))

domain::AgreementTerms termsOf(const AgreementTerms& words);
AgreementTerms termsWire(const domain::AgreementTerms& terms);

}  // namespace meetpoint::api
