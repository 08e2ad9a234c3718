// Upkeep: what keeps a lane cheap to append to and to read, done in the background and in small steps. Runs of the key
// index are merged; small blocks are merged and compressed harder; figures of calls that are done being merged are
// kept. Nothing that anybody reads changes by it. Of several nodes one at a time works on a lane, by its lease.
#pragma once

#include "exchange/call_figures.h"
#include "exchange/lane_rounds.h"
#include "store/block_merger.h"
#include "store/key_merger.h"

namespace meetpoint::exchange {

struct UpkeepLimits {
    Duration pause = seconds(1);         // before the next look, when a look found nothing to do
    Duration lease = seconds(30);        // after which the lanes of a node that died pass to others
    Duration afterFailure = minutes(1);  // before a lane is looked at again on which upkeep failed
    std::size_t stepsPerTurn = 64;       // merges on one lane before the next has its turn
    std::size_t keysPerStep = 200'000;   // entries of the key index that one transaction writes
    std::size_t pagesPerStep = 300;      // pages of the key index that one transaction removes
    store::BlockMergeLimits blocks;
    store::FigureLimits figures;
    domain::QualityLimits stream;  // by which kept figures are judged: those that questions are asked with
};

// What was done on a lane.
struct UpkeepDone {
    store::LaneId lane;
    std::size_t runsMerged = 0, keysMerged = 0;
    std::size_t blocksMerged = 0, blocksWritten = 0, recordsRewritten = 0;
    std::size_t bytesBefore = 0, bytesAfter = 0;  // of those blocks' parts
    std::size_t figuresKept = 0;                  // spans of calls of which they were worked out
    std::size_t givenUp = 0;                      // merges that found others at the same runs or blocks
    bool leaseLost = false;
    std::optional<Error> failure;  // that ended the turn; about this lane alone
    bool isNothing() const { return runsMerged + blocksWritten + figuresKept + givenUp == 0 && !leaseLost && !failure; }
};

// For one thread at a time; several nodes have one each.
class Upkeep {
public:
    using Report = std::function<void(const UpkeepDone&)>;
    // `isStopping` is asked between steps.
    Upkeep(
        const Services& services, const UpkeepLimits& limits, std::function<bool()> isStopping = [] { return false; });
    Upkeep(const Upkeep&) = delete;

    // Looks at every lane once and does what is due, a turn each; `report` is told of each lane on which something was
    // done. True: more may be due at once. Errors are those of the store as a whole; what is wrong with one lane goes
    // into its report.
    Result<bool> pass(const Report& report);

private:
    // What is to be done next on a lane.
    struct Plan {
        std::vector<std::int64_t> unlisted;
        std::vector<store::KeyRun> runs;
        store::BlockPlan blocks;
        FigureUpkeep::Due figures;
        bool isNothing() const { return unlisted.empty() && runs.empty() && !blocks.group && !figures.span; }
        std::optional<Instant> lookAgain() const;
    };
    Result<Plan> look(store::LaneId lane);
    Result<bool> step(const store::Lease& lease);
    Result<void> removeUnlisted(const store::Lease& lease, std::int64_t run);
    Result<void> mergeRuns(const store::Lease& lease, const std::vector<store::KeyRun>& runs);
    Result<void> mergeBlocks(const store::Lease& lease, const store::BlockGroup& group);
    Result<void> keepFigures(const store::Lease& lease, const store::LaneSpan& span);
    Result<void> write(const store::Lease& lease, std::size_t rows, const store::TxFunction& work);
    Result<void> writeLocked(const store::Lease& lease, std::size_t rows, const store::TxFunction& work);

    const Services& services_;
    UpkeepLimits limits_;
    std::function<bool()> isStopping_;
    LaneRounds rounds_;
    FigureUpkeep figures_;
    UpkeepDone done_;  // on the lane whose turn it is
};

}  // namespace meetpoint::exchange
