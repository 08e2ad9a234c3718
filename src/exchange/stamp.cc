#include "exchange/stamp.h"

#include "domain/phone_number.h"
#include "formats/wire.h"

namespace meetpoint::exchange {
namespace {

using columns::Batch;
using columns::CallCore;
using columns::Column;
using columns::DurationCore;
using columns::Part;
using columns::Records;

int maskOf(const store::Tenant* tenant) {
    const int digits = tenant ? domain::maskedDigitsOf(tenant->country) : 0;
    return digits == 0 ? domain::defaultMaskedDigits : digits;
}

// A tenant and its carrier, looked up once a batch.
struct Parties {
    const store::Carrier* carrier = nullptr;
    int mask = 0;  // digits of a far-end number that are hidden
    std::span<const domain::ConsentPeriod> consents;
};

class PartiesOf {
public:
    explicit PartiesOf(const LedgerCache::View& ledger) : ledger_(ledger) {}
    const Parties& operator()(const Holder& holder) {
        const auto [at, isNew] = known_.try_emplace({holder.tenantId, holder.carrierId});
        if (isNew)
            at->second = {ledger_.carrier(holder.carrierId), maskOf(ledger_.tenant(holder.tenantId)),
                          ledger_.consents(holder.tenantId, holder.carrierId)};
        return at->second;
    }

private:
    const LedgerCache::View& ledger_;
    std::map<std::pair<Id, Id>, Parties> known_;
};

// What a record is stamped with; without a holder only the mask.
struct Stamp {
    const Holder* holder = nullptr;
    std::int64_t shardKey = unattributedShard;
    int mask = maskOf(nullptr);
    bool refused = false;
};

template <class TenantColumn>
void stampHolder(Records& records, const std::vector<Stamp>& stamps, TenantColumn tenantColumn) {
    Batch& core = records.part(Part::core);
    for (std::size_t row = 0; row < stamps.size(); ++row) {
        const Holder* holder = stamps[row].holder;
        formats::setFarEndMask(records, row, stamps[row].mask);
        if (holder) core[tenantColumn].set(row, holder->tenantId.bytes);
    }
}

// Text columns cannot be changed in place: the column of the carriers' references is made anew.
void stampReference(Batch& core, const std::vector<Stamp>& stamps) {
    Column column(core[CallCore::reference].field());
    for (const Stamp& stamp : stamps)
        stamp.holder && !stamp.holder->reference.empty() ? column.appendText(stamp.holder->reference)
                                                         : column.appendNull();
    core[CallCore::reference] = std::move(column);
}

std::vector<LaneGroup> sortByLane(Records records, const std::vector<Stamp>& stamps,
                                  std::vector<std::uint32_t> fingerprints) {
    std::map<std::int64_t, std::vector<std::uint32_t>> rowsOf;
    for (std::uint32_t row = 0; row < stamps.size(); ++row)
        if (!stamps[row].refused) rowsOf[stamps[row].shardKey].push_back(row);
    std::vector<LaneGroup> groups;
    for (auto& [shardKey, rows] : rowsOf) {
        if (rows.size() == records.rows()) {
            groups.push_back({shardKey, std::move(records), std::move(rows), std::move(fingerprints)});
            return groups;
        }
        std::vector<std::uint32_t> chosen;
        chosen.reserve(rows.size());
        for (const std::uint32_t row : rows)
            chosen.push_back(fingerprints[row]);
        groups.push_back({shardKey, records.gather(rows), std::move(rows), std::move(chosen)});
    }
    return groups;
}

}  // namespace

Stamped stampCalls(const LedgerCache::View& ledger, Records records, std::vector<std::uint32_t> fingerprints,
                   Instant now) {
    const Batch& core = records.part(Part::core);
    std::vector<Stamp> stamps(records.rows());
    PartiesOf partiesOf(ledger);
    for (std::size_t row = 0; row < stamps.size(); ++row) {
        if (core[CallCore::ownNumber].isNull(row)) continue;
        const Instant at = core[CallCore::invitedAt].instant(row);
        const Holder* holder = ledger.holderAt(core[CallCore::ownNumber].at<std::uint64_t>(row), at);
        if (!holder) continue;
        const Parties& parties = partiesOf(*holder);
        if (!parties.carrier || !covers(parties.consents, at, now)) continue;
        stamps[row] = {holder, parties.carrier->shardKey, parties.mask, false};
    }
    stampHolder(records, stamps, CallCore::tenantId);
    stampReference(records.part(Part::core), stamps);
    return {sortByLane(std::move(records), stamps, std::move(fingerprints)), {}};
}

Stamped stampDurations(const LedgerCache::View& ledger, Records records, std::vector<std::uint32_t> fingerprints,
                       const store::Carrier& carrier, Duration slack, Instant now) {
    Batch& core = records.part(Part::core);
    std::vector<Stamp> stamps(records.rows(), {nullptr, carrier.shardKey, maskOf(nullptr), false});
    PartiesOf partiesOf(ledger);
    Stamped out;
    for (std::uint32_t row = 0; row < stamps.size(); ++row) {
        if (core[DurationCore::ownNumber].isNull(row)) continue;
        const Instant at = core[DurationCore::startedAt].instant(row);
        const auto holders =
            ledger.holdersWithin(core[DurationCore::ownNumber].at<std::uint64_t>(row), at - slack, at + slack);
        const auto own = std::ranges::find(holders, carrier.id, &Holder::carrierId);
        if (own == holders.end() && !holders.empty()) {
            stamps[row].refused = true;
            out.refusals.push_back({row, "number-not-yours",
                                    "The own number is not one that this carrier held at that time.", "/ownNumber"});
        } else if (own != holders.end()) {
            const Parties& parties = partiesOf(**own);
            if (covers(parties.consents, at, now) || covers(parties.consents, at + slack, now)) {
                stamps[row].holder = *own;
                stamps[row].mask = parties.mask;
            } else {
                stamps[row].refused = true;
                out.refusals.push_back({row, "consent-missing",
                                        "No consent between the number's tenant and this carrier covers that time.",
                                        "/startedAt"});
            }
        }
        if (stamps[row].holder) core[DurationCore::holderKnown].set<std::uint8_t>(row, 1);
    }
    stampHolder(records, stamps, DurationCore::tenantId);
    out.groups = sortByLane(std::move(records), stamps, std::move(fingerprints));
    return out;
}

}  // namespace meetpoint::exchange
