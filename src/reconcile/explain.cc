#include "reconcile/explain.h"

#include <algorithm>

#include "reconcile/sorting.h"

namespace meetpoint::reconcile {
namespace {

// A call that one side let run ends at a timer: a multiple of half an hour, up to a day.
constexpr std::int64_t capStepMs = 1'800'000;
constexpr std::int64_t longestCapMs = 86'400'000;
constexpr std::int64_t capSlackMs = 2'000;
// and is longer than the other side's by at least so much.
constexpr std::int64_t hungExcessMs = 60'000;

std::int64_t timeOf(const Side& ours, const Side& theirs, const Ambiguity& rows) {
    return rows.ours.empty() ? theirs.at(rows.theirs.front()) : ours.at(rows.ours.front());
}

// A repeat of a leg belongs to the call that the leg rang for.
std::uint32_t callOf(const Side& side, std::uint32_t row) {
    while (!side.isCall(row) && side.head(row) != noRow)
        row = side.head(row);
    return row;
}

// Writes items, one after another.
class Explainer {
public:
    Explainer(const Matched& matched, ItemPiece& out)
        : ours_(matched.sides.ours),
          theirs_(matched.sides.theirs),
          matching_(matched.matching),
          absences_(matched.absences),
          calibration_(matched.calibration),
          options_(matched.options),
          out_(out) {}

    void add(const ItemPlace& place, const RepeatCounts& repeats) {
        switch (place.kind) {
            case ItemKind::ourCall:
                if (matching_.theirsOf[place.row] != noRow) return addPair(place.row, matching_.theirsOf[place.row]);
                return addAlone(ours_, place.row, absences_.ours[place.row], State::missingAtCarrier);
            case ItemKind::theirCall:
                return addAlone(theirs_, place.row, absences_.theirs[place.row], State::missingAtPlatform);
            case ItemKind::ambiguity:
                return addAmbiguous(matching_.ambiguities[place.row]);
            case ItemKind::ourRest:
                return addRest(ours_, place.row, matching_.theirsOf, repeats.ours, repeats.theirs);
            case ItemKind::theirRest:
                return addRest(theirs_, place.row, matching_.oursOf, repeats.theirs, repeats.ours);
        }
    }

private:
    Item begin(State state, std::int64_t atMs) const {
        Item item;
        item.state = state;
        item.at = {atMs};
        item.firstOurs = static_cast<std::uint32_t>(out_.ourRows.size());
        item.firstTheirs = static_cast<std::uint32_t>(out_.theirRows.size());
        return item;
    }

    // Puts a row and what belongs to its call into the item; rows of ours come first.
    void addChain(Item& item, const Side& side, std::uint32_t call) {
        if (item.ourCount + item.theirCount == 0) {
            item.ownNumber = side.statedOwn(call);
            item.direction = side.direction[call];
        }
        auto& rows = side.ours ? out_.ourRows : out_.theirRows;
        for (std::uint32_t row = call; row != noRow; row = side.next(row)) {
            rows.push_back(side.source[row]);
            ++(side.ours ? item.ourCount : item.theirCount);
            if (side.isLate(row)) {
                item.causes.add(Cause::lateRecord);
                // The call itself has the time of all its parts.
                if (row == call || !side.isLate(call)) item.lateMs += side.statedDuration(row);
                ++(side.ours ? item.ourLate : item.theirLate);
            }
            if (row == call) continue;
            if (side.role[row] == Role::leg) item.causes.add(Cause::forkedLegs);
            if (side.role[row] == Role::part) item.causes.add(Cause::partialRecords);
            if (side.role[row] == Role::onward) {
                item.causes.add(Cause::transferredCall);
                item.onwardMs += side.statedDuration(row);
                ++(side.ours ? item.ourOnward : item.theirOnward);
            }
        }
        (side.ours ? item.ourMs : item.theirMs) += side.statedDuration(call);
    }

    void finish(const Item& item, std::uint32_t firstOurs, std::uint32_t firstTheirs) {
        out_.items.push_back(item);
        const auto standing = [](const Side& side, std::uint32_t row) {
            return Tally::Standing{row != noRow && side.isCall(row), row != noRow && side.answered[row] != 0};
        };
        out_.tally.add(item, standing(ours_, firstOurs), standing(theirs_, firstTheirs), calibration_);
        if (item.causes.has(Cause::durationBasis)) out_.tally.noteBasis(item.statedBasis);
        if (item.causes.has(Cause::rounding)) out_.tally.noteRounding(item.statedRounding);
    }

