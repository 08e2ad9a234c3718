#include "cli/demo_report.h"

#include <algorithm>
#include <ostream>

#include <fmt/format.h>

#include "cli/demo_world.h"
#include "cli/outcome_text.h"
#include "reconcile/report.h"

namespace meetpoint::cli {
namespace {

using reconcile::State;

void writeHeading(std::string_view text, std::ostream& out, const Paint& paint) {
    out << '\n' << paint(bold, text) << '\n' << std::string(std::min(text.size(), terminalWidth), '=') << '\n';
}

std::uint64_t unsignedOf(std::int64_t count) {
    return static_cast<std::uint64_t>(count);
}

std::string numbersFor(std::size_t carrier, std::size_t tenant) {
    std::size_t count = 0;
    for (std::size_t n = 0; n < demoNumbersPerCarrier; ++n)
        count += demoTenantOf(carrier, n) == tenant;
    return count == 0 ? "" : fmt::format("{} for {}", count, demoTenants()[tenant].name);
}

void writeOpening(const DemoReport& report, std::ostream& out, const Paint& paint) {
    const DemoStory& story = report.story;
    out << paint(bold, fmt::format("Meetpoint demo: one week of calls, {} to {}", formatDay(report.week.firstDay),
                                   formatDay(report.week.lastDay())))
        << '\n';
    out << wrapped(fmt::format("A platform and its carriers exchange numbers, calls and durations, and find "
                               "out why their records differ. All of it went "
                               "through the HTTP API of a sandbox, each party with a client of its own. The "
                               "calls are made up from seed {}; what is wrong "
                               "with the carriers' records was planted, and nobody told the exchange.",
                               report.seed),
                   0, 0);
    writeHeading("Who takes part", out, paint);
    for (std::size_t carrier = 0; carrier < demoCarriers().size(); ++carrier) {
        std::string numbers;
        for (std::size_t tenant = 0; tenant < demoTenants().size(); ++tenant)
            if (const std::string part = numbersFor(carrier, tenant); !part.empty())
                numbers += (numbers.empty() ? "" : ", ") + part;
        out << fmt::format("  {:<15} {}  holds numbers: {}\n", demoCarriers()[carrier].name,
                           demoCarriers()[carrier].country, numbers);
    }
    out << wrapped("- Each tenant accepted the data transfer notice for its carriers, and they signed.", 2);
    out << wrapped(fmt::format("- {} of {} ordered numbers were accepted. {} ordered {} too: refused as {} (\"{}\"), "
                               "without saying who holds it.",
                               story.numbersAccepted, story.numbersOrdered, story.refusedCarrier,
                               story.refusedNumber.what, story.refusedNumber.code, story.refusedNumber.message),
                   2);
    out << wrapped(
        fmt::format("- Within the week {} moved from {} to {}, and {} was unassigned ({}).", story.movedNumber,
                    story.movedFrom, story.movedTo, story.unassignedNumber, story.unassignedReason),
        2);
    out << wrapped(fmt::format("- The platform sent {} call records; {} were stored.",
                               grouped(unsignedOf(story.calls.records)), grouped(unsignedOf(story.calls.created))),
                   2);
}

// The whole in three lines, for who reads no further.
void writeSummary(const DemoReport& report, std::ostream& out, const Paint& paint) {
    writeHeading("What came out", out, paint);
    out << wrapped(
        "How much connected time each carrier has more or less than the platform, and the causes that "
        "reconciliation named:",
        2, 0);
    for (std::size_t carrier = 0; carrier < report.carriers.size(); ++carrier) {
        const CarrierView& view = report.carriers[carrier];
        std::vector<std::string_view> causes;
        for (const WeekFinding& finding : view.findings)
            if (const auto cause = reconcile::name(finding.found.cause); causes.empty() || causes.back() != cause)
                causes.push_back(cause);
        out << wrapped(
            fmt::format("{:<15} {:>9}  {}", demoCarriers()[carrier].name,
                        percentText(view.totals.differenceMs(), view.totals.ours.connectedMs), fmt::join(causes, ", ")),
            2, 27);
    }
}

void writeSeen(const CarrierView& view, std::ostream& out, const Paint& paint) {
    out << paint(bold, "What it sees") << '\n';
    for (const NumberView& number : view.numbers)
        out << fmt::format("  {:<15} {:<10} {}\n", number.number, number.state,
                           number.sipUri.empty() ? "no SIP URI" : number.sipUri);
    out << wrapped(
        fmt::format("- Those are its numbers after {} events in its assignment feed.", view.assignmentEvents), 2);
    std::string special;
    if (view.onNetCalls > 0) special += fmt::format(", {} legs of calls between its own numbers", view.onNetCalls);
    if (view.emergencyCalls > 0) special += fmt::format(", {} to an emergency number", view.emergencyCalls);
    if (view.testCalls > 0) special += fmt::format(", {} a test", view.testCalls);
    out << wrapped(
        fmt::format(
            "- Its call feed has {} calls, {} answered{}. Of their {} media streams {} were poor ({:.1f} %).",
            grouped(view.calls), grouped(view.answeredCalls), special, grouped(view.streams), grouped(view.poorStreams),
            view.streams == 0 ? 0.0
                              : 100.0 * static_cast<double>(view.poorStreams) / static_cast<double>(view.streams)),
        2);
}

void writeSent(const UploadSum& sent, std::int64_t resentUnchanged, std::ostream& out) {
    out << wrapped(
        fmt::format("- It uploaded {} durations; {} were stored, {} rejected.", grouped(unsignedOf(sent.records)),
                    grouped(unsignedOf(sent.created)), sent.refusals.size()),
        2);
    for (const Refusal& refusal : sent.refusals)
        out << wrapped(fmt::format("- Rejected: {} as {}. {}", refusal.what, refusal.code, refusal.message), 2);
    if (resentUnchanged > 0)
        out << wrapped(fmt::format("- It sent the file of its first day again: {} records unchanged, nothing doubled.",
                                   grouped(unsignedOf(resentUnchanged))),
                       2);
    out << '\n';
}

std::string daysText(const std::vector<std::string>& days) {
    if (days.size() == 1) return "On " + days.front() + ".";
    return fmt::format("On {} days.", days.size());
}

void writeWeek(const CarrierView& view, std::ostream& out, const Paint& paint) {
    writeTotals(view.totals, {"platform", "carrier"}, out, paint);
    out << paint(bold, "Call by call") << '\n';
    for (std::size_t s = 0; s < reconcile::stateCount; ++s) {
        const auto state = static_cast<State>(s);
        if (view.totals.states[s].items == 0) continue;
        out << fmt::format("  {:>7}  {:<24}{}\n", grouped(view.totals.states[s].items), reconcile::name(state),
                           reconcile::meaning(state));
    }
    out << '\n' << paint(bold, "Why the two sides differ") << '\n';
    for (const WeekFinding& finding : view.findings)
        out << wrapped(fmt::format("- {}: {} {}", reconcile::name(finding.found.cause),
                                   reconcile::sentence(finding.found), daysText(finding.days)),
                       2);
    if (view.findings.empty()) out << "  Nothing sets them apart.\n";
}

std::string meaningOf(std::string_view reason) {
    for (std::size_t s = 0; s < reconcile::stateCount; ++s)
        if (name(static_cast<State>(s)) == reason) return std::string(reconcile::meaning(static_cast<State>(s)));
    return std::string(reason);
}

void writeUsage(const DemoReport& report, std::ostream& out, const Paint& paint) {
    writeHeading(fmt::format("Usage of {}", demoTenants()[report.usageTenant].name), out, paint);
    out << wrapped(
               "Whose duration counts: the carrier's for the calls that reconciliation matched, the "
               "platform's for "
               "the other answered ones.",
               0, 0)
        << '\n'
        << paint(bold, fmt::format("{:<12}{:>8}{:>10}{:>20}{:>15}{:>15}", "day", "calls", "answered", "connected",
                                   "by carrier", "by platform"))
        << '\n';
    for (const UsageDay& day : report.usage.days)
        out << fmt::format("{:<12}{:>8}{:>10}{:>20}{:>15}{:>15}\n", day.date, grouped(unsignedOf(day.calls)),
                           grouped(unsignedOf(day.answered)), clockText(day.durationMs),
                           grouped(unsignedOf(day.carrierCalls)), grouped(unsignedOf(day.platformCalls)));
    out << '\n' << paint(bold, "Why the platform's") << '\n';
    for (const auto& [reason, calls] : report.usage.platformReasons)
        out << fmt::format("  {:>7}  {:<24}{}\n", grouped(unsignedOf(calls)), reason, meaningOf(reason));
}

}  // namespace

void writeDemoReport(const DemoReport& report, std::ostream& out, bool colours) {
    const Paint paint{colours};
    writeOpening(report, out, paint);
    writeSummary(report, out, paint);
    for (std::size_t carrier = 0; carrier < report.carriers.size(); ++carrier) {
        const CarrierView& view = report.carriers[carrier];
        writeHeading(fmt::format("{} ({})", demoCarriers()[carrier].name, demoCarriers()[carrier].country), out, paint);
        writeSeen(view, out, paint);
        writeSent(report.story.durations[carrier],
                  carrier + 1 == report.carriers.size() ? report.story.resentUnchanged : 0, out);
        writeWeek(view, out, paint);
    }
    writeUsage(report, out, paint);
}

}  // namespace meetpoint::cli
