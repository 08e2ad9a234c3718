#include "store/write_queue.h"

#include <algorithm>

namespace meetpoint::store {
namespace {

Error stoppingError() {
    return {ErrorKind::unavailable, "stopping", "The exchange is stopping. Send it again.", {}, {}, 5};
}
Error overloadedError() {
    return {ErrorKind::rateLimited,
            "overloaded",
            "More is waiting to be stored than the exchange takes at once. Send it again in a moment.",
            {},
            {},
            1};
}

}  // namespace

std::future<Result<void>> answered(Error error) {
    std::promise<Result<void>> promise;
    promise.set_value(fail(std::move(error)));
    return promise.get_future();
}

std::future<Result<void>> WriteQueue::push(const WriteScope& scope, TxFunction function) {
    const std::lock_guard lock(mutex_);
    if (closed_) return answered(stoppingError());
    Waiting& waiting = queues_[static_cast<std::size_t>(scope.priority)];
    const auto own = waiting.byShard.find(scope.shardKey);
    // One carrier that sends more than is stored must not shut the others out.
    const bool ownIsFull =
        scope.shardKey && own != waiting.byShard.end() && own->second.size() >= std::max<std::size_t>(1, limit_ / 2);
    if (size_ >= limit_ || ownIsFull) return answered(overloadedError());
    Work work{scope, std::move(function), {}};
    auto future = work.promise.get_future();
    if (own == waiting.byShard.end()) waiting.turns.push_back(scope.shardKey);
    waiting.byShard[scope.shardKey].push_back(std::move(work));
    ++size_;
    changed_.notify_one();
    return future;
}

bool WriteQueue::isFree(const Work& work) const {
    return sharing_ == Sharing::everything || !work.scope.shardKey || !busy_.contains(*work.scope.shardKey);
}

bool WriteQueue::mayJoin(const std::vector<Work>& group, const Work& work) const {
    if (group.empty()) return isFree(work);
    if (sharing_ == Sharing::everything) return true;
    return group.front().scope.shardKey && group.front().scope.shardKey == work.scope.shardKey;
}

// Gives each shard key a turn, one piece of work a turn, until nothing more may join or fits.
void WriteQueue::takeFrom(Waiting& waiting, std::size_t rowLimit, std::vector<Work>& group, std::size_t& rows) {
    for (std::size_t passed = 0; passed < waiting.turns.size();) {
        const ShardKey key = waiting.turns.front();
        waiting.turns.pop_front();
        auto& works = waiting.byShard[key];
        const bool fits = group.empty() || rows + works.front().scope.rows <= rowLimit;
        if (fits && mayJoin(group, works.front())) {
            rows += works.front().scope.rows;
            group.push_back(std::move(works.front()));
            works.pop_front();
            --size_;
            passed = 0;
        } else {
            ++passed;
        }
        if (works.empty())
            waiting.byShard.erase(key);
        else
            waiting.turns.push_back(key);
    }
}

// The next piece of upkeep that may go, if upkeep has waited long enough.
void WriteQueue::takeOverdueUpkeep(std::vector<Work>& group, std::size_t& rows) {
    constexpr std::size_t onlyOne = 0;  // rows: nothing fits beside the first
    if (passedOver_ >= groupsBeforeUpkeep)
        takeFrom(queues_[static_cast<std::size_t>(WritePriority::upkeep)], onlyOne, group, rows);
}

void WriteQueue::countPassedOver(const std::vector<Work>& group) {
    const bool hasUpkeep =
        std::ranges::any_of(group, [](const Work& work) { return work.scope.priority == WritePriority::upkeep; });
    const bool waits = !queues_[static_cast<std::size_t>(WritePriority::upkeep)].byShard.empty();
    passedOver_ = waits && !hasUpkeep ? passedOver_ + 1 : 0;
}

std::vector<Work> WriteQueue::take(std::size_t rowLimit) {
    std::unique_lock lock(mutex_);
    while (true) {
        std::vector<Work> group;
        std::size_t rows = 0;
        takeOverdueUpkeep(group, rows);
        for (Waiting& waiting : queues_)
            takeFrom(waiting, rowLimit, group, rows);
        if (!group.empty()) {
            countPassedOver(group);
            if (sharing_ == Sharing::sameShardKey && group.front().scope.shardKey)
                busy_.insert(*group.front().scope.shardKey);
            return group;
        }
        if (closed_ && size_ == 0) return {};
        changed_.wait(lock);
    }
}

void WriteQueue::done(const std::vector<Work>& group) {
    if (sharing_ == Sharing::everything || group.empty() || !group.front().scope.shardKey) return;
    const std::lock_guard lock(mutex_);
    busy_.erase(*group.front().scope.shardKey);
    // Whoever waits may want the shard key that is free now, or the end of a queue that is drained now.
    changed_.notify_all();
}

void WriteQueue::close() {
    const std::lock_guard lock(mutex_);
    closed_ = true;
    changed_.notify_all();
}

}  // namespace meetpoint::store
