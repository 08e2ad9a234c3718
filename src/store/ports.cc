#include "store/ports.h"

#include "store/conditions.h"

namespace meetpoint::store {
namespace {

Value digits(domain::E164 number) {
    return Value(static_cast<std::int64_t>(number.digits));
}

constexpr std::string_view selectPorts =
    "SELECT id, e164, number_id, tenant_id, gaining_carrier_id, losing_carrier_id, losing_number_id, state, port_at, "
    "reason, requested_at, changed_at, version FROM ports ";

Port readPort(const Row& row) {
    return {row.id(0),
            {static_cast<std::uint64_t>(row.integer(1))},
            row.id(2),
            row.id(3),
            row.id(4),
            row.optionalId(5),
            row.optionalId(6),
            domain::readPortState(row.text(7)).value_or(domain::PortState::cancelled),
            row.optionalInstant(8),
            row.optionalText(9),
            row.instant(10),
            row.instant(11),
            row.integer(12)};
}

Result<std::vector<Port>> ports(Tx& tx, std::string_view rest, std::span<const Value> parameters) {
    std::vector<Port> found;
    TRY(tx.query(std::string(selectPorts) + std::string(rest), parameters,
                 [&](const Row& row) { found.push_back(readPort(row)); }));
    return found;
}

constexpr std::string_view selectConflicts =
    "SELECT id, e164, ordering_carrier_id, ordering_tenant_id, holding_carrier_id, holding_tenant_id, operation_id, "
    "request, state, note, port_id, noticed_at, settled_at, settled_by, version FROM number_conflicts ";

NumberConflict readConflict(const Row& row) {
    return {row.id(0),
            {static_cast<std::uint64_t>(row.integer(1))},
            row.id(2),
            row.id(3),
            row.id(4),
            row.id(5),
            row.id(6),
            std::string(row.text(7)),
            std::string(row.text(8)),
            row.optionalText(9),
            row.optionalId(10),
            row.instant(11),
            row.optionalInstant(12),
            row.optionalText(13),
            row.integer(14)};
}

}  // namespace

Result<void> insertPort(Tx& tx, const Port& port) {
    return tx.executeLater(
        "INSERT INTO ports (id, e164, number_id, tenant_id, gaining_carrier_id, losing_carrier_id, losing_number_id, "
        "state, port_at, reason, requested_at, changed_at, version) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, "
        "$11, $12, $13)",
        {port.id, digits(port.e164), port.numberId, port.tenantId, port.gainingCarrierId, port.losingCarrierId,
         port.losingNumberId, name(port.state), port.portAt, port.reason, port.requestedAt, port.changedAt,
         port.version});
}

Result<bool> updatePort(Tx& tx, const Port& port) {
    TRY_ASSIGN(const auto changed,
               tx.execute("UPDATE ports SET state = $2, port_at = $3, reason = $4, changed_at = $5, version = $6 "
                          "WHERE id = $1 AND version = $6 - 1",
                          {port.id, name(port.state), port.portAt, port.reason, port.changedAt, port.version}));
    return changed == 1;
}

Result<std::optional<Port>> findPort(Tx& tx, const Id& id) {
    const Value values[] = {id};
    TRY_ASSIGN(auto found, ports(tx, "WHERE id = $1", values));
    return found.empty() ? std::nullopt : std::optional(std::move(found.front()));
}

Result<std::vector<Port>> listPorts(Tx& tx, const std::optional<Id>& carrier, const std::optional<Id>& after,
                                    std::size_t limit) {
    Conditions conditions;
    if (carrier) {
        const std::string either = conditions.next(*carrier);
        conditions.add("(gaining_carrier_id = " + either + " OR losing_carrier_id = " + either + ")");
    }
    if (after) conditions.add("id > " + conditions.next(*after));
    const std::string page = " ORDER BY id LIMIT " + conditions.next(limit);
    return ports(tx, conditions.where() + page, conditions.values());
}

Result<std::vector<Port>> listCutOverPorts(Tx& tx, Instant before, std::size_t limit) {
    const Value values[] = {before, limit};
    return ports(tx, "WHERE state = 'cutOver' AND changed_at <= $1 ORDER BY changed_at, id LIMIT $2", values);
}

Result<void> noteConflict(Tx& tx, const NumberConflict& conflict) {
    return tx.executeLater(
        "INSERT INTO number_conflicts (id, e164, ordering_carrier_id, ordering_tenant_id, holding_carrier_id, "
        "holding_tenant_id, operation_id, request, state, noticed_at, version) VALUES ($1, $2, $3, $4, $5, $6, $7, "
        "$8, $9, $10, $11) ON CONFLICT DO NOTHING",
        {conflict.id, digits(conflict.e164), conflict.orderingCarrierId, conflict.orderingTenantId,
         conflict.holdingCarrierId, conflict.holdingTenantId, conflict.operationId, conflict.request, conflict.state,
         conflict.noticedAt, conflict.version});
}

Result<bool> settleConflict(Tx& tx, const NumberConflict& conflict) {
    TRY_ASSIGN(const auto changed,
               tx.execute("UPDATE number_conflicts SET state = $2, note = $3, port_id = $4, settled_at = $5, "
                          "settled_by = $6, version = $7 WHERE id = $1 AND version = $7 - 1",
                          {conflict.id, conflict.state, conflict.note, conflict.portId, conflict.settledAt,
                           conflict.settledBy, conflict.version}));
    return changed == 1;
}

Result<std::optional<NumberConflict>> findConflict(Tx& tx, const Id& id) {
    std::optional<NumberConflict> found;
    TRY(tx.query(std::string(selectConflicts) + "WHERE id = $1", {id},
                 [&](const Row& row) { found = readConflict(row); }));
    return found;
}

Result<std::vector<NumberConflict>> listConflicts(Tx& tx, const std::optional<std::string>& state,
                                                  const std::optional<Id>& after, std::size_t limit) {
    std::vector<NumberConflict> conflicts;
    Conditions conditions;
    conditions.addEqual("state", state);
    if (after) conditions.add("id > " + conditions.next(*after));
    const std::string page = " ORDER BY id LIMIT " + conditions.next(limit);
    TRY(tx.query(std::string(selectConflicts) + conditions.where() + page, conditions.values(),
                 [&](const Row& row) { conflicts.push_back(readConflict(row)); }));
    return conflicts;
}

}  // namespace meetpoint::store
