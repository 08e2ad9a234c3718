// What the endpoints work with; everything in it outlives them.
#pragma once

#include <map>
#include <mutex>

#include "domain/access.h"
#include "exchange/alert_rules.h"
#include "exchange/cursors.h"
#include "exchange/exports.h"
#include "exchange/orders.h"
#include "exchange/quality.h"
#include "exchange/services.h"
#include "exchange/tickets.h"
#include "exchange/tokens.h"
#include "exchange/webhooks.h"
#include "http/doorbell.h"
#include "http/endpoint.h"
#include "http/outbound.h"

namespace meetpoint::api {

// A doorbell a topic (store::Tx::announce): rung after each commit that announced it, waited at by long polls.
class Bells {
public:
    http::Doorbell& of(std::string_view topic) {
        const std::lock_guard lock(mutex_);
        const auto found = bells_.find(topic);
        return found == bells_.end() ? bells_[std::string(topic)] : found->second;
    }
    http::Doorbell& of(store::LaneId lane) { return of(store::topicOf(lane)); }
    // Rings where somebody has waited; everywhere for "", which says that something may have been missed.
    void hear(std::string_view topic) {
        const std::lock_guard lock(mutex_);
        for (auto& [name, bell] : bells_)
            if (topic.empty() || topic == name) bell.ring();
    }

private:
    std::mutex mutex_;
    std::map<std::string, http::Doorbell, std::less<>> bells_;
};

// What the endpoints of webhooks need beside the rest: the uses, and which receivers may be named.
struct Webhooks {
    exchange::WebhookDesk desk;
    const http::OutboundRules& rules;
};

struct Context {
    const exchange::Services& exchange;
    const exchange::Limits& limits;
    const exchange::TokenKey& tokens;
    const exchange::CursorKey& cursors;
    Bells& bells;
    exchange::OrderDesk& orders;
    Webhooks webhooks;
    exchange::QualityDesk quality;
    exchange::ExportDesk& exports;
    exchange::AlertDesk alerts;
    exchange::TicketDesk tickets;
    std::string version;    // of the program
    std::string publicUrl;  // where callers reach the API, "https://exchange.example.com"; empty: not configured
    bool tls = false;       // whether this server speaks TLS itself
};

// Who calls; the authenticator has put it there.
inline const domain::Caller& callerOf(const http::Request& request) {
    return *request.principal.as<domain::Caller>();
}

// The Idempotency-Key of a request that has one. Code "bad-idempotency-key".
inline constexpr std::size_t longestIdempotencyKey = 255;
Result<std::optional<std::string>> idempotencyKeyOf(const http::Request& request);

}  // namespace meetpoint::api
