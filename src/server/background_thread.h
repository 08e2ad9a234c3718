// A thread that goes on with a piece of work again and again: at once while there is more to do, else after a pause or
// when it is rung.
#pragma once

#include <atomic>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <thread>

#include "base/log.h"
#include "base/result.h"
#include "base/time.h"

namespace meetpoint::server {

class BackgroundThread {
public:
    struct Work {
        std::string name;                    // for the log
        Duration pause;                      // before the next step, where there was nothing to do or it failed
        std::function<Result<bool>()> step;  // true: there is more to do at once
        std::function<void()> countFailure;
    };
    BackgroundThread(Work work, Log log);
    ~BackgroundThread();  // stop()
    // Begins. What the work uses must be there by then, and outlive the thread.
    void start();
    // Ends after the step that it is at. Blocks.
    void stop();
    bool isStopping() const { return stopping_; }
    // Ends the pause. Safe from any thread, and quick.
    void ring();

private:
    void run();
    void pause();

    Work work_;
    Log log_;
    std::atomic<bool> stopping_ = false;
    std::mutex mutex_;
    std::condition_variable changed_;
    bool rung_ = false;
    std::thread thread_;
};

}  // namespace meetpoint::server
