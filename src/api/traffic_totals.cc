// Traffic totals: what each side says it had by hour, beside what is stored of it.
#include "exchange/traffic_totals.h"

#include "api/endpoints.h"
#include "api/totals_csv.h"
#include "http/json.h"

namespace meetpoint::api {

using http::endpoint;
using http::Request;
using http::Response;

enum class TrafficDirection { inbound, outbound };
BOOST_DESCRIBE_ENUM(TrafficDirection, inbound, outbound)
enum class TrafficSide { platform, carrier };
BOOST_DESCRIBE_ENUM(TrafficSide, platform, carrier)
enum class TrafficOutcome { created, replaced, unchanged };
BOOST_DESCRIBE_ENUM(TrafficOutcome, created, replaced, unchanged)
enum class TrafficBetween { sides, platform, carrier };
BOOST_DESCRIBE_ENUM(TrafficBetween, sides, platform, carrier)

struct PostedTotal {
    Instant hour;
    TrafficDirection direction;
    bool answered;
    std::int64_t calls;
    std::int64_t seconds;
    static constexpr http::FieldDoc docs[] = {
        {.field = "hour", .what = "In which the calls began: its first instant, on the hour UTC"},
        {.field = "direction", .what = "Seen from the tenant"},
        {.field = "calls", .min = 0, .max = 1e12},
        {.field = "seconds", .what = "Connected; 0 for calls that were not answered", .min = 0, .max = 1e15},
    };
};
BOOST_DESCRIBE_STRUCT(PostedTotal, (), (hour, direction, answered, calls, seconds))

struct TrafficTotals {
    std::vector<PostedTotal> totals;
    static constexpr http::FieldDoc docs[] = {
        {.field = "totals",
         .what = "At most four an hour; kinds that an hour leaves out had no calls",
         .minLength = 1}};
};
BOOST_DESCRIBE_STRUCT(TrafficTotals, (), (totals))

struct PostedTrafficHour {
    Instant hour;
    std::int64_t version;
    TrafficOutcome outcome;
};
BOOST_DESCRIBE_STRUCT(PostedTrafficHour, (), (hour, version, outcome))

struct TrafficPosting {
    Id carrierId;
    TrafficSide side;
    std::vector<PostedTrafficHour> hours;
};
BOOST_DESCRIBE_STRUCT(TrafficPosting, (), (carrierId, side, hours))

struct TrafficFigure {
    std::int64_t calls;
    double seconds;
};
BOOST_DESCRIBE_STRUCT(TrafficFigure, (), (calls, seconds))

struct TrafficDifference {
    TrafficBetween between;
    std::int64_t calls;
    double seconds;
    std::optional<double> percent;
    static constexpr http::FieldDoc docs[] = {
        {.field = "between",
         .what = "sides: the carrier's posting less the platform's; platform, carrier: its records less its posting"},
        {.field = "percent", .what = "Of the seconds, against what is taken off; absent where that has none"},
    };
};
BOOST_DESCRIBE_STRUCT(TrafficDifference, (), (between, calls, seconds, percent))

struct TrafficCell {
    Instant hour;
    TrafficDirection direction;
    bool answered;
    std::optional<TrafficFigure> platform, carrier;
    TrafficFigure platformRecords, carrierRecords;
    std::vector<TrafficDifference> differences;
    static constexpr http::FieldDoc docs[] = {
        {.field = "platform", .what = "What the platform posted; absent where it posted nothing of the hour"},
        {.field = "carrier", .what = "What the carrier posted"},
        {.field = "platformRecords", .what = "Of the stored calls, by invitedAt"},
        {.field = "carrierRecords", .what = "Of the stored durations, by startedAt as stated"},
    };
};
BOOST_DESCRIBE_STRUCT(TrafficCell, (),
                      (hour, direction, answered, platform, carrier, platformRecords, carrierRecords, differences))

struct TrafficReport {
    Id carrierId;
    std::vector<TrafficCell> items;
};
BOOST_DESCRIBE_STRUCT(TrafficReport, (), (carrierId, items))

struct VersionTotal {
    TrafficDirection direction;
    bool answered;
    std::int64_t calls;
    std::int64_t seconds;
};
BOOST_DESCRIBE_STRUCT(VersionTotal, (), (direction, answered, calls, seconds))

struct TrafficVersion {
    TrafficSide side;
    std::int64_t version;
    Instant postedAt;
    std::string postedBy;
    std::vector<VersionTotal> totals;
};
BOOST_DESCRIBE_STRUCT(TrafficVersion, (), (side, version, postedAt, postedBy, totals))

struct TrafficHistory {
    Id carrierId;
    Instant hour;
    std::vector<TrafficVersion> items;
};
BOOST_DESCRIBE_STRUCT(TrafficHistory, (), (carrierId, hour, items))

namespace {

TrafficDirection directionOf(bool isOutbound) {
    return isOutbound ? TrafficDirection::outbound : TrafficDirection::inbound;
}

Result<std::vector<exchange::PostedTraffic>> cellsOf(const Request& request) {
    if (request.mediaType == "text/csv") return readTotalsCsv(request.body);
    TRY_ASSIGN(const auto body, http::readJson<TrafficTotals>(request.body));
    Error wrong = invalidInput("bad-totals", "These totals cannot be. Nothing was posted.");
    std::vector<exchange::PostedTraffic> cells;
    for (const PostedTotal& one : body.totals) {
        const auto hour = wholeHourOf(one.hour);
        if (!hour)
            wrong.faults.push_back(
                {"/totals/" + std::to_string(cells.size()) + "/hour", hour.error().code, hour.error().message, 0});
        cells.push_back(
            {{hour.value_or(0), one.direction == TrafficDirection::outbound, one.answered}, one.calls, one.seconds});
    }
    if (!wrong.faults.empty()) return fail(std::move(wrong));
    return cells;
}

Result<Response> post(const Context& context, const Request& request) {
    TRY_ASSIGN(const auto cells, cellsOf(request));
    TRY_ASSIGN(const auto posting, exchange::postTraffic(context.exchange, context.limits, callerOf(request),
                                                         request.query.id("carrierId"), cells));
    TrafficPosting answer{posting.carrierId, static_cast<TrafficSide>(posting.side), {}};
    for (const exchange::PostedHour& one : posting.hours) {
        const auto outcome = !one.isNew         ? TrafficOutcome::unchanged
                             : one.version == 1 ? TrafficOutcome::created
                                                : TrafficOutcome::replaced;
        answer.hours.push_back({exchange::startOfHour(one.hour), one.version, outcome});
    }
    return http::jsonResponse(answer);
}

TrafficFigure wire(const exchange::TrafficSum& sum) {
    return {sum.calls, static_cast<double>(sum.ms) / 1'000};
}
std::optional<TrafficFigure> wire(const std::optional<exchange::TrafficSum>& sum) {
    return sum ? std::optional(wire(*sum)) : std::nullopt;
}

TrafficCell wire(const exchange::TrafficKey& key, const exchange::TrafficFigures& figures) {
    TrafficCell cell{
        exchange::startOfHour(key.hour), directionOf(key.isOutbound), key.isAnswered,           wire(figures.posted[0]),
        wire(figures.posted[1]),         wire(figures.records[0]),    wire(figures.records[1]), {}};
    for (const exchange::TrafficDifference& one : exchange::differencesOf(figures))
        cell.differences.push_back(
            {static_cast<TrafficBetween>(one.pair), one.calls, static_cast<double>(one.ms) / 1'000, one.percent});
    return cell;
}

Result<Response> read(const Context& context, const Request& request) {
    TRY_ASSIGN(const auto view, exchange::readTraffic(context.exchange, context.limits, callerOf(request),
                                                      {request.query.id("carrierId"), *request.query.instant("from"),
                                                       *request.query.instant("to")}));
    TrafficReport report{view.carrierId, {}};
    for (const auto& [key, figures] : view.figures)
        report.items.push_back(wire(key, figures));
    return http::jsonResponse(report);
}

Result<Response> history(const Context& context, const Request& request) {
    const Instant hour = *request.query.instant("hour");
    TRY_ASSIGN(const auto found,
               exchange::trafficHistory(context.exchange, callerOf(request), request.query.id("carrierId"), hour));
    TrafficHistory answer{found.carrierId, hour, {}};
    for (const store::TrafficHour& one : found.versions) {
        TrafficVersion version{static_cast<TrafficSide>(one.side), one.version, one.postedAt, one.postedBy, {}};
        for (const store::TrafficCell& cell : one.cells)
            version.totals.push_back({directionOf(cell.isOutbound), cell.isAnswered, cell.calls, cell.seconds});
        answer.items.push_back(std::move(version));
    }
    return http::jsonResponse(answer);
}

http::EndpointBuilder declare(http::Route route, std::string operationId, std::string summary, std::string_view scope) {
    auto builder = endpoint(std::move(route), std::move(operationId));
    builder.tag("Reconciliation").summary(std::move(summary)).scope(std::string(scope));
    builder.query(http::idParameter("carrierId", "Where the client acts for several carriers, or is the platform"));
    builder.problems({"carrier-required"});
    return builder;
}

}  // namespace

std::vector<http::Endpoint> trafficTotalEndpoints(const Context& context) {
    namespace scope = domain::scope;
    std::vector<http::Endpoint> list;
    list.push_back(
        declare(http::post("/v1/traffic-totals"), "postTrafficTotals", "Say what this side had, by hour",
                scope::totalsWrite)
            .description("Every hour named replaces what this side posted of it before; the earlier figures stay "
                         "readable. As CSV: a header with `hour`, `direction`, `answered`, `calls`, `seconds`.")
            .maxBodyBytes(4u << 20)
            .wholeBody({"application/json", "text/csv"}, http::jsonSchema<TrafficTotals>(), "The totals")
            .answers<TrafficPosting>(200, "What became of each hour")
            .problems({"bad-totals", "bad-csv", "too-many-hours", "too-many-versions"})
            .handle([&context](const Request& request) { return post(context, request); }));
    list.push_back(
        declare(http::get("/v1/traffic-totals"), "readTrafficTotals",
                "Both sides' totals beside those of the stored records", scope::reconciliationRead)
            .query(http::required(http::instantParameter("from", "First hour")))
            .query(http::required(http::instantParameter("to", "Hour after the last; at most 31 days")))
            .maxDuration(minutes(10))
            .answers<TrafficReport>(200, "Cells of which anything is known, in order of hour, direction, answered")
            .problems({"bad-range", "range-too-long"})
            .handle([&context](const Request& request) { return read(context, request); }));
    list.push_back(declare(http::get("/v1/traffic-totals/history"), "readTrafficTotalsHistory",
                           "Every posting of an hour: what, who, when", scope::reconciliationRead)
                       .query(http::required(http::instantParameter("hour", "Its first instant")))
                       .answers<TrafficHistory>(200, "By side, oldest first")
                       .problems({"bad-range"})
                       .handle([&context](const Request& request) { return history(context, request); }));
    return list;
}

}  // namespace meetpoint::api
