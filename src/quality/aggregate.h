// Key figures of groups of calls, block by block: one Aggregator a thread, whose groups are merged at the end. What
// comes of it depends on the calls alone, not on their order, nor on how blocks were divided.
#pragma once

#include "base/result.h"
#include "quality/grouping.h"
#include "quality/hourly_figures.h"

namespace meetpoint::quality {

// The figures of both periods of a group; `previous` where the query compares.
struct GroupFigures {
    Figures asked, previous;
};
// In the order of their keys.
using Groups = std::map<GroupKey, GroupFigures>;

// What the ends of calls count as, kept: most calls end in one of a few ways.
class EndCounts {
public:
    struct Counts {
        std::uint8_t seizure = 0, delivered = 0, session = 0, effective = 0;
    };
    // `sipCode` and `cause` 0: absent.
    const Counts& of(bool isAnswered, bool hasRung, std::int32_t sipCode, std::int32_t cause) {
        const std::uint64_t key = keyOf(isAnswered, hasRung, sipCode, cause);
        Kept& kept = kept_[key * 0x9e3779b97f4a7c15 >> 56];
        if (kept.key != key) kept = {key, workOut(isAnswered, hasRung, sipCode, cause)};
        return kept.counts;
    }

private:
    struct Kept {
        std::uint64_t key = 0;
        Counts counts;
    };
    // SIP codes are less than 2^12 and causes than 2^8; greater ones are none, and mean the same as the greatest.
    static std::uint64_t keyOf(bool isAnswered, bool hasRung, std::int32_t sipCode, std::int32_t cause) {
        const std::uint64_t flags = 4U | (isAnswered ? 2U : 0U) | (hasRung ? 1U : 0U);
        return flags << 32 | std::min<std::uint64_t>(static_cast<std::uint32_t>(cause), 0xff) << 16 |
               std::min<std::uint64_t>(static_cast<std::uint32_t>(sipCode), 0xfff);
    }
    static Counts workOut(bool isAnswered, bool hasRung, std::int32_t sipCode, std::int32_t cause);
    std::array<Kept, 256> kept_;
};

class Aggregator {
public:
    // `query` must outlive it.
    explicit Aggregator(const Query& query);

    // Code "too-many-groups" where there are more than Query::maxGroups.
    Result<void> add(const CallBlock& block);
    // The same of figures that were kept, which must fit (allFit()) a query that asksForHours().
    Result<void> add(const HourlyBlock& block);
    // Adds what this one has to `groups`. Codes as above.
    Result<void> moveTo(Groups& groups);

private:
    // What a call's streams say, or one of them; of several the greatest counts.
    enum class Seen : std::uint8_t { nothing, unclassified, good, poor };
    struct Stream {
        std::uint32_t row;  // of the part `network`
        std::uint32_t at;   // its call among the chosen ones
        Figures* figures;   // its group
        Seen seen;
        bool hasPackets;  // not reported without any
    };
    // A call in one group; where groups are by codec a call may stand in several.
    struct Call {
        std::uint32_t at;
        Figures* figures;
        Seen seen;
    };

    void listStreams(const CallBlock& block);
    void judgeStreams(const columns::Batch& network);
    void judgeBy(const columns::Column& column, double limit);
    void countStreams(const columns::Batch& network);
    void addFigure(Figure figure, const columns::Column& mean, const columns::Column& peak);
    void addEstimates(const columns::Batch& network);
    void listCalls();
    void listCallsByCodec();
    void countCalls(const columns::Batch& core);
    void countUnmeasured(const columns::Batch& core);
    void addPostDials(const columns::Batch& core);
    Result<void> checkGroups() const;
    Figures& figuresOf(std::uint32_t group);
    void addGroup(std::uint32_t group);

    const Query& query_;
    CallGrouper grouper_;
    EndCounts ends_;
    std::unordered_map<CallGrouper::Code, Figures, CallGrouper::CodeHash> groups_;
    std::vector<Figures*> local_;         // of the block's groups; null: not asked for yet
    std::vector<std::int32_t> selected_;  // of the block's rows: their place among the chosen ones, or -1
    std::vector<Stream> streams_;
    std::vector<Call> calls_;
};

// What an aggregator of hourlyQuery() has found, hour by hour in ascending order.
std::vector<HourFigures> hoursOf(Groups groups);

// The error of a query that has more groups than are given.
inline constexpr std::string_view tooManyGroupsCode = "too-many-groups";
Error tooManyGroups(std::size_t most);

}  // namespace meetpoint::quality
