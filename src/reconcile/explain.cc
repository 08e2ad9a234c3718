#include "reconcile/explain.h"

#include <algorithm>

namespace meetpoint::reconcile {
namespace {

// A call that one side let run ends at a timer: a multiple of half an hour, up to a day.
constexpr std::int64_t capStepMs = 1'800'000;
constexpr std::int64_t longestCapMs = 86'400'000;
constexpr std::int64_t capSlackMs = 2'000;
// and is longer than the other side's by at least so much.
constexpr std::int64_t hungExcessMs = 60'000;

class Explainer {
public:
    Explainer(const Sides& sides, const Matching& matching, const Absences& absences, const Options& options,
              Outcome& outcome)
        : sides_(sides),
          ours_(sides.ours),
          theirs_(sides.theirs),
          matching_(matching),
          absences_(absences),
          options_(options),
          outcome_(outcome) {}

    void run() {
        outcome_.items.reserve(std::max(ours_.size(), theirs_.size()));
        outcome_.ourRows.reserve(ours_.size());
        outcome_.theirRows.reserve(theirs_.size());
        for (std::uint32_t row = 0; row < ours_.size(); ++row) {
            if (!ours_.isCall(row) || matching_.ourTie[row]) continue;
            if (matching_.theirsOf[row] != noRow)
                addPair(row, matching_.theirsOf[row]);
            else
                addAlone(ours_, row, absences_.ours[row], State::missingAtCarrier);
        }
        for (std::uint32_t row = 0; row < theirs_.size(); ++row)
            if (theirs_.isCall(row) && !matching_.theirTie[row] && matching_.oursOf[row] == noRow)
                addAlone(theirs_, row, absences_.theirs[row], State::missingAtPlatform);
        for (const Ambiguity& rows : matching_.ambiguities)
            addAmbiguous(rows);
        addRepeatsAndInvalid(ours_, theirs_, matching_.theirsOf);
        addRepeatsAndInvalid(theirs_, ours_, matching_.oursOf);
        putInOrder();
    }

private:
    Item begin(State state, std::int64_t atMs) const {
        Item item;
        item.state = state;
        item.at = {atMs};
        item.firstOurs = static_cast<std::uint32_t>(outcome_.ourRows.size());
        item.firstTheirs = static_cast<std::uint32_t>(outcome_.theirRows.size());
        return item;
    }

    // Puts a row and what belongs to its call into the item.
    void addChain(Item& item, const Side& side, std::uint32_t call) {
        auto& rows = side.ours ? outcome_.ourRows : outcome_.theirRows;
        for (std::uint32_t row = call; row != noRow; row = side.next[row]) {
            rows.push_back(side.source[row]);
            ++(side.ours ? item.ourCount : item.theirCount);
            if (row == call) continue;
            if (side.role[row] == Role::leg) item.causes.add(Cause::forkedLegs);
            if (side.role[row] == Role::part) item.causes.add(Cause::partialRecords);
        }
        (side.ours ? item.ourMs : item.theirMs) += side.duration[call];
    }

    void addPair(std::uint32_t i, std::uint32_t j) {
        Item item = begin(State::matched, ours_.start[i]);
        item.matchedBy = matching_.by[i];
        addChain(item, ours_, i);
        addChain(item, theirs_, j);
        item.startDeltaMs = theirs_.start[j] - ours_.start[i];
        item.durationDeltaMs = theirs_.duration[j] - ours_.duration[i];
        item.startResidualMs = theirs_.at[j] - ours_.at[i];
        addClockCauses(item, i, j);
        addNumberCauses(item, i, j);
        addDurationCauses(item, i, j);
        item.state = stateOf(item, i, j);
        addUnexplained(item);
        outcome_.items.push_back(item);
    }

    void addClockCauses(Item& item, std::uint32_t i, std::uint32_t j) const {
        const Calibration& calibration = outcome_.calibration;
        if (calibration.clockOffsetMs != 0) item.causes.add(Cause::clockOffset);
        if (calibration.driftMsPerHour != 0) item.causes.add(Cause::clockDrift);
        std::size_t segment = calibration.segments.size() - 1;
        while (segment > 0 && calibration.segments[segment].fromMs > theirs_.start[j])
            --segment;
        if (calibration.zoneMinutes[segment] != 0) item.causes.add(Cause::timeZone);
        const bool basis = std::abs(ours_.at[i] - ours_.start[i]) > measurementMs ||
                           (calibration.anchor == Anchor::answerToStart && theirs_.answered[j] &&
                            theirs_.answer[j] != noTime && theirs_.answer[j] - theirs_.start[j] > measurementMs);
        if (basis) item.causes.add(Cause::startBasis);
    }

    bool sameNumbers(std::uint32_t i, std::uint32_t j) const {
        return ours_.own[i] == theirs_.own[j] && farAgrees(ours_, i, theirs_, j);
    }

