// What only the cluster store has: its schema beside SQLite's, a server that goes away, several nodes.
#include "store/postgres.h"

#include <gtest/gtest.h>

#include "store/migrations.h"
#include "store/postgres_connection.h"
#include "store/sqlite_connection.h"
#include "store/testing/test_store.h"

namespace meetpoint::store {
namespace {

using Columns = std::map<std::string, std::vector<std::string>>;  // table → "name type notnull" in order

// One word for a type of either dialect.
std::string typeOf(std::string_view word) {
    if (word == "bytea" || word == "BLOB") return "bytes";
    if (word == "bigint" || word == "BIGINT") return "integer";
    return "text";
}

class PostgresStore : public ::testing::Test {
protected:
    void SetUp() override {
        if (!testing::isAvailable(testing::StoreEngine::postgres))
            GTEST_SKIP() << "MEETPOINT_TEST_POSTGRES names no server";
    }

    static std::unique_ptr<PostgresConnection> connect(const testing::StorePlace& place) {
        auto connection = PostgresConnection::open({.address = place.database()});
        EXPECT_TRUE(connection) << connection.error().internal;
        return connection ? std::move(*connection) : nullptr;
    }

    // Columns, and under "index" what is indexed how.
    static Columns schemaOf(PostgresConnection& connection) {
        Columns out;
        EXPECT_TRUE(connection.query(
            "SELECT table_name::text, column_name::text, data_type::text, is_nullable::text FROM "
            "information_schema.columns "
            "WHERE table_schema = current_schema() AND table_name <> 'schema_steps' ORDER BY table_name, "
            "ordinal_position",
            {}, [&](const Row& row) {
                out[std::string(row.text(0))].push_back(std::string(row.text(1)) + " " + typeOf(row.text(2)) + " " +
                                                        (row.text(3) == "NO" ? "required" : "optional"));
            }));
        return out;
    }
    static std::vector<std::string> indexesOf(PostgresConnection& connection) {
        std::vector<std::string> out;
        EXPECT_TRUE(
            connection.query("SELECT regexp_replace(indexdef, current_schema() || '\\.', '', 'g') FROM pg_indexes "
                             "WHERE schemaname = current_schema() AND "
                             "tablename <> 'schema_steps' ORDER BY indexname",
                             {}, [&](const Row& row) { out.emplace_back(row.text(0)); }));
        return out;
    }
};

TEST_F(PostgresStore, TheStepsAddUpToTheSnapshotAndApplyingThemTwiceIsSafe) {
    const testing::StorePlace steppedPlace(testing::StoreEngine::postgres),
        snapshotPlace(testing::StoreEngine::postgres);
    const auto stepped = connect(steppedPlace), snapshot = connect(snapshotPlace);
    for (int i = 0; i < 2; ++i) {
        const auto migrated = migrate(*stepped, Instant{0});
        ASSERT_TRUE(migrated) << migrated.error().message << migrated.error().internal;
    }
    const auto whole = snapshot->script(std::string(postgresSchema().snapshot));
    ASSERT_TRUE(whole) << whole.error().internal;
    EXPECT_EQ(schemaOf(*stepped), schemaOf(*snapshot));
    EXPECT_EQ(indexesOf(*stepped), indexesOf(*snapshot));
    EXPECT_GT(schemaOf(*stepped).size(), 15u);
}

TEST_F(PostgresStore, BothDialectsHaveTheSameStepsTablesAndColumns) {
    ASSERT_EQ(sqliteSchema().steps.size(), postgresSchema().steps.size());
    for (std::size_t i = 0; i < sqliteSchema().steps.size(); ++i) {
        EXPECT_EQ(sqliteSchema().steps[i].number, postgresSchema().steps[i].number);
        EXPECT_EQ(sqliteSchema().steps[i].name, postgresSchema().steps[i].name);
        EXPECT_EQ(oldestProgramOf(sqliteSchema().steps[i]), oldestProgramOf(postgresSchema().steps[i]));
    }
    const testing::StorePlace place(testing::StoreEngine::postgres);
    const auto postgres = connect(place);
    ASSERT_TRUE(migrate(*postgres, Instant{0}));
    const auto sqlite = *SqliteConnection::open(":memory:", {});
    ASSERT_TRUE(migrate(*sqlite, Instant{0}));
    Columns columns;
    EXPECT_TRUE(sqlite->query(
        "SELECT m.name, c.name, c.type, c.\"notnull\" OR c.pk > 0 FROM sqlite_master AS m, pragma_table_info(m.name) "
        "AS c WHERE m.type = 'table' "
        "AND m.name <> 'schema_steps' ORDER BY m.name, c.cid",
        {}, [&](const Row& row) {
            columns[std::string(row.text(0))].push_back(std::string(row.text(1)) + " " + typeOf(row.text(2)) + " " +
                                                        (row.integer(3) != 0 ? "required" : "optional"));
        }));
    EXPECT_EQ(columns, schemaOf(*postgres));
}

TEST_F(PostgresStore, AStoreOfANewerVersionIsRefusedUnlessThisOneMayGoOn) {
    const testing::StorePlace place(testing::StoreEngine::postgres);
    const ManualClock clock({0});
    ASSERT_TRUE(place.open(clock));
    const auto connection = connect(place);
    ASSERT_TRUE(connection->script(
        "INSERT INTO schema_steps (number, name, oldest_program, applied_at) VALUES (998, 'added', 1, 0)"));
    EXPECT_TRUE(place.open(clock)) << "a rolling upgrade: the step only adds";
    ASSERT_TRUE(connection->script(
        "INSERT INTO schema_steps (number, name, oldest_program, applied_at) VALUES (999, 'changed', 999, 0)"));
    const auto refused = place.open(clock);
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, "store-too-new");
}

TEST_F(PostgresStore, SaysWhatIsWrongWithAnAddress) {
    const ManualClock clock({0});
    SystemRandom random;
    PostgresLimits limits;
    limits.connectTimeout = seconds(1);
    EXPECT_EQ(openPostgres("postgresql://[", limits, clock, random, silentLog()).error().code, "bad-database-address");
    EXPECT_EQ(openPostgres("postgresql://127.0.0.1:1/none", limits, clock, random, silentLog()).error().code,
              "storage-unreachable");
}

// Ends every other connection of this store, as a restart of the server does. Other tests may run on that server.
void endConnections(PostgresConnection& connection) {
    ASSERT_TRUE(
        connection.query("SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                         "WHERE application_name = current_setting('application_name') AND pid <> pg_backend_pid()",
                         {}, [](const Row&) {}));
}

TEST_F(PostgresStore, WorkGoesOnWhenConnectionsAreLost) {
    const testing::StorePlace place(testing::StoreEngine::postgres);
    const ManualClock clock({0});
    auto db = *place.open(clock);
    const auto connection = connect(place);
    for (int i = 0; i < 5; ++i) {
        endConnections(*connection);
        const auto written = db->write(recordsWrite(1, 1), [i](Tx& tx) -> Result<void> {
            TRY(tx.execute("INSERT INTO key_pages (shard_key, kind, run, page, data) VALUES (1, 0, 0, $1, $2)",
                           {std::int64_t{i}, Bytes{1}}));
            return {};
        });
        EXPECT_TRUE(written) << written.error().internal;
        std::int64_t rows = -1;
        const auto read = db->read([&](Tx& tx) {
            return tx.query("SELECT COUNT(*) FROM key_pages", {}, [&](const Row& row) { rows = row.integer(0); });
        });
        EXPECT_TRUE(read) << read.error().internal;
        EXPECT_EQ(rows, i + 1);
    }
}

// A connection that is lost inside the work: nothing of the first try is kept, and the work is run again.
TEST_F(PostgresStore, WorkThatLosesItsConnectionIsRunAgain) {
    const testing::StorePlace place(testing::StoreEngine::postgres);
    const ManualClock clock({0});
    auto db = *place.open(clock);
    const auto connection = connect(place);
    int runs = 0;
    const auto written = db->write(ledgerWrite(), [&](Tx& tx) -> Result<void> {
        TRY(tx.execute("INSERT INTO meta (name, value) VALUES ('once', $1)", {Bytes{1}}));
        if (++runs == 1) endConnections(*connection);
        TRY(tx.execute("INSERT INTO meta (name, value) VALUES ('twice', $1)", {Bytes{1}}));
        return {};
    });
    EXPECT_TRUE(written) << written.error().internal;
    EXPECT_EQ(runs, 2);
}

TEST_F(PostgresStore, TransactionsThatBlockEachOtherAreRunAgain) {
    const testing::StorePlace place(testing::StoreEngine::postgres);
    const ManualClock clock({0});
    auto db = *place.open(clock);
    ASSERT_TRUE(db->write(ledgerWrite(), [](Tx& tx) -> Result<void> {
        TRY(tx.execute("INSERT INTO meta (name, value) VALUES ('a', $1)", {Bytes{0}}));
        TRY(tx.execute("INSERT INTO meta (name, value) VALUES ('b', $1)", {Bytes{0}}));
        return {};
    }));
    // Each takes one row, waits until the other has one too, and then wants the other's.
    std::atomic<int> holding = 0;
    const auto swap = [&](const char* first, const char* second) {
        return [&holding, first, second, tries = 0](Tx& tx) mutable -> Result<void> {
            TRY(tx.execute("UPDATE meta SET value = $2 WHERE name = $1", {first, Bytes{1}}));
            if (tries++ == 0) {
                holding.fetch_add(1);
                holding.notify_all();
                for (int seen = holding.load(); seen < 2; seen = holding.load())
                    holding.wait(seen);
            }
            TRY(tx.execute("UPDATE meta SET value = $2 WHERE name = $1", {second, Bytes{2}}));
            return {};
        };
    };
    auto one = db->submit(ledgerWrite(), swap("a", "b"));
    auto other = db->submit(ledgerWrite(), swap("b", "a"));
    EXPECT_TRUE(one.get());
    EXPECT_TRUE(other.get());
}

}  // namespace
}  // namespace meetpoint::store
