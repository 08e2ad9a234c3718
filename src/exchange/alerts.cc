#include "exchange/alerts.h"

#include <algorithm>

#include <boost/json.hpp>

#include "exchange/parties.h"
#include "store/leases.h"

namespace meetpoint::exchange {
namespace {

namespace json = boost::json;
using store::Alert;

Error noSuchAlert() {
    return notFound("There is no such alert.");
}

Result<void> tell(store::Tx& tx, const Services& services, const Alert& alert, std::string_view type) {
    if (!alert.carrierId) return {};  // the platform has no endpoints
    return tellCarrier(tx, services, alert.shardKey, type,
                       json::serialize(json::object{{"alertId", formatId(alert.id)}}));
}

Result<AlertView> viewOf(Alert alert) {
    AlertView view;
    TRY_ASSIGN(view.raised, readWindow(alert.raised));
    if (alert.cleared) {
        TRY_ASSIGN(view.cleared, readWindow(*alert.cleared));
    }
    view.alert = std::move(alert);
    return view;
}

// What only endpoints with the payload "full" are told.
void addWindow(json::object& data, const DecidingWindow& decided) {
    const quality::AlertWindow& window = decided.window;
    data["sentence"] = decided.sentence;
    for (auto& [name, value] : readingJson(window.reading))
        data[name] = value;
    data["from"] = formatInstant(window.from);
    data["to"] = formatInstant(window.to);
    if (window.baseline.median) data["usual"] = *window.baseline.median;
}

// The shard keys that a caller's alerts lie under; none: all.
Result<std::vector<std::optional<std::int64_t>>> shardsFor(store::Tx& tx, const domain::Caller& caller,
                                                           const std::optional<Id>& carrierId) {
    std::vector<Id> carriers = caller.carriers;
    if (carrierId) carriers = {*carrierId};
    if (!carrierId && caller.role != domain::Role::carrier) return std::vector{std::optional<std::int64_t>()};
    std::vector<std::optional<std::int64_t>> shards;
    for (const Id& id : carriers) {
        if (!maySeeAlertsOf(caller, id)) return fail(notFound("There is no such carrier."));
        TRY_ASSIGN(const store::Carrier carrier, carrierIn(tx, id));
        shards.emplace_back(carrier.shardKey);
    }
    return shards;
}

}  // namespace

bool maySeeAlertsOf(const domain::Caller& caller, const std::optional<Id>& carrierId) {
    switch (caller.role) {
        case domain::Role::platform:
            return true;
        case domain::Role::auditor:
            return carrierId.has_value();
        case domain::Role::carrier:
            return carrierId && caller.actsFor(*carrierId);
        case domain::Role::tenant:
            return false;
    }
    return false;
}

Result<void> raiseAlert(store::Tx& tx, const Services& services, const Alert& alert) {
    TRY(store::insertAlert(tx, alert));
    return tell(tx, services, alert, webhook_type::alertRaised);
}

Result<void> clearAlert(store::Tx& tx, const Services& services, Alert alert, std::string_view reason, Instant at,
                        const std::optional<DecidingWindow>& window) {
    alert.clearedAt = at;
    alert.clearReason = reason;
    if (window) alert.cleared = windowText(*window);
    TRY(store::clearAlert(tx, alert));
    return tell(tx, services, alert, webhook_type::alertCleared);
}

Result<void> clearAlertsOf(store::Tx& tx, const Services& services, const store::AlertRule& rule,
                           std::string_view reason) {
    TRY_ASSIGN(const auto states, store::listAlertStates(tx, rule.shardKey, rule.id));
    for (const store::AlertGroupState& state : states) {
        if (!state.alertId) continue;
        TRY_ASSIGN(auto alert, store::findAlert(tx, rule.shardKey, *state.alertId));
        if (!alert) return fail(internalError("an open alert has no row"));
        TRY(clearAlert(tx, services, std::move(*alert), reason, services.clock.now()));
    }
    return store::deleteAlertStates(tx, rule.shardKey, rule.id);
}

Result<std::vector<AlertView>> listAlerts(const Services& services, const domain::Caller& caller,
                                          const AlertQuery& query) {
    std::vector<Alert> alerts;
    if (caller.role == domain::Role::tenant && !query.carrierId) return std::vector<AlertView>();
    store::AlertPage page = query.page;
    page.withPlatforms = maySeeAlertsOf(caller, std::nullopt);
    TRY(services.db.read([&](store::Tx& tx) -> Result<void> {
        TRY_ASSIGN(const auto shards, shardsFor(tx, caller, query.carrierId));
        for (const auto& shard : shards) {
            TRY_ASSIGN(auto found, store::listAlerts(tx, shard, page));
            std::ranges::move(found, std::back_inserter(alerts));
        }
        return {};
    }));
    std::ranges::sort(alerts, std::greater<>(), &Alert::id);
    if (alerts.size() > page.limit) alerts.resize(page.limit);
    std::vector<AlertView> views;
    for (Alert& alert : alerts) {
        TRY_ASSIGN(auto view, viewOf(std::move(alert)));
        views.push_back(std::move(view));
    }
    return views;
}

Result<AlertView> findAlert(const Services& services, const domain::Caller& caller, const Id& id) {
    std::optional<Alert> found;
    TRY(services.db.read([&](store::Tx& tx) -> Result<void> {
        TRY_ASSIGN(found, store::findAlertAnywhere(tx, id));
        return {};
    }));
    if (!found || !maySeeAlertsOf(caller, found->carrierId)) return fail(noSuchAlert());
    return viewOf(std::move(*found));
}

Result<RecordEvent> alertEvent(store::Tx& tx, const PublicUrl& publicUrl, const store::WebhookEndpoint& endpoint,
                               const store::WebhookDelivery& delivery) {
    const json::value named = json::parse(delivery.data.value_or("{}"));
    const json::value* text = named.as_object().if_contains("alertId");
    const auto id = parseId(text && text->is_string() ? std::string(text->get_string()) : std::string());
    if (!id) return fail(internalError("an event of an alert does not name it"));
    TRY_ASSIGN(const auto found, store::findAlert(tx, endpoint.key.shardKey, *id));
    if (!found) return fail(noSuchAlert());
    TRY_ASSIGN(const AlertView view, viewOf(*found));
    const Alert& alert = view.alert;
    const bool isRaised = delivery.type == webhook_type::alertRaised;
    // What is told of the raising stays the same when the alert has ended meanwhile.
    const Instant at = isRaised ? alert.raisedAt : alert.clearedAt.value_or(delivery.createdAt);
    json::object data{{"alertId", formatId(alert.id)},
                      {"ruleId", formatId(alert.ruleId)},
                      {"state", isRaised ? "open" : "cleared"},
                      {"at", formatInstant(at)},
                      {"link", publicUrl + "/v1/alerts/" + formatId(alert.id)}};
    if (!isRaised) data["reason"] = alert.clearReason.value_or("");
    if (endpoint.payload == "full") {
        data["rule"] = alert.ruleName;
        data["kpi"] = alert.measure;
        data["group"] = json::parse(alert.groupKey);
        if (isRaised) addWindow(data, view.raised);
        if (!isRaised && view.cleared) addWindow(data, *view.cleared);
    }
    return RecordEvent{formatId(alert.id), at, json::serialize(data)};
}

}  // namespace meetpoint::exchange
