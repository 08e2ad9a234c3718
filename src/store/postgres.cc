#include "store/postgres.h"

#include <condition_variable>
#include <mutex>
#include <thread>

#include "base/id.h"
#include "store/postgres_bell.h"
#include "store/postgres_connection.h"
#include "store/reader_pool.h"
#include "store/write_queue.h"

namespace meetpoint::store {
namespace {

using Connection = std::unique_ptr<PostgresConnection>;

// How a try to commit a group ended.
struct Committed {
    std::vector<Result<void>> results;  // of each piece of work
    PostgresTx::After after;
};

// One thread that commits: a connection, and marks in the database by which an unclear commit is settled.
class Writer {
public:
    Writer(const PostgresSettings& settings, const Id& name) : settings_(settings), name_(name) {}

    // Runs the group in one transaction and commits it. After an error nothing of it is kept, unless the error is
    // "storage-unreachable" and `unclear()` says that nobody knows.
    Result<Committed> commit(std::vector<Work>& group) {
        unclear_ = false;
        TRY(connect());
        PostgresTx tx(*connection_);
        auto done = run(tx, group);
        if (done) {
            // From here on a lost connection leaves it open whether the server has committed.
            unclear_ = true;
            const auto committed = connection_->script("COMMIT");
            unclear_ = !committed && isLostConnection(committed.error());
            if (committed) return done;
            if (unclear_) {
                kept_ = std::move(*done);
                return fail(committed.error());
            }
            done = fail(committed.error());
        }
        // What was sent and not answered has failed with the rest; a server that is gone has rolled back by itself.
        if (connection_->isAlive()) {
            (void)connection_->flush();
            (void)connection_->script("ROLLBACK");
        }
        return done;
    }

    bool unclear() const { return unclear_; }

    // Settles an unclear commit: what the group gave, if it was committed; nothing, if not.
    Result<std::optional<Committed>> settle(const std::vector<Work>& group) {
        TRY(connect());
        std::int64_t found = -1;
        // Waits for the lost transaction, should the server still be at it: both write the same row.
        const auto asked = isLane(group)
                               ? connection_->query(
                                     "INSERT INTO lane_marks (shard_key, writer, mark) VALUES ($1, $2, 0) ON CONFLICT "
                                     "(shard_key, writer) "
                                     "DO UPDATE SET mark = lane_marks.mark RETURNING mark",
                                     std::array{Value(*group.front().scope.shardKey), Value(name_)},
                                     [&](const Row& row) { found = row.integer(0); })
                               : connection_->query(
                                     "INSERT INTO ledger_marks (writer, mark) VALUES ($1, 0) ON CONFLICT (writer) "
                                     "DO UPDATE SET mark = ledger_marks.mark RETURNING mark",
                                     std::array{Value(name_)}, [&](const Row& row) { found = row.integer(0); });
        TRY(asked);
        unclear_ = false;
        if (found != mark_) return std::nullopt;
        return std::move(kept_);
    }

private:
    static bool isLane(const std::vector<Work>& group) { return group.front().scope.shardKey.has_value(); }

    Result<void> connect() {
        if (connection_ && connection_->isAlive()) return {};
        TRY_ASSIGN(connection_, PostgresConnection::open(settings_));
        return {};
    }

    Result<Committed> run(PostgresTx& tx, std::vector<Work>& group) {
        TRY(connection_->executeLater("BEGIN", {}));
        TRY(leaveMark(tx, group));
        Committed done;
        for (Work& work : group) {
            // Alone it needs no savepoint: if it fails, all of it is undone.
            if (group.size() > 1) TRY(connection_->script("SAVEPOINT work"));
            Result<void> result = work.function(tx);
            if (const auto flushed = connection_->flush(); result && !flushed) result = fail(flushed.error());
            auto after = tx.takeAfter();
            if (result) {
                done.after.append(std::move(after));
                if (group.size() > 1) TRY(connection_->script("RELEASE SAVEPOINT work"));
            } else {
                // What others or the server are to blame for ends the transaction, to be tried again; so does the
                // failure of work that is alone.
                if (mayRunAgain(result.error()) || !connection_->isAlive() || group.size() == 1)
                    return fail(std::move(result).error());
                TRY(connection_->script("ROLLBACK TO SAVEPOINT work"));
            }
            done.results.push_back(std::move(result));
        }
        return done;
    }

    Result<void> leaveMark(PostgresTx& tx, const std::vector<Work>& group) {
        ++mark_;
        if (isLane(group)) {
            TRY(tx.executeLater(
                "INSERT INTO lane_marks (shard_key, writer, mark) VALUES ($1, $2, $3) ON CONFLICT (shard_key, writer) "
                "DO UPDATE SET mark = excluded.mark",
                {*group.front().scope.shardKey, name_, mark_}));
        } else {
            TRY(tx.executeLater(
                "INSERT INTO ledger_marks (writer, mark) VALUES ($1, $2) ON CONFLICT (writer) DO UPDATE SET "
                "mark = excluded.mark",
                {name_, mark_}));
        }
        return {};
    }

