#include "exchange/leases.h"

namespace meetpoint::exchange {
namespace {

// Of a lease's length: renewed that early, one renewal may fail and there is time for another.
constexpr int renewalsInALength = 3;

}  // namespace

// The decision is made on this node's clock alone, between two looks of its own: a lease that looked the same all the
// time of its length is not held by anybody who still works. A clock that jumps ahead may end a lease too early; then
// the fence keeps its holder out.
bool Leases::isFree(const store::LeaseName& name, const std::optional<store::StoredLease>& found) {
    if (!found || !found->holder || *found->holder == node_) return true;
    // Nobody else can have such a store open: its holder is a process that is gone.
    if (!db_.isShared()) return true;
    const Instant now = clock_.now();
    const auto [watched, isNew] = watched_.try_emplace(name, Watched{*found, now});
    if (!isNew && watched->second.lease != *found) watched->second = {*found, now};
    return now - watched->second.since >= found->length;
}

Result<std::optional<store::Lease>> Leases::take(const store::LeaseName& name) {
    std::optional<store::StoredLease> found;
    std::int64_t fence = 0;
    TRY(db_.read([&](store::Tx& tx) -> Result<void> {
        TRY_ASSIGN(found, store::findLease(tx, name));
        TRY_ASSIGN(fence, store::fenceOf(tx, name));
        return {};
    }));
    if (!isFree(name, found)) return std::nullopt;
    std::optional<store::Lease> lease;
    TRY(db_.write(store::ledgerWrite(), [&](store::Tx& tx) -> Result<void> {
        TRY_ASSIGN(lease, store::takeLease(tx, name, found, node_, length_, fence));
        return {};
    }));
    if (!lease) return std::nullopt;
    watched_.erase(name);
    renewedAt_.insert_or_assign(name, clock_.now());
    // The row of the lease and the fence lie in different places, and no transaction spans both. From here on whoever
    // held it before is refused, also if the work begins with reading.
    TRY(db_.write(store::upkeepWrite(name.lane.shardKey, 1),
                  [&](store::Tx& tx) { return store::checkFence(tx, *lease); }));
    return lease;
}

Result<bool> Leases::keep(const store::Lease& lease) {
    const Instant now = clock_.now();
    Instant& renewedAt = renewedAt_[lease.name];
    if ((now - renewedAt).ms * renewalsInALength < length_.ms) return true;
    bool kept = false;
    TRY(db_.write(store::ledgerWrite(), [&](store::Tx& tx) -> Result<void> {
        TRY_ASSIGN(kept, store::renewLease(tx, lease));
        return {};
    }));
    renewedAt = now;
    return kept;
}

Result<void> Leases::demand(const store::Lease& lease) {
    TRY_ASSIGN(const bool kept, keep(lease));
    if (!kept)
        return fail(conflict(
            std::string(leaseLostCode),
            "The lease of this lane's " + std::string(store::name(lease.name.work)) + " has passed to another node."));
    return {};
}

Result<void> Leases::release(const store::Lease& lease) {
    renewedAt_.erase(lease.name);
    return db_.write(store::ledgerWrite(), [&](store::Tx& tx) { return store::releaseLease(tx, lease); });
}

}  // namespace meetpoint::exchange
