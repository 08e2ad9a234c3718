#include "base/clock.h"

#include <chrono>
#include <cstring>

#include <sodium.h>

namespace meetpoint {

Instant SystemClock::now() const {
    using namespace std::chrono;
    return {duration_cast<std::chrono::milliseconds>(system_clock::now().time_since_epoch()).count()};
}

std::uint64_t Random::next64() {
    std::uint64_t value = 0;
    fill({reinterpret_cast<std::uint8_t*>(&value), sizeof value});
    return value;
}

void SystemRandom::fill(std::span<std::uint8_t> out) {
    randombytes_buf(out.data(), out.size());
}

void SeededRandom::fill(std::span<std::uint8_t> out) {
    std::lock_guard lock(mutex_);
    for (std::size_t at = 0; at < out.size(); at += 8) {
        const std::uint64_t word = engine_();
        std::memcpy(out.data() + at, &word, std::min<std::size_t>(8, out.size() - at));
    }
}

}  // namespace meetpoint
