#include "reconcile/merge.h"

#include <algorithm>
#include <span>

namespace meetpoint::reconcile {
namespace {

// A leg of a fork starts while the call rings; clocks of two processes in one switch differ by a little.
constexpr std::int64_t legSlackMs = 2'000;

bool sameId(const Side& side, std::uint32_t a, std::uint32_t b) {
    return (side.correlationId(a) != 0 && side.correlationId(a) == side.correlationId(b)) ||
           (side.sipId(a) != 0 && side.sipId(a) == side.sipId(b));
}

bool sameNumbers(const Side& side, std::uint32_t a, std::uint32_t b) {
    return side.own[a] == side.own[b] && side.far[a] == side.far[b] && side.hidden[a] == side.hidden[b] &&
           side.direction[a] == side.direction[b];
}

// The same call recorded again: nothing that a record says about the call differs by more than measurement.
bool isRepeat(const Side& side, std::uint32_t call, std::uint32_t row) {
    if (side.answered[call] != side.answered[row]) return false;
    // A record that is sent again keeps its Call-ID; two calls of one second do not share one.
    if (side.sipId(call) != 0 && side.sipId(row) != 0 && side.sipId(call) != side.sipId(row)) return false;
    const std::int64_t startGap = side.start[row] - side.start[call];
    if (startGap != 0 && !(sameId(side, call, row) && startGap <= measurementMs)) return false;
    if (std::abs(side.duration[row] - side.duration[call]) > (startGap == 0 ? measurementMs : 0)) return false;
    const bool endsKnown = side.end(row) != noTime && side.end(call) != noTime;
    return !endsKnown || std::abs(side.end(row) - side.end(call)) <= measurementMs;
}

// The end of the time in which further legs of a call may begin to ring.
std::int64_t ringsUntil(const Side& side, std::uint32_t row) {
    if (side.answer(row) != noTime) return side.answer(row) + legSlackMs;
    return (side.end(row) != noTime ? side.end(row) : side.start[row]) + legSlackMs;
}

// A ringing leg beside the call: an attempt that was not answered, of the same call by its id or by its instant.
bool isLeg(const Side& side, std::uint32_t call, std::uint32_t row) {
    if (side.answered[row]) return false;
    const std::int64_t gap = std::abs(side.start[row] - side.start[call]);
    if (gap == 0) return true;
    const std::uint32_t earlier = side.start[row] < side.start[call] ? row : call;
    const std::uint32_t later = earlier == row ? call : row;
    return sameId(side, call, row) && side.start[later] <= ringsUntil(side, earlier);
}

// Rows of one number pair, in order of time: each row joins the nearest earlier call that it repeats or rings for.
class PairMerger {
public:
    PairMerger(Side& side, std::span<const Keyed> rows) : side_(side), rows_(rows) {}

    // Rows further on than this cannot belong to the call at hand; more rows than `mostLegs` within it are not legs of
    // one call.
    static constexpr std::int64_t horizonMs = 180'000;

    void run() {
        for (std::size_t i = 0; i < rows_.size(); ++i) {
            if (side_.isCall(rows_[i].row)) joinRepeats(i);
        }
        for (std::size_t i = 0; i < rows_.size(); ++i) {
            if (side_.isCall(rows_[i].row)) joinLegs(i);
        }
    }

private:
    static constexpr std::size_t mostLegs = 64;

    template <class Visit>
    void eachNear(std::size_t i, Visit visit) {
        const std::uint32_t row = rows_[i].row;
        for (std::size_t j = i + 1; j < rows_.size() && j <= i + mostLegs; ++j) {
            const std::uint32_t other = rows_[j].row;
            if (side_.start[other] - side_.start[row] > horizonMs) break;
            if (side_.isCall(other) && sameNumbers(side_, row, other) && !visit(other)) break;
        }
    }

    void joinRepeats(std::size_t i) {
        const std::uint32_t call = rows_[i].row;
        eachNear(i, [&](std::uint32_t other) {
            if (side_.start[other] - side_.start[call] > measurementMs) return false;
            if (isRepeat(side_, call, other)) {
                side_.role[other] = Role::duplicate;
                side_.setHead(other, call);
            }
            return true;
        });
    }

    // The answered row stands for the call; without one, the first.
    void joinLegs(std::size_t i) {
        const std::uint32_t first = rows_[i].row;
        if (side_.answered[first]) {
            eachNear(i, [&](std::uint32_t other) {
                if (isLeg(side_, first, other)) side_.join(first, other, Role::leg);
                return true;
            });
            return;
        }
        std::uint32_t answered = noRow;
        eachNear(i, [&](std::uint32_t other) {
            if (side_.answered[other] && isLeg(side_, other, first)) answered = other;
            return answered == noRow;
        });
        if (answered != noRow) return side_.join(answered, first, Role::leg);
        eachNear(i, [&](std::uint32_t other) {
            if (sameId(side_, first, other) && isLeg(side_, first, other)) side_.join(first, other, Role::leg);
            return true;
        });
    }

    Side& side_;
    std::span<const Keyed> rows_;
};

}  // namespace

void mergeRepeatsAndLegs(Side& side, const SharedGroups& groups) {
    // Of rows further apart none belongs to the other.
    const auto mayBelong = [&](std::span<const GroupedRow> group) {
        for (std::size_t i = 1; i < group.size(); ++i)
            if (side.start[rowOf(group[i])] - side.start[rowOf(group[i - 1])] <= PairMerger::horizonMs) return true;
        return false;
    };
    const auto keyOf = [&](std::uint32_t row) -> std::uint64_t {
        return side.isCall(row) ? mix(mix(side.own[row], side.far[row]), side.direction[row]) | 1 : 0;
    };
    std::vector<Keyed> keyed;
    groups.forEachOf(side, [&](std::span<const GroupedRow> group) {
        if (!mayBelong(group)) return;
        keyRows(group, keyOf, keyed);
        // Rows are in order of time already, and so are those of one key.
        forEachKey(keyed, [&](std::span<const Keyed> same) {
            if (same.size() > 1) PairMerger(side, same).run();
        });
    });
}

}  // namespace meetpoint::reconcile
