#include "reconcile/report_html.h"

#include <algorithm>
#include <ostream>

#include <fmt/format.h>

#include "reconcile/report.h"
#include "reconcile/report_charts.h"

namespace meetpoint::reconcile {
namespace {

constexpr std::string_view style = R"(
:root{color-scheme:light dark;--paper:#fff;--ink:#1b1f24;--soft:#57606a;--line:#d0d7de;--ours:#0b62c4;--theirs:#b4530a;--good:#1a7f37}
@media (prefers-color-scheme:dark){:root{--paper:#0f1318;--ink:#e6edf3;--soft:#9aa6b2;--line:#30363d;--ours:#6cb0ff;--theirs:#ffa657;--good:#57c470}}
body{background:var(--paper);color:var(--ink);font:15px/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem}
h1{font-size:1.5rem}h2{font-size:1.15rem;margin-top:2rem}table{border-collapse:collapse;width:100%}
a{color:var(--ours)}nav ul{display:flex;flex-wrap:wrap;gap:.3rem 1rem;list-style:none;padding:0}
:focus-visible{outline:3px solid var(--ours);outline-offset:2px}.wide{overflow-x:auto}.warning{border-left:4px solid var(--theirs);padding-left:.7rem}
th,td{border-bottom:1px solid var(--line);padding:.3rem .5rem;text-align:left;vertical-align:top;overflow-wrap:anywhere}
td.n,th.n{text-align:right;font-variant-numeric:tabular-nums;overflow-wrap:normal}figure{margin:1rem 0;overflow-x:auto}
figcaption,.soft{color:var(--soft)}svg{max-width:100%;height:auto}svg text{fill:var(--ink);font:12px system-ui,sans-serif}
.ours{fill:var(--ours)}.theirs{fill:var(--theirs)}.good{fill:var(--good)}.axis{stroke:var(--line)}
)";

std::string minutesText(std::int64_t ms) {
    const std::uint64_t hundredths = (static_cast<std::uint64_t>(std::abs(ms)) + 300) / 600;
    return fmt::format("{}{}.{:02}", ms < 0 && hundredths > 0 ? "−" : "", grouped(hundredths / 100), hundredths % 100);
}

std::string signedMinutes(std::int64_t ms) {
    return (ms > 0 ? "+" : "") + minutesText(ms);
}

std::string joined(const std::vector<std::string>& texts) {
    std::string out;
    for (const std::string& text : texts)
        out += (out.empty() ? "" : ", ") + text;
    return out;
}

// A column of a table: its head, and whether it holds figures.
struct Column {
    std::string_view head;
    bool isFigure = false;
};
using Cells = std::vector<std::string>;  // escaped already

class Page {
public:
    Page(const Report& report, Language language, std::ostream& out)
        : report_(report), language_(language), words_(wordsOf(language)), out_(out) {}

    void write() {
        writeHead();
        writeWarnings();
        writeContents();
        out_ << "<main>\n";
        writeTotals();
        writeFindings();
        writeDeviations();
        writeStates();
        writeCauses();
        writeDays();
        writeGroups("numbers", words_.numbers, words_.number, report_.numbers);
        writeGroups("trunks", words_.trunks, words_.trunk, report_.trunks);
        writeChart("starts", words_.startDeltas, report_.startDeltas, false);
        writeChart("times", words_.times, report_.times, true);
        writeWorst();
        out_ << "</main></body></html>\n";
    }

private:
    void writeHead() {
        const std::string_view title = report_.period ? words_.title : words_.filesTitle;
        out_ << fmt::format(
                    "<!doctype html>\n<html lang=\"{}\"><head><meta charset=\"utf-8\">"
                    "<meta name=\"viewport\" content=\"width=device-width,initial-scale=1\">\n"
                    "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src "
                    "'unsafe-inline'\">\n<title>{}</title><style>",
                    tagOf(language_), escaped(title))
             << style << "</style></head><body>\n"
             << fmt::format("<header><h1>{}</h1>\n<p>{}: {}<br>{}: {}</p>\n", escaped(title), escaped(words_.ours),
                            escaped(report_.ours), escaped(words_.theirs), escaped(report_.theirs));
        if (report_.period) writePeriod(*report_.period);
        out_ << "</header>\n";
    }

    void writePeriod(const ReportPeriod& period) {
        const std::string readAt = fmt::format(fmt::runtime(words_.madeAt), formatInstant(period.readAt));
        out_ << fmt::format("<p>{} ({}, {}): {} – {}<br><span class=soft>{}</span></p>\n", escaped(words_.period),
                            escaped(words_.kinds[static_cast<std::size_t>(period.kind)]), escaped(period.timeZone),
                            formatInstant(period.from), formatInstant(period.to), escaped(readAt));
    }

    void warn(const std::string& text) { out_ << fmt::format("<p class=warning>{}</p>\n", escaped(text)); }

    void writeWarnings() {
        for (const UnreadRows& unread : report_.unread)
            warn(fmt::format(fmt::runtime(words_.unread), grouped(unread.rows), unread.file));
        const auto missing = std::ranges::count(report_.days, DayStatus::neverReconciled, &DayLine::status);
        if (missing > 0) warn(fmt::format(fmt::runtime(words_.missingDays), missing));
        const auto stale = std::ranges::count(report_.days, true, &DayLine::isStale);
        if (stale > 0) warn(fmt::format(fmt::runtime(words_.staleDays), stale));
        if (!report_.hasAllGroups) warn(std::string(words_.droppedGroups));
    }

    void writeContents() {
        const std::tuple<std::string_view, std::string_view, bool> sections[] = {
            {"totals", words_.totals, true},
            {"shown", words_.shown, true},
            {"deviations", words_.deviations, !report_.deviations.empty()},
            {"states", words_.states, true},
            {"causes", words_.causes, true},
            {"days", words_.days, !report_.days.empty()},
            {"numbers", words_.numbers, !report_.numbers.empty()},
            {"trunks", words_.trunks, !report_.trunks.empty()},
            {"starts", words_.startDeltas, !report_.startDeltas.empty()},
            {"times", words_.times, !report_.times.empty()},
            {"worst", words_.worst, !report_.worst.empty()}};
        out_ << fmt::format("<nav aria-label=\"{}\"><ul>", escaped(words_.contents));
        for (const auto& [id, heading, isThere] : sections)
            if (isThere) out_ << fmt::format("<li><a href=\"#{}\">{}</a></li>", id, escaped(heading));
        out_ << "</ul></nav>\n";
    }

    void heading(std::string_view id, std::string_view text) {
        out_ << fmt::format("<h2 id={}>{}</h2>\n", id, escaped(text));
    }

    // The first cell of a row is its head. The table is named after its heading, and takes the focus so that the
    // keyboard can move what does not fit.
    void table(std::string_view id, const std::vector<Column>& columns, const std::vector<Cells>& rows) {
        out_ << fmt::format("<div class=wide role=region tabindex=0 aria-labelledby={0}><table aria-labelledby={0}>",
                            id)
             << "<thead><tr>";
        for (const Column& column : columns)
            out_ << fmt::format("<th scope=col{}>{}</th>", column.isFigure ? " class=n" : "", escaped(column.head));
        out_ << "</tr></thead><tbody>\n";
        for (const Cells& cells : rows) {
            out_ << "<tr>";
            for (std::size_t i = 0; i < cells.size(); ++i)
                out_ << (i == 0                ? "<th scope=row>"
                         : columns[i].isFigure ? "<td class=n>"
                                               : "<td>")
                     << cells[i] << (i == 0 ? "</th>" : "</td>");
            out_ << "</tr>\n";
        }
        out_ << "</tbody></table></div>\n";
    }

    void writeTotals() {
        const SideTotals& ours = report_.totals.ours;
        const SideTotals& theirs = report_.totals.theirs;
        heading("totals", words_.totals);
        std::vector<Cells> rows;
        const auto count = [&](std::string_view what, std::uint64_t a, std::uint64_t b) {
            const auto difference = static_cast<std::int64_t>(b) - static_cast<std::int64_t>(a);
            rows.push_back({escaped(what), grouped(a), grouped(b), fmt::format("{:+d}", difference),
                            percentText(difference, static_cast<std::int64_t>(a))});
        };
        count(words_.records, ours.records, theirs.records);
        count(words_.calls, ours.calls, theirs.calls);
        count(words_.answered, ours.answered, theirs.answered);
        rows.push_back({escaped(words_.minutes), minutesText(ours.connectedMs), minutesText(theirs.connectedMs),
                        signedMinutes(report_.totals.differenceMs()),
                        percentText(report_.totals.differenceMs(), ours.connectedMs)});
        count(words_.seconds, static_cast<std::uint64_t>(ours.connectedMs / 1000),
              static_cast<std::uint64_t>(theirs.connectedMs / 1000));
        table("totals",
              {{words_.figure},
               {words_.ours, true},
               {words_.theirs, true},
               {words_.difference, true},
               {words_.percent, true}},
              rows);
    }

    void writeFindings() {
        heading("shown", words_.shown);
        if (report_.findings.empty())
            out_ << fmt::format("<p>{}</p>\n", escaped(words_.nothingShown));
        else if (report_.findings.front().day)
            writeFindingsByDay();
        else
            writeFindingsOfFiles();
    }

    void writeFindingsOfFiles() {
        out_ << "<ul>\n";
        for (const Finding& found : report_.findings) {
            out_ << "<li>" << escaped(sentence(found.diagnosis, language_));
            const std::string_view what = advice(found.diagnosis);
            if (!what.empty() && language_ == Language::english)
                out_ << "<br><span class=soft>" << escaped(what) << "</span>";
            out_ << "</li>\n";
        }
        out_ << "</ul>\n";
    }

    void writeFindingsByDay() {
        std::vector<Cells> rows;
        for (const Finding& found : report_.findings)
            rows.push_back({formatDay(found.day.value_or(Day{})), std::string(name(found.diagnosis.cause)),
                            escaped(valueText(found.diagnosis)),
                            escaped(words_.parties[static_cast<std::size_t>(found.diagnosis.at)]),
                            escaped(sentence(found.diagnosis, language_))});
        table("shown", {{words_.day}, {words_.cause}, {words_.value}, {words_.side}, {words_.evidence}}, rows);
    }

    void writeDeviations() {
        if (report_.deviations.empty()) return;
        heading("deviations", words_.deviations);
        std::vector<Cells> rows;
        for (const DeviationLine& line : report_.deviations)
            rows.push_back({formatDay(line.day), escaped(line.term), escaped(line.agreed), escaped(line.shown),
                            fmt::format("{} / {}", grouped(line.count), grouped(line.outOf)), escaped(line.evidence)});
        table("deviations",
              {{words_.day}, {words_.term}, {words_.agreed}, {words_.shown}, {words_.count, true}, {words_.evidence}},
              rows);
    }

    void writeStates() {
        heading("states", words_.states);
        out_ << "<figure>" << statesChart(report_.totals, words_.states) << "</figure>\n";
        std::vector<Cells> rows;
        for (std::size_t s = 0; s < stateCount; ++s) {
            const StateTotals& state = report_.totals.states[s];
            if (state.items > 0)
                rows.push_back({std::string(name(static_cast<State>(s))), escaped(words_.stateMeanings[s]),
                                grouped(state.items), minutesText(state.ourMs), minutesText(state.theirMs)});
        }
        const std::string ours = fmt::format("{}, {}", words_.minutes, words_.ours);
        const std::string theirs = fmt::format("{}, {}", words_.minutes, words_.theirs);
        table("states", {{words_.state}, {words_.meaning}, {words_.items, true}, {ours, true}, {theirs, true}}, rows);
    }

    void writeCauses() {
        heading("causes", words_.causes);
        std::vector<Cells> rows;
        for (std::size_t c = 0; c < causeCount; ++c) {
            const CauseTotals& cause = report_.causes[c];
            if (cause.items > 0)
                rows.push_back({std::string(name(static_cast<Cause>(c))), escaped(words_.causeMeanings[c]),
                                grouped(cause.items), minutesText(cause.ms)});
        }
        if (rows.empty())
            out_ << fmt::format("<p>{}</p>\n", escaped(words_.noCauses));
        else
            table("causes", {{words_.cause}, {words_.meaning}, {words_.items, true}, {words_.explains, true}}, rows);
    }

    std::string statusOf(const DayLine& day) const {
        std::string text(words_.statuses[static_cast<std::size_t>(day.status)]);
        if (day.closedAt) text += " " + formatInstant(*day.closedAt);
        if (day.isStale) text += fmt::format("; {}", words_.stale);
        return escaped(text);
    }

    void writeDays() {
        if (report_.days.empty()) return;
        heading("days", words_.days);
        std::vector<Cells> rows;
        for (const DayLine& day : report_.days) {
            Cells cells{formatDay(day.day), statusOf(day)};
            if (!day.run) {
                cells.insert(cells.end(), {"–", "–", "–", "–", "–", "–", "–"});
            } else {
                const std::int64_t delta = day.theirs.ms - day.ours.ms;
                cells.insert(cells.end(),
                             {grouped(day.items), grouped(day.differences), grouped(day.ours.calls),
                              grouped(day.theirs.calls), signedMinutes(delta), percentText(delta, day.ours.ms),
                              day.closedAt ? grouped(day.adjustments) : "–"});
            }
            rows.push_back(std::move(cells));
        }
        const std::string ours = fmt::format("{}, {}", words_.calls, words_.ours);
        const std::string theirs = fmt::format("{}, {}", words_.calls, words_.theirs);
        table("days",
              {{words_.day},
               {words_.status},
               {words_.items, true},
               {words_.differences, true},
               {ours, true},
               {theirs, true},
               {words_.minutes, true},
               {words_.percent, true},
               {words_.adjustments, true}},
              rows);
    }

    void writeGroups(std::string_view id, std::string_view title, std::string_view what,
                     const std::vector<GroupLine>& groups) {
        if (groups.empty()) return;
        heading(id, title);
        std::vector<Cells> rows;
        for (const GroupLine& group : groups)
            rows.push_back({escaped(group.name.empty() ? words_.none : std::string_view(group.name)),
                            grouped(group.items), minutesText(group.ourMs), minutesText(group.theirMs),
                            signedMinutes(group.theirMs - group.ourMs), minutesText(group.atStakeMs)});
        table(id,
              {{what},
               {words_.differences, true},
               {words_.ours, true},
               {words_.theirs, true},
               {words_.difference, true},
               {words_.atStake, true}},
              rows);
    }

    // The chart, and its figures behind a fold.
    void writeChart(std::string_view id, std::string_view title, const std::vector<Bar>& bars, bool hasBothSides) {
        if (bars.empty()) return;
        heading(id, title);
        out_ << "<figure>" << barsChart(bars, title, hasBothSides);
        if (hasBothSides) out_ << fmt::format("<figcaption>{}</figcaption>", escaped(words_.bars));
        out_ << fmt::format("</figure>\n<details><summary>{}</summary>\n", escaped(words_.figure));
        std::vector<Column> columns{{words_.value}, {hasBothSides ? words_.ours : words_.items, true}};
        if (hasBothSides) columns.push_back({words_.theirs, true});
        std::vector<Cells> rows;
        for (const Bar& bar : bars) {
            if (bar.ours + bar.theirs == 0) continue;
            rows.push_back({escaped(bar.label), grouped(bar.ours)});
            if (hasBothSides) rows.back().push_back(grouped(bar.theirs));
        }
        table(id, columns, rows);
        out_ << "</details>\n";
    }

    std::string differenceOf(const WorstItem& item) const {
        if (language_ == Language::english) return item.text;
        const auto side = [](const std::optional<std::int64_t>& ms) { return ms ? spoken(*ms) : std::string("–"); };
        return fmt::format("{} {} / {} {}", words_.ours, side(item.ourMs), words_.theirs, side(item.theirMs));
    }

    void writeWorst() {
        if (report_.worst.empty()) return;
        heading("worst", words_.worst);
        std::vector<Cells> rows;
        for (const WorstItem& item : report_.worst)
            rows.push_back({formatInstant(item.at), std::string(name(item.state)),
                            item.ownNumber == 0 ? "–" : fmt::format("+{}", item.ownNumber), escaped(differenceOf(item)),
                            escaped(joined(item.ours)), escaped(joined(item.theirs))});
        table("worst",
              {{words_.time},
               {words_.state},
               {words_.number},
               {words_.whatDiffers},
               {words_.ourRecords},
               {words_.theirRecords}},
              rows);
    }

    const Report& report_;
    const Language language_;
    const ReportWords& words_;
    std::ostream& out_;
};

}  // namespace

void writeHtml(const Report& report, Language language, std::ostream& out) {
    Page(report, language, out).write();
}

}  // namespace meetpoint::reconcile
