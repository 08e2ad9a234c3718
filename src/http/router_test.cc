#include "http/router.h"

#include <gtest/gtest.h>

namespace meetpoint::http {
namespace {

Endpoint named(Route route, std::string operation) {
    return endpoint(std::move(route), std::move(operation))
        .answersNothing(204, "")
        .handle([](const Request&) -> Result<Response> { return noContent(); });
}

EndpointRegistry sample() {
    EndpointRegistry registry;
    for (auto& [route, operation] :
         std::vector<std::pair<Route, std::string>>{{get("/v1/things/{id}"), "readThing"},
                                                    {get("/v1/things/search"), "searchThings"},
                                                    {post("/v1/things/search"), "postSearch"},
                                                    {get("/v1/things"), "listThings"},
                                                    {delete_("/v1/things/{id}"), "dropThing"},
                                                    {get("/v1/report(from={from},to={to})"), "report"},
                                                    {get("/v1/files/{name}.json"), "file"},
                                                    {get("/console/{rest*}"), "console"},
                                                    {get("/"), "root"}})
        EXPECT_TRUE(registry.add(named(route, operation)));
    return registry;
}

std::string operationOf(const EndpointRegistry& registry, Method method, std::string_view path) {
    const auto match = registry.match(method, path);
    return match ? match->endpoint->operationId : match.error().code;
}

TEST(Router, LiteralsBeatParameters) {
    const auto registry = sample();
    EXPECT_EQ(operationOf(registry, Method::get, "/v1/things/7"), "readThing");
    EXPECT_EQ(operationOf(registry, Method::get, "/v1/things/search"), "searchThings");
    EXPECT_EQ(operationOf(registry, Method::get, "/v1/things"), "listThings");
    EXPECT_EQ(operationOf(registry, Method::head, "/v1/things"), "listThings");
    EXPECT_EQ(operationOf(registry, Method::get, "/"), "root");
    EXPECT_EQ(operationOf(registry, Method::get, "/v1/things/"), "not-found");
    EXPECT_EQ(operationOf(registry, Method::get, "/v2"), "not-found");
    EXPECT_EQ(operationOf(registry, Method::get, ""), "not-found");
    EXPECT_EQ(operationOf(registry, Method::put, "/v1/things/7"), "method-not-allowed");
    EXPECT_EQ(operationOf(registry, Method::get, "/v1/things/%zz"), "bad-escape");
    EXPECT_EQ(operationOf(registry, Method::get, "/v1/things/%ff"), "bad-escape");
    EXPECT_EQ(registry.allowed("/v1/things/7"), "DELETE, GET, HEAD, OPTIONS");
    EXPECT_EQ(registry.allowed("/v1/things/search"), "GET, HEAD, OPTIONS, POST");
    EXPECT_EQ(registry.allowed("/nowhere"), "");
}

TEST(Router, TakesParametersOutOfSegments) {
    const auto registry = sample();
    const auto report = registry.match(Method::get, "/v1/report(from=2026-01-01,to=a%2Fb)");
    ASSERT_TRUE(report);
    EXPECT_EQ(report->path.text("from"), "2026-01-01");
    EXPECT_EQ(report->path.text("to"), "a/b");
    EXPECT_EQ(registry.match(Method::get, "/v1/files/a.json.json")->path.text("name"), "a.json");
    EXPECT_EQ(operationOf(registry, Method::get, "/v1/files/.json"), "not-found");
    EXPECT_EQ(registry.match(Method::get, "/console/js/app.js")->path.text("rest"), "js/app.js");
    EXPECT_EQ(registry.match(Method::get, "/console/")->path.text("rest"), "");
}

TEST(Router, AnIdThatIsNoneIsNotFound) {
    EndpointRegistry registry;
    ASSERT_TRUE(registry.add(endpoint(get("/v1/things/{id}"), "readThing")
                                 .path(idParameter("id", "The thing."))
                                 .answersNothing(204, "")
                                 .handle([](const Request&) -> Result<Response> { return noContent(); })));
    EXPECT_EQ(operationOf(registry, Method::get, "/v1/things/7"), "not-found");
    EXPECT_EQ(operationOf(registry, Method::get, "/v1/things/018f3c2e-7d1a-7c55-9a51-0b7c6f2d8a10"), "readThing");
}

TEST(Router, RefusesWrongDeclarations) {
    auto registry = sample();
    EXPECT_EQ(registry.add(named(get("/v1/things"), "again")).error().code, "bad-endpoint");
    EXPECT_EQ(registry.add(named(get("/v1/other"), "readThing")).error().code, "bad-endpoint");
    EXPECT_EQ(registry.add(named(patch("/v1/things/{name}"), "patchThing")).error().code, "bad-endpoint");
    EXPECT_EQ(registry.add(named(get("v1"), "noSlash")).error().code, "bad-template");
    EXPECT_EQ(registry.add(named(get("/v1/{a"), "open")).error().code, "bad-template");
    EXPECT_EQ(registry.add(named(get("/v1/{a}{b}"), "side")).error().code, "bad-template");
    EXPECT_EQ(registry.add(named(get("/v1/{a}/{a}"), "twice")).error().code, "bad-endpoint");
    EXPECT_EQ(registry.add(endpoint(get("/x"), "none").answersNothing(204, "").handle(SyncHandler())).error().code,
              "bad-endpoint");
}

}  // namespace
}  // namespace meetpoint::http
