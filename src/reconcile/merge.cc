#include "reconcile/merge.h"

#include <algorithm>
#include <span>

namespace meetpoint::reconcile {
namespace {

// A leg of a fork starts while the call rings; clocks of two processes in one switch differ by a little.
constexpr std::int64_t legSlackMs = 2'000;

bool sameId(const Side& side, std::uint32_t a, std::uint32_t b) {
    return (side.correlation[a] != 0 && side.correlation[a] == side.correlation[b]) ||
           (side.sipCallId[a] != 0 && side.sipCallId[a] == side.sipCallId[b]);
}

bool sameNumbers(const Side& side, std::uint32_t a, std::uint32_t b) {
    return side.own[a] == side.own[b] && side.far[a] == side.far[b] && side.hidden[a] == side.hidden[b] &&
           side.direction[a] == side.direction[b];
}

// The same call recorded again: nothing that a record says about the call differs by more than measurement.
bool isRepeat(const Side& side, std::uint32_t call, std::uint32_t row) {
    if (side.answered[call] != side.answered[row]) return false;
    // A record that is sent again keeps its Call-ID; two calls of one second do not share one.
    if (side.sipCallId[call] != 0 && side.sipCallId[row] != 0 && side.sipCallId[call] != side.sipCallId[row])
        return false;
    const std::int64_t startGap = side.start[row] - side.start[call];
    if (startGap != 0 && !(sameId(side, call, row) && startGap <= measurementMs)) return false;
    if (std::abs(side.duration[row] - side.duration[call]) > (startGap == 0 ? measurementMs : 0)) return false;
    const bool endsKnown = side.end[row] != noTime && side.end[call] != noTime;
    return !endsKnown || std::abs(side.end[row] - side.end[call]) <= measurementMs;
}

// The end of the time in which further legs of a call may begin to ring.
std::int64_t ringsUntil(const Side& side, std::uint32_t row) {
    if (side.answer[row] != noTime) return side.answer[row] + legSlackMs;
    return (side.end[row] != noTime ? side.end[row] : side.start[row]) + legSlackMs;
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

    void run() {
        for (std::size_t i = 0; i < rows_.size(); ++i) {
            if (side_.isCall(rows_[i].row)) joinRepeats(i);
        }
        for (std::size_t i = 0; i < rows_.size(); ++i) {
            if (side_.isCall(rows_[i].row)) joinLegs(i);
        }
    }

private:
    // Rows further on than this cannot belong to the call at hand; more rows than this within it are not legs of one
    // call.
    static constexpr std::int64_t horizonMs = 180'000;
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
                side_.head[other] = call;
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

void mergeRepeatsAndLegs(Side& side) {
    std::vector<Keyed> keyed;
    keyed.reserve(side.size());
    for (std::uint32_t row = 0; row < side.size(); ++row)
        if (side.isCall(row)) keyed.push_back({mix(mix(side.own[row], side.far[row]), side.direction[row]), row});
    // Rows are in order of time already, so that equal keys stay in it.
    std::ranges::sort(keyed);
    for (std::size_t first = 0; first < keyed.size();) {
        std::size_t last = first + 1;
        while (last < keyed.size() && keyed[last].key == keyed[first].key)
            ++last;
        if (last - first > 1) PairMerger(side, std::span(keyed).subspan(first, last - first)).run();
        first = last;
    }
}

}  // namespace meetpoint::reconcile
