// Three nodes over one PostgreSQL, while nodes are killed and the database server crashes: nothing that was
// acknowledged is lost or doubled, every feed is whole and in order, and the reconciliation is that of an undisturbed
// exchange.
#include <fstream>
#include <mutex>
#include <random>
#include <thread>

#include <boost/json.hpp>
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include "base/clock.h"
#include "support/call_exchange.h"
#include "support/call_lines.h"
#include "support/outside_world.h"
#include "support/server_process.h"

namespace meetpoint::outside {
namespace {

namespace fs = std::filesystem;
namespace json = boost::json;

constexpr std::uint64_t recordsPerUpload = 2'000;
constexpr std::size_t nodes = 3, uploaders = 2, databaseCrashes = 2;
constexpr int triesOfOneRequest = 400;

std::uint64_t fromEnvironment(const char* name, std::uint64_t otherwise) {
    const char* text = std::getenv(name);
    return text ? std::strtoull(text, nullptr, 10) : otherwise;
}
// How many calls, and as many durations, are sent.
std::uint64_t recordsWanted() {
    return std::max<std::uint64_t>(1, fromEnvironment("MEETPOINT_CLUSTER_RECORDS", 60'000) / recordsPerUpload) *
           recordsPerUpload;
}
std::uint64_t seed() {
    return fromEnvironment("MEETPOINT_SEED", 20'261);
}

// A PostgreSQL server of the test's own, in a folder of its own.
class PrivatePostgres {
public:
    PrivatePostgres() {
        std::string pattern = (fs::temp_directory_path() / "meetpoint-pg-XXXXXX").string();
        folder_ = ::mkdtemp(pattern.data());
        fs::permissions(folder_, fs::perms(0755));
        started_ = run("start_postgres \"$0\" max_connections=200");
    }
    ~PrivatePostgres() {
        if (started_) run("stop_postgres \"$0\"");
        std::error_code ignored;  // what is left lies among temporary files
        fs::remove_all(folder_, ignored);
    }
    bool isStarted() const { return started_; }
    bool crashAndRestart() const { return run("restart_postgres \"$0\""); }
    std::string address() const { return "postgresql://meetpoint@/postgres?host=" + folder_.string(); }

private:
    bool run(const std::string& command) const {
        const std::string script = "cd '" MEETPOINT_SOURCE_DIR "' && . tools/postgres/private.sh && " + command;
        const auto ran = runProgram("/bin/bash", {"-c", script, folder_.string()});
        return ran && ran->exitCode == 0;
    }
    fs::path folder_;
    bool started_ = false;
};

// One node of the cluster: killed and started again by whoever disturbs it.
class Node {
public:
    explicit Node(std::vector<std::string> arguments) : arguments_(std::move(arguments)) {}

    // While the database server is away a node does not start; it is tried again, so often at most.
    bool start() {
        for (int i = 0; i < triesOfOneRequest; ++i) {
            auto started = ServerProcess::start(MEETPOINT_PROGRAM, arguments_);
            if (!started) continue;
            const std::lock_guard lock(mutex_);
            server_.emplace(std::move(*started));
            return true;
        }
        return false;
    }
    void kill() {
        const std::lock_guard lock(mutex_);
        if (server_) server_->kill();
    }
    int stop() {
        const std::lock_guard lock(mutex_);
        return server_ ? server_->stop() : -1;
    }
    std::string url() const {
        const std::lock_guard lock(mutex_);
        return server_ ? server_->url() : "";
    }

private:
    std::vector<std::string> arguments_;
    mutable std::mutex mutex_;
    std::optional<ServerProcess> server_;
};

class Cluster : public testing::Test {
protected:
    Cluster() : folder_(fs::temp_directory_path() / fmt::format("meetpoint-cluster-{}", ::getpid())) {
        fs::remove_all(folder_);
        fs::create_directories(folder_);
    }
    ~Cluster() override {
        for (auto* all : {&nodes_, &alone_})
            for (auto& node : *all)
                node->kill();
        fs::remove_all(folder_);
    }

    std::vector<std::string> database() const { return {"--database", postgres_.address()}; }

    void SetUp() override {
        if (!std::getenv("MEETPOINT_TEST_POSTGRES")) GTEST_SKIP() << "no PostgreSQL to test on; ./dev test starts one";
        ASSERT_TRUE(postgres_.isStarted()) << "PostgreSQL's server is not installed; ./dev test installs it";
        initialise(folder_ / "cluster", database());
        for (std::size_t i = 0; i < nodes; ++i) {
            nodes_.push_back(std::make_unique<Node>(serveArguments(database())));
            ASSERT_TRUE(nodes_.back()->start());
        }
        initialise(folder_ / "alone", {});
        alone_.push_back(std::make_unique<Node>(serveArguments({"--data", (folder_ / "alone").string()})));
        ASSERT_TRUE(alone_[0]->start());
        makeWorldAt(nodes_[0]->url(), folder_ / "cluster", world_);
        makeWorldAt(alone_[0]->url(), folder_ / "alone", aloneWorld_);
        // From here on the numbers are the carrier's in both.
        calls_.first = SystemClock().now();
        day_ = formatInstant(calls_.first).substr(0, 10);
    }

    static void makeWorldAt(const std::string& url, const fs::path& data, OutsideWorld& into) {
        auto world = makeWorld(url, data, 1'000);
        ASSERT_TRUE(world) << world.error().message << world.error().internal;
        into = std::move(*world);
    }

    static void initialise(const fs::path& data, std::vector<std::string> more) {
        std::vector<std::string> arguments{"init", "sandbox", "--data", data.string()};
        arguments.insert(arguments.end(), more.begin(), more.end());
        const auto made = runProgram(MEETPOINT_PROGRAM, arguments);
        ASSERT_TRUE(made) << made.error().message;
        ASSERT_EQ(made->exitCode, 0) << made->output;
    }

    std::vector<std::string> serveArguments(std::vector<std::string> store) const {
        const fs::path file = folder_ / "meetpoint.toml";
        if (!fs::exists(file)) std::ofstream(file) << "[operations]\nlogLevel = \"off\"\n";
        store.insert(store.end(), {"--config", file.string()});
        return store;
    }

    // The reconciliation of the same records in alone_, one node on SQLite that nothing befalls.
    std::string undisturbed(std::uint64_t records, const std::function<void(std::uint64_t, std::string&)>& call,
                            const std::function<void(std::uint64_t, std::string&)>& duration);

    PrivatePostgres postgres_;
    fs::path folder_;
    std::vector<std::unique_ptr<Node>> nodes_, alone_;
    OutsideWorld world_, aloneWorld_;
    CallLines calls_{.apart = milliseconds(50), .ownNumbers = 1'000};
    std::string day_;
};

// Speaks to one node after another until one has done what was asked. One thread each.
class Persistent {
public:
    Persistent(const std::vector<std::unique_ptr<Node>>& all, Login login, std::uint64_t seed)
        : nodes_(all), login_(std::move(login)), random_(seed) {}

    // `work` is given a client that is logged in, and gives whether it is done.
    bool until(const std::function<bool(cli::ApiClient&)>& work) {
        for (int i = 0; i < triesOfOneRequest; ++i) {
            auto client = outside::logIn(nodes_[random_() % nodes_.size()]->url(), login_);
            if (client && work(*client)) return true;
            ++retries;
        }
        return false;
    }
    std::uint64_t retries = 0;

private:
    const std::vector<std::unique_ptr<Node>>& nodes_;
    Login login_;
    std::mt19937_64 random_;
};

// What befalls the cluster, at how many records sent.
class Disturbance {
public:
    Disturbance(std::vector<std::unique_ptr<Node>>& all, const PrivatePostgres& postgres, std::uint64_t records,
                std::size_t kills)
        : nodes_(all), postgres_(postgres), random_(seed()) {
        for (std::size_t i = 1; i <= kills; ++i)
            at_.emplace_back(records * i / (kills + 1), false);
        for (std::size_t i = 1; i <= databaseCrashes; ++i)
            at_.emplace_back(records * (2 * i - 1) / (2 * databaseCrashes), true);
        std::ranges::sort(at_);
    }

    void sent(std::uint64_t records) {
        const std::lock_guard lock(mutex_);
        sent_ += records;
        while (next_ < at_.size() && sent_ >= at_[next_].first)
            if (at_[next_++].second)
                crashDatabase();
            else
                killOne();
    }

    std::size_t kills = 0, crashes = 0;

private:
    void killOne() {
        Node& node = *nodes_[random_() % nodes_.size()];
        node.kill();
        ++kills;
        EXPECT_TRUE(node.start());
    }
    void crashDatabase() {
        EXPECT_TRUE(postgres_.crashAndRestart());
        ++crashes;
    }

    std::vector<std::unique_ptr<Node>>& nodes_;
    const PrivatePostgres& postgres_;
    std::mutex mutex_;
    std::mt19937_64 random_;
    std::vector<std::pair<std::uint64_t, bool>> at_;  // how many records, and whether the database crashes
    std::size_t next_ = 0;
    std::uint64_t sent_ = 0;
};

// All uploads of a kind, from one thread; the uploads whose number modulo `of` is `share`.
void uploadAll(Persistent& party, const std::string& path, std::uint64_t records, std::uint64_t share, std::uint64_t of,
               const std::function<void(std::uint64_t, std::string&)>& line, Disturbance* disturbance) {
    for (std::uint64_t number = share; number < records / recordsPerUpload; number += of) {
        CallUpload upload{.path = path,
                          .from = number * recordsPerUpload,
                          .to = (number + 1) * recordsPerUpload,
                          .key = number % 4 < 2 ? fmt::format("upload-{}", number) : std::string(),
                          .line = line};
        std::uint64_t most = upload.from;  // what is sent again does not count again
        if (disturbance)
            upload.beforePiece = [&](std::uint64_t index) {
                if (index <= most) return;
                disturbance->sent(index - most);
                most = index;
            };
        Counts counts;
        EXPECT_TRUE(party.until([&](cli::ApiClient& client) {
            const auto answered = sendRecords(client, upload);
            if (answered) counts = *answered;
            return answered.has_value();
        })) << path
            << ", upload " << number << " was never acknowledged";
        EXPECT_EQ(counts.created + counts.unchanged, recordsPerUpload) << path << ": " << counts;
    }
}

// The report of the day without what two runs may well differ in.
std::string reconciled(cli::ApiClient& carrier, const std::string& day) {
    const auto run = carrier.post("/v1/reconciliation/runs", json::object{{"date", day}});
    if (!run) return run.error().code + " " + run.error().message;
    const json::value& report = run->at("report");
    return json::serialize(
        json::object{{"items", run->at("items")}, {"counts", report.at("counts")}, {"totals", report.at("totals")}});
}

std::string Cluster::undisturbed(std::uint64_t records, const std::function<void(std::uint64_t, std::string&)>& call,
                                 const std::function<void(std::uint64_t, std::string&)>& duration) {
    Persistent platform(alone_, aloneWorld_.platform, seed()), carrier(alone_, aloneWorld_.carrier, seed());
    uploadAll(platform, "/v1/calls", records, 0, 1, call, nullptr);
    uploadAll(carrier, "/v1/durations", records, 0, 1, duration, nullptr);
    auto client = outside::logIn(alone_[0]->url(), aloneWorld_.carrier);
    return client ? reconciled(*client, day_) : client.error().message;
}

// A number of the tenant's: assigned and unassigned in turn, until `done`.
struct AssignmentLoad {
    std::uint64_t changes = 0;
    void run(Persistent& tenant, const std::string& target, const std::string& number, const std::atomic<bool>& done) {
        bool assigned = false;
        while (!done) {
            const std::string path = "/v1/numbers/" + number;
            ASSERT_TRUE(tenant.until([&](cli::ApiClient& client) {
                const auto moved = assigned ? client.post(path + "/unassign", json::object{})
                                            : client.post(path + "/assign", json::object{{"targetId", target}});
                // An answer that was lost: what the number says counts.
                const auto now = moved ? moved : client.get(path);
                return now && (now->at("state").as_string() == "assigned") != assigned;
            }));
            assigned = !assigned;
            ++changes;
        }
    }
};

TEST_F(Cluster, LosesAndDoublesNothingWhileNodesDieAndTheDatabaseCrashes) {
    const std::uint64_t records = recordsWanted();
    const std::size_t kills = fromEnvironment("MEETPOINT_CLUSTER_KILLS", 8);
    SCOPED_TRACE(fmt::format("MEETPOINT_SEED={} MEETPOINT_CLUSTER_RECORDS={}", seed(), records));
    const auto call = [&](std::uint64_t i, std::string& out) { calls_.appendJson(i, 1, "OK", out); };
    const auto duration = [&](std::uint64_t i, std::string& out) {
        if (i % 100 != 7)
            calls_.appendDuration(i, out);  // one in a hundred is missing at the carrier
        else
            calls_.appendDuration(i + records, out);  // and one is missing at the platform
    };

    Persistent target(nodes_, world_.tenant, seed());
    const std::string targetId = "dddddddd-0000-4000-8000-000000000001";
    std::string numberId;
    ASSERT_TRUE(target.until([&](cli::ApiClient& client) {
        const auto put = client.post(
            "/v1/tenants/" + formatId(world_.tenantId) + "/targets",
            json::object{
                {"targets", json::array{json::object{{"id", targetId}, {"type", "user"}, {"displayName", "Anna"}}}}});
        const auto numbers = client.get("/v1/numbers?limit=1");
        if (!put || !numbers) return false;
        numberId = numbers->at("items").at(0).at("id").as_string().c_str();
        return true;
    }));

    Disturbance disturbance(nodes_, postgres_, records, kills);
    std::atomic<bool> done = false;
    AssignmentLoad assignments;
    std::uint64_t runs = 0;
    std::vector<std::unique_ptr<Persistent>> parties;
    for (std::size_t i = 0; i < uploaders; ++i)
        parties.push_back(std::make_unique<Persistent>(nodes_, world_.platform, seed() + i));
    for (std::size_t i = 0; i < 3; ++i)
        parties.push_back(
            std::make_unique<Persistent>(nodes_, i == 2 ? world_.tenant : world_.carrier, seed() + uploaders + i));
    std::vector<std::thread> uploading, beside;
    for (std::size_t i = 0; i < uploaders; ++i)
        uploading.emplace_back(
            [&, i] { uploadAll(*parties[i], "/v1/calls", records, i, uploaders, call, &disturbance); });
    uploading.emplace_back([&] { uploadAll(*parties[uploaders], "/v1/durations", records, 0, 1, duration, nullptr); });
    beside.emplace_back([&] {
        while (!done) {
            EXPECT_TRUE(parties[uploaders + 1]->until(
                [&](cli::ApiClient& client) { return reconciled(client, day_).starts_with('{'); }));
            ++runs;
        }
    });
    beside.emplace_back([&] { assignments.run(*parties[uploaders + 2], targetId, numberId, done); });
    for (std::thread& thread : uploading)
        thread.join();
    done = true;
    for (std::thread& thread : beside)
        thread.join();
    EXPECT_EQ(disturbance.kills, kills);
    EXPECT_EQ(disturbance.crashes, databaseCrashes);

    auto carrier = outside::logIn(nodes_[0]->url(), world_.carrier);
    ASSERT_TRUE(carrier);
    const auto feed = readFeed(*carrier, "/v1/feeds/calls", "callId");
    ASSERT_TRUE(feed) << feed.error().internal;
    EXPECT_THAT(feed->faults, testing::IsEmpty());
    std::vector<std::string> sent, got = feed->ids;
    for (std::uint64_t i = 0; i < records; ++i)
        sent.push_back(formatId(CallLines::callId(i)));
    std::ranges::sort(sent);
    std::ranges::sort(got);
    EXPECT_EQ(got.size(), records);
    EXPECT_TRUE(sent == got) << "the feed holds other calls than were sent";
    const auto events = readFeed(*carrier, "/v1/feeds/assignments", "numberId");
    ASSERT_TRUE(events) << events.error().internal;
    EXPECT_THAT(events->faults, testing::IsEmpty());
    EXPECT_EQ(static_cast<std::uint64_t>(std::ranges::count(events->ids, numberId)), 2 * assignments.changes + 1)
        << "a change has two steps, and the number's upload was an event too";
    const std::string disturbed = reconciled(*carrier, day_);
    const auto items = readFeed(*carrier, "/v1/feeds/items", "itemId");
    ASSERT_TRUE(items) << items.error().internal;
    EXPECT_THAT(items->faults, testing::IsEmpty());
    for (auto& node : nodes_)
        EXPECT_EQ(node->stop(), 0);
    const auto verified = runProgram(MEETPOINT_PROGRAM, {"verify", "--json", "--database", postgres_.address()});
    ASSERT_TRUE(verified);
    EXPECT_EQ(verified->exitCode, 0) << verified->output.substr(0, 2'000);

    EXPECT_EQ(disturbed, undisturbed(records, call, duration));
    std::uint64_t retries = 0;
    for (const auto& party : parties)
        retries += party->retries;
    std::cout << fmt::format(
        "{} calls and {} durations through {} nodes, {} kills and {} crashes of the database (seed {}): {} assignments "
        "changed, {} reconciliations, {} requests sent again; feeds whole; {}\n",
        records, records, nodes, disturbance.kills, disturbance.crashes, seed(), assignments.changes, runs, retries,
        disturbed.substr(0, 200));
}

}  // namespace
}  // namespace meetpoint::outside
