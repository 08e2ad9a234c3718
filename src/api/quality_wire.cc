#include "api/quality_wire.h"

#include <charconv>

#include "domain/country.h"

namespace meetpoint::api {

namespace json = boost::json;
using quality::Dimension;
using quality::Figure;
using quality::Kpi;

namespace {

std::optional<QualityRatio> wireRatio(const quality::Query& query, const quality::Figures& figures, Kpi kpi) {
    if (!query.wants(kpi)) return std::nullopt;
    const quality::Ratio ratio = ratioOf(figures, kpi);
    return QualityRatio{ratio.value(), ratio.numerator, ratio.denominator};
}

// Figures are kept as float32; written as such, 0.0125 is not 0.012500000186264515.
std::optional<double> written(std::optional<double> value) {
    if (!value) return value;
    char digits[32];
    const char* const end = std::to_chars(digits, digits + sizeof digits, static_cast<float>(*value)).ptr;
    double shortest = *value;
    std::from_chars(digits, end, shortest);
    return shortest;
}

std::optional<QualityFigure> wireFigure(const quality::Query& query, const quality::Figures& figures, Figure figure) {
    if (!query.wants(figure)) return std::nullopt;
    const quality::Distribution& from = figures[figure];
    const auto percentile = [&](double percent) { return written(from.percentile(percent)); };
    return QualityFigure{from.count(),   written(from.average()), written(from.smallest()), written(from.largest()),
                         percentile(1),  percentile(5),           percentile(50),           percentile(95),
                         percentile(99), from.isExact()};
}

QualityPeriod wirePeriod(const quality::Query& query, const quality::Figures& from) {
    const quality::CallCounts& calls = from.calls;
    const quality::StreamCounts& streams = from.streams;
    const auto ratio = [&](Kpi kpi) { return wireRatio(query, from, kpi); };
    const auto figure = [&](Figure one) { return wireFigure(query, from, one); };
    QualityPeriod to;
    to.calls = {calls.bids, calls.seizures, calls.answered, calls.delivered, calls.connectedMs, {}, {}};
    if (query.looksAtStreams()) {
        to.calls.good = calls.good;
        to.calls.poor = calls.poor;
        to.streams = {streams.streams, streams.good, streams.poor, streams.unclassified};
        to.measurement = {calls.withoutStreams, streams.withoutPackets, streams.mosWithoutPackets,
                          streams.guessedRatings};
    }
    to.kpis = {ratio(Kpi::asr), ratio(Kpi::ner),  ratio(Kpi::abr),         ratio(Kpi::acdMs),    ratio(Kpi::pddMs),
               ratio(Kpi::ser), ratio(Kpi::seer), ratio(Kpi::poorStreams), ratio(Kpi::poorCalls)};
    to.figures = {figure(Figure::postDialMs),  figure(Figure::jitterMs), figure(Figure::lossRatio),
                  figure(Figure::roundTripMs), figure(Figure::mos),      figure(Figure::rating),
                  figure(Figure::estimatedMos)};
    return to;
}

json::value wireValue(Dimension dimension, const quality::KeyValue& value) {
    if (const auto* text = std::get_if<std::string>(&value)) return json::string(*text);
    const auto* number = std::get_if<std::int64_t>(&value);
    if (!number) return nullptr;
    if (dimension == Dimension::hour) return json::string(formatInstant({*number}));
    if (dimension == Dimension::day) return json::string(formatDay({static_cast<std::int32_t>(*number)}));
    return *number;
}

std::vector<std::int32_t> codes(const http::Request& request, std::string_view parameter) {
    std::vector<std::int32_t> list;
    for (const std::string& text : request.query.texts(parameter))
        list.push_back(static_cast<std::int32_t>(std::stol(text)));  // digits, as declared
    return list;
}

Result<quality::Filters> filtersOf(const http::Request& request) {
    quality::Filters filters;
    filters.trunks = request.query.texts("trunk");
    filters.regions = request.query.texts("region");
    filters.codecs = request.query.texts("codec");
    filters.ownCountries = request.query.texts("ownCountry");
    filters.farEndCountries = request.query.texts("farEndCountry");
    for (const auto* countries : {&filters.ownCountries, &filters.farEndCountries})
        TRY(checkCountries(*countries));
    if (const auto direction = request.query.text("direction"))
        filters.direction = *direction == "inbound" ? domain::Direction::inbound : domain::Direction::outbound;
    filters.sipCodes = codes(request, "sipCode");
    filters.q850Causes = codes(request, "q850Cause");
    const auto tests = request.query.text("isTest");
    filters.testCalls = tests == "true"  ? quality::TestCalls::only
                        : tests == "any" ? quality::TestCalls::include
                                         : quality::TestCalls::exclude;
    return filters;
}

}  // namespace

json::object wireKey(const std::vector<Dimension>& groupBy, const quality::GroupKey& key) {
    json::object out;
    for (std::size_t i = 0; i < key.size(); ++i)
        out[name(groupBy[i])] = wireValue(groupBy[i], key[i]);
    return out;
}

QualityGroup wire(const quality::Query& query, const quality::GroupKey& key, const quality::GroupFigures& figures) {
    QualityGroup group{wireKey(query.groupBy, key), wirePeriod(query, figures.asked), {}};
    if (query.comparePrevious) group.previous = wirePeriod(query, figures.previous);
    return group;
}

Result<void> checkCountries(const std::vector<std::string>& countries) {
    for (const std::string& country : countries)
        if (!domain::isCountryCode(country))
            return fail(invalidInput("bad-country", "'" + country + "' is no country in ISO 3166-1 alpha-2, e.g. CH."));
    return {};
}

Result<Instant> instantOrDate(const std::string& text, const TimeZone& zone) {
    if (text.find_first_of("Tt ") == std::string::npos) {
        TRY_ASSIGN(const Day day, parseDay(text));
        return zone.startOf(day);
    }
    return parseInstant(text);
}

void addFigureParameters(http::EndpointBuilder& builder) {
    std::vector<std::string> kpis, figures{"none"};
    for (std::size_t i = 0; i < quality::kpiCount; ++i)
        kpis.emplace_back(name(static_cast<Kpi>(i)));
    for (std::size_t i = 0; i < quality::figureCount; ++i)
        figures.emplace_back(name(static_cast<Figure>(i)));
    builder.query(http::repeatable(http::choiceParameter("kpis", "The ratios that are wanted; none: all", kpis)))
        .query(http::repeatable(http::choiceParameter(
            "figures", "The figures that are wanted; none: all but rating and estimatedMos, which are estimates",
            figures)));
}

void readWantedFigures(const http::Request& request, quality::Query& query) {
    const auto kpis = request.query.texts("kpis");
    const auto figures = request.query.texts("figures");
    if (!kpis.empty()) query.kpis.reset();
    for (const std::string& word : kpis)
        if (const auto kpi = quality::readKpi(word)) query.kpis.set(static_cast<std::size_t>(*kpi));
    if (!figures.empty()) query.figures.reset();
    for (const std::string& word : figures)
        if (const auto figure = quality::readFigure(word)) query.figures.set(static_cast<std::size_t>(*figure));
}

void addQualityRange(http::EndpointBuilder& builder) {
    auto zone = http::textParameter("timeZone", "IANA name of the zone whose hours and days are meant", 64);
    zone.defaultValue = "UTC";
    builder
        .query(http::required(
            http::textParameter("from", "First invitation: RFC 3339, or a date, whose start in timeZone is meant", 64)))
        .query(http::required(http::textParameter("to", "Invitations before this", 64)))
        .query(zone)
        .query(http::idParameter("carrierId", "Where the client acts for several carriers, or of this one alone"))
        .query(http::idParameter("tenantId", "Of this tenant's calls; tenants: their own"))
        .problems(
            {"range-too-long", "unknown-time-zone", "bad-time", "time-without-zone", "bad-date", "carrier-required"});
}

void addQualityParameters(http::EndpointBuilder& builder) {
    using http::repeatable;
    const auto text = [](const char* name, const char* what) {
        return repeatable(http::textParameter(name, what, 256));
    };
    addQualityRange(builder);
    builder.query(text("trunk", "Of this trunk"))
        .query(text("region", "Of this region"))
        .query(text("codec", "Streams of this codec, and calls with one"))
        .query(http::choiceParameter("direction", "Of this direction", {"inbound", "outbound"}))
        .query(repeatable(http::integerParameter("sipCode", "With this final SIP code", 0, 999)))
        .query(repeatable(http::integerParameter("q850Cause", "With this Q.850 cause", 0, 127)))
        .query(text("ownCountry", "Country of the own number, ISO 3166-1 alpha-2"))
        .query(text("farEndCountry", "Country of the far-end number, by the digits that everybody sees"))
        .query(http::choiceParameter("isTest", "Test calls: without them, only them, or any", {"false", "true", "any"},
                                     "false"))
        .problems({"bad-country"});
}

Result<exchange::QualityRequest> qualityRequestOf(const http::Request& request) {
    exchange::QualityRequest wanted;
    wanted.carrierId = request.query.id("carrierId");
    wanted.tenantId = request.query.id("tenantId");
    wanted.deadline = request.deadline;
    quality::Query& query = wanted.query;
    TRY_ASSIGN(query.zone, TimeZone::load(*request.query.text("timeZone")));
    TRY_ASSIGN(query.from, instantOrDate(*request.query.text("from"), query.zone));
    TRY_ASSIGN(query.to, instantOrDate(*request.query.text("to"), query.zone));
    TRY_ASSIGN(query.filters, filtersOf(request));
    return wanted;
}

}  // namespace meetpoint::api
