// Numbers of both sides as comparable keys: E.164 where they can be read as such, otherwise one key a text; and the
// prefix by which one side's spelling differs from the other's, learnt from the data.
#pragma once

#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "reconcile/side.h"

namespace meetpoint::reconcile {

struct NumberKey {
    std::uint64_t key = 0;  // as in Side
    std::uint8_t hidden = 0;
    bool converted = false;
};

// Every text that stands for a number on either side, and the key that it has.
class NumberTexts {
public:
    // `region` as in Options::defaultRegion.
    NumberTexts(std::vector<std::string_view> texts, std::string_view region);
    // Nothing stated for a text that was not given to the constructor.
    NumberKey find(std::string_view text) const;
    // The digits of a text key, where the text has digits and punctuation only; empty otherwise.
    std::string_view digits(std::uint64_t key) const;

private:
    std::unordered_map<std::string_view, NumberKey> keys_;
    std::vector<std::string> digits_;  // by the low bits of a text key
};

// Brings the spelling of one side to the other's, where most of its numbers are found there but for a prefix (a trunk
// 0, a country code, a carrier's own digits). Changes `own` and `far` and marks what it changed.
void learnPrefixes(Sides& sides, const NumberTexts& texts, std::size_t threads);

}  // namespace meetpoint::reconcile
