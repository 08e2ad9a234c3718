// What a report adds up, item by item, whether the items were just made or are stored. Memory is bounded by the limits
// and the length of the time that the items cover, never by how many they are.
#pragma once

#include <map>
#include <string>
#include <unordered_map>

#include "reconcile/report_data.h"

namespace meetpoint::reconcile {

// What a report looks at of one item.
struct ItemFacts {
    State state = State::matched;
    Causes causes;
    Instant at;
    bool isDifference = false;
    std::uint32_t ourRecords = 0, theirRecords = 0;
    std::int64_t ourMs = 0, theirMs = 0;  // connected; 0 where the side has no record
    std::optional<std::int64_t> startDeltaMs, durationDeltaMs;
    std::int64_t unitMs = 0, onwardMs = 0, lateMs = 0;  // as Item has them
    std::uint64_t ownNumber = 0;                        // 0: not E.164

    // What stands against each other in connected time, theirs minus ours.
    std::int64_t deltaMs() const { return durationDeltaMs.value_or(theirMs - ourMs); }
    // Whether a call of that side stands here, and no repeat or unusable record.
    bool hasCall() const;
};
ItemFacts factsOf(const Item& item);
// "ours 60 s, theirs 72 s (12 s longer)", "only ours, 72 s".
std::string describe(const ItemFacts& item);

struct ReportLimits {
    std::size_t groups = 100'000;  // numbers, and trunks, that are told apart at a time
    std::size_t groupsShown = 20;
    std::size_t worstShown = 50;
};

// Items that differ, by number or trunk. Once there are too many, the half with the least at stake is dropped.
class GroupSums {
public:
    explicit GroupSums(std::size_t most) : most_(most) {}
    void add(std::string_view name, const ItemFacts& item);
    std::vector<GroupLine> top(std::size_t most) const;
    bool hasAll() const { return hasAll_; }

private:
    void dropHalf();

    std::size_t most_;
    bool hasAll_ = true;
    std::unordered_map<std::string, GroupLine> groups_;
    std::string name_;
};

// Differences between starts, in steps of a tenth of a second up to a minute and of a second beyond.
class StartDeltas {
public:
    void add(std::int64_t ms);
    // Without the outermost 2 % at either end; at most some forty bars.
    std::vector<Bar> bars() const;

private:
    std::map<std::int64_t, std::uint64_t> counts_;  // by the least of a step
    std::uint64_t count_ = 0;
};

// Calls of both sides by UTC hour of the item.
class CallsInTime {
public:
    void add(const ItemFacts& item);
    // By day where there would be too many hours; nothing where there would be too many days.
    std::vector<Bar> bars() const;

private:
    struct Both {
        std::uint64_t ours = 0, theirs = 0;
    };
    std::map<std::int64_t, Both> hours_;
};

class ReportSums {
public:
    explicit ReportSums(const ReportLimits& limits);

    // Everything of an item but its trunk and the keys of its records.
    void add(const ItemFacts& item);
    // The trunk of our call in an item that differs; empty: none is known.
    void addTrunk(std::string_view trunk, const ItemFacts& item) { trunks_.add(trunk, item); }
    // Whether the item is among those that differ most, so far; then its records' keys are wanted.
    bool isAmongWorst(const ItemFacts& item) const;
    void addWorst(const ItemFacts& item, std::vector<std::string> ours, std::vector<std::string> theirs);

    // Writes what was added into the report: totals, causes, numbers, trunks, worst, startDeltas, times.
    void fill(Report& report) const;

private:
    ReportLimits limits_;
    Totals totals_;
    std::array<CauseTotals, causeCount> causes_{};
    GroupSums numbers_, trunks_;
    std::vector<WorstItem> worst_;  // the most at stake first; of equals the earlier one
    StartDeltas startDeltas_;
    CallsInTime times_;
};

}  // namespace meetpoint::reconcile
