// The schema: numbered steps, each applied once and in order, and a snapshot of what they add up to (a test proves the
// two equal). The step files stand in schema/, the same numbers and names in both dialects; the build puts them into
// the binary.
#pragma once

#include <span>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/time.h"

namespace meetpoint::store {

class SqliteConnection;
class PostgresConnection;

struct SchemaStep {
    int number;
    std::string_view name;
    std::string_view sql;
};
struct Schema {
    std::vector<SchemaStep> steps;  // in order, from 1, without a gap
    std::string_view snapshot;
};
const Schema& sqliteSchema();
const Schema& postgresSchema();

// The tables that a cluster distributes by their first key, the shard key. The first is what the others lie beside.
std::span<const std::string_view> tablesByShardKey();

// The oldest step whose programs may go on working beside this one. A step says so in its first line, "-- programs of
// step N may go on", when it only adds what older programs do not look at; a step that says nothing ends them.
int oldestProgramOf(const SchemaStep& step);

// The steps that a program knows: all of them, or fewer, as an earlier version did.
using KnownSteps = std::span<const SchemaStep>;

// Applies the known steps that are missing, each in a transaction of its own. Code "store-too-new" if the store has
// steps that end the programs that know no more than these.
Result<void> migrate(SqliteConnection& connection, Instant now, KnownSteps known = sqliteSchema().steps);
// The same, while no other node does it; then distributes the tables of lanes, where the extension Citus is present.
Result<void> migrate(PostgresConnection& connection, Instant now, KnownSteps known = postgresSchema().steps);

}  // namespace meetpoint::store
