// The table call_figures: figures of a lane's calls that were worked out once, span by span, so that a question need
// not read the calls again. What stands in them is the business of those who work them out; here they are bytes, and it
// matters when they hold. The records of a span never change, and a record that is superseded stays so: figures hold as
// long as no more records of their span are superseded. Every function runs inside the caller's transaction.
#pragma once

#include <functional>

#include "store/lanes.h"

namespace meetpoint::store {

struct FigureLimits {
    std::size_t rows = 32'768;           // records from which on blocks become a span
    Duration renewAfter = seconds(300);  // between two looks for spans of which more is superseded
};

// Blocks that follow each other, and that upkeep has done merging.
struct LaneSpan {
    std::int64_t first = 1;  // sequence
    std::int64_t rows = 0;
    std::int64_t end() const { return first + rows; }
    auto operator<=>(const LaneSpan&) const = default;
};

// A span as its figures know it.
struct KeptSpan {
    LaneSpan span;
    std::int64_t superseded = 0;  // how many records
    std::int64_t rules = 0;       // by which the figures were worked out; noFigures: none can be kept
    bool operator==(const KeptSpan&) const = default;
};
inline constexpr std::int64_t noFigures = -1;

// The spans that are kept and may have records in [from, to) of the lane's time column, in order of sequence.
Result<std::vector<KeptSpan>> listFigures(Tx& tx, LaneId lane, Instant from = {INT64_MIN}, Instant to = {INT64_MAX});
// Those of `spans`, which are in order of sequence, of which more is superseded by now, or whose blocks are gone.
Result<std::vector<LaneSpan>> staleSpans(Tx& tx, LaneId lane, std::span<const KeptSpan> spans);

struct FigureBytes {
    ByteView hours, figures, points;
};
// Gives `use` the figures of a span. `use` must not use the transaction. Codes of `use`; "corrupt-data" where there is
// no such span.
Result<void> withFigures(Tx& tx, LaneId lane, const LaneSpan& span,
                         const std::function<Result<void>(const FigureBytes&)>& use);

// The span that follows those that are kept; nothing before it is full.
Result<std::optional<LaneSpan>> nextSpan(Tx& tx, LaneId lane, const FigureLimits& limits);
// How many records of these are superseded.
std::int64_t supersededOf(std::span<const LaneStretch> stretches);
// A span as it is now, block by block; nothing where no blocks lie in exactly that place.
Result<std::optional<std::vector<LaneStretch>>> stretchesOf(Tx& tx, LaneId lane, const LaneSpan& span);
// Enters the figures of a span, in the place of those that it had.
Result<void> enterFigures(Tx& tx, LaneId lane, const KeptSpan& span, const FigureBytes& figures);
// Takes them out, where its blocks are gone.
Result<void> removeFigures(Tx& tx, LaneId lane, const LaneSpan& span);

}  // namespace meetpoint::store
