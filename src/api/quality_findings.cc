// Findings: what stands out in how calls went.
#include "api/endpoints.h"
#include "api/quality_wire.h"
#include "exchange/findings.h"
#include "http/json.h"

namespace meetpoint::api {

using http::endpoint;
using http::Request;
using http::Response;

struct FindingSubject {
    std::string dimension;
    std::optional<std::string> value;
    std::optional<Id> carrierId;
    std::optional<std::int64_t> sipCode, q850Cause;
    static constexpr http::FieldDoc docs[] = {
        {.field = "dimension", .what = "everything, carrier, region, codec, trunk or releaseCause"},
        {.field = "value", .what = "Of carriers their id; none of everything and of release causes"},
        {.field = "carrierId", .what = "Of a trunk, whose it is; of a release cause, whose calls have it"},
        {.field = "sipCode", .what = "Of release causes"},
        {.field = "q850Cause", .what = "Of release causes"},
    };
};
BOOST_DESCRIBE_STRUCT(FindingSubject, (), (dimension, value, carrierId, sipCode, q850Cause))

struct FindingEvidence {
    std::string dimension;
    std::string value;
    double share = 0;
    static constexpr http::FieldDoc docs[] = {
        {.field = "dimension", .what = "sipCode, q850Cause, trunk, region or codec"},
        {.field = "share", .what = "Of the calls or streams that went wrong on top of what is usual"},
    };
};
BOOST_DESCRIBE_STRUCT(FindingEvidence, (), (dimension, value, share))

struct QualityFinding {
    std::string sentence;
    std::string kpi;
    FindingSubject subject;
    QualityRatio before, after;
    Instant startedAt;
    std::optional<Instant> endedAt;
    std::vector<FindingEvidence> evidence;
    double confidence = 0;
    static constexpr http::FieldDoc docs[] = {
        {.field = "kpi", .what = "ner, poorStreams, or releaseCauseShare: of calls that ended so"},
        {.field = "before", .what = "As it usually is, over the days before and whatever else was looked at"},
        {.field = "after", .what = "From startedAt to endedAt"},
        {.field = "startedAt", .what = "The most likely minute"},
        {.field = "endedAt", .what = "None while it goes on", .required = true},
        {.field = "confidence", .what = "1 less the chance of seeing this anywhere although nothing is wrong"},
    };
};
BOOST_DESCRIBE_STRUCT(QualityFinding, (),
                      (sentence, kpi, subject, before, after, startedAt, endedAt, evidence, confidence))

struct QualityFindings {
    Instant from, to;
    std::vector<QualityFinding> items;
};
BOOST_DESCRIBE_STRUCT(QualityFindings, (), (from, to, items))

namespace {

std::optional<Id> idIn(const std::string& text) {
    const auto id = parseId(text);
    return id ? std::optional(*id) : std::nullopt;
}

std::optional<std::int64_t> codeIn(std::int32_t code) {
    return code == 0 ? std::nullopt : std::optional<std::int64_t>(code);
}

QualityFinding wire(const quality::Finding& from) {
    const quality::Subject& subject = from.subject;
    QualityFinding to;
    to.sentence = from.sentence;
    to.kpi = name(from.kpi);
    to.subject = {std::string(name(subject.kind)), subject.value.empty() ? std::nullopt : std::optional(subject.value),
                  idIn(subject.carrier), codeIn(subject.cause.sipCode), codeIn(subject.cause.q850Cause)};
    to.before = {from.before.value(), from.before.numerator, from.before.denominator};
    to.after = {from.after.value(), from.after.numerator, from.after.denominator};
    to.startedAt = from.startedAt;
    to.endedAt = from.endedAt;
    for (const quality::Evidence& one : from.evidence)
        to.evidence.push_back({one.dimension, one.value, one.share});
    to.confidence = from.confidence;
    return to;
}

Result<Response> readFindings(const Context& context, const Request& request) {
    exchange::FindingRequest wanted;
    TRY_ASSIGN(const TimeZone zone, TimeZone::load(*request.query.text("timeZone")));
    TRY_ASSIGN(wanted.from, instantOrDate(*request.query.text("from"), zone));
    TRY_ASSIGN(wanted.to, instantOrDate(*request.query.text("to"), zone));
    wanted.carrierId = request.query.id("carrierId");
    wanted.tenantId = request.query.id("tenantId");
    wanted.deadline = request.deadline;
    TRY_ASSIGN(const auto findings, exchange::readFindings(context.quality, callerOf(request), wanted));
    QualityFindings answer{wanted.from, wanted.to, {}};
    for (const quality::Finding& finding : findings)
        answer.items.push_back(wire(finding));
    return http::jsonResponse(answer);
}

}  // namespace

std::vector<http::Endpoint> findingEndpoints(const Context& context) {
    auto builder = endpoint(http::get("/v1/quality/findings"), "readQualityFindings");
    builder.tag("Quality")
        .summary("What stands out: which trunk, codec, region, carrier or release cause got worse, and when")
        .description(
            "Minutes of calls are compared with those of the week before, subject by subject. Of all subjects that "
            "show "
            "the same, the one is named that explains it best; chance alone makes less than one finding in 100 looks.")
        .scope(std::string(domain::scope::qualityRead));
    addQualityRange(builder);
    std::vector<http::Endpoint> list;
    list.push_back(builder.answers<QualityFindings>(200, "In order of their begin")
                       .problems({"too-many-groups"})
                       .handle([&context](const Request& request) { return readFindings(context, request); }));
    return list;
}

}  // namespace meetpoint::api
