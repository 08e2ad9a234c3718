#include "cli/demo_view.h"

#include <algorithm>
#include <cmath>
#include <optional>
#include <set>

#include <boost/json.hpp>

#include "cli/json_reading.h"
#include "domain/quality.h"

namespace meetpoint::cli {
namespace {

namespace json = boost::json;
using reconcile::Cause;
using reconcile::Diagnosis;

// Calls `use` with every item of a feed.
template <class Use>
Result<void> readFeed(ApiClient& api, const std::string& feed, Use use) {
    std::string path = "/v1/feeds/" + feed + "?limit=1000";
    while (true) {
        TRY_ASSIGN(const json::value page, api.get(path));
        for (const json::value& item : arrayAt(page, "/items"))
            use(item);
        const json::value* more = valueAt(page, "/hasMore");
        if (!more || !more->is_bool() || !more->get_bool()) return {};
        path = "/v1/feeds/" + feed + "?limit=1000&cursor=" + http::percentEncode(textAt(page, "/next"));
    }
}

bool isSet(const json::value& item, std::string_view pointer) {
    const json::value* flag = valueAt(item, pointer);
    return flag && flag->is_bool() && flag->get_bool();
}

domain::StreamQuality qualityOf(const json::value& stream) {
    const auto figure = [&](std::string_view pointer) -> std::optional<double> {
        return valueAt(stream, pointer) ? std::optional(numberAt(stream, pointer)) : std::nullopt;
    };
    domain::StreamFigures figures{figure("/audioDegradationAvg"), figure("/roundTripMsAvg"), figure("/lossRatioAvg"),
                                  figure("/jitterMsAvg"), figure("/concealedRatioAvg")};
    if (valueAt(stream, "/packets")) figures.packets = integerAt(stream, "/packets");
    return domain::qualityOf(figures);
}

void addCall(CarrierView& view, const std::set<std::string>& own, const json::value& call) {
    view.onNetCalls += own.contains(textAt(call, "/callerNumber")) && own.contains(textAt(call, "/calleeNumber"));
    ++view.calls;
    view.answeredCalls += integerAt(call, "/durationMs") > 0;
    view.emergencyCalls += isSet(call, "/emergency");
    view.testCalls += isSet(call, "/isTest");
    for (const json::value& stream : arrayAt(call, "/streams")) {
        ++view.streams;
        view.poorStreams += qualityOf(stream) == domain::StreamQuality::poor;
    }
}

std::int64_t msOf(double seconds) {
    return std::llround(seconds * 1000);
}

void addSide(reconcile::SideTotals& side, const json::value& totals, const std::string& at) {
    side.records += static_cast<std::uint64_t>(integerAt(totals, at + "/records"));
    side.calls += static_cast<std::uint64_t>(integerAt(totals, at + "/calls"));
    side.answered += static_cast<std::uint64_t>(integerAt(totals, at + "/answered"));
    side.connectedMs += msOf(numberAt(totals, at + "/seconds"));
}

void addTotals(reconcile::Totals& week, const json::value& day) {
    addSide(week.ours, day, "/report/totals/ours");
    addSide(week.theirs, day, "/report/totals/theirs");
    week.pairs += static_cast<std::uint64_t>(integerAt(day, "/report/totals/pairs"));
    for (std::size_t s = 0; s < reconcile::stateCount; ++s) {
        const std::string at = "/report/totals/states/" + std::string(name(static_cast<reconcile::State>(s)));
        week.states[s].items += static_cast<std::uint64_t>(integerAt(day, at + "/items"));
        week.states[s].ourMs += msOf(numberAt(day, at + "/ourSeconds"));
        week.states[s].theirMs += msOf(numberAt(day, at + "/theirSeconds"));
    }
}

std::optional<Cause> causeNamed(std::string_view word) {
    for (std::size_t c = 0; c < reconcile::causeCount; ++c)
        if (name(static_cast<Cause>(c)) == word) return static_cast<Cause>(c);
    return std::nullopt;
}

std::optional<reconcile::Rounding> roundingIn(const json::value& found) {
    using enum reconcile::RoundingMode;
    for (const auto mode : {up, down, nearest})
        if (name(mode) == textAt(found, "/value/mode"))
            return reconcile::Rounding{mode, milliseconds(integerAt(found, "/value/stepMs"))};
    return std::nullopt;
}

// A cause as a day report has it. Nothing where this program does not know the cause.
std::optional<Diagnosis> diagnosisIn(const json::value& json) {
    const auto cause = causeNamed(textAt(json, "/cause"));
    if (!cause) return std::nullopt;
    Diagnosis found;
    found.cause = *cause;
    const std::string at = textAt(json, "/at");
    found.at = at == "platform"  ? reconcile::Party::platform
               : at == "carrier" ? reconcile::Party::carrier
                                 : reconcile::Party::neither;
    found.count = static_cast<std::uint64_t>(integerAt(json, "/count"));
    found.outOf = static_cast<std::uint64_t>(integerAt(json, "/outOf"));
    found.explainedMs = msOf(numberAt(json, "/secondsExplained"));
    found.word = textAt(json, "/value");
    if (*cause == Cause::clockOffset || *cause == Cause::timeZone) found.number = integerAt(json, "/value");
    if (*cause == Cause::clockDrift) found.rate = numberAt(json, "/value");
    if (*cause == Cause::rounding) found.rounding = roundingIn(json);
    if (*cause == Cause::durationUnit)
        found.unit = reconcile::UnitFactor{integerAt(json, "/value/multiply"), integerAt(json, "/value/divide")};
    if (*cause == Cause::lateRecord) {
        if (const auto dueAt = parseInstant(textAt(json, "/value"))) found.dueAt = *dueAt;
    }
    if (*cause != Cause::coverageGap) return found;
    const auto from = parseInstant(textAt(json, "/value/from"));
    const auto to = parseInstant(textAt(json, "/value/to"));
    if (!from || !to) return std::nullopt;
    found.from = *from;
    found.to = *to;
    return found;
}

// A quiet day shows a clock less exactly than a busy one: offsets within measurement are one.
bool isSameNumber(const Diagnosis& a, const Diagnosis& b) {
    if (a.cause != Cause::clockOffset) return a.number == b.number;
    return std::abs(*a.number - *b.number) <= reconcile::measurementMs;
}

bool isSame(const Diagnosis& a, const Diagnosis& b) {
    return a.cause == b.cause && a.at == b.at && isSameNumber(a, b) && a.rate == b.rate && a.rounding == b.rounding &&
           a.unit == b.unit && a.from == b.from && a.to == b.to && a.word == b.word;
}

void addFindings(std::vector<WeekFinding>& week, const json::value& day) {
    for (const json::value& json : arrayAt(day, "/report/diagnosis")) {
        const auto found = diagnosisIn(json);
        if (!found) continue;
        const auto known =
            std::ranges::find_if(week, [&](const WeekFinding& one) { return isSame(one.found, *found); });
        if (known == week.end()) {
            week.push_back({*found, {textAt(day, "/date")}, found->outOf});
            continue;
        }
        // The value that the most pairs of one day carry.
        if (found->outOf > known->mostPairs) {
            known->mostPairs = found->outOf;
            known->found.number = found->number;
        }
        known->found.count += found->count;
        known->found.outOf += found->outOf;
        known->found.explainedMs += found->explainedMs;
        known->days.push_back(textAt(day, "/date"));
    }
}

}  // namespace

Result<CarrierView> readCarrierView(ApiClient& carrier, const std::vector<json::value>& days) {
    CarrierView view;
    std::map<std::string, NumberView> numbers;
    TRY(readFeed(carrier, "assignments", [&](const json::value& event) {
        ++view.assignmentEvents;
        const std::string number = textAt(event, "/number");
        const std::string state = textAt(event, "/state");
        numbers[number] = {number, state, state == "assigned" ? textAt(event, "/sipUri") : ""};
    }));
    std::set<std::string> own;
    for (auto& [number, last] : numbers) {
        own.insert(number);
        view.numbers.push_back(std::move(last));
    }
    TRY(readFeed(carrier, "calls", [&](const json::value& call) { addCall(view, own, call); }));
    for (const json::value& day : days) {
        addTotals(view.totals, day);
        addFindings(view.findings, day);
    }
    std::ranges::stable_sort(view.findings, {}, [](const WeekFinding& one) { return one.found.cause; });
    return view;
}

Result<UsageView> readUsageView(ApiClient& tenant, Day first, Day last) {
    TRY_ASSIGN(const json::value usage,
               tenant.get("/v1/usage?from=" + formatDay(first) + "&to=" + formatDay({last.number + 1})));
    UsageView view;
    for (const json::value& row : arrayAt(usage, "/items")) {
        const std::string date = textAt(row, "/date");
        if (view.days.empty() || view.days.back().date != date) view.days.push_back({date});
        UsageDay& day = view.days.back();
        day.calls += integerAt(row, "/calls");
        day.answered += integerAt(row, "/answered");
        day.durationMs += integerAt(row, "/durationMs");
        for (const json::value& source : arrayAt(row, "/sources")) {
            const std::int64_t calls = integerAt(source, "/calls");
            const bool carrier = textAt(source, "/durationSource") == "carrier";
            (carrier ? day.carrierCalls : day.platformCalls) += calls;
            if (!carrier) view.platformReasons[textAt(source, "/durationSourceReason")] += calls;
        }
    }
    return view;
}

}  // namespace meetpoint::cli
