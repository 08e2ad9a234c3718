// The bounded pool of threads on which everything that may block runs: the store, the authenticator, sync handlers.
#pragma once

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

namespace meetpoint::http {

class BlockingPool {
public:
    BlockingPool(int threads, std::size_t queueLength);
    ~BlockingPool();  // stop()

    // Queues a task for a request that is not let in yet; false if `queueLength` tasks wait already.
    bool tryPost(std::function<void()> task);
    // Queues a task of a request that was let in. Never refuses: a connection has one task at a time, so that the queue
    // is bounded by the number of connections.
    void post(std::function<void()> task);

    // Runs what is queued, then ends the threads. Blocks until the last task is done. Tasks posted later are dropped.
    void stop();

private:
    void work();

    const std::size_t queueLength_;
    std::mutex mutex_;
    std::condition_variable wake_;
    std::deque<std::function<void()>> queue_;
    bool stopping_ = false;
    std::vector<std::thread> threads_;
};

}  // namespace meetpoint::http
