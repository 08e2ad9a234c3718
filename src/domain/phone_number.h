// Telephone numbers: E.164 as digits in a uint64, everything else as text. Google's libphonenumber decides what a
// national or prefixed spelling means; the E.164 spelling itself is read here, because ingest does it for every record.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"

namespace meetpoint::domain {

// ITU-T E.164: at most 15 digits, country code included. The value is the digits read as a decimal number; country
// codes never start with 0, so no digit is lost.
struct E164 {
    std::uint64_t digits = 0;
    auto operator<=>(const E164&) const = default;
};

// "+" and 7 to 15 digits, the first not 0; nothing else.
std::optional<E164> readE164(std::string_view text);
std::string format(E164 number);  // "+41441234567"

// A number of which the last digits are hidden: `+12345678***`.
struct MaskedNumber {
    std::uint64_t prefix = 0;
    int maskedDigits = 0;
};
std::optional<MaskedNumber> readMasked(std::string_view text);
std::string format(MaskedNumber number);
// Hides the last `digits` of it.
MaskedNumber mask(E164 number, int digits);

// How many of the last digits of a far-end number a tenant's country hides, 0 if none (pstn-usage-report: BE DE DK ES
// FI IT NL NO SE hide 3, CH FR hide 4). `country` is ISO 3166-1 alpha-2.
int maskedDigitsOf(std::string_view country);
// How many are hidden where some must be (old calls, auditors) and the country says none.
inline constexpr int defaultMaskedDigits = 3;

// Reads what people and switches write: E.164, national digits of `defaultRegion`, 00 or 011 prefixes, punctuation.
// `defaultRegion` is ISO 3166-1 alpha-2 or empty. Nothing if no possible number (libphonenumber's IsPossibleNumber)
// results. Slow (about 10 µs); keep what it gives.
std::optional<E164> interpret(std::string_view text, std::string_view defaultRegion);

// Whether a number may be ordered and held: libphonenumber's IsValidNumber.
bool isValid(E164 number);
// ISO 3166-1 alpha-2 region of the number; empty if none or not geographic.
std::string regionOf(E164 number);
// By how many of a number's first digits its country is found: those of the country code and of the areas that share
// one.
inline constexpr int countryDigits = 8;
// Those digits of a number that may be masked at its end; the whole of a shorter one.
std::uint64_t leadingDigits(std::uint64_t digits);
// The country (ISO 3166-1 alpha-2) whose numbers begin with these leadingDigits(), valid or not; empty where there is
// none, as for codes of no country. Slow; keep what it gives.
std::string countryOfLeading(std::uint64_t leading);
// Whether numbers of that region (ISO 3166-1 alpha-2) begin with the number's country code, which several may share
// (+1).
bool sharesCountryCode(E164 number, std::string_view region);
// libphonenumber's type TOLL_FREE.
bool isTollFree(E164 number);

}  // namespace meetpoint::domain
