// Moving numbers along their lives: the one place where a state changes. Each step is history, perhaps another holder,
// and an event to the carrier, all in one transaction.
#pragma once

#include <map>

#include "columns/records.h"
#include "exchange/services.h"
#include "store/ledger.h"
#include "store/numbers.h"

namespace meetpoint::exchange {

// The steps of one transaction, taken by one actor. Events go to the carrier's lane together, by finish().
class NumberSteps {
public:
    // `actor` is the client, or a worker's name, of at most 64 characters.
    NumberSteps(store::Tx& tx, const Services& services, std::string_view actor)
        : tx_(tx), services_(services), actor_(actor) {}

    // The first step of a new number, which is stored already; `action` is "upload" or "portIn". A number that is
    // available has a holder from now on.
    Result<void> begin(const store::Carrier& carrier, const store::Number& number, std::string_view action);
    // Applies `action` to `number` (whose target and SIP URI the caller has set as they will be) and stores it. Codes
    // "transition-not-allowed", "version-mismatch".
    Result<void> take(const store::Carrier& carrier, store::Number& number, domain::NumberAction action,
                      const std::optional<std::string>& reason = {});
    // Appends the events. Nothing of the transaction may be committed without it.
    Result<void> finish();

private:
    Result<void> record(const store::Carrier& carrier, const store::Number& number, const store::NumberStep& step);

    store::Tx& tx_;
    const Services& services_;
    std::string actor_;
    std::map<std::int64_t, columns::Records> events_;  // by shard key
};

}  // namespace meetpoint::exchange
