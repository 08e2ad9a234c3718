// `meetpoint calls` against a running exchange: what it finds, what it shows, how it follows.
#include <CLI/CLI.hpp>

#include "api/command_line.h"
#include "api/records.h"
#include "cli/calls.h"
#include "cli/exit_codes.h"

namespace meetpoint::tests {
namespace {

class CallsCommand : public CommandLineTest {
protected:
    void send(const json::array& calls) { world.platform.upload("/v1/calls", ndjson(calls)); }
    static Ran search(const cli::CallSearchOptions& options) {
        std::ostringstream out, err;
        const int code = cli::runCallSearch(options, out, err);
        return {code, out.str(), err.str()};
    }
    Ran found(json::object filter) {
        cli::CallSearchOptions options{.access = alp_, .filter = std::move(filter)};
        options.access.json = true;
        return search(options);
    }
    static Ran show(const cli::CallShowOptions& options) {
        std::ostringstream out, err;
        const int code = cli::runCallShow(options, out, err);
        return {code, out.str(), err.str()};
    }
    const cli::ExchangeAccess alp_ = ofAlp();
};

TEST_P(CallsCommand, SearchPrintsATableOrALineACallUntilTheEndOrTheLimit) {
    json::array calls;
    for (int i = 1; i <= 1'203; ++i)
        calls.push_back(callRecord({.number = i, .invitedAt = World::noon + seconds(i), .outbound = i % 2 == 0}));
    send(calls);
    cli::CallSearchOptions options{.access = alp_};
    const Ran table = search(options);
    EXPECT_EQ(table.code, cli::exitFine) << table.err;
    EXPECT_EQ(linesOf(table.out), 1'204u) << "a head, and page by page every call";
    EXPECT_EQ(table.err, "");
    EXPECT_NE(
        table.out.find("\n2026-03-09T12:20:03.000Z  inbound   +41446681800     +41791234567            60000  200  "
                       "-     sbc1.example      " +
                       callId(1'203) + "\n"),
        std::string::npos)
        << table.out.substr(0, 400);
    options.access.json = true;
    options.oldestFirst = true;
    options.limit = 1'001;
    const Ran lines = search(options);
    EXPECT_EQ(linesOf(lines.out), 1'001u);
    EXPECT_EQ(lines.err, "There may be more; --limit 1001 ends the list here.\n");
    const json::value first = json::parse(lines.out.substr(0, lines.out.find('\n')));
    EXPECT_EQ(first, at(world.alp.read("/v1/calls/" + callId(1)), "/call")) << "the record as the API gives it";
}

TEST_P(CallsCommand, EveryFilterFindsWhatItNames) {
    json::object odd = callRecord({.number = 1, .talk = seconds(0), .outbound = true});
    odd["q850Cause"] = 17;
    odd["trunk"] = "sbc2.example";
    odd["correlationId"] = "corr-1";
    odd["emergency"] = true;
    odd["isTest"] = true;
    odd["calleeNumber"] = "+41799999999";
    send({odd, callRecord({.number = 2, .invitedAt = World::noon + minutes(5), .version = 2}),
          callRecord({.number = 3, .invitedAt = World::noon + minutes(9), .ownNumber = World::alpSpareE164})});
    const auto numbersFound = [&](json::object filter) {
        const Ran ran = found(std::move(filter));
        EXPECT_EQ(ran.code, cli::exitFine) << ran.err;
        std::string numbers;
        for (const int number : {1, 2, 3})
            if (ran.out.find(callId(number)) != std::string::npos) numbers += std::to_string(number);
        return numbers;
    };
    EXPECT_EQ(numbersFound({}), "123");
    EXPECT_EQ(numbersFound({{"from", "2026-03-09T13:04:00+01:00"}, {"to", "2026-03-09T12:08:00Z"}}), "2");
    EXPECT_EQ(numbersFound({{"ownNumber", World::alpSpareE164}}), "3");
    EXPECT_EQ(numbersFound({{"ownNumberStartsWith", "4144668180"}}), "123");
    EXPECT_EQ(numbersFound({{"farEndNumber", World::stranger}}), "23");
    EXPECT_EQ(numbersFound({{"farEndNumberStartsWith", "417999"}}), "1");
    EXPECT_EQ(numbersFound({{"direction", "outbound"}}), "1");
    EXPECT_EQ(numbersFound({{"callId", callId(2)}}), "2");
    EXPECT_EQ(numbersFound({{"sipCallId", "sip-3@sbc.example"}}), "3");
    EXPECT_EQ(numbersFound({{"correlationId", "corr-1"}}), "1");
    EXPECT_EQ(numbersFound({{"trunk", "sbc2.example"}}), "1");
    EXPECT_EQ(numbersFound({{"callType", "user_in"}}), "23");
    EXPECT_EQ(numbersFound({{"finalSipCode", 480}}), "1");
    EXPECT_EQ(numbersFound({{"q850Cause", 17}}), "1");
    EXPECT_EQ(numbersFound({{"minDurationMs", 60'000}, {"maxDurationMs", 60'000}}), "23");
    EXPECT_EQ(numbersFound({{"quality", "poor"}}), "");
    EXPECT_EQ(numbersFound({{"answered", false}}), "1");
    EXPECT_EQ(numbersFound({{"emergency", true}}), "1");
    EXPECT_EQ(numbersFound({{"isTest", false}}), "23");
    EXPECT_EQ(numbersFound({{"userId", World::callUser}}), "") << "no carrier is shown user ids";
}

TEST_P(CallsCommand, OptionsStandForTheNamesOfTheApi) {
    CLI::App app;
    std::optional<cli::CallSearchOptions> given;
    cli::addCallsCommand(app, {[&](const auto& options) { given = options; }, [](const auto&) {}, [](const auto&) {},
                               [](const auto&) {}});
    const std::vector<std::pair<std::string, std::string>> words = {{"--from", "2026-03-09T00:00:00Z"},
                                                                    {"--to", "2026-03-10T00:00:00Z"},
                                                                    {"--own", "+41446681800"},
                                                                    {"--own-starts-with", "41"},
                                                                    {"--far-end", "+41791234567"},
                                                                    {"--far-end-starts-with", "41"},
                                                                    {"--direction", "inbound"},
                                                                    {"--user", callId(9)},
                                                                    {"--call", callId(1)},
                                                                    {"--sip-call-id", "s"},
                                                                    {"--correlation-id", "x"},
                                                                    {"--trunk", "t"},
                                                                    {"--call-type", "user_in"},
                                                                    {"--sip-code", "200"},
                                                                    {"--q850", "16"},
                                                                    {"--min-ms", "1"},
                                                                    {"--max-ms", "2"},
                                                                    {"--quality", "good"},
                                                                    {"--answered", "true"},
                                                                    {"--emergency", "false"},
                                                                    {"--test", "false"},
                                                                    {"--versions", "all"}};
    std::vector<std::string> line;
    for (const auto& [option, value] : words)
        line.insert(line.begin(), {value, option});  // CLI11 takes them from the back
    line.push_back("search");
    line.push_back("calls");
    app.parse(line);
    ASSERT_TRUE(given);
    EXPECT_EQ(given->filter.size(), words.size());
    EXPECT_EQ(given->filter.at("finalSipCode"), 200);
    EXPECT_EQ(given->filter.at("answered"), true);
    EXPECT_EQ(given->filter.at("isTest"), false);
    given->access = alp_;
    const Ran ran = search(*given);
    EXPECT_EQ(ran.code, cli::exitFine) << "the API takes every one: " << ran.err;
}

TEST_P(CallsCommand, SearchSaysWhatIsWrongAndFindsNothingOfOthers) {
    send({callRecord({.number = 1}), callRecord({.number = 2, .ownNumber = World::bayE164})});
    const Ran bad = found({{"ownNumber", "12"}});
    EXPECT_EQ(bad.code, cli::exitRefused);
    EXPECT_NE(bad.err.find("'ownNumber' must be E.164"), std::string::npos) << bad.err;
    const Ran worse = found({{"direction", "sideways"}});
    EXPECT_EQ(worse.code, cli::exitRefused);
    EXPECT_NE(worse.err.find("/direction: "), std::string::npos) << worse.err;
    EXPECT_EQ(linesOf(found({}).out), 1u);
    EXPECT_EQ(found({{"callId", callId(2)}}).out, "") << "another carrier's";
    cli::CallSearchOptions none{.access = alp_, .filter = {{"trunk", "none"}}};
    EXPECT_EQ(search(none).err, "There is no such call that you may see.\n");
}

TEST_P(CallsCommand, ShowGivesACallInFullWithTheCarriersRecordBesideIt) {
    const CallFacts call{.number = 1};
    send({callRecord(call)});
    send({callRecord({.number = 1, .version = 2})});
    json::object duration = durationOf(call, "r-17");
    duration["callId"] = callId(1);
    duration["durationMs"] = 58'500;
    world.alp.upload("/v1/durations", ndjson({duration}));
    cli::CallShowOptions options{alp_, callId(1)};
    const Ran shown = show(options);
    EXPECT_EQ(shown.code, cli::exitFine) << shown.err;
    for (const char* text :
         {"sipCallId                 sip-1@sbc.example\n", "callerToCallee", "4.25\n", "\n1        final",
          "\n2        final", "callId, recordId          c0000000-0000-4000-8000-000000000001   r-17\n",
          "durationMs                60000                                  58500\n",
          "theirs minus ours, ms     -1500\n"})
        EXPECT_NE(shown.out.find(text), std::string::npos) << text << "is not in:\n" << shown.out;
    options.access.json = true;
    const json::value whole = json::parse(show(options).out);
    const json::value read = world.alp.read("/v1/calls/" + callId(1));
    EXPECT_EQ(at(whole, "/call"), at(read, "/call"));
    EXPECT_EQ(at(whole, "/durations"), at(read, "/durations"));
    EXPECT_EQ(column(at(whole, "/versions"), "version"), (std::vector<std::string>{"1", "2"}));
    options.callId = callId(2);
    const Ran unknown = show(options);
    EXPECT_EQ(unknown.code, cli::exitRefused);
    EXPECT_NE(unknown.err.find("meetpoint calls show: "), std::string::npos) << unknown.err;
}

TEST_P(CallsCommand, FollowPrintsEachCallAndSurvivesARestart) {
    send({callRecord({.number = 1})});
    cli::FeedOptions options;
    options.access = alp_;
    options.access.json = true;
    options.follow = true;
    WatchedOutput out, err;
    cli::Interruption interruption;
    int code = -1;
    std::thread following([&] {
        std::ostream to(&out), toErr(&err);
        toErr << std::unitbuf;
        code = cli::runFeed(options, cli::callFeed(), interruption, to, toErr);
    });
    EXPECT_TRUE(out.shows(callId(1)));
    exchange.configuration.port = exchange.port();
    exchange.stop();
    EXPECT_TRUE(err.shows("tried again until it works"));
    exchange.start();
    world.reconnect();
    send({callRecord({.number = 2})});
    EXPECT_TRUE(out.shows(callId(2)));
    interruption.come();
    following.join();
    EXPECT_EQ(code, cli::exitFine);
    EXPECT_EQ(linesOf(out.str()), 2u) << out.str();
    EXPECT_TRUE(err.shows("To go on from here: --cursor "));
}

TEST_P(CallsCommand, ExportWritesAFileThatIsCheckedAndResumed) {
    json::array calls;
    for (int i = 1; i <= 300; ++i)
        calls.push_back(callRecord({.number = i, .invitedAt = World::noon + seconds(i)}));
    send(calls);
    const TemporaryFolder folder;
    cli::CallExportOptions options{.access = alp_, .filter = {{"direction", "inbound"}}};
    options.file = (folder.path() / "calls.csv").string();
    options.columns = {"callId", "durationMs"};
    const auto run = [&] {
        cli::Interruption interruption;
        std::ostringstream out, err;
        const int code = cli::runCallExport(options, interruption, {out, err, false});
        return Ran{code, out.str(), err.str()};
    };
    const auto contentOf = [](const std::string& file) {
        std::ifstream in(file, std::ios::binary);
        return std::string(std::istreambuf_iterator<char>(in), {});
    };
    const Ran first = run();
    EXPECT_EQ(first.code, cli::exitFine) << first.err;
    EXPECT_TRUE(first.out.starts_with(options.file + ": 300 records, ")) << first.out;
    EXPECT_EQ(first.err, "") << "progress is for terminals";
    const std::string content = contentOf(options.file);
    EXPECT_TRUE(content.starts_with("callId,durationMs\r\n" + callId(300) + ",60000\r\n")) << content.substr(0, 100);
    EXPECT_EQ(linesOf(content), 301u);

    const Ran again = run();
    EXPECT_EQ(again.code, cli::exitUsage) << "no file is overwritten";
    options.exportId = textAt(world.alp.read("/v1/exports"), "/items/0/id");
    options.file = (folder.path() / "resumed.csv").string();
    std::ofstream(options.file + ".part", std::ios::binary) << content.substr(0, 1'000);
    const Ran resumed = run();
    EXPECT_EQ(resumed.code, cli::exitFine) << resumed.err;
    EXPECT_EQ(contentOf(options.file), content);
    EXPECT_FALSE(std::filesystem::exists(options.file + ".part"));

    options.file = (folder.path() / "spoilt.csv").string();
    std::ofstream(options.file + ".part", std::ios::binary) << std::string(1'000, 'x');
    const Ran spoilt = run();
    EXPECT_EQ(spoilt.code, cli::exitFailure);
    EXPECT_NE(spoilt.err.find("SHA-256 differs"), std::string::npos) << spoilt.err;
    EXPECT_FALSE(std::filesystem::exists(options.file));
    EXPECT_NE(spoilt.err.find("To go on: meetpoint calls export " + options.file + " --export " + options.exportId),
              std::string::npos)
        << spoilt.err;

    options.exportId.clear();
    options.file = (folder.path() / "none.csv").string();
    options.columns = {"colour"};
    const Ran refused = run();
    EXPECT_EQ(refused.code, cli::exitRefused);
    EXPECT_NE(refused.err.find("/columns/0: "), std::string::npos) << refused.err;
}

ON_EVERY_STORE(CallsCommand);

}  // namespace
}  // namespace meetpoint::tests
