// Files that other systems wrote: Asterisk, column maps, detection, compression.
#include "formats/foreign.h"

#include <filesystem>
#include <map>
#include <set>

#include <zlib.h>
#include <zstd.h>

#include "formats/column_map.h"
#include "formats/testing.h"

namespace meetpoint::formats {
namespace {

using namespace testing;
using columns::CallCore;
using columns::CallParties;
using columns::DurationCore;
using columns::DurationParties;

constexpr auto calls = LaneKind::calls;
constexpr auto durations = LaneKind::durations;

const std::string leg =
    R"("","791-445-9811","112","hq","""Ann"" <1>","a","b","Dial","c","2017-06-20 09:49:22" ,"","2017-06-20 09:49:32",10,0,"NO ANSWER","DOCUMENTATION","1497952162.0","")";
const std::string answered =
    R"("","791-445-9811","112","hq","""Ann"" <1>","a","b","Dial","c","2017-06-20 09:49:22","2017-06-20 09:49:32","2017-06-20 09:58:06",524,514,"ANSWERED" ,"DOCUMENTATION","1497952162.0",""  )";

ReadOptions americanOptions() {
    ReadOptions out = options();
    out.defaultRegion = "US";
    out.timeZone = *TimeZone::load("America/New_York");
    return out;
}

std::string gzipped(std::string_view text) {
    std::string out(compressBound(text.size()) + 64, '\0');
    z_stream stream{};
    deflateInit2(&stream, 6, Z_DEFLATED, 16 + MAX_WBITS, 8, Z_DEFAULT_STRATEGY);
    stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(text.data()));
    stream.avail_in = static_cast<uInt>(text.size());
    stream.next_out = reinterpret_cast<Bytef*>(out.data());
    stream.avail_out = static_cast<uInt>(out.size());
    deflate(&stream, Z_FINISH);
    out.resize(stream.total_out);
    deflateEnd(&stream);
    return out;
}
std::string zstandard(std::string_view text) {
    std::string out(ZSTD_compressBound(text.size()), '\0');
    out.resize(ZSTD_compress(out.data(), out.size(), text.data(), text.size(), 3));
    return out;
}

class TemporaryFile {
public:
    TemporaryFile(const std::string& name, std::string_view content)
        : path_(std::filesystem::temp_directory_path() / ("formats_test_" + std::to_string(::getpid()) + "_" + name)) {
        std::ofstream(path_, std::ios::binary) << content;
    }
    ~TemporaryFile() { std::filesystem::remove(path_); }
    std::string path() const { return path_.string(); }

private:
    std::filesystem::path path_;
};

FileOptions fileOptions(ReadOptions read = americanOptions()) {
    FileOptions out;
    out.read = std::move(read);
    return out;
}

TEST(Asterisk, ReadsLegsAsDurations) {
    const Whole whole =
        read(durations, Format::asteriskCsv, leg + "\n" + answered + "\n" + answered + "\n", americanOptions());
    ASSERT_EQ(whole.batch.records.rows(), 3u) << whole.batch.faults[0].message;
    const auto& core = whole.batch.records.part(Part::core);
    const auto& parties = whole.batch.records.part(Part::parties);
    EXPECT_EQ(core[DurationCore::recordId].text(0), "1497952162.0");
    EXPECT_EQ(core[DurationCore::recordId].text(1), "1497952162.0#2");
    EXPECT_EQ(core[DurationCore::recordId].text(2), "1497952162.0#3");
    EXPECT_EQ(parties[DurationParties::sipCallId].text(2), "1497952162.0");
    EXPECT_EQ(core[DurationCore::durationMs].at<std::int64_t>(1), 514'000);
    EXPECT_EQ(core[DurationCore::answered].at<std::uint8_t>(0), 0);
    EXPECT_EQ(core[DurationCore::answered].at<std::uint8_t>(1), 1);
    EXPECT_EQ(core[DurationCore::startedAt].instant(0), *parseInstant("2017-06-20T09:49:22-04:00"));
    EXPECT_EQ(core[DurationCore::startBasis].at<std::uint8_t>(0), 0);
    EXPECT_TRUE(core[DurationCore::answeredAt].isNull(0));
    // 791 is no area code, but the number is possible in its region.
    EXPECT_EQ(core[DurationCore::ownNumber].at<std::uint64_t>(0), 17914459811u);
    EXPECT_EQ(parties[DurationParties::farEndText].text(0), "112");
    EXPECT_EQ(core[DurationCore::direction].at<std::uint8_t>(0), 1);
}

TEST(Asterisk, ReadsLegsAsCallsWithRepeatableIds) {
    const std::string text = leg + "\n" + answered + "\n";
    const Whole whole = read(calls, Format::asteriskCsv, text, americanOptions());
    ASSERT_EQ(whole.batch.records.rows(), 2u);
    const auto& core = whole.batch.records.part(Part::core);
    EXPECT_NE(core[CallCore::callId].id(0), core[CallCore::callId].id(1));
    EXPECT_EQ(formatId(core[CallCore::callId].id(0))[14], '8') << "a version 8 UUID";
    EXPECT_EQ(core[CallCore::correlationId].text(1), "1497952162.0");
    EXPECT_EQ(lines(whole.batch.records),
              lines(read(calls, Format::asteriskCsv, text, americanOptions()).batch.records));
    ReadOptions other = americanOptions();
    other.sourceName = "another";
    EXPECT_NE(core[CallCore::callId].id(0),
              read(calls, Format::asteriskCsv, text, other).batch.records.part(Part::core)[CallCore::callId].id(0));
}

TEST(Asterisk, InboundMakesTheDestinationOwn) {
    ReadOptions inbound = americanOptions();
    inbound.defaultDirection = domain::Direction::inbound;
    const Whole whole = read(durations, Format::asteriskCsv, leg, inbound);
    ASSERT_EQ(whole.batch.records.rows(), 1u);
    EXPECT_EQ(whole.batch.records.part(Part::core)[DurationCore::ownNumberText].text(0), "112");
    EXPECT_EQ(whole.batch.records.part(Part::parties)[DurationParties::farEndNumber].at<std::uint64_t>(0),
              17914459811u);
}

TEST(Asterisk, FaultsNameTheColumn) {
    const auto faultOf = [](std::string text) {
        const Whole whole = read(durations, Format::asteriskCsv, leg + "\n" + text + "\n", americanOptions());
        EXPECT_EQ(whole.batch.faults.size(), 1u) << text;
        return whole.batch.faults.empty() ? RecordFault{} : whole.batch.faults[0];
    };
    const auto with = [](std::string_view from, std::string_view to) {
        std::string text = answered;
        return text.replace(text.find(from), from.size(), to);
    };
    EXPECT_EQ(faultOf(with("2017-06-20 09:49:22", "20.6.2017 9:49")).pointer, "/start");
    EXPECT_EQ(faultOf(with("2017-06-20 09:49:22", "20.6.2017 9:49")).code, "bad-time");
    EXPECT_EQ(faultOf(with("514", "x")).pointer, "/billsec");
    EXPECT_EQ(faultOf(with("514", "-4")).code, "negative-duration");
    EXPECT_EQ(faultOf(with("\"ANSWERED\"", "\"TALKED\"")).pointer, "/disposition");
    EXPECT_EQ(faultOf("a,b,c").code, "bad-csv");
    EXPECT_EQ(faultOf("a,b,c").line, 2u);
}

TEST(Asterisk, UniqueIdAndUserFieldMayBeAbsent) {
    const std::string sixteen = answered.substr(0, answered.find(",\"1497952162.0\""));
    const Whole whole = read(durations, Format::asteriskCsv, sixteen + "\n" + sixteen + "\n", americanOptions());
    ASSERT_EQ(whole.batch.records.rows(), 2u) << whole.batch.faults[0].message;
    const auto& ids = whole.batch.records.part(Part::core)[DurationCore::recordId];
    EXPECT_EQ(std::string(ids.text(0)) + "#2", ids.text(1));
}

TEST(Asterisk, RealFileHasItsDocumentedCounts) {
    NEEDS_SHARED_DATA();
    const Result<FileRead> read = readFile(dataPath("asterisk-cdr.csv"), durations, fileOptions());
    ASSERT_TRUE(read) << read.error().message;
    EXPECT_EQ(read->detected.format, Format::asteriskCsv);
    EXPECT_EQ(read->counts.faulted, 0u) << read->faults[0].message;
    ASSERT_EQ(read->records.rows(), 218u);
    const auto& core = read->records.part(Part::core);
    std::set<std::string> keys, ids;
    std::size_t answeredRows = 0, zero = 0;
    std::int64_t longest = 0;
    for (std::size_t row = 0; row < 218; ++row) {
        keys.insert(std::string(core[DurationCore::recordId].text(row)));
        ids.insert(std::string(read->records.part(Part::parties)[DurationParties::sipCallId].text(row)));
        answeredRows += core[DurationCore::answered].at<std::uint8_t>(row);
        zero += core[DurationCore::durationMs].at<std::int64_t>(row) == 0;
        longest = std::max(longest, core[DurationCore::durationMs].at<std::int64_t>(row));
    }
    EXPECT_EQ(keys.size(), 218u);
    EXPECT_EQ(ids.size(), 174u);
    EXPECT_EQ(answeredRows, 133u);
    EXPECT_GT(zero, 80u);
    EXPECT_LE(longest, 3'225'000);
    const Result<FileRead> asCalls = readFile(dataPath("asterisk-cdr.csv"), calls, fileOptions());
    ASSERT_TRUE(asCalls);
    EXPECT_EQ(asCalls->records.rows(), 218u);
    EXPECT_EQ(asCalls->records.part(Part::core)[CallCore::answeredAt].nullCount(), 218u - 133u);
}

constexpr std::string_view bandicootMap = R"(
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
durationBasis = { constant = "answer" }

[theirs.fields]
direction = { column = "direction", values = { in = "outbound", out = "inbound" } }
ownNumber = "correspondent_id"
farEndNumber = { constant = "H" }

[theirs.filter]
correspondent_id = "ego"
)";

ReadOptions mapped(std::string_view toml, MapSide side = MapSide::either) {
    ReadOptions out = options();
    Result<ColumnMap> map = parseColumnMap(toml, "map.toml", side);
    EXPECT_TRUE(map) << map.error().message;
    if (map) out.columnMap = std::make_shared<ColumnMap>(std::move(*map));
    return out;
}

TEST(Mapped, BothEndsOfTheSameCallsFromRealFiles) {
    NEEDS_SHARED_DATA();
    const auto ours = readFile(dataPath("bandicoot-ego.csv"), calls, fileOptions(mapped(bandicootMap, MapSide::ours)));
    const auto theirs =
        readFile(dataPath("bandicoot-H.csv"), durations, fileOptions(mapped(bandicootMap, MapSide::theirs)));
    ASSERT_TRUE(ours) << ours.error().message;
    ASSERT_TRUE(theirs) << theirs.error().message;
    EXPECT_EQ(ours->counts.faulted, 0u) << ours->faults[0].message;
    ASSERT_EQ(ours->records.rows(), 4u);
    EXPECT_EQ(ours->counts.filtered, 12u);
    ASSERT_EQ(theirs->records.rows(), 2u);
    const auto& core = theirs->records.part(Part::core);
    EXPECT_EQ(core[DurationCore::ownNumberText].text(0), "ego");
    EXPECT_EQ(core[DurationCore::direction].at<std::uint8_t>(0), 1) << "H's incoming call is ego's outbound one";
    EXPECT_EQ(theirs->records.part(Part::parties)[DurationParties::farEndText].text(0), "H");
    EXPECT_EQ(core[DurationCore::durationMs].at<std::int64_t>(0), 100'000);
    const auto& ourCore = ours->records.part(Part::core);
    EXPECT_EQ(ourCore[CallCore::invitedAt].instant(2) - core[DurationCore::startedAt].instant(0), days(1))
        << "H's clock";
    EXPECT_EQ(ourCore[CallCore::endedAt].instant(2) - ourCore[CallCore::invitedAt].instant(2), seconds(100));
}

TEST(Mapped, PositionsClockDurationsEpochsAndRegions) {
    const ReadOptions with = mapped(R"(
delimiter = ";"
quote = "'"
header = false
timeFormat = "epoch"
defaultRegion = "CH"
durationUnit = "HH:MM:SS"
[filter]
6 = "voice"
[fields]
recordId = 1
direction = { column = 2, values = { O = "outbound", I = "inbound" } }
callerNumber = 3
calleeNumber = 4
startedAt = 5
durationMs = 7
)");
    const Whole whole = read(durations, Format::mappedCsv,
                             "a1;O;'044 123 45 67';0041791112233;1772000000;voice;1:02:03\n"
                             "a2;O;'044 123 45 67';x;1772000000;sms;0:00:01\n"
                             "a3;O;'044 123 45 67';x;soon;voice;0:00:01\n"
                             "a4;Q;'044 123 45 67';x;1772000000;voice;0:00:01\n"
                             "a5;I;'044 123 45 67';044 999 99 99;1772000000;voice;sixty\n",
                             with);
    ASSERT_EQ(whole.batch.records.rows(), 1u) << whole.batch.faults[0].message;
    EXPECT_EQ(whole.counts.filtered, 1u);
    const auto& core = whole.batch.records.part(Part::core);
    EXPECT_EQ(core[DurationCore::ownNumber].at<std::uint64_t>(0), 41441234567u);
    EXPECT_EQ(core[DurationCore::farEndPrefix].at<std::uint64_t>(0), 41791112233u);
    EXPECT_EQ(core[DurationCore::durationMs].at<std::int64_t>(0), 3'723'000);
    ASSERT_EQ(whole.batch.faults.size(), 3u);
    EXPECT_EQ(whole.batch.faults[0].code, "bad-time");
    EXPECT_EQ(whole.batch.faults[0].line, 3u);
    EXPECT_EQ(whole.batch.faults[0].key, "a3");
    EXPECT_EQ(whole.batch.faults[1].pointer, "/direction");
    EXPECT_EQ(whole.batch.faults[2].pointer, "/durationMs");
}

TEST(Mapped, AColumnThatTheFileLacksIsNamedWithThoseItHas) {
    const Whole whole = read(durations, Format::mappedCsv, "a,b\n1,2\n", mapped(bandicootMap));
    ASSERT_TRUE(whole.error);
    EXPECT_EQ(whole.error->code, "bad-csv-header");
    EXPECT_THAT(whole.error->message, ::testing::HasSubstr("a, b"));
}

TEST(ColumnMaps, ErrorsNameFileLineKeyAndWhatIsAllowed) {
    const auto messageOf = [](std::string extra) {
        const auto map = parseColumnMap(extra + std::string(bandicootMap), "carrier.toml");
        EXPECT_FALSE(map);
        return map ? std::string() : map.error().message;
    };
    using ::testing::AllOf, ::testing::HasSubstr;
    EXPECT_THAT(messageOf("delimeter = \";\"\n"),
                AllOf(HasSubstr("carrier.toml:1"), HasSubstr("delimeter"), HasSubstr("there are delimiter")));
    EXPECT_THAT(messageOf("delimiter = \"ab\"\n"), HasSubstr("one character"));
    EXPECT_THAT(messageOf("\nheader = 3\n"), AllOf(HasSubstr("carrier.toml:2"), HasSubstr("true or false")));
    EXPECT_THAT(messageOf("defaultRegion = \"CHE\"\n"), HasSubstr("ISO 3166-1"));
    EXPECT_THAT(messageOf("quote = = 1"), HasSubstr("not TOML"));
    const auto bad = parseColumnMap(
        "timeFormat=\"%Q\"\ntimeZone=\"Mars\"\ndurationUnit=\"h\"\nnumbers=\"x\"\n[fields]\ncolour=\"a\"\nendedAt={}\n",
        "f");
    ASSERT_FALSE(bad);
    EXPECT_GE(bad.error().faults.size(), 6u);
    const auto empty = parseColumnMap("", "f");
    ASSERT_FALSE(empty);
    EXPECT_EQ(empty.error().faults.size(), 4u);
}

TEST(PatternTime, ReadsWhatLogsWrite) {
    const TimeZone zone = *TimeZone::load("Europe/Zurich");
    const auto at = [&](std::string_view text, std::string_view pattern) {
        return readPatternTime(text, pattern, zone);
    };
    EXPECT_EQ(*at("01.03.2026 10:30", "%d.%m.%Y %H:%M"), *parseInstant("2026-03-01T09:30:00Z"));
    EXPECT_EQ(*at("Mar  1 2026 10:30:00 PM", "%b %d %Y %I:%M:%S %p"), *parseInstant("2026-03-01T21:30:00Z"));
    EXPECT_EQ(*at("260301 12:00:00.5+00:00", "%y%m%d %H:%M:%S.%f%z"), *parseInstant("2026-03-01T12:00:00.500Z"));
    EXPECT_FALSE(at("30.02.2026 10:30", "%d.%m.%Y %H:%M"));
    EXPECT_FALSE(at("01.03.2026 10:30 ?", "%d.%m.%Y %H:%M"));
    EXPECT_EQ(readClock("02:03"), 123'000);
    EXPECT_EQ(readClock("1:02:03.5"), 3'723'500);
    EXPECT_FALSE(readClock("61"));
    EXPECT_FALSE(readClock("1:99:00"));
}

TEST(Detect, TellsFormatsByContent) {
    const auto formatOf = [](std::string_view text, bool map = false) { return detectFormat(viewOf(text), map); };
    EXPECT_EQ(formatOf(call + "\n" + call)->format, Format::ndjson);
    EXPECT_EQ(formatOf("\n [" + call + "]")->format, Format::jsonArray);
    EXPECT_EQ(formatOf("{\n\"callId\": \"x\",\n\"durationMs\": 3}")->format, Format::jsonArray);
    EXPECT_EQ(formatOf("recordId,startedAt,x\n")->format, Format::csv);
    EXPECT_EQ(formatOf(leg + "\n")->format, Format::asteriskCsv);
    EXPECT_EQ(formatOf("a,b\n", true)->format, Format::mappedCsv);
    EXPECT_EQ(formatOf(gzipped(call))->compression, Compression::gzip);
    EXPECT_EQ(formatOf(zstandard(leg))->format, Format::asteriskCsv);
}

TEST(Detect, SaysWhatItSawAndWhatIsAccepted) {
    const std::map<std::string, std::string> cases = {{"", "empty"},
                                                      {"PK\x03\x04zip", "ZIP"},
                                                      {"%PDF-1.4", "PDF"},
                                                      {"<html>", "XML or HTML"},
                                                      {"[1,2]", "not of objects"},
                                                      {R"({"name":"x","size":3})", "name, size"},
                                                      {"interaction,direction,who\n", "interaction, direction, who"},
                                                      {"a;b;c\n1;2;3\n", "';'"},
                                                      {"Dear all,\n", "columns"},
                                                      {"hello\n", "hello"},
                                                      {std::string("ab\0c", 4), "binary"}};
    for (const auto& [text, seen] : cases) {
        SCOPED_TRACE(text);
        const auto detected = detectFormat(viewOf(text));
        ASSERT_FALSE(detected);
        EXPECT_EQ(detected.error().code, "unknown-format");
        EXPECT_THAT(detected.error().message, ::testing::HasSubstr(seen));
        EXPECT_THAT(detected.error().message, ::testing::HasSubstr("Accepted are"));
    }
}

TEST(ReadFile, ReadsCompressedFilesAndReportsProgress) {
    std::string text;
    for (int i = 0; i < 3000; ++i)
        text += (i == 7 ? std::string("{}") : call) + "\n";
    for (const std::string& content :
         {text, gzipped(text), gzipped(text.substr(0, 600)) + gzipped(text.substr(600)), zstandard(text)}) {
        const TemporaryFile file("compressed", content);
        std::uint64_t last = 0;
        const auto read =
            readFile(file.path(), calls, fileOptions(options()), [&](std::uint64_t done, std::uint64_t size) {
                EXPECT_EQ(size, content.size());
                last = done;
                return true;
            });
        ASSERT_TRUE(read) << read.error().message;
        EXPECT_EQ(last, content.size());
        EXPECT_EQ(read->records.rows(), 2999u);
        ASSERT_EQ(read->faults.size(), 1u);
        EXPECT_EQ(read->faults[0].line, 8u);
    }
}

TEST(ReadFile, FailuresNameTheFile) {
    std::string text;
    for (int i = 0; i < 3000; ++i)
        text += call + "\n";
    for (const std::string& content : {gzipped(text), zstandard(text)}) {
        const TemporaryFile cut("cut", content.substr(0, content.size() - 5));
        const auto read = readFile(cut.path(), calls, fileOptions(options()));
        ASSERT_FALSE(read);
        EXPECT_EQ(read.error().code, "truncated-input");
        EXPECT_THAT(read.error().message, ::testing::HasSubstr(cut.path()));
    }
    std::string damaged = gzipped(text);
    damaged[damaged.size() - 6] ^= 0x55;  // the checksum
    const TemporaryFile file("damaged", damaged);
    EXPECT_EQ(readFile(file.path(), calls, fileOptions(options())).error().code, "bad-compression");
    EXPECT_EQ(readFile("/nonexistent/file", calls, fileOptions(options())).error().code, "file-not-readable");
    const TemporaryFile good("good", text);
    EXPECT_EQ(readFile(good.path(), calls, fileOptions(options()), [](auto, auto) { return false; }).error().code,
              "cancelled");
}

}  // namespace
}  // namespace meetpoint::formats
