// Numbers: orders by carriers, the operations they run as, the inventory, assignment by tenants.
#include "exchange/numbers.h"

#include <boost/json.hpp>

#include "api/endpoints.h"
#include "api/links.h"
#include "http/json.h"
#include "http/precondition.h"

namespace meetpoint::api {

using http::endpoint;
using http::Request;
using http::Response;
namespace scope = domain::scope;

enum class OrderKind { upload, release };
BOOST_DESCRIBE_ENUM(OrderKind, upload, release)

struct OrderedNumber {
    std::string telephoneNumber;
    std::optional<std::string> reference;
    static constexpr http::FieldDoc docs[] = {
        {.field = "telephoneNumber", .what = "E.164", .maxLength = 32, .example = "\"+41446681800\""},
        {.field = "reference", .what = "The carrier's own; echoed in events, calls and usage", .maxLength = 256},
    };
};
BOOST_DESCRIBE_STRUCT(OrderedNumber, (), (telephoneNumber, reference))

struct NumberOrder {
    OrderKind kind = OrderKind::upload;
    Id tenantId;
    std::optional<std::string> usage;
    std::vector<OrderedNumber> numbers;
    static constexpr http::FieldDoc docs[] = {
        {.field = "kind", .what = "upload (default) or release", .optional = true},
        {.field = "usage",
         .what =
             "callingUserAssignment (default), firstPartyAppAssignment, conferenceAssignment, thirdPartyAppAssignment"},
        {.field = "numbers", .what = "At most 10,000 an order", .minLength = 1},
    };
};
BOOST_DESCRIBE_STRUCT(NumberOrder, (), (kind, tenantId, usage, numbers))

struct Operation {
    Id id;
    std::string kind;
    std::string status;
    Instant createdAt;
    std::optional<Instant> finishedAt;
    boost::json::value results;
    static constexpr http::FieldDoc docs[] = {
        {.field = "status", .what = "notStarted, running, succeeded, partiallySucceeded or failed"},
        {.field = "results", .what = "One object a number: telephoneNumber, status, numberId or code and message"},
    };
};
BOOST_DESCRIBE_STRUCT(Operation, (), (id, kind, status, createdAt, finishedAt, results))

struct Number {
    Id id;
    std::string telephoneNumber;
    Id carrierId;
    Id tenantId;
    std::string state;
    std::string usage;
    std::optional<std::string> targetType;
    std::optional<Id> targetId;
    std::optional<std::string> sipUri;
    std::optional<std::string> reference;
    Instant changedAt;
    std::int64_t version;
    static constexpr http::FieldDoc docs[] = {
        {.field = "state",
         .what = "available, assignmentPending, assigned, assignmentFailed, unassignPending, releaseRequested, "
                 "removed, portingIn"},
        {.field = "targetId", .what = "Shown to platform and tenant"},
        {.field = "version", .what = "The ETag's"},
    };
};
BOOST_DESCRIBE_STRUCT(Number, (),
                      (id, telephoneNumber, carrierId, tenantId, state, usage, targetType, targetId, sipUri, reference,
                       changedAt, version))

struct NumberList {
    std::vector<Number> items;
    std::optional<std::string> next;
};
BOOST_DESCRIBE_STRUCT(NumberList, (), (items, next))

struct NumberStep {
    std::int64_t version;
    Instant at;
    std::optional<std::string> actor;
    std::string action;
    std::optional<std::string> previousState;
    std::string state;
    std::optional<std::string> targetType;
    std::optional<Id> targetId;
    std::optional<std::string> sipUri;
    std::optional<std::string> reason;
};
BOOST_DESCRIBE_STRUCT(NumberStep, (),
                      (version, at, actor, action, previousState, state, targetType, targetId, sipUri, reason))

struct NumberHistory {
    std::vector<NumberStep> items;
};
BOOST_DESCRIBE_STRUCT(NumberHistory, (), (items))

struct AssignRequest {
    Id targetId;
    std::optional<std::string> sipUri;
    static constexpr http::FieldDoc docs[] = {
        {.field = "targetId", .what = "Of the tenant's targets"},
        {.field = "sipUri",
         .what = "Left out: the target's own, or one made of number and the tenant's domain",
         .maxLength = 256},
    };
};
BOOST_DESCRIBE_STRUCT(AssignRequest, (), (targetId, sipUri))

struct UnassignRequest {
    std::optional<std::string> reason;
    static constexpr http::FieldDoc docs[] = {{.field = "reason", .maxLength = 1'000}};
};
BOOST_DESCRIBE_STRUCT(UnassignRequest, (), (reason))

namespace {

Operation wire(const store::Operation& operation) {
    boost::json::error_code ignored;  // written by this program
    return {operation.id,        operation.kind,       operation.status,
            operation.createdAt, operation.finishedAt, boost::json::parse(operation.results, ignored)};
}

Number wire(const store::Number& number, const domain::Caller& caller) {
    return {number.id,
            domain::format(number.e164),
            number.carrierId,
            number.tenantId,
            std::string(name(number.state)),
            number.usage,
            number.targetType,
            caller.role == domain::Role::carrier ? std::nullopt : number.targetId,
            number.sipUri,
            number.reference,
            number.changedAt,
            number.version};
}

Response answer(const store::Number& number, const domain::Caller& caller) {
    Response response = http::jsonResponse(wire(number, caller));
    response.headers.set("ETag", http::etagOf(static_cast<std::uint64_t>(number.version)));
    return response;
}

Result<Response> order(const Context& context, const Request& request, const NumberOrder& body) {
    exchange::NumberOrder wanted{static_cast<exchange::OrderKind>(body.kind),
                                 request.query.id("carrierId"),
                                 body.tenantId,
                                 body.usage.value_or("callingUserAssignment"),
                                 {}};
    for (const OrderedNumber& number : body.numbers)
        wanted.numbers.push_back({number.telephoneNumber, number.reference});
    TRY_ASSIGN(const auto operation,
               exchange::orderNumbers(context.exchange, context.limits, callerOf(request), wanted));
    Response response = http::jsonResponse(wire(operation), 202);
    response.headers.set("Location", "/v1/operations/" + formatId(operation.id));
    return response;
}

Result<Response> list(const Context& context, const Request& request) {
    store::NumberQuery query;
    query.carrier = request.query.id("carrierId");
    query.tenant = request.query.id("tenantId");
    query.state = request.query.text("state");
    query.limit = static_cast<std::size_t>(*request.query.integer("limit"));
    TRY_ASSIGN(const auto page, exchange::listNumbers(context.exchange, context.cursors, callerOf(request), query,
                                                      request.query.text("cursor")));
    NumberList answer;
    for (const auto& number : page.numbers)
        answer.items.push_back(wire(number, callerOf(request)));
    answer.next = page.next;
    Response response = http::jsonResponse(answer);
    if (page.next) addNextLink(response, request, *page.next);
    return response;
}

Result<std::optional<std::int64_t>> versionOf(const Request& request) {
    TRY_ASSIGN(const auto version, http::expectedVersion(request, http::IfMatch::optional));
    return version ? std::optional(static_cast<std::int64_t>(*version)) : std::nullopt;
}

void addOrders(std::vector<http::Endpoint>& endpoints, const Context& context) {
    endpoints.push_back(endpoint(http::post("/v1/number-orders"), "orderNumbers")
                            .tag("Numbers")
                            .summary("Upload or release numbers for a tenant")
                            .description("Each number succeeds or is refused by itself; the operation says which. A "
                                         "number that is held elsewhere is refused "
                                         "exactly like one that cannot be ordered.")
                            .scope(std::string(scope::numbersOrder))
                            .query(http::idParameter("carrierId", "Where the client acts for several carriers"))
                            .maxBodyBytes(4 << 20)
                            .answers<Operation>(202, "The operation; finished already where provisioning is immediate")
                            .problems({"consent-missing", "too-many-numbers", "bad-usage", "carrier-required"})
                            .handle<NumberOrder>([&context](const Request& request, NumberOrder body) {
                                return order(context, request, body);
                            }));
    endpoints.push_back(
        endpoint(http::get("/v1/operations/{id}"), "readOperation")
            .tag("Numbers")
            .summary("An operation and its result per number")
            .scope(std::string(scope::numbersRead))
            .path(http::idParameter("id", "The operation"))
            .answers<Operation>(200, "The operation")
            .handle([&context](const Request& request) -> Result<Response> {
                TRY_ASSIGN(const auto operation,
                           exchange::findOperation(context.exchange, callerOf(request), *request.path.id("id")));
                return http::jsonResponse(wire(operation));
            }));
}

void addInventory(std::vector<http::Endpoint>& endpoints, const Context& context) {
    endpoints.push_back(endpoint(http::get("/v1/numbers"), "listNumbers")
                            .tag("Numbers")
                            .summary("The numbers that the caller may see")
                            .scope(std::string(scope::numbersRead))
                            .query(http::idParameter("carrierId", "Of this carrier"))
                            .query(http::idParameter("tenantId", "Of this tenant"))
                            .query(http::textParameter("state", "In this state", 32))
                            .query(http::textParameter("cursor", "From `next` of the page before", 512))
                            .query(http::integerParameter("limit", "Numbers a page", 1, 1'000, 100))
                            .answers<NumberList>(200, "In order of number")
                            .problems({"bad-cursor", "carrier-required"})
                            .handle([&context](const Request& request) { return list(context, request); }));
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
        endpoint(http::get("/v1/numbers/{id}/history"), "readNumberHistory")
            .tag("Numbers")
            .summary("Every step of a number's life")
            .scope(std::string(scope::numbersRead))
            .path(http::idParameter("id", "The number's id"))
            .answers<NumberHistory>(200, "Oldest first")
            .handle([&context](const Request& request) -> Result<Response> {
                TRY_ASSIGN(const auto steps,
                           exchange::numberHistory(context.exchange, callerOf(request), *request.path.id("id")));
                NumberHistory history;
                for (const auto& step : steps)
                    history.items.push_back({step.version, step.at,
                                             step.actor.empty() ? std::nullopt : std::optional(step.actor), step.action,
                                             step.previousState, step.state, step.targetType, step.targetId,
                                             step.sipUri, step.reason});
                return http::jsonResponse(history);
            }));
}

void addAssignment(std::vector<http::Endpoint>& endpoints, const Context& context) {
    endpoints.push_back(
        endpoint(http::post("/v1/numbers/{id}/assign"), "assignNumber")
            .tag("Numbers")
            .summary("Assign a number to a target")
            .scope(std::string(scope::numbersAssign))
            .path(http::idParameter("id", "The number's id"))
            .answers<Number>(200, "The number as it is now")
            .problems({"unknown-target", "usage-mismatch", "transition-not-allowed", "bad-sip-uri", "version-mismatch",
                       "bad-if-match", "consent-missing"})
            .handle<AssignRequest>([&context](const Request& request, AssignRequest body) -> Result<Response> {
                TRY_ASSIGN(const auto version, versionOf(request));
                TRY_ASSIGN(const auto number,
                           exchange::assignNumber(context.exchange, callerOf(request), *request.path.id("id"),
                                                  {body.targetId, body.sipUri}, version));
                return answer(number, callerOf(request));
            }));
    endpoints.push_back(
        endpoint(http::post("/v1/numbers/{id}/unassign"), "unassignNumber")
            .tag("Numbers")
            .summary("Take a number from its target")
            .scope(std::string(scope::numbersAssign))
            .path(http::idParameter("id", "The number's id"))
            .answers<Number>(200, "The number as it is now")
            .problems({"transition-not-allowed", "version-mismatch", "bad-if-match"})
            .handle<UnassignRequest>([&context](const Request& request, UnassignRequest body) -> Result<Response> {
                TRY_ASSIGN(const auto version, versionOf(request));
                TRY_ASSIGN(const auto number, exchange::unassignNumber(context.exchange, callerOf(request),
                                                                       *request.path.id("id"), body.reason, version));
                return answer(number, callerOf(request));
            }));
}

}  // namespace

std::vector<http::Endpoint> numberEndpoints(const Context& context) {
    std::vector<http::Endpoint> endpoints;
    addOrders(endpoints, context);
    addInventory(endpoints, context);
    addAssignment(endpoints, context);
    return endpoints;
}

}  // namespace meetpoint::api
