// What findings are looked for in: calls and streams counted by the minute, by whom they went through and how they
// ended. One collector a thread; what comes of them together does not depend on how blocks were divided.
#pragma once

#include <unordered_map>

#include "base/result.h"
#include "quality/grouping.h"

namespace meetpoint::quality {

// How calls end that were not answered.
struct ReleaseCause {
    std::int32_t sipCode = 0;    // 0: none was reported
    std::int32_t q850Cause = 0;  // likewise
    bool isFailure = false;      // by the network
    auto operator<=>(const ReleaseCause&) const = default;
};

// Through what calls or streams went; what is not known is empty.
struct Path {
    std::string carrier, trunk, region, codec;
    auto operator<=>(const Path&) const = default;
};

// So many calls (or streams) of one minute and path.
struct CallCell {
    std::uint32_t path = 0;
    std::uint32_t minute = 0;  // from IncidentData::from on
    std::uint32_t cause = 0;   // 0: answered; else IncidentData::causes[cause - 1]
    std::uint32_t calls = 0;
};
struct StreamCell {
    std::uint32_t path = 0;
    std::uint32_t minute = 0;
    std::uint32_t good = 0, poor = 0;
};

struct IncidentData {
    Instant from;
    std::size_t minutes = 0;
    std::vector<Path> callPaths, streamPaths;  // sorted; of streams with their codec
    std::vector<ReleaseCause> causes;          // sorted
    std::vector<CallCell> calls;               // seizures; in the order of their members
    std::vector<StreamCell> streams;           // classified ones; likewise
};

class IncidentCollector {
public:
    // Of calls invited in [query.from, query.to), by carrier, trunk and region; `mostCells`: so many are held.
    // `query.groupBy` must be incidentDimensions().
    IncidentCollector(const Query& query, std::size_t mostCells);
    // Code "too-many-groups".
    Result<void> add(const CallBlock& block);

private:
    friend Result<IncidentData> mergeIncidentData(const Query& query, std::vector<IncidentCollector> collectors,
                                                  std::size_t mostCells);
    struct Key {
        std::uint32_t path, minute, cause;
        bool operator==(const Key&) const = default;
    };
    struct KeyHash {
        std::size_t operator()(const Key& key) const {
            std::uint64_t hash = (std::uint64_t{key.path} << 32 | key.minute) * 0x9e3779b97f4a7c15;
            hash ^= key.cause + (hash >> 29);
            return hash * 0xbf58476d1ce4e5b9;
        }
    };
    struct Counts {
        std::uint32_t calls = 0, good = 0, poor = 0;
    };
    std::uint32_t pathOf(std::uint32_t group);
    void addCalls(const CallBlock& block);
    void addStreams(const CallBlock& block);

    const Query& query_;
    std::size_t mostCells_;
    CallGrouper grouper_;
    std::unordered_map<CallGrouper::Code, std::uint32_t, CallGrouper::CodeHash> pathNumbers_;
    std::vector<Path> paths_;
    std::vector<std::uint32_t> local_;  // path + 1 of the block's groups
    std::vector<std::int32_t> selected_;
    std::map<ReleaseCause, std::uint32_t> causes_;
    std::unordered_map<Key, Counts, KeyHash> cells_;
};

// What to group by, so that every call and stream has its path.
std::vector<Dimension> incidentDimensions();
// Everything together. Code "too-many-groups".
Result<IncidentData> mergeIncidentData(const Query& query, std::vector<IncidentCollector> collectors,
                                       std::size_t mostCells);

}  // namespace meetpoint::quality
