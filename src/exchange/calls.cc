#include "exchange/calls.h"

#include "exchange/item_records.h"
#include "exchange/projection.h"
#include "exchange/record_lanes.h"
#include "store/json_text.h"

namespace meetpoint::exchange {
namespace {

using columns::Batch;
using columns::CallCore;
using columns::DurationCore;
using columns::DurationParties;
using columns::ItemCore;
using columns::LaneKind;
using columns::Part;
using store::LaneSlice;
using store::PartSet;

constexpr std::string_view noSuchCall = "There is no such call.";

std::int32_t versionOf(const StoredCall& call) {
    return columns::versionOf(call.slice.records, 0);
}

// Stored as it is, not yet as the caller may see it.
Result<std::vector<StoredCall>> versionsIn(store::Tx& tx, const Services& services, const ReadableLane& readable,
                                           const CallRequest& request) {
    std::vector<StoredCall> calls;
    TRY_ASSIGN(auto slices,
               services.lanes.findVersions(tx, readable.lane, request.callId.view(), PartSet::all(), request.version));
    for (LaneSlice& slice : slices)
        calls.push_back({readable.carrierId, std::move(slice)});
    return calls;
}

Result<std::vector<StoredCall>> newestIn(store::Tx& tx, const Services& services, const ReadableLane& readable,
                                         const CallRequest& request) {
    std::vector<StoredCall> calls;
    TRY_ASSIGN(auto slice, services.lanes.findByKey(tx, readable.lane, request.callId.view(), PartSet::all()));
    if (slice) calls.push_back({readable.carrierId, std::move(*slice)});
    return calls;
}

using ReadLane = decltype(&versionsIn);

// The calls of that id in all lanes that the caller may read, lowest version first.
Result<std::vector<StoredCall>> callsOf(store::Tx& tx, const Services& services, const domain::Caller& caller,
                                        const CallRequest& request, ReadLane read) {
    TRY(services.ledger.refresh(tx));
    TRY_ASSIGN(const ReadableLanes readable,
               readableLanes(services.ledger.view(), caller, LaneKind::calls, request.carrierId));
    std::vector<StoredCall> found;
    for (const ReadableLane& lane : readable.lanes) {
        TRY_ASSIGN(auto calls, read(tx, services, lane, request));
        for (StoredCall& call : calls)
            if (readable.hasRow(call.slice.records, 0)) found.push_back(std::move(call));
    }
    std::ranges::stable_sort(found, [](const StoredCall& a, const StoredCall& b) {
        return std::pair(versionOf(a), a.slice.storedAt[0]) < std::pair(versionOf(b), b.slice.storedAt[0]);
    });
    return found;
}

void show(const Services& services, const domain::Caller& caller, LaneSlice& slice) {
    slice.records = project(services.ledger.view(), std::move(slice.records), caller.role, services.clock.now());
}

// What finding a call's durations starts from.
struct CallFacts {
    Id callId;
    std::int64_t shardKey = 0;
    Instant invitedAt, endedAt;
    Instant comparedAt;  // the latest instant that reconciliation may take as the call's own
    std::optional<std::uint64_t> ownNumber;
};

CallFacts factsOf(const StoredCall& call, std::int64_t shardKey) {
    const Batch& core = call.slice.records.part(Part::core);
    CallFacts facts;
    facts.callId = core[CallCore::callId].id(0);
    facts.shardKey = shardKey;
    facts.invitedAt = core[CallCore::invitedAt].instant(0);
    facts.endedAt = core[CallCore::endedAt].instant(0);
    facts.comparedAt = core[CallCore::answeredAt].isNull(0) ? facts.invitedAt : core[CallCore::answeredAt].instant(0);
    if (!core[CallCore::ownNumber].isNull(0)) facts.ownNumber = core[CallCore::ownNumber].at<std::uint64_t>(0);
    return facts;
}

// The carrier's records that name the call's id.
Result<void> addNaming(store::Tx& tx, const Services& services, const CallFacts& call, Duration slack,
                       std::map<std::int64_t, LaneSlice>& found) {
    store::ScanRequest request;
    request.from = call.invitedAt - slack;
    request.to = call.endedAt + slack;
    request.parts = PartSet::all();
    request.signallingId = columns::signallingIdHash(formatId(call.callId), services.lanes.secret());
    return services.lanes.scan(
        tx, {call.shardKey, LaneKind::durations}, request, [&](const LaneSlice& slice) -> Result<void> {
            const auto& named = slice.records.part(Part::parties)[DurationParties::callId];
            for (std::uint32_t row = 0; row < slice.sequences.size(); ++row) {
                if (named.isNull(row)) continue;
                const auto id = parseId(named.text(row));
                if (!id || *id != call.callId) continue;
                const std::uint32_t rows[] = {row};
                found.emplace(slice.sequences[row],
                              LaneSlice{slice.records.gather(rows), {slice.sequences[row]}, {slice.storedAt[row]}});
            }
            return {};
        });
}

// The keys of the carrier's records in items of [from, to) that have the call; nothing if no item has it.
Result<std::optional<std::vector<std::string>>> pairedKeys(store::Tx& tx, const Services& services,
                                                           const CallFacts& call, Instant from, Instant to) {
    std::optional<std::vector<std::string>> keys;
    const std::string callId = formatId(call.callId);
    store::ScanRequest request;
    request.from = from;
    request.to = to;
    if (call.ownNumber) request.ownNumber = columns::numberHash(*call.ownNumber, services.lanes.secret());
    TRY(services.lanes.scan(tx, {call.shardKey, LaneKind::items}, request, [&](const LaneSlice& slice) -> Result<void> {
        const Batch& core = slice.records.part(Part::core);
        for (std::size_t row = 0; row < slice.sequences.size(); ++row) {
            if (core[ItemCore::changed].at<std::uint8_t>(row) == static_cast<std::uint8_t>(ItemChange::gone)) continue;
            if (core[ItemCore::ourCalls].text(row).find(callId) == std::string_view::npos) continue;
            if (!keys) keys.emplace();
            for (std::string& key : store::textsFromJson(core[ItemCore::theirRecords].text(row)))
                keys->push_back(std::move(key));
        }
        return {};
    }));
    return keys;
}

// The records that reconciliation has paired with the call. An item stands at its first call, as a rule this one; what
// joins several calls may stand elsewhere.
Result<void> addPaired(store::Tx& tx, const Services& services, const CallFacts& call, Duration margin,
                       std::map<std::int64_t, LaneSlice>& found) {
    TRY_ASSIGN(auto keys, pairedKeys(tx, services, call, call.invitedAt, call.comparedAt + milliseconds(1)));
    if (!keys) {
        TRY_ASSIGN(keys, pairedKeys(tx, services, call, call.invitedAt - margin, call.endedAt + margin));
    }
    for (const std::string& key : keys.value_or(std::vector<std::string>())) {
        TRY_ASSIGN(auto slice,
                   services.lanes.findByKey(tx, {call.shardKey, LaneKind::durations}, viewOf(key), PartSet::all()));
        if (!slice) continue;  // past its retention
        const std::int64_t sequence = slice->sequences[0];
        found.emplace(sequence, std::move(*slice));
    }
    return {};
}

}  // namespace

Result<CallInFull> readCall(const Services& services, const Limits& limits, const domain::Caller& caller,
                            const CallRequest& request) {
    std::optional<CallInFull> found;
    TRY(services.db.read([&](store::Tx& tx) -> Result<void> {
        TRY_ASSIGN(auto calls, callsOf(tx, services, caller, request, request.version ? &versionsIn : &newestIn));
        if (calls.empty()) return fail(notFound(std::string(noSuchCall)));
        found.emplace(CallInFull{std::move(calls.back()), {}});
        if (!found->call.carrierId) return {};
        TRY_ASSIGN(const ReadableLanes durations,
                   readableLanes(services.ledger.view(), caller, LaneKind::durations, found->call.carrierId));
        std::map<std::int64_t, LaneSlice> records;
        for (const ReadableLane& readable : durations.lanes) {
            const CallFacts facts = factsOf(found->call, readable.lane.shardKey);
            TRY(addNaming(tx, services, facts, limits.durationNumberSlack, records));
            TRY(addPaired(tx, services, facts, limits.reconcileMargin, records));
        }
        for (auto& [sequence, slice] : records)
            if (durations.hasRow(slice.records, 0)) found->durations.push_back(std::move(slice));
        return {};
    }));
    show(services, caller, found->call.slice);
    for (LaneSlice& slice : found->durations)
        show(services, caller, slice);
    return std::move(*found);
}

Result<std::vector<StoredCall>> readCallVersions(const Services& services, const domain::Caller& caller,
                                                 const CallRequest& request) {
    std::vector<StoredCall> calls;
    TRY(services.db.read([&](store::Tx& tx) -> Result<void> {
        TRY_ASSIGN(calls, callsOf(tx, services, caller, request, &versionsIn));
        if (calls.empty()) return fail(notFound(std::string(noSuchCall)));
        return {};
    }));
    for (StoredCall& call : calls)
        show(services, caller, call.slice);
    return calls;
}

}  // namespace meetpoint::exchange
