// Hashes over what columns say rather than how they are stored: merging, recompressing and re-cutting blocks change
// none.
#pragma once

#include <vector>

#include "base/hash.h"
#include "columns/records.h"

namespace meetpoint::columns {

// SHA-256 of a batch's rows: for each column of schema numbers up to `columnCount` its name, which rows are present,
// and the values (text with its lengths); absent values count as zeros. `rowShift` is subtracted from `callRow` of a
// network part, so that streams hash as if their entry began at row 0.
Sha256 contentHash(const Batch& batch, std::size_t columnCount, std::int32_t rowShift = 0);

// One 32-bit fingerprint a record over everything that its sender said (all parts, streams included); equal contents
// have equal fingerprints on every machine. Taken before the exchange stamps holder and mask.
std::vector<std::uint32_t> fingerprints(const Records& records);

}  // namespace meetpoint::columns
