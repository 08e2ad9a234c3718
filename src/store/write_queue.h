// Work that waits for a writer: by priority, bounded, fair between shard keys, and grouped so that what may share a
// commit does.
#pragma once

#include <condition_variable>
#include <deque>
#include <map>
#include <mutex>
#include <set>

#include "store/db.h"

namespace meetpoint::store {

// One piece of work that waits.
struct Work {
    WriteScope scope;
    TxFunction function;
    std::promise<Result<void>> promise;
};

// What may share a transaction.
enum class Sharing {
    everything,    // one writer, one file: whatever waits
    sameShardKey,  // many writers: work of one shard key, which nobody else is committing meanwhile; work of the ledger
                   // goes alone
};

// Safe to use from several threads.
class WriteQueue {
public:
    WriteQueue(std::size_t limit, Sharing sharing) : limit_(limit), sharing_(sharing) {}

    // Queues the work and gives the future of its result; an error "overloaded" when the queue is full, or half full of
    // work of this shard key; "stopping" when closed.
    std::future<Result<void>> push(const WriteScope& scope, TxFunction function);
    // Waits for work, then takes what may share one commit, up to about `rowLimit` rows; empty once the queue is closed
    // and drained. Shard keys take turns; within one the order is that of arrival. Until done(), nobody else is given
    // work of the same shard key.
    std::vector<Work> take(std::size_t rowLimit);
    void done(const std::vector<Work>& group);
    // No further work is taken in; what waits is still handed out.
    void close();

private:
    using ShardKey = std::optional<std::int64_t>;
    // Work of one priority.
    struct Waiting {
        std::map<ShardKey, std::deque<Work>> byShard;  // none of them empty
        std::deque<ShardKey> turns;                    // each of `byShard` once, who is next in front
    };
    // Upkeep comes last, but while records keep coming it must not wait for ever: once so many groups have gone before
    // it, one piece of it goes next.
    static constexpr std::size_t groupsBeforeUpkeep = 8;
    void takeOverdueUpkeep(std::vector<Work>& group, std::size_t& rows);
    void countPassedOver(const std::vector<Work>& group);
    bool isFree(const Work& work) const;
    bool mayJoin(const std::vector<Work>& group, const Work& work) const;
    void takeFrom(Waiting& waiting, std::size_t rowLimit, std::vector<Work>& group, std::size_t& rows);

    std::mutex mutex_;
    std::condition_variable changed_;
    std::array<Waiting, 3> queues_;  // by priority
    std::set<std::int64_t> busy_;    // shard keys that a writer is committing
    std::size_t size_ = 0;
    std::size_t passedOver_ = 0;  // groups taken since upkeep waits
    std::size_t limit_;
    Sharing sharing_;
    bool closed_ = false;
};

// A future that is answered already.
std::future<Result<void>> answered(Error error);

}  // namespace meetpoint::store
