// `meetpoint agreements`, `tickets` and `durations` against a running exchange.
#include <CLI/CLI.hpp>

#include "api/command_line.h"
#include "api/records.h"
#include "cli/agreements.h"
#include "cli/durations.h"
#include "cli/exit_codes.h"
#include "cli/tickets.h"

namespace meetpoint::tests {
namespace {

// Commands as they are typed, by either side.
class SettlingCommands : public CommandLineTest {
protected:
    using Words = std::vector<std::string>;

    Ran run(const cli::ExchangeAccess& access, Words words, const std::string& input = {}) {
        words.insert(words.end(), {"--url", access.url, "--secret-file", access.secretFile});
        CLI::App app;
        std::istringstream in(input);
        std::ostringstream out, err;
        int code = -1;
        cli::addAgreementsCommand(app, [&](const auto& options) { code = cli::runAgreements(options, out, err); });
        cli::addTicketsCommand(app, [&](const auto& options) { code = cli::runTickets(options, out, err); });
        cli::addDurationsCommand(app, [&](const auto& options) { code = cli::runDurations(options, in, out, err); });
        std::ranges::reverse(words);  // CLI11 takes them from the back
        app.parse(words);
        return {code, out.str(), err.str()};
    }
    // What it prints for machines.
    json::value asJson(const cli::ExchangeAccess& access, Words words) {
        words.emplace_back("--json");
        const Ran ran = run(access, words);
        EXPECT_EQ(ran.code, cli::exitFine) << ran.err;
        return ran.out.empty() ? json::value() : json::parse(ran.out);
    }
    static void expectHas(const std::string& text, const std::string& part) {
        EXPECT_NE(text.find(part), std::string::npos) << part << "\nis not in\n" << text;
    }

