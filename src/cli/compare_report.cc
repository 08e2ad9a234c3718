#include "cli/compare_report.h"

#include <algorithm>
#include <ostream>

#include <fmt/format.h>

#include "base/json_text.h"
#include "cli/outcome_text.h"
#include "reconcile/report.h"

namespace meetpoint::cli {
namespace {

using reconcile::Outcome;
using reconcile::State;

constexpr std::size_t worstShown = 10;

std::string_view colourOf(State state) {
    switch (state) {
        case State::matched:
        case State::matchedWithinTolerance:
            return green;
        case State::outsideMutualInterval:
        case State::outsideScope:
            return "0";
        case State::durationMismatch:
        case State::timeMismatch:
        case State::numberMismatch:
        case State::ambiguous:
            return yellow;
        default:
            return red;
    }
}

void writeStates(const Outcome& outcome, std::ostream& out, const Paint& paint) {
    out << paint(bold, fmt::format("{:<24}{:>9}{:>13}{:>13}", "state", "items", "our s", "their s")) << '\n';
    for (std::size_t s = 0; s < reconcile::stateCount; ++s) {
        const reconcile::StateTotals& state = outcome.totals.states[s];
        if (state.items == 0) continue;
        const auto which = static_cast<State>(s);
        const std::string line = fmt::format("{:<24}{:>9}{:>13}{:>13}", reconcile::name(which), grouped(state.items),
                                             grouped(static_cast<std::uint64_t>(state.ourMs / 1000)),
                                             grouped(static_cast<std::uint64_t>(state.theirMs / 1000)));
        out << paint(colourOf(which), line) << '\n' << "  " << reconcile::meaning(which) << '\n';
    }
    out << '\n';
}

std::string lines(const std::string& file, const std::vector<std::string>& numbers) {
    if (numbers.empty()) return "";
    std::string out = fmt::format("{}:{}", file, numbers.front());
    for (std::size_t i = 1; i < std::min<std::size_t>(numbers.size(), 4); ++i)
        out += fmt::format(",{}", numbers[i]);
    return numbers.size() > 4 ? out + "…" : out;
}

void writeWorst(const Comparison& comparison, std::ostream& out, const Paint& paint) {
    const std::vector<reconcile::WorstItem>& worst = comparison.report.worst;
    if (worst.empty()) return;
    out << paint(bold, "The largest differences") << '\n';
    for (const reconcile::WorstItem& item : std::span(worst).first(std::min(worst.size(), worstShown))) {
        out << wrapped(fmt::format("{}  {}: {}", formatInstant(item.at), reconcile::name(item.state), item.text), 2);
        const std::string ours = lines(comparison.oursName, item.ours);
        const std::string theirs = lines(comparison.theirsName, item.theirs);
        out << wrapped(ours + (ours.empty() || theirs.empty() ? "" : "  ") + theirs, 6);
    }
    out << '\n';
}

void writeNext(const Comparison& comparison, std::ostream& out, const Paint& paint) {
    std::vector<std::string_view> steps;
    for (const reconcile::Diagnosis& found : comparison.outcome.diagnosis) {
        const std::string_view step = reconcile::advice(found);
        if (!step.empty() && std::ranges::find(steps, step) == steps.end()) steps.push_back(step);
    }
    if (steps.empty() && !comparison.outcome.hasDifferences()) return;
    out << paint(bold, "What to do next") << '\n';
    for (const std::string_view step : steps)
        out << wrapped(fmt::format("- {}", step), 2);
    out << wrapped("- All items, with their lines in both files: --matches FILE. As a page: --html FILE.", 2);
}

void writeUnread(const std::string& name, const formats::FileRead& read, std::ostream& out, const Paint& paint) {
    if (read.counts.faulted > 0)
        out << paint(red, fmt::format("{} rows of {} could not be read and are not compared.",
                                      grouped(read.counts.faulted), name))
            << '\n';
    if (read.counts.filtered > 0)
        out << fmt::format("{} rows of {} are left out by the column map.\n", grouped(read.counts.filtered), name);
}

std::string fileJson(const std::string& name, const formats::FileRead& read) {
    std::string faults = "[";
    for (const formats::RecordFault& fault : read.faults) {
        if (faults.size() > 1) faults += ',';
        faults += fmt::format(R"({{"line":{},"pointer":{},"code":{},"message":{}}})", fault.line,
                              jsonString(fault.pointer), jsonString(fault.code), jsonString(fault.message));
    }
    return fmt::format(
        R"({{"file":{},"format":{},"records":{},"faulted":{},"filtered":{},"ignoredFields":{},"faults":{}]}})",
        jsonString(name), jsonString(formats::name(read.detected.format)), read.counts.records, read.counts.faulted,
        read.counts.filtered, read.counts.ignoredFields, faults);
}

}  // namespace

void writeReport(const Comparison& comparison, std::ostream& out, bool colours) {
    const Paint paint{colours};
    out << wrapped("ours:   " + comparison.oursName, 0) << wrapped("theirs: " + comparison.theirsName, 0);
    writeUnread(comparison.oursName, comparison.ours, out, paint);
    writeUnread(comparison.theirsName, comparison.theirs, out, paint);
    out << '\n';
    writeTotals(comparison.outcome.totals, {"ours", "theirs"}, out, paint);
    writeStates(comparison.outcome, out, paint);
    writeDiagnosis(comparison.outcome.diagnosis, out, paint);
    writeWorst(comparison, out, paint);
    writeNext(comparison, out, paint);
}

void writeJson(const Comparison& comparison, std::ostream& out) {
    const Outcome& outcome = comparison.outcome;
    out << fmt::format(R"({{"ours":{},"theirs":{},"counts":{},"totals":{},"diagnosis":{},"differences":{}}})",
                       fileJson(comparison.oursName, comparison.ours),
                       fileJson(comparison.theirsName, comparison.theirs), reconcile::countsJson(outcome.totals),
                       reconcile::totalsJson(outcome.totals), reconcile::diagnosisJson(outcome),
                       outcome.hasDifferences())
        << '\n';
}

}  // namespace meetpoint::cli
