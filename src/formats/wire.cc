#include "formats/wire.h"

namespace meetpoint::formats {
namespace {

using columns::AssignmentCore;
using columns::AssignmentParties;
using columns::CallCore;
using columns::CallInternal;
using columns::CallNetwork;
using columns::CallParties;
using columns::DurationCore;
using columns::DurationParties;
using columns::ItemCore;
using columns::LaneKind;
using columns::Part;
using enum ValueKind;
using enum Presence;

constexpr std::string_view directions = "inbound,outbound";
constexpr std::string_view bases = "invite,ring,answer";
constexpr std::string_view roundingModes = "up,down,nearest";
constexpr std::string_view itemStates =
    "matched,matchedWithinTolerance,durationMismatch,timeMismatch,numberMismatch,answeredOnOneSide,missingAtPlatform,"
    "missingAtCarrier,duplicateAtPlatform,duplicateAtCarrier,outsideMutualInterval,outsideScope,ambiguous,invalid";

// The part that an enumeration's columns belong to.
constexpr Part partOf(CallCore) {
    return Part::core;
}
constexpr Part partOf(CallParties) {
    return Part::parties;
}
constexpr Part partOf(CallNetwork) {
    return Part::network;
}
constexpr Part partOf(CallInternal) {
    return Part::internal;
}
constexpr Part partOf(DurationCore) {
    return Part::core;
}
constexpr Part partOf(DurationParties) {
    return Part::parties;
}
constexpr Part partOf(AssignmentCore) {
    return Part::core;
}
constexpr Part partOf(AssignmentParties) {
    return Part::parties;
}
constexpr Part partOf(ItemCore) {
    return Part::core;
}

template <class Column>
constexpr WireField kept(std::string_view name, ValueKind kind, Presence presence, Column column,
                         std::string_view description, std::string_view meanings = {}) {
    return {name, kind, presence, partOf(column), static_cast<int>(column), meanings, nullptr, description, {}};
}
template <class Column>
constexpr WireField keptText(std::string_view name, Presence presence, Column column, std::size_t Limits::*longest,
                             std::string_view description) {
    return {name, text, presence, partOf(column), static_cast<int>(column), {}, longest, description, {}};
}
// A name whose value is not kept in one column.
constexpr WireField composed(std::string_view name, ValueKind kind, Presence presence, std::string_view description,
                             std::span<const WireField> nested = {}) {
    return {name, kind, presence, Part::core, -1, {}, nullptr, description, nested};
}

constexpr std::string_view aboutCaller =
    "The calling number, E.164 with a plus. At the far end it may be masked (+12345678***), a short code, a name or "
    "null.";
constexpr std::string_view aboutCallee =
    "The called number, E.164 with a plus. At the far end it may be masked (+12345678***), a short code, a name or "
    "null.";
constexpr std::string_view aboutOwn =
    "The number that this leg belongs to. If it is not named it is the caller of an outbound call and the callee of an "
    "inbound one.";
constexpr std::string_view aboutExtensions =
    "Up to 16 named texts, numbers or flags of the sender's own; they are kept and returned.";

constexpr WireField carrierId = composed("carrierId", uuid, givenOut, "The carrier whose record it is.");
constexpr WireField sequence =
    composed("sequence", bigInteger, givenOut, "Position in the lane; each is one more than the one before.");
constexpr WireField storedAt = composed("storedAt", instant, givenOut, "When the exchange stored this version.");

constexpr WireField streamFields[] = {
    keptText("direction", optional, CallNetwork::streamDirection, &Limits::shortText,
             "Which way the media went: callerToCallee, calleeToCaller."),
    keptText("codec", optional, CallNetwork::codec, &Limits::shortText, "Audio codec, e.g. silk, pcma, opus."),
    kept("packets", count, optional, CallNetwork::packets, "Packets received."),
    kept("jitterMsAvg", figure, optional, CallNetwork::jitterMsAvg, "Mean jitter (RFC 3550) in milliseconds."),
    kept("jitterMsMax", figure, optional, CallNetwork::jitterMsMax, "Highest jitter in milliseconds."),
    kept("lossRatioAvg", ratio, optional, CallNetwork::lossRatioAvg, "Mean share of packets lost, 0 to 1."),
    kept("lossRatioMax", ratio, optional, CallNetwork::lossRatioMax, "Highest share of packets lost, 0 to 1."),
    kept("roundTripMsAvg", figure, optional, CallNetwork::roundTripMsAvg, "Mean round trip in milliseconds."),
    kept("roundTripMsMax", figure, optional, CallNetwork::roundTripMsMax, "Longest round trip in milliseconds."),
    kept("concealedRatioAvg", ratio, optional, CallNetwork::concealedRatioAvg,
         "Mean share of samples that were concealed, 0 to 1."),
    kept("concealedRatioMax", ratio, optional, CallNetwork::concealedRatioMax,
         "Highest share of samples that were concealed, 0 to 1."),
    kept("audioDegradationAvg", figure, optional, CallNetwork::audioDegradationAvg,
         "Mean MOS points lost to the network."),
    kept("audioDegradationMax", figure, optional, CallNetwork::audioDegradationMax,
         "Most MOS points lost to the network."),
    kept("mos", ValueKind::mos, optional, CallNetwork::mos, "Mean opinion score, 0 to 5."),
    keptText("transport", optional, CallNetwork::transport, &Limits::shortText, "udp, tcp or another transport."),
};

constexpr WireField endpointFields[] = {
    keptText("ipAddress", optional, CallNetwork::endpointIpAddress, &Limits::shortText,
             "Address of the tenant's user."),
    keptText("operatingSystem", optional, CallNetwork::endpointOperatingSystem, &Limits::text,
             "Operating system of the tenant's user."),
    keptText("userAgent", optional, CallInternal::endpointUserAgent, &Limits::text,
             "Client software of the tenant's user."),
};

constexpr WireField callFields[] = {
    kept("callId", uuid, required, CallCore::callId, "The platform's id of this leg."),
    kept("version", integer, required, CallCore::version, "A higher version of the same call carries more."),
    kept("completeness", closedSet, optional, CallCore::completeness, "Whether more is expected; final if left out.",
         "provisional,final"),
    kept("finalBy", instant, optional, CallCore::finalBy, "When the exchange stops waiting for more."),
    carrierId,
    kept("tenantId", uuid, givenOut, CallCore::tenantId, "The tenant that held the own number when the call was made."),
    kept("userId", uuid, optional, CallInternal::userId, "The tenant's user; never given to a carrier."),
    kept("direction", closedSet, required, CallCore::direction, "Seen from the tenant.", directions),
    keptText("callType", optional, CallCore::callType, &Limits::shortText,
             "Open set, e.g. user_in, user_out, conf_in."),
    composed("ownNumber", phoneNumber, optional, aboutOwn),
    composed("callerNumber", phoneNumber, required, aboutCaller),
    composed("calleeNumber", phoneNumber, required, aboutCallee),
    kept("farEndPresentation", closedSet, optional, CallCore::farEndPresentation,
         "Why the far-end number is null or may not be shown.", "allowed,restricted,unavailable"),
    keptText("presentedNumber", optional, CallParties::presentedNumber, &Limits::farEndText, "What the far end saw."),
    keptText("redirectingNumber", optional, CallParties::redirectingNumber, &Limits::farEndText, "Who forwarded it."),
    keptText("redirectReason", optional, CallParties::redirectReason, &Limits::shortText, "Why it was forwarded."),
    keptText("forwardedFrom", optional, CallParties::forwardedFrom, &Limits::farEndText, "The number first dialled."),
    keptText("transferorCorrelationId", optional, CallCore::transferorCorrelationId, &Limits::signallingId,
             "Correlation id of the call that was transferred into this one."),
    keptText("conferenceId", optional, CallCore::conferenceId, &Limits::signallingId, "Audio conference."),
    kept("invitedAt", instant, required, CallCore::invitedAt, "First INVITE."),
    kept("ringingAt", instant, optional, CallCore::ringingAt, "First 180 or 183."),
    kept("answeredAt", instant, optional, CallCore::answeredAt, "200 OK; absent if never answered."),
    kept("failedAt", instant, optional, CallCore::failedAt, "When setup failed."),
    kept("endedAt", instant, required, CallCore::endedAt, "End of the call or of the attempt."),
    kept("durationMs", milliseconds, required, CallCore::durationMs, "Connected time; 0 if never answered."),
    kept("finalSipCode", integer, optional, CallCore::finalSipCode, "RFC 3261 response code."),
    keptText("finalSipCodePhrase", optional, CallCore::finalSipCodePhrase, &Limits::text, "Its phrase."),
    kept("callEndSubReason", integer, optional, CallCore::callEndSubReason, "The platform's own sub-code."),
    kept("q850Cause", integer, optional, CallCore::q850Cause, "ITU-T Q.850 cause."),
    keptText("endedBy", optional, CallCore::endedBy, &Limits::shortText,
             "Open set: caller, callee, network, platform."),
    keptText("sipCallId", optional, CallParties::sipCallId, &Limits::signallingId, "SIP Call-ID; not unique."),
    keptText("correlationId", optional, CallCore::correlationId, &Limits::signallingId,
             "Ties the legs of one call; not unique."),
    keptText("trunk", optional, CallCore::trunk, &Limits::text, "Trunk or SBC."),
    keptText("callingProfile", optional, CallCore::callingProfile, &Limits::text, "Calling profile of the own number."),
    keptText("region", optional, CallCore::region, &Limits::shortText, "Region of the service."),
    keptText("mediaPathLocation", optional, CallCore::mediaPathLocation, &Limits::shortText,
             "Data centre of the media."),
    keptText("signalingLocation", optional, CallCore::signalingLocation, &Limits::shortText,
             "Data centre of the signalling."),
    kept("mediaBypass", flag, optional, CallCore::mediaBypass, "Whether the media went past the platform."),
    kept("emergency", flag, optional, CallCore::emergency, "An emergency call."),
    kept("isTest", flag, optional, CallCore::isTest, "A test call."),
    keptText("reference", givenOut, CallCore::reference, &Limits::shortText,
             "The carrier's own reference of the own number, from its order."),
    keptText("sipUri", givenOut, CallParties::sipUri, &Limits::sipUri, "SIP URI assigned to the own number."),
    composed("endpoint", object, optional, "The tenant's user's device; never the far end's.", endpointFields),
    composed("streams", list, optional, "One entry a direction of media.", streamFields),
    composed("extensions", extensions, optional, aboutExtensions),
    sequence,
    storedAt,
};

constexpr WireField durationFields[] = {
    keptText("recordId", required, DurationCore::recordId, &Limits::recordId, "The carrier's id of this record."),
    kept("revision", integer, optional, DurationCore::revision, "A higher revision replaces; 1 if left out."),
    carrierId,
    kept("tenantId", uuid, givenOut, DurationCore::tenantId, "The tenant that held the own number at startedAt."),
    keptText("callId", optional, DurationParties::callId, &Limits::signallingId, "The platform's callId, if known."),
    keptText("sipCallId", optional, DurationParties::sipCallId, &Limits::signallingId, "SIP Call-ID; not unique."),
    kept("direction", closedSet, required, DurationCore::direction, "Seen from the tenant, as in calls.", directions),
    composed("ownNumber", phoneNumber, optional, aboutOwn),
    composed("callerNumber", phoneNumber, required, aboutCaller),
    composed("calleeNumber", phoneNumber, required, aboutCallee),
    kept("startedAt", instant, required, DurationCore::startedAt,
         "When the call started; startBasis says what that is."),
    kept("startBasis", closedSet, optional, DurationCore::startBasis, "What startedAt is the time of.", bases),
    kept("answered", flag, optional, DurationCore::answered, "Whether the call was answered."),
    kept("answeredAt", instant, optional, DurationCore::answeredAt, "When it was answered."),
    kept("endedAt", instant, optional, DurationCore::endedAt, "When it ended."),
    kept("durationMs", milliseconds, required, DurationCore::durationMs,
         "Duration; durationBasis says from where it counts. Send this or durationSeconds."),
    composed(
        "durationSeconds", seconds, optional,
        "Duration in seconds, instead of durationMs; read only. If both are sent they must agree within a second."),
    kept("durationBasis", closedSet, optional, DurationCore::durationBasis, "From where the duration counts.", bases),
    kept("rounding", closedSet, optional, DurationCore::rounding, "How the duration is rounded, to roundingStepMs.",
         roundingModes),
    kept("roundingStepMs", milliseconds, optional, DurationCore::roundingStepMs,
         "The step that it is rounded to, 1 to 3,600,000; goes with rounding."),
    keptText("trunk", optional, DurationCore::trunk, &Limits::text, "Trunk or SBC."),
    keptText("reference", optional, DurationCore::reference, &Limits::shortText, "The carrier's own reference."),
    kept("holderKnown", flag, givenOut, DurationCore::holderKnown,
         "false: nobody held the number, so it counts for usage only once matched."),
    kept("withdrawn", flag, givenOut, DurationCore::withdrawn,
         "true: the upload that brought the record was withdrawn; it counts for nothing."),
    composed("extensions", extensions, optional, aboutExtensions),
    sequence,
    storedAt,
};

constexpr WireField assignmentFields[] = {
    kept("eventId", uuid, required, AssignmentCore::eventId, "Id of this event."),
    carrierId,
    kept("occurredAt", instant, required, AssignmentCore::occurredAt, "When the change took effect."),
    kept("numberId", uuid, required, AssignmentCore::numberId, "Opaque id of the number."),
    kept("number", phoneNumber, required, AssignmentCore::number, "E.164 with a plus."),
    kept("tenantId", uuid, optional, AssignmentCore::tenantId, "The tenant that holds it."),
    keptText("previousState", optional, AssignmentCore::previousState, &Limits::shortText, "State before."),
    keptText("state", required, AssignmentCore::state, &Limits::shortText, "State after; an open set."),
    keptText("usage", optional, AssignmentCore::usage, &Limits::shortText, "What the number is for."),
    keptText("targetType", optional, AssignmentCore::targetType, &Limits::shortText, "Kind of target."),
    kept("targetId", uuid, optional, AssignmentCore::targetId, "The target it is assigned to."),
    keptText("sipUri", optional, AssignmentParties::sipUri, &Limits::sipUri, "SIP URI of the assignment."),
    keptText("reason", optional, AssignmentCore::reason, &Limits::text, "Why it changed."),
    keptText("reference", optional, AssignmentCore::reference, &Limits::shortText, "The carrier's own reference."),
    keptText("cause", optional, AssignmentCore::cause, &Limits::shortText,
             "What moved it, as in the number's history: upload, assign, confirmAssignment, portOut …; an open set."),
    kept("numberVersion", bigInteger, optional, AssignmentCore::numberVersion,
         "The number's version after the change; rises by one from event to event of a number."),
    keptText("category", optional, AssignmentCore::category, &Limits::shortText,
             "Which of its target's numbers it is: primary, private, alternate."),
    kept("expectedBy", instant, optional, AssignmentCore::expectedBy,
         "When a pending state is expected to end at the latest."),
    sequence,
    storedAt,
};

constexpr WireField itemFields[] = {
    kept("itemId", uuid, required, ItemCore::itemId, "Id of the item; from the smallest record key in it."),
    carrierId,
    kept("run", integer, required, ItemCore::run, "The run that found it so."),
    kept("day", day, required, ItemCore::day, "Reconciliation day, UTC."),
    kept("callAt", instant, required, ItemCore::callAt, "When the call happened."),
    kept("state", closedSet, required, ItemCore::state, "How the two sides agree.", itemStates),
    kept("changed", closedSet, required, ItemCore::changed, "Against the run before.", "new,changed,gone"),
    keptText("matchedBy", optional, ItemCore::matchedBy, &Limits::shortText, "By what the two sides were matched."),
    kept("ownNumber", phoneNumber, optional, ItemCore::ownNumber, "E.164 with a plus."),
    kept("direction", closedSet, optional, ItemCore::direction, "Seen from the tenant.", directions),
    kept("startDeltaMs", bigInteger, optional, ItemCore::startDeltaMs, "Start, theirs minus ours, in milliseconds."),
    kept("durationDeltaMs", bigInteger, optional, ItemCore::durationDeltaMs,
         "Duration, theirs minus ours, in milliseconds."),
    kept("oursMs", milliseconds, optional, ItemCore::oursMs, "Our duration."),
    kept("theirsMs", milliseconds, optional, ItemCore::theirsMs, "Their duration."),
    kept("causes", json, optional, ItemCore::causes, "Causes found, with values."),
    kept("ourCalls", json, optional, ItemCore::ourCalls, "Keys of the platform's records in it."),
    kept("theirRecords", json, optional, ItemCore::theirRecords, "Keys of the carrier's records in it."),
    kept("usableForUsage", flag, required, ItemCore::usableForUsage,
         "Whether the carrier's duration counts for usage."),
    kept("connectedMs", milliseconds, optional, ItemCore::connectedMs,
         "Their duration as connected time, where by agreement theirs counts from before the answer."),
    kept("ticketId", uuid, optional, ItemCore::ticketId,
         "The ticket that it is disputed in, or was settled by; not in the feed."),
    kept("dispute", closedSet, optional, ItemCore::dispute, "Whether that ticket is open; not in the feed.",
         "open,settled"),
    kept("unitMs", bigInteger, optional, ItemCore::unitMs,
         "Of `durationDeltaMs`: what comes of their figure standing in another unit."),
    kept("onwardMs", milliseconds, optional, ItemCore::onwardMs,
         "Connected time of the legs by which it went on after a transfer."),
    kept("lateMs", milliseconds, optional, ItemCore::lateMs, "Connected time of the records that came late."),
    sequence,
    storedAt,
};

constexpr WireRecord records[] = {
    {LaneKind::assignments, "AssignmentEvent", "A change of one number's assignment.", assignmentFields},
    {LaneKind::calls, "Call", "The platform's record of one leg of a call.", callFields},
    {LaneKind::durations, "CallDuration", "The carrier's record of one call.", durationFields},
    {LaneKind::items, "ReconciliationItem", "One call as the two sides have it.", itemFields},
};

constexpr std::uint64_t powersOfTen[] = {1,       10,        100,        1'000,       10'000,
                                         100'000, 1'000'000, 10'000'000, 100'000'000, 1'000'000'000};

// The columns of a lane that keep a masked far-end number.
struct FarEndColumns {
    columns::Column& prefix;
    columns::Column& hidden;
};
FarEndColumns farEndColumnsOf(columns::Records& records) {
    columns::Batch& core = records.part(Part::core);
    if (records.kind() == LaneKind::calls) return {core[CallCore::farEndPrefix], core[CallCore::farEndMaskedDigits]};
    return {core[DurationCore::farEndPrefix], core[DurationCore::farEndMaskedDigits]};
}

}  // namespace

const WireRecord& wireRecordOf(LaneKind lane) {
    return records[static_cast<std::size_t>(lane)];
}

const WireField* findField(const WireRecord& record, std::string_view name) {
    const std::size_t dot = name.find('.');
    for (const WireField& field : record.fields) {
        if (field.name != name.substr(0, dot)) continue;
        if (dot == std::string_view::npos) return &field;
        if (field.kind != object) return nullptr;
        for (const WireField& inner : field.nested)
            if (inner.name == name.substr(dot + 1)) return &inner;
    }
    return nullptr;
}

std::string_view jsonTypeOf(ValueKind kind) {
    switch (kind) {
        case uuid:
        case text:
        case phoneNumber:
        case instant:
        case day:
        case closedSet:
            return "string";
        case milliseconds:
        case integer:
        case bigInteger:
        case count:
            return "integer";
        case seconds:
        case figure:
        case ratio:
        case ValueKind::mos:
            return "number";
        case flag:
            return "boolean";
        case json:
        case list:
            return "array";
        case extensions:
        case object:
            return "object";
    }
    return "string";
}

std::string_view jsonFormatOf(ValueKind kind) {
    switch (kind) {
        case uuid:
            return "uuid";
        case instant:
            return "date-time";
        case day:
            return "date";
        case integer:
            return "int32";
        case milliseconds:
        case bigInteger:
        case count:
            return "int64";
        case figure:
        case ratio:
        case ValueKind::mos:
            return "float";
        default:
            return {};
    }
}

void setFarEndMask(columns::Records& records, std::size_t row, int digits) {
    const auto [prefix, hidden] = farEndColumnsOf(records);
    if (prefix.isNull(row) || digits <= 0) return;
    const int already = hidden.isNull(row) ? 0 : hidden.at<std::uint8_t>(row);
    const int further = std::min<int>(digits - already, std::size(powersOfTen) - 1);
    if (further <= 0) return;
    prefix.set<std::uint64_t>(row, prefix.at<std::uint64_t>(row) / powersOfTen[further]);
    hidden.set<std::uint8_t>(row, static_cast<std::uint8_t>(already + further));
}

}  // namespace meetpoint::formats
