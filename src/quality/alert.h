// When a group's windows raise an alert and when they clear it. Pure: figures and state in, transition out.
#pragma once

#include <span>
#include <string>
#include <variant>
#include <vector>

#include "base/time.h"
#include "quality/query.h"

namespace meetpoint::quality {

enum class Statistic : std::uint8_t { average, p1, p5, p50, p95, p99 };
inline constexpr std::size_t statisticCount = 6;
std::string_view name(Statistic statistic);
std::optional<Statistic> readStatistic(std::string_view word);

// What a rule watches: a ratio, or one statistic of a figure.
struct Measure {
    std::variant<Kpi, Figure> what = Kpi::asr;
    Statistic statistic = Statistic::average;  // of figures
    bool isRatio() const { return std::holds_alternative<Kpi>(what); }
    bool operator==(const Measure&) const = default;
};
// "ner", "jitterMs": the ratio's or figure's.
std::string_view name(const Measure& measure);
std::optional<std::variant<Kpi, Figure>> readMeasured(std::string_view word);
// The query wants this measure and nothing else.
void wantOnly(Query& query, const Measure& measure);

// A measure of one group and time, with what it was made of.
struct Reading {
    std::optional<double> value;             // none where nothing was measured
    std::optional<std::uint64_t> numerator;  // of ratios
    std::uint64_t denominator = 0;           // of figures: how many values there were
};
Reading readingOf(const Figures& figures, const Measure& measure);

enum class Side : std::uint8_t { above, below };

// Compares with the same hour of the days before instead of with a fixed value.
struct Change {
    std::int64_t days = 7;   // that are looked at
    bool isRelative = true;  // 0.2 is a fifth more than then; else a difference, in the measure's own unit
    bool operator==(const Change&) const = default;
};

struct AlertCondition {
    Side side = Side::below;
    // A window strictly beyond `raiseAt` speaks for raising, one that is not beyond `clearAt` for clearing. Between the
    // two nothing changes. Of changes both say how far beyond the usual, on that side; 0 at least.
    double raiseAt = 0, clearAt = 0;
    std::optional<Change> change;
    std::uint64_t minimumDenominator = 1;  // a window with less says nothing
    std::int64_t windowsToRaise = 1;       // in a row
    std::int64_t windowsToClear = 1;       // in a row
    // Whether clearing lies on the side of raising that is no alert: else it would be raised and cleared at once.
    bool isOrderly() const;
    bool operator==(const AlertCondition&) const = default;
};

// The same hour of one of the days before.
struct PastHour {
    Instant from;
    Reading reading;
};
// What is usual.
struct Baseline {
    std::vector<PastHour> hours;
    std::optional<double> median;  // of the hours with enough calls; none where those are less than half of all
};
Baseline baselineOf(std::vector<PastHour> hours, const AlertCondition& condition);

enum class Verdict : std::uint8_t { unknown, breached, between, recovered };
// What is held against the limits: the value, or how far it is beyond the usual. None where too little is known.
std::optional<double> comparedBy(const AlertCondition& condition, const Reading& reading, const Baseline& baseline);
Verdict judge(const AlertCondition& condition, const std::optional<double>& compared);

// What is remembered of a group from one window to the next.
struct AlertState {
    bool isOpen = false;
    std::int64_t streak = 0;  // windows in a row that speak for changing that
    Instant lastKnown;        // the end of the last window that said something
    // Nothing to remember: the group is as one never seen.
    bool isIdle() const { return !isOpen && streak == 0; }
};
enum class Transition : std::uint8_t { none, raised, cleared, silent };
// The next window of the group. One that says nothing breaks a row and changes nothing else, but that an open alert of
// which nothing was known for `silentFor` ends as `silent`.
Transition advance(const AlertCondition& condition, AlertState& state, Verdict verdict, Instant windowEnd,
                   Duration silentFor);

// The same hour of the day before, `days` times: of civil hours in `zone`. `at` is any instant of the hour.
std::vector<Instant> sameHourBefore(const TimeZone& zone, Instant at, std::int64_t days);

}  // namespace meetpoint::quality
