#include "exchange/webhook_schedule.h"

#include <algorithm>

namespace meetpoint::exchange {
namespace {

using store::DeliveryState;

constexpr std::int64_t gone = 410;

// Before the attempt that follows `made` failed ones; nothing after the last.
std::optional<Duration> pauseAfter(const WebhookLimits& limits, std::int64_t made, const Sent& sent, double chance) {
    const auto index = static_cast<std::size_t>(made - 1);
    if (index >= limits.retries.size()) return std::nullopt;
    const double longer = 1 + chance * static_cast<double>(limits.jitterPercent) / 100;
    Duration pause{static_cast<std::int64_t>(static_cast<double>(limits.retries[index].ms) * longer)};
    if (sent.retryAfter) pause = std::max(pause, std::min(*sent.retryAfter, limits.longestRetryAfter));
    return pause;
}

}  // namespace

Verdict judge(const WebhookLimits& limits, const store::WebhookEndpoint& endpoint, store::WebhookDelivery delivery,
              const Sent& sent, Instant now, double chance) {
    ++delivery.attempts;
    ++delivery.roundAttempts;
    delivery.lastTriedAt = sent.at;
    if (!delivery.roundBeganAt) delivery.roundBeganAt = sent.at;
    if (sent.isSuccess()) {
        delivery.state = DeliveryState::delivered;
        delivery.deliveredAt = now;
        delivery.nextAttemptAt.reset();
        return {std::move(delivery), {}, false, {}};
    }
    const bool isTest = delivery.type == store::webhookTestType;
    // A test says nothing of the endpoint's other events, and is not repeated.
    const auto failingSince = isTest ? endpoint.failingSince : endpoint.failingSince.value_or(sent.at);
    if (delivery.state != DeliveryState::waiting) return {std::move(delivery), failingSince, false, {}};
    const bool isGone = sent.status == gone;
    const auto pause = isTest || isGone ? std::nullopt : pauseAfter(limits, delivery.roundAttempts, sent, chance);
    if (pause) {
        delivery.nextAttemptAt = now + *pause;
        return {std::move(delivery), failingSince, false, {}};
    }
    delivery.state = DeliveryState::failed;
    delivery.nextAttemptAt.reset();
    std::optional<std::string_view> disables;
    if (isGone && !isTest) disables = disabled::gone;
    // Where others got through while this one was tried, the event is at fault and not the endpoint.
    if (!isGone && !isTest && failingSince <= delivery.roundBeganAt) disables = disabled::failing;
    return {std::move(delivery), failingSince, !isTest, disables};
}

}  // namespace meetpoint::exchange
