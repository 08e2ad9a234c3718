#include "exchange/periods.h"

#include "domain/billing_cycle.h"

namespace meetpoint::exchange {
namespace {

using reconcile::PeriodKind;

// How cycles are cut on a day.
struct CycleTerms {
    std::int64_t startDay = 1;
    std::string zone = "UTC";
    bool operator==(const CycleTerms&) const = default;
};

CycleTerms termsOn(const LedgerCache::View& ledger, const Id& carrier, Day day) {
    const SignedAgreement* agreement = ledger.agreementOn(carrier, day);
    if (!agreement) return {};
    return {agreement->terms.billingCycleStartDay, agreement->terms.timeZone.value_or("UTC")};
}

// A cycle begins where the terms that hold on its first day say.
Result<Instant> beginOf(const LedgerCache::View& ledger, const Id& carrier, Day day) {
    TRY_ASSIGN(const TimeZone zone, TimeZone::load(termsOn(ledger, carrier, day).zone));
    return zone.startOf(day);
}

Result<Period> cycleOf(const LedgerCache::View& ledger, const Id& carrier, Day day) {
    const CycleTerms terms = termsOn(ledger, carrier, day);
    const domain::DayRange whole = domain::billingCycleOf(day, terms.startDay);
    const auto isSame = [&](std::int32_t number) { return termsOn(ledger, carrier, {number}) == terms; };
    Day from = day, to{day.number + 1};
    while (from > whole.from && isSame(from.number - 1))
        --from.number;
    while (to < whole.to && isSame(to.number))
        ++to.number;
    Period period{PeriodKind::billingCycle, {}, {}};
    TRY_ASSIGN(period.zone, TimeZone::load(terms.zone));
    TRY_ASSIGN(period.from, beginOf(ledger, carrier, from));
    TRY_ASSIGN(period.to, beginOf(ledger, carrier, to));
    return period;
}

}  // namespace

Result<Period> periodOf(const LedgerCache::View& ledger, const Id& carrier, const PeriodRequest& request) {
    if (request.kind == PeriodKind::billingCycle) {
        if (request.zone)
            return fail(invalidInput("bad-period", "A billing cycle has the agreement's zone. Leave out timeZone."));
        return cycleOf(ledger, carrier, request.day);
    }
    const domain::DayRange days = request.kind == PeriodKind::month
                                      ? domain::billingCycleOf(request.day, 1)
                                      : domain::DayRange{request.day, Day{request.day.number + 1}};
    Period period{request.kind, {}, {}, request.zone.value_or(TimeZone::utc())};
    period.from = period.zone.startOf(days.from);
    period.to = period.zone.startOf(days.to);
    return period;
}

}  // namespace meetpoint::exchange
