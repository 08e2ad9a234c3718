#include "quality/testing/weeks.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <numbers>
#include <numeric>

namespace meetpoint::quality::testing {
namespace {

constexpr std::size_t trunks = 8, regions = 3, codecs = 4;
constexpr double trunkWeights[trunks] = {0.25, 0.2, 0.15, 0.12, 0.1, 0.08, 0.06, 0.04};
constexpr double trunkFailures[trunks] = {0.006, 0.008, 0.004, 0.012, 0.007, 0.01, 0.005, 0.009};
constexpr double codecWeights[codecs] = {0.4, 0.3, 0.2, 0.1};
constexpr double codecPoor[codecs] = {0.01, 0.02, 0.03, 0.015};
constexpr std::string_view regionNames[regions] = {"APAC", "EUNO", "USWE"};
constexpr std::string_view codecNames[codecs] = {"opus", "silk", "pcma", "g722"};
constexpr double mainRegion = 0.85;  // of a trunk's calls are in its own region
constexpr double answeredShare = 0.6, streamsOfACall = 2;

const ReleaseCause endings[] = {{486, 17, false}, {480, 19, false}, {603, 21, false}, {503, 41, true},
                                {500, 41, true},  {404, 1, true},   {502, 38, true},  {487, 0, true}};
constexpr double userEndings[] = {0.28, 0.6, 0.12};        // of the first three
constexpr double failureEndings[] = {0.5, 0.2, 0.2, 0.1};  // of the next four

// SplitMix64 (Steele, Lea, Flood 2014).
class Dice {
public:
    explicit Dice(std::uint64_t seed) : state_(seed) {}
    std::uint64_t next() {
        std::uint64_t z = state_ += 0x9e3779b97f4a7c15;
        z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
        z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
        return z ^ (z >> 31);
    }
    double unit() { return static_cast<double>(next() >> 11) * 0x1p-53; }
    bool chance(double share) { return unit() < share; }
    double between(double low, double high) { return low + (high - low) * unit(); }
    double normal() { return std::sqrt(-2 * std::log(1 - unit())) * std::cos(2 * std::numbers::pi * unit()); }
    // Knuth for small means, a rounded normal for others.
    int poisson(double mean) {
        if (mean > 30) return std::max(0, static_cast<int>(std::lround(mean + std::sqrt(mean) * normal())));
        const double least = std::exp(-mean);
        int count = 0;
        for (double product = unit(); product > least; product *= unit())
            ++count;
        return count;
    }
    template <std::size_t n>
    std::size_t of(const double (&weights)[n]) {
        double at = unit();
        for (std::size_t i = 0; i + 1 < n; ++i) {
            if (at < weights[i]) return i;
            at -= weights[i];
        }
        return n - 1;
    }

private:
    std::uint64_t state_;
};

// 1 on average over a day; the most at noon, a fifth of that at midnight.
double timeOfDay(Instant at) {
    const double part = static_cast<double>(at.ms % 86'400'000) / 86'400'000.0;
    return 1 - 2.0 / 3 * std::cos(2 * std::numbers::pi * part);
}
double slow(Instant at) {
    const double part = static_cast<double>(at.ms % 86'400'000) / 86'400'000.0;
    return 1 + 0.3 * std::sin(2 * std::numbers::pi * part);
}

std::string trunkName(std::size_t trunk) {
    return "sbc" + std::to_string(trunk + 1);
}
std::uint32_t pathOf(std::size_t trunk, std::size_t region) {
    return static_cast<std::uint32_t>(trunk * regions + region);
}

class Maker {
public:
    Maker(const Traffic& traffic, const std::vector<Incident>& incidents)
        : traffic_(traffic), incidents_(incidents), dice_(traffic.seed) {
        data_.from = traffic.from;
        data_.minutes = static_cast<std::size_t>(traffic.days * 1'440);
        data_.causes.assign(std::begin(endings), std::end(endings));
        for (std::size_t trunk = 0; trunk < trunks; ++trunk)
            for (const std::string_view region : regionNames) {
                data_.callPaths.push_back({std::string(carrier), trunkName(trunk), std::string(region), {}});
                for (const std::string_view codec : codecNames)
                    data_.streamPaths.push_back(
                        {std::string(carrier), trunkName(trunk), std::string(region), std::string(codec)});
            }
    }

    IncidentData make() {
        std::ranges::fill(factor_, 1.0);
        for (std::size_t minute = 0; minute < data_.minutes; ++minute) {
            const Instant at = traffic_.from + minutes(static_cast<std::int64_t>(minute));
            if (minute % 60 == 0)
                for (double& factor : factor_)
                    factor = std::exp(0.2 * dice_.normal());
            slow_ = slow(at);
            for (int calls = dice_.poisson(traffic_.callsAMinute * timeOfDay(at)); calls > 0; --calls)
                addCall(at);
            flush(static_cast<std::uint32_t>(minute));
        }
        for (const auto& cells : callCells_)
            data_.calls.insert(data_.calls.end(), cells.begin(), cells.end());
        for (const auto& cells : streamCells_)
            data_.streams.insert(data_.streams.end(), cells.begin(), cells.end());
        return std::move(data_);
    }

private:
    bool hits(const Incident& incident, std::size_t trunk, std::size_t region) const {
        switch (incident.subject.kind) {
            case SubjectKind::trunk:
                return incident.subject.value == trunkName(trunk);
            case SubjectKind::region:
                return incident.subject.value == regionNames[region];
            case SubjectKind::releaseCause:
                return true;
            default:
                return false;
        }
    }

    void addCall(Instant minute) {
        const Instant at = minute + milliseconds(static_cast<std::int64_t>(dice_.between(0, 60'000)));
        const std::size_t trunk = dice_.of(trunkWeights);
        const std::size_t own = trunk % regions;
        const std::size_t region = dice_.chance(mainRegion) ? own : (own + 1 + dice_.next() % 2) % regions;
        auto& ends = calls_[pathOf(trunk, region)];
        for (const Incident& incident : incidents_) {
            if (incident.kpi == FindingKpi::poorStreams || !isNow(incident, at) || !hits(incident, trunk, region) ||
                !dice_.chance(incident.share))
                continue;
            const auto* const cause = std::ranges::find(endings, incident.subject.cause);
            ++ends[cause == std::end(endings) ? 4 : static_cast<std::size_t>(cause - endings) + 1];
            return;
        }
        if (dice_.chance(trunkFailures[trunk] * slow_ * factor_[trunk])) {
            ++ends[4 + dice_.of(failureEndings)];
        } else if (dice_.chance(answeredShare)) {
            ++ends[0];
            addStreams(at, trunk, region);
        } else {
            ++ends[1 + dice_.of(userEndings)];
        }
    }

    void addStreams(Instant at, std::size_t trunk, std::size_t region) {
        const std::size_t codec = dice_.of(codecWeights);
        for (int stream = 0; stream < static_cast<int>(streamsOfACall); ++stream) {
            bool isPoor = dice_.chance(codecPoor[codec] * slow_ * factor_[trunk]);
            for (const Incident& incident : incidents_)
                if (incident.kpi == FindingKpi::poorStreams && isNow(incident, at) &&
                    (hits(incident, trunk, region) || incident.subject.value == codecNames[codec]))
                    isPoor |= dice_.chance(incident.share);
            auto& counts = streams_[pathOf(trunk, region) * codecs + codec];
            ++counts[isPoor ? 1 : 0];
        }
    }

    static bool isNow(const Incident& incident, Instant at) {
        return at >= incident.from && at < incident.from + incident.length;
    }

    void flush(std::uint32_t minute) {
        for (std::uint32_t path = 0; path < calls_.size(); ++path)
            for (std::uint32_t end = 0; end < calls_[path].size(); ++end)
                if (calls_[path][end] > 0)
                    callCells_[path].push_back({path, minute, end, std::exchange(calls_[path][end], 0)});
        for (std::uint32_t path = 0; path < streams_.size(); ++path) {
            auto& [good, poor] = streams_[path];
            if (good + poor > 0)
                streamCells_[path].push_back({path, minute, std::exchange(good, 0), std::exchange(poor, 0)});
        }
    }

    const Traffic& traffic_;
    const std::vector<Incident>& incidents_;
    Dice dice_;
    IncidentData data_;
    std::array<double, trunks> factor_{};
    double slow_ = 1;
    std::array<std::vector<CallCell>, trunks * regions> callCells_;
    std::array<std::vector<StreamCell>, trunks * regions * codecs> streamCells_;
    std::array<std::array<std::uint32_t, std::size(endings) + 1>, trunks * regions> calls_{};
    std::array<std::array<std::uint32_t, 2>, trunks * regions * codecs> streams_{};
};

}  // namespace

IncidentData makeTraffic(const Traffic& traffic, const std::vector<Incident>& incidents) {
    return Maker(traffic, incidents).make();
}

Incident randomIncident(const Traffic& traffic, SubjectKind kind, std::uint64_t seed) {
    Dice dice(seed);
    Incident incident;
    incident.subject.kind = kind;
    while (true) {
        const Instant lastDay = traffic.from + days(traffic.days - 1);
        incident.from = lastDay + milliseconds(static_cast<std::int64_t>(dice.between(0, 20.0 * 3'600'000)));
        incident.length = minutes(static_cast<std::int64_t>(dice.between(30, 180)));
        double part = 1;  // of all calls that the subject has
        incident.kpi = dice.chance(0.5) ? FindingKpi::ner : FindingKpi::poorStreams;
        if (kind == SubjectKind::trunk) {
            const std::size_t trunk = dice.next() % trunks;
            incident.subject.value = trunkName(trunk);
            incident.subject.carrier = carrier;
            part = trunkWeights[trunk];
        } else if (kind == SubjectKind::region) {
            incident.subject.value = regionNames[dice.next() % regions];
            part = 1.0 / regions;
        } else if (kind == SubjectKind::codec) {
            const std::size_t codec = dice.next() % codecs;
            incident.subject.value = codecNames[codec];
            incident.kpi = FindingKpi::poorStreams;
            part = codecWeights[codec];
        } else {
            // By the network, or by users: 603 with 21.
            incident.kpi = dice.chance(0.3) ? FindingKpi::releaseCauseShare : FindingKpi::ner;
            incident.subject.cause = incident.kpi == FindingKpi::ner ? endings[6] : endings[2];
            incident.subject.carrier = carrier;
        }
        double aMinute = traffic.callsAMinute * timeOfDay(incident.from) * part;
        if (incident.kpi == FindingKpi::poorStreams) aMinute *= answeredShare * streamsOfACall;
        incident.share = dice.between(1.5, 6) / aMinute;
        if (incident.share <= 0.9) return incident;
    }
}

}  // namespace meetpoint::quality::testing
