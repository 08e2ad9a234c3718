// How fast records are read and written, on one core. `items_per_second` is records, `bytes_per_second` is text.
#include <benchmark/benchmark.h>
#include <fmt/format.h>
#include <simdjson.h>

#include "formats/reader.h"
#include "formats/writer.h"

namespace meetpoint::formats {
namespace {

constexpr std::size_t records = 20'000;

// Calls as a platform sends them, about 545 bytes each; half of them with figures of two streams would be more.
std::string callLines()
{
    std::string out;
    for (std::size_t i = 0; i < records; ++i) {
        const bool outbound = i % 2 == 0;
        const std::string own = fmt::format("+4144{:07}", i % 5000), farEnd = fmt::format("+4930{:08}", i * 7919 % 100'000'000);
        const Instant invited{1'772'000'000'000 + static_cast<std::int64_t>(i) * 250};
        const std::int64_t duration = static_cast<std::int64_t>(i % 600) * 1000;
        out += fmt::format(
            R"({{"callId":"018f3c2e-7d1a-7c55-9a51-{:012x}","version":1,"completeness":"final","direction":"{}",)"
            R"("callType":"{}","callerNumber":"{}","calleeNumber":"{}","invitedAt":"{}","answeredAt":"{}","endedAt":"{}",)"
            R"("durationMs":{},"finalSipCode":200,"finalSipCodePhrase":"OK","sipCallId":"{}_{}@10.1.2.3","correlationId":"c-{:010}",)"
            R"("trunk":"sbc{}.example.net","region":"EUNO","streams":[{{"codec":"silk","packets":{},"jitterMsAvg":{}.5,"mos":4.2}}]}})"
            "\n",
            i, outbound ? "outbound" : "inbound", outbound ? "user_out" : "user_in", outbound ? own : farEnd,
            outbound ? farEnd : own, formatInstant(invited), formatInstant(invited + seconds(5)),
            formatInstant(invited + seconds(5) + milliseconds(duration)), duration, i * 31, i * 17, i, i % 8, i % 30'000, i % 30);
    }
    return out;
}

ReadOptions readOptions()
{
    ReadOptions options;
    options.now = {1'773'000'000'000};
    return options;
}

columns::Records callRecords()
{
    auto reader = makeReader(columns::LaneKind::calls, Format::ndjson, readOptions());
    const std::string text = callLines();
    columns::Records out(columns::LaneKind::calls);
    (void)(*reader)->feed(viewOf(text));
    (void)(*reader)->finish();
    while ((*reader)->ready() > 0) out.append((*reader)->take(records).records);
    return out;
}

// 64 KiB at a time, as a body arrives.
void readWith(benchmark::State& state, Format format, const std::string& text)
{
    constexpr std::size_t piece = 64 * 1024;
    std::size_t rows = 0;
    for (auto _ : state) {
        auto reader = makeReader(columns::LaneKind::calls, format, readOptions());
        for (std::size_t at = 0; at < text.size(); at += piece) {
            (void)(*reader)->feed(viewOf(std::string_view(text).substr(at, piece)));
            while ((*reader)->ready() >= 4000) rows += (*reader)->take(4000).records.rows();
        }
        (void)(*reader)->finish();
        while ((*reader)->ready() > 0) rows += (*reader)->take(4000).records.rows();
    }
    if (rows != records * state.iterations()) state.SkipWithError("not every record was read");
    state.SetItemsProcessed(static_cast<std::int64_t>(rows));
    state.SetBytesProcessed(static_cast<std::int64_t>(text.size() * state.iterations()));
}

void readNdjson(benchmark::State& state) { readWith(state, Format::ndjson, callLines()); }
BENCHMARK(readNdjson)->Unit(benchmark::kMillisecond);

void readJsonArray(benchmark::State& state)
{
    std::string text = "[" + callLines();
    for (char& c : text)
        if (c == '\n') c = ',';
    text.back() = ']';
    readWith(state, Format::jsonArray, text);
}
BENCHMARK(readJsonArray)->Unit(benchmark::kMillisecond);

void readCsv(benchmark::State& state)
{
    const columns::Records all = callRecords();
    const RecordWriter writer(all);
    std::string text;
    writer.appendCsvHeader(text);
    for (std::size_t row = 0; row < all.rows(); ++row) writer.appendCsv(row, text);
    readWith(state, Format::csv, text);
}
BENCHMARK(readCsv)->Unit(benchmark::kMillisecond);

// The yardstick: simdjson alone walking over the same lines, every name and text read, nothing checked and nothing kept.
void simdjsonAlone(benchmark::State& state)
{
    namespace ondemand = simdjson::ondemand;
    const std::string text = callLines() + std::string(simdjson::SIMDJSON_PADDING, ' ');
    std::size_t bytes = 0;
    ondemand::parser parser;
    for (auto _ : state) {
        for (std::size_t at = 0, end = text.find('\n'); end != std::string::npos; at = end + 1, end = text.find('\n', at)) {
            ondemand::document document;
            (void)parser.iterate(text.data() + at, end - at, end - at + simdjson::SIMDJSON_PADDING).get(document);
            ondemand::object object;
            (void)document.get_object().get(object);
            for (auto field : object) {
                bytes += field.unescaped_key().value_unsafe().size();
                std::string_view value;
                if (field.value().get_string().get(value) == simdjson::SUCCESS) bytes += value.size();
            }
        }
    }
    benchmark::DoNotOptimize(bytes);
    state.SetItemsProcessed(static_cast<std::int64_t>(records * state.iterations()));
    state.SetBytesProcessed(static_cast<std::int64_t>(text.size() * state.iterations()));
}
BENCHMARK(simdjsonAlone)->Unit(benchmark::kMillisecond);

void writeNdjson(benchmark::State& state)
{
    const columns::Records all = callRecords();
    std::string out;
    for (auto _ : state) {
        out.clear();
        RecordWriter(all, {"018f3c2e-7d1a-7c55-9a51-0b7c6f2d8a10", 1, {}, {}}).appendNdjson(out);
    }
    state.SetItemsProcessed(static_cast<std::int64_t>(records * state.iterations()));
    state.SetBytesProcessed(static_cast<std::int64_t>(out.size() * state.iterations()));
}
BENCHMARK(writeNdjson)->Unit(benchmark::kMillisecond);

void writeCsv(benchmark::State& state)
{
    const columns::Records all = callRecords();
    std::string out;
    for (auto _ : state) {
        out.clear();
        const RecordWriter writer(all);
        for (std::size_t row = 0; row < all.rows(); ++row) writer.appendCsv(row, out);
    }
    state.SetItemsProcessed(static_cast<std::int64_t>(records * state.iterations()));
    state.SetBytesProcessed(static_cast<std::int64_t>(out.size() * state.iterations()));
}
BENCHMARK(writeCsv)->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace meetpoint::formats

BENCHMARK_MAIN();
