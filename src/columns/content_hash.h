// Hashes over what columns say rather than how they are stored: merging, recompressing and re-cutting blocks change
// none.
#pragma once

#include <vector>

#include "base/hash.h"
#include "columns/records.h"

namespace meetpoint::columns {

// What a content hash goes over. Hashes are kept for ever: a rule may be added, and none changed.
enum class HashRule : std::uint8_t {
    everyColumn = 1,
    filledColumns = 2,  // of a column without any value, its name and that it is so
};
inline constexpr HashRule currentHashRule = HashRule::filledColumns;

// SHA-256 of a batch's rows: for each column of schema numbers up to `columnCount` its name, which rows are present,
// and the values (text with its lengths); absent values count as zeros.
Sha256 contentHash(const Batch& batch, std::size_t columnCount, HashRule rule = currentHashRule);

// One 32-bit fingerprint a record over everything that its sender said (all parts, streams included); equal contents
// have equal fingerprints on every machine. Taken before the exchange stamps holder and mask.
std::vector<std::uint32_t> fingerprints(const Records& records);

}  // namespace meetpoint::columns