    void addPair(std::uint32_t i, std::uint32_t j) {
        Item item = begin(State::matched, ours_.start[i]);
        item.matchedBy = matching_.by[i];
        addChain(item, ours_, i);
        addChain(item, theirs_, j);
        item.startDeltaMs = theirs_.start[j] - ours_.start[i];
        item.durationDeltaMs = theirs_.statedDuration(j) - ours_.duration[i];
        item.unitMs = theirs_.statedDuration(j) - theirs_.duration[j];
        item.startResidualMs = theirs_.at(j) - ours_.at(i);
        item.statedBasis = theirs_.statedDurationBasis(j);
        item.statedRounding = theirs_.statedDurationRounding(j);
        if (ours_.duration[i] > 0 && ours_.statesAnswer(i)) {
            item.inviteToAnswerMs = std::max<std::int64_t>(0, ours_.answerAfter[i]);
            const std::int64_t ringing = ours_.ringingAfter.isStated(i) ? ours_.ringingAfter[i] : 0;
            item.ringingToAnswerMs = std::max<std::int64_t>(0, ours_.answerAfter[i] - ringing);
        }
        addClockCauses(item, i, j);
        addNumberCauses(item, i, j);
        addDurationCauses(item, i, j);
        item.state = stateOf(item, i, j);
        addUnexplained(item);
        finish(item, i, j);
    }

    void addClockCauses(Item& item, std::uint32_t i, std::uint32_t j) const {
        if (calibration_.clockOffsetMs != 0) item.causes.add(Cause::clockOffset);
        if (calibration_.driftMsPerHour != 0) item.causes.add(Cause::clockDrift);
        if (calibration_.zoneMinutes[calibration_.segmentAt(theirs_.start[j])] != 0) item.causes.add(Cause::timeZone);
        const bool basis = std::abs(ours_.at(i) - ours_.start[i]) > measurementMs ||
                           (calibration_.anchor == Anchor::answerToStart && theirs_.answered[j] &&
                            theirs_.statesAnswer(j) && theirs_.answerAfter[j] > measurementMs);
        if (basis) item.causes.add(Cause::startBasis);
    }

    bool sameNumbers(std::uint32_t i, std::uint32_t j) const {
        return ours_.own[i] == theirs_.own[j] && farAgrees(ours_, i, theirs_, j);
    }

    // The opposite direction, and each side's own number is the other's far end.
    bool isSeenFromOtherEnd(std::uint32_t i, std::uint32_t j) const {
        const auto shown = [](std::uint64_t own, const Side& other, std::uint32_t row) {
            return readablePart(own, other.hidden[row]) == readablePart(other.far[row], other.hidden[row]);
        };
        return ours_.direction[i] != theirs_.direction[j] && shown(ours_.own[i], theirs_, j) &&
               shown(theirs_.own[j], ours_, i);
    }

    void addNumberCauses(Item& item, std::uint32_t i, std::uint32_t j) const {
        if (ours_.converted[i] != theirs_.converted[j]) item.causes.add(Cause::numberFormat);
        const bool farUnstated = (ours_.far[i] == 0) != (theirs_.far[j] == 0);
        if (ours_.hidden[i] != theirs_.hidden[j] || farUnstated || isNameAgainstNumber(i, j))
            item.causes.add(Cause::maskedNumber);
        if (ours_.direction[i] != theirs_.direction[j]) item.causes.add(Cause::reversedDirection);
        const bool shown = ours_.presented(i) != 0 && ours_.presented(i) == theirs_.own[j];
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
        std::optional<Rounding> rounding;
        std::int64_t ms;
        bool agrees;
    };
    Counted countedAs(const Item& item, std::uint32_t i, std::uint32_t j) const {
        const auto as = [&](domain::TimeBasis basis, const std::optional<Rounding>& rounding, std::int64_t ms) {
            return Counted{basis, rounding, ms, durationGap(rounding, ms, theirs_.measured[j]) == 0};
        };
        const Counted general = as(calibration_.durationBasis, calibration_.rounding, ours_.measured[i]);
        if (general.agrees || !(item.statedBasis || item.statedRounding)) return general;
        const domain::TimeBasis basis = item.statedBasis.value_or(general.basis);
        const auto rounding = item.statedRounding ? item.statedRounding : general.rounding;
        const Counted own = as(basis, rounding, durationFrom(ours_, i, basis));
        return own.agrees ? own : general;
    }

