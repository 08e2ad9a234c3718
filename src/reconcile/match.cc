#include "reconcile/match.h"

#include <algorithm>
#include <numeric>
#include <unordered_map>

#include "base/memory.h"
#include "base/parallel.h"
#include "reconcile/assign.h"

namespace meetpoint::reconcile {
namespace {

// Same numbers, same direction, starts so close: the same call whatever the durations say.
constexpr std::int64_t surelyNearMs = 5'000;
// Up to here the durations must agree as well.
constexpr std::int64_t mainWindowMs = 15'000;
// What a difference of durations may cost at most, so that a call that one side let hang is still found.
constexpr std::int64_t mostDurationCostMs = 20'000;
constexpr std::int64_t answerCostMs = 5'000;

// An id bears out pairs that are so far apart in time, with and without equal durations.
constexpr std::int64_t idWindowMs = 60'000;
constexpr std::int64_t idWindowLikeMs = 3'600'000;

bool bothTalked(const Sides& sides, std::uint32_t i, std::uint32_t j) {
    return sides.ours.duration[i] > 0 && sides.theirs.duration[j] > 0;
}

// Whether nothing that a report shows tells the two rows of one side apart.
bool exchangeable(const Side& side, std::uint32_t a, std::uint32_t b) {
    return side.own[a] == side.own[b] && side.far[a] == side.far[b] && side.hidden[a] == side.hidden[b] &&
           side.direction[a] == side.direction[b] && side.start[a] == side.start[b] &&
           side.answer(a) == side.answer(b) && side.end(a) == side.end(b) && side.duration[a] == side.duration[b] &&
           side.answered[a] == side.answered[b];
}

bool allExchangeable(const Side& side, const std::vector<std::uint32_t>& rows) {
    return std::ranges::all_of(rows, [&](std::uint32_t row) { return exchangeable(side, rows.front(), row); });
}

// One set of calls that compete, with rows instead of node numbers.
struct Component {
    std::vector<std::uint32_t> ours;
    std::vector<std::uint32_t> theirs;
    std::vector<Edge> edges;  // node numbers
};

void settleTies(const Sides& sides, const Component& component, const Assignment& found, Matching& matching,
                std::vector<Ambiguity>& ambiguities) {
    std::unordered_map<std::uint32_t, Ambiguity> groups;
    for (std::size_t left = 0; left < component.ours.size(); ++left)
        if (found.leftTie[left] != noRow) groups[found.leftTie[left]].ours.push_back(component.ours[left]);
    for (std::size_t right = 0; right < component.theirs.size(); ++right)
        if (found.rightTie[right] != noRow) groups[found.rightTie[right]].theirs.push_back(component.theirs[right]);
    std::vector<std::uint32_t> order;
    for (const auto& [group, rows] : groups)
        order.push_back(group);
    std::ranges::sort(order);
    for (const std::uint32_t group : order) {
        Ambiguity& rows = groups[group];
        if (rows.ours.empty() || rows.theirs.empty()) continue;
        if (allExchangeable(sides.ours, rows.ours) || allExchangeable(sides.theirs, rows.theirs)) continue;
        for (const std::uint32_t row : rows.ours)
            matching.ourTie[row] = 1;
        for (const std::uint32_t row : rows.theirs)
            matching.theirTie[row] = 1;
        ambiguities.push_back(std::move(rows));
    }
}

void solve(const Sides& sides, const Component& component, MatchedBy by, Matching& matching,
           std::vector<Ambiguity>& ambiguities) {
    if (component.edges.empty()) return;
    if (component.ours.size() == 1 && component.theirs.size() == 1)
        return matching.join(component.ours.front(), component.theirs.front(), by);
    const Assignment found = assign(component.ours.size(), component.theirs.size(), component.edges, singleCostMs);
    if (found.exact) settleTies(sides, component, found, matching, ambiguities);
    for (std::size_t left = 0; left < component.ours.size(); ++left) {
        if (found.rightOf[left] == noRow) continue;
        const std::uint32_t ours = component.ours[left];
        const std::uint32_t theirs = component.theirs[found.rightOf[left]];
        if (!matching.ourTie[ours] && !matching.theirTie[theirs]) matching.join(ours, theirs, by);
    }
}

// Cuts one group of calls of equal key into the components that compete, and solves each. Both lists are in order of
// time, so that a component is a stretch of both. Of the matching it changes the rows of its groups alone.
class GroupSolver {
public:
    GroupSolver(const Sides& sides, const Calibration& calibration, const Pass& pass, Matching& matching)
        : sides_(sides), calibration_(calibration), pass_(pass), matching_(matching) {}

