// When an event is tried again, and when an endpoint is given up. Pure: the time and the dice are arguments.
#pragma once

#include "store/webhooks.h"

namespace meetpoint::exchange {

// Every limit of webhooks, with its default; the configuration may change them.
struct WebhookLimits {
    std::size_t endpointsPerCarrier = 20;
    std::size_t secretsPerEndpoint = 10;     // that are live
    std::size_t waitingPerEndpoint = 1'000;  // events noted down for an endpoint; more stay in the lane
    std::size_t requestsInFlight = 32;       // of a node
    std::size_t requestsToFailing = 16;      // of these, to endpoints whose last attempt failed
    std::size_t requestsPerEndpoint = 4;     // at once; one while it fails
    Duration attemptTimeout = seconds(15);   // of one attempt, from the name to the last byte
    std::size_t answerBytes = 4'096;         // read of an answer's body; nothing of it is kept
    // Before the second attempt, the third …; after the last the event is missed.
    std::vector<Duration> retries{seconds(5), minutes(5), minutes(30), hours(2), hours(5),
                                  hours(10),  hours(14),  hours(20),   hours(24)};
    std::size_t jitterPercent = 20;          // a pause is up to so much longer
    Duration longestRetryAfter = hours(24);  // that an answer may ask for
    Duration secretOverlap = hours(24);      // that an old secret lives on when a new one replaces it
    Duration keepDelivered = days(30);       // in the log
    std::size_t attemptsKept = 20;           // in the log, of one event
    Duration look = seconds(1);              // for what no announcement tells: the retries that are due
    Duration lease = seconds(30);            // after which the endpoints of a node that died pass to others
    Duration afterFailure = minutes(1);      // before a carrier is looked at again whose deliveries failed here
};

// What came of one attempt.
struct Sent {
    store::WebhookKey key;
    std::int64_t position = 0;
    Instant at;
    Duration took;
    std::optional<std::int64_t> status;  // of the answer; none: there was none, and `error` says why
    std::optional<std::string> error;    // a code
    std::optional<Duration> retryAfter;  // that the answer asked for
    bool isSuccess() const { return status && *status >= 200 && *status < 300; }
};

// Why an endpoint is disabled.
namespace disabled {
inline constexpr std::string_view gone = "gone";          // it answered 410
inline constexpr std::string_view failing = "failing";    // a whole schedule, and nothing got through meanwhile
inline constexpr std::string_view carrier = "carrier";    // its owner did it
inline constexpr std::string_view platform = "platform";  // the platform did it, which alone can undo it
}  // namespace disabled

struct Verdict {
    store::WebhookDelivery delivery;  // as it is from now on
    std::optional<Instant> failingSince;
    bool isMissed = false;                     // given up: it is not tried again unless asked for
    std::optional<std::string_view> disables;  // why the endpoint is to be disabled
};
// `chance`: from 0 to below 1.
Verdict judge(const WebhookLimits& limits, const store::WebhookEndpoint& endpoint, store::WebhookDelivery delivery,
              const Sent& sent, Instant now, double chance);

}  // namespace meetpoint::exchange
