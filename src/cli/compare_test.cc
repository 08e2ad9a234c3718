#include "cli/compare.h"

#include <cstdio>
#include <filesystem>
#include <fstream>
#include <map>
#include <random>
#include <set>
#include <sstream>

#include <gtest/gtest.h>

#include "cli/compare_report.h"
#include "cli/outcome_text.h"

namespace meetpoint::cli {
namespace {

namespace fs = std::filesystem;
using Row = std::vector<std::string>;

const fs::path data = fs::path(MEETPOINT_SOURCE_DIR) / "../shared/data";

class Folder {
public:
    Folder() {
        const auto* test = ::testing::UnitTest::GetInstance()->current_test_info();
        path_ = fs::temp_directory_path() / (std::string("meetpoint-compare-") + test->name());
        fs::remove_all(path_);
        fs::create_directories(path_);
    }
    ~Folder() { fs::remove_all(path_); }
    std::string write(const std::string& name, const std::string& text) const {
        std::ofstream(path_ / name) << text;
        return (path_ / name).string();
    }
    std::string at(const std::string& name) const { return (path_ / name).string(); }
    static std::string read(const std::string& path) {
        std::ostringstream out;
        out << std::ifstream(path).rdbuf();
        return out.str();
    }

private:
    fs::path path_;
};

struct Ran {
    int code;
    std::string out;
    std::string err;
};
Ran run(const CompareOptions& options) {
    std::ostringstream out, err;
    const int code = runCompare(options, out, err, false);
    return {code, out.str(), err.str()};
}

// A quoted CSV line with padding, as the real file has it; quotation marks inside fields are doubled.
Row splitLine(const std::string& line) {
    Row row(1);
    bool quoted = false;
    for (std::size_t i = 0; i < line.size(); ++i) {
        if (line[i] == '"' && quoted && i + 1 < line.size() && line[i + 1] == '"')
            row.back() += line[++i];
        else if (line[i] == '"')
            quoted = !quoted;
        else if (line[i] == ',' && !quoted)
            row.emplace_back();
        else if (quoted || line[i] != ' ')
            row.back() += line[i];
    }
    return row;
}

std::string joinLine(const Row& row) {
    std::string out;
    for (const std::string& cell : row) {
        out += out.empty() ? "\"" : ",\"";
        for (const char c : cell)
            out += c == '"' ? std::string("\"\"") : std::string(1, c);
        out += '"';
    }
    return out + "\n";
}

std::vector<Row> realRows() {
    std::vector<Row> rows;
    std::istringstream lines(Folder::read((data / "asterisk-cdr.csv").string()));
    for (std::string line; std::getline(lines, line);)
        if (!line.empty()) rows.push_back(splitLine(line));
    return rows;
}

// A local time moved by so many seconds.
std::string moved(const std::string& time, std::int64_t seconds_) {
    if (time.empty()) return time;
    const auto at = parseInstant(time + "Z");
    std::string out = formatInstant(*at + seconds(seconds_)).substr(0, 19);
    out[10] = ' ';
    return out;
}

enum Column {
    startColumn = 9,
    answerColumn = 10,
    endColumn = 11,
    durationColumn = 12,
    billedColumn = 13,
    idColumn = 16
};

struct Carrier {
    std::string file;
    std::set<std::uint64_t> missingLines;  // lines of ours of calls all of whose rows were removed
};

// The carrier's side: 37 s ahead, a tenth of the rows removed, durations rounded up to 6 s.
Carrier carrierFrom(const std::vector<Row>& rows, unsigned seed, bool consistent, bool withIds) {
    std::mt19937 random(seed);
    std::vector<std::size_t> order(rows.size());
    for (std::size_t i = 0; i < order.size(); ++i)
        order[i] = i;
    std::ranges::shuffle(order, random);
    const std::set<std::size_t> removed(order.begin(), order.begin() + static_cast<std::ptrdiff_t>(rows.size() / 10));
    std::map<std::string, std::vector<std::size_t>> calls;
    Carrier out;
    for (std::size_t i = 0; i < rows.size(); ++i) {
        calls[rows[i][idColumn]].push_back(i);
        if (removed.contains(i)) continue;
        Row row = rows[i];
        const std::int64_t billed = std::stoll(row[billedColumn]);
        const std::int64_t rounded = (billed + 5) / 6 * 6;
        const std::int64_t more = consistent ? rounded - billed : 0;
        row[startColumn] = moved(row[startColumn], 37);
        row[answerColumn] = moved(row[answerColumn], 37);
        row[endColumn] = moved(row[endColumn], 37 + more);
        row[durationColumn] = std::to_string(std::stoll(row[durationColumn]) + more);
        row[billedColumn] = std::to_string(rounded);
        if (!withIds) row[idColumn].clear();
        out.file += joinLine(row);
    }
    for (const auto& [id, members] : calls)
        if (std::ranges::all_of(members, [&](std::size_t i) { return removed.contains(i); }))
            for (const std::size_t i : members)
                out.missingLines.insert(i + 1);
    return out;
}

// The lines of ours in items of that state.
std::set<std::uint64_t> linesIn(const std::string& matches, const std::string& state) {
    std::set<std::uint64_t> out;
    std::istringstream lines(matches);
    for (std::string line; std::getline(lines, line);) {
        if (line.find("\"state\":\"" + state + "\"") == std::string::npos) continue;
        std::istringstream numbers(line.substr(line.find("\"oursLines\":[") + 13));
        for (std::uint64_t number = 0; numbers >> number; numbers.get())
            out.insert(number);
    }
    return out;
}

TEST(Compare, TheRealExchangeAgainstItselfShiftedThinnedAndRounded) {
    if (!fs::exists(data)) GTEST_SKIP() << "the shared data are not here";
    const Folder folder;
    const std::vector<Row> rows = realRows();
    ASSERT_EQ(rows.size(), 218u);
    for (unsigned seed = 1; seed <= 8; ++seed) {
        for (const bool consistent : {true, false}) {
            for (const bool withIds : {true, false}) {
                SCOPED_TRACE(fmt::format("seed {} consistent {} ids {}", seed, consistent, withIds));
                const Carrier carrier = carrierFrom(rows, seed, consistent, withIds);
                CompareOptions options{.ours = (data / "asterisk-cdr.csv").string(),
                                       .theirs = folder.write("theirs.csv", carrier.file),
                                       .matches = folder.at("matches.ndjson"),
                                       .json = true};
                const Ran ran = run(options);
                EXPECT_EQ(ran.code, exitDifferences) << ran.err;
                EXPECT_EQ(ran.err, "");
                EXPECT_NE(ran.out.find(R"("cause":"clockOffset","value":37000)"), std::string::npos) << ran.out;
                EXPECT_NE(ran.out.find(R"("cause":"rounding","value":{"mode":"up","stepMs":6000})"), std::string::npos)
                    << ran.out;
                const std::string matches = Folder::read(options.matches);
                // A repeated row of a missing call is a repeat; the call itself is missing once.
                std::set<std::uint64_t> expected = carrier.missingLines;
                for (const std::uint64_t line : linesIn(matches, "duplicateAtPlatform"))
                    expected.erase(line);
                EXPECT_EQ(linesIn(matches, "missingAtCarrier"), expected);
                EXPECT_NE(ran.out.find(R"("missingAtPlatform":0)"), std::string::npos);
                EXPECT_NE(ran.out.find(R"("ambiguous":0)"), std::string::npos);
                EXPECT_NE(ran.out.find(R"("cause":"forkedLegs")"), std::string::npos);
                EXPECT_NE(ran.out.find(R"("duplicateAtPlatform":9)"), std::string::npos);
            }
        }
    }
}

TEST(Compare, TheRealExchangeAgainstItselfHasNoDifferences) {
    if (!fs::exists(data)) GTEST_SKIP() << "the shared data are not here";
    const std::string file = (data / "asterisk-cdr.csv").string();
    const Ran ran = run({.ours = file, .theirs = file, .json = true});
    EXPECT_EQ(ran.code, exitFine) << ran.out;
    EXPECT_NE(ran.out.find(R"("matched":174)"), std::string::npos) << ran.out;
}

constexpr std::string_view phoneLogMap = R"(
timeFormat = "%Y-%m-%d %H:%M:%S"
timeZone = "UTC"
durationUnit = "s"
numbers = "text"

[filter]
interaction = "call"

[fields]
direction = { column = "direction", values = { in = "inbound", out = "outbound" } }
ownNumber = { constant = "ego" }
farEndNumber = "correspondent_id"
startedAt = "datetime"
durationSeconds = "call_duration"
)";

TEST(Compare, APhoneWhoseClockIsADayBehind) {
    if (!fs::exists(data)) GTEST_SKIP() << "the shared data are not here";
    const Folder folder;
    // Either written from the other end's view, or left as the phone has it.
    const std::string turned = R"([theirs.fields]
direction = { column = "direction", values = { in = "outbound", out = "inbound" } }
ownNumber = "correspondent_id"
farEndNumber = { constant = "H" }
)";
    const std::string asItIs = "[theirs.fields]\nownNumber = { constant = \"H\" }\n";
    for (const std::string& side : {turned, asItIs}) {
        const Ran ran = run({.ours = (data / "bandicoot-ego.csv").string(),
                             .theirs = (data / "bandicoot-H.csv").string(),
                             .columnMap = folder.write("map.toml", std::string(phoneLogMap) + side),
                             .json = true});
        EXPECT_EQ(ran.code, exitDifferences) << ran.err;
        EXPECT_NE(ran.out.find(R"("cause":"clockOffset","value":-86400000)"), std::string::npos) << ran.out;
        EXPECT_EQ(ran.out.find("timeZone"), std::string::npos) << ran.out;
        EXPECT_NE(ran.out.find(R"("matched":2)"), std::string::npos) << ran.out;
    }
}