    const cli::ExchangeAccess alp_ = ofAlp();
    const cli::ExchangeAccess platform_ = accessOf({{"name", "The platform's scripts"}, {"role", "platform"}});
};

TEST_P(SettlingCommands, OneSideProposesAnAgreementAndTheOtherSignsWhatItRead) {
    const json::value proposed = asJson(alp_, {"agreements",
                                               "propose",
                                               "--valid-from",
                                               "2026-03-12",
                                               "--increments",
                                               "30/6",
                                               "--basis",
                                               "ring",
                                               "--time-zone",
                                               "Europe/Zurich",
                                               "--cycle-start",
                                               "15",
                                               "--due-after-hours",
                                               "24",
                                               "--close-after-hours",
                                               "48",
                                               "--tolerance-per-mille",
                                               "5",
                                               "--answered-only",
                                               "--direction",
                                               "inbound",
                                               "--no-on-net"});
    const std::string id = textAt(proposed, "/id");
    EXPECT_EQ(
        at(proposed, "/terms"),
        (json::value{
            {"toleranceMs", 2'000},
            {"tolerancePerMille", 5},
            {"increments", json::object{{"initialSeconds", 30}, {"stepSeconds", 6}}},
            {"durationBasis", "ring"},
            {"timeZone", "Europe/Zurich"},
            {"scope", json::object{{"answeredOnly", true}, {"directions", json::array{"inbound"}}, {"onNet", false}}},
            {"billingCycleStartDay", 15},
            {"dueAfterHours", 24},
            {"closeAfterHours", 48}}));
    const Ran shown = run(platform_, {"agreements", "show", id});
    expectHas(shown.out, "increments            {\"initialSeconds\":30,\"stepSeconds\":6}");
    expectHas(shown.err, "meetpoint agreements sign " + id + " --version 1");
    const Ran stale = run(platform_, {"agreements", "sign", id, "--version", "7"});
    EXPECT_EQ(stale.code, cli::exitRefused);
    expectHas(stale.err, "Read it again with show");
    EXPECT_EQ(run(alp_, {"agreements", "sign", id, "--version", "1"}).code, cli::exitRefused) << "its own proposal";
    const Ran isSigned = run(platform_, {"agreements", "sign", id, "--version", "1"});
    EXPECT_EQ(isSigned.code, cli::exitFine) << isSigned.err;
    expectHas(isSigned.out, "state                   signed");
    EXPECT_EQ(isSigned.err, "") << "nothing is left to do";
    const Ran list = run(alp_, {"agreements", "list", "--in-force-on", "2026-03-12"});
    EXPECT_EQ(linesOf(list.out), 2u);
    expectHas(list.out, id);
    EXPECT_EQ(at(asJson(alp_, {"agreements", "show", id}), "/history").as_array().size(), 2u);
}

TEST_P(SettlingCommands, AProposalIsDeclinedOrWithdrawn) {
    const auto propose = [&] {
        return textAt(asJson(alp_, {"agreements", "propose", "--valid-from", "2026-03-12"}), "/id");
    };
    const std::string first = propose(), second = propose();
    EXPECT_EQ(textAt(asJson(platform_, {"agreements", "decline", first, "--version", "1", "--reason", "too soon"}),
                     "/reason"),
              "too soon");
    EXPECT_EQ(textAt(asJson(alp_, {"agreements", "withdraw", second, "--version", "1"}), "/state"), "withdrawn");
    const Ran none = run(alp_, {"agreements", "list", "--state", "proposed"});
    expectHas(none.err, "There is no such agreement. Propose one: ");
    EXPECT_EQ(run(alp_, {"agreements", "propose", "--valid-from", "2026-03-12", "--increments", "60"}).code,
              cli::exitUsage);
    expectHas(run(platform_, {"agreements", "propose", "--valid-from", "2026-03-12"}).err, "Name the carrier");
}

TEST_P(SettlingCommands, ADisputeIsOpenedAnsweredAndSettled) {
    const CallFacts call{.number = 1};
    json::object longer = durationOf(call, "r-1");
    longer["durationMs"] = 75'000;
    world.platform.upload("/v1/calls", ndjson(json::array{callRecord(call)}));
    world.alp.upload("/v1/durations", ndjson(json::array{longer}));
    world.alp.done("/v1/reconciliation/runs", json::object{{"date", World::day}});
    const std::string item =
        textAt(world.alp.read("/v1/reconciliation/items?date=" + std::string(World::day)), "/items/0/itemId");
    const json::value opened =
        asJson(alp_, {"tickets", "open", "--item", std::string(World::day) + "/" + item, "--title", "15 s longer",
                      "--text", "Release at 12:21.", "--owner", "Petra", "--reference", "ALP-17"});
    const std::string id = textAt(opened, "/id");
    EXPECT_EQ(textAt(opened, "/kind"), "dispute");
    EXPECT_EQ(textAt(opened, "/carrier/reference"), "ALP-17");
    EXPECT_EQ(textAt(opened, "/items/0/itemId"), item);
    const Ran said = run(platform_, {"tickets", "reply", id, "Our trace says 12:21 too."});
    EXPECT_EQ(said.out, "Said, as step 2. Both sides read it: meetpoint tickets show " + id + "\n") << said.err;
    const Ran proposed = run(platform_, {"tickets", "propose", id, "--settlement", "By the trace.", "--counts",
                                         "platform", "--item", item + "=carrier"});
    EXPECT_EQ(proposed.code, cli::exitFine) << proposed.err;
    const Ran shown = run(alp_, {"tickets", "show", id});
    expectHas(shown.out, "Settlement of platform: By the trace.");
    expectHas(shown.out, item + ": carrier counts");
    expectHas(shown.out, "platform comment: Our trace says 12:21 too.");
    const std::string version = textAt(world.alp.read("/v1/tickets/" + id), "/version");
    expectHas(shown.err, "meetpoint tickets accept " + id + " --version " + version);
    EXPECT_THROW(run(alp_, {"tickets", "accept", id}), CLI::RequiredError) << "what was read";
    EXPECT_EQ(run(alp_, {"tickets", "accept", id, "--version", "1"}).code, cli::exitRefused);
    EXPECT_EQ(textAt(asJson(alp_, {"tickets", "accept", id, "--version", version}), "/state"), "settled");
    EXPECT_EQ(textAt(asJson(alp_, {"tickets", "close", id}), "/state"), "closed");
    EXPECT_EQ(linesOf(run(alp_, {"tickets", "list", "--status", "over"}).out), 2u);
    EXPECT_EQ(run(alp_, {"tickets", "list", "--status", "open"}).err, "There are no such tickets.\n");
}

TEST_P(SettlingCommands, TroubleIsOpenedWithWhatItIsAboutAndBadWordsAreSaid) {
    world.platform.upload("/v1/calls", ndjson(json::array{callRecord({.number = 1})}));
    const json::value opened =
        asJson(alp_, {"tickets", "open", "--call", callId(1), "--trunk", "sbc1.example", "--title", "One-way audio",
                      "--text", "Since nine.", "--due", "2026-03-20T00:00:00Z"});
    EXPECT_EQ(textAt(opened, "/kind"), "trouble");
    EXPECT_EQ(textAt(opened, "/callIds/0"), callId(1));
    const std::string id = textAt(opened, "/id");
    EXPECT_EQ(textAt(asJson(platform_, {"tickets", "start", id}), "/state"), "inProgress");
    EXPECT_EQ(textAt(asJson(alp_, {"tickets", "withdraw", id, "--reason", "gone by itself"}), "/state"), "withdrawn");
    EXPECT_EQ(run(alp_, {"tickets", "open", "--item", "x", "--title", "t", "--text", "t"}).code, cli::exitUsage);
    EXPECT_EQ(run(alp_, {"tickets", "show", callId(9)}).code, cli::exitRefused);
}

TEST_P(SettlingCommands, DurationsAreSentListedAndTakenBack) {
    const std::string good = json::serialize(durationOf({.number = 1}, "r-1")) + "\n" +
                             json::serialize(durationOf({.number = 2}, "r-2")) + "\n";
    const Ran sent = run(alp_, {"durations", "upload", file("durations.ndjson", good)});
    EXPECT_EQ(sent.code, cli::exitFine) << sent.err;
    expectHas(sent.out, "           2 created\n");
    const std::string id = sent.out.substr(7, 36);
    EXPECT_EQ(sent.err, "Was it the wrong file? meetpoint durations withdraw " + id + " --reason …\n");
    expectHas(run(alp_, {"durations", "upload", "-"}, good).out, "           2 unchanged\n");
    const Ran mixed = run(alp_, {"durations", "upload", "-"}, good + "{\"recordId\":\"r-3\"}\n");
    EXPECT_EQ(mixed.code, cli::exitRefused);
    expectHas(mixed.out, "line 3        r-3                 rejected");
    expectHas(mixed.err, "Correct these records and send them again; the others are stored.");
    const Ran list = run(alp_, {"durations", "list"});
    EXPECT_EQ(linesOf(list.out), 3u) << list.out;
    expectHas(list.out, "r-2");
    EXPECT_EQ(linesOf(run(alp_, {"durations", "uploads"}).out), 4u);
    const Ran taken = run(alp_, {"durations", "withdraw", id, "--reason", "another month"});
    EXPECT_EQ(taken.code, cli::exitFine) << taken.err;
    expectHas(taken.out, "2 records taken back; 0 have a later revision, which stays.");
    EXPECT_EQ(run(alp_, {"durations", "list"}).err, "There is no such duration that you may see.\n");
    expectHas(run(alp_, {"durations", "uploads"}).out, "withdrawn");
}

TEST_P(SettlingCommands, AFileOfManyPiecesIsSentInCsvAndWhatCannotBeReadIsSaid) {
    std::string csv = "recordId,direction,callerNumber,calleeNumber,startedAt,durationSeconds\n";
    constexpr int rows = 20'000;  // more than one piece of the file
    for (int i = 0; i < rows; ++i)
        csv += "row-" + std::to_string(i) + ",inbound,+41791234567,+41446681800,2026-03-09T12:00:00Z,60\n";
    const Ran sent = run(alp_, {"durations", "upload", file("durations.csv", csv)});
    EXPECT_EQ(sent.code, cli::exitFine) << sent.err;
    expectHas(sent.out, "20000 created");
    EXPECT_EQ(run(alp_, {"durations", "upload", "/no/such/file"}).code, cli::exitUsage);
    EXPECT_EQ(run(alp_, {"durations", "upload", "-", "--format", "xml"}).code, cli::exitUsage);
    json::object inMinutes = durationOf({.number = 1}, "in-minutes");
    inMinutes["durationMs"] = 2;
    const Ran declared = run(alp_,
                             {"durations", "upload", "-", "--unit", "min", "--basis", "answer", "--rounding", "up",
                              "--rounding-step-ms", "60000"},
                             json::serialize(inMinutes));
    EXPECT_EQ(declared.code, cli::exitFine) << declared.out;
    expectHas(run(alp_, {"durations", "list", "--json"}).out, "\"durationMs\":120000");
    const Ran again = run(alp_, {"durations", "list", "--limit", "5", "--json"});
    EXPECT_EQ(linesOf(again.out), 5u);
    EXPECT_EQ(again.err, "There are more; --limit 5 ends the list here.\n");
}

ON_EVERY_STORE(SettlingCommands);

}  // namespace
}  // namespace meetpoint::tests
