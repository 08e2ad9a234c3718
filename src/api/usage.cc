// Usage information for tenants.
#include "exchange/usage.h"

#include "api/endpoints.h"
#include "api/period_parameters.h"
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
         .what = "Of the carrier's: matched, asAgreed, settledDispute; of the platform's: the item's state, "
                 "notReconciled, openDispute, settledDispute"},
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

struct UsageTotal {
    UsageDirection direction;
    std::int64_t calls;
    std::int64_t answered;
    std::int64_t durationMs;
};
BOOST_DESCRIBE_STRUCT(UsageTotal, (), (direction, calls, answered, durationMs))

struct Usage {
    std::vector<UsageRow> items;
    std::vector<UsageTotal> totals;
    Instant from, to;
    std::string timeZone;
    std::optional<std::string> period;
    static constexpr http::FieldDoc docs[] = {
        {.field = "totals", .what = "Of all items, by direction; those that have any"},
        {.field = "to", .what = "The first instant behind it"},
        {.field = "timeZone", .what = "Whose days the items are; of a billing cycle the agreement's"},
        {.field = "period", .what = "day, month or billingCycle; absent where from and to were named"},
    };
};
BOOST_DESCRIBE_STRUCT(Usage, (), (items, totals, from, to, timeZone, period))

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

std::vector<UsageTotal> totalsOf(const std::vector<exchange::UsageRow>& rows) {
    std::vector<UsageTotal> totals;
    for (const bool isOutbound : {false, true}) {
        UsageTotal total{isOutbound ? UsageDirection::outbound : UsageDirection::inbound, 0, 0, 0};
        for (const auto& row : rows) {
            if (row.outbound != isOutbound) continue;
            total.calls += row.calls;
            total.answered += row.answered;
            total.durationMs += row.durationMs;
        }
        if (total.calls > 0) totals.push_back(total);
    }
    return totals;
}

Result<exchange::UsageRequest> usageRequestOf(const http::ParameterValues& query) {
    exchange::UsageRequest wanted{query.id("tenantId"), query.id("carrierId"), {}, {}, TimeZone::utc(), {}};
    const auto from = query.date("from"), to = query.date("to");
    if (from.has_value() != to.has_value() || from.has_value() == namesPeriod(query))
        return fail(invalidInput("bad-period", "Name either 'from' and 'to', or 'date' with 'period', or 'month'."));
    if (!from) {
        TRY_ASSIGN(wanted.period, periodRequestOf(query));
        return wanted;
    }
    wanted.from = *from;
    wanted.to = *to;
    if (query.has("timeZone")) {
        TRY_ASSIGN(wanted.zone, TimeZone::load(*query.text("timeZone")));
    }
    return wanted;
}

Result<Response> readUsage(const Context& context, const Request& request) {
    TRY_ASSIGN(const auto wanted, usageRequestOf(request.query));
    TRY_ASSIGN(const auto report, exchange::readUsage(context.exchange, callerOf(request), wanted));
    Usage usage{{}, totalsOf(report.rows), report.from, report.to, report.zone.name(), {}};
    for (const auto& row : report.rows)
        usage.items.push_back(wire(row));
    if (report.period) usage.period = name(*report.period);
    return http::jsonResponse(usage);
}

}  // namespace

std::vector<http::Endpoint> usageEndpoints(const Context& context) {
    auto builder = endpoint(http::get("/v1/usage"), "readUsage");
    builder.tag("Usage")
        .summary("What a tenant used, by day and direction")
        .description(
            "The carrier's duration counts where reconciliation matched it, else the platform's; each row says "
            "whose and why. Of days that are named, of a month, or of a carrier's billing cycle.")
        .scope(std::string(domain::scope::usageRead))
        .query(http::idParameter("tenantId", "Left out by tenants: their own"))
        .query(http::idParameter("carrierId", "Calls of this carrier's numbers alone; whose billing cycle is meant"))
        .query(http::dateParameter("from", "First day, with `to`, instead of a period"))
        .query(http::dateParameter("to", "Day after the last; at most 92 days"));
    addPeriodParameters(builder);
    std::vector<http::Endpoint> list;
    list.push_back(builder.answers<Usage>(200, "In order of date and direction")
                       .problems({"range-too-long", "tenant-required", "carrier-required"})
                       .handle([&context](const Request& request) { return readUsage(context, request); }));
    return list;
}

}  // namespace meetpoint::api
