#include "store/testing/older_db.h"

#include <algorithm>

namespace meetpoint::store::testing {
namespace {

constexpr std::string_view calendarTable = "block_days", calendarColumn = "calendar_days",
                           filterTable = "block_filters";

// The statement with NULL where it names the column that is not there yet.
std::string without(std::string_view sql) {
    std::string text(sql);
    for (std::size_t at = 0; (at = text.find(calendarColumn, at)) != std::string::npos;)
        text.replace(at, calendarColumn.size(), "NULL");
    return text;
}

bool isOfCalendar(std::string_view sql) {
    return sql.find(calendarTable) != std::string_view::npos;
}

// What such a program leaves undone.
bool isLeftOut(std::string_view sql) {
    return isOfCalendar(sql) || (sql.starts_with("DELETE") && sql.find(filterTable) != std::string_view::npos);
}

class OlderTx final : public Tx {
public:
    explicit OlderTx(Tx& tx) : tx_(tx) {}

    using Tx::execute;
    using Tx::executeLater;
    using Tx::query;
    Result<std::int64_t> execute(std::string_view sql, std::span<const Value> parameters) override {
        return isLeftOut(sql) ? 0 : tx_.execute(without(sql), parameters);
    }
    Result<void> executeLater(std::string_view sql, std::span<const Value> parameters) override {
        return isOfCalendar(sql) ? Result<void>() : tx_.executeLater(without(sql), parameters);
    }
    Result<void> query(std::string_view sql, std::span<const Value> parameters, const RowFunction& row) override {
        return isOfCalendar(sql) ? Result<void>() : tx_.query(without(sql), parameters, row);
    }
    Result<void> copyIn(const RowBatch& batch) override {
        if (batch.table == calendarTable || batch.table == filterTable) return {};
        const auto column = std::ranges::find(batch.columns, calendarColumn);
        if (column == batch.columns.end()) return tx_.copyIn(batch);
        RowBatch older = batch;
        const auto at = column - batch.columns.begin();
        older.columns.erase(older.columns.begin() + at);
        for (auto& row : older.rows)
            row.erase(row.begin() + at);
        return tx_.copyIn(older);
    }
    void onCommit(std::function<void()> action) override { tx_.onCommit(std::move(action)); }
    void announce(std::string topic) override { tx_.announce(std::move(topic)); }

private:
    Tx& tx_;
};

class OlderDb final : public Db {
public:
    explicit OlderDb(std::unique_ptr<Db> db) : db_(std::move(db)) {}

    std::future<Result<void>> submit(const WriteScope& scope, TxFunction work) override {
        return db_->submit(scope, [work = std::move(work)](Tx& tx) -> Result<void> {
            OlderTx older(tx);
            return work(older);
        });
    }
    Result<void> read(const TxFunction& work) override {
        return db_->read([&](Tx& tx) -> Result<void> {
            OlderTx older(tx);
            return work(older);
        });
    }
    bool isHealthy() const override { return db_->isHealthy(); }
    void listen(Listener listener) override { db_->listen(std::move(listener)); }
    bool isShared() const override { return db_->isShared(); }

private:
    std::unique_ptr<Db> db_;
};

}  // namespace

std::unique_ptr<Db> withoutCalendar(std::unique_ptr<Db> db) {
    return std::make_unique<OlderDb>(std::move(db));
}

}  // namespace meetpoint::store::testing
