#include "reconcile/side.h"

#include <algorithm>
#include <cstring>

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

void TextColumn::append(std::string_view text) {
    if (begins_.size() % rowsOfPiece == 0) pieces_.emplace_back();
    begins_.push_back(static_cast<std::uint32_t>(pieces_.back().size()));
    pieces_.back() += text;
}

std::string_view TextColumn::operator[](std::size_t row) const {
    const std::string_view piece = pieces_[row / rowsOfPiece];
    const bool isLast = (row + 1) % rowsOfPiece == 0 || row + 1 == begins_.size();
    return piece.substr(begins_[row], isLast ? std::string_view::npos : begins_[row + 1] - begins_[row]);
}

void Side::makeChains() {
    if (!nexts.empty()) return;
    nexts.assign(size(), noRow);
    heads.assign(size(), noRow);
}

void Side::forgetSharedIds() {
    sharedCallId = {};
    sipCallId = {};
    correlation = {};
}

void Side::setHead(std::uint32_t row, std::uint32_t call) {
    makeChains();
    heads[row] = call;
}

void Side::join(std::uint32_t call, std::uint32_t row, Role as) {
    makeChains();
    for (std::uint32_t member = row; member != noRow; member = nexts[member]) {
        heads[member] = call;
        role[member] = as;
    }
    std::uint32_t last = call;
    while (nexts[last] != noRow)
        last = nexts[last];
    nexts[last] = row;
}

std::uint64_t Side::presented(std::size_t row) const {
    return presentedText.empty() || presentedText[row] == noText ? 0 : textKeys[presentedText[row]];
}

Fault Side::fault(std::size_t row) const {
    if (role[row] != Role::invalid) return Fault::none;
    return duration[row] < 0 ? Fault::negativeDuration : Fault::noNumber;
}

std::optional<domain::TimeBasis> Side::statedDurationBasis(std::size_t row) const {
    if (statedBasis.empty() || statedBasis[source[row]] == noBasis) return std::nullopt;
    return static_cast<domain::TimeBasis>(statedBasis[source[row]]);
}

std::uint64_t Side::statedOwn(std::size_t row) const {
    const auto found = std::ranges::lower_bound(restatedOwn, row, {}, &Restated::row);
    if (found != restatedOwn.end() && found->row == row) return found->number;
    return (own[row] & textKey) != 0 ? 0 : own[row];
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

std::uint64_t hashOf(const Id& id) {
    std::uint64_t low = 0, high = 0;
    std::memcpy(&low, id.bytes.data(), 8);
    std::memcpy(&high, id.bytes.data() + 8, 8);
    return low == 0 && high == 0 ? 0 : mix(low, high) | 1;
}

std::uint64_t mix(std::uint64_t a, std::uint64_t b) {
    // The finaliser of SplitMix64 (Steele, Lea, Flood), applied to a combination that is not symmetric.
    std::uint64_t x = a * 0x9E3779B97F4A7C15ull + (b ^ (b >> 29)) * 0xBF58476D1CE4E5B9ull;
    x = (x ^ (x >> 30)) * 0xBF58476D1CE4E5B9ull;
    x = (x ^ (x >> 27)) * 0x94D049BB133111EBull;
    return x ^ (x >> 31);
}

}  // namespace meetpoint::reconcile
