// The terms of an agreement as JSON: in the store, and in the rules of a run. The words are those of the API.
#pragma once

#include <boost/json/object.hpp>

#include "base/id.h"
#include "domain/agreement.h"

namespace meetpoint::exchange {

boost::json::object termsJson(const domain::AgreementTerms& terms);
std::string termsText(const domain::AgreementTerms& terms);
// Of a text that termsText() made; else internal.
Result<domain::AgreementTerms> readTerms(const std::string& text);

// {"initialSeconds":60,"stepSeconds":60}
boost::json::object incrementsJson(const domain::Increments& increments);
// {"answeredOnly":true,"directions":["inbound","outbound"],"onNet":false}
boost::json::object scopeJson(const domain::RecordedScope& scope);
std::string_view name(domain::TimeBasis basis);  // "answer"
std::optional<domain::TimeBasis> readTimeBasis(std::string_view word);

// A version that both sides have signed.
struct SignedAgreement {
    Id id;
    std::int64_t number = 0;
    Day validFrom;
    domain::AgreementTerms terms;
};

}  // namespace meetpoint::exchange
