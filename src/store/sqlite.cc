#include "store/sqlite.h"

#include <condition_variable>
#include <mutex>
#include <thread>

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include "store/reader_pool.h"
#include "store/sqlite_connection.h"
#include "store/write_queue.h"

namespace meetpoint::store {
namespace {

namespace fs = std::filesystem;

// Held for the life of the store; the kernel gives it back however the process ends.
class FolderLock {
public:
    static Result<FolderLock> take(const fs::path& folder) {
        const fs::path file = folder / "lock";
        const int descriptor = ::open(file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
        if (descriptor < 0)
            return fail(Error{ErrorKind::unavailable,
                              "data-folder-unusable",
                              "The data folder " + folder.string() + " cannot be written (" + std::strerror(errno) +
                                  "). Check that it exists and that this user may write in it.",
                              {},
                              {},
                              0});
        if (::flock(descriptor, LOCK_EX | LOCK_NB) != 0) {
            ::close(descriptor);
            return fail(conflict("data-folder-in-use",
                                 "The data folder " + folder.string() +
                                     " is in use by another meetpoint. Stop that one, or name another folder."));
        }
        return FolderLock(descriptor);
    }
    FolderLock(FolderLock&& other) noexcept : descriptor_(std::exchange(other.descriptor_, -1)) {}
    FolderLock& operator=(FolderLock&&) = delete;
    ~FolderLock() {
        if (descriptor_ >= 0) ::close(descriptor_);
    }

private:
    explicit FolderLock(int descriptor) : descriptor_(descriptor) {}
    int descriptor_;
};

class SqliteDb final : public Db {
public:
    SqliteDb(FolderLock lock, fs::path file, const SqliteLimits& limits, std::unique_ptr<SqliteConnection> writer,
             Log log)
        : lock_(std::move(lock)),
          file_(std::move(file)),
          limits_(limits),
          log_(std::move(log)),
          queue_(limits.queuedWrites, Sharing::everything),
          readers_(limits.readConnections, limits.readWait,
                   [this] { return SqliteConnection::open(file_, readerSettings(limits_)); }),
          writer_(watched(std::move(writer), walPages_)),
          writerThread_([this] { writeLoop(); }),
          checkpointThread_([this] { checkpointLoop(); }) {}

    ~SqliteDb() override {
        queue_.close();
        writerThread_.join();
        {
            std::lock_guard lock(checkpointMutex_);
            stopping_ = true;
        }
        checkpointWanted_.notify_all();
        checkpointThread_.join();
    }

    std::future<Result<void>> submit(const WriteScope& scope, TxFunction function) override {
        if (failed_) return answered(storageFailed());
        return queue_.push(scope, std::move(function));
    }

    Result<void> read(const TxFunction& work) override {
        TRY_ASSIGN(auto connection, readers_.borrow());
        SqliteTx tx(*connection, listener_);
        Result<void> result = connection->script("BEGIN");
        if (result) {
            result = work(tx);
            const auto ended = connection->script("COMMIT");
            if (result && !ended) result = fail(ended.error());
        }
        readers_.giveBack(std::move(connection));
        return result;
    }

    bool isHealthy() const override { return !failed_; }
    void listen(Listener listener) override { listener_ = std::move(listener); }
    bool isShared() const override { return false; }

private:
    static Error storageFailed() {
        return {ErrorKind::unavailable,
                "storage-failed",
                "The exchange's disk failed. Nothing more is accepted until it is repaired and the exchange restarted.",
                {},
                {},
                0};
    }

    void writeLoop() {
        while (true) {
            std::vector<Work> group = queue_.take(limits_.rowsPerCommit);
            if (group.empty()) return;
            commitGroup(group);
            if (walPages_ >= pagesThatWait) writer_->checkpointPassive();
            {
                std::lock_guard lock(checkpointMutex_);
                hasCommitted_ = true;
            }
            checkpointWanted_.notify_one();
        }
    }

    // Each piece of work in its own savepoint, all in one commit.
    void commitGroup(std::vector<Work>& group) {
        SqliteTx tx(*writer_, listener_);
        std::vector<Result<void>> results;
        Result<void> whole = failed_ ? fail(storageFailed()) : writer_->script("BEGIN IMMEDIATE");
        for (std::size_t i = 0; whole && i < group.size(); ++i)
            results.push_back(runInSavepoint(tx, group[i], whole));
        if (whole) whole = writer_->script("COMMIT");
        if (!whole) {
            (void)writer_->script(
                "ROLLBACK");  // fails where SQLite has already rolled back; either way nothing is kept
            stopAfter(whole.error());
            tx.takeActions();
        }
        for (auto& action : tx.takeActions())
            action();
        for (std::size_t i = 0; i < group.size(); ++i)
            group[i].promise.set_value(whole ? std::move(results[i]) : fail(whole.error()));
    }

    Result<void> runInSavepoint(SqliteTx& tx, Work& work, Result<void>& whole) {
        whole = writer_->script("SAVEPOINT work");
        if (!whole) return {};
        auto kept = tx.takeActions();
        Result<void> result = work.function(tx);
        auto added = tx.takeActions();
        for (auto& action : kept)
            tx.onCommit(std::move(action));
        if (result) {
            for (auto& action : added)
                tx.onCommit(std::move(action));
            whole = writer_->script("RELEASE work");
        } else if (isOfTheDisk(result.error())) {
            whole = result;  // SQLite may have rolled everything back by itself
        } else {
            whole = writer_->script("ROLLBACK TO work; RELEASE work");
        }
        return result;
    }

