// Figures of a lane's calls, worked out in the background span by span, and asked instead of the calls.
#pragma once

#include "quality/aggregate.h"
#include "quality/kept_figures.h"
#include "store/call_figures.h"

namespace meetpoint::exchange {

// A span's figures, worked out from its calls.
struct SpanFigures {
    store::KeptSpan span;
    quality::KeptFigures figures;
    Result<void> enter(store::Tx& tx, store::LaneId lane) const;
};

// Which figures are to be worked out next, lane by lane. For one thread at a time.
class FigureUpkeep {
public:
    // `quality`: the limits that questions are asked with.
    FigureUpkeep(const store::Lanes& lanes, const domain::QualityLimits& quality, const store::FigureLimits& limits)
        : lanes_(lanes), quality_(quality), limits_(limits) {}

    struct Due {
        std::optional<store::LaneSpan> span;
        std::optional<Instant> lookAgain;  // without one: when time alone may bring one
    };
    Result<Due> look(store::Tx& tx, store::LaneId lane, Instant now);
    // Works out those of a span that is due. Nothing where its blocks are gone.
    Result<std::optional<SpanFigures>> workOut(store::Tx& tx, store::LaneId lane, const store::LaneSpan& span) const;
    // They are entered: until then the span stays due.
    void isDone(store::LaneId lane, const store::LaneSpan& span) { std::erase(lastLooks_[lane].stale, span); }

private:
    // The last look through a lane's directory for spans of which more is superseded than their figures know.
    struct LastLook {
        Instant at{INT64_MIN};
        std::int64_t nextSequence = 0;         // of the lane
        std::vector<store::LaneSpan> stale{};  // found and not done since
    };
    Result<void> lookForStale(store::Tx& tx, store::LaneId lane, LastLook& last) const;

    const store::Lanes& lanes_;
    domain::QualityLimits quality_;
    store::FigureLimits limits_;
    std::map<store::LaneId, LastLook> lastLooks_;
};

// Adds what is kept of a lane to `sum`, whose query is given and asksForHours(), as far as it holds and fits. Gives the
// spans of which the calls need not be read, in order.
Result<std::vector<store::LaneSpan>> addKept(store::Tx& tx, store::LaneId lane, const quality::Query& query,
                                             const std::optional<Id>& carrierId, quality::Aggregator& sum);

}  // namespace meetpoint::exchange
