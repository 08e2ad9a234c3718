#include "store/tables.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "store/migrations.h"

namespace meetpoint::store {
namespace {

const Table& named(const std::vector<Table>& tables, std::string_view name) {
    return *std::ranges::find(tables, name, &Table::name);
}

std::vector<std::string> keyNames(const Table& table) {
    std::vector<std::string> names;
    for (const std::size_t column : table.key)
        names.push_back(table.columns[column].name);
    return names;
}

TEST(Tables, AreReadFromTheSnapshot) {
    const auto tables = movedTables();
    const Table& meta = named(tables, "meta");
    EXPECT_TRUE(meta.hasTextKey());
    EXPECT_FALSE(meta.byShardKey);
    EXPECT_THAT(keyNames(named(tables, "targets")), testing::ElementsAre("tenant_id", "id"));
    const Table& uploads = named(tables, "uploads");
    EXPECT_EQ(uploads.columns.size(), 10u) << "a UNIQUE constraint is no column";
    const Table& pages = named(tables, "key_pages");
    EXPECT_TRUE(pages.byShardKey);
    EXPECT_THAT(keyNames(pages), testing::ElementsAre("shard_key", "kind", "run", "page"));
    EXPECT_EQ(pages.columns.back().type, Value::Type::bytes);
}

// What a move relies on: every table has a key, every table of lanes is found, and a table stands after those that it
// refers to.
TEST(Tables, HaveKeysAndStandAfterWhatTheyReferTo) {
    const auto tables = movedTables();
    for (const Table& table : tables) {
        EXPECT_FALSE(table.key.empty()) << table.name;
        EXPECT_FALSE(table.byShardKey && table.hasTextKey()) << table.name << " would be read at once, and by portions";
    }
    for (const std::string_view table : tablesByShardKey())
        EXPECT_EQ(std::ranges::count(tables, table, &Table::name),
                  table == "lane_marks" || table == "lane_work" || table == "call_figures" ? 0 : 1)
            << table;
    const std::string_view snapshot = postgresSchema().snapshot;
    constexpr std::string_view refers = "REFERENCES ";
    for (std::size_t at = 0; (at = snapshot.find(refers, at)) != std::string_view::npos; ++at) {
        const std::string_view rest = snapshot.substr(at + refers.size());
        const std::string target = "CREATE TABLE " + std::string(rest.substr(0, rest.find(' '))) + " (";
        EXPECT_LT(snapshot.find(target), at) << target;
    }
}

}  // namespace
}  // namespace meetpoint::store
