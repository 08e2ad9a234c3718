#include "exchange/webhooks.h"

#include <algorithm>

#include <boost/json.hpp>

#include "base/id.h"
#include "exchange/parties.h"
#include "exchange/webhook_events.h"
#include "store/leases.h"
#include "store/ledger.h"

namespace meetpoint::exchange {
namespace {

namespace json = boost::json;
using store::WebhookDelivery;
using store::WebhookEndpoint;
using store::WebhookKey;

Error noSuchWebhook() {
    return notFound("There is no such webhook endpoint.");
}

bool maySee(const domain::Caller& caller, const Id& carrier) {
    return caller.role == domain::Role::platform || caller.actsFor(carrier);
}

Result<void> checkOwner(const domain::Caller& caller) {
    if (caller.role == domain::Role::carrier) return {};
    return fail(Error{ErrorKind::forbidden,
                      "webhook-owner-only",
                      "Only the carrier's own clients may do this with its webhook endpoints.",
                      {},
                      {},
                      0});
}

Result<void> checkTypes(const std::vector<std::string>& types) {
    for (const std::string& type : types)
        if (std::ranges::find(webhookTypes(), type, &WebhookType::name) == webhookTypes().end())
            return fail(invalidInput("unknown-event-type", "There are no events of type '" + type + "'."));
    return {};
}

// Whose it is, for a caller who may see it.
Result<WebhookEndpoint> visible(store::Tx& tx, const domain::Caller& caller, const Id& id) {
    TRY_ASSIGN(const auto found, store::findWebhookAnywhere(tx, id));
    if (!found || !maySee(caller, found->carrierId)) return fail(noSuchWebhook());
    return *found;
}

Result<WebhookKey> keyFor(const WebhookDesk& desk, const domain::Caller& caller, const Id& id) {
    WebhookKey key;
    TRY(desk.services.db.read([&](store::Tx& tx) -> Result<void> {
        TRY_ASSIGN(const WebhookEndpoint endpoint, visible(tx, caller, id));
        key = endpoint.key;
        return {};
    }));
    return key;
}
Result<WebhookKey> keyForOwner(const WebhookDesk& desk, const domain::Caller& caller, const Id& id) {
    TRY_ASSIGN(const WebhookKey key, keyFor(desk, caller, id));
    TRY(checkOwner(caller));
    return key;
}

// Changes something of the endpoint while no delivery of its carrier is being noted down, and wakes whoever delivers.
Result<void> change(const WebhookDesk& desk, const WebhookKey& key,
                    const std::function<Result<void>(store::Tx&, WebhookEndpoint)>& work) {
    return desk.services.db.write(store::recordsWrite(key.shardKey, 4), [&](store::Tx& tx) -> Result<void> {
        TRY(store::holdWork(tx, store::deliveryOf(key.shardKey)));
        TRY_ASSIGN(auto endpoint, store::findWebhook(tx, key));
        if (!endpoint) return fail(noSuchWebhook());
        TRY(work(tx, std::move(*endpoint)));
        tx.announce(store::topicOf(store::deliveryOf(key.shardKey).lane));
        return {};
    });
}

Result<void> checkVersion(const WebhookEndpoint& endpoint, std::optional<std::int64_t> expected) {
    if (!expected || *expected == endpoint.version) return {};
    return fail(Error{ErrorKind::preconditionFailed,
                      "version-mismatch",
                      "The webhook endpoint was changed meanwhile. Read it again and repeat your change.",
                      {},
                      {},
                      0});
}

Result<WebhookView> viewOf(store::Tx& tx, const WebhookDesk& desk, WebhookEndpoint endpoint) {
    const Instant now = desk.services.clock.now();
    WebhookView view{std::move(endpoint), {}, {}, {}};
    const WebhookKey key = view.endpoint.key;
    TRY_ASSIGN(view.secrets, store::listWebhookSecrets(tx, key));
    std::erase_if(view.secrets, [&](const store::WebhookSecret& secret) { return !secret.isLive(now); });
    TRY_ASSIGN(view.backlog.missed, store::countMissed(tx, key));
    TRY_ASSIGN(const auto waiting, store::listWaiting(tx, key.shardKey));
    if (const auto found = std::ranges::find(waiting, key, &store::WaitingDeliveries::key); found != waiting.end()) {
        view.backlog.waiting = found->count;
        view.backlog.waitingSince = found->createdAt;
        if (view.endpoint.isEnabled) view.backlog.nextAttemptAt = found->dueAt;
    }
    TRY_ASSIGN(const auto cursors, store::listWebhookCursors(tx, key.shardKey));
    for (const auto& cursor : cursors) {
        const auto type = typeOfRecords(cursor.kind);
        if (cursor.key != key || !type || !isSubscribed(view.endpoint, *type)) continue;
        TRY_ASSIGN(const auto head, desk.services.lanes.head(tx, {key.shardKey, cursor.kind}));
        view.backlog.waiting += head.nextSequence - cursor.nextSequence;
    }
    return view;
}

Result<void> insertSecrets(store::Tx& tx, const std::vector<MadeSecret>& secrets) {
    for (const MadeSecret& made : secrets)
        TRY(store::insertWebhookSecret(tx, made.secret));
    return {};
}

void show(const std::vector<MadeSecret>& secrets, WebhookView& view) {
    for (const MadeSecret& made : secrets)
        if (made.shown) view.shown.emplace_back(made.secret.id, *made.shown);
}

// An endpoint begins at the ends of the lanes: it is told of what happens from now on.
Result<void> insertCursors(store::Tx& tx, const store::Lanes& lanes, const WebhookKey& key) {
    for (const WebhookType& type : webhookTypes()) {
        if (!type.lane) continue;
        TRY_ASSIGN(const auto head, lanes.head(tx, {key.shardKey, *type.lane}));
        TRY(store::putWebhookCursor(tx, {key, *type.lane, head.nextSequence}));
    }
    return {};
}

void disableFor(const domain::Caller& caller, WebhookEndpoint& endpoint, Instant now) {
    const bool isOwner = caller.role == domain::Role::carrier;
    endpoint.isEnabled = false;
    endpoint.disabledAt = now;
    endpoint.disabledReason = isOwner ? disabled::carrier : disabled::platform;
}

// What waits begins its schedule anew: what went wrong before says nothing of the receiver as it is now.
Result<void> enable(store::Tx& tx, const WebhookDesk& desk, const domain::Caller& caller, WebhookEndpoint& endpoint) {
    if (endpoint.disabledReason == disabled::platform && caller.role != domain::Role::platform)
        return fail(conflict("transition-not-allowed",
                             "The platform has disabled this webhook endpoint; the platform alone can enable it."));
    endpoint.isEnabled = true;
    endpoint.disabledAt.reset();
    endpoint.disabledReason.reset();
    endpoint.failingSince.reset();
    return store::restartDeliveries(tx, endpoint.key, desk.services.clock.now());
}

// Tells the carrier's endpoints what became of this one; an enabled one is itself told what it has missed.
Result<void> tellOfStatus(store::Tx& tx, const WebhookDesk& desk, const WebhookEndpoint& endpoint) {
    TRY_ASSIGN(const std::string data, endpointData(tx, endpoint));
    TRY(tellEndpoints(tx, desk.services, endpoint.key.shardKey, endpoint.key.endpointId,
                      endpoint.isEnabled ? webhook_type::endpointEnabled : webhook_type::endpointDisabled, data));
    TRY_ASSIGN(const auto missed, store::countMissed(tx, endpoint.key));
    if (!endpoint.isEnabled || missed.count == 0 || !isSubscribed(endpoint, webhook_type::deliveriesMissed)) return {};
    std::vector<WebhookDelivery> own{ownEvent(desk.services, webhook_type::deliveriesMissed, data)};
    return store::insertDeliveries(tx, endpoint.key, own);
}

Result<void> apply(store::Tx& tx, const WebhookDesk& desk, const domain::Caller& caller, const WebhookChange& wanted,
                   WebhookEndpoint endpoint) {
    if (wanted.url) endpoint.url = *wanted.url;
    if (wanted.description) endpoint.description = *wanted.description;
    if (wanted.types) endpoint.types = *wanted.types;
    if (wanted.payload) endpoint.payload = *wanted.payload;
    const bool isPlatformsTurn = wanted.isEnabled == false && caller.role == domain::Role::platform &&
                                 endpoint.disabledReason != disabled::platform;
    const bool isMoved = wanted.isEnabled && (*wanted.isEnabled != endpoint.isEnabled || isPlatformsTurn);
    if (isMoved && *wanted.isEnabled) TRY(enable(tx, desk, caller, endpoint));
    if (isMoved && !*wanted.isEnabled) disableFor(caller, endpoint, desk.services.clock.now());
    ++endpoint.version;
    TRY_ASSIGN(const bool updated, store::updateWebhook(tx, endpoint));
    if (!updated) return fail(internalError("a webhook endpoint changed under its own lock"));
    return isMoved ? tellOfStatus(tx, desk, endpoint) : Result<void>();
}

}  // namespace

Result<WebhookView> makeWebhook(const WebhookDesk& desk, const domain::Caller& caller, const NewWebhook& wanted) {
    const Services& services = desk.services;
    TRY_ASSIGN(const Id carrierId, carrierOf(caller, wanted.carrierId));
    TRY(checkOwner(caller));
    TRY(checkTypes(wanted.types));
    WebhookView view;
    WebhookEndpoint& endpoint = view.endpoint;
    TRY(services.db.read([&](store::Tx& tx) -> Result<void> {
        TRY_ASSIGN(const store::Carrier carrier, carrierIn(tx, carrierId));
        endpoint.key = {carrier.shardKey, makeId(services.clock, services.random)};
        return {};
    }));
    endpoint.carrierId = carrierId;
    endpoint.url = wanted.url;
    endpoint.description = wanted.description;
    endpoint.types = wanted.types;
    endpoint.payload = wanted.payload;
    endpoint.createdAt = services.clock.now();
    std::vector<MadeSecret> secrets;
    for (const SignatureKind kind : wanted.signatures.empty() ? std::vector{SignatureKind::hmac} : wanted.signatures)
        secrets.push_back(makeSecret(desk.seal, kind, endpoint.key, services.clock, services.random));
    TRY(services.db.write(store::recordsWrite(endpoint.key.shardKey, 4), [&](store::Tx& tx) -> Result<void> {
        TRY(store::holdWork(tx, store::deliveryOf(endpoint.key.shardKey)));
        TRY_ASSIGN(const auto existing, store::listWebhooks(tx, endpoint.key.shardKey));
        if (existing.size() >= desk.limits.endpointsPerCarrier)
            return fail(conflict("too-many-endpoints", "A carrier has at most " +
                                                           std::to_string(desk.limits.endpointsPerCarrier) +
                                                           " webhook endpoints. Delete one that is not used."));
        TRY(store::insertWebhook(tx, endpoint));
        TRY(insertCursors(tx, services.lanes, endpoint.key));
        return insertSecrets(tx, secrets);
    }));
    for (const MadeSecret& made : secrets)
        view.secrets.push_back(made.secret);
    show(secrets, view);
    return view;
}

Result<std::vector<WebhookView>> listWebhooks(const WebhookDesk& desk, const domain::Caller& caller,
                                              const WebhookQuery& query) {
    std::vector<WebhookView> views;
    if (query.carrierId) TRY(carrierOf(caller, query.carrierId));
    TRY(desk.services.db.read([&](store::Tx& tx) -> Result<void> {
        std::optional<std::int64_t> shardKey;
        if (query.carrierId) {
            TRY_ASSIGN(const store::Carrier carrier, carrierIn(tx, *query.carrierId));
            shardKey = carrier.shardKey;
        }
        TRY_ASSIGN(const auto endpoints, store::listWebhooks(tx, shardKey));
        for (const WebhookEndpoint& endpoint : endpoints) {
            if (views.size() == query.limit) break;
            if (!maySee(caller, endpoint.carrierId)) continue;
            if (query.after && endpoint.key.endpointId <= *query.after) continue;
            TRY_ASSIGN(auto view, viewOf(tx, desk, endpoint));
            views.push_back(std::move(view));
        }
        return {};
    }));
    return views;
}

Result<WebhookView> findWebhook(const WebhookDesk& desk, const domain::Caller& caller, const Id& id) {
    WebhookView view;
    TRY(desk.services.db.read([&](store::Tx& tx) -> Result<void> {
        TRY_ASSIGN(const WebhookEndpoint endpoint, visible(tx, caller, id));
        TRY_ASSIGN(view, viewOf(tx, desk, endpoint));
        return {};
    }));
    return view;
}

Result<WebhookView> changeWebhook(const WebhookDesk& desk, const domain::Caller& caller, const Id& id,
                                  std::optional<std::int64_t> expectedVersion, const WebhookChange& wanted) {
    TRY_ASSIGN(const WebhookKey key, keyFor(desk, caller, id));
    if (!wanted.isStatusAlone()) TRY(checkOwner(caller));
    if (wanted.types) TRY(checkTypes(*wanted.types));
    TRY(change(desk, key, [&](store::Tx& tx, WebhookEndpoint endpoint) -> Result<void> {
        TRY(checkVersion(endpoint, expectedVersion));
        return apply(tx, desk, caller, wanted, std::move(endpoint));
    }));
    return findWebhook(desk, caller, id);
}

Result<void> deleteWebhook(const WebhookDesk& desk, const domain::Caller& caller, const Id& id,
                           std::optional<std::int64_t> expectedVersion) {
    TRY_ASSIGN(const WebhookKey key, keyForOwner(desk, caller, id));
    return change(desk, key, [&](store::Tx& tx, const WebhookEndpoint& endpoint) -> Result<void> {
        TRY(checkVersion(endpoint, expectedVersion));
        return store::deleteWebhook(tx, key);
    });
}

Result<WebhookView> addWebhookSecret(const WebhookDesk& desk, const domain::Caller& caller, const Id& id,
                                     SignatureKind kind, std::optional<Instant> othersExpireAt) {
    TRY_ASSIGN(const WebhookKey key, keyForOwner(desk, caller, id));
    const Instant now = desk.services.clock.now();
    const std::vector<MadeSecret> made{makeSecret(desk.seal, kind, key, desk.services.clock, desk.services.random)};
    TRY(change(desk, key, [&](store::Tx& tx, WebhookEndpoint endpoint) -> Result<void> {
        if (othersExpireAt) TRY(store::expireWebhookSecrets(tx, key, name(kind), *othersExpireAt));
        TRY_ASSIGN(const auto secrets, store::listWebhookSecrets(tx, key));
        std::size_t live = 0;
        for (const store::WebhookSecret& secret : secrets) {
            live += secret.isLive(now) ? 1 : 0;
            if (!secret.isLive(now)) TRY(store::deleteWebhookSecret(tx, key, secret.id));
        }
        if (live >= desk.limits.secretsPerEndpoint)
            return fail(conflict("too-many-secrets", "A webhook endpoint has at most " +
                                                         std::to_string(desk.limits.secretsPerEndpoint) +
                                                         " live secrets. Delete one that is not used."));
        TRY(insertSecrets(tx, made));
        ++endpoint.version;
        TRY(store::updateWebhook(tx, endpoint));
        return {};
    }));
    TRY_ASSIGN(WebhookView view, findWebhook(desk, caller, id));
    show(made, view);
    return view;
}

Result<void> removeWebhookSecret(const WebhookDesk& desk, const domain::Caller& caller, const Id& id,
                                 const Id& secretId) {
    TRY_ASSIGN(const WebhookKey key, keyForOwner(desk, caller, id));
    return change(desk, key, [&](store::Tx& tx, WebhookEndpoint endpoint) -> Result<void> {
        TRY_ASSIGN(const auto secrets, store::listWebhookSecrets(tx, key));
        const Instant now = desk.services.clock.now();
        const auto isOther = [&](const store::WebhookSecret& one) { return one.id != secretId && !one.expiresAt; };
        const auto found = std::ranges::find(secrets, secretId, &store::WebhookSecret::id);
        if (found == secrets.end() || !found->isLive(now)) return fail(notFound("There is no such secret."));
        if (std::ranges::none_of(secrets, isOther))
            return fail(conflict("last-secret", "Deliveries would no longer be signed. Add another secret first."));
        TRY(store::deleteWebhookSecret(tx, key, secretId));
        ++endpoint.version;
        TRY(store::updateWebhook(tx, endpoint));
        return {};
    });
}

Result<WebhookDelivery> testWebhook(const WebhookDesk& desk, const domain::Caller& caller, const Id& id) {
    TRY_ASSIGN(const WebhookKey key, keyForOwner(desk, caller, id));
    const json::object data{{"endpointId", formatId(id)}, {"message", "This is a test. Nothing has happened."}};
    std::vector<WebhookDelivery> test{ownEvent(desk.services, webhook_type::test, json::serialize(data))};
    TRY(change(desk, key, [&](store::Tx& tx, const WebhookEndpoint& endpoint) -> Result<void> {
        if (endpoint.disabledReason == disabled::platform)
            return fail(conflict("transition-not-allowed", "The platform has disabled this webhook endpoint."));
        return store::insertDeliveries(tx, key, test);
    }));
    return test.front();
}

Result<std::vector<LoggedDelivery>> readWebhookLog(const WebhookDesk& desk, const domain::Caller& caller, const Id& id,
                                                   const store::DeliveryPage& page) {
    std::vector<LoggedDelivery> log;
    TRY(desk.services.db.read([&](store::Tx& tx) -> Result<void> {
        TRY_ASSIGN(const WebhookEndpoint endpoint, visible(tx, caller, id));
        TRY_ASSIGN(auto deliveries, store::listDeliveries(tx, endpoint.key, page));
        if (deliveries.empty()) return {};
        TRY_ASSIGN(const auto attempts,
                   store::listAttempts(tx, endpoint.key, deliveries.back().position, deliveries.front().position));
        for (WebhookDelivery& delivery : deliveries) {
            const auto ours =
                std::ranges::equal_range(attempts, delivery.position, {}, &store::WebhookAttempt::position);
            log.push_back({std::move(delivery), {ours.begin(), ours.end()}});
        }
        return {};
    }));
    return log;
}

Result<WebhookDelivery> replayDelivery(const WebhookDesk& desk, const domain::Caller& caller, const Id& id,
                                       const Id& deliveryId) {
    TRY_ASSIGN(const WebhookKey key, keyForOwner(desk, caller, id));
    WebhookDelivery replayed;
    TRY(change(desk, key, [&](store::Tx& tx, const WebhookEndpoint&) -> Result<void> {
        TRY_ASSIGN(const auto found, store::findDelivery(tx, key, deliveryId));
        if (!found) return fail(notFound("There is no such delivery."));
        replayed = *found;
        replayed.state = store::DeliveryState::waiting;
        replayed.roundAttempts = 0;
        replayed.roundBeganAt.reset();
        replayed.deliveredAt.reset();
        replayed.nextAttemptAt = desk.services.clock.now();
        return store::updateDelivery(tx, replayed);
    }));
    return replayed;
}

Result<std::int64_t> recoverWebhook(const WebhookDesk& desk, const domain::Caller& caller, const Id& id, Instant since,
                                    store::Recovered which) {
    TRY_ASSIGN(const WebhookKey key, keyForOwner(desk, caller, id));
    std::int64_t count = 0;
    TRY(change(desk, key, [&](store::Tx& tx, const WebhookEndpoint&) -> Result<void> {
        TRY_ASSIGN(count, store::recoverDeliveries(tx, key, since, which, desk.services.clock.now()));
        return {};
    }));
    return count;
}

}  // namespace meetpoint::exchange
