#include "formats/plain_json.h"

#include <random>

#include "formats/json_record.h"
#include "formats/testing.h"

namespace meetpoint::formats {
namespace {

using namespace testing;

const std::string rich =
    R"({"callId":"018f3c2e-7d1a-7c55-9a51-0b7c6f2d8a10","version":3,"completeness":"final","direction":"inbound",)"
    R"("callerNumber":"+4930123456","calleeNumber":"+41441234567","farEndPresentation":null,)"
    R"("invitedAt":"2026-03-01T09:30:00Z","endedAt":"2026-03-01T09:33:05Z","durationMs":180000,"q850Cause":0,)"
    R"("finalSipCodePhrase":"Grüezi","mediaBypass":true,"emergency":false,)"
    R"("endpoint":{"ipAddress":"10.0.0.1","userAgent":null},)"
    R"("streams":[{"codec":"opus","packets":9000,"jitterMsAvg":1.5,"mos":4.25},{"lossRatioAvg":0.25,"mos":null}],)"
    R"("extensions":{"b":1.0,"a":"x"}})";
const std::string seconds = edited(edited(duration, "durationMs", ""), "durationSeconds", "180.25");

std::string padded(std::string_view json) {
    std::string out(json);
    out.append(JsonRecordParser::padding(), '"');
    return out;
}

// What a record became, as text.
std::string told(const ReadBatch& batch, std::uint64_t ignored) {
    std::string out = std::to_string(ignored) + " ignored\n";
    for (const std::string& line : lines(batch.records))
        out += line + "\n";
    for (const RecordFault& fault : batch.faults) {
        out += fault.key + " " + fault.pointer + " " + fault.code + " " + fault.message + "\n";
        for (const Fault& more : fault.more)
            out += more.pointer + " " + more.code + " " + more.message + "\n";
    }
    return out;
}

// Both ways of reading one lane's records, each with a memory of its own.
class TwoWays {
public:
    explicit TwoWays(LaneKind lane, bool lenient) : lane_(lane), lenient_(lenient), rows_(lane, options()) {}
    std::string shortWay(const std::string& json) { return read(json, &JsonRecordParser::parse); }
    std::string anySpelling(const std::string& json) { return read(json, &JsonRecordParser::parseAnySpelling); }

private:
    std::string read(const std::string& json, decltype(&JsonRecordParser::parse) parse) {
        const std::string text = padded(json);
        ReadBatch batch{columns::Records(lane_), {}, {}};
        std::uint64_t ignored = 0;
        rows_.begin();
        (parser_.*parse)(std::string_view(text).substr(0, json.size()), lenient_, rows_, ignored);
        rows_.finish({}, batch);
        batch.records.complete();
        return told(batch, ignored);
    }

    LaneKind lane_;
    bool lenient_;
    RowAssembler rows_;
    JsonRecordParser parser_;
};

bool isPlain(std::string_view json) {
    RowAssembler row(LaneKind::calls, options());
    row.begin();
    const std::string text = padded(json);
    return PlainJsonReader().read(std::string_view(text).substr(0, json.size()), row);
}

TEST(PlainJson, TakesWhatMachinesWrite) {
    EXPECT_TRUE(isPlain(call));
    EXPECT_TRUE(isPlain(rich));
    EXPECT_TRUE(isPlain(" { \"version\" : 1 ,\t\"trunk\" : \"a\" } "));
}

TEST(PlainJson, LeavesTheRestToTheParser) {
    for (const std::string json :
         {R"({"trunk":"a\u0041"})", R"({"trunk":"a","trunk":"b"})", R"({"nothing":1})", R"({"version":01})",
          R"({"version":-1})", R"({"version":1.0})", R"({"version":1234567890123456789})", R"({"emergency":truest})",
          R"({"streams":[{"mos":4.})", R"({"streams":[{"mos":1e3}]})", R"({"streams":[]})", R"({"trunk":"a)",
          R"({"version":1)", R"({"version":1}})", R"({"sequence":1})", "{\"trunk\":\"\xff\"}", "{\"trunk\":\"\t\"}",
          "{}", ""})
        EXPECT_FALSE(isPlain(json)) << json;
}

// One change somewhere: mostly it makes the record wrong, in JSON or in what it says.
void mutate(std::string& json, std::mt19937_64& random) {
    constexpr std::string_view bytes = "{}[]\",:\\/0159.eE-+ \ttnulfaX\x01\x7f\xc3\xa9\xff";
    const auto below = [&](std::size_t limit) { return static_cast<std::size_t>(random() % limit); };
    if (json.empty()) return;
    const std::size_t at = below(json.size()), length = below(12) + 1;
    switch (below(5)) {
        case 0:
            json[at] = bytes[below(bytes.size())];
            break;
        case 1:
            json.insert(at, 1, bytes[below(bytes.size())]);
            break;
        case 2:
            json.erase(at, length);
            break;
        case 3:
            json.insert(below(json.size()), json.substr(at, length * 8));
            break;
        default: {
            // Another field's value, or none.
            constexpr std::string_view values[] = {"null",  "true", "7",  "0.5",
                                                   "\"x\"", "[]",   "{}", "18446744073709551616"};
            const std::size_t colon = json.find(':', at);
            if (colon == std::string::npos) break;
            const std::size_t end = std::min(json.find_first_of(",}", colon), json.size());
            json.replace(colon + 1, end - colon - 1, values[below(std::size(values))]);
        }
    }
}

TEST(PlainJson, BothWaysSayTheSameOfAnything) {
    const std::uint64_t seed = std::random_device{}();
    std::mt19937_64 random(seed);
    for (const bool lenient : {false, true}) {
        TwoWays callWays(LaneKind::calls, lenient), durationWays(LaneKind::durations, lenient);
        for (int i = 0; i < 10'000; ++i) {
            const bool isCall = random() % 3 > 0;
            std::string json = isCall ? (random() % 2 ? rich : call) : (random() % 2 ? seconds : duration);
            for (std::uint64_t changes = random() % 4; changes > 0; --changes)
                mutate(json, random);
            TwoWays& ways = isCall ? callWays : durationWays;
            ASSERT_EQ(ways.shortWay(json), ways.anySpelling(json)) << json << "\nseed " << seed;
        }
    }
}

TEST(PlainJson, ReadsNumbersAsTheParserDoes) {
    const std::uint64_t seed = std::random_device{}();
    std::mt19937_64 random(seed);
    TwoWays ways(LaneKind::calls, false);
    for (int i = 0; i < 10'000; ++i) {
        const std::string whole = std::to_string(random() % 1'000'000 >> random() % 20);
        const std::string fraction = std::to_string(random() >> random() % 64).substr(0, random() % 16 + 1);
        const std::string json = edited(call, "streams", "[{\"jitterMsAvg\":" + whole + "." + fraction + "}]");
        ASSERT_EQ(ways.shortWay(json), ways.anySpelling(json)) << json << "\nseed " << seed;
    }
}

}  // namespace
}  // namespace meetpoint::formats
