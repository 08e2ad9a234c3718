// Rows in the order of their keys' hashes.
#pragma once

#include <cstdint>
#include <vector>

namespace meetpoint::store {

// The rows 0 … hashes.size() - 1, sorted by their hash and then by row.
std::vector<std::uint32_t> rowsByHash(const std::vector<std::uint64_t>& hashes);

}  // namespace meetpoint::store
