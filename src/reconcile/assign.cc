#include "reconcile/assign.h"

#include <algorithm>
#include <limits>

namespace meetpoint::reconcile {
namespace {

constexpr std::uint32_t none = UINT32_MAX;
constexpr std::int64_t far = std::numeric_limits<std::int64_t>::max() / 4;

// The Hungarian method with potentials (Kuhn 1955, in the shortest-path form of Jonker and Volgenant 1987). Columns are
// the right nodes and then one "single" column a left node and one more, which cost nothing; an edge costs what it
// saves.
class Hungarian {
public:
    Hungarian(std::size_t lefts, std::size_t rights, std::span<const Edge> edges, std::int64_t singleCost)
        : lefts_(lefts),
          rights_(rights),
          columns_(rights + lefts + 1),
          cost_(lefts * rights, far),
          rowPotential_(lefts + 1),
          columnPotential_(columns_ + 1),
          rowOf_(columns_ + 1, 0) {
        for (const Edge& edge : edges) {
            std::int64_t& cost = cost_[edge.left * rights + edge.right];
            cost = std::min(cost, edge.cost - singleCost);
        }
        for (std::size_t row = 1; row <= lefts_; ++row)
            augment(row);
    }

    std::vector<std::uint32_t> rightOf() const {
        std::vector<std::uint32_t> out(lefts_, none);
        for (std::size_t column = 1; column <= rights_; ++column)
            if (rowOf_[column] != 0) out[rowOf_[column] - 1] = static_cast<std::uint32_t>(column - 1);
        return out;
    }
    bool tight(std::size_t left, std::size_t right) const { return reduced(left + 1, right + 1) == 0; }
    bool maybeSingleLeft(std::size_t left) const { return rowPotential_[left + 1] == 0; }
    bool maybeSingleRight(std::size_t right) const { return columnPotential_[right + 1] == 0; }

private:
    std::int64_t costAt(std::size_t row, std::size_t column) const {
        return column > rights_ ? 0 : cost_[(row - 1) * rights_ + column - 1];
    }
    std::int64_t reduced(std::size_t row, std::size_t column) const {
        return costAt(row, column) - rowPotential_[row] - columnPotential_[column];
    }

    void augment(std::size_t row) {
        rowOf_[0] = row;
        std::size_t column = 0;
        std::vector<std::int64_t> least(columns_ + 1, far);
        std::vector<std::size_t> from(columns_ + 1, 0);
        std::vector<char> done(columns_ + 1, 0);
        do {
            done[column] = 1;
            std::int64_t step = far;
            std::size_t nextColumn = 0;
            for (std::size_t other = 1; other <= columns_; ++other) {
                if (done[other]) continue;
                const std::int64_t value = reduced(rowOf_[column], other);
                if (value < least[other]) least[other] = value, from[other] = column;
                if (least[other] < step) step = least[other], nextColumn = other;
            }
            for (std::size_t other = 0; other <= columns_; ++other) {
                if (done[other])
                    rowPotential_[rowOf_[other]] += step, columnPotential_[other] -= step;
                else
                    least[other] -= step;
            }
            column = nextColumn;
        } while (rowOf_[column] != 0);
        for (; column != 0; column = from[column])
            rowOf_[column] = rowOf_[from[column]];
    }

