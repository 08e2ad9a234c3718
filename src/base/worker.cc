#include "base/worker.h"

namespace meetpoint {
namespace {

// An exception must not end the process.
Result<void> outcomeOf(const std::function<Result<void>()>& work) {
    try {
        return work();
    } catch (const std::exception& exception) {
        return fail(internalError(exception.what()));
    }
}

}  // namespace

Worker::Worker(std::size_t limit) : limit_(std::max<std::size_t>(1, limit)), thread_([this] { run(); }) {}

Worker::~Worker() {
    {
        const std::lock_guard lock(mutex_);
        stopping_ = true;
    }
    changed_.notify_all();
    thread_.join();
}

std::future<Result<void>> Worker::submit(std::function<Result<void>()> work) {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return waiting_.size() < limit_; });
    Piece& piece = waiting_.emplace_back(Piece{std::move(work), {}});
    auto result = piece.promise.get_future();
    changed_.notify_all();
    return result;
}

void Worker::run() {
    std::unique_lock lock(mutex_);
    while (true) {
        changed_.wait(lock, [&] { return stopping_ || !waiting_.empty(); });
        if (waiting_.empty()) return;
        Piece piece = std::move(waiting_.front());
        waiting_.pop_front();
        changed_.notify_all();
        lock.unlock();
        piece.promise.set_value(outcomeOf(piece.work));
        lock.lock();
    }
}

}  // namespace meetpoint