std::string call(int n, const std::string& number = "+41445000001") {
    return fmt::format(
               R"({{"callId":"00000000-0000-4000-8000-{:012}","version":1,"direction":"outbound","callerNumber":"+41441000001",)"
               R"("calleeNumber":"{}","invitedAt":"2026-03-01T10:{:02}:00Z","answeredAt":"2026-03-01T10:{:02}:05Z",)"
               R"("endedAt":"2026-03-01T10:{:02}:35Z","durationMs":30000}})",
               n, number, n, n, n) +
           "\n";
}
std::string duration(int n, const std::string& more = "") {
    return fmt::format(
               R"({{"recordId":"r<{}>","direction":"outbound","callerNumber":"+41441000001","calleeNumber":"+41445000001",)"
               R"("startedAt":"2026-03-01T10:{:02}:00Z","durationMs":30000{}}})",
               n, n, more) +
           "\n";
}

TEST(Compare, ReportsInWordsWithLinesOfBothFiles) {
    const Folder folder;
    const std::string ours = folder.write("ours.ndjson", call(1) + call(2) + call(3));
    const std::string theirs = folder.write("theirs.ndjson", duration(1) + duration(3));
    const Ran ran = run({.ours = ours, .theirs = theirs});
    EXPECT_EQ(ran.code, exitDifferences) << ran.err;
    EXPECT_NE(ran.out.find("missingAtCarrier"), std::string::npos) << ran.out;
    EXPECT_NE(ran.out.find("ours.ndjson:2"), std::string::npos) << ran.out;
    EXPECT_EQ(ran.out.find('\033'), std::string::npos) << "colours only on a terminal";
    EXPECT_EQ(run({.ours = ours, .theirs = folder.write("equal.ndjson", duration(1) + duration(2) + duration(3))}).code,
              exitFine);
}

