#include "formats/writer.h"

#include <charconv>

#include <rapidcheck.h>
#include <rapidcheck/gtest.h>
#include <zlib.h>
#include <zstd.h>

#include "base/json_text.h"
#include "formats/decompress.h"
#include "formats/testing.h"
#include "formats/values.h"

namespace meetpoint::formats {
namespace {

using namespace testing;
using columns::AssignmentCore;
using columns::AssignmentParties;
using columns::CallCore;
using columns::CallParties;
using columns::DurationCore;
using columns::ItemCore;

constexpr auto calls = LaneKind::calls;
constexpr auto durations = LaneKind::durations;

TEST(Wire, EveryKeptColumnHasTheSameNameAndAFittingKind) {
    for (const LaneKind lane : {LaneKind::assignments, calls, durations, LaneKind::items}) {
        const WireRecord& record = wireRecordOf(lane);
        EXPECT_EQ(record.lane, lane);
        for (const WireField& field : record.fields) {
            SCOPED_TRACE(std::string(record.name) + "." + std::string(field.name));
            EXPECT_FALSE(field.description.empty());
            EXPECT_EQ(findField(record, field.name), &field);
            if (field.column < 0) continue;
            const columns::Schema& schema = *columns::schemaOf(lane).parts[static_cast<std::size_t>(field.part)];
            const columns::Field& column = schema.fields[static_cast<std::size_t>(field.column)];
            EXPECT_EQ(column.name, field.name);
            EXPECT_TRUE(field.kind != ValueKind::closedSet || column.meanings == field.meanings)
                << "closed sets must agree";
        }
    }
    EXPECT_NE(findField(wireRecordOf(calls), "endpoint.ipAddress"), nullptr);
    EXPECT_EQ(findField(wireRecordOf(calls), "endpoint.mac"), nullptr);
    EXPECT_EQ(jsonFormatOf(ValueKind::instant), "date-time");
}

TEST(Wire, EveryColumnOfTheCommonPartsHasAName) {
    // Columns that are the parts of a composed value.
    const std::set<std::string_view> composed = {"ownNumber",          "ownNumberText", "farEndPrefix",
                                                 "farEndMaskedDigits", "farEndNumber",  "farEndText",
                                                 "statedOwnNumber",    "extensions"};
    for (const LaneKind lane : {LaneKind::assignments, calls, durations, LaneKind::items})
        for (const Part part : {Part::core, Part::parties})
            for (const columns::Schema* schema = columns::schemaOf(lane).parts[static_cast<std::size_t>(part)]; schema;
                 schema = nullptr)
                for (const columns::Field& column : schema->fields) {
                    const bool named = composed.contains(column.name) || findField(wireRecordOf(lane), column.name);
                    EXPECT_TRUE(named) << column.name;
                }
}

TEST(Wire, MasksTheFarEnd) {
    Whole whole = read(calls, Format::ndjson,
                       call + "\n" + edited(call, "calleeNumber", R"("+12345678**")") + "\n" +
                           edited(call, "calleeNumber", R"("112")"));
    columns::Records& records = whole.batch.records;
    for (std::size_t row = 0; row < 3; ++row)
        setFarEndMask(records, row, 3);
    const auto& core = records.part(Part::core);
    EXPECT_EQ(core[CallCore::farEndPrefix].at<std::uint64_t>(0), 4930123u);
    EXPECT_EQ(core[CallCore::farEndMaskedDigits].at<std::uint8_t>(0), 3);
    EXPECT_EQ(core[CallCore::farEndPrefix].at<std::uint64_t>(1), 1234567u);
    EXPECT_EQ(core[CallCore::farEndMaskedDigits].at<std::uint8_t>(1), 3);
    EXPECT_TRUE(core[CallCore::farEndPrefix].isNull(2));
    // Without the part that holds it, the full number cannot be written.
    std::array<std::optional<columns::Batch>, columns::partCount> parts;
    parts[0] = records.part(Part::core);
    const columns::Records masked = adoptParts(calls, std::move(parts));
    const std::string json = toJson(masked, 0);
    EXPECT_THAT(json, ::testing::HasSubstr(R"("calleeNumber":"+4930123***")"));
    EXPECT_THAT(json, ::testing::Not(::testing::HasSubstr("4930123456")));
}

TEST(Writer, WritesCanonicalJson) {
    const Whole whole = read(calls, Format::ndjson,
                             edited(edited(edited(call, "trunk", R"("a\"\\\u0041é")"), "streams",
                                           R"([{"mos":4.0,"codec":"x","jitterMsAvg":0.1}])"),
                                    "endpoint", R"({"userAgent":"u","ipAddress":"::1"})"));
    ASSERT_EQ(whole.batch.records.rows(), 1u) << whole.batch.faults[0].message;
    const Instant stored[] = {*parseInstant("2026-03-01T10:00:00Z")};
    EXPECT_EQ(
        toJson(whole.batch.records, 0, {"carrier-1", 42, {}, stored}),
        R"({"answeredAt":"2026-03-01T09:30:05.000Z","callId":"018f3c2e-7d1a-7c55-9a51-0b7c6f2d8a10",)"
        R"("calleeNumber":"+4930123456","callerNumber":"+41441234567","carrierId":"carrier-1","completeness":"final",)"
        R"("direction":"outbound","durationMs":180000,"endedAt":"2026-03-01T09:33:05.000Z",)"
        R"("endpoint":{"ipAddress":"::1","userAgent":"u"},"invitedAt":"2026-03-01T09:30:00.250Z",)"
        R"("ownNumber":"+41441234567","sequence":42,"storedAt":"2026-03-01T10:00:00.000Z",)"
        R"("streams":[{"codec":"x","jitterMsAvg":0.1,"mos":4}],"trunk":"a\"\\Aé","version":1})");
}

TEST(Writer, AFarEndWithoutNumberIsNull) {
    const Whole whole = read(calls, Format::ndjson, edited(call, "calleeNumber", "null"));
    EXPECT_THAT(toJson(whole.batch.records, 0), ::testing::HasSubstr(R"("calleeNumber":null)"));
}

TEST(Writer, WritesAssignmentsAndItems) {
    columns::Records assignments(LaneKind::assignments);
    for (columns::Batch* batch : {&assignments.part(Part::core), &assignments.part(Part::parties)})
        for (std::size_t i = 0; i < batch->columnCount(); ++i) {
            columns::Column& column = (*batch)[i];
            if (column.field().name == "number")
                column.append<std::uint64_t>(41441234567);
            else if (column.field().name == "occurredAt")
                column.append(Instant{0});
            else if (column.field().name == "state" || column.field().name == "sipUri")
                column.appendText("sip:a@b");
            else if (column.field().nullable)
                column.appendNull();
            else
                column.append(Id{});
        }
    EXPECT_EQ(toJson(assignments, 0),
              R"({"eventId":"00000000-0000-0000-0000-000000000000","number":"+41441234567",)"
              R"("numberId":"00000000-0000-0000-0000-000000000000","occurredAt":"1970-01-01T00:00:00.000Z",)"
              R"("sipUri":"sip:a@b","state":"sip:a@b"})");
    columns::Records items(LaneKind::items);
    columns::Batch& core = items.part(Part::core);
    for (std::size_t i = 0; i < core.columnCount(); ++i) {
        columns::Column& column = core[i];
        switch (column.type()) {
            case columns::ColumnType::uint8:
                column.append<std::uint8_t>(1);
                break;
            case columns::ColumnType::int32:
                column.append<std::int32_t>(20'000);
                break;
            case columns::ColumnType::int64:
                column.append<std::int64_t>(-5);
                break;
            case columns::ColumnType::uint64:
                column.appendNull();
                break;
            case columns::ColumnType::timestamp:
                column.append(Instant{0});
                break;
            case columns::ColumnType::fixed16:
                column.append(Id{});
                break;
            default:
                column.appendText(column.field().name == "causes" ? R"([{"cause":"rounding"}])" : "x");
        }
    }
    const std::string json = toJson(items, 0);
    EXPECT_THAT(json, ::testing::HasSubstr(R"("causes":[{"cause":"rounding"}])"));
    EXPECT_THAT(json, ::testing::HasSubstr(R"("day":"2024-10-04")"));
    EXPECT_THAT(json, ::testing::HasSubstr(R"("state":"matchedWithinTolerance")"));
    EXPECT_THAT(json, ::testing::HasSubstr(R"("startDeltaMs":-5)"));
    EXPECT_THAT(json, ::testing::HasSubstr(R"("usableForUsage":true)"));
}

TEST(Writer, CsvQuotesOnlyWhereNeededAndAltersNothing) {
    const Whole whole =
        read(calls, Format::ndjson, edited(edited(call, "trunk", R"("a,\"b\"")"), "region", R"("=1+1")"));
    ASSERT_EQ(whole.batch.records.rows(), 1u);
    std::string out;
    const RecordWriter writer(whole.batch.records);
    writer.appendCsvHeader(out);
    EXPECT_TRUE(out.ends_with("\r\n"));
    EXPECT_THAT(out, ::testing::HasSubstr(",endpoint.ipAddress,"));
    writer.appendCsv(0, out);
    EXPECT_THAT(out, ::testing::HasSubstr(",\"a,\"\"b\"\"\","));
    EXPECT_THAT(out, ::testing::HasSubstr(",+41441234567,"));
    EXPECT_THAT(out, ::testing::HasSubstr(",=1+1,"));
}

TEST(Writer, WritesTheColumnsAskedForWithTimesOfAZone) {
    const Whole whole = read(
        calls, Format::ndjson,
        R"({"callId":"c0000000-0000-4000-8000-000000000001","version":1,"direction":"inbound","callerNumber":"+41791234567",)"
        R"("calleeNumber":"+41446681800","invitedAt":"2026-02-01T12:30:00.250Z","endedAt":"2026-02-01T12:31:00Z",)"
        R"("durationMs":0,"endpoint":{"ipAddress":"192.0.2.55","operatingSystem":"Windows 11"}})"
        "\n");
    ASSERT_EQ(whole.batch.records.rows(), 1u);
    RecordShape shape{{"endpoint.ipAddress", "trunk", "invitedAt"}, *TimeZone::load("America/St_Johns")};
    const RecordWriter writer(whole.batch.records, {{}, {}, {}, {}, &shape});
    std::string csv, line;
    writer.appendCsvHeader(csv);
    writer.appendCsv(0, csv);
    EXPECT_EQ(csv, "endpoint.ipAddress,trunk,invitedAt\r\n192.0.2.55,,2026-02-01T09:00:00.250-03:30\r\n");
    writer.appendNdjson(0, line);
    EXPECT_EQ(line, R"({"endpoint":{"ipAddress":"192.0.2.55"},"invitedAt":"2026-02-01T09:00:00.250-03:30"})"
                    "\n");
}

TEST(Values, WritesNumbersAsEcmascriptDoes) {
    const auto text = [](auto value) {
        std::string out;
        appendNumber(value, out);
        return out;
    };
    // RFC 8785, appendix B.
    EXPECT_EQ(text(0.0), "0");
    EXPECT_EQ(text(-0.0), "0");
    EXPECT_EQ(text(5e-324), "5e-324");
    EXPECT_EQ(text(1.7976931348623157e308), "1.7976931348623157e+308");
    EXPECT_EQ(text(9007199254740992.0), "9007199254740992");
    EXPECT_EQ(text(295147905179352830000.0), "295147905179352830000");
    EXPECT_EQ(text(9.999999999999997e22), "9.999999999999997e+22");
    EXPECT_EQ(text(1e23), "1e+23");
    EXPECT_EQ(text(999999999999999700000.0), "999999999999999700000");
    EXPECT_EQ(text(1e21), "1e+21");
    EXPECT_EQ(text(333333333.3333332), "333333333.3333332");
    EXPECT_EQ(text(9.999999999999997e-7), "9.999999999999997e-7");
    EXPECT_EQ(text(0.000001), "0.000001");
    EXPECT_EQ(text(-0.0000033333333333333333), "-0.0000033333333333333333");
    EXPECT_EQ(text(0.1f), "0.1");
    EXPECT_EQ(text(16777216.0f), "16777216");
}

TEST(Values, WritesTheFiguresOfMetersInTheirShortestForm) {
    std::size_t others = 0;
    for (int digits = 1; digits < 1'200'000; ++digits) {
        const auto value = static_cast<float>(digits / 10'000.0);
        std::string out;
        appendNumber(value, out);
        char text[32];
        const auto end = std::to_chars(text, text + sizeof text, value, std::chars_format::fixed).ptr;
        others += out != std::string_view(text, static_cast<std::size_t>(end - text));
    }
    EXPECT_EQ(others, 0u);
}

TEST(Values, SortsNamesByUtf16) {
    EXPECT_TRUE(lessInUtf16("\U0001F600", "\uFB33"));
    EXPECT_FALSE(lessInUtf16("\uFB33", "\U0001F600"));
    EXPECT_TRUE(lessInUtf16("a", "b"));
    EXPECT_TRUE(lessInUtf16("a", "aa"));
    EXPECT_TRUE(lessInUtf16("z", "\u00f6"));
}

TEST(Values, ReadsInstantsAsTheLongWayDoes) {
    InstantReader reader;
    for (const std::string_view text : {"2026-03-01T09:30:00.250Z", "2026-03-01T09:30:00Z", "2024-02-29T23:59:59.999Z"})
        EXPECT_EQ(reader.read(text), *parseInstant(text)) << text;
    for (const std::string_view text :
         {"2025-02-29T09:30:00Z", "2026-03-01T24:30:00Z", "2026-13-01T09:30:00.000Z", "2024-02-29T09:30:00.2x0Z",
          "2024-02-29T09:30:00.x00Z", "2024-02-29T09:30:00.00xZ", "2024-02-29t09:30:00Z", "2024-02-29T09:30:00+00:00"})
        EXPECT_FALSE(reader.read(text)) << text;
}

// ---- properties

const std::vector<std::string> words = {"", "a", "sbc,1", "quote\"d", " padded ", "é𝄞", "=1+1", "line", "\\", "0"};

std::string json(const std::string& text) {
    std::string out;
    appendJsonText(text, out);
    return out;
}

std::string randomNumber(bool own) {
    const int kind = *rc::gen::inRange(0, own ? 1 : 5);
    const auto digits = *rc::gen::inRange<std::uint64_t>(1'000'000, 999'999'999'999'999);
    switch (kind) {
        case 1:
            return json("+" + std::to_string(digits % 10'000'000) + std::string(3, '*'));
        case 2:
            return json(std::to_string(digits % 1000));
        case 3:
            return json("name " + *rc::gen::elementOf(words) + "!");
        case 4:
            return "null";
        default:
            return json("+" + std::to_string(digits));
    }
}

std::string randomExtensions() {
    return "{" + json("k" + *rc::gen::elementOf(words)) + ":" + json(*rc::gen::elementOf(words)) +
           ",\"n\":" + std::to_string(*rc::gen::inRange(-1000, 1000)) + ".5,\"f\":true}";
}

// A call or a duration with every field that it may have, each present half of the time.
std::string randomRecord(LaneKind lane, int index) {
    const bool isCall = lane == calls;
    const bool outbound = *rc::gen::arbitrary<bool>();
    const Instant start{1'700'000'000'000 + *rc::gen::inRange<std::int64_t>(0, 50'000'000'000)};
    const std::int64_t ring = *rc::gen::inRange(0, 60'000), talk = *rc::gen::inRange(0, 7'200'000);
    std::string out = isCall
                          ? "{\"callId\":" + json(formatId(derivedId("test", "x", static_cast<std::uint64_t>(index)))) +
                                ",\"version\":2"
                          : "{\"recordId\":" + json("r," + std::to_string(index));
    const auto add = [&out](const std::string& name, const std::string& value) { out += ",\"" + name + "\":" + value; };
    const auto maybe = [&](const std::string& name, auto make) {
        if (*rc::gen::arbitrary<bool>()) add(name, make());
    };
    add("direction", json(outbound ? "outbound" : "inbound"));
    add("callerNumber", randomNumber(outbound));
    add("calleeNumber", randomNumber(!outbound));
    maybe("ownNumber", [] { return randomNumber(true); });
    add(isCall ? "invitedAt" : "startedAt", json(formatInstant(start)));
    add("endedAt", json(formatInstant(start + milliseconds(ring + talk))));
    add("durationMs", std::to_string(talk));
    maybe("answeredAt", [&] { return json(formatInstant(start + milliseconds(ring))); });
    maybe("extensions", randomExtensions);
    for (const WireField& field : wireRecordOf(lane).fields) {
        if (field.column < 0 || field.presence != Presence::optional) continue;
        const std::string name(field.name);
        const auto word = [&] { return json(*rc::gen::elementOf(words)); };
        if (field.kind == ValueKind::text) maybe(name, word);
        if (field.kind == ValueKind::flag)
            maybe(name, [] { return std::string(*rc::gen::arbitrary<bool>() ? "true" : "false"); });
        if (field.kind == ValueKind::integer) maybe(name, [] { return std::to_string(*rc::gen::inRange(0, 1000)); });
        if (field.kind == ValueKind::closedSet && name != "durationBasis")
            maybe(name, [&] {
                return json(
                    std::string(domain::nameAt(field.meanings, static_cast<std::size_t>(*rc::gen::inRange(0, 2)))));
            });
    }
    if (isCall) {
        maybe("endpoint", [&] {
            return R"({"ipAddress":"10.0.0.1","operatingSystem":)" + json(*rc::gen::elementOf(words)) +
                   R"(,"userAgent":"u,\"a"})";
        });
        maybe("streams", [] {
            return R"([{"codec":"a\"b","packets":12,"jitterMsAvg":)" + std::to_string(*rc::gen::inRange(0, 999)) +
                   R"(.37,"mos":4.31},{"lossRatioMax":0.013}])";
        });
    }
    return out + "}";
}

std::vector<std::string> randomRecords(LaneKind lane) {
    std::vector<std::string> out;
    const int count = *rc::gen::inRange(1, 12);
    for (int i = 0; i < count; ++i)
        out.push_back(*rc::gen::inRange(0, 6) == 0 ? "{\"version\":\"x\"," : randomRecord(lane, i));
    return out;
}
std::string joined(const std::vector<std::string>& records) {
    std::string out;
    for (const std::string& record : records)
        out += record + "\n";
    return out;
}

std::vector<std::string> faultLines(const ReadBatch& batch) {
    std::vector<std::string> out;
    for (const RecordFault& fault : batch.faults)
        out.push_back(fmt::format("{} {} {} {} {} {}", fault.index, fault.line, fault.pointer, fault.code, fault.key,
                                  fault.message));
    return out;
}
void expectSame(const Whole& a, const Whole& b) {
    RC_ASSERT(lines(a.batch.records) == lines(b.batch.records));
    RC_ASSERT(faultLines(a.batch) == faultLines(b.batch));
    RC_ASSERT(a.counts.records == b.counts.records);
    RC_ASSERT(a.error.has_value() == b.error.has_value());
    for (std::size_t i = 0; i < a.batch.origins.size(); ++i)
        RC_ASSERT(a.batch.origins[i].line == b.batch.origins[i].line);
}

std::string csvOf(const columns::Records& records) {
    std::string out;
    const RecordWriter writer(records);
    writer.appendCsvHeader(out);
    for (std::size_t row = 0; row < records.rows(); ++row)
        writer.appendCsv(row, out);
    return out;
}

RC_GTEST_PROP(Property, CuttingTheInputChangesNothing, ()) {
    const LaneKind lane = *rc::gen::element(calls, durations);
    const std::vector<std::string> records = randomRecords(lane);
    const std::size_t piece = *rc::gen::inRange<std::size_t>(1, 300);
    const std::string text = joined(records);
    expectSame(read(lane, Format::ndjson, text), read(lane, Format::ndjson, text, options(), piece));
    std::string array = "[";
    for (const std::string& record : records)
        array += (array.size() > 1 ? ",\n" : "\n") + record;
    expectSame(read(lane, Format::jsonArray, array + "]"),
               read(lane, Format::jsonArray, array + "]", options(), piece));
    const std::string csv = csvOf(read(lane, Format::ndjson, text).batch.records) + "1,\"2\n3\",4\r\n\"open";
    expectSame(read(lane, Format::csv, csv), read(lane, Format::csv, csv, options(), piece));
    ReadOptions small = options();
    small.limits.lineBytes = 500;
    expectSame(read(lane, Format::ndjson, text, small), read(lane, Format::ndjson, text, small, piece));
    expectSame(read(lane, Format::jsonArray, array + "]", small),
               read(lane, Format::jsonArray, array + "]", small, piece));
    expectSame(read(lane, Format::csv, csv, small), read(lane, Format::csv, csv, small, piece));
}

RC_GTEST_PROP(Property, TheOrderOfRecordsChangesNothing, ()) {
    const LaneKind lane = *rc::gen::element(calls, durations);
    std::vector<std::string> records = randomRecords(lane);
    const Whole before = read(lane, Format::ndjson, joined(records));
    std::reverse(records.begin(), records.end());
    const Whole after = read(lane, Format::ndjson, joined(records));
    RC_ASSERT(lines(before.batch.records) == lines(after.batch.records));
    RC_ASSERT(before.batch.faults.size() == after.batch.faults.size());
}

RC_GTEST_PROP(Property, WhatIsWrittenIsReadBackTheSame, ()) {
    const LaneKind lane = *rc::gen::element(calls, durations);
    const Whole first = read(lane, Format::ndjson, joined(randomRecords(lane)));
    std::string ndjson;
    RecordWriter(first.batch.records, {"c", 7, {}, {}}).appendNdjson(ndjson);
    const Whole second = read(lane, Format::ndjson, ndjson);
    RC_ASSERT(second.batch.faults.empty());
    const Whole third = read(lane, Format::csv, csvOf(first.batch.records));
    RC_ASSERT(!third.error);
    if (!third.batch.faults.empty()) RC_LOG(third.batch.faults[0].message);
    RC_ASSERT(third.batch.faults.empty());
    for (const Whole* again : {&second, &third})
        for (const Part part : {Part::core, Part::parties, Part::network, Part::internal}) {
            if (!first.batch.records.has(part)) continue;
            const columns::Batch& a = first.batch.records.part(part);
            const columns::Batch& b = again->batch.records.part(part);
            RC_ASSERT(a.rows() == b.rows());
            for (std::size_t column = 0; column < a.columnCount(); ++column)
                for (std::size_t row = 0; row < a.rows(); ++row) {
                    const ByteView x = a[column].valueBytes(row), y = b[column].valueBytes(row);
                    RC_ASSERT(a[column].isNull(row) == b[column].isNull(row));
                    RC_ASSERT(textOf(x) == textOf(y));
                }
        }
}

RC_GTEST_PROP(Property, CompressedBytesComeBackWhereverTheyAreCut, (const std::string& seed)) {
    std::string text;
    for (int i = 0; i < 500; ++i)
        text += seed + std::to_string(i * 7919);
    std::string packed(ZSTD_compressBound(text.size()), '\0');
    packed.resize(ZSTD_compress(packed.data(), packed.size(), text.data(), text.size(), 1));
    packed += packed;
    const std::size_t piece = *rc::gen::inRange<std::size_t>(1, 400);
    Decompressor decompressor(Compression::zstd);
    std::string out;
    for (std::size_t at = 0; at < packed.size(); at += piece)
        RC_ASSERT(decompressor
                      .feed(viewOf(std::string_view(packed).substr(at, piece)),
                            [&out](ByteView bytes) -> Result<void> {
                                out += textOf(bytes);
                                return {};
                            })
                      .has_value());
    RC_ASSERT(decompressor.finish().has_value());
    RC_ASSERT(out == text + text);
}

}  // namespace
}  // namespace meetpoint::formats
