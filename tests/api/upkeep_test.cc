// The thread of background work in a running exchange: it merges, says so where operators look, and nobody who reads
// notices.
#include "api/records.h"

namespace meetpoint::tests {
namespace {

constexpr const char* ndjsonType = "application/x-ndjson";

class UpkeepInTheBackground : public WorldTest {
protected:
    UpkeepInTheBackground()
        : WorldTest([](server::Configuration& configuration) {
              configuration.upkeep.pause = milliseconds(5);
              configuration.keys.runsPerLevel = 3;
              configuration.keys.cheapAppendMerge = 0;
              configuration.upkeep.blocks.worthMerging = 3;
          }) {}

    // What a counter of upkeep says.
    std::uint64_t counted(const std::string& name) const {
        const std::string line = "\nmeetpoint_upkeep_" + name + " ";
        const std::string metrics = plainGet(exchange.operationsUrl() + "/metrics").body;
        const std::size_t at = metrics.find(line);
        EXPECT_NE(at, std::string::npos) << name;
        return at == std::string::npos ? 0 : std::strtoull(metrics.c_str() + at + line.size(), nullptr, 10);
    }
    void waitFor(const std::string& counter, std::uint64_t atLeast) const {
        while (counted(counter) < atLeast)
            std::this_thread::yield();
    }
    std::string feed() { return world.alp.get("/v1/feeds/calls", {{"Accept", ndjsonType}}).body; }
};

TEST_P(UpkeepInTheBackground, MergesWhatIsDueAndChangesNothingThatIsRead) {
    for (int i = 0; i < 9; ++i)
        EXPECT_EQ(
            countsOf(world.platform.upload(
                "/v1/calls", ndjson({callRecord({.number = 2 * i}), callRecord({.number = 2 * i + 1})}), ndjsonType)),
            "created 2");
    const std::string before = feed();
    waitFor("key_runs_merged_total", 7);  // of the nine, two may wait for a third
    EXPECT_EQ(feed(), before);

    const std::uint64_t merged = counted("blocks_merged_total");  // of assignments, which are days old
    world.advance(minutes(11));
    waitFor("blocks_merged_total", merged + 9);
    EXPECT_EQ(feed(), before);
    EXPECT_EQ(countsOf(world.platform.upload("/v1/calls",
                                             ndjson({callRecord({.number = 3}), callRecord({.number = 4, .version = 2}),
                                                     callRecord({.number = 99})}),
                                             ndjsonType)),
              "created 1, updated 1, unchanged 1");
    EXPECT_TRUE(feed().starts_with(before));
    EXPECT_EQ(counted("failures_total"), 0u);
    exchange.stop();
    EXPECT_NE(exchange.logged().find("upkeep of lane 1/calls: 9 blocks merged into 1, 18 records"), std::string::npos);
}
ON_EVERY_STORE(UpkeepInTheBackground);

}  // namespace
}  // namespace meetpoint::tests
