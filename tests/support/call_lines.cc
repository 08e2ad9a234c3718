#include "support/call_lines.h"

#include <cstring>

#include <fmt/format.h>

namespace meetpoint::outside {
namespace {

// SplitMix64 (Steele, Lea, Flood 2014): spreads an index over 64 bits, and never gives one value for two.
std::uint64_t spread(std::uint64_t index) {
    std::uint64_t z = index + 0x9e3779b97f4a7c15;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
    z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
    return z ^ (z >> 31);
}

std::string_view completenessOf(const CallLines::Edition& edition) {
    return edition.isProvisional ? "provisional" : "final";
}

}  // namespace

std::string CallLines::ownNumber(std::uint64_t n) {
    return fmt::format("+4144668{:04}", n % 10'000);
}

Id CallLines::callId(std::uint64_t index) {
    const std::uint64_t halves[] = {spread(index), spread(~index)};
    Id id;
    std::memcpy(id.bytes.data(), halves, id.bytes.size());
    id.bytes[6] = (id.bytes[6] & 0x0f) | 0x40;  // RFC 9562, version 4
    id.bytes[8] = (id.bytes[8] & 0x3f) | 0x80;
    return id;
}

struct CallLines::Call {
    std::string id, own, farEnd;
    std::uint64_t ownNumber = 0;
    bool outbound = false, answered = false;
    Instant invited, ringing, connected, ended;
    std::int64_t talkMs = 0;
    std::uint64_t sipCallId = 0, random = 0;

    const std::string& caller() const { return outbound ? own : farEnd; }
    const std::string& callee() const { return outbound ? farEnd : own; }
    std::string_view direction() const { return outbound ? "outbound" : "inbound"; }
    std::string_view type() const { return outbound ? "user_out" : "user_in"; }
    std::string_view endedBy() const { return outbound ? "caller" : "callee"; }
    int sipCode() const { return answered ? 200 : 480; }
    int cause() const { return answered ? 16 : 19; }
    std::string sipCallIdText() const { return fmt::format("{:016x}@10.1.{}.{}", sipCallId, random % 4, random % 250); }
    std::string trunk() const { return fmt::format("sbc{}.example.net", random % 8); }
    std::int64_t packets() const { return talkMs / 20; }
    std::string jitter() const { return fmt::format("{}.5", random % 30); }
    std::string loss() const { return fmt::format("0.00{}", random % 9 + 1); }
    std::string mos() const { return fmt::format("4.{}", random % 4 + 1); }
};

CallLines::Call CallLines::call(std::uint64_t index) const {
    Call call;
    call.random = spread(index * 3 + 1);
    call.id = formatId(callId(index));
    call.outbound = call.random % 2 == 0;
    call.answered = call.random % 10 < 7;
    call.ownNumber = call.random / 16 % ownNumbers;
    call.own = ownNumber(call.ownNumber);
    call.farEnd = fmt::format("+4930{:08}", call.random / 64 % 100'000'000);
    call.invited = first + milliseconds(apart.ms * static_cast<std::int64_t>(index));
    const auto setupMs = static_cast<std::int64_t>(2'000 + call.random % 12'000);
    call.talkMs = call.answered ? static_cast<std::int64_t>(1'000 + call.random % 400'000) : 0;
    call.ringing = call.invited + milliseconds(setupMs / 4);
    call.connected = call.invited + milliseconds(setupMs);
    call.ended = call.connected + milliseconds(call.talkMs);
    call.sipCallId = spread(index + 7);
    return call;
}

std::uint64_t CallLines::ownNumberOf(std::uint64_t index) const {
    return call(index).ownNumber;
}

Instant CallLines::endOf(std::uint64_t index) const {
    return call(index).ended;
}

void CallLines::appendJson(std::uint64_t index, const Edition& edition, std::string& out) const {
    const Call c = call(index);
    const auto into = std::back_inserter(out);
    fmt::format_to(
        into,
        R"({{"callId":"{}","version":{},"completeness":"{}","direction":"{}","callType":"{}","callerNumber":"{}","calleeNumber":"{}",)",
        c.id, edition.version, completenessOf(edition), c.direction(), c.type(), c.caller(), c.callee());
    fmt::format_to(into, R"("invitedAt":"{}","ringingAt":"{}",)", formatInstant(c.invited), formatInstant(c.ringing));
    if (c.answered) fmt::format_to(into, R"("answeredAt":"{}",)", formatInstant(c.connected));
    fmt::format_to(
        into,
        R"("endedAt":"{}","durationMs":{},"finalSipCode":{},"finalSipCodePhrase":"{}","q850Cause":{},"endedBy":"{}",)",
        formatInstant(c.ended), c.talkMs, c.sipCode(), edition.phrase, c.cause(), c.endedBy());
    fmt::format_to(into, R"("sipCallId":"{}","trunk":"{}","region":"EUNO")", c.sipCallIdText(), c.trunk());
    if (c.answered && !edition.isProvisional)
        fmt::format_to(
            into,
            R"(,"streams":[{{"direction":"callerToCallee","codec":"silk","packets":{},"jitterMsAvg":{},"lossRatioAvg":{},"mos":{}}}])",
            c.packets(), c.jitter(), c.loss(), c.mos());
    out += "}\n";
}

void CallLines::appendDuration(std::uint64_t index, const Recorder& recorder, std::string& out) const {
    const Call c = call(index);
    const auto into = std::back_inserter(out);
    const auto onItsClock = [&](Instant at) { return formatInstant(at + recorder.clockAhead); };
    fmt::format_to(into,
                   R"({{"recordId":"r-{}","direction":"{}","callerNumber":"{}","calleeNumber":"{}","startedAt":"{}",)",
                   index, c.direction(), c.caller(), c.callee(), onItsClock(c.invited));
    if (c.answered) fmt::format_to(into, R"("answeredAt":"{}",)", onItsClock(c.connected));
    if (recorder.knowsSipCallId && index % 2 == 0) fmt::format_to(into, R"("sipCallId":"{}",)", c.sipCallIdText());
    fmt::format_to(into,
                   R"("endedAt":"{}","durationMs":{}}})"
                   "\n",
                   onItsClock(c.ended), c.talkMs);
}

CallLines::Sides CallLines::sidesOf(std::uint64_t index, const Recorder& recorder) const {
    const Call c = call(index);
    const bool isKnown = recorder.knowsSipCallId && index % 2 == 0;
    return {fmt::format("{},{},{},{},{},{},{}", c.id, c.own, c.farEnd, c.direction(), c.invited.ms, c.talkMs,
                        c.sipCallIdText()),
            fmt::format("r-{},{},{},{},{},{},{}", index, c.own, c.farEnd, c.direction(),
                        (c.invited + recorder.clockAhead).ms, c.talkMs, isKnown ? c.sipCallIdText() : std::string())};
}

std::string CallLines::lines(std::uint64_t from, std::uint64_t to) const {
    std::string out;
    for (std::uint64_t index = from; index < to; ++index)
        appendJson(index, {}, out);
    return out;
}

void CallLines::appendCsv(std::uint64_t index, const Edition& edition, std::string& out) const {
    const Call c = call(index);
    const auto into = std::back_inserter(out);
    fmt::format_to(into, "{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},EUNO,", c.ownNumber / 1'250,
                   c.own, c.id, edition.version, completenessOf(edition), c.direction(), c.type(), c.caller(),
                   c.callee(), formatInstant(c.invited), formatInstant(c.ringing),
                   c.answered ? formatInstant(c.connected) : std::string(), formatInstant(c.ended), c.talkMs,
                   c.sipCode(), edition.phrase, c.cause(), c.endedBy(), c.sipCallIdText(), c.trunk());
    if (c.answered && !edition.isProvisional)
        fmt::format_to(into, "callerToCallee,silk,{},{},{},{}\n", c.packets(), c.jitter(), c.loss(), c.mos());
    else
        out += ",,,,,\n";
}

}  // namespace meetpoint::outside
