// The schema: numbered steps, each applied once and in order, and a snapshot of what they add up to (a test proves the
// two equal). The step files stand in schema/; the build puts them into the binary.
#pragma once

#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/time.h"

namespace meetpoint::store {

class SqliteConnection;

struct SchemaStep {
    int number;
    std::string_view name;
    std::string_view sql;
};
// In order, from 1, without a gap.
const std::vector<SchemaStep>& sqliteSteps();
std::string_view sqliteSnapshot();

// Applies the steps that are missing, each in a transaction of its own. Code "store-too-new" if the store has steps
// that this version does not know.
Result<void> migrate(SqliteConnection& connection, Instant now);

}  // namespace meetpoint::store
