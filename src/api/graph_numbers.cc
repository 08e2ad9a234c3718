// Number assignments in Microsoft Graph's shape (microsoft.graph.teamsAdministration), under /v1.0 and /beta alike: for
// programs that were written against Graph and go on here with another address. Answers, errors, paging and the names
// of everything are Graph's.
#include "api/endpoints.h"
#include "api/graph_filter.h"
#include "api/graph_states.h"
#include "api/links.h"
#include "api/odata_error.h"
#include "exchange/assignments.h"
#include "exchange/numbers.h"
#include "http/json.h"

namespace meetpoint::api {

namespace json = boost::json;
namespace scope = domain::scope;
using http::endpoint;
using http::Request;
using http::Response;

enum class GraphNumberType { directRouting, callingPlan, operatorConnect };
BOOST_DESCRIBE_ENUM(GraphNumberType, directRouting, callingPlan, operatorConnect)

struct GraphAssignNumber {
    std::string telephoneNumber;
    Id assignmentTargetId;
    GraphNumberType numberType = GraphNumberType::operatorConnect;
    std::optional<std::string> assignmentCategory, locationId;
    static constexpr http::FieldDoc docs[] = {
        {.field = "telephoneNumber", .what = "E.164; the plus may be left out", .maxLength = 64},
        {.field = "assignmentTargetId", .what = "Of the tenant's targets"},
        {.field = "numberType", .what = "operatorConnect, which every number here is"},
        {.field = "assignmentCategory", .what = "primary (default), private or alternate", .maxLength = 16},
        {.field = "locationId", .what = "Of the emergency address; empty: none", .maxLength = 128},
    };
};
BOOST_DESCRIBE_STRUCT(GraphAssignNumber, (),
                      (telephoneNumber, assignmentTargetId, numberType, assignmentCategory, locationId))

struct GraphUnassignNumber {
    std::string telephoneNumber;
    std::optional<GraphNumberType> numberType;
    static constexpr http::FieldDoc docs[] = {
        {.field = "telephoneNumber", .what = "E.164; the plus may be left out", .maxLength = 64},
    };
};
BOOST_DESCRIBE_STRUCT(GraphUnassignNumber, (), (telephoneNumber, numberType))

struct GraphUpdateNumber {
    std::string telephoneNumber;
    std::optional<std::string> locationId, networkSiteId;
    std::optional<std::vector<std::string>> reverseNumberLookupOptions;
    static constexpr http::FieldDoc docs[] = {
        {.field = "telephoneNumber", .what = "E.164; the plus may be left out", .maxLength = 64},
        {.field = "locationId", .what = "Of the emergency address; empty: none", .maxLength = 128},
        {.field = "networkSiteId", .what = "Not kept here; empty or left out", .maxLength = 128},
        {.field = "reverseNumberLookupOptions", .what = "Not kept here; empty or left out", .maxLength = 8},
    };
};
BOOST_DESCRIBE_STRUCT(GraphUpdateNumber, (), (telephoneNumber, locationId, networkSiteId, reverseNumberLookupOptions))

namespace {

constexpr const char* management = "/admin/teams/telephoneNumberManagement";
constexpr std::int64_t defaultPage = 500, largestPage = 1'000;

constexpr const char* assignmentSchema = R"({
  "type": "object",
  "properties": {
    "@odata.context": {"type": "string"},
    "id": {"type": "string"}, "telephoneNumber": {"type": "string"}, "operatorId": {"type": "string"},
    "numberType": {"type": "string"}, "activationState": {"type": "string"},
    "capabilities": {"type": "array", "items": {"type": "string"}},
    "locationId": {"type": ["string", "null"]}, "civicAddressId": {"type": ["string", "null"]},
    "networkSiteId": {"type": ["string", "null"]}, "assignmentTargetId": {"type": ["string", "null"]},
    "assignmentCategory": {"type": ["string", "null"]}, "portInStatus": {"type": ["string", "null"]},
    "assignmentStatus": {"type": "string"}, "isoCountryCode": {"type": ["string", "null"]},
    "city": {"type": ["string", "null"]}, "numberSource": {"type": "string"},
    "supportedCustomerActions": {"type": "array", "items": {"type": "string"}},
    "reverseNumberLookupOptions": {"type": "array", "items": {"type": "string"}}
  }
})";

