// Numbers on their way from one carrier to another, and orders that met a holder.
#include "exchange/ports.h"

#include "api/endpoints.h"
#include "api/links.h"
#include "http/json.h"

namespace meetpoint::api {

using http::endpoint;
using http::Request;
using http::Response;
namespace scope = domain::scope;

struct Port {
    Id id;
    std::string telephoneNumber;
    std::optional<std::string> side;
    std::optional<Id> numberId, tenantId, gainingCarrierId, losingCarrierId;
    std::string state;
    std::optional<Instant> portAt;
    std::optional<std::string> reason;
    Instant requestedAt;
    Instant changedAt;
    std::int64_t version;
    static constexpr http::FieldDoc docs[] = {
        {.field = "side", .what = "gaining or losing: what the caller's carrier is in it; absent for the platform"},
        {.field = "numberId", .what = "Of the caller's side"},
        {.field = "tenantId", .what = "For whom it is ported; shown to the gaining side and the platform"},
        {.field = "gainingCarrierId", .what = "Shown to itself and the platform"},
        {.field = "losingCarrierId", .what = "Shown to itself and the platform; absent where nobody held the number"},
        {.field = "state", .what = "requested, accepted, objected, cutOver, completed, cancelled"},
        {.field = "portAt", .what = "It is not completed before"},
    };
};
BOOST_DESCRIBE_STRUCT(Port, (),
                      (id, telephoneNumber, side, numberId, tenantId, gainingCarrierId, losingCarrierId, state, portAt,
                       reason, requestedAt, changedAt, version))
struct PortList {
    std::vector<Port> items;
    std::optional<std::string> next;
};
BOOST_DESCRIBE_STRUCT(PortList, (), (items, next))

enum class PortMoveState { accepted, objected, cancelled, completed };
BOOST_DESCRIBE_ENUM(PortMoveState, accepted, objected, cancelled, completed)
struct PortMove {
    PortMoveState state;
    std::optional<std::string> reason;
    std::optional<Instant> portAt;
    static constexpr http::FieldDoc docs[] = {
        {.field = "state",
         .what = "accepted or objected by the losing carrier; completed or cancelled by the gaining one"},
        {.field = "reason", .what = "Needed to object", .maxLength = 250},
        {.field = "portAt", .what = "The losing carrier may ask for a later time when it accepts"},
    };
};
BOOST_DESCRIBE_STRUCT(PortMove, (), (state, reason, portAt))

struct NumberConflict {
    Id id;
    std::string telephoneNumber;
    Id orderingCarrierId, orderingTenantId, holdingCarrierId, holdingTenantId;
    Id operationId;
    std::string state;
    std::optional<std::string> note;
    std::optional<Id> portId;
    Instant noticedAt;
    std::optional<Instant> settledAt;
    std::optional<std::string> settledBy;
    static constexpr http::FieldDoc docs[] = {
        {.field = "operationId", .what = "The order that was refused"},
        {.field = "state", .what = "open, ported (a port was begun) or dismissed"},
    };
};
BOOST_DESCRIBE_STRUCT(NumberConflict, (),
                      (id, telephoneNumber, orderingCarrierId, orderingTenantId, holdingCarrierId, holdingTenantId,
                       operationId, state, note, portId, noticedAt, settledAt, settledBy))
struct NumberConflictList {
    std::vector<NumberConflict> items;
    std::optional<std::string> next;
};
BOOST_DESCRIBE_STRUCT(NumberConflictList, (), (items, next))

enum class Resolution { port, dismiss };
BOOST_DESCRIBE_ENUM(Resolution, port, dismiss)
struct ConflictSettlement {
    Resolution resolution;
    std::optional<std::string> note;
    static constexpr http::FieldDoc docs[] = {
        {.field = "resolution", .what = "port: begin one for the carrier that ordered; dismiss: leave it as it is"},
        {.field = "note", .maxLength = 1'000},
    };
};
BOOST_DESCRIBE_STRUCT(ConflictSettlement, (), (resolution, note))

namespace {

Port wire(const exchange::SeenPort& seen) {
    const store::Port& port = seen.port;
    const bool isPlatform = !seen.isGaining && !seen.isLosing;
    Port out;
    out.id = port.id;
    out.telephoneNumber = domain::format(port.e164);
    if (!isPlatform) out.side = seen.isGaining ? "gaining" : "losing";
    out.numberId = seen.isLosing && !seen.isGaining ? port.losingNumberId : std::optional(port.numberId);
    if (seen.isGaining || isPlatform) out.tenantId = port.tenantId;
    if (seen.isGaining || isPlatform) out.gainingCarrierId = port.gainingCarrierId;
    if (seen.isLosing || isPlatform) out.losingCarrierId = port.losingCarrierId;
    out.state = name(port.state);
    out.portAt = port.portAt;
    out.reason = port.reason;
    out.requestedAt = port.requestedAt;
    out.changedAt = port.changedAt;
    out.version = port.version;
    return out;
}

NumberConflict wire(const store::NumberConflict& conflict) {
    return {conflict.id,
            domain::format(conflict.e164),
            conflict.orderingCarrierId,
            conflict.orderingTenantId,
            conflict.holdingCarrierId,
            conflict.holdingTenantId,
            conflict.operationId,
            conflict.state,
            conflict.note,
            conflict.portId,
            conflict.noticedAt,
            conflict.settledAt,
            conflict.settledBy};
}

domain::PortState stateOf(PortMoveState state) {
    switch (state) {
        case PortMoveState::accepted:
            return domain::PortState::accepted;
        case PortMoveState::objected:
            return domain::PortState::objected;
        case PortMoveState::cancelled:
            return domain::PortState::cancelled;
        case PortMoveState::completed:
            return domain::PortState::completed;
    }
    return domain::PortState::cancelled;
}

template <class List, class Page, class Items>
Response pageOf(const Request& request, const Page& page, const Items& items) {
    List list;
    for (const auto& one : items)
        list.items.push_back(wire(one));
    list.next = page.next;
    Response response = http::jsonResponse(list);
    if (page.next) addNextLink(response, request, *page.next);
    return response;
}

void addPorts(std::vector<http::Endpoint>& endpoints, const Context& context) {
    endpoints.push_back(endpoint(http::get("/v1/ports"), "listPorts")
                            .tag("Numbers")
                            .summary("Ports that the caller's carrier gains or loses")
                            .scope(std::string(scope::numbersPort))
                            .query(http::idParameter("carrierId", "Where the client acts for several carriers"))
                            .query(http::textParameter("cursor", "From `next` of the page before", 512))
                            .query(http::integerParameter("limit", "Ports a page", 1, 1'000, 100))
                            .answers<PortList>(200, "Oldest first")
                            .problems({"bad-cursor", "carrier-required"})
                            .handle([&context](const Request& request) -> Result<Response> {
                                TRY_ASSIGN(
                                    const auto page,
                                    exchange::listPorts(context.exchange, context.cursors, callerOf(request),
                                                        request.query.id("carrierId"), request.query.text("cursor"),
                                                        static_cast<std::size_t>(*request.query.integer("limit"))));
                                return pageOf<PortList>(request, page, page.ports);
                            }));
    endpoints.push_back(endpoint(http::get("/v1/ports/{id}"), "readPort")
                            .tag("Numbers")
                            .summary("One port")
                            .scope(std::string(scope::numbersPort))
                            .path(http::idParameter("id", "The port"))
                            .answers<Port>(200, "The port")
                            .handle([&context](const Request& request) -> Result<Response> {
                                TRY_ASSIGN(const auto seen, exchange::findPort(context.exchange, callerOf(request),
                                                                               *request.path.id("id")));
                                return http::jsonResponse(wire(seen));
                            }));
    endpoints.push_back(
        endpoint(http::post("/v1/ports/{id}/state"), "movePort")
            .tag("Numbers")
            .summary("See a port through")
            .description("The losing carrier accepts or objects; the gaining one completes or cancels. Completing "
                         "hands the number over at that instant: calls before it stay the losing carrier's.")
            .scope(std::string(scope::numbersPort))
            .path(http::idParameter("id", "The port"))
            .answers<Port>(200, "The port as it is now")
            .problems({"transition-not-allowed", "reason-required", "port-too-early", "consent-missing",
                       "number-not-available", "version-mismatch"})
            .handle<PortMove>([&context](const Request& request, PortMove body) -> Result<Response> {
                TRY_ASSIGN(const auto seen,
                           exchange::movePort(context.exchange, context.limits, callerOf(request),
                                              *request.path.id("id"), {stateOf(body.state), body.reason, body.portAt}));
                return http::jsonResponse(wire(seen));
            }));
}

void addConflicts(std::vector<http::Endpoint>& endpoints, const Context& context) {
    endpoints.push_back(endpoint(http::get("/v1/number-conflicts"), "listNumberConflicts")
                            .tag("Numbers")
                            .summary("Orders for numbers that another carrier holds")
                            .scope(std::string(scope::provisioning))
                            .query(http::choiceParameter("state", "Only those", {"open", "ported", "dismissed"}))
                            .query(http::textParameter("cursor", "From `next` of the page before", 512))
                            .query(http::integerParameter("limit", "Conflicts a page", 1, 1'000, 100))
                            .answers<NumberConflictList>(200, "Oldest first")
                            .problems({"bad-cursor"})
                            .handle([&context](const Request& request) -> Result<Response> {
                                TRY_ASSIGN(
                                    const auto page,
                                    exchange::listConflicts(context.exchange, context.cursors, callerOf(request),
                                                            request.query.text("state"), request.query.text("cursor"),
                                                            static_cast<std::size_t>(*request.query.integer("limit"))));
                                return pageOf<NumberConflictList>(request, page, page.conflicts);
                            }));
    endpoints.push_back(
        endpoint(http::post("/v1/number-conflicts/{id}/settle"), "settleNumberConflict")
            .tag("Numbers")
            .summary("Settle who is to have a number")
            .scope(std::string(scope::provisioning))
            .path(http::idParameter("id", "The conflict"))
            .answers<NumberConflict>(200, "The conflict, settled")
            .problems({"conflict-settled", "number-not-available", "consent-missing", "version-mismatch"})
            .handle<ConflictSettlement>([&context](const Request& request,
                                                   ConflictSettlement body) -> Result<Response> {
                const auto settlement =
                    body.resolution == Resolution::port ? exchange::Settlement::port : exchange::Settlement::dismiss;
                TRY_ASSIGN(const auto settled, exchange::settleConflict(context.exchange, callerOf(request),
                                                                        *request.path.id("id"), settlement, body.note));
                return http::jsonResponse(wire(settled));
            }));
}

}  // namespace

std::vector<http::Endpoint> portEndpoints(const Context& context) {
    std::vector<http::Endpoint> endpoints;
    addPorts(endpoints, context);
    addConflicts(endpoints, context);
    return endpoints;
}

}  // namespace meetpoint::api
