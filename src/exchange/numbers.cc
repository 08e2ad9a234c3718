#include "exchange/numbers.h"

#include "exchange/number_steps.h"

namespace meetpoint::exchange {
namespace {

constexpr std::size_t longestName = 64;
constexpr std::size_t longestNumber = 15;  // digits, ITU-T E.164

bool maySee(const domain::Caller& caller, const store::Number& number) {
    return caller.role == domain::Role::platform || caller.role == domain::Role::auditor ||
           caller.actsFor(number.carrierId) ||
           (caller.role == domain::Role::tenant && caller.tenant == number.tenantId);
}

Result<void> checkDigits(std::optional<std::string>& text) {
    if (!text) return {};
    if (text->starts_with('+')) text->erase(0, 1);
    const bool good = !text->empty() && text->size() <= longestNumber &&
                      std::ranges::all_of(*text, [](char c) { return c >= '0' && c <= '9'; });
    if (good) return {};
    return fail(invalidInput("bad-number-part",
                             "Give 1 to 15 digits of a number, the country code first for a "
                             "prefix."));
}

// Which target a number is assigned to is the platform's and the tenant's to know.
bool maySeeTargets(const domain::Caller& caller) {
    return caller.role != domain::Role::carrier;
}

store::Number shown(const domain::Caller& caller, store::Number number) {
    if (!maySeeTargets(caller)) number.targetId.reset();
    return number;
}

// The condition as it reads for somebody who sees no targets: there are none.
void forgetTargets(store::NumberCondition& condition) {
    using Kind = store::NumberCondition::Kind;
    if (condition.field == store::NumberField::target) {
        if (condition.kind == Kind::isOneOf) condition.values.clear();
        if (condition.kind == Kind::isAbsent) condition = {Kind::all};
    }
    for (store::NumberCondition& part : condition.parts)
        forgetTargets(part);
}

// The query, narrowed to what the caller may see.
Result<store::NumberQuery> seenBy(const domain::Caller& caller, store::NumberQuery query) {
    TRY(checkDigits(query.prefix));
    TRY(checkDigits(query.contains));
    if (caller.role == domain::Role::carrier) {
        TRY_ASSIGN(query.carrier, carrierOf(caller, query.carrier));
    }
    if (caller.role == domain::Role::tenant) query.tenant = caller.tenant;
    if (!maySeeTargets(caller)) {
        if (query.condition) forgetTargets(*query.condition);
        if (query.target) query.condition = {store::NumberCondition::Kind::any};
    }
    return query;
}

void change(std::optional<std::string>& field, const std::optional<std::string>& wanted) {
    if (!wanted) return;
    field = *wanted;
    if (field->empty()) field.reset();
}

Result<void> checkUpdate(const domain::Caller& caller, const store::Number& number, const NumberUpdate& update) {
    for (const auto* text : {&update.reference, &update.callingProfileId, &update.locationId})
        if (*text && (*text)->size() > longestName)
            return fail(invalidInput("text-too-long", "These fields take at most 64 characters."));
    const bool isCarriers = update.reference || update.callingProfileId;
    if (isCarriers && !caller.actsFor(number.carrierId) && caller.role != domain::Role::platform)
        return fail(Error{ErrorKind::forbidden,
                          "not-yours-to-change",
                          "Reference and calling profile are the carrier's to change.",
                          {},
                          {},
                          0});
    return {};
}

}  // namespace

Result<NumberPage> listNumbers(const Services& services, const CursorKey& cursors, const domain::Caller& caller,
                               store::NumberQuery query, const std::optional<std::string>& cursor) {
    if (cursor) {
        TRY_ASSIGN(const std::int64_t after, cursors.read(*cursor, "numbers", caller.clientId));
        query.after = {static_cast<std::uint64_t>(after)};
    }
    const std::size_t limit = query.limit;
    query.limit = limit + 1;
    NumberPage page;
    TRY_ASSIGN(page.numbers, pageNumbers(services, caller, std::move(query)));
    if (page.numbers.size() > limit) {
        page.numbers.pop_back();
        page.next =
            cursors.write("numbers", static_cast<std::int64_t>(page.numbers.back().e164.digits), caller.clientId);
    }
    return page;
}

Result<std::vector<store::Number>> pageNumbers(const Services& services, const domain::Caller& caller,
                                               store::NumberQuery query) {
    TRY_ASSIGN(query, seenBy(caller, std::move(query)));
    std::vector<store::Number> numbers;
    TRY(services.db.read([&](store::Tx& tx) -> Result<void> {
        TRY_ASSIGN(numbers, store::listNumbers(tx, query));
        return {};
    }));
    for (store::Number& number : numbers)
        number = shown(caller, std::move(number));
    return numbers;
}

Result<std::int64_t> countNumbers(const Services& services, const domain::Caller& caller, store::NumberQuery query) {
    TRY_ASSIGN(query, seenBy(caller, std::move(query)));
    std::int64_t count = 0;
    TRY(services.db.read([&](store::Tx& tx) -> Result<void> {
        TRY_ASSIGN(count, store::countNumbers(tx, query));
        return {};
    }));
    return count;
}

Result<store::Number> findNumber(const Services& services, const domain::Caller& caller, const Id& id) {
    std::optional<store::Number> number;
    TRY(services.db.read([&](store::Tx& tx) -> Result<void> {
        TRY_ASSIGN(number, store::findNumber(tx, id));
        return {};
    }));
    if (!number || !maySee(caller, *number)) return fail(notFound("There is no such number."));
    return shown(caller, std::move(*number));
}

Result<store::Number> findNumberByE164(const Services& services, const domain::Caller& caller, domain::E164 e164) {
    std::optional<store::Number> number;
    TRY(services.db.read([&](store::Tx& tx) -> Result<void> {
        TRY_ASSIGN(number, store::findNumberByE164(tx, e164));
        return {};
    }));
    if (!number || !maySee(caller, *number)) return fail(notFound("There is no such number."));
    return shown(caller, std::move(*number));
}

Result<std::vector<store::NumberStep>> numberHistory(const Services& services, const domain::Caller& caller,
                                                     const Id& id) {
    TRY(findNumber(services, caller, id));
    std::vector<store::NumberStep> steps;
    TRY(services.db.read([&](store::Tx& tx) -> Result<void> {
        TRY_ASSIGN(steps, store::listSteps(tx, id));
        return {};
    }));
    // Who did it is the platform's and the tenant's to know, and so is which target.
    if (caller.role == domain::Role::carrier)
        for (store::NumberStep& step : steps) {
            step.actor.clear();
            step.targetId.reset();
        }
    return steps;
}

Result<store::Number> updateNumber(const Services& services, const domain::Caller& caller, const Id& id,
                                   const NumberUpdate& update, const std::optional<std::int64_t>& expectedVersion) {
    store::Number updated;
    TRY(services.db.write(store::ledgerWrite(1), [&](store::Tx& tx) -> Result<void> {
        TRY_ASSIGN(auto number, store::findNumber(tx, id));
        if (!number || !maySee(caller, *number)) return fail(notFound("There is no such number."));
        if (expectedVersion && *expectedVersion != number->version)
            return fail(Error{ErrorKind::preconditionFailed,
                              "version-mismatch",
                              "The number was changed since you read it. Read it again.",
                              {},
                              {},
                              0});
        TRY(checkUpdate(caller, *number, update));
        TRY_ASSIGN(const auto carrier, store::findCarrier(tx, number->carrierId));
        if (!carrier) return fail(corrupt("a number's carrier is missing"));
        change(number->reference, update.reference);
        change(number->callingProfileId, update.callingProfileId);
        change(number->locationId, update.locationId);
        NumberSteps steps(tx, services, caller.clientId);
        TRY(steps.take(*carrier, *number, domain::NumberAction::update));
        // Calls from now on carry the new reference.
        const bool isHeld = number->state != domain::NumberState::portingIn;
        if (update.reference && isHeld)
            TRY(store::insertHolderChange(
                tx, {0, number->e164, number->changedAt, number->carrierId, number->tenantId, number->reference}));
        updated = shown(caller, *number);
        return steps.finish();
    }));
    return updated;
}

}  // namespace meetpoint::exchange
