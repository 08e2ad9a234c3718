// Starting, stopping, and what operators and machines read: data folders, restarts, health, metrics, the
// document, the log.
#include <fstream>
#include <thread>

#include <sys/types.h>
#include <unistd.h>

#include "api/records.h"
#include "http/test_support.h"

namespace meetpoint::tests {
namespace {

namespace fs = std::filesystem;
using Words = std::vector<std::string>;

// True once nobody listens there any more; asks again and again, at most for the patience of a test.
bool stopsListening(const std::string& url) {
    for (int attempt = 0; attempt < 1'000'000; ++attempt) {
        http::Client client;
        const auto answer = client.send({.method = "GET", .url = url + "/healthz"});
        if (!answer && answer.error().code == "cannot-connect") return true;
        std::this_thread::yield();
    }
    return false;
}

// A data folder is the embedded store's; what PostgreSQL needs instead is tested beside that store.
class DataFolder : public testing::Test {
protected:
    DataFolder() { configuration.data = folder.path() / "data"; }

    Result<std::unique_ptr<server::Server>> start() {
        configuration.port = configuration.operationsPort = 0;
        return server::Server::start(configuration, clock, random, silentLog());
    }
    Result<server::FirstClient> initialise() {
        return server::initialise(configuration, exchange::StoreKind::sandbox, clock, random, silentLog());
    }

    TemporaryFolder folder;
    server::Configuration configuration;
    ManualClock clock{ExchangeUnderTest::firstInstant};
    SeededRandom random{ExchangeUnderTest::seed};
};

TEST_F(DataFolder, OneThatIsMissingIsNotMade) {
    const auto started = start();
    ASSERT_FALSE(started);
    EXPECT_EQ(started.error().code, "store-not-initialised");
    EXPECT_NE(started.error().message.find("meetpoint init"), std::string::npos)
        << "it says what to do: " << started.error().message;
    EXPECT_FALSE(fs::exists(configuration.data)) << "serve makes no folder, least of all one whose name was misspelt";
}

TEST_F(DataFolder, OneThatIsInUseIsLeftAlone) {
    ASSERT_TRUE(initialise());
    const auto first = start();
    ASSERT_TRUE(first) << first.error().message;
    const auto second = start();
    ASSERT_FALSE(second);
    EXPECT_EQ(second.error().code, "data-folder-in-use");
    EXPECT_NE(second.error().message.find(configuration.data.string()), std::string::npos)
        << "it names the folder: " << second.error().message;
    EXPECT_EQ(plainGet("http://127.0.0.1:" + std::to_string((*first)->port()) + "/readyz").status, 200)
        << "the first one goes on";
}

TEST_F(DataFolder, OneThatIsInitialisedIsNotInitialisedAgain) {
    ASSERT_TRUE(initialise());
    const auto again = initialise();
    ASSERT_FALSE(again);
    EXPECT_EQ(again.error().code, "store-exists");
    EXPECT_TRUE(start());
}

TEST_F(DataFolder, AFileIsNone) {
    std::ofstream(configuration.data) << "not a folder";
    const auto started = start();
    ASSERT_FALSE(started);
    EXPECT_EQ(started.error().code, "data-folder-unusable");
}

// In a process of its own that gives up its rights: the superuser may write anywhere.
TEST_F(DataFolder, OneThatCannotBeWrittenSaysSo) {
    // Root may write anywhere, so the test becomes another user, who must at least get as far as the folder.
    if (::geteuid() == 0 && (fs::status("/").permissions() & fs::perms::others_exec) == fs::perms::none)
        GTEST_SKIP() << "the root folder of this machine is closed to other users";
    ASSERT_TRUE(initialise());
    // 0555 and 0444: anybody may look, nobody may write.
    fs::permissions(folder.path(), fs::perms(0755));
    for (const auto& file : fs::directory_iterator(configuration.data))
        fs::permissions(file, fs::perms(0444));
    fs::permissions(configuration.data, fs::perms(0555));
    constexpr uid_t nobody = 65534;
    EXPECT_EXIT(
        {
            if (::geteuid() == 0 && ::seteuid(nobody) != 0) ::_exit(1);
            const auto started = start();
            if (!started)
                std::fprintf(stderr, "%s: %s\n", started.error().code.c_str(), started.error().message.c_str());
            ::_exit(started ? 2 : 3);
        },
        testing::ExitedWithCode(3), "data-folder-unusable: .*may write in it");
    fs::permissions(configuration.data, fs::perms::owner_all);
}

class Lifecycle : public WorldTest {
protected:
    Lifecycle()
        : WorldTest([](server::Configuration& configuration) {
              configuration.limits.uploadChunkRecords = 20;
              configuration.statements.pause = milliseconds(5);
              configuration.publicUrl = "https://exchange.example";  // the same in every answer after a restart
          }) {}

