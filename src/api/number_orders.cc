// Orders of numbers, by carriers and by tenants, as JSON or CSV, and the operations that they run as.
#include "api/endpoints.h"
#include "api/links.h"
#include "api/number_wire.h"
#include "api/order_csv.h"
#include "api/waiting.h"
#include "exchange/switch_work.h"

namespace meetpoint::api {

using http::endpoint;
using http::Request;
using http::Response;
namespace scope = domain::scope;

enum class OrderKind { upload, release, port };
BOOST_DESCRIBE_ENUM(OrderKind, upload, release, port)
enum class AssignmentKind { assign, unassign };
BOOST_DESCRIBE_ENUM(AssignmentKind, assign, unassign)

struct OrderedNumber {
    std::string telephoneNumber;
    std::optional<std::string> reference;
    static constexpr http::FieldDoc docs[] = {
        {.field = "telephoneNumber",
         .what = "E.164, at most 19 characters; the plus may be left out",
         .maxLength = 64,
         .example = "\"+41446681800\""},
        {.field = "reference", .what = "The carrier's own; echoed in events, calls and usage", .maxLength = 256},
    };
};
BOOST_DESCRIBE_STRUCT(OrderedNumber, (), (telephoneNumber, reference))

struct NumberOrder {
    OrderKind kind = OrderKind::upload;
    Id tenantId;
    std::optional<std::string> usage, additionalUsage;
    std::optional<std::vector<std::string>> capabilities;
    std::optional<std::string> country, locationId, callingProfileId, ticketId;
    std::optional<Instant> portAt;
    std::vector<OrderedNumber> numbers;
    static constexpr http::FieldDoc docs[] = {
        {.field = "kind",
         .what = "upload (default), release, or port: from another carrier, which sees it through too",
         .optional = true},
        {.field = "usage",
         .what =
             "callingUserAssignment (default), firstPartyAppAssignment, conferenceAssignment, thirdPartyAppAssignment",
         .maxLength = 64},
        {.field = "additionalUsage", .what = "A second usage", .maxLength = 64},
        {.field = "capabilities",
         .what = "inboundCalling, outboundCalling, tollFree, mobile; calls both ways if left out",
         .maxLength = 8},
        {.field = "country", .what = "ISO 3166-1 alpha-2; else the number says", .maxLength = 2},
        {.field = "locationId", .maxLength = 128},
        {.field = "callingProfileId", .maxLength = 128},
        {.field = "ticketId", .what = "The carrier's own, at most 64 characters", .maxLength = 128},
        {.field = "portAt", .what = "A port is not completed before"},
        {.field = "numbers", .what = "At most 10,000 an order", .minLength = 1},
    };
};
BOOST_DESCRIBE_STRUCT(NumberOrder, (),
                      (kind, tenantId, usage, additionalUsage, capabilities, country, locationId, callingProfileId,
                       ticketId, portAt, numbers))

struct OrderedAssignment {
    std::string telephoneNumber;
    std::optional<Id> targetId;
    std::optional<std::string> userPrincipalName, sipUri, category, reason;
    static constexpr http::FieldDoc docs[] = {
        {.field = "telephoneNumber", .what = "E.164", .maxLength = 64},
        {.field = "targetId", .what = "Of the tenant's targets; or name the user by userPrincipalName"},
        {.field = "userPrincipalName", .maxLength = 128},
        {.field = "sipUri", .maxLength = 256},
        {.field = "category", .what = "primary (default), private or alternate", .maxLength = 16},
        {.field = "reason", .what = "Of an unassignment", .maxLength = 250},
    };
};
BOOST_DESCRIBE_STRUCT(OrderedAssignment, (), (telephoneNumber, targetId, userPrincipalName, sipUri, category, reason))

struct AssignmentOrder {
    AssignmentKind kind = AssignmentKind::assign;
    std::optional<Id> tenantId;
    std::vector<OrderedAssignment> numbers;
    static constexpr http::FieldDoc docs[] = {
        {.field = "kind", .what = "assign (default) or unassign", .optional = true},
        {.field = "tenantId", .what = "Needed by the platform"},
        {.field = "numbers", .what = "At most 10,000 an order", .minLength = 1},
    };
};
BOOST_DESCRIBE_STRUCT(AssignmentOrder, (), (kind, tenantId, numbers))

struct OperationNumberList {
    std::vector<NumberResult> items;
    std::optional<std::string> next;
};
BOOST_DESCRIBE_STRUCT(OperationNumberList, (), (items, next))

namespace {

constexpr std::size_t largestOrder = 8u << 20;  // bytes of a body
constexpr std::int64_t longestWaitSeconds = 60;

Result<exchange::NumberOrder> readOrder(const Request& request) {
    if (request.mediaType == "text/csv") return readOrderCsv(request);
    TRY_ASSIGN(const auto body, http::readJson<NumberOrder>(request.body));
    exchange::NumberOrder order;
    order.kind = static_cast<exchange::OrderKind>(body.kind);
    order.tenantId = body.tenantId;
    order.usage = body.usage.value_or(order.usage);
    order.additionalUsage = body.additionalUsage;
    if (body.capabilities) order.capabilities = *body.capabilities;
    order.country = body.country;
    order.locationId = body.locationId;
    order.callingProfileId = body.callingProfileId;
    order.ticketId = body.ticketId;
    order.portAt = body.portAt;
    for (const OrderedNumber& number : body.numbers)
        order.numbers.push_back({number.telephoneNumber, number.reference, {}, {}, {}, {}, {}});
    return order;
}

Result<exchange::NumberOrder> readAssignments(const Request& request) {
    if (request.mediaType == "text/csv") return readAssignmentCsv(request);
    TRY_ASSIGN(const auto body, http::readJson<AssignmentOrder>(request.body));
    exchange::NumberOrder order;
    order.kind = body.kind == AssignmentKind::assign ? exchange::OrderKind::assign : exchange::OrderKind::unassign;
    order.tenantId = body.tenantId;
    for (const OrderedAssignment& number : body.numbers)
        order.numbers.push_back({number.telephoneNumber,
                                 {},
                                 number.targetId,
                                 number.userPrincipalName,
                                 number.sipUri,
                                 number.category,
                                 number.reason});
    return order;
}

// The operation with its results, as many as an answer holds.
Result<Operation> withResults(const Context& context, const Request& request, const store::Operation& operation) {
    Operation out = wire(operation);
    out.complete = operation.total <= static_cast<std::int64_t>(context.limits.answeredResults);
    const auto status = out.complete ? std::nullopt : std::optional<std::string>("failed");
    const std::size_t most = out.complete ? context.limits.answeredResults : context.limits.answeredProblems;
    TRY_ASSIGN(const auto page, exchange::operationNumbers(context.exchange, context.cursors, callerOf(request),
                                                           operation.id, status, std::nullopt, most));
    for (const auto& number : page.numbers)
        out.results.push_back(wire(number));
    return out;
}

Result<Response> answerOperation(const Context& context, const Request& request, const store::Operation& operation,
                                 int status) {
    TRY_ASSIGN(const auto out, withResults(context, request, operation));
    Response response = http::jsonResponse(out, status);
    if (status == 202) response.headers.set("Location", "/v1/operations/" + formatId(operation.id));
    return response;
}

// Reads the operation until it is finished, or has changed since `after` where that is given, or the time is over.
http::Answer waitForOperation(const Context& context, http::AsyncRequest& request, Id id,
                              std::optional<std::int64_t> after, Instant until, int status) {
    Waiting waiting(context, request, context.bells.of(exchange::operationsTopic), until);
    while (true) {
        waiting.look();
        auto found = co_await request.runBlocking(
            [&] { return exchange::findOperation(context.exchange, callerOf(*request), id); });
        if (!found) co_return fail(std::move(found).error());
        const bool isAsked = after ? found->version > *after : store::isFinished(found->status);
        const bool isOver = isAsked || store::isFinished(found->status) || !co_await waiting.forMore();
        if (!isOver) continue;
        auto answer = co_await request.runBlocking([&] { return answerOperation(context, *request, *found, status); });
        co_return answer;
    }
}

using ReadOrder = Result<exchange::NumberOrder> (*)(const Request&);

http::Answer order(const Context& context, http::AsyncRequest& request, ReadOrder read) {
    auto accepted = co_await request.runBlocking([&]() -> Result<store::Operation> {
        TRY_ASSIGN(auto wanted, read(*request));
        wanted.carrierId = request->query.id("carrierId");
        wanted.dryRun = request->query.boolean("dryRun");
        TRY_ASSIGN(wanted.idempotencyKey, idempotencyKeyOf(*request));
        return context.orders.accept(callerOf(*request), wanted);
    });
    if (!accepted) co_return fail(std::move(accepted).error());
    const Instant until = request->receivedAt + preferredWait(*request, seconds(longestWaitSeconds));
    co_return co_await waitForOperation(context, request, accepted->id, std::nullopt, until, 202);
}

http::EndpointBuilder orderEndpoint(const char* path, const char* operationId) {
    auto builder = endpoint(http::post(path), operationId);
    builder.tag("Numbers")
        .query(http::booleanParameter("dryRun", "Say what would become of it, and change nothing"))
        .header(http::textParameter("Idempotency-Key", "The same order with the same key again is the same operation",
                                    longestIdempotencyKey))
        .header(http::textParameter("Prefer",
                                    "wait=N: answer when the operation has ended, or after N seconds (RFC "
                                    "7240)",
                                    200))
        .maxBodyBytes(largestOrder)
        .maxDuration(seconds(longestWaitSeconds + 30))
        .answers<Operation>(202, "The operation, which goes on in the background")
        .problems({"too-many-numbers", "tenant-required", "bad-idempotency-key", "idempotency-key-reused", "bad-csv"});
    return builder;
}

void addOrders(std::vector<http::Endpoint>& endpoints, const Context& context) {
    endpoints.push_back(
        orderEndpoint("/v1/number-orders", "orderNumbers")
            .summary("Upload, release or port numbers for a tenant")
            .description("Each number succeeds or is refused by itself; the operation says which. A number that is "
                         "held elsewhere is refused exactly like one that cannot be ordered. As CSV: one number a "
                         "line below a header with `Numbers` or `telephoneNumber`, and perhaps `reference`; what "
                         "holds for all of them stands in the query.")
            .scope(std::string(scope::numbersOrder))
            .query(http::idParameter("carrierId", "Where the client acts for several carriers"))
            .query(http::choiceParameter("kind", "Of a CSV order", {"upload", "release", "port"}))
            .query(http::idParameter("tenantId", "Of a CSV order"))
            .query(http::textParameter("usage", "Of a CSV order", 64))
            .query(http::textParameter("additionalUsage", "Of a CSV order", 64))
            .query(http::textParameter("capabilities", "Of a CSV order, with commas", 128))
            .query(http::textParameter("country", "Of a CSV order", 2))
            .query(http::textParameter("locationId", "Of a CSV order", 128))
            .query(http::textParameter("callingProfileId", "Of a CSV order", 128))
            .query(http::textParameter("ticketId", "Of a CSV order", 128))
            .query(http::instantParameter("portAt", "Of a CSV order"))
            .wholeBody({"application/json", "text/csv"}, http::jsonSchema<NumberOrder>(), "The order")
            .problems(
                {"consent-missing", "bad-usage", "bad-capability", "bad-country", "carrier-required", "text-too-long"})
            .handle(http::asynchronous([&context](http::AsyncRequest& request) -> http::Answer {
                return order(context, request, readOrder);
            })));
    endpoints.push_back(
        orderEndpoint("/v1/number-assignments", "orderAssignments")
            .summary("Assign or unassign many numbers")
            .description("As CSV: a header with `telephoneNumber` and `targetId` or `userPrincipalName`, perhaps "
                         "`sipUri`, `category`, `reason`. Try it with `dryRun=true` first.")
            .scope(std::string(scope::numbersAssign))
            .query(http::choiceParameter("kind", "Of a CSV order", {"assign", "unassign"}))
            .query(http::idParameter("tenantId", "Of a CSV order by the platform"))
            .wholeBody({"application/json", "text/csv"}, http::jsonSchema<AssignmentOrder>(), "The order")
            .handle(http::asynchronous([&context](http::AsyncRequest& request) -> http::Answer {
                return order(context, request, readAssignments);
            })));
}

Result<Response> listNumbersOf(const Context& context, const Request& request) {
    TRY_ASSIGN(const auto page,
               exchange::operationNumbers(context.exchange, context.cursors, callerOf(request), *request.path.id("id"),
                                          request.query.text("status"), request.query.text("cursor"),
                                          static_cast<std::size_t>(*request.query.integer("limit"))));
    OperationNumberList list;
    for (const auto& number : page.numbers)
        list.items.push_back(wire(number));
    list.next = page.next;
    Response response = http::jsonResponse(list);
    if (page.next) addNextLink(response, request, *page.next);
    return response;
}

void addOperations(std::vector<http::Endpoint>& endpoints, const Context& context) {
    endpoints.push_back(
        endpoint(http::get("/v1/operations/{id}"), "readOperation")
            .tag("Numbers")
            .summary("An operation, how far it is, and its results")
            .scope(std::string(scope::numbersRead))
            .path(http::idParameter("id", "The operation"))
            .query(http::integerParameter("wait", "Seconds to wait for its end, or for a change", 0, longestWaitSeconds,
                                          0))
            .query(http::integerParameter("after", "Wait only until its version is above this one", 0, INT64_MAX))
            .maxDuration(seconds(longestWaitSeconds + 30))
            .answers<Operation>(200, "The operation")
            .handle(http::asynchronous([&context](http::AsyncRequest& request) -> http::Answer {
                const Instant until = request->receivedAt + seconds(request->query.integer("wait").value_or(0));
                return waitForOperation(context, request, *request->path.id("id"), request->query.integer("after"),
                                        until, 200);
            })));
    endpoints.push_back(endpoint(http::get("/v1/operations/{id}/numbers"), "listOperationNumbers")
                            .tag("Numbers")
                            .summary("What became of each number of an order")
                            .scope(std::string(scope::numbersRead))
                            .path(http::idParameter("id", "The operation"))
                            .query(http::choiceParameter("status", "Only those", {"pending", "succeeded", "failed"}))
                            .query(http::textParameter("cursor", "From `next` of the page before", 512))
                            .query(http::integerParameter("limit", "Numbers a page", 1, 10'000, 1'000))
                            .answers<OperationNumberList>(200, "In the order's order")
                            .problems({"bad-cursor"})
                            .handle([&context](const Request& request) { return listNumbersOf(context, request); }));
}

}  // namespace

std::vector<http::Endpoint> orderEndpoints(const Context& context) {
    std::vector<http::Endpoint> endpoints;
    addOrders(endpoints, context);
    addOperations(endpoints, context);
    return endpoints;
}

}  // namespace meetpoint::api
