// What every store behind Db and Tx keeps, whichever engine it is.
#include <future>
#include <set>

#include <gtest/gtest.h>

#include "store/ledger.h"
#include "store/testing/test_store.h"

namespace meetpoint::store {
namespace {

class Store : public ::testing::TestWithParam<testing::StoreEngine> {
protected:
    void SetUp() override {
        if (!testing::isAvailable(GetParam())) GTEST_SKIP() << "MEETPOINT_TEST_POSTGRES names no server";
        place_ = std::make_unique<testing::StorePlace>(GetParam());
        db_ = open();
        ASSERT_TRUE(db_);
    }

    std::unique_ptr<Db> open(const SqliteLimits& sqlite = {}, const PostgresLimits& postgres = {}) {
        auto opened = place_->open(clock_, sqlite, postgres);
        EXPECT_TRUE(opened) << opened.error().message << opened.error().internal;
        return opened ? std::move(*opened) : nullptr;
    }
    static std::int64_t count(Db& db, std::string sql) {
        std::int64_t out = -1;
        const auto read =
            db.read([&](Tx& tx) { return tx.query(sql, {}, [&](const Row& row) { out = row.integer(0); }); });
        EXPECT_TRUE(read) << read.error().internal;
        return out;
    }
    static Result<void> insertMeta(Tx& tx, const std::string& name) { return store::insertMeta(tx, name, Bytes{1}); }

