// Which calls are meant, as JSON: the same for a search and for an export.
#pragma once

#include <array>

#include "exchange/call_search.h"
#include "http/json.h"

namespace meetpoint::api {

enum class CallDirection { inbound, outbound };
BOOST_DESCRIBE_ENUM(CallDirection, inbound, outbound)
enum class CallQuality { good, poor, unclassified };
BOOST_DESCRIBE_ENUM(CallQuality, good, poor, unclassified)
enum class WantedVersions { newest, all };
BOOST_DESCRIBE_ENUM(WantedVersions, newest, all)
enum class WantedOrder { descending, ascending };
BOOST_DESCRIBE_ENUM(WantedOrder, descending, ascending)

struct CallFilter {
    std::optional<Instant> from, to;
    std::optional<Id> carrierId, tenantId, userId, callId;
    std::optional<std::string> ownNumber, ownNumberStartsWith, farEndNumber, farEndNumberStartsWith;
    std::optional<std::string> sipCallId, correlationId, trunk, callType;
    std::optional<CallDirection> direction;
    std::optional<CallQuality> quality;
    std::optional<std::int32_t> finalSipCode, q850Cause;
    std::optional<std::int64_t> minDurationMs, maxDurationMs;
    std::optional<bool> answered, emergency, isTest;
    std::optional<WantedVersions> versions;
    std::optional<WantedOrder> order;
    static constexpr http::FieldDoc docs[] = {
        {.field = "from", .what = "Calls whose invitedAt is not before this"},
        {.field = "to", .what = "Calls whose invitedAt is before this"},
        {.field = "carrierId", .what = "Of this carrier; where the client acts for several carriers"},
        {.field = "userId", .what = "Finds nothing for those who are not shown user ids"},
        {.field = "ownNumber", .what = "E.164", .maxLength = 19},
        {.field = "ownNumberStartsWith", .what = "Digits, the country code first", .maxLength = 16},
        {.field = "farEndNumber",
         .what = "As it is shown: E.164, masked (+4179123****), or as it was dialled",
         .maxLength = 128},
        {.field = "farEndNumberStartsWith",
         .what = "Digits that are shown; those that are masked find nothing",
         .maxLength = 16},
        {.field = "sipCallId", .maxLength = 256},
        {.field = "correlationId", .maxLength = 256},
        {.field = "trunk", .maxLength = 256},
        {.field = "callType", .maxLength = 64},
        {.field = "quality", .what = "Of the worst stream; unclassified where nothing was measured or is shown"},
        {.field = "finalSipCode", .min = 0},
        {.field = "q850Cause", .min = 0},
        {.field = "minDurationMs", .what = "Included", .min = 0},
        {.field = "maxDurationMs", .what = "Included", .min = 0},
        {.field = "emergency", .what = "false: also calls that do not say"},
        {.field = "isTest", .what = "false: also calls that do not say"},
        {.field = "versions", .what = "newest if left out"},
        {.field = "order", .what = "By invitedAt, then by callId; descending if left out"},
    };
};
BOOST_DESCRIBE_STRUCT(CallFilter, (),
                      (from, to, carrierId, tenantId, userId, callId, ownNumber, ownNumberStartsWith, farEndNumber,
                       farEndNumberStartsWith, sipCallId, correlationId, trunk, callType, direction, quality,
                       finalSipCode, q850Cause, minDurationMs, maxDurationMs, answered, emergency, isTest, versions,
                       order))

// What is said about the members of a struct and of the one that it extends.
template <std::size_t First, std::size_t Second>
constexpr std::array<http::FieldDoc, First + Second> docsWith(const http::FieldDoc (&inherited)[First],
                                                              const http::FieldDoc (&own)[Second]) {
    std::array<http::FieldDoc, First + Second> docs;
    std::ranges::copy(inherited, docs.begin());
    std::ranges::copy(own, docs.begin() + First);
    return docs;
}

// A value that may be left out, as another type of the same meaning.
template <class To, class From>
std::optional<To> as(const std::optional<From>& value) {
    if (!value) return std::nullopt;
    return static_cast<To>(*value);
}

// The search that a filter means, with the limit and the cursor of none.
exchange::CallSearch searchOf(const CallFilter& filter);

}  // namespace meetpoint::api
