#include "exchange/reconciliation.h"

#include <thread>

#include <boost/json.hpp>

#include "base/memory.h"
#include "base/parallel.h"
#include "exchange/agreed_counting.h"
#include "exchange/day_notes.h"
#include "exchange/day_records.h"
#include "exchange/deviations.h"
#include "exchange/item_records.h"
#include "exchange/parties.h"
#include "exchange/reconciliation_items.h"
#include "exchange/traffic_totals.h"
#include "reconcile/report.h"

namespace meetpoint::exchange {
namespace {

using columns::ItemCore;
using columns::LaneKind;
using columns::Part;
using columns::Records;
using store::LaneId;

void addAgreed(reconcile::Options& options, const domain::AgreementTerms& terms) {
    // Steps up to a second are within measurement and explain nothing.
    if (terms.increments && terms.increments->step.ms > reconcile::measurementMs)
        options.agreedRounding = roundingOf(*terms.increments);
    options.agreedDurationBasis = terms.durationBasis;
    options.agreedScope = terms.scope;
}

Instant dueAt(const RunRules& rules, Day day) {
    return startOf(Day{day.number + 1}) + rules.recordsDue;
}

reconcile::Options optionsFor(const RunRules& rules, Day day, std::size_t threads) {
    reconcile::Options options;
    options.tolerance = rules.tolerance;
    options.toleranceShare = static_cast<double>(rules.tolerancePerMille) / 1000;
    if (rules.agreement) addAgreed(options, rules.agreement->terms);
    options.defaultRegion = rules.defaultRegion;
    options.threads = threads;
    options.from = startOf(day);
    options.to = startOf(Day{day.number + 1});
    options.dueAt = dueAt(rules, day);
    return options;
}

std::string rulesJson(const RunRules& rules) {
    boost::json::object out{{"toleranceMs", rules.tolerance.ms},
                            {"tolerancePerMille", rules.tolerancePerMille},
                            {"defaultRegion", rules.defaultRegion},
                            {"recordsDueMs", rules.recordsDue.ms}};
    if (rules.agreement)
        out["agreement"] = boost::json::object{{"id", formatId(rules.agreement->id)},
                                               {"number", rules.agreement->number},
                                               {"validFrom", formatDay(rules.agreement->validFrom)},
                                               {"terms", termsJson(rules.agreement->terms)}};
    return boost::json::serialize(out);
}

std::string reportJson(const reconcile::Summary& summary, const boost::json::array& deviations,
                       const boost::json::array& trafficTotals) {
    return R"({"counts":)" + reconcile::countsJson(summary.totals) + R"(,"totals":)" +
           reconcile::totalsJson(summary.totals) + R"(,"diagnosis":)" + reconcile::diagnosisJson(summary) +
           R"(,"deviations":)" + boost::json::serialize(deviations) + R"(,"trafficTotals":)" +
           boost::json::serialize(trafficTotals) + "}";
}

// Calls `use` with each of the day's items as the last run left them.
Result<void> eachItemBefore(store::Tx& tx, const Services& services, std::int64_t shardKey, Day day,
                            const std::function<void(const columns::Batch& core, std::size_t row)>& use) {
    return scanItems(tx, services, shardKey, startOf(day), startOf(Day{day.number + 1}),
                     [&](const store::LaneSlice& slice, std::size_t row) {
                         const columns::Batch& core = slice.records.part(Part::core);
                         if (core[ItemCore::day].at<std::int32_t>(row) == day.number) use(core, row);
                     });
}

// What a run of a day goes by, and how often the day was noted when that was read. What comes in between makes the day
// stale once more, also other rules.
struct DayRules {
    RunRules rules;
    std::int64_t noted = 0;
};

Result<DayRules> readRules(const Services& services, const Limits& limits, const store::Carrier& carrier, Day day) {
    DayRules known;
    TRY(services.db.read([&](store::Tx& tx) -> Result<void> {
        TRY(services.ledger.refresh(tx));
        TRY_ASSIGN(const auto found, store::findDay(tx, carrier.shardKey, day));
        known.noted = found.noted;
        return {};
    }));
    known.rules = rulesOf(services.ledger.view(), limits, carrier, day);
    return known;
}

// One run of a day.
class Run {
public:
    // `known` must outlive it.
    Run(const Services& services, const Limits& limits, const store::Carrier& carrier, Day day, const DayRules& known)
        : services_(services),
          threads_(threadsOf(limits)),
          margin_(limits.reconcileMargin),
          rules_(known.rules),
          noted_(known.noted) {
        report_.carrierId = carrier.id;
        report_.run.shardKey = carrier.shardKey;
        report_.run.day = day;
        report_.run.startedAt = services.clock.now();
        report_.run.rules = rulesJson(rules_);
    }

