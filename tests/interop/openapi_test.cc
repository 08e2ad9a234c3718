// What the API answers, held against what its document says, as a stranger's validator (ajv) judges both.
#include <fstream>

#include "api/records.h"
#include "interop/node_script.h"

namespace meetpoint::tests {
namespace {

class OpenApiAnswers : public WorldTest {};

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
    for (const std::string& path : std::vector<std::string>{
             "reconciliation/days/" + day + "?", "reconciliation/items?limit=7&date=" + day + "&",
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
    world.acme.done("/v1/numbers/" + world.alpNumber + "/unassign", json::object{});

    const std::string document = std::string(MEETPOINT_SOURCE_DIR) + "/api/openapi.json";
    const TemporaryFolder folder;
    const auto answers = folder.path() / "answers.ndjson";
    std::ofstream(answers) << linesOf(exchange.answers());
    expectNodeAgrees("check_answers.mjs", {document, answers.string()});
}

ON_EVERY_STORE(OpenApiAnswers);

}  // namespace
}  // namespace meetpoint::tests
