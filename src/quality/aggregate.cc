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
using domain::StreamQuality;

std::optional<double> figureAt(const Column& column, std::size_t row) {
    return column.isNull(row) ? std::nullopt : std::optional<double>(column.at<float>(row));
}
std::optional<std::int32_t> codeAt(const Column& column, std::size_t row) {
    return column.isNull(row) ? std::nullopt : std::optional(column.at<std::int32_t>(row));
}
std::optional<std::string_view> textAt(const Column& column, std::size_t row) {
    return column.isNull(row) ? std::nullopt : std::optional(column.text(row));
}

domain::StreamFigures streamFigures(const Batch& network, std::size_t stream) {
    const Column& packets = network[CallNetwork::packets];
    return {figureAt(network[CallNetwork::audioDegradationAvg], stream),
            figureAt(network[CallNetwork::roundTripMsAvg], stream),
            figureAt(network[CallNetwork::lossRatioAvg], stream),
            figureAt(network[CallNetwork::jitterMsAvg], stream),
            figureAt(network[CallNetwork::concealedRatioAvg], stream),
            packets.isNull(stream) ? std::nullopt : std::optional(packets.at<std::int64_t>(stream))};
}

void addMeasured(Distribution& distribution, const Column& mean, const Column* peak, std::size_t stream) {
    if (!mean.isNull(stream)) distribution.add(mean.at<float>(stream));
    if (peak && !peak->isNull(stream)) distribution.raiseLargest(peak->at<float>(stream));
}

void addEstimate(Figures& figures, const domain::StreamFigures& stream, std::string_view codec) {
    const auto estimate = domain::estimateQuality({codec, stream.lossRatio, stream.roundTripMs, stream.jitterMs});
    if (!estimate) return;
    figures[Figure::rating].add(static_cast<float>(estimate->rating));
    figures[Figure::estimatedMos].add(static_cast<float>(estimate->mos));
    figures.streams.guessedRatings += estimate->isGuess();
}

// The worse of what is known of a call's streams so far and one more.
StreamQuality worse(StreamQuality known, StreamQuality further) {
    if (known == StreamQuality::poor || further == StreamQuality::poor) return StreamQuality::poor;
    return known == StreamQuality::good ? known : further;
}

}  // namespace

Error tooManyGroups(std::size_t most) {
    return invalidInput(
        "too-many-groups",
        fmt::format("There are more than {} groups. Group by less, filter, or ask for a shorter time.", most));
}

Aggregator::Aggregator(const Query& query) : query_(query), grouper_(query) {}

Figures& Aggregator::figuresOf(std::uint32_t group) {
    if (group >= local_.size()) local_.resize(group + 1);
    if (!local_[group]) local_[group] = &groups_[grouper_.codeOf(group)];
    return *local_[group];
}

Result<void> Aggregator::add(const CallBlock& block) {
    grouper_.take(block);
    if (grouper_.rows().empty()) return {};
    local_.clear();
    addStreams(block);
    addCalls(block);
    // Both periods of a key count as one group, which is seen when all is put together.
    if (groups_.size() > query_.maxGroups * 2) return fail(tooManyGroups(query_.maxGroups));
    return {};
}

std::uint32_t Aggregator::groupOfStream(const Batch& network, std::size_t stream, std::size_t at) {
    const std::uint32_t group = grouper_.groups()[at];
    return grouper_.isByCodec() ? grouper_.withCodec(group, textAt(network[CallNetwork::codec], stream)) : group;
}

void Aggregator::addStream(const Batch& network, std::size_t stream, std::size_t at) {
    const std::uint32_t group = groupOfStream(network, stream, at);
    Figures& figures = figuresOf(group);
    const domain::StreamFigures measured = streamFigures(network, stream);
    const StreamQuality quality = domain::qualityOf(measured, query_.limits);
    StreamCounts& counts = figures.streams;
    ++counts.streams;
    counts.good += quality == StreamQuality::good;
    counts.poor += quality == StreamQuality::poor;
    counts.unclassified += quality == StreamQuality::unclassified;
    const bool hasMos = !network[CallNetwork::mos].isNull(stream);
    const bool isCounted = measured.packets.value_or(0) > 0;
    counts.withoutPackets += measured.packets == 0;
    counts.mosWithoutPackets += hasMos && !isCounted;
    if (hasMos && isCounted) figures[Figure::mos].add(network[CallNetwork::mos].at<float>(stream));
    if (measured.packets != 0) {
        addMeasured(figures[Figure::jitterMs], network[CallNetwork::jitterMsAvg], &network[CallNetwork::jitterMsMax],
                    stream);
        addMeasured(figures[Figure::lossRatio], network[CallNetwork::lossRatioAvg], &network[CallNetwork::lossRatioMax],
                    stream);
        addMeasured(figures[Figure::roundTripMs], network[CallNetwork::roundTripMsAvg],
                    &network[CallNetwork::roundTripMsMax], stream);
        if (query_.estimates)
            addEstimate(figures, measured, textAt(network[CallNetwork::codec], stream).value_or(std::string_view()));
    }
    // A call's streams lie together.
    const auto call = static_cast<std::uint32_t>(at);
    for (std::size_t i = verdicts_.size(); i-- > 0 && verdicts_[i].at == call;)
        if (verdicts_[i].group == group) {
            verdicts_[i].quality = worse(verdicts_[i].quality, quality);
            return;
        }
    verdicts_.push_back({call, group, quality, true});
}

