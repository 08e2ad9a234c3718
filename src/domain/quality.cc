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
    const auto above = [](const std::optional<double>& figure, double limit) { return figure && *figure > limit; };
    if (above(figures.audioDegradation, mostAudioDegradation) || above(figures.roundTripMs, mostRoundTripMs) ||
        above(figures.lossRatio, mostLossRatio) || above(figures.jitterMs, mostJitterMs) ||
        above(figures.concealedRatio, mostConcealedRatio))
        return StreamQuality::poor;
    const bool measured = figures.audioDegradation || figures.roundTripMs || figures.lossRatio || figures.jitterMs ||
                          figures.concealedRatio;
    return measured ? StreamQuality::good : StreamQuality::unclassified;
}

}  // namespace meetpoint::domain
