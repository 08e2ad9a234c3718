// One-to-one assignment at the least cost among competing candidates. Knows nothing of calls.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace meetpoint::reconcile {

struct Edge {
    std::uint32_t left;
    std::uint32_t right;
    std::int64_t cost;  // at least 0
};

struct Assignment {
    // For each left node its right node, or UINT32_MAX.
    std::vector<std::uint32_t> rightOf;
    // For each left and right node the number of the group of nodes that some other assignment of the same cost would
    // join otherwise; UINT32_MAX if there is no such assignment.
    std::vector<std::uint32_t> leftTie;
    std::vector<std::uint32_t> rightTie;
    // False where the component was too large for the exact method and the order-keeping one was used.
    bool exact = true;
};

// A component of more left or right nodes than this is solved by the order-keeping method.
inline constexpr std::size_t exactLimit = 128;
// That method lets a left node choose among so many right nodes around its candidates.
inline constexpr std::size_t bandWidth = 128;

// Nodes are numbered from 0 in order of time on both sides. Leaving a left and a right node single costs `singleCost`
// together, so that only edges below it are ever used. Every edge's cost must be below it.
Assignment assign(std::size_t lefts, std::size_t rights, std::span<const Edge> edges, std::int64_t singleCost);

}  // namespace meetpoint::reconcile
