// The report of a carrier's day, month or billing cycle: JSON, CSV, or a page for people.
#include <sstream>

#include "api/endpoints.h"
#include "api/period_parameters.h"
#include "api/report_wire.h"
#include "http/negotiation.h"
#include "reconcile/report_csv.h"
#include "reconcile/report_html.h"

namespace meetpoint::api {

using http::endpoint;
using http::Request;
using http::Response;
using reconcile::Language;

namespace {

constexpr std::string_view csvType = "text/csv", htmlType = "text/html";

// That of the parameter, else the one that the reader likes best, else English.
Language languageFor(const Request& request) {
    const std::vector<std::string> offers{std::string(tagOf(Language::english)),
                                          std::string(tagOf(Language::traditionalChinese)),
                                          std::string(tagOf(Language::japanese))};
    const std::string tag = request.query.text("language")
                                .value_or(http::negotiateLanguage(request.headers.value("Accept-Language"), offers));
    return reconcile::languageOf(tag).value_or(Language::english);
}

Response page(const reconcile::Report& report, Language language) {
    std::ostringstream html;
    writeHtml(report, language, html);
    Response response{200, std::string(htmlType) + "; charset=utf-8", std::move(html).str()};
    response.headers.set("Content-Language", std::string(tagOf(language)));
    response.headers.set("Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'; sandbox");
    return response;
}

Result<Response> readReport(const Context& context, const Request& request) {
    exchange::ReportRequest wanted{request.query.id("carrierId"), {}};
    TRY_ASSIGN(wanted.period, periodRequestOf(request.query));
    TRY_ASSIGN(const auto answer, exchange::readReport(context.exchange, context.limits, callerOf(request), wanted));
    Response response = request.negotiated == csvType    ? Response{200, std::string(csvType) + "; charset=utf-8",
                                                                 reconcile::reportCsv(answer.report)}
                        : request.negotiated == htmlType ? page(answer.report, languageFor(request))
                                                         : http::jsonResponse(wire(answer));
    response.headers.set("Vary", "Accept, Accept-Language");
    return response;
}

}  // namespace

std::vector<http::Endpoint> reconciliationReportEndpoints(const Context& context) {
    auto builder = endpoint(http::get("/v1/reconciliation/report"), "readReconciliationReport");
    builder.tag("Reconciliation")
        .summary("What both sides had in a day, a month or a billing cycle, and how it differs")
        .description(
            "Summed from the items as they stand now, by the instant of the call. Days that were never reconciled are "
            "in no sum; `days` says which. The page is written in the `language` that is named, else in the one that "
            "`Accept-Language` prefers.")
        .scope(std::string(domain::scope::reconciliationRead))
        .query(http::idParameter("carrierId", "Where the client acts for several carriers, or is the platform"));
    addPeriodParameters(builder);
    std::vector<http::Endpoint> list;
    list.push_back(builder.query(http::choiceParameter("language", "Of the page", {"en", "zh-Hant", "ja"}))
                       .maxDuration(minutes(10))
                       .answers<ReconciliationReport>(200, "The report")
                       .answers(200, std::string(csvType), http::textSchema(), "A line a figure, by `section`")
                       .answers(200, std::string(htmlType), http::textSchema(), "One page that needs nothing else")
                       .problems({"carrier-required"})
                       .handle([&context](const Request& request) { return readReport(context, request); }));
    return list;
}

}  // namespace meetpoint::api
