#include "reconcile/side.h"

#include <algorithm>

namespace meetpoint::reconcile {

std::string_view name(Fault fault) {
    switch (fault) {
        case Fault::none:
            return "";
        case Fault::noNumber:
            return "neither the own nor the far-end number is stated";
        case Fault::negativeDuration:
            return "the duration is negative";
    }
    return "";
}

void Side::join(std::uint32_t call, std::uint32_t row, Role as) {
    for (std::uint32_t member = row; member != noRow; member = next[member]) {
        head[member] = call;
        role[member] = as;
    }
    std::uint32_t last = call;
    while (next[last] != noRow)
        last = next[last];
    next[last] = row;
}

std::optional<domain::TimeBasis> statedDurationBasis(const columns::Records& durations, std::size_t row) {
    const columns::Column& column = durations.part(columns::Part::core)[columns::DurationCore::durationBasis];
    if (column.isNull(row)) return std::nullopt;
    return static_cast<domain::TimeBasis>(column.at<std::uint8_t>(row));
}

std::uint64_t readablePart(std::uint64_t number, int hiddenDigits) {
    if (number & textKey) return number;
    for (int i = 0; i < hiddenDigits; ++i)
        number /= 10;
    return number;
}

bool farAgrees(const Side& a, std::size_t i, const Side& b, std::size_t j) {
    if (a.far[i] == 0 || b.far[j] == 0) return false;
    const int hidden = std::max(a.hidden[i], b.hidden[j]);
    return readablePart(a.far[i], hidden) == readablePart(b.far[j], hidden);
}

std::uint64_t mix(std::uint64_t a, std::uint64_t b) {
    // The finaliser of SplitMix64 (Steele, Lea, Flood), applied to a combination that is not symmetric.
    std::uint64_t x = a * 0x9E3779B97F4A7C15ull + (b ^ (b >> 29)) * 0xBF58476D1CE4E5B9ull;
    x = (x ^ (x >> 30)) * 0xBF58476D1CE4E5B9ull;
    x = (x ^ (x >> 27)) * 0x94D049BB133111EBull;
    return x ^ (x >> 31);
}

}  // namespace meetpoint::reconcile
