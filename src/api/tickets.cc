// Tickets: one thread that both sides see, on trouble with calls or in dispute over items.
#include "exchange/tickets.h"

#include <boost/json.hpp>

#include "api/endpoints.h"
#include "api/links.h"
#include "api/ticket_wire.h"
#include "http/precondition.h"

namespace meetpoint::api {

using http::endpoint;
using http::Request;
using http::Response;
namespace scope = domain::scope;

struct TicketList {
    std::vector<Ticket> items;
    std::optional<std::string> next;
};
BOOST_DESCRIBE_STRUCT(TicketList, (), (items, next))

struct TicketComment {
    std::string text;
    static constexpr http::FieldDoc docs[] = {{.field = "text", .minLength = 1, .maxLength = 10'000}};
};
BOOST_DESCRIBE_STRUCT(TicketComment, (), (text))

struct TicketStep {
    std::int64_t step;
    Instant at;
    std::string actor;
    TicketSide side;
    std::string action;
    TicketState state;
    std::optional<std::string> text;
    std::optional<boost::json::value> detail;
    static constexpr http::FieldDoc docs[] = {
        {.field = "step", .what = "From 1, without a gap"},
        {.field = "action", .what = "open, comment, attach, change, or an action of its table"},
        {.field = "state", .what = "After it"},
        {.field = "text", .what = "The comment, the reason, the settlement in words"},
        {.field = "detail", .what = "What was changed, attached or settled"},
    };
};
BOOST_DESCRIBE_STRUCT(TicketStep, (), (step, at, actor, side, action, state, text, detail))

struct TicketHistory {
    std::vector<TicketStep> items;
    std::optional<std::string> next;
};
BOOST_DESCRIBE_STRUCT(TicketHistory, (), (items, next))

namespace {

constexpr std::string_view listName = "tickets", historyName = "ticketSteps";
// What may be attached.
const std::vector<std::string> attachedTypes{
    "application/pdf", "text/plain", "text/csv",         "application/json",
    "image/png",       "image/jpeg", "application/gzip", "application/vnd.tcpdump.pcap"};

Response answer(const exchange::TicketView& view, int status = 200) {
    Response response = http::jsonResponse(wire(view), status);
    response.headers.set("ETag", http::etagOf(static_cast<std::uint64_t>(view.ticket.version)));
    return response;
}

TicketStep stepWire(const store::TicketStep& from) {
    TicketStep to{from.step,   from.at,
                  from.actor,  static_cast<TicketSide>(from.side),
                  from.action, static_cast<TicketState>(from.state),
                  from.text,   std::nullopt};
    boost::json::error_code ignored;  // written by this program
    if (from.detail) to.detail = boost::json::parse(*from.detail, ignored);
    return to;
}

Result<store::TicketPage> pageOf(const Context& context, const Request& request) {
    store::TicketPage page;
    if (const auto kind = request.query.text("kind")) page.kind = domain::readTicketKind(*kind);
    if (const auto state = request.query.text("state")) page.state = domain::readTicketState(*state);
    if (const auto side = request.query.text("ownerSide")) page.ownerSide = domain::readSide(*side);
    if (const auto status = request.query.text("status")) page.isOpen = *status == "open";
    page.dueBefore = request.query.instant("dueBefore");
    if (const auto cursor = request.query.text("cursor")) {
        TRY_ASSIGN(page.before, context.cursors.readId(*cursor, listName, callerOf(request).clientId));
    }
    page.limit = static_cast<std::size_t>(*request.query.integer("limit")) + 1;
    return page;
}

Result<Response> list(const Context& context, const Request& request) {
    const domain::Caller& caller = callerOf(request);
    TRY_ASSIGN(const auto page, pageOf(context, request));
    TRY_ASSIGN(auto views, exchange::listTickets(context.tickets, caller, request.query.id("carrierId"), page));
    const bool more = views.size() == page.limit;
    if (more) views.pop_back();
    TicketList answered;
    for (const auto& view : views)
        answered.items.push_back(wire(view));
    if (more) answered.next = context.cursors.write(listName, views.back().ticket.key.id, caller.clientId);
    Response response = http::jsonResponse(answered);
    if (answered.next) addNextLink(response, request, *answered.next);
    return response;
}

Result<Response> history(const Context& context, const Request& request) {
    const domain::Caller& caller = callerOf(request);
    const Id id = *request.path.id("id");
    const std::string name = std::string(historyName) + formatId(id) + request.query.text("action").value_or("");
    exchange::StepQuery query;
    query.action = request.query.text("action");
    if (const auto cursor = request.query.text("cursor")) {
        TRY(exchange::findTicket(context.tickets, caller, id));
        TRY_ASSIGN(query.after, context.cursors.read(*cursor, name, caller.clientId));
    }
    const auto limit = static_cast<std::size_t>(*request.query.integer("limit"));
    query.limit = limit + 1;
    TRY_ASSIGN(auto steps, exchange::ticketSteps(context.tickets, caller, id, query));
    const bool more = steps.size() > limit;
    if (more) steps.pop_back();
    TicketHistory answered;
    for (const auto& step : steps)
        answered.items.push_back(stepWire(step));
    if (more) answered.next = context.cursors.write(name, steps.back().step, caller.clientId);
    Response response = http::jsonResponse(answered);
    if (answered.next) addNextLink(response, request, *answered.next);
    return response;
}

Result<Response> attach(const Context& context, const Request& request) {
    TRY_ASSIGN(const auto attachment,
               exchange::attachTo(context.tickets, callerOf(request), *request.path.id("id"),
                                  {*request.query.text("name"), request.mediaType, request.body}));
    return http::jsonResponse(wire(attachment), 201);
}

Result<Response> download(const Context& context, const Request& request) {
    TRY_ASSIGN(const auto attached, exchange::readAttachment(context.tickets, callerOf(request), *request.path.id("id"),
                                                             *request.path.id("attachmentId")));
    Response response;
    // Whatever it says it is, no browser opens it in the name of the exchange.
    response.mediaType = "application/octet-stream";
    response.body.assign(attached.content.begin(), attached.content.end());
    response.headers.set("Content-Disposition", "attachment");
    response.headers.set("X-Content-Type-Options", "nosniff");
    response.headers.set("ETag", "\"" + toHex(attached.attachment.sha256) + "\"");
    return response;
}

// What is not the caller's answers like what does not exist, also without If-Match: the ticket is looked for first.
Result<std::optional<std::int64_t>> versionOf(const Context& context, const Request& request) {
    TRY(exchange::findTicket(context.tickets, callerOf(request), *request.path.id("id")));
    TRY_ASSIGN(const auto version, http::expectedVersion(request, http::IfMatch::required));
    return version ? std::optional(static_cast<std::int64_t>(*version)) : std::nullopt;
}

http::EndpointBuilder declare(http::Route route, std::string operationId, std::string summary, std::string_view scope) {
    const bool namesOne = route.path.find("{id}") != std::string::npos;
    auto builder = endpoint(std::move(route), std::move(operationId));
    builder.tag("Tickets").summary(std::move(summary)).scope(std::string(scope));
    if (namesOne) builder.path(http::idParameter("id", "The ticket"));
    return builder;
}

void addReading(std::vector<http::Endpoint>& endpoints, const Context& context) {
    endpoints.push_back(
        declare(http::get("/v1/tickets"), "listTickets", "Tickets that the caller is a side of", scope::ticketsRead)
            .query(http::idParameter("carrierId", "Where the client acts for several carriers; else of this one only"))
            .query(http::choiceParameter("kind", "Only those", {"trouble", "dispute"}))
            .query(http::choiceParameter(
                "state", "Only those",
                {"open", "inProgress", "settlementProposed", "settled", "rejected", "withdrawn", "closed"}))
            .query(http::choiceParameter("status", "open: those that have not ended; over: those that have",
                                         {"open", "over"}))
            .query(http::choiceParameter("ownerSide", "Those on which this side has to act", {"platform", "carrier"}))
            .query(http::instantParameter("dueBefore", "Those that are due before"))
            .query(http::textParameter("cursor", "From `next` of the page before", 512))
            .query(http::integerParameter("limit", "Tickets a page", 1, 1'000, 100))
            .answers<TicketList>(200, "Newest first")
            .problems({"bad-cursor", "carrier-required"})
            .handle([&context](const Request& request) { return list(context, request); }));
    endpoints.push_back(declare(http::get("/v1/tickets/{id}"), "readTicket", "One ticket", scope::ticketsRead)
                            .answers<Ticket>(200, "The ticket, with its version as ETag")
                            .handle([&context](const Request& request) -> Result<Response> {
                                TRY_ASSIGN(const auto view, exchange::findTicket(context.tickets, callerOf(request),
                                                                                 *request.path.id("id")));
                                return answer(view);
                            }));
    endpoints.push_back(declare(http::get("/v1/tickets/{id}/history"), "readTicketHistory",
                                "Everything that was said and done in a ticket, by whom and when", scope::ticketsRead)
                            .query(http::choiceParameter("action", "Only these steps",
                                                         {"open", "comment", "attach", "change", "start", "propose",
                                                          "accept", "refuse", "reject", "withdraw", "reopen", "close"}))
                            .query(http::textParameter("cursor", "From `next` of the page before", 512))
                            .query(http::integerParameter("limit", "Steps a page", 1, 1'000, 100))
                            .answers<TicketHistory>(200, "Oldest first")
                            .problems({"bad-cursor"})
                            .handle([&context](const Request& request) { return history(context, request); }));
    endpoints.push_back(declare(http::get("/v1/tickets/{id}/attachments/{attachmentId}"), "readTicketAttachment",
                                "What was attached", scope::ticketsAttachments)
                            .path(http::idParameter("attachmentId", "The attachment"))
                            .answers(200, "application/octet-stream", http::binarySchema(),
                                     "The content; its type stands in the ticket, its SHA-256 is the ETag")
                            .handle([&context](const Request& request) { return download(context, request); }));
}

void addOpening(std::vector<http::Endpoint>& endpoints, const Context& context) {
    endpoints.push_back(
        declare(http::post("/v1/tickets"), "openTicket", "Open a ticket", scope::ticketsWrite)
            .query(http::idParameter("carrierId", "Where the client acts for several carriers, or is the platform"))
            .answers<Ticket>(201, "The ticket, with its version as ETag")
            .problems({"bad-ticket", "already-disputed", "too-many-tickets", "carrier-required"})
            .handle<NewTicket>([&context](const Request& request, const NewTicket& body) -> Result<Response> {
                auto wanted = ticketOf(body);
                wanted.carrierId = request.query.id("carrierId");
                TRY_ASSIGN(const auto view, exchange::openTicket(context.tickets, callerOf(request), wanted));
                return answer(view, 201);
            }));
    endpoints.push_back(
        declare(http::post("/v1/tickets/{id}/comments"), "commentOnTicket", "Say something", scope::ticketsWrite)
            .answers<TicketStep>(201, "The step of the history that it is")
            .problems({"ticket-over", "ticket-full"})
            .handle<TicketComment>([&context](const Request& request, const TicketComment& body) -> Result<Response> {
                TRY_ASSIGN(const auto step,
                           exchange::commentOn(context.tickets, callerOf(request), *request.path.id("id"), body.text));
                return http::jsonResponse(stepWire(step), 201);
            }));
    endpoints.push_back(
        declare(http::post("/v1/tickets/{id}/attachments"), "attachToTicket", "Attach something", scope::ticketsWrite)
            .description("The body is the content, its type one of those listed.")
            .query(http::required(http::textParameter("name", "Of the file", 200)))
            .maxBodyBytes(context.tickets.limits.attachmentBytes)
            .wholeBody(attachedTypes, http::binarySchema(), "The content")
            .answers<TicketAttachment>(201, "What was stored")
            .problems({"ticket-over", "ticket-full", "too-many-attachments"})
            .handle([&context](const Request& request) { return attach(context, request); }));
}

void addChanging(std::vector<http::Endpoint>& endpoints, const Context& context) {
    endpoints.push_back(
        declare(http::patch("/v1/tickets/{id}"), "changeTicket", "Change who looks after it, until when, its title",
                scope::ticketsWrite)
            .description("What is left out stays as it is. `If-Match` with the `ETag` of the last read is needed.")
            .answers<Ticket>(200, "The ticket as it is now")
            .problems({"ticket-over", "ticket-full", "if-match-required", "bad-if-match", "version-mismatch"})
            .handle<TicketChange>([&context](const Request& request, const TicketChange& body) -> Result<Response> {
                TRY_ASSIGN(const auto version, versionOf(context, request));
                TRY_ASSIGN(const auto view, exchange::changeTicket(context.tickets, callerOf(request),
                                                                   *request.path.id("id"), version, changeOf(body)));
                return answer(view);
            }));
    endpoints.push_back(
        declare(http::post("/v1/tickets/{id}/state"), "moveTicket", "Take it up, settle it, end it",
                scope::ticketsWrite)
            .description("`If-Match` with the `ETag` of the last read is needed: what is accepted is what was read.")
            .answers<Ticket>(200, "The ticket as it is now")
            .problems({"transition-not-allowed", "reason-required", "bad-settlement", "already-disputed", "ticket-full",
                       "if-match-required", "bad-if-match", "version-mismatch"})
            .handle<TicketMove>([&context](const Request& request, const TicketMove& body) -> Result<Response> {
                TRY_ASSIGN(const auto version, versionOf(context, request));
                TRY_ASSIGN(const auto view, exchange::moveTicket(context.tickets, callerOf(request),
                                                                 *request.path.id("id"), version, moveOf(body)));
                return answer(view);
            }));
}

}  // namespace

std::vector<http::Endpoint> ticketEndpoints(const Context& context) {
    std::vector<http::Endpoint> endpoints;
    addReading(endpoints, context);
    addOpening(endpoints, context);
    addChanging(endpoints, context);
    return endpoints;
}

}  // namespace meetpoint::api
