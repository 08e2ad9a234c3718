// Alerts: what is open, and what was.
#include "exchange/alerts.h"

#include <boost/json.hpp>

#include "api/endpoints.h"
#include "api/links.h"
#include "http/json.h"

namespace meetpoint::api {

using http::endpoint;
using http::Request;
using http::Response;

enum class AlertStatus { open, cleared };
BOOST_DESCRIBE_ENUM(AlertStatus, open, cleared)
enum class AlertEvent { raised, cleared };
BOOST_DESCRIBE_ENUM(AlertEvent, raised, cleared)

struct AlertPastHour {
    Instant from;
    std::optional<double> value;
    std::optional<std::uint64_t> numerator;
    std::uint64_t denominator;
    static constexpr http::FieldDoc docs[] = {
        {.field = "value", .what = "None where nothing was measured"},
        {.field = "numerator", .what = "Of ratios"},
    };
};
BOOST_DESCRIBE_STRUCT(AlertPastHour, (), (from, value, numerator, denominator))

struct AlertBaseline {
    std::optional<double> median;
    std::vector<AlertPastHour> hours;
    static constexpr http::FieldDoc docs[] = {
        {.field = "median", .what = "Of the hours with at least minimumDenominator"},
        {.field = "hours", .what = "The same hour of each of the days before"},
    };
};
BOOST_DESCRIBE_STRUCT(AlertBaseline, (), (median, hours))

struct AlertStep {
    AlertEvent event;
    Instant at;
    std::optional<std::string> reason;
    std::optional<std::string> sentence;
    std::optional<Instant> from;
    std::optional<Instant> to;
    std::optional<double> value;
    std::optional<std::uint64_t> numerator;
    std::optional<std::uint64_t> denominator;
    std::optional<AlertBaseline> baseline;
    static constexpr http::FieldDoc docs[] = {
        {.field = "reason",
         .what = "Of clearing: recovered; silent, nothing was known of it for long; ruleChanged; ruleDeleted"},
        {.field = "from", .what = "Of the window that decided; of clearing only where one did"},
        {.field = "numerator", .what = "Of ratios"},
        {.field = "baseline", .what = "Of rules about changes"},
    };
};
BOOST_DESCRIBE_STRUCT(AlertStep, (), (event, at, reason, sentence, from, to, value, numerator, denominator, baseline))

struct Alert {
    Id id;
    Id ruleId;
    std::string rule;
    std::optional<Id> carrierId;
    std::string kpi;
    boost::json::value group;
    AlertStatus status;
    Instant raisedAt;
    std::optional<Instant> clearedAt;
    std::string sentence;
    std::vector<AlertStep> history;
    static constexpr http::FieldDoc docs[] = {
        {.field = "rule", .what = "Its name when the alert was raised"},
        {.field = "carrierId", .what = "Whose rule it is; none: the platform's"},
        {.field = "group", .what = "A member for each of the rule's groupBy; null: the calls do not say"},
        {.field = "raisedAt", .what = "The end of the window that raised it"},
        {.field = "sentence", .what = "Of the raising"},
        {.field = "history", .what = "The raising, and the clearing where it is"},
    };
};
BOOST_DESCRIBE_STRUCT(Alert, (),
                      (id, ruleId, rule, carrierId, kpi, group, status, raisedAt, clearedAt, sentence, history))

struct AlertList {
    std::vector<Alert> items;
    std::optional<std::string> next;
};
BOOST_DESCRIBE_STRUCT(AlertList, (), (items, next))

namespace {

constexpr std::int64_t alertPage = 100;
constexpr std::string_view cursorName = "alerts";

void addWindow(AlertStep& step, const exchange::DecidingWindow& decided) {
    const quality::AlertWindow& window = decided.window;
    step.sentence = decided.sentence;
    step.from = window.from;
    step.to = window.to;
    step.value = window.reading.value;
    step.numerator = window.reading.numerator;
    step.denominator = window.reading.denominator;
    if (window.baseline.hours.empty()) return;
    AlertBaseline& baseline = step.baseline.emplace(AlertBaseline{window.baseline.median, {}});
    for (const quality::PastHour& hour : window.baseline.hours)
        baseline.hours.push_back({hour.from, hour.reading.value, hour.reading.numerator, hour.reading.denominator});
}

Alert wire(const exchange::AlertView& view) {
    const store::Alert& from = view.alert;
    Alert to{from.id,
             from.ruleId,
             from.ruleName,
             from.carrierId,
             from.measure,
             boost::json::parse(from.groupKey),
             from.clearedAt ? AlertStatus::cleared : AlertStatus::open,
             from.raisedAt,
             from.clearedAt,
             view.raised.sentence,
             {}};
    AlertStep raised;
    raised.event = AlertEvent::raised;
    raised.at = from.raisedAt;
    addWindow(raised, view.raised);
    to.history.push_back(std::move(raised));
    if (!from.clearedAt) return to;
    AlertStep cleared;
    cleared.event = AlertEvent::cleared;
    cleared.at = *from.clearedAt;
    cleared.reason = from.clearReason;
    if (view.cleared) addWindow(cleared, *view.cleared);
    to.history.push_back(std::move(cleared));
    return to;
}

Result<Response> list(const Context& context, const Request& request) {
    const domain::Caller& caller = callerOf(request);
    exchange::AlertQuery query;
    query.carrierId = request.query.id("carrierId");
    query.page.ruleId = request.query.id("ruleId");
    if (const auto status = request.query.text("status")) query.page.isOpen = *status == "open";
    if (const auto from = request.query.instant("from")) query.page.from = *from;
    if (const auto to = request.query.instant("to")) query.page.to = *to;
    if (const auto cursor = request.query.text("cursor")) {
        TRY_ASSIGN(query.page.before, context.cursors.readId(*cursor, cursorName, caller.clientId));
    }
    const auto limit = static_cast<std::size_t>(*request.query.integer("limit"));
    query.page.limit = limit + 1;
    TRY_ASSIGN(auto views, exchange::listAlerts(context.exchange, caller, query));
    const bool more = views.size() > limit;
    if (more) views.pop_back();
    AlertList page;
    for (const auto& view : views)
        page.items.push_back(wire(view));
    if (more) page.next = context.cursors.write(cursorName, views.back().alert.id, caller.clientId);
    Response response = http::jsonResponse(page);
    if (page.next) addNextLink(response, request, *page.next);
    return response;
}

http::EndpointBuilder declare(http::Route route, std::string operationId, std::string summary) {
    auto builder = endpoint(std::move(route), std::move(operationId));
    builder.tag("Alerts").summary(std::move(summary)).scope(std::string(domain::scope::qualityRead));
    return builder;
}

}  // namespace

std::vector<http::Endpoint> alertEndpoints(const Context& context) {
    std::vector<http::Endpoint> endpoints;
    endpoints.push_back(declare(http::get("/v1/alerts"), "listAlerts", "The alerts that the caller may see")
                            .query(http::instantParameter("from", "That were open at this time or later"))
                            .query(http::instantParameter("to", "That were raised before this"))
                            .query(http::choiceParameter("status", "As they are now", {"open", "cleared"}))
                            .query(http::idParameter("ruleId", "Of this rule"))
                            .query(http::idParameter("carrierId", "Of this carrier's own rules"))
                            .query(http::textParameter("cursor", "From `next` of the page before", 512))
                            .query(http::integerParameter("limit", "Alerts a page", 1, 1'000, alertPage))
                            .answers<AlertList>(200, "Newest first")
                            .problems({"bad-cursor"})
                            .handle([&context](const Request& request) { return list(context, request); }));
    endpoints.push_back(declare(http::get("/v1/alerts/{id}"), "readAlert", "One alert")
                            .path(http::idParameter("id", "The alert"))
                            .answers<Alert>(200, "The alert")
                            .handle([&context](const Request& request) -> Result<Response> {
                                TRY_ASSIGN(const auto view, exchange::findAlert(context.exchange, callerOf(request),
                                                                                *request.path.id("id")));
                                return http::jsonResponse(wire(view));
                            }));
    return endpoints;
}

}  // namespace meetpoint::api
