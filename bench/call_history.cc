#include "call_history.h"

#include <algorithm>
#include <fstream>
#include <random>

#include <fmt/format.h>

namespace meetpoint::bench {
namespace {

constexpr std::uint64_t seed = 4711;
constexpr double lateShare = 0.02;
constexpr std::int64_t longestLateMs = days(3).ms;
constexpr std::int64_t qualityFromMs = minutes(2).ms, qualityToMs = minutes(10).ms;  // after the call's end

constexpr outside::CallLines::Edition provisional{.version = 1, .isProvisional = true};
constexpr outside::CallLines::Edition finalEdition{.version = 2};

const outside::CallLines::Edition& editionOf(const Arrival& arrival) {
    return arrival.isFinal ? finalEdition : provisional;
}

struct Timed {
    std::int64_t atMs;
    Arrival arrival;
};

Result<void> writeFile(const std::filesystem::path& path, const std::string& text) {
    std::ofstream file(path, std::ios::binary);
    if (!(file << text).flush())
        return fail(Error{ErrorKind::unavailable, "file-unwritable", path.string() + " cannot be written.", {}, {}, 0});
    return {};
}

}  // namespace

CallHistory::CallHistory(std::uint64_t calls, Instant end)
    : lines_{.first = end - span,
             .apart = milliseconds(std::max<std::int64_t>(1, span.ms / static_cast<std::int64_t>(calls)))} {
    std::mt19937_64 random(seed);
    std::uniform_int_distribution<std::int64_t> quality(qualityFromMs, qualityToMs), late(0, longestLateMs);
    std::bernoulli_distribution isLate(lateShare);
    std::vector<Timed> timed;
    timed.reserve(calls * 2);
    for (std::uint32_t call = 0; call < calls; ++call) {
        const std::int64_t ended = lines_.endOf(call).ms;
        const std::int64_t first = ended + (isLate(random) ? late(random) : 0);
        const std::int64_t second = ended + quality(random) + (isLate(random) ? late(random) : 0);
        timed.push_back({first, {call, false}});
        if (lines_.ownNumberOf(call) < numbersPerCarrier) recordsOfFirstCarrier_ += 2;
        timed.push_back({std::max(first + 1, second), {call, true}});
    }
    std::ranges::stable_sort(timed, {}, &Timed::atMs);
    arrivals_.reserve(timed.size());
    for (const Timed& one : timed)
        arrivals_.push_back(one.arrival);
}

std::string CallHistory::json(std::uint64_t from, std::uint64_t to) const {
    std::string out;
    for (std::uint64_t i = from; i < to; ++i)
        lines_.appendJson(arrivals_[i].call, editionOf(arrivals_[i]), out);
    return out;
}

std::string CallHistory::csv(std::uint64_t from, std::uint64_t to) const {
    std::string out;
    for (std::uint64_t i = from; i < to; ++i)
        lines_.appendCsv(arrivals_[i].call, editionOf(arrivals_[i]), out);
    return out;
}

Result<void> CallHistory::write(const std::filesystem::path& folder, std::uint64_t rows) const {
    std::filesystem::create_directories(folder / "ndjson");
    std::filesystem::create_directories(folder / "csv");
    TRY(writeFile(folder / "columns", std::string(outside::CallLines::csvColumns)));
    for (std::uint64_t from = 0, part = 1; from < arrivals_.size(); from += rows, ++part) {
        const std::uint64_t to = std::min<std::uint64_t>(arrivals_.size(), from + rows);
        TRY(writeFile(folder / "ndjson" / fmt::format("part-{:05}", part), json(from, to)));
        TRY(writeFile(folder / "csv" / fmt::format("part-{:05}", part), csv(from, to)));
    }
    return {};
}

}  // namespace meetpoint::bench
