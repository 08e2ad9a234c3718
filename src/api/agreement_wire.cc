#include "api/agreement_wire.h"

#include <algorithm>

namespace meetpoint::api {
namespace {

constexpr std::int64_t hourMs = 3'600'000;

}  // namespace

domain::AgreementTerms termsOf(const AgreementTerms& words) {
    domain::AgreementTerms terms;
    terms.tolerance = milliseconds(words.toleranceMs);
    terms.tolerancePerMille = words.tolerancePerMille.value_or(0);
    if (words.increments)
        terms.increments =
            domain::Increments{seconds(words.increments->initialSeconds), seconds(words.increments->stepSeconds)};
    if (words.durationBasis) terms.durationBasis = static_cast<domain::TimeBasis>(*words.durationBasis);
    terms.timeZone = words.timeZone;
    if (words.scope) {
        const auto has = [&](AgreedDirection direction) {
            return std::ranges::find(words.scope->directions, direction) != words.scope->directions.end();
        };
        terms.scope = domain::RecordedScope{words.scope->answeredOnly, has(AgreedDirection::inbound),
                                            has(AgreedDirection::outbound), words.scope->onNet};
    }
    terms.billingCycleStartDay = words.billingCycleStartDay.value_or(1);
    if (words.dueAfterHours) terms.dueAfter = hours(*words.dueAfterHours);
    if (words.closeAfterHours) terms.closeAfter = hours(*words.closeAfterHours);
    return terms;
}

AgreementTerms termsWire(const domain::AgreementTerms& terms) {
    AgreementTerms words;
    words.toleranceMs = terms.tolerance.ms;
    words.tolerancePerMille = terms.tolerancePerMille;
    if (terms.increments)
        words.increments = AgreedIncrements{terms.increments->initial.ms / 1000, terms.increments->step.ms / 1000};
    if (terms.durationBasis) words.durationBasis = static_cast<AgreedDurationBasis>(*terms.durationBasis);
    words.timeZone = terms.timeZone;
    if (terms.scope) {
        words.scope = AgreedScope{terms.scope->answeredOnly, {}, terms.scope->onNet};
        if (terms.scope->inbound) words.scope->directions.push_back(AgreedDirection::inbound);
        if (terms.scope->outbound) words.scope->directions.push_back(AgreedDirection::outbound);
    }
    words.billingCycleStartDay = terms.billingCycleStartDay;
    if (terms.dueAfter) words.dueAfterHours = terms.dueAfter->ms / hourMs;
    if (terms.closeAfter) words.closeAfterHours = terms.closeAfter->ms / hourMs;
    return words;
}

}  // namespace meetpoint::api
