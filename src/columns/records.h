// The schemas of what the exchange stores, lane by lane, and the parts that each is kept in. A part is one data class:
//   core      ids, own number, masked far-end number, times, durations, causes
//   parties   full far-end number and everything else that names people or contents of signalling
//   network   quality and addresses; one row a media stream, tied to its call by `callRow`
//   internal  what no carrier may receive
// The enumerations give the columns' positions; a test keeps them in step with the fields.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <vector>

#include "columns/batch.h"

namespace meetpoint::columns {

enum class LaneKind : std::uint8_t { assignments, calls, durations, items };
enum class Part : std::uint8_t { core, parties, network, internal };
inline constexpr int laneKinds = 4;
inline constexpr std::size_t partCount = 4;

std::string_view name(LaneKind kind);
std::string_view name(Part part);

// calls: key callId, version `version`, time `invitedAt`.
enum class CallCore {
    callId,
    version,
    completeness,
    finalBy,
    tenantId,
    direction,
    callType,
    ownNumber,  // E.164 digits; absent if the own number is not E.164, then ownNumberText
    ownNumberText,
    farEndPrefix,        // digits of the far-end number that stay readable when it is masked
    farEndMaskedDigits,  // how many digits the mask hides
    farEndPresentation,
    invitedAt,
    ringingAt,
    answeredAt,
    failedAt,
    endedAt,
    durationMs,
    finalSipCode,
    finalSipCodePhrase,
    callEndSubReason,
    q850Cause,
    endedBy,
    correlationId,
    conferenceId,
    transferorCorrelationId,
    trunk,
    callingProfile,
    region,
    mediaPathLocation,
    signalingLocation,
    mediaBypass,
    emergency,
    isTest,
    reference,
};
enum class CallParties {
    farEndNumber,     // E.164 digits
    farEndText,       // as dialled or shown, where it is not E.164: short code, masked, name
    statedOwnNumber,  // the number at the own side of the call, where the record names another `ownNumber`
    sipUri,
    sipCallId,
    presentedNumber,
    redirectingNumber,
    redirectReason,
    forwardedFrom,
    extensions,
};
enum class CallNetwork {
    callRow,      // row of the call within this block, from 0
    streamIndex,  // 0, 1, … within the call; absent on a row that holds only the endpoint
    streamDirection,
    codec,
    packets,
    jitterMsAvg,
    jitterMsMax,
    lossRatioAvg,
    lossRatioMax,
    roundTripMsAvg,
    roundTripMsMax,
    concealedRatioAvg,
    audioDegradationAvg,
    mos,
    transport,
    endpointIpAddress,
    endpointOperatingSystem,  // the tenant's user, on the call's first row
    concealedRatioMax,
    audioDegradationMax,
};
enum class CallInternal { userId, endpointUserAgent };

// durations: key recordId, version `revision`, time `startedAt`.
enum class DurationCore {
    recordId,
    revision,
    tenantId,
    direction,
    ownNumber,
    ownNumberText,
    farEndPrefix,
    farEndMaskedDigits,
    startedAt,
    startBasis,
    answered,
    answeredAt,
    endedAt,
    durationMs,
    durationBasis,
    trunk,
    reference,
    holderKnown,  // 0: nobody held the number; counts for usage only once matched
    withdrawn,    // present: the upload that brought the record was taken back
    rounding,     // to which the duration is rounded, and in which steps: stated both or neither
    roundingStepMs,
};
enum class DurationParties { callId, sipCallId, farEndNumber, farEndText, statedOwnNumber, extensions };

// assignments: key eventId, version always 1, time `occurredAt`.
enum class AssignmentCore {
    eventId,
    occurredAt,
    numberId,
    number,
    tenantId,
    previousState,
    state,
    usage,
    targetType,
    targetId,
    reason,
    reference,
    cause,
    numberVersion,
    category,
    expectedBy,
};
enum class AssignmentParties { sipUri };

// items of reconciliation: key itemId, version `run`, time `callAt`.
enum class ItemCore {
    itemId,
    run,
    day,
    callAt,
    state,
    changed,
    matchedBy,
    ownNumber,
    direction,
    startDeltaMs,
    durationDeltaMs,
    oursMs,
    theirsMs,
    causes,
    ourCalls,
    theirRecords,
    usableForUsage,
    connectedMs,
    ticketId,  // this and the next are laid over when items of a day are read, and never stored
    dispute,
    unitMs,
    onwardMs,
    lateMs,
};

struct LaneSchema {
    LaneKind kind;
    // Null where the lane has no such part.
    std::array<const Schema*, partCount> parts;
    int key;      // column of core
    int version;  // column of core; -1: always 1
    int time;     // column of core: when the call or event happened
    // Column of core: present in a row that takes its record back, of which no row counts from then on; -1: none.
    int withdrawn = -1;
};
const LaneSchema& schemaOf(LaneKind kind);

// Records of one lane: a batch for each part that the lane has; all but `network` have a row a record.
class Records {
public:
    explicit Records(LaneKind kind);

    LaneKind kind() const { return kind_; }
    std::size_t rows() const { return part(Part::core).rows(); }
    bool has(Part part) const { return parts_[static_cast<std::size_t>(part)].has_value(); }
    Batch& part(Part part) { return *parts_[static_cast<std::size_t>(part)]; }
    const Batch& part(Part part) const { return *parts_[static_cast<std::size_t>(part)]; }

    // The named records with their network rows, in that order.
    Records gather(std::span<const std::uint32_t> rows) const;
    Records slice(std::size_t first, std::size_t count) const;
    void append(const Records& other);
    // Fills up columns that have fewer rows than records (or, of `network`, than streams), for writers that append only
    // what is present. Until then nothing but `core`'s first column and rows() may be read.
    void complete();
    std::size_t byteSize() const;

private:
    friend Records adoptParts(LaneKind kind, std::array<std::optional<Batch>, partCount> parts);
    LaneKind kind_;
    std::array<std::optional<Batch>, partCount> parts_;
};
// Of calls: the network row of each call's first stream, and one past the last; empty where `network` was not read.
std::vector<std::uint32_t> streamOffsets(const Records& calls);
// The streams of some calls: their network rows, and of each the position of its call among those chosen.
struct ChosenStreams {
    std::vector<std::uint32_t> streams;
    std::vector<std::int32_t> calls;
};
// `callRows` ascends, as a network part's does.
ChosenStreams streamsOf(std::span<const std::int32_t> callRows, std::span<const std::uint32_t> calls);
// Makes chosen streams point at the chosen calls. `network` has the rows `chosen.streams`.
void numberCalls(const ChosenStreams& chosen, Batch& network);
// Records made of decoded parts; a part that is null was not read.
Records adoptParts(LaneKind kind, std::array<std::optional<Batch>, partCount> parts);

}  // namespace meetpoint::columns
