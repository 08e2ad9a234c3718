#include "exchange/alert_definition.h"

#include <algorithm>

#include <boost/json.hpp>

namespace meetpoint::exchange {
namespace {

namespace json = boost::json;
using quality::Dimension;
using quality::Reading;

constexpr std::int64_t hourMs = 3'600'000, minuteMs = 60'000;
// Of network data older ones are hidden from whoever a rule is.
constexpr std::int64_t mostDays = 28;

Error badRule(std::string message) {
    return invalidInput("bad-alert-rule", std::move(message));
}

std::string textOf(const json::value& value) {
    const json::string& text = value.as_string();
    return {text.data(), text.size()};
}

json::object conditionJson(const quality::AlertCondition& condition) {
    json::object out{{"side", condition.side == quality::Side::above ? "above" : "below"},
                     {"raiseAt", condition.raiseAt},
                     {"clearAt", condition.clearAt},
                     {"minimumDenominator", condition.minimumDenominator},
                     {"windowsToRaise", condition.windowsToRaise},
                     {"windowsToClear", condition.windowsToClear}};
    if (condition.change)
        out["change"] = json::object{{"days", condition.change->days}, {"isRelative", condition.change->isRelative}};
    return out;
}

quality::AlertCondition conditionOf(const json::object& from) {
    quality::AlertCondition condition;
    condition.side = from.at("side").as_string() == "above" ? quality::Side::above : quality::Side::below;
    condition.raiseAt = from.at("raiseAt").to_number<double>();
    condition.clearAt = from.at("clearAt").to_number<double>();
    condition.minimumDenominator = from.at("minimumDenominator").to_number<std::uint64_t>();
    condition.windowsToRaise = from.at("windowsToRaise").to_number<std::int64_t>();
    condition.windowsToClear = from.at("windowsToClear").to_number<std::int64_t>();
    if (const json::value* change = from.if_contains("change"))
        condition.change =
            quality::Change{change->at("days").to_number<std::int64_t>(), change->at("isRelative").as_bool()};
    return condition;
}

json::object filtersJson(const quality::Filters& filters) {
    json::object out{{"trunks", json::value_from(filters.trunks)},
                     {"regions", json::value_from(filters.regions)},
                     {"codecs", json::value_from(filters.codecs)},
                     {"ownCountries", json::value_from(filters.ownCountries)},
                     {"farEndCountries", json::value_from(filters.farEndCountries)},
                     {"sipCodes", json::value_from(filters.sipCodes)},
                     {"q850Causes", json::value_from(filters.q850Causes)}};
    if (filters.tenant) out["tenant"] = formatId(*filters.tenant);
    if (filters.direction) out["direction"] = *filters.direction == domain::Direction::inbound ? "inbound" : "outbound";
    return out;
}

quality::Filters filtersOf(const json::object& from) {
    const auto texts = [&](const char* name) { return json::value_to<std::vector<std::string>>(from.at(name)); };
    const auto codes = [&](const char* name) { return json::value_to<std::vector<std::int32_t>>(from.at(name)); };
    quality::Filters filters;
    filters.trunks = texts("trunks");
    filters.regions = texts("regions");
    filters.codecs = texts("codecs");
    filters.ownCountries = texts("ownCountries");
    filters.farEndCountries = texts("farEndCountries");
    filters.sipCodes = codes("sipCodes");
    filters.q850Causes = codes("q850Causes");
    if (const json::value* tenant = from.if_contains("tenant")) filters.tenant = parseId(textOf(*tenant)).value();
    if (const json::value* direction = from.if_contains("direction"))
        filters.direction =
            direction->as_string() == "inbound" ? domain::Direction::inbound : domain::Direction::outbound;
    return filters;
}

Reading readingOf(const json::object& from) {
    Reading reading;
    reading.denominator = from.at("denominator").to_number<std::uint64_t>();
    if (const json::value* value = from.if_contains("value")) reading.value = value->to_number<double>();
    if (const json::value* numerator = from.if_contains("numerator"))
        reading.numerator = numerator->to_number<std::uint64_t>();
    return reading;
}

AlertDefinition definitionOf(const json::object& from) {
    AlertDefinition definition;
    const auto text = [&](const char* name) { return textOf(from.at(name)); };
    definition.measure = {quality::readMeasured(text("kpi")).value(),
                          quality::readStatistic(text("statistic")).value()};
    definition.condition = conditionOf(from.at("condition").as_object());
    for (const json::value& word : from.at("groupBy").as_array())
        definition.groupBy.push_back(quality::readDimension(textOf(word)).value());
    definition.filters = filtersOf(from.at("filters").as_object());
    if (const json::value* carrier = from.if_contains("carrierId"))
        definition.carrierId = parseId(textOf(*carrier)).value();
    definition.window = {from.at("windowMs").to_number<std::int64_t>()};
    definition.zone = TimeZone::load(text("timeZone")).value();
    return definition;
}

DecidingWindow windowOf(const json::object& from) {
    DecidingWindow decided;
    const auto instant = [](const json::object& object, const char* name) {
        return Instant{object.at(name).to_number<std::int64_t>()};
    };
    quality::AlertWindow& window = decided.window;
    window = {instant(from, "from"), instant(from, "to"), readingOf(from), {}};
    if (const json::value* median = from.if_contains("median")) window.baseline.median = median->to_number<double>();
    for (const json::value& hour : from.at("hours").as_array())
        window.baseline.hours.push_back({instant(hour.as_object(), "from"), readingOf(hour.as_object())});
    decided.sentence = textOf(from.at("sentence"));
    return decided;
}

// Only this program writes these texts; what does not read is corrupt.
template <class Read>
auto readText(const std::string& text, const char* what, Read read) -> Result<decltype(read(json::object()))> {
    try {
        return read(json::parse(text).as_object());
    } catch (const std::exception& problem) {
        return fail(internalError(std::string(what) + " of an alert cannot be read: " + problem.what()));
    }
}

}  // namespace

Result<void> checkDefinition(const AlertDefinition& definition) {
    const quality::AlertCondition& condition = definition.condition;
    if (std::ranges::any_of(definition.groupBy, [](Dimension dimension) {
            return dimension == Dimension::hour || dimension == Dimension::day;
        }))
        return fail(badRule("An alert a group of time makes no sense: leave hour and day out of 'groupBy'."));
    if (definition.window.ms < minuteMs || definition.window.ms % minuteMs != 0 || hourMs % definition.window.ms != 0)
        return fail(badRule("'windowMinutes' must divide an hour: 1, 2, 3, 4, 5, 6, 10, 12, 15, 20, 30 or 60."));
    if (!condition.isOrderly())
        return fail(badRule("'clearAt' must not lie beyond 'raiseAt', and of changes both must be 0 or more."));
    if (condition.change && (condition.change->days < 1 || condition.change->days > mostDays))
        return fail(badRule("'days' must be from 1 to " + std::to_string(mostDays) + "."));
    return {};
}

json::object readingJson(const Reading& reading) {
    json::object out{{"denominator", reading.denominator}};
    if (reading.value) out["value"] = *reading.value;
    if (reading.numerator) out["numerator"] = *reading.numerator;
    return out;
}

std::string definitionText(const AlertDefinition& definition) {
    json::array groupBy;
    for (const Dimension dimension : definition.groupBy)
        groupBy.emplace_back(name(dimension));
    json::object out{{"kpi", name(definition.measure)},
                     {"statistic", name(definition.measure.statistic)},
                     {"condition", conditionJson(definition.condition)},
                     {"groupBy", std::move(groupBy)},
                     {"filters", filtersJson(definition.filters)},
                     {"windowMs", definition.window.ms},
                     {"timeZone", definition.zone.name()}};
    if (definition.carrierId) out["carrierId"] = formatId(*definition.carrierId);
    return json::serialize(out);
}

Result<AlertDefinition> readDefinition(const std::string& text) {
    return readText(text, "the rule", definitionOf);
}

std::string groupKeyText(const std::vector<Dimension>& groupBy, const quality::GroupKey& key) {
    json::object out;
    for (std::size_t i = 0; i < key.size(); ++i) {
        json::value& value = out[name(groupBy[i])];
        if (const auto* number = std::get_if<std::int64_t>(&key[i])) value = *number;
        if (const auto* text = std::get_if<std::string>(&key[i])) value = *text;
    }
    return json::serialize(out);
}

std::string windowText(const DecidingWindow& decided) {
    const quality::AlertWindow& window = decided.window;
    json::object out = readingJson(window.reading);
    out["from"] = window.from.ms;
    out["to"] = window.to.ms;
    if (window.baseline.median) out["median"] = *window.baseline.median;
    json::array& hours = out["hours"].emplace_array();
    for (const quality::PastHour& hour : window.baseline.hours) {
        json::object past = readingJson(hour.reading);
        past["from"] = hour.from.ms;
        hours.push_back(std::move(past));
    }
    out["sentence"] = decided.sentence;
    return json::serialize(out);
}

Result<DecidingWindow> readWindow(const std::string& text) {
    return readText(text, "a window", windowOf);
}

}  // namespace meetpoint::exchange
