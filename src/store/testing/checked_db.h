// A store that passes everything on and holds every statement to what a Citus cluster takes, and to what keeps its
// transactions on one worker. Never part of the product.
#pragma once

#include <map>
#include <mutex>
#include <set>

#include "store/db.h"

namespace meetpoint::store::testing {

// What a statement's text alone says: read once, however often it runs.
struct StatementText {
    bool namesLanes = false;  // a table that is distributed by shard key
    bool locksRows = false;
    std::vector<std::string> keys;  // the expressions that it binds as shard key: "$1", "0"
    std::vector<std::string> faults;
};
StatementText readStatement(const std::string& sql);

// What was wrong with the statements that passed; safe from several threads.
class StatementFindings {
public:
    void add(std::string finding);
    void countWrite();
    std::set<std::string> findings() const;  // each once
    std::size_t writes() const;              // transactions that wrote
    bool isFirst(std::string_view sql);      // whether this statement was not asked about before
    StatementText textOf(std::string_view sql);

private:
    mutable std::mutex mutex_;
    std::set<std::string> findings_;
    std::set<std::string, std::less<>> seen_;
    std::map<std::string, StatementText, std::less<>> texts_;
    std::size_t writes_ = 0;
};

// What one statement binds as shard key, and what it does that a cluster refuses.
struct StatementFacts {
    bool namesLanes = false;               // a table that is distributed by shard key
    std::optional<std::int64_t> shardKey;  // the only one that it binds
    std::vector<std::string> faults;
};
StatementFacts factsOf(const StatementText& text, std::span<const Value> parameters);

// How many shards a plan of Citus touches, from the lines of EXPLAIN; nothing if it is no plan of Citus.
std::optional<std::int64_t> tasksOf(const std::vector<std::string>& plan);

// `findings` must outlive the store. Where the store lies on Citus, the plan of each statement that binds a shard key
// is looked at too: it must touch one shard.
std::unique_ptr<Db> checkStatements(std::unique_ptr<Db> db, StatementFindings& findings);

}  // namespace meetpoint::store::testing
