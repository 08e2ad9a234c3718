// Of calls whose two sides differ in length: the legs by which the shorter one goes on after its user has left, as
// after a transfer. A leg is one that nothing else is joined to, to or from the same far end (or of the same user,
// where the far end is not stated), that begins where the call ends; a correlation links the two, or the call with it
// ends when the other side's does.
#pragma once

#include <vector>

#include "reconcile/match.h"

namespace meetpoint::reconcile {

class OnwardLegs {
public:
    // Of the calls that `matching` has nothing joined to. Sides and calibration must outlive it.
    OnwardLegs(const Sides& sides, const Calibration& calibration, const Matching& matching);

    // The legs of the call that these two are, in order of time; empty: it has none.
    struct Legs {
        std::vector<std::uint32_t> ours, theirs;
        bool empty() const { return ours.empty() && theirs.empty(); }
    };
    Legs of(std::uint32_t ours, std::uint32_t theirs) const;
    bool areNone() const { return ours_.rows.empty() && theirs_.rows.empty(); }

private:
    struct Ends;
    std::uint32_t nextOf(const Side& side, std::uint32_t call, std::int64_t endMs) const;
    bool meet(const Ends& ends) const;

    const Sides& sides_;
    const Calibration& calibration_;
    // Talks by who they are with, in order of time; and a table of hashes that says for most others that there is none.
    struct Talks {
        std::vector<Keyed> rows;
        std::vector<bool> known;
        bool mayHave(std::uint64_t farEnd) const { return known[mix(farEnd, 0) & (known.size() - 1)]; }
    };
    template <class IsFree>
    static Talks talksOf(const Side& side, const Calibration& calibration, IsFree isFree);

    Talks ours_, theirs_;
};

// Joins them to the calls they belong to.
void joinOnwardLegs(Sides& sides, const Calibration& calibration, const Matching& matching);

}  // namespace meetpoint::reconcile
