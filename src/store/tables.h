// Whole tables as rows, for moving a store from one kind to the other: what tables there are, their rows in the order
// of their keys, and a digest of each that both kinds compute alike.
#pragma once

#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "base/hash.h"
#include "store/db.h"

namespace meetpoint::store {

struct TableColumn {
    std::string name;
    Value::Type type;
};

struct Table {
    std::string name;
    std::vector<TableColumn> columns;
    std::vector<std::size_t> key;  // positions of the primary key's columns
    bool byShardKey = false;       // its first key is the shard key, and it lies with the lanes
    // Kept by text: few rows, which the stores would sort differently.
    bool hasTextKey() const;
};

// The tables that a move takes along, each after those that it refers to, read from the schema's snapshot: all but
// those in which nodes say something of themselves and of their work in the background, which means nothing elsewhere.
std::vector<Table> movedTables();

// A value of a row, owned; null if it holds nothing.
using OwnedValue = std::variant<std::monostate, std::int64_t, std::string, Bytes>;
using OwnedRow = std::vector<OwnedValue>;  // in the order of Table::columns

// Where in a table: the key of the last row that was read; empty before the first.
using TablePosition = OwnedRow;
TablePosition keyOf(const Table& table, const OwnedRow& row);

// The next rows after `after`, at most `limit`, in the order of the key; of one shard key where the table lies by it.
// Tables that have a text key are read at once, whatever `limit`.
Result<std::vector<OwnedRow>> readRows(Tx& tx, const Table& table, std::optional<std::int64_t> shardKey,
                                       const TablePosition& after, std::size_t limit);
// The key of the last row; empty if there is none. Not for tables with a text key.
Result<TablePosition> lastKey(Tx& tx, const Table& table, std::optional<std::int64_t> shardKey);
Result<std::int64_t> countRows(Tx& tx, const Table& table);
// The shard keys under which the table has rows, in order.
Result<std::vector<std::int64_t>> shardKeysIn(Tx& tx, const Table& table);
// Inserts rows that are not there yet.
Result<void> insertRows(Tx& tx, const Table& table, const std::vector<OwnedRow>& rows);

// SHA-256 over rows: their values with their types and lengths, in the order in which they are added.
void addRow(Sha256Builder& digest, const OwnedRow& row);

}  // namespace meetpoint::store
