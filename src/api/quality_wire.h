// Key figures as the API writes them, and queries as it reads them.
#pragma once

#include <boost/json.hpp>

#include "exchange/quality.h"
#include "http/endpoint.h"

namespace meetpoint::api {

struct QualityRatio {
    std::optional<double> value;
    std::uint64_t numerator = 0;
    std::uint64_t denominator = 0;
    static constexpr http::FieldDoc docs[] = {
        {.field = "value", .what = "Null where the denominator is 0", .required = true},
    };
};
BOOST_DESCRIBE_STRUCT(QualityRatio, (), (value, numerator, denominator))

struct QualityKpis {
    std::optional<QualityRatio> asr, ner, abr, acdMs, pddMs, ser, seer, poorStreams, poorCalls;
    static constexpr http::FieldDoc docs[] = {
        {.field = "asr", .what = "Answered of seizures (ITU-T E.411)"},
        {.field = "ner", .what = "Answered, busy, not answered and refused of seizures (E.425)"},
        {.field = "abr", .what = "Answered of bids (E.411)"},
        {.field = "acdMs", .what = "Connected milliseconds a call that was answered"},
        {.field = "pddMs", .what = "Milliseconds to the first ringing, of calls that rang"},
        {.field = "ser", .what = "200 of INVITEs that were not redirected or challenged (RFC 6076, 4.6)"},
        {.field = "seer", .what = "200, 480, 486, 600 and 603 of these (RFC 6076, 4.7)"},
        {.field = "poorStreams", .what = "Poor streams of those that could be classified"},
        {.field = "poorCalls", .what = "Calls with a poor stream of those with a classified one"},
    };
};
BOOST_DESCRIBE_STRUCT(QualityKpis, (), (asr, ner, abr, acdMs, pddMs, ser, seer, poorStreams, poorCalls))

struct QualityFigure {
    std::uint64_t count = 0;
    std::optional<double> average, min, max, p1, p5, p50, p95, p99;
    bool exact = true;
    static constexpr http::FieldDoc docs[] = {
        {.field = "count", .what = "Values; where there is none, all else is null"},
        {.field = "average", .required = true},
        {.field = "min", .required = true},
        {.field = "max", .what = "Also of peaks that are reported beside a mean", .required = true},
        {.field = "p1", .required = true},
        {.field = "p5", .required = true},
        {.field = "p50", .required = true},
        {.field = "p95", .required = true},
        {.field = "p99", .required = true},
        {.field = "exact", .what = "Whether percentiles are exact (up to 256 values), or within 0.8 % of the value"},
    };
};
BOOST_DESCRIBE_STRUCT(QualityFigure, (), (count, average, min, max, p1, p5, p50, p95, p99, exact))

struct QualityFigureSet {
    std::optional<QualityFigure> postDialMs, jitterMs, lossRatio, roundTripMs, mos, rating, estimatedMos;
    static constexpr http::FieldDoc docs[] = {
        {.field = "mos", .what = "As reported beside a count of packets"},
        {.field = "rating", .what = "R of ITU-T G.107, estimated here; only where it is asked for"},
        {.field = "estimatedMos", .what = "Estimated here from loss, delay and codec; only where it is asked for"},
    };
};
BOOST_DESCRIBE_STRUCT(QualityFigureSet, (), (postDialMs, jitterMs, lossRatio, roundTripMs, mos, rating, estimatedMos))

struct QualityCallCounts {
    std::uint64_t bids = 0, seizures = 0, answered = 0, delivered = 0, connectedMs = 0;
    std::optional<std::uint64_t> good, poor;
    static constexpr http::FieldDoc docs[] = {
        {.field = "bids", .what = "All attempts"},
        {.field = "seizures", .what = "Those that went out to the next hop"},
        {.field = "delivered", .what = "Answered, busy, not answered, refused"},
        {.field = "good", .what = "Calls with a good stream and no poor one"},
        {.field = "poor", .what = "Calls with a poor stream"},
    };
};
BOOST_DESCRIBE_STRUCT(QualityCallCounts, (), (bids, seizures, answered, delivered, connectedMs, good, poor))

struct QualityStreamCounts {
    std::uint64_t streams = 0, good = 0, poor = 0, unclassified = 0;
};
BOOST_DESCRIBE_STRUCT(QualityStreamCounts, (), (streams, good, poor, unclassified))

struct QualityMeasurement {
    std::uint64_t callsWithoutStreams = 0, streamsWithoutPackets = 0, mosWithoutPackets = 0, guessedEstimates = 0;
    static constexpr http::FieldDoc docs[] = {
        {.field = "callsWithoutStreams", .what = "Answered calls of which no stream was reported"},
        {.field = "streamsWithoutPackets", .what = "Streams reported with no packets: their figures count nowhere"},
        {.field = "mosWithoutPackets", .what = "MOS beside no count of packets: a default, counted nowhere"},
        {.field = "guessedEstimates", .what = "Estimates for wideband or unknown codecs, or without a round trip"},
    };
};
BOOST_DESCRIBE_STRUCT(QualityMeasurement, (),
                      (callsWithoutStreams, streamsWithoutPackets, mosWithoutPackets, guessedEstimates))

struct QualityPeriod {
    QualityCallCounts calls;
    std::optional<QualityStreamCounts> streams;
    std::optional<QualityMeasurement> measurement;
    QualityKpis kpis;
    QualityFigureSet figures;
    static constexpr http::FieldDoc docs[] = {
        {.field = "streams", .what = "Where something of streams is asked for"},
        {.field = "measurement", .what = "What was not measured; it says nothing about the network"},
        {.field = "figures", .what = "Each stream counts once, by its averages"},
    };
};
BOOST_DESCRIBE_STRUCT(QualityPeriod, (), (calls, streams, measurement, kpis, figures))

struct QualityGroup {
    boost::json::value key;
    QualityPeriod current;
    std::optional<QualityPeriod> previous;
    static constexpr http::FieldDoc docs[] = {
        {.field = "key", .what = "A member for each of groupBy; null: the calls do not say"},
        {.field = "previous", .what = "With compare=previous; hours and days are those that they are compared with"},
    };
};
BOOST_DESCRIBE_STRUCT(QualityGroup, (), (key, current, previous))

struct Quality {
    Instant from, to;
    std::string timeZone;
    std::vector<std::string> groupBy;
    std::uint64_t groupCount = 0;
    std::vector<QualityGroup> items;
    std::optional<std::string> next;
    static constexpr http::FieldDoc docs[] = {
        {.field = "groupCount", .what = "Of all pages together"},
        {.field = "next", .what = "The cursor of the next page; none: this was the last"},
    };
};
BOOST_DESCRIBE_STRUCT(Quality, (), (from, to, timeZone, groupBy, groupCount, items, next))

QualityGroup wire(const quality::Query& query, const quality::GroupKey& key, const quality::GroupFigures& figures);
// {"hour":"2026-03-01T09:00:00.000Z","trunk":null}
boost::json::object wireKey(const std::vector<quality::Dimension>& groupBy, const quality::GroupKey& key);

// An instant, or a date: the first instant of that day in the zone. Codes "bad-time", "time-without-zone", "bad-date".
Result<Instant> instantOrDate(const std::string& text, const TimeZone& zone);

// Code "bad-country".
Result<void> checkCountries(const std::vector<std::string>& countries);

// Which ratios and figures are wanted: the parameters `kpis` and `figures`.
void addFigureParameters(http::EndpointBuilder& builder);
void readWantedFigures(const http::Request& request, quality::Query& query);

// The parameters that say which time and whose calls are meant.
void addQualityRange(http::EndpointBuilder& builder);
// The parameters of queries, and what they say. Codes "unknown-time-zone", "bad-country", those of instantOrDate.
void addQualityParameters(http::EndpointBuilder& builder);
Result<exchange::QualityRequest> qualityRequestOf(const http::Request& request);

}  // namespace meetpoint::api
