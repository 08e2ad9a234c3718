// The rules that a cluster sets for statements, and that the test's own judge finds a breach of each.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/clock.h"
#include "store/testing/checked_db.h"
#include "store/testing/test_store.h"

namespace meetpoint::store {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using testing::readStatement;
using testing::StatementFindings;

std::vector<std::string> faultsOf(std::string_view sql, std::vector<Value> parameters = {}) {
    return testing::factsOf(readStatement(std::string(sql)), parameters).faults;
}

TEST(Statements, TheShardKeyIsFoundWhereItIsBound) {
    EXPECT_EQ(testing::factsOf(readStatement("SELECT kind FROM lanes WHERE shard_key = $2 AND kind = $1"),
                               std::vector<Value>{1, 7})
                  .shardKey,
              7);
    EXPECT_EQ(testing::factsOf(readStatement("INSERT INTO entries (kind, shard_key) VALUES ($1, $2)"),
                               std::vector<Value>{1, 8})
                  .shardKey,
              8);
    EXPECT_EQ(testing::factsOf(readStatement("DELETE FROM key_runs WHERE shard_key = 9 AND kind = 1"), {}).shardKey, 9);
    EXPECT_EQ(testing::factsOf(readStatement("SELECT shard_key, kind FROM lanes ORDER BY shard_key"), {}).shardKey,
              std::nullopt);
    EXPECT_FALSE(
        testing::factsOf(readStatement("SELECT name FROM carriers WHERE shard_key = $1"), std::vector<Value>{1})
            .namesLanes)
        << "the ledger is not distributed";
}

TEST(Statements, WhatAClusterRefusesIsAFault) {
    EXPECT_THAT(faultsOf("UPDATE lanes SET shard_key = $2 WHERE shard_key = $1", {1, 2}),
                ::testing::Contains(HasSubstr("never changes")));
    EXPECT_THAT(faultsOf("INSERT INTO lanes (shard_key, kind) VALUES ($1, $2) ON CONFLICT (kind) DO NOTHING", {1, 2}),
                ElementsAre(HasSubstr("ON CONFLICT")));
    EXPECT_THAT(faultsOf("INSERT INTO lanes (shard_key, kind) VALUES ($1, $2) ON CONFLICT (shard_key, kind) DO NOTHING",
                         {1, 2}),
                IsEmpty());
    EXPECT_THAT(faultsOf("SELECT kind FROM lanes FOR UPDATE"), ElementsAre(HasSubstr("locked")));
    EXPECT_THAT(faultsOf("UPDATE entries SET stored_at = now() WHERE shard_key = $1", {1}),
                ElementsAre(HasSubstr("volatile")));
    EXPECT_THAT(faultsOf("SELECT a.kind FROM lanes a JOIN blocks b ON b.shard_key = $2 WHERE a.shard_key = $1", {1, 2}),
                ElementsAre(HasSubstr("two shard keys")));
    for (const char* sql : {"MERGE INTO lanes USING x", "WITH RECURSIVE x AS (SELECT 1) SELECT 1",
                            "SELECT ctid FROM lanes", "SELECT 1 GROUP BY ROLLUP (1)"})
        EXPECT_EQ(faultsOf(sql).size(), 1u) << sql;
}

TEST(Statements, APlanSaysHowManyShardsItTouches) {
    EXPECT_EQ(testing::tasksOf({"Custom Scan (Citus Adaptive)  (cost=0.00..0.00 rows=0 width=0)", "  Task Count: 32",
                                "  Tasks Shown: One of 32"}),
              32);
    EXPECT_EQ(testing::tasksOf({"Index Scan using lanes_pkey on lanes"}), std::nullopt);
}

TEST(Statements, ATransactionThatWritesBindsOneShardKey) {
    const testing::StorePlace place(testing::StoreEngine::sqlite);
    const ManualClock clock({0});
    StatementFindings findings;
    const auto db = testing::checkStatements(*place.open(clock), findings);
    const auto touch = [](Tx& tx, std::int64_t shardKey) {
        return tx.query("SELECT kind FROM lanes WHERE shard_key = $1", {shardKey}, [](const Row&) {});
    };
    ASSERT_TRUE(db->write(recordsWrite(1, 1), [&](Tx& tx) -> Result<void> {
        TRY(touch(tx, 1));
        return touch(tx, 1);
    }));
    ASSERT_TRUE(db->read([&](Tx& tx) -> Result<void> {
        TRY(touch(tx, 1));
        return touch(tx, 2);
    }));
    EXPECT_THAT(findings.findings(), IsEmpty());
    EXPECT_EQ(findings.writes(), 1u);
    ASSERT_TRUE(db->write(recordsWrite(1, 1), [&](Tx& tx) -> Result<void> {
        TRY(touch(tx, 1));
        return touch(tx, 2);
    }));
    EXPECT_THAT(findings.findings(), ElementsAre(HasSubstr("a second shard key")));
    ASSERT_TRUE(db->write(recordsWrite(1, 1),
                          [&](Tx& tx) { return tx.query("SELECT kind FROM lanes", {}, [](const Row&) {}); }));
    EXPECT_EQ(findings.findings().size(), 2u);
}

}  // namespace
}  // namespace meetpoint::store