    static json::array calls(int count) {
        json::array list;
        for (int number = 1; number <= count; ++number)
            list.push_back(callRecord({.number = number, .invitedAt = World::noon + seconds(number)}));
        return list;
    }
    Words storedCalls() { return column(at(world.alp.read("/v1/feeds/calls?limit=10000"), "/items"), "callId"); }
    static Words ids(int count) {
        Words list;
        for (int number = 1; number <= count; ++number)
            list.push_back(callId(number));
        return list;
    }
    // What happens in the background because time has passed is done.
    void waitForStatements() {
        const std::string now = formatInstant(exchange.clock.now());
        while (textAt(world.alp.read("/v1/feeds/assignments/statements"), "/closedUntil").substr(0, 13) <
               now.substr(0, 13))
            std::this_thread::yield();
    }
    void restart() {
        exchange.stop();
        exchange.start();
        world.reconnect();
    }

    // Sends the records piece by piece; after half of them it opens `halfway` and goes on once `resume` is
    // open.
    http::ClientRequest slowUpload(const std::string& key) {
        http::ClientRequest request{.method = "POST", .url = exchange.url() + "/v1/calls"};
        request.headers = {{"Content-Type", "application/x-ndjson"},
                           {"Idempotency-Key", key},
                           {"Authorization", "Bearer " + world.platform.token()}};
        request.source = [this, lines = calls(200),
                          sent = std::size_t(0)]() mutable -> Result<std::optional<std::string>> {
            if (sent == lines.size()) return std::optional<std::string>();
            if (sent == lines.size() / 2) {
                halfway.open();
                EXPECT_TRUE(resume.wait());
            }
            return ndjson({lines[sent++]});
        };
        return request;
    }

