// Words and numbers that sentences about quality share.
#pragma once

#include <map>
#include <string>

#include "base/time.h"

namespace meetpoint::quality {

// 0.912 is "91.2 %".
std::string percentText(double share);
// "2026-03-09T14:20Z"
std::string minuteText(Instant at);
// Its name; the id itself where there is none.
std::string carrierText(const std::string& id, const std::map<std::string, std::string>& carrierNames);

}  // namespace meetpoint::quality
