#include "exchange/numbers.h"

#include <boost/json.hpp>

#include "domain/call.h"
#include "domain/sip_uri.h"
#include "exchange/ledger_cache.h"
#include "exchange/number_steps.h"

namespace meetpoint::exchange {
namespace {

namespace json = boost::json;
using domain::NumberAction;

constexpr std::size_t maxReference = 64;

Result<void> requireConsent(store::Tx& tx, const Services& services, const Id& tenant, const Id& carrier) {
    TRY(services.ledger.refresh(tx));
    const Instant now = services.clock.now();
    if (covers(services.ledger.view().consents(tenant, carrier), now, now)) return {};
    return fail(conflict("consent-missing",
                         "This tenant and this carrier have no signed consent. The tenant accepts the notice "
                         "(POST /v1/consents), then the carrier signs it."));
}

// One number of an order: what became of it.
Result<Id> uploadOne(store::Tx& tx, const Services& services, const store::Carrier& carrier, const NumberOrder& order,
                     const OrderedNumber& wanted, std::string_view actor) {
    const auto e164 = domain::readE164(wanted.telephoneNumber);
    if (!e164 || !domain::isValid(*e164))
        return fail(invalidInput("bad-number", "This is not a telephone number in E.164, e.g. +41446681800."));
    if (wanted.reference && wanted.reference->size() > maxReference)
        return fail(invalidInput("text-too-long", "'reference' takes at most 64 characters."));
    const store::Number number{makeId(services.clock, services.random),
                               *e164,
                               carrier.id,
                               order.tenantId,
                               domain::NumberState::available,
                               order.usage,
                               {},
                               {},
                               {},
                               wanted.reference,
                               services.clock.now(),
                               1};
    TRY_ASSIGN(const bool inserted, store::insertNumber(tx, number));
    if (!inserted) return fail(conflict("numberNotAvailable", "This number cannot be ordered."));
    TRY(recordUpload(tx, services, carrier, number, actor));
    return number.id;
}

Result<Id> releaseOne(store::Tx& tx, const Services& services, const store::Carrier& carrier, const NumberOrder& order,
                      const OrderedNumber& wanted, std::string_view actor) {
    const auto e164 = domain::readE164(wanted.telephoneNumber);
    if (!e164) return fail(invalidInput("bad-number", "This is not a telephone number in E.164, e.g. +41446681800."));
    TRY_ASSIGN(auto number, store::findNumberByE164(tx, *e164));
    if (!number || number->carrierId != carrier.id || number->tenantId != order.tenantId)
        return fail(Error{
            ErrorKind::notFound, "number-not-found", "This carrier holds no such number for this tenant.", {}, {}, 0});
    TRY(takeStep(tx, services, carrier, *number, NumberAction::requestRelease, actor, std::nullopt));
    TRY(takeStep(tx, services, carrier, *number, NumberAction::remove, actor, std::nullopt));
    return number->id;
}

json::object resultOf(const OrderedNumber& wanted, const Result<Id>& done) {
    json::object result{{"telephoneNumber", wanted.telephoneNumber}, {"status", done ? "succeeded" : "failed"}};
    if (done) {
        result["numberId"] = formatId(*done);
    } else {
        result["code"] = done.error().code;
        result["message"] = done.error().message;
    }
    return result;
}

// A refusal of one number; anything else ends the whole order.
bool isRefusal(const Error& error) {
    return error.kind == ErrorKind::invalidInput || error.kind == ErrorKind::conflict ||
           error.kind == ErrorKind::notFound;
}

bool maySee(const domain::Caller& caller, const store::Number& number) {
    return caller.role == domain::Role::platform || caller.role == domain::Role::auditor ||
           caller.actsFor(number.carrierId) ||
           (caller.role == domain::Role::tenant && caller.tenant == number.tenantId);
}

// The number, if the caller may assign it, and its carrier.
Result<std::pair<store::Number, store::Carrier>> numberToAssign(store::Tx& tx, const domain::Caller& caller,
                                                                const Id& id,
                                                                const std::optional<std::int64_t>& expectedVersion) {
    TRY_ASSIGN(const auto number, store::findNumber(tx, id));
    const bool own = number && (caller.role == domain::Role::platform ||
                                (caller.role == domain::Role::tenant && caller.tenant == number->tenantId));
    if (!own) return fail(notFound("There is no such number."));
    if (expectedVersion && *expectedVersion != number->version)
        return fail(Error{ErrorKind::preconditionFailed,
                          "version-mismatch",
                          "The number was changed since you read it. Read it again.",
                          {},
                          {},
                          0});
    TRY_ASSIGN(const auto carrier, store::findCarrier(tx, number->carrierId));
    if (!carrier) return fail(corrupt("a number's carrier is missing"));
    return std::pair{*number, *carrier};
}

Result<std::string> sipUriFor(store::Tx& tx, const store::Number& number, const store::Target& target,
                              const Assignment& assignment) {
    if (assignment.sipUri) return domain::readSipUri(*assignment.sipUri);
    if (target.sipUri) return *target.sipUri;
    TRY_ASSIGN(const auto tenant, store::findTenant(tx, number.tenantId));
    if (!tenant) return fail(corrupt("a number's tenant is missing"));
    return domain::readSipUri("sip:" + domain::format(number.e164) + "@" + tenant->sipDomain);
}

}  // namespace

Result<store::Operation> orderNumbers(const Services& services, const Limits& limits, const domain::Caller& caller,
                                      const NumberOrder& order) {
    TRY_ASSIGN(const Id carrierId, carrierOf(caller, order.carrierId));
    if (order.numbers.empty() || order.numbers.size() > limits.numbersPerOrder)
        return fail(invalidInput("too-many-numbers", "An order takes 1 to " + std::to_string(limits.numbersPerOrder) +
                                                         " numbers. Send more in further orders."));
    if (!domain::indexIn(domain::numberUsages, order.usage))
        return fail(
            invalidInput("bad-usage", "'" + order.usage + "' is none of " + std::string(domain::numberUsages) + "."));
    const auto one = order.kind == OrderKind::upload ? uploadOne : releaseOne;
    store::Operation operation{makeId(services.clock, services.random),
                               caller.clientId,
                               carrierId,
                               order.kind == OrderKind::upload ? "numberUpload" : "numberRelease",
                               "",
                               services.clock.now(),
                               {},
                               ""};
    TRY(services.db.write(store::ledgerWrite(order.numbers.size()), [&](store::Tx& tx) -> Result<void> {
        TRY_ASSIGN(const auto carrier, store::findCarrier(tx, carrierId));
        if (!carrier) return fail(notFound("There is no such carrier."));
        TRY(requireConsent(tx, services, order.tenantId, carrierId));
        json::array results;
        std::size_t succeeded = 0;
        for (const OrderedNumber& wanted : order.numbers) {
            const auto done = one(tx, services, *carrier, order, wanted, caller.clientId);
            if (!done && !isRefusal(done.error())) return fail(done.error());
            succeeded += done.has_value();
            results.push_back(resultOf(wanted, done));
        }
        operation.status = succeeded == order.numbers.size() ? "succeeded"
                           : succeeded == 0                  ? "failed"
                                                             : "partiallySucceeded";
        operation.finishedAt = services.clock.now();
        operation.results = json::serialize(results);
        return store::insertOperation(tx, operation);
    }));
    return operation;
}

Result<store::Operation> findOperation(const Services& services, const domain::Caller& caller, const Id& id) {
    std::optional<store::Operation> operation;
    TRY(services.db.read([&](store::Tx& tx) -> Result<void> {
        TRY_ASSIGN(operation, store::findOperation(tx, id));
        return {};
    }));
    const bool own = operation && (operation->clientId == caller.clientId ||
                                   (operation->carrierId && caller.actsFor(*operation->carrierId)) ||
                                   caller.role == domain::Role::platform);
    if (!own) return fail(notFound("There is no such operation."));
    return *operation;
}

Result<NumberPage> listNumbers(const Services& services, const CursorKey& cursors, const domain::Caller& caller,
                               store::NumberQuery query, const std::optional<std::string>& cursor) {
    if (cursor) {
        TRY_ASSIGN(const std::int64_t after, cursors.read(*cursor, "numbers", caller.clientId));
        query.after = {static_cast<std::uint64_t>(after)};
    }
    if (caller.role == domain::Role::carrier) {
        TRY_ASSIGN(query.carrier, carrierOf(caller, query.carrier));
    }
    if (caller.role == domain::Role::tenant) query.tenant = caller.tenant;
    const std::size_t limit = query.limit;
    query.limit = limit + 1;
    NumberPage page;
    TRY(services.db.read([&](store::Tx& tx) -> Result<void> {
        TRY_ASSIGN(page.numbers, store::listNumbers(tx, query));
        return {};
    }));
    if (page.numbers.size() > limit) {
        page.numbers.pop_back();
        page.next =
            cursors.write("numbers", static_cast<std::int64_t>(page.numbers.back().e164.digits), caller.clientId);
    }
    return page;
}

Result<store::Number> findNumber(const Services& services, const domain::Caller& caller, const Id& id) {
    std::optional<store::Number> number;
    TRY(services.db.read([&](store::Tx& tx) -> Result<void> {
        TRY_ASSIGN(number, store::findNumber(tx, id));
        return {};
    }));
    if (!number || !maySee(caller, *number)) return fail(notFound("There is no such number."));
    return *number;
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

Result<store::Number> assignNumber(const Services& services, const domain::Caller& caller, const Id& id,
                                   const Assignment& assignment, const std::optional<std::int64_t>& expectedVersion) {
    store::Number assigned;
    TRY(services.db.write(store::ledgerWrite(2), [&](store::Tx& tx) -> Result<void> {
        TRY_ASSIGN(auto found, numberToAssign(tx, caller, id, expectedVersion));
        auto& [number, carrier] = found;
        TRY(requireConsent(tx, services, number.tenantId, carrier.id));
        TRY_ASSIGN(const auto target, store::findTarget(tx, number.tenantId, assignment.targetId));
        if (!target)
            return fail(Error{ErrorKind::notFound,
                              "unknown-target",
                              "The tenant has no such target. Add it first (POST /v1/tenants/{id}/targets).",
                              {},
                              {},
                              0});
        if (domain::usageFor(target->type) != number.usage)
            return fail(conflict("usage-mismatch", "This number is for '" + number.usage + "', and a " + target->type +
                                                       " needs '" + std::string(domain::usageFor(target->type)) +
                                                       "'."));
        TRY_ASSIGN(number.sipUri, sipUriFor(tx, number, *target, assignment));
        number.targetType = target->type;
        number.targetId = target->id;
        TRY(takeStep(tx, services, carrier, number, NumberAction::assign, caller.clientId, std::nullopt));
        // provisioning = "immediate": the exchange confirms by itself.
        TRY(takeStep(tx, services, carrier, number, NumberAction::confirmAssignment, caller.clientId, std::nullopt));
        assigned = number;
        return {};
    }));
    return assigned;
}

Result<store::Number> unassignNumber(const Services& services, const domain::Caller& caller, const Id& id,
                                     const std::optional<std::string>& reason,
                                     const std::optional<std::int64_t>& expectedVersion) {
    store::Number unassigned;
    TRY(services.db.write(store::ledgerWrite(2), [&](store::Tx& tx) -> Result<void> {
        TRY_ASSIGN(auto found, numberToAssign(tx, caller, id, expectedVersion));
        auto& [number, carrier] = found;
        TRY(takeStep(tx, services, carrier, number, NumberAction::unassign, caller.clientId, reason));
        number.sipUri.reset();
        number.targetType.reset();
        number.targetId.reset();
        TRY(takeStep(tx, services, carrier, number, NumberAction::confirmUnassignment, caller.clientId, reason));
        unassigned = number;
        return {};
    }));
    return unassigned;
}

}  // namespace meetpoint::exchange
