// Where a day's data show something else than what was agreed: another basis or other increments, a zone, kinds of call
// that are missing or were not to come. Pure.
#pragma once

#include <boost/json/array.hpp>

#include "domain/agreement.h"
#include "reconcile/outcome.h"

namespace meetpoint::exchange {

// [{"term":"increments","agreed":{…},"shown":{…},"count":58,"outOf":58,"evidence":"…"}], in the order of the terms.
// `term` is the word of the API; `shown` null: the data show none. Nothing is said where the agreement does not state
// the term, or the day has too few calls to show it.
boost::json::array deviationsJson(const domain::AgreementTerms& agreed, const reconcile::Outcome& outcome,
                                  const columns::Records& calls, const columns::Records& durations, Day day);

}  // namespace meetpoint::exchange