    ManualClock clock_{{1'700'000'000'000}};
    std::unique_ptr<testing::StorePlace> place_;
    std::unique_ptr<Db> db_;
};
INSTANTIATE_TEST_SUITE_P(Stores, Store, MEETPOINT_STORES,
                         testing::nameOfCase<::testing::TestParamInfo<testing::StoreEngine>>);

TEST_P(Store, AFailedPieceOfWorkLeavesNoTraceAndItsNeighboursStay) {
    auto& db = db_;
    std::vector<std::future<Result<void>>> results;
    for (int i = 0; i < 30; ++i)
        results.push_back(db->submit(recordsWrite(1, 10), [i](Tx& tx) -> Result<void> {
            TRY(insertMeta(tx, "row" + std::to_string(i)));
            if (i % 3 == 0) return fail(conflict("test", "no"));
            return {};
        }));
    for (int i = 0; i < 30; ++i)
        EXPECT_EQ(results[static_cast<std::size_t>(i)].get().has_value(), i % 3 != 0);
    EXPECT_EQ(count(*db, "SELECT COUNT(*) FROM meta"), 20);
}

TEST_P(Store, WhatIsSentLaterFailsItsOwnWorkAndNoOther) {
    const auto insertLater = [](Tx& tx, const std::string& name) {
        return tx.executeLater("INSERT INTO meta (name, value) VALUES ($1, $2)", {name, Bytes{1}});
    };
    ASSERT_TRUE(db_->write(ledgerWrite(), [&](Tx& tx) { return insertLater(tx, "there"); }));
    std::vector<std::future<Result<void>>> results;
    for (int i = 0; i < 30; ++i)
        results.push_back(db_->submit(recordsWrite(1, 10), [&, i](Tx& tx) -> Result<void> {
            // More than one answer may be left unread; the second of these breaks every third piece of work.
            TRY(insertLater(tx, "row" + std::to_string(i)));
            return insertLater(tx, i % 3 == 0 ? "there" : "more" + std::to_string(i));
        }));
    for (int i = 0; i < 30; ++i)
        EXPECT_EQ(results[static_cast<std::size_t>(i)].get().has_value(), i % 3 != 0) << i;
    EXPECT_EQ(count(*db_, "SELECT COUNT(*) FROM meta"), 1 + 20 * 2);
}

// Few rows and many go different ways on PostgreSQL, and so do more statements than are left unanswered at once.
TEST_P(Store, RowsArriveHoweverManyTheyAre) {
    const Bytes value{7};
    std::size_t expected = 0;
    for (const std::size_t rows : {1u, 499u, 501u, 2'000u}) {
        std::vector<std::string> names;
        for (std::size_t i = 0; i < rows; ++i)
            names.push_back(std::to_string(rows) + "/" + std::to_string(i));
        ASSERT_TRUE(db_->write(ledgerWrite(rows), [&](Tx& tx) {
            RowBatch batch{"meta", {"name", "value"}, {}};
            for (const std::string& name : names)
                batch.rows.push_back({name, value});
            return tx.copyIn(batch);
        }));
        expected += rows;
    }
    ASSERT_TRUE(db_->write(ledgerWrite(200), [&](Tx& tx) -> Result<void> {
        for (int i = 0; i < 200; ++i)
            TRY(tx.executeLater("INSERT INTO meta (name, value) VALUES ($1, $2)",
                                {"later" + std::to_string(i), value}));
        return {};
    }));
    EXPECT_EQ(count(*db_, "SELECT COUNT(*) FROM meta"), static_cast<std::int64_t>(expected + 200));
}

TEST_P(Store, CommitActionsRunForWhatWasKeptAndOnlyForThat) {
    auto& db = db_;
    int ran = 0;
    EXPECT_TRUE(db->write(ledgerWrite(), [&](Tx& tx) -> Result<void> {
        tx.onCommit([&] { ++ran; });
        return {};
    }));
    EXPECT_FALSE(db->write(ledgerWrite(), [&](Tx& tx) -> Result<void> {
        tx.onCommit([&] { ++ran; });
        return fail(conflict("test", "no"));
    }));
    EXPECT_EQ(ran, 1);
}

TEST_P(Store, AReaderSeesOneSnapshot) {
    auto& db = db_;
    EXPECT_TRUE(db->read([&](Tx& tx) -> Result<void> {
        std::int64_t before = -1, after = -1;
        TRY(tx.query("SELECT COUNT(*) FROM meta", {}, [&](const Row& row) { before = row.integer(0); }));
        TRY(db->write(ledgerWrite(), [](Tx& writer) { return insertMeta(writer, "new"); }));
        TRY(tx.query("SELECT COUNT(*) FROM meta", {}, [&](const Row& row) { after = row.integer(0); }));
        EXPECT_EQ(before, after);
        return {};
    }));
    EXPECT_EQ(count(*db, "SELECT COUNT(*) FROM meta"), 1);
}

TEST_P(Store, KeepsValuesAsTheyAreAndTellsEmptyFromAbsent) {
    const std::string text = "O'Brien \xe2\x98\x8e \"quoted\"";
    const Bytes bytes{0, 255, 10, 0};
    ASSERT_TRUE(db_->write(ledgerWrite(), [&](Tx& tx) -> Result<void> {
        TRY(store::insertMeta(tx, text, bytes));
        TRY(store::insertMeta(tx, "empty", Bytes{}));
        TRY(
            tx.execute("INSERT INTO holders (change, e164, from_ms, carrier_id, tenant_id, reference) VALUES ($1, $2, "
                       "$3, $4, $5, $6)",
                       {INT64_MAX, std::int64_t{-1}, std::int64_t{0}, std::optional<Id>(), Id{{7}},
                        std::optional<std::string>("")}));
        return {};
    }));
    EXPECT_TRUE(db_->read([&](Tx& tx) -> Result<void> {
        TRY_ASSIGN(const auto value, findMeta(tx, text));
        EXPECT_EQ(value, bytes);
        TRY_ASSIGN(const auto empty, findMeta(tx, "empty"));
        EXPECT_EQ(empty, Bytes{});
        std::size_t rows = 0;
        TRY(tx.query(
            "SELECT change, e164, carrier_id, tenant_id, reference FROM holders WHERE ($1 IS NULL OR carrier_id = $1)",
            {std::optional<Id>()}, [&](const Row& row) {
                ++rows;
                EXPECT_EQ(row.integer(0), INT64_MAX);
                EXPECT_EQ(row.integer(1), -1);
                EXPECT_TRUE(row.isNull(2));
                EXPECT_FALSE(row.optionalId(2));
                EXPECT_EQ(row.id(3), Id{{7}});
                EXPECT_EQ(row.optionalText(4), "");
            }));
        EXPECT_EQ(rows, 1u);
        return {};
    }));
}

TEST_P(Store, CopiesManyRowsIn) {
    constexpr std::size_t rows = 3'000;
    const Bytes large(70'000, 0xab), small{1, 2};  // values are borrowed until the rows are copied
    ASSERT_TRUE(db_->write(recordsWrite(5, rows), [&](Tx& tx) -> Result<void> {
        RowBatch batch{"key_pages", {"shard_key", "kind", "run", "page", "data"}, {}};
        for (std::size_t i = 0; i < rows; ++i)
            batch.rows.push_back({std::int64_t{5}, std::int64_t{1}, std::int64_t{1}, i, i == 7 ? large : small});
        TRY(tx.copyIn({"key_pages", {"shard_key"}, {}}));
        return tx.copyIn(batch);
    }));
    EXPECT_EQ(count(*db_, "SELECT COUNT(*) FROM key_pages"), static_cast<std::int64_t>(rows));
    EXPECT_EQ(count(*db_, "SELECT LENGTH(data) FROM key_pages WHERE page = 7"),
              static_cast<std::int64_t>(large.size()));
    const auto again = db_->write(recordsWrite(5, 1), [&](Tx& tx) {
        return tx.copyIn({"key_pages",
                          {"shard_key", "kind", "run", "page", "data"},
                          {{std::int64_t{5}, std::int64_t{1}, std::int64_t{1}, std::int64_t{7}, large}}});
    });
    EXPECT_FALSE(again) << "a key that is there already";
    EXPECT_EQ(count(*db_, "SELECT COUNT(*) FROM key_pages"), static_cast<std::int64_t>(rows));
}

TEST_P(Store, WorkOfOneShardKeyIsDoneInTheOrderInWhichItCame) {
    constexpr std::int64_t shards = 3, each = 40;
    std::vector<std::future<Result<void>>> results;
    for (std::int64_t i = 0; i < each; ++i)
        for (std::int64_t shard = 1; shard <= shards; ++shard)
            results.push_back(db_->submit(recordsWrite(shard, 300), [i, shard](Tx& tx) -> Result<void> {
                // The row that comes next must be the one that was sent next.
                std::int64_t next = -1;
                TRY(tx.query("SELECT COUNT(*) FROM key_pages WHERE shard_key = $1", {shard},
                             [&](const Row& row) { next = row.integer(0); }));
                if (next != i) return fail(conflict("test", "out of order"));
                TRY(tx.execute("INSERT INTO key_pages (shard_key, kind, run, page, data) VALUES ($1, 0, 0, $2, $3)",
                               {shard, i, Bytes{1}}));
                return {};
            }));
    for (auto& result : results) {
        const auto done = result.get();
        EXPECT_TRUE(done) << done.error().message << done.error().internal;
    }
    EXPECT_EQ(count(*db_, "SELECT COUNT(*) FROM key_pages"), shards * each);
}

TEST_P(Store, AnnouncementsAreHeardForWhatWasKept) {
    std::mutex mutex;
    std::condition_variable heardOne;
    std::multiset<std::string> heard;
    db_->listen([&](std::string_view topic) {
        const std::lock_guard lock(mutex);
        heard.emplace(topic);
        heardOne.notify_all();
    });
    EXPECT_FALSE(db_->write(ledgerWrite(), [](Tx& tx) -> Result<void> {
        tx.announce("lost");
        return fail(conflict("test", "no"));
    }));
    EXPECT_TRUE(db_->write(ledgerWrite(), [](Tx& tx) -> Result<void> {
        tx.announce("1/2");
        return {};
    }));
    std::unique_lock lock(mutex);
    EXPECT_TRUE(heardOne.wait_for(lock, std::chrono::seconds(20), [&] { return heard.contains("1/2"); }));
    EXPECT_FALSE(heard.contains("lost"));
    lock.unlock();
    db_.reset();  // before what the listener uses
}

TEST_P(Store, WhatWasAcknowledgedIsThereWhenItIsOpenedAgain) {
    for (int i = 0; i < 20; ++i)
        ASSERT_TRUE(db_->write(ledgerWrite(), [i](Tx& tx) { return insertMeta(tx, "row" + std::to_string(i)); }));
    db_.reset();
    db_ = open();
    EXPECT_EQ(count(*db_, "SELECT COUNT(*) FROM meta"), 20);
}

TEST_P(Store, AFullQueueSaysSoAndLosesNothing) {
    SqliteLimits sqlite;
    sqlite.queuedWrites = 4;  // of which one shard key gets half
    PostgresLimits postgres;
    postgres.queuedWrites = 4;
    postgres.writeConnections = 1;
    db_.reset();
    db_ = open(sqlite, postgres);
    std::promise<void> gate;
    std::shared_future<void> opened(gate.get_future());
    std::promise<void> entered;
    auto running = db_->submit(recordsWrite(1, 1), [&, first = true](Tx&) mutable -> Result<void> {
        if (std::exchange(first, false)) entered.set_value();
        opened.wait();
        return {};
    });
    entered.get_future().wait();  // the writer is at work; from here on everything waits
    std::vector<std::future<Result<void>>> waiting;
    for (int i = 0; i < 5; ++i)
        waiting.push_back(db_->submit(recordsWrite(1, 1), [i](Tx& tx) { return insertMeta(tx, std::to_string(i)); }));
    gate.set_value();
    int done = 0, refused = 0;
    for (auto& future : waiting) {
        const auto result = future.get();
        done += result.has_value();
        refused += !result && result.error().code == "overloaded";
    }
    EXPECT_EQ(done, 2);
    EXPECT_EQ(refused, 3);
    EXPECT_TRUE(running.get());
    EXPECT_EQ(count(*db_, "SELECT COUNT(*) FROM meta"), 2);
}

TEST_P(Store, AReaderThatWaitsTooLongIsToldSo) {
    SqliteLimits sqlite;
    sqlite.readConnections = 1;
    sqlite.readWait = milliseconds(1);
    PostgresLimits postgres;
    postgres.readConnections = 1;
    postgres.readWait = milliseconds(1);
    db_.reset();
    db_ = open(sqlite, postgres);
    ASSERT_TRUE(db_->read([&](Tx&) -> Result<void> {
        const auto second = db_->read([](Tx&) -> Result<void> { return {}; });
        EXPECT_EQ(second ? "" : second.error().code, "overloaded");
        return {};
    }));
    EXPECT_EQ(count(*db_, "SELECT COUNT(*) FROM meta"), 0) << "it is free again";
}

}  // namespace
}  // namespace meetpoint::store
