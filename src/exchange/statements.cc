#include "exchange/statements.h"

#include "exchange/parties.h"
#include "exchange/projection.h"
#include "exchange/stamp.h"
#include "formats/statement_sum.h"
#include "formats/writer.h"

namespace meetpoint::exchange {
namespace {

using columns::CallCore;
using columns::LaneKind;
using columns::Part;
using store::LaneId;
using store::Tx;

constexpr Duration hour = hours(1);

Instant hourOf(Instant at) {
    const std::int64_t past = ((at.ms % hour.ms) + hour.ms) % hour.ms;
    return at - milliseconds(past);
}

bool hasFeed(LaneId lane) {
    return lane.kind != LaneKind::durations && lane.shardKey != unattributedShard;
}

store::LeaseName statementsOf(LaneId lane) {
    return {store::LaneWork::statements, lane};
}

// How far a lane is stated.
struct Reached {
    std::int64_t nextSequence = 1;              // the first record of no statement
    std::optional<Instant> closedUntil;         // none: nothing is stated yet
    std::optional<store::StoredEntry> pending;  // the first entry of no statement
    // The hour that is to be stated next; none while nothing was ever stored.
    std::optional<Instant> nextHour() const {
        if (closedUntil) return closedUntil;
        return pending ? std::optional(hourOf(pending->storedAt)) : std::nullopt;
    }
};

// How far hours without records are closed stands with the work, which a store that was moved begins anew.
Result<Reached> reachedIn(Tx& tx, LaneId lane) {
    Reached reached;
    TRY_ASSIGN(const auto last, store::lastStatement(tx, lane));
    TRY_ASSIGN(const std::int64_t progress, store::progressOf(tx, statementsOf(lane)));
    if (progress > 0) reached.closedUntil = Instant{progress};
    if (last) {
        reached.nextSequence = last->lastSequence + 1;
        reached.closedUntil = std::max(reached.closedUntil.value_or(Instant{}), last->hour + hour);
    }
    TRY_ASSIGN(const auto entries, store::listEntries(tx, lane, reached.nextSequence, 1));
    if (!entries.empty()) reached.pending = entries.front();
    return reached;
}

std::int64_t durationOf(const columns::Records& records) {
    std::int64_t sum = 0;
    for (const std::int64_t ms : records.part(Part::core)[CallCore::durationMs].as<std::int64_t>())
        sum += ms;
    return sum;
}

// Each record as it stood in the feed when it had just been stored.
Result<void> addSlice(const LedgerCache::View& ledger, LaneId lane, store::LaneSlice slice,
                      formats::StatementSum& sum) {
    const store::Carrier* carrier = ledger.carrierByShard(lane.shardKey);
    if (!carrier) return fail(internalError("a lane belongs to no carrier"));
    const std::string carrierId = formatId(carrier->id);
    const std::vector<std::uint64_t> sequences(slice.sequences.begin(), slice.sequences.end());
    const auto records = project(ledger, std::move(slice.records), domain::Role::carrier, slice.storedAt);
    const formats::RecordWriter writer(records, {carrierId, {}, sequences, slice.storedAt});
    std::string line;
    for (std::size_t row = 0; row < sequences.size(); ++row) {
        line.clear();
        writer.appendJson(row, line);
        sum.add(line);
    }
    return {};
}

}  // namespace

StatementMaker::StatementMaker(const Services& services, const StatementLimits& limits,
                               std::function<bool()> isStopping)
    : services_(services),
      limits_(limits),
      isStopping_(std::move(isStopping)),
      rounds_(services, {store::LaneWork::statements, limits.lease, limits.afterFailure, limits.hoursPerTurn,
                         [this](const store::LaneTail& lane) { return look(lane); },
                         [this](const store::Lease& lease) { return step(lease); }, isStopping_}) {}

Result<bool> StatementMaker::pass(const Report& report) {
    made_ = {};
    return rounds_.pass([&](const LaneTurn& turn) {
        StatementsMade made = std::exchange(made_, {});
        made.lane = turn.lane;
        made.leaseLost = turn.leaseLost;
        made.failure = turn.failure;
        if (!made.isNothing()) report(made);
    });
}

Result<LaneRounds::Due> StatementMaker::look(const store::LaneTail& lane) {
    if (!hasFeed(lane.lane)) return LaneRounds::Due{};
    Reached reached;
    TRY(services_.db.read([&](Tx& tx) -> Result<void> {
        TRY_ASSIGN(reached, reachedIn(tx, lane.lane));
        return {};
    }));
    const auto next = reached.nextHour();
    if (!next) return LaneRounds::Due{};
    const Instant end = *next + hour;
    return LaneRounds::Due{end <= services_.clock.now(), end};
}

Result<bool> StatementMaker::step(const store::Lease& lease) {
    Reached reached;
    TRY(services_.db.read([&](Tx& tx) -> Result<void> {
        TRY_ASSIGN(reached, reachedIn(tx, lease.name.lane));
        return {};
    }));
    const Instant until = hourOf(services_.clock.now());
    const auto next = reached.nextHour();
    if (!next || *next >= until) return false;
    if (!reached.pending || reached.pending->storedAt >= until)
        TRY(closeEmpty(lease, reached.nextSequence, until));
    else
        TRY(close(lease, reached.nextSequence, hourOf(reached.pending->storedAt)));
    return true;
}

// What is appended from here on is stored at `until` or later, whatever another node's clock says.
Result<void> StatementMaker::passTime(const store::Lease& lease, Instant until) {
    TRY(rounds_.leases().demand(lease));
    return services_.db.write(store::upkeepWrite(lease.name.lane.shardKey, 1), [&](Tx& tx) -> Result<void> {
        TRY(services_.lanes.passTime(tx, lease.name.lane, until));
        return store::checkFence(tx, lease);
    });
}

Result<void> StatementMaker::closeEmpty(const store::Lease& lease, std::int64_t next, Instant until) {
    TRY(rounds_.leases().demand(lease));
    return services_.db.write(store::upkeepWrite(lease.name.lane.shardKey, 1), [&](Tx& tx) -> Result<void> {
        TRY(services_.lanes.passTime(tx, lease.name.lane, until));
        TRY(store::checkFence(tx, lease));
        // Another node may have been quicker than the lock; its record is the next step's.
        TRY_ASSIGN(const auto entries, store::listEntries(tx, lease.name.lane, next, 1));
        if (!entries.empty() && entries.front().storedAt < until) return {};
        return store::setProgress(tx, lease.name, until.ms);
    });
}

Result<void> StatementMaker::close(const store::Lease& lease, std::int64_t first, Instant from) {
    TRY(passTime(lease, from + hour));
    store::Statement statement{lease.name.lane, from, first, first - 1, {}, {}, {}};
    TRY_ASSIGN(const bool hasEntries, readEntries(lease, statement));
    if (!hasEntries) return {};
    TRY_ASSIGN(const bool hasRecords, addRecords(lease, statement));
    if (!hasRecords) return {};
    TRY(rounds_.leases().demand(lease));
    TRY(services_.db.write(store::upkeepWrite(lease.name.lane.shardKey, 1), [&](Tx& tx) -> Result<void> {
        TRY(store::checkFence(tx, lease));
        TRY(store::insertStatement(tx, statement));
        return store::setProgress(tx, lease.name, (from + hour).ms);
    }));
    ++made_.hours;
    made_.records += static_cast<std::size_t>(statement.lastSequence - statement.firstSequence + 1);
    return {};
}

// The hour's last sequence and the chain's head there. An entry lies in one hour as a whole. False: stopped before the
// end.
Result<bool> StatementMaker::readEntries(const store::Lease& lease, store::Statement& statement) {
    for (;;) {
        if (isStopping_()) return false;
        std::vector<store::StoredEntry> entries;
        TRY(services_.db.read([&](Tx& tx) -> Result<void> {
            TRY_ASSIGN(entries,
                       store::listEntries(tx, lease.name.lane, statement.lastSequence + 1, limits_.entriesPerRead));
            return {};
        }));
        for (const store::StoredEntry& entry : entries) {
            if (entry.storedAt >= statement.hour + hour) return true;
            statement.lastSequence = entry.first + entry.rows - 1;
            statement.chainHead = entry.ownHash;
        }
        if (entries.size() < limits_.entriesPerRead) return true;
    }
}

// Sums up what a carrier that followed the feed was given. False: stopped before the end.
Result<bool> StatementMaker::addRecords(const store::Lease& lease, store::Statement& statement) {
    formats::StatementSum sum;
    const bool hasDurations = lease.name.lane.kind == LaneKind::calls;
    if (hasDurations) statement.durationMs = 0;
    for (std::int64_t at = statement.firstSequence; at <= statement.lastSequence;) {
        if (isStopping_()) return false;
        TRY(rounds_.leases().demand(lease));
        const auto wanted = static_cast<std::size_t>(statement.lastSequence - at + 1);
        store::LaneSlice slice{columns::Records(lease.name.lane.kind), {}, {}};
        TRY(services_.db.read([&](Tx& tx) -> Result<void> {
            TRY(services_.ledger.refresh(tx));
            TRY_ASSIGN(slice, services_.lanes.readFrom(tx, lease.name.lane, at, wanted, store::PartSet::all()));
            return {};
        }));
        if (hasDurations) *statement.durationMs += durationOf(slice.records);
        at = slice.sequences.back() + 1;
        TRY(addSlice(services_.ledger.view(), lease.name.lane, std::move(slice), sum));
    }
    statement.contentHash = sum.value();
    return true;
}

Result<StatementPage> readStatements(const Services& services, const domain::Caller& caller,
                                     const StatementRequest& request) {
    StatementPage page;
    TRY_ASSIGN(page.carrierId, carrierOf(caller, request.carrierId));
    TRY(services.db.read([&](Tx& tx) -> Result<void> {
        TRY_ASSIGN(const store::Carrier carrier, carrierIn(tx, page.carrierId));
        page.lane = {carrier.shardKey, request.kind};
        TRY_ASSIGN(const Reached reached, reachedIn(tx, page.lane));
        page.closedUntil = reached.nextHour();
        TRY_ASSIGN(page.statements, store::listStatements(tx, page.lane, request.from, request.to, request.limit + 1));
        return {};
    }));
    page.hasMore = page.statements.size() > request.limit;
    if (page.hasMore) page.statements.pop_back();
    return page;
}

}  // namespace meetpoint::exchange
