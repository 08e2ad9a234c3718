// `meetpoint reconciliation` and `meetpoint totals` against a running exchange.
#include <CLI/CLI.hpp>

#include "api/command_line.h"
#include "api/records.h"
#include "cli/exit_codes.h"
#include "cli/reconciliation.h"
#include "cli/traffic_totals.h"

namespace meetpoint::tests {
namespace {

using cli::ReconciliationTask;

class ReconciliationCommand : public CommandLineTest {
protected:
    static constexpr std::uint64_t seed = 7;

    // 60 pairs; the last call misses at the platform and the one before it at the carrier.
    void uploadBothSides() {
        TwoSides sides = twoSides(60, seed);
        sides.calls.pop_back();
        sides.durations.erase(sides.durations.begin() + 58);
        world.platform.upload("/v1/calls", ndjson(sides.calls));
        world.alp.upload("/v1/durations", ndjson(sides.durations));
    }
    cli::ReconciliationOptions about(ReconciliationTask task, std::string_view date = World::day) {
        cli::ReconciliationOptions options;
        options.task = task;
        options.access = alp_;
        options.date = date;
        return options;
    }
    static Ran run(const cli::ReconciliationOptions& options) {
        std::ostringstream out, err;
        const int code = cli::runReconciliation(options, out, err);
        return {code, out.str(), err.str()};
    }
    static void expectAll(const std::string& text, const std::vector<std::string>& parts) {
        for (const std::string& part : parts)
            EXPECT_NE(text.find(part), std::string::npos) << part << "\nis not in\n" << text;
    }
    static std::string contentOf(const std::string& file) {
        std::ifstream in(file, std::ios::binary);
        return std::string(std::istreambuf_iterator<char>(in), {});
    }
    const cli::ExchangeAccess alp_ = ofAlp();
};

TEST_P(ReconciliationCommand, RunSaysWhatTheDayShowsAndHowToGoOn) {
    uploadBothSides();
    const Ran ran = run(about(ReconciliationTask::run));
    EXPECT_EQ(ran.code, cli::exitFine) << ran.err;
    expectAll(ran.out, {"2026-03-09: run 1 at ", "60 items, 60 of them changed. The day is open.",
                        "calls                             59              59", "missingAtCarrier                 1",
                        "- The carrier's clock is 37 s ahead: 58 of 58 pairs."});
    EXPECT_EQ(ran.err,
              "Its items: meetpoint reconciliation items 2026-03-09. Those of one state: --state missingAtCarrier\n");
    auto asJson = about(ReconciliationTask::day);
    asJson.access.json = true;
    EXPECT_EQ(json::parse(run(asJson).out), world.alp.read("/v1/reconciliation/days/2026-03-09"));
}

TEST_P(ReconciliationCommand, ADryRunTriesRulesAndKeepsNothing) {
    uploadBothSides();
    auto options = about(ReconciliationTask::run);
    options.toleranceMs = "20000";
    const Ran refused = run(options);
    EXPECT_EQ(refused.code, cli::exitRefused);
    EXPECT_NE(refused.err.find("Add --dry-run to try other rules."), std::string::npos) << refused.err;
    options.dryRun = true;
    const Ran tried = run(options);
    EXPECT_EQ(tried.code, cli::exitFine) << tried.err;
    expectAll(tried.out, {"2026-03-09: a dry run, 60 items", "Nothing was kept."});
    EXPECT_EQ(tried.out.find("durationMismatch"), std::string::npos) << "nothing differs by 20 s";
    const Ran day = run(about(ReconciliationTask::day));
    EXPECT_EQ(day.code, cli::exitRefused) << day.out;
    EXPECT_EQ(run(about(ReconciliationTask::run, "2026-03-99")).code, cli::exitRefused);
    options.toleranceMs = "much";
    EXPECT_NE(run(options).err.find("/toleranceMs"), std::string::npos) << "the API says what is wrong";
}

TEST_P(ReconciliationCommand, DaysAndItemsAreListedAsTheyAreOrWere) {
    auto days = about(ReconciliationTask::days);
    days.from = "2026-03-01";
    days.to = "2026-04-01";
    EXPECT_EQ(run(days).err, "None of these days has been reconciled. Run one: meetpoint reconciliation run DATE\n");
    uploadBothSides();
    run(about(ReconciliationTask::run));
    const Ran table = run(days);
    EXPECT_EQ(linesOf(table.out), 2u);
    expectAll(table.out, {"2026-03-09  open                 1        60"});
    auto items = about(ReconciliationTask::items);
    items.state = "missingAtCarrier";
    const Ran found = run(items);
    EXPECT_EQ(linesOf(found.out), 2u) << found.out;
    EXPECT_NE(found.err.find("To dispute some: meetpoint tickets open --item 2026-03-09/ITEM"), std::string::npos);
    items.state.clear();
    items.limit = 7;
    items.access.json = true;
    const Ran seven = run(items);
    EXPECT_EQ(linesOf(seven.out), 7u);
    EXPECT_EQ(seven.err, "There are more; --limit 7 ends the list here.\n");
    world.platform.upload("/v1/calls", ndjson(json::array{twoSides(60, seed).calls.back()}));
    run(about(ReconciliationTask::run));
    items.limit = 0;
    items.asOf = "1";
    items.state = "missingAtPlatform";
    EXPECT_EQ(linesOf(run(items).out), 1u) << "as the first run left them";
    items.asOf.clear();
    EXPECT_EQ(linesOf(run(items).out), 0u);
    auto day = about(ReconciliationTask::day);
    day.asOf = "1";
    EXPECT_NE(run(day).out.find("run 1 at"), std::string::npos);
}

TEST_P(ReconciliationCommand, AReportIsATableOrFiles) {
    uploadBothSides();
    run(about(ReconciliationTask::run));
    auto options = about(ReconciliationTask::report, "");
    options.month = "2026-03";
    const Ran table = run(options);
    EXPECT_EQ(table.code, cli::exitFine) << table.err;
    expectAll(table.out, {"month 2026-03-01T00:00:00.000Z to 2026-04-01T00:00:00.000Z (UTC)", "+41446681800",
                          "sbc1.example", "2026-03-08  neverReconciled", "2026-03-09  open", "2026-03-31  notBegun",
                          "- 2026-03-09: The carrier's clock is 37 s ahead"});
    EXPECT_NE(table.err.find("Run one: meetpoint reconciliation run 2026-03-01"), std::string::npos) << table.err;
    options.html = file("report.html", "");
    options.csv = file("report.csv", "");
    options.language = "zh-Hant";
    const Ran files = run(options);
    EXPECT_EQ(files.code, cli::exitFine) << files.err;
    EXPECT_EQ(files.out, "");
    EXPECT_NE(contentOf(options.html).find("<html lang=\"zh-Hant\">"), std::string::npos);
    EXPECT_TRUE(contentOf(options.csv).starts_with("section,date,name,"));
    options.html = "/no/such/folder/report.html";
    EXPECT_EQ(run(options).code, cli::exitFailure);
    auto nothing = about(ReconciliationTask::report, "");
    EXPECT_NE(run(nothing).err.find("Name a date, with --period"), std::string::npos);
}

TEST_P(ReconciliationCommand, OptionsStandForTheNamesOfTheApi) {
    CLI::App app;
    std::optional<cli::ReconciliationOptions> given;
    cli::addReconciliationCommand(app, [&](const auto& options) { given = options; });
    app.parse("reconciliation run 2026-03-09 --dry-run --tolerance-ms 1 --tolerance-per-mille 2 --region CH", false);
    ASSERT_TRUE(given);
    EXPECT_EQ(given->task, ReconciliationTask::run);
    given->access = alp_;
    EXPECT_EQ(run(*given).code, cli::exitFine) << run(*given).err;
    app.parse("reconciliation report 2026-03-09 --period billingCycle --language ja", false);
    EXPECT_EQ(given->period, "billingCycle");
    given->access = alp_;
    EXPECT_EQ(run(*given).code, cli::exitFine) << run(*given).err;
    EXPECT_THROW(app.parse("reconciliation days", false), CLI::RequiredError);
}

TEST_P(ReconciliationCommand, TotalsArePostedFromCsvOrJsonAndListed) {
    const auto totals = [&](cli::TotalsOptions options, const std::string& input = {}) {
        options.access.url = alp_.url;
        options.access.secretFile = alp_.secretFile;
        std::istringstream in(input);
        std::ostringstream out, err;
        const int code = cli::runTotals(options, in, out, err);
        return Ran{code, out.str(), err.str()};
    };
    const std::string csv = file("totals.csv",
                                 "hour,direction,answered,calls,seconds\n"
                                 "2026-03-09T12:00:00Z,inbound,true,412,50211\n");
    const Ran posted = totals({.task = cli::TotalsTask::post, .file = csv});
    EXPECT_EQ(posted.code, cli::exitFine) << posted.err;
    expectAll(posted.out, {"2026-03-09T12:00:00.000Z          1  created"});
    EXPECT_NE(posted.err.find("meetpoint totals list --from 2026-03-09T12:00:00.000Z"), std::string::npos);
    const std::string asJson = R"({"totals":[{"hour":"2026-03-09T12:00:00Z","direction":"inbound","answered":true,)"
                               R"("calls":413,"seconds":50300}]})";
    EXPECT_NE(totals({.task = cli::TotalsTask::post, .file = "-"}, asJson).out.find("2  replaced"), std::string::npos);
    const cli::TotalsOptions list{
        .task = cli::TotalsTask::list, .from = "2026-03-09T00:00:00Z", .to = "2026-03-10T00:00:00Z"};
    const Ran listed = totals(list);
    EXPECT_EQ(linesOf(listed.out), 5u) << "the other kinds of the hour had no calls";
    expectAll(listed.out, {"413 / 50300 s", "0 / 0 s"});
    const Ran bad = totals({.task = cli::TotalsTask::post, .file = file("bad.csv", "hour\nnoon\n")});
    EXPECT_NE(bad.code, cli::exitFine);
    EXPECT_EQ(bad.out, "");
    EXPECT_NE(bad.err.find("meetpoint totals: "), std::string::npos);
    EXPECT_EQ(totals({.task = cli::TotalsTask::post, .file = "/no/such/file"}).code, cli::exitUsage);
}

ON_EVERY_STORE(ReconciliationCommand);

}  // namespace
}  // namespace meetpoint::tests
