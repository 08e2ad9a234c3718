// A thread of its own for work that is to go on beside its producer.
#pragma once

#include <condition_variable>
#include <deque>
#include <functional>
#include <future>
#include <mutex>
#include <thread>

#include "base/result.h"

namespace meetpoint {

// Runs pieces of work one after another, in the order in which they were given.
class Worker {
public:
    // `limit`: so many pieces may wait.
    explicit Worker(std::size_t limit);
    // Runs what waits, then ends the thread.
    ~Worker();
    Worker(const Worker&) = delete;
    Worker& operator=(const Worker&) = delete;

    // Queues a piece of work and gives the future of its result; an internal error if it throws. Blocks while `limit`
    // pieces wait.
    std::future<Result<void>> submit(std::function<Result<void>()> work);

private:
    struct Piece {
        std::function<Result<void>()> work;
        std::promise<Result<void>> promise;
    };
    void run();

    const std::size_t limit_;
    std::mutex mutex_;
    std::condition_variable changed_;
    std::deque<Piece> waiting_;
    bool stopping_ = false;
    std::thread thread_;  // after everything that it uses
};

}  // namespace meetpoint
