#include "exchange/orders.h"

#include <unordered_set>

#include "base/hash.h"
#include "domain/call.h"
#include "domain/country.h"
#include "domain/number.h"
#include "exchange/consents.h"
#include "exchange/order_text.h"
#include "exchange/order_work.h"
#include "exchange/parties.h"
#include "exchange/ports.h"
#include "exchange/switch_work.h"

namespace meetpoint::exchange {
namespace {

constexpr std::string_view kinds = "upload,release,port,assign,unassign";
constexpr std::size_t longestName = 64;
constexpr std::size_t leftOversPerLook = 64;

bool isOfCarrier(OrderKind kind) {
    return kind == OrderKind::upload || kind == OrderKind::release || kind == OrderKind::port;
}

Result<void> checkUsage(const std::string& usage) {
    if (domain::indexIn(domain::numberUsages, usage)) return {};
    return fail(invalidInput("bad-usage", "'" + usage + "' is none of " + std::string(domain::numberUsages) + "."));
}

Result<void> checkLength(const char* name, const std::optional<std::string>& text) {
    if (!text || text->size() <= longestName) return {};
    return fail(invalidInput("text-too-long", "'" + std::string(name) + "' takes at most 64 characters."));
}

Result<void> checkOrder(const NumberOrder& order, const Limits& limits) {
    if (order.numbers.empty() || order.numbers.size() > limits.numbersPerOrder)
        return fail(invalidInput("too-many-numbers", "An order takes 1 to " + std::to_string(limits.numbersPerOrder) +
                                                         " numbers. Send more in further orders."));
    TRY(checkUsage(order.usage));
    if (order.additionalUsage) TRY(checkUsage(*order.additionalUsage));
    for (const std::string& capability : order.capabilities)
        if (!domain::indexIn(domain::numberCapabilities, capability))
            return fail(invalidInput(
                "bad-capability", "'" + capability + "' is none of " + std::string(domain::numberCapabilities) + "."));
    if (order.country && !domain::isCountryCode(*order.country))
        return fail(invalidInput("bad-country", "'country' must be ISO 3166-1 alpha-2, e.g. CH."));
    TRY(checkLength("locationId", order.locationId));
    TRY(checkLength("callingProfileId", order.callingProfileId));
    return checkLength("ticketId", order.ticketId);
}

// Whose order it is: a carrier's for a tenant, or a tenant's own.
Result<void> attribute(const domain::Caller& caller, const NumberOrder& order, store::Operation& operation) {
    if (isOfCarrier(order.kind)) {
        TRY_ASSIGN(operation.carrierId, carrierOf(caller, order.carrierId));
        operation.tenantId = order.tenantId;
    } else {
        const bool isForeign = caller.role == domain::Role::tenant && order.tenantId && order.tenantId != caller.tenant;
        if (isForeign) return fail(notFound("There is no such tenant."));
        operation.tenantId = caller.role == domain::Role::tenant ? caller.tenant : order.tenantId;
    }
    if (!operation.tenantId) return fail(invalidInput("tenant-required", "Say in 'tenantId' whose numbers they are."));
    return {};
}

// A number that stands in an order twice is refused the second time.
std::vector<store::OperationNumber> rowsOf(const NumberOrder& order, store::Operation& operation) {
    std::unordered_set<std::uint64_t> seen;
    std::vector<store::OperationNumber> rows;
    rows.reserve(order.numbers.size());
    for (const OrderedNumber& wanted : order.numbers) {
        store::OperationNumber row;
        row.position = static_cast<std::int64_t>(rows.size());
        row.telephoneNumber = wanted.telephoneNumber.substr(0, longestName);
        row.request = textOf(wanted);
        const auto e164 = readOrdered(wanted.telephoneNumber);
        if (e164 && !seen.insert(e164->digits).second) {
            row.status = "failed";
            row.code = "duplicate-in-order";
            row.message = "This number stands in the order before.";
            ++operation.failed;
        }
        rows.push_back(std::move(row));
    }
    return rows;
}

Bytes digestOf(const store::Operation& operation, const std::vector<store::OperationNumber>& rows) {
    std::string all = operation.kind + formatId(operation.carrierId.value_or(Id{})) +
                      formatId(operation.tenantId.value_or(Id{})) + operation.request;
    for (const auto& row : rows)
        all += "\n" + row.telephoneNumber + row.request;
    const Sha256 digest = sha256(viewOf(all));
    return Bytes(digest.begin(), digest.end());
}

bool maySee(const domain::Caller& caller, const store::Operation& operation) {
    if (caller.role == domain::Role::platform || operation.clientId == caller.clientId) return true;
    if (operation.carrierId && caller.actsFor(*operation.carrierId)) return true;
    // What a carrier ordered for a tenant is between carrier and platform until a number is there.
    return caller.role == domain::Role::tenant && operation.tenantId == caller.tenant && operation.numberId;
}

Result<store::Operation> ownOperation(store::Tx& tx, const domain::Caller& caller, const Id& id) {
    TRY_ASSIGN(const auto operation, store::findOperation(tx, id));
    if (!operation || !maySee(caller, *operation)) return fail(notFound("There is no such operation."));
    return *operation;
}

}  // namespace

std::string_view name(OrderKind kind) {
    return domain::nameAt(kinds, static_cast<std::size_t>(kind));
}

std::string operationKind(OrderKind kind) {
    switch (kind) {
        case OrderKind::upload:
            return "numberUpload";
        case OrderKind::release:
            return "numberRelease";
        case OrderKind::port:
            return "numberPort";
        case OrderKind::assign:
            return "numberAssignment";
        case OrderKind::unassign:
            return "numberUnassignment";
    }
    return "";
}

Result<store::Operation> OrderDesk::accept(const domain::Caller& caller, const NumberOrder& order) {
    TRY(checkOrder(order, limits_));
    store::Operation operation;
    TRY(attribute(caller, order, operation));
    operation.id = makeId(services_.clock, services_.random);
    operation.clientId = caller.clientId;
    operation.kind = operationKind(order.kind);
    operation.createdAt = operation.updatedAt = services_.clock.now();
    operation.request = textOf(order);
    operation.total = static_cast<std::int64_t>(order.numbers.size());
    const auto rows = rowsOf(order, operation);
    operation.idempotencyKey = order.idempotencyKey;
    operation.digest = digestOf(operation, rows);
    std::optional<store::Operation> earlier;
    TRY(services_.db.write(store::ledgerWrite(rows.size()), [&](store::Tx& tx) -> Result<void> {
        if (order.idempotencyKey) {
            TRY_ASSIGN(earlier, store::findOperationByKey(tx, caller.clientId, *order.idempotencyKey));
            if (earlier) return {};
        }
        if (operation.carrierId) {
            TRY(carrierIn(tx, *operation.carrierId));
            // A release takes nothing in; it is possible also while a consent winds down.
            if (order.kind != OrderKind::release) TRY(requireConsent(tx, *operation.tenantId, *operation.carrierId));
        } else {
            TRY_ASSIGN(const auto tenant, store::findTenant(tx, *operation.tenantId));
            if (!tenant) return fail(notFound("There is no such tenant."));
        }
        TRY(store::insertOperation(tx, operation));
        return store::insertOperationNumbers(tx, operation.id, rows);
    }));
    if (earlier && earlier->digest != operation.digest)
        return fail(conflict("idempotency-key-reused",
                             "This Idempotency-Key was used with another order. Use a new "
                             "key for a new order."));
    if (earlier) return *earlier;
    add(operation.id);
    return operation;
}

void OrderDesk::add(const Id& order) {
    const std::lock_guard lock(mutex_);
    waiting_.push_back(order);
    ring_();
}

Result<bool> OrderDesk::workOnce() {
    std::optional<Id> order;
    {
        const std::lock_guard lock(mutex_);
        if (!waiting_.empty()) order = waiting_.front();
    }
    if (!order) {
        TRY(findLeftOver());
        const std::lock_guard lock(mutex_);
        return !waiting_.empty();
    }
    const auto more = workOnOrder(services_, limits_, *order);
    const std::lock_guard lock(mutex_);
    // While the store is away the order keeps its place; what else went wrong is looked at again with what is left
    // over.
    const bool isLater = !more && more.error().kind == ErrorKind::unavailable;
    if (!isLater) waiting_.pop_front();
    TRY(more);
    // The next order has its turn: a large one keeps nobody waiting.
    if (*more) waiting_.push_back(*order);
    return true;
}

// What a node that died, or a failure, has left lying.
Result<void> OrderDesk::findLeftOver() {
    std::vector<Id> orders;
    TRY(services_.db.read([&](store::Tx& tx) -> Result<void> {
        TRY_ASSIGN(orders, store::listStalledOrders(tx, services_.clock.now() - limits_.orderIdle, leftOversPerLook));
        return {};
    }));
    for (const Id& order : orders)
        add(order);
    TRY(finishCutOverPorts(services_, limits_));
    return {};
}

void OrderDesk::ringFor(std::function<void()> ring) {
    const std::lock_guard lock(mutex_);
    ring_ = std::move(ring);
}

Result<store::Operation> findOperation(const Services& services, const domain::Caller& caller, const Id& id) {
    store::Operation operation;
    TRY(services.db.read([&](store::Tx& tx) -> Result<void> {
        TRY_ASSIGN(operation, ownOperation(tx, caller, id));
        return {};
    }));
    return operation;
}

Result<OperationNumberPage> operationNumbers(const Services& services, const CursorKey& cursors,
                                             const domain::Caller& caller, const Id& id,
                                             const std::optional<std::string>& status,
                                             const std::optional<std::string>& cursor, std::size_t limit) {
    const std::string feed = "operations/" + formatId(id);
    std::int64_t from = 0;
    if (cursor) {
        TRY_ASSIGN(from, cursors.read(*cursor, feed, caller.clientId));
    }
    OperationNumberPage page;
    TRY(services.db.read([&](store::Tx& tx) -> Result<void> {
        TRY(ownOperation(tx, caller, id));
        TRY_ASSIGN(page.numbers, store::listOperationNumbers(tx, id, from, status, limit + 1));
        return {};
    }));
    if (page.numbers.size() > limit) {
        page.next = cursors.write(feed, page.numbers.back().position, caller.clientId);
        page.numbers.pop_back();
    }
    return page;
}

}  // namespace meetpoint::exchange
