#include "exchange/traffic_sums.h"

#include <algorithm>
#include <cmath>
#include <cstdlib>

#include <boost/json.hpp>

namespace meetpoint::exchange {
namespace {

namespace json = boost::json;
using columns::CallCore;
using columns::DurationCore;
using columns::Part;
using domain::Side;

constexpr std::int64_t hourMs = 3'600'000;

void add(TrafficSums& sums, Instant at, bool isOutbound, bool isAnswered, std::int64_t ms) {
    TrafficSum& sum = sums[{hourOf(at), isOutbound, isAnswered}];
    ++sum.calls;
    sum.ms += isAnswered ? ms : 0;
}

void addCalls(TrafficSums& sums, const columns::Batch& core, Instant from, Instant to) {
    for (std::size_t row = 0; row < core.rows(); ++row) {
        const Instant at = core[CallCore::invitedAt].instant(row);
        if (at < from || at >= to) continue;
        const std::int64_t ms = core[CallCore::durationMs].at<std::int64_t>(row);
        const bool isAnswered = ms > 0 || !core[CallCore::answeredAt].isNull(row);
        add(sums, at, core[CallCore::direction].at<std::uint8_t>(row) == 1, isAnswered, ms);
    }
}

void addDurations(TrafficSums& sums, const columns::Batch& core, Instant from, Instant to) {
    for (std::size_t row = 0; row < core.rows(); ++row) {
        const Instant at = core[DurationCore::startedAt].instant(row);
        if (at < from || at >= to) continue;
        const std::int64_t ms = core[DurationCore::durationMs].at<std::int64_t>(row);
        const bool isAnswered =
            core[DurationCore::answered].isNull(row) ? ms > 0 : core[DurationCore::answered].at<std::uint8_t>(row) == 1;
        add(sums, at, core[DurationCore::direction].at<std::uint8_t>(row) == 1, isAnswered, ms);
    }
}

std::optional<double> percentOf(std::int64_t part, std::int64_t whole) {
    if (whole == 0) return std::nullopt;
    return std::round(100'000.0 * static_cast<double>(part) / static_cast<double>(whole)) / 1'000;
}

TrafficDifference differenceOf(TrafficPair pair, const TrafficSum& first, const TrafficSum& second) {
    return {pair, second.calls - first.calls, second.ms - first.ms, percentOf(second.ms - first.ms, first.ms)};
}

const TrafficSum& postedBy(const TrafficFigures& figures, Side side) {
    return *figures.posted[static_cast<std::size_t>(side)];
}

// What a difference is held against.
const TrafficSum& baseOf(const TrafficFigures& figures, TrafficPair pair) {
    return postedBy(figures, pair == TrafficPair::carrier ? Side::carrier : Side::platform);
}

}  // namespace

std::int64_t hourOf(Instant at) {
    return at.ms >= 0 ? at.ms / hourMs : -((-at.ms + hourMs - 1) / hourMs);
}

Instant startOfHour(std::int64_t hour) {
    return {hour * hourMs};
}

void addRecords(TrafficSums& sums, const columns::Records& records, Instant from, Instant to) {
    const columns::Batch& core = records.part(Part::core);
    records.kind() == columns::LaneKind::calls ? addCalls(sums, core, from, to) : addDurations(sums, core, from, to);
}

TrafficSums sumsOf(std::span<const store::TrafficHour> posted, Side side) {
    TrafficSums sums;
    for (const store::TrafficHour& hour : posted) {
        if (hour.side != side) continue;
        for (const bool isOutbound : {false, true})
            for (const bool isAnswered : {false, true})
                sums[{hour.hour, isOutbound, isAnswered}];
        for (const store::TrafficCell& cell : hour.cells)
            sums[{hour.hour, cell.isOutbound, cell.isAnswered}] = {cell.calls, cell.seconds * 1'000};
    }
    return sums;
}

std::string_view name(TrafficPair pair) {
    constexpr std::string_view names[] = {"sides", "platform", "carrier"};
    return names[static_cast<std::size_t>(pair)];
}

std::vector<TrafficDifference> differencesOf(const TrafficFigures& figures) {
    const auto& [platform, carrier] = figures.posted;
    std::vector<TrafficDifference> differences;
    if (platform && carrier) differences.push_back(differenceOf(TrafficPair::sides, *platform, *carrier));
    if (platform) differences.push_back(differenceOf(TrafficPair::platform, *platform, figures.records[0]));
    if (carrier) differences.push_back(differenceOf(TrafficPair::carrier, *carrier, figures.records[1]));
    return differences;
}

bool isBeyond(const TrafficFigures& figures, const TrafficDifference& difference, const TrafficTolerance& tolerance) {
    if (difference.calls != 0) return true;
    const TrafficSum& base = baseOf(figures, difference.pair);
    // Postings are in whole seconds: one of them is no difference.
    const std::int64_t allowed =
        std::max({tolerance.perCall.ms * base.calls, base.ms * tolerance.perMille / 1'000, std::int64_t{1'000}});
    return std::abs(difference.ms) > allowed;
}

std::map<TrafficKey, TrafficFigures> figuresOf(std::span<const store::TrafficHour> posted, const TrafficSums& calls,
                                               const TrafficSums& durations) {
    std::map<TrafficKey, TrafficFigures> figures;
    for (const auto& [key, sum] : calls)
        figures[key].records[0] = sum;
    for (const auto& [key, sum] : durations)
        figures[key].records[1] = sum;
    for (const Side side : {Side::platform, Side::carrier})
        for (const auto& [key, sum] : sumsOf(posted, side))
            figures[key].posted[static_cast<std::size_t>(side)] = sum;
    return figures;
}

json::array beyondJson(const std::map<TrafficKey, TrafficFigures>& figures, const TrafficTolerance& tolerance) {
    json::array out;
    for (const auto& [key, known] : figures) {
        for (const TrafficDifference& difference : differencesOf(known)) {
            if (!isBeyond(known, difference, tolerance)) continue;
            json::object one{{"hour", formatInstant(startOfHour(key.hour))},
                             {"direction", key.isOutbound ? "outbound" : "inbound"},
                             {"answered", key.isAnswered},
                             {"between", name(difference.pair)},
                             {"calls", difference.calls},
                             {"seconds", static_cast<double>(difference.ms) / 1'000}};
            if (difference.percent) one["percent"] = *difference.percent;
            out.push_back(std::move(one));
        }
    }
    return out;
}

}  // namespace meetpoint::exchange
