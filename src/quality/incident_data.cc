#include "quality/incident_data.h"

#include <algorithm>

#include <fmt/format.h>

#include "domain/call_outcome.h"

namespace meetpoint::quality {
namespace {

using columns::Batch;
using columns::CallCore;
using columns::CallNetwork;
using columns::Column;

constexpr std::uint32_t answered = 0;
constexpr std::int64_t minuteMs = 60'000;
// Streams lie among the cells of calls, apart by a cause that no call has.
constexpr std::uint32_t ofStreams = UINT32_MAX;

Error tooManyCells(std::size_t most) {
    return invalidInput("too-many-groups",
                        fmt::format("There are more than {} combinations of minute, trunk, region and release cause to "
                                    "look through. Ask for a shorter time, or for one carrier.",
                                    most));
}

std::string textOf(const KeyValue& value) {
    const auto* text = std::get_if<std::string>(&value);
    return text ? *text : std::string();
}

domain::StreamQuality qualityOf(const Batch& network, std::size_t row, const domain::QualityLimits& limits) {
    const auto figure = [&](CallNetwork column) {
        const Column& values = network[column];
        return values.isNull(row) ? std::nullopt : std::optional<double>(values.at<float>(row));
    };
    const Column& packets = network[CallNetwork::packets];
    return domain::qualityOf(
        {figure(CallNetwork::audioDegradationAvg), figure(CallNetwork::roundTripMsAvg),
         figure(CallNetwork::lossRatioAvg), figure(CallNetwork::jitterMsAvg), figure(CallNetwork::concealedRatioAvg),
         packets.isNull(row) ? std::nullopt : std::optional(packets.at<std::int64_t>(row))},
        limits);
}

// The numbers of sorted, different values: of each value its place.
template <class T>
std::vector<T> sortedOnce(std::vector<T> values) {
    std::ranges::sort(values);
    values.erase(std::unique(values.begin(), values.end()), values.end());
    return values;
}
template <class T>
std::uint32_t placeIn(const std::vector<T>& sorted, const T& value) {
    return static_cast<std::uint32_t>(std::ranges::lower_bound(sorted, value) - sorted.begin());
}

}  // namespace

std::vector<Dimension> incidentDimensions() {
    return {Dimension::carrier, Dimension::trunk, Dimension::region, Dimension::codec};
}

IncidentCollector::IncidentCollector(const Query& query, std::size_t mostCells)
    : query_(query), mostCells_(mostCells), grouper_(query) {}

std::uint32_t IncidentCollector::pathOf(std::uint32_t group) {
    if (group >= local_.size()) local_.resize(group + 1);
    if (local_[group] == 0) {
        const CallGrouper::Code code = grouper_.codeOf(group);
        const auto [found, isNew] = pathNumbers_.emplace(code, static_cast<std::uint32_t>(paths_.size()));
        if (isNew) {
            const GroupKey key = grouper_.keyOf(code);
            paths_.push_back({textOf(key[0]), textOf(key[1]), textOf(key[2]), textOf(key[3])});
        }
        local_[group] = found->second + 1;
    }
    return local_[group] - 1;
}

Result<void> IncidentCollector::add(const CallBlock& block) {
    grouper_.take(block);
    local_.clear();
    addCalls(block);
    addStreams(block);
    if (cells_.size() > mostCells_) return fail(tooManyCells(mostCells_));
    return {};
}

void IncidentCollector::addCalls(const CallBlock& block) {
    const Batch& core = block.core;
    const auto rows = grouper_.rows();
    const auto invited = core[CallCore::invitedAt].as<std::int64_t>();
    const auto durations = core[CallCore::durationMs].as<std::int64_t>();
    const auto sipCodes = core[CallCore::finalSipCode].as<std::int32_t>(),
               q850 = core[CallCore::q850Cause].as<std::int32_t>();
    selected_.assign(block.firstRow + block.rows, -1);
    for (std::size_t at = 0; at < rows.size(); ++at) {
        const std::size_t row = rows[at];
        selected_[row] = static_cast<std::int32_t>(at);
        const bool isAnswered = durations[row] > 0 || !core[CallCore::answeredAt].isNull(row);
        const domain::CallOutcome outcome =
            domain::outcomeOf({isAnswered, !core[CallCore::ringingAt].isNull(row), sipCodes[row], q850[row]});
        if (!domain::isSeizure(outcome)) continue;
        std::uint32_t cause = answered;
        if (!isAnswered) {
            const ReleaseCause release{sipCodes[row], q850[row], !domain::isDelivered(outcome)};
            cause = causes_.emplace(release, static_cast<std::uint32_t>(causes_.size() + 1)).first->second;
        }
        const auto minute = static_cast<std::uint32_t>((invited[row] - query_.from.ms) / minuteMs);
        ++cells_[{pathOf(grouper_.withCodec(grouper_.groups()[at], std::nullopt)), minute, cause}].calls;
    }
}

void IncidentCollector::addStreams(const CallBlock& block) {
    const Batch& network = block.network;
    const auto calls = network[CallNetwork::callRow].as<std::int32_t>();
    const auto invited = block.core[CallCore::invitedAt].as<std::int64_t>();
    for (std::size_t row = 0; row < calls.size(); ++row) {
        const auto call = static_cast<std::size_t>(calls[row]);
        if (call >= selected_.size() || selected_[call] < 0 || network[CallNetwork::streamIndex].isNull(row)) continue;
        const auto at = static_cast<std::size_t>(selected_[call]);
        if (!grouper_.seesStreams(at)) continue;
        const auto quality = qualityOf(network, row, query_.limits);
        if (quality == domain::StreamQuality::unclassified) continue;
        const Column& codec = network[CallNetwork::codec];
        const std::uint32_t path = pathOf(grouper_.withCodec(
            grouper_.groups()[at], codec.isNull(row) ? std::nullopt : std::optional(codec.text(row))));
        const auto minute = static_cast<std::uint32_t>((invited[call] - query_.from.ms) / minuteMs);
        Counts& counts = cells_[{path, minute, ofStreams}];
        ++(quality == domain::StreamQuality::poor ? counts.poor : counts.good);
    }
}

Result<IncidentData> mergeIncidentData(const Query& query, std::vector<IncidentCollector> collectors,
                                       std::size_t mostCells) {
    IncidentData data;
    data.from = query.from;
    data.minutes = static_cast<std::size_t>(((query.to - query.from).ms + minuteMs - 1) / minuteMs);
    for (const IncidentCollector& one : collectors) {
        for (const auto& [cause, number] : one.causes_)
            data.causes.push_back(cause);
        std::vector<bool> ofCalls(one.paths_.size()), ofStreamsToo(one.paths_.size());
        for (const auto& [key, counts] : one.cells_)
            (key.cause == ofStreams ? ofStreamsToo : ofCalls)[key.path] = true;
        for (std::size_t i = 0; i < one.paths_.size(); ++i) {
            if (ofCalls[i]) data.callPaths.push_back(one.paths_[i]);
            if (ofStreamsToo[i]) data.streamPaths.push_back(one.paths_[i]);
        }
    }
    data.causes = sortedOnce(std::move(data.causes));
    data.callPaths = sortedOnce(std::move(data.callPaths));
    data.streamPaths = sortedOnce(std::move(data.streamPaths));
    for (IncidentCollector& one : collectors) {
        std::vector<std::uint32_t> causes(one.causes_.size() + 1), callPaths, streamPaths;
        for (const auto& [cause, number] : one.causes_)
            causes[number] = placeIn(data.causes, cause) + 1;
        for (const Path& path : one.paths_) {
            callPaths.push_back(placeIn(data.callPaths, path));
            streamPaths.push_back(placeIn(data.streamPaths, path));
        }
        for (const auto& [key, counts] : one.cells_) {
            if (key.cause == ofStreams)
                data.streams.push_back({streamPaths[key.path], key.minute, counts.good, counts.poor});
            else
                data.calls.push_back({callPaths[key.path], key.minute, causes[key.cause], counts.calls});
        }
        one.cells_.clear();
    }
    if (data.calls.size() + data.streams.size() > mostCells) return fail(tooManyCells(mostCells));
    std::ranges::sort(data.calls, {}, [](const CallCell& c) { return std::tuple(c.path, c.minute, c.cause, c.calls); });
    std::ranges::sort(data.streams, {},
                      [](const StreamCell& c) { return std::tuple(c.path, c.minute, c.good, c.poor); });
    return data;
}

}  // namespace meetpoint::quality
