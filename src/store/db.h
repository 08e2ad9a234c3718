// The seam between the exchange and its database. Two implementations stand behind it; nothing above `store` knows
// which. Statements are SQL that both accept, with parameters $1, $2, …
#pragma once

#include <cstdint>
#include <functional>
#include <future>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/bytes.h"
#include "base/id.h"
#include "base/result.h"
#include "base/time.h"

namespace meetpoint::store {

// A parameter. Text and bytes are borrowed for the length of the call. An absent value keeps its type, which PostgreSQL
// wants to know.
class Value {
public:
    enum class Type : std::uint8_t { integer, text, bytes };

    Value(std::int64_t value) : type_(Type::integer), value_(value) {}
    Value(int value) : Value(static_cast<std::int64_t>(value)) {}
    Value(std::size_t value) : Value(static_cast<std::int64_t>(value)) {}
    Value(std::string_view text) : type_(Type::text), value_(text) {}
    Value(const std::string& text) : Value(std::string_view(text)) {}
    Value(const char* text) : Value(std::string_view(text)) {}
    Value(ByteView bytes) : type_(Type::bytes), value_(bytes) {}
    Value(const Bytes& bytes) : Value(ByteView(bytes)) {}
    Value(const Id& id) : Value(id.view()) {}
    Value(Instant at) : Value(at.ms) {}
    template <class T>
    Value(const std::optional<T>& value) : Value(value ? Value(*value) : absent(Value(T{}).type_)) {}
    static Value absent(Type type) { return Value(type); }

    using Variant = std::variant<std::monostate, std::int64_t, std::string_view, ByteView>;
    const Variant& variant() const { return value_; }
    Type type() const { return type_; }

private:
    explicit Value(Type type) : type_(type) {}
    Type type_;
    Variant value_;
};

// One row of an answer, valid inside the callback that it is given to. Columns count from 0; a null reads as 0 or
// empty.
class Row {
public:
    virtual ~Row() = default;
    virtual bool isNull(int column) const = 0;
    virtual std::int64_t integer(int column) const = 0;
    virtual std::string_view text(int column) const = 0;
    virtual ByteView bytes(int column) const = 0;

    Id id(int column) const { return idFromBytes(bytes(column)); }
    Instant instant(int column) const { return {integer(column)}; }
    std::optional<Id> optionalId(int column) const { return isNull(column) ? std::nullopt : std::optional(id(column)); }
    std::optional<Instant> optionalInstant(int column) const {
        return isNull(column) ? std::nullopt : std::optional(instant(column));
    }
    std::optional<std::string> optionalText(int column) const {
        return isNull(column) ? std::nullopt : std::optional<std::string>(text(column));
    }
};

using RowFunction = std::function<void(const Row&)>;

// Rows for Tx::copyIn: one table, its columns by name, and a value a column in every row.
struct RowBatch {
    std::string_view table;
    std::vector<std::string_view> columns;
    std::vector<std::vector<Value>> rows;
};

// An open transaction; one thread at a time.
class Tx {
public:
    virtual ~Tx() = default;
    // Gives the number of rows changed.
    virtual Result<std::int64_t> execute(std::string_view sql, std::span<const Value> parameters) = 0;
    Result<std::int64_t> execute(std::string_view sql, std::initializer_list<Value> parameters = {}) {
        return execute(sql, std::span(parameters.begin(), parameters.size()));
    }
    // As execute, where nobody needs the count: may be sent together with what follows. An error of it is the error of
    // whichever call comes next, or of the commit.
    virtual Result<void> executeLater(std::string_view sql, std::span<const Value> parameters) = 0;
    Result<void> executeLater(std::string_view sql, std::initializer_list<Value> parameters) {
        return executeLater(sql, std::span(parameters.begin(), parameters.size()));
    }
    // Calls `row` for each row of the answer. `row` must not use the transaction.
    virtual Result<void> query(std::string_view sql, std::span<const Value> parameters, const RowFunction& row) = 0;
    Result<void> query(std::string_view sql, std::initializer_list<Value> parameters, const RowFunction& row) {
        return query(sql, std::span(parameters.begin(), parameters.size()), row);
    }
    // Inserts rows that are not there yet, the way that the store does it fastest. On PostgreSQL: a few rows as
    // executeLater() would, many by COPY BINARY.
    virtual Result<void> copyIn(const RowBatch& batch) = 0;
    // Called once the transaction is durable, on the thread that committed it, before its writer is answered.
    virtual void onCommit(std::function<void()> action) = 0;
    // Once the transaction is durable, tells the listeners of every node that there is something new under `topic`,
    // which has at most 64 bytes.
    virtual void announce(std::string topic) = 0;
};

using TxFunction = std::function<Result<void>(Tx&)>;

// What goes first when several wait: changes of the ledger before blocks of records, upkeep last.
enum class WritePriority { ledger, records, upkeep };

// What a piece of work writes. Work of one shard key may share a transaction; on a cluster none with two shard keys
// does.
struct WriteScope {
    WritePriority priority = WritePriority::ledger;
    std::optional<std::int64_t>
        shardKey;          // of the lane it appends to; none: rows of the ledger, and perhaps a few of one lane
    std::size_t rows = 1;  // about how many
};
inline WriteScope ledgerWrite(std::size_t rows = 1) {
    return {WritePriority::ledger, std::nullopt, rows};
}
inline WriteScope recordsWrite(std::int64_t shardKey, std::size_t rows) {
    return {WritePriority::records, shardKey, rows};
}
inline WriteScope upkeepWrite(std::int64_t shardKey, std::size_t rows) {
    return {WritePriority::upkeep, shardKey, rows};
}

// Called with a topic that was announced on this node or another; "" when announcements may have been missed. Must be
// quick.
using Listener = std::function<void(std::string_view topic)>;

class Db {
public:
    virtual ~Db() = default;

    // Runs `work` in a write transaction and gives its result once it is durable. Several pieces of work may share one
    // commit; one that fails leaves no trace. May run `work` again after a failed attempt, so `work` must not change
    // anything but the database and its own captures. Codes of its own: "storage-full", "storage-failed" (nothing more
    // is accepted until a restart), "storage-busy", "storage-unreachable" (the database server; what was asked may have
    // been done: ask again), "overloaded" (the queue's limit is reached), "stopping".
    virtual std::future<Result<void>> submit(const WriteScope& scope, TxFunction work) = 0;
    // Runs `work` on the calling thread against one consistent snapshot. `work` runs once.
    virtual Result<void> read(const TxFunction& work) = 0;

    // submit() and wait.
    Result<void> write(const WriteScope& scope, TxFunction work) { return submit(scope, std::move(work)).get(); }
    // Whether writes are accepted; for readiness.
    virtual bool isHealthy() const = 0;
    // Who hears announcements. Set it once, before the first write; it must outlive the store.
    virtual void listen(Listener listener) = 0;
    // Whether other nodes may write to the store too, so that an announcement may come late or never: look again from
    // time to time.
    virtual bool isShared() const = 0;
};

}  // namespace meetpoint::store
