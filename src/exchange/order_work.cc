#include "exchange/order_work.h"

#include "exchange/assignments.h"
#include "exchange/consents.h"
#include "exchange/order_text.h"
#include "exchange/ports.h"

namespace meetpoint::exchange {
namespace {

using domain::NumberAction;
using store::OperationStatus;

constexpr std::size_t longestSpelling = 19;
constexpr std::size_t longestName = 64;
constexpr std::string_view dryRunCode = "dry-run";
constexpr std::string_view takenCode = "order-taken";

// What came of one number.
struct Done {
    Id numberId;
    std::optional<Id> workId;
};

Error badNumber() {
    return invalidInput("bad-number", "This is not a telephone number in E.164, e.g. +41446681800.");
}
Error notHeld() {
    return {ErrorKind::notFound, "number-not-found", "No such number is held for this tenant.", {}, {}, 0};
}
Error notAvailable() {
    return conflict("numberNotAvailable", "This number cannot be ordered.");
}

// A refusal of one number; anything else ends the transaction.
bool isRefusal(const Error& error) {
    return error.kind == ErrorKind::invalidInput || error.kind == ErrorKind::conflict ||
           error.kind == ErrorKind::notFound;
}

// Some numbers of one order, in one transaction.
class OrderWork {
public:
    OrderWork(store::Tx& tx, const Services& services, const Limits& limits, const store::Operation& operation,
              const NumberOrder& order)
        : tx_(tx),
          services_(services),
          limits_(limits),
          operation_(operation),
          order_(order),
          steps_(tx, services, operation.clientId) {}

    // Nothing where the number waits for another transaction, because it is of another carrier.
    Result<std::optional<Result<Done>>> take(const store::OperationNumber& number) {
        TRY_ASSIGN(const OrderedNumber wanted, readOrderedNumber(number));
        auto done = one(wanted);
        if (!done && done.error().code == takenCode) return std::nullopt;
        if (!done && !isRefusal(done.error())) return fail(done.error());
        return done;
    }
    Result<void> finish() { return steps_.finish(); }

private:
    Result<Done> one(const OrderedNumber& wanted) {
        const auto e164 = readOrdered(wanted.telephoneNumber);
        if (!e164) return fail(badNumber());
        switch (order_.kind) {
            case OrderKind::upload:
            case OrderKind::port:
                return takeIn(*e164, wanted);
            case OrderKind::release:
                return release(*e164);
            case OrderKind::assign:
            case OrderKind::unassign:
                return move(*e164, wanted);
        }
        return fail(internalError("an order of no kind"));
    }

    // The carrier whose numbers this transaction moves: that of the first.
    Result<const store::Carrier*> carrier(const Id& id) {
        if (!carrier_) {
            TRY_ASSIGN(carrier_, store::findCarrier(tx_, id));
            if (!carrier_) return fail(corrupt("a number's carrier is missing"));
        }
        if (carrier_->id != id) return fail(conflict(std::string(takenCode), ""));
        return &*carrier_;
    }

    Result<const store::Consent*> consent() {
        if (!consent_) {
            TRY_ASSIGN(consent_, requireConsent(tx_, *operation_.tenantId, *operation_.carrierId));
        }
        return &*consent_;
    }

    Result<std::string> countryOf(domain::E164 e164) {
        const std::string country = order_.country.value_or(domain::regionOf(e164));
        if (order_.country && !domain::sharesCountryCode(e164, country))
            return fail(invalidInput("country-mismatch", "This is no number of " + country + "."));
        TRY_ASSIGN(const auto* consent, this->consent());
        const bool isCovered =
            country.empty() || std::ranges::find(consent->countries, country) != consent->countries.end();
        if (!isCovered)
            return fail(conflict("country-not-consented", "The tenant's consent does not cover numbers of " + country +
                                                              ". The tenant accepts it first (POST "
                                                              "/v1/consents/{id}/acceptance)."));
        return country;
    }

    Result<store::Number> numberOf(domain::E164 e164, const OrderedNumber& wanted) {
        if (!domain::isValid(e164)) return fail(badNumber());
        if (wanted.reference && wanted.reference->size() > longestName)
            return fail(invalidInput("text-too-long", "'reference' takes at most 64 characters."));
        const std::string_view user = "callingUserAssignment";
        if ((order_.usage == user || order_.additionalUsage == user) && domain::isTollFree(e164))
            return fail(invalidInput("usage-not-allowed", "A toll-free number cannot be assigned to a user."));
        store::Number number = numberAsOrdered(services_, order_, e164, *operation_.carrierId, *operation_.tenantId);
        TRY_ASSIGN(number.country, countryOf(e164));
        number.reference = wanted.reference;
        return number;
    }