    void addDurationCauses(Item& item, std::uint32_t i, std::uint32_t j) const {
        if (item.unitMs != 0) item.causes.add(Cause::durationUnit);
        const std::int64_t delta = *item.durationDeltaMs - item.unitMs;
        if (delta == 0 || ours_.answered[i] != theirs_.answered[j]) return;
        const Counted counted = countedAs(item, i, j);
        const std::int64_t plain = std::abs(theirs_.measured[j] - counted.ms);
        const bool basis =
            counted.basis != domain::TimeBasis::answer && std::abs(counted.ms - ours_.duration[i]) > measurementMs;
        if (basis && counted.agrees) item.causes.add(Cause::durationBasis);
        if (counted.rounding && counted.agrees && plain > 0 &&
            followsRounding(*counted.rounding, counted.ms, theirs_.measured[j]))
            item.causes.add(Cause::rounding);
        // A timer may count the ringing or not, whatever the record does.
        const std::int64_t ringing = counted.ms - ours_.duration[i];
        if (isHung(ours_.duration[i], theirs_.duration[j]) || isHung(theirs_.duration[j], ours_.duration[i]) ||
            isHung(theirs_.duration[j] - ringing, ours_.duration[i]))
            item.causes.add(Cause::hungCall);
    }

    bool followsRounding(const Rounding& rounding, std::int64_t ourMs, std::int64_t theirMs) const {
        const std::int64_t plain = std::abs(theirMs - ourMs);
        const bool sameStep = calibration_.exactRounding ? plain < rounding.step.ms : plain > 0;
        return sameStep && rounding.distance(ourMs, theirMs, measurementMs) == 0;
    }

    static bool isHung(std::int64_t longer, std::int64_t shorter) {
        if (longer - shorter < hungExcessMs || longer > longestCapMs + capSlackMs) return false;
        const std::int64_t rest = longer % capStepMs;
        return longer >= capStepMs - capSlackMs && (rest <= capSlackMs || capStepMs - rest <= capSlackMs);
    }

    State stateOf(const Item& item, std::uint32_t i, std::uint32_t j) const {
        if (ours_.answered[i] != theirs_.answered[j]) return State::answeredOnOneSide;
        const bool isReversed = item.matchedBy == MatchedBy::reversed || isSeenFromOtherEnd(i, j);
        const bool otherNumber = !isReversed && !sameNumbers(i, j) && !item.causes.has(Cause::maskedNumber);
        if (otherNumber || (!isReversed && ours_.own[i] != theirs_.own[j])) return State::numberMismatch;
        const auto parts =
            static_cast<std::int64_t>(item.causes.has(Cause::partialRecords) || item.causes.has(Cause::transferredCall)
                                          ? std::max(item.ourCount, item.theirCount)
                                          : 1);
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
               (calibration_.driftMsPerHour != 0 ? measurementMs / 2 : 0);
    }

    static void addUnexplained(Item& item) {
        const auto hasAny = [&](std::initializer_list<Cause> causes) {
            return std::ranges::any_of(causes, [&](Cause cause) { return item.causes.has(cause); });
        };
        using enum Cause;
        const bool unexplainedState =
            (item.state == State::durationMismatch &&
             !hasAny({rounding, durationBasis, durationUnit, hungCall, partialRecords, transferredCall})) ||
            (item.state == State::numberMismatch && !hasAny({presentedNumber, numberFormat})) ||
            (item.state == State::answeredOnOneSide && !hasAny({hungCall, forkedLegs})) ||
            item.state == State::timeMismatch;
        if (unexplainedState) item.causes.add(unexplained);
    }

    void addAlone(const Side& side, std::uint32_t row, Absence absence, State missing) {
        Item item = begin(missing, side.at(row));
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
        finish(item, side.ours ? row : noRow, side.ours ? noRow : row);
    }

    void addAmbiguous(const Ambiguity& rows) {
        Item item = begin(State::ambiguous, timeOf(ours_, theirs_, rows));
        for (const std::uint32_t row : rows.ours)
            addChain(item, ours_, row);
        for (const std::uint32_t row : rows.theirs)
            addChain(item, theirs_, row);
        finish(item, rows.ours.empty() ? noRow : rows.ours.front(), rows.theirs.empty() ? noRow : rows.theirs.front());
    }