void Aggregator::addStreams(const CallBlock& block) {
    const Batch& network = block.network;
    const auto rows = grouper_.rows();
    selected_.assign(block.firstRow + block.rows, -1);
    for (std::size_t at = 0; at < rows.size(); ++at)
        selected_[rows[at]] = static_cast<std::int32_t>(at);
    verdicts_.clear();
    const auto calls = network[CallNetwork::callRow].as<std::int32_t>();
    for (std::size_t stream = 0; stream < calls.size(); ++stream) {
        const auto row = static_cast<std::size_t>(calls[stream]);
        if (row >= selected_.size() || selected_[row] < 0) continue;
        const auto at = static_cast<std::size_t>(selected_[row]);
        // A row without an index holds the user's device and no stream.
        if (network[CallNetwork::streamIndex].isNull(stream) || !grouper_.mayHaveStreams(at)) continue;
        if (query_.filters.codecs.empty() || grouper_.wantsCodec(textAt(network[CallNetwork::codec], stream)))
            addStream(network, stream, at);
    }
    // Calls without streams follow; a filter on codecs wants none of them.
    if (!query_.filters.codecs.empty()) return;
    const std::size_t withStreams = verdicts_.size();
    std::size_t next = 0;
    for (std::size_t at = 0; at < rows.size(); ++at) {
        bool hasStreams = false;
        for (; next < withStreams && verdicts_[next].at == at; ++next)
            hasStreams = true;
        if (hasStreams) continue;
        const std::uint32_t group = grouper_.groups()[at];
        verdicts_.push_back({static_cast<std::uint32_t>(at),
                             grouper_.isByCodec() ? grouper_.withCodec(group, std::nullopt) : group,
                             StreamQuality::unclassified, false});
    }
}

void Aggregator::addCalls(const CallBlock& block) {
    const Batch& core = block.core;
    const auto rows = grouper_.rows();
    for (const Verdict& verdict : verdicts_) {
        const std::size_t row = rows[verdict.at];
        Figures& figures = figuresOf(verdict.group);
        CallCounts& counts = figures.calls;
        const std::int64_t connectedMs = core[CallCore::durationMs].at<std::int64_t>(row);
        const Column &ringingAt = core[CallCore::ringingAt], &answeredAt = core[CallCore::answeredAt];
        const bool hasRung = !ringingAt.isNull(row);
        const domain::CallEnd end{connectedMs > 0 || !answeredAt.isNull(row), hasRung,
                                  codeAt(core[CallCore::finalSipCode], row), codeAt(core[CallCore::q850Cause], row)};
        const domain::CallOutcome outcome = domain::outcomeOf(end);
        const domain::SessionAttempt session = domain::sessionAttemptOf(end);
        ++counts.bids;
        counts.seizures += domain::isSeizure(outcome);
        counts.answered += end.isAnswered;
        counts.delivered += domain::isDelivered(outcome);
        counts.sessions += session.isCounted;
        counts.effective += session.isEffective;
        if (end.isAnswered) counts.connectedMs += static_cast<std::uint64_t>(std::max<std::int64_t>(0, connectedMs));
        if (hasRung) {
            const std::int64_t waitedMs =
                ringingAt.at<std::int64_t>(row) - core[CallCore::invitedAt].at<std::int64_t>(row);
            if (waitedMs >= 0) {
                ++counts.rung;
                counts.postDialMs += static_cast<std::uint64_t>(waitedMs);
                figures[Figure::postDialMs].add(static_cast<float>(waitedMs));
            }
        }
        counts.good += verdict.quality == StreamQuality::good;
        counts.poor += verdict.quality == StreamQuality::poor;
        counts.withoutStreams += end.isAnswered && !verdict.hasStreams && grouper_.mayHaveStreams(verdict.at);
    }
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

}  // namespace meetpoint::quality
