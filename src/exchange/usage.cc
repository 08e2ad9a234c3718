#include "exchange/usage.h"

#include <boost/json.hpp>

#include "domain/call.h"
#include "exchange/disputes.h"
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

// What reconciliation, or a ticket, says of the calls of one item.
struct Judgement {
    std::int64_t theirMs = 0;  // as connected time
    bool carrierCounts = false;
    bool isCounted = false;  // theirs, for the first of our calls in it
    std::string reason;
};

using RowKey = std::pair<Day, bool>;

// Why the carrier's duration counts in an item of that state.
std::string reasonOf(reconcile::State state) {
    return state == reconcile::State::durationMismatch ? "asAgreed" : "matched";
}

// A ticket's word goes before that of reconciliation.
void overrule(Judgement& judgement, const DisputeVerdict& verdict) {
    const bool isOpen = verdict.state == DisputeState::open;
    judgement.carrierCounts = !isOpen && verdict.counts == domain::Side::carrier;
    judgement.reason = isOpen ? "openDispute" : "settledDispute";
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
        if (const DisputeVerdict* verdict = disputes_.ofItem(core, row)) overrule(judgement, *verdict);
        for (const Id& call : store::idsFromJson(core[ItemCore::ourCalls].text(row)))
            byCall_.emplace(call, judgements_.size());
        judgements_.push_back(std::move(judgement));
    }

    void add(const store::LaneSlice& slice) {
        const Batch& core = slice.records.part(Part::core);
        for (std::size_t row = 0; row < core.rows(); ++row) {
            if (core[CallCore::tenantId].isNull(row) || core[CallCore::tenantId].id(row) != tenant_) continue;
            if (!core[CallCore::isTest].isNull(row) && core[CallCore::isTest].at<std::uint8_t>(row) == 1) continue;
            addCall(core, row);
        }
    }

    // What tickets say of the records of a day that is judged and added next.
    void beginDay(Disputes disputes) {
        disputes_ = std::move(disputes);
        judgements_.clear();
        byCall_.clear();
    }

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
        Judgement& judgement = judgementOf(core[CallCore::callId].id(row));
        UsageSource& source = (judgement.carrierCounts ? usage.carrier : usage.platform)[judgement.reason];
        // The item's duration is the call's, however many of our records it joins.
        const std::int64_t theirMs = std::exchange(judgement.isCounted, true) ? 0 : judgement.theirMs;
        const std::int64_t counted = judgement.carrierCounts ? theirMs : ourMs;
        ++source.calls;
        source.durationMs += counted;
        usage.durationMs += counted;
    }

    // A call that stands in no item is judged by itself.
    Judgement& judgementOf(const Id& callId) {
        const auto [at, isNew] = byCall_.try_emplace(callId, judgements_.size());
        if (!isNew) return judgements_[at->second];
        Judgement& judgement = judgements_.emplace_back();
        judgement.reason = "notReconciled";
        if (const DisputeVerdict* verdict = disputes_.ofCall(callId)) overrule(judgement, *verdict);
        return judgement;
    }

    Id tenant_;
    const TimeZone& zone_;
    Disputes disputes_;
    std::vector<Judgement> judgements_;
    std::unordered_map<Id, std::size_t> byCall_;  // which judgement
    std::map<RowKey, UsageRow> rows_;
};

// A lane and a UTC day at a time, so that memory is bounded by one day of one carrier.
Result<void> addDay(store::Tx& tx, const Services& services, std::int64_t shardKey, Instant from, Instant to,
                    UsageSum& sum) {
    TRY_ASSIGN(auto disputes, Disputes::read(tx, shardKey, dayOf(from), Day{dayOf(to).number + 1}));
    sum.beginDay(std::move(disputes));
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

// Those whose calls are asked for. A tenant has calls with no other carrier than those that it has signed with.
Result<std::vector<store::Carrier>> carriersOf(const LedgerCache::View& ledger, const Id& tenant,
                                               const UsageRequest& request) {
    if (!ledger.tenant(tenant)) return fail(notFound("There is no such tenant."));
    std::vector<store::Carrier> carriers;
    for (const store::Carrier* carrier : ledger.carriersOf(tenant))
        if (!request.carrierId || carrier->id == *request.carrierId) carriers.push_back(*carrier);
    if (request.carrierId && carriers.empty()) return fail(notFound("There is no such carrier."));
    return carriers;
}

// What the request is about, as instants.
Result<Period> rangeOf(const LedgerCache::View& ledger, const std::vector<store::Carrier>& carriers,
                       const UsageRequest& request) {
    if (request.period) {
        const bool isCycle = request.period->kind == reconcile::PeriodKind::billingCycle;
        if (isCycle && carriers.size() > 1)
            return fail(invalidInput("carrier-required",
                                     "The tenant has several carriers, each with its own billing cycle. Name one with "
                                     "the query parameter carrierId."));
        return periodOf(ledger, carriers.size() == 1 ? carriers.front().id : Id{}, *request.period);
    }
    if (request.to.number <= request.from.number || request.to.number - request.from.number > longestRangeDays)
        return fail(invalidInput("range-too-long",
                                 "'to' must be after 'from', at most 92 days. Ask for longer times in pieces."));
    return Period{reconcile::PeriodKind::day, request.zone.startOf(request.from), request.zone.startOf(request.to),
                  request.zone};
}

}  // namespace

Result<UsageReport> readUsage(const Services& services, const domain::Caller& caller, const UsageRequest& request) {
    TRY_ASSIGN(const Id tenant, tenantOf(caller, request.tenantId));
    UsageReport report;
    TRY(services.db.read([&](store::Tx& tx) -> Result<void> {
        TRY(services.ledger.refresh(tx));
        TRY_ASSIGN(const auto carriers, carriersOf(services.ledger.view(), tenant, request));
        TRY_ASSIGN(const Period period, rangeOf(services.ledger.view(), carriers, request));
        report.from = period.from;
        report.to = period.to;
        report.zone = period.zone;
        if (request.period) report.period = period.kind;
        UsageSum sum(tenant, report.zone);
        for (const store::Carrier& carrier : carriers)
            for (Instant at = period.from; at < period.to; at = at + days(1))
                TRY(addDay(tx, services, carrier.shardKey, at, std::min(at + days(1), period.to), sum));
        report.rows = sum.rows();
        return {};
    }));
    return report;
}

}  // namespace meetpoint::exchange
