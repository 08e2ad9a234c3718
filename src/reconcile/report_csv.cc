#include "reconcile/report_csv.h"

#include <fmt/format.h>

#include "base/csv_text.h"
#include "reconcile/report.h"

namespace meetpoint::reconcile {
namespace {

struct Line {
    std::string_view section;
    std::string date{}, name{};
    std::optional<std::uint64_t> items{}, ourCalls{}, theirCalls{};
    std::optional<std::int64_t> ourMs{}, theirMs{};
    std::string note{};
};

class Lines {
public:
    void add(const Line& line) {
        field(std::string(line.section));
        field(line.date);
        field(line.name);
        count(line.items);
        count(line.ourCalls);
        count(line.theirCalls);
        time(line.ourMs);
        time(line.theirMs);
        const bool hasBoth = line.ourMs && line.theirMs;
        const std::int64_t delta = hasBoth ? *line.theirMs - *line.ourMs : 0;
        time(hasBoth ? std::optional(delta) : std::nullopt);
        field(hasBoth && *line.ourMs != 0
                  ? fmt::format("{:.3f}", 100.0 * static_cast<double>(delta) / static_cast<double>(*line.ourMs))
                  : "");
        appendCsvField(line.note, out_);
        out_ += "\r\n";
    }
    std::string take() { return std::move(out_); }

private:
    void field(const std::string& text) {
        appendCsvField(text, out_);
        out_ += ',';
    }
    void count(const std::optional<std::uint64_t>& value) { field(value ? std::to_string(*value) : ""); }
    void time(const std::optional<std::int64_t>& ms) { field(ms ? secondsText(*ms) : ""); }

    std::string out_ =
        "section,date,name,items,ourCalls,theirCalls,ourSeconds,theirSeconds,differenceSeconds,differencePercent,"
        "note\r\n";
};

// Text of others that a spreadsheet would take for a formula.
std::string harmless(std::string text) {
    return text.find_first_of("=+-@\t\r") == 0 ? "'" + text : text;
}

void addPeriod(const Report& report, Lines& lines) {
    lines.add({.section = "period", .name = "ours", .note = harmless(report.ours)});
    lines.add({.section = "period", .name = "theirs", .note = harmless(report.theirs)});
    if (!report.period) return;
    const ReportPeriod& period = *report.period;
    lines.add({.section = "period",
               .name = std::string(name(period.kind)),
               .note = fmt::format("{}/{} {}", formatInstant(period.from), formatInstant(period.to), period.timeZone)});
    lines.add({.section = "period", .name = "readAt", .note = formatInstant(period.readAt)});
}

void addSums(const Report& report, Lines& lines) {
    const SideTotals& ours = report.totals.ours;
    const SideTotals& theirs = report.totals.theirs;
    lines.add({.section = "total",
               .name = "calls",
               .ourCalls = ours.calls,
               .theirCalls = theirs.calls,
               .ourMs = ours.connectedMs,
               .theirMs = theirs.connectedMs});
    lines.add({.section = "total", .name = "answered", .ourCalls = ours.answered, .theirCalls = theirs.answered});
    lines.add({.section = "total", .name = "records", .ourCalls = ours.records, .theirCalls = theirs.records});
    for (std::size_t s = 0; s < stateCount; ++s) {
        const StateTotals& state = report.totals.states[s];
        if (state.items > 0)
            lines.add({.section = "state",
                       .name = std::string(name(static_cast<State>(s))),
                       .items = state.items,
                       .ourMs = state.ourMs,
                       .theirMs = state.theirMs});
    }
    for (std::size_t c = 0; c < causeCount; ++c)
        if (report.causes[c].items > 0)
            lines.add({.section = "cause",
                       .name = std::string(name(static_cast<Cause>(c))),
                       .items = report.causes[c].items,
                       .note = fmt::format("explains {} s", secondsText(report.causes[c].ms))});
}

void addDays(const Report& report, Lines& lines) {
    for (const DayLine& day : report.days) {
        std::string note = day.isStale ? "stale" : "";
        if (day.closedAt) note += fmt::format("{}{} adjustments", note.empty() ? "" : ", ", day.adjustments);
        Line line{.section = "day",
                  .date = formatDay(day.day),
                  .name = std::string(name(day.status)),
                  .note = std::move(note)};
        if (day.run) {
            line.items = day.items;
            line.ourCalls = day.ours.calls;
            line.theirCalls = day.theirs.calls;
            line.ourMs = day.ours.ms;
            line.theirMs = day.theirs.ms;
        }
        lines.add(line);
    }
}

void addGroups(std::string_view section, const std::vector<GroupLine>& groups, Lines& lines) {
    for (const GroupLine& group : groups)
        lines.add({.section = section,
                   .name = section == "number" ? group.name : harmless(group.name),
                   .items = group.items,
                   .ourMs = group.ourMs,
                   .theirMs = group.theirMs});
}

}  // namespace

std::string reportCsv(const Report& report) {
    Lines lines;
    addPeriod(report, lines);
    addSums(report, lines);
    addDays(report, lines);
    addGroups("number", report.numbers, lines);
    addGroups("trunk", report.trunks, lines);
    for (const Finding& found : report.findings)
        lines.add({.section = "finding",
                   .date = found.day ? formatDay(*found.day) : "",
                   .name = std::string(name(found.diagnosis.cause)),
                   .items = found.diagnosis.count,
                   .note = sentence(found.diagnosis)});
    for (const DeviationLine& line : report.deviations)
        lines.add({.section = "deviation",
                   .date = formatDay(line.day),
                   .name = line.term,
                   .items = line.count,
                   .note = line.evidence});
    return lines.take();
}

}  // namespace meetpoint::reconcile
