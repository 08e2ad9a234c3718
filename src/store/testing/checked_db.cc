#include "store/testing/checked_db.h"

#include <regex>

#include <fmt/format.h>

#include "store/migrations.h"

namespace meetpoint::store::testing {
namespace {

// What Citus refuses or answers wrongly on distributed tables, although PostgreSQL takes it.
struct Refused {
    const char* pattern;
    const char* because;
};
constexpr Refused refused[] = {
    {R"(\bMERGE\b)", "MERGE into a distributed table is refused"},
    {R"(\bRECURSIVE\b)", "recursive queries over several shards are refused"},
    {R"(\b(ROLLUP|CUBE|GROUPING SETS)\b)", "grouping sets over several shards are refused"},
    {R"(\bctid\b|\bxmin\b)", "system columns mean nothing across shards"},
    {R"(\b(now|clock_timestamp|random|nextval|gen_random_uuid)\s*\()", "volatile functions in DML are refused"},
    {R"(\bSET\s+shard_key\b|,\s*shard_key\s*=\s*)", "a shard key never changes"},
};

bool has(const std::string& sql, const char* pattern) {
    return std::regex_search(sql, std::regex(pattern, std::regex::icase));
}

// The items of a list in brackets, at the brackets' own level.
std::vector<std::string> listAt(const std::string& sql, std::size_t open) {
    std::vector<std::string> items(1);
    int depth = 0;
    for (std::size_t at = open; at < sql.size(); ++at) {
        const char c = sql[at];
        if (c == '(' && depth++ == 0) continue;
        if (c == ')' && --depth == 0) return items;
        if (c == ',' && depth == 1)
            items.emplace_back();
        else if (c != ' ')
            items.back() += c;
    }
    return items;
}

std::optional<std::int64_t> valueOf(const std::string& text, std::span<const Value> parameters) {
    if (text.empty()) return std::nullopt;
    if (text[0] != '$') return std::strtoll(text.c_str(), nullptr, 10);
    const std::size_t number = std::strtoull(text.c_str() + 1, nullptr, 10);
    if (number == 0 || number > parameters.size()) return std::nullopt;
    const auto* value = std::get_if<std::int64_t>(&parameters[number - 1].variant());
    return value ? std::optional(*value) : std::nullopt;
}

// Every expression that a statement compares with shard_key, or inserts as one.
std::vector<std::string> boundKeys(const std::string& sql) {
    static const std::regex compared(R"(shard_key\s*=\s*(\$?\d+))"),
        inserted(R"(INSERT INTO \w+\s*\()", std::regex::icase), values(R"(VALUES\s*\()", std::regex::icase);
    std::vector<std::string> keys;
    for (std::sregex_iterator found(sql.begin(), sql.end(), compared), end; found != end; ++found)
        keys.push_back((*found)[1]);
    std::smatch into, row;
    if (std::regex_search(sql, into, inserted) && std::regex_search(sql, row, values)) {
        const auto columns = listAt(sql, static_cast<std::size_t>(into.position() + into.length() - 1));
        const auto given = listAt(sql, static_cast<std::size_t>(row.position() + row.length() - 1));
        for (std::size_t i = 0; i < std::min(columns.size(), given.size()); ++i)
            if (columns[i] == "shard_key") keys.push_back(given[i]);
    }
    return keys;
}

void checkConflictTarget(const std::string& sql, StatementText& text) {
    static const std::regex conflict(R"(ON CONFLICT\s*\()", std::regex::icase);
    std::smatch target;
    if (!std::regex_search(sql, target, conflict)) return;
    const auto columns = listAt(sql, static_cast<std::size_t>(target.position() + target.length() - 1));
    if (std::ranges::find(columns, "shard_key") == columns.end())
        text.faults.push_back("the target of ON CONFLICT lacks shard_key");
}

// Follows one transaction.
class CheckedTx final : public Tx {
public:
    CheckedTx(Tx& tx, StatementFindings& findings, bool writes, bool isCitus)
        : tx_(tx), findings_(findings), writes_(writes), isCitus_(isCitus) {}

    using Tx::execute;
    using Tx::executeLater;
    using Tx::query;
    Result<std::int64_t> execute(std::string_view sql, std::span<const Value> parameters) override {
        check(sql, parameters);
        return tx_.execute(sql, parameters);
    }
    Result<void> executeLater(std::string_view sql, std::span<const Value> parameters) override {
        check(sql, parameters);
        return tx_.executeLater(sql, parameters);
    }
    Result<void> query(std::string_view sql, std::span<const Value> parameters, const RowFunction& row) override {
        check(sql, parameters);
        return tx_.query(sql, parameters, row);
    }
    Result<void> copyIn(const RowBatch& batch) override {
        const auto column = std::ranges::find(batch.columns, "shard_key") - batch.columns.begin();
        for (const auto& row : batch.rows)
            if (static_cast<std::size_t>(column) < row.size())
                if (const auto* key = std::get_if<std::int64_t>(&row[static_cast<std::size_t>(column)].variant()))
                    bind(*key, batch.table);
        return tx_.copyIn(batch);
    }
    void onCommit(std::function<void()> action) override { tx_.onCommit(std::move(action)); }
    void announce(std::string topic) override { tx_.announce(std::move(topic)); }

private:
    void check(std::string_view sql, std::span<const Value> parameters) {
        const StatementFacts facts = factsOf(findings_.textOf(sql), parameters);
        for (const std::string& fault : facts.faults)
            findings_.add(fmt::format("{}: {}", fault, sql));
        if (isCitus_ && facts.shardKey && findings_.isFirst(sql)) checkPlan(sql, parameters);
        if (!facts.namesLanes || !writes_) return;
        if (facts.shardKey)
            bind(*facts.shardKey, sql);
        else
            findings_.add(fmt::format("binds no shard key in a transaction that writes: {}", sql));
    }
    void checkPlan(std::string_view sql, std::span<const Value> parameters) {
        std::vector<std::string> plan;
        const auto explained = tx_.query("EXPLAIN " + std::string(sql), parameters,
                                         [&](const Row& row) { plan.emplace_back(row.text(0)); });
        if (!explained) return findings_.add(fmt::format("cannot be explained: {}", sql));
        if (const auto tasks = tasksOf(plan); tasks && *tasks != 1)
            findings_.add(fmt::format("touches {} shards: {}", *tasks, sql));
    }
    void bind(std::int64_t key, std::string_view statement) {
        if (shardKey_ && *shardKey_ != key)
            findings_.add(fmt::format("a transaction binds a second shard key: {}", statement));
        shardKey_ = key;
    }