    static bool isOfTheDisk(const Error& error) {
        return error.code == "storage-full" || error.code == "storage-failed";
    }

    // After a failed write or sync nobody knows what the disk holds: carry on only where SQLite says the disk is merely
    // full.
    void stopAfter(const Error& error) {
        log_->error("commit failed: {} {}", error.code, error.internal);
        if (error.code != "storage-full" && error.code != "storage-busy") failed_ = true;
    }

    void checkpointLoop() {
        auto connection = SqliteConnection::open(file_, readerSettings(limits_));
        std::unique_lock lock(checkpointMutex_);
        while (!stopping_) {
            checkpointWanted_.wait(lock, [this] { return stopping_ || hasCommitted_; });
            hasCommitted_ = false;
            if (!connection || stopping_) continue;
            lock.unlock();
            if (static_cast<std::size_t>(walPages_) >= limits_.walCheckpointPages) (*connection)->checkpointPassive();
            shrinkWhereWorthIt(**connection);
            lock.lock();
        }
    }

    // What merging and dropping leave free is used again by what comes; where it is much, the disk gets it back. Each
    // step is a commit, after which the next is looked for.
    void shrinkWhereWorthIt(SqliteConnection& connection) {
        std::size_t pages = 0, free = 0;
        const auto count = [&](const char* pragma, std::size_t& into) {
            return connection.query(pragma, {},
                                    [&](const Row& row) { into = static_cast<std::size_t>(row.integer(0)); });
        };
        if (!count("PRAGMA page_count", pages) || !count("PRAGMA freelist_count", free)) return;
        const std::size_t kept = std::max(limits_.freePagesKept, pages / 10);
        if (free <= kept || failed_) return;
        const std::string step =
            "PRAGMA incremental_vacuum(" + std::to_string(std::min(free - kept, limits_.freePagesPerStep)) + ")";
        // What becomes of it shows at the next look; a full queue has more important things to do.
        (void)queue_.push(upkeepWrite(0, limits_.rowsPerCommit),
                          [step](Tx& tx) { return tx.query(step, {}, [](const Row&) {}); });
    }

    static std::unique_ptr<SqliteConnection> watched(std::unique_ptr<SqliteConnection> writer,
                                                     std::atomic<int>& walPages) {
        writer->watchWal(walPages);
        return writer;
    }

    static ConnectionSettings readerSettings(const SqliteLimits& limits) {
        ConnectionSettings settings;
        settings.busyTimeoutMs = limits.busyTimeoutMs;
        return settings;
    }

    // Pages in the WAL from which on writers wait for it to be folded in: the checkpoint thread does not keep up.
    static constexpr int pagesThatWait = 16'000;

    FolderLock lock_;
    fs::path file_;
    SqliteLimits limits_;
    Log log_;
    Listener listener_;
    WriteQueue queue_;
    std::atomic<bool> failed_ = false;

    ReaderPool<SqliteConnection> readers_;

    std::mutex checkpointMutex_;
    std::condition_variable checkpointWanted_;
    bool stopping_ = false;
    bool hasCommitted_ = false;  // since the last look

    std::atomic<int> walPages_ = 0;
    std::unique_ptr<SqliteConnection> writer_;
    std::thread writerThread_;  // after everything that it uses
    std::thread checkpointThread_;
};

// Set once, before the first table; they cannot be changed later without rewriting the file.
constexpr const char* newFilePragmas =
    "PRAGMA page_size=16384; PRAGMA auto_vacuum=INCREMENTAL; PRAGMA journal_mode=WAL;";
// The checkpoint thread folds the WAL in; the automatic checkpoint is a far limit in case it cannot keep up.
constexpr const char* writerPragmas = "PRAGMA synchronous=FULL; PRAGMA secure_delete=ON; PRAGMA foreign_keys=ON;";

}  // namespace

Result<std::unique_ptr<Db>> openSqlite(const fs::path& folder, const SqliteLimits& limits, const Clock& clock, Log log,
                                       KnownSteps known) {
    std::error_code error;
    const bool made = fs::create_directories(folder, error);
    if (error || !fs::is_directory(folder))
        return fail(
            Error{ErrorKind::unavailable,
                  "data-folder-unusable",
                  "The data folder " + folder.string() + " cannot be made or is no folder. Name another with --data.",
                  error.message(),
                  {},
                  0});
    if (made) fs::permissions(folder, fs::perms::owner_all, error);
    TRY_ASSIGN(FolderLock lock, FolderLock::take(folder));
    const fs::path file = folder / "meetpoint.sqlite";
    const bool isNew = !fs::exists(file);
    ConnectionSettings settings;
    settings.cacheKilobytes = limits.cacheKilobytes;
    settings.busyTimeoutMs = limits.busyTimeoutMs;
    TRY_ASSIGN(auto writer, SqliteConnection::open(file, settings));
    if (isNew) TRY(writer->script(newFilePragmas));
    TRY(writer->script(writerPragmas));
    TRY(migrate(*writer, clock.now(), known));
    return std::make_unique<SqliteDb>(std::move(lock), file, limits, std::move(writer), std::move(log));
}

}  // namespace meetpoint::store
