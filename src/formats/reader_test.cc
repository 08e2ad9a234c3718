#include "formats/reader.h"

#include "formats/testing.h"

namespace meetpoint::formats {
namespace {

using namespace testing;
using columns::CallCore;
using columns::CallInternal;
using columns::CallNetwork;
using columns::CallParties;
using columns::DurationCore;
using columns::DurationParties;

constexpr auto calls = LaneKind::calls;
constexpr auto durations = LaneKind::durations;

// One record that must fail: its only fault is this.
void expectFault(LaneKind lane, const std::string& json, std::string_view code, std::string_view pointer,
                 ReadOptions with = options()) {
    SCOPED_TRACE(json);
    const std::string good = lane == calls ? call : duration;
    const Whole whole = read(lane, Format::ndjson, good + "\n" + json + "\n" + good + "\n", std::move(with));
    ASSERT_EQ(whole.batch.faults.size(), 1u);
    EXPECT_EQ(whole.batch.records.rows(), 2u) << "its neighbours must be read";
    const RecordFault& fault = whole.batch.faults[0];
    EXPECT_EQ(fault.code, code) << fault.message;
    EXPECT_EQ(fault.pointer, pointer);
    EXPECT_EQ(fault.line, 2u);
    EXPECT_EQ(fault.index, 1u);
    EXPECT_FALSE(fault.message.empty());
    EXPECT_EQ(whole.counts.records, 3u);
    EXPECT_EQ(whole.counts.faulted, 1u);
}

TEST(NdjsonCalls, ReadsEveryColumn) {
    const std::string full =
        R"({"callId":"018F3C2E-7d1a-7c55-9a51-0b7c6f2d8a10","version":3,"completeness":"provisional",)"
        R"("finalBy":"2026-03-05T00:00:00Z","userId":"11111111-2222-3333-4444-555555555555","direction":"inbound",)"
        R"("callType":"user_in","callerNumber":"+4930123456","calleeNumber":"+41441234567",)"
        R"("farEndPresentation":"restricted","presentedNumber":"+41441230000","redirectingNumber":"+1","redirectReason":"busy",)"
        R"("forwardedFrom":"x","transferorCorrelationId":"t","conferenceId":"c","invitedAt":"2026-03-01T09:30:00Z",)"
        R"("ringingAt":"2026-03-01T09:30:01Z","answeredAt":"2026-03-01T09:30:05Z","failedAt":null,)"
        R"("endedAt":"2026-03-01T09:33:05Z","durationMs":180000,"finalSipCode":200,"finalSipCodePhrase":"OK \"é\"",)"
        R"("callEndSubReason":0,"q850Cause":16,"endedBy":"caller","sipCallId":"a@b","correlationId":"k","trunk":"sbc1",)"
        R"("callingProfile":"p","region":"EUNO","mediaPathLocation":"m","signalingLocation":"s","mediaBypass":true,)"
        R"("emergency":false,"isTest":true,"endpoint":{"ipAddress":"10.0.0.1","operatingSystem":"Linux","userAgent":"ua"},)"
        R"("streams":[{"direction":"callerToCallee","codec":"opus","packets":9000,"jitterMsAvg":1.5,"mos":4.25},)"
        R"({"lossRatioAvg":0.25,"concealedRatioMax":0.5,"audioDegradationMax":1.5}],)"
        R"("extensions":{"b":1.0,"a":"x","c":true}})";
    const Whole whole = read(calls, Format::ndjson, full);
    ASSERT_EQ(whole.batch.faults.size(), 0u) << whole.batch.faults[0].message;
    ASSERT_EQ(whole.batch.records.rows(), 1u);
    const auto& core = whole.batch.records.part(Part::core);
    const auto& parties = whole.batch.records.part(Part::parties);
    const auto& network = whole.batch.records.part(Part::network);
    const auto& internal = whole.batch.records.part(Part::internal);
    EXPECT_EQ(formatId(core[CallCore::callId].id(0)), "018f3c2e-7d1a-7c55-9a51-0b7c6f2d8a10");
    EXPECT_EQ(core[CallCore::version].at<std::int32_t>(0), 3);
    EXPECT_EQ(core[CallCore::ownNumber].at<std::uint64_t>(0), 41441234567u);
    EXPECT_EQ(core[CallCore::farEndPrefix].at<std::uint64_t>(0), 4930123456u);
    EXPECT_EQ(core[CallCore::farEndMaskedDigits].at<std::uint8_t>(0), 0);
    EXPECT_EQ(core[CallCore::invitedAt].instant(0), *parseInstant("2026-03-01T09:30:00Z"));
    EXPECT_TRUE(core[CallCore::failedAt].isNull(0));
    EXPECT_EQ(core[CallCore::finalSipCodePhrase].text(0), "OK \"é\"");
    EXPECT_EQ(core[CallCore::mediaBypass].at<std::uint8_t>(0), 1);
    EXPECT_EQ(core[CallCore::emergency].at<std::uint8_t>(0), 0);
    EXPECT_TRUE(core[CallCore::tenantId].isNull(0));
    EXPECT_EQ(parties[CallParties::farEndNumber].at<std::uint64_t>(0), 4930123456u);
    EXPECT_EQ(parties[CallParties::sipCallId].text(0), "a@b");
    EXPECT_EQ(parties[CallParties::extensions].text(0), R"({"a":"x","b":1,"c":true})");
    ASSERT_EQ(network.rows(), 2u);
    EXPECT_EQ(network[CallNetwork::packets].at<std::int64_t>(0), 9000);
    EXPECT_FLOAT_EQ(network[CallNetwork::mos].at<float>(0), 4.25f);
    EXPECT_TRUE(network[CallNetwork::mos].isNull(1));
    EXPECT_FLOAT_EQ(network[CallNetwork::lossRatioAvg].at<float>(1), 0.25f);
    EXPECT_FLOAT_EQ(network[CallNetwork::concealedRatioMax].at<float>(1), 0.5f);
    EXPECT_FLOAT_EQ(network[CallNetwork::audioDegradationMax].at<float>(1), 1.5f);
    EXPECT_EQ(network[CallNetwork::streamIndex].at<std::uint8_t>(1), 1);
    EXPECT_EQ(network[CallNetwork::endpointIpAddress].text(0), "10.0.0.1");
    EXPECT_TRUE(network[CallNetwork::endpointIpAddress].isNull(1));
    EXPECT_EQ(internal[CallInternal::endpointUserAgent].text(0), "ua");
    EXPECT_EQ(formatId(internal[CallInternal::userId].id(0)), "11111111-2222-3333-4444-555555555555");
}

TEST(NdjsonCalls, NamesEveryFault) {
    expectFault(calls, edited(call, "colour", "1"), "unknown-field", "/colour");
    expectFault(calls, edited(call, "endpoint", R"({"mac":"1"})"), "unknown-field", "/endpoint/mac");
    expectFault(calls, edited(call, "streams", R"([{},{"x":1}])"), "unknown-field", "/streams/1/x");
    expectFault(calls, call.substr(0, call.size() - 1) + R"(,"trunk":"b"})", "duplicate-field", "/trunk");
    for (const std::string field :
         {"callId", "version", "direction", "callerNumber", "calleeNumber", "invitedAt", "endedAt", "durationMs"})
        expectFault(calls, edited(call, field, ""), "missing-field", "/" + field);
    expectFault(calls, edited(call, "callId", "7"), "wrong-type", "/callId");
    expectFault(calls, edited(call, "durationMs", R"("7")"), "wrong-type", "/durationMs");
    expectFault(calls, edited(call, "durationMs", "7.5"), "wrong-type", "/durationMs");
    expectFault(calls, edited(call, "emergency", R"("yes")"), "wrong-type", "/emergency");
    expectFault(calls, edited(call, "streams", "{}"), "wrong-type", "/streams");
    expectFault(calls, edited(call, "streams", "[3]"), "wrong-type", "/streams/0");
    expectFault(calls, edited(call, "endpoint", R"({"ipAddress":3})"), "wrong-type", "/endpoint/ipAddress");
    expectFault(calls, edited(call, "extensions", R"({"a":[1]})"), "wrong-type", "/extensions/a");
    expectFault(calls, edited(call, "callerNumber", R"("100")"), "bad-number", "/callerNumber");
    expectFault(calls, edited(call, "ownNumber", R"("abc")"), "bad-number", "/ownNumber");
    expectFault(calls, edited(call, "callId", R"("abc")"), "bad-id", "/callId");
    expectFault(calls, edited(call, "invitedAt", R"("yesterday")"), "bad-time", "/invitedAt");
    expectFault(calls, edited(call, "invitedAt", R"("2026-02-30T00:00:00Z")"), "bad-time", "/invitedAt");
    expectFault(calls, edited(call, "invitedAt", R"("2026-03-01T09:30:00")"), "time-without-zone", "/invitedAt");
    expectFault(calls, edited(call, "invitedAt", R"("1999-12-31T23:59:59Z")"), "time-out-of-range", "/invitedAt");
    expectFault(calls, edited(call, "endedAt", R"("2026-03-03T00:00:00.001Z")"), "time-out-of-range", "/endedAt");
    expectFault(calls, edited(edited(call, "endedAt", R"("2026-03-01T09:29:00Z")"), "answeredAt", "null"),
                "ends-before-start", "/endedAt");
    expectFault(calls, edited(call, "answeredAt", R"("2026-03-01T09:29:00Z")"), "answer-outside-call", "/answeredAt");
    expectFault(calls, edited(call, "answeredAt", R"("2026-03-01T09:34:00Z")"), "answer-outside-call", "/answeredAt");
    expectFault(calls, edited(call, "durationMs", "-1"), "negative-duration", "/durationMs");
    expectFault(calls, edited(call, "durationMs", "604800001"), "duration-too-long", "/durationMs");
    expectFault(calls, edited(call, "durationMs", "186751"), "duration-disagrees", "/durationMs");
    expectFault(calls, edited(call, "direction", R"("up")"), "bad-value", "/direction");
    expectFault(calls, edited(call, "version", "-1"), "bad-value", "/version");
    expectFault(calls, edited(call, "trunk", R"("a\u0007b")"), "bad-value", "/trunk");
    expectFault(calls, edited(call, "streams", R"([{"jitterMsAvg":-1}])"), "bad-quality-figure",
                "/streams/0/jitterMsAvg");
    expectFault(calls, edited(call, "streams", R"([{"lossRatioMax":1.01}])"), "bad-quality-figure",
                "/streams/0/lossRatioMax");
    expectFault(calls, edited(call, "streams", R"([{},{"mos":5.5}])"), "bad-quality-figure", "/streams/1/mos");
    expectFault(calls, edited(call, "streams", R"([{"packets":-2}])"), "bad-quality-figure", "/streams/0/packets");
    std::string seventeen = "{";
    for (int i = 0; i < 17; ++i)
        seventeen += (i ? ",\"e" : "\"e") + std::to_string(i) + "\":1";
    expectFault(calls, edited(call, "extensions", seventeen + "}"), "too-many-extensions", "/extensions");
    expectFault(calls, edited(call, "trunk", "\"" + std::string(257, 'x') + "\""), "text-too-long", "/trunk");
    expectFault(calls, edited(call, "calleeNumber", "\"" + std::string(129, 'x') + "\""), "text-too-long",
                "/calleeNumber");
    expectFault(calls, "{\"callId\":", "bad-json", "");
    expectFault(calls, "[]", "bad-json", "");
    expectFault(calls, call + call, "bad-json", "");
    expectFault(calls, "hello", "bad-json", "");
    expectFault(calls, edited(call, "trunk", "\"a\xff\""), "bad-utf8", "");
    ReadOptions small = options();
    small.limits.lineBytes = 1000;
    expectFault(calls, edited(call, "trunk", "\"" + std::string(1000, 'x') + "\""), "line-too-long", "", small);
}

TEST(NdjsonCalls, BadJsonNamesTheByte) {
    const Whole whole = read(calls, Format::ndjson, R"({"version":1 "trunk":2})");
    ASSERT_EQ(whole.batch.faults.size(), 1u);
    EXPECT_THAT(whole.batch.faults[0].message, ::testing::HasSubstr("byte"));
    const Whole utf8 = read(calls, Format::ndjson, "{\"trunk\":\"\xff\"}");
    ASSERT_EQ(utf8.batch.faults.size(), 1u);
    EXPECT_THAT(utf8.batch.faults[0].message, ::testing::HasSubstr("byte 10"));
}

TEST(NdjsonCalls, AFaultCarriesTheKeyAndFurtherFaults) {
    const Whole whole = read(calls, Format::ndjson, edited(edited(call, "durationMs", "-1"), "direction", R"("up")"));
    ASSERT_EQ(whole.batch.faults.size(), 1u);
    EXPECT_EQ(whole.batch.faults[0].key, "018f3c2e-7d1a-7c55-9a51-0b7c6f2d8a10");
    ASSERT_EQ(whole.batch.faults[0].more.size(), 1u);
    EXPECT_EQ(whole.batch.faults[0].more[0].code, "negative-duration");
}

TEST(NdjsonCalls, NamesMayBeEscaped) {
    std::string json = call;
    json.replace(json.find("\"trunk\""), 7, "\"\\u0074runk\"");
    const Whole whole = read(calls, Format::ndjson, json);
    ASSERT_EQ(whole.batch.records.rows(), 1u) << whole.batch.faults[0].message;
    EXPECT_EQ(whole.batch.records.part(Part::core)[CallCore::trunk].text(0), "sbc1");
    expectFault(calls, edited(call, "col/o\\u0075r~", "1"), "unknown-field", "/col~1our~0");
}

TEST(NdjsonCalls, FieldsComeInAnyOrderAndMayBeLeftOut) {
    const std::vector<std::string> fields{R"("callId":"018f3c2e-7d1a-7c55-9a51-0b7c6f2d8a10")",
                                          R"("version":1)",
                                          R"("direction":"outbound")",
                                          R"("callerNumber":"+41441234567")",
                                          R"("calleeNumber":"+4930123456")",
                                          R"("invitedAt":"2026-03-01T09:30:00.250Z")",
                                          R"("endedAt":"2026-03-01T09:33:05Z")",
                                          R"("durationMs":180000)",
                                          R"("answeredAt":"2026-03-01T09:30:05Z")",
                                          R"("trunk":"sbc1")",
                                          R"("region":"EUNO")"};
    // Each order twice, with and without what is optional, so that what one line taught the reader is wrong in the
    // next.
    std::string text;
    for (std::size_t turn = 0; turn < fields.size(); ++turn) {
        for (const bool all : {true, false}) {
            std::string line;
            for (std::size_t i = 0; i < fields.size(); ++i) {
                const std::size_t field = (i + turn) % fields.size();
                if (all || field < 8) line += (line.empty() ? "{" : ",") + fields[field];
            }
            text += line + "}\n";
        }
    }
    const auto whole = read(LaneKind::calls, Format::ndjson, text);
    ASSERT_TRUE(whole.batch.faults.empty()) << whole.batch.faults.front().message;
    std::map<std::string, int> seen;
    for (const std::string& line : lines(whole.batch.records))
        ++seen[line];
    ASSERT_EQ(seen.size(), 2u);
    for (const auto& [line, times] : seen)
        EXPECT_EQ(times, static_cast<int>(fields.size())) << line;
}

TEST(NdjsonCalls, AControlCharacterIsFoundWhereverItStands) {
    for (std::size_t length = 1; length <= 20; ++length) {
        const auto withTrunk = [](const std::string& trunk) {
            return read(LaneKind::calls, Format::ndjson, edited(call, "trunk", "\"" + trunk + "\""));
        };
        EXPECT_TRUE(withTrunk(std::string(length, '~')).batch.faults.empty());
        EXPECT_TRUE(withTrunk(std::string(length - 1, ' ') + "\xC3\xBC").batch.faults.empty())
            << "letters beyond ASCII";
        for (std::size_t at = 0; at < length; ++at) {
            std::string trunk(length, 'x');
            trunk[at] = '\x7f';
            EXPECT_EQ(withTrunk(trunk).batch.faults.size(), 1u) << length << " " << at;
        }
    }
}

TEST(NdjsonCalls, EmptyTextsAndNullsCountAsAbsent) {
    const Whole whole = read(calls, Format::ndjson, edited(edited(call, "trunk", R"("")"), "region", "null"));
    ASSERT_EQ(whole.batch.records.rows(), 1u);
    EXPECT_TRUE(whole.batch.records.part(Part::core)[CallCore::trunk].isNull(0));
}

TEST(NdjsonCalls, LenientIgnoresAndCountsUnknownFields) {
    ReadOptions lenient = options();
    lenient.lenient = true;
    const std::string json = edited(
        edited(edited(call, "colour", R"({"a":[1,{"b":2}]})"), "endpoint", R"({"mac":"1"})"), "tenantId", R"("x")");
    const Whole whole = read(calls, Format::ndjson, json, lenient);
    EXPECT_EQ(whole.batch.records.rows(), 1u);
    EXPECT_EQ(whole.counts.ignoredFields, 2u) << "tenantId is known: it is given out and ignored on input";
}

TEST(NdjsonCalls, WhatTheExchangeGivesOutIsAcceptedAndIgnored) {
    std::string json = call;
    for (const std::string field : {"carrierId", "tenantId", "reference", "sequence", "storedAt", "sipUri"})
        json = edited(json, field, "\"x\"");
    const Whole whole = read(calls, Format::ndjson, json);
    ASSERT_EQ(whole.batch.records.rows(), 1u) << whole.batch.faults[0].message;
    EXPECT_TRUE(whole.batch.records.part(Part::core)[CallCore::reference].isNull(0));
    EXPECT_TRUE(whole.batch.records.part(Part::core)[CallCore::tenantId].isNull(0));
}

struct NumberCase {
    std::string farEnd;
    std::uint64_t number, prefix;
    int masked;
    std::string text;
};
TEST(NdjsonCalls, KeepsFarEndNumbersByTheirKind) {
    const NumberCase cases[] = {
        {R"("+4930123456")", 4930123456, 4930123456, 0, ""},
        {R"("+12345678***")", 0, 12345678, 3, ""},
        {R"("112")", 0, 0, -1, "112"},
        {R"("Internal Revenue Service")", 0, 0, -1, "Internal Revenue Service"},
        {R"("030 123456")", 0, 0, -1, "030 123456"},
        {"null", 0, 0, -1, ""},
    };
    for (const NumberCase& one : cases) {
        SCOPED_TRACE(one.farEnd);
        const Whole whole = read(calls, Format::ndjson, edited(call, "calleeNumber", one.farEnd));
        ASSERT_EQ(whole.batch.records.rows(), 1u);
        const auto& core = whole.batch.records.part(Part::core);
        const auto& parties = whole.batch.records.part(Part::parties);
        EXPECT_EQ(parties[CallParties::farEndNumber].at<std::uint64_t>(0), one.number);
        EXPECT_EQ(parties[CallParties::farEndNumber].isNull(0), one.number == 0);
        EXPECT_EQ(core[CallCore::farEndPrefix].at<std::uint64_t>(0), one.prefix);
        EXPECT_EQ(core[CallCore::farEndMaskedDigits].isNull(0), one.masked < 0);
        EXPECT_EQ(core[CallCore::farEndMaskedDigits].at<std::uint8_t>(0), std::max(0, one.masked));
        EXPECT_EQ(parties[CallParties::farEndText].text(0), one.text);
        EXPECT_EQ(parties[CallParties::farEndText].isNull(0), one.text.empty());
    }
}

TEST(NdjsonCalls, ANamedOwnNumberWinsAndTheStatedOneIsKept) {
    const Whole whole = read(calls, Format::ndjson, edited(call, "ownNumber", R"("+41449999999")"));
    ASSERT_EQ(whole.batch.records.rows(), 1u);
    EXPECT_EQ(whole.batch.records.part(Part::core)[CallCore::ownNumber].at<std::uint64_t>(0), 41449999999u);
    EXPECT_EQ(whole.batch.records.part(Part::parties)[CallParties::statedOwnNumber].text(0), "+41441234567");
    const Whole same = read(calls, Format::ndjson, edited(call, "ownNumber", R"("+41441234567")"));
    EXPECT_TRUE(same.batch.records.part(Part::parties)[CallParties::statedOwnNumber].isNull(0));
}

TEST(NdjsonCalls, TheFarEndMayBeMissingOnlyIfItIsWithheld) {
    const std::string without = edited(call, "calleeNumber", "");
    expectFault(calls, without, "missing-field", "/calleeNumber");
    EXPECT_EQ(
        read(calls, Format::ndjson, edited(without, "farEndPresentation", R"("restricted")")).batch.records.rows(), 1u);
}

TEST(NdjsonDurations, ReadsAndDerives) {
    const Whole whole = read(durations, Format::ndjson, duration);
    ASSERT_EQ(whole.batch.records.rows(), 1u) << whole.batch.faults[0].message;
    const auto& core = whole.batch.records.part(Part::core);
    EXPECT_EQ(core[DurationCore::recordId].text(0), "r-1");
    EXPECT_EQ(core[DurationCore::revision].at<std::int32_t>(0), 1);
    EXPECT_EQ(core[DurationCore::startedAt].instant(0), *parseInstant("2026-03-01T09:30:00.250Z"));
    EXPECT_EQ(core[DurationCore::ownNumber].at<std::uint64_t>(0), 41441234567u);
    EXPECT_TRUE(core[DurationCore::startBasis].isNull(0));
    EXPECT_EQ(core[DurationCore::holderKnown].at<std::uint8_t>(0), 0);
}

TEST(NdjsonDurations, TakesMillisecondsOrSecondsOrBothIfTheyAgree) {
    const auto ms = [](const std::string& json) -> std::int64_t {
        const Whole whole = read(durations, Format::ndjson, json);
        return whole.batch.records.rows() == 1
                   ? whole.batch.records.part(Part::core)[DurationCore::durationMs].at<std::int64_t>(0)
                   : -1;
    };
    EXPECT_EQ(ms(edited(edited(duration, "durationMs", ""), "durationSeconds", "180")), 180'000);
    EXPECT_EQ(ms(edited(edited(duration, "durationMs", ""), "durationSeconds", "12.345")), 12'345);
    EXPECT_EQ(ms(edited(duration, "durationSeconds", "180")), 180'000);
    expectFault(durations, edited(duration, "durationSeconds", "182"), "duration-disagrees", "/durationSeconds");
    expectFault(durations, edited(duration, "durationMs", ""), "missing-field", "/durationMs");
    expectFault(durations, edited(edited(duration, "durationMs", ""), "durationSeconds", "1e300"), "duration-too-long",
                "/durationSeconds");
}

// What is read of one record under a declaration.
struct Declared {
    std::int64_t ms = -1;
    std::optional<int> basis, rounding;
    std::optional<std::int64_t> stepMs;
    std::string code, pointer;
};
Declared readDeclared(Format format, const std::string& text, const domain::DeclaredDurations& declared) {
    ReadOptions with = options();
    with.declared = declared;
    const Whole whole = read(durations, format, text, with);
    Declared out;
    if (!whole.batch.faults.empty()) out.code = whole.batch.faults[0].code, out.pointer = whole.batch.faults[0].pointer;
    if (whole.batch.records.rows() != 1) return out;
    const columns::Batch& core = whole.batch.records.part(Part::core);
    out.ms = core[DurationCore::durationMs].at<std::int64_t>(0);
    if (!core[DurationCore::durationBasis].isNull(0)) out.basis = core[DurationCore::durationBasis].at<std::uint8_t>(0);
    if (!core[DurationCore::rounding].isNull(0)) out.rounding = core[DurationCore::rounding].at<std::uint8_t>(0);
    if (!core[DurationCore::roundingStepMs].isNull(0))
        out.stepMs = core[DurationCore::roundingStepMs].at<std::int64_t>(0);
    return out;
}

TEST(DeclaredDurations, TheUnitDecidesAndNotTheNameOfTheField) {
    using enum domain::DurationUnit;
    const auto ms = [](const std::string& json, domain::DurationUnit unit) {
        return readDeclared(Format::ndjson, json, {.unit = unit}).ms;
    };
    const std::string three = edited(duration, "durationMs", "3");
    EXPECT_EQ(ms(three, minutes), 180'000);
    EXPECT_EQ(ms(three, seconds), 3'000);
    EXPECT_EQ(ms(three, milliseconds), 3);
    const std::string inSeconds = edited(edited(duration, "durationMs", ""), "durationSeconds", "1.5");
    EXPECT_EQ(ms(inSeconds, minutes), 90'000);
    EXPECT_EQ(ms(inSeconds, seconds), 1'500);
    EXPECT_EQ(ms(edited(edited(duration, "durationMs", ""), "durationSeconds", "180000"), milliseconds), 180'000);
    const std::string csv =
        "recordId,direction,callerNumber,calleeNumber,durationMs,startedAt\n"
        "r-1,inbound,+41791112233,+41441234567,2,2026-03-01T09:30:00Z\n";
    EXPECT_EQ(readDeclared(Format::csv, csv, {.unit = minutes}).ms, 120'000);
}

TEST(DeclaredDurations, WhatTheUnitMakesTooLongOrNegativeIsAFault) {
    using enum domain::DurationUnit;
    for (const char* figure : {"180000", "9223372036854775807"}) {
        const Declared found = readDeclared(Format::ndjson, edited(duration, "durationMs", figure), {.unit = minutes});
        EXPECT_EQ(found.code, "duration-too-long") << figure;
        EXPECT_EQ(found.pointer, "/durationMs");
    }
    for (const char* figure : {"-1", "-9223372036854775808"})
        EXPECT_EQ(readDeclared(Format::ndjson, edited(duration, "durationMs", figure), {.unit = minutes}).code,
                  "negative-duration")
            << figure;
}

TEST(DeclaredDurations, FillsWhatARecordDoesNotSayOfItself) {
    const domain::DeclaredDurations declared{
        .basis = domain::TimeBasis::ring, .rounding = domain::DeclaredRounding{domain::RoundingMode::down, seconds(6)}};
    const Declared filled = readDeclared(Format::ndjson, duration, declared);
    EXPECT_EQ(filled.basis, 1);
    EXPECT_EQ(filled.rounding, 1);
    EXPECT_EQ(filled.stepMs, 6'000);
    const std::string own = edited(edited(edited(duration, "durationBasis", R"("answer")"), "rounding", R"("up")"),
                                   "roundingStepMs", "60000");
    const Declared stated = readDeclared(Format::ndjson, own, declared);
    EXPECT_EQ(stated.basis, 2);
    EXPECT_EQ(stated.rounding, 0);
    EXPECT_EQ(stated.stepMs, 60'000);
    const Declared nothing = readDeclared(Format::ndjson, duration, {});
    EXPECT_FALSE(nothing.basis || nothing.rounding || nothing.stepMs);
    EXPECT_EQ(nothing.ms, 180'000);
}

TEST(NdjsonDurations, ARoundingNeedsItsStep) {
    const std::string up = edited(duration, "rounding", R"("up")");
    expectFault(durations, up, "missing-field", "/roundingStepMs");
    expectFault(durations, edited(duration, "roundingStepMs", "6000"), "missing-field", "/rounding");
    expectFault(durations, edited(up, "roundingStepMs", "0"), "bad-value", "/roundingStepMs");
    expectFault(durations, edited(up, "roundingStepMs", "3600001"), "bad-value", "/roundingStepMs");
    expectFault(durations, edited(edited(duration, "roundingStepMs", "6000"), "rounding", R"("sideways")"), "bad-value",
                "/rounding");
    EXPECT_EQ(read(durations, Format::ndjson, edited(up, "roundingStepMs", "6000")).batch.records.rows(), 1u);
}

TEST(NdjsonDurations, NamesEveryFault) {
    expectFault(durations, edited(duration, "recordId", ""), "missing-field", "/recordId");
    expectFault(durations, edited(duration, "recordId", R"("a\nb")"), "bad-id", "/recordId");
    expectFault(durations, edited(duration, "recordId", "\"" + std::string(129, 'x') + "\""), "text-too-long",
                "/recordId");
    expectFault(durations, edited(duration, "startBasis", R"("hangup")"), "bad-value", "/startBasis");
    expectFault(durations, edited(duration, "calleeNumber", "\"" + std::string(33, '1') + "\""), "bad-number",
                "/calleeNumber");
    expectFault(durations, edited(duration, "endedAt", R"("2026-03-01T09:00:00Z")"), "ends-before-start", "/endedAt");
    expectFault(durations, edited(duration, "durationMs", "187000"), "duration-disagrees", "/durationMs");
}

TEST(NdjsonDurations, OwnNumbersMayBeTextAndBasesExcuseLongerDurations) {
    const Whole text = read(durations, Format::ndjson, edited(duration, "calleeNumber", R"("4567")"));
    ASSERT_EQ(text.batch.records.rows(), 1u);
    EXPECT_EQ(text.batch.records.part(Part::core)[DurationCore::ownNumberText].text(0), "4567");
    const std::string longer = edited(edited(duration, "durationMs", "200000"), "durationBasis", R"("invite")");
    EXPECT_EQ(read(durations, Format::ndjson, edited(longer, "startBasis", R"("answer")")).batch.records.rows(), 1u);
    expectFault(durations, edited(longer, "startBasis", R"("invite")"), "duration-disagrees", "/durationMs");
}

TEST(Ndjson, SkipsBlankLinesAndReadsALastLineWithoutNewline) {
    const Whole whole = read(calls, Format::ndjson, "\xEF\xBB\xBF" + call + "\r\n\n  \n" + call);
    EXPECT_EQ(whole.batch.records.rows(), 2u);
    ASSERT_EQ(whole.batch.origins.size(), 2u);
    EXPECT_EQ(whole.batch.origins[1].line, 4u);
    EXPECT_EQ(whole.batch.origins[1].index, 1u);
}

TEST(Ndjson, ALongLineIsSkippedWithoutBeingHeld) {
    auto reader = makeReader(calls, Format::ndjson, options());
    ASSERT_TRUE(reader);
    const std::string piece(1 << 16, 'x');
    ASSERT_TRUE((*reader)->feed(viewOf(call + "\n")));
    for (int i = 0; i < 1000; ++i)
        ASSERT_TRUE((*reader)->feed(viewOf(piece)));
    ASSERT_TRUE((*reader)->feed(viewOf("\n" + call + "\n")));
    ASSERT_TRUE((*reader)->finish());
    ReadBatch all{columns::Records(calls), {}, {}};
    drain(**reader, all);
    EXPECT_EQ(all.records.rows(), 2u);
    ASSERT_EQ(all.faults.size(), 1u);
    EXPECT_EQ(all.faults[0].code, "line-too-long");
    EXPECT_EQ(all.faults[0].line, 2u);
    EXPECT_EQ(all.origins[1].line, 3u);
}

TEST(JsonArray, ReadsElementByElement) {
    const Whole whole = read(calls, Format::jsonArray,
                             "[\n" + call + ",\n" + edited(call, "version", "\"x\"") + ",\n" + call + "\n]\n");
    EXPECT_EQ(whole.batch.records.rows(), 2u);
    ASSERT_EQ(whole.batch.faults.size(), 1u);
    EXPECT_EQ(whole.batch.faults[0].line, 3u);
    EXPECT_EQ(whole.batch.faults[0].index, 1u);
    EXPECT_EQ(whole.batch.faults[0].pointer, "/version");
    EXPECT_EQ(read(calls, Format::jsonArray, " [ ] ").counts.records, 0u);
    EXPECT_EQ(read(calls, Format::jsonArray, call).batch.records.rows(), 1u);
}

TEST(JsonArray, SaysWhereItBreaks) {
    for (const std::string& text :
         {"[" + call + " " + call + "]", "[" + call, "[" + call + ",]", "[" + call + "] x", "[" + call.substr(0, 80)}) {
        SCOPED_TRACE(text);
        const Whole whole = read(calls, Format::jsonArray, text);
        ASSERT_EQ(whole.batch.faults.size(), 1u);
        EXPECT_EQ(whole.batch.faults[0].code, "bad-json");
        EXPECT_THAT(whole.batch.faults[0].message, ::testing::HasSubstr("byte"));
    }
    const Whole scalar = read(calls, Format::jsonArray, "[1," + call + "]");
    EXPECT_EQ(scalar.batch.faults.size(), 1u);
    EXPECT_EQ(scalar.batch.records.rows(), 1u);
}

TEST(Reader, RefusesLanesThatTheExchangeMakes) {
    EXPECT_EQ(makeReader(LaneKind::items, Format::ndjson, options()).error().code, "not-readable");
    EXPECT_EQ(makeReader(calls, Format::mappedCsv, options()).error().code, "missing-column-map");
}

TEST(Reader, TakeCutsBatchesWithTheirFaults) {
    std::string text;
    for (int i = 0; i < 10; ++i)
        text += (i % 3 == 1 ? std::string("{}") : call) + "\n";
    auto reader = makeReader(calls, Format::ndjson, options());
    ASSERT_TRUE((*reader)->feed(viewOf(text)));
    std::uint64_t next = 0;
    while ((*reader)->ready() > 0) {
        const ReadBatch batch = (*reader)->take(2);
        EXPECT_LE(batch.records.rows(), 2u);
        ASSERT_FALSE(batch.empty());
        std::vector<std::uint64_t> indexes;
        for (const auto& origin : batch.origins)
            indexes.push_back(origin.index);
        for (const auto& fault : batch.faults)
            indexes.push_back(fault.index);
        std::sort(indexes.begin(), indexes.end());
        for (const auto index : indexes)
            EXPECT_EQ(index, next++);
    }
    EXPECT_EQ(next, 10u);
}

TEST(Csv, ReadsWireNamesAndNestedOnes) {
    const std::string text =
        "callId,version,direction,callerNumber,calleeNumber,invitedAt,endedAt,durationMs,endpoint.ipAddress,streams,"
        "extensions,trunk\r\n"
        "018f3c2e-7d1a-7c55-9a51-0b7c6f2d8a10,1,outbound,+41441234567,,2026-03-01T09:30:00Z,2026-03-01T09:33:00Z,"
        "180000,10.0.0.1,"
        "\"[{\"\"codec\"\":\"\"opus\"\",\"\"mos\"\":4}]\",\"{\"\"a\"\":\"\"x,y\"\"}\",\"a \"\"b\"\"\"\n"
        "x,1,outbound,+41441234567,112,2026-03-01T09:30:00Z,2026-03-01T09:33:00Z,180000,,,,\n"
        "1,2\n"
        "\"open,1\n";
    const Whole whole = read(calls, Format::csv, text);
    ASSERT_FALSE(whole.error) << whole.error->message;
    ASSERT_EQ(whole.batch.records.rows(), 1u) << whole.batch.faults[0].message;
    EXPECT_EQ(whole.batch.records.part(Part::core)[CallCore::trunk].text(0), "a \"b\"");
    EXPECT_EQ(whole.batch.records.part(Part::parties)[CallParties::extensions].text(0), R"({"a":"x,y"})");
    EXPECT_EQ(whole.batch.records.part(Part::network)[CallNetwork::codec].text(0), "opus");
    EXPECT_EQ(whole.batch.records.part(Part::network)[CallNetwork::endpointIpAddress].text(0), "10.0.0.1");
    ASSERT_EQ(whole.batch.faults.size(), 3u);
    EXPECT_EQ(whole.batch.faults[0].code, "bad-id");
    EXPECT_EQ(whole.batch.faults[0].line, 3u);
    EXPECT_EQ(whole.batch.faults[1].code, "bad-csv");
    EXPECT_EQ(whole.batch.faults[1].line, 4u);
    EXPECT_EQ(whole.batch.faults[2].code, "bad-csv");
    EXPECT_EQ(whole.batch.faults[2].line, 5u);
}

TEST(Csv, AHeaderThatCannotServeIsAnErrorThatNamesItsColumns) {
    const Whole missing = read(durations, Format::csv, "recordId,direction,callerNumber,calleeNumber,durationMs\n");
    ASSERT_TRUE(missing.error);
    EXPECT_EQ(missing.error->code, "bad-csv-header");
    EXPECT_THAT(missing.error->message, ::testing::HasSubstr("startedAt"));
    const Whole unknown =
        read(durations, Format::csv, "recordId,direction,callerNumber,calleeNumber,durationSeconds,startedAt,colour\n");
    ASSERT_TRUE(unknown.error);
    EXPECT_EQ(unknown.error->faults[0].code, "unknown-field");
    ReadOptions lenient = options();
    lenient.lenient = true;
    const Whole ignored = read(durations, Format::csv,
                               "recordId,direction,callerNumber,calleeNumber,durationSeconds,startedAt,colour\n"
                               "a,inbound,112,+41441234567,3,2026-03-01T09:30:00Z,blue\n",
                               lenient);
    EXPECT_EQ(ignored.batch.records.rows(), 1u);
    EXPECT_EQ(ignored.counts.ignoredFields, 1u);
}

TEST(Csv, LongRecordsAreSkipped) {
    ReadOptions small = options();
    small.limits.lineBytes = 200;
    const std::string head = "recordId,direction,callerNumber,calleeNumber,durationSeconds,startedAt\n";
    const std::string row = "a,inbound,112,+41441234567,3,2026-03-01T09:30:00Z\n";
    const Whole whole = read(durations, Format::csv, head + row + "\"" + std::string(5000, 'x') + "\n" + row, small);
    EXPECT_EQ(whole.batch.records.rows(), 2u);
    ASSERT_EQ(whole.batch.faults.size(), 1u);
    EXPECT_EQ(whole.batch.faults[0].code, "line-too-long");
    EXPECT_EQ(whole.batch.faults[0].line, 3u);
    EXPECT_EQ(whole.batch.origins[1].line, 4u);
}

TEST(CsvReader, RefusesAHeaderOfTooManyColumnsAtOnce) {
    ReadOptions options;
    options.now = Instant{1'772'000'000'000};
    const auto reader = makeReader(columns::LaneKind::calls, Format::csv, options);
    ASSERT_TRUE(reader);
    const auto fed = (*reader)->feed(viewOf(std::string(500'000, ',') + "\n"));
    ASSERT_FALSE(fed);
    EXPECT_EQ(fed.error().code, "bad-csv-header");
    EXPECT_NE(fed.error().message.find("500001 columns; at most 512"), std::string::npos) << fed.error().message;
}

}  // namespace
}  // namespace meetpoint::formats
