// One SQLite connection with its prepared statements, and the transactions on it. Not shared between threads at once.
#pragma once

#include <atomic>
#include <filesystem>
#include <unordered_map>
#include <vector>

#include <sqlite3.h>

#include "store/db.h"

namespace meetpoint::store {

struct ConnectionSettings {
    std::size_t cacheKilobytes = 8'192;
    int busyTimeoutMs = 5'000;
    bool readOnly = false;
};

class SqliteConnection {
public:
    static Result<std::unique_ptr<SqliteConnection>> open(const std::filesystem::path& file,
                                                          const ConnectionSettings& settings);
    ~SqliteConnection();
    SqliteConnection(const SqliteConnection&) = delete;
    SqliteConnection& operator=(const SqliteConnection&) = delete;

    Result<std::int64_t> execute(std::string_view sql, std::span<const Value> parameters);
    Result<void> query(std::string_view sql, std::span<const Value> parameters, const RowFunction& row);
    Result<void> insertRows(const RowBatch& batch);
    // Several statements without parameters.
    Result<void> script(const std::string& sql);
    // Folds the WAL into the file without waiting for anybody.
    void checkpointPassive();
    // From now on `pages` says after each commit of this connection how many pages the WAL holds. It must outlive the
    // connection.
    void watchWal(std::atomic<int>& pages);

private:
    explicit SqliteConnection(sqlite3* handle) : handle_(handle) {}
    Result<sqlite3_stmt*> prepare(std::string_view sql);
    Result<sqlite3_stmt*> bound(std::string_view sql, std::span<const Value> parameters);
    Error errorOf(int code, std::string_view sql) const;
    // So many more bytes lie in the WAL: lets the disk begin with them, so that the end of a long transaction has less
    // to wait for.
    void noteWritten(std::size_t bytes);

    sqlite3* handle_;
    std::size_t notBegun_ = 0;
    std::unordered_map<std::string, sqlite3_stmt*> statements_;
};

class SqliteTx final : public Tx {
public:
    SqliteTx(SqliteConnection& connection, const Listener& listener) : connection_(connection), listener_(listener) {}
    using Tx::execute;
    using Tx::executeLater;
    using Tx::query;
    Result<std::int64_t> execute(std::string_view sql, std::span<const Value> parameters) override {
        return connection_.execute(sql, parameters);
    }
    Result<void> executeLater(std::string_view sql, std::span<const Value> parameters) override {
        TRY(connection_.execute(sql, parameters));
        return {};
    }
    Result<void> query(std::string_view sql, std::span<const Value> parameters, const RowFunction& row) override {
        return connection_.query(sql, parameters, row);
    }
    Result<void> copyIn(const RowBatch& batch) override { return connection_.insertRows(batch); }
    void onCommit(std::function<void()> action) override { actions_.push_back(std::move(action)); }
    void announce(std::string topic) override {
        if (listener_) onCommit([listener = &listener_, topic = std::move(topic)] { (*listener)(topic); });
    }
    std::vector<std::function<void()>> takeActions() { return std::exchange(actions_, {}); }

private:
    SqliteConnection& connection_;
    const Listener& listener_;
    std::vector<std::function<void()>> actions_;
};

}  // namespace meetpoint::store
