// Webhook endpoints and their secrets.
#include "exchange/webhooks.h"

#include <algorithm>

#include "api/endpoints.h"
#include "api/links.h"
#include "http/json.h"
#include "http/precondition.h"

namespace meetpoint::api {

using http::endpoint;
using http::Request;
using http::Response;

enum class WebhookPayload { thin, full };
BOOST_DESCRIBE_ENUM(WebhookPayload, thin, full)
enum class WebhookStatus { enabled, disabled };
BOOST_DESCRIBE_ENUM(WebhookStatus, enabled, disabled)
enum class WebhookSignature { v1, v1a };
BOOST_DESCRIBE_ENUM(WebhookSignature, v1, v1a)

constexpr std::string_view urlWhat =
    "https, port 443 or 1024 and above, no user information; it may be read by the platform";
constexpr std::string_view typesWhat = "Types of events; none: all, later ones too";
constexpr std::string_view payloadWhat = "thin (default): ids and a link; full: records as the feed gives them";

struct NewWebhookEndpoint {
    std::string url;
    std::optional<std::string> description;
    std::optional<std::vector<std::string>> types;
    std::optional<WebhookPayload> payload;
    std::optional<std::vector<WebhookSignature>> signatures;
    static constexpr http::FieldDoc docs[] = {
        {.field = "url", .what = urlWhat, .minLength = 1, .maxLength = 2'000, .format = "uri"},
        {.field = "description", .maxLength = 500},
        {.field = "types", .what = typesWhat, .maxLength = 50, .example = "[\"number.assignment.changed\"]"},
        {.field = "payload", .what = payloadWhat},
        {.field = "signatures",
         .what = "A secret of each: v1 (default), HMAC-SHA-256 with a shared secret; v1a, Ed25519",
         .minLength = 1,
         .maxLength = 2},
    };
};
BOOST_DESCRIBE_STRUCT(NewWebhookEndpoint, (), (url, description, types, payload, signatures))

struct WebhookEndpointChange {
    std::optional<std::string> url;
    std::optional<std::string> description;
    std::optional<std::vector<std::string>> types;
    std::optional<WebhookPayload> payload;
    std::optional<WebhookStatus> status;
    static constexpr http::FieldDoc docs[] = {
        {.field = "url", .what = urlWhat, .minLength = 1, .maxLength = 2'000, .format = "uri"},
        {.field = "description", .maxLength = 500},
        {.field = "types", .what = typesWhat, .maxLength = 50},
        {.field = "payload", .what = payloadWhat},
        {.field = "status", .what = "The only field that the platform may change"},
    };
};
BOOST_DESCRIBE_STRUCT(WebhookEndpointChange, (), (url, description, types, payload, status))

struct WebhookSecret {
    Id id;
    WebhookSignature kind;
    Instant createdAt;
    std::optional<Instant> expiresAt;
    std::optional<std::string> publicKey;
    std::optional<std::string> secret;
    static constexpr http::FieldDoc docs[] = {
        {.field = "publicKey", .what = "Of v1a: whpk_ and the Ed25519 public key in base64"},
        {.field = "secret", .what = "Of v1: whsec_ and 32 bytes in base64; only in the answer that made it"},
    };
};
BOOST_DESCRIBE_STRUCT(WebhookSecret, (), (id, kind, createdAt, expiresAt, publicKey, secret))

struct MissedEvents {
    std::int64_t count;
    std::optional<Instant> since;
    std::optional<std::int64_t> firstSequence;
    std::optional<std::int64_t> lastSequence;
};
BOOST_DESCRIBE_STRUCT(MissedEvents, (), (count, since, firstSequence, lastSequence))

struct WaitingEvents {
    std::int64_t count;
    std::optional<Instant> since;
    std::optional<Instant> nextAttemptAt;
};
BOOST_DESCRIBE_STRUCT(WaitingEvents, (), (count, since, nextAttemptAt))

struct WebhookEndpoint {
    Id id;
    Id carrierId;
    std::string url;
    std::optional<std::string> description;
    std::vector<std::string> types;
    WebhookPayload payload;
    WebhookStatus status;
    std::optional<Instant> disabledAt;
    std::optional<std::string> disabledReason;
    std::optional<Instant> failingSince;
    MissedEvents missed;
    WaitingEvents waiting;
    std::vector<WebhookSecret> secrets;
    Instant createdAt;
    static constexpr http::FieldDoc docs[] = {
        {.field = "types", .what = typesWhat},
        {.field = "disabledReason",
         .what = "failing (a whole schedule), gone (it answered 410), carrier or platform (who disabled it)"},
        {.field = "failingSince", .what = "The first attempt that failed after the last that did not"},
        {.field = "missed", .what = "Events that were given up; recover sends them"},
        {.field = "waiting", .what = "Events that are still to be sent"},
        {.field = "secrets", .what = "Those that are live"},
    };
};
BOOST_DESCRIBE_STRUCT(WebhookEndpoint, (),
                      (id, carrierId, url, description, types, payload, status, disabledAt, disabledReason,
                       failingSince, missed, waiting, secrets, createdAt))

struct WebhookEndpointList {
    std::vector<WebhookEndpoint> items;
    std::optional<std::string> next;
};
BOOST_DESCRIBE_STRUCT(WebhookEndpointList, (), (items, next))

struct NewWebhookSecret {
    std::optional<WebhookSignature> kind;
    std::optional<bool> rotate;
    std::optional<Instant> othersExpireAt;
    static constexpr http::FieldDoc docs[] = {
        {.field = "kind", .what = "v1 (default) or v1a"},
        {.field = "rotate", .what = "The other secrets of this kind end at othersExpireAt; else they stay"},
        {.field = "othersExpireAt", .what = "Of a rotation; left out: a day from now"},
    };
};
BOOST_DESCRIBE_STRUCT(NewWebhookSecret, (), (kind, rotate, othersExpireAt))

namespace {

constexpr std::int64_t endpointPage = 100;
constexpr std::string_view cursorName = "webhookEndpoints";

exchange::SignatureKind kindOf(WebhookSignature signature) {
    return signature == WebhookSignature::v1 ? exchange::SignatureKind::hmac : exchange::SignatureKind::ed25519;
}

WebhookSecret wire(const store::WebhookSecret& secret, const exchange::WebhookView& view) {
    const auto shown = std::ranges::find(view.shown, secret.id, &std::pair<Id, std::string>::first);
    return {secret.id,
            secret.kind == "v1" ? WebhookSignature::v1 : WebhookSignature::v1a,
            secret.createdAt,
            secret.expiresAt,
            exchange::publicKeyText(secret),
            shown == view.shown.end() ? std::nullopt : std::optional(shown->second)};
}

WebhookEndpoint wire(const exchange::WebhookView& view) {
    const store::WebhookEndpoint& from = view.endpoint;
    const store::MissedDeliveries& missed = view.backlog.missed;
    WebhookEndpoint to{from.key.endpointId,
                       from.carrierId,
                       from.url,
                       from.description.empty() ? std::nullopt : std::optional(from.description),
                       from.types,
                       from.payload == "full" ? WebhookPayload::full : WebhookPayload::thin,
                       from.isEnabled ? WebhookStatus::enabled : WebhookStatus::disabled,
                       from.disabledAt,
                       from.disabledReason,
                       from.failingSince,
                       {missed.count, missed.since, missed.firstSequence, missed.lastSequence},
                       {view.backlog.waiting, view.backlog.waitingSince, view.backlog.nextAttemptAt},
                       {},
                       from.createdAt};
    for (const store::WebhookSecret& secret : view.secrets)
        to.secrets.push_back(wire(secret, view));
    return to;
}

Response answer(const exchange::WebhookView& view, int status = 200) {
    Response response = http::jsonResponse(wire(view), status);
    response.headers.set("ETag", http::etagOf(static_cast<std::uint64_t>(view.endpoint.version)));
    if (!view.shown.empty()) response.headers.set("Cache-Control", "no-store");
    return response;
}

std::string textOf(WebhookPayload payload) {
    return payload == WebhookPayload::full ? "full" : "thin";
}

Result<Response> create(const Context& context, const Request& request, const NewWebhookEndpoint& body) {
    TRY(http::checkUrl(context.webhooks.rules, body.url));
    exchange::NewWebhook wanted;
    wanted.carrierId = request.query.id("carrierId");
    wanted.url = body.url;
    wanted.description = body.description.value_or("");
    wanted.types = body.types.value_or(std::vector<std::string>());
    wanted.payload = textOf(body.payload.value_or(WebhookPayload::thin));
    for (const WebhookSignature signature : body.signatures.value_or(std::vector<WebhookSignature>()))
        wanted.signatures.push_back(kindOf(signature));
    TRY_ASSIGN(const auto made, exchange::makeWebhook(context.webhooks.desk, callerOf(request), wanted));
    return answer(made, 201);
}

Result<Response> list(const Context& context, const Request& request) {
    const domain::Caller& caller = callerOf(request);
    exchange::WebhookQuery query;
    query.carrierId = request.query.id("carrierId");
    if (const auto cursor = request.query.text("cursor")) {
        TRY_ASSIGN(query.after, context.cursors.readId(*cursor, cursorName, caller.clientId));
    }
    const auto limit = static_cast<std::size_t>(request.query.integer("limit").value_or(endpointPage));
    query.limit = limit + 1;
    TRY_ASSIGN(auto views, exchange::listWebhooks(context.webhooks.desk, caller, query));
    const bool more = views.size() > limit;
    if (more) views.pop_back();
    WebhookEndpointList page;
    for (const auto& view : views)
        page.items.push_back(wire(view));
    if (more) page.next = context.cursors.write(cursorName, views.back().endpoint.key.endpointId, caller.clientId);
    Response response = http::jsonResponse(page);
    if (page.next) addNextLink(response, request, *page.next);
    return response;
}

// What is not the caller's answers like what does not exist, also without If-Match: the endpoint is looked for first.
Result<std::optional<std::int64_t>> versionOf(const Context& context, const Request& request, http::IfMatch demand) {
    TRY(exchange::findWebhook(context.webhooks.desk, callerOf(request), *request.path.id("id")));
    TRY_ASSIGN(const auto version, http::expectedVersion(request, demand));
    return version ? std::optional(static_cast<std::int64_t>(*version)) : std::nullopt;
}

Result<Response> change(const Context& context, const Request& request, const WebhookEndpointChange& body) {
    TRY_ASSIGN(const auto version, versionOf(context, request, http::IfMatch::required));
    if (body.url) TRY(http::checkUrl(context.webhooks.rules, *body.url));
    exchange::WebhookChange wanted;
    wanted.url = body.url;
    wanted.description = body.description;
    wanted.types = body.types;
    if (body.payload) wanted.payload = textOf(*body.payload);
    if (body.status) wanted.isEnabled = *body.status == WebhookStatus::enabled;
    TRY_ASSIGN(const auto changed, exchange::changeWebhook(context.webhooks.desk, callerOf(request),
                                                           *request.path.id("id"), version, wanted));
    return answer(changed);
}

Result<Response> addSecret(const Context& context, const Request& request, const NewWebhookSecret& body) {
    const exchange::WebhookDesk& desk = context.webhooks.desk;
    std::optional<Instant> othersExpireAt;
    if (body.rotate.value_or(false))
        othersExpireAt = body.othersExpireAt.value_or(desk.services.clock.now() + desk.limits.secretOverlap);
    TRY_ASSIGN(const auto view,
               exchange::addWebhookSecret(desk, callerOf(request), *request.path.id("id"),
                                          kindOf(body.kind.value_or(WebhookSignature::v1)), othersExpireAt));
    return answer(view, 201);
}

http::EndpointBuilder declare(http::Route route, std::string operationId, std::string summary) {
    auto builder = endpoint(std::move(route), std::move(operationId));
    builder.tag("Webhooks").summary(std::move(summary)).scope(std::string(domain::scope::webhooksManage));
    return builder;
}
http::EndpointBuilder declareOne(http::Route route, std::string operationId, std::string summary) {
    auto builder = declare(std::move(route), std::move(operationId), std::move(summary));
    builder.path(http::idParameter("id", "The webhook endpoint"));
    return builder;
}

void addEndpoints(std::vector<http::Endpoint>& endpoints, const Context& context) {
    endpoints.push_back(
        declare(http::post("/v1/webhook-endpoints"), "createWebhookEndpoint",
                "Be told of what happens from now on; secrets are shown once")
            .query(http::idParameter("carrierId", "Where the client acts for several carriers"))
            .answers<WebhookEndpoint>(201, "The endpoint, with its version as ETag")
            .problems({"bad-url", "url-not-allowed", "unknown-event-type", "too-many-endpoints", "carrier-required",
                       "webhook-owner-only"})
            .handle<NewWebhookEndpoint>([&context](const Request& request, const NewWebhookEndpoint& body) {
                return create(context, request, body);
            }));
    endpoints.push_back(declare(http::get("/v1/webhook-endpoints"), "listWebhookEndpoints",
                                "The webhook endpoints that the caller may see")
                            .query(http::idParameter("carrierId", "Of this carrier"))
                            .query(http::textParameter("cursor", "From `next` of the page before", 512))
                            .query(http::integerParameter("limit", "Endpoints a page", 1, 1'000, endpointPage))
                            .answers<WebhookEndpointList>(200, "In order of id")
                            .problems({"bad-cursor"})
                            .handle([&context](const Request& request) { return list(context, request); }));
    endpoints.push_back(
        declareOne(http::get("/v1/webhook-endpoints/{id}"), "readWebhookEndpoint", "One webhook endpoint")
            .answers<WebhookEndpoint>(200, "The endpoint, with its version as ETag")
            .handle([&context](const Request& request) -> Result<Response> {
                TRY_ASSIGN(const auto view,
                           exchange::findWebhook(context.webhooks.desk, callerOf(request), *request.path.id("id")));
                return answer(view);
            }));
    endpoints.push_back(
        declareOne(http::patch("/v1/webhook-endpoints/{id}"), "changeWebhookEndpoint",
                   "Change it, enable it, disable it")
            .description(
                "What is left out stays. `If-Match` with the `ETag` of the last read is needed. Enabling sends "
                "what waits; what was given up is sent by `recover`.")
            .answers<WebhookEndpoint>(200, "The endpoint as it is now")
            .problems({"bad-url", "url-not-allowed", "unknown-event-type", "transition-not-allowed",
                       "webhook-owner-only", "if-match-required", "bad-if-match", "version-mismatch"})
            .handle<WebhookEndpointChange>([&context](const Request& request, const WebhookEndpointChange& body) {
                return change(context, request, body);
            }));
    endpoints.push_back(
        declareOne(http::delete_("/v1/webhook-endpoints/{id}"), "deleteWebhookEndpoint",
                   "End it, with its secrets and its log")
            .answersNothing(204, "Deleted")
            .problems({"webhook-owner-only", "bad-if-match", "version-mismatch"})
            .handle([&context](const Request& request) -> Result<Response> {
                TRY_ASSIGN(const auto version, versionOf(context, request, http::IfMatch::optional));
                TRY(exchange::deleteWebhook(context.webhooks.desk, callerOf(request), *request.path.id("id"), version));
                return http::noContent();
            }));
}

void addSecrets(std::vector<http::Endpoint>& endpoints, const Context& context) {
    endpoints.push_back(declareOne(http::post("/v1/webhook-endpoints/{id}/secrets"), "addWebhookSecret",
                                   "Add a secret, or rotate; it is shown once")
                            .description("Deliveries carry a signature by each secret that is live.")
                            .body<NewWebhookSecret>("")
                            .optionalBody()
                            .answers<WebhookEndpoint>(201, "The endpoint with the new secret")
                            .problems({"webhook-owner-only", "too-many-secrets"})
                            .handle<NewWebhookSecret>([&context](const Request& request, const NewWebhookSecret& body) {
                                return addSecret(context, request, body);
                            }));
    endpoints.push_back(declareOne(http::delete_("/v1/webhook-endpoints/{id}/secrets/{secretId}"),
                                   "deleteWebhookSecret", "Sign nothing with it any more")
                            .path(http::idParameter("secretId", "The secret"))
                            .answersNothing(204, "Deleted")
                            .problems({"webhook-owner-only", "last-secret"})
                            .handle([&context](const Request& request) -> Result<Response> {
                                TRY(exchange::removeWebhookSecret(context.webhooks.desk, callerOf(request),
                                                                  *request.path.id("id"),
                                                                  *request.path.id("secretId")));
                                return http::noContent();
                            }));
}

}  // namespace

std::vector<http::Endpoint> webhookEndpoints(const Context& context) {
    std::vector<http::Endpoint> endpoints;
    addEndpoints(endpoints, context);
    addSecrets(endpoints, context);
    return endpoints;
}

}  // namespace meetpoint::api
