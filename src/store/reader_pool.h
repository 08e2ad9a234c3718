// Connections for readers, of either store: borrowed and given back.
#pragma once

#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <vector>

#include "base/result.h"
#include "base/time.h"

namespace meetpoint::store {

// At most `limit` connections at once. Safe to use from several threads.
template <class Connection>
class ReaderPool {
public:
    using Open = std::function<Result<std::unique_ptr<Connection>>()>;
    ReaderPool(std::size_t limit, Duration wait, Open open) : limit_(limit), wait_(wait), open_(std::move(open)) {}

    // Blocks while all are lent; after `wait` code "overloaded".
    Result<std::unique_ptr<Connection>> borrow() {
        std::unique_lock lock(mutex_);
        const bool free = changed_.wait_for(lock, std::chrono::milliseconds(wait_.ms),
                                            [&] { return !idle_.empty() || lent_ < limit_; });
        if (!free)
            return fail(Error{ErrorKind::rateLimited,
                              "overloaded",
                              "More is being read than the exchange takes at once. Ask again in a moment.",
                              {},
                              {},
                              1});
        ++lent_;
        if (!idle_.empty()) {
            auto connection = std::move(idle_.back());
            idle_.pop_back();
            return connection;
        }
        lock.unlock();
        auto opened = open_();
        if (!opened) giveBack(nullptr);
        return opened;
    }

    // A null connection, one that died, is only counted.
    void giveBack(std::unique_ptr<Connection> connection) {
        const std::lock_guard lock(mutex_);
        --lent_;
        if (connection) idle_.push_back(std::move(connection));
        changed_.notify_one();
    }

private:
    const std::size_t limit_;
    const Duration wait_;
    const Open open_;
    std::mutex mutex_;
    std::condition_variable changed_;
    std::vector<std::unique_ptr<Connection>> idle_;
    std::size_t lent_ = 0;
};

}  // namespace meetpoint::store
