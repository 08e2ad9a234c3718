#include "exchange/move_store.h"

#include <fmt/format.h>

#include "exchange/verify.h"
#include "store/ledger.h"
#include "store/tables.h"

namespace meetpoint::exchange {
namespace {

using store::OwnedRow;
using store::Table;
using store::TablePosition;
using Progress = std::function<void(const MoveProgress&)>;

// Rows of one transaction. Tables of lanes hold blocks of a few hundred kilobytes.
constexpr std::size_t laneRowsAPage = 64, ledgerRowsAPage = 2'000;

std::size_t pageRows(const Table& table) {
    return table.byShardKey ? laneRowsAPage : ledgerRowsAPage;
}

bool isUnfinishedMark(const Table& table, const OwnedRow& row) {
    return table.name == "meta" && std::get<std::string>(row[0]) == unfinishedName;
}

// A table, or what of it lies under one shard key: what one transaction may touch.
struct Portion {
    const Table& table;
    std::optional<std::int64_t> shardKey;
};

// Calls `use` with the portion's rows, page by page from `after` on.
Result<void> eachPage(store::Db& db, const Portion& portion, TablePosition after,
                      const std::function<Result<void>(const std::vector<OwnedRow>&)>& use) {
    while (true) {
        std::vector<OwnedRow> rows;
        TRY(db.read([&](store::Tx& tx) -> Result<void> {
            TRY_ASSIGN(rows, store::readRows(tx, portion.table, portion.shardKey, after, pageRows(portion.table)));
            return {};
        }));
        if (rows.empty()) return {};
        TRY(use(rows));
        after = store::keyOf(portion.table, rows.back());
        if (portion.table.hasTextKey()) return {};
    }
}

Result<std::vector<Portion>> portionsOf(store::Db& db, const Table& table) {
    std::vector<Portion> portions;
    if (!table.byShardKey) {
        portions.push_back({table, std::nullopt});
        return portions;
    }
    TRY(db.read([&](store::Tx& tx) -> Result<void> {
        TRY_ASSIGN(const auto keys, store::shardKeysIn(tx, table));
        for (const std::int64_t key : keys)
            portions.push_back({table, key});
        return {};
    }));
    return portions;
}

Result<std::uint64_t> rowsIn(store::Db& db, const Table& table) {
    std::int64_t rows = 0;
    TRY(db.read([&](store::Tx& tx) -> Result<void> {
        TRY_ASSIGN(rows, store::countRows(tx, table));
        return {};
    }));
    return static_cast<std::uint64_t>(rows);
}

Result<void> insert(store::Db& to, const Portion& portion, const std::vector<OwnedRow>& rows) {
    const auto scope =
        portion.shardKey ? store::recordsWrite(*portion.shardKey, rows.size()) : store::ledgerWrite(rows.size());
    return to.write(scope, [&](store::Tx& tx) { return store::insertRows(tx, portion.table, rows); });
}

// Goes on after what the target has: rows are copied in the order of their keys, tables with a text key in one piece.
Result<void> copyTable(store::Db& from, store::Db& to, const Table& table, const Progress& progress) {
    std::uint64_t copied = 0;
    TRY_ASSIGN(const auto portions, portionsOf(from, table));
    for (const Portion& portion : portions) {
        TablePosition after;
        if (table.hasTextKey()) {
            TRY_ASSIGN(const std::uint64_t there, rowsIn(to, table));
            if (there > (table.name == "meta" ? 1u : 0u)) return {};
        } else {
            TRY(to.read([&](store::Tx& tx) -> Result<void> {
                TRY_ASSIGN(after, store::lastKey(tx, table, portion.shardKey));
                return {};
            }));
        }
        TRY(eachPage(from, portion, after, [&](const std::vector<OwnedRow>& rows) -> Result<void> {
            TRY(insert(to, portion, rows));
            copied += rows.size();
            progress({table.name, false, copied});
            return {};
        }));
    }
    return {};
}

struct TableDigest {
    Sha256 digest{};
    std::uint64_t rows = 0;
};

// `progress` may be empty.
Result<TableDigest> digestOf(store::Db& db, const Table& table, const Progress& progress) {
    Sha256Builder digest;
    TableDigest out;
    TRY_ASSIGN(const auto portions, portionsOf(db, table));
    for (const Portion& portion : portions)
        TRY(eachPage(db, portion, {}, [&](const std::vector<OwnedRow>& rows) -> Result<void> {
            for (const OwnedRow& row : rows) {
                if (isUnfinishedMark(table, row)) continue;
                store::addRow(digest, row);
                ++out.rows;
            }
            if (progress) progress({table.name, true, out.rows});
            return {};
        }));
    out.digest = digest.finish();
    return out;
}

Result<std::uint64_t> proveTable(store::Db& from, store::Db& to, const Table& table, const Progress& progress) {
    TRY_ASSIGN(const TableDigest ours, digestOf(from, table, progress));
    TRY_ASSIGN(const TableDigest theirs, digestOf(to, table, {}));
    if (ours.digest == theirs.digest) return ours.rows;
    return fail(
        conflict("move-differs", fmt::format("The table {} is not the same in both stores ({} rows against {}). "
                                             "Was one of them in use? Empty the target and move again.",
                                             table.name, ours.rows, theirs.rows)));
}

// Marks the target as unfinished, or finds that it was marked by an earlier move of the same store. Gives the rows that
// it holds of that.
Result<std::uint64_t> claimTarget(store::Db& to, const std::vector<Table>& tables, ByteView source) {
    std::optional<Bytes> mark;
    TRY(to.read([&](store::Tx& tx) -> Result<void> {
        TRY_ASSIGN(mark, store::findMeta(tx, unfinishedName));
        return {};
    }));
    std::uint64_t rows = 0;
    for (const Table& table : tables) {
        TRY_ASSIGN(const std::uint64_t there, rowsIn(to, table));
        rows += there;
    }
    if (mark && std::ranges::equal(*mark, source)) return rows - 1;
    if (mark || rows > 0)
        return fail(
            conflict("move-target-not-empty",
                     "The target holds something already. A move goes into an empty folder or database, or goes "
                     "on with one that the same store began."));
    TRY(to.write(store::ledgerWrite(), [&](store::Tx& tx) { return store::insertMeta(tx, unfinishedName, source); }));
    return 0;
}

}  // namespace

Result<Moved> moveStore(store::Db& from, store::Db& to, const Clock& clock, const Progress& progress) {
    TRY_ASSIGN(const StoreIdentity identity, readIdentity(from));
    const auto tables = store::movedTables();
    TRY_ASSIGN(const TableDigest source, digestOf(from, tables.front(), {}));  // meta: whose secrets no other store has
    Moved moved;
    TRY_ASSIGN(moved.rowsBefore, claimTarget(to, tables, source.digest));
    for (const Table& table : tables)
        TRY(copyTable(from, to, table, progress));
    for (const Table& table : tables) {
        TRY_ASSIGN(const std::uint64_t rows, proveTable(from, to, table, progress));
        moved.rows += rows;
        ++moved.tables;
    }
    const store::Lanes lanes(KeyedHash(identity.hashKey), clock);
    TRY_ASSIGN(moved.lanes, verifyStore(to, lanes, [](const store::LaneProof&) {}));
    for (const store::LaneProof& lane : moved.lanes)
        if (!lane.faults.empty())
            return fail(conflict("move-differs", "The copy is true to its source, and the source is not intact: " +
                                                     lane.faults.front() + " See 'meetpoint verify'."));
    TRY(to.write(store::ledgerWrite(), [&](store::Tx& tx) { return store::deleteMeta(tx, unfinishedName); }));
    return moved;
}

}  // namespace meetpoint::exchange