    void addNumberCauses(Item& item, std::uint32_t i, std::uint32_t j) const {
        if (ours_.converted[i] != theirs_.converted[j]) item.causes.add(Cause::numberFormat);
        const bool farUnstated = (ours_.far[i] == 0) != (theirs_.far[j] == 0);
        if (ours_.hidden[i] != theirs_.hidden[j] || farUnstated || isNameAgainstNumber(i, j))
            item.causes.add(Cause::maskedNumber);
        if (item.matchedBy == MatchedBy::reversed) item.causes.add(Cause::reversedDirection);
        const bool shown = ours_.presented[i] != 0 && ours_.presented[i] == theirs_.own[j];
        if (ours_.own[i] != theirs_.own[j] && shown) item.causes.add(Cause::presentedNumber);
    }

    bool isNameAgainstNumber(std::uint32_t i, std::uint32_t j) const {
        return isText(ours_.far[i]) != isText(theirs_.far[j]) && ours_.far[i] != 0 && theirs_.far[j] != 0;
    }
    static bool isText(std::uint64_t number) { return (number & textKey) != 0; }

    // Our duration as their record counts it: as the carrier counts in general, or as this record says of itself where
    // only that agrees (one gateway of several may count the ringing).
    struct Counted {
        domain::TimeBasis basis;
        std::int64_t ms;
        bool agrees;
    };
    Counted countedAs(std::uint32_t i, std::uint32_t j) const {
        const Calibration& calibration = outcome_.calibration;
        const auto as = [&](domain::TimeBasis basis, std::int64_t ms) {
            return Counted{basis, ms, durationGap(calibration, ms, theirs_.measured[j]) == 0};
        };
        const Counted general = as(calibration.durationBasis, ours_.measured[i]);
        const auto stated = statedDurationBasis(*theirs_.records, theirs_.source[j]);
        if (general.agrees || !stated) return general;
        const Counted own = as(*stated, durationFrom(ours_, i, *stated));
        return own.agrees ? own : general;
    }

    void addDurationCauses(Item& item, std::uint32_t i, std::uint32_t j) const {
        const std::int64_t delta = *item.durationDeltaMs;
        if (delta == 0 || ours_.answered[i] != theirs_.answered[j]) return;
        const Counted counted = countedAs(i, j);
        const std::int64_t plain = std::abs(theirs_.measured[j] - counted.ms);
        const bool basis =
            counted.basis != domain::TimeBasis::answer && std::abs(counted.ms - ours_.duration[i]) > measurementMs;
        if (basis && counted.agrees) item.causes.add(Cause::durationBasis);
        if (outcome_.calibration.rounding && counted.agrees && plain > 0 &&
            followsRounding(counted.ms, theirs_.measured[j]))
            item.causes.add(Cause::rounding);
        if (isHung(ours_.duration[i], theirs_.duration[j]) || isHung(theirs_.duration[j], ours_.duration[i]))
            item.causes.add(Cause::hungCall);
    }

    bool followsRounding(std::int64_t ourMs, std::int64_t theirMs) const {
        const Rounding& rounding = *outcome_.calibration.rounding;
        const std::int64_t plain = std::abs(theirMs - ourMs);
        const bool sameStep = outcome_.calibration.exactRounding ? plain < rounding.step.ms : plain > 0;
        return sameStep && rounding.distance(ourMs, theirMs, measurementMs) == 0;
    }

    static bool isHung(std::int64_t longer, std::int64_t shorter) {
        if (longer - shorter < hungExcessMs || longer > longestCapMs + capSlackMs) return false;
        const std::int64_t rest = longer % capStepMs;
        return longer >= capStepMs - capSlackMs && (rest <= capSlackMs || capStepMs - rest <= capSlackMs);
    }

    State stateOf(const Item& item, std::uint32_t i, std::uint32_t j) const {
        if (ours_.answered[i] != theirs_.answered[j]) return State::answeredOnOneSide;
        const bool otherNumber =
            item.matchedBy != MatchedBy::reversed && !sameNumbers(i, j) && !item.causes.has(Cause::maskedNumber);
        if (otherNumber || (item.matchedBy != MatchedBy::reversed && ours_.own[i] != theirs_.own[j]))
            return State::numberMismatch;
        const auto parts = static_cast<std::int64_t>(
            item.causes.has(Cause::partialRecords) ? std::max(item.ourCount, item.theirCount) : 1);
        const std::int64_t duration = std::abs(*item.durationDeltaMs);
        const std::int64_t start = std::abs(item.startResidualMs);
        const std::int64_t allowed = std::max<std::int64_t>(
            options_.tolerance.ms,
            static_cast<std::int64_t>(options_.toleranceShare * static_cast<double>(ours_.duration[i])));
        if (duration > std::max(allowed, parts * measurementMs)) return State::durationMismatch;
        if (start > std::max(options_.tolerance.ms, startMeasurement())) return State::timeMismatch;
        const bool measured = duration <= parts * measurementMs && start <= startMeasurement();
        return measured ? State::matched : State::matchedWithinTolerance;
    }

