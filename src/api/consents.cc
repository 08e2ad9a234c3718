// Notices and consents between tenants and carriers: the precondition of every flow.
#include "exchange/consents.h"

#include <boost/json.hpp>

#include "api/endpoints.h"
#include "http/json.h"

namespace meetpoint::api {

using http::endpoint;
using http::Request;
using http::Response;

struct NewNotice {
    std::string version;
    std::map<std::string, std::string> texts;

    static constexpr http::FieldDoc docs[] = {
        {.field = "version", .what = "A name such as 2026-11", .minLength = 1, .maxLength = 64},
        {.field = "texts", .what = "BCP 47 language (en, de-CH) to text", .minLength = 1, .maxLength = 100},
    };
};
BOOST_DESCRIBE_STRUCT(NewNotice, (), (version, texts))

struct Notice {
    std::string version;
    boost::json::value texts;
    Instant publishedAt;
};
BOOST_DESCRIBE_STRUCT(Notice, (), (version, texts, publishedAt))

struct NoticeList {
    std::vector<Notice> items;
};
BOOST_DESCRIBE_STRUCT(NoticeList, (), (items))

enum class ConsentState { requested, agreementSigned, declined, ended };
BOOST_DESCRIBE_ENUM(ConsentState, requested, agreementSigned, declined, ended)

struct NewConsent {
    Id tenantId;
    Id carrierId;
    std::string noticeVersion;
    std::vector<std::string> countries;
    std::optional<std::string> contactName, contactEmail;

