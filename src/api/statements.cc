// Delivery statements: what a carrier's feed held of each hour, for its receiver to check.
#include "exchange/statements.h"

#include "api/endpoints.h"
#include "api/links.h"
#include "http/json.h"

namespace meetpoint::api {

using http::endpoint;
using http::Request;
using http::Response;

struct DeliveryStatement {
    Instant hour;
    std::int64_t firstSequence;
    std::int64_t lastSequence;
    std::int64_t count;
    std::optional<std::int64_t> durationMs;
    std::string hash;
    std::string chainHead;
    static constexpr http::FieldDoc docs[] = {
        {.field = "hour", .what = "Its beginning; what counts is storedAt"},
        {.field = "count", .what = "Records, each of them once; lastSequence - firstSequence + 1"},
        {.field = "durationMs", .what = "The sum over all records of calls, every version counted"},
        {.field = "hash",
         .what = "16 bytes, hexadecimal: the sum modulo 2^128 of the first 16 bytes, big-endian, of SHA-256 of each "
                 "record's canonical JSON (RFC 8785), which is its line of the feed as NDJSON without the newline"},
        {.field = "chainHead", .what = "Hash of the last entry of the hour, hexadecimal; keep it"},
    };
};
BOOST_DESCRIBE_STRUCT(DeliveryStatement, (), (hour, firstSequence, lastSequence, count, durationMs, hash, chainHead))

struct DeliveryStatementList {
    Id carrierId;
    std::optional<Instant> closedUntil;
    std::vector<DeliveryStatement> items;
    std::optional<std::string> next;
    static constexpr http::FieldDoc docs[] = {
        {.field = "closedUntil",
         .what = "Hours before it are final; one without a statement held nothing. Absent while the feed is empty"},
    };
};
BOOST_DESCRIBE_STRUCT(DeliveryStatementList, (), (carrierId, closedUntil, items, next))

namespace {

constexpr std::int64_t statementPage = 168;  // a week

DeliveryStatement wire(const store::Statement& from) {
    return {from.hour,       from.firstSequence,      from.lastSequence,    from.lastSequence - from.firstSequence + 1,
            from.durationMs, toHex(from.contentHash), toHex(from.chainHead)};
}

// The first call finds the carrier, which a cursor is bound to.
Result<Response> list(const Context& context, const Request& request, columns::LaneKind kind) {
    const domain::Caller& caller = callerOf(request);
    exchange::StatementRequest wanted{kind,
                                      request.query.id("carrierId"),
                                      {INT64_MIN},
                                      {INT64_MAX},
                                      static_cast<std::size_t>(*request.query.integer("limit"))};
    if (const auto from = request.query.instant("from")) wanted.from = *from;
    if (const auto to = request.query.instant("to")) wanted.to = *to;
    TRY_ASSIGN(const Id carrier, exchange::carrierOf(caller, wanted.carrierId));
    const std::string name = "statements/" + std::string(columns::name(kind)) + "/" + formatId(carrier);
    if (const auto cursor = request.query.text("cursor")) {
        TRY_ASSIGN(wanted.from.ms, context.cursors.read(*cursor, name, caller.clientId));
    }
    TRY_ASSIGN(const auto page, exchange::readStatements(context.exchange, caller, wanted));
    DeliveryStatementList answer{page.carrierId, page.closedUntil, {}, {}};
    for (const store::Statement& statement : page.statements)
        answer.items.push_back(wire(statement));
    if (page.hasMore) answer.next = context.cursors.write(name, page.statements.back().hour.ms + 1, caller.clientId);
    Response response = http::jsonResponse(answer);
    if (answer.next) addNextLink(response, request, *answer.next);
    return response;
}

http::Endpoint statements(const Context& context, columns::LaneKind kind, std::string operationId,
                          std::string_view scope) {
    const std::string name(columns::name(kind));
    return endpoint(http::get("/v1/feeds/" + name + "/statements"), std::move(operationId))
        .tag("Feeds")
        .summary("What the feed of " + name + " held, hour by hour")
        .description(
            "An hour is stated soon after its end and never changes. A receiver adds up what it got and sees "
            "that nothing is missing or altered, in whatever order it came. The records are meant as the "
            "carrier's own clients were given them when they had just been stored.")
        .scope(std::string(scope))
        .query(http::idParameter("carrierId", "Where the client acts for several carriers"))
        .query(http::instantParameter("from", "Hours that begin at this time or later"))
        .query(http::instantParameter("to", "Hours that begin before this time"))
        .query(http::textParameter("cursor", "From `next` of the page before", 512))
        .query(http::integerParameter("limit", "Hours a page", 1, 1'000, statementPage))
        .answers<DeliveryStatementList>(200, "In order of time")
        .problems({"bad-cursor", "carrier-required"})
        .handle([&context, kind](const Request& request) { return list(context, request, kind); });
}

}  // namespace

std::vector<http::Endpoint> statementEndpoints(const Context& context) {
    using columns::LaneKind;
    return {statements(context, LaneKind::assignments, "listAssignmentStatements", domain::scope::numbersRead),
            statements(context, LaneKind::calls, "listCallStatements", domain::scope::callsRead),
            statements(context, LaneKind::items, "listItemStatements", domain::scope::reconciliationRead)};
}

}  // namespace meetpoint::api
