#include "exchange/record_lanes.h"

#include "exchange/stamp.h"

namespace meetpoint::exchange {
namespace {

using columns::LaneKind;

void add(ReadableLanes& readable, LaneKind kind, std::span<const store::Carrier* const> carriers) {
    for (const store::Carrier* carrier : carriers)
        readable.lanes.push_back({{carrier->shardKey, kind}, carrier->id});
}

Result<ReadableLanes> lanesOfTenant(const LedgerCache::View& ledger, const Id& tenant, LaneKind kind,
                                    const std::optional<Id>& carrierId) {
    ReadableLanes readable{{}, tenant};
    auto carriers = ledger.carriersOf(tenant);
    if (carrierId) std::erase_if(carriers, [&](const store::Carrier* carrier) { return carrier->id != *carrierId; });
    add(readable, kind, carriers);
    return readable;
}

}  // namespace

int tenantColumnOf(LaneKind kind) {
    return kind == LaneKind::calls ? static_cast<int>(columns::CallCore::tenantId)
                                   : static_cast<int>(columns::DurationCore::tenantId);
}

std::vector<store::LaneId> ReadableLanes::ids() const {
    std::vector<store::LaneId> ids;
    for (const ReadableLane& one : lanes)
        ids.push_back(one.lane);
    return ids;
}

std::optional<Id> ReadableLanes::carrierOf(store::LaneId lane) const {
    const auto found = std::ranges::lower_bound(lanes, lane, {}, &ReadableLane::lane);
    return found != lanes.end() && found->lane == lane ? found->carrierId : std::nullopt;
}

bool ReadableLanes::hasRow(const columns::Records& records, std::size_t row) const {
    if (!tenantId) return true;
    const columns::Column& tenant = records.part(columns::Part::core)[tenantColumnOf(records.kind())];
    return !tenant.isNull(row) && tenant.id(row) == *tenantId;
}

Result<ReadableLanes> readableLanes(const LedgerCache::View& ledger, const domain::Caller& caller, LaneKind kind,
                                    const std::optional<Id>& carrierId) {
    if (caller.role == domain::Role::tenant) {
        if (!caller.tenant) return fail(internalError("a tenant's client has no tenant"));
        return lanesOfTenant(ledger, *caller.tenant, kind, carrierId);
    }
    ReadableLanes readable;
    const bool readsAll = caller.role == domain::Role::platform || caller.role == domain::Role::auditor;
    if (readsAll && !carrierId) {
        if (caller.role == domain::Role::platform && kind == LaneKind::calls)
            readable.lanes.push_back({{unattributedShard, kind}, std::nullopt});
        add(readable, kind, ledger.carriers());
        return readable;
    }
    TRY_ASSIGN(const Id named, carrierOf(caller, carrierId));
    const store::Carrier* carrier = ledger.carrier(named);
    if (!carrier) return fail(notFound("There is no such carrier."));
    add(readable, kind, {{carrier}});
    return readable;
}

}  // namespace meetpoint::exchange
