#include "http/openapi.h"

#include <boost/json/value.hpp>
#include <gtest/gtest.h>

#include "http/endpoint.h"

namespace meetpoint::http {
namespace {

enum class Mood { calm, wild };
BOOST_DESCRIBE_ENUM(Mood, calm, wild)

struct Node {
    std::string name;
    std::optional<Mood> mood;
    std::vector<Node> children;
    std::optional<std::string> parent;
    static constexpr FieldDoc docs[] = {
        {.field = "name", .what = "Its name.", .minLength = 1, .maxLength = 9, .example = "\"oak\""},
        {.field = "children", .maxLength = 4, .optional = true},
        {.field = "parent", .required = true}};
};
BOOST_DESCRIBE_STRUCT(Node, (), (name, mood, children, parent))

Result<Response> nothing(const Request&) {
    return noContent();
}

EndpointRegistry sample() {
    EndpointRegistry registry;
    EXPECT_TRUE(registry.add(endpoint(post("/v1/trees/{id}/nodes"), "addNode")
                                 .tag("Trees")
                                 .summary("Add a node")
                                 .scope("trees.write")
                                 .path(idParameter("id", "The tree."))
                                 .query(integerParameter("limit", "How many.", 1, 100, 20))
                                 .query(repeatable(choiceParameter("order", "Which way.", {"up", "down"})))
                                 .answers<Node>(201, "The node")
                                 .problems({"name-taken"})
                                 .handle<Node>([](const Request&, Node) -> Result<Response> { return noContent(); })));
    EXPECT_TRUE(registry.add(endpoint(get("/healthz"), "health").open().answersNothing(204, "Well").handle(nothing)));
    EXPECT_TRUE(registry.add(
        endpoint(get("/console/{rest*}"), "console").open().hidden().answersNothing(204, "").handle(nothing)));
    return registry;
}

TEST(OpenApi, SaysWhatIsDeclared) {
    OpenApiOptions options{"Trees", "1.2.3"};
    options.servers = {"https://example.org"};
    const auto document = writeOpenApi(sample(), options);
    ASSERT_TRUE(document) << document.error().message;
    EXPECT_EQ(*document, *writeOpenApi(sample(), options));
    for (const std::string_view expected : {
             R"("openapi": "3.1.0")",
             R"("/v1/trees/{id}/nodes": {)",
             R"("operationId": "addNode")",
             R"("trees.write": "")",
             R"("tokenUrl": "/oauth2/token")",
             R"("oauth2": ["trees.write"])",
             R"("default": 20)",
             R"("enum": ["up", "down"])",
             R"("$ref": "#/components/schemas/Node")",
             R"("required": ["name", "parent"])",
             R"("type": ["string", "null"])",
             R"("examples": ["oak"])",
             R"("maxItems": 4)",
             R"("security": [])",
             R"(`name-taken`)",
             R"("$ref": "#/components/responses/Problem")",
         })
        EXPECT_NE(document->find(expected), std::string::npos) << expected << "\n" << *document;
    EXPECT_EQ(document->find("console"), std::string::npos);
    EXPECT_TRUE(readJson<boost::json::value>(*document));
}

struct Outer {
    struct Node {
        std::string other;
    };
};
BOOST_DESCRIBE_STRUCT(Outer::Node, (), (other))

TEST(OpenApi, TwoTypesOfOneNameAreAnError) {
    auto registry = sample();
    ASSERT_TRUE(registry.add(endpoint(get("/v1/other"), "other").answers<Outer::Node>(200, "x").handle(nothing)));
    EXPECT_EQ(writeOpenApi(registry, {"a", "1"}).error().code, "schema-name-clash");
}

}  // namespace
}  // namespace meetpoint::http
