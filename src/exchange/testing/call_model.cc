#include "exchange/testing/call_model.h"

#include <boost/json.hpp>

namespace meetpoint::exchange::testing {
namespace {

namespace json = boost::json;

std::string plain(std::uint64_t number) {
    return "+" + std::to_string(number);
}

template <class T>
void put(json::object& object, const char* name, const std::optional<T>& value) {
    if (value) object[name] = *value;
}

// "+4179123***" with at least `digits` hidden.
std::string hidden(const std::string& number, std::size_t digits) {
    const std::size_t shown = std::min(number.find_first_of('*'), number.size() - digits);
    return number.substr(0, shown) + std::string(number.size() - shown, '*');
}

bool poor(const ModelStream& stream) {
    return stream.jitterMs.value_or(0) > 30 || stream.lossRatio.value_or(0) > 0.1 ||
           stream.roundTripMs.value_or(0) > 500;
}

domain::StreamQuality qualityOf(const ModelCall& call) {
    auto worst = domain::StreamQuality::unclassified;
    for (const ModelStream& stream : call.streams) {
        if (poor(stream)) return domain::StreamQuality::poor;
        if (stream.jitterMs || stream.lossRatio || stream.roundTripMs) worst = domain::StreamQuality::good;
    }
    return worst;
}

// -1, 0 or 1.
int compared(const ModelCall& a, const ModelCall& b, bool withVersion) {
    const auto rank = [&](const ModelCall& call) {
        return std::tuple(call.invitedAt, call.callId, call.shardKey, withVersion ? call.version : 0);
    };
    return rank(a) < rank(b) ? -1 : rank(b) < rank(a) ? 1 : 0;
}

bool startsWith(const std::string& shown, const std::string& prefix) {
    const std::string wanted = prefix.starts_with('+') ? prefix.substr(1) : prefix;
    if (shown.starts_with('+')) return shown.substr(1, shown.find('*') - 1).starts_with(wanted);
    return !shown.empty() && shown.starts_with(prefix);
}

}  // namespace

std::string lineOf(const ModelCall& call) {
    json::value farEnd;
    if (!call.farEnd.empty()) farEnd = call.farEnd;
    json::object line{{"callId", formatId(call.callId)},
                      {"version", call.version},
                      {"direction", call.outbound ? "outbound" : "inbound"},
                      {"invitedAt", formatInstant(call.invitedAt)},
                      {"endedAt", formatInstant(call.answeredAt.value_or(call.invitedAt) + call.talk)},
                      {"durationMs", call.talk.ms}};
    line[call.outbound ? "callerNumber" : "calleeNumber"] = plain(call.own);
    line[call.outbound ? "calleeNumber" : "callerNumber"] = farEnd;
    if (call.answeredAt) line["answeredAt"] = formatInstant(*call.answeredAt);
    put(line, "sipCallId", call.sipCallId);
    put(line, "correlationId", call.correlationId);
    put(line, "trunk", call.trunk);
    put(line, "callType", call.callType);
    put(line, "finalSipCode", call.finalSipCode);
    put(line, "q850Cause", call.q850Cause);
    put(line, "emergency", call.emergency);
    put(line, "isTest", call.isTest);
    if (call.userId) line["userId"] = formatId(*call.userId);
    json::array streams;
    for (const ModelStream& stream : call.streams) {
        json::object one{{"direction", "callerToCallee"}};
        put(one, "jitterMsAvg", stream.jitterMs);
        put(one, "lossRatioAvg", stream.lossRatio);
        put(one, "roundTripMsAvg", stream.roundTripMs);
        streams.push_back(one);
    }
    if (!streams.empty()) line["streams"] = streams;
    return json::serialize(line) + "\n";
}

std::string_view CallModel::add(ModelCall call) {
    call.shardKey = 0;
    call.tenantId.reset();
    for (const ModelHolder& holder : holders_[call.own]) {
        if (holder.from > call.invitedAt) continue;
        const auto consent = consents_.find({holder.tenantId, holder.carrierId});
        const bool isCovered = consent != consents_.end() && consent->second <= call.invitedAt;
        call.shardKey = isCovered ? holder.shardKey : 0;
        call.tenantId = isCovered ? std::optional(holder.tenantId) : std::nullopt;
        carriers_[holder.shardKey] = holder.carrierId;
    }
    auto& known = versions_[{call.shardKey, call.callId}];
    int newest = 0;
    for (const std::size_t at : known) {
        if (calls_[at].version == call.version) return "known";
        newest = std::max(newest, calls_[at].version);
    }
    call.superseded = call.version < newest;
    if (call.version > newest)
        for (const std::size_t at : known)
            calls_[at].superseded = true;
    call.sequence = ++lastSequence_[call.shardKey];
    const std::string_view outcome = newest == 0 ? "created" : call.superseded ? "outdated" : "updated";
    known.push_back(calls_.size());
    calls_.push_back(std::move(call));
    return outcome;
}

std::string CallModel::countryOf(const ModelCall& call) const {
    return call.tenantId ? countries_.at(*call.tenantId) : std::string();
}

std::string CallModel::shownFarEnd(const ModelCall& call, domain::Role role, Instant now) const {
    const std::string country = countryOf(call);
    const std::size_t masked = country == "CH" ? 4 : 3;
    const bool masks = country == "CH" || country == "DE";
    const bool isYoung = now - call.invitedAt <= days(30);
    const bool inFull = isYoung && role != domain::Role::auditor && !(role == domain::Role::tenant && masks);
    const bool cameMasked = call.farEnd.find('*') != std::string::npos;
    if (inFull && !cameMasked) return call.farEnd;
    return call.farEnd.starts_with('+') ? hidden(call.farEnd, masked) : std::string();
}

bool CallModel::mayRead(const domain::Caller& caller, const CallSearch& search, const ModelCall& call) const {
    const auto carrier = carriers_.find(call.shardKey);
    const bool isNobodys = call.shardKey == 0;
    if (search.range.carrierId && (isNobodys || carrier->second != *search.range.carrierId)) return false;
    switch (caller.role) {
        case domain::Role::platform:
            return true;
        case domain::Role::auditor:
            return !isNobodys;
        case domain::Role::carrier:
            return !isNobodys && caller.actsFor(carrier->second);
        case domain::Role::tenant:
            return call.tenantId && call.tenantId == caller.tenant;
    }
    return false;
}

bool CallModel::meets(const domain::Caller& caller, const CallSearch& search, const ModelCall& call,
                      Instant now) const {
    const CallConditions& c = search.conditions;
    const domain::Role role = caller.role;
    const bool seesParties = role != domain::Role::auditor;
    const bool seesNetwork = seesParties && now - call.invitedAt <= days(30);
    const bool seesPeople = role == domain::Role::platform || role == domain::Role::tenant;
    const std::string farEnd = shownFarEnd(call, role, now);
    const bool answered = call.answeredAt || call.talk.ms > 0;
    return (!search.range.from || call.invitedAt >= *search.range.from) &&
           (!search.range.to || call.invitedAt < *search.range.to) && (search.range.allVersions || !call.superseded) &&
           (!search.callId || *search.callId == call.callId) && (!c.tenantId || c.tenantId == call.tenantId) &&
           (!c.userId || (seesPeople && c.userId == call.userId)) &&
           (!c.ownNumber || *c.ownNumber == plain(call.own)) &&
           (!c.ownNumberStartsWith || startsWith(plain(call.own), *c.ownNumberStartsWith)) &&
           (!c.farEndNumber || *c.farEndNumber == farEnd) &&
           (!c.farEndNumberStartsWith || startsWith(farEnd, *c.farEndNumberStartsWith)) &&
           (!c.sipCallId || (seesParties && c.sipCallId == call.sipCallId)) &&
           (!c.correlationId || c.correlationId == call.correlationId) && (!c.trunk || c.trunk == call.trunk) &&
           (!c.callType || c.callType == call.callType) &&
           (!c.direction || (*c.direction == domain::Direction::outbound) == call.outbound) &&
           (!c.quality || *c.quality == (seesNetwork ? qualityOf(call) : domain::StreamQuality::unclassified)) &&
           (!c.finalSipCode || c.finalSipCode == call.finalSipCode) &&
           (!c.q850Cause || c.q850Cause == call.q850Cause) && (!c.minDurationMs || call.talk.ms >= *c.minDurationMs) &&
           (!c.maxDurationMs || call.talk.ms <= *c.maxDurationMs) && (!c.answered || *c.answered == answered) &&
           (!c.emergency || *c.emergency == call.emergency.value_or(false)) &&
           (!c.isTest || *c.isTest == call.isTest.value_or(false));
}

std::vector<const ModelCall*> CallModel::find(const domain::Caller& caller, const CallSearch& search, Instant now,
                                              const ModelCall* after) const {
    const int forward = search.range.descending ? -1 : 1;
    std::vector<const ModelCall*> found;
    for (const ModelCall& call : calls_) {
        if (!mayRead(caller, search, call) || !meets(caller, search, call, now)) continue;
        if (after && compared(*after, call, search.range.allVersions) * forward >= 0) continue;
        found.push_back(&call);
    }
    std::ranges::sort(found,
                      [&](const ModelCall* a, const ModelCall* b) { return compared(*a, *b, true) * forward < 0; });
    return found;
}

}  // namespace meetpoint::exchange::testing
