// Searching calls: with query parameters, or with a body, which keeps numbers out of addresses.
#include "api/call_filter_wire.h"
#include "api/endpoints.h"
#include "api/record_page.h"
#include "api/record_schema.h"

namespace meetpoint::api {

using http::endpoint;
using http::Request;
using http::Response;

struct CallSearch : CallFilter {
    std::optional<std::string> cursor;
    std::optional<std::int64_t> limit;
    static constexpr auto docs = docsWith(
        CallFilter::docs, {{.field = "cursor", .what = "From `next` of the page before", .maxLength = 512},
                           {.field = "limit", .what = "Calls a page; 100 if left out", .min = 1, .max = 1'000}});
};
BOOST_DESCRIBE_STRUCT(CallSearch, (CallFilter), (cursor, limit))

namespace {

constexpr std::size_t defaultPage = 100;
constexpr std::int64_t highestCode = INT32_MAX, longestMs = INT64_MAX;

constexpr const char* aboutSearching =
    "All that is given must hold, of a call as the caller is shown it. Calls come in order of `invitedAt` and "
    "`callId`. A "
    "page ends when it is full, or when it has done as much work as one page may: it may hold few calls or none and "
    "still "
    "have a `next`; without one, everything was looked through. Each page shows what is newest when it is read. A call "
    "whose newer version arrives meanwhile comes at most once, unless that version has another time: then it may come "
    "again, or, moved behind where you are, not at all in this search. The feed has every version.";

exchange::CallSearch searchOf(const CallSearch& body) {
    exchange::CallSearch search = searchOf(static_cast<const CallFilter&>(body));
    search.range.limit = as<std::size_t>(body.limit).value_or(defaultPage);
    search.range.cursor = body.cursor;
    return search;
}

template <class Enum>
std::optional<Enum> wordIn(const http::ParameterValues& query, std::string_view name, std::string_view words) {
    const auto text = query.text(name);
    const auto index = text ? domain::indexIn(words, *text) : std::nullopt;
    return as<Enum>(index);
}

std::optional<bool> flagIn(const http::ParameterValues& query, std::string_view name) {
    if (!query.has(name)) return std::nullopt;
    return query.boolean(name);
}

exchange::CallSearch searchOf(const Request& request) {
    const http::ParameterValues& query = request.query;
    exchange::CallSearch search;
    search.range = rangeOf(request);
    search.callId = query.id("callId");
    exchange::CallConditions& c = search.conditions;
    c.tenantId = query.id("tenantId");
    c.userId = query.id("userId");
    c.ownNumber = query.text("ownNumber");
    c.ownNumberStartsWith = query.text("ownNumberStartsWith");
    c.farEndNumber = query.text("farEndNumber");
    c.farEndNumberStartsWith = query.text("farEndNumberStartsWith");
    c.sipCallId = query.text("sipCallId");
    c.correlationId = query.text("correlationId");
    c.trunk = query.text("trunk");
    c.callType = query.text("callType");
    c.direction = wordIn<domain::Direction>(query, "direction", "inbound,outbound");
    c.quality = wordIn<domain::StreamQuality>(query, "quality", domain::qualityNames);
    c.finalSipCode = as<std::int32_t>(query.integer("finalSipCode"));
    c.q850Cause = as<std::int32_t>(query.integer("q850Cause"));
    c.minDurationMs = query.integer("minDurationMs");
    c.maxDurationMs = query.integer("maxDurationMs");
    c.answered = flagIn(query, "answered");
    c.emergency = flagIn(query, "emergency");
    c.isTest = flagIn(query, "isTest");
    return search;
}

Result<Response> answer(const Context& context, const Request& request, exchange::CallSearch search) {
    search.conditions.qualityLimits = context.quality.limits.stream;
    TRY_ASSIGN(const auto page,
               exchange::searchCalls(context.exchange, context.limits, context.cursors, callerOf(request), search));
    return recordPage(page, request);
}

http::Parameter flag(std::string name, std::string what) {
    http::Parameter parameter = http::booleanParameter(std::move(name), std::move(what));
    parameter.defaultValue.reset();
    return parameter;
}

void addConditions(http::EndpointBuilder& builder) {
    builder.query(http::idParameter("tenantId", "Of this tenant"))
        .query(http::idParameter("userId", "Of this user; finds nothing for those who are not shown user ids"))
        .query(http::idParameter("callId", "This call"))
        .query(http::textParameter("ownNumber", "E.164", 19))
        .query(http::textParameter("ownNumberStartsWith", "Digits, the country code first", 16))
        .query(http::textParameter("farEndNumber", "As it is shown: E.164, masked (+4179123****), or as it was dialled",
                                   128))
        .query(http::textParameter("farEndNumberStartsWith",
                                   "Digits that are shown; those that are masked find nothing", 16))
        .query(http::textParameter("sipCallId", "SIP Call-ID", 256))
        .query(http::textParameter("correlationId", "Correlation id", 256))
        .query(http::textParameter("trunk", "Trunk or SBC", 256))
        .query(http::textParameter("callType", "Type of call", 64))
        .query(http::choiceParameter("direction", "Seen from the tenant", {"inbound", "outbound"}))
        .query(http::choiceParameter("quality",
                                     "Of the worst stream; unclassified where nothing was measured or is shown",
                                     {"good", "poor", "unclassified"}))
        .query(http::integerParameter("finalSipCode", "RFC 3261 response code", 0, highestCode))
        .query(http::integerParameter("q850Cause", "ITU-T Q.850 cause", 0, highestCode))
        .query(http::integerParameter("minDurationMs", "Included", 0, longestMs))
        .query(http::integerParameter("maxDurationMs", "Included", 0, longestMs))
        .query(flag("answered", "Whether it was answered"))
        .query(flag("emergency", "false: also calls that do not say"))
        .query(flag("isTest", "false: also calls that do not say"));
}

http::EndpointBuilder search(http::Route route, std::string operationId, std::string summary) {
    auto builder = endpoint(std::move(route), std::move(operationId));
    builder.tag("Calls")
        .summary(std::move(summary))
        .description(aboutSearching)
        .scope(std::string(domain::scope::callsRead))
        .answers(200, "application/json", searchPageSchema(columns::LaneKind::calls), "A page")
        .problems({"bad-cursor", "cursor-expired", "carrier-required", "bad-number", "bad-number-part", "bad-range"});
    return builder;
}

}  // namespace

std::vector<http::Endpoint> callSearchEndpoints(const Context& context) {
    std::vector<http::Endpoint> list;
    auto byQuery = search(http::get("/v1/calls"), "listCalls", "Search calls");
    addRangeParameters(byQuery, "invitedAt");
    addConditions(byQuery);
    list.push_back(
        byQuery.handle([&context](const Request& request) { return answer(context, request, searchOf(request)); }));
    list.push_back(
        search(http::post("/v1/calls/search"), "searchCalls", "Search calls without writing a number into an address")
            .handle<CallSearch>([&context](const Request& request, const CallSearch& body) {
                return answer(context, request, searchOf(body));
            }));
    return list;
}

}  // namespace meetpoint::api