    Tx& tx_;
    StatementFindings& findings_;
    bool writes_;
    bool isCitus_;
    std::optional<std::int64_t> shardKey_;
};

class CheckedDb final : public Db {
public:
    CheckedDb(std::unique_ptr<Db> db, StatementFindings& findings) : db_(std::move(db)), findings_(findings) {
        if (!db_->isShared()) return;
        const auto asked = db_->read([&](Tx& tx) {
            return tx.query("SELECT to_regproc('pg_catalog.create_distributed_table') IS NOT NULL", {},
                            [&](const Row& row) { isCitus_ = row.integer(0) != 0; });
        });
        if (!asked) findings_.add("whether this is Citus cannot be asked: " + asked.error().internal);
    }

    std::future<Result<void>> submit(const WriteScope& scope, TxFunction work) override {
        return db_->submit(scope, [this, work = std::move(work)](Tx& tx) -> Result<void> {
            CheckedTx checked(tx, findings_, true, isCitus_);
            findings_.countWrite();
            return work(checked);
        });
    }
    Result<void> read(const TxFunction& work) override {
        return db_->read([&](Tx& tx) -> Result<void> {
            CheckedTx checked(tx, findings_, false, isCitus_);
            return work(checked);
        });
    }
    bool isHealthy() const override { return db_->isHealthy(); }
    void listen(Listener listener) override { db_->listen(std::move(listener)); }
    bool isShared() const override { return db_->isShared(); }

private:
    std::unique_ptr<Db> db_;
    StatementFindings& findings_;
    bool isCitus_ = false;
};

}  // namespace

void StatementFindings::add(std::string finding) {
    const std::lock_guard lock(mutex_);
    findings_.insert(std::move(finding));
}
void StatementFindings::countWrite() {
    const std::lock_guard lock(mutex_);
    ++writes_;
}
std::set<std::string> StatementFindings::findings() const {
    const std::lock_guard lock(mutex_);
    return findings_;
}
std::size_t StatementFindings::writes() const {
    const std::lock_guard lock(mutex_);
    return writes_;
}

bool StatementFindings::isFirst(std::string_view sql) {
    const std::lock_guard lock(mutex_);
    return seen_.emplace(sql).second;
}

std::optional<std::int64_t> tasksOf(const std::vector<std::string>& plan) {
    constexpr std::string_view words = "Task Count: ";
    for (const std::string& line : plan)
        if (const std::size_t at = line.find(words); at != std::string::npos)
            return std::strtoll(line.c_str() + at + words.size(), nullptr, 10);
    return std::nullopt;
}

StatementText readStatement(const std::string& sql) {
    StatementText text;
    for (const std::string_view table : tablesByShardKey())
        text.namesLanes |= std::regex_search(sql, std::regex("\\b" + std::string(table) + "\\b"));
    for (const Refused& rule : refused)
        if (has(sql, rule.pattern)) text.faults.emplace_back(rule.because);
    if (!text.namesLanes) return text;
    checkConflictTarget(sql, text);
    text.keys = boundKeys(sql);
    text.locksRows = has(sql, R"(\bFOR (UPDATE|SHARE)\b)");
    return text;
}

StatementText StatementFindings::textOf(std::string_view sql) {
    const std::lock_guard lock(mutex_);
    const auto known = texts_.find(sql);
    if (known != texts_.end()) return known->second;
    return texts_.emplace(std::string(sql), readStatement(std::string(sql))).first->second;
}

StatementFacts factsOf(const StatementText& text, std::span<const Value> parameters) {
    StatementFacts facts{text.namesLanes, std::nullopt, text.faults};
    for (const std::string& key : text.keys) {
        const auto value = valueOf(key, parameters);
        if (value && facts.shardKey && *facts.shardKey != *value) facts.faults.push_back("binds two shard keys");
        if (value) facts.shardKey = value;
    }
    if (text.locksRows && !facts.shardKey) facts.faults.push_back("rows of several shards cannot be locked");
    return facts;
}

std::unique_ptr<Db> checkStatements(std::unique_ptr<Db> db, StatementFindings& findings) {
    return std::make_unique<CheckedDb>(std::move(db), findings);
}

}  // namespace meetpoint::store::testing
