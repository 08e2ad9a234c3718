// Leases: who does a piece of background work on a lane, and the proof that goes with it. A lease is a row of the
// coordinator; the fence that its holder shows lies beside the lane, so that the transaction of the work itself checks
// it and touches one shard key alone. Every function runs inside the caller's transaction.
#pragma once

#include <optional>

#include "store/keys.h"

namespace meetpoint::store {

// Kinds of background work; each has leases and fences of its own.
enum class LaneWork : std::uint8_t { upkeep, delivery, statements, reconciliation, exports, alerts };
std::string_view name(LaneWork work);

struct LeaseName {
    LaneWork work = LaneWork::upkeep;
    LaneId lane;
    auto operator<=>(const LeaseName&) const = default;
};
inline LeaseName upkeepOf(LaneId lane) {
    return {LaneWork::upkeep, lane};
}
// Delivering to all endpoints of a carrier, whichever of its lanes they read, is one piece of work.
inline LeaseName deliveryOf(std::int64_t shardKey) {
    return {LaneWork::delivery, {shardKey, columns::LaneKind::assignments}};
}
// So is looking after all alert rules of a party; the platform's shard key is 0.
inline LeaseName alertsOf(std::int64_t shardKey) {
    return {LaneWork::alerts, {shardKey, columns::LaneKind::calls}};
}

// A lease as its row says. Whoever holds it counts `renewals` up; a row in which nothing changes for `length`, by the
// watch of whoever looks on, is free to be taken. So no two machines' clocks are ever compared: only that both run at
// about the same speed is relied on, and where one does not, the fence still refuses the older holder.
struct StoredLease {
    std::optional<Id> holder;  // none: given back
    std::int64_t token = 0;
    std::int64_t renewals = 0;
    Duration length;
    bool operator==(const StoredLease&) const = default;
};
Result<std::optional<StoredLease>> findLease(Tx& tx, const LeaseName& name);

// What a holder shows: the fencing token rises each time that the lease is taken.
struct Lease {
    LeaseName name;
    Id holder;
    std::int64_t token = 0;
};

// Takes the lease if its row is still what the caller saw (nothing: there was none); nothing, if somebody was quicker.
// The token is greater than `fence` too: rows of leases may be lost or restored older than what lies beside the lanes.
Result<std::optional<Lease>> takeLease(Tx& tx, const LeaseName& name, const std::optional<StoredLease>& seen,
                                       const Id& holder, Duration length, std::int64_t fence = 0);
// False: it has passed on.
Result<bool> renewLease(Tx& tx, const Lease& lease);
// Leaves the row, whose token must never begin anew. Nothing where the lease has passed on.
Result<void> releaseLease(Tx& tx, const Lease& lease);

// For the transaction that does leased work: proves that no newer token has worked on the lane, and keeps newer ones
// waiting until this transaction ends. Code "lease-lost".
Result<void> checkFence(Tx& tx, const Lease& lease);

// For a transaction that changes what leased work goes by, and holds no lease: keeps the work's own transactions
// waiting until this one ends.
Result<void> holdWork(Tx& tx, const LeaseName& name);

// The newest token that has worked on a lane; 0 if none has.
Result<std::int64_t> fenceOf(Tx& tx, const LeaseName& name);

// How far a kind of work has come in a lane, in its own terms; 0 before it began. Set it after checkFence().
Result<std::int64_t> progressOf(Tx& tx, const LeaseName& name);
Result<void> setProgress(Tx& tx, const LeaseName& name, std::int64_t progress);

}  // namespace meetpoint::store
