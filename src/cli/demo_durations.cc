#include "cli/demo_durations.h"

#include <optional>

#include <fmt/format.h>

#include "cli/demo_world.h"
#include "cli/dice.h"

namespace meetpoint::cli {
namespace {

struct Record {
    std::string recordId;
    Instant startedAt;
    Duration duration;
    std::optional<Instant> answeredAt, endedAt;
    std::string sipCallId;
    std::string trunk;
    bool countsRinging = false;
};

std::string lineOf(const SampleCall& call, const Record& record) {
    std::string line = fmt::format(
        R"({{"recordId":"{}","direction":"{}","callerNumber":"{}","calleeNumber":"{}","startedAt":"{}","answered":{},"durationMs":{})",
        record.recordId, call.outbound ? "outbound" : "inbound", call.outbound ? call.own : call.far,
        call.outbound ? call.far : call.own, formatInstant(record.startedAt), call.answered(), record.duration.ms);
    if (record.answeredAt) line += fmt::format(R"(,"answeredAt":"{}")", formatInstant(*record.answeredAt));
    if (record.endedAt) line += fmt::format(R"(,"endedAt":"{}")", formatInstant(*record.endedAt));
    if (!record.sipCallId.empty()) line += fmt::format(R"(,"sipCallId":"{}")", record.sipCallId);
    if (!record.trunk.empty()) line += fmt::format(R"(,"trunk":"{}")", record.trunk);
    if (record.countsRinging) line += R"(,"durationBasis":"invite")";
    return line + "}\n";
}

// Writes a carrier's records, day by day.
class Writer {
public:
    Writer(const SampleWeek& week, std::size_t carrier, std::uint64_t seed)
        : week_(week), carrier_(carrier), prefix_(demoCarriers()[carrier].prefix), dice_(seed * 31 + carrier + 1) {
        files_.days.resize(7);
    }

    CarrierFiles run() {
        for (const SampleCall& call : week_.calls) {
            if (call.carrier != carrier_) continue;
            ++count_;
            switch (demoCarriers()[carrier_].faults) {
                case DemoFaults::clockAndRounding:
                    addWithWrongClock(call);
                    break;
                case DemoFaults::zoneGapAndAnsweredOnly:
                    addWithHoles(call);
                    break;
                case DemoFaults::repeatsAndSlips:
                    addWithSlips(call);
                    break;
            }
        }
        if (demoCarriers()[carrier_].faults == DemoFaults::repeatsAndSlips) addForeignNumber();
        return std::move(files_);
    }

private:
    void write(const SampleCall& call, const Record& record) {
        files_.days[static_cast<std::size_t>(dayOf(call.invitedAt).number - week_.firstDay.number)] +=
            lineOf(call, record);
    }

    // Two switches never see one message at the same instant.
    Duration measured() { return milliseconds(dice_.within(-200, 300)); }
    std::string nextId() const { return fmt::format("{}-{:05}", prefix_, count_); }

    // A clock that was never set, and billing in steps of six seconds. Whole seconds only.
    void addWithWrongClock(const SampleCall& call) {
        const std::int64_t started = (call.invitedAt + measured() + planted::clockAhead).ms / 1000 * 1000;
        const std::int64_t step = planted::roundedUpTo.ms;
        write(call, {nextId(), {started}, {(call.talk.ms + step - 1) / step * step}, {}, {}, call.sipCallId, {}});
    }

    // Only answered calls; one day in local time instead of UTC; one morning two hours lost. No signalling id
    // at all.
    void addWithHoles(const SampleCall& call) {
        if (!call.answered()) return;
        const Instant gapDay = startOf(week_.workday(planted::gapWorkday));
        if (call.invitedAt >= gapDay + planted::gapFrom && call.invitedAt < gapDay + planted::gapTo) return;
        const bool local = dayOf(call.invitedAt) == week_.workday(planted::zoneWorkday);
        write(call, {nextId(),
                     call.invitedAt + measured() + (local ? planted::zoneAhead : Duration()),
                     call.talk,
                     {},
                     {},
                     {},
                     {}});
    }

    // Repeats, calls that hang until a timer ends them, calls in two parts, calls lost, a gateway that counts
    // the ringing.
    void addWithSlips(const SampleCall& call) {
        constexpr double lost = 0.008, repeated = 0.02, inParts = 0.05, ringingCounted = 0.02;
        constexpr std::size_t callsPerHung = 300;
        if (dice_.happens(lost)) return;
        Record record{nextId(), call.invitedAt + measured(), call.talk, {}, {}, {}, {}};
        if (dice_.happens(0.5)) record.sipCallId = call.sipCallId;
        if (!call.answered()) return write(call, record);
        record.answeredAt = record.startedAt + call.ring;
        if (call.talk > minutes(2) && dice_.happens(inParts)) return writeInParts(call, record);
        if (++ended_ % callsPerHung == 0) record.duration = planted::hungAt;
        if (dice_.happens(ringingCounted) && record.duration == call.talk) {
            record.trunk = "TDM-2";
            record.countsRinging = true;
            record.duration = {call.ring.ms + call.talk.ms};
        }
        record.endedAt = *record.answeredAt + (record.countsRinging ? call.talk : record.duration);
        write(call, record);
        if (!dice_.happens(repeated)) return;
        record.recordId += "-again";
        write(call, record);
    }

    void writeInParts(const SampleCall& call, Record record) {
        const Duration first = milliseconds(dice_.within(30'000, call.talk.ms - 30'000));
        Record second = record;
        record.duration = first;
        record.endedAt = *record.answeredAt + first;
        second.recordId += "-2";
        second.startedAt = *record.endedAt;
        second.answeredAt = second.startedAt;
        second.duration = {call.talk.ms - first.ms};
        second.endedAt = second.startedAt + second.duration;
        write(call, record);
        write(call, second);
    }

    // A record that names a number of another carrier.
    void addForeignNumber() {
        SampleCall call = week_.calls.front();
        call.own = demoNumber((carrier_ + 1) % demoCarriers().size(), 0);
        call.invitedAt = startOf(week_.workday(0)) + hours(9);
        call.ending = CallEnding::answered;
        write(call, {fmt::format("{}-misrouted", prefix_), call.invitedAt, seconds(61), {}, {}, {}, {}});
    }

    const SampleWeek& week_;
    std::size_t carrier_;
    std::string_view prefix_;
    Dice dice_;
    std::size_t count_ = 0;
    std::size_t ended_ = 0;  // answered calls that stand in one record
    CarrierFiles files_;
};

}  // namespace

CarrierFiles carrierFiles(const SampleWeek& week, std::size_t carrier, std::uint64_t seed) {
    return Writer(week, carrier, seed).run();
}

}  // namespace meetpoint::cli
