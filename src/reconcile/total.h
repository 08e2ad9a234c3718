// Last stage: totals of both sides and by state, and the diagnosis: each cause once, with its value, its evidence as
// counts, and how much of the difference in connected time it explains.
#pragma once

#include "reconcile/absence.h"
#include "reconcile/outcome.h"

namespace meetpoint::reconcile {

// What stands against each other in an item, in connected time.
struct TimeAtStake {
    std::int64_t deltaMs = 0;                           // theirs minus ours
    std::int64_t unitMs = 0, onwardMs = 0, lateMs = 0;  // as Item has them
};
// How much of it the cause explains; 0 for causes that say nothing about connected time.
std::int64_t timeExplained(const TimeAtStake& time, Cause cause);

// What consecutive items add up to; that of a stretch is that of its parts, put together in their order.
class Tally {
public:
    // What stands for one side of an item: whether it is a call, and whether that was answered.
    struct Standing {
        bool isCall = false;
        bool isAnswered = false;
    };
    void add(const Item& item, Standing ours, Standing theirs, const Calibration& calibration);
    // From where a record of an item with the cause durationBasis says that its duration counts.
    void noteBasis(std::optional<domain::TimeBasis> stated);
    // To what a record of an item with the cause rounding says that its duration is rounded.
    void noteRounding(const std::optional<Rounding>& stated);
    // Adds what the items behind these add up to.
    void append(const Tally& next);

    const Totals& totals() const { return totals_; }

private:
    friend class Diagnoser;
    struct Sum {
        std::uint64_t count = 0;
        std::int64_t ms = 0;
        Party at = Party::neither;
        void add(const Sum& other);
    };

    Totals totals_;
    std::array<Sum, causeCount> sums_;
    std::vector<std::uint64_t> agreeing_;  // by segment of the clock: pairs whose starts agree once it is set
    std::optional<domain::TimeBasis> basis_;
    std::optional<Rounding> rounding_;
};

// Totals and diagnosis; `numberPrefix` as in Sides, `dueAt` as in Options.
Summary summarise(const Tally& tally, const Absences& absences, const Calibration& calibration,
                  const std::string& numberPrefix, std::optional<Instant> dueAt);

}  // namespace meetpoint::reconcile
