#include "cli/compare_html.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <ostream>

#include <fmt/format.h>

#include "cli/compare_matches.h"
#include "cli/compare_report.h"
#include "cli/outcome_text.h"
#include "reconcile/report.h"

namespace meetpoint::cli {
namespace {

using reconcile::Item;
using reconcile::Outcome;
using reconcile::State;

constexpr std::size_t worstShown = 50;

constexpr std::string_view head = R"(<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width,initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>Call comparison</title><style>
:root{color-scheme:light dark;--paper:#fff;--ink:#1b1f24;--soft:#57606a;--line:#d0d7de;--ours:#0b62c4;--theirs:#b4530a;--good:#1a7f37}
@media (prefers-color-scheme:dark){:root{--paper:#0f1318;--ink:#e6edf3;--soft:#9aa6b2;--line:#30363d;--ours:#6cb0ff;--theirs:#ffa657;--good:#57c470}}
body{background:var(--paper);color:var(--ink);font:15px/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem}
h1{font-size:1.5rem}h2{font-size:1.15rem;margin-top:2rem}table{border-collapse:collapse;width:100%}
th,td{border-bottom:1px solid var(--line);padding:.3rem .5rem;text-align:left;vertical-align:top}
td.n,th.n{text-align:right;font-variant-numeric:tabular-nums}figure{margin:1rem 0;overflow-x:auto}
figcaption,.soft{color:var(--soft)}svg{max-width:100%;height:auto}svg text{fill:var(--ink);font:12px system-ui,sans-serif}
.ours{fill:var(--ours)}.theirs{fill:var(--theirs)}.good{fill:var(--good)}.axis{stroke:var(--line)}
</style></head><body>
)";

void writeTotals(const Comparison& comparison, std::ostream& out) {
    const auto& totals = comparison.outcome.totals;
    out << "<h2>Totals</h2><table><tr><th></th><th class=n>ours</th><th class=n>theirs</th><th class=n>difference</th>"
           "<th class=n></th></tr>\n";
    const auto row = [&](std::string_view what, std::uint64_t a, std::uint64_t b) {
        const auto difference = static_cast<std::int64_t>(b) - static_cast<std::int64_t>(a);
        out << fmt::format(
            "<tr><td>{}</td><td class=n>{}</td><td class=n>{}</td><td class=n>{:+d}</td><td class=n>{}</td></tr>\n",
            what, grouped(a), grouped(b), difference, percentText(difference, static_cast<std::int64_t>(a)));
    };
    row("records", totals.ours.records, totals.theirs.records);
    row("calls", totals.ours.calls, totals.theirs.calls);
    row("answered", totals.ours.answered, totals.theirs.answered);
    row("connected seconds", static_cast<std::uint64_t>(totals.ours.connectedMs / 1000),
        static_cast<std::uint64_t>(totals.theirs.connectedMs / 1000));
    out << "</table>\n";
}

// Bars that lie, one a state, with name and number as text, so that colour alone says nothing.
void writeStates(const Outcome& outcome, std::ostream& out) {
    std::uint64_t most = 1;
    std::size_t shown = 0;
    for (const auto& state : outcome.totals.states)
        most = std::max(most, state.items), shown += state.items > 0 ? 1 : 0;
    out << "<h2>States</h2><figure>"
        << fmt::format("<svg viewBox=\"0 0 760 {}\" width=760 role=img aria-label=\"Items by state\">\n",
                       shown * 24 + 4);
    std::size_t y = 0;
    for (std::size_t s = 0; s < reconcile::stateCount; ++s) {
        const std::uint64_t items = outcome.totals.states[s].items;
        if (items == 0) continue;
        const bool good = s <= static_cast<std::size_t>(State::matchedWithinTolerance);
        out << fmt::format(
            "<text x=0 y={}>{}</text><rect class={} x=180 y={} width={:.1f} height=16 rx=2></rect>"
            "<text x={:.1f} y={}>{}</text>\n",
            y + 15, reconcile::name(static_cast<State>(s)), good ? "good" : "theirs", y + 3,
            std::max(1.0, 460.0 * static_cast<double>(items) / static_cast<double>(most)),
            188 + 460.0 * static_cast<double>(items) / static_cast<double>(most), y + 15, grouped(items));
        y += 24;
    }
    out << "</svg></figure>\n";
}

struct Bar {
    std::string label;
    std::uint64_t ours = 0;
    std::uint64_t theirs = 0;
};

// Bars that stand, two a place where both sides have a value; labels at most a dozen.
void writeBars(const std::vector<Bar>& bars, std::string_view title, bool bothSides, std::ostream& out) {
    if (bars.empty()) return;
    std::uint64_t most = 1;
    for (const Bar& bar : bars)
        most = std::max({most, bar.ours, bar.theirs});
    const double step = 720.0 / static_cast<double>(bars.size());
    const double wide = std::max(0.5, step * (bothSides ? 0.42 : 0.85));
    out << fmt::format("<h2>{0}</h2><figure><svg viewBox=\"0 0 760 220\" width=760 role=img aria-label=\"{0}\">\n",
                       title)
        << "<line class=axis x1=30 y1=180 x2=752 y2=180></line>"
        << fmt::format("<text x=0 y=14>{}</text>\n", grouped(most));
    const std::size_t every = (bars.size() + 11) / 12;
    for (std::size_t i = 0; i < bars.size(); ++i) {
        const double x = 32 + step * static_cast<double>(i);
        const auto bar = [&](std::uint64_t value, std::string_view kind, double at) {
            const double tall = 165.0 * static_cast<double>(value) / static_cast<double>(most);
            if (value > 0)
                out << fmt::format("<rect class={} x={:.1f} y={:.1f} width={:.1f} height={:.1f}></rect>", kind, at,
                                   180 - tall, wide, tall);
        };
        bar(bars[i].ours, "ours", x);
        if (bothSides) bar(bars[i].theirs, "theirs", x + wide);
        if (i % every == 0) out << fmt::format("<text x={:.1f} y=198>{}</text>\n", x, escaped(bars[i].label));
    }
    out << "</svg>";
    if (bothSides) out << "<figcaption>Left bar of each pair: ours. Right bar: theirs, on our clock.</figcaption>";
    out << "</figure>\n";
}

// Start differences (theirs minus ours) of all pairs around their middle, in steps that fit the spread.
std::vector<Bar> startDeltas(const Outcome& outcome) {
    std::vector<std::int64_t> deltas;
    for (const Item& item : outcome.items)
        if (item.startDeltaMs) deltas.push_back(*item.startDeltaMs);
    if (deltas.empty()) return {};
    std::ranges::sort(deltas);
    const std::int64_t low = deltas[deltas.size() / 50];
    const std::int64_t high = deltas[deltas.size() - 1 - deltas.size() / 50];
    constexpr std::int64_t places = 40;
    const std::int64_t step = std::max<std::int64_t>(100, (high - low) / places + 1);
    std::vector<Bar> bars(static_cast<std::size_t>((high - low) / step + 1));
    for (std::size_t i = 0; i < bars.size(); ++i)
        bars[i].label = fmt::format("{} s", reconcile::secondsText(low + static_cast<std::int64_t>(i) * step));
    for (const std::int64_t delta : deltas)
        if (delta >= low && delta <= high) ++bars[static_cast<std::size_t>((delta - low) / step)].ours;
    return bars;
}

// Calls of both sides by UTC hour; by day where there would be too many hours.
std::vector<Bar> callsInTime(const Outcome& outcome) {
    if (outcome.items.empty()) return {};
    constexpr std::int64_t hourMs = 3'600'000, dayMs = 86'400'000;
    const std::int64_t first = outcome.items.front().at.ms;
    const std::int64_t last = outcome.items.back().at.ms;
    const std::int64_t step = (last - first) / hourMs <= 240 ? hourMs : dayMs;
    constexpr std::int64_t mostPlaces = 400;
    const std::int64_t begin = first / step * step;
    if ((last - begin) / step >= mostPlaces) return {};
    std::vector<Bar> bars(static_cast<std::size_t>((last - begin) / step + 1));
    for (std::size_t i = 0; i < bars.size(); ++i) {
        const std::string at = formatInstant({begin + static_cast<std::int64_t>(i) * step});
        bars[i].label = step == hourMs ? at.substr(5, 8) + "h" : at.substr(5, 5);
        std::ranges::replace(bars[i].label, 'T', ' ');
    }
    for (const Item& item : outcome.items) {
        Bar& bar = bars[static_cast<std::size_t>((item.at.ms - begin) / step)];
        bar.ours += item.ourCount > 0 ? 1 : 0;
        bar.theirs += item.theirCount > 0 ? 1 : 0;
    }
    return bars;
}

std::string numbersOf(const std::vector<std::uint64_t>& lines) {
    std::string out;
    for (const std::uint64_t line : lines)
        out += fmt::format("{}{}", out.empty() ? "" : ", ", line);
    return out;
}

void writeWorst(const Comparison& comparison, std::ostream& out) {
    const auto worst = worstItems(comparison.outcome, worstShown);
    if (worst.empty()) return;
    out << "<h2>The largest differences</h2><table><tr><th>time</th><th>state</th><th>what differs</th><th>our "
           "lines</th>"
           "<th>their lines</th></tr>\n";
    for (const Item* item : worst)
        out << fmt::format("<tr><td>{}</td><td>{}</td><td>{}</td><td>{}</td><td>{}</td></tr>\n",
                           formatInstant(item->at), reconcile::name(item->state), escaped(describeItem(*item)),
                           numbersOf(linesOf(comparison.ours, comparison.outcome.ours(*item))),
                           numbersOf(linesOf(comparison.theirs, comparison.outcome.theirs(*item))));
    out << "</table>\n";
}

}  // namespace

std::string escaped(std::string_view text) {
    std::string out;
    for (const char c : text) {
        switch (c) {
            case '&':
                out += "&amp;";
                break;
            case '<':
                out += "&lt;";
                break;
            case '>':
                out += "&gt;";
                break;
            case '"':
                out += "&quot;";
                break;
            case '\'':
                out += "&#39;";
                break;
            default:
                out += c;
        }
    }
    return out;
}

void writeHtml(const Comparison& comparison, std::ostream& out) {
    const Outcome& outcome = comparison.outcome;
    out << head << "<h1>Call comparison</h1>\n"
        << fmt::format("<p>Ours: {}<br>Theirs: {}</p>\n", escaped(comparison.oursName), escaped(comparison.theirsName));
    for (const auto* side : {&comparison.ours, &comparison.theirs})
        if (side->counts.faulted > 0)
            out << fmt::format("<p>{} rows of {} could not be read and are not compared.</p>\n",
                               grouped(side->counts.faulted),
                               escaped(side == &comparison.ours ? comparison.oursName : comparison.theirsName));
    writeTotals(comparison, out);
    out << "<h2>What the data show</h2><ul>\n";
    if (outcome.diagnosis.empty()) out << "<li>Nothing that sets the two sides apart.</li>\n";
    for (const reconcile::Diagnosis& found : outcome.diagnosis) {
        out << "<li>" << escaped(reconcile::sentence(found));
        const std::string_view advice = reconcile::advice(found);
        if (!advice.empty()) out << "<br><span class=soft>" << escaped(advice) << "</span>";
        out << "</li>\n";
    }
    out << "</ul>\n";
    writeStates(outcome, out);
    writeBars(startDeltas(outcome), "Start differences, theirs minus ours", false, out);
    writeBars(callsInTime(outcome), "Calls in time (UTC)", true, out);
    writeWorst(comparison, out);
    out << "</body></html>\n";
}

}  // namespace meetpoint::cli
