// A report of reconciliation as JSON.
#pragma once

#include <boost/json/value.hpp>

#include "exchange/reconciliation_report.h"
#include "http/json.h"

namespace meetpoint::api {

struct ReportPeriod {
    std::string kind;
    Instant from, to;
    std::string timeZone;
    static constexpr http::FieldDoc docs[] = {
        {.field = "kind", .what = "day, month or billingCycle"},
        {.field = "to", .what = "The first instant behind it"},
    };
};
BOOST_DESCRIBE_STRUCT(ReportPeriod, (), (kind, from, to, timeZone))

struct ReportSide {
    std::int64_t records, calls, answered;
    double seconds;
    static constexpr http::FieldDoc docs[] = {
        {.field = "calls", .what = "Legs, parts and repeats put together"},
        {.field = "answered", .what = "Calls with connected time"},
        {.field = "seconds", .what = "Connected"},
    };
};
BOOST_DESCRIBE_STRUCT(ReportSide, (), (records, calls, answered, seconds))

struct ReportDifference {
    std::int64_t calls;
    std::optional<double> callsPercent;
    double seconds;
    std::optional<double> secondsPercent;
    static constexpr http::FieldDoc docs[] = {
        {.field = "calls", .what = "Theirs minus ours, as everywhere"},
        {.field = "callsPercent", .what = "Of ours; absent where there are none"},
    };
};
BOOST_DESCRIBE_STRUCT(ReportDifference, (), (calls, callsPercent, seconds, secondsPercent))

struct ReportState {
    std::string state;
    std::int64_t items;
    double ourSeconds, theirSeconds;
};
BOOST_DESCRIBE_STRUCT(ReportState, (), (state, items, ourSeconds, theirSeconds))

struct ReportCause {
    std::string cause;
    std::int64_t items;
    double secondsExplained;
    static constexpr http::FieldDoc docs[] = {
        {.field = "secondsExplained", .what = "Of the difference in connected time, without sign"},
    };
};
BOOST_DESCRIBE_STRUCT(ReportCause, (), (cause, items, secondsExplained))

struct ReportFinding {
    Day date;
    std::string cause;
    boost::json::value value;
    std::optional<std::string> at;
    std::int64_t count, outOf;
    double secondsExplained;
    std::string evidence;
    static constexpr http::FieldDoc docs[] = {
        {.field = "date", .what = "The reconciliation day whose run found it, as a whole"},
        {.field = "value", .what = "As in the day's diagnosis"},
        {.field = "at", .what = "Whose records show it: platform, carrier"},
    };
};
BOOST_DESCRIBE_STRUCT(ReportFinding, (), (date, cause, value, at, count, outOf, secondsExplained, evidence))

struct ReportDeviation {
    Day date;
    std::string term;
    boost::json::value agreed, shown;
    std::int64_t count, outOf;
    std::string evidence;
};
BOOST_DESCRIBE_STRUCT(ReportDeviation, (), (date, term, agreed, shown, count, outOf, evidence))

struct ReportSideSum {
    std::int64_t calls;
    double seconds;
};
BOOST_DESCRIBE_STRUCT(ReportSideSum, (), (calls, seconds))

struct ReportDay {
    Day date;
    std::string status;
    bool stale;
    std::optional<std::int64_t> run;
    std::optional<Instant> ranAt, closedAt;
    std::int64_t adjustments, items, differences;
    ReportSideSum ours, theirs;
    static constexpr http::FieldDoc docs[] = {
        {.field = "status", .what = "notBegun, neverReconciled (nothing of it is in any sum), open or closed"},
        {.field = "stale", .what = "Records came that its last run has not seen"},
        {.field = "adjustments", .what = "Items in the period that changed after the day was closed, gone ones too"},
        {.field = "differences", .what = "Items that differ"},
    };
};
BOOST_DESCRIBE_STRUCT(ReportDay, (),
                      (date, status, stale, run, ranAt, closedAt, adjustments, items, differences, ours, theirs))

struct ReportGroup {
    std::optional<std::string> name;
    std::int64_t items;
    double ourSeconds, theirSeconds, differenceSeconds, secondsAtStake;
    static constexpr http::FieldDoc docs[] = {
        {.field = "name", .what = "The own number, or the trunk of the platform's call; absent where none is known"},
        {.field = "items", .what = "That differ; the rest counts in none of these"},
        {.field = "secondsAtStake", .what = "What they differ by, without sign: the order of the list"},
    };
};
BOOST_DESCRIBE_STRUCT(ReportGroup, (), (name, items, ourSeconds, theirSeconds, differenceSeconds, secondsAtStake))

struct ReportItem {
    Instant callAt;
    std::string state;
    std::optional<std::string> ownNumber;
    std::optional<std::int64_t> oursMs, theirsMs;
    std::vector<std::string> ourCalls, theirRecords;
};
BOOST_DESCRIBE_STRUCT(ReportItem, (), (callAt, state, ownNumber, oursMs, theirsMs, ourCalls, theirRecords))

struct ReconciliationReport {
    Id carrierId;
    ReportPeriod period;
    Instant readAt;
    ReportSide ours, theirs;
    ReportDifference difference;
    std::vector<ReportState> states;
    std::vector<ReportCause> causes;
    std::vector<ReportFinding> findings;
    std::vector<ReportDeviation> deviations;
    std::vector<ReportDay> days;
    std::vector<ReportGroup> numbers, trunks;
    bool groupsComplete;
    std::vector<ReportItem> largest;
    static constexpr http::FieldDoc docs[] = {
        {.field = "states", .what = "Those that items have"},
        {.field = "causes", .what = "Those that items have, with what they explain"},
        {.field = "deviations", .what = "Where a day's data show something else than was agreed"},
        {.field = "days", .what = "Every reconciliation day (UTC) that touches the period"},
        {.field = "numbers", .what = "Those with the most at stake"},
        {.field = "trunks", .what = "The same by trunk"},
        {.field = "groupsComplete",
         .what = "false: there were more than limits.reportGroups at a time, and those with little at stake dropped"},
        {.field = "largest", .what = "Items that differ most"},
    };
};
BOOST_DESCRIBE_STRUCT(ReconciliationReport, (),
                      (carrierId, period, readAt, ours, theirs, difference, states, causes, findings, deviations, days,
                       numbers, trunks, groupsComplete, largest))

ReconciliationReport wire(const exchange::PeriodReport& answer);

}  // namespace meetpoint::api