    // Rows of one key.
    void solveGroup(std::span<const Keyed> ours, std::span<const Keyed> theirs) {
        if (ours.size() == 1 && theirs.size() == 1) return solvePair(ours.front().row, theirs.front().row);
        inTime(sides_.ours, ours, ourRows_);
        inTime(sides_.theirs, theirs, theirRows_);
        solveInTime(ourRows_, theirRows_);
    }
    std::vector<Ambiguity> takeAmbiguities() { return std::move(ambiguities_); }

private:
    // Rows of a group in order of the aligned time.
    static void inTime(const Side& side, std::span<const Keyed> group, std::vector<std::uint32_t>& out) {
        out.clear();
        for (const Keyed& one : group)
            out.push_back(one.row);
        const auto byTime = [&](std::uint32_t row) { return std::pair(side.at(row), row); };
        if (!std::ranges::is_sorted(out, {}, byTime)) std::ranges::sort(out, {}, byTime);
    }

    std::int64_t costOf(std::uint32_t i, std::uint32_t j) const {
        return pass_.cost ? pass_.cost(i, j) : pairCost(sides_, calibration_, i, j);
    }

    // Without any rival there is nothing to choose.
    void solvePair(std::uint32_t i, std::uint32_t j) {
        if (std::abs(sides_.theirs.at(j) - sides_.ours.at(i)) > pass_.windowMs) return;
        if (pass_.allowed(i, j) && costOf(i, j) < singleCostMs) matching_.join(i, j, pass_.by);
    }

    void solveInTime(std::span<const std::uint32_t> ours, std::span<const std::uint32_t> theirs) {
        ours_ = ours;
        theirs_ = theirs;
        isCutUp_ = false;
        std::size_t first = 0;                       // of the component
        std::size_t begin = 0, middle = 0, end = 0;  // of the window in theirs
        std::size_t low = SIZE_MAX, high = 0;
        edges_.clear();
        const auto pass = [&](std::size_t& place, std::int64_t until) {
            while (place < theirs.size() && sides_.theirs.at(theirs[place]) < until)
                ++place;
        };
        for (std::size_t left = 0; left < ours.size(); ++left) {
            const std::int64_t at = sides_.ours.at(ours[left]);
            pass(begin, at - pass_.windowMs);
            pass(middle, at);
            pass(end, at + pass_.windowMs + 1);
            // No later call reaches back beyond `begin`, so that what lies before it is complete.
            const bool isComplete = begin > high;
            if (low != SIZE_MAX && (isComplete || left - first >= mostSolvedTogether)) {
                isCutUp_ = isCutUp_ || !isComplete;
                flush(first, left, low, high);
                first = left;
                low = SIZE_MAX;
                high = 0;
            }
            const std::size_t edgesBefore = edges_.size();
            const auto [from, to] = nearestOf(begin, middle, end);
            addEdges(left, from, to);
            for (std::size_t e = edgesBefore; e < edges_.size(); ++e) {
                low = std::min<std::size_t>(low, edges_[e].right);
                high = std::max<std::size_t>(high, edges_[e].right);
            }
        }
        if (low != SIZE_MAX) flush(first, ours.size(), low, high);
    }

    void addEdges(std::size_t left, std::size_t from, std::size_t to) {
        const std::uint32_t i = ours_[left];
        const std::size_t before = edges_.size();
        for (std::size_t right = from; right < to; ++right) {
            const std::uint32_t j = theirs_[right];
            if (isCutUp_ && (matching_.oursOf[j] != noRow || matching_.theirTie[j])) continue;
            if (!pass_.allowed(i, j)) continue;
            const std::int64_t cost = costOf(i, j);
            if (cost < singleCostMs)
                edges_.push_back({static_cast<std::uint32_t>(left), static_cast<std::uint32_t>(right), cost});
        }
        if (edges_.size() - before <= mostCandidates) return;
        // The cheapest, in order of time again.
        const auto first = edges_.begin() + static_cast<std::ptrdiff_t>(before);
        std::ranges::nth_element(first, first + mostCandidates, edges_.end(), {},
                                 [](const Edge& edge) { return std::pair(edge.cost, edge.right); });
        edges_.resize(before + mostCandidates);
        std::ranges::sort(edges_.begin() + static_cast<std::ptrdiff_t>(before), edges_.end(), {}, &Edge::right);
    }

