// What entries of the key index lack that were written before each named its key by a check (KeyEntry::check).
#pragma once

#include "base/hash.h"
#include "store/keys.h"

namespace meetpoint::store {

// Gives those of `entries` that have no check theirs, by the stored keys of their records: each block that holds such
// records is read once. The lane must be locked, or the transaction one snapshot. Code "corrupt-data" where an entry
// points at no record.
Result<void> addMissingChecks(Tx& tx, LaneId lane, std::vector<KeyEntry>& entries, const KeyedHash& secret);

}  // namespace meetpoint::store
