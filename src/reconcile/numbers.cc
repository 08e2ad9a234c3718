#include "reconcile/numbers.h"

#include <algorithm>
#include <map>
#include <set>

#include "base/parallel.h"
#include "domain/phone_number.h"
#include "reconcile/sorting.h"

namespace meetpoint::reconcile {
namespace {

constexpr std::string_view punctuation = " -./()+";

// The digits of a text that has nothing else but punctuation; empty if it has, or if it is a masked number.
std::string digitsOnly(std::string_view text) {
    std::string out;
    for (const char c : text) {
        if (c >= '0' && c <= '9')
            out += c;
        else if (punctuation.find(c) == std::string_view::npos)
            return {};
    }
    return out;
}

// The digits of a text that hides the last ones behind stars, with zeros in their place.
struct HiddenDigits {
    std::string digits;  // empty: it is no such text
    std::uint8_t hidden = 0;
};
HiddenDigits hiddenDigits(std::string_view text) {
    const std::size_t firstStar = text.find('*');
    if (firstStar == std::string_view::npos || text.find_first_not_of('*', firstStar) != std::string_view::npos)
        return {};
    const std::size_t hidden = text.size() - firstStar;
    std::string digits = digitsOnly(text.substr(0, firstStar));
    if (digits.empty() || hidden > mostHiddenDigitsOfANumber) return {};
    return {digits + std::string(hidden, '0'), static_cast<std::uint8_t>(hidden)};
}

std::optional<NumberKey> readNumber(std::string_view text, std::string_view region) {
    if (const auto number = domain::readE164(text)) return NumberKey{number->digits, 0, false};
    if (const auto masked = domain::readMasked(text)) {
        std::uint64_t digits = masked->prefix;
        for (int i = 0; i < masked->maskedDigits; ++i)
            digits *= 10;
        return NumberKey{digits, static_cast<std::uint8_t>(masked->maskedDigits), false};
    }
    // Names go no further: libphonenumber would read letters as the digits of a keypad.
    if (digitsOnly(text).empty()) return std::nullopt;
    if (const auto number = domain::interpret(text, region)) return NumberKey{number->digits, 0, true};
    return std::nullopt;
}

std::string digitsOf(std::uint64_t key, const NumberTexts& texts) {
    if (key == 0) return {};
    return key & textKey ? std::string(texts.digits(key)) : std::to_string(key);
}

// The digits by which two numbers are first compared: shorter endings agree too often by chance.
constexpr std::size_t endingDigits = 7;
// Of numbers that hide more too little is left to compare; no country has more hidden.
constexpr int mostHiddenToLearn = 4;
// Of so many records that have numbers of their own a part shows as well as all whether the sides agree on them.
constexpr std::size_t enoughToTell = 200'000;
constexpr std::size_t fewestToTell = 1'000;  // of the numbers of that part
// How many different numbers must show the same prefix before it is believed.
constexpr std::size_t enoughNumbers = 3;

struct Prefix {
    std::string from;  // what this side writes in front
    std::string to;    // what the other side has there
    auto operator<=>(const Prefix&) const = default;
    // Whether this is how networks spell: digits added, digits absent, or a trunk or international prefix exchanged.
    bool isSpelling() const {
        return from.empty() || to.empty() || from == "0" || from == "00" || from == "011" || from == "1";
    }
};

using Numbers = std::map<std::uint64_t, std::string>;  // key → digits

// A number as far as both sides show it, as a key of its own: without the last `cut` digits.
std::uint64_t shownPart(std::uint64_t key, int cut) {
    return readablePart(key, cut);
}
std::string_view shownDigits(const std::string& digits, int cut) {
    return std::string_view(digits).substr(0, digits.size() - static_cast<std::size_t>(cut));
}

// One column of numbers of one side.
struct NumberColumn {
    Side& side;
    std::vector<std::uint64_t> Side::*keys;
    int cut;  // so many last digits are not compared: as many as any of the numbers looked at hides

