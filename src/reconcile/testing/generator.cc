#include "reconcile/testing/generator.h"

#include <cmath>
#include <random>
#include <set>

#include "reconcile/reconcile.h"
#include "reconcile/testing/rows.h"

namespace meetpoint::reconcile::testing {
namespace {

constexpr std::int64_t dayStart = 1'750'000'000'000 / 86'400'000 * 86'400'000;
constexpr std::uint64_t mainNumber = 41449999999;

// How a call goes on with another user once its own has left.
struct Onward {
    std::uint64_t own;
    std::int64_t gap, ring, talk;
    std::string correlationId, transferorCorrelationId;  // of that leg
    std::int64_t lasts() const { return gap + ring + talk; }
};

struct Real {
    std::uint64_t own, far;
    int direction;
    bool answered;
    std::int64_t invited, ring, talk;
    bool onNet;
    std::string correlationId;
    std::optional<Onward> onward;
};

class Generator {
public:
    explicit Generator(const Scenario& scenario) : scenario_(scenario), random_(scenario.seed) {}

    World run() {
        for (std::size_t n = 0; n < scenario_.calls; ++n)
            addCall(n);
        return std::move(world_);
    }

private:
    double unit() { return std::uniform_real_distribution<double>(0, 1)(random_); }
    std::int64_t within(std::int64_t low, std::int64_t high) {
        return std::uniform_int_distribution<std::int64_t>(low, high)(random_);
    }
    bool happens(double share) { return share > 0 && unit() < share; }
    std::int64_t jitter() { return scenario_.jitterMs == 0 ? 0 : within(-scenario_.jitterMs, scenario_.jitterMs); }

    Real draw() {
        Real call{};
        call.own = 41441000000 + static_cast<std::uint64_t>(within(1, static_cast<std::int64_t>(scenario_.ownNumbers)));
        // Far ends whose masked digits differ as well as those that share them.
        call.far = 41440000000 +
                   7'919ull * static_cast<std::uint64_t>(within(1, static_cast<std::int64_t>(scenario_.farNumbers)));
        call.direction = within(0, 1) == 0 ? 0 : 1;
        call.answered = happens(scenario_.answeredShare);
        call.invited = dayStart + within(0, scenario_.spanMs - 1);
        call.ring = within(2'000, 35'000);
        call.talk = call.answered
                        ? 1'000 + static_cast<std::int64_t>(-std::log(1 - unit()) * scenario_.meanTalkSeconds * 1000)
                        : 0;
        if (happens(scenario_.callCentre)) makeCentral(call);
        if (happens(scenario_.onNet)) makeOnNet(call);
        if (call.answered && happens(scenario_.transferred)) transfer(call);
        return call;
    }

    // To a user with another number, who is rung and talks on. Of two legs in four nothing but their times says so.
    void transfer(Real& call) {
        Onward onward{};
        do
            onward.own =
                41441000000 + static_cast<std::uint64_t>(within(1, static_cast<std::int64_t>(scenario_.ownNumbers)));
        while (onward.own == call.own);
        onward.gap = within(0, 300);
        onward.ring = within(1'000, 20'000);
        onward.talk = 5'000 + static_cast<std::int64_t>(-std::log(1 - unit()) * scenario_.meanTalkSeconds * 1000);
        const std::int64_t link = within(0, 3);
        if (link < 2) call.correlationId = "talk-" + std::to_string(transfers_++);
        (link == 0 ? onward.correlationId : onward.transferorCorrelationId) = call.correlationId;
        call.onward = onward;
    }

    // The next of a machine's calls: every minute, to the same number, of about the same length.
    void makeCentral(Real& call) {
        call.own = 41441000001;
        call.far = 41445550000;
        call.direction = 1;
        call.invited = dayStart + centralCalls_++ * 60'000 % scenario_.spanMs + within(0, 900);
        call.ring = within(2'000, 6'000);
        if (call.answered) call.talk = within(15'000, 40'000);
    }
    void makeOnNet(Real& call) {
        call.far = 41441000000 + static_cast<std::uint64_t>(within(1, static_cast<std::int64_t>(scenario_.ownNumbers)));
        call.onNet = true;
    }

    void addCall(std::size_t n) {
        const Real call = draw();
        Truth truth;
        std::string id = happens(scenario_.sharedIds) ? "call-" + std::to_string(n) + "@sbc" : std::string();
        if (happens(scenario_.reusedIds)) id = "again-" + std::to_string(n % 40) + "@sbc";
        const bool presented = call.direction == 1 && call.answered && happens(scenario_.presented);
        if (!happens(scenario_.missingAtPlatform)) addOurs(n, call, id, presented, truth);
        const bool outside = (scenario_.carrierAnsweredOnly && !call.answered) ||
                             (scenario_.carrierOutboundOnly && call.direction == 0) || isInGap(call.invited) ||
                             call.onNet;
        if (!outside && !happens(scenario_.missingAtCarrier)) addTheirs(n, call, id, presented, truth);
        world_.truths.push_back(std::move(truth));
    }

