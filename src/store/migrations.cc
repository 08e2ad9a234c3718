#include "store/migrations.h"

#include <charconv>

#include "store/postgres_connection.h"
#include "store/sqlite_connection.h"

namespace meetpoint::store {
namespace {

constexpr const char* stepTable =
    "CREATE TABLE IF NOT EXISTS schema_steps (number BIGINT PRIMARY KEY, name TEXT NOT NULL, oldest_program BIGINT NOT "
    "NULL, "
    "applied_at BIGINT NOT NULL)";

// Any number will do, as long as all nodes take the same and nobody else on that server does.
constexpr std::int64_t migrationLock = 0x6d656574706f696e;

template <class Connection>
Result<void> apply(Connection& connection, const SchemaStep& step, Instant now) {
    TRY(connection.script(std::string(step.sql)));
    const Value values[] = {step.number, step.name, oldestProgramOf(step), now};
    TRY(connection.execute(
        "INSERT INTO schema_steps (number, name, oldest_program, applied_at) VALUES ($1, $2, $3, $4)", values));
    return {};
}

template <class Connection>
Result<void> applyMissing(Connection& connection, KnownSteps known, const char* begin, Instant now) {
    TRY(connection.script(stepTable));
    std::int64_t done = 0, oldest = 0;
    TRY(connection.query("SELECT COALESCE(MAX(number), 0), COALESCE(MAX(oldest_program), 0) FROM schema_steps", {},
                         [&](const Row& row) {
                             done = row.integer(0);
                             oldest = row.integer(1);
                         }));
    if (!known.empty() && oldest > known.back().number)
        return fail(conflict("store-too-new", "The store was written by a newer meetpoint (schema step " +
                                                  std::to_string(done) +
                                                  "). Run that version, or restore a backup made before the upgrade."));
    for (const SchemaStep& step : known) {
        if (step.number <= done) continue;
        TRY(connection.script(begin));
        const auto applied = apply(connection, step, now);
        if (!applied) {
            (void)connection.script("ROLLBACK");
            return fail(Error(applied.error()).prefixed("schema step " + std::string(step.name)));
        }
        TRY(connection.script("COMMIT"));
    }
    return {};
}

constexpr std::string_view laneTables[] = {"lanes",
                                           "entries",
                                           "blocks",
                                           "block_days",
                                           "block_filters",
                                           "call_figures",
                                           "part_core",
                                           "part_parties",
                                           "part_network",
                                           "part_internal",
                                           "key_runs",
                                           "key_pages",
                                           "receipts",
                                           "reconciliation_runs",
                                           "lane_marks",
                                           "lane_work",
                                           "unlisted_runs",
                                           "webhook_endpoints",
                                           "webhook_cursors",
                                           "webhook_secrets",
                                           "webhook_deliveries",
                                           "webhook_attempts",
                                           "delivery_statements",
                                           "feed_consumers",
                                           "reconciliation_days",
                                           "exports",
                                           "export_chunks",
                                           "alert_rules",
                                           "alert_states",
                                           "alerts",
                                           "traffic_totals",
                                           "tickets",
                                           "ticket_steps",
                                           "ticket_attachments",
                                           "ticket_records"};

// Citus splits these tables by shard key over its workers; everything else stays on the coordinator.
Result<void> distribute(PostgresConnection& connection) {
    bool hasCitus = false;
    TRY(connection.query("SELECT to_regproc('pg_catalog.create_distributed_table') IS NOT NULL", {},
                         [&](const Row& row) { hasCitus = row.integer(0) != 0; }));
    if (!hasCitus) return {};
    for (const std::string_view table : laneTables) {
        bool isWaiting = false;  // a later step's table is not there yet
        const Value name[] = {table};
        TRY(
            connection.query("SELECT COUNT(*) FROM pg_class WHERE oid = to_regclass($1) AND NOT EXISTS "
                             "(SELECT 1 FROM pg_dist_partition WHERE logicalrelid = to_regclass($1))",
                             name, [&](const Row& row) { isWaiting = row.integer(0) != 0; }));
        if (!isWaiting) continue;
        const std::string beside = table == laneTables[0] ? "none" : std::string(laneTables[0]);
        TRY(connection.script("SELECT create_distributed_table('" + std::string(table) +
                              "', 'shard_key', colocate_with => '" + beside + "')"));
    }
    return {};
}

Result<void> migrateLocked(PostgresConnection& connection, Instant now, KnownSteps known) {
    TRY(applyMissing(connection, known, "BEGIN", now));
    return distribute(connection);
}

}  // namespace

std::span<const std::string_view> tablesByShardKey() {
    return laneTables;
}

int oldestProgramOf(const SchemaStep& step) {
    constexpr std::string_view words = "-- programs of step ";
    if (!step.sql.starts_with(words)) return step.number;
    int number = step.number;
    std::from_chars(step.sql.data() + words.size(), step.sql.data() + step.sql.size(), number);
    return number;
}

Result<void> migrate(SqliteConnection& connection, Instant now, KnownSteps known) {
    return applyMissing(connection, known, "BEGIN IMMEDIATE", now);
}

Result<void> migrate(PostgresConnection& connection, Instant now, KnownSteps known) {
    const Value lock[] = {migrationLock};
    TRY(connection.query("SELECT pg_advisory_lock($1)", lock, [](const Row&) {}));
    const auto migrated = migrateLocked(connection, now, known);
    const auto unlocked = connection.query("SELECT pg_advisory_unlock($1)", lock, [](const Row&) {});
    return migrated ? unlocked : migrated;
}

}  // namespace meetpoint::store
