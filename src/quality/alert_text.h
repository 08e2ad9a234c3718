// Alerts in a sentence.
#pragma once

#include <map>

#include "quality/alert.h"

namespace meetpoint::quality {

// A group in words: "Trunk sbc1, region EUNO", or "All calls".
std::string groupText(const std::vector<Dimension>& groupBy, const GroupKey& key,
                      const std::map<std::string, std::string>& carrierNames);

// What a sentence tells of: one window of one group.
struct AlertWindow {
    Instant from, to;
    Reading reading;
    Baseline baseline;
};
// "Trunk sbc1: NER 71.2 % (89 of 125) from 2026-03-09T14:15Z to 2026-03-09T14:30Z, below 95.0 %.", of the transitions
// `raised` and `cleared`.
std::string sentenceOf(const std::string& group, const Measure& measure, const AlertCondition& condition,
                       Transition transition, const AlertWindow& window);

}  // namespace meetpoint::quality