    // A repeat, or a record that cannot be used.
    void addRest(const Side& side, std::uint32_t row, const std::vector<std::uint32_t>& partner,
                 const RepeatCounts::Counts& here, const RepeatCounts::Counts& there) {
        const bool invalid = side.role[row] == Role::invalid;
        Item item = begin(invalid     ? State::invalid
                          : side.ours ? State::duplicateAtPlatform
                                      : State::duplicateAtCarrier,
                          side.at(row));
        if (invalid) {
            item.invalidNumber = side.fault(row) == Fault::noNumber;
        } else {
            item.causes.add(Cause::duplicateUpload);
            const std::uint32_t call = callOf(side, row);
            const auto countOf = [](const RepeatCounts::Counts& counts, std::uint32_t of) {
                const auto found = counts.find(of);
                return found == counts.end() ? 0 : found->second;
            };
            item.repeatedByBoth = partner[call] != noRow && countOf(here, call) == countOf(there, partner[call]);
        }
        addChain(item, side, row);
        finish(item, side.ours ? row : noRow, side.ours ? noRow : row);
    }

    const Side& ours_;
    const Side& theirs_;
    const Matching& matching_;
    const Absences& absences_;
    const Calibration& calibration_;
    const Options& options_;
    ItemPiece& out_;
};

}  // namespace

ItemMaker::ItemMaker(const Matched& matched) : matched_(matched) {
    const Side& ours = matched.sides.ours;
    const Side& theirs = matched.sides.theirs;
    const Matching& matching = matched.matching;
    const auto isRest = [](Role role) { return role == Role::duplicate || role == Role::invalid; };
    reserveLarge(places_, std::max(ours.size(), theirs.size()));
    for (std::uint32_t row = 0; row < ours.size(); ++row)
        if (ours.isCall(row) && !matching.ourTie[row]) add({row, ItemKind::ourCall});
    for (std::uint32_t row = 0; row < theirs.size(); ++row)
        if (theirs.isCall(row) && !matching.theirTie[row] && matching.oursOf[row] == noRow)
            add({row, ItemKind::theirCall});
    for (std::uint32_t number = 0; number < matching.ambiguities.size(); ++number)
        add({number, ItemKind::ambiguity});
    for (const Side* side : {&ours, &theirs}) {
        auto& counts = side->ours ? repeats_.ours : repeats_.theirs;
        for (std::uint32_t row = 0; row < side->size(); ++row) {
            if (!isRest(side->role[row])) continue;
            add({row, side->ours ? ItemKind::ourRest : ItemKind::theirRest});
            if (side->role[row] == Role::duplicate) ++counts[callOf(*side, row)];
        }
    }
    // Equal instants stay in the order in which they stand here, which no order of the input changes.
    const auto time = [this](const ItemPlace& place) { return inUnsignedOrder(timeOf(place)); };
    if (!std::ranges::is_sorted(places_, {}, time)) sortByNumber(places_, time);
}

// What lies outside the time of interest was there to find partners; it is counted in its own day's run.
void ItemMaker::add(const ItemPlace& place) {
    const Options& options = matched_.options;
    const std::int64_t at = timeOf(place);
    if ((options.from && at < options.from->ms) || (options.to && at >= options.to->ms)) return;
    places_.push_back(place);
}

std::int64_t ItemMaker::timeOf(const ItemPlace& place) const {
    const Side& ours = matched_.sides.ours;
    const Side& theirs = matched_.sides.theirs;
    switch (place.kind) {
        case ItemKind::ourCall:
            return matched_.matching.theirsOf[place.row] != noRow ? ours.start[place.row] : ours.at(place.row);
        case ItemKind::ourRest:
            return ours.at(place.row);
        case ItemKind::theirCall:
        case ItemKind::theirRest:
            return theirs.at(place.row);
        case ItemKind::ambiguity:
            break;
    }
    return meetpoint::reconcile::timeOf(ours, theirs, matched_.matching.ambiguities[place.row]);
}

ItemPiece ItemMaker::make(std::size_t number) const {
    const auto places = std::span(places_).subspan(number * itemsOfPiece);
    ItemPiece piece;
    piece.items.reserve(std::min(places.size(), itemsOfPiece));
    Explainer explainer(matched_, piece);
    for (const ItemPlace& place : places.first(std::min(places.size(), itemsOfPiece)))
        explainer.add(place, repeats_);
    return piece;
}

}  // namespace meetpoint::reconcile
