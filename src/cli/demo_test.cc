#include "cli/demo.h"

#include <csignal>
#include <filesystem>
#include <future>
#include <map>
#include <regex>
#include <set>
#include <sstream>
#include <thread>

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <unistd.h>

#include "cli/demo_calls.h"
#include "cli/demo_durations.h"
#include "cli/demo_world.h"
#include "cli/exit_codes.h"

namespace meetpoint::cli {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view someWednesday = "2026-03-04T10:00:00Z";

struct Ran {
    int code = -1;
    std::string out, err;
};
Ran run(const DemoOptions& options, std::string_view now = someWednesday) {
    const ManualClock clock(*parseInstant(now));
    std::ostringstream out, err;
    const int code = runDemo(options, clock, out, err, false);
    return {code, out.str(), err.str()};
}

const Ran& firstRun() {
    static const Ran ran = run({.exit = true, .seed = 1});
    return ran;
}

// The report's part about one carrier.
std::string sectionOf(const std::string& report, std::size_t carrier) {
    const auto heading = [](const DemoCarrier& one) {
        return "\n" + std::string(one.name) + " (" + std::string(one.country) + ")\n";
    };
    const std::size_t from = report.find(heading(demoCarriers()[carrier]));
    const std::string next = carrier + 1 < demoCarriers().size() ? heading(demoCarriers()[carrier + 1]) : "\nUsage of ";
    const std::size_t to = report.find(next);
    EXPECT_NE(from, std::string::npos);
    EXPECT_NE(to, std::string::npos);
    return report.substr(from, to - from);
}

// One line a paragraph, so that a sentence is found wherever it was broken.
std::string unwrapped(const std::string& text) {
    return std::regex_replace(text, std::regex("\n {4,}"), " ");
}

std::multiset<std::string> causesIn(const std::string& section) {
    std::multiset<std::string> causes;
    const std::string text = section.substr(section.find("Why the two sides differ"));
    const std::regex line("\n  - ([A-Za-z]+): ");
    for (std::sregex_iterator it(text.begin(), text.end(), line), end; it != end; ++it)
        causes.insert((*it)[1]);
    return causes;
}

std::size_t countOf(const std::string& text, const std::string& word) {
    std::size_t count = 0;
    for (std::size_t at = text.find(word); at != std::string::npos; at = text.find(word, at + 1))
        ++count;
    return count;
}

// The records of a carrier's files that contain `word` and of whose call the platform has a record too.
std::size_t plantedAmongPairs(const SampleWeek& week, std::size_t carrier, std::uint64_t seed,
                              const std::string& word) {
    const std::string platform = platformRecords(week, seed);
    std::vector<const SampleCall*> calls;
    for (const SampleCall& call : week.calls)
        if (call.carrier == carrier) calls.push_back(&call);
    std::size_t count = 0;
    for (const std::string& file : carrierFiles(week, carrier, seed).days) {
        std::istringstream lines(file);
        for (std::string line; std::getline(lines, line);) {
            if (line.find(word) == std::string::npos) continue;
            const std::size_t id = line.find("-") + 1;
            const auto index = static_cast<std::size_t>(std::stoul(line.substr(id, 5))) - 1;
            count += platform.find(formatId(calls[index]->callId)) != std::string::npos;
        }
    }
    return count;
}

TEST(Demo, EndsWellAndSaysNothingOnTheWayWhenPiped) {
    EXPECT_EQ(firstRun().code, exitFine) << firstRun().err;
    EXPECT_EQ(firstRun().err, "");
    EXPECT_NE(firstRun().out.find("seed 1"), std::string::npos);
    EXPECT_EQ(firstRun().out.find("\033["), std::string::npos) << "colours are for terminals";
    std::istringstream lines(firstRun().out);
    for (std::string line; std::getline(lines, line);)
        EXPECT_LE(line.size(), 80u) << line;
}

TEST(Demo, NamesTheClockAndTheRoundingOfTheFirstCarrier) {
    const std::string section = unwrapped(sectionOf(firstRun().out, 0));
    EXPECT_EQ(causesIn(section), (std::multiset<std::string>{"clockOffset", "rounding"})) << section;
    EXPECT_NE(section.find("The carrier's clock is 37 s ahead"), std::string::npos) << section;
    EXPECT_NE(section.find("The carrier rounds durations up to 6 s"), std::string::npos) << section;
    EXPECT_EQ(countOf(section, "On 7 days."), 2u) << section;
}

TEST(Demo, NamesTheZoneTheGapAndTheScopeOfTheSecondCarrier) {
    const SampleWeek week = sampleWeek(1, {dayOf(*parseInstant(someWednesday)).number - 1});
    const std::string section = unwrapped(sectionOf(firstRun().out, 1));
    EXPECT_EQ(causesIn(section), (std::multiset<std::string>{"timeZone", "coverageGap", "answeredOnly"})) << section;
    const std::regex zone("times are 1 h ahead, as in another time zone: (\\d+) of \\1 pairs. On " +
                          formatDay(week.workday(planted::zoneWorkday)));
    EXPECT_TRUE(std::regex_search(section, zone)) << section;
    std::smatch gap;
    ASSERT_TRUE(std::regex_search(section, gap, std::regex("a hole from (\\S+) to (\\S+):"))) << section;
    const Instant from = startOf(week.workday(planted::gapWorkday)) + planted::gapFrom;
    const Instant to = startOf(week.workday(planted::gapWorkday)) + planted::gapTo;
    // The hole is known from the first call that is missing to the last.
    EXPECT_GE(*parseInstant(gap[1].str()), from);
    EXPECT_LT(*parseInstant(gap[1].str()), from + minutes(20));
    EXPECT_LT(*parseInstant(gap[2].str()), to);
    EXPECT_GT(*parseInstant(gap[2].str()), to - minutes(20));
    EXPECT_NE(section.find("The carrier records answered calls only"), std::string::npos) << section;
}

TEST(Demo, CountsEachSlipOfTheThirdCarrier) {
    const SampleWeek week = sampleWeek(1, {dayOf(*parseInstant(someWednesday)).number - 1});
    const std::string section = unwrapped(sectionOf(firstRun().out, 2));
    EXPECT_EQ(causesIn(section),
              (std::multiset<std::string>{"durationBasis", "partialRecords", "hungCall", "duplicateUpload"}))
        << section;
    const auto planted = [&](const std::string& word) { return std::to_string(plantedAmongPairs(week, 2, 1, word)); };
    EXPECT_NE(section.find("in several parts: " + planted("-2\",\"direction") + " of "), std::string::npos) << section;
    EXPECT_NE(section.find("run on to a timer: " + planted("\"durationMs\":10800000") + " of "), std::string::npos)
        << section;
    std::size_t repeats = 0, ringing = 0;
    for (const std::string& day : carrierFiles(week, 2, 1).days)
        repeats += countOf(day, "-again\"");
    EXPECT_NE(section.find("recorded calls twice: " + std::to_string(repeats) + " records"), std::string::npos)
        << section;
    std::smatch counted;
    ASSERT_TRUE(std::regex_search(section, counted, std::regex("counts the ringing into its durations: (\\d+) of")))
        << section;
    ringing = plantedAmongPairs(week, 2, 1, "durationBasis");
    EXPECT_LE(std::stoul(counted[1]), ringing) << section;
    EXPECT_GT(std::stoul(counted[1]), ringing / 2) << "a repeat stands for one call, not for two\n" << section;
    EXPECT_NE(section.find("Rejected: LT-misrouted as number-not-yours."), std::string::npos) << section;
    EXPECT_NE(section.find("records unchanged, nothing doubled"), std::string::npos) << section;
}

TEST(Demo, ACarriersSectionHoldsNoOtherCarriersNumber) {
    for (std::size_t carrier = 0; carrier < demoCarriers().size(); ++carrier) {
        const std::string section = sectionOf(firstRun().out, carrier);
        for (std::size_t other = 0; other < demoCarriers().size(); ++other)
            for (std::size_t n = 0; n < demoNumbersPerCarrier; ++n)
                EXPECT_EQ(section.find(demoNumber(other, n)) != std::string::npos, other == carrier)
                    << demoNumber(other, n) << " in\n"
                    << section;
    }
}

TEST(Demo, ShowsTheRefusedTheMovedAndTheUnassignedNumber) {
    const std::string report = unwrapped(firstRun().out);
    EXPECT_NE(report.find("24 of 25 ordered numbers were accepted"), std::string::npos) << report;
    EXPECT_NE(report.find("numberNotAvailable"), std::string::npos) << report;
    EXPECT_NE(sectionOf(report, 0).find("+442079460102   assigned   sip:cleo.archer@harbour.example"),
              std::string::npos)
        << report;
    EXPECT_NE(sectionOf(report, 1).find("+493023125107   available  no SIP URI"), std::string::npos) << report;
    EXPECT_NE(report.find("the platform's"), std::string::npos) << report;
}

TEST(Demo, TheSameSeedTellsTheSameStory) {
    const Ran again = run({.exit = true, .seed = 1});
    EXPECT_EQ(again.out, firstRun().out);
    const Ran other = run({.exit = true, .seed = 2});
    EXPECT_NE(other.out, firstRun().out);
}

// Whatever the seed and wherever the weekend falls, all that was planted is named and nothing else.
TEST(Demo, NamesExactlyWhatWasPlantedInAnyWeek) {
    const std::multiset<std::string> expected[] = {{"clockOffset", "rounding"},
                                                   {"timeZone", "coverageGap", "answeredOnly"},
                                                   {"durationBasis", "partialRecords", "hungCall", "duplicateUpload"}};
    for (int n = 0; n < 7; ++n) {
        const Instant now = *parseInstant(someWednesday) + days(n) + hours(n);
        const Ran ran = run({.exit = true, .seed = 100u + static_cast<unsigned>(n)}, formatInstant(now));
        ASSERT_EQ(ran.code, exitFine) << ran.err;
        for (std::size_t carrier = 0; carrier < demoCarriers().size(); ++carrier)
            EXPECT_EQ(causesIn(sectionOf(ran.out, carrier)), expected[carrier]) << "seed " << 100 + n << "\n"
                                                                                << sectionOf(ran.out, carrier);
    }
}

TEST(Demo, AFolderIsKeptAndAStoreInItRefused) {
    const fs::path folder = fs::temp_directory_path() / ("meetpoint-demo-test-" + std::to_string(::getpid()));
    fs::remove_all(folder);
    EXPECT_EQ(run({.exit = true, .data = folder.string()}).code, exitFine);
    EXPECT_TRUE(fs::exists(folder));
    const Ran again = run({.exit = true, .data = folder.string()});
    EXPECT_EQ(again.code, exitFailure);
    EXPECT_NE(again.err.find("already holds a sandbox store"), std::string::npos) << again.err;
    EXPECT_EQ(again.out, "");
    fs::remove_all(folder);
}

TEST(Demo, APortThatIsTakenEndsItWithASentence) {
    const int taken = ::socket(AF_INET, SOCK_STREAM, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof(address);
    ASSERT_EQ(::bind(taken, reinterpret_cast<sockaddr*>(&address), size), 0);
    ASSERT_EQ(::listen(taken, 1), 0);
    ASSERT_EQ(::getsockname(taken, reinterpret_cast<sockaddr*>(&address), &size), 0);
    const Ran ran = run({.exit = true, .port = ntohs(address.sin_port)});
    ::close(taken);
    EXPECT_EQ(ran.code, exitFailure);
    EXPECT_EQ(ran.out, "");
    EXPECT_NE(ran.err.find(std::to_string(ntohs(address.sin_port))), std::string::npos) << ran.err;
}

TEST(Demo, ASignalBeforeTheReportEndsItAndWaitsForItsTurn) {
    Ran ran;
    int waiting = 0;
    std::thread demo([&] {
        sigset_t mine{};
        sigemptyset(&mine);
        sigaddset(&mine, SIGTERM);
        pthread_sigmask(SIG_BLOCK, &mine, nullptr);
        pthread_kill(pthread_self(), SIGTERM);
        ran = run({.exit = true});
        // The signal was seen, not taken: whoever sent it learns the usual way that it worked.
        sigwait(&mine, &waiting);
    });
    demo.join();
    EXPECT_EQ(ran.code, exitFailure);
    EXPECT_EQ(ran.out, "");
    EXPECT_EQ(ran.err, "meetpoint demo: Interrupted before the report was ready.\n");
    EXPECT_EQ(waiting, SIGTERM);
}

// A stream that says when it was flushed: the demo does so once it serves.
class ServingBuffer final : public std::stringbuf {
public:
    std::promise<void> serving;
    int sync() override {
        serving.set_value();
        return 0;
    }
};

TEST(Demo, KeepsServingUntilItIsToldToStop) {
    const ManualClock clock(*parseInstant(someWednesday));
    ServingBuffer buffer;
    std::ostream out(&buffer);
    std::ostringstream err;
    int code = -1;
    std::thread demo([&] { code = runDemo({}, clock, out, err, false); });
    auto serving = buffer.serving.get_future();
    ASSERT_EQ(serving.wait_for(std::chrono::seconds(120)), std::future_status::ready) << err.str();
    std::smatch file;
    const std::string report = buffer.str();
    EXPECT_TRUE(std::regex_search(
        report, file,
        std::regex("curl -sK (\\S+) -d grant_type=client_credentials http://127.0.0.1:\\d+/oauth2/token")))
        << report;
    const fs::path credentials = file[1].str();
    EXPECT_EQ(fs::status(credentials).permissions(), fs::perms::owner_read | fs::perms::owner_write);
    pthread_kill(demo.native_handle(), SIGTERM);
    demo.join();
    EXPECT_EQ(code, exitFine) << err.str();
    EXPECT_FALSE(fs::exists(credentials.parent_path())) << "a temporary folder goes with the demo";
}

}  // namespace
}  // namespace meetpoint::cli