    // Where one clock cuts to seconds and the other does not, half a second more is measurement.
    std::int64_t startMeasurement() const {
        return measurementMs + (ours_.resolutionMs != theirs_.resolutionMs ? measurementMs / 2 : 0) +
               (outcome_.calibration.driftMsPerHour != 0 ? measurementMs / 2 : 0);
    }

    static void addUnexplained(Item& item) {
        const auto hasAny = [&](std::initializer_list<Cause> causes) {
            return std::ranges::any_of(causes, [&](Cause cause) { return item.causes.has(cause); });
        };
        using enum Cause;
        const bool unexplainedState =
            (item.state == State::durationMismatch && !hasAny({rounding, durationBasis, hungCall, partialRecords})) ||
            (item.state == State::numberMismatch && !hasAny({presentedNumber, numberFormat})) ||
            (item.state == State::answeredOnOneSide && !hasAny({hungCall, forkedLegs})) ||
            item.state == State::timeMismatch;
        if (unexplainedState) item.causes.add(unexplained);
    }

    void addAlone(const Side& side, std::uint32_t row, Absence absence, State missing) {
        Item item = begin(missing, side.at[row]);
        addChain(item, side, row);
        switch (absence) {
            case Absence::missing:
                break;
            case Absence::gap:
                item.causes.add(Cause::coverageGap);
                break;
            case Absence::outsideInterval:
                item.state = State::outsideMutualInterval;
                break;
            case Absence::answeredOnly:
                item.state = State::outsideScope, item.causes.add(Cause::answeredOnly);
                break;
            case Absence::oneDirectionOnly:
                item.state = State::outsideScope, item.causes.add(Cause::oneDirectionOnly);
                break;
            case Absence::onNet:
                item.state = State::outsideScope, item.causes.add(Cause::onNet);
                break;
        }
        outcome_.items.push_back(item);
    }

    void addAmbiguous(const Ambiguity& rows) {
        const std::int64_t at = rows.ours.empty() ? theirs_.at[rows.theirs.front()] : ours_.at[rows.ours.front()];
        Item item = begin(State::ambiguous, at);
        for (const std::uint32_t row : rows.ours)
            addChain(item, ours_, row);
        for (const std::uint32_t row : rows.theirs)
            addChain(item, theirs_, row);
        outcome_.items.push_back(item);
    }

    void addRepeatsAndInvalid(const Side& side, const Side& other, const std::vector<std::uint32_t>& partner) {
        const auto counted = [](const Side& one) {
            std::vector<std::uint32_t> counts(one.size(), 0);
            for (std::uint32_t row = 0; row < one.size(); ++row)
                if (one.role[row] == Role::duplicate) ++counts[callOf(one, row)];
            return counts;
        };
        const auto here = counted(side);
        const auto there = counted(other);
        for (std::uint32_t row = 0; row < side.size(); ++row) {
            if (side.role[row] != Role::duplicate && side.role[row] != Role::invalid) continue;
            const bool invalid = side.role[row] == Role::invalid;
            Item item = begin(invalid     ? State::invalid
                              : side.ours ? State::duplicateAtPlatform
                                          : State::duplicateAtCarrier,
                              side.at[row]);
            if (invalid) {
                item.invalidNumber = side.fault[row] == Fault::noNumber;
            } else {
                item.causes.add(Cause::duplicateUpload);
                const std::uint32_t call = callOf(side, row);
                item.repeatedByBoth = partner[call] != noRow && here[call] == there[partner[call]];
            }
            addChain(item, side, row);
            outcome_.items.push_back(item);
        }
    }

    // A repeat of a leg belongs to the call that the leg rang for.
    static std::uint32_t callOf(const Side& side, std::uint32_t row) {
        while (!side.isCall(row) && side.head[row] != noRow)
            row = side.head[row];
        return row;
    }

    // By time; equal instants by what is in them, which no order of the input changes.
    void putInOrder() {
        std::ranges::stable_sort(outcome_.items, {}, [](const Item& item) { return item.at; });
    }

    const Sides& sides_;
    const Side& ours_;
    const Side& theirs_;
    const Matching& matching_;
    const Absences& absences_;
    const Options& options_;
    Outcome& outcome_;
};

}  // namespace

void explain(const Sides& sides, const Matching& matching, const Absences& absences, const Options& options,
             Outcome& outcome) {
    Explainer(sides, matching, absences, options, outcome).run();
}

}  // namespace meetpoint::reconcile
