#include "quality/hourly_figures.h"

#include <algorithm>

#include "base/hash.h"

namespace meetpoint::quality {
namespace {

constexpr std::size_t mostHours = 1'000;  // of what is kept together: six weeks
// Raised whenever other figures come of the same calls.
constexpr std::uint64_t countingRules = 1;

bool isWithinHour(Instant at, Instant hour) {
    return hour < at && at < hour + hours(1);
}

bool isCivilHour(const TimeZone& zone, Instant hour) {
    const int before = zone.offsetMinutesAt(hour), after = zone.offsetMinutesAt(hour + hours(1) - milliseconds(1));
    return before == after && before % 60 == 0;
}

}  // namespace

Query hourlyQuery(const domain::QualityLimits& limits) {
    Query query;
    query.from = Instant{INT64_MIN};
    query.to = Instant{INT64_MAX};
    query.groupBy = {Dimension::hour};
    query.limits = limits;
    query.role = domain::Role::platform;
    query.now = Instant{};  // nothing is too old to be seen
    query.maxGroups = mostHours;
    return query;
}

std::int64_t rulesOf(const domain::QualityLimits& limits) {
    Sha256Builder hash;
    hash.addU64(countingRules);
    for (const double limit :
         {limits.audioDegradation, limits.roundTripMs, limits.lossRatio, limits.jitterMs, limits.concealedRatio})
        hash.addU64(std::bit_cast<std::uint64_t>(limit));
    const Sha256 all = hash.finish();
    std::int64_t rules = 0;
    for (std::size_t i = 0; i < 7; ++i)
        rules = rules << 8 | all[i];
    return rules;
}

bool asksForHours(const Query& query) {
    const auto isKept = [](Dimension dimension) {
        return dimension == Dimension::hour || dimension == Dimension::day || dimension == Dimension::carrier;
    };
    return std::ranges::all_of(query.groupBy, isKept) && query.filters == Filters{} && !query.wantsEstimates();
}

bool allFit(const Query& query, std::span<const HourFigures> kept) {
    const bool byTime = query.groups(Dimension::hour) || query.groups(Dimension::day);
    // Hours of the period before are counted as later ones.
    if (query.comparePrevious && (query.to - query.from).ms % hours(1).ms != 0) return false;
    return std::ranges::all_of(kept, [&](const HourFigures& one) {
        const Instant hour = one.hour;
        if (hour >= query.to || hour + hours(1) <= query.scanFrom()) return true;
        for (const Instant border : {query.scanFrom(), query.from, query.to})
            if (isWithinHour(border, hour)) return false;
        if (query.seesNetwork(hour) != query.seesNetwork(hour + hours(1) - milliseconds(1))) return false;
        if (!byTime) return true;
        const Duration later = hour < query.from ? query.to - query.from : Duration{};
        return isCivilHour(query.zone, hour + later);
    });
}

void addShown(Figures& sum, const Figures& kept, const Query& query, bool seesStreams) {
    const bool withStreams = seesStreams && query.looksAtStreams();
    CallCounts calls = kept.calls;
    if (!withStreams) calls.good = calls.poor = calls.withoutStreams = 0;
    if (!query.wants(Figure::postDialMs) && !query.wants(Kpi::pddMs)) calls.rung = calls.postDialMs = 0;
    sum.calls.merge(calls);
    if (query.wants(Figure::postDialMs)) sum[Figure::postDialMs].merge(kept[Figure::postDialMs]);
    if (!withStreams) return;
    StreamCounts streams = kept.streams;
    if (!query.wants(Figure::mos)) streams.mosWithoutPackets = 0;
    sum.streams.merge(streams);
    for (const Figure figure : {Figure::jitterMs, Figure::lossRatio, Figure::roundTripMs, Figure::mos})
        if (query.wants(figure)) sum[figure].merge(kept[figure]);
}

}  // namespace meetpoint::quality
