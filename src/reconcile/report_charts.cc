#include "reconcile/report_charts.h"

#include <algorithm>

#include <fmt/format.h>

#include "reconcile/report.h"

namespace meetpoint::reconcile {
namespace {

std::string svg(std::size_t height, std::string_view label, std::string_view content) {
    return fmt::format("<svg viewBox=\"0 0 760 {0}\" width=760 role=img aria-label=\"{1}\"><title>{1}</title>{2}</svg>",
                       height, escaped(label), content);
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

std::string statesChart(const Totals& totals, std::string_view label) {
    constexpr std::size_t lineHeight = 24;
    constexpr double widest = 460;
    std::uint64_t most = 1;
    for (const StateTotals& state : totals.states)
        most = std::max(most, state.items);
    std::size_t y = 0;
    std::string content;
    for (std::size_t s = 0; s < stateCount; ++s) {
        const std::uint64_t items = totals.states[s].items;
        if (items == 0) continue;
        const bool isGood = s <= static_cast<std::size_t>(State::matchedWithinTolerance);
        const double width = widest * static_cast<double>(items) / static_cast<double>(most);
        content += fmt::format(
            "<text x=0 y={}>{}</text><rect class={} x=180 y={} width={:.1f} height=16 rx=2></rect>"
            "<text x={:.1f} y={}>{}</text>\n",
            y + 15, name(static_cast<State>(s)), isGood ? "good" : "theirs", y + 3, std::max(1.0, width), 188 + width,
            y + 15, grouped(items));
        y += lineHeight;
    }
    return svg(y + 4, label, content);
}

std::string barsChart(std::span<const Bar> bars, std::string_view label, bool hasBothSides) {
    if (bars.empty()) return {};
    std::uint64_t most = 1;
    for (const Bar& bar : bars)
        most = std::max({most, bar.ours, bar.theirs});
    const double step = 720.0 / static_cast<double>(bars.size());
    const double wide = std::max(0.5, step * (hasBothSides ? 0.42 : 0.85));
    const std::size_t every = (bars.size() + 11) / 12;  // labels that fit
    std::string content =
        fmt::format("<line class=axis x1=30 y1=180 x2=752 y2=180></line><text x=0 y=14>{}</text>\n", grouped(most));
    const auto add = [&](std::uint64_t value, std::string_view kind, double at) {
        const double tall = 165.0 * static_cast<double>(value) / static_cast<double>(most);
        if (value > 0)
            content += fmt::format("<rect class={} x={:.1f} y={:.1f} width={:.1f} height={:.1f}></rect>", kind, at,
                                   180 - tall, wide, tall);
    };
    for (std::size_t i = 0; i < bars.size(); ++i) {
        const double x = 32 + step * static_cast<double>(i);
        add(bars[i].ours, "ours", x);
        if (hasBothSides) add(bars[i].theirs, "theirs", x + wide);
        if (i % every == 0) content += fmt::format("<text x={:.1f} y=198>{}</text>\n", x, escaped(bars[i].label));
    }
    return svg(220, label, content);
}

}  // namespace meetpoint::reconcile