std::string listSchema() {
    return std::string(R"({"type": "object", "required": ["@odata.context", "value"], "properties": {)"
                       R"("@odata.context": {"type": "string"}, "@odata.count": {"type": "integer"}, )"
                       R"("@odata.nextLink": {"type": "string"}, "value": {"type": "array", "items": )") +
           assignmentSchema + "}}}";
}

constexpr const char* operationSchema = R"({
  "type": "object", "required": ["id", "createdDateTime", "status", "numbers"],
  "properties": {
    "@odata.context": {"type": "string"}, "id": {"type": "string"}, "createdDateTime": {"type": "string"},
    "status": {"type": "string", "enum": ["notStarted", "running", "succeeded", "failed"]},
    "numbers": {"type": "array", "items": {"type": "object", "properties": {
      "resourceLocation": {"type": "string"}, "status": {"type": "string"}, "statusDetail": {"type": ["string", "null"]}
    }}}
  }
})";

// One of Graph's two versions, which differ in nothing here but their address.
struct Version {
    std::string path;    // "/v1.0"
    std::string prefix;  // of operation ids: "graph"
};

// "https://exchange.example.com/v1.0".
std::string rootOf(const Context& context, const Request& request) {
    return addressOf(context, request) + request.route.substr(0, request.route.find('/', 1));
}
std::string contextOf(const Context& context, const Request& request, std::string_view what) {
    return rootOf(context, request) + "/$metadata#admin/teams/telephoneNumberManagement/" + std::string(what);
}

Response odata(const json::object& body) {
    Response response = http::jsonText(json::serialize(body));
    response.headers.set("OData-Version", "4.0");
    return response;
}

// The list's own address with the cursor in place of what was skipped, so that following it needs nothing else.
std::string nextLink(const Context& context, const Request& request, const std::string& cursor) {
    std::string link = addressOf(context, request) + request.route + "?";
    for (const auto& [name, value] : request.query)
        if (name != "$skip" && name != "$skiptoken") link += name + "=" + http::percentEncode(value) + "&";
    return link + "$skiptoken=" + http::percentEncode(cursor);
}

Result<Response> list(const Context& context, const Request& request) {
    store::NumberQuery query;
    if (const auto filter = request.query.text("$filter")) {
        TRY_ASSIGN(query.condition, readGraphFilter(*filter));
    }
    query.limit = static_cast<std::size_t>(*request.query.integer("$top"));
    query.skip = static_cast<std::size_t>(*request.query.integer("$skip"));
    TRY_ASSIGN(const auto page, exchange::listNumbers(context.exchange, context.cursors, callerOf(request), query,
                                                      request.query.text("$skiptoken")));
    json::object body{{"@odata.context", contextOf(context, request, "numberAssignments")}};
    if (request.query.boolean("$count")) {
        TRY_ASSIGN(const std::int64_t count, exchange::countNumbers(context.exchange, callerOf(request), query));
        body["@odata.count"] = count;
    }
    if (page.next) body["@odata.nextLink"] = nextLink(context, request, *page.next);
    json::array numbers;
    for (const store::Number& number : page.numbers)
        numbers.push_back(numberAssignment(number));
    body["value"] = std::move(numbers);
    return odata(body);
}

Result<Response> read(const Context& context, const Request& request) {
    TRY_ASSIGN(const auto number, exchange::findNumber(context.exchange, callerOf(request), *request.path.id("id")));
    if (!graphStateOf(number.state)) return fail(notFound("There is no such number."));
    json::object body{{"@odata.context", contextOf(context, request, "numberAssignments/$entity")}};
    for (auto& [name, value] : numberAssignment(number))
        body[name] = value;
    return odata(body);
}

