#include "store/sqlite_connection.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

namespace meetpoint::store {
namespace {

class SqliteRow final : public Row {
public:
    explicit SqliteRow(sqlite3_stmt* statement) : statement_(statement) {}
    bool isNull(int column) const override { return sqlite3_column_type(statement_, column) == SQLITE_NULL; }
    std::int64_t integer(int column) const override { return sqlite3_column_int64(statement_, column); }
    std::string_view text(int column) const override {
        const auto* text = reinterpret_cast<const char*>(sqlite3_column_text(statement_, column));
        return {text == nullptr ? "" : text, static_cast<std::size_t>(sqlite3_column_bytes(statement_, column))};
    }
    ByteView bytes(int column) const override {
        const auto* blob = static_cast<const std::uint8_t*>(sqlite3_column_blob(statement_, column));
        return {blob, static_cast<std::size_t>(sqlite3_column_bytes(statement_, column))};
    }

private:
    sqlite3_stmt* statement_;
};

struct Binder {
    sqlite3_stmt* statement;
    int index;
    int operator()(std::monostate) const { return sqlite3_bind_null(statement, index); }
    int operator()(std::int64_t value) const { return sqlite3_bind_int64(statement, index, value); }
    int operator()(std::string_view text) const {
        return sqlite3_bind_text64(statement, index, text.data() ? text.data() : "", text.size(), SQLITE_STATIC,
                                   SQLITE_UTF8);
    }
    int operator()(ByteView bytes) const {
        // A null pointer would bind NULL; no bytes are not the same as nothing.
        if (bytes.empty()) return sqlite3_bind_zeroblob(statement, index, 0);
        return sqlite3_bind_blob64(statement, index, bytes.data(), bytes.size(), SQLITE_STATIC);
    }
};

// Resets a statement when its use ends, so that it holds no lock.
struct Reset {
    sqlite3_stmt* statement;
    ~Reset() {
        sqlite3_reset(statement);
        sqlite3_clear_bindings(statement);
    }
};

}  // namespace

Result<std::unique_ptr<SqliteConnection>> SqliteConnection::open(const std::filesystem::path& file,
                                                                 const ConnectionSettings& settings) {
    sqlite3* handle = nullptr;
    const int flags = settings.readOnly ? SQLITE_OPEN_READONLY : SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE;
    const int code =
        sqlite3_open_v2(file.c_str(), &handle, flags | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE, nullptr);
    std::unique_ptr<SqliteConnection> connection(new SqliteConnection(handle));
    if (code != SQLITE_OK) return fail(connection->errorOf(code, "open"));
    sqlite3_busy_timeout(handle, settings.busyTimeoutMs);
    TRY(connection->script(
        fmt::format("PRAGMA cache_size=-{}; PRAGMA mmap_size=0; PRAGMA temp_store=MEMORY;", settings.cacheKilobytes)));
    return connection;
}

SqliteConnection::~SqliteConnection() {
    for (const auto& [sql, statement] : statements_)
        sqlite3_finalize(statement);
    sqlite3_close_v2(handle_);
}

Error SqliteConnection::errorOf(int code, std::string_view sql) const {
    const std::string what =
        fmt::format("sqlite {} ({}): {}", code, handle_ ? sqlite3_errmsg(handle_) : "no memory", sql.substr(0, 200));
    switch (code & 0xff) {
        case SQLITE_FULL:
            return {ErrorKind::unavailable,
                    "storage-full",
                    "The exchange's disk is full. Nothing of this was stored; send it again once there is room.",
                    what,
                    {},
                    60};
        case SQLITE_READONLY:
        case SQLITE_CANTOPEN:
        case SQLITE_PERM:
            return {ErrorKind::unavailable,
                    "data-folder-unusable",
                    "The data folder cannot be written. Check that it exists and that this user may write in it.",
                    what,
                    {},
                    0};
        case SQLITE_CORRUPT:
        case SQLITE_NOTADB:
            return {ErrorKind::corrupt,
                    "corrupt-data",
                    "The store's file is damaged. Restore it from a backup.",
                    what,
                    {},
                    0};
        case SQLITE_IOERR:
            return {ErrorKind::unavailable,
                    "storage-failed",
                    "The exchange's disk failed. Nothing more is accepted until it is repaired.",
                    what,
                    {},
                    0};
        case SQLITE_BUSY:
            return {
                ErrorKind::unavailable, "storage-busy", "The store is busy. Send it again in a moment.", what, {}, 1};
        default:
            return internalError(what);
    }
}

Result<sqlite3_stmt*> SqliteConnection::prepare(std::string_view sql) {
    std::string text(sql);
    if (const auto found = statements_.find(text); found != statements_.end()) return found->second;
    sqlite3_stmt* statement = nullptr;
    const int code = sqlite3_prepare_v3(handle_, sql.data(), static_cast<int>(sql.size()), SQLITE_PREPARE_PERSISTENT,
                                        &statement, nullptr);
    if (code != SQLITE_OK) return fail(errorOf(code, sql));
    statements_.emplace(std::move(text), statement);
    return statement;
}

Result<sqlite3_stmt*> SqliteConnection::bound(std::string_view sql, std::span<const Value> parameters) {
    TRY_ASSIGN(sqlite3_stmt * statement, prepare(sql));
    int number = 0;
    for (const Value& value : parameters) {
        const std::string name = "$" + std::to_string(++number);
        const int index = sqlite3_bind_parameter_index(statement, name.c_str());
        if (index == 0) continue;  // a parameter that the statement does not use
        if (const int code = std::visit(Binder{statement, index}, value.variant()); code != SQLITE_OK)
            return fail(errorOf(code, sql));
    }
    return statement;
}

Result<std::int64_t> SqliteConnection::execute(std::string_view sql, std::span<const Value> parameters) {
    TRY_ASSIGN(sqlite3_stmt * statement, bound(sql, parameters));
    const Reset reset{statement};
    int code = SQLITE_ROW;
    while (code == SQLITE_ROW)
        code = sqlite3_step(statement);
    if (code != SQLITE_DONE) return fail(errorOf(code, sql));
    return sqlite3_changes64(handle_);
}

Result<void> SqliteConnection::query(std::string_view sql, std::span<const Value> parameters, const RowFunction& row) {
    TRY_ASSIGN(sqlite3_stmt * statement, bound(sql, parameters));
    const Reset reset{statement};
    const SqliteRow view(statement);
    int code = sqlite3_step(statement);
    for (; code == SQLITE_ROW; code = sqlite3_step(statement))
        row(view);
    if (code != SQLITE_DONE) return fail(errorOf(code, sql));
    return {};
}

Result<void> SqliteConnection::insertRows(const RowBatch& batch) {
    std::string names, places;
    for (std::size_t i = 0; i < batch.columns.size(); ++i) {
        names += (i > 0 ? ", " : "") + std::string(batch.columns[i]);
        places += fmt::format("{}${}", i > 0 ? ", " : "", i + 1);
    }
    const std::string sql = fmt::format("INSERT INTO {} ({}) VALUES ({})", batch.table, names, places);
    std::size_t bytes = 0;
    for (const std::vector<Value>& row : batch.rows) {
        TRY_ASSIGN(sqlite3_stmt * statement, bound(sql, row));
        const Reset reset{statement};
        if (const int code = sqlite3_step(statement); code != SQLITE_DONE) return fail(errorOf(code, sql));
        for (const Value& value : row)
            if (const auto* blob = std::get_if<ByteView>(&value.variant())) bytes += blob->size();
    }
    noteWritten(bytes);
    return {};
}

void SqliteConnection::noteWritten(std::size_t bytes) {
    constexpr std::size_t atOnce = 16u << 20;
    notBegun_ += bytes;
    if (notBegun_ < atOnce) return;
    notBegun_ = 0;
    const int wal = ::open(sqlite3_filename_wal(sqlite3_db_filename(handle_, "main")), O_RDONLY | O_CLOEXEC);
    if (wal < 0) return;
    // Only the commit's own sync says that anything is on the disk.
    (void)::sync_file_range(wal, 0, 0, SYNC_FILE_RANGE_WRITE);
    ::close(wal);
}

Result<void> SqliteConnection::script(const std::string& sql) {
    if (const int code = sqlite3_exec(handle_, sql.c_str(), nullptr, nullptr, nullptr); code != SQLITE_OK)
        return fail(errorOf(code, sql));
    return {};
}

void SqliteConnection::checkpointPassive() {
    sqlite3_wal_checkpoint_v2(handle_, nullptr, SQLITE_CHECKPOINT_PASSIVE, nullptr, nullptr);
}

void SqliteConnection::watchWal(std::atomic<int>& pages) {
    const auto committed = [](void* into, sqlite3*, const char*, int pages) {
        *static_cast<std::atomic<int>*>(into) = pages;
        return SQLITE_OK;
    };
    sqlite3_wal_hook(handle_, committed, &pages);
}

}  // namespace meetpoint::store
