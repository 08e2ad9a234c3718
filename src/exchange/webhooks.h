// Webhook endpoints as their owners keep them: made, changed, tried out, looked into, set going again. The owner is a
// carrier; the platform sees its endpoints and can disable them. What is delivered, and when, is exchange/deliver's.
#pragma once

#include "exchange/services.h"
#include "exchange/webhook_schedule.h"
#include "exchange/webhook_signing.h"

namespace meetpoint::exchange {

// What these uses work with.
struct WebhookDesk {
    const Services& services;
    const WebhookLimits& limits;
    const SecretSeal& seal;
};

struct NewWebhook {
    std::optional<Id> carrierId;  // where the client acts for several
    std::string url;              // checked by the caller of this (http::checkUrl)
    std::string description;
    std::vector<std::string> types;  // empty: all
    std::string payload = "thin";
    std::vector<SignatureKind> signatures;  // empty: HMAC
};

// What has not come through.
struct WebhookBacklog {
    store::MissedDeliveries missed;        // given up
    std::int64_t waiting = 0;              // to be sent or tried again, and what its lanes hold beyond that
    std::optional<Instant> waitingSince;   // of what is noted down
    std::optional<Instant> nextAttemptAt;  // of what is noted down
};

struct WebhookView {
    store::WebhookEndpoint endpoint;
    std::vector<store::WebhookSecret> secrets;  // that are live
    WebhookBacklog backlog;
    std::vector<std::pair<Id, std::string>> shown;  // of new HMAC secrets, by their id; never again
};

// An endpoint that is told of what happens from now on. Codes "carrier-required"; not-found; forbidden
// "webhook-owner-only" for the platform; "unknown-event-type"; conflict "too-many-endpoints".
Result<WebhookView> makeWebhook(const WebhookDesk& desk, const domain::Caller& caller, const NewWebhook& wanted);

// Those that the caller may see, in order of id, after `after` and at most `limit`; of one carrier where it is named.
struct WebhookQuery {
    std::optional<Id> carrierId;
    std::optional<Id> after;
    std::size_t limit = 100;
};
Result<std::vector<WebhookView>> listWebhooks(const WebhookDesk& desk, const domain::Caller& caller,
                                              const WebhookQuery& query);
Result<WebhookView> findWebhook(const WebhookDesk& desk, const domain::Caller& caller, const Id& id);

// What is to be another. Enabling sets going whatever waits; what was given up waits for recoverWebhook.
struct WebhookChange {
    std::optional<std::string> url;
    std::optional<std::string> description;
    std::optional<std::vector<std::string>> types;
    std::optional<std::string> payload;
    std::optional<bool> isEnabled;
    bool isStatusAlone() const { return !url && !description && !types && !payload; }
};
// The platform may change the status alone, and nobody else can enable what it has disabled. Codes not-found;
// preconditionFailed "version-mismatch"; forbidden "webhook-owner-only"; "unknown-event-type"; conflict
// "transition-not-allowed".
Result<WebhookView> changeWebhook(const WebhookDesk& desk, const domain::Caller& caller, const Id& id,
                                  std::optional<std::int64_t> expectedVersion, const WebhookChange& change);
// With its log. Codes as above.
Result<void> deleteWebhook(const WebhookDesk& desk, const domain::Caller& caller, const Id& id,
                           std::optional<std::int64_t> expectedVersion);

// One more secret; where `othersExpireAt` is given, those of its kind end then. Codes not-found,
// "webhook-owner-only", conflict "too-many-secrets".
Result<WebhookView> addWebhookSecret(const WebhookDesk& desk, const domain::Caller& caller, const Id& id,
                                     SignatureKind kind, std::optional<Instant> othersExpireAt);
// From now on nothing is signed with it. Codes not-found, "webhook-owner-only", conflict "last-secret".
Result<void> removeWebhookSecret(const WebhookDesk& desk, const domain::Caller& caller, const Id& id,
                                 const Id& secretId);

// Sends an event that says nothing, once; also to a disabled endpoint, so that it can be tried before it is enabled.
// Codes not-found, "webhook-owner-only", conflict "transition-not-allowed" where the platform has disabled it.
Result<store::WebhookDelivery> testWebhook(const WebhookDesk& desk, const domain::Caller& caller, const Id& id);

struct LoggedDelivery {
    store::WebhookDelivery delivery;
    std::vector<store::WebhookAttempt> attempts;  // the newest WebhookLimits::attemptsKept, in order
};
// The endpoint's log, newest first. Codes not-found.
Result<std::vector<LoggedDelivery>> readWebhookLog(const WebhookDesk& desk, const domain::Caller& caller, const Id& id,
                                                   const store::DeliveryPage& page);
// Sends an event once more, under the same id, whatever became of it before. Codes not-found, "webhook-owner-only".
Result<store::WebhookDelivery> replayDelivery(const WebhookDesk& desk, const domain::Caller& caller, const Id& id,
                                              const Id& deliveryId);
// Sends what was not delivered since then, or all of that; gives the number of events. Codes as above.
Result<std::int64_t> recoverWebhook(const WebhookDesk& desk, const domain::Caller& caller, const Id& id, Instant since,
                                    store::Recovered which);

}  // namespace meetpoint::exchange