// The number that a body names.
Result<Id> numberIn(const Context& context, const Request& request, const std::string& telephoneNumber) {
    const auto number = domain::readE164((telephoneNumber.starts_with('+') ? "" : "+") + telephoneNumber);
    if (!number) return fail(invalidInput("bad-number", "'telephoneNumber' must be E.164, e.g. +41446681800."));
    TRY_ASSIGN(const auto found, exchange::findNumberByE164(context.exchange, callerOf(request), *number));
    return found.id;
}

Result<void> checkType(std::optional<GraphNumberType> type) {
    if (!type || *type == GraphNumberType::operatorConnect) return {};
    return fail(invalidInput("bad-number-type", "Numbers here have 'numberType' operatorConnect."));
}

Response accepted(const Context& context, const Request& request, const store::Operation& operation) {
    Response response;
    response.status = 202;
    response.headers.set("Location",
                         rootOf(context, request) + management + "/operations('" + formatId(operation.id) + "')");
    return response;
}

Result<Response> assign(const Context& context, const Request& request, const GraphAssignNumber& body) {
    TRY(checkType(body.numberType));
    TRY_ASSIGN(const Id number, numberIn(context, request, body.telephoneNumber));
    const exchange::Assignment assignment{body.assignmentTargetId, std::nullopt, std::nullopt, body.assignmentCategory,
                                          body.locationId};
    TRY_ASSIGN(const auto assigned, exchange::assignNumber(context.exchange, context.limits, callerOf(request), number,
                                                           assignment, std::nullopt));
    return accepted(context, request, assigned.operation);
}

Result<Response> unassign(const Context& context, const Request& request, const GraphUnassignNumber& body) {
    TRY(checkType(body.numberType));
    TRY_ASSIGN(const Id number, numberIn(context, request, body.telephoneNumber));
    TRY_ASSIGN(const auto unassigned, exchange::unassignNumber(context.exchange, context.limits, callerOf(request),
                                                               number, std::nullopt, std::nullopt));
    return accepted(context, request, unassigned.operation);
}

Result<Response> update(const Context& context, const Request& request, const GraphUpdateNumber& body) {
    const bool keepsMore = (body.networkSiteId && !body.networkSiteId->empty()) ||
                           (body.reverseNumberLookupOptions && !body.reverseNumberLookupOptions->empty());
    if (keepsMore)
        return fail(invalidInput("graph-not-supported",
                                 "Of a number only 'locationId' can be updated here; leave 'networkSiteId' and "
                                 "'reverseNumberLookupOptions' out."));
    TRY_ASSIGN(const Id number, numberIn(context, request, body.telephoneNumber));
    TRY(exchange::updateNumber(context.exchange, callerOf(request), number, {{}, {}, body.locationId}, std::nullopt));
    Response done;
    return done;
}

Result<Response> readOperation(const Context& context, const Request& request) {
    TRY_ASSIGN(const auto operation,
               exchange::findOperation(context.exchange, callerOf(request), *request.path.id("id")));
    // What Graph's own actions made; orders of many numbers are read at /v1/operations.
    if (!operation.numberId) return fail(notFound("There is no such operation."));
    const std::string_view status = name(operation.status);
    json::object number{{"resourceLocation",
                         rootOf(context, request) + management + "/numberAssignments/" + formatId(*operation.numberId)},
                        {"status", status},
                        {"statusDetail", operation.reason ? json::value(*operation.reason) : json::value(nullptr)}};
    return odata({{"@odata.context", contextOf(context, request, "operations/$entity")},
                  {"id", formatId(operation.id)},
                  {"createdDateTime", formatInstant(operation.createdAt)},
                  {"status", status},
                  {"numbers", json::array{std::move(number)}}});
}

http::EndpointBuilder graph(const Version& version, http::Route route, const std::string& operationId,
                            const char* summary) {
    route.path = version.path + management + route.path;
    auto builder = endpoint(std::move(route), version.prefix + operationId);
    builder.tag("Microsoft Graph").summary(summary).errorForm(odataErrors());
    return builder;
}

