// Numbers, their history, and who held them when.
#pragma once

#include "domain/number.h"
#include "domain/phone_number.h"
#include "store/db.h"
#include "store/number_condition.h"

namespace meetpoint::store {

struct Number {
    Id id;
    domain::E164 e164;
    Id carrierId;
    Id tenantId;
    domain::NumberState state = domain::NumberState::available;
    std::string usage;
    std::optional<std::string> targetType;
    std::optional<Id> targetId;
    std::optional<std::string> sipUri;
    std::optional<std::string> reference;
    Instant changedAt;
    std::int64_t version = 1;
    std::optional<std::string> additionalUsage;
    std::string capabilities{domain::defaultCapabilities};  // names with commas, of domain::numberCapabilities
    std::string country;                                    // ISO 3166-1 alpha-2; empty for numbers of no country
    std::optional<std::string> locationId, callingProfileId, ticketId;
    std::optional<std::string> category;  // of an assignment: domain::assignmentCategories
    Instant acquiredAt;
    std::optional<std::string> stateReason;  // what a pending state waits for, or why one failed
    std::optional<Instant> expectedBy;       // when a pending state should end at the latest
    std::optional<Id> operationId;           // the operation that a pending state waits for
};

// One step of a number's life, as it is after it.
struct NumberStep {
    std::int64_t version = 1;
    Instant at;
    std::string actor;
    std::string action;
    std::optional<std::string> previousState;
    std::string state;
    std::optional<std::string> targetType;
    std::optional<Id> targetId;
    std::optional<std::string> sipUri;
    std::optional<std::string> reason;
    std::optional<std::string> category;
};

// All that is given must hold.
struct NumberQuery {
    std::optional<Id> carrier;
    std::optional<Id> tenant;
    std::optional<std::string> state;
    std::optional<std::string> usage;  // as usage or as additional usage
    std::optional<Id> target;
    std::optional<std::string> country;
    std::optional<domain::E164> from, to;  // both included
    std::optional<std::string> prefix;     // digits that the number begins with, country code first
    std::optional<std::string> contains;   // digits anywhere in it
    std::optional<Id> id;
    std::optional<NumberCondition> condition;
    // Where to go on: behind this one.
    domain::E164 after{0};
    std::size_t skip = 0;
    std::size_t limit = 100;
};

// False where the number is live already.
Result<bool> insertNumber(Tx& tx, const Number& number);
// False where the stored version is another than `number.version - 1`.
Result<bool> updateNumber(Tx& tx, const Number& number);
Result<std::optional<Number>> findNumber(Tx& tx, const Id& id);
// The live number of that spelling; one that is being ported in is not live yet.
Result<std::optional<Number>> findNumberByE164(Tx& tx, domain::E164 e164);
// In order of number; those that are removed are left out.
Result<std::vector<Number>> listNumbers(Tx& tx, const NumberQuery& query);
Result<std::int64_t> countNumbers(Tx& tx, const NumberQuery& query);
// What is assigned to a target or about to be.
Result<std::vector<Number>> numbersOfTarget(Tx& tx, const Id& tenant, const Id& target);
Result<void> insertStep(Tx& tx, const Id& number, const NumberStep& step);
Result<std::vector<NumberStep>> listSteps(Tx& tx, const Id& number);

// From `from` on, this carrier and tenant held the number; no carrier: nobody did.
struct HolderChange {
    std::int64_t change = 0;  // order of writing, from 1
    domain::E164 e164;
    Instant from;
    std::optional<Id> carrierId;
    std::optional<Id> tenantId;
    std::optional<std::string> reference;
};
Result<void> insertHolderChange(Tx& tx, const HolderChange& change);
// Those written after `change`, in order.
Result<void> readHolderChanges(Tx& tx, std::int64_t after, const std::function<void(HolderChange)>& use);

}  // namespace meetpoint::store
