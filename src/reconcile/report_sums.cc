#include "reconcile/report_sums.h"

#include <algorithm>
#include <cstdlib>

#include <fmt/format.h>

#include "reconcile/report.h"
#include "reconcile/total.h"

namespace meetpoint::reconcile {
namespace {

constexpr std::int64_t hourMs = 3'600'000, dayMs = 86'400'000;

std::int64_t floorTo(std::int64_t ms, std::int64_t step) {
    return (ms >= 0 ? ms : ms - step + 1) / step * step;
}

void addSide(SideTotals& side, std::uint32_t records, bool isCall, std::int64_t ms) {
    side.records += records;
    if (records == 0 || !isCall) return;
    ++side.calls;
    side.answered += ms > 0 ? 1 : 0;
    side.connectedMs += ms;
}

// The most at stake first; then the more items, then the name, so that the order depends on nothing else.
bool goesBefore(const GroupLine& a, const GroupLine& b) {
    if (a.atStakeMs != b.atStakeMs) return a.atStakeMs > b.atStakeMs;
    return a.items != b.items ? a.items > b.items : a.name < b.name;
}

bool goesBefore(std::int64_t atStakeMs, Instant at, const WorstItem& other) {
    return atStakeMs != other.atStakeMs ? atStakeMs > other.atStakeMs : at < other.at;
}

std::string placeText(std::int64_t ms, bool isHour) {
    std::string text = formatInstant({ms}).substr(5, isHour ? 8 : 5);
    std::ranges::replace(text, 'T', ' ');
    return isHour ? text + "h" : text;
}

}  // namespace

bool ItemFacts::hasCall() const {
    return state != State::duplicateAtPlatform && state != State::duplicateAtCarrier && state != State::invalid;
}

ItemFacts factsOf(const Item& item) {
    ItemFacts facts;
    facts.state = item.state;
    facts.causes = item.causes;
    facts.at = item.at;
    facts.isDifference = item.isDifference();
    facts.ourRecords = item.ourCount;
    facts.theirRecords = item.theirCount;
    facts.ourMs = item.ourMs;
    facts.theirMs = item.theirMs;
    facts.startDeltaMs = item.startDeltaMs;
    facts.durationDeltaMs = item.durationDeltaMs;
    facts.unitMs = item.unitMs;
    facts.onwardMs = item.onwardMs;
    facts.lateMs = item.lateMs;
    facts.ownNumber = item.ownNumber;
    return facts;
}

std::string describe(const ItemFacts& item) {
    switch (item.state) {
        case State::missingAtCarrier:
            return fmt::format("only ours, {}", spoken(item.ourMs));
        case State::missingAtPlatform:
            return fmt::format("only theirs, {}", spoken(item.theirMs));
        case State::duplicateAtPlatform:
            return fmt::format("ours again, {}", spoken(item.ourMs));
        case State::duplicateAtCarrier:
            return fmt::format("theirs again, {}", spoken(item.theirMs));
        case State::ambiguous:
            return fmt::format("{} of ours, {} of theirs", item.ourRecords, item.theirRecords);
        case State::invalid:
            return "cannot be used";
        default:
            break;
    }
    const std::int64_t delta = item.durationDeltaMs.value_or(0);
    std::string text = fmt::format("ours {}, theirs {}", spoken(item.ourMs), spoken(item.theirMs));
    if (delta != 0) text += fmt::format(" ({} {})", spoken(delta), delta > 0 ? "longer" : "shorter");
    return text;
}

void GroupSums::add(std::string_view name, const ItemFacts& item) {
    name_ = name;
    GroupLine& group = groups_[name_];
    ++group.items;
    group.ourMs += item.ourMs;
    group.theirMs += item.theirMs;
    group.atStakeMs += std::abs(item.deltaMs());
    if (groups_.size() > most_) dropHalf();
}

void GroupSums::dropHalf() {
    hasAll_ = false;
    const std::vector<GroupLine> kept = top(groups_.size() / 2);
    groups_.clear();
    for (const GroupLine& group : kept)
        groups_.emplace(group.name, group);
}

std::vector<GroupLine> GroupSums::top(std::size_t most) const {
    std::vector<GroupLine> out;
    out.reserve(groups_.size());
    for (const auto& [name, group] : groups_)
        out.push_back(group), out.back().name = name;
    std::ranges::sort(out, [](const GroupLine& a, const GroupLine& b) { return goesBefore(a, b); });
    if (out.size() > most) out.resize(most);
    return out;
}

void StartDeltas::add(std::int64_t ms) {
    ++counts_[floorTo(ms, std::abs(ms) <= 60'000 ? 100 : 1'000)];
    ++count_;
}

std::vector<Bar> StartDeltas::bars() const {
    if (count_ == 0) return {};
    const std::uint64_t outermost = count_ / 50;
    const auto at = [&](std::uint64_t rank) {
        for (const auto& [ms, count] : counts_) {
            if (rank < count) return ms;
            rank -= count;
        }
        return counts_.rbegin()->first;
    };
    const std::int64_t low = at(outermost), high = at(count_ - 1 - outermost);
    constexpr std::int64_t places = 40, finest = 100;
    const std::int64_t step = std::max(finest, (high - low) / places + 1);
    std::vector<Bar> bars(static_cast<std::size_t>((high - low) / step + 1));
    for (std::size_t i = 0; i < bars.size(); ++i)
        bars[i].label = fmt::format("{} s", secondsText(low + static_cast<std::int64_t>(i) * step));
    for (const auto& [ms, count] : counts_)
        if (ms >= low && ms <= high) bars[static_cast<std::size_t>((ms - low) / step)].ours += count;
    return bars;
}

void CallsInTime::add(const ItemFacts& item) {
    Both& hour = hours_[floorTo(item.at.ms, hourMs)];
    hour.ours += item.ourRecords > 0 ? 1 : 0;
    hour.theirs += item.theirRecords > 0 ? 1 : 0;
}

std::vector<Bar> CallsInTime::bars() const {
    if (hours_.empty()) return {};
    constexpr std::int64_t mostHours = 240, mostDays = 400;
    const std::int64_t first = hours_.begin()->first, last = hours_.rbegin()->first;
    const bool isHourly = (last - first) / hourMs <= mostHours;
    const std::int64_t step = isHourly ? hourMs : dayMs;
    const std::int64_t begin = floorTo(first, step);
    if ((last - begin) / step >= mostDays) return {};
    std::vector<Bar> bars(static_cast<std::size_t>((last - begin) / step + 1));
    for (std::size_t i = 0; i < bars.size(); ++i)
        bars[i].label = placeText(begin + static_cast<std::int64_t>(i) * step, isHourly);
    for (const auto& [at, hour] : hours_) {
        Bar& bar = bars[static_cast<std::size_t>((at - begin) / step)];
        bar.ours += hour.ours;
        bar.theirs += hour.theirs;
    }
    return bars;
}

ReportSums::ReportSums(const ReportLimits& limits) : limits_(limits), numbers_(limits.groups), trunks_(limits.groups) {}

void ReportSums::add(const ItemFacts& item) {
    addSide(totals_.ours, item.ourRecords, item.hasCall(), item.ourMs);
    addSide(totals_.theirs, item.theirRecords, item.hasCall(), item.theirMs);
    StateTotals& state = totals_.states[static_cast<std::size_t>(item.state)];
    ++state.items;
    state.ourMs += item.ourMs;
    state.theirMs += item.theirMs;
    totals_.pairs += item.startDeltaMs ? 1 : 0;
    item.causes.forEach([&](Cause cause) {
        CauseTotals& sum = causes_[static_cast<std::size_t>(cause)];
        ++sum.items;
        sum.ms += std::abs(timeExplained({item.deltaMs(), item.unitMs, item.onwardMs, item.lateMs}, cause));
    });
    if (item.startDeltaMs) startDeltas_.add(*item.startDeltaMs);
    times_.add(item);
    if (item.isDifference) numbers_.add(item.ownNumber == 0 ? "" : fmt::format("+{}", item.ownNumber), item);
}

bool ReportSums::isAmongWorst(const ItemFacts& item) const {
    if (!item.isDifference || limits_.worstShown == 0) return false;
    return worst_.size() < limits_.worstShown || goesBefore(std::abs(item.deltaMs()), item.at, worst_.back());
}

void ReportSums::addWorst(const ItemFacts& item, std::vector<std::string> ours, std::vector<std::string> theirs) {
    WorstItem added{item.at,        item.state,      item.ownNumber,   {}, {}, std::abs(item.deltaMs()),
                    describe(item), std::move(ours), std::move(theirs)};
    if (item.ourRecords > 0) added.ourMs = item.ourMs;
    if (item.theirRecords > 0) added.theirMs = item.theirMs;
    const auto place = std::ranges::find_if(
        worst_, [&](const WorstItem& other) { return goesBefore(added.atStakeMs, added.at, other); });
    worst_.insert(place, std::move(added));
    if (worst_.size() > limits_.worstShown) worst_.pop_back();
}

void ReportSums::fill(Report& report) const {
    report.totals = totals_;
    report.causes = causes_;
    report.numbers = numbers_.top(limits_.groupsShown);
    report.trunks = trunks_.top(limits_.groupsShown);
    report.hasAllGroups = numbers_.hasAll() && trunks_.hasAll();
    report.worst = worst_;
    report.startDeltas = startDeltas_.bars();
    report.times = times_.bars();
}

}  // namespace meetpoint::reconcile
