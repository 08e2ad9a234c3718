// Alert rules: what is watched, and when it is worth an alert.
#include "exchange/alert_rules.h"

#include "api/endpoints.h"
#include "api/links.h"
#include "api/quality_wire.h"
#include "http/json.h"
#include "http/precondition.h"

namespace meetpoint::api {

using http::endpoint;
using http::Request;
using http::Response;

enum class AlertConditionKind { threshold, change };
BOOST_DESCRIBE_ENUM(AlertConditionKind, threshold, change)
enum class AlertSide { above, below };
BOOST_DESCRIBE_ENUM(AlertSide, above, below)
enum class AlertChangeMeasure { relative, absolute };
BOOST_DESCRIBE_ENUM(AlertChangeMeasure, relative, absolute)
enum class AlertRuleOwner { platform, carrier };
BOOST_DESCRIBE_ENUM(AlertRuleOwner, platform, carrier)
enum class AlertDirection { inbound, outbound };
BOOST_DESCRIBE_ENUM(AlertDirection, inbound, outbound)

struct AlertRuleCondition {
    AlertConditionKind kind;
    AlertSide side;
    double raiseAt;
    double clearAt;
    std::optional<std::int64_t> days;
    std::optional<AlertChangeMeasure> changeIs;
    static constexpr http::FieldDoc docs[] = {
        {.field = "kind", .what = "threshold: the value itself; change: against the same hour of the days before"},
        {.field = "side", .what = "On which side of raiseAt it is worth an alert"},
        {.field = "raiseAt",
         .what = "Strictly beyond it a window speaks for raising. Of changes: how far beyond usual"},
        {.field = "clearAt", .what = "Not beyond it a window speaks for clearing; between the two nothing changes"},
        {.field = "days", .what = "Of changes: whose median is usual; 7 if left out", .min = 1, .max = 28},
        {.field = "changeIs", .what = "Of changes: relative (default; 0.2 is a fifth of what is usual), or absolute"},
    };
};
BOOST_DESCRIBE_STRUCT(AlertRuleCondition, (), (kind, side, raiseAt, clearAt, days, changeIs))

struct AlertRuleFilters {
    std::optional<Id> tenantId;
    std::optional<std::vector<std::string>> trunks, regions, codecs, ownCountries, farEndCountries;
    std::optional<AlertDirection> direction;
    std::optional<std::vector<std::int32_t>> sipCodes, q850Causes;
    static constexpr http::FieldDoc docs[] = {
        {.field = "trunks", .maxLength = 100},          {.field = "regions", .maxLength = 100},
        {.field = "codecs", .maxLength = 100},          {.field = "ownCountries", .maxLength = 250},
        {.field = "farEndCountries", .maxLength = 250}, {.field = "sipCodes", .maxLength = 100},
        {.field = "q850Causes", .maxLength = 100},
    };
};
BOOST_DESCRIBE_STRUCT(AlertRuleFilters, (),
                      (tenantId, trunks, regions, codecs, ownCountries, farEndCountries, direction, sipCodes,
                       q850Causes))

struct AlertRuleWords {
    std::string name;
    std::string kpi;
    std::optional<std::string> statistic;
    AlertRuleCondition condition;
    std::optional<AlertRuleFilters> filters;
    std::optional<std::vector<std::string>> groupBy;
    std::optional<std::int64_t> windowMinutes;
    std::optional<std::uint64_t> minimumDenominator;
    std::optional<std::int64_t> windowsToRaise;
    std::optional<std::int64_t> windowsToClear;
    std::optional<std::string> timeZone;
    static constexpr http::FieldDoc docs[] = {
        {.field = "name", .minLength = 1, .maxLength = 200},
        {.field = "kpi", .what = "A ratio or figure of /v1/quality: ner, asr, poorStreams, jitterMs, mos …"},
        {.field = "statistic", .what = "Of figures: average (default), p1, p5, p50, p95 or p99"},
        {.field = "filters", .what = "All that is given must hold; of a list one"},
        {.field = "groupBy", .what = "An alert a group; as of /v1/quality, without hour and day", .maxLength = 4},
        {.field = "windowMinutes", .what = "A divisor of 60; 15 if left out", .min = 1, .max = 60},
        {.field = "minimumDenominator", .what = "A window with less says nothing; 20 if left out", .min = 1},
        {.field = "windowsToRaise", .what = "In a row; 2 if left out", .min = 1, .max = 100},
        {.field = "windowsToClear", .what = "In a row; 2 if left out", .min = 1, .max = 100},
        {.field = "timeZone",
         .what = "IANA name of the zone whose hours changes compare; UTC if left out",
         .maxLength = 64},
    };
};
BOOST_DESCRIBE_STRUCT(AlertRuleWords, (),
                      (name, kpi, statistic, condition, filters, groupBy, windowMinutes, minimumDenominator,
                       windowsToRaise, windowsToClear, timeZone))

struct AlertRule {
    Id id;
    AlertRuleOwner owner;
    std::optional<Id> carrierId;
    std::string name;
    std::string kpi;
    std::optional<std::string> statistic;
    AlertRuleCondition condition;
    AlertRuleFilters filters;
    std::vector<std::string> groupBy;
    std::int64_t windowMinutes = 15;
    std::uint64_t minimumDenominator = 20;
    std::int64_t windowsToRaise = 2;
    std::int64_t windowsToClear = 2;
    std::string timeZone;
    Instant createdAt;
    Instant evaluatedUntil;
    std::int64_t missedWindows = 0;
    std::optional<std::string> problem;
    std::optional<Instant> problemAt;
    static constexpr http::FieldDoc docs[] = {
        {.field = "carrierId", .what = "Whose calls it watches; of the platform's rules none for all"},
        {.field = "evaluatedUntil", .what = "Windows that end by then were looked at, or are among missedWindows"},
        {.field = "missedWindows", .what = "Too far back when their turn came, or impossible to answer"},
        {.field = "problem", .what = "The code of why the last window was missed"},
    };
};
BOOST_DESCRIBE_STRUCT(AlertRule, (),
                      (id, owner, carrierId, name, kpi, statistic, condition, filters, groupBy, windowMinutes,
                       minimumDenominator, windowsToRaise, windowsToClear, timeZone, createdAt, evaluatedUntil,
                       missedWindows, problem, problemAt))

struct AlertRuleList {
    std::vector<AlertRule> items;
    std::optional<std::string> next;
};
BOOST_DESCRIBE_STRUCT(AlertRuleList, (), (items, next))

namespace {

constexpr std::int64_t rulePage = 100;
constexpr std::string_view cursorName = "alertRules";

Error badRule(std::string message) {
    return invalidInput("bad-alert-rule", std::move(message));
}

Result<quality::Measure> measureOf(const AlertRuleWords& words) {
    const auto what = quality::readMeasured(words.kpi);
    if (!what) return fail(badRule("There is no ratio or figure '" + words.kpi + "'."));
    quality::Measure measure{*what, quality::Statistic::average};
    if (!words.statistic) return measure;
    const auto statistic = quality::readStatistic(*words.statistic);
    if (!statistic) return fail(badRule("There is no statistic '" + *words.statistic + "'."));
    if (measure.isRatio()) return fail(badRule("Ratios such as '" + words.kpi + "' have no 'statistic'."));
    measure.statistic = *statistic;
    return measure;
}

Result<quality::AlertCondition> conditionOf(const AlertRuleWords& words) {
    const AlertRuleCondition& from = words.condition;
    quality::AlertCondition condition;
    condition.side = from.side == AlertSide::above ? quality::Side::above : quality::Side::below;
    condition.raiseAt = from.raiseAt;
    condition.clearAt = from.clearAt;
    condition.minimumDenominator = words.minimumDenominator.value_or(20);
    condition.windowsToRaise = words.windowsToRaise.value_or(2);
    condition.windowsToClear = words.windowsToClear.value_or(2);
    if (from.kind == AlertConditionKind::change)
        condition.change =
            quality::Change{from.days.value_or(7),
                            from.changeIs.value_or(AlertChangeMeasure::relative) == AlertChangeMeasure::relative};
    else if (from.days || from.changeIs)
        return fail(badRule("'days' and 'changeIs' belong to conditions of kind change."));
    return condition;
}

using Texts = std::vector<std::string>;

Result<quality::Filters> filtersOf(const AlertRuleFilters& from) {
    quality::Filters filters;
    filters.tenant = from.tenantId;
    filters.trunks = from.trunks.value_or(Texts());
    filters.regions = from.regions.value_or(Texts());
    filters.codecs = from.codecs.value_or(Texts());
    filters.ownCountries = from.ownCountries.value_or(Texts());
    filters.farEndCountries = from.farEndCountries.value_or(Texts());
    for (const Texts* countries : {&filters.ownCountries, &filters.farEndCountries})
        TRY(checkCountries(*countries));
    if (from.direction)
        filters.direction =
            *from.direction == AlertDirection::inbound ? domain::Direction::inbound : domain::Direction::outbound;
    filters.sipCodes = from.sipCodes.value_or(std::vector<std::int32_t>());
    filters.q850Causes = from.q850Causes.value_or(std::vector<std::int32_t>());
    return filters;
}

Result<exchange::NewAlertRule> ruleOf(const Request& request, const AlertRuleWords& words) {
    exchange::NewAlertRule wanted;
    wanted.name = words.name;
    wanted.carrierId = request.query.id("carrierId");
    exchange::AlertDefinition& definition = wanted.definition;
    TRY_ASSIGN(definition.measure, measureOf(words));
    TRY_ASSIGN(definition.condition, conditionOf(words));
    TRY_ASSIGN(definition.filters, filtersOf(words.filters.value_or(AlertRuleFilters())));
    for (const std::string& word : words.groupBy.value_or(Texts())) {
        const auto dimension = quality::readDimension(word);
        if (!dimension) return fail(badRule("There is no '" + word + "' to group by."));
        if (std::ranges::find(definition.groupBy, *dimension) != definition.groupBy.end())
            return fail(badRule("'groupBy' names '" + word + "' twice."));
        definition.groupBy.push_back(*dimension);
    }
    definition.window = minutes(words.windowMinutes.value_or(15));
    TRY_ASSIGN(definition.zone, TimeZone::load(words.timeZone.value_or("UTC")));
    return wanted;
}

AlertRuleCondition wire(const quality::AlertCondition& from) {
    AlertRuleCondition to{from.change ? AlertConditionKind::change : AlertConditionKind::threshold,
                          from.side == quality::Side::above ? AlertSide::above : AlertSide::below,
                          from.raiseAt,
                          from.clearAt,
                          {},
                          {}};
    if (!from.change) return to;
    to.days = from.change->days;
    to.changeIs = from.change->isRelative ? AlertChangeMeasure::relative : AlertChangeMeasure::absolute;
    return to;
}

template <class T>
std::optional<std::vector<T>> given(const std::vector<T>& list) {
    return list.empty() ? std::nullopt : std::optional(list);
}

AlertRuleFilters wire(const quality::Filters& from) {
    AlertRuleFilters to{from.tenant,
                        given(from.trunks),
                        given(from.regions),
                        given(from.codecs),
                        given(from.ownCountries),
                        given(from.farEndCountries),
                        {},
                        given(from.sipCodes),
                        given(from.q850Causes)};
    if (from.direction)
        to.direction =
            *from.direction == domain::Direction::inbound ? AlertDirection::inbound : AlertDirection::outbound;
    return to;
}

AlertRule wire(const exchange::AlertRuleView& view) {
    const exchange::AlertDefinition& definition = view.definition;
    AlertRule to;
    to.id = view.rule.id;
    to.owner = view.rule.carrierId ? AlertRuleOwner::carrier : AlertRuleOwner::platform;
    to.carrierId = view.rule.carrierId ? view.rule.carrierId : definition.carrierId;
    to.name = view.rule.name;
    to.kpi = name(definition.measure);
    if (!definition.measure.isRatio()) to.statistic = name(definition.measure.statistic);
    to.condition = wire(definition.condition);
    to.filters = wire(definition.filters);
    for (const quality::Dimension dimension : definition.groupBy)
        to.groupBy.emplace_back(name(dimension));
    to.windowMinutes = definition.window.ms / minutes(1).ms;
    to.minimumDenominator = definition.condition.minimumDenominator;
    to.windowsToRaise = definition.condition.windowsToRaise;
    to.windowsToClear = definition.condition.windowsToClear;
    to.timeZone = definition.zone.name();
    to.createdAt = view.rule.createdAt;
    to.evaluatedUntil = view.rule.evaluatedUntil;
    to.missedWindows = view.rule.missedWindows;
    to.problem = view.rule.problem;
    to.problemAt = view.rule.problemAt;
    return to;
}

Response answer(const exchange::AlertRuleView& view, int status = 200) {
    Response response = http::jsonResponse(wire(view), status);
    response.headers.set("ETag", http::etagOf(static_cast<std::uint64_t>(view.rule.version)));
    return response;
}

Result<Response> list(const Context& context, const Request& request) {
    const domain::Caller& caller = callerOf(request);
    exchange::AlertRuleQuery query;
    query.carrierId = request.query.id("carrierId");
    if (const auto cursor = request.query.text("cursor")) {
        TRY_ASSIGN(query.after, context.cursors.readId(*cursor, cursorName, caller.clientId));
    }
    const auto limit = static_cast<std::size_t>(*request.query.integer("limit"));
    query.limit = limit + 1;
    TRY_ASSIGN(auto views, exchange::listAlertRules(context.alerts, caller, query));
    const bool more = views.size() > limit;
    if (more) views.pop_back();
    AlertRuleList page;
    for (const auto& view : views)
        page.items.push_back(wire(view));
    if (more) page.next = context.cursors.write(cursorName, views.back().rule.id, caller.clientId);
    Response response = http::jsonResponse(page);
    if (page.next) addNextLink(response, request, *page.next);
    return response;
}

// What is not the caller's answers like what does not exist, also without If-Match: the rule is looked for first.
Result<std::optional<std::int64_t>> versionOf(const Context& context, const Request& request, http::IfMatch demand) {
    TRY(exchange::findAlertRule(context.alerts, callerOf(request), *request.path.id("id")));
    TRY_ASSIGN(const auto version, http::expectedVersion(request, demand));
    return version ? std::optional(static_cast<std::int64_t>(*version)) : std::nullopt;
}

http::EndpointBuilder declare(http::Route route, std::string operationId, std::string summary, std::string_view scope) {
    auto builder = endpoint(std::move(route), std::move(operationId));
    builder.tag("Alerts").summary(std::move(summary)).scope(std::string(scope));
    return builder;
}

void addReading(std::vector<http::Endpoint>& endpoints, const Context& context) {
    namespace scope = domain::scope;
    endpoints.push_back(declare(http::get("/v1/alert-rules"), "listAlertRules",
                                "The alert rules that the caller may see", scope::qualityRead)
                            .query(http::idParameter("carrierId", "Of this carrier's own rules"))
                            .query(http::textParameter("cursor", "From `next` of the page before", 512))
                            .query(http::integerParameter("limit", "Rules a page", 1, 1'000, rulePage))
                            .answers<AlertRuleList>(200, "In order of id")
                            .problems({"bad-cursor"})
                            .handle([&context](const Request& request) { return list(context, request); }));
    endpoints.push_back(
        declare(http::get("/v1/alert-rules/{id}"), "readAlertRule", "One alert rule", scope::qualityRead)
            .path(http::idParameter("id", "The alert rule"))
            .answers<AlertRule>(200, "The rule, with its version as ETag")
            .handle([&context](const Request& request) -> Result<Response> {
                TRY_ASSIGN(const auto view,
                           exchange::findAlertRule(context.alerts, callerOf(request), *request.path.id("id")));
                return answer(view);
            }));
}

void addWriting(std::vector<http::Endpoint>& endpoints, const Context& context) {
    namespace scope = domain::scope;
    endpoints.push_back(
        declare(http::post("/v1/alert-rules"), "createAlertRule", "Watch a key figure from now on", scope::alertsManage)
            .query(http::idParameter("carrierId",
                                     "Where the client acts for several carriers; of the platform: watch this one's "
                                     "calls alone"))
            .answers<AlertRule>(201, "The rule, with its version as ETag")
            .problems(
                {"bad-alert-rule", "bad-country", "unknown-time-zone", "too-many-alert-rules", "carrier-required"})
            .handle<AlertRuleWords>(
                [&context](const Request& request, const AlertRuleWords& words) -> Result<Response> {
                    TRY_ASSIGN(const auto wanted, ruleOf(request, words));
                    TRY_ASSIGN(const auto made, exchange::makeAlertRule(context.alerts, callerOf(request), wanted));
                    return answer(made, 201);
                }));
    endpoints.push_back(
        declare(http::put("/v1/alert-rules/{id}"), "replaceAlertRule", "Say anew what is watched", scope::alertsManage)
            .path(http::idParameter("id", "The alert rule"))
            .description(
                "What is left out takes its default. `If-Match` with the `ETag` of the last read is needed. "
                "Another name changes nothing else; anything else ends the rule's open alerts and begins anew.")
            .answers<AlertRule>(200, "The rule as it is now")
            .problems({"bad-alert-rule", "bad-country", "unknown-time-zone", "alert-owner-only", "if-match-required",
                       "bad-if-match", "version-mismatch"})
            .handle<AlertRuleWords>(
                [&context](const Request& request, const AlertRuleWords& words) -> Result<Response> {
                    TRY_ASSIGN(const auto version, versionOf(context, request, http::IfMatch::required));
                    TRY_ASSIGN(const auto wanted, ruleOf(request, words));
                    TRY_ASSIGN(const auto changed, exchange::changeAlertRule(context.alerts, callerOf(request),
                                                                             *request.path.id("id"), version, wanted));
                    return answer(changed);
                }));
    endpoints.push_back(
        declare(http::delete_("/v1/alert-rules/{id}"), "deleteAlertRule", "Watch it no longer; its alerts end",
                scope::alertsManage)
            .path(http::idParameter("id", "The alert rule"))
            .answersNothing(204, "Deleted")
            .problems({"alert-owner-only", "bad-if-match", "version-mismatch"})
            .handle([&context](const Request& request) -> Result<Response> {
                TRY_ASSIGN(const auto version, versionOf(context, request, http::IfMatch::optional));
                TRY(exchange::deleteAlertRule(context.alerts, callerOf(request), *request.path.id("id"), version));
                return http::noContent();
            }));
}

}  // namespace

std::vector<http::Endpoint> alertRuleEndpoints(const Context& context) {
    std::vector<http::Endpoint> endpoints;
    addReading(endpoints, context);
    addWriting(endpoints, context);
    return endpoints;
}

}  // namespace meetpoint::api
