#include "columns/records.h"

#include <cassert>

namespace meetpoint::columns {
namespace {

using enum ColumnType;

constexpr std::string_view directions = "inbound,outbound";
constexpr std::string_view flag = "no,yes";

constexpr Field callCoreFields[] = {
    {"callId", fixed16, false},
    {"version", int32, false},
    {"completeness", uint8, false, "provisional,final"},
    {"finalBy", timestamp},
    {"tenantId", fixed16},
    {"direction", uint8, false, directions},
    {"callType", utf8},
    {"ownNumber", uint64},
    {"ownNumberText", utf8},
    {"farEndPrefix", uint64},
    {"farEndMaskedDigits", uint8},
    {"farEndPresentation", uint8, true, "allowed,restricted,unavailable"},
    {"invitedAt", timestamp, false},
    {"ringingAt", timestamp},
    {"answeredAt", timestamp},
    {"failedAt", timestamp},
    {"endedAt", timestamp, false},
    {"durationMs", int64, false},
    {"finalSipCode", int32},
    {"finalSipCodePhrase", utf8},
    {"callEndSubReason", int32},
    {"q850Cause", int32},
    {"endedBy", utf8},
    {"correlationId", utf8},
    {"conferenceId", utf8},
    {"transferorCorrelationId", utf8},
    {"trunk", utf8},
    {"callingProfile", utf8},
    {"region", utf8},
    {"mediaPathLocation", utf8},
    {"signalingLocation", utf8},
    {"mediaBypass", uint8, true, flag},
    {"emergency", uint8, true, flag},
    {"isTest", uint8, true, flag},
    {"reference", utf8},
};
constexpr Field callPartiesFields[] = {
    {"farEndNumber", uint64}, {"farEndText", utf8},      {"statedOwnNumber", utf8},   {"sipUri", utf8},
    {"sipCallId", utf8},      {"presentedNumber", utf8}, {"redirectingNumber", utf8}, {"redirectReason", utf8},
    {"forwardedFrom", utf8},  {"extensions", utf8},
};
constexpr Field callNetworkFields[] = {
    {"callRow", int32, false},
    {"streamIndex", uint8},
    {"streamDirection", utf8},
    {"codec", utf8},
    {"packets", int64},
    {"jitterMsAvg", float32},
    {"jitterMsMax", float32},
    {"lossRatioAvg", float32},
    {"lossRatioMax", float32},
    {"roundTripMsAvg", float32},
    {"roundTripMsMax", float32},
    {"concealedRatioAvg", float32},
    {"audioDegradationAvg", float32},
    {"mos", float32},
    {"transport", utf8},
    {"endpointIpAddress", utf8},
    {"endpointOperatingSystem", utf8},
    {"concealedRatioMax", float32},
    {"audioDegradationMax", float32},
};
constexpr Field callInternalFields[] = {
    {"userId", fixed16},
    {"endpointUserAgent", utf8},
};
constexpr Field durationCoreFields[] = {
    {"recordId", utf8, false},
    {"revision", int32, false},
    {"tenantId", fixed16},
    {"direction", uint8, false, directions},
    {"ownNumber", uint64},
    {"ownNumberText", utf8},
    {"farEndPrefix", uint64},
    {"farEndMaskedDigits", uint8},
    {"startedAt", timestamp, false},
    {"startBasis", uint8, true, "invite,ring,answer"},
    {"answered", uint8, true, flag},
    {"answeredAt", timestamp},
    {"endedAt", timestamp},
    {"durationMs", int64, false},
    {"durationBasis", uint8, true, "invite,ring,answer"},
    {"trunk", utf8},
    {"reference", utf8},
    {"holderKnown", uint8, false, flag},
    {"withdrawn", uint8, true, flag},
    {"rounding", uint8, true, "up,down,nearest"},
    {"roundingStepMs", int64},
};
constexpr Field durationPartiesFields[] = {
    {"callId", utf8},     {"sipCallId", utf8},       {"farEndNumber", uint64},
    {"farEndText", utf8}, {"statedOwnNumber", utf8}, {"extensions", utf8},
};
constexpr Field assignmentCoreFields[] = {
    {"eventId", fixed16, false},
    {"occurredAt", timestamp, false},
    {"numberId", fixed16, false},
    {"number", uint64, false},
    {"tenantId", fixed16},
    {"previousState", utf8},
    {"state", utf8, false},
    {"usage", utf8},
    {"targetType", utf8},
    {"targetId", fixed16},
    {"reason", utf8},
    {"reference", utf8},
    {"cause", utf8},
    {"numberVersion", int64},
    {"category", utf8},
    {"expectedBy", timestamp},
};
constexpr Field assignmentPartiesFields[] = {{"sipUri", utf8}};
constexpr Field itemCoreFields[] = {
    {"itemId", fixed16, false},
    {"run", int32, false},
    {"day", int32, false},
    {"callAt", timestamp, false},
    {"state", uint8, false,
     "matched,matchedWithinTolerance,durationMismatch,timeMismatch,numberMismatch,answeredOnOneSide,missingAtPlatform,"
     "missingAtCarrier,duplicateAtPlatform,duplicateAtCarrier,outsideMutualInterval,outsideScope,ambiguous,invalid"},
    {"changed", uint8, false, "new,changed,gone"},
    {"matchedBy", utf8},
    {"ownNumber", uint64},
    {"direction", uint8, true, directions},
    {"startDeltaMs", int64},
    {"durationDeltaMs", int64},
    {"oursMs", int64},
    {"theirsMs", int64},
    {"causes", utf8},
    {"ourCalls", utf8},
    {"theirRecords", utf8},
    {"usableForUsage", uint8, false, flag},
    {"connectedMs", int64},
    {"ticketId", fixed16},
    {"dispute", uint8, true, "open,settled"},
    {"unitMs", int64},
    {"onwardMs", int64},
    {"lateMs", int64},
};

constexpr Schema callCore{"calls.core", 1, callCoreFields};
constexpr Schema callParties{"calls.parties", 1, callPartiesFields};
constexpr Schema callNetwork{"calls.network", 1, callNetworkFields};
constexpr Schema callInternal{"calls.internal", 1, callInternalFields};
constexpr Schema durationCore{"durations.core", 2, durationCoreFields};
constexpr Schema durationParties{"durations.parties", 1, durationPartiesFields};
constexpr Schema assignmentCore{"assignments.core", 2, assignmentCoreFields};
constexpr Schema assignmentParties{"assignments.parties", 1, assignmentPartiesFields};
constexpr Schema itemCore{"items.core", 3, itemCoreFields};

template <class E>
constexpr int at(E column) {
    return static_cast<int>(column);
}

constexpr LaneSchema lanes[] = {
    {LaneKind::assignments,
     {&assignmentCore, &assignmentParties, nullptr, nullptr},
     at(AssignmentCore::eventId),
     -1,
     at(AssignmentCore::occurredAt)},
    {LaneKind::calls,
     {&callCore, &callParties, &callNetwork, &callInternal},
     at(CallCore::callId),
     at(CallCore::version),
     at(CallCore::invitedAt)},
    {LaneKind::durations,
     {&durationCore, &durationParties, nullptr, nullptr},
     at(DurationCore::recordId),
     at(DurationCore::revision),
     at(DurationCore::startedAt),
     at(DurationCore::withdrawn)},
    {LaneKind::items,
     {&itemCore, nullptr, nullptr, nullptr},
     at(ItemCore::itemId),
     at(ItemCore::run),
     at(ItemCore::callAt)},
};

}  // namespace

std::string_view name(LaneKind kind) {
    constexpr std::string_view names[] = {"assignments", "calls", "durations", "items"};
    return names[static_cast<std::size_t>(kind)];
}

std::string_view name(Part part) {
    constexpr std::string_view names[] = {"core", "parties", "network", "internal"};
    return names[static_cast<std::size_t>(part)];
}

const LaneSchema& schemaOf(LaneKind kind) {
    return lanes[static_cast<std::size_t>(kind)];
}

Records::Records(LaneKind kind) : kind_(kind) {
    const LaneSchema& lane = schemaOf(kind);
    for (std::size_t i = 0; i < partCount; ++i)
        if (lane.parts[i]) parts_[i].emplace(*lane.parts[i]);
}

Records Records::gather(std::span<const std::uint32_t> rows) const {
    Records out(kind_);
    for (std::size_t i = 0; i < partCount; ++i) {
        if (!parts_[i]) {
            out.parts_[i].reset();
        } else if (static_cast<Part>(i) != Part::network) {
            out.parts_[i] = parts_[i]->gather(rows);
        }
    }
    if (!has(Part::network)) return out;
    const Batch& network = part(Part::network);
    const ChosenStreams chosen = streamsOf(network[CallNetwork::callRow].as<std::int32_t>(), rows);
    out.part(Part::network) = network.gather(chosen.streams);
    numberCalls(chosen, out.part(Part::network));
    return out;
}

ChosenStreams streamsOf(std::span<const std::int32_t> callRows, std::span<const std::uint32_t> calls) {
    ChosenStreams chosen;
    for (std::size_t i = 0; i < calls.size(); ++i) {
        const auto streams = std::ranges::equal_range(callRows, static_cast<std::int32_t>(calls[i]));
        for (auto stream = streams.begin(); stream != streams.end(); ++stream) {
            chosen.streams.push_back(static_cast<std::uint32_t>(stream - callRows.begin()));
            chosen.calls.push_back(static_cast<std::int32_t>(i));
        }
    }
    return chosen;
}

void numberCalls(const ChosenStreams& chosen, Batch& network) {
    for (std::size_t i = 0; i < chosen.calls.size(); ++i)
        network[CallNetwork::callRow].set<std::int32_t>(i, chosen.calls[i]);
}

Records Records::slice(std::size_t first, std::size_t count) const {
    Records out(kind_);
    for (std::size_t i = 0; i < partCount; ++i) {
        if (!parts_[i])
            out.parts_[i].reset();
        else if (static_cast<Part>(i) != Part::network)
            out.parts_[i] = parts_[i]->slice(first, count);
    }
    if (!has(Part::network)) return out;
    const Batch& network = part(Part::network);
    const auto callRows = network[CallNetwork::callRow].as<std::int32_t>();
    const auto begin = std::ranges::lower_bound(callRows, static_cast<std::int32_t>(first));
    const auto end = std::lower_bound(begin, callRows.end(), static_cast<std::int32_t>(first + count));
    Batch streams =
        network.slice(static_cast<std::size_t>(begin - callRows.begin()), static_cast<std::size_t>(end - begin));
    Column& callRow = streams[CallNetwork::callRow];
    for (std::size_t i = 0; i < streams.rows(); ++i)
        callRow.set<std::int32_t>(i, callRow.at<std::int32_t>(i) - static_cast<std::int32_t>(first));
    out.part(Part::network) = std::move(streams);
    return out;
}

void Records::append(const Records& other) {
    const auto before = static_cast<std::int32_t>(rows());
    for (std::size_t i = 0; i < partCount; ++i) {
        if (!parts_[i]) continue;
        assert(other.parts_[i]);
        const std::size_t start = parts_[i]->rows();
        parts_[i]->appendRange(*other.parts_[i], 0, other.parts_[i]->rows());
        if (static_cast<Part>(i) != Part::network) continue;
        Column& callRow = (*parts_[i])[CallNetwork::callRow];
        for (std::size_t row = start; row < callRow.size(); ++row)
            callRow.set<std::int32_t>(row, callRow.at<std::int32_t>(row) + before);
    }
}

void Records::complete() {
    for (std::size_t i = 0; i < partCount; ++i) {
        if (!parts_[i]) continue;
        if (static_cast<Part>(i) != Part::network) (*parts_[i])[0].padTo(rows());
        parts_[i]->complete();
    }
}

std::size_t Records::byteSize() const {
    std::size_t total = 0;
    for (const auto& part : parts_)
        if (part) total += part->byteSize();
    return total;
}

// Streams lie in the order of their calls, so one pass tells.
std::vector<std::uint32_t> streamOffsets(const Records& calls) {
    if (calls.kind() != LaneKind::calls || !calls.has(Part::network)) return {};
    std::vector<std::uint32_t> first(calls.rows() + 1, 0);
    for (const std::int32_t row : calls.part(Part::network)[CallNetwork::callRow].as<std::int32_t>())
        ++first[static_cast<std::size_t>(row) + 1];
    for (std::size_t i = 1; i < first.size(); ++i)
        first[i] += first[i - 1];
    return first;
}

Records adoptParts(LaneKind kind, std::array<std::optional<Batch>, partCount> parts) {
    Records records(kind);
    records.parts_ = std::move(parts);
    return records;
}

}  // namespace meetpoint::columns
