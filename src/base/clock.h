// Time and randomness as arguments: code asks a Clock and a Random that it was given, so that a test decides both.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <random>
#include <span>

#include "base/time.h"

namespace meetpoint {

class Clock {
public:
    virtual ~Clock() = default;
    virtual Instant now() const = 0;
};

class SystemClock final : public Clock {
public:
    Instant now() const override;
};

// A clock that moves only when told to. Safe to use from several threads.
class ManualClock final : public Clock {
public:
    explicit ManualClock(Instant start) : ms_(start.ms) {}
    Instant now() const override { return {ms_.load()}; }
    void advance(Duration by) { ms_ += by.ms; }
    void set(Instant at) { ms_ = at.ms; }

private:
    std::atomic<std::int64_t> ms_;
};

class Random {
public:
    virtual ~Random() = default;
    virtual void fill(std::span<std::uint8_t> out) = 0;
    std::uint64_t next64();
};

// The operating system's generator, through libsodium.
class SystemRandom final : public Random {
public:
    void fill(std::span<std::uint8_t> out) override;
};

// Repeatable from its seed; for tests and generators, never for secrets. Safe to use from several threads.
class SeededRandom final : public Random {
public:
    explicit SeededRandom(std::uint64_t seed) : engine_(seed) {}
    void fill(std::span<std::uint8_t> out) override;

private:
    std::mutex mutex_;
    std::mt19937_64 engine_;
};

}  // namespace meetpoint
