#include "quality/alert_text.h"

#include <cctype>

#include <fmt/format.h>

#include "quality/wording.h"

namespace meetpoint::quality {
namespace {

std::string dimensionText(Dimension dimension) {
    switch (dimension) {
        case Dimension::sipCode:
            return "SIP";
        case Dimension::q850Cause:
            return "Q.850 cause";
        case Dimension::ownCountry:
            return "own country";
        case Dimension::farEndCountry:
            return "far-end country";
        default:
            return std::string(name(dimension));
    }
}

std::string valueText(Dimension dimension, const KeyValue& value,
                      const std::map<std::string, std::string>& carrierNames) {
    if (const auto* number = std::get_if<std::int64_t>(&value)) return std::to_string(*number);
    const auto* text = std::get_if<std::string>(&value);
    if (!text) return "unknown";
    return dimension == Dimension::carrier ? carrierText(*text, carrierNames) : *text;
}

std::string ratioLabel(Kpi kpi) {
    constexpr std::string_view labels[kpiCount] = {"ASR", "NER",  "ABR",          "ACD",       "PDD",
                                                   "SER", "SEER", "poor streams", "poor calls"};
    return std::string(labels[static_cast<std::size_t>(kpi)]);
}

std::string figureLabel(Figure figure) {
    constexpr std::string_view labels[figureCount] = {"post-dial delay", "jitter", "loss", "round trip", "MOS", "R",
                                                      "estimated MOS"};
    return std::string(labels[static_cast<std::size_t>(figure)]);
}

std::string labelOf(const Measure& measure) {
    if (const Kpi* kpi = std::get_if<Kpi>(&measure.what)) return ratioLabel(*kpi);
    const std::string figure = figureLabel(std::get<Figure>(measure.what));
    if (measure.statistic == Statistic::average) return "average " + figure;
    return std::string(name(measure.statistic)) + " of " + figure;
}

// In the measure's unit.
std::string amountText(const Measure& measure, double value) {
    const std::string_view word = name(measure);
    if (word.ends_with("Ms")) return fmt::format("{:.0f} ms", value);
    const bool isScore = word == "mos" || word == "rating" || word == "estimatedMos";
    return isScore ? fmt::format("{:.2f}", value) : percentText(value);
}

std::string readingText(const Measure& measure, const Reading& reading) {
    const std::string amount = amountText(measure, reading.value.value_or(0));
    // Milliseconds of all calls together say nothing to people.
    const bool isShare = reading.numerator && !name(measure).ends_with("Ms");
    if (isShare) return fmt::format("{} ({} of {})", amount, *reading.numerator, reading.denominator);
    return fmt::format("{} (of {})", amount, reading.denominator);
}

std::string limitText(const Measure& measure, const AlertCondition& condition, double limit, const Baseline& baseline) {
    const std::string side = condition.side == Side::above ? "above" : "below";
    if (!condition.change) return side + " " + amountText(measure, limit);
    const std::string amount = condition.change->isRelative ? percentText(limit) : amountText(measure, limit);
    return fmt::format("more than {} {} the {} that are usual at this hour", amount, side,
                       amountText(measure, baseline.median.value_or(0)));
}

}  // namespace

std::string groupText(const std::vector<Dimension>& groupBy, const GroupKey& key,
                      const std::map<std::string, std::string>& carrierNames) {
    if (key.empty()) return "All calls";
    std::string text;
    for (std::size_t i = 0; i < key.size(); ++i)
        text += fmt::format("{}{} {}", i == 0 ? "" : ", ", dimensionText(groupBy[i]),
                            valueText(groupBy[i], key[i], carrierNames));
    text.front() = static_cast<char>(std::toupper(static_cast<unsigned char>(text.front())));
    return text;
}

std::string sentenceOf(const std::string& group, const Measure& measure, const AlertCondition& condition,
                       Transition transition, const AlertWindow& window) {
    const bool isRaised = transition == Transition::raised;
    return fmt::format(
        "{}: {} {} from {} to {}, {}{}.", group, labelOf(measure), readingText(measure, window.reading),
        minuteText(window.from), minuteText(window.to), isRaised ? "" : "no longer ",
        limitText(measure, condition, isRaised ? condition.raiseAt : condition.clearAt, window.baseline));
}

}  // namespace meetpoint::quality
