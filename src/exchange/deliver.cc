#include "exchange/deliver.h"

#include <algorithm>
#include <utility>

#include "base/id.h"

namespace meetpoint::exchange {
namespace {

using store::WebhookDelivery;
using store::WebhookEndpoint;
using store::WebhookKey;

// Records of one lane that are looked at for one endpoint in one transaction.
constexpr std::size_t recordsPerNote = 4'096;
// Delivered events that one transaction removes from an endpoint's log.
constexpr std::size_t removedPerStep = 500;
constexpr Duration cleaningPause = hours(1);

double chanceOf(Random& random) {
    return static_cast<double>(random.next64() >> 11) * 0x1p-53;
}

}  // namespace

// What there is to do, read in one snapshot.
struct Deliveries::Overview {
    std::map<std::int64_t, std::vector<WebhookEndpoint>> endpoints;  // by shard key
    std::map<WebhookKey, store::WaitingDeliveries> waiting;
    std::map<WebhookKey, bool> hasNews;  // enabled ones for which a lane has more
    std::set<WebhookKey> dueTests;       // of disabled ones

    bool isDue(const WebhookEndpoint& endpoint, Instant now) const {
        const auto found = waiting.find(endpoint.key);
        if (found == waiting.end() || now < found->second.dueAt) return false;
        return endpoint.isEnabled || dueTests.contains(endpoint.key);
    }
};

// What one look has come to for one carrier.
struct Deliveries::Served {
    DeliveryDone done;
    std::vector<Outgoing> outgoing;
    std::vector<Sent> unsendable;
};

Deliveries::Deliveries(const Services& services, const WebhookLimits& limits, const SecretSeal& seal,
                       PublicUrl publicUrl, std::string userAgent)
    : services_(services),
      limits_(limits),
      seal_(seal),
      publicUrl_(std::move(publicUrl)),
      userAgent_(std::move(userAgent)),
      leases_(services.db, services.clock, makeId(services.clock, services.random), limits.lease) {}

Result<Deliveries::Overview> Deliveries::look(std::optional<std::int64_t> shardKey) {
    Overview overview;
    TRY(services_.db.read([&](store::Tx& tx) -> Result<void> {
        TRY_ASSIGN(auto endpoints, store::listWebhooks(tx, shardKey));
        std::map<WebhookKey, bool> isEnabled;
        for (WebhookEndpoint& endpoint : endpoints) {
            isEnabled.emplace(endpoint.key, endpoint.isEnabled);
            overview.endpoints[endpoint.key.shardKey].push_back(std::move(endpoint));
        }
        TRY_ASSIGN(const auto waiting, store::listWaiting(tx, shardKey));
        for (const auto& one : waiting) {
            overview.waiting.emplace(one.key, one);
            const auto found = isEnabled.find(one.key);
            if (found == isEnabled.end() || found->second || services_.clock.now() < one.dueAt) continue;
            TRY_ASSIGN(const auto tests, store::dueTests(tx, one.key, services_.clock.now(), 1));
            if (!tests.empty()) overview.dueTests.insert(one.key);
        }
        std::map<store::LaneId, std::int64_t> ends;
        TRY_ASSIGN(const auto cursors, store::listWebhookCursors(tx, shardKey));
        for (const auto& cursor : cursors) {
            const store::LaneId lane{cursor.key.shardKey, cursor.kind};
            const auto known = ends.find(lane);
            std::int64_t end = known == ends.end() ? 0 : known->second;
            if (end == 0) {
                TRY_ASSIGN(const store::LaneHead head, services_.lanes.head(tx, lane));
                end = ends[lane] = head.nextSequence;
            }
            const auto found = isEnabled.find(cursor.key);
            const auto full = overview.waiting.find(cursor.key);
            const bool hasRoom = full == overview.waiting.end() ||
                                 static_cast<std::size_t>(full->second.count) < limits_.waitingPerEndpoint;
            if (found != isEnabled.end() && found->second && hasRoom && cursor.nextSequence < end)
                overview.hasNews[cursor.key] = true;
        }
        return {};
    }));
    return overview;
}

Result<void> Deliveries::nextOfAll(std::vector<Outgoing>& out, const Report& report) {
    TRY_ASSIGN(const Overview overview, look({}));
    TRY(keepLeases(overview, report));
    oldestWaiting_.reset();
    std::vector<std::int64_t> shardKeys;
    for (const auto& [shardKey, endpoints] : overview.endpoints) {
        shardKeys.push_back(shardKey);
        for (const WebhookEndpoint& endpoint : endpoints)
            if (const auto found = overview.waiting.find(endpoint.key);
                endpoint.isEnabled && found != overview.waiting.end())
                oldestWaiting_ = std::min(oldestWaiting_.value_or(found->second.createdAt), found->second.createdAt);
    }
    const auto begin = std::ranges::upper_bound(shardKeys, lastServed_);
    std::rotate(shardKeys.begin(), begin, shardKeys.end());
    starved_.clear();
    isMoreToNote_ = false;
    for (const std::int64_t shardKey : shardKeys) {
        TRY(serveReported(shardKey, overview, report, out));
        DeliveryDone done;
        done.shardKey = shardKey;
        TRY(concluded(done, clean(shardKey, overview.endpoints.at(shardKey)), report));
    }
    return {};
}

Result<void> Deliveries::next(const std::set<std::int64_t>& shardKeys, std::vector<Outgoing>& out,
                              const Report& report) {
    std::set<std::int64_t> all = std::exchange(starved_, {});
    all.insert(shardKeys.begin(), shardKeys.end());
    isMoreToNote_ = false;
    for (const std::int64_t shardKey : all) {
        TRY_ASSIGN(const Overview overview, look(shardKey));
        TRY(serveReported(shardKey, overview, report, out));
    }
    return {};
}

Result<void> Deliveries::serveReported(std::int64_t shardKey, const Overview& overview, const Report& report,
                                       std::vector<Outgoing>& out) {
    Served served;
    served.done.shardKey = shardKey;
    const auto result = serve(shardKey, overview, served);
    std::ranges::move(served.outgoing, std::back_inserter(out));
    return concluded(served.done, result, report);
}

// An error that is about this carrier alone holds it up, and nobody else.
Result<void> Deliveries::concluded(DeliveryDone& done, const Result<void>& result, const Report& report) {
    const bool isLost = !result && result.error().code == leaseLostCode;
    if (isLost) {
        held_.erase(done.shardKey);
        done.leaseLost = true;
    }
    const bool isOfOthersToo = !result && !isLost && isOfTheStore(result.error());
    if (!result && !isLost && !isOfOthersToo) {
        done.failure = result.error();
        heldUpTill_[done.shardKey] = services_.clock.now() + limits_.afterFailure;
    }
    if (!done.isNothing()) report(done);
    return isOfOthersToo ? result : Result<void>();
}

Result<void> Deliveries::serve(std::int64_t shardKey, const Overview& overview, Served& served) {
    const Instant now = services_.clock.now();
    const auto heldUp = heldUpTill_.find(shardKey);
    if (heldUp != heldUpTill_.end() && now < heldUp->second) return {};
    const auto endpoints = overview.endpoints.find(shardKey);
    if (endpoints == overview.endpoints.end()) return {};
    const bool hasNews = std::ranges::any_of(
        endpoints->second, [&](const WebhookEndpoint& one) { return overview.hasNews.contains(one.key); });
    const bool isDue =
        std::ranges::any_of(endpoints->second, [&](const WebhookEndpoint& one) { return overview.isDue(one, now); });
    if (!hasNews && !isDue) return {};
    TRY_ASSIGN(const bool leads, lead(shardKey));
    if (!leads) return {};
    busyAt_[shardKey] = now;
    lastServed_ = shardKey;
    if (hasNews) TRY(note(shardKey, served.done));
    TRY(collect(shardKey, served));
    if (served.unsendable.empty()) return {};
    return settleOf(shardKey, served.unsendable, served.done);
}

// Whether this node delivers for the carrier.
Result<bool> Deliveries::lead(std::int64_t shardKey) {
    if (held_.contains(shardKey)) return true;
    TRY_ASSIGN(const auto lease, leases_.take(store::deliveryOf(shardKey)));
    if (lease) held_.emplace(shardKey, *lease);
    return lease.has_value();
}

Result<void> Deliveries::write(std::int64_t shardKey, std::size_t rows, const store::TxFunction& work) {
    const store::Lease lease = held_.at(shardKey);
    TRY(leases_.demand(lease));
    return services_.db.write(store::recordsWrite(shardKey, rows), [&](store::Tx& tx) -> Result<void> {
        TRY(store::checkFence(tx, lease));
        return work(tx);
    });
}

// Moves the cursors on over what the lanes have, and notes down what the endpoints are to be told of it.
Result<void> Deliveries::note(std::int64_t shardKey, DeliveryDone& done) {
    bool isMore = false;
    TRY(write(shardKey, limits_.waitingPerEndpoint, [&](store::Tx& tx) -> Result<void> {
        done.noted = 0;
        isMore = false;
        TRY_ASSIGN(const auto endpoints, store::listWebhooks(tx, shardKey));
        TRY_ASSIGN(const auto cursors, store::listWebhookCursors(tx, shardKey));
        TRY_ASSIGN(const auto waiting, store::listWaiting(tx, shardKey));
        for (const auto& cursor : cursors) {
            const auto endpoint = std::ranges::find(endpoints, cursor.key, &WebhookEndpoint::key);
            if (endpoint == endpoints.end() || !endpoint->isEnabled) continue;
            const auto already = std::ranges::find(waiting, cursor.key, &store::WaitingDeliveries::key);
            const std::size_t count = already == waiting.end() ? 0 : static_cast<std::size_t>(already->count);
            if (count >= limits_.waitingPerEndpoint) continue;
            TRY_ASSIGN(const Noted noted, noteFor(tx, *endpoint, cursor, limits_.waitingPerEndpoint - count));
            done.noted += noted.events;
            isMore |= noted.isMore;
        }
        return {};
    }));
    if (isMore) starved_.insert(shardKey);
    isMoreToNote_ |= isMore;
    return {};
}

Result<Deliveries::Noted> Deliveries::noteFor(store::Tx& tx, const WebhookEndpoint& endpoint,
                                              store::WebhookCursor cursor, std::size_t room) {
    Noted noted;
    const store::LaneId lane{cursor.key.shardKey, cursor.kind};
    const auto type = typeOfRecords(cursor.kind);
    const bool isWanted = type && isSubscribed(endpoint, *type);
    TRY_ASSIGN(const store::LaneHead head, services_.lanes.head(tx, lane));
    std::size_t read = 0;
    while (cursor.nextSequence < head.nextSequence && noted.events < room && read < recordsPerNote) {
        TRY_ASSIGN(const auto slice, services_.lanes.readFrom(tx, lane, cursor.nextSequence,
                                                              isWanted ? room - noted.events : recordsPerNote, {}));
        if (slice.sequences.empty()) break;
        std::vector<WebhookDelivery> deliveries;
        const auto key = static_cast<std::size_t>(columns::schemaOf(cursor.kind).key);
        for (std::size_t row = 0; isWanted && row < slice.sequences.size(); ++row) {
            WebhookDelivery& one = deliveries.emplace_back();
            one.type = *type;
            one.kind = cursor.kind;
            one.sequence = slice.sequences[row];
            one.id = deliveryIdOf(endpoint.key.endpointId, cursor.kind, one.sequence);
            one.eventId = slice.records.part(columns::Part::core)[key].id(row);
            one.createdAt = services_.clock.now();
            one.nextAttemptAt = one.createdAt;
        }
        TRY(store::insertDeliveries(tx, endpoint.key, deliveries));
        noted.events += deliveries.size();
        read += slice.sequences.size();
        cursor.nextSequence = slice.sequences.back() + 1;
    }
    TRY(store::putWebhookCursor(tx, cursor));
    noted.isMore = cursor.nextSequence < head.nextSequence && noted.events < room;
    return noted;
}

Result<void> Deliveries::collect(std::int64_t shardKey, Served& served) {
    return services_.db.read([&](store::Tx& tx) -> Result<void> {
        TRY_ASSIGN(const auto endpoints, store::listWebhooks(tx, shardKey));
        for (const WebhookEndpoint& endpoint : endpoints)
            TRY(collectOf(tx, endpoint, served));
        return {};
    });
}

std::size_t Deliveries::inFlightTo(const WebhookKey& key) const {
    return static_cast<std::size_t>(
        std::ranges::count_if(inFlight_, [&](const auto& one) { return one.first.first == key; }));
}

// How many more attempts may go to the endpoint now. Failing ones share a part of the node's room, and have one each:
// however many receivers are dead or slow, room is left for those that answer.
std::size_t Deliveries::roomFor(const WebhookEndpoint& endpoint) const {
    const auto left = [](std::size_t limit, std::size_t used) { return limit - std::min(limit, used); };
    const std::size_t here = inFlightTo(endpoint.key), ofNode = left(limits_.requestsInFlight, inFlight_.size());
    if (!endpoint.failingSince) return std::min(ofNode, left(limits_.requestsPerEndpoint, here));
    const auto failing = std::ranges::count_if(inFlight_, [](const auto& one) { return one.second; });
    return std::min({ofNode, left(limits_.requestsToFailing, static_cast<std::size_t>(failing)), left(1, here)});
}

Result<void> Deliveries::collectOf(store::Tx& tx, const WebhookEndpoint& endpoint, Served& served) {
    const Instant now = services_.clock.now();
    const std::size_t here = inFlightTo(endpoint.key), room = roomFor(endpoint);
    if (room == 0) {
        if (here == 0) starved_.insert(endpoint.key.shardKey);
        return {};
    }
    const std::size_t wanted = here + room;
    TRY_ASSIGN(const auto due, endpoint.isEnabled ? store::dueDeliveries(tx, endpoint.key, now, wanted)
                                                  : store::dueTests(tx, endpoint.key, now, wanted));
    if (due.empty()) return {};
    TRY_ASSIGN(const auto secrets, store::listWebhookSecrets(tx, endpoint.key));
    std::size_t taken = 0;
    for (const WebhookDelivery& delivery : due) {
        const Place place{endpoint.key, delivery.position};
        if (taken == room) break;
        if (inFlight_.contains(place)) continue;
        ++taken;
        auto composed = compose(tx, endpoint, secrets, delivery);
        if (!composed && isOfTheStore(composed.error())) return fail(std::move(composed).error());
        if (!composed) {
            served.unsendable.push_back({endpoint.key, delivery.position, now, {}, {}, composed.error().code, {}});
            continue;
        }
        inFlight_.emplace(place, endpoint.failingSince.has_value());
        served.outgoing.push_back(std::move(*composed));
    }
    return {};
}

Result<Outgoing> Deliveries::compose(store::Tx& tx, const WebhookEndpoint& endpoint,
                                     const std::vector<store::WebhookSecret>& secrets,
                                     const WebhookDelivery& delivery) {
    Outgoing out{endpoint.key, delivery.position, endpoint.url, {}, {}};
    TRY_ASSIGN(out.body, eventBody(tx, services_, publicUrl_, endpoint, delivery));
    const Instant now = services_.clock.now();
    const std::string id = formatId(delivery.id);
    const std::int64_t timestamp = now.ms / 1000;
    TRY_ASSIGN(std::string signatures, signaturesOf(seal_, secrets, now, {id, timestamp, out.body}));
    if (signatures.empty()) return fail(corrupt("a webhook endpoint has no live secret"));
    out.headers = {{"Content-Type", "application/cloudevents+json; charset=utf-8"},
                   {"User-Agent", userAgent_},
                   {"webhook-id", id},
                   {"webhook-timestamp", std::to_string(timestamp)},
                   {"webhook-signature", std::move(signatures)}};
    return out;
}

void Deliveries::release() {
    for (const auto& [shardKey, lease] : held_)
        (void)leases_.release(lease);  // else it passes on by itself, later
    held_.clear();
}

// Leases are renewed while there is nothing to do, too; after a while of that they are given back, so that a carrier's
// next event finds whichever node is quickest.
Result<void> Deliveries::keepLeases(const Overview& overview, const Report& report) {
    if (!services_.db.isShared()) return {};  // there is nobody else
    const Instant now = services_.clock.now();
    const std::map<std::int64_t, store::Lease> held = held_;
    for (const auto& [shardKey, lease] : held) {
        const auto isBusy = [&, shard = shardKey](const auto& one) {
            return one.first.shardKey == shard && one.second.dueAt < now + limits_.lease;
        };
        const bool isIdle = now - busyAt_[shardKey] > limits_.lease && std::ranges::none_of(overview.waiting, isBusy) &&
                            std::ranges::none_of(inFlight_, [shard = shardKey](const auto& one) {
                                return one.first.first.shardKey == shard;
                            });
        if (isIdle) {
            TRY(leases_.release(lease));
            held_.erase(shardKey);
            continue;
        }
        TRY_ASSIGN(const bool kept, leases_.keep(lease));
        if (kept) continue;
        held_.erase(shardKey);
        DeliveryDone done;
        done.shardKey = shardKey;
        done.leaseLost = true;
        report(done);
    }
    return {};
}

// Delivered events leave the log after a time.
Result<void> Deliveries::clean(std::int64_t shardKey, const std::vector<WebhookEndpoint>& endpoints) {
    const Instant now = services_.clock.now();
    Instant& cleanedAt = cleanedAt_.try_emplace(shardKey, now).first->second;
    if (now - cleanedAt < cleaningPause) return {};
    TRY_ASSIGN(const bool leads, lead(shardKey));
    cleanedAt = now;
    if (!leads) return {};
    for (const WebhookEndpoint& endpoint : endpoints)
        for (std::size_t removed = removedPerStep; removed == removedPerStep;)
            TRY(write(shardKey, removedPerStep, [&](store::Tx& tx) -> Result<void> {
                TRY_ASSIGN(removed,
                           store::removeDelivered(tx, endpoint.key, now - limits_.keepDelivered, removedPerStep));
                return {};
            }));
    return {};
}

Result<void> Deliveries::settle(std::vector<Sent>& sent, const Report& report) {
    while (!sent.empty()) {
        const std::int64_t shardKey = sent.front().key.shardKey;
        const auto rest =
            std::ranges::stable_partition(sent, [&](const Sent& one) { return one.key.shardKey == shardKey; });
        const std::vector<Sent> ours(sent.begin(), rest.begin());
        DeliveryDone done;
        done.shardKey = shardKey;
        const auto settled = settleOf(shardKey, ours, done);
        TRY(concluded(done, settled, report));
        for (const Sent& one : ours)
            inFlight_.erase({one.key, one.position});
        sent.erase(sent.begin(), rest.begin());
    }
    return {};
}

// What cannot be written down because the lease has passed on is as if it had not been sent: whoever has the lease
// sends it again, under the same id.
Result<void> Deliveries::settleOf(std::int64_t shardKey, const std::vector<Sent>& sent, DeliveryDone& done) {
    if (!held_.contains(shardKey)) {
        done.leaseLost = true;
        return {};
    }
    return write(shardKey, 2 * sent.size(), [&](store::Tx& tx) -> Result<void> {
        done.delivered = done.failed = done.missed = 0;
        done.disabled.clear();
        std::set<WebhookKey> missed;
        for (const Sent& one : sent)
            TRY(settleOne(tx, one, missed, done));
        for (const WebhookKey& key : missed) {
            TRY_ASSIGN(const auto endpoint, store::findWebhook(tx, key));
            TRY_ASSIGN(const std::string data, endpointData(tx, *endpoint));
            TRY(tellEndpoints(tx, services_, shardKey, {}, webhook_type::deliveriesMissed, data));
        }
        return {};
    });
}

Result<void> Deliveries::settleOne(store::Tx& tx, const Sent& sent, std::set<WebhookKey>& missed, DeliveryDone& done) {
    TRY_ASSIGN(auto endpoint, store::findWebhook(tx, sent.key));
    TRY_ASSIGN(auto delivery, store::findDeliveryAt(tx, sent.key, sent.position));
    if (!endpoint || !delivery) return {};  // deleted meanwhile
    const Verdict verdict =
        judge(limits_, *endpoint, std::move(*delivery), sent, services_.clock.now(), chanceOf(services_.random));
    TRY(store::updateDelivery(tx, verdict.delivery));
    TRY(store::insertAttempt(tx, sent.key,
                             {sent.position, verdict.delivery.attempts, sent.at, sent.took, sent.status, sent.error},
                             static_cast<std::int64_t>(limits_.attemptsKept)));
    if (verdict.failingSince != endpoint->failingSince)
        TRY(store::setWebhookFailing(tx, sent.key, verdict.failingSince));
    endpoint->failingSince = verdict.failingSince;
    ++(sent.isSuccess() ? done.delivered : done.failed);
    if (verdict.disables && endpoint->isEnabled) TRY(disable(tx, *endpoint, *verdict.disables, done));
    if (!verdict.isMissed) return {};
    ++done.missed;
    // Events about endpoints are no reason for more of them.
    if (verdict.delivery.kind) missed.insert(sent.key);
    return {};
}

Result<void> Deliveries::disable(store::Tx& tx, WebhookEndpoint endpoint, std::string_view why, DeliveryDone& done) {
    endpoint.isEnabled = false;
    endpoint.disabledAt = services_.clock.now();
    endpoint.disabledReason = why;
    ++endpoint.version;
    TRY(store::updateWebhook(tx, endpoint));
    TRY_ASSIGN(const std::string data, endpointData(tx, endpoint));
    TRY(tellEndpoints(tx, services_, endpoint.key.shardKey, endpoint.key.endpointId, webhook_type::endpointDisabled,
                      data));
    done.disabled.emplace_back(endpoint.key.endpointId, why);
    return {};
}

}  // namespace meetpoint::exchange
