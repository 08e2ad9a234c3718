#include "store/tables.h"

#include <algorithm>
#include <array>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "store/migrations.h"

namespace meetpoint::store {
namespace {

constexpr std::array<std::string_view, 5> passing{"ledger_marks", "lane_marks", "leases", "lane_work", "call_figures"};

std::vector<std::string_view> wordsOf(std::string_view line) {
    std::vector<std::string_view> words;
    for (std::size_t at = 0; (at = line.find_first_not_of(" ,()", at)) != std::string_view::npos;) {
        const std::size_t end = std::min(line.find_first_of(" ,()", at), line.size());
        words.push_back(line.substr(at, end - at));
        at = end;
    }
    return words;
}

Value::Type typeOf(std::string_view sqlType) {
    if (sqlType == "TEXT") return Value::Type::text;
    return sqlType == "BYTEA" ? Value::Type::bytes : Value::Type::integer;
}

std::size_t columnOf(const Table& table, std::string_view name) {
    return static_cast<std::size_t>(std::ranges::find(table.columns, name, &TableColumn::name) - table.columns.begin());
}

// One line between "CREATE TABLE … (" and ");" of the snapshot.
void readLine(std::string_view line, Table& table) {
    const auto words = wordsOf(line);
    if (words.empty() || words[0].starts_with("--") || words[0] == "UNIQUE") return;
    if (words[0] == "PRIMARY") {
        for (std::size_t i = 2; i < words.size(); ++i)
            table.key.push_back(columnOf(table, words[i]));
        return;
    }
    if (line.find("PRIMARY KEY") != std::string_view::npos) table.key.push_back(table.columns.size());
    table.columns.push_back({std::string(words[0]), typeOf(words[1])});
}

Value valueOf(const OwnedValue& owned, Value::Type type) {
    if (const auto* number = std::get_if<std::int64_t>(&owned)) return *number;
    if (const auto* text = std::get_if<std::string>(&owned)) return std::string_view(*text);
    if (const auto* bytes = std::get_if<Bytes>(&owned)) return ByteView(*bytes);
    return Value::absent(type);
}

OwnedValue ownedOf(const Row& row, int column, Value::Type type) {
    if (row.isNull(column)) return {};
    switch (type) {
        case Value::Type::integer:
            return row.integer(column);
        case Value::Type::text:
            return std::string(row.text(column));
        case Value::Type::bytes:
            return Bytes(row.bytes(column).begin(), row.bytes(column).end());
    }
    return {};
}

std::vector<std::string> namesOf(const Table& table, const std::vector<std::size_t>& columns) {
    std::vector<std::string> names;
    for (const std::size_t column : columns)
        names.push_back(table.columns[column].name);
    return names;
}

std::vector<std::size_t> allColumns(const Table& table) {
    std::vector<std::size_t> columns(table.columns.size());
    for (std::size_t i = 0; i < columns.size(); ++i)
        columns[i] = i;
    return columns;
}

// "shard_key = $1" or what stands for everything.
std::string ofShard(std::optional<std::int64_t> shardKey, std::vector<Value>& parameters) {
    if (!shardKey) return "1 = 1";
    parameters.push_back(*shardKey);
    return "shard_key = $1";
}

Result<std::vector<OwnedRow>> select(Tx& tx, const Table& table, const std::vector<std::size_t>& columns,
                                     const std::string& rest, const std::vector<Value>& parameters) {
    std::vector<OwnedRow> rows;
    TRY(tx.query(fmt::format("SELECT {} FROM {} {}", fmt::join(namesOf(table, columns), ", "), table.name, rest),
                 std::span<const Value>(parameters), [&](const Row& row) {
                     OwnedRow& owned = rows.emplace_back();
                     for (std::size_t i = 0; i < columns.size(); ++i)
                         owned.push_back(ownedOf(row, static_cast<int>(i), table.columns[columns[i]].type));
                 }));
    return rows;
}

}  // namespace

bool Table::hasTextKey() const {
    return std::ranges::any_of(key, [&](std::size_t column) { return columns[column].type == Value::Type::text; });
}

std::vector<Table> movedTables() {
    constexpr std::string_view begin = "CREATE TABLE ";
    std::vector<Table> tables;
    std::string_view text = postgresSchema().snapshot;
    for (bool inside = false; !text.empty();) {
        const std::string_view line = text.substr(0, text.find('\n'));
        text.remove_prefix(std::min(line.size() + 1, text.size()));
        if (line.starts_with(begin)) {
            const std::string_view name = line.substr(begin.size(), line.find(' ', begin.size()) - begin.size());
            const auto byShard = tablesByShardKey();
            tables.push_back({std::string(name), {}, {}, std::ranges::find(byShard, name) != byShard.end()});
            inside = true;
        } else if (line == ");") {
            inside = false;
        } else if (inside) {
            readLine(line, tables.back());
        }
    }
    std::erase_if(tables, [](const Table& table) { return std::ranges::find(passing, table.name) != passing.end(); });
    return tables;
}

TablePosition keyOf(const Table& table, const OwnedRow& row) {
    TablePosition position;
    for (const std::size_t column : table.key)
        position.push_back(row[column]);
    return position;
}

Result<std::vector<OwnedRow>> readRows(Tx& tx, const Table& table, std::optional<std::int64_t> shardKey,
                                       const TablePosition& after, std::size_t limit) {
    const auto columns = allColumns(table);
    if (table.hasTextKey()) {
        TRY_ASSIGN(auto rows, select(tx, table, columns, "", {}));
        std::ranges::sort(rows, {}, [&](const OwnedRow& row) { return keyOf(table, row); });
        return rows;
    }
    std::vector<Value> parameters;
    std::string rest = "WHERE " + ofShard(shardKey, parameters);
    const auto keyNames = namesOf(table, table.key);
    if (!after.empty()) {
        std::vector<std::string> places;
        for (std::size_t i = 0; i < after.size(); ++i) {
            parameters.push_back(valueOf(after[i], table.columns[table.key[i]].type));
            places.push_back(fmt::format("${}", parameters.size()));
        }
        rest += fmt::format(" AND ({}) > ({})", fmt::join(keyNames, ", "), fmt::join(places, ", "));
    }
    rest += fmt::format(" ORDER BY {} LIMIT {}", fmt::join(keyNames, ", "), limit);
    return select(tx, table, columns, rest, parameters);
}

Result<TablePosition> lastKey(Tx& tx, const Table& table, std::optional<std::int64_t> shardKey) {
    std::vector<Value> parameters;
    std::string rest = "WHERE " + ofShard(shardKey, parameters);
    auto names = namesOf(table, table.key);
    for (std::string& name : names)
        name += " DESC";
    rest += fmt::format(" ORDER BY {} LIMIT 1", fmt::join(names, ", "));
    TRY_ASSIGN(auto rows, select(tx, table, table.key, rest, parameters));
    return rows.empty() ? TablePosition() : std::move(rows.front());
}

Result<std::int64_t> countRows(Tx& tx, const Table& table) {
    std::int64_t count = 0;
    TRY(tx.query("SELECT COUNT(*) FROM " + table.name, {}, [&](const Row& row) { count = row.integer(0); }));
    return count;
}

Result<std::vector<std::int64_t>> shardKeysIn(Tx& tx, const Table& table) {
    std::vector<std::int64_t> keys;
    TRY(tx.query(fmt::format("SELECT DISTINCT shard_key FROM {} ORDER BY shard_key", table.name), {},
                 [&](const Row& row) { keys.push_back(row.integer(0)); }));
    return keys;
}

Result<void> insertRows(Tx& tx, const Table& table, const std::vector<OwnedRow>& rows) {
    RowBatch batch{table.name, {}, {}};
    for (const TableColumn& column : table.columns)
        batch.columns.push_back(column.name);
    for (const OwnedRow& row : rows) {
        std::vector<Value>& values = batch.rows.emplace_back();
        for (std::size_t i = 0; i < row.size(); ++i)
            values.push_back(valueOf(row[i], table.columns[i].type));
    }
    return tx.copyIn(batch);
}

void addRow(Sha256Builder& digest, const OwnedRow& row) {
    for (const OwnedValue& value : row) {
        digest.addU64(value.index());
        if (const auto* number = std::get_if<std::int64_t>(&value)) digest.addU64(static_cast<std::uint64_t>(*number));
        const ByteView bytes = std::holds_alternative<std::string>(value) ? viewOf(std::get<std::string>(value))
                               : std::holds_alternative<Bytes>(value)     ? ByteView(std::get<Bytes>(value))
                                                                          : ByteView();
        digest.addU64(bytes.size());
        digest.add(bytes);
    }
}

}  // namespace meetpoint::store
