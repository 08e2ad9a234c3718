#include "store/webhooks.h"

#include "store/json_text.h"

namespace meetpoint::store {
namespace {

constexpr std::string_view enabledWord = "enabled", disabledWord = "disabled";

std::string_view statusOf(const WebhookEndpoint& endpoint) {
    return endpoint.isEnabled ? enabledWord : disabledWord;
}

WebhookEndpoint readEndpoint(const Row& row) {
    return {{row.integer(0), row.id(1)},
            row.id(2),
            std::string(row.text(3)),
            std::string(row.text(4)),
            textsFromJson(row.text(5)),
            std::string(row.text(6)),
            row.text(7) == enabledWord,
            row.optionalInstant(8),
            row.optionalText(9),
            row.optionalInstant(10),
            row.instant(11),
            row.integer(12)};
}
constexpr const char* selectEndpoints =
    "SELECT shard_key, id, carrier_id, url, description, types, payload, status, disabled_at, disabled_reason, "
    "failing_since, created_at, version FROM webhook_endpoints ";

WebhookSecret readSecret(const Row& row) {
    return {{row.integer(0), row.id(1)},
            row.id(2),
            std::string(row.text(3)),
            Bytes(row.bytes(4).begin(), row.bytes(4).end()),
            row.isNull(5) ? std::nullopt : std::optional(Bytes(row.bytes(5).begin(), row.bytes(5).end())),
            row.instant(6),
            row.optionalInstant(7)};
}

}  // namespace

Result<void> insertWebhook(Tx& tx, const WebhookEndpoint& endpoint) {
    TRY(tx.execute(
        "INSERT INTO webhook_endpoints (shard_key, id, carrier_id, url, description, types, payload, status, "
        "disabled_at, disabled_reason, failing_since, next_position, created_at, version) "
        "VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, 1, $12, $13)",
        {endpoint.key.shardKey, endpoint.key.endpointId, endpoint.carrierId, endpoint.url, endpoint.description,
         toJsonText(endpoint.types), endpoint.payload, statusOf(endpoint), endpoint.disabledAt, endpoint.disabledReason,
         endpoint.failingSince, endpoint.createdAt, endpoint.version}));
    return {};
}

Result<std::optional<WebhookEndpoint>> findWebhook(Tx& tx, const WebhookKey& key) {
    std::optional<WebhookEndpoint> found;
    TRY(tx.query(std::string(selectEndpoints) + "WHERE shard_key = $1 AND id = $2", {key.shardKey, key.endpointId},
                 [&](const Row& row) { found = readEndpoint(row); }));
    return found;
}

Result<std::optional<WebhookEndpoint>> findWebhookAnywhere(Tx& tx, const Id& id) {
    std::optional<WebhookEndpoint> found;
    TRY(tx.query(std::string(selectEndpoints) + "WHERE id = $1", {id},
                 [&](const Row& row) { found = readEndpoint(row); }));
    return found;
}

Result<std::vector<WebhookEndpoint>> listWebhooks(Tx& tx, std::optional<std::int64_t> shardKey) {
    std::vector<WebhookEndpoint> endpoints;
    const auto add = [&](const Row& row) { endpoints.push_back(readEndpoint(row)); };
    if (shardKey) {
        TRY(tx.query(std::string(selectEndpoints) + "WHERE shard_key = $1 ORDER BY id", {*shardKey}, add));
    } else {
        TRY(tx.query(std::string(selectEndpoints) + "ORDER BY id", {}, add));
    }
    return endpoints;
}

Result<bool> updateWebhook(Tx& tx, const WebhookEndpoint& endpoint) {
    TRY_ASSIGN(const std::int64_t rows,
               tx.execute("UPDATE webhook_endpoints SET url = $3, description = $4, types = $5, payload = $6, status = "
                          "$7, disabled_at = $8, disabled_reason = $9, failing_since = $10, version = $11 "
                          "WHERE shard_key = $1 AND id = $2 AND version = $12",
                          {endpoint.key.shardKey, endpoint.key.endpointId, endpoint.url, endpoint.description,
                           toJsonText(endpoint.types), endpoint.payload, statusOf(endpoint), endpoint.disabledAt,
                           endpoint.disabledReason, endpoint.failingSince, endpoint.version, endpoint.version - 1}));
    return rows == 1;
}

Result<void> setWebhookFailing(Tx& tx, const WebhookKey& key, std::optional<Instant> since) {
    TRY(tx.execute("UPDATE webhook_endpoints SET failing_since = $3 WHERE shard_key = $1 AND id = $2",
                   {key.shardKey, key.endpointId, since}));
    return {};
}

Result<void> deleteWebhook(Tx& tx, const WebhookKey& key) {
    for (const char* sql : {"DELETE FROM webhook_attempts WHERE shard_key = $1 AND endpoint_id = $2",
                            "DELETE FROM webhook_deliveries WHERE shard_key = $1 AND endpoint_id = $2",
                            "DELETE FROM webhook_secrets WHERE shard_key = $1 AND endpoint_id = $2",
                            "DELETE FROM webhook_cursors WHERE shard_key = $1 AND endpoint_id = $2",
                            "DELETE FROM webhook_endpoints WHERE shard_key = $1 AND id = $2"})
        TRY(tx.execute(sql, {key.shardKey, key.endpointId}));
    return {};
}

Result<void> insertWebhookSecret(Tx& tx, const WebhookSecret& secret) {
    TRY(tx.execute(
        "INSERT INTO webhook_secrets (shard_key, endpoint_id, id, kind, sealed, public_key, created_at, expires_at) "
        "VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
        {secret.key.shardKey, secret.key.endpointId, secret.id, secret.kind, secret.sealed, secret.publicKey,
         secret.createdAt, secret.expiresAt}));
    return {};
}

Result<std::vector<WebhookSecret>> listWebhookSecrets(Tx& tx, const WebhookKey& key) {
    std::vector<WebhookSecret> secrets;
    TRY(
        tx.query("SELECT shard_key, endpoint_id, id, kind, sealed, public_key, created_at, expires_at FROM "
                 "webhook_secrets WHERE shard_key = $1 AND endpoint_id = $2 ORDER BY id",
                 {key.shardKey, key.endpointId}, [&](const Row& row) { secrets.push_back(readSecret(row)); }));
    return secrets;
}

Result<void> expireWebhookSecrets(Tx& tx, const WebhookKey& key, std::string_view kind, Instant at) {
    TRY(
        tx.execute("UPDATE webhook_secrets SET expires_at = $4 WHERE shard_key = $1 AND endpoint_id = $2 AND kind = $3 "
                   "AND (expires_at IS NULL OR expires_at > $4)",
                   {key.shardKey, key.endpointId, kind, at}));
    return {};
}

Result<bool> deleteWebhookSecret(Tx& tx, const WebhookKey& key, const Id& id) {
    TRY_ASSIGN(const std::int64_t rows,
               tx.execute("DELETE FROM webhook_secrets WHERE shard_key = $1 AND endpoint_id = $2 AND id = $3",
                          {key.shardKey, key.endpointId, id}));
    return rows == 1;
}

Result<void> putWebhookCursor(Tx& tx, const WebhookCursor& cursor) {
    TRY(tx.execute(
        "INSERT INTO webhook_cursors (shard_key, endpoint_id, kind, next_sequence) VALUES ($1, $2, $3, $4) "
        "ON CONFLICT (shard_key, endpoint_id, kind) DO UPDATE SET next_sequence = excluded.next_sequence",
        {cursor.key.shardKey, cursor.key.endpointId, static_cast<std::int64_t>(cursor.kind), cursor.nextSequence}));
    return {};
}

Result<std::vector<WebhookCursor>> listWebhookCursors(Tx& tx, std::optional<std::int64_t> shardKey) {
    std::vector<WebhookCursor> cursors;
    const auto add = [&](const Row& row) {
        cursors.push_back(
            {{row.integer(0), row.id(1)}, static_cast<columns::LaneKind>(row.integer(2)), row.integer(3)});
    };
    const std::string sql = "SELECT shard_key, endpoint_id, kind, next_sequence FROM webhook_cursors ";
    if (shardKey) {
        TRY(tx.query(sql + "WHERE shard_key = $1", {*shardKey}, add));
    } else {
        TRY(tx.query(sql, {}, add));
    }
    return cursors;
}

}  // namespace meetpoint::store
