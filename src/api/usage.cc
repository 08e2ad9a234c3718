// Usage information for tenants.
#include "exchange/usage.h"

#include "api/endpoints.h"
#include "http/json.h"

namespace meetpoint::api {

using http::endpoint;
using http::Request;
using http::Response;

enum class UsageDirection { inbound, outbound };
BOOST_DESCRIBE_ENUM(UsageDirection, inbound, outbound)

struct UsageSource {
    std::string durationSource;
    std::string durationSourceReason;
    std::int64_t calls;
    std::int64_t durationMs;
    static constexpr http::FieldDoc docs[] = {
        {.field = "durationSource", .what = "carrier or platform: whose duration counts"},
        {.field = "durationSourceReason",
         .what = "Of the carrier's: matched, asAgreed, settledDispute; of the platform's: the item's state, notReconciled, openDispute, settledDispute"},
        {.field = "calls", .what = "Answered calls"},
    };
};
BOOST_DESCRIBE_STRUCT(UsageSource, (), (durationSource, durationSourceReason, calls, durationMs))

struct UsageRow {
    Day date;
    UsageDirection direction;
    std::int64_t calls;
    std::int64_t answered;
    std::int64_t durationMs;
    std::vector<UsageSource> sources;
};
BOOST_DESCRIBE_STRUCT(UsageRow, (), (date, direction, calls, answered, durationMs, sources))

struct Usage {
    std::vector<UsageRow> items;
    std::string timeZone;
};
BOOST_DESCRIBE_STRUCT(Usage, (), (items, timeZone))

namespace {

UsageRow wire(const exchange::UsageRow& row) {
    UsageRow out{row.date,       row.outbound ? UsageDirection::outbound : UsageDirection::inbound,
                 row.calls,      row.answered,
                 row.durationMs, {}};
    for (const auto& [reason, source] : row.carrier)
        out.sources.push_back({"carrier", reason, source.calls, source.durationMs});
    for (const auto& [reason, source] : row.platform)
        out.sources.push_back({"platform", reason, source.calls, source.durationMs});
    return out;
}

Result<Response> readUsage(const Context& context, const Request& request) {
    exchange::UsageRequest wanted{request.query.id("tenantId"), *request.query.date("from"), *request.query.date("to")};
    TRY_ASSIGN(wanted.zone, TimeZone::load(*request.query.text("timeZone")));
    TRY_ASSIGN(const auto rows, exchange::readUsage(context.exchange, callerOf(request), wanted));
    Usage usage;
    for (const auto& row : rows)
        usage.items.push_back(wire(row));
    usage.timeZone = wanted.zone.name();
    return http::jsonResponse(usage);
}

}  // namespace

std::vector<http::Endpoint> usageEndpoints(const Context& context) {
    auto zone = http::textParameter("timeZone", "IANA name of the zone whose days are meant", 64);
    zone.defaultValue = "UTC";
    std::vector<http::Endpoint> list;
    list.push_back(endpoint(http::get("/v1/usage"), "readUsage")
                       .tag("Usage")
                       .summary("What a tenant used, by day and direction")
                       .description("The carrier's duration counts where reconciliation matched it, else the "
                                    "platform's; each row says whose and why.")
                       .scope(std::string(domain::scope::usageRead))
                       .query(http::idParameter("tenantId", "Left out by tenants: their own"))
                       .query(http::required(http::dateParameter("from", "First day")))
                       .query(http::required(http::dateParameter("to", "Day after the last; at most 92 days")))
                       .query(zone)
                       .answers<Usage>(200, "In order of date and direction")
                       .problems({"range-too-long", "tenant-required", "unknown-time-zone"})
                       .handle([&context](const Request& request) { return readUsage(context, request); }));
    return list;
}

}  // namespace meetpoint::api
