#include "api/report_wire.h"

#include <boost/json.hpp>

#include "reconcile/report.h"

namespace meetpoint::api {
namespace {

double secondsOf(std::int64_t ms) {
    return static_cast<double>(ms) / 1'000;
}

std::int64_t countOf(std::uint64_t count) {
    return static_cast<std::int64_t>(count);
}

// To a thousandth, so that the same figures always read the same.
std::optional<double> percentOf(std::int64_t part, std::int64_t whole) {
    if (whole == 0) return std::nullopt;
    return std::round(100'000.0 * static_cast<double>(part) / static_cast<double>(whole)) / 1'000;
}

boost::json::value parsed(const std::string& json) {
    boost::json::error_code ignored;  // written by this program
    return boost::json::parse(json, ignored);
}

ReportSide wire(const reconcile::SideTotals& side) {
    return {countOf(side.records), countOf(side.calls), countOf(side.answered), secondsOf(side.connectedMs)};
}

ReportDifference differenceOf(const reconcile::Totals& totals) {
    const std::int64_t calls = countOf(totals.theirs.calls) - countOf(totals.ours.calls);
    return {calls, percentOf(calls, countOf(totals.ours.calls)), secondsOf(totals.differenceMs()),
            percentOf(totals.differenceMs(), totals.ours.connectedMs)};
}

std::optional<std::string> partyText(reconcile::Party party) {
    if (party == reconcile::Party::neither) return std::nullopt;
    return party == reconcile::Party::platform ? "platform" : "carrier";
}

ReportFinding wire(const reconcile::Finding& finding) {
    const reconcile::Diagnosis& found = finding.diagnosis;
    return {finding.day.value_or(Day{}),  std::string(name(found.cause)), parsed(reconcile::valueJson(found)),
            partyText(found.at),          countOf(found.count),           countOf(found.outOf),
            secondsOf(found.explainedMs), reconcile::sentence(found)};
}

ReportDeviation wire(const reconcile::DeviationLine& line) {
    return {line.day,     line.term, parsed(line.agreed), parsed(line.shown), countOf(line.count), countOf(line.outOf),
            line.evidence};
}

ReportDay wire(const reconcile::DayLine& day) {
    const auto sum = [](const reconcile::SideSum& side) {
        return ReportSideSum{countOf(side.calls), secondsOf(side.ms)};
    };
    return {day.day,
            std::string(name(day.status)),
            day.isStale,
            day.run,
            day.ranAt,
            day.closedAt,
            countOf(day.adjustments),
            countOf(day.items),
            countOf(day.differences),
            sum(day.ours),
            sum(day.theirs)};
}

ReportGroup wire(const reconcile::GroupLine& group) {
    return {group.name.empty() ? std::nullopt : std::optional(group.name),
            countOf(group.items),
            secondsOf(group.ourMs),
            secondsOf(group.theirMs),
            secondsOf(group.theirMs - group.ourMs),
            secondsOf(group.atStakeMs)};
}

ReportItem wire(const reconcile::WorstItem& item) {
    return {item.at,
            std::string(name(item.state)),
            item.ownNumber == 0 ? std::nullopt : std::optional("+" + std::to_string(item.ownNumber)),
            item.ourMs,
            item.theirMs,
            item.ours,
            item.theirs};
}

template <class To, class From>
std::vector<To> wireAll(const std::vector<From>& from) {
    std::vector<To> out;
    for (const From& one : from)
        out.push_back(wire(one));
    return out;
}

std::vector<ReportState> statesOf(const reconcile::Totals& totals) {
    std::vector<ReportState> out;
    for (std::size_t s = 0; s < reconcile::stateCount; ++s) {
        const reconcile::StateTotals& state = totals.states[s];
        if (state.items > 0)
            out.push_back({std::string(name(static_cast<reconcile::State>(s))), countOf(state.items),
                           secondsOf(state.ourMs), secondsOf(state.theirMs)});
    }
    return out;
}

std::vector<ReportCause> causesOf(const reconcile::Report& report) {
    std::vector<ReportCause> out;
    for (std::size_t c = 0; c < reconcile::causeCount; ++c) {
        const reconcile::CauseTotals& cause = report.causes[c];
        if (cause.items > 0)
            out.push_back(
                {std::string(name(static_cast<reconcile::Cause>(c))), countOf(cause.items), secondsOf(cause.ms)});
    }
    return out;
}

}  // namespace

ReconciliationReport wire(const exchange::PeriodReport& answer) {
    const reconcile::Report& report = answer.report;
    const reconcile::ReportPeriod period = report.period.value_or(reconcile::ReportPeriod{});
    return {answer.carrierId,
            {std::string(name(period.kind)), period.from, period.to, period.timeZone},
            period.readAt,
            wire(report.totals.ours),
            wire(report.totals.theirs),
            differenceOf(report.totals),
            statesOf(report.totals),
            causesOf(report),
            wireAll<ReportFinding>(report.findings),
            wireAll<ReportDeviation>(report.deviations),
            wireAll<ReportDay>(report.days),
            wireAll<ReportGroup>(report.numbers),
            wireAll<ReportGroup>(report.trunks),
            report.hasAllGroups,
            wireAll<ReportItem>(report.worst)};
}

}  // namespace meetpoint::api
