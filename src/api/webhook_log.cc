// What is delivered to a webhook endpoint: its log, and sending once more.
#include "api/endpoints.h"
#include "api/links.h"
#include "exchange/webhooks.h"
#include "http/json.h"

namespace meetpoint::api {

using http::endpoint;
using http::Request;
using http::Response;

struct WebhookAttempt {
    std::int64_t number;
    Instant at;
    std::int64_t durationMs;
    std::optional<std::int64_t> status;
    std::optional<std::string> error;
    static constexpr http::FieldDoc docs[] = {
        {.field = "number", .what = "From 1"},
        {.field = "status", .what = "Of the answer; 200 to 299 is success"},
        {.field = "error", .what = "The code of what was wrong, where there was no answer"},
    };
};
BOOST_DESCRIBE_STRUCT(WebhookAttempt, (), (number, at, durationMs, status, error))

struct WebhookDelivery {
    Id id;
    std::string type;
    Id eventId;
    std::optional<std::int64_t> sequence;
    std::string state;
    Instant createdAt;
    std::optional<Instant> nextAttemptAt;
    std::optional<Instant> deliveredAt;
    std::int64_t attemptCount;
    std::vector<WebhookAttempt> attempts;
    static constexpr http::FieldDoc docs[] = {
        {.field = "id", .what = "The webhook-id that it is sent with, each time"},
        {.field = "sequence", .what = "Of the record in its feed"},
        {.field = "state", .what = "waiting, delivered or failed"},
        {.field = "attempts", .what = "The newest 20, in order"},
    };
};
BOOST_DESCRIBE_STRUCT(WebhookDelivery, (),
                      (id, type, eventId, sequence, state, createdAt, nextAttemptAt, deliveredAt, attemptCount,
                       attempts))

struct WebhookDeliveryList {
    std::vector<WebhookDelivery> items;
    std::optional<std::string> next;
};
BOOST_DESCRIBE_STRUCT(WebhookDeliveryList, (), (items, next))

enum class RecoverWhich { missed, all };
BOOST_DESCRIBE_ENUM(RecoverWhich, missed, all)

struct WebhookRecovery {
    Instant since;
    std::optional<RecoverWhich> include;
    static constexpr http::FieldDoc docs[] = {
        {.field = "since", .what = "Events that were noted down or last tried since then"},
        {.field = "include", .what = "missed (default): what was not delivered; all: what was delivered, too"},
    };
};
BOOST_DESCRIBE_STRUCT(WebhookRecovery, (), (since, include))

struct WebhookRecovered {
    std::int64_t count;
    static constexpr http::FieldDoc docs[] = {{.field = "count", .what = "Events that are sent now"}};
};
BOOST_DESCRIBE_STRUCT(WebhookRecovered, (), (count))

namespace {

constexpr std::int64_t deliveryPage = 100;

WebhookDelivery wire(const store::WebhookDelivery& delivery, const std::vector<store::WebhookAttempt>& attempts = {}) {
    WebhookDelivery to{delivery.id,
                       delivery.type,
                       delivery.eventId,
                       delivery.kind ? std::optional(delivery.sequence) : std::nullopt,
                       std::string(name(delivery.state)),
                       delivery.createdAt,
                       delivery.nextAttemptAt,
                       delivery.deliveredAt,
                       delivery.attempts,
                       {}};
    for (const auto& attempt : attempts)
        to.attempts.push_back({attempt.attempt, attempt.at, attempt.took.ms, attempt.status, attempt.error});
    return to;
}

Result<Response> list(const Context& context, const Request& request) {
    const Id id = *request.path.id("id");
    const domain::Caller& caller = callerOf(request);
    const std::string name = "webhook-deliveries/" + formatId(id);
    const auto limit = static_cast<std::size_t>(request.query.integer("limit").value_or(deliveryPage));
    store::DeliveryPage page{{}, {}, limit + 1};
    if (const auto state = request.query.text("state")) page.state = store::readDeliveryState(*state);
    if (const auto cursor = request.query.text("cursor")) {
        TRY_ASSIGN(page.before, context.cursors.read(*cursor, name, caller.clientId));
    }
    TRY_ASSIGN(auto log, exchange::readWebhookLog(context.webhooks.desk, caller, id, page));
    const bool more = log.size() > limit;
    if (more) log.pop_back();
    WebhookDeliveryList answer;
    for (const auto& logged : log)
        answer.items.push_back(wire(logged.delivery, logged.attempts));
    if (more) answer.next = context.cursors.write(name, log.back().delivery.position, caller.clientId);
    Response response = http::jsonResponse(answer);
    if (answer.next) addNextLink(response, request, *answer.next);
    return response;
}

http::EndpointBuilder declare(http::Route route, std::string operationId, std::string summary) {
    auto builder = endpoint(std::move(route), std::move(operationId));
    builder.tag("Webhooks")
        .summary(std::move(summary))
        .scope(std::string(domain::scope::webhooksManage))
        .path(http::idParameter("id", "The webhook endpoint"));
    return builder;
}

}  // namespace

std::vector<http::Endpoint> webhookLogEndpoints(const Context& context) {
    const exchange::WebhookDesk& desk = context.webhooks.desk;
    std::vector<http::Endpoint> endpoints;
    endpoints.push_back(declare(http::post("/v1/webhook-endpoints/{id}/test"), "testWebhookEndpoint",
                                "Send an event that says nothing, once")
                            .description("A disabled endpoint is sent it, too, unless the platform disabled it.")
                            .answers<WebhookDelivery>(202, "What is sent; the log says what came of it")
                            .problems({"webhook-owner-only", "transition-not-allowed"})
                            .handle([&desk](const Request& request) -> Result<Response> {
                                TRY_ASSIGN(const auto test,
                                           exchange::testWebhook(desk, callerOf(request), *request.path.id("id")));
                                return http::jsonResponse(wire(test), 202);
                            }));
    endpoints.push_back(declare(http::get("/v1/webhook-endpoints/{id}/deliveries"), "listWebhookDeliveries",
                                "What was or is to be delivered, with every attempt")
                            .query(http::choiceParameter("state", "In this state", {"waiting", "delivered", "failed"}))
                            .query(http::textParameter("cursor", "From `next` of the page before", 512))
                            .query(http::integerParameter("limit", "Deliveries a page", 1, 1'000, deliveryPage))
                            .answers<WebhookDeliveryList>(200, "Newest first")
                            .problems({"bad-cursor"})
                            .handle([&context](const Request& request) { return list(context, request); }));
    endpoints.push_back(declare(http::post("/v1/webhook-endpoints/{id}/deliveries/{deliveryId}/replay"),
                                "replayWebhookDelivery", "Send one event once more, under the same webhook-id")
                            .path(http::idParameter("deliveryId", "The delivery"))
                            .answers<WebhookDelivery>(202, "What is sent")
                            .problems({"webhook-owner-only"})
                            .handle([&desk](const Request& request) -> Result<Response> {
                                TRY_ASSIGN(const auto replayed,
                                           exchange::replayDelivery(desk, callerOf(request), *request.path.id("id"),
                                                                    *request.path.id("deliveryId")));
                                return http::jsonResponse(wire(replayed), 202);
                            }));
    endpoints.push_back(
        declare(http::post("/v1/webhook-endpoints/{id}/recover"), "recoverWebhookEndpoint",
                "Send what was not delivered since then")
            .description(
                "Each event keeps its webhook-id. What was delivered is left out, unless `include` is `all`. A "
                "disabled endpoint gets it once it is enabled.")
            .answers<WebhookRecovered>(202, "How many events are sent")
            .problems({"webhook-owner-only"})
            .handle<WebhookRecovery>([&desk](const Request& request, const WebhookRecovery& body) -> Result<Response> {
                const auto which = body.include == RecoverWhich::all ? store::Recovered::all : store::Recovered::missed;
                TRY_ASSIGN(const auto count, exchange::recoverWebhook(desk, callerOf(request), *request.path.id("id"),
                                                                      body.since, which));
                return http::jsonResponse(WebhookRecovered{count}, 202);
            }));
    return endpoints;
}

}  // namespace meetpoint::api
