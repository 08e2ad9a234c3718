// What ends a command that would go on for ever, and wakes it from whatever it waits for.
#pragma once

#include <atomic>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <thread>

#include "base/time.h"
#include "cli/signals.h"

namespace meetpoint::cli {

// Comes once, from any thread.
class Interruption {
public:
    void come();
    bool hasCome() const;
    // Blocks until it comes, or that long. Whether it has come.
    bool waitFor(Duration atMost);
    // Called when it comes, or at once if it has; on the thread that lets it come. Null takes it away.
    void onComing(std::function<void()> action);

private:
    mutable std::mutex mutex_;
    std::condition_variable changed_;
    bool hasCome_ = false;
    std::function<void()> action_;
};

// Lets it come on SIGINT or SIGTERM, as long as this exists. Make it before any thread starts.
class SignalWatch {
public:
    explicit SignalWatch(Interruption& interruption);
    ~SignalWatch();
    SignalWatch(const SignalWatch&) = delete;
    SignalWatch& operator=(const SignalWatch&) = delete;

private:
    StopSignals signals_;
    std::atomic<bool> isOver_ = false;
    std::thread watcher_;
};

}  // namespace meetpoint::cli
