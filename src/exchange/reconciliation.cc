#include "exchange/reconciliation.h"

#include <boost/json.hpp>

#include "columns/content_hash.h"
#include "domain/call.h"
#include "exchange/item_records.h"
#include "exchange/parties.h"
#include "reconcile/reconcile.h"
#include "reconcile/report.h"

namespace meetpoint::exchange {
namespace {

using columns::ItemCore;
using columns::LaneKind;
using columns::Part;
using columns::Records;
using store::LaneId;

Result<store::Carrier> carrierFor(const Services& services, const domain::Caller& caller,
                                  const std::optional<Id>& named) {
    TRY_ASSIGN(const Id id, carrierOf(caller, named));
    return findCarrier(services, caller, id);
}

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

reconcile::Options optionsFor(const store::Carrier& carrier, Day day) {
    reconcile::Options options;
    options.tolerance = milliseconds(carrier.toleranceMs);
    options.defaultRegion = carrier.defaultRegion;
    options.from = startOf(day);
    options.to = startOf(Day{day.number + 1});
    return options;
}

std::string rulesJson(const store::Carrier& carrier) {
    return boost::json::serialize(
        boost::json::object{{"toleranceMs", carrier.toleranceMs}, {"defaultRegion", carrier.defaultRegion}});
}

std::string reportJson(const reconcile::Outcome& outcome) {
    return R"({"counts":)" + reconcile::countsJson(outcome.totals) + R"(,"totals":)" +
           reconcile::totalsJson(outcome.totals) + R"(,"diagnosis":)" + reconcile::diagnosisJson(outcome) + "}";
}

bool isGone(const columns::Batch& core, std::size_t row) {
    return core[ItemCore::changed].at<std::uint8_t>(row) == static_cast<std::uint8_t>(ItemChange::gone);
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

}  // namespace

Result<void> scanItems(store::Tx& tx, const Services& services, std::int64_t shardKey, Instant from, Instant to,
                       const std::function<void(const store::LaneSlice&, std::size_t row)>& use) {
    store::ScanRequest request;
    request.from = from;
    request.to = to;
    return services.lanes.scan(tx, {shardKey, LaneKind::items}, request,
                               [&](const store::LaneSlice& slice) -> Result<void> {
                                   for (std::size_t row = 0; row < slice.sequences.size(); ++row)
                                       if (!isGone(slice.records.part(Part::core), row)) use(slice, row);
                                   return {};
                               });
}

Result<DayReport> runDay(const Services& services, const Limits& limits, const domain::Caller& caller,
                         const std::optional<Id>& carrierId, Day day) {
    TRY_ASSIGN(const store::Carrier carrier, carrierFor(services, caller, carrierId));
    const Instant startedAt = services.clock.now();
    if (startOf(day) > startedAt)
        return fail(invalidInput("bad-date", "This day has not begun yet. Name a day of the past."));
    const Instant from = startOf(day) - limits.reconcileMargin;
    const Instant to = startOf(Day{day.number + 1}) + limits.reconcileMargin;
    Records calls(LaneKind::calls), durations(LaneKind::durations);
    TRY(services.db.read([&](store::Tx& tx) -> Result<void> {
        TRY_ASSIGN(calls, collect(tx, services, {carrier.shardKey, LaneKind::calls}, from, to));
        TRY_ASSIGN(durations, collect(tx, services, {carrier.shardKey, LaneKind::durations}, from, to));
        return {};
    }));
    const reconcile::Outcome outcome = reconcile::reconcile(calls, durations, optionsFor(carrier, day));
    const Records items = itemRecords(outcome, calls, durations, day);

    DayReport report{carrier.id,
                     {carrier.shardKey, 0, day, startedAt, services.clock.now(),
                      static_cast<std::int64_t>(outcome.items.size()), 0, rulesJson(carrier), reportJson(outcome)}};
    TRY(services.db.write(store::WritePriority::records, items.rows(), [&](store::Tx& tx) -> Result<void> {
        TRY_ASSIGN(report.run.run, store::nextRun(tx, carrier.shardKey));
        TRY_ASSIGN(const Records before, itemsBefore(tx, services, carrier.shardKey, day));
        Records changes = changedItems(before, items, static_cast<std::int32_t>(report.run.run));
        report.run.changed = static_cast<std::int64_t>(changes.rows());
        if (changes.rows() > 0) {
            auto fingerprints = columns::fingerprints(changes);
            const auto prepared = services.lanes.prepare({carrier.shardKey, LaneKind::items}, std::move(changes),
                                                         std::move(fingerprints));
            TRY(services.lanes.append(tx, prepared, caller.clientId));
        }
        return store::insertRun(tx, report.run);
    }));
    return report;
}

Result<DayReport> findDayReport(const Services& services, const domain::Caller& caller,
                                const std::optional<Id>& carrierId, Day day) {
    TRY_ASSIGN(const auto reports, listDayReports(services, caller, carrierId, day, Day{day.number + 1}));
    if (reports.empty())
        return fail(notFound("This day has not been reconciled yet. Run it with POST /v1/reconciliation/runs."));
    return reports.front();
}

Result<std::vector<DayReport>> listDayReports(const Services& services, const domain::Caller& caller,
                                              const std::optional<Id>& carrierId, Day from, Day to) {
    TRY_ASSIGN(const store::Carrier carrier, carrierFor(services, caller, carrierId));
    std::vector<DayReport> reports;
    TRY(services.db.read([&](store::Tx& tx) -> Result<void> {
        TRY_ASSIGN(auto runs, store::latestRuns(tx, carrier.shardKey, from, to));
        for (auto& run : runs)
            reports.push_back({carrier.id, std::move(run)});
        return {};
    }));
    return reports;
}

Result<ItemPage> listItems(const Services& services, const CursorKey& cursors, const domain::Caller& caller,
                           const ItemRequest& request) {
    TRY_ASSIGN(const store::Carrier carrier, carrierFor(services, caller, request.carrierId));
    std::optional<std::uint8_t> state;
    if (request.state) {
        state = domain::indexIn(
            columns::schemaOf(LaneKind::items).parts[0]->fields[static_cast<std::size_t>(ItemCore::state)].meanings,
            *request.state);
        if (!state) return fail(invalidInput("bad-value", "'" + *request.state + "' is no state of an item."));
    }
    const std::string feed = "items-of/" + std::to_string(carrier.shardKey) + "/" + formatDay(request.day);
    std::int64_t after = 0;
    if (request.cursor) {
        TRY_ASSIGN(after, cursors.read(*request.cursor, feed, caller.clientId));
    }
    ItemPage page;
    page.carrierId = carrier.id;
    bool more = false;
    TRY(services.db.read([&](store::Tx& tx) {
        return scanItems(tx, services, carrier.shardKey, startOf(request.day), startOf(Day{request.day.number + 1}),
                         [&](const store::LaneSlice& slice, std::size_t row) {
                             const columns::Batch& core = slice.records.part(Part::core);
                             const bool wanted = slice.sequences[row] > after &&
                                                 core[ItemCore::day].at<std::int32_t>(row) == request.day.number &&
                                                 (!state || core[ItemCore::state].at<std::uint8_t>(row) == *state);
                             if (!wanted) return;
                             if (page.sequences.size() == request.limit) {
                                 more = true;
                                 return;
                             }
                             page.items.part(Part::core).appendRow(core, row);
                             page.sequences.push_back(static_cast<std::uint64_t>(slice.sequences[row]));
                             page.storedAt.push_back(slice.storedAt[row]);
                         });
    }));
    if (more) page.next = cursors.write(feed, static_cast<std::int64_t>(page.sequences.back()), caller.clientId);
    return page;
}

}  // namespace meetpoint::exchange
