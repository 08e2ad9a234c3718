#include "exchange/day_findings.h"

#include <cmath>

#include <boost/json.hpp>

namespace meetpoint::exchange {
namespace {

namespace json = boost::json;
using reconcile::Cause;
using reconcile::Diagnosis;

std::string textOf(const json::value& value) {
    return value.is_string() ? std::string(value.as_string()) : std::string();
}

std::uint64_t countOf(const json::value& value) {
    return value.to_number<std::uint64_t>();
}

Instant instantOf(const json::value& value) {
    return parseInstant(textOf(value)).value_or(Instant{});
}

reconcile::RoundingMode modeOf(const std::string& word) {
    using enum reconcile::RoundingMode;
    return word == name(up) ? up : word == name(down) ? down : nearest;
}

void readValue(const json::value& value, Diagnosis& found) {
    switch (found.cause) {
        case Cause::clockOffset:
        case Cause::timeZone:
            found.number = value.to_number<std::int64_t>();
            return;
        case Cause::clockDrift:
            found.rate = value.to_number<double>();
            return;
        case Cause::rounding:
            found.rounding = reconcile::Rounding{modeOf(textOf(value.at("mode"))),
                                                 milliseconds(value.at("stepMs").to_number<std::int64_t>())};
            return;
        case Cause::durationUnit:
            found.unit = reconcile::UnitFactor{value.at("multiply").to_number<std::int64_t>(),
                                               value.at("divide").to_number<std::int64_t>()};
            return;
        case Cause::lateRecord:
            if (const auto due = parseInstant(textOf(value))) found.dueAt = *due;
            return;
        case Cause::coverageGap:
            found.from = instantOf(value.at("from"));
            found.to = instantOf(value.at("to"));
            return;
        default:
            found.word = textOf(value);
    }
}

std::optional<Diagnosis> diagnosisOf(const json::value& from) {
    Diagnosis found;
    const auto cause = reconcile::readCause(textOf(from.at("cause")));
    if (!cause) return std::nullopt;  // of a newer version of this program
    found.cause = *cause;
    const std::string at = textOf(from.at("at"));
    found.at = at == "platform"  ? reconcile::Party::platform
               : at == "carrier" ? reconcile::Party::carrier
                                 : reconcile::Party::neither;
    readValue(from.at("value"), found);
    found.count = countOf(from.at("count"));
    found.outOf = countOf(from.at("outOf"));
    found.explainedMs = std::llround(from.at("secondsExplained").to_number<double>() * 1'000);
    return found;
}

reconcile::DeviationLine deviationOf(const json::value& from, Day day) {
    return {day,
            textOf(from.at("term")),
            json::serialize(from.at("agreed")),
            json::serialize(from.at("shown")),
            countOf(from.at("count")),
            countOf(from.at("outOf")),
            textOf(from.at("evidence"))};
}

}  // namespace

Result<void> addFindings(const store::ReconciliationRun& run, reconcile::Report& report) {
    try {
        const json::value said = json::parse(run.report);
        for (const json::value& one : said.at("diagnosis").as_array())
            if (const auto found = diagnosisOf(one)) report.findings.push_back({run.day, *found});
        // Runs of before agreements say nothing of them.
        if (const json::value* deviations = said.as_object().if_contains("deviations"))
            for (const json::value& one : deviations->as_array())
                report.deviations.push_back(deviationOf(one, run.day));
        return {};
    } catch (const std::exception& problem) {
        return fail(internalError(std::string("the report of a run cannot be read: ") + problem.what()));
    }
}

}  // namespace meetpoint::exchange
