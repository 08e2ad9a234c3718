// Reconciliation: runs, day reports, items.
#include "exchange/reconciliation.h"

#include <boost/json.hpp>

#include "api/endpoints.h"
#include "api/links.h"
#include "api/record_schema.h"
#include "exchange/reconciliation_items.h"
#include "formats/writer.h"
#include "http/json.h"

namespace meetpoint::api {

using columns::LaneKind;
using http::endpoint;
using http::Request;
using http::Response;

struct RunRequest {
    Day date;
    std::optional<bool> dryRun;
    std::optional<std::int64_t> toleranceMs, tolerancePerMille;
    std::optional<std::string> defaultRegion;
    static constexpr http::FieldDoc docs[] = {
        {.field = "date", .what = "The UTC day"},
        {.field = "dryRun", .what = "The report alone; nothing is kept or fed"},
        {.field = "toleranceMs", .what = "Instead of what is agreed; in a dry run only", .min = 0, .max = 3'600'000},
        {.field = "tolerancePerMille", .what = "The same; the larger of the two applies", .min = 0, .max = 1'000},
        {.field = "defaultRegion",
         .what = "ISO 3166-1 alpha-2 of national numbers, instead of the carrier's; in a dry run only",
         .minLength = 2,
         .maxLength = 2},
    };
};
BOOST_DESCRIBE_STRUCT(RunRequest, (), (date, dryRun, toleranceMs, tolerancePerMille, defaultRegion))

struct DayReport {
    Id carrierId;
    Day date;
    std::int64_t run;
    Instant startedAt;
    Instant finishedAt;
    std::int64_t items;
    std::int64_t changed;
    boost::json::value rules;
    boost::json::value report;
    bool stale;
    std::optional<Instant> closedAt;
    std::optional<std::int64_t> closedRun;
    static constexpr http::FieldDoc docs[] = {
        {.field = "run", .what = "0: a dry run, which is not kept"},
        {.field = "changed", .what = "Items that differ from the run before"},
        {.field = "rules",
         .what = "What the run went by: tolerance and the like, and the agreement in force on the day"},
        {.field = "report",
         .what = "counts by state, totals of both sides, diagnosis with every cause, its value, evidence and seconds "
                 "explained, deviations of the data from what was agreed, trafficTotals that differ"},
        {.field = "stale", .what = "Records came that the day's last run has not seen; it is run again by itself"},
        {.field = "closedAt", .what = "What changes after it is an adjustment"},
        {.field = "closedRun", .what = "The last run before it was closed"},
    };
};
BOOST_DESCRIBE_STRUCT(DayReport, (),
                      (carrierId, date, run, startedAt, finishedAt, items, changed, rules, report, stale, closedAt,
                       closedRun))

struct DayReportList {
    std::vector<DayReport> items;
};
BOOST_DESCRIBE_STRUCT(DayReportList, (), (items))

namespace {

DayReport wire(const exchange::DayReport& report) {
    const auto& run = report.run;
    boost::json::error_code ignored;  // written by this program
    return {report.carrierId,
            run.day,
            run.run,
            run.startedAt,
            run.finishedAt,
            run.items,
            run.changed,
            boost::json::parse(run.rules, ignored),
            boost::json::parse(run.report, ignored),
            report.day.isStale(),
            report.day.closedAt,
            report.day.closedRun};
}

DayReportList wire(const std::vector<exchange::DayReport>& reports) {
    DayReportList list;
    for (const exchange::DayReport& report : reports)
        list.items.push_back(wire(report));
    return list;
}

http::Parameter asOfParameter() {
    return http::integerParameter("asOf", "As this run left it", 1, INT64_MAX);
}

exchange::RunRequest runRequestOf(const Request& request, const RunRequest& body) {
    exchange::RunRequest wanted{request.query.id("carrierId"), body.date, body.dryRun.value_or(false), {}, {}, {}};
    if (body.toleranceMs) wanted.tolerance = milliseconds(*body.toleranceMs);
    wanted.tolerancePerMille = body.tolerancePerMille;
    wanted.defaultRegion = body.defaultRegion;
    return wanted;
}

http::Parameter carrierParameter() {
    return http::idParameter("carrierId", "Where the client acts for several carriers, or is the platform");
}

Result<Response> listItems(const Context& context, const Request& request) {
    TRY_ASSIGN(const auto page, exchange::listItems(context.exchange, context.cursors, callerOf(request),
                                                    {request.query.id("carrierId"), *request.query.date("date"),
                                                     request.query.text("state"), request.query.integer("asOf"),
                                                     request.query.boolean("adjustments"), request.query.text("cursor"),
                                                     static_cast<std::size_t>(*request.query.integer("limit"))}));
    const std::string carrier = formatId(page.carrierId);
    const formats::RecordWriter writer(page.items, {carrier, {}, page.sequences, page.storedAt});
    std::string body = R"({"carrierId":")" + carrier + R"(","items":[)";
    for (std::size_t row = 0; row < page.sequences.size(); ++row) {
        if (row > 0) body += ",";
        writer.appendJson(row, body);
    }
    body += "]";
    if (page.next) body += R"(,"next":")" + *page.next + "\"";
    Response response = http::jsonText(body + "}");
    if (page.next) addNextLink(response, request, *page.next);
    return response;
}

}  // namespace

std::vector<http::Endpoint> reconciliationEndpoints(const Context& context) {
    const std::string read(domain::scope::reconciliationRead);
    std::vector<http::Endpoint> list;
    list.push_back(endpoint(http::post("/v1/reconciliation/runs"), "runReconciliation")
                       .tag("Reconciliation")
                       .summary("Reconcile a day now")
                       .scope(std::string(domain::scope::reconciliationRun))
                       .query(carrierParameter())
                       .maxDuration(minutes(30))
                       .answers<DayReport>(200, "The day's report")
                       .problems({"bad-date", "carrier-required", "dry-run-required"})
                       .handle<RunRequest>([&context](const Request& request, RunRequest body) -> Result<Response> {
                           TRY_ASSIGN(const auto report,
                                      exchange::runDay(context.exchange, context.limits, callerOf(request),
                                                       runRequestOf(request, body)));
                           return http::jsonResponse(wire(report));
                       }));
    list.push_back(endpoint(http::get("/v1/reconciliation/runs"), "listReconciliationRuns")
                       .tag("Reconciliation")
                       .summary("Every run of a day, with the rules that it used")
                       .scope(read)
                       .query(carrierParameter())
                       .query(http::required(http::dateParameter("date", "The UTC day")))
                       .answers<DayReportList>(200, "Newest run first")
                       .problems({"carrier-required"})
                       .handle([&context](const Request& request) -> Result<Response> {
                           TRY_ASSIGN(const auto runs,
                                      exchange::listRuns(context.exchange, callerOf(request),
                                                         request.query.id("carrierId"), *request.query.date("date")));
                           return http::jsonResponse(wire(runs));
                       }));
    list.push_back(endpoint(http::get("/v1/reconciliation/days"), "listReconciliationDays")
                       .tag("Reconciliation")
                       .summary("The newest report of each day")
                       .scope(read)
                       .query(carrierParameter())
                       .query(http::required(http::dateParameter("from", "First day")))
                       .query(http::required(http::dateParameter("to", "Day after the last")))
                       .query(asOfParameter())
                       .answers<DayReportList>(200, "Newest day first")
                       .problems({"carrier-required"})
                       .handle([&context](const Request& request) -> Result<Response> {
                           TRY_ASSIGN(
                               const auto reports,
                               exchange::listDayReports(context.exchange, callerOf(request),
                                                        request.query.id("carrierId"), *request.query.date("from"),
                                                        *request.query.date("to"), request.query.integer("asOf")));
                           return http::jsonResponse(wire(reports));
                       }));
    list.push_back(endpoint(http::get("/v1/reconciliation/days/{date}"), "readReconciliationDay")
                       .tag("Reconciliation")
                       .summary("The newest report of a day")
                       .scope(read)
                       .path(http::dateParameter("date", "The UTC day"))
                       .query(carrierParameter())
                       .query(asOfParameter())
                       .answers<DayReport>(200, "The report")
                       .problems({"carrier-required"})
                       .handle([&context](const Request& request) -> Result<Response> {
                           TRY_ASSIGN(const auto report,
                                      exchange::findDayReport(context.exchange, callerOf(request),
                                                              request.query.id("carrierId"), *request.path.date("date"),
                                                              request.query.integer("asOf")));
                           return http::jsonResponse(wire(report));
                       }));
    list.push_back(
        endpoint(http::get("/v1/reconciliation/items"), "listReconciliationItems")
            .tag("Reconciliation")
            .summary("The items of a day as they are now")
            .scope(read)
            .query(carrierParameter())
            .query(http::required(http::dateParameter("date", "The UTC day")))
            .query(http::textParameter("state", "Only this state", 32))
            .query(asOfParameter())
            .query(http::booleanParameter("adjustments", "Only what changed after the day was closed, gone items too"))
            .query(http::textParameter("cursor", "From `next` of the page before", 512))
            .query(http::integerParameter("limit", "Items a page", 1, 1'000, 100))
            .answers(200, "application/json", listPageSchema(LaneKind::items), "A page")
            .problems({"bad-cursor", "bad-value", "carrier-required"})
            .handle([&context](const Request& request) { return listItems(context, request); }));
    return list;
}

}  // namespace meetpoint::api
