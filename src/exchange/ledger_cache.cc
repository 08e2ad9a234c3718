#include "exchange/ledger_cache.h"

#include "store/agreements.h"

namespace meetpoint::exchange {
namespace {

Result<std::unordered_map<Id, std::vector<SignedAgreement>>> signedAgreements(store::Tx& tx) {
    std::unordered_map<Id, std::vector<SignedAgreement>> byCarrier;
    TRY_ASSIGN(const auto all, store::listSignedAgreements(tx));
    for (const store::Agreement& one : all) {
        TRY_ASSIGN(auto terms, readTerms(one.terms));
        byCarrier[one.carrierId].push_back({one.id, one.number, one.validFrom, std::move(terms)});
    }
    return byCarrier;
}

}  // namespace

Result<void> LedgerCache::refresh(store::Tx& tx) {
    TRY_ASSIGN(const std::int64_t version, store::ledgerChanges(tx));
    std::vector<store::HolderChange> changes;
    std::int64_t after = 0;
    bool stale = false;
    {
        const std::shared_lock lock(mutex_);
        stale = version != ledgerVersion_;
        after = lastHolderChange_;
    }
    TRY(store::readHolderChanges(tx, after, [&](store::HolderChange change) { changes.push_back(std::move(change)); }));
    if (!stale && changes.empty()) return {};
    const std::unique_lock lock(mutex_);
    // Another thread may have come first, from a newer snapshot than this one.
    if (version > ledgerVersion_) {
        TRY(reload(tx));
        ledgerVersion_ = version;
    }
    for (store::HolderChange& change : changes) {
        if (change.change <= lastHolderChange_) continue;
        lastHolderChange_ = change.change;
        std::optional<Holder> holder;
        if (change.carrierId && change.tenantId)
            holder = Holder{*change.carrierId, *change.tenantId, change.reference.value_or("")};
        auto& tenures = tenures_[change.e164.digits];
        const auto at = std::ranges::upper_bound(tenures, change.from, {}, &Tenure::from);
        tenures.insert(at, {change.from, std::move(holder)});
    }
    return {};
}

Result<void> LedgerCache::reload(store::Tx& tx) {
    TRY_ASSIGN(const auto carriers, store::listCarriers(tx));
    TRY_ASSIGN(const auto tenants, store::listTenants(tx));
    TRY_ASSIGN(const auto consents, store::listConsents(tx, std::nullopt, std::nullopt));
    TRY_ASSIGN(auto agreements, signedAgreements(tx));
    carriers_.clear();
    carrierOfShard_.clear();
    tenants_.clear();
    consents_.clear();
    for (const auto& carrier : carriers) {
        carriers_[carrier.id] = carrier;
        carrierOfShard_[carrier.shardKey] = carrier.id;
    }
    agreements_ = std::move(agreements);
    for (const auto& tenant : tenants)
        tenants_[tenant.id] = tenant;
    for (const auto& consent : consents)
        if (consent.signedAt)
            consents_[{consent.tenantId, consent.carrierId}].push_back({*consent.signedAt, consent.endedAt});
    return {};
}

const store::Carrier* LedgerCache::View::carrier(const Id& id) const {
    const auto found = cache_.carriers_.find(id);
    return found == cache_.carriers_.end() ? nullptr : &found->second;
}

const store::Carrier* LedgerCache::View::carrierByShard(std::int64_t shardKey) const {
    const auto found = cache_.carrierOfShard_.find(shardKey);
    return found == cache_.carrierOfShard_.end() ? nullptr : carrier(found->second);
}

const store::Tenant* LedgerCache::View::tenant(const Id& id) const {
    const auto found = cache_.tenants_.find(id);
    return found == cache_.tenants_.end() ? nullptr : &found->second;
}

std::vector<const store::Carrier*> LedgerCache::View::carriers() const {
    std::vector<const store::Carrier*> carriers;
    for (const auto& [id, carrier] : cache_.carriers_)
        carriers.push_back(&carrier);
    std::ranges::sort(carriers, {}, &store::Carrier::shardKey);
    return carriers;
}

std::vector<const store::Carrier*> LedgerCache::View::carriersOf(const Id& tenant) const {
    std::vector<const store::Carrier*> carriers;
    for (auto at = cache_.consents_.lower_bound({tenant, Id{}}); at != cache_.consents_.end(); ++at) {
        if (at->first.first != tenant) break;
        if (const store::Carrier* known = carrier(at->first.second)) carriers.push_back(known);
    }
    std::ranges::sort(carriers, {}, &store::Carrier::shardKey);
    return carriers;
}

const Holder* LedgerCache::View::holderAt(std::uint64_t e164, Instant at) const {
    const auto found = cache_.tenures_.find(e164);
    if (found == cache_.tenures_.end()) return nullptr;
    const auto after = std::ranges::upper_bound(found->second, at, {}, &Tenure::from);
    if (after == found->second.begin()) return nullptr;
    const auto& holder = std::prev(after)->holder;
    return holder ? &*holder : nullptr;
}

std::vector<const Holder*> LedgerCache::View::holdersWithin(std::uint64_t e164, Instant from, Instant to) const {
    std::vector<const Holder*> holders;
    const auto found = cache_.tenures_.find(e164);
    if (found == cache_.tenures_.end()) return holders;
    const auto& tenures = found->second;
    for (std::size_t i = 0; i < tenures.size(); ++i) {
        const bool beginsBefore = tenures[i].from <= to;
        const bool endsAfter = i + 1 == tenures.size() || tenures[i + 1].from > from;
        if (beginsBefore && endsAfter && tenures[i].holder) holders.push_back(&*tenures[i].holder);
    }
    return holders;
}

std::span<const domain::ConsentPeriod> LedgerCache::View::consents(const Id& tenant, const Id& carrier) const {
    const auto found = cache_.consents_.find({tenant, carrier});
    if (found == cache_.consents_.end()) return {};
    return found->second;
}

const SignedAgreement* LedgerCache::View::agreementOn(const Id& carrier, Day day) const {
    const auto found = cache_.agreements_.find(carrier);
    if (found == cache_.agreements_.end()) return nullptr;
    const auto after = std::ranges::upper_bound(found->second, day, {}, &SignedAgreement::validFrom);
    return after == found->second.begin() ? nullptr : &*std::prev(after);
}

bool covers(std::span<const domain::ConsentPeriod> consents, Instant callAt, Instant now) {
    return std::ranges::any_of(consents, [&](const domain::ConsentPeriod& period) {
        return coversCall(period, callAt) && acceptsLate(period, now);
    });
}

}  // namespace meetpoint::exchange
