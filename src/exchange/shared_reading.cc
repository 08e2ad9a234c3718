#include "exchange/shared_reading.h"

#include <atomic>
#include <thread>

#include "exchange/lane_sweep.h"

namespace meetpoint::exchange {
namespace {

constexpr std::size_t worthAHelper = 8;  // readings: below, a thread costs more than it brings

class SharedReading {
public:
    SharedReading(const Services& services, std::size_t count, const ReadOne& read)
        : services_(services), read_(read), isDone_(count) {}
    ~SharedReading() { join(); }
    SharedReading(const SharedReading&) = delete;
    SharedReading& operator=(const SharedReading&) = delete;

    Result<void> run(store::Tx& tx) {
        engage();
        while (const auto at = next()) {
            TRY(read_(tx, *at));
            isDone_[*at] = true;
        }
        join();
        // What others have failed at, perhaps for want of a connection or because its block was merged since.
        for (std::size_t at = 0; at < isDone_.size(); ++at)
            if (!isDone_[at]) TRY(read_(tx, at));
        return {};
    }

private:
    void engage() {
        if (!services_.helpers) return;
        helpers_ = services_.helpers->take(isDone_.size() / worthAHelper);
        for (std::size_t i = 0; i < helpers_; ++i)
            threads_.emplace_back([this] {
                (void)services_.db.read([this](store::Tx& tx) -> Result<void> {
                    while (const auto at = next())
                        isDone_[*at] = read_(tx, *at).has_value();
                    return {};
                });
            });
    }

    std::optional<std::size_t> next() {
        const std::size_t at = next_++;
        return at < isDone_.size() ? std::optional(at) : std::nullopt;
    }

    void join() {
        next_ = isDone_.size();
        for (std::thread& thread : threads_)
            thread.join();
        threads_.clear();
        if (helpers_ > 0) services_.helpers->giveBack(std::exchange(helpers_, 0));
    }

    const Services& services_;
    const ReadOne& read_;
    std::vector<std::uint8_t> isDone_;  // each written by the thread that took it
    std::atomic<std::size_t> next_ = 0;
    std::size_t helpers_ = 0;
    std::vector<std::thread> threads_;
};

}  // namespace

Result<void> readTogether(const Services& services, store::Tx& tx, std::size_t count, const ReadOne& read) {
    return SharedReading(services, count, read).run(tx);
}

}  // namespace meetpoint::exchange
