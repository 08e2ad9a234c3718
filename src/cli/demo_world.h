// Who takes part in the demo: two tenants, three carriers, their numbers. All numbers are of ranges that
// regulators keep free for films and books (Ofcom, BNetzA, ARCEP).
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace meetpoint::cli {

struct DemoTenant {
    std::string_view name;
    std::string_view country;  // decides how many digits of far-end numbers are masked
    std::string_view sipDomain;
};

// The demo's carriers differ in what is wrong with their durations.
enum class DemoFaults { clockAndRounding, zoneGapAndAnsweredOnly, repeatsAndSlips };

struct DemoCarrier {
    std::string_view name;
    std::string_view country;
    std::string_view prefix;    // of its recordIds and references
    std::uint64_t firstNumber;  // E.164 digits; the numbers follow each other
    DemoFaults faults;
};

inline constexpr std::size_t demoNumbersPerCarrier = 8;

std::span<const DemoTenant> demoTenants();
std::span<const DemoCarrier> demoCarriers();

// The tenant for which a carrier holds its n-th number.
std::size_t demoTenantOf(std::size_t carrier, std::size_t number);
// "+442079460101".
std::string demoNumber(std::size_t carrier, std::size_t number);
// The user that the n-th number is assigned to: "Ada Archer".
std::string demoUser(std::size_t carrier, std::size_t number);

}  // namespace meetpoint::cli
