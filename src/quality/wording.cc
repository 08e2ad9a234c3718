#include "quality/wording.h"

#include <fmt/format.h>

namespace meetpoint::quality {

std::string percentText(double share) {
    return fmt::format("{:.1f} %", share * 100);
}

std::string minuteText(Instant at) {
    return formatInstant(at).substr(0, 16) + "Z";
}

std::string carrierText(const std::string& id, const std::map<std::string, std::string>& carrierNames) {
    const auto found = carrierNames.find(id);
    return found == carrierNames.end() ? id : found->second;
}

}  // namespace meetpoint::quality
