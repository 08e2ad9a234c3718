#include "quality/aggregate.h"

#include <algorithm>

#include <fmt/format.h>

#include "domain/e_model.h"

namespace meetpoint::quality {
namespace {

using columns::Batch;
using columns::CallCore;
using columns::CallNetwork;
using columns::Column;

std::optional<double> figureAt(const Column& column, std::size_t row) {
    return column.isNull(row) ? std::nullopt : std::optional<double>(column.at<float>(row));
}
std::optional<std::string_view> textAt(const Column& column, std::size_t row) {
    return column.isNull(row) ? std::nullopt : std::optional(column.text(row));
}

// Calls `use` with each row of `rows` that has a value. Most columns have all values or none.
template <class Rows, class Use>
void forEachPresent(const Column& column, Rows& rows, Use use) {
    if (column.nullCount() == column.size()) return;
    const auto values = column.as<float>();
    const bool isFull = column.nullCount() == 0;
    for (auto& one : rows)
        if (isFull || !column.isNull(one.row)) use(one, values[one.row]);
}

}  // namespace

Error tooManyGroups(std::size_t most) {
    return invalidInput(
        std::string(tooManyGroupsCode),
        fmt::format("There are more than {} groups. Group by less, filter, or ask for a shorter time.", most));
}

EndCounts::Counts EndCounts::workOut(bool isAnswered, bool hasRung, std::int32_t sipCode, std::int32_t cause) {
    const domain::CallEnd end{isAnswered, hasRung, sipCode, cause};
    const domain::CallOutcome outcome = domain::outcomeOf(end);
    const domain::SessionAttempt session = domain::sessionAttemptOf(end);
    return {domain::isSeizure(outcome), domain::isDelivered(outcome), session.isCounted, session.isEffective};
}

Aggregator::Aggregator(const Query& query) : query_(query), grouper_(query) {}

void Aggregator::addGroup(std::uint32_t group) {
    if (group >= local_.size()) local_.resize(group + 1);
    local_[group] = &groups_[grouper_.codeOf(group)];
}

Figures& Aggregator::figuresOf(std::uint32_t group) {
    if (group >= local_.size() || !local_[group]) addGroup(group);
    return *local_[group];
}

Result<void> Aggregator::add(const CallBlock& block) {
    grouper_.take(block);
    if (grouper_.rows().empty()) return {};
    local_.clear();
    streams_.clear();
    calls_.clear();
    if (query_.looksAtStreams()) {
        listStreams(block);
        judgeStreams(block.network);
        countStreams(block.network);
    }
    grouper_.isByCodec() ? listCallsByCodec() : listCalls();
    countCalls(block.core);
    return checkGroups();
}

// The calls of an hour belong where one would that was invited at its beginning.
Result<void> Aggregator::add(const HourlyBlock& block) {
    Batch core(*columns::schemaOf(columns::LaneKind::calls).parts[static_cast<std::size_t>(columns::Part::core)]);
    const Batch network(
        *columns::schemaOf(columns::LaneKind::calls).parts[static_cast<std::size_t>(columns::Part::network)]);
    for (const HourFigures& hour : block.hours)
        core[CallCore::invitedAt].append(hour.hour);
    core[CallCore::isTest].appendNulls(block.hours.size());
    grouper_.take({core, network, 0, block.hours.size(), {}, block.carrierId});
    local_.clear();
    const auto rows = grouper_.rows();
    for (std::size_t at = 0; at < rows.size(); ++at)
        addShown(figuresOf(grouper_.groups()[at]), block.hours[rows[at]].figures, query_, grouper_.seesStreams(at));
    return checkGroups();
}

Result<void> Aggregator::checkGroups() const {
    // Both periods of a key count as one group, which is seen when all is put together.
    if (groups_.size() > query_.maxGroups * 2) return fail(tooManyGroups(query_.maxGroups));
    return {};
}

void Aggregator::listStreams(const CallBlock& block) {
    const Batch& network = block.network;
    const auto rows = grouper_.rows();
    selected_.assign(block.firstRow + block.rows, -1);
    for (std::size_t at = 0; at < rows.size(); ++at)
        selected_[rows[at]] = static_cast<std::int32_t>(at);
    const auto calls = network[CallNetwork::callRow].as<std::int32_t>();
    const auto packets = network[CallNetwork::packets].as<std::int64_t>();
    for (std::size_t row = 0; row < calls.size(); ++row) {
        const auto call = static_cast<std::size_t>(calls[row]);
        if (call >= selected_.size() || selected_[call] < 0) continue;
        const auto at = static_cast<std::size_t>(selected_[call]);
        // A row without an index holds the user's device and no stream.
        if (network[CallNetwork::streamIndex].isNull(row) || !grouper_.seesStreams(at)) continue;
        std::uint32_t group = grouper_.groups()[at];
        if (grouper_.isByCodec() || !query_.filters.codecs.empty()) {
            const auto codec = textAt(network[CallNetwork::codec], row);
            if (!grouper_.wantsCodec(codec)) continue;
            if (grouper_.isByCodec()) group = grouper_.withCodec(group, codec);
        }
        const bool hasPackets = network[CallNetwork::packets].isNull(row) || packets[row] != 0;
        streams_.push_back({static_cast<std::uint32_t>(row), static_cast<std::uint32_t>(at), &figuresOf(group),
                            Seen::unclassified, hasPackets});
    }
}

// As domain::qualityOf, figure by figure.
void Aggregator::judgeBy(const Column& column, double limit) {
    forEachPresent(column, streams_, [&](Stream& stream, float value) {
        if (stream.hasPackets)
            stream.seen = std::max(stream.seen, domain::isBeyond(value, limit) ? Seen::poor : Seen::good);
    });
}

void Aggregator::judgeStreams(const Batch& network) {
    const domain::QualityLimits& limits = query_.limits;
    judgeBy(network[CallNetwork::audioDegradationAvg], limits.audioDegradation);
    judgeBy(network[CallNetwork::roundTripMsAvg], limits.roundTripMs);
    judgeBy(network[CallNetwork::lossRatioAvg], limits.lossRatio);
    judgeBy(network[CallNetwork::jitterMsAvg], limits.jitterMs);
    judgeBy(network[CallNetwork::concealedRatioAvg], limits.concealedRatio);
}

void Aggregator::addFigure(Figure figure, const Column& mean, const Column& peak) {
    if (!query_.wants(figure)) return;
    forEachPresent(mean, streams_, [&](const Stream& stream, float value) {
        if (stream.hasPackets) (*stream.figures)[figure].add(value);
    });
    forEachPresent(peak, streams_, [&](const Stream& stream, float value) {
        if (stream.hasPackets) (*stream.figures)[figure].raiseLargest(value);
    });
}

void Aggregator::addEstimates(const Batch& network) {
    for (const Stream& stream : streams_) {
        if (!stream.hasPackets) continue;
        const auto estimate =
            domain::estimateQuality({textAt(network[CallNetwork::codec], stream.row).value_or(std::string_view()),
                                     figureAt(network[CallNetwork::lossRatioAvg], stream.row),
                                     figureAt(network[CallNetwork::roundTripMsAvg], stream.row),
                                     figureAt(network[CallNetwork::jitterMsAvg], stream.row)});
        if (!estimate) continue;
        (*stream.figures)[Figure::rating].add(static_cast<float>(estimate->rating));
        (*stream.figures)[Figure::estimatedMos].add(static_cast<float>(estimate->mos));
        stream.figures->streams.guessedRatings += estimate->isGuess();
    }
}

void Aggregator::countStreams(const Batch& network) {
    for (const Stream& stream : streams_) {
        StreamCounts& counts = stream.figures->streams;
        ++counts.streams;
        counts.good += stream.seen == Seen::good;
        counts.poor += stream.seen == Seen::poor;
        counts.unclassified += stream.seen == Seen::unclassified;
        counts.withoutPackets += !stream.hasPackets;
    }
    addFigure(Figure::jitterMs, network[CallNetwork::jitterMsAvg], network[CallNetwork::jitterMsMax]);
    addFigure(Figure::lossRatio, network[CallNetwork::lossRatioAvg], network[CallNetwork::lossRatioMax]);
    addFigure(Figure::roundTripMs, network[CallNetwork::roundTripMsAvg], network[CallNetwork::roundTripMsMax]);
    if (query_.wants(Figure::mos)) {
        const Column& packets = network[CallNetwork::packets];
        forEachPresent(network[CallNetwork::mos], streams_, [&](const Stream& stream, float value) {
            if (packets.at<std::int64_t>(stream.row) > 0)  // 0 where it is absent
                (*stream.figures)[Figure::mos].add(value);
            else
                ++stream.figures->streams.mosWithoutPackets;
        });
    }
    if (query_.wantsEstimates()) addEstimates(network);
}

void Aggregator::listCalls() {
    const auto groups = grouper_.groups();
    std::size_t next = 0;  // streams lie in the order of their calls
    for (std::size_t at = 0; at < groups.size(); ++at) {
        Seen seen = Seen::nothing;
        for (; next < streams_.size() && streams_[next].at == at; ++next)
            seen = std::max(seen, streams_[next].seen);
        // A filter on codecs wants calls with such a stream alone.
        if (seen != Seen::nothing || query_.filters.codecs.empty())
            calls_.push_back({static_cast<std::uint32_t>(at), &figuresOf(groups[at]), seen});
    }
}

void Aggregator::listCallsByCodec() {
    const auto groups = grouper_.groups();
    std::size_t next = 0;
    for (std::size_t at = 0; at < groups.size(); ++at) {
        const std::size_t first = calls_.size();
        for (; next < streams_.size() && streams_[next].at == at; ++next) {
            const Stream& stream = streams_[next];
            const auto known = std::find_if(calls_.begin() + static_cast<std::ptrdiff_t>(first), calls_.end(),
                                            [&](const Call& call) { return call.figures == stream.figures; });
            if (known == calls_.end())
                calls_.push_back({static_cast<std::uint32_t>(at), stream.figures, stream.seen});
            else
                known->seen = std::max(known->seen, stream.seen);
        }
        if (calls_.size() == first && query_.filters.codecs.empty())
            calls_.push_back({static_cast<std::uint32_t>(at), &figuresOf(grouper_.withCodec(groups[at], std::nullopt)),
                              Seen::nothing});
    }
}

void Aggregator::addPostDials(const Batch& core) {
    const auto rows = grouper_.rows();
    const Column& ringingAt = core[CallCore::ringingAt];
    const auto ringing = ringingAt.as<std::int64_t>(), invited = core[CallCore::invitedAt].as<std::int64_t>();
    const bool wantsFigure = query_.wants(Figure::postDialMs);
    for (const Call& call : calls_) {
        const std::size_t row = rows[call.at];
        const std::int64_t waitedMs = ringing[row] - invited[row];
        if (ringingAt.isNull(row) || waitedMs < 0) continue;
        ++call.figures->calls.rung;
        call.figures->calls.postDialMs += static_cast<std::uint64_t>(waitedMs);
        if (wantsFigure) (*call.figures)[Figure::postDialMs].add(static_cast<float>(waitedMs));
    }
}

void Aggregator::countUnmeasured(const Batch& core) {
    const auto rows = grouper_.rows();
    const auto durations = core[CallCore::durationMs].as<std::int64_t>();
    const Column& answeredAt = core[CallCore::answeredAt];
    for (const Call& call : calls_) {
        if (call.seen != Seen::nothing || !grouper_.seesStreams(call.at)) continue;
        const std::size_t row = rows[call.at];
        call.figures->calls.withoutStreams += durations[row] > 0 || !answeredAt.isNull(row);
    }
}

void Aggregator::countCalls(const Batch& core) {
    const auto rows = grouper_.rows();
    const Column &ringingAt = core[CallCore::ringingAt], &answeredAt = core[CallCore::answeredAt];
    const auto durations = core[CallCore::durationMs].as<std::int64_t>();
    // Absent codes lie there as 0.
    const auto sipCodes = core[CallCore::finalSipCode].as<std::int32_t>(),
               causes = core[CallCore::q850Cause].as<std::int32_t>();
    for (const Call& call : calls_) {
        const std::size_t row = rows[call.at];
        const std::int64_t connectedMs = std::max<std::int64_t>(0, durations[row]);
        const bool isAnswered = (connectedMs > 0) | !answeredAt.isNull(row);
        const EndCounts::Counts end = ends_.of(isAnswered, !ringingAt.isNull(row), sipCodes[row], causes[row]);
        CallCounts& counts = call.figures->calls;
        ++counts.bids;
        counts.seizures += end.seizure;
        counts.answered += isAnswered;
        counts.delivered += end.delivered;
        counts.sessions += end.session;
        counts.effective += end.effective;
        counts.connectedMs += static_cast<std::uint64_t>(connectedMs);
        counts.good += call.seen == Seen::good;
        counts.poor += call.seen == Seen::poor;
    }
    if (query_.looksAtStreams()) countUnmeasured(core);
    if (query_.wants(Figure::postDialMs) || query_.wants(Kpi::pddMs)) addPostDials(core);
}

Result<void> Aggregator::moveTo(Groups& groups) {
    for (auto& [code, figures] : groups_) {
        GroupFigures& both = groups[grouper_.keyOf(code)];
        (code.period == Period::asked ? both.asked : both.previous).merge(figures);
        if (groups.size() > query_.maxGroups) return fail(tooManyGroups(query_.maxGroups));
    }
    groups_.clear();
    local_.clear();
    return {};
}

std::vector<HourFigures> hoursOf(Groups groups) {
    std::vector<HourFigures> hours;
    for (auto& [key, figures] : groups)
        hours.push_back({Instant{std::get<std::int64_t>(key.front())}, std::move(figures.asked)});
    return hours;
}

}  // namespace meetpoint::quality
