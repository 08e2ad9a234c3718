#include "api/period_parameters.h"

namespace meetpoint::api {

using reconcile::PeriodKind;

void addPeriodParameters(http::EndpointBuilder& builder) {
    builder.query(http::dateParameter("date", "A day in the period"))
        .query(http::textParameter("month", "A calendar month, 2026-11, instead of `date` and `period`", 7))
        .query(http::choiceParameter("period",
                                     "What is meant around `date`; billingCycle: by the agreement in force on it, in "
                                     "its zone; without one the calendar month. day if left out",
                                     {"day", "month", "billingCycle"}))
        .query(http::textParameter("timeZone", "IANA name of the zone of days and months; UTC if left out", 64))
        .problems({"bad-period", "unknown-time-zone"});
}

bool namesPeriod(const http::ParameterValues& query) {
    return query.has("date") || query.has("month") || query.has("period");
}

Result<exchange::PeriodRequest> periodRequestOf(const http::ParameterValues& query) {
    exchange::PeriodRequest request;
    if (query.has("timeZone")) {
        TRY_ASSIGN(request.zone, TimeZone::load(*query.text("timeZone")));
    }
    const auto date = query.date("date");
    if (const auto month = query.text("month")) {
        if (date || query.has("period"))
            return fail(invalidInput("bad-period", "Name either 'month', or 'date' with 'period'."));
        const auto first = parseDay(*month + "-01");
        if (!first) return fail(invalidInput("bad-period", "'month' is a year and a month: 2026-11."));
        request.kind = PeriodKind::month;
        request.day = *first;
        return request;
    }
    if (!date) return fail(invalidInput("bad-period", "Name a day of the period with 'date', or a 'month'."));
    request.day = *date;
    const std::string period = query.text("period").value_or("day");
    for (const PeriodKind kind : {PeriodKind::month, PeriodKind::billingCycle})
        if (period == name(kind)) request.kind = kind;
    return request;
}

}  // namespace meetpoint::api
