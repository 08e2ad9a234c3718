#include "domain/phone_number.h"

#include <charconv>
#include <list>

#include <phonenumbers/phonenumberutil.h>

namespace meetpoint::domain {
namespace {

namespace numbers = i18n::phonenumbers;

constexpr int minDigits = 7;
constexpr int maxDigits = 15;

// The value of a run of decimal digits that is neither empty nor longer than E.164 allows.
std::optional<std::uint64_t> readDigits(std::string_view text) {
    if (text.empty() || text.size() > maxDigits || text.front() == '0') return std::nullopt;
    std::uint64_t value = 0;
    for (const char c : text) {
        if (c < '0' || c > '9') return std::nullopt;
        value = value * 10 + static_cast<std::uint64_t>(c - '0');
    }
    return value;
}

numbers::PhoneNumber parsed(E164 number) {
    numbers::PhoneNumber out;
    numbers::PhoneNumberUtil::GetInstance()->Parse(format(number), "ZZ", &out);
    return out;
}

}  // namespace

std::optional<E164> readE164(std::string_view text) {
    if (text.size() < minDigits + 1 || text.front() != '+') return std::nullopt;
    const auto digits = readDigits(text.substr(1));
    if (!digits) return std::nullopt;
    return E164{*digits};
}

std::string format(E164 number) {
    return "+" + std::to_string(number.digits);
}

std::optional<MaskedNumber> readMasked(std::string_view text) {
    if (text.empty() || text.front() != '+' || text.back() != '*') return std::nullopt;
    const std::size_t firstStar = text.find('*');
    if (text.find_first_not_of('*', firstStar) != std::string_view::npos || text.size() > maxDigits + 1)
        return std::nullopt;
    const auto prefix = readDigits(text.substr(1, firstStar - 1));
    if (!prefix) return std::nullopt;
    return MaskedNumber{*prefix, static_cast<int>(text.size() - firstStar)};
}

std::string format(MaskedNumber number) {
    return "+" + std::to_string(number.prefix) + std::string(static_cast<std::size_t>(number.maskedDigits), '*');
}

MaskedNumber mask(E164 number, int digits) {
    for (int i = 0; i < digits; ++i)
        number.digits /= 10;
    return {number.digits, digits};
}

int maskedDigitsOf(std::string_view country) {
    for (const std::string_view three : {"BE", "DE", "DK", "ES", "FI", "IT", "NL", "NO", "SE"})
        if (country == three) return 3;
    return country == "CH" || country == "FR" ? 4 : 0;
}

std::optional<E164> interpret(std::string_view text, std::string_view defaultRegion) {
    if (auto direct = readE164(text)) return direct;
    const auto* util = numbers::PhoneNumberUtil::GetInstance();
    numbers::PhoneNumber number;
    const std::string region = defaultRegion.empty() ? "ZZ" : std::string(defaultRegion);
    if (util->Parse(std::string(text), region, &number) != numbers::PhoneNumberUtil::NO_PARSING_ERROR)
        return std::nullopt;
    if (!util->IsPossibleNumber(number)) return std::nullopt;
    std::string formatted;
    util->Format(number, numbers::PhoneNumberUtil::E164, &formatted);
    return readE164(formatted);
}

bool isValid(E164 number) {
    return numbers::PhoneNumberUtil::GetInstance()->IsValidNumber(parsed(number));
}

std::string regionOf(E164 number) {
    std::string region;
    numbers::PhoneNumberUtil::GetInstance()->GetRegionCodeForNumber(parsed(number), &region);
    return region == "ZZ" || region == "001" ? std::string() : region;
}

std::uint64_t leadingDigits(std::uint64_t digits) {
    constexpr std::uint64_t end = 100'000'000;  // 10^countryDigits
    while (digits >= end)
        digits /= 10;
    return digits;
}

std::string countryOfLeading(std::uint64_t leading) {
    constexpr int shortest = 9, longest = 13;  // numbers of countries that share their code
    const auto* util = numbers::PhoneNumberUtil::GetInstance();
    numbers::PhoneNumber number = parsed(E164{leading});
    std::string main;
    util->GetRegionCodeForCountryCode(number.country_code(), &main);
    if (main.empty() || main == "ZZ" || main == "001") return {};
    std::list<std::string> sharing;
    util->GetRegionCodesForCountryCallingCode(number.country_code(), &sharing);
    if (sharing.size() == 1) return main;
    // Whose plan it is shows in the first digits; a number must have its full length to be looked at.
    std::string text = std::to_string(leading);
    if (text.size() < countryDigits) return main;
    text.resize(shortest, '0');
    for (; text.size() <= longest; text += '0')
        if (std::string region = regionOf(E164{std::stoull(text)}); !region.empty()) return region;
    return main;
}

bool sharesCountryCode(E164 number, std::string_view region) {
    const int code = numbers::PhoneNumberUtil::GetInstance()->GetCountryCodeForRegion(std::string(region));
    return code != 0 && code == parsed(number).country_code();
}

bool isTollFree(E164 number) {
    return numbers::PhoneNumberUtil::GetInstance()->GetNumberType(parsed(number)) ==
           numbers::PhoneNumberUtil::TOLL_FREE;
}

}  // namespace meetpoint::domain