    Result<Done> takeIn(domain::E164 e164, const OrderedNumber& wanted) {
        TRY_ASSIGN(const auto* carrier, this->carrier(*operation_.carrierId));
        TRY_ASSIGN(const auto number, numberOf(e164, wanted));
        if (order_.kind == OrderKind::port) {
            TRY_ASSIGN(const auto held, store::findNumberByE164(tx_, e164));
            if (held && held->carrierId == carrier->id) return fail(alreadyHeld());
            const auto port = beginPort(tx_, services_, steps_, *carrier, number, held, order_.portAt);
            if (!port && isRefusal(port.error())) return fail(notAvailable());
            TRY(port);
            return Done{number.id, port->id};
        }
        TRY_ASSIGN(const bool inserted, store::insertNumber(tx_, number));
        if (!inserted) return refuseHeld(number);
        TRY(steps_.begin(*carrier, number, "upload"));
        return Done{number.id, std::nullopt};
    }

    static Error alreadyHeld() { return conflict("number-already-held", "This carrier holds this number already."); }

    // Who holds it is nobody's business but the platform's, which settles it.
    Result<Done> refuseHeld(const store::Number& wanted) {
        TRY_ASSIGN(const auto held, store::findNumberByE164(tx_, wanted.e164));
        if (!held) return fail(notAvailable());
        if (held->carrierId == wanted.carrierId) return fail(alreadyHeld());
        store::NumberConflict conflict;
        conflict.id = makeId(services_.clock, services_.random);
        conflict.e164 = wanted.e164;
        conflict.orderingCarrierId = wanted.carrierId;
        conflict.orderingTenantId = wanted.tenantId;
        conflict.holdingCarrierId = held->carrierId;
        conflict.holdingTenantId = held->tenantId;
        conflict.operationId = operation_.id;
        conflict.request = operation_.request;
        conflict.noticedAt = services_.clock.now();
        TRY(store::noteConflict(tx_, conflict));
        return fail(notAvailable());
    }

    Result<Done> release(domain::E164 e164) {
        TRY_ASSIGN(auto number, store::findNumberByE164(tx_, e164));
        const bool own =
            number && number->carrierId == *operation_.carrierId && number->tenantId == *operation_.tenantId;
        if (!own) return fail(notHeld());
        TRY_ASSIGN(const auto* carrier, this->carrier(number->carrierId));
        TRY_ASSIGN(const auto work, moveBySwitch(tx_, services_, limits_.provisioning, steps_, *carrier, *number,
                                                 NumberAction::requestRelease, operation_.clientId));
        return Done{number->id, work.id};
    }

    Result<Done> move(domain::E164 e164, const OrderedNumber& wanted) {
        TRY_ASSIGN(auto number, store::findNumberByE164(tx_, e164));
        if (!number || number->tenantId != *operation_.tenantId) return fail(notHeld());
        TRY_ASSIGN(const auto* carrier, this->carrier(number->carrierId));
        if (order_.kind == OrderKind::assign) {
            TRY_ASSIGN(const auto work,
                       assignIn(tx_, services_, limits_.provisioning, steps_, *carrier, *number,
                                {wanted.targetId, wanted.userPrincipalName, wanted.sipUri, wanted.category},
                                operation_.clientId));
            return Done{number->id, work.id};
        }
        TRY_ASSIGN(const auto work, moveBySwitch(tx_, services_, limits_.provisioning, steps_, *carrier, *number,
                                                 NumberAction::unassign, operation_.clientId, wanted.reason));
        return Done{number->id, work.id};
    }