    std::vector<std::uint64_t>& values() const { return side.*keys; }
    // The different numbers, in order, without those that hide more. Of what they show one in `stride` is taken, the
    // same on both sides.
    std::vector<std::uint64_t> distinct(std::uint64_t stride) const {
        std::vector<std::uint64_t> out, seen(1u << 16, 0);  // most numbers come again soon
        for (std::size_t i = 0; i < values().size(); ++i) {
            const std::uint64_t number = values()[i];
            if (number == 0 || (keys == &Side::far && side.hidden[i] > cut)) continue;
            const std::uint64_t hash = mix(shownPart(number, cut), 0);
            if (std::exchange(seen[hash >> 48], number) != number && hash % stride == 0) out.push_back(number);
        }
        sortByNumber(out, std::identity());
        const auto repeats = std::ranges::unique(out);
        out.erase(repeats.begin(), repeats.end());
        return out;
    }
};

// Their digits, where enough of them are shown to compare.
Numbers withDigits(const std::vector<std::uint64_t>& keys, const NumberTexts& texts, int cut) {
    Numbers out;
    for (const std::uint64_t key : keys) {
        std::string digits = digitsOf(key, texts);
        if (digits.size() >= endingDigits + static_cast<std::size_t>(cut))
            out.emplace_hint(out.end(), key, std::move(digits));
    }
    return out;
}

// Where the sides agree for the most part, what one of them lacks is missing, not spelt otherwise.
bool mostlyUnknown(const std::vector<std::uint64_t>& from, const std::vector<std::uint64_t>& to, int cut) {
    std::size_t unknown = 0;
    auto known = to.begin();
    for (const std::uint64_t key : from) {
        const std::uint64_t shown = shownPart(key, cut);
        while (known != to.end() && shownPart(*known, cut) < shown)
            ++known;
        unknown += known == to.end() || shownPart(*known, cut) != shown ? 1 : 0;
    }
    return unknown >= enoughNumbers && unknown * 2 >= from.size();
}

// Whether `to` has a number with the same shown part.
bool isKnown(std::uint64_t key, const Numbers& to, int cut) {
    if (cut == 0 || key & textKey) return to.contains(key);
    std::uint64_t scale = 1;
    for (int digit = 0; digit < cut; ++digit)
        scale *= 10;
    const auto found = to.lower_bound(key / scale * scale);
    return found != to.end() && shownPart(found->first, cut) == shownPart(key, cut);
}

// The prefix that most of the numbers of `from` need to be found in `to`.
std::optional<Prefix> learn(const Numbers& from, const Numbers& to, int cut) {
    std::set<std::string_view> unknown, known;
    for (const auto& [key, digits] : from)
        if (!isKnown(key, to, cut)) unknown.insert(shownDigits(digits, cut));
    for (const auto& [key, digits] : to)
        known.insert(shownDigits(digits, cut));
    std::unordered_multimap<std::string_view, std::string_view> byEnding;
    for (const std::string_view digits : known)
        byEnding.emplace(digits.substr(digits.size() - endingDigits), digits);
    std::map<Prefix, std::size_t> votes;
    for (const std::string_view digits : unknown) {
        const auto [first, last] = byEnding.equal_range(digits.substr(digits.size() - endingDigits));
        for (auto it = first; it != last; ++it) {
            std::size_t a = digits.size();
            std::size_t b = it->second.size();
            while (a > 0 && b > 0 && digits[a - 1] == it->second[b - 1])
                --a, --b;
            Prefix prefix{std::string(digits.substr(0, a)), std::string(it->second.substr(0, b))};
            if (prefix.isSpelling()) ++votes[prefix];
        }
    }
    const auto best = std::ranges::max_element(votes, {}, [](const auto& entry) { return entry.second; });
    if (best == votes.end() || best->second < enoughNumbers || best->second * 2 < unknown.size()) return std::nullopt;
    return best->first;
}

// The number that `digits` becomes under the prefix; 0 if it does not begin with it.
std::uint64_t rewritten(const std::string& digits, const Prefix& prefix) {
    if (!digits.starts_with(prefix.from)) return 0;
    const auto number = domain::readE164("+" + prefix.to + digits.substr(prefix.from.size()));
    return number ? number->digits : 0;
}

void rewrite(const NumberColumn& column, const Numbers& from, const Numbers& to, const Prefix& prefix, int cut) {
    Side& side = column.side;
    std::vector<std::uint64_t>& keys = column.values();
    std::vector<Side::Restated> restated;
    for (std::uint32_t i = 0; i < keys.size(); ++i) {
        const auto known = from.find(keys[i]);
        if (known == from.end() || isKnown(keys[i], to, cut)) continue;
        const std::uint64_t number = rewritten(known->second, prefix);
        if (number == 0) continue;
        if (column.keys == &Side::own) restated.push_back({i, side.statedOwn(i)});
        keys[i] = number;
        side.converted[i] = 1;
    }
    // What was restated before keeps what its record states.
    const auto middle = std::ssize(side.restatedOwn);
    side.restatedOwn.insert(side.restatedOwn.end(), restated.begin(), restated.end());
    std::ranges::inplace_merge(side.restatedOwn, side.restatedOwn.begin() + middle, {}, &Side::Restated::row);
    const auto repeats = std::ranges::unique(side.restatedOwn, {}, &Side::Restated::row);
    side.restatedOwn.erase(repeats.begin(), repeats.end());
}

}  // namespace

NumberTexts::NumberTexts(std::vector<std::string_view> texts, std::string_view region) {
    std::ranges::sort(texts);
    const auto repeats = std::ranges::unique(texts);
    texts.erase(repeats.begin(), repeats.end());
    std::map<std::string, std::uint64_t> byDigits;
    for (const std::string_view text : texts) {
        if (const auto number = readNumber(text, region)) {
            keys_.emplace(text, *number);
            continue;
        }
        // One number written with and without punctuation is one text.
        HiddenDigits number{digitsOnly(text), 0};
        if (number.digits.empty()) number = hiddenDigits(text);
        const std::string canonical =
            number.digits.empty() ? std::string(text) : number.digits + std::string(number.hidden, '*');
        const auto [entry, isNew] = byDigits.try_emplace(canonical, textKey | digits_.size());
        if (isNew) digits_.push_back(std::move(number.digits));
        keys_.emplace(text, NumberKey{entry->second, number.hidden, false});
    }
}

NumberKey NumberTexts::find(std::string_view text) const {
    const auto found = keys_.find(text);
    return found == keys_.end() ? NumberKey{} : found->second;
}

std::string_view NumberTexts::digits(std::uint64_t key) const {
    return digits_[key & ~textKey];
}

void learnPrefixes(Sides& sides, const NumberTexts& texts, std::size_t threads) {
    struct Known {
        NumberColumn column;
        std::vector<std::uint64_t> distinct;
    };
    const int cut = mostHiddenDigits(sides, mostHiddenToLearn);
    const std::uint64_t stride = std::max(sides.ours.size(), sides.theirs.size()) / enoughToTell + 1;
    std::array<Known, 4> known{{{{sides.ours, &Side::own, 0}, {}},
                                {{sides.theirs, &Side::own, 0}, {}},
                                {{sides.ours, &Side::far, cut}, {}},
                                {{sides.theirs, &Side::far, cut}, {}}}};
    inParallel(threads, known.size(), [&](std::size_t i) {
        const bool areMany = known[i].column.keys == &Side::far;
        known[i].distinct = known[i].column.distinct(areMany ? stride : 1);
    });
    const auto bring = [&](Known& side, Known& others) {
        const int cut = side.column.cut;
        const bool areAllNeeded =
            side.distinct.size() < fewestToTell || mostlyUnknown(side.distinct, others.distinct, cut);
        if (areAllNeeded && stride > 1)
            for (Known* one : {&side, &others})
                one->distinct = one->column.distinct(1);
        if (!mostlyUnknown(side.distinct, others.distinct, cut)) return;
        const Numbers from = withDigits(side.distinct, texts, cut);
        const Numbers to = withDigits(others.distinct, texts, cut);
        const auto prefix = learn(from, to, cut);
        if (!prefix) return;
        rewrite(side.column, from, to, *prefix, cut);
        side.distinct = side.column.distinct(1);
        if (sides.numberPrefix.empty()) sides.numberPrefix = prefix->from + ">" + prefix->to;
    };
    // Towards the longer spelling where one lacks digits: a full number says more. Each call does nothing where the
    // sides already agree, so that at most one direction acts.
    auto& [ourOwn, theirOwn, ourFar, theirFar] = known;
    bring(theirOwn, ourOwn);
    bring(ourOwn, theirOwn);
    bring(theirFar, ourFar);
    bring(ourFar, theirFar);
}

}  // namespace meetpoint::reconcile
