// OAuth clients, and the store's own named values.
#include "store/json_text.h"
#include "store/ledger.h"

namespace meetpoint::store {
namespace {

Client readClient(const Row& row) {
    return {std::string(row.text(0)),
            std::string(row.text(1)),
            domain::readRole(row.text(2)).value_or(domain::Role::auditor),
            idsFromJson(row.text(3)),
            row.optionalId(4),
            textsFromJson(row.text(5)),
            textsFromJson(row.text(6)),
            row.instant(7),
            row.optionalInstant(8),
            row.integer(9)};
}
constexpr const char* selectClients =
    "SELECT id, name, role, carriers, tenant_id, scopes, secrets, created_at, expires_at, version FROM clients ";

}  // namespace

Result<void> insertClient(Tx& tx, const Client& client) {
    TRY(tx.execute(
        "INSERT INTO clients (id, name, role, carriers, tenant_id, scopes, secrets, created_at, expires_at, version) "
        "VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
        {client.id, client.name, name(client.role), toJsonText(client.carriers), client.tenantId,
         toJsonText(client.scopes), toJsonText(client.secretHashes), client.createdAt, client.expiresAt,
         client.version}));
    return {};
}

Result<std::optional<Client>> findClient(Tx& tx, std::string_view id) {
    std::optional<Client> found;
    TRY(tx.query(std::string(selectClients) + "WHERE id = $1", {id}, [&](const Row& row) { found = readClient(row); }));
    return found;
}

Result<std::vector<Client>> listClients(Tx& tx) {
    std::vector<Client> clients;
    TRY(tx.query(std::string(selectClients) + "ORDER BY id", {},
                 [&](const Row& row) { clients.push_back(readClient(row)); }));
    return clients;
}

Result<std::int64_t> nextNumber(Tx& tx, std::string_view counter) {
    std::int64_t number = 0;
    TRY(
        tx.query("INSERT INTO counters (name, value) VALUES ($1, 1) ON CONFLICT (name) DO UPDATE SET value = "
                 "counters.value + 1 RETURNING value",
                 {counter}, [&](const Row& row) { number = row.integer(0); }));
    return number;
}

Result<std::int64_t> ledgerChanges(Tx& tx) {
    std::int64_t changes = 0;
    TRY(tx.query("SELECT value FROM counters WHERE name = 'ledger'", {},
                 [&](const Row& row) { changes = row.integer(0); }));
    return changes;
}

Result<void> raiseLedgerChanges(Tx& tx) {
    TRY(nextNumber(tx, "ledger"));
    return {};
}

Result<std::optional<Bytes>> findMeta(Tx& tx, std::string_view name) {
    std::optional<Bytes> value;
    TRY(tx.query("SELECT value FROM meta WHERE name = $1", {name},
                 [&](const Row& row) { value = Bytes(row.bytes(0).begin(), row.bytes(0).end()); }));
    return value;
}

Result<void> insertMeta(Tx& tx, std::string_view name, ByteView value) {
    TRY(tx.execute("INSERT INTO meta (name, value) VALUES ($1, $2)", {name, value}));
    return {};
}

Result<void> deleteMeta(Tx& tx, std::string_view name) {
    TRY(tx.execute("DELETE FROM meta WHERE name = $1", {name}));
    return {};
}

}  // namespace meetpoint::store
