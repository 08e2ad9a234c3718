// Key figures of groups of calls, block by block: one Aggregator a thread, whose groups are merged at the end. What
// comes of it depends on the calls alone, not on their order, nor on how blocks were divided.
#pragma once

#include "base/result.h"
#include "quality/grouping.h"

namespace meetpoint::quality {

// The figures of both periods of a group; `previous` where the query compares.
struct GroupFigures {
    Figures asked, previous;
};
// In the order of their keys.
using Groups = std::map<GroupKey, GroupFigures>;

class Aggregator {
public:
    // `query` must outlive it.
    explicit Aggregator(const Query& query);

    // Code "too-many-groups" where there are more than Query::maxGroups.
    Result<void> add(const CallBlock& block);
    // Adds what this one has to `groups`. Codes as above.
    Result<void> moveTo(Groups& groups);

private:
    void addStreams(const CallBlock& block);
    void addStream(const columns::Batch& network, std::size_t stream, std::size_t at);
    void addCalls(const CallBlock& block);
    Figures& figuresOf(std::uint32_t group);
    // The call's own group, or that of its stream's codec.
    std::uint32_t groupOfStream(const columns::Batch& network, std::size_t stream, std::size_t at);

    const Query& query_;
    CallGrouper grouper_;
    std::map<CallGrouper::Code, Figures> groups_;
    std::vector<Figures*> local_;         // of the block's groups; null: not asked for yet
    std::vector<std::int32_t> selected_;  // of the block's rows: their place among the chosen ones, or -1
    // Of a chosen call in one group: what its streams say. Without grouping by codec one for each call.
    struct Verdict {
        std::uint32_t at;
        std::uint32_t group;
        domain::StreamQuality quality;
        bool hasStreams;
    };
    std::vector<Verdict> verdicts_;
};

// The error of a query that has more groups than are given.
Error tooManyGroups(std::size_t most);

}  // namespace meetpoint::quality