    store::Tx& tx_;
    const Services& services_;
    const Limits& limits_;
    const store::Operation& operation_;
    const NumberOrder& order_;
    NumberSteps steps_;
    std::optional<store::Carrier> carrier_;
    std::optional<store::Consent> consent_;
};

void record(store::Operation& operation, store::OperationNumber& number, const Result<Done>& done) {
    number.status = done ? "succeeded" : "failed";
    ++(done ? operation.succeeded : operation.failed);
    if (done) {
        number.numberId = done->numberId;
        number.workId = done->workId;
    } else {
        number.code = done.error().code;
        number.message = done.error().message;
    }
}

void settle(store::Operation& operation, Instant now) {
    operation.version += 1;
    operation.updatedAt = now;
    operation.status = OperationStatus::running;
    if (operation.succeeded + operation.failed < operation.total) return;
    operation.finishedAt = now;
    operation.status = operation.failed == 0      ? OperationStatus::succeeded
                       : operation.succeeded == 0 ? OperationStatus::failed
                                                  : OperationStatus::partiallySucceeded;
}

Result<void> storeResults(store::Tx& tx, const store::Operation& operation,
                          const std::vector<store::OperationNumber>& numbers) {
    TRY_ASSIGN(const bool updated, store::updateOperation(tx, operation));
    if (!updated) return fail(conflict(std::string(takenCode), "Another node has worked on this order."));
    for (const auto& number : numbers)
        TRY(store::updateOperationNumber(tx, operation.id, number));
    tx.announce(std::string(operationsTopic));
    return {};
}

// Works on the numbers and leaves in `numbers` those that were worked on, with their results.
Result<void> workOn(store::Tx& tx, const Services& services, const Limits& limits, store::Operation& operation,
                    const NumberOrder& order, std::vector<store::OperationNumber>& numbers) {
    OrderWork work(tx, services, limits, operation, order);
    std::vector<store::OperationNumber> worked;
    for (auto& number : numbers) {
        TRY_ASSIGN(const auto done, work.take(number));
        if (!done) continue;
        record(operation, number, *done);
        // A number that went to nobody in a dry run has no id that means anything.
        if (order.dryRun) number.numberId.reset(), number.workId.reset();
        worked.push_back(std::move(number));
    }
    numbers = std::move(worked);
    return order.dryRun ? Result<void>{} : work.finish();
}

// Everything is done and undone again; only what would have become of it is kept.
Result<void> tryOut(const Services& services, const Limits& limits, store::Operation& operation,
                    const NumberOrder& order, std::vector<store::OperationNumber>& numbers) {
    const auto tried = services.db.write(store::ledgerWrite(numbers.size()), [&](store::Tx& tx) -> Result<void> {
        auto copy = operation;
        auto left = numbers;
        std::vector<store::OperationNumber> results;
        // A round for each carrier that the numbers are of.
        while (!left.empty()) {
            auto round = left;
            TRY(workOn(tx, services, limits, copy, order, round));
            if (round.empty()) return fail(internalError("an order's numbers are of no carrier"));
            for (auto& done : round) {
                std::erase_if(left, [&](const auto& one) { return one.position == done.position; });
                results.push_back(std::move(done));
            }
        }
        operation = std::move(copy);
        numbers = std::move(results);
        return fail(conflict(std::string(dryRunCode), ""));
    });
    return !tried && tried.error().code == dryRunCode ? Result<void>{} : tried;
}

}  // namespace

std::optional<domain::E164> readOrdered(std::string_view telephoneNumber) {
    if (telephoneNumber.empty() || telephoneNumber.size() > longestSpelling) return std::nullopt;
    if (telephoneNumber.front() == '+') return domain::readE164(telephoneNumber);
    return domain::readE164("+" + std::string(telephoneNumber));
}

store::Number numberAsOrdered(const Services& services, const NumberOrder& order, domain::E164 e164, const Id& carrier,
                              const Id& tenant) {
    store::Number number;
    number.id = makeId(services.clock, services.random);
    number.e164 = e164;
    number.carrierId = carrier;
    number.tenantId = tenant;
    number.usage = order.usage;
    number.additionalUsage = order.additionalUsage;
    if (!order.capabilities.empty()) {
        number.capabilities.clear();
        for (const std::string& one : order.capabilities)
            number.capabilities += (number.capabilities.empty() ? "" : ",") + one;
    }
    number.locationId = order.locationId;
    number.callingProfileId = order.callingProfileId;
    number.ticketId = order.ticketId;
    number.changedAt = number.acquiredAt = services.clock.now();
    return number;
}

Result<bool> workOnOrder(const Services& services, const Limits& limits, const Id& operationId) {
    std::optional<store::Operation> operation;
    std::vector<store::OperationNumber> numbers;
    TRY(services.db.read([&](store::Tx& tx) -> Result<void> {
        TRY_ASSIGN(operation, store::findOperation(tx, operationId));
        if (!operation || store::isFinished(operation->status)) return {};
        TRY_ASSIGN(const NumberOrder order, readOrder(operation->request));
        const std::size_t most = order.dryRun ? static_cast<std::size_t>(operation->total) : limits.numbersPerStep;
        TRY_ASSIGN(numbers, store::listOperationNumbers(tx, operationId, 0, "pending", most));
        return {};
    }));
    if (!operation || store::isFinished(operation->status)) return false;
    TRY_ASSIGN(const NumberOrder order, readOrder(operation->request));
    store::Operation after = *operation;
    auto results = numbers;
    if (order.dryRun) TRY(tryOut(services, limits, after, order, results));
    const auto written = services.db.write(store::ledgerWrite(numbers.size()), [&](store::Tx& tx) -> Result<void> {
        if (!order.dryRun) {
            after = *operation;
            results = numbers;
            TRY(workOn(tx, services, limits, after, order, results));
        }
        settle(after, services.clock.now());
        return storeResults(tx, after, results);
    });
    if (!written && written.error().code == takenCode) return false;
    TRY(written);
    return !store::isFinished(after.status);
}

}  // namespace meetpoint::exchange