    static constexpr http::FieldDoc docs[] = {
        {.field = "noticeVersion",
         .what = "The version of the data transfer notice that is accepted: the newest",
         .minLength = 1,
         .maxLength = 64},
        {.field = "countries", .what = "ISO 3166-1 alpha-2", .minLength = 1, .maxLength = 250},
        {.field = "contactName", .what = "Whom the carrier may ask at the tenant", .maxLength = 200},
        {.field = "contactEmail", .maxLength = 254, .pattern = "^[^@\\s]+@[^@\\s]+$", .format = "email"},
    };
};
BOOST_DESCRIBE_STRUCT(NewConsent, (), (tenantId, carrierId, noticeVersion, countries, contactName, contactEmail))

struct ConsentAcceptance {
    std::string noticeVersion;
    std::vector<std::string> countries;
    static constexpr http::FieldDoc docs[] = {
        {.field = "noticeVersion", .what = "The newest", .minLength = 1, .maxLength = 64},
        {.field = "countries", .what = "All that are covered from now on", .minLength = 1, .maxLength = 250},
    };
};
BOOST_DESCRIBE_STRUCT(ConsentAcceptance, (), (noticeVersion, countries))

struct ConsentMove {
    ConsentState state = ConsentState::agreementSigned;
    std::optional<std::string> reason;
    static constexpr http::FieldDoc docs[] = {
        {.field = "reason", .what = "Needed to decline or end", .maxLength = 1'000}};
};
BOOST_DESCRIBE_STRUCT(ConsentMove, (), (state, reason))

struct Consent {
    Id id;
    Id tenantId;
    Id carrierId;
    ConsentState state;
    std::string noticeVersion;
    std::vector<std::string> countries;
    std::optional<std::string> contactName, contactEmail;
    Instant acceptedAt;
    std::optional<Instant> signedAt;
    std::optional<Instant> endedAt;
    std::optional<Instant> windDownUntil;
    std::optional<std::string> reason;
    std::int64_t version;
    static constexpr http::FieldDoc docs[] = {
        {.field = "windDownUntil", .what = "Until then what concerns calls before the end goes on"}};
};
BOOST_DESCRIBE_STRUCT(Consent, (),
                      (id, tenantId, carrierId, state, noticeVersion, countries, contactName, contactEmail, acceptedAt,
                       signedAt, endedAt, windDownUntil, reason, version))

struct ConsentList {
    std::vector<Consent> items;
};
BOOST_DESCRIBE_STRUCT(ConsentList, (), (items))

struct ConsentStep {
    std::int64_t version;
    Instant at;
    std::string actor;
    ConsentState state;
    std::string noticeVersion;
    std::vector<std::string> countries;
    std::optional<std::string> reason;
};
BOOST_DESCRIBE_STRUCT(ConsentStep, (), (version, at, actor, state, noticeVersion, countries, reason))

struct ConsentHistory {
    std::vector<ConsentStep> items;
};
BOOST_DESCRIBE_STRUCT(ConsentHistory, (), (items))

namespace {

Notice wire(const store::Notice& notice) {
    boost::json::error_code ignored;  // written by this program
    return {notice.version, boost::json::parse(notice.texts, ignored), notice.publishedAt};
}

Consent wire(const store::Consent& consent) {
    return {consent.id,
            consent.tenantId,
            consent.carrierId,
            static_cast<ConsentState>(consent.state),
            consent.noticeVersion,
            consent.countries,
            consent.contactName,
            consent.contactEmail,
            consent.acceptedAt,
            consent.signedAt,
            consent.endedAt,
            consent.endedAt ? std::optional(*consent.endedAt + domain::windDown) : std::nullopt,
            consent.reason,
            consent.version};
}

void addNotices(std::vector<http::Endpoint>& list, const Context& context) {
    list.push_back(endpoint(http::post("/v1/notices"), "publishNotice")
                       .tag("Consent")
                       .summary("Publish a version of the data transfer notice")
                       .description("Tenants accept the newest version from then on; what was accepted before stays "
                                    "accepted. A published version never changes.")
                       .scope(std::string(domain::scope::ledgerManage))
                       .maxBodyBytes(1 << 20)
                       .answers<Notice>(201, "The notice")
                       .problems({"notice-exists", "bad-notice"})
                       .handle<NewNotice>([&context](const Request& request, NewNotice body) -> Result<Response> {
                           TRY_ASSIGN(const auto notice,
                                      exchange::publishNotice(context.exchange, callerOf(request),
                                                              {body.version, {body.texts.begin(), body.texts.end()}}));
                           return http::jsonResponse(wire(notice), 201);
                       }));
    list.push_back(endpoint(http::get("/v1/notices"), "listNotices")
                       .tag("Consent")
                       .summary("The versions of the data transfer notice")
                       .scope(std::string(domain::scope::ledgerRead))
                       .answers<NoticeList>(200, "The newest first: the one to accept")
                       .handle([&context](const Request&) -> Result<Response> {
                           TRY_ASSIGN(const auto notices, exchange::listNotices(context.exchange));
                           NoticeList answer;
                           for (const auto& notice : notices)
                               answer.items.push_back(wire(notice));
                           return http::jsonResponse(answer);
                       }));
    list.push_back(endpoint(http::get("/v1/notices/{version}"), "readNotice")
                       .tag("Consent")
                       .summary("One version of the notice, as it was accepted")
                       .scope(std::string(domain::scope::ledgerRead))
                       .path(http::textParameter("version", "Its name", 64))
                       .answers<Notice>(200, "The notice")
                       .handle([&context](const Request& request) -> Result<Response> {
                           TRY_ASSIGN(const auto notice,
                                      exchange::findNotice(context.exchange, *request.path.text("version")));
                           return http::jsonResponse(wire(notice));
                       }));
}

void addAcceptance(std::vector<http::Endpoint>& list, const Context& context) {
    const std::string write(domain::scope::consentsWrite);
    list.push_back(endpoint(http::post("/v1/consents"), "acceptNotice")
                       .tag("Consent")
                       .summary("Accept the data transfer notice for a carrier")
                       .scope(write)
                       .answers<Consent>(201, "The consent, still to be signed by the carrier")
                       .problems({"consent-exists", "bad-country", "unknown-notice", "notice-superseded"})
                       .handle<NewConsent>([&context](const Request& request, NewConsent body) -> Result<Response> {
                           TRY_ASSIGN(const auto consent,
                                      exchange::acceptNotice(context.exchange, callerOf(request),
                                                             {body.tenantId, body.carrierId, body.noticeVersion,
                                                              body.countries, body.contactName, body.contactEmail}));
                           return http::jsonResponse(wire(consent), 201);
                       }));
    list.push_back(
        endpoint(http::post("/v1/consents/{id}/acceptance"), "acceptAgain")
            .tag("Consent")
            .summary("Accept a newer notice, or other countries")
            .scope(write)
            .path(http::idParameter("id", "The consent"))
            .answers<Consent>(200, "The consent as it is now")
            .problems({"transition-not-allowed", "bad-country", "unknown-notice", "notice-superseded", "country-in-use",
                       "version-mismatch"})
            .handle<ConsentAcceptance>([&context](const Request& request, ConsentAcceptance body) -> Result<Response> {
                TRY_ASSIGN(const auto consent,
                           exchange::acceptAgain(context.exchange, callerOf(request), *request.path.id("id"),
                                                 body.noticeVersion, body.countries));
                return http::jsonResponse(wire(consent));
            }));
    list.push_back(endpoint(http::post("/v1/consents/{id}/state"), "moveConsent")
                       .tag("Consent")
                       .summary("Sign, decline or end a consent")
                       .scope(write)
                       .path(http::idParameter("id", "The consent"))
                       .answers<Consent>(200, "The consent as it is now")
                       .problems({"transition-not-allowed", "reason-required", "version-mismatch"})
                       .handle<ConsentMove>([&context](const Request& request, ConsentMove body) -> Result<Response> {
                           TRY_ASSIGN(
                               const auto consent,
                               exchange::moveConsent(context.exchange, callerOf(request), *request.path.id("id"),
                                                     static_cast<domain::ConsentState>(body.state), body.reason));
                           return http::jsonResponse(wire(consent));
                       }));
}

void addReading(std::vector<http::Endpoint>& list, const Context& context) {
    list.push_back(endpoint(http::get("/v1/consents"), "listConsents")
                       .tag("Consent")
                       .summary("The consents that the caller is a side of")
                       .scope(std::string(domain::scope::ledgerRead))
                       .answers<ConsentList>(200, "In order of creation")
                       .handle([&context](const Request& request) -> Result<Response> {
                           TRY_ASSIGN(const auto consents, exchange::listConsents(context.exchange, callerOf(request)));
                           ConsentList answer;
                           for (const auto& consent : consents)
                               answer.items.push_back(wire(consent));
                           return http::jsonResponse(answer);
                       }));
    list.push_back(
        endpoint(http::get("/v1/consents/{id}/history"), "readConsentHistory")
            .tag("Consent")
            .summary("Who accepted, signed and ended a consent, and when")
            .scope(std::string(domain::scope::ledgerRead))
            .path(http::idParameter("id", "The consent"))
            .answers<ConsentHistory>(200, "Oldest first")
            .handle([&context](const Request& request) -> Result<Response> {
                TRY_ASSIGN(const auto steps,
                           exchange::consentHistory(context.exchange, callerOf(request), *request.path.id("id")));
                ConsentHistory answer;
                for (const auto& step : steps)
                    answer.items.push_back({step.version, step.at, step.actor, static_cast<ConsentState>(step.state),
                                            step.noticeVersion, step.countries, step.reason});
                return http::jsonResponse(answer);
            }));
}

}  // namespace

std::vector<http::Endpoint> consentEndpoints(const Context& context) {
    std::vector<http::Endpoint> list;
    addNotices(list, context);
    addAcceptance(list, context);
    addReading(list, context);
    return list;
}

}  // namespace meetpoint::api
