#include "store/sqlite.h"

#include <thread>

#include <gtest/gtest.h>

#include "store/migrations.h"
#include "store/sqlite_connection.h"

namespace meetpoint::store {
namespace {

namespace fs = std::filesystem;

class SqliteStore : public testing::Test {
protected:
    SqliteStore()
        : folder_(fs::temp_directory_path() / ("meetpoint-sqlite-" + std::to_string(::getpid()) + "-" +
                                               testing::UnitTest::GetInstance()->current_test_info()->name())) {
        fs::remove_all(folder_);
    }
    ~SqliteStore() override { fs::remove_all(folder_); }

    std::unique_ptr<Db> open(SqliteLimits limits = {}) {
        auto db = openSqlite(folder_, limits, clock_, silentLog());
        EXPECT_TRUE(db) << db.error().message << db.error().internal;
        return db ? std::move(*db) : nullptr;
    }
    static std::int64_t count(Db& db, std::string sql) {
        std::int64_t out = -1;
        EXPECT_TRUE(db.read([&](Tx& tx) { return tx.query(sql, {}, [&](const Row& row) { out = row.integer(0); }); }));
        return out;
    }
    static Result<void> insertMeta(Tx& tx, const std::string& name) {
        auto done = tx.execute("INSERT INTO meta (name, value) VALUES ($1, $2)", {name, Bytes{1}});
        if (!done) return fail(done.error());
        return {};
    }

    fs::path folder_;
    ManualClock clock_{{1'700'000'000'000}};
};

// Blanks beside brackets and commas dropped, others made one.
std::string withoutSpacing(std::string_view text) {
    std::string out;
    for (const char c : text) {
        const bool isBlank = c == ' ' || c == '\n';
        const bool afterMark = out.empty() || std::string_view(" (,").find(out.back()) != std::string_view::npos;
        if (isBlank && afterMark) continue;
        if ((c == ',' || c == ')') && !out.empty() && out.back() == ' ') out.pop_back();
        out += isBlank ? ' ' : c;
    }
    return out;
}

// A schema as SQLite reports it, without the comments and spacing that make no difference.
std::vector<std::string> schemaOf(SqliteConnection& connection) {
    std::vector<std::string> out;
    EXPECT_TRUE(connection.query(
        "SELECT type || ' ' || name || ' ' || COALESCE(sql, '') FROM sqlite_master WHERE name <> 'schema_steps' "
        "AND tbl_name <> 'schema_steps' ORDER BY 1",
        {}, [&](const Row& row) { out.push_back(withoutSpacing(row.text(0))); }));
    return out;
}

TEST_F(SqliteStore, TheStepsAddUpToTheSnapshotAndApplyingThemTwiceIsSafe) {
    auto stepped = *SqliteConnection::open(":memory:", {});
    auto snapshot = *SqliteConnection::open(":memory:", {});
    ASSERT_TRUE(migrate(*stepped, {0}));
    ASSERT_TRUE(migrate(*stepped, {0}));
    ASSERT_TRUE(snapshot->script(std::string(sqliteSchema().snapshot)));
    EXPECT_EQ(schemaOf(*stepped), schemaOf(*snapshot));
    EXPECT_GT(schemaOf(*stepped).size(), 15u);
}

TEST_F(SqliteStore, AStoreOfANewerVersionIsRefused) {
    {
        auto db = open();
        ASSERT_TRUE(db->write(ledgerWrite(), [](Tx& tx) -> Result<void> {
            TRY(tx.execute(
                "INSERT INTO schema_steps (number, name, oldest_program, applied_at) VALUES (999, 'later', 999, 0)"));
            return {};
        }));
    }
    EXPECT_EQ(openSqlite(folder_, {}, clock_, silentLog()).error().code, "store-too-new");
}

TEST_F(SqliteStore, AFolderThatIsInUseReadOnlyOrNoFolderIsRefused) {
    {
        auto db = open();
        EXPECT_EQ(openSqlite(folder_, {}, clock_, silentLog()).error().code, "data-folder-in-use");
    }
    EXPECT_TRUE(open()) << "the lock goes with its holder";
    EXPECT_EQ(openSqlite("/proc/meetpoint", {}, clock_, silentLog()).error().code, "data-folder-unusable");
    EXPECT_EQ(openSqlite("/dev/null/x", {}, clock_, silentLog()).error().code, "data-folder-unusable");
}

TEST_F(SqliteStore, KeepsItsPromisesToTheDisk) {
    auto db = open();
    EXPECT_EQ(count(*db, "PRAGMA page_size"), 16384);
    EXPECT_EQ(count(*db, "PRAGMA auto_vacuum"), 2);
    db.reset();
    auto connection = *SqliteConnection::open(folder_ / "meetpoint.sqlite", {});
    std::string mode;
    EXPECT_TRUE(connection->query("PRAGMA journal_mode", {}, [&](const Row& row) { mode = row.text(0); }));
    EXPECT_EQ(mode, "wal");
}

TEST_F(SqliteStore, GivesTheDiskBackWhatIsFreeBeyondWhatItKeeps) {
    SqliteLimits limits;
    limits.freePagesKept = 64;
    limits.freePagesPerStep = 16;
    limits.walCheckpointPages = 8;
    auto opened = openSqlite(folder_, limits, clock_, silentLog());
    ASSERT_TRUE(opened) << opened.error().message;
    Db& db = **opened;
    constexpr int rows = 40;
    for (int i = 0; i < rows; ++i)
        ASSERT_TRUE(db.write(ledgerWrite(), [i](Tx& tx) -> Result<void> {
            TRY(tx.execute("INSERT INTO meta (name, value) VALUES ($1, zeroblob(500000))",
                           {"big" + std::to_string(i)}));
            return {};
        }));
    const std::int64_t full = count(db, "PRAGMA page_count");
    ASSERT_GT(full, 1'000);
    ASSERT_TRUE(db.write(ledgerWrite(), [](Tx& tx) -> Result<void> {
        TRY(tx.execute("DELETE FROM meta WHERE name LIKE 'big%' AND name <> 'big7'"));
        return {};
    }));
    while (count(db, "PRAGMA freelist_count") > 64)
        std::this_thread::yield();
    EXPECT_LT(count(db, "PRAGMA page_count"), full / 4);
    EXPECT_EQ(count(db, "SELECT LENGTH(value) FROM meta WHERE name = 'big7'"), 500'000)
        << "what is kept is moved whole";
}

TEST_F(SqliteStore, AFullDiskIsSaidAndLosesNothingAcknowledged) {
    auto db = open();
    ASSERT_TRUE(db->write(ledgerWrite(), [](Tx& tx) { return insertMeta(tx, "kept"); }));
    const auto limited = db->write(ledgerWrite(), [](Tx& tx) -> Result<void> {
        TRY(tx.query("PRAGMA max_page_count=1", {}, [](const Row&) {}));  // the file may not grow any more
        TRY(tx.execute("INSERT INTO meta (name, value) VALUES ('big', zeroblob(50000000))"));
        return {};
    });
    ASSERT_FALSE(limited);
    EXPECT_EQ(limited.error().code, "storage-full");
    EXPECT_TRUE(db->isHealthy()) << "a full disk may get room again";
    EXPECT_EQ(count(*db, "SELECT COUNT(*) FROM meta"), 1);
}

}  // namespace
}  // namespace meetpoint::store
