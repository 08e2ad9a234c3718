// Waiting for the signal that ends a server.
#pragma once

#include <csignal>

#include "base/time.h"

namespace meetpoint::cli {

// Keeps SIGINT and SIGTERM for wait(). Make it before any thread starts: threads inherit what is blocked.
class StopSignals {
public:
    StopSignals() {
        sigemptyset(&signals_);
        sigaddset(&signals_, SIGINT);
        sigaddset(&signals_, SIGTERM);
        pthread_sigmask(SIG_BLOCK, &signals_, &before_);
    }
    ~StopSignals() { pthread_sigmask(SIG_SETMASK, &before_, nullptr); }
    StopSignals(const StopSignals&) = delete;
    StopSignals& operator=(const StopSignals&) = delete;

    // Whether one of them has come and was not waited for.
    bool came() const {
        sigset_t pending{};
        sigpending(&pending);
        return sigismember(&pending, SIGINT) == 1 || sigismember(&pending, SIGTERM) == 1;
    }

    // Blocks until one of them comes, or that long. Whether one came.
    bool waitFor(Duration atMost) const {
        const timespec time{atMost.ms / 1'000, atMost.ms % 1'000 * 1'000'000};
        return sigtimedwait(&signals_, nullptr, &time) > 0;
    }

    // Blocks until one of them comes.
    void wait() const {
        int signal = 0;
        sigwait(&signals_, &signal);
    }

private:
    sigset_t signals_{};
    sigset_t before_{};
};

}  // namespace meetpoint::cli
