#include "reconcile/report_data.h"

namespace meetpoint::reconcile {

std::string_view name(PeriodKind kind) {
    return domain::nameAt("day,month,billingCycle", static_cast<std::size_t>(kind));
}

std::string_view name(DayStatus status) {
    return domain::nameAt("notBegun,neverReconciled,open,closed", static_cast<std::size_t>(status));
}

}  // namespace meetpoint::reconcile
