#include "store/migrations.h"

#include "store/sqlite_connection.h"

namespace meetpoint::store {
namespace {

constexpr const char* stepTable =
    "CREATE TABLE IF NOT EXISTS schema_steps (number BIGINT PRIMARY KEY, name TEXT NOT NULL, applied_at BIGINT NOT "
    "NULL)";

Result<void> apply(SqliteConnection& connection, const SchemaStep& step, Instant now) {
    TRY(connection.script(std::string(step.sql)));
    TRY(connection.execute("INSERT INTO schema_steps (number, name, applied_at) VALUES ($1, $2, $3)",
                           {step.number, step.name, now}));
    return {};
}

}  // namespace

Result<void> migrate(SqliteConnection& connection, Instant now) {
    TRY(connection.script(stepTable));
    std::int64_t done = 0;
    TRY(connection.query("SELECT COALESCE(MAX(number), 0) FROM schema_steps", {},
                         [&](const Row& row) { done = row.integer(0); }));
    if (done > static_cast<std::int64_t>(sqliteSteps().size()))
        return fail(conflict("store-too-new", "The store was written by a newer meetpoint (schema step " +
                                                  std::to_string(done) +
                                                  "). Run that version, or restore a backup made before the upgrade."));
    for (const SchemaStep& step : sqliteSteps()) {
        if (step.number <= done) continue;
        TRY(connection.script("BEGIN IMMEDIATE"));
        const auto applied = apply(connection, step, now);
        if (!applied) {
            (void)connection.script("ROLLBACK");
            return fail(Error(applied.error()).prefixed("schema step " + std::string(step.name)));
        }
        TRY(connection.script("COMMIT"));
    }
    return {};
}

}  // namespace meetpoint::store
