#include "reconcile/side.h"

#include <algorithm>
#include <array>
#include <bit>
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

// Most correlations are one call's alone. A small table of hashes says of which this may be wrong, so that nothing has
// to be sorted but those.
void Side::keepLinks() {
    if (correlation.empty()) return;
    const std::size_t places = std::bit_ceil(size() * 8);
    std::vector<bool> seen(places), again(places);
    const auto placeOf = [&](std::uint64_t id) { return mix(id, 0) & (places - 1); };
    const auto eachId = [&](auto use) {
        for (std::uint32_t row = 0; row < size(); ++row)
            for (const std::uint64_t id : {correlationId(row), transferorId(row)})
                if (id != 0 && isCall(row)) use(row, id);
    };
    eachId([&](std::uint32_t, std::uint64_t id) {
        const std::size_t place = placeOf(id);
        (seen[place] ? again : seen)[place] = true;
    });
    eachId([&](std::uint32_t row, std::uint64_t id) {
        if (again[placeOf(id)]) links.push_back({row, id});
    });
}

bool Side::areLinked(std::uint32_t a, std::uint32_t b) const {
    const auto linksOf = [&](std::uint32_t row) { return std::ranges::equal_range(links, row, {}, &Link::row); };
    const auto others = linksOf(b);
    return std::ranges::any_of(
        linksOf(a), [&](const Link& one) { return std::ranges::find(others, one.id, &Link::id) != others.end(); });
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
    role[row] = as;
    for (std::uint32_t member = row; member != noRow; member = nexts[member])
        heads[member] = call;
    std::uint32_t last = call;
    while (nexts[last] != noRow)
        last = nexts[last];
    nexts[last] = row;
}

void Side::joinTalk(std::uint32_t call, std::uint32_t row, Role as) {
    duration.set(call, duration[call] + duration[row]);
    measured.set(call, measured[call] + measured[row]);
    if (stated.size() > 0) stated.set(call, stated[call] + stated[row]);
    if (statesEnd(row)) endAfter.set(call, gapTo(end(row), start[call]));
    join(call, row, as);
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

std::optional<Rounding> Side::statedDurationRounding(std::size_t row) const {
    if (statedRounding.empty() || statedRounding[source[row]] == 0) return std::nullopt;
    return roundings[statedRounding[source[row]] - 1u];
}

namespace {

// The value that more than half of them have; nothing if there is none, or it is `none`.
std::optional<std::uint8_t> mostOf(const std::vector<std::uint8_t>& values, std::uint8_t none) {
    std::array<std::size_t, 256> counts{};
    for (const std::uint8_t value : values)
        ++counts[value];
    const auto most = static_cast<std::size_t>(std::ranges::max_element(counts) - counts.begin());
    if (most == none || counts[most] * 2 <= values.size()) return std::nullopt;
    return static_cast<std::uint8_t>(most);
}

}  // namespace

std::optional<domain::TimeBasis> Side::usualBasis() const {
    const auto most = mostOf(statedBasis, noBasis);
    return most ? std::optional(static_cast<domain::TimeBasis>(*most)) : std::nullopt;
}

std::optional<Rounding> Side::usualRounding() const {
    const auto most = mostOf(statedRounding, 0);
    return most ? std::optional(roundings[*most - 1u]) : std::nullopt;
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

int mostHiddenDigits(const Sides& sides, int atMost) {
    int most = 0;
    for (const Side* side : {&sides.ours, &sides.theirs})
        for (const std::uint8_t hidden : side->hidden)
            if (hidden <= atMost) most = std::max<int>(most, hidden);
    return most;
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
