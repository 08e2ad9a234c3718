// An outcome in words and as JSON, for the terminal, the server and everybody's report alike. Pure text; layout is the
// caller's.
#pragma once

#include <string>
#include <string_view>

#include "reconcile/outcome.h"

namespace meetpoint::reconcile {

// One sentence with value and counts: "The carrier's clock is 37 s ahead: 143 of 143 pairs."
std::string sentence(const Diagnosis& found);
// What to do about it, as one sentence; empty if nothing.
std::string_view advice(const Diagnosis& found);
// What the state means, in a few words: "only in the platform's data".
std::string_view meaning(State state);

// {"counts":{…},"totals":{…},"diagnosis":[…]} without a line break; conventions of the report as in the design: ms for
// clockOffset, ms an hour for clockDrift, minutes for timeZone, {"mode","stepMs"}, {"from","to"}.
std::string countsJson(const Totals& totals);
std::string totalsJson(const Totals& totals);
std::string diagnosisJson(const Summary& summary);
// The value of one cause; null where it has none.
std::string valueJson(const Diagnosis& found);

// "37 s", "1.2 s", "2 h 5 min", "1 day": milliseconds for people, without a sign.
std::string spoken(std::int64_t ms);
// Seconds with up to three decimals: "12", "12.5".
std::string secondsText(std::int64_t ms);
// "1,234,567".
std::string grouped(std::uint64_t number);
// "+1.25 %"; "-" without a base.
std::string percentText(std::int64_t difference, std::int64_t base);

}  // namespace meetpoint::reconcile
