// What a reconciliation gives: one item a call on either side, a diagnosis, totals.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/hash.h"
#include "base/id.h"
#include "columns/records.h"
#include "reconcile/calibrate.h"
#include "reconcile/options.h"

namespace meetpoint::reconcile {

struct Item {
    State state = State::matched;
    MatchedBy matchedBy = MatchedBy::nothing;
    Causes causes;
    // A repeat that the other side repeats as well: shown, and no difference.
    bool repeatedByBoth = false;
    bool invalidNumber = false;  // state invalid: no number (else a negative duration)
    Instant at;                  // on our clock
    // Theirs minus ours, as stated; nothing unless one call stands on each side.
    std::optional<std::int64_t> startDeltaMs;
    std::optional<std::int64_t> durationDeltaMs;
    // What remains of the start difference once the clocks are set to each other.
    std::int64_t startResidualMs = 0;
    // Of a pair: what the carrier's record says of its own duration.
    std::optional<domain::TimeBasis> statedBasis;
    std::optional<Rounding> statedRounding;
    // Of a pair whose call of ours was connected: from its INVITE, and from its ringing, to its answer.
    std::int64_t inviteToAnswerMs = 0;
    std::int64_t ringingToAnswerMs = 0;
    std::int64_t ourMs = 0;  // connected time of the calls in it, as stated
    std::int64_t theirMs = 0;
    std::int64_t unitMs = 0;  // of the difference: what comes of their figures standing in another unit
    // Legs by which it went on after its user had left, and records that came late: of either side, and connected time.
    std::uint32_t ourOnward = 0, theirOnward = 0;
    std::int64_t onwardMs = 0;
    std::uint32_t ourLate = 0, theirLate = 0;
    std::int64_t lateMs = 0;
    // Rows of the input: Items::ourRows[firstOurs … firstOurs + ourCount). The row that stands for the call comes
    // first.
    std::uint32_t firstOurs = 0;
    std::uint32_t ourCount = 0;
    std::uint32_t firstTheirs = 0;
    std::uint32_t theirCount = 0;
    // As the record states them that stands for the call: ours where there is one. The number 0 if it is not E.164.
    std::uint64_t ownNumber = 0;
    std::uint8_t direction = 0;  // domain::Direction

    bool isDifference() const;
};

enum class Party : std::uint8_t { neither, platform, carrier };

// One cause over the whole run. Which members of `value` are set follows from the cause (design: conventions of the
// report).
struct Diagnosis {
    Cause cause = Cause::unexplained;
    Party at = Party::neither;           // whose records show it, where it is one side's
    std::optional<std::int64_t> number;  // clockOffset ms, timeZone minutes
    std::optional<double> rate;          // clockDrift ms per hour
    std::optional<Rounding> rounding;
    std::optional<UnitFactor> unit;
    std::optional<Instant> from, to;  // coverageGap
    std::optional<Instant> dueAt;     // lateRecord
    std::string word;                 // startBasis, durationBasis: "answer", "invite"; numberFormat: "0>41"
    std::uint64_t count = 0;          // items
    std::uint64_t outOf = 0;          // items that could have shown it
    std::int64_t explainedMs = 0;     // of the difference in connected time
};

struct SideTotals {
    std::uint64_t records = 0;
    std::uint64_t calls = 0;  // after legs, parts and repeats are put together
    std::uint64_t answered = 0;
    std::int64_t connectedMs = 0;
};
struct StateTotals {
    std::uint64_t items = 0;
    std::int64_t ourMs = 0;
    std::int64_t theirMs = 0;
};
struct Totals {
    SideTotals ours;
    SideTotals theirs;
    std::array<StateTotals, stateCount> states;
    std::uint64_t pairs = 0;  // items with a call on each side
    std::int64_t differenceMs() const { return theirs.connectedMs - ours.connectedMs; }
};

// Items in order of time, and the rows of the input that stand in them.
struct Items {
    std::vector<Item> items;
    std::vector<std::uint32_t> ourRows;
    std::vector<std::uint32_t> theirRows;

    std::span<const std::uint32_t> ours(const Item& item) const {
        return std::span(ourRows).subspan(item.firstOurs, item.ourCount);
    }
    std::span<const std::uint32_t> theirs(const Item& item) const {
        return std::span(theirRows).subspan(item.firstTheirs, item.theirCount);
    }
};

// What a run says beside its items.
struct Summary {
    std::vector<Diagnosis> diagnosis;  // in order of Cause
    Totals totals;
    Calibration calibration;
};

struct Outcome : Items, Summary {
    bool hasDifferences() const;
};

// The item's id: from the smallest key of a record in it, so that it stays the same from run to run.
Id itemId(const Items& items, const Item& item, const columns::Records& calls, const columns::Records& durations);
// The same from the keys themselves, one at least, for many items: keeps what hashing needs.
class ItemIds {
public:
    Id of(std::span<const Id> calls, std::span<const std::string_view> records);

private:
    Sha256Builder hash_;
    std::string key_;
};

}  // namespace meetpoint::reconcile
