// Webhook endpoints, their secrets, how far each has read its carrier's lanes, and what was or is to be delivered to
// it. All of a carrier's rows lie beside its lanes, so that one transaction moves an endpoint on and notes down what
// follows from that. Transactions that change something begin with checkFence() or holdWork() of deliveryOf().
#pragma once

#include "domain/access.h"
#include "store/lanes.h"

namespace meetpoint::store {

// One endpoint by its key.
struct WebhookKey {
    std::int64_t shardKey = 0;
    Id endpointId;
    auto operator<=>(const WebhookKey&) const = default;
};

struct WebhookEndpoint {
    WebhookKey key;
    Id carrierId;
    std::string url;
    std::string description;
    std::vector<std::string> types;  // of events; empty: all
    std::string payload;             // "thin", "full"
    bool isEnabled = true;
    std::optional<Instant> disabledAt;
    std::optional<std::string> disabledReason;
    std::optional<Instant> failingSince;  // the first failed attempt after the last that did not fail
    Instant createdAt;
    std::int64_t version = 1;  // of what its owner sees and changes
};

Result<void> insertWebhook(Tx& tx, const WebhookEndpoint& endpoint);
Result<std::optional<WebhookEndpoint>> findWebhook(Tx& tx, const WebhookKey& key);
// Of whichever carrier; for transactions that only read.
Result<std::optional<WebhookEndpoint>> findWebhookAnywhere(Tx& tx, const Id& id);
// Of one carrier in order of id; of all carriers where no shard key is given, for transactions that only read.
Result<std::vector<WebhookEndpoint>> listWebhooks(Tx& tx, std::optional<std::int64_t> shardKey);
// False where the stored version is another than `endpoint.version - 1`.
Result<bool> updateWebhook(Tx& tx, const WebhookEndpoint& endpoint);
// Without a new version: the worker's own note.
Result<void> setWebhookFailing(Tx& tx, const WebhookKey& key, std::optional<Instant> since);
// With its cursors, secrets and deliveries.
Result<void> deleteWebhook(Tx& tx, const WebhookKey& key);

struct WebhookSecret {
    WebhookKey key;
    Id id;
    std::string kind;  // "v1", "v1a": as signatures begin
    Bytes sealed;      // encrypted
    std::optional<Bytes> publicKey;
    Instant createdAt;
    std::optional<Instant> expiresAt;
    bool isLive(Instant now) const { return !expiresAt || now < *expiresAt; }
};
Result<void> insertWebhookSecret(Tx& tx, const WebhookSecret& secret);
// In order of id, which is that of making.
Result<std::vector<WebhookSecret>> listWebhookSecrets(Tx& tx, const WebhookKey& key);
// Those of one kind that are live at `at` and would live longer.
Result<void> expireWebhookSecrets(Tx& tx, const WebhookKey& key, std::string_view kind, Instant at);
Result<bool> deleteWebhookSecret(Tx& tx, const WebhookKey& key, const Id& id);

struct WebhookCursor {
    WebhookKey key;
    columns::LaneKind kind = columns::LaneKind::assignments;
    std::int64_t nextSequence = 1;
};
// Inserts, or moves it.
Result<void> putWebhookCursor(Tx& tx, const WebhookCursor& cursor);
Result<std::vector<WebhookCursor>> listWebhookCursors(Tx& tx, std::optional<std::int64_t> shardKey);

// Events of this type are tried once, and are not missed where that fails.
inline constexpr std::string_view webhookTestType = "webhook.test";

enum class DeliveryState : std::uint8_t { waiting, delivered, failed };
std::string_view name(DeliveryState state);
std::optional<DeliveryState> readDeliveryState(std::string_view word);

// One event for one endpoint.
struct WebhookDelivery {
    WebhookKey key;
    std::int64_t position = 0;  // within its endpoint's log, from 1 in order of creation; insert gives it
    Id id;                      // its webhook-id: the same whenever and however often it is sent
    std::string type;
    std::optional<columns::LaneKind> kind;  // of the lane whose record it is about
    std::int64_t sequence = 0;              // of that record
    Id eventId;
    std::optional<std::string> data;  // JSON; of events that are no record
    DeliveryState state = DeliveryState::waiting;
    std::int64_t roundAttempts = 0;  // since it was last set going: where it stands in the schedule
    std::int64_t attempts = 0;       // all
    Instant createdAt;
    std::optional<Instant> roundBeganAt;  // the first attempt of the round
    std::optional<Instant> lastTriedAt;
    std::optional<Instant> nextAttemptAt;  // while it waits
    std::optional<Instant> deliveredAt;
};

// Adds to the endpoint's log, in order; one whose id is there already is left out. Sets the positions.
Result<void> insertDeliveries(Tx& tx, const WebhookKey& key, std::vector<WebhookDelivery>& deliveries);
Result<void> updateDelivery(Tx& tx, const WebhookDelivery& delivery);
Result<std::optional<WebhookDelivery>> findDelivery(Tx& tx, const WebhookKey& key, const Id& id);
Result<std::optional<WebhookDelivery>> findDeliveryAt(Tx& tx, const WebhookKey& key, std::int64_t position);
// Waiting ones that are due at `now`, the longest due first.
Result<std::vector<WebhookDelivery>> dueDeliveries(Tx& tx, const WebhookKey& key, Instant now, std::size_t limit);
// The same, tests alone: what a disabled endpoint is still sent.
Result<std::vector<WebhookDelivery>> dueTests(Tx& tx, const WebhookKey& key, Instant now, std::size_t limit);
struct DeliveryPage {
    std::optional<std::int64_t> before;  // positions below this one
    std::optional<DeliveryState> state;
    std::size_t limit = 100;
};
// Newest first.
Result<std::vector<WebhookDelivery>> listDeliveries(Tx& tx, const WebhookKey& key, const DeliveryPage& page);

// What of an endpoint's log was given up, tests apart.
struct MissedDeliveries {
    std::int64_t count = 0;
    std::optional<Instant> since;               // when the oldest was created
    std::optional<std::int64_t> firstSequence;  // of those that are about records
    std::optional<std::int64_t> lastSequence;
};
Result<MissedDeliveries> countMissed(Tx& tx, const WebhookKey& key);

enum class Recovered { missed, all };
// Sets going at `now`, with their whole schedule before them, those that were created or last tried since `since`; all
// of them, or those that have not been delivered; no tests. Gives their number.
Result<std::int64_t> recoverDeliveries(Tx& tx, const WebhookKey& key, Instant since, Recovered which, Instant now);
// The same for all that wait.
Result<void> restartDeliveries(Tx& tx, const WebhookKey& key, Instant now);
// Removes delivered ones that were last tried before `before`, at most `limit`; gives their number.
Result<std::size_t> removeDelivered(Tx& tx, const WebhookKey& key, Instant before, std::size_t limit);

// What waits for an endpoint, without its rows.
struct WaitingDeliveries {
    WebhookKey key;
    std::int64_t count = 0;
    Instant dueAt;      // the first attempt that is due
    Instant createdAt;  // of the oldest
};
Result<std::vector<WaitingDeliveries>> listWaiting(Tx& tx, std::optional<std::int64_t> shardKey);

struct WebhookAttempt {
    std::int64_t position = 0;
    std::int64_t attempt = 0;  // from 1
    Instant at;
    Duration took;
    std::optional<std::int64_t> status;  // of the answer; none: there was no answer
    std::optional<std::string> error;    // a code
};
// Keeps the newest `kept` of the delivery.
Result<void> insertAttempt(Tx& tx, const WebhookKey& key, const WebhookAttempt& attempt, std::int64_t kept);
// Of deliveries at positions from `first` to `last`, in order.
Result<std::vector<WebhookAttempt>> listAttempts(Tx& tx, const WebhookKey& key, std::int64_t first, std::int64_t last);

}  // namespace meetpoint::store