    std::size_t lefts_;
    std::size_t rights_;
    std::size_t columns_;
    std::vector<std::int64_t> cost_;
    std::vector<std::int64_t> rowPotential_;
    std::vector<std::int64_t> columnPotential_;
    std::vector<std::size_t> rowOf_;  // 1-based; 0 free
};

// Which nodes another assignment of the same cost would join otherwise: the strongly connected components (Tarjan 1972)
// of the graph in which a step leads from a node to what it could have instead. One more node stands for "single".
class Ties {
public:
    Ties(const Hungarian& solved, const std::vector<std::uint32_t>& rightOf, std::span<const Edge> edges,
         std::size_t lefts, std::size_t rights)
        : steps_(lefts + rights + 1), index_(steps_.size(), 0), low_(steps_.size(), 0), group_(steps_.size(), none) {
        const auto single = static_cast<std::uint32_t>(lefts + rights);
        std::vector<char> taken(rights, 0);
        const auto right = [&](std::uint32_t node) { return static_cast<std::uint32_t>(lefts + node); };
        for (std::uint32_t left = 0; left < lefts; ++left) {
            if (rightOf[left] == none) {
                steps_[single].push_back(left);
                continue;
            }
            taken[rightOf[left]] = 1;
            steps_[right(rightOf[left])].push_back(left);
            if (solved.maybeSingleLeft(left)) steps_[left].push_back(single);
            if (solved.maybeSingleRight(rightOf[left])) steps_[single].push_back(right(rightOf[left]));
        }
        for (const Edge& edge : edges)
            if (rightOf[edge.left] != edge.right && solved.tight(edge.left, edge.right))
                steps_[edge.left].push_back(right(edge.right));
        for (std::uint32_t node = 0; node < rights; ++node)
            if (!taken[node]) steps_[right(node)].push_back(single);
        for (std::uint32_t node = 0; node < steps_.size(); ++node)
            if (index_[node] == 0) visit(node);
    }
    std::uint32_t groupOf(std::size_t node) const { return group_[node]; }

private:
    // Components are at most exactLimit nodes a side, so that the depth is bounded.
    void visit(std::uint32_t node) {
        index_[node] = low_[node] = ++counter_;
        stack_.push_back(node);
        for (const std::uint32_t other : steps_[node]) {
            if (index_[other] == 0) {
                visit(other);
                low_[node] = std::min(low_[node], low_[other]);
            } else if (std::ranges::find(stack_, other) != stack_.end()) {
                low_[node] = std::min(low_[node], index_[other]);
            }
        }
        if (low_[node] != index_[node]) return;
        const auto first = std::ranges::find(stack_, node);
        if (stack_.end() - first > 1)
            for (auto it = first; it != stack_.end(); ++it)
                group_[*it] = groups_;
        ++groups_;
        stack_.erase(first, stack_.end());
    }

    std::vector<std::vector<std::uint32_t>> steps_;
    std::vector<std::uint32_t> index_;
    std::vector<std::uint32_t> low_;
    std::vector<std::uint32_t> group_;
    std::vector<std::uint32_t> stack_;
    std::uint32_t counter_ = 0;
    std::uint32_t groups_ = 0;
};

// The order-keeping method: the best assignment in which no two pairs cross, by dynamic programming along the band that
// the candidates span. Along one number pair in order of time this is the optimum whenever time decides.
class InOrder {
public:
    InOrder(std::size_t lefts, std::size_t rights, std::span<const Edge> edges, std::int64_t singleCost)
        : rights_(rights),
          singleCost_(singleCost),
          first_(lefts + 1, 0),
          edges_(edges.begin(), edges.end()),
          firstEdge_(lefts + 1, 0) {
        std::ranges::sort(edges_, {}, [](const Edge& edge) { return std::pair(edge.left, edge.right); });
        for (const Edge& edge : edges_)
            ++firstEdge_[edge.left + 1];
        for (std::size_t left = 0; left < lefts; ++left)
            firstEdge_[left + 1] += firstEdge_[left];
        placeBand(lefts);
    }

    std::vector<std::uint32_t> solve() {
        const std::size_t lefts = first_.size() - 1;
        choice_.assign((lefts + 1) * width, Choice::nothing);
        std::vector<std::int64_t> above(width, 0);  // most saved with the lefts before, per right count in the band
        std::vector<std::int64_t> row(width, 0);
        for (std::size_t left = 0; left < lefts; ++left) {
            fillRow(left, above, row);
            std::swap(above, row);
        }
        return readBack(lefts);
    }

private:
    enum class Choice : std::uint8_t { nothing, skipLeft, skipRight, pair };
    static constexpr std::size_t width = bandWidth + 1;

