// Whether a media stream was poor: the rule by which communications platforms classify audio.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace meetpoint::domain {

// Averages over the stream; what was not measured is absent.
struct StreamFigures {
    std::optional<double> audioDegradation;  // MOS points lost to the network
    std::optional<double> roundTripMs;
    std::optional<double> lossRatio;
    std::optional<double> jitterMs;
    std::optional<double> concealedRatio;
};

// `unclassified`: nothing was measured, which says nothing about the stream.
enum class StreamQuality : std::uint8_t { good, poor, unclassified };
// Poor if any figure is beyond its limit.
StreamQuality qualityOf(const StreamFigures& figures);

// Of a call the quality of its worst stream; `unclassified` of one without streams, or where none was measured.
StreamQuality worseOf(StreamQuality a, StreamQuality b);
// In the order of StreamQuality.
inline constexpr std::string_view qualityNames = "good,poor,unclassified";

}  // namespace meetpoint::domain
