#include "domain/quality.h"

#include <algorithm>
#include <array>

#include "domain/call.h"

namespace meetpoint::domain {
namespace {

// A figure beside its limit.
struct Measured {
    QualityFigure figure;
    const std::optional<double>& value;
    double limit;

    bool isBeyond() const { return value && domain::isBeyond(static_cast<float>(*value), limit); }
};

std::array<Measured, 5> measured(const StreamFigures& figures, const QualityLimits& limits) {
    using enum QualityFigure;
    return {{{audioDegradation, figures.audioDegradation, limits.audioDegradation},
             {roundTripMs, figures.roundTripMs, limits.roundTripMs},
             {lossRatio, figures.lossRatio, limits.lossRatio},
             {jitterMs, figures.jitterMs, limits.jitterMs},
             {concealedRatio, figures.concealedRatio, limits.concealedRatio}}};
}

}  // namespace

std::string_view name(QualityFigure figure) {
    constexpr std::string_view names[] = {"audioDegradationAvg", "roundTripMsAvg", "lossRatioAvg", "jitterMsAvg",
                                          "concealedRatioAvg"};
    return names[static_cast<std::size_t>(figure)];
}

std::string_view name(StreamQuality quality) {
    return nameAt(qualityNames, static_cast<std::size_t>(quality));
}

StreamQuality qualityOf(const StreamFigures& figures, const QualityLimits& limits) {
    if (figures.packets == 0) return StreamQuality::unclassified;
    bool isMeasured = false;
    for (const Measured& one : measured(figures, limits)) {
        if (one.isBeyond()) return StreamQuality::poor;
        isMeasured |= one.value.has_value();
    }
    return isMeasured ? StreamQuality::good : StreamQuality::unclassified;
}

std::vector<QualityReason> reasonsOf(const StreamFigures& figures, const QualityLimits& limits) {
    std::vector<QualityReason> reasons;
    if (figures.packets == 0) return reasons;
    for (const Measured& one : measured(figures, limits))
        if (one.isBeyond()) reasons.push_back({one.figure, *one.value, one.limit});
    return reasons;
}

StreamQuality worseOf(StreamQuality a, StreamQuality b) {
    if (a == StreamQuality::poor || b == StreamQuality::poor) return StreamQuality::poor;
    if (a == StreamQuality::good || b == StreamQuality::good) return StreamQuality::good;
    return StreamQuality::unclassified;
}

}  // namespace meetpoint::domain
