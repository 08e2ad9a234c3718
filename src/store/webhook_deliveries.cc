// What was or is to be delivered, and what came of each attempt.
#include <array>

#include "store/webhooks.h"

namespace meetpoint::store {
namespace {

constexpr std::array<std::string_view, 3> stateNames{"waiting", "delivered", "failed"};

WebhookDelivery readDelivery(const Row& row) {
    WebhookDelivery delivery;
    delivery.key = {row.integer(0), row.id(1)};
    delivery.position = row.integer(2);
    delivery.id = row.id(3);
    delivery.type = row.text(4);
    if (!row.isNull(5)) delivery.kind = static_cast<columns::LaneKind>(row.integer(5));
    delivery.sequence = row.integer(6);
    delivery.eventId = row.id(7);
    delivery.data = row.optionalText(8);
    delivery.state = readDeliveryState(row.text(9)).value_or(DeliveryState::failed);
    delivery.roundAttempts = row.integer(10);
    delivery.attempts = row.integer(11);
    delivery.createdAt = row.instant(12);
    delivery.roundBeganAt = row.optionalInstant(13);
    delivery.lastTriedAt = row.optionalInstant(14);
    delivery.nextAttemptAt = row.optionalInstant(15);
    delivery.deliveredAt = row.optionalInstant(16);
    return delivery;
}
constexpr std::string_view selectDeliveries =
    "SELECT shard_key, endpoint_id, position, id, type, kind, sequence, event_id, data, state, round_attempts, "
    "attempts, created_at, round_began_at, last_tried_at, next_attempt_at, delivered_at FROM webhook_deliveries ";

std::string selectWhere(std::string_view rest) {
    std::string sql(selectDeliveries);
    sql += rest;
    return sql;
}

// Takes `count` places in the endpoint's log.
Result<std::int64_t> takePositions(Tx& tx, const WebhookKey& key, std::size_t count) {
    std::int64_t next = 0;
    TRY(
        tx.query("UPDATE webhook_endpoints SET next_position = next_position + $3 WHERE shard_key = $1 AND id = $2 "
                 "RETURNING next_position",
                 {key.shardKey, key.endpointId, count}, [&](const Row& row) { next = row.integer(0); }));
    if (next == 0) return fail(notFound("There is no such webhook endpoint."));
    return next - static_cast<std::int64_t>(count);
}

}  // namespace

std::string_view name(DeliveryState state) {
    return stateNames[static_cast<std::size_t>(state)];
}

std::optional<DeliveryState> readDeliveryState(std::string_view word) {
    for (std::size_t i = 0; i < stateNames.size(); ++i)
        if (stateNames[i] == word) return static_cast<DeliveryState>(i);
    return std::nullopt;
}

Result<void> insertDeliveries(Tx& tx, const WebhookKey& key, std::vector<WebhookDelivery>& deliveries) {
    if (deliveries.empty()) return {};
    TRY_ASSIGN(std::int64_t position, takePositions(tx, key, deliveries.size()));
    for (WebhookDelivery& delivery : deliveries) {
        delivery.key = key;
        delivery.position = position++;
        const Value none = Value::absent(Value::Type::integer);
        const Value kind = delivery.kind ? Value(static_cast<std::int64_t>(*delivery.kind)) : none;
        const Value sequence = delivery.kind ? Value(delivery.sequence) : none;
        TRY(tx.executeLater(
            "INSERT INTO webhook_deliveries (shard_key, endpoint_id, position, id, type, kind, sequence, event_id, "
            "data, state, round_attempts, attempts, created_at, next_attempt_at) "
            "VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, 0, 0, $11, $12) "
            "ON CONFLICT (shard_key, endpoint_id, id) DO NOTHING",
            {key.shardKey, key.endpointId, delivery.position, delivery.id, delivery.type, kind, sequence,
             delivery.eventId, delivery.data, name(delivery.state), delivery.createdAt, delivery.nextAttemptAt}));
    }
    return {};
}

Result<void> updateDelivery(Tx& tx, const WebhookDelivery& delivery) {
    TRY(
        tx.execute("UPDATE webhook_deliveries SET state = $4, round_attempts = $5, attempts = $6, round_began_at = $7, "
                   "last_tried_at = $8, next_attempt_at = $9, delivered_at = $10 "
                   "WHERE shard_key = $1 AND endpoint_id = $2 AND position = $3",
                   {delivery.key.shardKey, delivery.key.endpointId, delivery.position, name(delivery.state),
                    delivery.roundAttempts, delivery.attempts, delivery.roundBeganAt, delivery.lastTriedAt,
                    delivery.nextAttemptAt, delivery.deliveredAt}));
    return {};
}

Result<std::optional<WebhookDelivery>> findDelivery(Tx& tx, const WebhookKey& key, const Id& id) {
    std::optional<WebhookDelivery> found;
    TRY(tx.query(selectWhere("WHERE shard_key = $1 AND endpoint_id = $2 AND id = $3"),
                 {key.shardKey, key.endpointId, id}, [&](const Row& row) { found = readDelivery(row); }));
    return found;
}

Result<std::optional<WebhookDelivery>> findDeliveryAt(Tx& tx, const WebhookKey& key, std::int64_t position) {
    std::optional<WebhookDelivery> found;
    TRY(tx.query(selectWhere("WHERE shard_key = $1 AND endpoint_id = $2 AND position = $3"),
                 {key.shardKey, key.endpointId, position}, [&](const Row& row) { found = readDelivery(row); }));
    return found;
}

Result<std::vector<WebhookDelivery>> dueDeliveries(Tx& tx, const WebhookKey& key, Instant now, std::size_t limit) {
    std::vector<WebhookDelivery> due;
    TRY(tx.query(selectWhere("WHERE shard_key = $1 AND endpoint_id = $2 AND next_attempt_at <= $3 "
                             "ORDER BY next_attempt_at, position LIMIT $4"),
                 {key.shardKey, key.endpointId, now, limit},
                 [&](const Row& row) { due.push_back(readDelivery(row)); }));
    return due;
}

Result<std::vector<WebhookDelivery>> dueTests(Tx& tx, const WebhookKey& key, Instant now, std::size_t limit) {
    std::vector<WebhookDelivery> due;
    TRY(tx.query(selectWhere("WHERE shard_key = $1 AND endpoint_id = $2 AND next_attempt_at <= $3 AND type = $5 "
                             "ORDER BY next_attempt_at, position LIMIT $4"),
                 {key.shardKey, key.endpointId, now, limit, webhookTestType},
                 [&](const Row& row) { due.push_back(readDelivery(row)); }));
    return due;
}

Result<std::vector<WebhookDelivery>> listDeliveries(Tx& tx, const WebhookKey& key, const DeliveryPage& page) {
    std::vector<WebhookDelivery> deliveries;
    TRY(tx.query(selectWhere("WHERE shard_key = $1 AND endpoint_id = $2 AND position < $3 AND ($4 = '' OR state = $4) "
                             "ORDER BY position DESC LIMIT $5"),
                 {key.shardKey, key.endpointId, page.before.value_or(INT64_MAX),
                  page.state ? name(*page.state) : std::string_view(), page.limit},
                 [&](const Row& row) { deliveries.push_back(readDelivery(row)); }));
    return deliveries;
}

Result<MissedDeliveries> countMissed(Tx& tx, const WebhookKey& key) {
    MissedDeliveries missed;
    TRY(
        tx.query("SELECT COUNT(*), MIN(created_at), MIN(sequence), MAX(sequence) FROM webhook_deliveries "
                 "WHERE shard_key = $1 AND endpoint_id = $2 AND state = 'failed' AND type <> $3",
                 {key.shardKey, key.endpointId, webhookTestType}, [&](const Row& row) {
                     missed.count = row.integer(0);
                     missed.since = row.optionalInstant(1);
                     if (row.isNull(2)) return;
                     missed.firstSequence = row.integer(2);
                     missed.lastSequence = row.integer(3);
                 }));
    return missed;
}

Result<std::int64_t> recoverDeliveries(Tx& tx, const WebhookKey& key, Instant since, Recovered which, Instant now) {
    const std::string_view kept = which == Recovered::all ? "" : name(DeliveryState::delivered);
    return tx.execute(
        "UPDATE webhook_deliveries SET state = 'waiting', round_attempts = 0, round_began_at = NULL, "
        "next_attempt_at = $4, delivered_at = NULL WHERE shard_key = $1 AND endpoint_id = $2 AND state <> $5 "
        "AND type <> $6 AND (created_at >= $3 OR last_tried_at >= $3)",
        {key.shardKey, key.endpointId, since, now, kept, webhookTestType});
}

Result<void> restartDeliveries(Tx& tx, const WebhookKey& key, Instant now) {
    TRY(
        tx.execute("UPDATE webhook_deliveries SET round_attempts = 0, round_began_at = NULL, next_attempt_at = $3 "
                   "WHERE shard_key = $1 AND endpoint_id = $2 AND next_attempt_at IS NOT NULL",
                   {key.shardKey, key.endpointId, now}));
    return {};
}

Result<std::size_t> removeDelivered(Tx& tx, const WebhookKey& key, Instant before, std::size_t limit) {
    std::vector<std::int64_t> positions;
    TRY(tx.query(
        "SELECT position FROM webhook_deliveries WHERE shard_key = $1 AND endpoint_id = $2 AND state = "
        "'delivered' AND last_tried_at < $3 ORDER BY position LIMIT $4",
        {key.shardKey, key.endpointId, before, limit}, [&](const Row& row) { positions.push_back(row.integer(0)); }));
    for (const std::int64_t position : positions)
        for (const char* sql :
             {"DELETE FROM webhook_attempts WHERE shard_key = $1 AND endpoint_id = $2 AND position = $3",
              "DELETE FROM webhook_deliveries WHERE shard_key = $1 AND endpoint_id = $2 AND position = $3"})
            TRY(tx.executeLater(sql, {key.shardKey, key.endpointId, position}));
    return positions.size();
}

Result<std::vector<WaitingDeliveries>> listWaiting(Tx& tx, std::optional<std::int64_t> shardKey) {
    std::vector<WaitingDeliveries> waiting;
    const auto add = [&](const Row& row) {
        waiting.push_back({{row.integer(0), row.id(1)}, row.integer(2), row.instant(3), row.instant(4)});
    };
    const std::string sql =
        "SELECT shard_key, endpoint_id, COUNT(*), MIN(next_attempt_at), MIN(created_at) FROM webhook_deliveries "
        "WHERE next_attempt_at IS NOT NULL ";
    const std::string grouped = "GROUP BY shard_key, endpoint_id";
    if (shardKey) {
        TRY(tx.query(sql + "AND shard_key = $1 " + grouped, {*shardKey}, add));
    } else {
        TRY(tx.query(sql + grouped, {}, add));
    }
    return waiting;
}

Result<void> insertAttempt(Tx& tx, const WebhookKey& key, const WebhookAttempt& attempt, std::int64_t kept) {
    TRY(tx.executeLater(
        "INSERT INTO webhook_attempts (shard_key, endpoint_id, position, attempt, at, duration_ms, status, error) "
        "VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
        {key.shardKey, key.endpointId, attempt.position, attempt.attempt, attempt.at, attempt.took.ms, attempt.status,
         attempt.error}));
    if (attempt.attempt <= kept) return {};
    return tx.executeLater(
        "DELETE FROM webhook_attempts WHERE shard_key = $1 AND endpoint_id = $2 AND position = $3 AND attempt <= $4",
        {key.shardKey, key.endpointId, attempt.position, attempt.attempt - kept});
}

Result<std::vector<WebhookAttempt>> listAttempts(Tx& tx, const WebhookKey& key, std::int64_t first, std::int64_t last) {
    std::vector<WebhookAttempt> attempts;
    TRY(
        tx.query("SELECT position, attempt, at, duration_ms, status, error FROM webhook_attempts WHERE shard_key = $1 "
                 "AND endpoint_id = $2 AND position >= $3 AND position <= $4 ORDER BY position, attempt",
                 {key.shardKey, key.endpointId, first, last}, [&](const Row& row) {
                     attempts.push_back({row.integer(0),
                                         row.integer(1),
                                         row.instant(2),
                                         {row.integer(3)},
                                         row.isNull(4) ? std::nullopt : std::optional(row.integer(4)),
                                         row.optionalText(5)});
                 }));
    return attempts;
}

}  // namespace meetpoint::store
