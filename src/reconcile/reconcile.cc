#include "reconcile/reconcile.h"

#include "base/parallel.h"
#include "reconcile/absence.h"
#include "reconcile/calibrate.h"
#include "reconcile/exact.h"
#include "reconcile/leftovers.h"
#include "reconcile/match.h"
#include "reconcile/merge.h"
#include "reconcile/normalise.h"
#include "reconcile/onward.h"
#include "reconcile/parts.h"
#include "reconcile/units.h"

namespace meetpoint::reconcile {

Matched Reconciliation::match(SideInput calls, SideInput durations, const Options& options) {
    const std::size_t threads = options.threads;
    Sides sides = normalise(std::move(calls), std::move(durations), options);
    const SharedGroups groups = groupByPair(sides, threads);
    inParallel(threads, 2,
               [&](std::size_t side) { mergeRepeatsAndLegs(side == 0 ? sides.ours : sides.theirs, groups); });
    std::vector<IdPair> byId = pairsById(sides, threads);
    sides.ours.keepLinks();
    sides.ours.forgetSharedIds();
    sides.theirs.forgetSharedIds();
    const auto unit = findUnit(sides, groups);
    if (unit) convertDurations(sides.theirs, *unit);
    Calibration calibration = calibrate(sides, groups, byId, options);
    calibration.unit = unit;
    align(sides, calibration, threads);
    joinPartialRecords(sides, groups, calibration, threads);
    Matching matching(sides);
    matchById(sides, calibration, byId, matching);
    byId = {};
    matchByKey(sides, groups, calibration, threads, matching);
    matchLeftovers(sides, calibration, matching);
    joinOnwardLegs(sides, calibration, matching);
    absorbLegs(sides, groups, matching);
    Absences absences = findAbsences(sides, matching, options);
    return {options, std::move(sides), std::move(calibration), std::move(matching), std::move(absences)};
}

Summary Reconciliation::summary(const Tally& tally) const {
    return summarise(tally, matched_.absences, matched_.calibration, matched_.sides.numberPrefix,
                     matched_.options.dueAt);
}

Outcome reconcile(const columns::Records& calls, const columns::Records& durations, const Options& options) {
    SideInput ours(columns::LaneKind::calls), theirs(columns::LaneKind::durations);
    ours.add(calls);
    theirs.add(durations);
    return reconcile(std::move(ours), std::move(theirs), options);
}

Outcome reconcile(SideInput calls, SideInput durations, const Options& options) {
    const Reconciliation matched(std::move(calls), std::move(durations), options);
    Outcome outcome;
    Tally tally;
    outcome.items.reserve(matched.items());
    PiecesInOrder<ItemPiece> pieces(
        options.threads, matched.pieces(), [&](std::size_t number) { return matched.piece(number); },
        [&](ItemPiece piece) -> Result<void> {
            for (Item item : piece.items) {
                item.firstOurs += static_cast<std::uint32_t>(outcome.ourRows.size());
                item.firstTheirs += static_cast<std::uint32_t>(outcome.theirRows.size());
                outcome.items.push_back(item);
            }
            outcome.ourRows.insert(outcome.ourRows.end(), piece.ourRows.begin(), piece.ourRows.end());
            outcome.theirRows.insert(outcome.theirRows.end(), piece.theirRows.begin(), piece.theirRows.end());
            tally.append(piece.tally);
            return {};
        });
    (void)pieces.run();  // nothing here can fail
    static_cast<Summary&>(outcome) = matched.summary(tally);
    return outcome;
}

}  // namespace meetpoint::reconcile
