// Carriers, tenants and their targets.
#include "store/conditions.h"
#include "store/ledger.h"

namespace meetpoint::store {
namespace {

Carrier readCarrier(const Row& row) {
    return {row.id(0),      row.integer(1), std::string(row.text(2)), std::string(row.text(3)), row.integer(4),
            row.instant(5), row.integer(6)};
}
constexpr std::string_view carrierColumns = "id, shard_key, name, default_region, tolerance_ms, created_at, version";

Tenant readTenant(const Row& row) {
    return {row.id(0),      std::string(row.text(1)), std::string(row.text(2)), std::string(row.text(3)),
            row.instant(4), row.integer(5),           row.optionalText(6)};
}
constexpr std::string_view tenantColumns = "id, name, country, sip_domain, created_at, version, sip_uri_template";

Target readTarget(const Row& row) {
    return {row.id(0),           row.id(1),           std::string(row.text(2)), std::string(row.text(3)),
            row.optionalText(4), row.optionalText(5), row.optionalText(6),      row.optionalText(7),
            row.integer(8) != 0, row.instant(9),      row.instant(10),          row.integer(11)};
}
constexpr std::string_view targetColumns =
    "tenant_id, id, type, display_name, user_principal_name, sip_uri, country, external_id, active, created_at, "
    "changed_at, version";

std::string select(std::string_view columns, std::string_view rest) {
    return "SELECT " + std::string(columns) + " FROM " + std::string(rest);
}

Result<void> inserted(Result<std::int64_t> count, std::string_view kind, std::string_view name) {
    if (!count) return fail(count.error());
    if (*count == 1) return {};
    return fail(conflict("name-taken", "There is already a " + std::string(kind) + " named '" + std::string(name) +
                                           "'. Choose another name."));
}

}  // namespace

Result<Carrier> insertCarrier(Tx& tx, Carrier carrier) {
    TRY_ASSIGN(carrier.shardKey, nextNumber(tx, "carriers"));
    TRY(inserted(
        tx.execute("INSERT INTO carriers (id, shard_key, name, default_region, tolerance_ms, created_at, version) "
                   "VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT DO NOTHING",
                   {carrier.id, carrier.shardKey, carrier.name, carrier.defaultRegion, carrier.toleranceMs,
                    carrier.createdAt, carrier.version}),
        "carrier", carrier.name));
    return carrier;
}

Result<std::optional<Carrier>> findCarrier(Tx& tx, const Id& id) {
    std::optional<Carrier> found;
    TRY(tx.query(select(carrierColumns, "carriers WHERE id = $1"), {id},
                 [&](const Row& row) { found = readCarrier(row); }));
    return found;
}

Result<std::vector<Carrier>> listCarriers(Tx& tx) {
    std::vector<Carrier> carriers;
    TRY(tx.query(select(carrierColumns, "carriers ORDER BY name"), {},
                 [&](const Row& row) { carriers.push_back(readCarrier(row)); }));
    return carriers;
}

Result<void> insertTenant(Tx& tx, const Tenant& tenant) {
    return inserted(
        tx.execute(
            "INSERT INTO tenants (id, name, country, sip_domain, created_at, version, sip_uri_template) VALUES ($1, "
            "$2, $3, $4, $5, $6, $7) ON CONFLICT DO NOTHING",
            {tenant.id, tenant.name, tenant.country, tenant.sipDomain, tenant.createdAt, tenant.version,
             tenant.sipUriTemplate}),
        "tenant", tenant.name);
}

Result<std::optional<Tenant>> findTenant(Tx& tx, const Id& id) {
    std::optional<Tenant> found;
    TRY(tx.query(select(tenantColumns, "tenants WHERE id = $1"), {id},
                 [&](const Row& row) { found = readTenant(row); }));
    return found;
}

Result<std::vector<Tenant>> listTenants(Tx& tx) {
    std::vector<Tenant> tenants;
    TRY(tx.query(select(tenantColumns, "tenants ORDER BY name"), {},
                 [&](const Row& row) { tenants.push_back(readTenant(row)); }));
    return tenants;
}

Result<void> putTarget(Tx& tx, const Target& target) {
    return tx.executeLater(
        "INSERT INTO targets (tenant_id, id, type, display_name, user_principal_name, sip_uri, country, external_id, "
        "active, created_at, changed_at, version) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $10, 1) "
        "ON CONFLICT (tenant_id, id) DO UPDATE SET type = excluded.type, display_name = excluded.display_name, "
        "user_principal_name = excluded.user_principal_name, sip_uri = excluded.sip_uri, country = excluded.country, "
        "external_id = excluded.external_id, active = excluded.active, changed_at = excluded.changed_at, "
        "version = targets.version + 1",
        {target.tenantId, target.id, target.type, target.displayName, target.userPrincipalName, target.sipUri,
         target.country, target.externalId, target.active ? 1 : 0, target.changedAt});
}

Result<void> deleteTarget(Tx& tx, const Id& tenant, const Id& id) {
    return tx.executeLater("DELETE FROM targets WHERE tenant_id = $1 AND id = $2", {tenant, id});
}

Result<std::optional<Target>> findTarget(Tx& tx, const Id& tenant, const Id& id) {
    std::optional<Target> found;
    TRY(tx.query(select(targetColumns, "targets WHERE tenant_id = $1 AND id = $2"), {tenant, id},
                 [&](const Row& row) { found = readTarget(row); }));
    return found;
}

Result<std::vector<Target>> listTargets(Tx& tx, const Id& tenant, const std::optional<Id>& after, std::size_t limit) {
    std::vector<Target> targets;
    TRY(tx.query(select(targetColumns, "targets WHERE tenant_id = $1 AND id > $2 ORDER BY id LIMIT $3"),
                 {tenant, after.value_or(Id{}), limit}, [&](const Row& row) { targets.push_back(readTarget(row)); }));
    return targets;
}

namespace {

Conditions conditionsOf(const Id& tenant, const TargetQuery& query) {
    Conditions conditions;
    conditions.add("tenant_id = " + conditions.next(tenant));
    conditions.addEqual("type", query.type);
    // As the indexes say it: targets_by_name, targets_by_external_id.
    const auto addEqualInAnyCase = [&](std::string_view column, const std::optional<std::string>& text) {
        if (text) conditions.add(fmt::format("LOWER({}) = LOWER({})", column, conditions.next(*text)));
    };
    addEqualInAnyCase("user_principal_name", query.userPrincipalName);
    addEqualInAnyCase("external_id", query.externalId);
    return conditions;
}

}  // namespace

Result<std::vector<Target>> searchTargets(Tx& tx, const Id& tenant, const TargetQuery& query) {
    std::vector<Target> targets;
    Conditions conditions = conditionsOf(tenant, query);
    const std::string page =
        " ORDER BY id LIMIT " + conditions.next(query.limit) + " OFFSET " + conditions.next(query.skip);
    TRY(tx.query(select(targetColumns, "targets " + conditions.where() + page), conditions.values(),
                 [&](const Row& row) { targets.push_back(readTarget(row)); }));
    return targets;
}

Result<std::int64_t> countTargets(Tx& tx, const Id& tenant, const TargetQuery& query) {
    const Conditions conditions = conditionsOf(tenant, query);
    std::int64_t count = 0;
    TRY(tx.query(select("COUNT(*)", "targets " + conditions.where()), conditions.values(),
                 [&](const Row& row) { count = row.integer(0); }));
    return count;
}

}  // namespace meetpoint::store
