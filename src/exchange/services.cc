#include "exchange/services.h"

namespace meetpoint::exchange {

std::string_view name(StoreKind kind) {
    return kind == StoreKind::live ? "live" : "sandbox";
}

Result<Id> carrierOf(const domain::Caller& caller, const std::optional<Id>& named) {
    if (named) {
        if (caller.role == domain::Role::platform || caller.role == domain::Role::auditor || caller.actsFor(*named))
            return *named;
        return fail(notFound("There is no such carrier."));
    }
    if (caller.carriers.size() == 1) return caller.carriers.front();
    return fail(
        invalidInput("carrier-required", "Name the carrier that this is about with the query parameter carrierId."));
}

}  // namespace meetpoint::exchange
