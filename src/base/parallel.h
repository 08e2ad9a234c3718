// Work that is cut into pieces and done on several threads at once. What comes of it depends on the pieces alone: how
// many threads there are, and which of them takes what, changes nothing.
#pragma once

#include <condition_variable>
#include <cstddef>
#include <exception>
#include <functional>
#include <map>
#include <mutex>
#include <thread>
#include <utility>
#include <vector>

#include "base/result.h"

namespace meetpoint {

// Calls work(0) … work(count - 1), each once and in no order, on at most `threads` threads, of which the caller's is
// one (0 counts as 1). Blocks until all are done; the first exception ends it and is thrown on.
void inParallel(std::size_t threads, std::size_t count, const std::function<void(std::size_t)>& work);

// Makes pieces 0 … count - 1 on at most `threads` threads, of which the caller's is one, and uses them one by one in
// their order on the caller's. Only a few more are made than threads, so that what is made and not yet used stays
// bounded. Blocks until all are used; the first error of `use` ends it and is given back, an exception is thrown on.
template <class Piece>
class PiecesInOrder {
public:
    using Make = std::function<Piece(std::size_t)>;
    using Use = std::function<Result<void>(Piece)>;

    PiecesInOrder(std::size_t threads, std::size_t count, Make make, Use use)
        : count_(count), ahead_(threads + 2), make_(std::move(make)), use_(std::move(use)) {
        for (std::size_t i = 1; i < std::min(threads, count); ++i)
            threads_.emplace_back([this] { help(); });
    }
    ~PiecesInOrder() { stop(); }
    PiecesInOrder(const PiecesInOrder&) = delete;
    PiecesInOrder& operator=(const PiecesInOrder&) = delete;

    Result<void> run() {
        for (std::size_t next = 0; next < count_; ++next)
            TRY(use_(await(next)));
        return {};
    }

private:
    // The piece of that number, made here if nobody else has begun it.
    Piece await(std::size_t number) {
        std::unique_lock lock(mutex_);
        used_ = number;
        changed_.notify_all();
        while (true) {
            if (failure_) std::rethrow_exception(failure_);
            if (const auto made = made_.find(number); made != made_.end()) {
                Piece piece = std::move(made->second);
                made_.erase(made);
                return piece;
            }
            if (!makeNext(lock)) changed_.wait(lock);
        }
    }

    void help() {
        std::unique_lock lock(mutex_);
        while (!isStopping_ && !failure_ && begun_ < count_)
            if (!makeNext(lock)) changed_.wait(lock);
    }

    // Makes the next piece that nobody has begun; false if that would be too far ahead.
    bool makeNext(std::unique_lock<std::mutex>& lock) {
        if (begun_ >= std::min(count_, used_ + ahead_)) return false;
        const std::size_t number = begun_++;
        lock.unlock();
        try {
            Piece piece = make_(number);
            lock.lock();
            made_.emplace(number, std::move(piece));
        } catch (...) {
            if (!lock.owns_lock()) lock.lock();
            if (!failure_) failure_ = std::current_exception();
        }
        changed_.notify_all();
        return true;
    }

    void stop() {
        {
            const std::lock_guard lock(mutex_);
            isStopping_ = true;
        }
        changed_.notify_all();
        for (std::thread& thread : threads_)
            thread.join();
    }

    const std::size_t count_;
    const std::size_t ahead_;
    const Make make_;
    const Use use_;
    std::mutex mutex_;
    std::condition_variable changed_;
    std::map<std::size_t, Piece> made_;  // that wait for their turn
    std::size_t begun_ = 0;
    std::size_t used_ = 0;
    bool isStopping_ = false;
    std::exception_ptr failure_;
    std::vector<std::thread> threads_;
};

}  // namespace meetpoint
