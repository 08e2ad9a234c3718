// The commands that work on a running exchange, against one: what they print, what they refuse, how they end.
#include "api/command_line.h"

#include <csignal>
#include <thread>

#include <unistd.h>

#include "api/records.h"
#include "cli/exit_codes.h"
#include "cli/feed.h"
#include "cli/numbers.h"
#include "cli/quality.h"

namespace meetpoint::tests {
namespace {

using Words = std::vector<std::string>;
using cli::NumbersTask;

const std::string alpNumber(World::alpE164), alpSpare(World::alpSpareE164), nobodys(World::nobodys);

class CommandLine : public CommandLineTest {
protected:
    static Ran run(const cli::NumbersOptions& options, const std::string& input = {}) {
        std::istringstream in(input);
        std::ostringstream out, err;
        const int code = cli::runNumbers(options, in, out, err, false);
        return {code, out.str(), err.str()};
    }
    static Ran run(const cli::QualityOptions& options) {
        std::ostringstream out, err;
        const int code = cli::runQuality(options, out, err);
        return {code, out.str(), err.str()};
    }
    Ran order(NumbersTask task, Words numbers, bool dryRun = false, const std::string& input = {}) {
        cli::NumbersOptions options{.task = task, .access = ofAlp(), .numbers = std::move(numbers), .dryRun = dryRun};
        options.access.tenant = world.acmeId;
        return run(options, input);
    }
    Words numbersOfAlp() { return column(at(world.alp.read("/v1/numbers"), "/items"), "telephoneNumber"); }
};

TEST_P(CommandLine, ListsWhatItsClientMaySee) {
    cli::NumbersOptions options{.task = NumbersTask::list, .access = ofAlp()};
    const Ran table = run(options);
    EXPECT_EQ(table.code, cli::exitFine) << table.err;
    EXPECT_EQ(linesOf(table.out), 3u) << table.out;
    EXPECT_NE(table.out.find("assigned           CH      callingUserAssignment      user sip:anna.aare@acme.example"),
              std::string::npos)
        << table.out;
    EXPECT_EQ(table.err, "");
    options.access.json = true;
    options.state = "available";
    const Ran lines = run(options);
    EXPECT_EQ(linesOf(lines.out), 1u);
    EXPECT_EQ(textAt(json::parse(lines.out), "/telephoneNumber"), alpSpare);
    options.state.clear();
    options.limit = 1;
    const Ran first = run(options);
    EXPECT_EQ(linesOf(first.out), 1u);
    EXPECT_EQ(first.err, "There are more; --limit 1 ends the list here.\n");

    cli::NumbersOptions search{.task = NumbersTask::search, .access = ofAlp(), .contains = "681801"};
    EXPECT_NE(run(search).out.find(alpSpare), std::string::npos);
    search.contains = {};
    search.numbers = {std::string(World::bayE164)};
    const Ran others = run(search);
    EXPECT_EQ(others.code, cli::exitFine);
    EXPECT_EQ(others.out, "") << "another carrier's";
    EXPECT_EQ(others.err, "There is no such number that you may see.\n");
}

TEST_P(CommandLine, UploadsNumbersAndNamesEachThatIsRefused) {
    const std::string csv = file("numbers.csv", "Numbers,reference\n+41446681810,ours-1\n0446681811,\n");
    const Ran tried = order(NumbersTask::upload, {nobodys, alpNumber, csv, "-"}, true, "+41446681812\n");
    EXPECT_EQ(tried.code, cli::exitRefused) << tried.err;
    EXPECT_NE(tried.out.find("Would upload 3 of 5 numbers; 2 refused, see above.\n"), std::string::npos) << tried.out;
    EXPECT_EQ(numbersOfAlp(), (Words{alpNumber, alpSpare})) << "a dry run changes nothing";

    const Ran uploaded = order(NumbersTask::upload, {nobodys, alpNumber, csv, "-"}, false, "+41446681812\n");
    EXPECT_EQ(uploaded.code, cli::exitRefused);
    EXPECT_EQ(uploaded.out.find("0446681811          bad-number"), uploaded.out.find("0446681811")) << uploaded.out;
    EXPECT_NE(uploaded.out.find("+41446681800        number-already-held"), std::string::npos) << uploaded.out;
    EXPECT_NE(uploaded.out.find("Uploaded 3 of 5 numbers; 2 refused, see above.\n"), std::string::npos);
    EXPECT_EQ(uploaded.err, "") << "progress is for terminals";
    EXPECT_EQ(numbersOfAlp(), (Words{alpNumber, alpSpare, "+41446681810", "+41446681812", nobodys}));
    EXPECT_EQ(textAt(world.alp.done("/v1/numbers/search", json::object{{"telephoneNumber", "+41446681810"}}),
                     "/items/0/reference"),
              "ours-1");

    const Ran released = order(NumbersTask::release, {nobodys, "+41446681810"});
    EXPECT_EQ(released.code, cli::exitFine) << released.err;
    EXPECT_EQ(released.out, "Released 2 of 2 numbers.\n");
    EXPECT_EQ(numbersOfAlp(), (Words{alpNumber, alpSpare, "+41446681812"}));
}

TEST_P(CommandLine, OrdersForMachinesGiveALineANumber) {
    cli::NumbersOptions options{.task = NumbersTask::upload, .access = ofAlp(), .numbers = {nobodys, alpNumber}};
    options.access.tenant = world.acmeId;
    options.access.json = true;
    const Ran uploaded = run(options);
    EXPECT_EQ(uploaded.code, cli::exitRefused);
    ASSERT_EQ(linesOf(uploaded.out), 2u) << uploaded.out;
    EXPECT_EQ(textAt(json::parse(uploaded.out.substr(0, uploaded.out.find('\n'))), "/status"), "succeeded");
    EXPECT_EQ(textAt(json::parse(uploaded.out.substr(uploaded.out.find('\n') + 1)), "/code"), "number-already-held");
    EXPECT_EQ(uploaded.err, "Uploaded 1 of 2 numbers; 1 refused, see above.\n");
    options.numbers = {"+41446681812"};
    options.noWait = true;
    const std::string id = textAt(json::parse(run(options).out), "/operationId");
    EXPECT_EQ(textAt(world.alp.read("/v1/operations/" + id + "?wait=60"), "/status"), "succeeded");
}

TEST_P(CommandLine, AnOrderLargerThanTheExchangesLargestIsSeveral) {
    std::string numbers;
    for (int i = 0; i < 10'001; ++i)
        numbers += "+4144" + std::to_string(7'000'000 + i) + "\n";
    const Ran uploaded = order(NumbersTask::upload, {file("many.txt", numbers)});
    EXPECT_EQ(uploaded.code, cli::exitFine) << uploaded.err;
    EXPECT_EQ(uploaded.out, "Uploaded 10001 of 10001 numbers.\n");
    const Ran all = run(cli::NumbersOptions{.task = NumbersTask::list, .access = ofAlp()});
    EXPECT_EQ(linesOf(all.out), 10'004u) << "page by page, without a gap";
}

TEST_P(CommandLine, AssignsByPrincipalNameOrIdAndTakesAway) {
    world.acme.done("/v1/tenants/" + world.acmeId + "/targets",
                    json::object{{"targets", json::array{json::object{{"id", "aaaaaaaa-0000-4000-8000-000000000007"},
                                                                      {"type", "user"},
                                                                      {"displayName", "Beat Berg"},
                                                                      {"userPrincipalName", "beat@acme.example"}}}}});
    cli::NumbersOptions assign{.task = NumbersTask::assign, .access = ofAcme(), .numbers = {alpSpare.substr(1)}};
    assign.assignTo = "nobody@acme.example";
    const Ran refused = run(assign);
    EXPECT_EQ(refused.code, cli::exitRefused);
    EXPECT_NE(refused.out.find("unknown-target"), std::string::npos) << refused.out << refused.err;
    assign.assignTo = "beat@acme.example";
    assign.dryRun = true;
    EXPECT_EQ(run(assign).out, alpSpare + " could be assigned to beat@acme.example.\n");
    assign.dryRun = false;
    const Ran assigned = run(assign);
    EXPECT_EQ(assigned.code, cli::exitFine) << assigned.err;
    EXPECT_EQ(assigned.out, alpSpare + " is assigned, sip:" + alpSpare + "@acme.example.\n");

    cli::NumbersOptions unassign{.task = NumbersTask::unassign, .access = ofAcme(), .numbers = {world.alpSpare}};
    unassign.reason = "moved";
    EXPECT_EQ(run(unassign).out, alpSpare + " is available.\n");
    const Ran again = run(unassign);
    EXPECT_EQ(again.code, cli::exitRefused);
    EXPECT_NE(again.out.find("transition-not-allowed"), std::string::npos) << again.out;

    assign.numbers = {world.alpSpare};
    assign.assignTo = world.acmeUser;
    assign.category = "private";
    assign.access.json = true;
    EXPECT_EQ(textAt(json::parse(run(assign).out), "/targetId"), world.acmeUser);
    const Ran history =
        run(cli::NumbersOptions{.task = NumbersTask::history, .access = ofAcme(), .numbers = {alpSpare}});
    EXPECT_EQ(linesOf(history.out), 8u) << history.out;
    EXPECT_NE(history.out.find("(moved)"), std::string::npos) << history.out;
}

TEST_P(CommandLine, SaysWhatToDoWhenItCannot) {
    cli::NumbersOptions options{.task = NumbersTask::list};
    options.access.url = exchange.url();
    const Ran nobody = run(options);
    EXPECT_EQ(nobody.code, cli::exitUsage);
    EXPECT_NE(nobody.err.find("--secret-file"), std::string::npos) << nobody.err;
    options.access.secretFile = file("secret", "open sesame\n");
    EXPECT_EQ(run(options).code, cli::exitUsage) << "without an id";
    options.access.clientId = "somebody";
    const Ran wrong = run(options);
    EXPECT_EQ(wrong.code, cli::exitFailure);
    EXPECT_NE(wrong.err.find("Check the client id and the secret"), std::string::npos) << wrong.err;
    expectNone(wrong.err, {"sesame"}, "a message about a wrong secret");
    options.access = ofAlp();
    options.access.url = "http://127.0.0.1:1";
    const Ran away = run(options);
    EXPECT_EQ(away.code, cli::exitFailure);
    EXPECT_NE(away.err.find("--url"), std::string::npos) << away.err;
    const Ran unknown = run(cli::NumbersOptions{.task = NumbersTask::history, .access = ofAlp(), .numbers = {nobodys}});
    EXPECT_EQ(unknown.code, cli::exitRefused);
    EXPECT_EQ(unknown.err, "meetpoint numbers: There is no number " + nobodys + ", or it is not yours.\n");
    cli::NumbersOptions carriers{.task = NumbersTask::assign, .access = ofAlp(), .numbers = {alpSpare}};
    carriers.assignTo = world.acmeUser;
    const Ran forbidden = run(carriers);
    EXPECT_EQ(forbidden.code, cli::exitRefused);
    EXPECT_NE(forbidden.err.find("numbers.assign"), std::string::npos) << forbidden.err;
    EXPECT_EQ(order(NumbersTask::upload, {file("bad.csv", "colour\nred\n")}).code, cli::exitUsage);
}

// Two calls of Alp's through sbc1, one of which the network failed, one through sbc2, and one of Bay's.
void sendCalls(World& world) {
    json::array calls{callRecord({.number = 1}), callRecord({.number = 2, .talk = {}}), callRecord({.number = 3}),
                      callRecord({.number = 4, .ownNumber = World::bayE164})};
    const char* const trunks[] = {"sbc1", "sbc1", "sbc2", "bay-sbc"};
    for (std::size_t i = 0; i < calls.size(); ++i)
        calls[i].as_object()["trunk"] = trunks[i];
    calls[1].as_object()["finalSipCode"] = 503;
    calls[1].as_object()["streams"] = json::array();
    ASSERT_EQ(world.platform.upload("/v1/calls", ndjson(calls)).status, 200);
}

TEST_P(CommandLine, KeyFiguresComeWithWhatTheyAreMadeOf) {
    sendCalls(world);
    cli::QualityOptions options{.access = ofAlp(), .from = "2026-03-09", .to = "2026-03-10", .groupBy = {"trunk"}};
    const Ran table = run(options);
    EXPECT_EQ(table.code, cli::exitFine) << table.err;
    EXPECT_EQ(table.err, "");
    EXPECT_EQ(table.out,
              "trunk  bids  asr            ner            acd                poorStreams\n"
              "sbc1   2     50.0 % (1/2)   50.0 % (1/2)   60.0 s (60.0 s/1)  0.0 % (0/2)\n"
              "sbc2   1     100.0 % (1/1)  100.0 % (1/1)  60.0 s (60.0 s/1)  0.0 % (0/2)\n");
    options.limit = 1;
    EXPECT_EQ(run(options).err, "There are more; --limit 1 ends the list here.\n");
    options.limit = 0;
    options.trunks = {"sbc2"};
    options.figures = {"jitterMs"};
    const Ran jitter = run(options);
    EXPECT_EQ(linesOf(jitter.out), 2u) << jitter.out;
    EXPECT_TRUE(jitter.out.starts_with("trunk  bids  jitterMs avg / p95\nsbc2   1     ")) << jitter.out;
    options.figures.clear();
    options.access.json = true;
    const json::value group = json::parse(run(options).out);
    EXPECT_EQ(textAt(group, "/key/trunk"), "sbc2");
    EXPECT_EQ(textAt(group, "/current/kpis/seer/denominator"), "1") << "machines are given all";
    options.access.json = false;
    options.from = "2026-03-10";
    options.to = "2026-03-11";
    options.kpis = {"asr"};
    EXPECT_EQ(run(options).err, "There are no such calls that you may see.\n");
    options.compare = true;
    EXPECT_EQ(run(options).out,
              "trunk     bids  asr\n"
              "sbc2      0     -\n"
              "  before  1     100.0 % (1/1)\n");
    options.trunks = {"bay-sbc"};
    EXPECT_EQ(run(options).out, "") << "another carrier's";
    options.groupBy = {"colour"};
    const Ran refused = run(options);
    EXPECT_EQ(refused.code, cli::exitRefused);
    EXPECT_NE(refused.err.find("groupBy"), std::string::npos) << refused.err;
}

TEST_P(CommandLine, FindingsAreSentences) {
    cli::QualityOptions options{.task = cli::QualityTask::findings, .access = ofAlp()};
    options.from = "2026-03-09";
    options.to = "2026-03-10";
    EXPECT_EQ(run(options).err, "Nothing stands out.\n");
    std::string lines;
    const Instant begin = World::noon;
    for (int n = 0; n < 2 * 1'440; ++n) {
        const Instant at = begin - days(1) + minutes(n);
        const bool fails = at >= begin && at < begin + hours(2);
        json::object call = callRecord({.number = n, .invitedAt = at, .talk = fails ? seconds(0) : seconds(60)});
        if (fails) call["finalSipCode"] = 503;
        if (fails) call["streams"] = json::array();
        lines += json::serialize(call) + "\n";
    }
    ASSERT_EQ(world.platform.upload("/v1/calls", lines).status, 200);
    world.advance(days(2));
    const Ran found = run(options);
    EXPECT_EQ(found.code, cli::exitFine) << found.err;
    ASSERT_EQ(linesOf(found.out), 1u) << found.out;
    EXPECT_NE(found.out.find("NER fell from 100.0 % to 0.0 % at 2026-03-09T12:00Z"), std::string::npos) << found.out;
    options.access.json = true;
    EXPECT_EQ(textAt(json::parse(run(options).out), "/kpi"), "ner");
    options.access = ofAcme();
    options.to = "tomorrow";
    EXPECT_EQ(run(options).code, cli::exitRefused);
}

TEST_P(CommandLine, AlertsAreLinesWithTheirSentence) {
    cli::QualityOptions options{.task = cli::QualityTask::alerts, .access = ofAlp()};
    EXPECT_EQ(run(options).err, "There are no such alerts.\n");
    world.alp.done(
        "/v1/alert-rules",
        json::object{
            {"name", "Delivery"},
            {"kpi", "ner"},
            {"condition", json::object{{"kind", "threshold"}, {"side", "below"}, {"raiseAt", 0.9}, {"clearAt", 0.9}}},
            {"minimumDenominator", 1},
            {"windowsToRaise", 1}});
    json::object call = callRecord({.number = 1, .invitedAt = exchange.clock.now(), .talk = {}});
    call["finalSipCode"] = 503;
    call["streams"] = json::array();
    ASSERT_EQ(world.platform.upload("/v1/calls", ndjson({call})).status, 200);
    world.advance(minutes(20));
    while (run(options).out.empty())
        std::this_thread::yield();
    const Ran listed = run(options);
    EXPECT_EQ(listed.code, cli::exitFine) << listed.err;
    EXPECT_TRUE(listed.out.starts_with("open     Delivery: All calls: NER 0.0 % (0 of 1) from ")) << listed.out;
    options.status = "cleared";
    EXPECT_EQ(run(options).out, "");
    options.status = "open";
    options.access.json = true;
    EXPECT_EQ(textAt(json::parse(run(options).out), "/kpi"), "ner");
}

TEST_P(CommandLine, TheFeedEndsWhereThereIsNothingMoreAndSaysWhereToGoOn) {
    cli::FeedOptions options;
    options.access = ofAlp();
    options.access.json = true;
    const auto read = [&] {
        cli::Interruption interruption;
        std::ostringstream out, err;
        const int code = cli::runFeed(options, cli::assignmentFeed(), interruption, out, err);
        return Ran{code, out.str(), err.str()};
    };
    const Ran first = read();
    EXPECT_EQ(first.code, cli::exitFine) << first.err;
    ASSERT_EQ(linesOf(first.out), 4u);
    EXPECT_EQ(textAt(json::parse(first.out.substr(0, first.out.find('\n'))), "/sequence"), "1");
    constexpr std::string_view advice = "To go on from here: --cursor ";
    ASSERT_TRUE(first.err.starts_with(advice)) << first.err;
    options.cursor = first.err.substr(advice.size(), first.err.find('\n') - advice.size());
    EXPECT_EQ(read().out, "");
    world.acme.done("/v1/numbers/" + world.alpNumber + "/unassign", json::object());
    EXPECT_EQ(linesOf(read().out), 2u);
    options.cursor = "rubbish";
    const Ran bad = read();
    EXPECT_EQ(bad.code, cli::exitRefused);
    EXPECT_NE(bad.err.find("--from now"), std::string::npos) << bad.err;
    options.cursor.clear();
    options.from = "now";
    EXPECT_EQ(read().out, "");
}

TEST_P(CommandLine, FollowingPrintsEachEventAtOnceAndSurvivesARestart) {
    cli::FeedOptions options;
    options.access = ofAlp();
    options.follow = true;
    options.access.json = true;
    WatchedOutput out, err;
    cli::Interruption interruption;
    int code = -1;
    std::thread following([&] {
        std::ostream to(&out), toErr(&err);
        toErr << std::unitbuf;
        code = cli::runFeed(options, cli::assignmentFeed(), interruption, to, toErr);
    });
    EXPECT_TRUE(out.shows("\"sequence\":4,"));
    world.advance(minutes(31));  // its token expires while it waits
    world.acme.done("/v1/numbers/" + world.alpNumber + "/unassign", json::object());
    EXPECT_TRUE(out.shows("\"sequence\":6,"));
    exchange.configuration.port = exchange.port();
    exchange.stop();
    EXPECT_TRUE(err.shows("tried again until it works"));
    exchange.start();
    world.reconnect();
    world.acme.done("/v1/numbers/" + world.alpNumber + "/assign", json::object{{"targetId", world.acmeUser}});
    EXPECT_TRUE(out.shows("\"sequence\":8,"));
    interruption.come();
    following.join();
    EXPECT_EQ(code, cli::exitFine);
    EXPECT_TRUE(err.shows("The exchange answers again.\n"));
    EXPECT_TRUE(err.shows("To go on from here: --cursor "));
    EXPECT_EQ(linesOf(out.str()), 8u) << "nothing twice, nothing left out:\n" << out.str();
}

TEST_P(CommandLine, ASignalEndsFollowingCleanly) {
    cli::FeedOptions options;
    options.access = ofAlp();
    options.follow = true;
    WatchedOutput out;
    std::ostringstream err;
    int code = -1;
    std::thread following([&] {
        std::ostream to(&out);
        code = cli::runFeed(options, cli::assignmentFeed(), to, err);
    });
    EXPECT_TRUE(out.shows("sip:anna.aare@acme.example")) << "all four are there, and now it waits";
    ::kill(::getpid(), SIGINT);
    following.join();
    EXPECT_EQ(code, cli::exitFine);
    EXPECT_TRUE(err.str().starts_with("To go on from here: --cursor ")) << err.str();
}

ON_EVERY_STORE(CommandLine);

}  // namespace
}  // namespace meetpoint::tests