    http::Gate halfway, resume;
};

TEST_P(Lifecycle, WhatWasAcknowledgedIsThereAfterARestart) {
    EXPECT_EQ(countsOf(world.platform.upload("/v1/calls", ndjson(calls(50)))), "created 50");
    EXPECT_EQ(countsOf(world.alp.upload(
                  "/v1/durations", ndjson({durationOf({.number = 1, .invitedAt = World::noon + seconds(1)}, "r-1")}))),
              "created 1");
    world.alp.done("/v1/reconciliation/runs", json::object{{"date", World::day}});
    waitForStatements();
    const std::string before = everythingSeenBy(world, world.alp),
                      number = world.acme.get("/v1/numbers/" + world.alpNumber).body;
    const std::string cursor = textAt(world.alp.read("/v1/feeds/calls"), "/next"), token = world.alp.token();
    restart();
    EXPECT_EQ(storedCalls(), ids(50));
    EXPECT_EQ(world.acme.get("/v1/numbers/" + world.alpNumber).body, number);
    EXPECT_EQ(everythingSeenBy(world, world.alp), before);
    EXPECT_EQ(world.alp.get("/v1/feeds/calls?cursor=" + cursor, {{"Authorization", "Bearer " + token}}).status, 200)
        << "tokens and cursors go on";
    EXPECT_EQ(countsOf(world.platform.upload("/v1/calls", ndjson(calls(51)))), "created 1, unchanged 50");
}

TEST_P(Lifecycle, AGracefulStopLetsAnUploadFinish) {
    const std::string url = exchange.url();
    Result<http::ClientResponse> answered;
    std::thread uploading([&, request = slowUpload("slow")] {
        http::Client client;
        answered = client.send(request);
    });
    EXPECT_TRUE(halfway.wait());
    std::thread stopping([&] { exchange.stop(); });
    EXPECT_TRUE(stopsListening(url)) << "it takes no new connections from the first moment on";
    resume.open();
    uploading.join();
    stopping.join();
    ASSERT_TRUE(answered) << answered.error().message;
    EXPECT_EQ(countsOf({answered->status, answered->headers, answered->body}), "created 200");
    exchange.start();
    world.reconnect();
    EXPECT_EQ(storedCalls(), ids(200));
}

TEST_P(Lifecycle, AfterTheGraceWholeChunksStayAndTheUploadGoesOnLater) {
    exchange.configuration.stopGrace = milliseconds(0);
    restart();
    const std::string url = exchange.url();
    Result<http::ClientResponse> answered;
    std::thread uploading([&, request = slowUpload("cut")] {
        http::Client client;
        answered = client.send(request);
    });
    EXPECT_TRUE(halfway.wait());
    exchange.stop();
    resume.open();
    uploading.join();
    EXPECT_TRUE(!answered || answered->status >= 500)
        << "an upload that was cut is not acknowledged: " << answered->body;
    exchange.start();
    world.reconnect();
    const Words kept = storedCalls();
    EXPECT_EQ(kept.size() % 20, 0u) << kept.size();
    EXPECT_LE(kept.size(), 100u);
    EXPECT_EQ(kept, ids(static_cast<int>(kept.size())));
    const Answer again =
        world.platform.upload("/v1/calls", ndjson(calls(200)), "application/x-ndjson", {{"Idempotency-Key", "cut"}});
    EXPECT_EQ(countsOf(again), "created 200");
    EXPECT_EQ(storedCalls(), ids(200)) << "nothing twice, nothing lost";
}

TEST_P(Lifecycle, ALongPollEndsWhenTheServerStops) {
    const std::string cursor = textAt(world.alp.read("/v1/feeds/calls"), "/next"), url = exchange.url();
    // Once it is counted as running, the poll waits or is about to.
    Answer ended;
    std::thread waiting([&] { ended = world.alp.get("/v1/feeds/calls?wait=60&cursor=" + cursor); });
    while (plainGet(exchange.operationsUrl() + "/metrics").body.find("http_requests_in_flight 1") == std::string::npos)
        std::this_thread::yield();
    exchange.stop();
    waiting.join();
    EXPECT_EQ(ended.status, 200) << ended.body;
    EXPECT_TRUE(at(ended.value(), "/items").as_array().empty());
    EXPECT_EQ(textAt(ended.value(), "/next"), cursor);
}

TEST_P(Lifecycle, HealthAndReadinessSayWhichStore) {
    for (const auto& [path, status] : {std::pair("/healthz", "alive"), std::pair("/readyz", "ready")}) {
        const Answer answer = plainGet(exchange.url() + path);
        EXPECT_EQ(answer.status, 200);
        EXPECT_EQ(answer.value(),
                  (json::value{{"status", status}, {"store", "sandbox"}, {"version", MEETPOINT_VERSION}}));
    }
}

TEST_P(Lifecycle, EveryAnswerSaysWhichKindOfStore) {
    for (const auto& [kind, name] : {std::pair(exchange::StoreKind::live, std::string("live")),
                                     std::pair(exchange::StoreKind::sandbox, std::string("sandbox"))}) {
        ExchangeUnderTest one(GetParam(), kind);
        World there(one);
        for (const Answer& answer :
             {plainGet(one.url() + "/healthz"), plainGet(one.url() + "/v1/carriers"), plainGet(one.url() + "/nothing"),
              plainGet(one.url() + "/openapi.json"), there.alp.get("/v1/numbers"), there.alp.get("/v1/numbers?x=1"),
              there.alp.post("/v1/carriers", json::object()), there.alp.upload("/v1/numbers", "x"),
              there.platform.upload("/v1/calls", ""), plainGet(one.operationsUrl() + "/metrics"),
              plainGet(one.operationsUrl() + "/v1/carriers")})
            EXPECT_EQ(answer.headers.value("Meetpoint-Store"), name) << answer.whole().substr(0, 500);
    }
}

TEST_P(Lifecycle, TheDocumentIsServedAsItIsCommitted) {
    std::ostringstream committed;
    committed << std::ifstream(MEETPOINT_SOURCE_DIR "/api/openapi.json").rdbuf();
    const Answer served = plainGet(exchange.url() + "/openapi.json");
    EXPECT_EQ(served.headers.value("Content-Type"), "application/json");
    EXPECT_TRUE(served.body == committed.str())
        << "what is served is not api/openapi.json; OpenApi.TheCommittedDocumentIsWhatTheEndpointsDeclare "
           "says more";
}

TEST_P(Lifecycle, MetricsStandOnAListenerOfTheirOwnAndNameNobody) {
    world.alp.get("/v1/numbers/" + world.alpNumber);
    world.bay.get("/v1/numbers/" + world.alpNumber);
    EXPECT_EQ(plainGet(exchange.url() + "/metrics").status, 404) << "not where strangers ask";
    EXPECT_EQ(plainGet(exchange.operationsUrl() + "/v1/carriers").status, 404) << "and the API not there";
    const Answer metrics = plainGet(exchange.operationsUrl() + "/metrics");
    EXPECT_EQ(metrics.status, 200);
    EXPECT_TRUE(metrics.headers.value("Content-Type").starts_with("text/plain; version=0.0.4"));
    for (const char* line : {"http_requests_total{method=\"GET\",route=\"/v1/numbers/{id}\",status=\"2xx\"} 1",
                             "http_requests_total{method=\"GET\",route=\"/v1/numbers/{id}\",status=\"4xx\"} 1",
                             "http_request_duration_seconds_bucket", "http_connections"})
        EXPECT_NE(metrics.body.find(line), std::string::npos) << line << "\n" << metrics.body.substr(0, 3'000);
    expectNone(metrics.body, secretsOfAlp(world), "the metrics");
    expectNone(metrics.body, secretsOfBay(world), "the metrics");
}

TEST_P(Lifecycle, TheLogHoldsNoSecretAndNoNumber) {
    const std::string token = world.alp.token();
    world.platform.upload("/v1/calls", ndjson(calls(3)) + "{\"callId\":\"+41446681800\"}\n");
    world.bay.upload("/v1/durations", ndjson({durationRecord({})}));
    world.alp.get("/v1/numbers?state=%2B41446681800&cursor=%2B41446681800");
    world.alp.get("/v1/nothing/%2B41446681800?token=" + token);
    plainGet(exchange.url() + "/v1/carriers", {{"Authorization", "Bearer " + token + "x"}});
    exchange.stop();
    const std::string log = exchange.logged();
    EXPECT_NE(log.find("route=/v1/calls"), std::string::npos) << "it does log: " << log.substr(0, 500);
    std::vector<std::string> secrets{token, "Bearer", "41446681800", "41791234567", "sip:", "Anna"};
    for (const std::string& secret : secretsOfAlp(world))
        secrets.push_back(secret);
    expectNone(log, secrets, "the log");
}

ON_EVERY_STORE(Lifecycle);

}  // namespace
}  // namespace meetpoint::tests
