#include "store/postgres_connection.h"

#include <charconv>

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace meetpoint::store {
namespace {

// Object ids of PostgreSQL's own types (pg_type.dat); fixed for ever.
constexpr Oid boolOid = 16, byteaOid = 17, int8Oid = 20, int2Oid = 21, int4Oid = 23, textOid = 25;

Oid oidOf(Value::Type type) {
    switch (type) {
        case Value::Type::integer:
            return int8Oid;
        case Value::Type::text:
            return textOid;
        case Value::Type::bytes:
            return byteaOid;
    }
    return 0;
}

void appendBigEndian(std::uint64_t value, int bytes, std::string& out) {
    for (int shift = (bytes - 1) * 8; shift >= 0; shift -= 8)
        out += static_cast<char>(value >> shift);
}

std::int64_t readBigEndian(const char* from, int bytes) {
    std::uint64_t value = bytes > 0 && (static_cast<unsigned char>(*from) & 0x80) != 0 ? ~std::uint64_t{0} : 0;
    for (int i = 0; i < bytes; ++i)
        value = value << 8 | static_cast<unsigned char>(from[i]);
    return static_cast<std::int64_t>(value);
}

// The bytes of a value in the binary format; nothing for an absent one. `scratch` keeps those of integers.
std::optional<std::string_view> binaryOf(const Value& value, std::string& scratch) {
    if (const auto* number = std::get_if<std::int64_t>(&value.variant())) {
        scratch.clear();
        appendBigEndian(static_cast<std::uint64_t>(*number), 8, scratch);
        return scratch;
    }
    if (const auto* text = std::get_if<std::string_view>(&value.variant())) return *text;
    if (const auto* bytes = std::get_if<ByteView>(&value.variant())) return textOf(*bytes);
    return std::nullopt;
}

struct ClearResult {
    void operator()(PGresult* result) const { PQclear(result); }
};
using ResultHandle = std::unique_ptr<PGresult, ClearResult>;

class PostgresRow final : public Row {
public:
    PostgresRow(const PGresult* result, int row) : result_(result), row_(row) {}
    bool isNull(int column) const override { return PQgetisnull(result_, row_, column) != 0; }
    std::int64_t integer(int column) const override {
        const char* value = PQgetvalue(result_, row_, column);
        switch (PQftype(result_, column)) {
            case int8Oid:
                return length(column) == 8 ? readBigEndian(value, 8) : 0;
            case int4Oid:
                return length(column) == 4 ? readBigEndian(value, 4) : 0;
            case int2Oid:
                return length(column) == 2 ? readBigEndian(value, 2) : 0;
            case boolOid:
                return length(column) == 1 ? *value : 0;
            default:
                return 0;
        }
    }
    std::string_view text(int column) const override {
        return {PQgetvalue(result_, row_, column), static_cast<std::size_t>(length(column))};
    }
    ByteView bytes(int column) const override { return viewOf(text(column)); }

private:
    int length(int column) const { return PQgetlength(result_, row_, column); }
    const PGresult* result_;
    int row_;
};

constexpr const char* unreachableMessage =
    "The exchange's database cannot be reached. What you sent may or may not be stored: send it again in a moment, "
    "nothing is doubled.";

Error unreachable(std::string internal) {
    return {ErrorKind::unavailable, "storage-unreachable", unreachableMessage, std::move(internal), {}, 2};
}

// Waits in parallel pieces of parameters: pointers, lengths, formats.
struct Parameters {
    explicit Parameters(std::span<const Value> values) : scratch(values.size()) {
        for (std::size_t i = 0; i < values.size(); ++i) {
            const auto bytes = binaryOf(values[i], scratch[i]);
            // libpq takes a null pointer for NULL; an empty value needs one that is none.
            pointers.push_back(!bytes ? nullptr : bytes->empty() ? "" : bytes->data());
            lengths.push_back(bytes ? static_cast<int>(bytes->size()) : 0);
            formats.push_back(1);
        }
    }
    std::vector<std::string> scratch;
    std::vector<const char*> pointers;
    std::vector<int> lengths;
    std::vector<int> formats;
};

}  // namespace

bool isLostConnection(const Error& error) {
    return error.code == "storage-unreachable";
}

bool mayRunAgain(const Error& error) {
    return error.code == "storage-contended" || isLostConnection(error);
}

void PostgresTx::After::append(After other) {
    std::ranges::move(other.actions, std::back_inserter(actions));
    std::ranges::move(other.topics, std::back_inserter(topics));
}

Result<std::unique_ptr<PostgresConnection>> PostgresConnection::open(const PostgresSettings& settings) {
    char* problem = nullptr;
    PQconninfoOption* parsed = PQconninfoParse(settings.address.c_str(), &problem);
    if (!parsed) {
        const std::string why = problem ? problem : "unknown";
        PQfreemem(problem);
        return fail(Error{ErrorKind::invalidInput,
                          "bad-database-address",
                          "The database's address cannot be read. Write it as postgresql://USER@HOST:PORT/DATABASE.",
                          why,
                          {},
                          0});
    }
    PQconninfoFree(parsed);
    const std::string timeout = std::to_string(std::max<std::int64_t>(1, settings.connectTimeout.ms / 1000));
    // What stands in the address wins over what stands before it, so that an operator can change any of these.
    const char* names[] = {"connect_timeout", "application_name", "keepalives_idle", "dbname", nullptr};
    const char* values[] = {timeout.c_str(), "meetpoint", "30", settings.address.c_str(), nullptr};
    PGconn* handle = PQconnectdbParams(names, values, 1);
    std::unique_ptr<PostgresConnection> connection(new PostgresConnection(handle));
    if (!connection->isAlive()) return fail(unreachable(PQerrorMessage(handle)));
    PQsetNoticeProcessor(
        handle, [](void*, const char*) {}, nullptr);
    TRY(connection->script(
        fmt::format("SET statement_timeout = {}; SET lock_timeout = {}; SET client_min_messages = warning; "
                    "SET default_transaction_isolation = 'read committed'",
                    settings.statementTimeout.ms, settings.lockTimeout.ms)));
    return connection;
}

PostgresConnection::~PostgresConnection() {
    PQfinish(handle_);
}

Error PostgresConnection::errorOf(const PGresult* result, std::string_view sql) const {
    const char* state = result ? PQresultErrorField(result, PG_DIAG_SQLSTATE) : nullptr;
    const std::string_view code = state ? state : "";
    const char* words = result ? PQresultErrorMessage(result) : PQerrorMessage(handle_);
    const std::string what =
        fmt::format("postgresql {}: {} ({})", code.empty() ? "lost" : code, words, sql.substr(0, 200));
    const auto busy = [&] {
        return Error{
            ErrorKind::unavailable, "storage-busy", "The store is busy. Send it again in a moment.", what, {}, 1};
    };
    // SQLSTATE classes: PostgreSQL's appendix A. 08 connection, 57P operator, 40 rollback, 53 resources, 58 system, XX
    // corruption.
    if (code.starts_with("08") || code.starts_with("57P") || code == "25006") return unreachable(what);
    if (code == "40001" || code == "40P01")
        return {
            ErrorKind::unavailable, "storage-contended", "The store is busy. Send it again in a moment.", what, {}, 1};
    if (code == "55P03" || code == "57014" || code == "53300") return busy();
    if (code == "53100")
        return {ErrorKind::unavailable,
                "storage-full",
                "The database's disk is full. Nothing of this was stored; send it again once there is room.",
                what,
                {},
                60};
    if (code.starts_with("58"))
        return {ErrorKind::unavailable,
                "storage-failed",
                "The database's disk failed. Nothing more is accepted until it is repaired.",
                what,
                {},
                0};
    if (code == "XX001" || code == "XX002")
        return {ErrorKind::corrupt, "corrupt-data", "The database is damaged. Restore it from a backup.", what, {}, 0};
    // What libpq says by itself, without a SQLSTATE, is that it lost the server; after a write that failed it may not
    // count the connection as dead yet.
    if (code.empty() || !isAlive()) return unreachable(what);
    return internalError(what);
}

Result<std::string> PostgresConnection::prepare(std::string_view sql, std::span<const Value> parameters) {
    std::string key(sql);
    std::vector<Oid> types;
    for (const Value& value : parameters) {
        types.push_back(oidOf(value.type()));
        key += static_cast<char>('0' + static_cast<int>(value.type()));
    }
    if (const auto found = statements_.find(key); found != statements_.end()) return found->second;
    TRY(flush());
    const std::string name = "s" + std::to_string(statements_.size() + 1);
    const ResultHandle prepared(
        PQprepare(handle_, name.c_str(), std::string(sql).c_str(), static_cast<int>(types.size()), types.data()));
    if (PQresultStatus(prepared.get()) != PGRES_COMMAND_OK) return fail(errorOf(prepared.get(), sql));
    statements_.emplace(std::move(key), name);
    return name;
}

// Ready to send without waiting. The server answers in order; so that neither side waits for the other to read, not too
// many answers are left unread.
Result<void> PostgresConnection::readyToSend() {
    constexpr std::size_t unreadAtMost = 64;
    if (sent_.size() >= unreadAtMost) TRY(flush());
    if (PQpipelineStatus(handle_) == PQ_PIPELINE_OFF && PQenterPipelineMode(handle_) == 0)
        return fail(cannotSend("pipeline"));
    return {};
}

// libpq takes what it is given unless the way to the server is gone.
Error PostgresConnection::cannotSend(std::string_view sql) {
    lost_ = true;
    return unreachable(fmt::format("postgresql lost: {} ({})", PQerrorMessage(handle_), sql.substr(0, 200)));
}

Result<void> PostgresConnection::executeLater(std::string_view sql, std::span<const Value> parameters) {
    TRY_ASSIGN(const std::string name, prepare(sql, parameters));
    TRY(readyToSend());
    const Parameters sent(parameters);
    if (PQsendQueryPrepared(handle_, name.c_str(), static_cast<int>(parameters.size()), sent.pointers.data(),
                            sent.lengths.data(), sent.formats.data(), 1) == 0)
        return fail(cannotSend(sql));
    sent_.emplace_back(sql);
    return {};
}

Result<void> PostgresConnection::flush() {
    if (PQpipelineStatus(handle_) == PQ_PIPELINE_OFF) return {};
    if (PQpipelineSync(handle_) == 0) return fail(cannotSend("pipeline"));
    Result<void> outcome;
    std::size_t answered = 0;
    // Each statement gives its result and then a null; the end is the result of the sync itself.
    for (bool ended = false; !ended;) {
        const ResultHandle piece(PQgetResult(handle_));
        if (!piece) {
            if (++answered > sent_.size()) return fail(cannotSend("pipeline"));  // it ended without its end
            continue;
        }
        const ExecStatusType status = PQresultStatus(piece.get());
        ended = status == PGRES_PIPELINE_SYNC;
        const bool good = ended || status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK;
        if (!good && outcome)
            outcome = fail(errorOf(piece.get(), answered < sent_.size() ? sent_[answered] : "pipeline"));
        if (!isAlive()) return outcome ? fail(cannotSend("pipeline")) : outcome;
    }
    sent_.clear();
    if (PQexitPipelineMode(handle_) == 0 && outcome) outcome = fail(cannotSend("pipeline"));
    return outcome;
}

Result<std::int64_t> PostgresConnection::execute(std::string_view sql, std::span<const Value> parameters) {
    TRY(flush());
    TRY_ASSIGN(const std::string name, prepare(sql, parameters));
    const Parameters sent(parameters);
    const ResultHandle done(PQexecPrepared(handle_, name.c_str(), static_cast<int>(parameters.size()),
                                           sent.pointers.data(), sent.lengths.data(), sent.formats.data(), 1));
    const ExecStatusType status = PQresultStatus(done.get());
    if (status != PGRES_COMMAND_OK && status != PGRES_TUPLES_OK) return fail(errorOf(done.get(), sql));
    const std::string_view count = PQcmdTuples(done.get());
    std::int64_t rows = 0;
    std::from_chars(count.data(), count.data() + count.size(), rows);
    return rows;
}

Result<void> PostgresConnection::query(std::string_view sql, std::span<const Value> parameters,
                                       const RowFunction& row) {
    TRY(flush());
    TRY_ASSIGN(const std::string name, prepare(sql, parameters));
    const Parameters sent(parameters);
    if (PQsendQueryPrepared(handle_, name.c_str(), static_cast<int>(parameters.size()), sent.pointers.data(),
                            sent.lengths.data(), sent.formats.data(), 1) == 0)
        return fail(cannotSend(sql));
    PQsetSingleRowMode(handle_);
    Result<void> outcome;
    while (ResultHandle piece{PQgetResult(handle_)}) {
        const ExecStatusType status = PQresultStatus(piece.get());
        if (status == PGRES_SINGLE_TUPLE || status == PGRES_TUPLES_OK) {
            for (int i = 0; i < PQntuples(piece.get()); ++i)
                row(PostgresRow(piece.get(), i));
        } else if (status != PGRES_COMMAND_OK && outcome) {
            outcome = fail(errorOf(piece.get(), sql));
        }
    }
    if (outcome && !isAlive()) outcome = fail(errorOf(nullptr, sql));
    return outcome;
}

Result<void> PostgresConnection::copyIn(const RowBatch& batch) {
    // Beginning a COPY costs two round trips, a parameter a little more than its bytes.
    constexpr std::size_t fewValues = 1'000;
    if (batch.rows.empty()) return {};
    return batch.rows.size() * batch.columns.size() <= fewValues ? insertLater(batch) : copyMany(batch);
}

// One INSERT for all rows. It is not prepared: the next batch has another number of rows.
Result<void> PostgresConnection::insertLater(const RowBatch& batch) {
    std::string sql = fmt::format("INSERT INTO {} ({}) VALUES ", batch.table, fmt::join(batch.columns, ", "));
    std::vector<Value> values;
    std::vector<Oid> types;
    for (const std::vector<Value>& row : batch.rows) {
        sql += values.empty() ? "(" : ", (";
        for (std::size_t i = 0; i < row.size(); ++i) {
            values.push_back(row[i]);
            types.push_back(oidOf(row[i].type()));
            sql += fmt::format("{}${}", i > 0 ? ", " : "", values.size());
        }
        sql += ')';
    }
    TRY(readyToSend());
    const Parameters sent(values);
    if (PQsendQueryParams(handle_, sql.c_str(), static_cast<int>(values.size()), types.data(), sent.pointers.data(),
                          sent.lengths.data(), sent.formats.data(), 1) == 0)
        return fail(cannotSend(sql));
    sent_.emplace_back(sql);
    return {};
}

// The binary format of COPY: a signature, then per row the number of columns and per value its length and bytes, then
// -1 (PostgreSQL manual, "COPY", Binary Format).
Result<void> PostgresConnection::copyMany(const RowBatch& batch) {
    TRY(flush());
    const std::string sql =
        fmt::format("COPY {} ({}) FROM STDIN (FORMAT binary)", batch.table, fmt::join(batch.columns, ", "));
    const ResultHandle begun(PQexec(handle_, sql.c_str()));
    if (PQresultStatus(begun.get()) != PGRES_COPY_IN) return fail(errorOf(begun.get(), sql));
    constexpr std::string_view signature{"PGCOPY\n\xff\r\n\0\0\0\0\0\0\0\0\0", 19};
    std::string out(signature), scratch;
    const auto flush = [&] {
        const bool sent = PQputCopyData(handle_, out.data(), static_cast<int>(out.size())) == 1;
        out.clear();
        return sent;
    };
    bool sent = true;
    constexpr std::size_t pieceBytes = 256 * 1024;
    for (const std::vector<Value>& row : batch.rows) {
        appendBigEndian(row.size(), 2, out);
        for (const Value& value : row) {
            const auto bytes = binaryOf(value, scratch);
            appendBigEndian(bytes ? bytes->size() : ~std::uint64_t{0}, 4, out);
            if (bytes) out += *bytes;
        }
        if (out.size() >= pieceBytes) sent = sent && flush();
    }
    appendBigEndian(~std::uint64_t{0}, 2, out);
    sent = sent && flush() && PQputCopyEnd(handle_, nullptr) == 1;
    Result<void> outcome;
    while (ResultHandle done{PQgetResult(handle_)})
        if (PQresultStatus(done.get()) != PGRES_COMMAND_OK && outcome) outcome = fail(errorOf(done.get(), sql));
    if (outcome && !sent) outcome = fail(errorOf(nullptr, sql));
    return outcome;
}

Result<void> PostgresConnection::script(const std::string& sql) {
    TRY(flush());
    const ResultHandle done(PQexec(handle_, sql.c_str()));
    const ExecStatusType status = PQresultStatus(done.get());
    if (status != PGRES_COMMAND_OK && status != PGRES_TUPLES_OK && status != PGRES_EMPTY_QUERY)
        return fail(errorOf(done.get(), sql));
    return {};
}

}  // namespace meetpoint::store
