// What becomes of each record of an append, judged against all that the lane ever held of its key.
#pragma once

#include "store/lanes.h"

namespace meetpoint::store {

struct Classified {
    std::vector<Outcome> outcomes;                  // a row each
    std::vector<std::uint32_t> storedRows;          // in order
    std::vector<std::uint32_t> supersededRows;      // positions among the stored ones
    std::vector<std::int64_t> supersededSequences;  // rows that earlier entries stored
};

// `found`: the index's entries of all the hashes of the rows, sorted by hash, each with its check. Rows of one key are
// judged in their order, each also against those before it.
Classified classify(const PreparedAppend& prepared, std::span<const KeyEntry> found);

}  // namespace meetpoint::store
