// Whether a media stream, and with it a call, was poor: the rule by which communications platforms classify audio
// (Microsoft, "Stream classification in Call Quality Dashboard"). Thresholds are settings; what is published is their
// default.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

namespace meetpoint::domain {

// Averages over the stream; what was not measured is absent.
struct StreamFigures {
    std::optional<double> audioDegradation;  // MOS points lost to the network
    std::optional<double> roundTripMs;
    std::optional<double> lossRatio;  // 0 to 1
    std::optional<double> jitterMs;
    std::optional<double> concealedRatio;  // 0 to 1
    std::optional<std::int64_t> packets{};
};

// A stream is poor above any of these, not at them.
struct QualityLimits {
    double audioDegradation = 1.0;
    double roundTripMs = 500;
    double lossRatio = 0.1;
    double jitterMs = 30;
    double concealedRatio = 0.07;
};

enum class QualityFigure : std::uint8_t { audioDegradation, roundTripMs, lossRatio, jitterMs, concealedRatio };
// As the record names it: "jitterMsAvg".
std::string_view name(QualityFigure figure);

// `unclassified`: nothing that is needed was measured, or no packet came at all. That says nothing about the stream.
enum class StreamQuality : std::uint8_t { good, poor, unclassified };
std::string_view name(StreamQuality quality);

// Figures are kept as float32, and compared as such: a stored 0.1 is not above a limit of 0.1.
inline bool isBeyond(float figure, double limit) {
    return figure > static_cast<float>(limit);
}
// Poor if any figure is beyond its limit.
StreamQuality qualityOf(const StreamFigures& figures, const QualityLimits& limits = {});

// One figure that is beyond its limit.
struct QualityReason {
    QualityFigure figure;
    double value;
    double limit;
};
// Why a stream is poor: empty, unless qualityOf() says poor.
std::vector<QualityReason> reasonsOf(const StreamFigures& figures, const QualityLimits& limits = {});

// Of a call the quality of its worst stream; `unclassified` of one without streams, or where none was measured.
StreamQuality worseOf(StreamQuality a, StreamQuality b);
// In the order of StreamQuality.
inline constexpr std::string_view qualityNames = "good,poor,unclassified";

}  // namespace meetpoint::domain
