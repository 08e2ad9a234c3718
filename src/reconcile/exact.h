// Third stage: records that carry the same id on both sides. Ids from the wire are not unique (devices reuse a Call-ID,
// a correlation id spans several calls), so that an id only proposes; numbers, and later the clock, decide.
#pragma once

#include <vector>

#include "reconcile/side.h"

namespace meetpoint::reconcile {

struct IdPair {
    std::uint32_t ours;
    std::uint32_t theirs;
    MatchedBy by;  // callId or sipCallId
    bool alone;    // nothing else on either side has this id
    auto operator<=>(const IdPair&) const = default;
};

// An id that more records of one side than this carry names nothing.
inline constexpr std::size_t mostOfOneId = 16;

// Calls (rows whose role is `call`) of both sides that share an id and agree on a number; in order of rows.
std::vector<IdPair> pairsById(const Sides& sides, std::size_t threads);

// Whether the two records agree on at least one number that both state, and contradict each other on none but that.
bool numbersPlausible(const Side& ours, std::size_t i, const Side& theirs, std::size_t j);

}  // namespace meetpoint::reconcile
