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

#include "base/bytes.h"
#include "base/id.h"
#include "base/result.h"
#include "base/time.h"

namespace meetpoint::store {

// A parameter. Text and bytes are borrowed for the length of the call.
class Value {
public:
    Value(std::nullptr_t) {}
    Value(std::int64_t value) : value_(value) {}
    Value(int value) : value_(static_cast<std::int64_t>(value)) {}
    Value(std::size_t value) : value_(static_cast<std::int64_t>(value)) {}
    Value(std::string_view text) : value_(text) {}
    Value(const std::string& text) : value_(std::string_view(text)) {}
    Value(const char* text) : value_(std::string_view(text)) {}
    Value(ByteView bytes) : value_(bytes) {}
    Value(const Bytes& bytes) : value_(ByteView(bytes)) {}
    Value(const Id& id) : value_(id.view()) {}
    Value(Instant at) : value_(at.ms) {}
    template <class T>
    Value(const std::optional<T>& value) {
        if (value) *this = Value(*value);
    }

    using Variant = std::variant<std::monostate, std::int64_t, std::string_view, ByteView>;
    const Variant& variant() const { return value_; }

private:
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

// An open transaction; one thread at a time.
class Tx {
public:
    virtual ~Tx() = default;
    // Gives the number of rows changed.
    virtual Result<std::int64_t> execute(std::string_view sql, std::initializer_list<Value> parameters = {}) = 0;
    virtual Result<void> query(std::string_view sql, std::initializer_list<Value> parameters,
                               const RowFunction& row) = 0;
    // Called once the transaction is durable, on the thread that committed it, before its writer is answered.
    virtual void onCommit(std::function<void()> action) = 0;
};

using TxFunction = std::function<Result<void>(Tx&)>;

// What goes first when several wait: changes of the ledger before blocks of records, upkeep last.
enum class WritePriority { ledger, records, upkeep };

class Db {
public:
    virtual ~Db() = default;

    // Runs `work` in a write transaction and gives its result once it is durable. Several pieces of work may share one
    // commit; one that fails leaves no trace. `rows` is about how many rows it writes. May run `work` again after a
    // failed attempt, so `work` must not change anything but the database and its own captures. Codes of its own:
    // "storage-full", "storage-failed" (nothing more is accepted until a restart), "overloaded" (the queue's limit is
    // reached), "stopping".
    virtual std::future<Result<void>> submit(WritePriority priority, std::size_t rows, TxFunction work) = 0;
    // Runs `work` on the calling thread against one consistent snapshot.
    virtual Result<void> read(const TxFunction& work) = 0;

    // submit() and wait.
    Result<void> write(WritePriority priority, std::size_t rows, TxFunction work) {
        return submit(priority, rows, std::move(work)).get();
    }
    // Whether writes are accepted; for readiness.
    virtual bool isHealthy() const = 0;
};

}  // namespace meetpoint::store
