// Where a day's data show something else than what was agreed: another basis or other increments, a zone, kinds of call
// that are missing or were not to come; or than what the carrier declares of its durations. Pure.
#pragma once

#include <boost/json/array.hpp>

#include "exchange/agreed_counting.h"

namespace meetpoint::exchange {

// What some of a day's items show; those of all its items are added up.
struct DeviationCounts {
    struct Kinds {
        std::uint64_t unanswered = 0, inbound = 0, outbound = 0, onNet = 0;
    };
    std::uint64_t items = 0;
    std::uint64_t pairs = 0;  // that show how the carrier counts, where that is agreed
    std::uint64_t againstAgreed = 0, againstLearnt = 0;
    // The same for the pairs of which the carrier's records declare one way of counting.
    struct Declared {
        std::optional<domain::TimeBasis> basis;
        std::optional<reconcile::Rounding> rounding;
        std::uint64_t pairs = 0, againstDeclared = 0, againstLearnt = 0;
    };
    static constexpr std::size_t mostDeclared = 16;  // ways that are told apart
    std::vector<Declared> declared;
    Declared* declaredAs(const reconcile::Item& item);  // null: it declares none, or one too many
    Kinds missing;                                      // of calls that are outside the carrier's scope
    Kinds sent;                                         // of the carrier's records
    void append(const DeviationCounts& more);
};

class Deviations {
public:
    // `agreed` may be null: nothing is. `learnt`: what the day's pairs have shown; it must outlive this.
    Deviations(const domain::AgreementTerms* agreed, const reconcile::Calibration& learnt);

    DeviationCounts count(const reconcile::Items& items) const;
    // [{"term":"increments","agreed":{…},"shown":{…},"count":58,"outOf":58,"evidence":"…"}], in the order of the terms.
    // `term` is the word of the API; `shown` null: the data show none. Nothing is said where the agreement does not
    // state the term, or the day has too few calls to show it. Behind them the same with `declared` instead of
    // `agreed`, for the terms `durationBasis` and `rounding`.
    boost::json::array say(const DeviationCounts& counts, const std::vector<reconcile::Diagnosis>& diagnosis,
                           Day day) const;

private:
    struct Ways;  // of counting
    Ways ways() const;
    void countPair(const Ways& ways, const reconcile::Item& item, DeviationCounts& counts) const;

    const domain::AgreementTerms agreed_;
    const reconcile::Calibration& learnt_;
};

}  // namespace meetpoint::exchange
