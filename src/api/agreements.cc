// Agreements: what platform and a carrier have signed about comparing and counting durations.
#include "exchange/agreements.h"

#include "api/agreement_wire.h"
#include "api/endpoints.h"
#include "api/links.h"
#include "http/precondition.h"

namespace meetpoint::api {

using http::endpoint;
using http::Request;
using http::Response;

struct AgreementProposal {
    Day validFrom;
    AgreementTerms terms;
    static constexpr http::FieldDoc docs[] = {
        {.field = "validFrom", .what = "The first UTC day of calls that it holds for"}};
};
BOOST_DESCRIBE_STRUCT(AgreementProposal, (), (validFrom, terms))

enum class AgreementAnswer { signed_, declined, withdrawn };
BOOST_DESCRIBE_ENUM(AgreementAnswer, signed_, declined, withdrawn)

struct AgreementMove {
    AgreementAnswer state;
    std::optional<std::string> reason;
    static constexpr http::FieldDoc docs[] = {
        {.field = "state", .what = "signed or declined by the side that did not propose it, withdrawn by the other"},
        {.field = "reason", .what = "Needed to decline", .maxLength = 1'000},
    };
};
BOOST_DESCRIBE_STRUCT(AgreementMove, (), (state, reason))

struct Agreement {
    Id id;
    Id carrierId;
    std::int64_t number;
    AgreementState state;
    Day validFrom;
    AgreementTerms terms;
    AgreementSide proposedBy;
    Instant proposedAt;
    std::optional<Instant> signedAt;
    std::optional<std::string> reason;
    std::int64_t version;
    static constexpr http::FieldDoc docs[] = {
        {.field = "number", .what = "Of this carrier's agreements, from 1, in order of proposal"},
        {.field = "validFrom", .what = "Until another signed one with a later day replaces it"},
    };
};
BOOST_DESCRIBE_STRUCT(Agreement, (),
                      (id, carrierId, number, state, validFrom, terms, proposedBy, proposedAt, signedAt, reason,
                       version))

struct AgreementList {
    std::vector<Agreement> items;
    std::optional<std::string> next;
};
BOOST_DESCRIBE_STRUCT(AgreementList, (), (items, next))

struct AgreementStep {
    std::int64_t version;
    Instant at;
    std::string actor;
    AgreementSide side;
    AgreementState state;
    Day validFrom;
    AgreementTerms terms;
    std::optional<std::string> reason;
};
BOOST_DESCRIBE_STRUCT(AgreementStep, (), (version, at, actor, side, state, validFrom, terms, reason))

struct AgreementHistory {
    std::vector<AgreementStep> items;
};
BOOST_DESCRIBE_STRUCT(AgreementHistory, (), (items))

namespace {

constexpr std::int64_t agreementPage = 100;
constexpr std::string_view cursorName = "agreements";

Agreement wire(const exchange::AgreementView& view) {
    const store::Agreement& from = view.agreement;
    return {from.id,
            from.carrierId,
            from.number,
            static_cast<AgreementState>(from.state),
            from.validFrom,
            termsWire(view.terms),
            static_cast<AgreementSide>(from.proposedBy),
            from.proposedAt,
            from.signedAt,
            from.reason,
            from.version};
}

Response answer(const exchange::AgreementView& view, int status = 200) {
    Response response = http::jsonResponse(wire(view), status);
    response.headers.set("ETag", http::etagOf(static_cast<std::uint64_t>(view.agreement.version)));
    return response;
}

Result<Response> list(const Context& context, const Request& request) {
    const domain::Caller& caller = callerOf(request);
    exchange::AgreementQuery query;
    query.carrierId = request.query.id("carrierId");
    query.inForceOn = request.query.date("inForceOn");
    if (const auto state = request.query.text("state")) query.state = domain::readAgreementState(*state);
    if (const auto cursor = request.query.text("cursor")) {
        TRY_ASSIGN(query.after, context.cursors.readId(*cursor, cursorName, caller.clientId));
    }
    const auto limit = static_cast<std::size_t>(*request.query.integer("limit"));
    query.limit = limit + 1;
    TRY_ASSIGN(auto views, exchange::listAgreements(context.exchange, caller, query));
    const bool more = views.size() > limit;
    if (more) views.pop_back();
    AgreementList page;
    for (const auto& view : views)
        page.items.push_back(wire(view));
    if (more) page.next = context.cursors.write(cursorName, views.back().agreement.id, caller.clientId);
    Response response = http::jsonResponse(page);
    if (page.next) addNextLink(response, request, *page.next);
    return response;
}

Result<Response> history(const Context& context, const Request& request) {
    TRY_ASSIGN(const auto steps,
               exchange::agreementHistory(context.exchange, callerOf(request), *request.path.id("id")));
    AgreementHistory answer;
    for (const store::AgreementStep& step : steps) {
        TRY_ASSIGN(const auto terms, exchange::readTerms(step.terms));
        answer.items.push_back({step.version, step.at, step.actor, static_cast<AgreementSide>(step.side),
                                static_cast<AgreementState>(step.state), step.validFrom, termsWire(terms),
                                step.reason});
    }
    return http::jsonResponse(answer);
}

// What is not the caller's answers like what does not exist, also without If-Match: the agreement is looked for first.
Result<std::optional<std::int64_t>> versionOf(const Context& context, const Request& request) {
    TRY(exchange::findAgreement(context.exchange, callerOf(request), *request.path.id("id")));
    TRY_ASSIGN(const auto version, http::expectedVersion(request, http::IfMatch::required));
    return version ? std::optional(static_cast<std::int64_t>(*version)) : std::nullopt;
}

domain::AgreementState stateOf(AgreementAnswer answer) {
    switch (answer) {
        case AgreementAnswer::signed_:
            return domain::AgreementState::signed_;
        case AgreementAnswer::declined:
            return domain::AgreementState::declined;
        case AgreementAnswer::withdrawn:
            return domain::AgreementState::withdrawn;
    }
    return domain::AgreementState::withdrawn;
}

http::EndpointBuilder declare(http::Route route, std::string operationId, std::string summary, std::string_view scope) {
    auto builder = endpoint(std::move(route), std::move(operationId));
    builder.tag("Agreements").summary(std::move(summary)).scope(std::string(scope));
    return builder;
}

void addReading(std::vector<http::Endpoint>& endpoints, const Context& context) {
    namespace scope = domain::scope;
    endpoints.push_back(
        declare(http::get("/v1/agreements"), "listAgreements", "Agreements that the caller is a side of",
                scope::agreementsRead)
            .query(http::idParameter("carrierId", "Where the client acts for several carriers; else of this one only"))
            .query(http::choiceParameter("state", "Only those", {"proposed", "signed", "declined", "withdrawn"}))
            .query(http::dateParameter("inForceOn", "Those that hold for calls of this UTC day"))
            .query(http::textParameter("cursor", "From `next` of the page before", 512))
            .query(http::integerParameter("limit", "Agreements a page", 1, 1'000, agreementPage))
            .answers<AgreementList>(200, "In order of proposal")
            .problems({"bad-cursor", "carrier-required"})
            .handle([&context](const Request& request) { return list(context, request); }));
    endpoints.push_back(
        declare(http::get("/v1/agreements/{id}"), "readAgreement", "One agreement", scope::agreementsRead)
            .path(http::idParameter("id", "The agreement"))
            .answers<Agreement>(200, "The agreement, with its version as ETag")
            .handle([&context](const Request& request) -> Result<Response> {
                TRY_ASSIGN(const auto view,
                           exchange::findAgreement(context.exchange, callerOf(request), *request.path.id("id")));
                return answer(view);
            }));
    endpoints.push_back(declare(http::get("/v1/agreements/{id}/history"), "readAgreementHistory",
                                "Who proposed, changed and answered an agreement, and when", scope::agreementsRead)
                            .path(http::idParameter("id", "The agreement"))
                            .answers<AgreementHistory>(200, "Oldest first")
                            .handle([&context](const Request& request) { return history(context, request); }));
}

void addWriting(std::vector<http::Endpoint>& endpoints, const Context& context) {
    namespace scope = domain::scope;
    endpoints.push_back(
        declare(http::post("/v1/agreements"), "proposeAgreement", "Propose what is to hold from a day on",
                scope::agreementsWrite)
            .description("Either side proposes, the other one signs. Days that are closed stay as they are: "
                         "`validFrom` lies after them.")
            .query(http::idParameter("carrierId", "Where the client acts for several carriers, or is the platform"))
            .answers<Agreement>(201, "The proposal, with its version as ETag")
            .problems(
                {"bad-agreement", "unknown-time-zone", "valid-from-closed", "too-many-proposals", "carrier-required"})
            .handle<AgreementProposal>([&context](const Request& request,
                                                  const AgreementProposal& body) -> Result<Response> {
                TRY_ASSIGN(const auto view, exchange::proposeAgreement(context.exchange, context.limits,
                                                                       callerOf(request), request.query.id("carrierId"),
                                                                       {body.validFrom, termsOf(body.terms)}));
                return answer(view, 201);
            }));
    endpoints.push_back(
        declare(http::put("/v1/agreements/{id}"), "amendAgreement", "Say a proposal anew", scope::agreementsWrite)
            .description(
                "By its proposer, while nobody has answered it. `If-Match` with the `ETag` of the last read is "
                "needed.")
            .path(http::idParameter("id", "The agreement"))
            .answers<Agreement>(200, "The proposal as it is now")
            .problems({"bad-agreement", "unknown-time-zone", "valid-from-closed", "too-many-proposals",
                       "transition-not-allowed", "if-match-required", "bad-if-match", "version-mismatch"})
            .handle<AgreementProposal>([&context](const Request& request,
                                                  const AgreementProposal& body) -> Result<Response> {
                TRY_ASSIGN(const auto version, versionOf(context, request));
                TRY_ASSIGN(const auto view, exchange::amendProposal(context.exchange, context.limits, callerOf(request),
                                                                    *request.path.id("id"), version,
                                                                    {body.validFrom, termsOf(body.terms)}));
                return answer(view);
            }));
    endpoints.push_back(
        declare(http::post("/v1/agreements/{id}/state"), "moveAgreement", "Sign, decline or withdraw a proposal",
                scope::agreementsWrite)
            .description("`If-Match` with the `ETag` of the last read is needed: what is signed is what was read.")
            .path(http::idParameter("id", "The agreement"))
            .answers<Agreement>(200, "The agreement as it is now")
            .problems({"transition-not-allowed", "reason-required", "valid-from-closed", "if-match-required",
                       "bad-if-match", "version-mismatch"})
            .handle<AgreementMove>([&context](const Request& request, const AgreementMove& body) -> Result<Response> {
                TRY_ASSIGN(const auto version, versionOf(context, request));
                TRY_ASSIGN(const auto view,
                           exchange::moveAgreement(context.exchange, callerOf(request), *request.path.id("id"), version,
                                                   stateOf(body.state), body.reason));
                return answer(view);
            }));
}

}  // namespace

std::vector<http::Endpoint> agreementEndpoints(const Context& context) {
    std::vector<http::Endpoint> endpoints;
    addReading(endpoints, context);
    addWriting(endpoints, context);
    return endpoints;
}

}  // namespace meetpoint::api