    // Finds out which records belong together.
    Result<void> match() {
        const Day day = report_.run.day;
        TRY_ASSIGN(DayRecords records,
                   readDay(services_, report_.run.shardKey, day, margin_, dueAt(rules_, day), threads_));
        TRY(services_.db.read([&](store::Tx& tx) -> Result<void> {
            TRY_ASSIGN(trafficTotals_, trafficBeyond(tx, services_, report_.run.shardKey, day,
                                                     {rules_.tolerance, rules_.tolerancePerMille}));
            return {};
        }));
        matched_.emplace(std::move(records.calls), std::move(records.durations), optionsFor(rules_, day, threads_));
        deviations_.emplace(terms(), matched_->calibration());
        report_.run.items = static_cast<std::int64_t>(matched_->items());
        // Matching is done with most of what it held, and other threads make and store the items.
        giveFreeMemoryBack();
        return {};
    }

    // What the run says, without keeping it.
    DayReport report() {
        Sums sums;
        PiecesInOrder<Sums> pieces(
            threads_, matched_->pieces(), [&](std::size_t number) { return sumsOf(matched_->piece(number)); },
            [&](const Sums& piece) -> Result<void> {
                sums.append(piece);
                return {};
            });
        (void)pieces.run();  // nothing here can fail
        finish(sums);
        return std::move(report_);
    }

    // Stores what differs from the run before, and the run itself, in one transaction.
    Result<DayReport> keep(std::string_view writer) {
        TRY(services_.db.write(store::recordsWrite(report_.run.shardKey, matched_->items()),
                               [&](store::Tx& tx) { return keep(tx, writer); }));
        return std::move(report_);
    }

private:
    static std::size_t threadsOf(const Limits& limits) {
        return limits.reconcileThreads > 0 ? limits.reconcileThreads
                                           : std::max(1u, std::thread::hardware_concurrency());
    }

    const domain::AgreementTerms* terms() const { return rules_.agreement ? &rules_.agreement->terms : nullptr; }

    // What pieces add up to, in their order.
    struct Sums {
        reconcile::Tally tally;
        DeviationCounts deviations;
        void append(const Sums& more) {
            tally.append(more.tally);
            deviations.append(more.deviations);
        }
    };
    Sums sumsOf(reconcile::ItemPiece piece) const { return {std::move(piece.tally), deviations_->count(piece)}; }

    void finish(const Sums& sums) {
        report_.run.finishedAt = services_.clock.now();
        const reconcile::Summary summary = matched_->summary(sums.tally);
        const auto deviations = deviations_->say(sums.deviations, summary.diagnosis, report_.run.day);
        report_.run.report = reportJson(summary, deviations, trafficTotals_);
    }

    // Some of the run's items, made ready to be stored where they are new or changed.
    struct Piece {
        store::PreparedAppend changes;
        Sums sums;
    };
    Piece makePiece(std::size_t number, EarlierItems& before) const {
        reconcile::ItemPiece items = matched_->piece(number);
        const auto run = static_cast<std::int32_t>(report_.run.run);
        auto changes = before.changesOf(itemRecords(items, *matched_, report_.run.day, run, terms()));
        Sums sums = sumsOf(std::move(items));  // and the items are let go of
        return {prepare(std::move(changes)), std::move(sums)};
    }
    store::PreparedAppend prepare(Records changes) const {
        // A run stores an item once: nobody will ever hold another record of the same key and version against it.
        std::vector<std::uint32_t> fingerprints(changes.rows(), 0);
        auto prepared = services_.lanes.prepare({report_.run.shardKey, LaneKind::items}, std::move(changes),
                                                std::move(fingerprints));
        prepared.keepKeys();
        return prepared;
    }

