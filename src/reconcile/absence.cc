#include "reconcile/absence.h"

#include <algorithm>
#include <cmath>
#include <unordered_set>

#include "base/memory.h"

namespace meetpoint::reconcile {
namespace {

// However rare missing calls are, fewer than this in a row show nothing.
constexpr std::size_t shortestRun = 8;
// A finding is made where chance would bring it about less than once in so many reports (as a power of ten).
constexpr double onceIn = 6;

// Whether of `of` calls each missing by chance with probability `share` more than half would be, as `missing` are, less
// than once in so many reports: by the bound of Chernoff.
bool isMoreThanChance(std::size_t missing, std::size_t of, double share) {
    const double part = static_cast<double>(missing) / static_cast<double>(of);
    if (part <= 0.5 || part <= share) return false;
    const auto term = [](double p, double q) { return p <= 0 ? 0.0 : p * std::log10(p / q); };
    const double distance = term(part, share) + term(1 - part, 1 - share);
    return static_cast<double>(of) * distance > onceIn;
}

// One side seen from the question "which of its calls should the other side have had?"
struct View {
    const Side& side;
    const Side& other;
    const std::vector<std::uint32_t>& partner;
    const std::vector<std::uint32_t>& otherPartner;
    const std::vector<char>& tied;
    std::vector<Absence>& absence;

