// Numbers, their history, and who held them when.
#pragma once

#include "domain/number.h"
#include "domain/phone_number.h"
#include "store/db.h"

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
};

struct NumberQuery {
    std::optional<Id> carrier;
    std::optional<Id> tenant;
    std::optional<std::string> state;
    domain::E164 after{0};
    std::size_t limit = 100;
};

// False where the number is live already.
Result<bool> insertNumber(Tx& tx, const Number& number);
// False where the stored version is another than `number.version - 1`.
Result<bool> updateNumber(Tx& tx, const Number& number);
Result<std::optional<Number>> findNumber(Tx& tx, const Id& id);
// The live number of that spelling.
Result<std::optional<Number>> findNumberByE164(Tx& tx, domain::E164 e164);
// In order of number.
Result<std::vector<Number>> listNumbers(Tx& tx, const NumberQuery& query);
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
