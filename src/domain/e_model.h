// An estimate of how a conversation sounded, from what the network did to it: the E-model (ITU-T G.107) in its reduced
// form for networks whose echo is cancelled, R = 93.2 - Id - Ie,eff, with the delay impairment of Cole and Rosenbluth
// ("Voice over IP performance monitoring", ACM CCR 31(2), 2001) and the codecs' figures of ITU-T G.113, Appendix I.
// It is made for narrowband telephony: for other codecs it is a guess, and says so.
#pragma once

#include <optional>
#include <string_view>

namespace meetpoint::domain {

// G.107, all parameters at their defaults.
inline constexpr double bestRating = 93.2;

// What a codec costs by itself (Ie), and how well it bears random loss (Bpl, "packet-loss robustness").
struct CodecImpairment {
    double impairment = 0;
    double lossRobustness = 0;
};
// Ie,eff of G.107 (7-29): `lossPercent` 0 to 100; `burstRatio` 1 for random loss, more where losses come together.
double effectiveImpairment(const CodecImpairment& codec, double lossPercent, double burstRatio = 1);
// Id: `oneWayMs` from mouth to ear.
double delayImpairment(double oneWayMs);
// MOS-CQE of a rating (G.107, Annex B): from 1 to 4.5. Below R = 6.5 the formula dips under 1; it is held there.
double mosOf(double rating);

// What is known of a stream; `codec` as its record names it ("PCMA", "G.729", "opus/48000"), may be empty.
struct MediaFigures {
    std::string_view codec;
    std::optional<double> lossRatio;  // 0 to 1
    std::optional<double> roundTripMs;
    std::optional<double> jitterMs;
};
struct QualityEstimate {
    double rating = 0;  // R, 0 to 93.2
    double mos = 1;
    // What the E-model does not stand for here.
    bool isWideband = false;      // judged as if it were narrowband that costs nothing
    bool isUnknownCodec = false;  // judged as G.711 with concealment of losses
    bool isDelayUnknown = false;  // no round trip was measured: only codec and buffer count
    bool isGuess() const { return isWideband || isUnknownCodec || isDelayUnknown; }
};
// Nothing where no loss was measured. The delay is half the round trip, the codec's own, and a jitter buffer of twice
// the mean jitter. Losses are taken as random; G.711 is taken to conceal them (G.711 Appendix I), as receivers do.
std::optional<QualityEstimate> estimateQuality(const MediaFigures& figures);

}  // namespace meetpoint::domain
