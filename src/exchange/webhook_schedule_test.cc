#include "exchange/webhook_schedule.h"

#include <gtest/gtest.h>

namespace meetpoint::exchange {
namespace {

using store::DeliveryState;
using store::WebhookDelivery;
using store::WebhookEndpoint;

constexpr Instant begin{1'772'323'200'000};

WebhookDelivery waiting() {
    WebhookDelivery delivery;
    delivery.type = "number.assignment.changed";
    delivery.kind = columns::LaneKind::assignments;
    delivery.createdAt = begin;
    delivery.nextAttemptAt = begin;
    return delivery;
}
Sent answered(Instant at, std::int64_t status, std::optional<Duration> retryAfter = {}) {
    return {{}, 1, at, seconds(1), status, {}, retryAfter};
}

TEST(WebhookSchedule, GoesOnForDaysAndThenGivesUp) {
    const WebhookLimits limits;
    WebhookEndpoint endpoint;
    WebhookDelivery delivery = waiting();
    Instant now = begin;
    std::vector<std::int64_t> pauses;
    while (true) {
        const Verdict verdict = judge(limits, endpoint, delivery, answered(now, 500), now, 0);
        endpoint.failingSince = verdict.failingSince;
        delivery = verdict.delivery;
        EXPECT_EQ(endpoint.failingSince, begin);
        if (!delivery.nextAttemptAt) {
            EXPECT_TRUE(verdict.isMissed);
            EXPECT_EQ(verdict.disables, disabled::failing);
            break;
        }
        EXPECT_FALSE(verdict.isMissed || verdict.disables);
        pauses.push_back((*delivery.nextAttemptAt - now).ms / 1000);
        now = *delivery.nextAttemptAt;
    }
    EXPECT_EQ(pauses, (std::vector<std::int64_t>{5, 300, 1'800, 7'200, 18'000, 36'000, 50'400, 72'000, 86'400}));
    EXPECT_EQ(delivery.attempts, 10);
    EXPECT_EQ(delivery.state, DeliveryState::failed);
    EXPECT_GT(now - begin, days(3));
}

TEST(WebhookSchedule, EverySuccessEndsItAndNothingElseDoes) {
    for (const std::int64_t status : {200, 201, 202, 204, 299}) {
        WebhookEndpoint endpoint;
        endpoint.failingSince = begin;
        const Verdict verdict = judge({}, endpoint, waiting(), answered(begin, status), begin, 0);
        EXPECT_EQ(verdict.delivery.state, DeliveryState::delivered) << status;
        EXPECT_EQ(verdict.delivery.deliveredAt, begin);
        EXPECT_FALSE(verdict.delivery.nextAttemptAt || verdict.failingSince || verdict.isMissed);
    }
    for (const std::int64_t status : {101, 300, 301, 302, 307, 308, 400, 401, 404, 429, 500, 503, 599})
        EXPECT_EQ(judge({}, {}, waiting(), answered(begin, status), begin, 0).delivery.state, DeliveryState::waiting)
            << status;
    const Verdict none = judge({}, {}, waiting(), {{}, 1, begin, seconds(15), {}, "client-timeout", {}}, begin, 0);
    EXPECT_EQ(none.delivery.nextAttemptAt, begin + seconds(5));
}

TEST(WebhookSchedule, GoneDisablesAtOnce) {
    const Verdict verdict = judge({}, {}, waiting(), answered(begin, 410), begin, 0);
    EXPECT_EQ(verdict.disables, disabled::gone);
    EXPECT_TRUE(verdict.isMissed);
    EXPECT_EQ(verdict.delivery.state, DeliveryState::failed) << "it can be recovered";
}

TEST(WebhookSchedule, WhatTheReceiverAsksForIsHonouredWithinBounds) {
    const auto pause = [](std::optional<Duration> asked, double chance) {
        return *judge({}, {}, waiting(), answered(begin, 503, asked), begin, chance).delivery.nextAttemptAt - begin;
    };
    EXPECT_EQ(pause(seconds(60), 0), seconds(60));
    EXPECT_EQ(pause(seconds(1), 0), seconds(5)) << "never sooner than the schedule";
    EXPECT_EQ(pause(days(300), 0), hours(24)) << "and never for ever";
    EXPECT_EQ(pause({}, 0.5), milliseconds(5'500)) << "jitter";
    EXPECT_EQ(pause({}, 0.9999999), milliseconds(5'999));
}

TEST(WebhookSchedule, AnEventThatAloneFailsDoesNotEndItsEndpoint) {
    WebhookLimits limits;
    limits.retries = {seconds(5)};
    WebhookDelivery delivery = judge(limits, {}, waiting(), answered(begin, 400), begin, 0).delivery;
    WebhookEndpoint endpoint;  // another got through in between, and then one failed
    endpoint.failingSince = begin + seconds(3);
    const Verdict verdict = judge(limits, endpoint, delivery, answered(begin + seconds(5), 400), begin + seconds(5), 0);
    EXPECT_TRUE(verdict.isMissed);
    EXPECT_FALSE(verdict.disables);
}

TEST(WebhookSchedule, ATestIsTriedOnceAndSaysNothingOfTheRest) {
    WebhookDelivery test = waiting();
    test.type = store::webhookTestType;
    test.kind.reset();
    for (const std::int64_t status : {500, 410}) {
        const Verdict verdict = judge({}, {}, test, answered(begin, status), begin, 0);
        EXPECT_EQ(verdict.delivery.state, DeliveryState::failed);
        EXPECT_FALSE(verdict.isMissed || verdict.disables || verdict.failingSince);
    }
}

}  // namespace
}  // namespace meetpoint::exchange
