#include "reconcile/total.h"

#include <algorithm>
#include <map>

namespace meetpoint::reconcile {
namespace {

// Where each row of the input stands in its side.
std::vector<std::uint32_t> placesOf(const Side& side) {
    std::vector<std::uint32_t> places(side.size());
    for (std::uint32_t row = 0; row < side.size(); ++row)
        places[side.source[row]] = row;
    return places;
}

// One side of an item, in rows of the input: the row that stands for it comes first. A repeat counts as a record, not
// as another call.
void addTo(SideTotals& totals, const Side& side, const std::vector<std::uint32_t>& places,
           std::span<const std::uint32_t> rows, std::int64_t connectedMs) {
    totals.records += rows.size();
    if (rows.empty() || !side.isCall(places[rows.front()])) return;
    ++totals.calls;
    totals.answered += side.answered[places[rows.front()]] ? 1 : 0;
    totals.connectedMs += connectedMs;
}

// Which causes say something about the connected time of an item.
bool explainsTime(Cause cause) {
    switch (cause) {
        case Cause::durationBasis:
        case Cause::rounding:
        case Cause::hungCall:
        case Cause::coverageGap:
        case Cause::answeredOnly:
        case Cause::oneDirectionOnly:
        case Cause::onNet:
        case Cause::duplicateUpload:
        case Cause::unexplained:
            return true;
        default:
            return false;
    }
}

std::int64_t timeAtStake(const Item& item) {
    if (item.durationDeltaMs) return *item.durationDeltaMs;
    return item.theirMs - item.ourMs;
}

struct Sum {
    std::uint64_t count = 0;
    std::int64_t ms = 0;
    Party at = Party::neither;
};

class Diagnoser {
public:
    Diagnoser(const Sides& sides, const Absences& absences, Outcome& outcome)
        : sides_(sides), absences_(absences), outcome_(outcome) {}

    void run() {
        for (const Item& item : outcome_.items)
            gather(item);
        addClock();
        addFigures();
        for (const CoverageGap& gap : absences_.gaps) {
            Diagnosis& found = add(Cause::coverageGap, gap.calls, gap.calls, gap.durationMs);
            found.from = Instant{gap.fromMs};
            found.to = Instant{gap.toMs};
            found.at = gap.atPlatform ? Party::platform : Party::carrier;
        }
        using enum Cause;
        for (const Cause cause :
             {partialRecords, forkedLegs, hungCall, answeredOnly, oneDirectionOnly, onNet, transferredCall,
              presentedNumber, reversedDirection, duplicateUpload, numberFormat, maskedNumber, unexplained}) {
            const auto found = sums_.find(cause);
            if (found == sums_.end()) continue;
            Diagnosis& added = add(cause, found->second.count, outOf(cause), found->second.ms);
            added.at = found->second.at;
            if (cause == numberFormat) added.word = sides_.numberPrefix;
        }
        std::ranges::stable_sort(outcome_.diagnosis, {}, &Diagnosis::cause);
    }

private:
    static Party partyOf(const Item& item, Cause cause) {
        switch (cause) {
            case Cause::answeredOnly:
            case Cause::oneDirectionOnly:
            case Cause::onNet:
                return item.ourCount > 0 ? Party::carrier : Party::platform;  // the side that lacks them
            case Cause::duplicateUpload:
                return item.ourCount > 0 ? Party::platform : Party::carrier;
            case Cause::hungCall:
                return item.durationDeltaMs && *item.durationDeltaMs > 0 ? Party::carrier : Party::platform;
            case Cause::partialRecords:
            case Cause::forkedLegs:
                if (item.ourCount == 1 && item.theirCount > 1) return Party::carrier;
                return item.ourCount > 1 && item.theirCount <= 1 ? Party::platform : Party::neither;
            default:
                return Party::neither;
        }
    }

    void gather(const Item& item) {
        for (std::size_t c = 0; c < causeCount; ++c) {
            const auto cause = static_cast<Cause>(c);
            if (!item.causes.has(cause)) continue;
            Sum& sum = sums_[cause];
            // Whose records show it is said only where it is always the same side.
            const Party party = partyOf(item, cause);
            sum.at = sum.count == 0 || sum.at == party ? party : Party::neither;
            ++sum.count;
            if (explainsTime(cause)) sum.ms += std::abs(timeAtStake(item));
        }
    }

    std::uint64_t outOf(Cause cause) const {
        switch (cause) {
            case Cause::answeredOnly:
            case Cause::oneDirectionOnly:
            case Cause::onNet:
            case Cause::duplicateUpload:
                return outcome_.items.size();
            default:
                return outcome_.totals.pairs;
        }
    }

