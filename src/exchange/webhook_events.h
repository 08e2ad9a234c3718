// What carriers are told by webhook: the types of events, and an event as CloudEvents 1.0 has it
// (https://cloudevents.io, structured mode, JSON).
#pragma once

#include "exchange/ledger_cache.h"
#include "exchange/services.h"
#include "store/webhooks.h"

namespace meetpoint::exchange {

namespace webhook_type {
inline constexpr std::string_view assignmentChanged = "number.assignment.changed";
inline constexpr std::string_view alertRaised = "alert.raised";
inline constexpr std::string_view alertCleared = "alert.cleared";
inline constexpr std::string_view ticketChanged = "ticket.changed";
inline constexpr std::string_view test = store::webhookTestType;
inline constexpr std::string_view endpointDisabled = "webhook.endpoint.disabled";
inline constexpr std::string_view endpointEnabled = "webhook.endpoint.enabled";
inline constexpr std::string_view deliveriesMissed = "webhook.deliveries.missed";
}  // namespace webhook_type

struct WebhookType {
    std::string_view name;
    std::optional<columns::LaneKind> lane;  // whose every record is such an event
    // Of events about one thing: which of their data names it, and where it is read. They are the same in either
    // payload.
    std::string_view idField = {}, path = {};
};
std::span<const WebhookType> webhookTypes();
// The type of a lane's records; nothing for lanes that no webhook tells of.
std::optional<std::string_view> typeOfRecords(columns::LaneKind lane);

// Tests are for every endpoint.
bool isSubscribed(const store::WebhookEndpoint& endpoint, std::string_view type);

// The webhook-id of a lane's record at an endpoint. Made of the two, so that whoever notes the event down, and however
// often, gives it the same one.
Id deliveryIdOf(const Id& endpointId, columns::LaneKind kind, std::int64_t sequence);

// An event of the exchange itself, due at once.
store::WebhookDelivery ownEvent(const Services& services, std::string_view type, std::string data);
// The same event to each enabled endpoint of the carrier that wants its type, `except` left out.
Result<void> tellEndpoints(store::Tx& tx, const Services& services, std::int64_t shardKey,
                           const std::optional<Id>& except, std::string_view type, const std::string& data);
// The same to all endpoints of the carrier, and lets whoever delivers know. The transaction holds the carrier's
// deliveries (store::deliveryOf).
Result<void> tellCarrier(store::Tx& tx, const Services& services, std::int64_t shardKey, std::string_view type,
                         const std::string& data);
// The JSON data of the events about an endpoint: its id, why and since when, what it has missed. Never its URL.
Result<std::string> endpointData(store::Tx& tx, const store::WebhookEndpoint& endpoint);

// Where readers reach the API: "https://exchange.example.com", or "" where that is not configured and links are
// relative.
using PublicUrl = std::string;

// What an event says: what it is about, when it happened, its JSON data.
struct RecordEvent {
    std::string subject;
    Instant time;
    std::string data;
};

// The body of the delivery as one event. A record is read from its lane and shown as a carrier may see it now: whole,
// as its feed has it, or ("thin") as ids and a link. Codes of Lanes::readFrom; not-found for a record that is not
// there.
Result<std::string> eventBody(store::Tx& tx, const Services& services, const PublicUrl& publicUrl,
                              const store::WebhookEndpoint& endpoint, const store::WebhookDelivery& delivery);

}  // namespace meetpoint::exchange
