#include "store/leases.h"

#include <algorithm>

#include <fmt/format.h>

namespace meetpoint::store {
namespace {

Error leaseLost(const Lease& lease) {
    return conflict("lease-lost",
                    fmt::format("The lease of {} on lane {}/{} has passed to another node.", name(lease.name.work),
                                lease.name.lane.shardKey, columns::name(lease.name.lane.kind)));
}

}  // namespace

std::string_view name(LaneWork work) {
    constexpr std::string_view names[] = {"upkeep", "delivery", "statements", "reconciliation", "exports", "alerts"};
    return names[static_cast<std::size_t>(work)];
}

Result<std::optional<StoredLease>> findLease(Tx& tx, const LeaseName& name) {
    std::optional<StoredLease> lease;
    TRY(
        tx.query("SELECT holder, token, renewals, length_ms FROM leases WHERE work = $1 AND shard_key = $2 AND "
                 "kind = $3",
                 {store::name(name.work), name.lane.shardKey, name.lane.kindNumber()}, [&](const Row& row) {
                     lease = StoredLease{row.optionalId(0), row.integer(1), row.integer(2), {row.integer(3)}};
                 }));
    return lease;
}

// One statement each, so that of two nodes that saw the same row one changes it and the other finds it changed: nobody
// holds the row from reading to writing, and nobody waits.
Result<std::optional<Lease>> takeLease(Tx& tx, const LeaseName& name, const std::optional<StoredLease>& seen,
                                       const Id& holder, Duration length, std::int64_t fence) {
    std::optional<Lease> taken;
    const auto take = [&](const Row& row) { taken = Lease{name, holder, row.integer(0)}; };
    if (seen) {
        TRY(tx.query(
            "UPDATE leases SET holder = $6, token = $8, renewals = 0, length_ms = $7 "
            "WHERE work = $1 AND shard_key = $2 AND kind = $3 AND token = $4 AND renewals = $5 RETURNING token",
            {store::name(name.work), name.lane.shardKey, name.lane.kindNumber(), seen->token, seen->renewals, holder,
             length.ms, std::max(seen->token, fence) + 1},
            take));
    } else {
        TRY(tx.query(
            "INSERT INTO leases (work, shard_key, kind, holder, token, renewals, length_ms) "
            "VALUES ($1, $2, $3, $4, $6, 0, $5) ON CONFLICT (work, shard_key, kind) DO NOTHING RETURNING token",
            {store::name(name.work), name.lane.shardKey, name.lane.kindNumber(), holder, length.ms, fence + 1}, take));
    }
    return taken;
}

Result<bool> renewLease(Tx& tx, const Lease& lease) {
    TRY_ASSIGN(const std::int64_t rows, tx.execute("UPDATE leases SET renewals = renewals + 1 WHERE work = $1 AND "
                                                   "shard_key = $2 AND kind = $3 AND token = $4 AND holder = $5",
                                                   {name(lease.name.work), lease.name.lane.shardKey,
                                                    lease.name.lane.kindNumber(), lease.token, lease.holder}));
    return rows == 1;
}

Result<void> releaseLease(Tx& tx, const Lease& lease) {
    TRY(tx.execute("UPDATE leases SET holder = NULL WHERE work = $1 AND shard_key = $2 AND kind = $3 AND token = $4",
                   {name(lease.name.work), lease.name.lane.shardKey, lease.name.lane.kindNumber(), lease.token}));
    return {};
}

Result<void> checkFence(Tx& tx, const Lease& lease) {
    bool passed = false;
    TRY(
        tx.query("INSERT INTO lane_work (shard_key, kind, work, fence, progress) VALUES ($1, $2, $3, $4, 0) "
                 "ON CONFLICT (shard_key, kind, work) DO UPDATE SET fence = excluded.fence "
                 "WHERE lane_work.fence <= excluded.fence RETURNING fence",
                 {lease.name.lane.shardKey, lease.name.lane.kindNumber(), name(lease.name.work), lease.token},
                 [&](const Row&) { passed = true; }));
    if (!passed) return fail(leaseLost(lease));
    return {};
}

Result<void> holdWork(Tx& tx, const LeaseName& name) {
    TRY(
        tx.execute("INSERT INTO lane_work (shard_key, kind, work, fence, progress) VALUES ($1, $2, $3, 0, 0) "
                   "ON CONFLICT (shard_key, kind, work) DO UPDATE SET fence = lane_work.fence",
                   {name.lane.shardKey, name.lane.kindNumber(), store::name(name.work)}));
    return {};
}

Result<std::int64_t> fenceOf(Tx& tx, const LeaseName& name) {
    std::int64_t fence = 0;
    TRY(tx.query("SELECT fence FROM lane_work WHERE shard_key = $1 AND kind = $2 AND work = $3",
                 {name.lane.shardKey, name.lane.kindNumber(), store::name(name.work)},
                 [&](const Row& row) { fence = row.integer(0); }));
    return fence;
}

Result<std::int64_t> progressOf(Tx& tx, const LeaseName& name) {
    std::int64_t progress = 0;
    TRY(tx.query("SELECT progress FROM lane_work WHERE shard_key = $1 AND kind = $2 AND work = $3",
                 {name.lane.shardKey, name.lane.kindNumber(), store::name(name.work)},
                 [&](const Row& row) { progress = row.integer(0); }));
    return progress;
}

Result<void> setProgress(Tx& tx, const LeaseName& name, std::int64_t progress) {
    TRY(tx.execute("UPDATE lane_work SET progress = $4 WHERE shard_key = $1 AND kind = $2 AND work = $3",
                   {name.lane.shardKey, name.lane.kindNumber(), store::name(name.work), progress}));
    return {};
}

}  // namespace meetpoint::store
