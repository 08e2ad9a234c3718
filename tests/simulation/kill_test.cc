// A server that is killed at any moment loses nothing that it acknowledged and stores nothing twice.
#include <fstream>
#include <random>
#include <set>

#include <boost/json.hpp>
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "support/call_exchange.h"
#include "support/call_lines.h"
#include "support/outside_world.h"
#include "support/server_process.h"
#include "support/temporary_folder.h"

namespace meetpoint::outside {
namespace {

namespace fs = std::filesystem;
namespace json = boost::json;
using exchange::UploadCounts;

constexpr std::uint64_t recordsPerUpload = 20'000;
constexpr std::size_t kills = 10;

// How many calls are sent: a million, or what the environment says (a multiple of three uploads).
std::uint64_t recordsWanted() {
    const char* text = std::getenv("MEETPOINT_KILL_RECORDS");
    const std::uint64_t wanted = text ? std::strtoull(text, nullptr, 10) : 1'000'000;
    return std::max<std::uint64_t>(1, wanted / recordsPerUpload) * recordsPerUpload;
}

std::uint64_t seed() {
    const char* text = std::getenv("MEETPOINT_SEED");
    return text ? std::strtoull(text, nullptr, 10) : 20'261;
}

class KilledServer : public testing::Test {
protected:
    void SetUp() override {
        const auto made = runProgram(MEETPOINT_PROGRAM, {"init", "sandbox", "--data", data_.string()});
        ASSERT_TRUE(made) << made.error().message;
        ASSERT_EQ(made->exitCode, 0) << made->output;
        startServer();
        auto world = makeWorld(server_->url(), data_, 10'000);
        ASSERT_TRUE(world) << world.error().message << world.error().internal;
        world_ = std::move(*world);
        calls_.first = SystemClock().now();
        logIn();
    }

    void startServer() {
        auto started =
            ServerProcess::start(MEETPOINT_PROGRAM, {"--data", data_.string(), "--config", configuration().string()});
        ASSERT_TRUE(started) << started.error().message;
        server_.emplace(std::move(*started));
    }
    void logIn() {
        auto client = outside::logIn(server_->url(), world_.platform);
        ASSERT_TRUE(client) << client.error().message;
        platform_.emplace(std::move(*client));
    }

    // Pages of 10,000 records and the log of errors alone.
    fs::path configuration() const {
        const fs::path file = folder_.path() / "meetpoint.toml";
        if (!fs::exists(file)) std::ofstream(file) << "[operations]\nlogLevel = \"error\"\n";
        return file;
    }

    // Sends upload `number`; `line` writes call i; `beforePiece` is told how many records are out.
    Result<UploadCounts> send(std::uint64_t number, const std::string& key,
                              std::function<void(std::uint64_t, std::string&)> line,
                              std::function<void(std::uint64_t)> beforePiece) {
        return sendRecords(*platform_, {.from = number * recordsPerUpload,
                                        .to = (number + 1) * recordsPerUpload,
                                        .key = key,
                                        .line = std::move(line),
                                        .beforePiece = std::move(beforePiece)});
    }

    // `meetpoint verify`: intact, and how many records and keys the carrier's lane of calls holds.
    std::pair<std::int64_t, std::int64_t> verified() const {
        const auto run = runProgram(MEETPOINT_PROGRAM, {"verify", "--json", "--data", data_.string()});
        EXPECT_TRUE(run && run->exitCode == 0) << run->output.substr(0, 2'000);
        std::pair<std::int64_t, std::int64_t> out;
        const json::value report = json::parse(run->output);
        for (const json::value& lane : report.at("lanes").as_array())
            if (lane.at("lane").as_string() == "1/calls")
                out = {lane.at("records").to_number<std::int64_t>(), lane.at("distinctKeys").to_number<std::int64_t>()};
        return out;
    }

    // The ids of the carrier's whole feed, in which nothing may be missing or out of its place.
    std::vector<std::string> callsInFeed() const {
        auto carrier = outside::logIn(server_->url(), world_.carrier);
        EXPECT_TRUE(carrier);
        auto read = readFeed(*carrier, "/v1/feeds/calls", "callId");
        EXPECT_TRUE(read) << read.error().internal;
        if (!read) return {};
        EXPECT_THAT(read->faults, testing::IsEmpty());
        return std::move(read->ids);
    }

    const tests::TemporaryFolder folder_;
    const fs::path data_ = folder_.path() / "data";
    std::optional<ServerProcess> server_;
    OutsideWorld world_;
    CallLines calls_;
    std::optional<cli::ApiClient> platform_;
};

TEST_F(KilledServer, LosesNothingAcknowledgedAndStoresNothingTwice) {
    const std::uint64_t records = recordsWanted(), uploads = records / recordsPerUpload;
    std::mt19937_64 random(seed());
    std::multiset<std::uint64_t> killAt;  // records that are out when the server dies
    while (killAt.size() < kills)
        killAt.insert(random() % (records / recordsPerPiece) * recordsPerPiece + recordsPerPiece);
    SCOPED_TRACE(fmt::format("MEETPOINT_SEED={} MEETPOINT_KILL_RECORDS={}", seed(), records));

    const auto line = [&](std::uint64_t i, std::string& out) { calls_.appendJson(i, {}, out); };
    UploadCounts acknowledged;
    std::size_t killed = 0;
    for (std::uint64_t number = 0; number < uploads; ++number) {
        // Every other upload relies on its key to be resumed, the others on the records' own ids.
        const std::string key = number % 2 == 0 ? fmt::format("upload-{}", number) : std::string();
        Result<UploadCounts> counts = fail(internalError("not sent yet"));
        while (!counts) {
            counts = send(number, key, line, [&](std::uint64_t out) {
                if (!server_->running() || killAt.empty() || *killAt.begin() > out) return;
                killAt.erase(killAt.begin());
                server_->kill();
            });
            if (counts) break;
            ASSERT_FALSE(server_->running())
                << "an upload broke off although nobody killed the server: " << counts.error().internal;
            ++killed;
            startServer();
            logIn();
        }
        EXPECT_EQ(counts->created + counts->unchanged, recordsPerUpload) << toJson(*counts);
        acknowledged.add(*counts);
        if (!server_->running()) {  // killed after it had acknowledged
            ++killed;
            startServer();
            logIn();
        }
    }
    EXPECT_EQ(killed + killAt.size(), kills);
    EXPECT_TRUE(killAt.empty());

    const std::vector<std::string> inFeed = callsInFeed();
    EXPECT_EQ(inFeed.size(), records);
    std::vector<std::string> sent(records), got = inFeed;
    for (std::uint64_t i = 0; i < records; ++i)
        sent[i] = formatId(CallLines::callId(i));
    std::ranges::sort(sent);
    std::ranges::sort(got);
    EXPECT_TRUE(sent == got) << "the feed holds other calls than were sent";
    EXPECT_EQ(server_->stop(), 0);
    EXPECT_EQ(verified(), std::pair(static_cast<std::int64_t>(records), static_cast<std::int64_t>(records)));

    // Again, a third unchanged, a third changed at the same version, a third at a higher one.
    startServer();
    logIn();
    const auto changed = [&](std::uint64_t i, std::string& out) {
        calls_.appendJson(i, {.version = i % 3 == 2 ? 2 : 1, .phrase = i % 3 == 1 ? "Changed" : "OK"}, out);
    };
    UploadCounts again;
    for (std::uint64_t number = 0; number < uploads; ++number) {
        const auto counts = send(number, {}, changed, [](std::uint64_t) {});
        ASSERT_TRUE(counts) << counts.error().internal;
        again.add(*counts);
    }
    const UploadCounts expected{.created = 0,
                                .updated = records / 3,
                                .unchanged = (records + 2) / 3,
                                .outdated = 0,
                                .conflict = (records + 1) / 3,
                                .rejected = 0};
    EXPECT_EQ(toJson(again), toJson(expected));
    EXPECT_EQ(server_->stop(), 0);
    EXPECT_EQ(verified(),
              std::pair(static_cast<std::int64_t>(records + records / 3), static_cast<std::int64_t>(records)));
    RecordProperty("records", std::to_string(records));
    std::cout << fmt::format(
                     "{} calls sent through {} kills (seed {}): {} created and {} unchanged when acknowledged; feed {} "
                     "records; sent again: ",
                     records, killed, seed(), acknowledged.created, acknowledged.unchanged, inFeed.size())
              << toJson(again) << "\n";
}

}  // namespace
}  // namespace meetpoint::outside