    // Solves the component of ours [first, last) and theirs [low, high] with the edges gathered.
    void flush(std::size_t first, std::size_t last, std::size_t low, std::size_t high) {
        component_.ours.assign(ours_.begin() + static_cast<std::ptrdiff_t>(first),
                               ours_.begin() + static_cast<std::ptrdiff_t>(last));
        component_.theirs.assign(theirs_.begin() + static_cast<std::ptrdiff_t>(low),
                                 theirs_.begin() + static_cast<std::ptrdiff_t>(high + 1));
        component_.edges.swap(edges_);
        edges_.clear();
        for (Edge& edge : component_.edges) {
            edge.left -= static_cast<std::uint32_t>(first);
            edge.right -= static_cast<std::uint32_t>(low);
        }
        dropNodesWithoutEdges();
        const bool alone = component_.ours.size() == 1 && component_.theirs.size() == 1;
        if (!pass_.onlyIfUnrivalled || alone) solve(sides_, component_, pass_.by, matching_, ambiguities_);
    }

    void dropNodesWithoutEdges() {
        const auto compact = [&](std::vector<std::uint32_t>& rows, std::uint32_t Edge::*end) {
            std::vector<std::uint32_t> number(rows.size(), noRow);
            for (const Edge& edge : component_.edges)
                number[edge.*end] = 0;
            std::vector<std::uint32_t> kept;
            for (std::size_t node = 0; node < rows.size(); ++node) {
                if (number[node] == noRow) continue;
                number[node] = static_cast<std::uint32_t>(kept.size());
                kept.push_back(rows[node]);
            }
            for (Edge& edge : component_.edges)
                edge.*end = number[edge.*end];
            rows = std::move(kept);
        };
        compact(component_.ours, &Edge::left);
        compact(component_.theirs, &Edge::right);
    }

