// What a report of a reconciliation says, of two files or of a carrier's period alike; report_html, report_csv and the
// callers' JSON write it out. Plain data: report_sums fills it from items.
#pragma once

#include "reconcile/outcome.h"

namespace meetpoint::reconcile {

enum class PeriodKind : std::uint8_t { day, month, billingCycle };
std::string_view name(PeriodKind kind);  // "billingCycle"

struct ReportPeriod {
    PeriodKind kind = PeriodKind::day;
    Instant from, to;  // [from, to), by the call
    std::string timeZone;
    Instant readAt;
};

// Rows of a file that could not be read and stand in no item.
struct UnreadRows {
    std::string file;
    std::uint64_t rows = 0;
};

struct CauseTotals {
    std::uint64_t items = 0;
    std::int64_t ms = 0;  // connected time that it explains; 0 for causes that say nothing of it
};

// A cause that the data of a day, or of the two files, show.
struct Finding {
    std::optional<Day> day;
    Diagnosis diagnosis;
};

// Where the data show something else than was agreed.
struct DeviationLine {
    Day day;
    std::string term, agreed, shown;  // the two as JSON
    std::uint64_t count = 0, outOf = 0;
    std::string evidence;  // a sentence
};

enum class DayStatus : std::uint8_t { notBegun, neverReconciled, open, closed };
std::string_view name(DayStatus status);  // "neverReconciled"

struct SideSum {
    std::uint64_t calls = 0;
    std::int64_t ms = 0;  // connected
};

// What of a reconciliation day lies in the period, and how far the day is.
struct DayLine {
    Day day;
    DayStatus status = DayStatus::neverReconciled;
    bool isStale = false;  // records came that its last run has not seen
    std::optional<std::int64_t> run;
    std::optional<Instant> ranAt, closedAt;
    std::uint64_t adjustments = 0;  // items that changed after the day was closed, gone ones too
    std::uint64_t items = 0, differences = 0;
    SideSum ours, theirs;
};

// Items that differ, of one number or trunk.
struct GroupLine {
    std::string name;  // +41446681800; a trunk; empty: not E.164, or no call of ours that names a trunk
    std::uint64_t items = 0;
    std::int64_t ourMs = 0, theirMs = 0;
    std::int64_t atStakeMs = 0;  // what they differ by, without sign, so that nothing cancels out
};

// One of the items that differ most.
struct WorstItem {
    Instant at;
    State state = State::matched;
    std::uint64_t ownNumber = 0;
    std::optional<std::int64_t> ourMs, theirMs;
    std::int64_t atStakeMs = 0;
    std::string text;                       // "ours 60 s, theirs 72 s (12 s longer)"
    std::vector<std::string> ours, theirs;  // lines of the files, or call ids and record ids
};

struct Bar {
    std::string label;
    std::uint64_t ours = 0, theirs = 0;
};

struct Report {
    std::string ours, theirs;            // the files, or the platform and the carrier by name
    std::optional<ReportPeriod> period;  // nothing: whatever the two files hold
    std::vector<UnreadRows> unread;
    Totals totals;
    std::array<CauseTotals, causeCount> causes{};
    std::vector<Finding> findings;
    std::vector<DeviationLine> deviations;
    std::vector<DayLine> days;               // in order
    std::vector<GroupLine> numbers, trunks;  // the most at stake first
    bool hasAllGroups = true;  // else there were so many that those with little at stake were dropped on the way
    std::vector<WorstItem> worst;
    std::vector<Bar> startDeltas;  // pairs by their start difference
    std::vector<Bar> times;        // calls in time
};

}  // namespace meetpoint::reconcile
