#include "reconcile/reconcile.h"

#include "reconcile/absence.h"
#include "reconcile/calibrate.h"
#include "reconcile/exact.h"
#include "reconcile/explain.h"
#include "reconcile/leftovers.h"
#include "reconcile/match.h"
#include "reconcile/merge.h"
#include "reconcile/normalise.h"
#include "reconcile/parts.h"
#include "reconcile/total.h"

namespace meetpoint::reconcile {

namespace {

// What lies outside the time of interest was there to find partners; it is counted in its own day's run.
void keepWithin(const Options& options, std::vector<Item>& items) {
    std::erase_if(items, [&](const Item& item) {
        return (options.from && item.at < *options.from) || (options.to && item.at >= *options.to);
    });
}

}  // namespace

Outcome reconcile(const columns::Records& calls, const columns::Records& durations, const Options& options) {
    Outcome outcome;
    Sides sides = normalise(calls, durations, options);
    mergeRepeatsAndLegs(sides.ours);
    mergeRepeatsAndLegs(sides.theirs);
    const std::vector<IdPair> byId = pairsById(sides);
    outcome.calibration = calibrate(sides, byId, options);
    align(sides, outcome.calibration);
    joinPartialRecords(sides, outcome.calibration);
    Matching matching(sides);
    matchById(sides, outcome.calibration, byId, matching);
    matchByKey(sides, outcome.calibration, matching);
    matchLeftovers(sides, outcome.calibration, matching);
    absorbLegs(sides, matching);
    const Absences absences = findAbsences(sides, matching, options);
    explain(sides, matching, absences, options, outcome);
    keepWithin(options, outcome.items);
    total(sides, absences, outcome);
    return outcome;
}

}  // namespace meetpoint::reconcile
