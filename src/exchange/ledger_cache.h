// What every record is judged by, kept in memory: carriers, tenants, consents, agreements, and who held each number
// when. Brought up to date from the store at the start of each piece of work, so that any node serves any request.
#pragma once

#include <shared_mutex>

#include "exchange/agreement_terms.h"
#include "store/ledger.h"
#include "store/numbers.h"

namespace meetpoint::exchange {

struct Holder {
    Id carrierId;
    Id tenantId;
    std::string reference;
};

// Whether one of the consents covers a call at `callAt` and still takes records of it at `now`.
bool covers(std::span<const domain::ConsentPeriod> consents, Instant callAt, Instant now);

class LedgerCache {
public:
    // Reads what changed since the last time.
    Result<void> refresh(store::Tx& tx);

    // A consistent look at the cache; holds a shared lock while it lives, so keep it short.
    class View {
    public:
        explicit View(const LedgerCache& cache) : cache_(cache), lock_(cache.mutex_) {}
        const store::Carrier* carrier(const Id& id) const;
        const store::Carrier* carrierByShard(std::int64_t shardKey) const;
        const store::Tenant* tenant(const Id& id) const;
        // All carriers, in order of shard key.
        std::vector<const store::Carrier*> carriers() const;
        // Those that the tenant has ever signed a consent with, in order of shard key.
        std::vector<const store::Carrier*> carriersOf(const Id& tenant) const;
        // Who held the number at that instant.
        const Holder* holderAt(std::uint64_t e164, Instant at) const;
        // The holders whose time touches [from, to], oldest first.
        std::vector<const Holder*> holdersWithin(std::uint64_t e164, Instant from, Instant to) const;
        // When the tenant's consents to the carrier were live.
        std::span<const domain::ConsentPeriod> consents(const Id& tenant, const Id& carrier) const;
        // What platform and carrier have signed that holds for calls of that UTC day; null: nothing.
        const SignedAgreement* agreementOn(const Id& carrier, Day day) const;

    private:
        const LedgerCache& cache_;
        std::shared_lock<std::shared_mutex> lock_;
    };
    View view() const { return View(*this); }

private:
    friend class View;
    struct Tenure {
        Instant from;
        std::optional<Holder> holder;
    };
    Result<void> reload(store::Tx& tx);

    mutable std::shared_mutex mutex_;
    std::int64_t ledgerVersion_ = -1;
    std::int64_t lastHolderChange_ = 0;
    std::unordered_map<Id, store::Carrier> carriers_;
    std::unordered_map<std::int64_t, Id> carrierOfShard_;
    std::unordered_map<Id, store::Tenant> tenants_;
    std::map<std::pair<Id, Id>, std::vector<domain::ConsentPeriod>> consents_;  // by tenant and carrier
    std::unordered_map<Id, std::vector<SignedAgreement>> agreements_;           // by carrier, in order of their day
    std::unordered_map<std::uint64_t, std::vector<Tenure>> tenures_;            // by number, in order of time
};

}  // namespace meetpoint::exchange
