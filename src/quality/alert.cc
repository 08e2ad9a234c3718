#include "quality/alert.h"

#include <algorithm>
#include <cmath>

namespace meetpoint::quality {
namespace {

constexpr std::string_view statisticNames[statisticCount] = {"average", "p1", "p5", "p50", "p95", "p99"};
constexpr double percents[statisticCount] = {0, 1, 5, 50, 95, 99};

double medianOf(std::vector<double> values) {
    std::ranges::sort(values);
    const std::size_t half = values.size() / 2;
    return values.size() % 2 == 1 ? values[half] : (values[half - 1] + values[half]) / 2;
}

bool isEnough(const Reading& reading, const AlertCondition& condition) {
    return reading.value && reading.denominator >= condition.minimumDenominator;
}

bool isBeyond(const AlertCondition& condition, double compared, double limit) {
    return condition.change || condition.side == Side::above ? compared > limit : compared < limit;
}

Instant hourStart(const TimeZone& zone, Instant at) {
    constexpr std::int64_t hour = 3'600'000;
    const std::int64_t local = at.ms + std::int64_t{zone.offsetMinutesAt(at)} * 60'000;
    return at - milliseconds(((local % hour) + hour) % hour);
}

}  // namespace

std::string_view name(Statistic statistic) {
    return statisticNames[static_cast<std::size_t>(statistic)];
}

std::optional<Statistic> readStatistic(std::string_view word) {
    const auto* const found = std::ranges::find(statisticNames, word);
    if (found == std::end(statisticNames)) return std::nullopt;
    return static_cast<Statistic>(found - statisticNames);
}

std::string_view name(const Measure& measure) {
    return std::visit([](auto what) { return name(what); }, measure.what);
}

std::optional<std::variant<Kpi, Figure>> readMeasured(std::string_view word) {
    if (const auto kpi = readKpi(word)) return *kpi;
    if (const auto figure = readFigure(word)) return *figure;
    return std::nullopt;
}

void wantOnly(Query& query, const Measure& measure) {
    query.kpis.reset();
    query.figures.reset();
    if (const Kpi* kpi = std::get_if<Kpi>(&measure.what)) query.kpis.set(static_cast<std::size_t>(*kpi));
    if (const Figure* figure = std::get_if<Figure>(&measure.what)) query.figures.set(static_cast<std::size_t>(*figure));
}

Reading readingOf(const Figures& figures, const Measure& measure) {
    if (const Kpi* kpi = std::get_if<Kpi>(&measure.what)) {
        const Ratio ratio = ratioOf(figures, *kpi);
        return {ratio.value(), ratio.numerator, ratio.denominator};
    }
    const Distribution& values = figures[std::get<Figure>(measure.what)];
    if (values.count() == 0) return {};
    const auto value = measure.statistic == Statistic::average
                           ? values.average()
                           : values.percentile(percents[static_cast<std::size_t>(measure.statistic)]);
    return {value, {}, values.count()};
}

bool AlertCondition::isOrderly() const {
    if (change) return 0 <= clearAt && clearAt <= raiseAt;
    return side == Side::above ? clearAt <= raiseAt : clearAt >= raiseAt;
}

Baseline baselineOf(std::vector<PastHour> hours, const AlertCondition& condition) {
    std::vector<double> values;
    for (const PastHour& hour : hours)
        if (isEnough(hour.reading, condition)) values.push_back(*hour.reading.value);
    Baseline baseline{std::move(hours), {}};
    if (!values.empty() && values.size() * 2 >= baseline.hours.size()) baseline.median = medianOf(std::move(values));
    return baseline;
}

std::optional<double> comparedBy(const AlertCondition& condition, const Reading& reading, const Baseline& baseline) {
    if (!isEnough(reading, condition)) return std::nullopt;
    if (!condition.change) return reading.value;
    if (!baseline.median) return std::nullopt;
    const double more = *reading.value - *baseline.median;
    const double difference = condition.side == Side::above ? more : -more;
    if (!condition.change->isRelative) return difference;
    // Of nothing there is no share.
    if (*baseline.median == 0) return std::nullopt;
    return difference / std::abs(*baseline.median);
}

Verdict judge(const AlertCondition& condition, const std::optional<double>& compared) {
    if (!compared) return Verdict::unknown;
    if (isBeyond(condition, *compared, condition.raiseAt)) return Verdict::breached;
    return isBeyond(condition, *compared, condition.clearAt) ? Verdict::between : Verdict::recovered;
}

Transition advance(const AlertCondition& condition, AlertState& state, Verdict verdict, Instant windowEnd,
                   Duration silentFor) {
    if (verdict == Verdict::unknown) {
        state.streak = 0;
        if (!state.isOpen || windowEnd - state.lastKnown < silentFor) return Transition::none;
        state.isOpen = false;
        return Transition::silent;
    }
    state.lastKnown = windowEnd;
    const bool isForChange = verdict == (state.isOpen ? Verdict::recovered : Verdict::breached);
    state.streak = isForChange ? state.streak + 1 : 0;
    if (state.streak < (state.isOpen ? condition.windowsToClear : condition.windowsToRaise)) return Transition::none;
    state.streak = 0;
    state.isOpen = !state.isOpen;
    return state.isOpen ? Transition::raised : Transition::cleared;
}

std::vector<Instant> sameHourBefore(const TimeZone& zone, Instant at, std::int64_t days) {
    const Instant hour = hourStart(zone, at);
    const auto secondsOfDay = static_cast<int>(
        ((hour.ms + std::int64_t{zone.offsetMinutesAt(hour)} * 60'000) % 86'400'000 + 86'400'000) % 86'400'000 / 1'000);
    std::vector<Instant> hours;
    for (std::int64_t back = 1; back <= days; ++back) {
        const CivilDate date = civilFromDays(zone.dayOf(hour).number - back);
        hours.push_back(zone.toUtc(static_cast<int>(date.year), static_cast<int>(date.month),
                                   static_cast<int>(date.day), secondsOfDay / 3'600, secondsOfDay / 60 % 60,
                                   secondsOfDay % 60));
    }
    return hours;
}

}  // namespace meetpoint::quality
