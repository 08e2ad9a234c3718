#include "exchange/webhook_events.h"

#include <algorithm>

#include <boost/json.hpp>
#include <fmt/format.h>

#include "base/hash.h"
#include "exchange/alerts.h"
#include "exchange/projection.h"
#include "formats/writer.h"
#include "store/leases.h"

namespace meetpoint::exchange {
namespace {

namespace json = boost::json;
using columns::AssignmentCore;
using columns::LaneKind;
using columns::Part;
using store::WebhookDelivery;
using store::WebhookEndpoint;

constexpr WebhookType types[] = {
    {webhook_type::assignmentChanged, LaneKind::assignments},
    {webhook_type::alertRaised, {}},
    {webhook_type::alertCleared, {}},
    {webhook_type::ticketChanged, {}, "ticketId", "/v1/tickets/"},
    {webhook_type::test, {}},
    {webhook_type::endpointDisabled, {}},
    {webhook_type::endpointEnabled, {}},
    {webhook_type::deliveriesMissed, {}},
};

std::string thinAssignment(const columns::Batch& core, const WebhookDelivery& delivery, const PublicUrl& publicUrl) {
    const std::string number = formatId(core[AssignmentCore::numberId].id(0));
    return json::serialize(json::object{{"eventId", formatId(delivery.eventId)},
                                        {"numberId", number},
                                        {"state", core[AssignmentCore::state].text(0)},
                                        {"sequence", delivery.sequence},
                                        {"link", publicUrl + "/v1/numbers/" + number}});
}

Result<RecordEvent> assignmentEvent(store::Tx& tx, const Services& services, const PublicUrl& publicUrl,
                                    const WebhookEndpoint& endpoint, const WebhookDelivery& delivery) {
    const store::LaneId lane{endpoint.key.shardKey, *delivery.kind};
    TRY_ASSIGN(auto slice, services.lanes.readFrom(tx, lane, delivery.sequence, 1, store::PartSet::all()));
    if (slice.sequences.empty() || slice.sequences.front() != delivery.sequence)
        return fail(notFound("There is no such record."));
    TRY(services.ledger.refresh(tx));
    const columns::Records records =
        project(services.ledger.view(), std::move(slice.records), domain::Role::carrier, services.clock.now());
    const columns::Batch& core = records.part(Part::core);
    RecordEvent event{formatId(core[AssignmentCore::numberId].id(0)), core[AssignmentCore::occurredAt].instant(0), {}};
    if (endpoint.payload != "full") {
        event.data = thinAssignment(core, delivery, publicUrl);
        return event;
    }
    const std::string carrier = formatId(endpoint.carrierId);
    const std::vector<std::uint64_t> sequences(slice.sequences.begin(), slice.sequences.end());
    event.data = formats::toJson(records, 0, {carrier, {}, sequences, slice.storedAt});
    return event;
}

// An event about one thing: what was noted down of it, with a link to where it is read.
Result<RecordEvent> linkedEvent(const WebhookType& type, const PublicUrl& publicUrl, const WebhookDelivery& delivery) {
    boost::system::error_code error;
    json::value data = json::parse(delivery.data.value_or("{}"), error);
    const json::value* id = data.is_object() ? data.get_object().if_contains(type.idField) : nullptr;
    if (error || !id || !id->is_string())
        return fail(internalError("an event does not name its " + std::string(type.idField)));
    const std::string subject(id->get_string());
    data.get_object()["link"] = publicUrl + std::string(type.path) + subject;
    return RecordEvent{subject, delivery.createdAt, json::serialize(data)};
}

}  // namespace

std::span<const WebhookType> webhookTypes() {
    return types;
}

std::optional<std::string_view> typeOfRecords(LaneKind lane) {
    const auto found = std::ranges::find(types, std::optional(lane), &WebhookType::lane);
    return found == std::end(types) ? std::nullopt : std::optional(found->name);
}

bool isSubscribed(const WebhookEndpoint& endpoint, std::string_view type) {
    return endpoint.types.empty() || type == webhook_type::test ||
           std::ranges::find(endpoint.types, type) != endpoint.types.end();
}

Id deliveryIdOf(const Id& endpointId, LaneKind kind, std::int64_t sequence) {
    Sha256Builder digest;
    digest.add(endpointId.view());
    digest.addU64(static_cast<std::uint64_t>(kind));
    digest.addU64(static_cast<std::uint64_t>(sequence));
    Id id = idFromBytes(ByteView(digest.finish()).first(Id().bytes.size()));
    id.bytes[6] = static_cast<std::uint8_t>((id.bytes[6] & 0x0F) | 0x80);  // RFC 9562, version 8
    id.bytes[8] = static_cast<std::uint8_t>((id.bytes[8] & 0x3F) | 0x80);
    return id;
}

WebhookDelivery ownEvent(const Services& services, std::string_view type, std::string data) {
    WebhookDelivery delivery;
    delivery.id = makeId(services.clock, services.random);
    delivery.eventId = makeId(services.clock, services.random);
    delivery.type = type;
    delivery.data = std::move(data);
    delivery.createdAt = services.clock.now();
    delivery.nextAttemptAt = delivery.createdAt;
    return delivery;
}

Result<void> tellEndpoints(store::Tx& tx, const Services& services, std::int64_t shardKey,
                           const std::optional<Id>& except, std::string_view type, const std::string& data) {
    TRY_ASSIGN(const auto endpoints, store::listWebhooks(tx, shardKey));
    WebhookDelivery event = ownEvent(services, type, data);
    for (const WebhookEndpoint& endpoint : endpoints) {
        if (!endpoint.isEnabled || endpoint.key.endpointId == except || !isSubscribed(endpoint, type)) continue;
        event.id = makeId(services.clock, services.random);
        std::vector<WebhookDelivery> one{event};
        TRY(store::insertDeliveries(tx, endpoint.key, one));
    }
    return {};
}

Result<void> tellCarrier(store::Tx& tx, const Services& services, std::int64_t shardKey, std::string_view type,
                         const std::string& data) {
    TRY(tellEndpoints(tx, services, shardKey, {}, type, data));
    tx.announce(store::topicOf(store::deliveryOf(shardKey).lane));
    return {};
}

Result<std::string> endpointData(store::Tx& tx, const WebhookEndpoint& endpoint) {
    TRY_ASSIGN(const auto missed, store::countMissed(tx, endpoint.key));
    json::object data{{"endpointId", formatId(endpoint.key.endpointId)},
                      {"status", endpoint.isEnabled ? "enabled" : "disabled"}};
    if (endpoint.disabledReason) data["reason"] = *endpoint.disabledReason;
    if (endpoint.disabledAt) data["disabledAt"] = formatInstant(*endpoint.disabledAt);
    if (endpoint.failingSince) data["failingSince"] = formatInstant(*endpoint.failingSince);
    json::object count{{"count", missed.count}};
    if (missed.since) count["since"] = formatInstant(*missed.since);
    if (missed.firstSequence) count["firstSequence"] = *missed.firstSequence;
    if (missed.lastSequence) count["lastSequence"] = *missed.lastSequence;
    data["missed"] = std::move(count);
    return json::serialize(data);
}

Result<std::string> eventBody(store::Tx& tx, const Services& services, const PublicUrl& publicUrl,
                              const WebhookEndpoint& endpoint, const WebhookDelivery& delivery) {
    RecordEvent event{formatId(endpoint.key.endpointId), delivery.createdAt, delivery.data.value_or("{}")};
    if (delivery.kind) {
        if (*delivery.kind != LaneKind::assignments) return fail(internalError("a lane without webhooks"));
        TRY_ASSIGN(event, assignmentEvent(tx, services, publicUrl, endpoint, delivery));
    } else if (delivery.type == webhook_type::alertRaised || delivery.type == webhook_type::alertCleared) {
        TRY_ASSIGN(event, alertEvent(tx, publicUrl, endpoint, delivery));
    } else if (const auto type = std::ranges::find(types, delivery.type, &WebhookType::name);
               type != std::end(types) && !type->idField.empty()) {
        TRY_ASSIGN(event, linkedEvent(*type, publicUrl, delivery));
    }
    json::object head{{"specversion", "1.0"},
                      {"id", formatId(delivery.eventId)},
                      {"source", publicUrl + "/v1/carriers/" + formatId(endpoint.carrierId)},
                      {"type", delivery.type},
                      {"subject", event.subject},
                      {"time", formatInstant(event.time)},
                      {"datacontenttype", "application/json"},
                      {"carrierid", formatId(endpoint.carrierId)}};
    // CloudEvents compares sequences as text: all have the same length.
    if (delivery.kind) head["sequence"] = fmt::format("{:019}", delivery.sequence);
    std::string body = json::serialize(head);
    body.pop_back();
    return body + ",\"data\":" + event.data + "}";
}

}  // namespace meetpoint::exchange
