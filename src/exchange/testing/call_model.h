// What searches must find, worked out the slow and plain way from what was sent: no blocks, no columns, no filters. For
// tests that hold the exchange against it.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "exchange/call_search.h"

namespace meetpoint::exchange::testing {

struct ModelStream {
    std::optional<double> jitterMs, lossRatio, roundTripMs;
};

// A call as it was sent, and what became of it.
struct ModelCall {
    Id callId;
    int version = 1;
    Instant invitedAt;
    std::optional<Instant> answeredAt;
    Duration talk;
    std::uint64_t own = 0;
    std::string farEnd;  // "+41791234567", "+4179123***", "112"; empty: not known
    bool outbound = false;
    std::optional<std::string> sipCallId, correlationId, trunk, callType;
    std::optional<int> finalSipCode, q850Cause;
    std::optional<bool> emergency, isTest;
    std::optional<Id> userId;
    std::vector<ModelStream> streams;

    std::int64_t shardKey = 0;   // of its holder
    std::optional<Id> tenantId;  // the same
    std::int64_t sequence = 0;
    bool superseded = false;
};
// As a line of an upload.
std::string lineOf(const ModelCall& call);

// Who held a number from an instant on.
struct ModelHolder {
    Instant from;
    std::int64_t shardKey = 0;
    Id carrierId, tenantId;
};

class CallModel {
public:
    void addTenant(const Id& id, std::string country) { countries_[id] = std::move(country); }
    // A tenant's consent to a carrier, from an instant on.
    void addConsent(const Id& tenant, const Id& carrier, Instant from) { consents_[{tenant, carrier}] = from; }
    void addHolder(std::uint64_t number, ModelHolder holder) { holders_[number].push_back(holder); }

    // Takes a call as the exchange does, and gives what became of it: created, updated or outdated; known, if that
    // version is there already, and nothing is stored.
    std::string_view add(ModelCall call);
    const std::vector<ModelCall>& calls() const { return calls_; }

    // What a search finds beyond `after` (null: from its start), in its order; its cursor and limit aside.
    std::vector<const ModelCall*> find(const domain::Caller& caller, const CallSearch& search, Instant now,
                                       const ModelCall* after) const;
    // The far end as the caller is shown it; empty: null.
    std::string shownFarEnd(const ModelCall& call, domain::Role role, Instant now) const;

private:
    bool mayRead(const domain::Caller& caller, const CallSearch& search, const ModelCall& call) const;
    bool meets(const domain::Caller& caller, const CallSearch& search, const ModelCall& call, Instant now) const;
    std::string countryOf(const ModelCall& call) const;

    std::map<Id, std::string> countries_;
    std::map<std::pair<Id, Id>, Instant> consents_;
    std::map<std::uint64_t, std::vector<ModelHolder>> holders_;
    std::map<std::int64_t, Id> carriers_;  // by shard key, of all holders
    std::map<std::int64_t, std::int64_t> lastSequence_;
    std::vector<ModelCall> calls_;  // that are stored
    std::map<std::pair<std::int64_t, Id>, std::vector<std::size_t>> versions_;
};

}  // namespace meetpoint::exchange::testing