    // Of a hole in the carrier's data.
    bool isInGap(std::int64_t at) const {
        return at - dayStart >= scenario_.gapFromMs && at - dayStart < scenario_.gapToMs;
    }

    void addOurs(std::size_t n, const Real& call, const std::string& id, bool presented, Truth& truth) {
        CallRow row;
        row.key = n * 4 + 1;
        row.direction = call.direction;
        row.own = call.own;
        row.far = call.far;
        row.maskedDigits = scenario_.maskedDigits;
        row.invitedMs = call.invited;
        if (call.answered) row.answeredMs = call.invited + call.ring;
        row.endedMs = call.invited + call.ring + call.talk;
        row.durationMs = call.talk;
        row.sipCallId = id;
        row.correlationId = call.correlationId;
        if (presented) row.presented = "+" + std::to_string(mainNumber);
        const auto push = [&](const CallRow& one) {
            truth.ours.push_back(static_cast<std::uint32_t>(world_.calls.rows()));
            append(world_.calls, one);
        };
        push(row);
        if (call.onward) push(onwardLeg(n, row, *call.onward));
        if (!call.answered || !happens(scenario_.forksAtPlatform)) return;
        CallRow leg = row;
        leg.key = n * 4 + 2;
        leg.invitedMs += within(0, std::min<std::int64_t>(1'500, call.ring));
        leg.answeredMs.reset();
        leg.endedMs = call.invited + call.ring;
        leg.durationMs = 0;
        push(leg);
    }

    static CallRow onwardLeg(std::size_t n, const CallRow& first, const Onward& onward) {
        CallRow leg = first;
        leg.key = n * 4 + 3;
        leg.own = onward.own;
        leg.invitedMs = first.endedMs + onward.gap;
        leg.answeredMs = leg.invitedMs + onward.ring;
        leg.endedMs = first.endedMs + onward.lasts();
        leg.durationMs = onward.talk;
        leg.sipCallId.clear();
        leg.correlationId = onward.correlationId;
        leg.transferorCorrelationId = onward.transferorCorrelationId;
        leg.presented.clear();
        return leg;
    }

    std::int64_t carrierTime(std::int64_t at) const {
        const double drift = scenario_.driftMsPerHour * static_cast<double>(at - dayStart) / 3'600'000.0;
        const bool isChanged = scenario_.clockChangeMs > 0 && at - dayStart >= scenario_.clockChangeMs;
        at += scenario_.offsetMs + scenario_.zoneMinutes * 60'000ll + std::llround(drift) + (isChanged ? 3'600'000 : 0);
        return scenario_.carrierInSeconds ? at / 1000 * 1000 : at;
    }

    std::int64_t billed(std::int64_t ms) const {
        if (ms <= 0) return 0;
        return inSteps(inSteps(ms, scenario_.stepMs), scenario_.unitMs) / scenario_.unitMs * scenario_.unitStandsMs;
    }
    std::int64_t inSteps(std::int64_t ms, std::int64_t step) const {
        if (scenario_.rounding == "up") return (ms + step - 1) / step * step;
        if (scenario_.rounding == "down") return ms / step * step;
        if (scenario_.rounding == "nearest") return (ms + step / 2) / step * step;
        const std::int64_t cut = std::max<std::int64_t>(scenario_.carrierInSeconds ? 1'000 : 1, scenario_.unitMs);
        return ms / cut * cut;
    }

    void writeFarEnd(const Real& call, DurationRow& row) {
        row.maskedDigits = scenario_.maskedDigitsAtCarrier;
        const std::string digits = std::to_string(call.far);
        const auto hidden = static_cast<std::size_t>(row.maskedDigits);
        if (happens(scenario_.farAbsentAtCarrier)) {
            row.far = 0;
            row.maskedDigits = 0;
        } else if (!scenario_.carrierPrefix.empty()) {
            row.farText = scenario_.carrierPrefix + digits.substr(0, digits.size() - hidden) + std::string(hidden, '*');
            row.far = 0;
            row.maskedDigits = 0;
        }
    }

    void addTheirs(std::size_t n, const Real& call, const std::string& id, bool presented, Truth& truth) {
        DurationRow row;
        row.recordId = "r" + std::to_string(n);
        row.direction = call.direction;
        row.basis = scenario_.statedBasis;
        row.rounding = scenario_.statedRounding;
        row.own = presented ? mainNumber : call.own;
        row.far = call.far;
        truth.presented = presented;
        if (happens(scenario_.reversed)) row.direction = 1 - row.direction, truth.reversed = true;
        if (scenario_.carrierNational) {
            row.ownText = "0" + std::to_string(row.own).substr(2);
            row.own = 0;
        }
        writeFarEnd(call, row);
        const std::int64_t late = jitter();
        std::int64_t start = call.invited + late;
        if (scenario_.carrierStartsAtAnswer && call.answered) start += call.ring;
        std::int64_t talk = call.talk + (call.onward ? call.onward->lasts() : 0);
        if (scenario_.carrierCountsRinging && call.answered) talk += call.ring;
        row.answered = call.answered;
        // A record that says nothing true of the call's end does not show that it went on.
        const bool mayBeWrong = call.answered && !call.onward;
        if (mayBeWrong && happens(scenario_.hung)) talk = 10'800'000, truth.hung = true;
        if (mayBeWrong && happens(scenario_.answeredDiffers)) talk = 0, row.answered = false;
        row.startedMs = carrierTime(start);
        row.sipCallId = id;
        // A carrier that records nothing for a while records no part of a longer call either.
        const bool partial = talk > 60'000 && talk < 3'600'000 && happens(scenario_.partialsAtCarrier) &&
                             !isInGap(call.invited + call.ring + talk);
        const bool isLate = happens(scenario_.lateAtCarrier);
        const std::int64_t first = partial ? within(20'000, talk - 20'000) : talk;
        row.durationMs = billed(first);
        const auto push = [&](const DurationRow& one, std::vector<std::uint32_t>& rows) {
            rows.push_back(static_cast<std::uint32_t>(world_.durations.rows()));
            append(world_.durations, one);
            if (scenario_.lateAtCarrier > 0) world_.lateDurations.push_back(isLate ? 1 : 0);
        };
        push(row, truth.theirs);
        if (partial) {
            DurationRow second = row;
            second.recordId += "-2";
            const std::int64_t ringing = scenario_.carrierStartsAtAnswer ? 0 : call.ring;
            second.startedMs = carrierTime(start + (scenario_.carrierCountsRinging ? 0 : ringing) + first);
            second.durationMs = billed(talk - first);
            // Without an end of its own the first part would seem to end before the second begins.
            push(second, truth.theirs);
        }
        if (!happens(scenario_.duplicatesAtCarrier) || partial) return;
        DurationRow again = row;
        again.recordId += "-again";
        push(again, truth.repeats);
    }

    const Scenario& scenario_;
    std::mt19937_64 random_;
    World world_;
    std::int64_t centralCalls_ = 0;
    std::int64_t transfers_ = 0;
};

}  // namespace

World generate(const Scenario& scenario) {
    return Generator(scenario).run();
}

Outcome reconcileWorld(const World& world, const Options& options) {
    SideInput ours(columns::LaneKind::calls), theirs(columns::LaneKind::durations);
    ours.add(world.calls);
    if (world.lateDurations.empty()) {
        theirs.add(world.durations);
    } else {
        const columns::Batch& core = world.durations.part(columns::Part::core);
        const columns::Batch& parties = world.durations.part(columns::Part::parties);
        for (std::uint32_t row = 0; row < core.rows(); ++row)
            theirs.add(core, &parties, std::span(&row, 1), world.lateDurations[row] ? 0 : noRow);
    }
    return reconcile(std::move(ours), std::move(theirs), options);
}

Score score(const World& world, const Outcome& outcome) {
    std::vector<std::size_t> truthOfOurs(world.calls.rows());
    std::vector<std::set<std::size_t>> truthOfTheirs(world.durations.rows());
    Score score;
    for (std::size_t t = 0; t < world.truths.size(); ++t) {
        const Truth& truth = world.truths[t];
        for (const std::uint32_t row : truth.ours)
            truthOfOurs[row] = t;
        for (const std::uint32_t row : truth.theirs)
            truthOfTheirs[row].insert(t);
        for (const std::uint32_t row : truth.repeats)
            truthOfTheirs[row].insert(t);
        score.truePairs += !truth.ours.empty() && !truth.theirs.empty() ? 1 : 0;
    }
    std::set<std::size_t> found;
    for (const Item& item : outcome.items) {
        if (!item.startDeltaMs) continue;
        ++score.claimedPairs;
        const std::size_t truth = truthOfOurs[outcome.ours(item).front()];
        // Whole: all legs and parts, and nothing of another call.
        std::set<std::uint32_t> theirs;
        for (const std::uint32_t row : outcome.theirs(item))
            if (truthOfTheirs[row].contains(truth)) theirs.insert(row);
        const auto ofIt = [&](std::uint32_t row) { return truthOfOurs[row] == truth; };
        const bool whole = theirs.size() == item.theirCount && theirs.size() == world.truths[truth].theirs.size() &&
                           item.ourCount == world.truths[truth].ours.size() &&
                           std::ranges::all_of(outcome.ours(item), ofIt);
        if (whole && found.insert(truth).second) ++score.foundPairs;
    }
    return score;
}

}  // namespace meetpoint::reconcile::testing
