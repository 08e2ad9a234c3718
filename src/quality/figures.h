// The key figures of a group of calls: what is counted, and the ratios that the field makes of it. Every ratio comes
// with what it was made of.
#pragma once

#include <array>
#include <bitset>
#include <cstdint>
#include <optional>
#include <string_view>

#include "domain/call_outcome.h"
#include "domain/quality.h"
#include "quality/distribution.h"

namespace meetpoint::quality {

struct CallCounts {
    std::uint64_t bids = 0;      // all attempts
    std::uint64_t seizures = 0;  // those that went out to the next hop
    std::uint64_t answered = 0;
    std::uint64_t delivered = 0;    // as E.425 counts them
    std::uint64_t sessions = 0;     // INVITEs that RFC 6076 counts
    std::uint64_t effective = 0;    // of these, those with 200, 480, 486, 600 or 603
    std::uint64_t connectedMs = 0;  // of the answered ones
    std::uint64_t rung = 0;         // those of which the first ringing is known
    std::uint64_t postDialMs = 0;   // from their invitation to it
    std::uint64_t good = 0, poor = 0;
    std::uint64_t withoutStreams = 0;  // answered, and no stream was reported: nothing was measured
    void merge(const CallCounts& other);
    bool operator==(const CallCounts&) const = default;
};

struct StreamCounts {
    std::uint64_t streams = 0;
    std::uint64_t good = 0, poor = 0, unclassified = 0;
    // What was not measured, and so says nothing about the network.
    std::uint64_t withoutPackets = 0;     // reported with no packets: their figures count nowhere
    std::uint64_t mosWithoutPackets = 0;  // a MOS beside no count of packets is a default, not a measurement
    std::uint64_t guessedRatings = 0;     // estimated beyond what the E-model stands for
    void merge(const StreamCounts& other);
    bool operator==(const StreamCounts&) const = default;
};

// The figures that have averages, extremes and percentiles. The last two are estimates by the E-model.
enum class Figure : std::uint8_t { postDialMs, jitterMs, lossRatio, roundTripMs, mos, rating, estimatedMos };
inline constexpr std::size_t figureCount = 7;
std::string_view name(Figure figure);
std::optional<Figure> readFigure(std::string_view word);
// Those that are no estimates.
std::bitset<figureCount> measuredFigures();

struct Figures {
    CallCounts calls;
    StreamCounts streams;
    std::array<Distribution, figureCount> distributions;

    Distribution& operator[](Figure figure) { return distributions[static_cast<std::size_t>(figure)]; }
    const Distribution& operator[](Figure figure) const { return distributions[static_cast<std::size_t>(figure)]; }
    void merge(const Figures& other);
};

// asr: answers of seizures (E.411); ner: delivered of seizures (E.425); abr: answers of bids (E.411); acdMs: mean
// connected time of answered calls; pddMs: mean time from invitation to the first ringing; ser, seer: RFC 6076, 4.6 and
// 4.7; poorStreams, poorCalls: poor ones of those that could be classified.
enum class Kpi : std::uint8_t { asr, ner, abr, acdMs, pddMs, ser, seer, poorStreams, poorCalls };
inline constexpr std::size_t kpiCount = 9;
std::string_view name(Kpi kpi);
std::optional<Kpi> readKpi(std::string_view word);

struct Ratio {
    std::uint64_t numerator = 0;
    std::uint64_t denominator = 0;
    // Nothing where the denominator is 0.
    std::optional<double> value() const;
};
Ratio ratioOf(const Figures& figures, Kpi kpi);

}  // namespace meetpoint::quality
