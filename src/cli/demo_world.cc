#include "cli/demo_world.h"

#include <array>

namespace meetpoint::cli {
namespace {

constexpr std::array tenants{
    DemoTenant{"Harbour Foods", "GB", "harbour.example"},
    DemoTenant{"Kastanie Werke", "DE", "kastanie.example"},
};

constexpr std::array carriers{
    DemoCarrier{"Thames Voice", "GB", "TV", 442079460101, DemoFaults::clockAndRounding},
    DemoCarrier{"Spree Telekom", "DE", "ST", 493023125101, DemoFaults::zoneGapAndAnsweredOnly},
    DemoCarrier{"Loire Telecom", "FR", "LT", 33199000101, DemoFaults::repeatsAndSlips},
};

constexpr std::array firstNames{"Ada", "Ben", "Cleo", "Dan", "Eva", "Finn", "Gina", "Hugo"};
constexpr std::array lastNames{"Archer", "Baumann", "Colin"};

}  // namespace

std::span<const DemoTenant> demoTenants() {
    return tenants;
}
std::span<const DemoCarrier> demoCarriers() {
    return carriers;
}

std::size_t demoTenantOf(std::size_t carrier, std::size_t number) {
    // The third carrier serves both.
    if (carrier < tenants.size()) return carrier;
    return number < demoNumbersPerCarrier / 2 ? 0 : 1;
}

std::string demoNumber(std::size_t carrier, std::size_t number) {
    return "+" + std::to_string(carriers[carrier].firstNumber + number);
}

std::string demoUser(std::size_t carrier, std::size_t number) {
    return std::string(firstNames[number % firstNames.size()]) + " " + lastNames[carrier % lastNames.size()];
}

}  // namespace meetpoint::cli
