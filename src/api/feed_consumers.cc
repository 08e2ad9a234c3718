// Consumers of feeds, whose place the exchange keeps.
#include "exchange/feed_consumers.h"

#include "api/endpoints.h"
#include "api/links.h"
#include "http/json.h"

namespace meetpoint::api {

using http::endpoint;
using http::Request;
using http::Response;

enum class FeedName { assignments, calls, items };
BOOST_DESCRIBE_ENUM(FeedName, assignments, calls, items)
enum class FeedStart { first, now };
BOOST_DESCRIBE_ENUM(FeedStart, first, now)

struct NewFeedConsumer {
    FeedName feed = FeedName::calls;
    std::string name;
    std::optional<FeedStart> from;
    static constexpr http::FieldDoc docs[] = {
        {.field = "name", .what = "Of your own; one of a kind in its feed", .minLength = 1, .maxLength = 100},
        {.field = "from", .what = "first (default): the first record that is kept; now: what comes from now on"},
    };
};
BOOST_DESCRIBE_STRUCT(NewFeedConsumer, (), (feed, name, from))

struct FeedConsumer {
    Id id;
    Id carrierId;
    FeedName feed;
    std::string name;
    std::int64_t nextSequence;
    std::int64_t unread;
    std::optional<Instant> oldestUnreadAt;
    std::optional<std::int64_t> lagMs;
    std::optional<Instant> committedAt;
    Instant createdAt;
    static constexpr http::FieldDoc docs[] = {
        {.field = "nextSequence", .what = "The first record that was not committed"},
        {.field = "unread", .what = "Records that are there and were not committed"},
        {.field = "oldestUnreadAt", .what = "When the first of them was stored; absent where it is no longer kept"},
        {.field = "lagMs", .what = "How long ago that was"},
    };
};
BOOST_DESCRIBE_STRUCT(FeedConsumer, (),
                      (id, carrierId, feed, name, nextSequence, unread, oldestUnreadAt, lagMs, committedAt, createdAt))

struct FeedConsumerList {
    std::vector<FeedConsumer> items;
};
BOOST_DESCRIBE_STRUCT(FeedConsumerList, (), (items))

struct FeedCommit {
    std::string cursor;
    std::optional<bool> rewind;
    static constexpr http::FieldDoc docs[] = {
        {.field = "cursor", .what = "The feed's `next` behind the last record that is done with", .maxLength = 512},
        {.field = "rewind", .what = "Whether the consumer may go back"},
    };
};
BOOST_DESCRIBE_STRUCT(FeedCommit, (), (cursor, rewind))

namespace {

columns::LaneKind kindOf(FeedName feed) {
    return feed == FeedName::assignments ? columns::LaneKind::assignments
           : feed == FeedName::calls     ? columns::LaneKind::calls
                                         : columns::LaneKind::items;
}
FeedName nameOf(columns::LaneKind kind) {
    return kind == columns::LaneKind::assignments ? FeedName::assignments
           : kind == columns::LaneKind::calls     ? FeedName::calls
                                                  : FeedName::items;
}

FeedConsumer wire(const Context& context, const exchange::FeedConsumerView& view) {
    const store::FeedConsumer& from = view.consumer;
    std::optional<std::int64_t> lag;
    if (view.oldestUnreadAt) lag = std::max<std::int64_t>(0, (context.exchange.clock.now() - *view.oldestUnreadAt).ms);
    return {from.id,           from.carrierId, nameOf(from.lane.kind), from.name,
            from.nextSequence, view.unread,    view.oldestUnreadAt,    lag,
            from.committedAt,  from.createdAt};
}

Result<Response> create(const Context& context, const Request& request, const NewFeedConsumer& body) {
    TRY_ASSIGN(const Id carrier, exchange::carrierOf(callerOf(request), request.query.id("carrierId")));
    const exchange::NewFeedConsumer wanted{kindOf(body.feed), body.name,
                                           body.from.value_or(FeedStart::first) == FeedStart::now};
    TRY_ASSIGN(const auto view, exchange::makeFeedConsumer(context.exchange, context.limits, carrier, wanted));
    Response response = http::jsonResponse(wire(context, view), 201);
    response.headers.set("Location", "/v1/feed-consumers/" + formatId(view.consumer.id));
    return response;
}

Result<Response> list(const Context& context, const Request& request) {
    TRY_ASSIGN(const Id carrier, exchange::carrierOf(callerOf(request), request.query.id("carrierId")));
    TRY_ASSIGN(const auto views, exchange::listFeedConsumers(context.exchange, carrier));
    FeedConsumerList answer;
    for (const auto& view : views)
        answer.items.push_back(wire(context, view));
    return http::jsonResponse(answer);
}

http::EndpointBuilder declare(http::Route route, std::string operationId, std::string summary) {
    auto builder = endpoint(std::move(route), std::move(operationId));
    builder.tag("Feeds").summary(std::move(summary)).scope(std::string(domain::scope::feedsConsume));
    return builder;
}

http::EndpointBuilder declareOne(http::Route route, std::string operationId, std::string summary) {
    auto builder = declare(std::move(route), std::move(operationId), std::move(summary));
    builder.path(http::idParameter("id", "The consumer"));
    return builder;
}

http::Parameter carrierParameter() {
    return http::idParameter("carrierId", "Where the client acts for several carriers");
}

}  // namespace

std::vector<http::Endpoint> feedConsumerEndpoints(const Context& context) {
    std::vector<http::Endpoint> endpoints;
    endpoints.push_back(
        declare(http::post("/v1/feed-consumers"), "createFeedConsumer", "Have the place in a feed kept")
            .description("The feed is read with `consumer`, from what was committed; commit once a page is done with.")
            .query(carrierParameter())
            .answers<FeedConsumer>(201, "The consumer")
            .problems({"carrier-required", "feed-consumer-exists", "too-many-feed-consumers"})
            .handle<NewFeedConsumer>([&context](const Request& request, const NewFeedConsumer& body) {
                return create(context, request, body);
            }));
    endpoints.push_back(declare(http::get("/v1/feed-consumers"), "listFeedConsumers",
                                "The carrier's consumers and how far behind they are")
                            .query(carrierParameter())
                            .answers<FeedConsumerList>(200, "All of them, in order of making")
                            .problems({"carrier-required"})
                            .handle([&context](const Request& request) { return list(context, request); }));
    endpoints.push_back(
        declareOne(http::get("/v1/feed-consumers/{id}"), "readFeedConsumer", "How far a consumer has come")
            .answers<FeedConsumer>(200, "The consumer")
            .handle([&context](const Request& request) -> Result<Response> {
                TRY_ASSIGN(const auto view,
                           exchange::findFeedConsumer(context.exchange, callerOf(request), *request.path.id("id")));
                return http::jsonResponse(wire(context, view));
            }));
    endpoints.push_back(
        declareOne(http::post("/v1/feed-consumers/{id}/commit"), "commitFeedConsumer", "What was read is done with")
            .answers<FeedConsumer>(200, "The consumer")
            .problems({"bad-cursor", "cursor-behind"})
            .handle<FeedCommit>([&context](const Request& request, const FeedCommit& body) -> Result<Response> {
                TRY_ASSIGN(const auto view, exchange::commitFeedConsumer(context.exchange, context.cursors,
                                                                         callerOf(request), *request.path.id("id"),
                                                                         body.cursor, body.rewind.value_or(false)));
                return http::jsonResponse(wire(context, view));
            }));
    endpoints.push_back(
        declareOne(http::delete_("/v1/feed-consumers/{id}"), "deleteFeedConsumer", "Keep its place no longer")
            .answersNothing(204, "Gone")
            .handle([&context](const Request& request) -> Result<Response> {
                TRY(exchange::deleteFeedConsumer(context.exchange, callerOf(request), *request.path.id("id")));
                return http::noContent();
            }));
    return endpoints;
}

}  // namespace meetpoint::api