    Diagnosis& add(Cause cause, std::uint64_t count, std::uint64_t outOf, std::int64_t ms) {
        Diagnosis found;
        found.cause = cause;
        found.count = count;
        found.outOf = outOf;
        found.explainedMs = ms;
        return outcome_.diagnosis.emplace_back(found);
    }

    // Pairs whose starts agree once the clocks are set, by the zone that ruled.
    void addClock() {
        const Calibration& calibration = outcome_.calibration;
        std::uint64_t agreeing = 0;
        for (const Item& item : outcome_.items)
            if (item.startDeltaMs && std::abs(item.startResidualMs) <= measurementMs * 3 / 2) ++agreeing;
        const std::uint64_t pairs = outcome_.totals.pairs;
        if (calibration.clockOffsetMs != 0)
            add(Cause::clockOffset, agreeing, pairs, 0).number = calibration.clockOffsetMs;
        if (calibration.driftMsPerHour != 0)
            add(Cause::clockDrift, agreeing, pairs, 0).rate = calibration.driftMsPerHour;
        std::map<int, std::uint64_t> zones;
        for (std::size_t segment = 0; segment < calibration.segments.size(); ++segment)
            if (calibration.zoneMinutes[segment] != 0) zones[calibration.zoneMinutes[segment]] += agreeingIn(segment);
        // A zone that ruled only in the margin is another day's finding.
        for (const auto& [minutes, count] : zones)
            if (count > 0) add(Cause::timeZone, count, pairs, 0).number = minutes;
        const auto basis = sums_.find(Cause::startBasis);
        if (basis == sums_.end()) return;
        Diagnosis& found = add(Cause::startBasis, basis->second.count, pairs, 0);
        found.at = calibration.anchor == Anchor::startToAnswer ? Party::carrier : Party::platform;
        found.word = "answer";
    }

    std::uint64_t agreeingIn(std::size_t segment) const {
        const Calibration& calibration = outcome_.calibration;
        std::uint64_t count = 0;
        for (const Item& item : outcome_.items) {
            if (!item.startDeltaMs || std::abs(item.startResidualMs) > measurementMs * 3 / 2) continue;
            const std::int64_t their = item.at.ms + *item.startDeltaMs;
            std::size_t at = calibration.segments.size() - 1;
            while (at > 0 && calibration.segments[at].fromMs > their)
                --at;
            count += at == segment ? 1 : 0;
        }
        return count;
    }

    void addFigures() {
        const Calibration& calibration = outcome_.calibration;
        const auto basis = sums_.find(Cause::durationBasis);
        if (basis != sums_.end()) {
            Diagnosis& found = add(Cause::durationBasis, basis->second.count, outcome_.totals.pairs, basis->second.ms);
            found.word = domain::nameAt("invite,ring,answer", static_cast<std::size_t>(basisShown()));
            found.at = Party::carrier;
        }
        const auto rounding = sums_.find(Cause::rounding);
        if (rounding == sums_.end()) return;
        Diagnosis& found = add(Cause::rounding, rounding->second.count, outcome_.totals.pairs, rounding->second.ms);
        found.rounding = calibration.rounding;
        found.at = Party::carrier;
    }

    // The carrier's in general, else what the records say of themselves.
    domain::TimeBasis basisShown() const {
        const domain::TimeBasis general = outcome_.calibration.durationBasis;
        if (general != domain::TimeBasis::answer) return general;
        for (const Item& item : outcome_.items)
            if (item.causes.has(Cause::durationBasis))
                if (const auto stated = statedDurationBasis(*sides_.theirs.records, outcome_.theirs(item).front()))
                    return *stated;
        return general;
    }

    const Sides& sides_;
    const Absences& absences_;
    Outcome& outcome_;
    std::map<Cause, Sum> sums_;
};

}  // namespace

void total(const Sides& sides, const Absences& absences, Outcome& outcome) {
    Totals& totals = outcome.totals;
    const auto ourPlaces = placesOf(sides.ours), theirPlaces = placesOf(sides.theirs);
    for (const Item& item : outcome.items) {
        addTo(totals.ours, sides.ours, ourPlaces, outcome.ours(item), item.ourMs);
        addTo(totals.theirs, sides.theirs, theirPlaces, outcome.theirs(item), item.theirMs);
        StateTotals& state = totals.states[static_cast<std::size_t>(item.state)];
        ++state.items;
        state.ourMs += item.ourMs;
        state.theirMs += item.theirMs;
        totals.pairs += item.startDeltaMs ? 1 : 0;
    }
    Diagnoser(sides, absences, outcome).run();
}

}  // namespace meetpoint::reconcile
