// Consents between tenants and carriers: the precondition of every flow.
#include "api/endpoints.h"
#include "exchange/parties.h"
#include "http/json.h"

namespace meetpoint::api {

using http::endpoint;
using http::Request;
using http::Response;

enum class ConsentState { requested, agreementSigned, declined, ended };
BOOST_DESCRIBE_ENUM(ConsentState, requested, agreementSigned, declined, ended)

struct NewConsent {
    Id tenantId;
    Id carrierId;
    std::string noticeVersion;
    std::vector<std::string> countries;

    static constexpr http::FieldDoc docs[] = {
        {.field = "noticeVersion",
         .what = "The version of the data transfer notice that is accepted",
         .minLength = 1,
         .maxLength = 64},
        {.field = "countries", .what = "ISO 3166-1 alpha-2", .minLength = 1, .maxLength = 250},
    };
};
BOOST_DESCRIBE_STRUCT(NewConsent, (), (tenantId, carrierId, noticeVersion, countries))

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
    Instant acceptedAt;
    std::optional<Instant> signedAt;
    std::optional<Instant> endedAt;
    std::optional<std::string> reason;
};
BOOST_DESCRIBE_STRUCT(Consent, (),
                      (id, tenantId, carrierId, state, noticeVersion, countries, acceptedAt, signedAt, endedAt, reason))

struct ConsentList {
    std::vector<Consent> items;
};
BOOST_DESCRIBE_STRUCT(ConsentList, (), (items))

namespace {

Consent wire(const store::Consent& consent) {
    return {consent.id,
            consent.tenantId,
            consent.carrierId,
            static_cast<ConsentState>(consent.state),
            consent.noticeVersion,
            consent.countries,
            consent.acceptedAt,
            consent.signedAt,
            consent.endedAt,
            consent.reason};
}

}  // namespace

std::vector<http::Endpoint> consentEndpoints(const Context& context) {
    const std::string write(domain::scope::consentsWrite);
    std::vector<http::Endpoint> list;
    list.push_back(endpoint(http::post("/v1/consents"), "acceptNotice")
                       .tag("Consent")
                       .summary("Accept the data transfer notice for a carrier")
                       .scope(write)
                       .answers<Consent>(201, "The consent, still to be signed by the carrier")
                       .problems({"consent-exists", "bad-country"})
                       .handle<NewConsent>([&context](const Request& request, NewConsent body) -> Result<Response> {
                           TRY_ASSIGN(const auto consent, exchange::acceptNotice(context.exchange, callerOf(request),
                                                                                 {body.tenantId, body.carrierId,
                                                                                  body.noticeVersion, body.countries}));
                           return http::jsonResponse(wire(consent), 201);
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
    return list;
}

}  // namespace meetpoint::api
