// The inventory of numbers: lists, searches, one number, its history.
#include "exchange/numbers.h"

#include "api/endpoints.h"
#include "api/links.h"
#include "api/number_wire.h"

namespace meetpoint::api {

using http::endpoint;
using http::Request;
using http::Response;
namespace scope = domain::scope;

struct NumberList {
    std::vector<Number> items;
    std::optional<std::string> next;
};
BOOST_DESCRIBE_STRUCT(NumberList, (), (items, next))

struct NumberSearch {
    std::optional<std::string> telephoneNumber, startsWith, contains, from, to;
    std::optional<Id> carrierId, tenantId, targetId;
    std::optional<std::string> state, usage, country;
    std::optional<std::string> cursor;
    std::optional<std::int64_t> limit;
    static constexpr http::FieldDoc docs[] = {
        {.field = "telephoneNumber", .what = "This number alone, E.164", .maxLength = 19},
        {.field = "startsWith", .what = "Digits that it begins with, the country code first", .maxLength = 16},
        {.field = "contains", .what = "Digits anywhere in it", .maxLength = 16},
        {.field = "from", .what = "The first number of a range, E.164, included", .maxLength = 19},
        {.field = "to", .what = "The last number of a range, E.164, included", .maxLength = 19},
        {.field = "usage", .what = "As usage or additional usage", .maxLength = 64},
        {.field = "country", .maxLength = 2},
        {.field = "cursor", .what = "From `next` of the page before", .maxLength = 512},
        {.field = "limit", .what = "Numbers a page; 100 if left out", .min = 1, .max = 1'000},
    };
};
BOOST_DESCRIBE_STRUCT(NumberSearch, (),
                      (telephoneNumber, startsWith, contains, from, to, carrierId, tenantId, targetId, state, usage,
                       country, cursor, limit))

struct NumberStep {
    std::int64_t version;
    Instant at;
    std::optional<std::string> actor;
    std::string action;
    std::optional<std::string> previousState;
    std::string state;
    std::optional<std::string> targetType;
    std::optional<Id> targetId;
    std::optional<std::string> category;
    std::optional<std::string> sipUri;
    std::optional<std::string> reason;
};
BOOST_DESCRIBE_STRUCT(NumberStep, (),
                      (version, at, actor, action, previousState, state, targetType, targetId, category, sipUri,
                       reason))

struct NumberHistory {
    std::vector<NumberStep> items;
};
BOOST_DESCRIBE_STRUCT(NumberHistory, (), (items))

struct NumberUpdate {
    std::optional<std::string> reference, callingProfileId, locationId;
    static constexpr http::FieldDoc docs[] = {
        {.field = "reference", .what = "The carrier's own; calls from now on carry it. Empty: none", .maxLength = 64},
        {.field = "callingProfileId", .what = "Empty: none", .maxLength = 64},
        {.field = "locationId", .what = "Empty: none", .maxLength = 64},
    };
};
BOOST_DESCRIBE_STRUCT(NumberUpdate, (), (reference, callingProfileId, locationId))

namespace {

constexpr std::int64_t defaultPage = 100;

Result<std::optional<domain::E164>> numberIn(const std::optional<std::string>& text, const char* name) {
    if (!text) return std::nullopt;
    const auto number = domain::readE164(*text);
    if (!number)
        return fail(invalidInput("bad-number", "'" + std::string(name) + "' must be E.164, e.g. +41446681800."));
    return number;
}

Response pageOf(const exchange::NumberPage& page, const domain::Caller& caller) {
    NumberList list;
    for (const auto& number : page.numbers)
        list.items.push_back(wire(number, caller));
    list.next = page.next;
    return http::jsonResponse(list);
}

Result<Response> list(const Context& context, const Request& request) {
    store::NumberQuery query;
    query.carrier = request.query.id("carrierId");
    query.tenant = request.query.id("tenantId");
    query.target = request.query.id("targetId");
    query.state = request.query.text("state");
    query.usage = request.query.text("usage");
    query.country = request.query.text("country");
    query.prefix = request.query.text("startsWith");
    query.limit = static_cast<std::size_t>(*request.query.integer("limit"));
    TRY_ASSIGN(const auto page, exchange::listNumbers(context.exchange, context.cursors, callerOf(request), query,
                                                      request.query.text("cursor")));
    Response response = pageOf(page, callerOf(request));
    if (page.next) addNextLink(response, request, *page.next);
    return response;
}

Result<Response> search(const Context& context, const Request& request, const NumberSearch& body) {
    store::NumberQuery query;
    TRY_ASSIGN(query.from, numberIn(body.telephoneNumber ? body.telephoneNumber : body.from,
                                    body.telephoneNumber ? "telephoneNumber" : "from"));
    TRY_ASSIGN(query.to, numberIn(body.telephoneNumber ? body.telephoneNumber : body.to, "to"));
    query.prefix = body.startsWith;
    query.contains = body.contains;
    query.carrier = body.carrierId;
    query.tenant = body.tenantId;
    query.target = body.targetId;
    query.state = body.state;
    query.usage = body.usage;
    query.country = body.country;
    query.limit = static_cast<std::size_t>(body.limit.value_or(defaultPage));
    TRY_ASSIGN(const auto page,
               exchange::listNumbers(context.exchange, context.cursors, callerOf(request), query, body.cursor));
    return pageOf(page, callerOf(request));
}

Result<Response> history(const Context& context, const Request& request) {
    TRY_ASSIGN(const auto steps, exchange::numberHistory(context.exchange, callerOf(request), *request.path.id("id")));
    NumberHistory history;
    for (const auto& step : steps)
        history.items.push_back({step.version, step.at, step.actor.empty() ? std::nullopt : std::optional(step.actor),
                                 step.action, step.previousState, step.state, step.targetType, step.targetId,
                                 step.category, step.sipUri, step.reason});
    return http::jsonResponse(history);
}

void addLists(std::vector<http::Endpoint>& endpoints, const Context& context) {
    endpoints.push_back(
        endpoint(http::get("/v1/numbers"), "listNumbers")
            .tag("Numbers")
            .summary("The numbers that the caller may see")
            .description("What is given must all hold. A carrier that starts, or whose cursor has expired, reads the "
                         "feed's present end first (`GET /v1/feeds/assignments?from=now`), then this list, and then "
                         "follows the feed from there; an event whose `numberVersion` is not above the number's "
                         "`version` is in the list already.")
            .scope(std::string(scope::numbersRead))
            .query(http::idParameter("carrierId", "Of this carrier"))
            .query(http::idParameter("tenantId", "Of this tenant"))
            .query(http::idParameter("targetId", "Assigned to this target"))
            .query(http::textParameter("state", "In this state", 32))
            .query(http::textParameter("usage", "For this usage, as the first or the additional one", 64))
            .query(http::textParameter("country", "Of this country", 2))
            .query(http::textParameter("startsWith", "Digits that it begins with, the country code first", 16))
            .query(http::textParameter("cursor", "From `next` of the page before", 512))
            .query(http::integerParameter("limit", "Numbers a page", 1, 1'000, defaultPage))
            .answers<NumberList>(200, "In order of number")
            .problems({"bad-cursor", "carrier-required", "bad-number-part"})
            .handle([&context](const Request& request) { return list(context, request); }));
    endpoints.push_back(endpoint(http::post("/v1/numbers/search"), "searchNumbers")
                            .tag("Numbers")
                            .summary("Find numbers without writing one into an address")
                            .scope(std::string(scope::numbersRead))
                            .answers<NumberList>(200, "In order of number")
                            .problems({"bad-cursor", "carrier-required", "bad-number", "bad-number-part"})
                            .handle<NumberSearch>([&context](const Request& request, const NumberSearch& body) {
                                return search(context, request, body);
                            }));
}

void addOne(std::vector<http::Endpoint>& endpoints, const Context& context) {
    endpoints.push_back(endpoint(http::get("/v1/numbers/{id}"), "readNumber")
                            .tag("Numbers")
                            .summary("One number")
                            .scope(std::string(scope::numbersRead))
                            .path(http::idParameter("id", "The number's id"))
                            .answers<Number>(200, "The number, with its version as ETag")
                            .handle([&context](const Request& request) -> Result<Response> {
                                TRY_ASSIGN(const auto number, exchange::findNumber(context.exchange, callerOf(request),
                                                                                   *request.path.id("id")));
                                return answer(number, callerOf(request));
                            }));
    endpoints.push_back(
        endpoint(http::patch("/v1/numbers/{id}"), "updateNumber")
            .tag("Numbers")
            .summary("Change what is known about a number")
            .description("Reference and calling profile are the carrier's; the location is the carrier's or the "
                         "tenant's.")
            .scope(std::string(scope::numbersUpdate))
            .path(http::idParameter("id", "The number's id"))
            .answers<Number>(200, "The number as it is now")
            .problems(
                {"version-mismatch", "bad-if-match", "text-too-long", "not-yours-to-change", "transition-not-allowed"})
            .handle<NumberUpdate>([&context](const Request& request, NumberUpdate body) -> Result<Response> {
                TRY_ASSIGN(const auto version, versionOf(request));
                TRY_ASSIGN(const auto number,
                           exchange::updateNumber(context.exchange, callerOf(request), *request.path.id("id"),
                                                  {body.reference, body.callingProfileId, body.locationId}, version));
                return answer(number, callerOf(request));
            }));
    endpoints.push_back(endpoint(http::get("/v1/numbers/{id}/history"), "readNumberHistory")
                            .tag("Numbers")
                            .summary("Every step of a number's life")
                            .scope(std::string(scope::numbersRead))
                            .path(http::idParameter("id", "The number's id"))
                            .answers<NumberHistory>(200, "Oldest first")
                            .handle([&context](const Request& request) { return history(context, request); }));
}

}  // namespace

std::vector<http::Endpoint> numberEndpoints(const Context& context) {
    std::vector<http::Endpoint> endpoints;
    addLists(endpoints, context);
    addOne(endpoints, context);
    return endpoints;
}

}  // namespace meetpoint::api
