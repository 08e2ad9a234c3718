// Ports: a number goes from one carrier to another. The gaining carrier orders it, the losing one accepts or objects,
// the gaining one completes it from the agreed date on. The number changes hands at one instant: calls before it are
// the losing carrier's, calls from it on the gaining one's.
#pragma once

#include "exchange/number_steps.h"
#include "exchange/orders.h"
#include "store/ports.h"

namespace meetpoint::exchange {

// Begins a port of a number to `number.carrierId`; `number` is filled in but for its state. `held` is who has it now,
// if anybody. Code "number-not-available" where another port of it is under way.
Result<store::Port> beginPort(store::Tx& tx, const Services& services, NumberSteps& steps,
                              const store::Carrier& gaining, store::Number number,
                              const std::optional<store::Number>& held, const std::optional<Instant>& portAt);

// A port as one of its sides sees it.
struct SeenPort {
    store::Port port;
    bool isGaining = false, isLosing = false;  // what the caller is in it; the platform is neither
};
struct PortPage {
    std::vector<SeenPort> ports;
    std::optional<std::string> next;
};
// Those that the caller's carriers are a side of; all for the platform. Code "bad-cursor".
Result<PortPage> listPorts(const Services& services, const CursorKey& cursors, const domain::Caller& caller,
                           const std::optional<Id>& carrier, const std::optional<std::string>& cursor,
                           std::size_t limit);
Result<SeenPort> findPort(const Services& services, const domain::Caller& caller, const Id& id);

struct PortMove {
    domain::PortState to = domain::PortState::accepted;
    std::optional<std::string> reason;  // needed to object
    std::optional<Instant> portAt;      // the losing carrier may set a later date when it accepts
};
// The losing carrier accepts or objects; the gaining one cancels or completes; the platform may do any of it. Codes
// "transition-not-allowed", "reason-required", "port-too-early", "consent-missing".
Result<SeenPort> movePort(const Services& services, const Limits& limits, const domain::Caller& caller, const Id& id,
                          const PortMove& move);

// Ends ports whose number has changed hands and whose gaining side was not brought up, because a node died in between.
// Gives how many.
Result<std::size_t> finishCutOverPorts(const Services& services, const Limits& limits);

// Orders for numbers that are held elsewhere, for the platform to settle.
struct ConflictPage {
    std::vector<store::NumberConflict> conflicts;
    std::optional<std::string> next;
};
Result<ConflictPage> listConflicts(const Services& services, const CursorKey& cursors, const domain::Caller& caller,
                                   const std::optional<std::string>& state, const std::optional<std::string>& cursor,
                                   std::size_t limit);
enum class Settlement { port, dismiss };
// `port` begins one for the carrier that ordered. Codes "conflict-settled", "number-not-available", "consent-missing",
// not-found.
Result<store::NumberConflict> settleConflict(const Services& services, const domain::Caller& caller, const Id& id,
                                             Settlement settlement, const std::optional<std::string>& note);

}  // namespace meetpoint::exchange