TEST(Compare, SaysThatDurationsAreInAnotherUnit) {
    const Folder folder;
    std::string ours, theirs;
    for (int n = 1; n <= 20; ++n) {
        std::string longer = call(n);
        // Of 91 to 110 s each, in minutes begun.
        longer.replace(longer.find(":35Z"), 4, fmt::format(":{:02}Z", 36 + n % 20));
        const std::size_t minute = longer.find("\"endedAt\":\"2026-03-01T10:") + 25;
        longer.replace(minute, 2, fmt::format("{:02}", n + 1));
        longer.replace(longer.find("30000"), 5, std::to_string(91'000 + n % 20 * 1'000));
        ours += longer;
        std::string inMinutes = duration(n);
        inMinutes.replace(inMinutes.find("30000"), 5, "2");
        theirs += inMinutes;
    }
    const Ran ran = run({.ours = folder.write("ours.ndjson", ours), .theirs = folder.write("theirs.ndjson", theirs)});
    EXPECT_EQ(ran.code, exitDifferences) << ran.err;
    EXPECT_NE(ran.out.find("The carrier's durations are minutes where milliseconds are expected"), std::string::npos)
        << ran.out;
    EXPECT_NE(ran.out.find("20 of 20 pairs"), std::string::npos) << ran.out;
}

TEST(Compare, NamesFileLineAndFieldOfRowsItCannotRead) {
    const Folder folder;
    const std::string ours = folder.write("ours.ndjson", call(1) + "{\"callId\":3}\n" + call(2));
    const std::string theirs = folder.write("theirs.ndjson", duration(1) + duration(2));
    const Ran ran = run({.ours = ours, .theirs = theirs, .json = true});
    EXPECT_EQ(ran.code, exitDifferences);
    EXPECT_NE(ran.err.find("ours.ndjson:2: /"), std::string::npos) << ran.err;
    EXPECT_NE(ran.out.find(R"("faulted":1)"), std::string::npos) << ran.out;
}

