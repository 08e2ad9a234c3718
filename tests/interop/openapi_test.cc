// What the API answers, held against what its document says, as a stranger's validator (ajv) judges both.
#include <fstream>

#include "api/records.h"
#include "interop/node_script.h"

namespace meetpoint::tests {
namespace {

class OpenApiAnswers : public WorldTest {
protected:
    // A webhook endpoint with everything that one can have; its name leads to an address that is refused at once.
    void askForWebhooks() {
        const std::string all = "/v1/webhook-endpoints";
        const json::value made = world.alp.done(
            all, json::object{{"url", "https://localhost:1024/"}, {"signatures", json::array{"v1", "v1a"}}});
        const std::string one = all + "/" + textAt(made, "/id");
        const json::value test = world.alp.send({.method = "POST", .url = one + "/test"}).value();
        world.acme.done("/v1/numbers/" + world.alpNumber + "/unassign", json::object{});
        while (world.alp.get(one + "/deliveries").body.find("address-refused") == std::string::npos)
            std::this_thread::yield();
        world.alp.send({.method = "POST", .url = one + "/deliveries/" + textAt(test, "/id") + "/replay"});
        world.alp.done(one + "/recover", json::object{{"since", "2026-03-01T00:00:00Z"}});
        world.alp.done(one + "/secrets", json::object{{"rotate", true}});
        http::ClientRequest disable{.method = "PATCH", .url = one, .body = R"({"status":"disabled"})"};
        disable.headers = {{"Content-Type", "application/json"}, {"If-Match", "*"}};
        world.platform.send(disable);
        for (const std::string& path : {all, one, one + "/deliveries"})
            world.alp.get(path);
        world.alp.send({.method = "DELETE", .url = one + "/secrets/" + textAt(made, "/secrets/0/id")});
        world.alp.send({.method = "DELETE", .url = one});
    }
};

// A line an answer; what is no text for JSON (Arrow) is told by its media type alone.
std::string linesOf(const AnswerLog& log) {
    std::string lines;
    for (const auto& [operationId, answer] : log.entries()) {
        if (operationId.empty()) continue;
        const std::string type(answer.headers.value("Content-Type"));
        lines += json::serialize(json::object{{"operationId", operationId},
                                              {"status", answer.status},
                                              {"mediaType", type},
                                              {"body", type.find("arrow") == std::string::npos ? answer.body : ""}}) +
                 "\n";
    }
    return lines;
}

TEST_P(OpenApiAnswers, AreWhatTheDocumentSays) {
    ASSERT_NO_FATAL_FAILURE(expectNodePackages());
    TwoSides sides = twoSides(40, ExchangeUnderTest::seed);
    sides.calls.push_back(json::object{{"callId", "no call"}});
    world.platform.upload("/v1/calls", ndjson(sides.calls));
    const Answer uploaded = world.alp.upload("/v1/durations", ndjson(sides.durations));
    const std::string upload = textAt(uploaded.value(), "/uploadId");
    world.alp.done("/v1/reconciliation/runs", json::object{{"date", World::day}});
    for (Party* party : {&world.platform, &world.alp, &world.acme, &world.auditor})
        everythingSeenBy(world, *party);
    const std::string day(World::day);
    for (const std::string& path :
         std::vector<std::string>{"reconciliation/days/" + day + "?", "reconciliation/items?limit=7&date=" + day + "&",
                                  "feeds/calls?limit=7&", "feeds/calls?", "feeds/assignments?", "feeds/items?"})
        world.platform.get("/v1/" + path + "carrierId=" + world.alpId);
    world.alp.get("/v1/feeds/calls", {{"Accept", "application/vnd.apache.arrow.stream"}});
    for (const std::string& path :
         {"/v1/uploads/" + upload, "/v1/uploads/" + upload + "/results", "/v1/operations/" + world.alpOperation,
          "/v1/numbers/" + world.alpNumber, "/v1/numbers/" + world.alpNumber + "/history"})
        world.alp.get(path);
    for (const char* path : {"/healthz", "/readyz", "/.well-known/jwks.json"})
        world.alp.get(path);
    world.acme.get("/v1/tenants/" + world.acmeId + "/targets");
    askForWebhooks();

    const std::string document = std::string(MEETPOINT_SOURCE_DIR) + "/api/openapi.json";
    const TemporaryFolder folder;
    const auto answers = folder.path() / "answers.ndjson";
    std::ofstream(answers) << linesOf(exchange.answers());
    expectNodeAgrees("check_answers.mjs", {document, answers.string()});
}

ON_EVERY_STORE(OpenApiAnswers);

}  // namespace
}  // namespace meetpoint::tests