    const Sides& sides_;
    const Calibration& calibration_;
    const Pass& pass_;
    Matching& matching_;
    std::span<const std::uint32_t> ours_;
    std::span<const std::uint32_t> theirs_;
    std::vector<std::uint32_t> ourRows_, theirRows_;
    std::vector<Edge> edges_;  // of the component that is being gathered
    bool isCutUp_ = false;     // some of the group's calls are settled although others still compete with them
    Component component_;
    std::vector<Ambiguity> ambiguities_;
};

// Groups the proposals into components by joining everything that shares a record.
std::vector<Component> componentsOf(const std::vector<IdPair>& pairs, const std::vector<std::int64_t>& costs) {
    std::unordered_map<std::uint64_t, std::uint64_t> parent;
    const std::function<std::uint64_t(std::uint64_t)> root = [&](std::uint64_t node) {
        while (parent[node] != node)
            node = parent[node] = parent[parent[node]];
        return node;
    };
    constexpr std::uint64_t theirBit = 1ull << 32;
    for (const IdPair& pair : pairs) {
        parent.try_emplace(pair.ours, pair.ours);
        parent.try_emplace(pair.theirs | theirBit, pair.theirs | theirBit);
        parent[root(pair.theirs | theirBit)] = root(pair.ours);
    }
    std::unordered_map<std::uint64_t, std::size_t> numbers;
    std::vector<Component> out;
    const auto nodeOf = [](std::vector<std::uint32_t>& rows, std::uint32_t row) {
        const auto node = static_cast<std::uint32_t>(std::ranges::find(rows, row) - rows.begin());
        if (node == rows.size()) rows.push_back(row);
        return node;
    };
    for (std::size_t p = 0; p < pairs.size(); ++p) {
        const auto [entry, isNew] = numbers.try_emplace(root(pairs[p].ours), out.size());
        if (isNew) out.emplace_back();
        Component& component = out[entry->second];
        const std::uint32_t left = nodeOf(component.ours, pairs[p].ours);
        const std::uint32_t right = nodeOf(component.theirs, pairs[p].theirs);
        component.edges.push_back({left, right, costs[p]});
    }
    return out;
}

}  // namespace

Matching::Matching(const Sides& sides)
    : theirsOf(largeVector(sides.ours.size(), noRow)),
      oursOf(largeVector(sides.theirs.size(), noRow)),
      by(largeVector(sides.ours.size(), MatchedBy::nothing)),
      ourTie(largeVector<char>(sides.ours.size(), 0)),
      theirTie(largeVector<char>(sides.theirs.size(), 0)) {}

void Matching::join(std::uint32_t ours, std::uint32_t theirs, MatchedBy how) {
    theirsOf[ours] = theirs;
    oursOf[theirs] = ours;
    by[ours] = how;
}

void Matching::move(const Side& side, std::uint32_t from, std::uint32_t to) {
    const std::uint32_t partner = side.ours ? theirsOf[from] : oursOf[from];
    const MatchedBy how = by[side.ours ? from : partner];
    (side.ours ? theirsOf : oursOf)[from] = noRow;
    if (side.ours)
        by[from] = MatchedBy::nothing, join(to, partner, how);
    else
        join(partner, to, how);
}

std::int64_t pairCost(const Sides& sides, const Calibration& calibration, std::uint32_t ours, std::uint32_t theirs) {
    const std::int64_t apart = std::abs(sides.theirs.at(theirs) - sides.ours.at(ours));
    const std::int64_t ourMs = sides.ours.measured[ours];
    const std::int64_t theirMs = sides.theirs.measured[theirs];
    const std::int64_t gap = durationGap(calibration, ourMs, theirMs);
    const std::int64_t expected = calibration.rounding ? calibration.rounding->apply(ourMs) : ourMs;
    const std::int64_t fine = std::min<std::int64_t>(std::abs(theirMs - expected), measurementMs) / 4;
    const bool answersDiffer = sides.ours.answered[ours] != sides.theirs.answered[theirs];
    return apart + std::min(gap / 2, mostDurationCostMs) + fine + (answersDiffer ? answerCostMs : 0);
}

void runPass(const Sides& sides, const Calibration& calibration, const Pass& pass, const FreeRows& rows,
             Matching& matching) {
    const auto keyed = [&](const Side& side, const std::vector<std::uint32_t>& from, auto isFree) {
        std::vector<Keyed> out;
        for (const std::uint32_t row : from) {
            if (!isFree(row)) continue;
            if (const std::uint64_t key = pass.key(side, row); key != 0) out.push_back({key, row});
        }
        sortByNumber(out, [](const Keyed& one) { return one.key; });
        return out;
    };
    const auto ours = keyed(sides.ours, rows.ours, [&](std::uint32_t row) { return matching.freeOurs(sides, row); });
    if (ours.empty()) return;
    const auto theirs =
        keyed(sides.theirs, rows.theirs, [&](std::uint32_t row) { return matching.freeTheirs(sides, row); });
    GroupSolver solver(sides, calibration, pass, matching);
    forEachCommonKey(ours, theirs,
                     [&](std::span<const Keyed> a, std::span<const Keyed> b) { solver.solveGroup(a, b); });
    std::ranges::move(solver.takeAmbiguities(), std::back_inserter(matching.ambiguities));
}

FreeRows freeRows(const Sides& sides, const Matching& matching) {
    FreeRows rows;
    for (std::uint32_t row = 0; row < sides.ours.size(); ++row)
        if (matching.freeOurs(sides, row)) rows.ours.push_back(row);
    for (std::uint32_t row = 0; row < sides.theirs.size(); ++row)
        if (matching.freeTheirs(sides, row)) rows.theirs.push_back(row);
    return rows;
}

void matchById(const Sides& sides, const Calibration& calibration, const std::vector<IdPair>& pairs,
               Matching& matching) {
    std::vector<IdPair> kept;
    reserveLarge(kept, pairs.size());
    enum : char { never, once, often };
    auto ours = largeVector<char>(sides.ours.size(), never), theirs = largeVector<char>(sides.theirs.size(), never);
    for (const IdPair& pair : pairs) {
        if (!matching.freeOurs(sides, pair.ours) || !matching.freeTheirs(sides, pair.theirs)) continue;
        const std::int64_t apart = std::abs(sides.theirs.at(pair.theirs) - sides.ours.at(pair.ours));
        const bool alike =
            bothTalked(sides, pair.ours, pair.theirs) &&
            durationGap(calibration, sides.ours.measured[pair.ours], sides.theirs.measured[pair.theirs]) == 0;
        if (apart > (alike ? idWindowLikeMs : idWindowMs)) continue;
        kept.push_back(pair);
        for (char* seen : {&ours[pair.ours], &theirs[pair.theirs]})
            *seen = *seen == never ? once : often;
    }
    std::vector<IdPair> rivals;
    std::vector<std::int64_t> costs;
    for (const IdPair& pair : kept) {
        if (ours[pair.ours] == once && theirs[pair.theirs] == once) {
            matching.join(pair.ours, pair.theirs, pair.by);
            continue;
        }
        rivals.push_back(pair);
        costs.push_back(std::min(singleCostMs - 1, pairCost(sides, calibration, pair.ours, pair.theirs)));
    }
    for (const Component& component : componentsOf(rivals, costs)) {
        // Competing ids are settled by time alone here; what stays open goes on to the main pass.
        const Assignment found = assign(component.ours.size(), component.theirs.size(), component.edges, singleCostMs);
        for (std::size_t left = 0; left < component.ours.size(); ++left) {
            const std::uint32_t right = found.rightOf[left];
            if (right == noRow || (found.exact && found.leftTie[left] != noRow)) continue;
            const std::uint32_t row = component.ours[left];
            // `rivals` are in order of rows.
            const auto pair =
                std::ranges::lower_bound(rivals, std::pair(row, component.theirs[right]), {},
                                         [](const IdPair& one) { return std::pair(one.ours, one.theirs); });
            matching.join(row, component.theirs[right], pair->by);
        }
    }
}

void matchByKey(const Sides& sides, const SharedGroups& groups, const Calibration& calibration, std::size_t threads,
                Matching& matching) {
    const Pass pass{
        MatchedBy::key, mainWindowMs,
        [&](const Side& side, std::uint32_t row) -> std::uint64_t {
            if (side.own[row] == 0 || side.far[row] == 0) return 0;
            return mix(mix(side.own[row], readablePart(side.far[row], sides.hiddenDigits)), side.direction[row]) | 1;
        },
        [&](std::uint32_t i, std::uint32_t j) {
            if (sides.ours.own[i] != sides.theirs.own[j] || sides.ours.direction[i] != sides.theirs.direction[j] ||
                !farAgrees(sides.ours, i, sides.theirs, j))
                return false;
            if (std::abs(sides.theirs.at(j) - sides.ours.at(i)) <= surelyNearMs) return true;
            return bothTalked(sides, i, j) &&
                   durationGap(calibration, sides.ours.measured[i], sides.theirs.measured[j]) == 0;
        }};
    std::vector<std::vector<Ambiguity>> ambiguities(groups.pieces());
    inParallel(threads, groups.pieces(), [&](std::size_t piece) {
        GroupSolver solver(sides, calibration, pass, matching);
        std::vector<Keyed> ours, theirs;
        const auto visit = [&](std::span<const GroupedRow> a, std::span<const GroupedRow> b) {
            keyRows(
                a, [&](std::uint32_t row) { return matching.freeOurs(sides, row) ? pass.key(sides.ours, row) : 0; },
                ours);
            if (ours.empty()) return;
            keyRows(
                b, [&](std::uint32_t row) { return matching.freeTheirs(sides, row) ? pass.key(sides.theirs, row) : 0; },
                theirs);
            forEachCommonKey(ours, theirs, [&](std::span<const Keyed> left, std::span<const Keyed> right) {
                solver.solveGroup(left, right);
            });
        };
        groups.forEach(piece, visit);
        ambiguities[piece] = solver.takeAmbiguities();
    });
    for (auto& found : ambiguities)
        std::ranges::move(found, std::back_inserter(matching.ambiguities));
}

}  // namespace meetpoint::reconcile