    // The earlier items that the run's own do not have any more.
    Result<Records> goneItems(store::Tx& tx, const EarlierItems& before) const {
        Records gone(LaneKind::items);
        if (!before.hasGone()) return gone;
        const auto run = static_cast<std::int32_t>(report_.run.run);
        TRY(eachItemBefore(tx, services_, report_.run.shardKey, report_.run.day,
                           [&](const columns::Batch& core, std::size_t row) {
                               // What this run has stored so far is there as well.
                               const bool isEarlier = core[ItemCore::run].at<std::int32_t>(row) != run;
                               if (isEarlier && before.isGone(core[ItemCore::itemId].id(row)))
                                   EarlierItems::appendGone(core, row, run, gone);
                           }));
        return gone;
    }

    // Items are made while they are stored: with the lane locked nobody changes what they are compared with, and no
    // more of them are held than are being made.
    Result<void> keep(store::Tx& tx, std::string_view writer) {
        store::ReconciliationRun& run = report_.run;
        TRY(services_.lanes.lock(tx, {run.shardKey, LaneKind::items}));
        TRY_ASSIGN(run.run, store::nextRun(tx, run.shardKey));
        EarlierItems before;
        TRY(eachItemBefore(tx, services_, run.shardKey, run.day,
                           [&](const columns::Batch& core, std::size_t row) { before.add(core, row); }));
        store::LongAppend append(services_.lanes, tx, {run.shardKey, LaneKind::items}, writer);
        Sums sums;
        PiecesInOrder<Piece> pieces(
            threads_, matched_->pieces(), [&](std::size_t number) { return makePiece(number, before); },
            [&](const Piece& piece) -> Result<void> {
                sums.append(piece.sums);
                return append.add(piece.changes);
            });
        TRY(pieces.run());
        TRY_ASSIGN(Records gone, goneItems(tx, before));
        TRY(append.add(prepare(std::move(gone))));
        TRY(append.finish());
        run.changed = append.stored();
        finish(sums);
        TRY(store::insertRun(tx, run));
        TRY(store::noteRun(tx, run.shardKey, run.day, noted_, run.finishedAt));
        TRY_ASSIGN(report_.day, store::findDay(tx, run.shardKey, run.day));
        return {};
    }

    const Services& services_;
    const std::size_t threads_;
    const Duration margin_;
    const RunRules& rules_;
    DayReport report_;
    const std::int64_t noted_;
    std::optional<reconcile::Reconciliation> matched_;
    std::optional<Deviations> deviations_;
    boost::json::array trafficTotals_;
};

}  // namespace

RunRules rulesOf(const LedgerCache::View& ledger, const Limits& limits, const store::Carrier& carrier, Day day) {
    RunRules rules{milliseconds(carrier.toleranceMs), 0, carrier.defaultRegion, limits.recordsDue, std::nullopt};
    const SignedAgreement* agreement = ledger.agreementOn(carrier.id, day);
    if (!agreement) return rules;
    rules.agreement = *agreement;
    const domain::AgreementTerms& terms = agreement->terms;
    rules.tolerance = terms.tolerance;
    rules.recordsDue = terms.dueAfter.value_or(terms.closeAfter.value_or(rules.recordsDue));
    rules.tolerancePerMille = terms.tolerancePerMille;
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
    TRY_ASSIGN(const DayRules known, readRules(services, limits, carrier, day));
    Run run(services, limits, carrier, day, known);
    TRY(run.match());
    return run.keep(writer);
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
    TRY_ASSIGN(DayRules known, readRules(services, limits, carrier, request.day));
    RunRules& rules = known.rules;
    rules.tolerancePerMille = request.tolerancePerMille.value_or(rules.tolerancePerMille);
    rules.tolerance = request.tolerance.value_or(rules.tolerance);
    rules.defaultRegion = request.defaultRegion.value_or(rules.defaultRegion);
    Run run(services, limits, carrier, request.day, known);
    TRY(run.match());
    return run.report();
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
