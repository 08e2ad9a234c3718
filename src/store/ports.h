// Numbers on their way from one carrier to another, and orders for numbers that are held elsewhere.
#pragma once

#include <optional>
#include <vector>

#include "domain/phone_number.h"
#include "domain/port.h"
#include "store/db.h"

namespace meetpoint::store {

struct Port {
    Id id;
    domain::E164 e164;
    Id numberId;  // of the gaining carrier
    Id tenantId;  // whom the gaining carrier ports it for
    Id gainingCarrierId;
    std::optional<Id> losingCarrierId;  // none: nobody held it
    std::optional<Id> losingNumberId;
    domain::PortState state = domain::PortState::requested;
    std::optional<Instant> portAt;  // not before
    std::optional<std::string> reason;
    Instant requestedAt;
    Instant changedAt;
    std::int64_t version = 1;
};
Result<void> insertPort(Tx& tx, const Port& port);
// Stores state, portAt, reason and changedAt. False where the stored version is another than `port.version - 1`.
Result<bool> updatePort(Tx& tx, const Port& port);
Result<std::optional<Port>> findPort(Tx& tx, const Id& id);
// That either of the sides is `carrier`, or all; in order of id, after `after`.
Result<std::vector<Port>> listPorts(Tx& tx, const std::optional<Id>& carrier, const std::optional<Id>& after,
                                    std::size_t limit);
// Those that were begun to be completed and not ended, before that time.
Result<std::vector<Port>> listCutOverPorts(Tx& tx, Instant before, std::size_t limit);

struct NumberConflict {
    Id id;
    domain::E164 e164;
    Id orderingCarrierId, orderingTenantId;
    Id holdingCarrierId, holdingTenantId;
    Id operationId;              // the order
    std::string request;         // JSON object: what was ordered
    std::string state = "open";  // "ported", "dismissed"
    std::optional<std::string> note;
    std::optional<Id> portId;
    Instant noticedAt;
    std::optional<Instant> settledAt;
    std::optional<std::string> settledBy;
    std::int64_t version = 1;
};
// Nothing where the same carrier's order for the number is open already.
Result<void> noteConflict(Tx& tx, const NumberConflict& conflict);
// False where the stored version is another than `conflict.version - 1`.
Result<bool> settleConflict(Tx& tx, const NumberConflict& conflict);
Result<std::optional<NumberConflict>> findConflict(Tx& tx, const Id& id);
// In order of id, after `after`; of one state if it is named.
Result<std::vector<NumberConflict>> listConflicts(Tx& tx, const std::optional<std::string>& state,
                                                  const std::optional<Id>& after, std::size_t limit);

}  // namespace meetpoint::store
