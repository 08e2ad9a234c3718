// The work of the platform's switch: a feed of it, and what became of each piece.
#include <boost/json.hpp>

#include "api/endpoints.h"
#include "api/links.h"
#include "api/number_wire.h"
#include "api/waiting.h"
#include "exchange/switch_work.h"

namespace meetpoint::api {

using http::endpoint;
using http::Request;
using http::Response;
namespace scope = domain::scope;

struct SwitchWork {
    std::int64_t sequence;
    Id operationId;
    std::string kind;
    std::string status;
    Id carrierId;
    Id tenantId;
    Id numberId;
    Instant requestedAt;
    std::optional<Instant> expectedBy;
    boost::json::value request;
    static constexpr http::FieldDoc docs[] = {
        {.field = "sequence", .what = "Each is one more than the one before"},
        {.field = "kind", .what = "assignNumber, unassignNumber, removeNumber"},
        {.field = "status", .what = "running, succeeded or failed, as it is now"},
        {.field = "request",
         .what = "What to do, as it was asked for: telephoneNumber, usage, targetType, targetId, sipUri, category, "
                 "locationId, callingProfileId, reason"},
    };
};
BOOST_DESCRIBE_STRUCT(SwitchWork, (),
                      (sequence, operationId, kind, status, carrierId, tenantId, numberId, requestedAt, expectedBy,
                       request))

struct SwitchWorkPage {
    std::vector<SwitchWork> items;
    std::string next;
    bool hasMore;
};
BOOST_DESCRIBE_STRUCT(SwitchWorkPage, (), (items, next, hasMore))

enum class WorkStatus { succeeded, failed };
BOOST_DESCRIBE_ENUM(WorkStatus, succeeded, failed)
struct WorkOutcome {
    WorkStatus status = WorkStatus::succeeded;
    std::optional<std::string> reason;
    static constexpr http::FieldDoc docs[] = {
        {.field = "reason", .what = "Needed where it failed; tenant and carrier see it", .maxLength = 250}};
};
BOOST_DESCRIBE_STRUCT(WorkOutcome, (), (status, reason))

namespace {

constexpr std::int64_t longestWaitSeconds = 60;

SwitchWork workOf(const store::Operation& work) {
    boost::json::error_code ignored;  // written by this program
    return {work.sequence.value_or(0),
            work.id,
            work.kind,
            std::string(name(work.status)),
            work.carrierId.value_or(Id{}),
            work.tenantId.value_or(Id{}),
            work.numberId.value_or(Id{}),
            work.createdAt,
            work.expectedBy,
            boost::json::parse(work.request, ignored)};
}

http::Answer follow(const Context& context, http::AsyncRequest& request) {
    const Instant until = request->receivedAt + seconds(request->query.integer("wait").value_or(0));
    const auto limit = static_cast<std::size_t>(*request->query.integer("limit"));
    Waiting waiting(context, request, context.bells.of(exchange::switchWorkTopic), until);
    while (true) {
        waiting.look();
        auto page = co_await request.runBlocking([&] {
            return exchange::readSwitchWork(context.exchange, context.cursors, callerOf(*request),
                                            request->query.text("cursor"), limit);
        });
        if (!page) co_return fail(std::move(page).error());
        const bool isOver = !page->work.empty() || !co_await waiting.forMore();
        if (!isOver) continue;
        SwitchWorkPage out;
        for (const auto& work : page->work)
            out.items.push_back(workOf(work));
        out.next = page->next;
        out.hasMore = page->hasMore;
        Response response = http::jsonResponse(out);
        addNextLink(response, *request, page->next);
        co_return response;
    }
}

}  // namespace

std::vector<http::Endpoint> provisioningEndpoints(const Context& context) {
    std::vector<http::Endpoint> endpoints;
    endpoints.push_back(
        endpoint(http::get("/v1/feeds/provisioning"), "readProvisioningFeed")
            .tag("Feeds")
            .summary("What the platform's switch has to do")
            .description("Every piece of work in order, each with its status as it is now. Begin without a cursor; go "
                         "on with `next` for ever; end each piece with `POST /v1/operations/{id}/confirm`.")
            .scope(std::string(scope::provisioning))
            .query(http::textParameter("cursor", "From `next`; left out: from the first", 512))
            .query(http::integerParameter("limit", "Pieces a page", 1, 1'000, 100))
            .query(http::integerParameter("wait", "Seconds to wait for something new", 0, longestWaitSeconds, 0))
            .maxDuration(seconds(longestWaitSeconds + 30))
            .answers<SwitchWorkPage>(200, "A page")
            .problems({"bad-cursor"})
            .handle(http::asynchronous([&context](http::AsyncRequest& request) { return follow(context, request); })));
    endpoints.push_back(
        endpoint(http::post("/v1/operations/{id}/confirm"), "confirmOperation")
            .tag("Numbers")
            .summary("Say what became of a piece of the switch's work")
            .description("The same answer again changes nothing.")
            .scope(std::string(scope::provisioning))
            .path(http::idParameter("id", "The operation"))
            .answers<Operation>(200, "The operation, finished")
            .problems({"reason-required", "operation-finished", "not-switch-work", "version-mismatch"})
            .handle<WorkOutcome>([&context](const Request& request, WorkOutcome body) -> Result<Response> {
                TRY_ASSIGN(const auto operation,
                           exchange::confirmWork(context.exchange, callerOf(request), *request.path.id("id"),
                                                 {body.status == WorkStatus::succeeded, body.reason}));
                Operation out = wire(operation);
                out.complete = true;
                return http::jsonResponse(out);
            }));
    return endpoints;
}

}  // namespace meetpoint::api
