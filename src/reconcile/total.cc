#include "reconcile/total.h"

#include <algorithm>
#include <map>
#include <numeric>

namespace meetpoint::reconcile {
namespace {

// One side of an item. A repeat counts as a record, not as another call.
void addTo(SideTotals& totals, std::size_t records, Tally::Standing standing, std::int64_t connectedMs) {
    totals.records += records;
    if (!standing.isCall) return;
    ++totals.calls;
    totals.answered += standing.isAnswered ? 1 : 0;
    totals.connectedMs += connectedMs;
}

void addTo(SideTotals& totals, const SideTotals& other) {
    totals.records += other.records;
    totals.calls += other.calls;
    totals.answered += other.answered;
    totals.connectedMs += other.connectedMs;
}

// Which causes say something about the connected time of an item.
bool explainsTime(Cause cause) {
    switch (cause) {
        case Cause::durationBasis:
        case Cause::durationUnit:
        case Cause::rounding:
        case Cause::hungCall:
        case Cause::coverageGap:
        case Cause::transferredCall:
        case Cause::lateRecord:
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

TimeAtStake timeAtStake(const Item& item) {
    return {item.durationDeltaMs.value_or(item.theirMs - item.ourMs), item.unitMs, item.onwardMs, item.lateMs};
}

// The one side of which there are some.
Party sideWith(std::uint32_t ours, std::uint32_t theirs) {
    if (ours > 0 && theirs > 0) return Party::neither;
    return ours > 0 ? Party::platform : Party::carrier;
}

Party partyOf(const Item& item, Cause cause) {
    switch (cause) {
        case Cause::answeredOnly:
        case Cause::oneDirectionOnly:
        case Cause::onNet:
            return item.ourCount > 0 ? Party::carrier : Party::platform;  // the side that lacks them
        case Cause::duplicateUpload:
            return item.ourCount > 0 ? Party::platform : Party::carrier;
        case Cause::hungCall:
            return item.durationDeltaMs && *item.durationDeltaMs - item.unitMs > 0 ? Party::carrier : Party::platform;
        case Cause::lateRecord:
            return sideWith(item.ourLate, item.theirLate);
        case Cause::transferredCall:
            return sideWith(item.ourOnward, item.theirOnward);
        case Cause::partialRecords:
        case Cause::forkedLegs:
            if (item.ourCount == 1 && item.theirCount > 1) return Party::carrier;
            return item.ourCount > 1 && item.theirCount <= 1 ? Party::platform : Party::neither;
        default:
            return Party::neither;
    }
}

// Whether the two starts agree once the clocks are set.
bool startsAgree(const Item& item) {
    return item.startDeltaMs && std::abs(item.startResidualMs) <= measurementMs * 3 / 2;
}

}  // namespace

std::int64_t timeExplained(const TimeAtStake& time, Cause cause) {
    if (!explainsTime(cause)) return 0;
    if (cause == Cause::durationUnit) return time.unitMs;
    if (cause == Cause::transferredCall) return time.onwardMs;
    if (cause == Cause::lateRecord) return time.lateMs;
    return time.deltaMs - time.unitMs;  // once the unit is set right
}

void Tally::Sum::add(const Sum& other) {
    if (other.count == 0) return;
    // Whose records show it is said only where it is always the same side.
    at = count == 0 || at == other.at ? other.at : Party::neither;
    count += other.count;
    ms += other.ms;
}

void Tally::add(const Item& item, Standing ours, Standing theirs, const Calibration& calibration) {
    addTo(totals_.ours, item.ourCount, ours, item.ourMs);
    addTo(totals_.theirs, item.theirCount, theirs, item.theirMs);
    StateTotals& state = totals_.states[static_cast<std::size_t>(item.state)];
    ++state.items;
    state.ourMs += item.ourMs;
    state.theirMs += item.theirMs;
    totals_.pairs += item.startDeltaMs ? 1 : 0;
    item.causes.forEach([&](Cause cause) {
        sums_[static_cast<std::size_t>(cause)].add(
            {1, std::abs(timeExplained(timeAtStake(item), cause)), partyOf(item, cause)});
    });
    if (!startsAgree(item)) return;
    agreeing_.resize(calibration.segments.size(), 0);
    ++agreeing_[calibration.segmentAt(item.at.ms + *item.startDeltaMs)];
}

void Tally::noteBasis(std::optional<domain::TimeBasis> stated) {
    if (!basis_) basis_ = stated;
}

void Tally::noteRounding(const std::optional<Rounding>& stated) {
    if (!rounding_) rounding_ = stated;
}

void Tally::append(const Tally& next) {
    addTo(totals_.ours, next.totals_.ours);
    addTo(totals_.theirs, next.totals_.theirs);
    for (std::size_t s = 0; s < stateCount; ++s) {
        totals_.states[s].items += next.totals_.states[s].items;
        totals_.states[s].ourMs += next.totals_.states[s].ourMs;
        totals_.states[s].theirMs += next.totals_.states[s].theirMs;
    }
    totals_.pairs += next.totals_.pairs;
    for (std::size_t c = 0; c < causeCount; ++c)
        sums_[c].add(next.sums_[c]);
    if (agreeing_.size() < next.agreeing_.size()) agreeing_.resize(next.agreeing_.size(), 0);
    for (std::size_t segment = 0; segment < next.agreeing_.size(); ++segment)
        agreeing_[segment] += next.agreeing_[segment];
    noteBasis(next.basis_);
    noteRounding(next.rounding_);
}

class Diagnoser {
public:
    Diagnoser(const Tally& tally, const Absences& absences, const std::string& numberPrefix,
              std::optional<Instant> dueAt, Summary& out)
        : tally_(tally), absences_(absences), numberPrefix_(numberPrefix), dueAt_(dueAt), out_(out) {}

    void run() {
        addClock();
        addFigures();
        for (const CoverageGap& gap : absences_.gaps) {
            Diagnosis& found = add(Cause::coverageGap, gap.calls, gap.calls, gap.durationMs);
            found.from = Instant{gap.fromMs};
            found.to = Instant{gap.toMs};
            found.at = gap.atPlatform ? Party::platform : Party::carrier;
        }
        using enum Cause;
        for (const Cause cause : {partialRecords, forkedLegs, hungCall, answeredOnly, oneDirectionOnly, onNet,
                                  transferredCall, presentedNumber, reversedDirection, duplicateUpload, numberFormat,
                                  maskedNumber, lateRecord, unexplained}) {
            const Tally::Sum& found = sumOf(cause);
            if (found.count == 0) continue;
            Diagnosis& added = add(cause, found.count, outOf(cause), found.ms);
            added.at = found.at;
            if (cause == numberFormat) added.word = numberPrefix_;
            if (cause == lateRecord) added.dueAt = dueAt_;
        }
        std::ranges::stable_sort(out_.diagnosis, {}, &Diagnosis::cause);
    }

private:
    std::uint64_t outOf(Cause cause) const {
        switch (cause) {
            case Cause::answeredOnly:
            case Cause::oneDirectionOnly:
            case Cause::onNet:
            case Cause::duplicateUpload:
            case Cause::lateRecord:
                return items();
            default:
                return out_.totals.pairs;
        }
    }

    Diagnosis& add(Cause cause, std::uint64_t count, std::uint64_t outOf, std::int64_t ms) {
        Diagnosis found;
        found.cause = cause;
        found.count = count;
        found.outOf = outOf;
        found.explainedMs = ms;
        return out_.diagnosis.emplace_back(found);
    }

    const Tally::Sum& sumOf(Cause cause) const { return tally_.sums_[static_cast<std::size_t>(cause)]; }
    std::uint64_t items() const {
        std::uint64_t count = 0;
        for (const StateTotals& state : out_.totals.states)
            count += state.items;
        return count;
    }

    // Pairs whose starts agree once the clocks are set, by the zone that ruled.
    void addClock() {
        const Calibration& calibration = out_.calibration;
        const std::vector<std::uint64_t>& agreeingIn = tally_.agreeing_;
        const std::uint64_t agreeing = std::accumulate(agreeingIn.begin(), agreeingIn.end(), std::uint64_t{0});
        const std::uint64_t pairs = out_.totals.pairs;
        if (calibration.clockOffsetMs != 0)
            add(Cause::clockOffset, agreeing, pairs, 0).number = calibration.clockOffsetMs;
        if (calibration.driftMsPerHour != 0)
            add(Cause::clockDrift, agreeing, pairs, 0).rate = calibration.driftMsPerHour;
        std::map<int, std::uint64_t> zones;
        for (std::size_t segment = 0; segment < agreeingIn.size(); ++segment)
            if (calibration.zoneMinutes[segment] != 0) zones[calibration.zoneMinutes[segment]] += agreeingIn[segment];
        // A zone that ruled only in the margin is another day's finding.
        for (const auto& [minutes, count] : zones)
            if (count > 0) add(Cause::timeZone, count, pairs, 0).number = minutes;
        const Tally::Sum& basis = sumOf(Cause::startBasis);
        if (basis.count == 0) return;
        Diagnosis& found = add(Cause::startBasis, basis.count, pairs, 0);
        found.at = calibration.anchor == Anchor::startToAnswer ? Party::carrier : Party::platform;
        found.word = "answer";
    }

    void addFigures() {
        const Tally::Sum& basis = sumOf(Cause::durationBasis);
        if (basis.count > 0) {
            Diagnosis& found = add(Cause::durationBasis, basis.count, out_.totals.pairs, basis.ms);
            found.word = domain::nameAt("invite,ring,answer", static_cast<std::size_t>(basisShown()));
            found.at = Party::carrier;
        }
        const Tally::Sum& unit = sumOf(Cause::durationUnit);
        if (unit.count > 0) {
            Diagnosis& found = add(Cause::durationUnit, unit.count, out_.totals.pairs, unit.ms);
            found.unit = out_.calibration.unit;
            found.at = Party::carrier;
        }
        const Tally::Sum& rounding = sumOf(Cause::rounding);
        if (rounding.count == 0) return;
        Diagnosis& found = add(Cause::rounding, rounding.count, out_.totals.pairs, rounding.ms);
        // The carrier's in general, else what the records say of themselves.
        found.rounding = out_.calibration.rounding ? out_.calibration.rounding : tally_.rounding_;
        found.at = Party::carrier;
    }

    // The carrier's in general, else what the records say of themselves.
    domain::TimeBasis basisShown() const {
        const domain::TimeBasis general = out_.calibration.durationBasis;
        return general != domain::TimeBasis::answer ? general : tally_.basis_.value_or(general);
    }

    const Tally& tally_;
    const Absences& absences_;
    const std::string& numberPrefix_;
    const std::optional<Instant> dueAt_;
    Summary& out_;
};

Summary summarise(const Tally& tally, const Absences& absences, const Calibration& calibration,
                  const std::string& numberPrefix, std::optional<Instant> dueAt) {
    Summary summary{{}, tally.totals(), calibration};
    Diagnoser(tally, absences, numberPrefix, dueAt, summary).run();
    return summary;
}

}  // namespace meetpoint::reconcile
