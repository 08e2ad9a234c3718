#include "store/rows_by_hash.h"

#include <algorithm>
#include <bit>
#include <utility>

namespace meetpoint::store {

// Hashes are spread evenly: dealt out by their first bits they lie in small heaps, which are sorted one by one.
std::vector<std::uint32_t> rowsByHash(const std::vector<std::uint64_t>& hashes) {
    using Keyed = std::pair<std::uint64_t, std::uint32_t>;
    constexpr std::size_t rowsOfHeap = 32;
    const int bits = static_cast<int>(std::bit_width(hashes.size() / rowsOfHeap));
    const auto heapOf = [bits](std::uint64_t hash) {
        return bits == 0 ? 0 : static_cast<std::size_t>(hash >> (64 - bits));
    };
    std::vector<std::size_t> ends((std::size_t{1} << bits) + 1, 0);
    for (const std::uint64_t hash : hashes)
        ++ends[heapOf(hash) + 1];
    for (std::size_t heap = 1; heap < ends.size(); ++heap)
        ends[heap] += ends[heap - 1];
    std::vector<Keyed> keyed(hashes.size());
    std::vector<std::size_t> next(ends.begin(), ends.end() - 1);
    for (std::uint32_t row = 0; row < hashes.size(); ++row)
        keyed[next[heapOf(hashes[row])]++] = {hashes[row], row};
    std::vector<std::uint32_t> rows(hashes.size());
    for (std::size_t heap = 0; heap + 1 < ends.size(); ++heap)
        std::sort(keyed.begin() + static_cast<std::ptrdiff_t>(ends[heap]),
                  keyed.begin() + static_cast<std::ptrdiff_t>(ends[heap + 1]));
    for (std::size_t i = 0; i < rows.size(); ++i)
        rows[i] = keyed[i].second;
    return rows;
}

}  // namespace meetpoint::store