TEST(Compare, UsageAndFailureHaveTheirOwnExitCodes) {
    const Folder folder;
    const std::string file = folder.write("ours.ndjson", call(1));
    EXPECT_EQ(run({.ours = file, .theirs = file, .tolerance = "much"}).code, exitUsage);
    EXPECT_EQ(run({.ours = file, .theirs = file, .format = "sheet"}).code, exitUsage);
    EXPECT_EQ(run({.ours = file, .theirs = file, .zone = "Mars/Olympus"}).code, exitUsage);
    const Ran missing = run({.ours = file, .theirs = folder.at("nothing.csv")});
    EXPECT_EQ(missing.code, exitFailure);
    EXPECT_NE(missing.err.find("nothing.csv"), std::string::npos) << missing.err;
    const Ran unwritable =
        run({.ours = file, .theirs = folder.write("t.ndjson", duration(1)), .html = folder.at("no/such/page.html")});
    EXPECT_EQ(unwritable.code, exitFailure);
}

TEST(Compare, ToleranceIsSecondsOrAShare) {
    const Folder folder;
    const std::string ours = folder.write("ours.ndjson", call(1));
    std::string longer = duration(1);
    longer.replace(longer.find("30000"), 5, "33000");
    const std::string theirs = folder.write("theirs.ndjson", longer);
    EXPECT_EQ(run({.ours = ours, .theirs = theirs}).code, exitDifferences);
    EXPECT_EQ(run({.ours = ours, .theirs = theirs, .tolerance = "3"}).code, exitFine);
    EXPECT_EQ(run({.ours = ours, .theirs = theirs, .tolerance = "10%"}).code, exitFine);
    EXPECT_EQ(run({.ours = ours, .theirs = theirs, .tolerance = "9%"}).code, exitDifferences);
}

TEST(Compare, ThePageStandsAloneAndEscapesWhatItShows) {
    const Folder folder;
    const std::string ours = folder.write("<ours>.ndjson", call(1) + call(2));
    const std::string page = folder.at("page.html");
    run({.ours = ours, .theirs = folder.write("theirs.ndjson", duration(1)), .html = page});
    const std::string html = Folder::read(page);
    EXPECT_NE(html.find("<svg"), std::string::npos);
    EXPECT_NE(html.find("&lt;ours&gt;.ndjson"), std::string::npos);
    EXPECT_EQ(html.find("<ours>"), std::string::npos);
    EXPECT_NE(html.find("prefers-color-scheme:dark"), std::string::npos);
    for (const char* outside : {"<script", "http://", "https://", "src=", "@import", "url("})
        EXPECT_EQ(html.find(outside), std::string::npos) << outside;
}

TEST(Compare, WritesThePageInItsLanguageAndTheFiguresAsCsv) {
    const Folder folder;
    std::string longer = duration(1);
    longer.replace(longer.find("30000"), 5, "42000");
    CompareOptions options{.ours = folder.write("ours.ndjson", call(1)),
                           .theirs = folder.write("theirs.ndjson", longer),
                           .html = folder.at("page.html"),
                           .csv = folder.at("figures.csv"),
                           .language = "ja"};
    EXPECT_EQ(run(options).code, exitDifferences);
    EXPECT_NE(Folder::read(options.html).find("<html lang=\"ja\">"), std::string::npos);
    const std::string csv = Folder::read(options.csv);
    EXPECT_NE(csv.find("\r\ntotal,,calls,,1,1,30,42,12,40.000,\r\n"), std::string::npos) << csv;
    EXPECT_NE(csv.find("\r\nstate,,durationMismatch,1,"), std::string::npos) << csv;
    options.language = "xx";
    const Ran refused = run(options);
    EXPECT_EQ(refused.code, exitUsage);
    EXPECT_NE(refused.err.find("none of en, zh-Hant, ja"), std::string::npos) << refused.err;
}

TEST(Compare, NumbersForPeople) {
    EXPECT_EQ(grouped(1'234'567), "1,234,567");
    EXPECT_EQ(grouped(999), "999");
    EXPECT_EQ(clockText(7'509'000), "2 h 05 min 09 s");
    EXPECT_EQ(percentText(-5, 200), "-2.50 %");
    EXPECT_EQ(percentText(5, 0), "-");
}

}  // namespace
}  // namespace meetpoint::cli
