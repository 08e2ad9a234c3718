// Chance that a seed repeats exactly, on every machine: the standard's engine, and no distribution of the
// standard library, whose results differ from one library to the next.
#pragma once

#include <cmath>
#include <cstdint>
#include <random>

namespace meetpoint::cli {

class Dice {
public:
    explicit Dice(std::uint64_t seed) : engine_(seed) {}

    std::uint64_t bits() { return engine_(); }
    // [0, 1).
    double unit() { return static_cast<double>(engine_() >> 11) * 0x1.0p-53; }
    bool happens(double share) { return unit() < share; }
    // [low, high], both included.
    std::int64_t within(std::int64_t low, std::int64_t high) {
        return low + static_cast<std::int64_t>(unit() * static_cast<double>(high - low + 1));
    }
    double between(double low, double high) { return low + unit() * (high - low); }
    // Exponentially distributed around `mean`: how long talks last.
    double exponential(double mean) { return -std::log(1 - unit()) * mean; }

private:
    std::mt19937_64 engine_;
};

}  // namespace meetpoint::cli
