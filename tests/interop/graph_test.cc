// Microsoft's Graph client, as the npm registry has it, at work on the exchange.
#include "api/world.h"
#include "interop/node_script.h"

namespace meetpoint::tests {
namespace {

constexpr const char* publicUrl = "https://exchange.example";
constexpr int count = 2'500;

class GraphClient : public WorldTest {
protected:
    GraphClient() : WorldTest([](server::Configuration& configuration) { configuration.publicUrl = publicUrl; }) {}
};

TEST_P(GraphClient, PagesThroughTheNumbersAndAssignsOne) {
    ASSERT_NO_FATAL_FAILURE(expectNodePackages());
    json::array list;
    for (int i = 0; i < count - 2; ++i)  // two are there already
        list.push_back(json::object{{"telephoneNumber", "+4144" + std::to_string(7'000'000 + i)}});
    const json::value ordered =
        world.alp.ordered(json::object{{"tenantId", world.acmeId}, {"numbers", std::move(list)}});
    ASSERT_EQ(textAt(ordered, "/status"), "succeeded") << json::serialize(ordered).substr(0, 500);
    expectNodeAgrees("graph.mjs", {exchange.url(), publicUrl, world.acme.token(), world.acmeUser,
                                   std::string(World::alpSpareE164), std::to_string(count)});
}

ON_EVERY_STORE(GraphClient);

}  // namespace
}  // namespace meetpoint::tests
