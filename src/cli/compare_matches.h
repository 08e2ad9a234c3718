// The items of a comparison, one line of JSON each.
#pragma once

#include <iosfwd>

#include "cli/compare.h"

namespace meetpoint::cli {

// Fields: itemId, state, at, ours (call ids), theirs (record ids), oursLines, theirsLines, matchedBy, startDeltaMs,
// durationDeltaMs, causes; where it applies also reason.
void writeMatches(const Comparison& comparison, std::ostream& out);

// The 1-based lines of the records of an item in their file, in the item's order.
std::vector<std::uint64_t> linesOf(const formats::FileRead& read, std::span<const std::uint32_t> rows);

}  // namespace meetpoint::cli
