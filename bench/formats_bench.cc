// How fast records are read and written, on one core.
#include <iostream>

#include <benchmark/benchmark.h>

#include "figure.h"
#include "formats/reader.h"
#include "formats/writer.h"
#include "simdjson_alone.h"
#include "support/call_lines.h"

namespace meetpoint::formats {
namespace {

constexpr std::size_t records = 20'000;

const outside::CallLines calls{.first = {1'772'000'000'000}};

ReadOptions readOptions() {
    ReadOptions options;
    options.now = {1'773'000'000'000};
    return options;
}

columns::Records callRecords() {
    auto reader = makeReader(columns::LaneKind::calls, Format::ndjson, readOptions());
    const std::string text = calls.lines(0, records);
    columns::Records out(columns::LaneKind::calls);
    (void)(*reader)->feed(viewOf(text));
    (void)(*reader)->finish();
    while ((*reader)->ready() > 0)
        out.append((*reader)->take(records).records);
    return out;
}

// 64 KiB at a time, as a body arrives.
void readWith(benchmark::State& state, Format format, const std::string& text) {
    constexpr std::size_t piece = 64 * 1024;
    std::size_t rows = 0;
    for (auto _ : state) {
        auto reader = makeReader(columns::LaneKind::calls, format, readOptions());
        for (std::size_t at = 0; at < text.size(); at += piece) {
            (void)(*reader)->feed(viewOf(std::string_view(text).substr(at, piece)));
            while ((*reader)->ready() >= 4000)
                rows += (*reader)->take(4000).records.rows();
        }
        (void)(*reader)->finish();
        while ((*reader)->ready() > 0)
            rows += (*reader)->take(4000).records.rows();
    }
    if (rows != records * state.iterations()) state.SkipWithError("not every record was read");
    state.SetItemsProcessed(static_cast<std::int64_t>(rows));
    state.SetBytesProcessed(static_cast<std::int64_t>(text.size() * state.iterations()));
}

void readNdjson(benchmark::State& state) {
    readWith(state, Format::ndjson, calls.lines(0, records));
}
BENCHMARK(readNdjson)->Unit(benchmark::kMillisecond);

void readJsonArray(benchmark::State& state) {
    std::string text = "[" + calls.lines(0, records);
    for (char& c : text)
        if (c == '\n') c = ',';
    text.back() = ']';
    readWith(state, Format::jsonArray, text);
}
BENCHMARK(readJsonArray)->Unit(benchmark::kMillisecond);

void readCsv(benchmark::State& state) {
    const columns::Records all = callRecords();
    const RecordWriter writer(all);
    std::string text;
    writer.appendCsvHeader(text);
    for (std::size_t row = 0; row < all.rows(); ++row)
        writer.appendCsv(row, text);
    readWith(state, Format::csv, text);
}
BENCHMARK(readCsv)->Unit(benchmark::kMillisecond);

void simdjsonAlone(benchmark::State& state) {
    std::string text = calls.lines(0, records);
    text.reserve(text.size() + simdjson::SIMDJSON_PADDING);
    std::size_t bytes = 0;
    for (auto _ : state)
        bytes += bench::walkAlone(text);
    benchmark::DoNotOptimize(bytes);
    if (bytes == 0) state.SkipWithError("a line was not read");
    state.SetItemsProcessed(static_cast<std::int64_t>(records * state.iterations()));
    state.SetBytesProcessed(static_cast<std::int64_t>(text.size() * state.iterations()));
}
BENCHMARK(simdjsonAlone)->Unit(benchmark::kMillisecond);

void writeNdjson(benchmark::State& state) {
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

void writeCsv(benchmark::State& state) {
    const columns::Records all = callRecords();
    std::string out;
    for (auto _ : state) {
        out.clear();
        const RecordWriter writer(all);
        for (std::size_t row = 0; row < all.rows(); ++row)
            writer.appendCsv(row, out);
    }
    state.SetItemsProcessed(static_cast<std::int64_t>(records * state.iterations()));
    state.SetBytesProcessed(static_cast<std::int64_t>(out.size() * state.iterations()));
}
BENCHMARK(writeCsv)->Unit(benchmark::kMillisecond);

// One figure a benchmark: records a second.
class FigureReporter final : public benchmark::BenchmarkReporter {
public:
    bool ReportContext(const Context&) override { return true; }
    void ReportRuns(const std::vector<Run>& runs) override {
        for (const Run& run : runs) {
            if (run.error_occurred) std::cerr << run.benchmark_name() << ": " << run.error_message << '\n';
            if (!run.error_occurred)
                bench::printFigure("formats." + run.benchmark_name(), run.counters.at("items_per_second"), "records/s");
        }
    }
};

}  // namespace
}  // namespace meetpoint::formats

int main(int argc, char** argv) {
    benchmark::Initialize(&argc, argv);
    if (benchmark::ReportUnrecognizedArguments(argc, argv)) return 2;
    meetpoint::formats::FigureReporter reporter;
    benchmark::RunSpecifiedBenchmarks(&reporter);
    return 0;
}
