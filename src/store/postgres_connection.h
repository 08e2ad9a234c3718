// One connection to PostgreSQL with its prepared statements, and the transactions on it. Binary both ways: int8, text
// and bytea are all the types that the schema has. Not shared between threads at once.
#pragma once

#include <unordered_map>

#include <libpq-fe.h>

#include "store/db.h"

namespace meetpoint::store {

struct PostgresSettings {
    std::string address;  // postgresql://… (RFC 3986) or key=value pairs, as libpq reads them
    Duration connectTimeout = seconds(5);
    Duration statementTimeout = minutes(5);  // of one statement; the server ends it
    Duration lockTimeout = seconds(30);      // of waiting for one lock
};

class PostgresConnection {
public:
    // Codes "storage-unreachable" and, for an address that libpq cannot read, "bad-database-address".
    static Result<std::unique_ptr<PostgresConnection>> open(const PostgresSettings& settings);
    ~PostgresConnection();
    PostgresConnection(const PostgresConnection&) = delete;
    PostgresConnection& operator=(const PostgresConnection&) = delete;

    // Each of these first learns how what was sent earlier ended (flush).
    Result<std::int64_t> execute(std::string_view sql, std::span<const Value> parameters);
    // Rows are handed out as they come from the server, one at a time.
    Result<void> query(std::string_view sql, std::span<const Value> parameters, const RowFunction& row);
    // A few rows go with executeLater(), more by COPY BINARY.
    Result<void> copyIn(const RowBatch& batch);
    // Statements without parameters, several if they are separated by semicolons; answers are dropped.
    Result<void> script(const std::string& sql);
    // Sends the statement without waiting for its answer (libpq's pipeline mode).
    Result<void> executeLater(std::string_view sql, std::span<const Value> parameters);
    // Waits for the answers to what was sent; the first error among them.
    Result<void> flush();

    // False once the server or the way to it is gone; such a connection is of no more use.
    bool isAlive() const { return !lost_ && PQstatus(handle_) == CONNECTION_OK; }
    PGconn* handle() const { return handle_; }

private:
    explicit PostgresConnection(PGconn* handle) : handle_(handle) {}
    Result<std::string> prepare(std::string_view sql, std::span<const Value> parameters);
    Result<void> insertLater(const RowBatch& batch);
    Result<void> copyMany(const RowBatch& batch);
    Result<void> readyToSend();
    Error cannotSend(std::string_view sql);
    Error errorOf(const PGresult* result, std::string_view sql) const;

    PGconn* handle_;
    bool lost_ = false;              // libpq could not send, which it may not yet say of the connection itself
    std::vector<std::string> sent_;  // statements whose answers were not read yet, for the log
    std::unordered_map<std::string, std::string> statements_;  // SQL and types of parameters → name at the server
};

// Whether a transaction that failed so may be run again at once: nothing of it was kept, and the next try may succeed.
bool mayRunAgain(const Error& error);
// Whether the server was lost, so that nobody here knows how the last statement ended.
bool isLostConnection(const Error& error);

class PostgresTx final : public Tx {
public:
    explicit PostgresTx(PostgresConnection& connection) : connection_(connection) {}
    using Tx::execute;
    using Tx::executeLater;
    using Tx::query;
    Result<std::int64_t> execute(std::string_view sql, std::span<const Value> parameters) override {
        return connection_.execute(sql, parameters);
    }
    Result<void> executeLater(std::string_view sql, std::span<const Value> parameters) override {
        return connection_.executeLater(sql, parameters);
    }
    Result<void> query(std::string_view sql, std::span<const Value> parameters, const RowFunction& row) override {
        return connection_.query(sql, parameters, row);
    }
    Result<void> copyIn(const RowBatch& batch) override { return connection_.copyIn(batch); }
    void onCommit(std::function<void()> action) override { after_.actions.push_back(std::move(action)); }
    void announce(std::string topic) override { after_.topics.push_back(std::move(topic)); }

    // What is to be done once the transaction is durable.
    struct After {
        std::vector<std::function<void()>> actions;
        std::vector<std::string> topics;
        void append(After other);
    };
    After takeAfter() { return std::exchange(after_, {}); }

private:
    PostgresConnection& connection_;
    After after_;
};

}  // namespace meetpoint::store
