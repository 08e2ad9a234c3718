// Reading a few columns of many blocks, on as many threads as the process gives away for it. What is read is one
// snapshot of the store, whoever reads it and whatever is stored or merged meanwhile.
#pragma once

#include <atomic>

#include "exchange/services.h"
#include "store/call_figures.h"

namespace meetpoint::exchange {

// The threads that may read beside those who ask, in the whole process. A sweep takes as many as are free and waits for
// none, so that many at once are slower and never stuck.
class SweepHelpers {
public:
    explicit SweepHelpers(std::size_t most) : most_(most), free_(static_cast<std::int64_t>(most)) {}
    std::size_t most() const { return most_; }
    // At most `wanted`; give them back.
    std::size_t take(std::size_t wanted);
    void giveBack(std::size_t count) { free_ += static_cast<std::int64_t>(count); }

private:
    const std::size_t most_;
    std::atomic<std::int64_t> free_;
};

struct Sweep {
    std::vector<store::LaneId> lanes;
    Instant from, to;  // of the lane's time column: stretches that may have records in [from, to)
    columns::ColumnSet core, network;
    Instant deadline{INT64_MAX};  // code "deadline-passed" once it is over
    // Whose stretches are left out, in order of sequence.
    std::map<store::LaneId, std::vector<store::LaneSpan>> known = {};
};

// Takes one stretch. Called by several threads at once, by each with a number of its own from 0 to
// SweepHelpers::most().
using SweepFunction =
    std::function<Result<void>(std::size_t thread, const store::LaneStretch& stretch, store::StretchColumns columns)>;

// Calls `use` once for each stretch of the snapshot of `tx`, in no order. Blocks until all is done; the first error
// ends it.
Result<void> sweep(const Services& services, SweepHelpers& helpers, store::Tx& tx, const Sweep& wanted,
                   const SweepFunction& use);

}  // namespace meetpoint::exchange
