// A clock that lets a story of the past be told: it stands where it is put and runs on from there, until it
// catches up.
#pragma once

#include <atomic>

#include "base/clock.h"

namespace meetpoint::cli {

// Safe to use from several threads.
class ReplayClock final : public Clock {
public:
    explicit ReplayClock(const Clock& real) : real_(real) {}
    Instant now() const override { return real_.now() - milliseconds(behindMs_.load()); }

    void moveTo(Instant at) { behindMs_ = (real_.now() - at).ms; }
    void catchUp() { behindMs_ = 0; }

private:
    const Clock& real_;
    std::atomic<std::int64_t> behindMs_ = 0;
};

}  // namespace meetpoint::cli