    PostgresSettings settings_;
    Id name_;
    Connection connection_;
    std::int64_t mark_ = 0;
    bool unclear_ = false;
    std::optional<Committed> kept_;
};

class PostgresDb final : public Db {
public:
    PostgresDb(const PostgresSettings& settings, const PostgresLimits& limits, Random& random, const Clock& clock,
               Log log)
        : limits_(limits),
          log_(std::move(log)),
          queue_(limits.queuedWrites, Sharing::sameShardKey),
          readers_(limits.readConnections, limits.readWait, [settings] { return PostgresConnection::open(settings); }),
          bell_(settings, limits.retryPause, log_) {
        for (std::size_t i = 0; i < limits.writeConnections; ++i)
            threads_.emplace_back(
                [this, writer = std::make_unique<Writer>(settings, makeId(clock, random))] { writeLoop(*writer); });
    }

    ~PostgresDb() override {
        queue_.close();
        {
            const std::lock_guard lock(stopMutex_);
            stopping_ = true;
        }
        stopped_.notify_all();
        for (std::thread& thread : threads_)
            thread.join();
    }

    std::future<Result<void>> submit(const WriteScope& scope, TxFunction function) override {
        if (failed_) return answered(storageFailed());
        return queue_.push(scope, std::move(function));
    }

    Result<void> read(const TxFunction& work) override {
        TRY_ASSIGN(Connection connection, readyReader());
        PostgresTx tx(*connection);
        Result<void> result = work(tx);
        const auto ended = connection->script("COMMIT");
        if (result && !ended) result = fail(ended.error());
        giveBack(std::move(connection));
        return result;
    }

    bool isHealthy() const override { return !failed_ && !away_; }
    void listen(Listener listener) override { bell_.listen(std::move(listener)); }
    bool isShared() const override { return true; }

private:
    static Error storageFailed() {
        return {ErrorKind::unavailable,
                "storage-failed",
                "The database's disk failed. Nothing more is accepted until it is repaired and the exchange restarted.",
                {},
                {},
                0};
    }

    // A reader inside its transaction. A connection that died while it was idle is replaced, as often as there may be
    // dead ones.
    Result<Connection> readyReader() {
        for (std::size_t tries = 0;; ++tries) {
            TRY_ASSIGN(Connection connection, readers_.borrow());
            const auto begun = connection->script("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY");
            if (begun) return connection;
            giveBack(std::move(connection));
            if (!isLostConnection(begun.error()) || tries >= limits_.readConnections) return fail(begun.error());
        }
    }

    void giveBack(Connection connection) {
        if (!connection->isAlive()) connection = nullptr;
        readers_.giveBack(std::move(connection));
    }

    void writeLoop(Writer& writer) {
        while (true) {
            std::vector<Work> group = queue_.take(limits_.rowsPerCommit);
            if (group.empty()) return;
            auto done = commit(writer, group);
            if (done) {
                for (auto& action : done->after.actions)
                    action();
                for (std::string& topic : done->after.topics)
                    bell_.ring(std::move(topic));
            }
            for (std::size_t i = 0; i < group.size(); ++i)
                group[i].promise.set_value(done ? std::move(done->results[i]) : fail(done.error()));
            queue_.done(group);
        }
    }

    // Tries until the group is committed, or fails by itself, or the server has been away for too long.
    Result<Committed> commit(Writer& writer, std::vector<Work>& group) {
        int tries = 0;
        std::int64_t waitedMs = 0;
        while (true) {
            auto done = writer.commit(group);
            while (!done && writer.unclear()) {
                auto settled = writer.settle(group);
                if (settled && *settled) done = std::move(**settled);
                if (settled || !waitForServer(waitedMs)) break;
            }
            away_ = !done && isLostConnection(done.error());
            if (done || !mayRunAgain(done.error())) {
                if (!done) stopAfter(done.error());
                return done;
            }
            const bool again =
                isLostConnection(done.error()) ? waitForServer(waitedMs) : ++tries < limits_.contendedTries;
            if (again) continue;
            log_->error("commit given up: {}", done.error().internal);
            return done;
        }
    }

    // False once the server has been away for limits_.retryFor, or the store stops.
    bool waitForServer(std::int64_t& waitedMs) {
        if (waitedMs >= limits_.retryFor.ms) return false;
        waitedMs += limits_.retryPause.ms;
        std::unique_lock lock(stopMutex_);
        return !stopped_.wait_for(lock, std::chrono::milliseconds(limits_.retryPause.ms), [&] { return stopping_; });
    }

    void stopAfter(const Error& error) {
        if (error.code != "storage-failed") return;
        log_->error("commit failed: {} {}", error.code, error.internal);
        failed_ = true;
    }

    PostgresLimits limits_;
    Log log_;
    WriteQueue queue_;
    ReaderPool<PostgresConnection> readers_;
    PostgresBell bell_;
    std::atomic<bool> failed_ = false;
    std::atomic<bool> away_ = false;
    std::mutex stopMutex_;
    std::condition_variable stopped_;
    bool stopping_ = false;
    std::vector<std::thread> threads_;  // after everything that they use
};

}  // namespace

Result<std::unique_ptr<Db>> openPostgres(const std::string& address, const PostgresLimits& limits, const Clock& clock,
                                         Random& random, Log log, KnownSteps known) {
    const PostgresSettings settings{address, limits.connectTimeout, limits.statementTimeout, limits.lockTimeout};
    TRY_ASSIGN(const Connection connection, PostgresConnection::open(settings));
    TRY(migrate(*connection, clock.now(), known));
    return std::make_unique<PostgresDb>(settings, limits, random, clock, std::move(log));
}

}  // namespace meetpoint::store