void addReading(std::vector<http::Endpoint>& endpoints, const Context& context, const Version& version) {
    endpoints.push_back(
        graph(version, http::get("/numberAssignments"), "ListNumberAssignments", "Number assignments (Graph)")
            .description("The numbers that the caller may see, in order of number. `$filter` takes `eq` and `ne` on "
                         "every property but `id` and `city`, `capabilities/any(c:c eq 'userAssignment')`, `and`, `or` "
                         "and parentheses.")
            .scope(std::string(scope::numbersRead))
            .query(http::textParameter("$filter", "assignmentStatus eq 'unassigned' and …", 2'000))
            .query(http::integerParameter("$top", "Numbers a page", 1, largestPage, defaultPage))
            .query(http::integerParameter("$skip", "Numbers to leave out first", 0, INT32_MAX, 0))
            .query(http::booleanParameter("$count", "Give the number of all that match as @odata.count"))
            .query(http::textParameter("$skiptoken", "Of @odata.nextLink, which is followed as it is", 512))
            .answers(200, "application/json", {.json = listSchema()}, "A page; @odata.nextLink where there is more")
            .problems({"bad-filter", "bad-cursor", "carrier-required"})
            .handle([&context](const Request& request) { return list(context, request); }));
    endpoints.push_back(
        graph(version, http::get("/numberAssignments/{id}"), "ReadNumberAssignment", "One number assignment (Graph)")
            .scope(std::string(scope::numbersRead))
            .path(http::idParameter("id", "The number's id"))
            .answers(200, "application/json", {.json = assignmentSchema}, "The number")
            .handle([&context](const Request& request) { return read(context, request); }));
    // OData lets the key stand in parentheses too, and Graph's own Location does.
    for (const auto& [path, id] :
         {std::pair("/operations/{id}", "ReadOperation"), std::pair("/operations('{id}')", "ReadOperationByKey")})
        endpoints.push_back(
            graph(version, http::get(path), id, "What became of an action (Graph)")
                .scope(std::string(scope::numbersRead))
                .path(http::idParameter("id", "The operation"))
                .answers(200, "application/json", {.json = operationSchema}, "The operation")
                .handle([&context](const Request& request) { return readOperation(context, request); }));
}

void addActions(std::vector<http::Endpoint>& endpoints, const Context& context, const Version& version) {
    endpoints.push_back(
        graph(version, http::post("/numberAssignments/assignNumber"), "AssignNumber", "Assign a number (Graph)")
            .scope(std::string(scope::numbersAssign))
            .answersNothing(202, "Location names the operation")
            .problems({"bad-number", "bad-number-type", "unknown-target", "target-inactive", "usage-mismatch",
                       "primary-exists", "bad-category", "transition-not-allowed", "bad-sip-uri-template",
                       "version-mismatch", "consent-missing", "text-too-long"})
            .handle<GraphAssignNumber>([&context](const Request& request, const GraphAssignNumber& body) {
                return assign(context, request, body);
            }));
    endpoints.push_back(
        graph(version, http::post("/numberAssignments/unassignNumber"), "UnassignNumber", "Unassign a number (Graph)")
            .scope(std::string(scope::numbersAssign))
            .answersNothing(202, "Location names the operation")
            .problems({"bad-number", "bad-number-type", "transition-not-allowed", "version-mismatch"})
            .handle<GraphUnassignNumber>([&context](const Request& request, const GraphUnassignNumber& body) {
                return unassign(context, request, body);
            }));
    endpoints.push_back(
        graph(version, http::post("/numberAssignments/updateNumber"), "UpdateNumber", "Update a number (Graph)")
            .scope(std::string(scope::numbersUpdate))
            .answersNothing(200, "Done, at once")
            .problems(
                {"bad-number", "graph-not-supported", "text-too-long", "transition-not-allowed", "version-mismatch"})
            .handle<GraphUpdateNumber>([&context](const Request& request, const GraphUpdateNumber& body) {
                return update(context, request, body);
            }));
}

}  // namespace

std::vector<http::Endpoint> graphNumberEndpoints(const Context& context) {
    std::vector<http::Endpoint> endpoints;
    for (const Version& version : {Version{"/v1.0", "graph"}, Version{"/beta", "graphBeta"}}) {
        addReading(endpoints, context, version);
        addActions(endpoints, context, version);
    }
    return endpoints;
}

}  // namespace meetpoint::api
