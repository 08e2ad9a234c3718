#include "domain/e_model.h"

#include <algorithm>
#include <cstddef>

namespace meetpoint::domain {
namespace {

enum class Band { narrow, wide };

struct Codec {
    std::string_view name;  // lower case, letters and digits alone
    CodecImpairment figures;
    double delayMs;  // frames of one packet and look-ahead
    Band band = Band::narrow;
};

constexpr CodecImpairment concealedG711{0, 25.1};

// Ie and Bpl: G.113, Appendix I, Tables I.1 and I.3; of wideband codecs none is there on this scale. GSM-FR's Bpl is an
// estimate of others. Delays: packets of 20 ms, of G.723.1 30 ms.
constexpr Codec codecs[] = {
    {"pcmu", concealedG711, 20},
    {"pcma", concealedG711, 20},
    {"g711", concealedG711, 20},
    {"g711u", concealedG711, 20},
    {"g711a", concealedG711, 20},
    {"g711ulaw", concealedG711, 20},
    {"g711alaw", concealedG711, 20},
    {"g729", {11, 19}, 25},
    {"g729a", {11, 19}, 25},
    {"g729ab", {11, 19}, 25},
    {"g729b", {11, 19}, 25},
    {"g723", {15, 16.1}, 37.5},
    {"g7231", {15, 16.1}, 37.5},
    {"gsmefr", {5, 10}, 20},
    {"gsm", {20, 43}, 20},
    {"gsmfr", {20, 43}, 20},
    {"g722", concealedG711, 21.5, Band::wide},
    {"g7221", concealedG711, 40, Band::wide},
    {"g7221c", concealedG711, 40, Band::wide},
    {"amrwb", concealedG711, 25, Band::wide},
    {"amrwide", concealedG711, 25, Band::wide},
    {"evs", concealedG711, 32, Band::wide},
    {"opus", concealedG711, 26.5, Band::wide},
    {"silk", concealedG711, 25, Band::wide},
    {"silkwide", concealedG711, 25, Band::wide},
    {"satin", concealedG711, 25, Band::wide},
    {"satinfullband", concealedG711, 25, Band::wide},
    {"siren", concealedG711, 40, Band::wide},
    {"rtaudio16", concealedG711, 40, Band::wide},
};
constexpr double unknownCodecDelayMs = 20;

// "G.729A/8000" and "g729a" are one name; longer ones than any codec's are none.
const Codec* findCodec(std::string_view written) {
    char name[24];
    std::size_t length = 0;
    for (const char c : written.substr(0, written.find('/'))) {
        const bool isUpper = c >= 'A' && c <= 'Z';
        if (!isUpper && !(c >= 'a' && c <= 'z') && !(c >= '0' && c <= '9')) continue;
        if (length == sizeof name) return nullptr;
        name[length++] = isUpper ? static_cast<char>(c - 'A' + 'a') : c;
    }
    const auto* const found = std::ranges::find(codecs, std::string_view(name, length), &Codec::name);
    return found == std::end(codecs) ? nullptr : found;
}

}  // namespace

double effectiveImpairment(const CodecImpairment& codec, double lossPercent, double burstRatio) {
    if (lossPercent <= 0) return codec.impairment;
    return codec.impairment + (95 - codec.impairment) * lossPercent / (lossPercent / burstRatio + codec.lossRobustness);
}

double delayImpairment(double oneWayMs) {
    constexpr double noticedMs = 177.3;  // from here on conversation itself suffers
    return 0.024 * oneWayMs + (oneWayMs > noticedMs ? 0.11 * (oneWayMs - noticedMs) : 0);
}

double mosOf(double rating) {
    if (rating <= 0) return 1;
    if (rating >= 100) return 4.5;
    return std::max(1.0, 1 + 0.035 * rating + rating * (rating - 60) * (100 - rating) * 7e-6);
}

std::optional<QualityEstimate> estimateQuality(const MediaFigures& figures) {
    if (!figures.lossRatio) return std::nullopt;
    const Codec* const codec = findCodec(figures.codec);
    QualityEstimate estimate;
    estimate.isUnknownCodec = codec == nullptr;
    estimate.isWideband = codec && codec->band == Band::wide;
    estimate.isDelayUnknown = !figures.roundTripMs;
    const double bufferMs = 2 * figures.jitterMs.value_or(0);
    const double oneWayMs =
        figures.roundTripMs.value_or(0) / 2 + bufferMs + (codec ? codec->delayMs : unknownCodecDelayMs);
    estimate.rating =
        std::clamp(bestRating - delayImpairment(oneWayMs) -
                       effectiveImpairment(codec ? codec->figures : concealedG711, *figures.lossRatio * 100),
                   0.0, bestRating);
    estimate.mos = mosOf(estimate.rating);
    return estimate;
}

}  // namespace meetpoint::domain
