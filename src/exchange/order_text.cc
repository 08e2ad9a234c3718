#include "exchange/order_text.h"

#include <boost/json.hpp>

namespace meetpoint::exchange {
namespace {

namespace json = boost::json;

void put(json::object& into, std::string_view name, const std::optional<std::string>& text) {
    if (text) into[name] = *text;
}

std::optional<std::string> textAt(const json::object& from, std::string_view name) {
    const auto* value = from.if_contains(name);
    if (!value || !value->is_string()) return std::nullopt;
    return std::string(value->get_string());
}

Result<json::object> objectOf(const std::string& text) {
    json::error_code failed;
    const json::value value = json::parse(text, failed);
    if (failed || !value.is_object()) return fail(corrupt("an order's text cannot be read"));
    return value.get_object();
}

}  // namespace

std::string textOf(const NumberOrder& order) {
    json::object text{{"kind", name(order.kind)}, {"usage", order.usage}, {"dryRun", order.dryRun}};
    put(text, "additionalUsage", order.additionalUsage);
    if (!order.capabilities.empty())
        text["capabilities"] = json::array(order.capabilities.begin(), order.capabilities.end());
    put(text, "country", order.country);
    put(text, "locationId", order.locationId);
    put(text, "callingProfileId", order.callingProfileId);
    put(text, "ticketId", order.ticketId);
    if (order.portAt) text["portAt"] = order.portAt->ms;
    return json::serialize(text);
}

Result<NumberOrder> readOrder(const std::string& text) {
    TRY_ASSIGN(const json::object from, objectOf(text));
    NumberOrder order;
    const auto kind = textAt(from, "kind");
    for (const OrderKind one :
         {OrderKind::upload, OrderKind::release, OrderKind::port, OrderKind::assign, OrderKind::unassign})
        if (kind == name(one)) order.kind = one;
    order.usage = textAt(from, "usage").value_or(order.usage);
    order.additionalUsage = textAt(from, "additionalUsage");
    if (const auto* list = from.if_contains("capabilities"); list && list->is_array())
        for (const auto& one : list->get_array())
            if (one.is_string()) order.capabilities.emplace_back(one.get_string());
    order.country = textAt(from, "country");
    order.locationId = textAt(from, "locationId");
    order.callingProfileId = textAt(from, "callingProfileId");
    order.ticketId = textAt(from, "ticketId");
    if (const auto* at = from.if_contains("portAt"); at && at->is_int64()) order.portAt = Instant{at->get_int64()};
    if (const auto* dry = from.if_contains("dryRun"); dry && dry->is_bool()) order.dryRun = dry->get_bool();
    return order;
}

std::string textOf(const OrderedNumber& number) {
    json::object text;
    put(text, "reference", number.reference);
    if (number.targetId) text["targetId"] = formatId(*number.targetId);
    put(text, "userPrincipalName", number.userPrincipalName);
    put(text, "sipUri", number.sipUri);
    put(text, "category", number.category);
    put(text, "reason", number.reason);
    return json::serialize(text);
}

Result<OrderedNumber> readOrderedNumber(const store::OperationNumber& number) {
    TRY_ASSIGN(const json::object from, objectOf(number.request));
    OrderedNumber ordered;
    ordered.telephoneNumber = number.telephoneNumber;
    ordered.reference = textAt(from, "reference");
    if (const auto target = textAt(from, "targetId")) {
        TRY_ASSIGN(ordered.targetId, parseId(*target));
    }
    ordered.userPrincipalName = textAt(from, "userPrincipalName");
    ordered.sipUri = textAt(from, "sipUri");
    ordered.category = textAt(from, "category");
    ordered.reason = textAt(from, "reason");
    return ordered;
}

}  // namespace meetpoint::exchange
