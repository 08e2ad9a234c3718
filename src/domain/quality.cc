#include "domain/quality.h"

namespace meetpoint::domain {
namespace {

// A stream is poor above these, not at them.
constexpr double mostAudioDegradation = 1.0;
constexpr double mostRoundTripMs = 500;
constexpr double mostLossRatio = 0.1;
constexpr double mostJitterMs = 30;
constexpr double mostConcealedRatio = 0.07;

}  // namespace

StreamQuality qualityOf(const StreamFigures& figures) {
    // Figures are kept as 32-bit floats: one that was sent as the limit itself must not lie above it.
    const auto above = [](const std::optional<double>& figure, double limit) {
        return figure && static_cast<float>(*figure) > static_cast<float>(limit);
    };
    if (above(figures.audioDegradation, mostAudioDegradation) || above(figures.roundTripMs, mostRoundTripMs) ||
        above(figures.lossRatio, mostLossRatio) || above(figures.jitterMs, mostJitterMs) ||
        above(figures.concealedRatio, mostConcealedRatio))
        return StreamQuality::poor;
    const bool measured = figures.audioDegradation || figures.roundTripMs || figures.lossRatio || figures.jitterMs ||
                          figures.concealedRatio;
    return measured ? StreamQuality::good : StreamQuality::unclassified;
}

StreamQuality worseOf(StreamQuality a, StreamQuality b) {
    if (a == StreamQuality::poor || b == StreamQuality::poor) return StreamQuality::poor;
    if (a == StreamQuality::good || b == StreamQuality::good) return StreamQuality::good;
    return StreamQuality::unclassified;
}

}  // namespace meetpoint::domain
