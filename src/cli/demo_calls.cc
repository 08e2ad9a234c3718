#include "cli/demo_calls.h"

#include <algorithm>
#include <array>
#include <cstdlib>
#include <map>

#include <fmt/format.h>

#include "cli/demo_world.h"
#include "cli/dice.h"

namespace meetpoint::cli {
namespace {

constexpr std::int64_t callsOfAWorkday = 300;
constexpr std::int64_t callsOfAFreeDay = 45;
constexpr std::size_t farNumbers = 300;

// How many of a day's calls begin in each hour UTC.
constexpr std::array<int, 24> shape{1,  1,  1,  1,  1,  2,  8,  30, 70, 95, 100, 90,
                                    60, 75, 95, 95, 85, 55, 22, 10, 6,  4,  2,   1};

// Ranges kept free for films and books, with how many last digits are free in each.
struct FarRange {
    std::uint64_t first;
    std::int64_t count;
};
constexpr std::array farRanges{FarRange{447700900000, 1000},  FarRange{441632960000, 1000},
                               FarRange{496990009000, 1000},  FarRange{33639980000, 10'000},
                               FarRange{33536490000, 10'000}, FarRange{12025550100, 100}};

// 1970-01-01 was a Thursday.
bool isWorkday(Day day) {
    return (day.number + 3) % 7 < 5;
}

class Maker {
public:
    Maker(std::uint64_t seed, Day firstDay) : dice_(seed) { week_.firstDay = firstDay; }

    SampleWeek run() {
        for (std::size_t carrier = 0; carrier < demoCarriers().size(); ++carrier) {
            chooseFarNumbers();
            for (int day = 0; day < 7; ++day)
                addDay(carrier, {week_.firstDay.number + day});
            addTestCall(carrier);
        }
        addOnNetPair();
        addEmergencyCall();
        std::ranges::stable_sort(week_.calls, {}, &SampleCall::invitedAt);
        return std::move(week_);
    }

private:
    void chooseFarNumbers() {
        far_.clear();
        while (far_.size() < farNumbers) {
            const FarRange& range = farRanges[static_cast<std::size_t>(dice_.within(0, farRanges.size() - 1))];
            far_.push_back("+" +
                           std::to_string(range.first + static_cast<std::uint64_t>(dice_.within(0, range.count - 1))));
        }
    }

    Id makeCallId() {
        Id id;
        for (std::size_t i = 0; i < id.bytes.size(); i += 8) {
            const std::uint64_t bits = dice_.bits();
            for (std::size_t byte = 0; byte < 8; ++byte)
                id.bytes[i + byte] = static_cast<std::uint8_t>(bits >> (8 * byte));
        }
        id.bytes[6] = static_cast<std::uint8_t>((id.bytes[6] & 0x0f) | 0x40);  // version 4, variant 1 (RFC 9562)
        id.bytes[8] = static_cast<std::uint8_t>((id.bytes[8] & 0x3f) | 0x80);
        return id;
    }

    Instant instantOf(Day day) {
        int total = 0;
        for (const int weight : shape)
            total += weight;
        std::int64_t left = dice_.within(0, total - 1);
        std::int64_t hour = 0;
        while (left >= shape[static_cast<std::size_t>(hour)])
            left -= shape[static_cast<std::size_t>(hour++)];
        return startOf(day) + hours(hour) + milliseconds(dice_.within(0, hours(1).ms - 1));
    }

    // The same two numbers do not call each other again while they may still be ringing or talking.
    std::string farFor(const std::string& own, Instant at) {
        while (true) {
            const std::string& far = far_[static_cast<std::size_t>(dice_.within(0, farNumbers - 1))];
            std::vector<Instant>& before = callsOfPair_[own + far];
            const bool busy =
                std::ranges::any_of(before, [&](Instant other) { return std::abs((at - other).ms) < minutes(70).ms; });
            if (busy) continue;
            before.push_back(at);
            return far;
        }
    }

    void setEnding(SampleCall& call) {
        const double share = dice_.unit();
        call.ending = share < 0.72   ? CallEnding::answered
                      : share < 0.89 ? CallEnding::unanswered
                      : share < 0.95 ? CallEnding::busy
                                     : CallEnding::failed;
        switch (call.ending) {
            case CallEnding::answered:
                call.ring = milliseconds(dice_.within(2'500, 25'000));
                call.talk = milliseconds(
                    std::min<std::int64_t>(3'000 + static_cast<std::int64_t>(dice_.exponential(150'000)), hours(1).ms));
                call.poor = dice_.happens(0.04);
                break;
            case CallEnding::unanswered:
                call.ring = milliseconds(dice_.within(12'000, 60'000));
                break;
            case CallEnding::busy:
                call.ring = milliseconds(dice_.within(300, 2'000));
                break;
            case CallEnding::failed:
                call.ring = milliseconds(dice_.within(100, 4'000));
                break;
        }
    }

    SampleCall callOf(std::size_t carrier, Instant at) {
        SampleCall call;
        call.carrier = carrier;
        call.callId = makeCallId();
        call.sipCallId = fmt::format("{:016x}@sbc.platform.example", dice_.bits());
        call.own = demoNumber(carrier, static_cast<std::size_t>(dice_.within(0, demoNumbersPerCarrier - 1)));
        call.far = farFor(call.own, at);
        call.outbound = dice_.happens(0.55);
        call.invitedAt = at;
        setEnding(call);
        return call;
    }

    void addDay(std::size_t carrier, Day day) {
        const std::int64_t usual = isWorkday(day) ? callsOfAWorkday : callsOfAFreeDay;
        for (std::int64_t left = dice_.within(usual * 9 / 10, usual * 11 / 10); left > 0; --left)
            week_.calls.push_back(callOf(carrier, instantOf(day)));
    }

    SampleCall answeredCall(std::size_t carrier, Instant at, Duration talk) {
        SampleCall call = callOf(carrier, at);
        call.ending = CallEnding::answered;
        call.ring = milliseconds(dice_.within(2'500, 6'000));
        call.talk = talk;
        return call;
    }

    // A carrier tests a new trunk before its customers are awake.
    void addTestCall(std::size_t carrier) {
        SampleCall call = answeredCall(carrier, startOf(week_.workday(0)) + hours(5) + minutes(10), seconds(30));
        call.outbound = true;
        call.test = true;
        week_.calls.push_back(call);
    }

    // One own number calls another: two legs, one correlation id.
    void addOnNetPair() {
        SampleCall out = answeredCall(0, startOf(week_.workday(1)) + hours(11) + minutes(42), milliseconds(95'400));
        out.outbound = true;
        out.own = demoNumber(0, 0);
        out.far = demoNumber(0, 1);
        out.correlationId = fmt::format("on-net-{:08x}", dice_.bits() >> 32);
        SampleCall in = out;
        in.callId = makeCallId();
        in.sipCallId = fmt::format("{:016x}@sbc.platform.example", dice_.bits());
        in.outbound = false;
        std::swap(in.own, in.far);
        week_.calls.push_back(out);
        week_.calls.push_back(in);
    }

    void addEmergencyCall() {
        SampleCall call = answeredCall(1, startOf(week_.workday(2)) + hours(14) + minutes(3), seconds(140));
        call.outbound = true;
        call.far = "112";
        call.emergency = true;
        week_.calls.push_back(call);
    }

    Dice dice_;
    SampleWeek week_;
    std::vector<std::string> far_;
    std::map<std::string, std::vector<Instant>> callsOfPair_;
};

struct EndingCodes {
    int sip;
    std::string_view phrase;
    int q850;
};
EndingCodes codesOf(CallEnding ending) {
    switch (ending) {
        case CallEnding::answered:
            return {200, "OK", 16};
        case CallEnding::unanswered:
            return {487, "Request Terminated", 19};
        case CallEnding::busy:
            return {486, "Busy Here", 17};
        case CallEnding::failed:
            return {503, "Service Unavailable", 41};
    }
    return {};
}

std::string streamJson(std::string_view direction, const SampleCall& call, bool poor, Dice& dice) {
    const double jitter = poor ? dice.between(34.0, 80.0) : dice.between(1.0, 14.0);
    const double loss = poor ? dice.between(0.11, 0.22) : dice.between(0.0, 0.01);
    const double degradation = poor ? dice.between(1.1, 2.0) : dice.between(0.0, 0.3);
    const double trip = dice.between(18.0, 140.0);
    return fmt::format(
        R"({{"direction":"{}","codec":"silk","packets":{},"jitterMsAvg":{:.1f},"jitterMsMax":{:.1f},"lossRatioAvg":{:.4f},)"
        R"("lossRatioMax":{:.4f},"roundTripMsAvg":{:.0f},"roundTripMsMax":{:.0f},"audioDegradationAvg":{:.2f},"mos":{:.2f},)"
        R"("transport":"udp"}})",
        direction, call.talk.ms / 20, jitter, jitter * 2, loss, std::min(1.0, loss * 2), trip, trip * 2, degradation,
        4.4 - degradation);
}

std::string recordJson(const SampleCall& call, Dice& dice) {
    const EndingCodes codes = codesOf(call.ending);
    std::string line = fmt::format(
        R"({{"callId":"{}","version":1,"completeness":"final","direction":"{}","callType":"{}","callerNumber":"{}","calleeNumber":"{}",)"
        R"("invitedAt":"{}","endedAt":"{}","durationMs":{},"finalSipCode":{},"finalSipCodePhrase":"{}","q850Cause":{},"sipCallId":"{}")",
        formatId(call.callId), call.outbound ? "outbound" : "inbound", call.outbound ? "user_out" : "user_in",
        call.outbound ? call.own : call.far, call.outbound ? call.far : call.own, formatInstant(call.invitedAt),
        formatInstant(call.endedAt()), call.talk.ms, codes.sip, codes.phrase, codes.q850, call.sipCallId);
    if (!call.correlationId.empty()) line += fmt::format(R"(,"correlationId":"{}")", call.correlationId);
    if (call.ending == CallEnding::failed) line += fmt::format(R"(,"failedAt":"{}")", formatInstant(call.endedAt()));
    if (call.emergency) line += R"(,"emergency":true)";
    if (call.test) line += R"(,"isTest":true)";
    if (call.answered()) {
        line += fmt::format(R"(,"answeredAt":"{}","streams":[{},{}])", formatInstant(call.answeredAt()),
                            streamJson("callerToCallee", call, false, dice),
                            streamJson("calleeToCaller", call, call.poor, dice));
    }
    return line + "}\n";
}

}  // namespace

Day SampleWeek::workday(int n) const {
    Day day = firstDay;
    while (!isWorkday(day) || n-- > 0)
        ++day.number;
    return day;
}

SampleWeek sampleWeek(std::uint64_t seed, Day lastDay) {
    return Maker(seed, {lastDay.number - 6}).run();
}

std::string platformRecords(const SampleWeek& week, std::uint64_t seed) {
    constexpr double lostByThePlatform = 0.006;
    Dice dice(seed ^ 0x706c6174);
    std::string lines;
    for (const SampleCall& call : week.calls) {
        const bool mayBeLost = demoCarriers()[call.carrier].faults == DemoFaults::repeatsAndSlips;
        if (mayBeLost && dice.happens(lostByThePlatform)) continue;
        lines += recordJson(call, dice);
    }
    return lines;
}

}  // namespace meetpoint::cli
