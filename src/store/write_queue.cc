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
    if (size_ >= limit_) return answered(overloadedError());
    Work work{scope, std::move(function), {}};
    auto future = work.promise.get_future();
    queues_[static_cast<std::size_t>(scope.priority)].push_back(std::move(work));
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

std::optional<Work> WriteQueue::takeOverdueUpkeep() {
    Queue& upkeep = queues_[static_cast<std::size_t>(WritePriority::upkeep)];
    if (passedOver_ < groupsBeforeUpkeep) return std::nullopt;
    const auto work = std::ranges::find_if(upkeep, [this](const Work& one) { return isFree(one); });
    if (work == upkeep.end()) return std::nullopt;
    std::optional<Work> taken(std::move(*work));
    upkeep.erase(work);
    --size_;
    return taken;
}

void WriteQueue::countPassedOver(const std::vector<Work>& group) {
    const bool hasUpkeep =
        std::ranges::any_of(group, [](const Work& work) { return work.scope.priority == WritePriority::upkeep; });
    const bool waits = !queues_[static_cast<std::size_t>(WritePriority::upkeep)].empty();
    passedOver_ = waits && !hasUpkeep ? passedOver_ + 1 : 0;
}

std::vector<Work> WriteQueue::take(std::size_t rowLimit) {
    std::unique_lock lock(mutex_);
    while (true) {
        std::vector<Work> group;
        std::size_t rows = 0;
        if (auto overdue = takeOverdueUpkeep()) {
            rows = overdue->scope.rows;
            group.push_back(std::move(*overdue));
        }
        for (Queue& queue : queues_) {
            for (auto work = queue.begin(); work != queue.end();) {
                if (!mayJoin(group, *work)) {
                    ++work;
                    continue;
                }
                // The order within a shard key is the order of arrival: what does not fit ends the group.
                if (!group.empty() && rows + work->scope.rows > rowLimit) break;
                rows += work->scope.rows;
                group.push_back(std::move(*work));
                work = queue.erase(work);
                --size_;
            }
        }
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
