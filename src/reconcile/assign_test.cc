#include "reconcile/assign.h"

#include <map>
#include <random>

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

namespace meetpoint::reconcile {
namespace {

constexpr std::int64_t single = 100;

// The least cost of any assignment, by trying them all; and how many different ones reach it.
struct Best {
    std::int64_t cost = 0;
    std::size_t ways = 0;
};
void tryAll(std::size_t left, std::size_t lefts, std::vector<char>& taken, const std::vector<Edge>& edges,
            std::int64_t cost, Best& best) {
    if (left == lefts) {
        if (best.ways == 0 || cost < best.cost) best = {cost, 0};
        if (cost == best.cost) ++best.ways;
        return;
    }
    tryAll(left + 1, lefts, taken, edges, cost, best);
    for (const Edge& edge : edges) {
        if (edge.left != left || taken[edge.right]) continue;
        taken[edge.right] = 1;
        tryAll(left + 1, lefts, taken, edges, cost + edge.cost - single, best);
        taken[edge.right] = 0;
    }
}

std::int64_t costOf(const Assignment& assignment, const std::vector<Edge>& edges) {
    std::int64_t cost = 0;
    for (std::uint32_t left = 0; left < assignment.rightOf.size(); ++left) {
        if (assignment.rightOf[left] == UINT32_MAX) continue;
        for (const Edge& edge : edges)
            if (edge.left == left && edge.right == assignment.rightOf[left]) cost += edge.cost - single;
    }
    return cost;
}

RC_GTEST_PROP(Assign, ReachesTheOptimumThatTryingEverythingFinds, ()) {
    const auto lefts = *rc::gen::inRange<std::size_t>(1, 6);
    const auto rights = *rc::gen::inRange<std::size_t>(1, 6);
    std::vector<Edge> edges;
    for (std::uint32_t left = 0; left < lefts; ++left)
        for (std::uint32_t right = 0; right < rights; ++right)
            if (*rc::gen::inRange(0, 3) > 0) edges.push_back({left, right, *rc::gen::inRange<std::int64_t>(0, 8) * 12});
    const Assignment found = assign(lefts, rights, edges, single);
    Best best;
    std::vector<char> taken(rights, 0);
    tryAll(0, lefts, taken, edges, 0, best);
    RC_ASSERT(costOf(found, edges) == best.cost);
    // A tie is reported exactly if more than one assignment reaches the optimum.
    const bool tied = std::ranges::any_of(found.leftTie, [](auto group) { return group != UINT32_MAX; });
    RC_ASSERT(tied == (best.ways > 1));
    std::map<std::uint32_t, int> uses;
    for (const std::uint32_t right : found.rightOf)
        if (right != UINT32_MAX) RC_ASSERT(++uses[right] == 1);
}

TEST(Assign, LargeComponentsKeepTheOrderAndFindWhatTimeDecides) {
    // A pair that calls every second; every third record is missing on the right.
    std::mt19937_64 random(7);
    std::vector<Edge> edges;
    std::vector<std::int64_t> right;
    const std::uint32_t lefts = 10'000;
    for (std::uint32_t left = 0; left < lefts; ++left)
        if (left % 3 != 0) right.push_back(left * 10 + static_cast<std::int64_t>(random() % 3));
    for (std::uint32_t left = 0; left < lefts; ++left) {
        const std::int64_t at = static_cast<std::int64_t>(left) * 10;
        for (auto it = std::ranges::lower_bound(right, at - 40); it != right.end() && *it <= at + 40; ++it)
            edges.push_back({left, static_cast<std::uint32_t>(it - right.begin()), std::abs(*it - at)});
    }
    const Assignment found = assign(lefts, right.size(), edges, single);
    EXPECT_FALSE(found.exact);
    std::size_t wrong = 0;
    for (std::uint32_t left = 0; left < lefts; ++left) {
        const std::uint32_t at = found.rightOf[left];
        const bool isRight = left % 3 == 0 ? at == UINT32_MAX : at != UINT32_MAX && right[at] / 10 == left;
        wrong += isRight ? 0 : 1;
    }
    // Leaving single costs more than a pair that is one call off: such chains are not cheaper than the truth.
    EXPECT_EQ(wrong, 0u);
}

TEST(Assign, ManyAtTheSameInstantStayWithinTheBand) {
    std::vector<Edge> edges;
    const std::uint32_t count = 2'000;
    for (std::uint32_t left = 0; left < count; ++left)
        for (std::uint32_t step = 0; step < 40 && left + step < count; ++step)
            edges.push_back({left, left + step, 0});
    const Assignment found = assign(count, count, edges, single);
    for (std::uint32_t left = 0; left < count; ++left)
        ASSERT_NE(found.rightOf[left], UINT32_MAX) << left;
}

}  // namespace
}  // namespace meetpoint::reconcile
