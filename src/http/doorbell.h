// Wakes long polls: whoever stores something rings, and those who wait look again. Holds no data, so that a ring too
// many costs one look and a ring is never missed:
//   const auto seen = bell.rings();      // before looking
//   … look in the store; if nothing is there:
//   co_await request.waitForRing(bell, seen, until);
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>

namespace meetpoint::http {

// Safe to use from several threads. Must outlive those who wait at it.
class Doorbell {
public:
    // Wakes everyone who waits. Does not block for longer than it takes to post a wake-up to each.
    void ring();
    // How often it rang so far.
    std::uint64_t rings() const;

    // Calls `wake` once, at the first ring after `seen` (at once if that has happened). `wake` must not block and must
    // not call this bell, whose lock is held. Answers a handle for cancel().
    std::uint64_t onRing(std::uint64_t seen, std::function<void()> wake);
    // When it returns, `wake` is not being called and will not be.
    void cancel(std::uint64_t handle);

private:
    mutable std::mutex mutex_;
    std::uint64_t rings_ = 0;
    std::uint64_t nextHandle_ = 1;
    std::map<std::uint64_t, std::function<void()>> waiting_;
};

}  // namespace meetpoint::http
