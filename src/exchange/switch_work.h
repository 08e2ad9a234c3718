// What the platform's switch has to do before a number can go on: route it to its target, take it away, forget it.
// Where the exchange confirms by itself, the same is done at once.
#pragma once

#include "exchange/cursors.h"
#include "exchange/number_steps.h"
#include "store/operations.h"

namespace meetpoint::exchange {

// A pending step and the work that ends it. `action` is assign, unassign or requestRelease; the caller has set target
// and SIP URI as they will be. Gives the operation, finished where provisioning is immediate. Codes as
// NumberSteps::take.
Result<store::Operation> moveBySwitch(store::Tx& tx, const Services& services, const Provisioning& rules,
                                      NumberSteps& steps, const store::Carrier& carrier, store::Number& number,
                                      domain::NumberAction action, std::string_view clientId,
                                      const std::optional<std::string>& reason = {});

// Ends the work that a number waits for, if it waits, because something else overtook it.
Result<void> overtakeWork(store::Tx& tx, const Services& services, const store::Number& number,
                          const std::string& reason);

struct WorkPage {
    std::vector<store::Operation> work;  // in order of `sequence`
    std::string next;
    bool hasMore = false;
};
// The switch's feed: every piece of work in order, each with how it stands now. Code "bad-cursor".
Result<WorkPage> readSwitchWork(const Services& services, const CursorKey& cursors, const domain::Caller& caller,
                                const std::optional<std::string>& cursor, std::size_t limit);

struct WorkOutcome {
    bool succeeded = true;
    std::optional<std::string> reason;  // needed where it failed
};
// The switch says what became of a piece of work. The same answer again changes nothing. Codes "reason-required",
// "operation-finished" (with another outcome, or overtaken), "not-switch-work", not-found.
Result<store::Operation> confirmWork(const Services& services, const domain::Caller& caller, const Id& operationId,
                                     const WorkOutcome& outcome);

// What is announced when there is something new in the switch's feed, and when an operation changed.
inline constexpr std::string_view switchWorkTopic = "provisioning";
inline constexpr std::string_view operationsTopic = "operations";

}  // namespace meetpoint::exchange
