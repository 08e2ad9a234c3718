#include "cli/reconciliation_views.h"

#include <boost/json.hpp>
#include <fmt/ostream.h>

#include "cli/json_reading.h"
#include "cli/outcome_text.h"

namespace meetpoint::cli {
namespace {

namespace json = boost::json;

std::string orDash(const std::string& text) {
    return text.empty() ? "-" : text;
}

std::string integerOrDash(const json::value& record, std::string_view pointer) {
    const json::value* value = valueAt(record, pointer);
    return value && !value->is_null() ? std::to_string(integerAt(record, pointer)) : "-";
}

// Whole seconds, in groups of three.
std::string secondsAt(const json::value& record, std::string_view pointer) {
    const double seconds = numberAt(record, pointer);
    return (seconds < 0 ? "-" : "") + grouped(static_cast<std::uint64_t>(std::abs(seconds)));
}

std::string countAt(const json::value& record, std::string_view pointer) {
    return grouped(static_cast<std::uint64_t>(std::max<std::int64_t>(0, integerAt(record, pointer))));
}

bool flagAt(const json::value& record, std::string_view pointer) {
    const json::value* value = valueAt(record, pointer);
    return value && value->is_bool() && value->get_bool();
}

void printSides(std::ostream& out, const json::value& ours, const json::value& theirs) {
    fmt::print(out, "{:<20}{:>16}{:>16}{:>24}\n", "", "platform", "carrier", "theirs minus ours");
    for (const auto& [what, name] : {std::pair("calls", "/calls"), std::pair("answered", "/answered"),
                                     std::pair("connected seconds", "/seconds")}) {
        const double a = numberAt(ours, name), b = numberAt(theirs, name);
        fmt::print(out, "{:<20}{:>16}{:>16}{:>24}\n", what, secondsAt(ours, name), secondsAt(theirs, name),
                   fmt::format("{:+.0f}  {}", b - a,
                               percentText(static_cast<std::int64_t>(b - a), static_cast<std::int64_t>(a))));
    }
}

void printSentences(std::ostream& out, std::string_view heading, const json::array& found) {
    if (found.empty()) return;
    fmt::print(out, "\n{}\n", heading);
    for (const json::value& one : found) {
        const std::string date = textAt(one, "/date");
        out << wrapped(fmt::format("- {}{}", date.empty() ? "" : date + ": ", textAt(one, "/evidence")), 2);
    }
}

std::string stateOf(const json::value& day) {
    std::string text = textAt(day, "/status");
    if (text.empty()) text = textAt(day, "/closedAt").empty() ? "open" : "closed";
    return flagAt(day, "/stale") ? text + ", stale" : text;
}

void printGroups(std::ostream& out, std::string_view what, const json::array& groups) {
    if (groups.empty()) return;
    fmt::print(out, "\n{:<28}{:>10}{:>14}{:>14}{:>14}\n", what, "differing", "our s", "their s", "at stake s");
    for (const json::value& group : groups)
        fmt::print(out, "{:<28}{:>10}{:>14}{:>14}{:>14}\n", orDash(textAt(group, "/name")), countAt(group, "/items"),
                   secondsAt(group, "/ourSeconds"), secondsAt(group, "/theirSeconds"),
                   secondsAt(group, "/secondsAtStake"));
}

void printPeriodDays(std::ostream& out, const json::array& days) {
    fmt::print(out, "\n{:<12}{:<24}{:>10}{:>11}{:>14}{:>14}{:>13}\n", "day (UTC)", "state", "items", "differing",
               "our s", "their s", "adjustments");
    for (const json::value& day : days) {
        const bool hasRun = valueAt(day, "/run") != nullptr;
        const auto shown = [&](std::string text) { return hasRun ? text : std::string("-"); };
        fmt::print(out, "{:<12}{:<24}{:>10}{:>11}{:>14}{:>14}{:>13}\n", textAt(day, "/date"), stateOf(day),
                   shown(countAt(day, "/items")), shown(countAt(day, "/differences")),
                   shown(secondsAt(day, "/ours/seconds")), shown(secondsAt(day, "/theirs/seconds")),
                   textAt(day, "/closedAt").empty() ? "-" : countAt(day, "/adjustments"));
    }
}

}  // namespace

void printDay(std::ostream& out, const json::value& day) {
    const std::int64_t run = integerAt(day, "/run");
    fmt::print(out, "{}: {}, {} items, {} of them changed. {}\n\n", textAt(day, "/date"),
               run == 0 ? "a dry run" : fmt::format("run {} at {}", run, textAt(day, "/finishedAt")),
               countAt(day, "/items"), countAt(day, "/changed"),
               run == 0 ? "Nothing was kept." : "The day is " + stateOf(day) + ".");
    const json::value none(json::object{});
    const auto sideOf = [&](std::string_view pointer) {
        const json::value* side = valueAt(day, pointer);
        return side ? *side : none;
    };
    printSides(out, sideOf("/report/totals/ours"), sideOf("/report/totals/theirs"));
    fmt::print(out, "\n{:<24}{:>10}{:>14}{:>14}\n", "state", "items", "our s", "their s");
    if (const json::value* states = valueAt(day, "/report/totals/states"); states && states->is_object())
        for (const auto& [state, sums] : states->get_object())
            fmt::print(out, "{:<24}{:>10}{:>14}{:>14}\n", std::string_view(state), countAt(sums, "/items"),
                       secondsAt(sums, "/ourSeconds"), secondsAt(sums, "/theirSeconds"));
    printSentences(out, "What the data show", arrayAt(day, "/report/diagnosis"));
    printSentences(out, "Against the agreement", arrayAt(day, "/report/deviations"));
}

void printDayHead(std::ostream& out) {
    fmt::print(out, "{:<12}{:<16}{:>6}{:>10}{:>14}{:>14}{:>12}\n", "day (UTC)", "state", "run", "items", "our s",
               "their s", "percent");
}

void printDayRow(std::ostream& out, const json::value& day) {
    const json::value* percent = valueAt(day, "/report/totals/differencePercent");
    fmt::print(out, "{:<12}{:<16}{:>6}{:>10}{:>14}{:>14}{:>12}\n", textAt(day, "/date"), stateOf(day),
               integerAt(day, "/run"), countAt(day, "/items"), secondsAt(day, "/report/totals/ours/seconds"),
               secondsAt(day, "/report/totals/theirs/seconds"),
               percent && percent->is_number()
                   ? fmt::format("{:+.2f} %", numberAt(day, "/report/totals/differencePercent"))
                   : "-");
}

void printItemHead(std::ostream& out) {
    fmt::print(out, "{:<26}{:<24}{:<17}{:>10}{:>10}  {:<38}{}\n", "call at", "state", "own number", "our ms",
               "their ms", "item", "causes");
}

void printItemRow(std::ostream& out, const json::value& item) {
    std::string causes;
    for (const json::value& cause : arrayAt(item, "/causes"))
        if (cause.is_string()) causes += (causes.empty() ? "" : ", ") + std::string(cause.get_string());
    fmt::print(out, "{:<26}{:<24}{:<17}{:>10}{:>10}  {:<38}{}\n", textAt(item, "/callAt"), textAt(item, "/state"),
               orDash(textAt(item, "/ownNumber")), integerOrDash(item, "/oursMs"), integerOrDash(item, "/theirsMs"),
               textAt(item, "/itemId"), orDash(causes));
}

void printPeriodReport(std::ostream& out, const json::value& report) {
    fmt::print(out, "{} {} to {} ({})\n\n", textAt(report, "/period/kind"), textAt(report, "/period/from"),
               textAt(report, "/period/to"), textAt(report, "/period/timeZone"));
    const json::value none(json::object{});
    const json::value* ours = valueAt(report, "/ours");
    const json::value* theirs = valueAt(report, "/theirs");
    printSides(out, ours ? *ours : none, theirs ? *theirs : none);
    fmt::print(out, "\n{:<24}{:>10}{:>14}{:>14}\n", "state", "items", "our s", "their s");
    for (const json::value& state : arrayAt(report, "/states"))
        fmt::print(out, "{:<24}{:>10}{:>14}{:>14}\n", textAt(state, "/state"), countAt(state, "/items"),
                   secondsAt(state, "/ourSeconds"), secondsAt(state, "/theirSeconds"));
    if (!arrayAt(report, "/causes").empty()) {
        fmt::print(out, "\n{:<24}{:>10}{:>14}\n", "cause", "items", "explains s");
        for (const json::value& cause : arrayAt(report, "/causes"))
            fmt::print(out, "{:<24}{:>10}{:>14}\n", textAt(cause, "/cause"), countAt(cause, "/items"),
                       secondsAt(cause, "/secondsExplained"));
    }
    printGroups(out, "number", arrayAt(report, "/numbers"));
    printGroups(out, "trunk", arrayAt(report, "/trunks"));
    printPeriodDays(out, arrayAt(report, "/days"));
    printSentences(out, "What the data show", arrayAt(report, "/findings"));
    printSentences(out, "Against the agreement", arrayAt(report, "/deviations"));
}

}  // namespace meetpoint::cli