    // The band of row i holds the states "so many rights used", first_[i] … first_[i] + bandWidth, never moving back.
    void placeBand(std::size_t lefts) {
        for (std::size_t left = 0; left < lefts; ++left) {
            std::size_t start = first_[left];
            if (firstEdge_[left] < firstEdge_[left + 1]) {
                const std::size_t low = edges_[firstEdge_[left]].right;
                const std::size_t high = edges_[firstEdge_[left + 1] - 1].right + 1;
                // Where the candidates span more than the band, it follows the rank.
                const std::size_t rank = left * rights_ / lefts;
                std::size_t wanted = low;
                if (high - low > bandWidth)
                    wanted = std::clamp(rank, low + bandWidth / 2, high - bandWidth / 2) - bandWidth / 2;
                start = std::max(start, wanted);
            }
            first_[left + 1] = start;
        }
    }

    // State of row left+1 with j rights used, from row left: the band of both rows may start at different counts.
    void fillRow(std::size_t left, const std::vector<std::int64_t>& above, std::vector<std::int64_t>& row) {
        const std::size_t shift = first_[left + 1] - first_[left];
        Choice* choice = &choice_[(left + 1) * width];
        std::size_t edge = firstEdge_[left];
        const std::size_t lastEdge = firstEdge_[left + 1];
        for (std::size_t k = 0; k < width; ++k) {
            const std::size_t used = first_[left + 1] + k;
            // Beyond the band of the row above nothing new can have been used.
            const std::size_t aboveAt = std::min(k + shift, width - 1);
            row[k] = above[aboveAt];
            choice[k] = Choice::skipLeft;
            if (k > 0 && row[k - 1] >= row[k]) row[k] = row[k - 1], choice[k] = Choice::skipRight;
            while (edge < lastEdge && edges_[edge].right + 1 < used)
                ++edge;
            if (edge == lastEdge || edges_[edge].right + 1 != used || k + shift == 0) continue;
            const std::int64_t saved = above[std::min(k + shift - 1, width - 1)] + singleCost_ - edges_[edge].cost;
            if (saved > row[k]) row[k] = saved, choice[k] = Choice::pair;
        }
    }

    std::vector<std::uint32_t> readBack(std::size_t lefts) const {
        std::vector<std::uint32_t> out(lefts, none);
        std::size_t k = width - 1;
        for (std::size_t left = lefts; left > 0;) {
            const std::size_t shift = first_[left] - first_[left - 1];
            switch (choice_[left * width + k]) {
                case Choice::skipRight:
                    --k;
                    continue;
                case Choice::pair:
                    out[left - 1] = static_cast<std::uint32_t>(first_[left] + k - 1);
                    k = std::min(k + shift - 1, width - 1);
                    break;
                default:
                    k = std::min(k + shift, width - 1);
            }
            --left;
        }
        return out;
    }

    std::size_t rights_;
    std::int64_t singleCost_;
    std::vector<std::size_t> first_;
    std::vector<Edge> edges_;
    std::vector<std::size_t> firstEdge_;
    std::vector<Choice> choice_;
};

}  // namespace

Assignment assign(std::size_t lefts, std::size_t rights, std::span<const Edge> edges, std::int64_t singleCost) {
    Assignment out;
    out.leftTie.assign(lefts, none);
    out.rightTie.assign(rights, none);
    if (lefts > exactLimit || rights > exactLimit) {
        out.exact = false;
        out.rightOf = InOrder(lefts, rights, edges, singleCost).solve();
        return out;
    }
    const Hungarian solved(lefts, rights, edges, singleCost);
    out.rightOf = solved.rightOf();
    const Ties ties(solved, out.rightOf, edges, lefts, rights);
    for (std::size_t left = 0; left < lefts; ++left)
        out.leftTie[left] = ties.groupOf(left);
    for (std::size_t right = 0; right < rights; ++right)
        out.rightTie[right] = ties.groupOf(lefts + right);
    return out;
}

}  // namespace meetpoint::reconcile
