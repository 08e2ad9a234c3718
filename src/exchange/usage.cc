#include "exchange/usage.h"

#include <boost/json.hpp>

#include "domain/call.h"
#include "exchange/reconciliation_items.h"
#include "reconcile/options.h"
#include "store/json_text.h"

namespace meetpoint::exchange {
namespace {

using columns::Batch;
using columns::CallCore;
using columns::ItemCore;
using columns::LaneKind;
using columns::Part;

constexpr std::int32_t longestRangeDays = 92;

// What reconciliation says of a call.
struct Judgement {
    std::int64_t theirMs = 0;  // as connected time
    bool carrierCounts = false;
    std::string reason;
};

using RowKey = std::pair<Day, bool>;

// Why the carrier's duration counts in an item of that state.
std::string reasonOf(reconcile::State state) {
    return state == reconcile::State::durationMismatch ? "asAgreed" : "matched";
}

class UsageSum {
public:
    UsageSum(const Id& tenant, const TimeZone& zone) : tenant_(tenant), zone_(zone) {}

    void judge(const store::LaneSlice& slice, std::size_t row) {
        const Batch& core = slice.records.part(Part::core);
        Judgement judgement;
        const auto state = static_cast<reconcile::State>(core[ItemCore::state].at<std::uint8_t>(row));
        judgement.carrierCounts = core[ItemCore::usableForUsage].at<std::uint8_t>(row) == 1;
        judgement.reason = judgement.carrierCounts ? reasonOf(state) : reconcile::name(state);
        const ItemCore theirs = core[ItemCore::connectedMs].isNull(row) ? ItemCore::theirsMs : ItemCore::connectedMs;
        judgement.theirMs = core[theirs].isNull(row) ? 0 : core[theirs].at<std::int64_t>(row);
        // The item's duration is the call's; further legs of the same call carry none of their own.
        for (const Id& call : store::idsFromJson(core[ItemCore::ourCalls].text(row)))
            judgements_.emplace(call, judgement);
    }

    void add(const store::LaneSlice& slice) {
        const Batch& core = slice.records.part(Part::core);
        for (std::size_t row = 0; row < core.rows(); ++row) {
            if (core[CallCore::tenantId].isNull(row) || core[CallCore::tenantId].id(row) != tenant_) continue;
            if (!core[CallCore::isTest].isNull(row) && core[CallCore::isTest].at<std::uint8_t>(row) == 1) continue;
            addCall(core, row);
        }
    }

    void forgetJudgements() { judgements_.clear(); }

    std::vector<UsageRow> rows() {
        std::vector<UsageRow> out;
        for (auto& [key, row] : rows_)
            out.push_back(std::move(row));
        return out;
    }

private:
    void addCall(const Batch& core, std::size_t row) {
        const RowKey key{zone_.dayOf(core[CallCore::invitedAt].instant(row)),
                         core[CallCore::direction].at<std::uint8_t>(row) == 1};
        UsageRow& usage = rows_[key];
        usage.date = key.first;
        usage.outbound = key.second;
        ++usage.calls;
        const std::int64_t ourMs = core[CallCore::durationMs].at<std::int64_t>(row);
        if (ourMs == 0) return;
        ++usage.answered;
        const auto found = judgements_.find(core[CallCore::callId].id(row));
        const bool carrier = found != judgements_.end() && found->second.carrierCounts;
        const std::string reason = found == judgements_.end() ? "notReconciled" : found->second.reason;
        UsageSource& source = (carrier ? usage.carrier : usage.platform)[reason];
        const std::int64_t counted = carrier ? found->second.theirMs : ourMs;
        ++source.calls;
        source.durationMs += counted;
        usage.durationMs += counted;
    }

    Id tenant_;
    const TimeZone& zone_;
    std::unordered_map<Id, Judgement> judgements_;
    std::map<RowKey, UsageRow> rows_;
};

// A lane and a UTC day at a time, so that memory is bounded by one day of one carrier.
Result<void> addDay(store::Tx& tx, const Services& services, std::int64_t shardKey, Instant from, Instant to,
                    UsageSum& sum) {
    sum.forgetJudgements();
    TRY(scanItems(tx, services, shardKey, from, to,
                  [&](const store::LaneSlice& slice, std::size_t row) { sum.judge(slice, row); }));
    store::ScanRequest request;
    request.from = from;
    request.to = to;
    return services.lanes.scan(tx, {shardKey, LaneKind::calls}, request,
                               [&](const store::LaneSlice& slice) -> Result<void> {
                                   sum.add(slice);
                                   return {};
                               });
}

Result<Id> tenantOf(const domain::Caller& caller, const std::optional<Id>& named) {
    if (caller.role == domain::Role::tenant && caller.tenant) {
        if (named && *named != *caller.tenant) return fail(notFound("There is no such tenant."));
        return *caller.tenant;
    }
    if (!named) return fail(invalidInput("tenant-required", "Name the tenant with the query parameter tenantId."));
    return *named;
}

}  // namespace

Result<std::vector<UsageRow>> readUsage(const Services& services, const domain::Caller& caller,
                                        const UsageRequest& request) {
    TRY_ASSIGN(const Id tenant, tenantOf(caller, request.tenantId));
    if (request.to.number <= request.from.number || request.to.number - request.from.number > longestRangeDays)
        return fail(invalidInput("range-too-long",
                                 "'to' must be after 'from', at most 92 days. Ask for longer times in pieces."));
    const Instant from = request.zone.startOf(request.from);
    const Instant to = request.zone.startOf(request.to);
    UsageSum sum(tenant, request.zone);
    TRY(services.db.read([&](store::Tx& tx) -> Result<void> {
        TRY_ASSIGN(const auto known, store::findTenant(tx, tenant));
        if (!known) return fail(notFound("There is no such tenant."));
        TRY_ASSIGN(const auto carriers, store::listCarriers(tx));
        for (const auto& carrier : carriers)
            for (Instant at = from; at < to; at = at + days(1))
                TRY(addDay(tx, services, carrier.shardKey, at, std::min(at + days(1), to), sum));
        return {};
    }));
    return sum.rows();
}

}  // namespace meetpoint::exchange
