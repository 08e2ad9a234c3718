// The inventory of numbers: what is held, by whom, for whom, and how it came to be so.
#pragma once

#include "exchange/cursors.h"
#include "exchange/services.h"
#include "store/numbers.h"

namespace meetpoint::exchange {

struct NumberPage {
    std::vector<store::Number> numbers;
    std::optional<std::string> next;  // where there is more
};
// Those that the caller may see, in order of number: a carrier's own, a tenant's own, or all. To a carrier no number
// has a target: none is shown, and a query finds none. `query.limit` is the page's size. Codes "bad-cursor",
// "carrier-required", "bad-number-part" (a prefix or part that is not 1 to 15 digits). These block on the store.
Result<NumberPage> listNumbers(const Services& services, const CursorKey& cursors, const domain::Caller& caller,
                               store::NumberQuery query, const std::optional<std::string>& cursor);
// As listNumbers, by position instead of cursor: from `query.skip` on.
Result<std::vector<store::Number>> pageNumbers(const Services& services, const domain::Caller& caller,
                                               store::NumberQuery query);
Result<std::int64_t> countNumbers(const Services& services, const domain::Caller& caller, store::NumberQuery query);
Result<store::Number> findNumber(const Services& services, const domain::Caller& caller, const Id& id);
// The live number of that spelling that the caller may see.
Result<store::Number> findNumberByE164(const Services& services, const domain::Caller& caller, domain::E164 e164);
// What the caller may know of each step; who did it and for which target is kept from carriers.
Result<std::vector<store::NumberStep>> numberHistory(const Services& services, const domain::Caller& caller,
                                                     const Id& id);

// What may be changed about a number without moving it; what is left out stays, an empty text takes away.
struct NumberUpdate {
    std::optional<std::string> reference, callingProfileId;  // the carrier's
    std::optional<std::string> locationId;                   // the carrier's or the tenant's
};
// Codes "version-mismatch", "text-too-long", "not-yours-to-change", "transition-not-allowed" (it is removed).
Result<store::Number> updateNumber(const Services& services, const domain::Caller& caller, const Id& id,
                                   const NumberUpdate& update, const std::optional<std::int64_t>& expectedVersion);

}  // namespace meetpoint::exchange
