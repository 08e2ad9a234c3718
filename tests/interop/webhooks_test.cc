// Our deliveries, verified by the library that receivers verify them with.
#include <fstream>

#include "api/webhook_receiver.h"
#include "api/world.h"
#include "interop/node_script.h"

namespace meetpoint::tests {
namespace {

class StandardWebhooks : public WorldTest {
protected:
    StandardWebhooks()
        : WorldTest([](server::Configuration& configuration) {
              configuration.webhooks.rules = {true, true};
              configuration.webhooks.limits.look = milliseconds(5);
          }) {}
    WebhookReceiver receiver;
};

TEST_P(StandardWebhooks, VerifyWhatWeDeliver) {
    ASSERT_NO_FATAL_FAILURE(expectNodePackages());
    const json::value made = world.alp.done(
        "/v1/webhook-endpoints", json::object{{"url", receiver.url("/ok")}, {"signatures", json::array{"v1", "v1a"}}});
    const std::string path = "/v1/webhook-endpoints/" + textAt(made, "/id");
    std::string secret, publicKey;
    const json::array secrets = at(made, "/secrets").as_array();
    for (const json::value& one : secrets)
        (textAt(one, "/kind") == "v1" ? secret : publicKey) =
            textAt(one, textAt(one, "/kind") == "v1" ? "/secret" : "/publicKey");
    world.acme.done("/v1/numbers/" + world.alpNumber + "/unassign", json::object{});
    receiver.waitFor("/ok", 1);
    // A rotation in between: old and new secret both verify.
    const json::value rotated = world.alp.done(path + "/secrets", json::object{{"rotate", true}});
    const std::size_t before = receiver.at("/ok").size();
    world.alp.send({.method = "POST", .url = path + "/test"});
    std::string fresh;
    const json::array live = at(rotated, "/secrets").as_array();
    for (const json::value& one : live)
        if (one.as_object().contains("secret")) fresh = textAt(one, "/secret");
    const auto messages = receiver.waitFor("/ok", before + 1);

    const TemporaryFolder folder;
    const auto write = [&](const std::string& name, const std::vector<WebhookReceiver::Message>& list) {
        const auto file = folder.path() / name;
        std::ofstream out(file);
        for (const auto& message : list) {
            json::object headers;
            for (const auto& [header, value] : message.headers)
                headers[header] = value;
            out << json::serialize(json::object{{"headers", headers}, {"body", message.body}}) << "\n";
        }
        return file.string();
    };
    expectNodeAgrees("verify_webhooks.mjs", {write("all.ndjson", messages), secret, publicKey});
    expectNodeAgrees("verify_webhooks.mjs", {write("last.ndjson", {messages.back()}), fresh, publicKey});
}

ON_EVERY_STORE(StandardWebhooks);

}  // namespace
}  // namespace meetpoint::tests
