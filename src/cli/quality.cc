#include "cli/quality.h"

#include <boost/json.hpp>
#include <fmt/ostream.h>

#include "cli/exit_codes.h"
#include "cli/json_reading.h"
#include "cli/quality_table.h"
#include "cli/task_command.h"

namespace meetpoint::cli {
namespace {

namespace json = boost::json;

using Words = std::vector<std::string>;
using Run = std::function<void(const QualityOptions&)>;

constexpr std::size_t pageSize = 1'000;  // groups or alerts of one request

// What a table shows where nothing is named: more does not fit on a terminal.
const Words usualKpis{"asr", "ner", "acdMs", "poorStreams"};

void addAll(std::string& path, std::string_view name, const Words& values) {
    for (const std::string& value : values)
        addToQuery(path, name, value);
}

std::string rangePath(const char* path, const QualityOptions& options) {
    std::string query = path;
    addToQuery(query, "from", options.from);
    addToQuery(query, "to", options.to);
    addToQuery(query, "timeZone", options.timeZone);
    addToQuery(query, "carrierId", options.access.carrier);
    addToQuery(query, "tenantId", options.access.tenant);
    return query;
}

// What a table leaves out is not asked for, so that the exchange need not work it out.
QualityColumns columnsOf(const QualityOptions& options) {
    const bool isUsual = options.kpis.empty() && options.figures.empty();
    return {options.groupBy, isUsual ? usualKpis : options.kpis, options.figures};
}

std::string figuresPath(const QualityOptions& options) {
    std::string path = rangePath("/v1/quality", options);
    addAll(path, "groupBy", options.groupBy);
    const bool wantsAll = options.access.json && options.kpis.empty() && options.figures.empty();
    if (!wantsAll) {
        const QualityColumns columns = columnsOf(options);
        // Without any the exchange would work out all; this one costs least.
        addAll(path, "kpis", columns.kpis.empty() ? Words{"abr"} : columns.kpis);
        addAll(path, "figures", columns.figures.empty() ? Words{"none"} : columns.figures);
    }
    addAll(path, "trunk", options.trunks);
    addAll(path, "region", options.regions);
    addAll(path, "codec", options.codecs);
    addAll(path, "ownCountry", options.ownCountries);
    addAll(path, "farEndCountry", options.farEndCountries);
    addAll(path, "sipCode", options.sipCodes);
    addAll(path, "q850Cause", options.q850Causes);
    addToQuery(path, "direction", options.direction);
    addToQuery(path, "isTest", options.isTest);
    if (options.compare) addToQuery(path, "compare", "previous");
    return path;
}

std::string alertsPath(const QualityOptions& options) {
    std::string path = rangePath("/v1/alerts", options);
    addToQuery(path, "status", options.status);
    addToQuery(path, "ruleId", options.rule);
    return path;
}

struct Found {
    std::vector<json::value> items;
    bool hasMore = false;
};

// Page by page; the exchange bounds how many items one question has.
Result<Found> readItems(ExchangeSession& session, const QualityOptions& options, const std::string& path) {
    Found found;
    std::string cursor;
    do {
        const std::size_t left = options.limit == 0 ? pageSize : options.limit - found.items.size();
        std::string page = path;
        addToQuery(page, "limit", std::to_string(std::min(left, pageSize)));
        addToQuery(page, "cursor", cursor);
        TRY_ASSIGN(const json::value answer, session.get(page));
        for (const json::value& item : arrayAt(answer, "/items"))
            found.items.push_back(item);
        cursor = textAt(answer, "/next");
    } while (!cursor.empty() && (options.limit == 0 || found.items.size() < options.limit));
    found.hasMore = !cursor.empty();
    return found;
}

void sayWhetherMore(const Found& found, const QualityOptions& options, std::ostream& err) {
    if (found.hasMore) fmt::print(err, "There are more; --limit {} ends the list here.\n", options.limit);
}

Result<void> printFigures(ExchangeSession& session, const QualityOptions& options, std::ostream& out,
                          std::ostream& err) {
    TRY_ASSIGN(const Found found, readItems(session, options, figuresPath(options)));
    if (options.access.json)
        for (const json::value& group : found.items)
            fmt::print(out, "{}\n", json::serialize(group));
    else if (found.items.empty())
        fmt::print(err, "There are no such calls that you may see.\n");
    else
        printQualityTable(out, columnsOf(options), found.items);
    sayWhetherMore(found, options, err);
    return {};
}

Result<void> printFindings(ExchangeSession& session, const QualityOptions& options, std::ostream& out,
                           std::ostream& err) {
    TRY_ASSIGN(const json::value answer, session.get(rangePath("/v1/quality/findings", options)));
    const json::array& findings = arrayAt(answer, "/items");
    for (const json::value& finding : findings)
        fmt::print(out, "{}\n", options.access.json ? json::serialize(finding) : textAt(finding, "/sentence"));
    if (findings.empty() && !options.access.json) fmt::print(err, "Nothing stands out.\n");
    return {};
}

Result<void> printAlerts(ExchangeSession& session, const QualityOptions& options, std::ostream& out,
                         std::ostream& err) {
    TRY_ASSIGN(const Found found, readItems(session, options, alertsPath(options)));
    for (const json::value& alert : found.items) {
        if (options.access.json)
            fmt::print(out, "{}\n", json::serialize(alert));
        else
            fmt::print(out, "{:<9}{}: {}\n", textAt(alert, "/status"), textAt(alert, "/rule"),
                       textAt(alert, "/sentence"));
    }
    if (found.items.empty() && !options.access.json) fmt::print(err, "There are no such alerts.\n");
    sayWhetherMore(found, options, err);
    return {};
}

Result<void> work(const QualityOptions& options, std::ostream& out, std::ostream& err) {
    TRY_ASSIGN(auto session, ExchangeSession::open(options.access));
    switch (options.task) {
        case QualityTask::figures:
            return printFigures(session, options, out, err);
        case QualityTask::findings:
            return printFindings(session, options, out, err);
        case QualityTask::alerts:
            return printAlerts(session, options, out, err);
    }
    return {};
}

using Command = TaskCommand<QualityOptions>;

// Of findings and figures.
void addRange(const Command& command) {
    QualityOptions& o = *command.options;
    command.app->add_option("--tenant", o.access.tenant, "Of this tenant's calls: its id");
    command.app->add_option("--from", o.from, "First invitation: RFC 3339, or a date")->required();
    command.app->add_option("--to", o.to, "Invitations before this")->required();
    command.app->add_option("--time-zone", o.timeZone, "IANA name of the zone of hours and days; UTC if left out");
}

void addLimit(const Command& command) {
    command.app->add_option("--limit", command.options->limit, "So many at most; all if left out");
}

void addFigures(const Command& wanted) {
    CLI::App& command = *wanted.app;
    QualityOptions& o = *wanted.options;
    command.add_option("--by", o.groupBy, "hour, day, carrier, tenant, trunk, region, codec, direction …")
        ->delimiter(',');
    command.add_option("--kpi", o.kpis, "asr, ner, abr, acdMs, pddMs, ser, seer, poorStreams, poorCalls")
        ->delimiter(',');
    command.add_option("--figure", o.figures, "postDialMs, jitterMs, lossRatio, roundTripMs, mos …")->delimiter(',');
    command.add_flag("--compare", o.compare, "Beside each group the period of the same length before it");
    command.add_option("--trunk", o.trunks, "Of this trunk; may be repeated, as all of these");
    command.add_option("--region", o.regions, "Of this region");
    command.add_option("--codec", o.codecs, "Streams of this codec, and calls with one");
    command.add_option("--own-country", o.ownCountries, "ISO 3166-1 alpha-2");
    command.add_option("--far-end-country", o.farEndCountries, "ISO 3166-1 alpha-2");
    command.add_option("--sip-code", o.sipCodes, "With this final SIP code");
    command.add_option("--q850-cause", o.q850Causes, "With this Q.850 cause");
    command.add_option("--direction", o.direction, "inbound or outbound");
    command.add_option("--test-calls", o.isTest, "false (without them) if left out, true (only them) or any");
}

void addAlerts(const Command& command) {
    QualityOptions& o = *command.options;
    command.app->add_option("--status", o.status, "open or cleared; both if left out");
    command.app->add_option("--rule", o.rule, "Of this alert rule: its id");
    command.app->add_option("--from", o.from, "That were open at this time or later: RFC 3339");
    command.app->add_option("--to", o.to, "That were raised before this: RFC 3339");
}

}  // namespace

int runQuality(const QualityOptions& options, std::ostream& out, std::ostream& err) {
    const auto ran = work(options, out, err);
    return ran ? exitFine : sayWhatWentWrong("quality", ran.error(), err);
}

void addQualityCommand(CLI::App& app, std::function<void(const QualityOptions&)> run) {
    CLI::App* quality = app.add_subcommand("quality", "Key figures of a running exchange's calls, findings, alerts");
    quality->require_subcommand(1);
    const Command figures =
        addTask(*quality, QualityTask::figures, "figures", "Ratios and figures of calls, grouped as asked", run);
    addRange(figures);
    addFigures(figures);
    addLimit(figures);
    addRange(addTask(*quality, QualityTask::findings, "findings", "What got worse, when, and by how much", run));
    const Command alerts = addTask(*quality, QualityTask::alerts, "alerts", "Alerts that rules have raised", run);
    addAlerts(alerts);
    addLimit(alerts);
}

}  // namespace meetpoint::cli
