#include "exchange/lane_sweep.h"

#include <algorithm>
#include <condition_variable>
#include <deque>
#include <mutex>
#include <thread>

namespace meetpoint::exchange {
namespace {

constexpr std::size_t listedAtOnce = 256;  // stretches of one look into the directory
constexpr std::size_t mostWaiting = 512;   // stretches that are listed and not yet read
constexpr std::size_t worthAHelper = 4;    // stretches: below, a thread costs more than it brings

// What is listed and still to be read. Closed when nothing more comes, or something went wrong.
class Waiting {
public:
    void add(std::vector<store::LaneStretch> stretches) {
        const std::lock_guard lock(mutex_);
        std::ranges::move(stretches, std::back_inserter(stretches_));
        changed_.notify_all();
    }
    // Blocks while nothing waits; nothing once it is closed and empty.
    std::optional<store::LaneStretch> wait() {
        std::unique_lock lock(mutex_);
        changed_.wait(lock, [this] { return isClosed_ || !stretches_.empty(); });
        return takeLocked();
    }
    std::optional<store::LaneStretch> take() {
        const std::lock_guard lock(mutex_);
        return takeLocked();
    }
    std::size_t size() {
        const std::lock_guard lock(mutex_);
        return stretches_.size();
    }
    void close() {
        const std::lock_guard lock(mutex_);
        isClosed_ = true;
        changed_.notify_all();
    }
    void fail(Error error) {
        const std::lock_guard lock(mutex_);
        if (!error_) error_ = std::move(error);
        isClosed_ = true;
        stretches_.clear();
        changed_.notify_all();
    }
    Result<void> outcome() {
        const std::lock_guard lock(mutex_);
        if (error_) return meetpoint::fail(*error_);
        return {};
    }

private:
    std::optional<store::LaneStretch> takeLocked() {
        if (error_ || stretches_.empty()) return std::nullopt;
        auto stretch = std::move(stretches_.front());
        stretches_.pop_front();
        return stretch;
    }
    std::mutex mutex_;
    std::condition_variable changed_;
    std::deque<store::LaneStretch> stretches_;
    std::optional<Error> error_;
    bool isClosed_ = false;
};

class Sweeping {
public:
    Sweeping(const Services& services, SweepHelpers& helpers, const Sweep& wanted, const SweepFunction& use)
        : services_(services), helpers_(helpers), wanted_(wanted), use_(use) {}
    ~Sweeping() { join(); }
    Sweeping(const Sweeping&) = delete;
    Sweeping& operator=(const Sweeping&) = delete;

    Result<void> run(store::Tx& tx) {
        for (const store::LaneId lane : wanted_.lanes)
            if (const auto listed = list(tx, lane); !listed) waiting_.fail(listed.error());
        while (const auto stretch = waiting_.take())
            readOne(tx, *stretch, 0);
        join();
        return waiting_.outcome();
    }

private:
    Result<void> list(store::Tx& tx, store::LaneId lane) {
        for (std::int64_t sequence = 1;;) {
            TRY(waiting_.outcome());
            TRY_ASSIGN(auto stretches,
                       services_.lanes.listStretches(tx, lane, wanted_.from, wanted_.to, sequence, listedAtOnce));
            if (stretches.empty()) return {};
            const bool isLast = stretches.size() < listedAtOnce;
            sequence = stretches.back().endSequence();
            leaveKnownOut(lane, stretches);
            waiting_.add(std::move(stretches));
            engage();
            while (waiting_.size() > mostWaiting)
                if (const auto stretch = waiting_.take()) readOne(tx, *stretch, 0);
            if (isLast) return {};
        }
    }

    void leaveKnownOut(store::LaneId lane, std::vector<store::LaneStretch>& stretches) const {
        const auto known = wanted_.known.find(lane);
        if (known == wanted_.known.end()) return;
        std::erase_if(stretches, [&](const store::LaneStretch& stretch) {
            const auto after =
                std::ranges::upper_bound(known->second, stretch.firstSequence, {}, &store::LaneSpan::first);
            return after != known->second.begin() && stretch.firstSequence < std::prev(after)->end();
        });
    }

    // Takes helpers on, if there is enough to do for them.
    void engage() {
        const std::size_t useful = waiting_.size() / worthAHelper;
        if (useful <= threads_.size()) return;
        for (std::size_t more = helpers_.take(useful - threads_.size()); more > 0; --more)
            threads_.emplace_back([this, number = threads_.size() + 1] { help(number); });
    }

    // In a snapshot of its own, which is later than the one that the stretches were listed in.
    void help(std::size_t number) {
        bool hasBegun = false;
        const auto done = services_.db.read([&](store::Tx& tx) -> Result<void> {
            while (const auto stretch = waiting_.wait()) {
                hasBegun = true;
                readOne(tx, *stretch, number);
            }
            return {};
        });
        // Without a connection for this one the others do its part.
        if (!done && hasBegun) waiting_.fail(done.error());
    }

    void readOne(store::Tx& tx, const store::LaneStretch& stretch, std::size_t number) {
        if (services_.clock.now() > wanted_.deadline)
            return waiting_.fail({ErrorKind::timeout,
                                  "deadline-passed",
                                  "The time for this request passed before its end. Ask for a shorter time, or for one "
                                  "carrier.",
                                  {},
                                  {},
                                  0});
        auto columns = store::readStretch(tx, stretch, wanted_.core, wanted_.network);
        if (!columns) return waiting_.fail(std::move(columns).error());
        if (auto used = use_(number, stretch, std::move(*columns)); !used) waiting_.fail(std::move(used).error());
    }

    void join() {
        waiting_.close();
        for (std::thread& thread : threads_)
            thread.join();
        helpers_.giveBack(threads_.size());
        threads_.clear();
    }

    const Services& services_;
    SweepHelpers& helpers_;
    const Sweep& wanted_;
    const SweepFunction& use_;
    Waiting waiting_;
    std::vector<std::thread> threads_;
};

}  // namespace

std::size_t SweepHelpers::take(std::size_t wanted) {
    std::int64_t free = free_.load();
    while (true) {
        const std::int64_t taken = std::min(free, static_cast<std::int64_t>(wanted));
        if (taken <= 0) return 0;
        if (free_.compare_exchange_weak(free, free - taken)) return static_cast<std::size_t>(taken);
    }
}

Result<void> sweep(const Services& services, SweepHelpers& helpers, store::Tx& tx, const Sweep& wanted,
                   const SweepFunction& use) {
    return Sweeping(services, helpers, wanted, use).run(tx);
}

}  // namespace meetpoint::exchange
