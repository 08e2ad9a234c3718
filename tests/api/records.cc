#include "api/records.h"

#include <fmt/format.h>

namespace meetpoint::tests {
namespace {

json::object stream(const char* direction, double mos) {
    return {{"direction", direction}, {"codec", "silk"}, {"packets", 3000},   {"jitterMsAvg", 4.5},
            {"lossRatioAvg", 0.0125}, {"mos", mos},      {"transport", "udp"}};
}

}  // namespace

std::string callId(int number) {
    return fmt::format("c0000000-0000-4000-8000-{:012}", number);
}

json::object callRecord(const CallFacts& facts) {
    const Instant answeredAt = facts.invitedAt + facts.ringing;
    json::object call{
        {"callId", callId(facts.number)},
        {"version", facts.version},
        {"direction", facts.outbound ? "outbound" : "inbound"},
        {"callType", facts.outbound ? "user_out" : "user_in"},
        {"callerNumber", facts.outbound ? facts.ownNumber : facts.farEnd},
        {"calleeNumber", facts.outbound ? facts.farEnd : facts.ownNumber},
        {"invitedAt", formatInstant(facts.invitedAt)},
        {"endedAt", formatInstant(answeredAt + facts.talk)},
        {"durationMs", facts.talk.ms},
        {"finalSipCode", facts.talk.ms > 0 ? 200 : 480},
        {"userId", World::callUser},
        {"sipCallId", fmt::format("sip-{}@sbc.example", facts.number)},
        {"trunk", "sbc1.example"},
        {"endpoint",
         json::object{{"ipAddress", "192.0.2.55"}, {"operatingSystem", "Windows 11"}, {"userAgent", "softphone/7.1"}}},
        {"streams", json::array{stream("callerToCallee", 4.25), stream("calleeToCaller", 3.5)}}};
    if (facts.talk.ms > 0) call["answeredAt"] = formatInstant(answeredAt);
    return call;
}

json::object durationRecord(const DurationFacts& facts) {
    return {{"recordId", facts.recordId},
            {"revision", facts.revision},
            {"direction", facts.outbound ? "outbound" : "inbound"},
            {"callerNumber", facts.outbound ? facts.ownNumber : facts.farEnd},
            {"calleeNumber", facts.outbound ? facts.farEnd : facts.ownNumber},
            {"startedAt", formatInstant(facts.startedAt)},
            {"startBasis", "invite"},
            {"answered", facts.talk.ms > 0},
            {"durationMs", facts.talk.ms},
            {"durationBasis", "answer"}};
}

json::object durationOf(const CallFacts& facts, const std::string& recordId) {
    return durationRecord({recordId, facts.invitedAt, facts.talk, facts.ownNumber, facts.farEnd, facts.outbound, 1});
}

TwoSides twoSides(int pairs, std::uint64_t seed) {
    SeededRandom random(seed);
    TwoSides sides;
    Instant at = World::noon - hours(6);
    for (int n = 1; n <= pairs; ++n) {
        at = at + seconds(static_cast<std::int64_t>(30 + random.next64() % 500));
        const std::string farEnd = fmt::format("+4179555{:04}", 1000 + n * 37);
        const CallFacts facts{.number = n,
                              .invitedAt = at,
                              .talk = milliseconds(20'000 + n * 7'321),
                              .farEnd = farEnd,
                              .outbound = n % 3 == 0};
        const Duration theirTalk = milliseconds((facts.talk.ms + 5'999) / 6'000 * 6'000);
        sides.calls.push_back(callRecord(facts));
        sides.durations.push_back(durationRecord(
            {fmt::format("r-{}", n), at + seconds(37), theirTalk, facts.ownNumber, farEnd, facts.outbound, 1}));
        sides.ourMs += facts.talk.ms;
        sides.theirMs += theirTalk.ms;
    }
    return sides;
}

std::string ndjson(const json::array& records) {
    std::string text;
    for (const json::value& record : records)
        text += json::serialize(record) + "\n";
    return text;
}

std::string countsOf(const Answer& upload) {
    if (upload.status != 200) return std::to_string(upload.status) + " " + upload.body;
    const json::value answer = upload.value();
    std::string text;
    const json::value counts = at(answer, "/counts");
    for (const auto& [name, count] : counts.as_object())
        if (count.as_int64() > 0)
            text += fmt::format("{}{} {}", text.empty() ? "" : ", ", std::string(name), count.as_int64());
    return text;
}

json::array itemsOf(const Answer& ndjsonAnswer) {
    json::array items;
    std::string_view rest = ndjsonAnswer.body;
    while (!rest.empty()) {
        const std::size_t end = std::min(rest.find('\n'), rest.size());
        items.push_back(Answer{200, {}, std::string(rest.substr(0, end))}.value());
        rest.remove_prefix(std::min(end + 1, rest.size()));
    }
    return items;
}

}  // namespace meetpoint::tests
