#include "exchange/reconciliation.h"

#include <boost/json.hpp>

#include "columns/content_hash.h"
#include "exchange/agreed_counting.h"
#include "exchange/day_notes.h"
#include "exchange/deviations.h"
#include "exchange/item_records.h"
#include "exchange/parties.h"
#include "exchange/reconciliation_items.h"
#include "exchange/traffic_totals.h"
#include "reconcile/reconcile.h"
#include "reconcile/report.h"

namespace meetpoint::exchange {
namespace {

using columns::ItemCore;
using columns::LaneKind;
using columns::Part;
using columns::Records;
using store::LaneId;

// The newest records of a lane in a time, as one batch.
Result<Records> collect(store::Tx& tx, const Services& services, LaneId lane, Instant from, Instant to) {
    Records all(lane.kind);
    store::ScanRequest request;
    request.from = from;
    request.to = to;
    request.parts = store::PartSet::all();
    TRY(services.lanes.scan(tx, lane, request, [&](const store::LaneSlice& slice) -> Result<void> {
        all.append(slice.records);
        return {};
    }));
    return all;
}

// What a run reads.
struct DayRecords {
    Records calls{LaneKind::calls}, durations{LaneKind::durations};
    std::vector<store::TrafficHour> posted;
};

Result<DayRecords> readDay(const Services& services, const Limits& limits, std::int64_t shardKey, Day day) {
    const Instant from = startOf(day) - limits.reconcileMargin;
    const Instant to = startOf(Day{day.number + 1}) + limits.reconcileMargin;
    DayRecords records;
    TRY(services.db.read([&](store::Tx& tx) -> Result<void> {
        TRY_ASSIGN(records.calls, collect(tx, services, {shardKey, LaneKind::calls}, from, to));
        TRY_ASSIGN(records.posted, postedOn(tx, shardKey, day));
        TRY_ASSIGN(records.durations, collect(tx, services, {shardKey, LaneKind::durations}, from, to));
        return {};
    }));
    return records;
}

void addAgreed(reconcile::Options& options, const domain::AgreementTerms& terms) {
    // Steps up to a second are within measurement and explain nothing.
    if (terms.increments && terms.increments->step.ms > reconcile::measurementMs)
        options.agreedRounding = roundingOf(*terms.increments);
    options.agreedDurationBasis = terms.durationBasis;
    options.agreedScope = terms.scope;
}

reconcile::Options optionsFor(const RunRules& rules, Day day) {
    reconcile::Options options;
    options.tolerance = rules.tolerance;
    options.toleranceShare = static_cast<double>(rules.tolerancePerMille) / 1000;
    if (rules.agreement) addAgreed(options, rules.agreement->terms);
    options.defaultRegion = rules.defaultRegion;
    options.from = startOf(day);
    options.to = startOf(Day{day.number + 1});
    return options;
}

std::string rulesJson(const RunRules& rules) {
    boost::json::object out{{"toleranceMs", rules.tolerance.ms},
                            {"tolerancePerMille", rules.tolerancePerMille},
                            {"defaultRegion", rules.defaultRegion}};
    if (rules.agreement)
        out["agreement"] = boost::json::object{{"id", formatId(rules.agreement->id)},
                                               {"number", rules.agreement->number},
                                               {"validFrom", formatDay(rules.agreement->validFrom)},
                                               {"terms", termsJson(rules.agreement->terms)}};
    return boost::json::serialize(out);
}

std::string reportJson(const reconcile::Outcome& outcome, const boost::json::array& deviations,
                       const boost::json::array& trafficTotals) {
    return R"({"counts":)" + reconcile::countsJson(outcome.totals) + R"(,"totals":)" +
           reconcile::totalsJson(outcome.totals) + R"(,"diagnosis":)" + reconcile::diagnosisJson(outcome) +
           R"(,"deviations":)" + boost::json::serialize(deviations) + R"(,"trafficTotals":)" +
           boost::json::serialize(trafficTotals) + "}";
}

// The day's items as the last run left them.
Result<Records> itemsBefore(store::Tx& tx, const Services& services, std::int64_t shardKey, Day day) {
    Records items(LaneKind::items);
    TRY(scanItems(tx, services, shardKey, startOf(day), startOf(Day{day.number + 1}),
                  [&](const store::LaneSlice& slice, std::size_t row) {
                      if (slice.records.part(Part::core)[ItemCore::day].at<std::int32_t>(row) == day.number)
                          items.part(Part::core).appendRow(slice.records.part(Part::core), row);
                  }));
    return items;
}

// Takes the run's number, stores its items and then the run itself.
Result<void> keep(store::Tx& tx, const Services& services, const Records& items, std::int64_t noted,
                  std::string_view writer, DayReport& report) {
    const std::int64_t shardKey = report.run.shardKey;
    TRY(services.lanes.lock(tx, {shardKey, LaneKind::items}));
    TRY_ASSIGN(report.run.run, store::nextRun(tx, shardKey));
    TRY_ASSIGN(const Records before, itemsBefore(tx, services, shardKey, report.run.day));
    Records changes = changedItems(before, items, static_cast<std::int32_t>(report.run.run));
    report.run.changed = static_cast<std::int64_t>(changes.rows());
    if (changes.rows() > 0) {
        auto fingerprints = columns::fingerprints(changes);
        const auto prepared =
            services.lanes.prepare({shardKey, LaneKind::items}, std::move(changes), std::move(fingerprints));
        TRY(services.lanes.append(tx, prepared, writer));
    }
    TRY(store::insertRun(tx, report.run));
    TRY(store::noteRun(tx, shardKey, report.run.day, noted, report.run.finishedAt));
    TRY_ASSIGN(report.day, store::findDay(tx, shardKey, report.run.day));
    return {};
}

// Where traffic totals of the day differ from each other or from the records, beyond what is agreed; nothing where none
// were posted.
boost::json::array trafficBeyond(const DayRecords& records, Day day, const RunRules& rules) {
    if (records.posted.empty()) return {};
    const Instant from = startOf(day), to = startOf(Day{day.number + 1});
    TrafficSums calls, durations;
    addRecords(calls, records.calls, from, to);
    addRecords(durations, records.durations, from, to);
    return beyondJson(figuresOf(records.posted, calls, durations), {rules.tolerance, rules.tolerancePerMille});
}

// What a run of a day goes by, and how often the day was noted when that was read. What comes in between makes the day
// stale once more, also other rules.
struct DayRules {
    RunRules rules;
    std::int64_t noted = 0;
};

Result<DayRules> readRules(const Services& services, const store::Carrier& carrier, Day day) {
    DayRules known;
    TRY(services.db.read([&](store::Tx& tx) -> Result<void> {
        TRY(services.ledger.refresh(tx));
        TRY_ASSIGN(const auto found, store::findDay(tx, carrier.shardKey, day));
        known.noted = found.noted;
        return {};
    }));
    known.rules = rulesOf(services.ledger.view(), carrier, day);
    return known;
}

// A report that is complete but for what keeping it adds, and its items.
struct Reconciled {
    DayReport report;
    Records items;
};

Result<Reconciled> compute(const Services& services, const Limits& limits, const store::Carrier& carrier, Day day,
                           const RunRules& rules) {
    const Instant startedAt = services.clock.now();
    TRY_ASSIGN(const DayRecords records, readDay(services, limits, carrier.shardKey, day));
    const auto outcome = reconcile::reconcile(records.calls, records.durations, optionsFor(rules, day));
    const domain::AgreementTerms* terms = rules.agreement ? &rules.agreement->terms : nullptr;
    const auto deviations =
        terms ? deviationsJson(*terms, outcome, records.calls, records.durations, day) : boost::json::array();
    return Reconciled{
        {carrier.id,
         {carrier.shardKey, 0, day, startedAt, services.clock.now(), static_cast<std::int64_t>(outcome.items.size()), 0,
          rulesJson(rules), reportJson(outcome, deviations, trafficBeyond(records, day, rules))},
         {}},
        itemRecords(outcome, records.calls, records.durations, day, terms)};
}

}  // namespace

RunRules rulesOf(const LedgerCache::View& ledger, const store::Carrier& carrier, Day day) {
    RunRules rules{milliseconds(carrier.toleranceMs), 0, carrier.defaultRegion, std::nullopt};
    const SignedAgreement* agreement = ledger.agreementOn(carrier.id, day);
    if (!agreement) return rules;
    rules.agreement = *agreement;
    rules.tolerance = agreement->terms.tolerance;
    rules.tolerancePerMille = agreement->terms.tolerancePerMille;
    return rules;
}

Result<store::Carrier> reconciledCarrier(const Services& services, const domain::Caller& caller,
                                         const std::optional<Id>& named) {
    TRY_ASSIGN(const Id id, carrierOf(caller, named));
    return findCarrier(services, caller, id);
}

Result<DayReport> reconcileDay(const Services& services, const Limits& limits, const store::Carrier& carrier, Day day,
                               std::string_view writer) {
    // What the run reads counts as seen by it, also where nobody has noted it yet.
    TRY(noteNewRecords(services, carrier.shardKey));
    TRY_ASSIGN(const DayRules known, readRules(services, carrier, day));
    TRY_ASSIGN(Reconciled done, compute(services, limits, carrier, day, known.rules));
    TRY(services.db.write(store::recordsWrite(carrier.shardKey, done.items.rows()), [&](store::Tx& tx) {
        return keep(tx, services, done.items, known.noted, writer, done.report);
    }));
    return std::move(done.report);
}

Result<DayReport> runDay(const Services& services, const Limits& limits, const domain::Caller& caller,
                         const RunRequest& request) {
    TRY_ASSIGN(const store::Carrier carrier, reconciledCarrier(services, caller, request.carrierId));
    if (startOf(request.day) > services.clock.now())
        return fail(invalidInput("bad-date", "This day has not begun yet. Name a day of the past."));
    if (!request.isDryRun) {
        if (request.tolerance || request.tolerancePerMille || request.defaultRegion)
            return fail(invalidInput("dry-run-required",
                                     "Other rules than those agreed can be tried in a dry run only: set dryRun."));
        return reconcileDay(services, limits, carrier, request.day, caller.clientId);
    }
    TRY_ASSIGN(DayRules known, readRules(services, carrier, request.day));
    RunRules& rules = known.rules;
    rules.tolerancePerMille = request.tolerancePerMille.value_or(rules.tolerancePerMille);
    rules.tolerance = request.tolerance.value_or(rules.tolerance);
    rules.defaultRegion = request.defaultRegion.value_or(rules.defaultRegion);
    TRY_ASSIGN(Reconciled done, compute(services, limits, carrier, request.day, rules));
    return std::move(done.report);
}

Result<DayReport> findDayReport(const Services& services, const domain::Caller& caller,
                                const std::optional<Id>& carrierId, Day day, std::optional<std::int64_t> asOf) {
    TRY_ASSIGN(const auto reports, listDayReports(services, caller, carrierId, day, Day{day.number + 1}, asOf));
    if (reports.empty())
        return fail(notFound("This day has not been reconciled yet. Run it with POST /v1/reconciliation/runs."));
    return reports.front();
}

Result<std::vector<DayReport>> listDayReports(const Services& services, const domain::Caller& caller,
                                              const std::optional<Id>& carrierId, Day from, Day to,
                                              std::optional<std::int64_t> asOf) {
    TRY_ASSIGN(const store::Carrier carrier, reconciledCarrier(services, caller, carrierId));
    std::vector<DayReport> reports;
    TRY(services.db.read([&](store::Tx& tx) -> Result<void> {
        TRY_ASSIGN(auto runs, store::latestRuns(tx, carrier.shardKey, from, to, asOf.value_or(INT64_MAX)));
        TRY_ASSIGN(const auto known, store::listDays(tx, carrier.shardKey, from, to));
        for (auto& run : runs) {
            const auto day = std::ranges::find(known, run.day, &store::ReconciliationDay::day);
            reports.push_back(
                {carrier.id, std::move(run), day == known.end() ? store::ReconciliationDay{.day = run.day} : *day});
        }
        return {};
    }));
    return reports;
}

Result<std::vector<DayReport>> listRuns(const Services& services, const domain::Caller& caller,
                                        const std::optional<Id>& carrierId, Day day) {
    TRY_ASSIGN(const store::Carrier carrier, reconciledCarrier(services, caller, carrierId));
    std::vector<DayReport> reports;
    TRY(services.db.read([&](store::Tx& tx) -> Result<void> {
        TRY_ASSIGN(const auto known, store::findDay(tx, carrier.shardKey, day));
        TRY_ASSIGN(auto runs, store::listRuns(tx, carrier.shardKey, day));
        for (auto& run : runs)
            reports.push_back({carrier.id, std::move(run), known});
        return {};
    }));
    return reports;
}

}  // namespace meetpoint::exchange