    bool alone(std::uint32_t row) const { return side.isCall(row) && partner[row] == noRow && !tied[row]; }
    std::size_t countAlone() const {
        std::size_t count = 0;
        for (std::uint32_t row = 0; row < side.size(); ++row)
            count += alone(row) ? 1 : 0;
        return count;
    }
};

// A kind of call that the other side has none of.
template <class IsKind>
void markKind(const View& view, Absence as, IsKind isKind) {
    std::size_t kindCalls = 0, otherCalls = 0, otherAlone = 0;
    for (std::uint32_t row = 0; row < view.side.size(); ++row) {
        if (!view.side.isCall(row) || view.absence[row] != Absence::missing) continue;
        if (isKind(view.side, row)) {
            if (!view.alone(row)) return;
            ++kindCalls;
        } else {
            ++otherCalls;
            otherAlone += view.alone(row) ? 1 : 0;
        }
    }
    // Repeats, legs and calls without a counterpart here count too: the other side must have nothing of the kind. A
    // call that is of another kind here is none of it: the two sides only disagree on what it was.
    for (std::uint32_t row = 0; row < view.other.size(); ++row) {
        const std::uint32_t here = view.otherPartner[row];
        const bool isOtherKindHere = here != noRow && !isKind(view.side, here);
        if (view.other.role[row] != Role::invalid && !isOtherKindHere && isKind(view.other, row)) return;
    }
    const double share = static_cast<double>(otherAlone + 1) / static_cast<double>(otherCalls + 2);
    if (otherAlone == otherCalls || !isBeyondChance(kindCalls, share, 1)) return;
    for (std::uint32_t row = 0; row < view.side.size(); ++row)
        if (view.alone(row) && view.absence[row] == Absence::missing && isKind(view.side, row)) view.absence[row] = as;
}

std::unordered_set<std::uint64_t> ownNumbers(const Side& side) {
    std::unordered_set<std::uint64_t> own;
    std::uint64_t last = 0;
    for (const std::uint64_t number : side.own)
        if (number != last) own.insert(last = number);
    own.erase(0);
    return own;
}

bool isOnNet(const Side& side, std::uint32_t row, const std::unordered_set<std::uint64_t>& own) {
    return side.hidden[row] == 0 && side.far[row] != 0 && own.contains(side.far[row]);
}

// Numbers of which only the readable part is known: those that may be own ones.
class HiddenOnNet {
public:
    HiddenOnNet(const std::unordered_set<std::uint64_t>& own, const Side& side) {
        for (std::uint32_t row = 0; row < side.size(); ++row)
            if (side.hidden[row] != 0) hiding_.insert(side.hidden[row]);
        for (const std::uint64_t number : own)
            for (const std::uint8_t hidden : hiding_)
                readable_.insert(keyOf(number, hidden));
    }
    bool areNone() const { return hiding_.empty(); }
    bool mayBe(const Side& side, std::uint32_t row) const {
        return side.hidden[row] != 0 && side.far[row] != 0 &&
               readable_.contains(keyOf(side.far[row], side.hidden[row]));
    }

private:
    static std::uint64_t keyOf(std::uint64_t number, std::uint8_t hidden) {
        return mix(readablePart(number, hidden), hidden);
    }
    std::unordered_set<std::uint8_t> hiding_;
    std::unordered_set<std::uint64_t> readable_;
};

// Calls to numbers that may be own ones, as far as they can be read, of which far more stand alone than of others:
// those that do are on-net.
void markHiddenOnNet(const View& view, const std::unordered_set<std::uint64_t>& own) {
    const HiddenOnNet hidden(own, view.side);
    if (hidden.areNone()) return;
    std::size_t calls = 0, alone = 0, others = 0, othersAlone = 0;
    for (std::uint32_t row = 0; row < view.side.size(); ++row) {
        if (!view.side.isCall(row) || view.absence[row] != Absence::missing) continue;
        const bool mayBe = hidden.mayBe(view.side, row);
        ++(mayBe ? calls : others);
        if (view.alone(row)) ++(mayBe ? alone : othersAlone);
    }
    for (std::uint32_t row = 0; row < view.other.size(); ++row)
        if (view.other.role[row] != Role::invalid && isOnNet(view.other, row, own)) return;
    const double share = static_cast<double>(othersAlone + 1) / static_cast<double>(others + 2);
    if (alone < shortestRun || !isMoreThanChance(alone, calls, share)) return;
    for (std::uint32_t row = 0; row < view.side.size(); ++row)
        if (view.alone(row) && view.absence[row] == Absence::missing && hidden.mayBe(view.side, row))
            view.absence[row] = Absence::onNet;
}

bool isUnanswered(const Side& side, std::uint32_t row) {
    return side.answered[row] == 0 && side.duration[row] == 0;
}

// Kinds that the other side does not record by agreement.
void markAgreed(const View& view, const domain::RecordedScope& scope) {
    const auto own = scope.onNet ? std::unordered_set<std::uint64_t>() : ownNumbers(view.side);
    for (std::uint32_t row = 0; row < view.side.size(); ++row) {
        if (!view.alone(row) || view.absence[row] != Absence::missing) continue;
        const bool isInbound = view.side.direction[row] == static_cast<std::uint8_t>(domain::Direction::inbound);
        if (scope.answeredOnly && isUnanswered(view.side, row))
            view.absence[row] = Absence::answeredOnly;
        else if (!(isInbound ? scope.inbound : scope.outbound))
            view.absence[row] = Absence::oneDirectionOnly;
        else if (!scope.onNet && isOnNet(view.side, row, own))
            view.absence[row] = Absence::onNet;
    }
}

void markKinds(const View& view) {
    // A kind of fewer calls shows nothing.
    if (view.countAlone() < shortestRun) return;
    markKind(view, Absence::answeredOnly, isUnanswered);
    for (const std::uint8_t direction : {0, 1})
        markKind(view, Absence::oneDirectionOnly,
                 [direction](const Side& side, std::uint32_t row) { return side.direction[row] == direction; });
    const auto own = ownNumbers(view.side);
    markKind(view, Absence::onNet, [&](const Side& side, std::uint32_t row) { return isOnNet(side, row, own); });
    markHiddenOnNet(view, own);
}

struct Run {
    std::size_t first;
    std::size_t last;  // past the end
};

// Stretches of calls without counterpart in which the other side has no record at all.
std::vector<Run> runsOf(const View& view, const std::vector<std::uint32_t>& rows,
                        const std::vector<std::int64_t>& others) {
    std::vector<Run> out;
    for (std::size_t i = 0; i < rows.size();) {
        if (!view.alone(rows[i])) {
            ++i;
            continue;
        }
        std::size_t end = i + 1;
        while (end < rows.size() && view.alone(rows[end])) {
            const auto between = std::ranges::upper_bound(others, view.side.at(rows[end - 1]));
            if (between != others.end() && *between < view.side.at(rows[end])) break;
            ++end;
        }
        out.push_back({i, end});
        i = end;
    }
    return out;
}

void markGaps(const View& view, bool atPlatform, std::vector<CoverageGap>& gaps) {
    if (view.countAlone() < shortestRun) return;
    std::vector<std::uint32_t> rows;
    for (std::uint32_t row = 0; row < view.side.size(); ++row)
        if (view.side.isCall(row) && view.absence[row] == Absence::missing) rows.push_back(row);
    std::ranges::sort(rows, {}, [&](std::uint32_t row) { return std::pair(view.side.at(row), row); });
    std::vector<std::int64_t> others;
    for (std::uint32_t row = 0; row < view.other.size(); ++row)
        if (view.other.role[row] != Role::invalid) others.push_back(view.other.at(row));
    if (others.empty() || rows.empty()) return;
    std::ranges::sort(others);
    const auto runs = runsOf(view, rows, others);
    std::size_t inLong = 0, aloneInShort = 0;
    for (const Run& run : runs)
        run.last - run.first >= shortestRun ? inLong += run.last - run.first : aloneInShort += run.last - run.first;
    const double share = static_cast<double>(aloneInShort + 1) / static_cast<double>(rows.size() - inLong + 2);
    for (const Run& run : runs) {
        if (!isBeyondChance(run.last - run.first, share, rows.size())) continue;
        const std::int64_t from = view.side.at(rows[run.first]);
        const std::int64_t to = view.side.at(rows[run.last - 1]);
        const bool atEdge = to < others.front() || from > others.back();
        CoverageGap gap{from, to, atPlatform, run.last - run.first, 0};
        for (std::size_t i = run.first; i < run.last; ++i) {
            view.absence[rows[i]] = atEdge ? Absence::outsideInterval : Absence::gap;
            gap.durationMs += view.side.duration[rows[i]];
        }
        if (!atEdge) gaps.push_back(gap);
    }
}

void markOutside(const View& view, const Options& options) {
    for (std::uint32_t row = 0; row < view.side.size(); ++row) {
        const bool before = options.from && view.side.at(row) < options.from->ms;
        const bool after = options.to && view.side.at(row) >= options.to->ms;
        if (before || after) view.absence[row] = Absence::outsideInterval;
    }
}

}  // namespace

bool isBeyondChance(std::size_t run, double share, std::size_t total) {
    if (run < shortestRun) return false;
    return static_cast<double>(run) * std::log10(share) +
               std::log10(static_cast<double>(std::max<std::size_t>(total, 1))) <
           -onceIn;
}

Absences findAbsences(const Sides& sides, const Matching& matching, const Options& options) {
    Absences out;
    out.ours = largeVector(sides.ours.size(), Absence::missing);
    out.theirs = largeVector(sides.theirs.size(), Absence::missing);
    const View ours{sides.ours, sides.theirs, matching.theirsOf, matching.oursOf, matching.ourTie, out.ours};
    const View theirs{sides.theirs, sides.ours, matching.oursOf, matching.theirsOf, matching.theirTie, out.theirs};
    for (const View* view : {&ours, &theirs}) {
        markOutside(*view, options);
        if (view == &ours && options.agreedScope) markAgreed(ours, *options.agreedScope);
        markKinds(*view);
        markGaps(*view, view == &theirs, out.gaps);
    }
    return out;
}

}  // namespace meetpoint::reconcile
