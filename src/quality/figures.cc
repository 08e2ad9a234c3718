#include "quality/figures.h"

#include <algorithm>

namespace meetpoint::quality {
namespace {

constexpr std::string_view figureNames[figureCount] = {"postDialMs", "jitterMs", "lossRatio",   "roundTripMs",
                                                       "mos",        "rating",   "estimatedMos"};
constexpr std::string_view kpiNames[kpiCount] = {"asr", "ner",  "abr",         "acdMs",    "pddMs",
                                                 "ser", "seer", "poorStreams", "poorCalls"};

template <class Word, std::size_t size>
std::optional<Word> find(const std::string_view (&names)[size], std::string_view word) {
    const auto* const found = std::ranges::find(names, word);
    return found == std::end(names) ? std::nullopt : std::optional(static_cast<Word>(found - names));
}

}  // namespace

void CallCounts::merge(const CallCounts& other) {
    bids += other.bids;
    seizures += other.seizures;
    answered += other.answered;
    delivered += other.delivered;
    sessions += other.sessions;
    effective += other.effective;
    connectedMs += other.connectedMs;
    rung += other.rung;
    postDialMs += other.postDialMs;
    good += other.good;
    poor += other.poor;
    withoutStreams += other.withoutStreams;
}

void StreamCounts::merge(const StreamCounts& other) {
    streams += other.streams;
    good += other.good;
    poor += other.poor;
    unclassified += other.unclassified;
    withoutPackets += other.withoutPackets;
    mosWithoutPackets += other.mosWithoutPackets;
    guessedRatings += other.guessedRatings;
}

std::string_view name(Figure figure) {
    return figureNames[static_cast<std::size_t>(figure)];
}
std::optional<Figure> readFigure(std::string_view word) {
    return find<Figure>(figureNames, word);
}

std::bitset<figureCount> measuredFigures() {
    std::bitset<figureCount> all;
    all.set();
    return all.reset(static_cast<std::size_t>(Figure::rating)).reset(static_cast<std::size_t>(Figure::estimatedMos));
}

std::string_view name(Kpi kpi) {
    return kpiNames[static_cast<std::size_t>(kpi)];
}
std::optional<Kpi> readKpi(std::string_view word) {
    return find<Kpi>(kpiNames, word);
}

void Figures::merge(const Figures& other) {
    calls.merge(other.calls);
    streams.merge(other.streams);
    for (std::size_t i = 0; i < figureCount; ++i)
        distributions[i].merge(other.distributions[i]);
}

std::optional<double> Ratio::value() const {
    if (denominator == 0) return std::nullopt;
    return static_cast<double>(numerator) / static_cast<double>(denominator);
}

Ratio ratioOf(const Figures& figures, Kpi kpi) {
    const CallCounts& calls = figures.calls;
    const StreamCounts& streams = figures.streams;
    switch (kpi) {
        case Kpi::asr:
            return {calls.answered, calls.seizures};
        case Kpi::ner:
            return {calls.delivered, calls.seizures};
        case Kpi::abr:
            return {calls.answered, calls.bids};
        case Kpi::acdMs:
            return {calls.connectedMs, calls.answered};
        case Kpi::pddMs:
            return {calls.postDialMs, calls.rung};
        case Kpi::ser:
            return {calls.answered, calls.sessions};
        case Kpi::seer:
            return {calls.effective, calls.sessions};
        case Kpi::poorStreams:
            return {streams.poor, streams.good + streams.poor};
        case Kpi::poorCalls:
            return {calls.poor, calls.good + calls.poor};
    }
    return {};
}

}  // namespace meetpoint::quality
