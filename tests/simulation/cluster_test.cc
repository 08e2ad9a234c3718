// Three nodes over one PostgreSQL, while nodes are killed and the database server crashes: nothing that was
// acknowledged is lost or doubled, every feed is whole and in order, and the reconciliation is that of an undisturbed
// exchange. Upkeep works on all nodes meanwhile, in a hurry. MEETPOINT_PREVIOUS=PROGRAM makes the store and the first
// node those of an earlier version, beside which the others bring the store up to date.
#include <deque>
#include <fstream>
#include <mutex>
#include <random>
#include <thread>

#include <boost/json.hpp>
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/clock.h"
#include "support/call_exchange.h"
#include "support/call_lines.h"
#include "support/outside_world.h"
#include "support/server_process.h"
#include "support/temporary_folder.h"

namespace meetpoint::outside {
namespace {

namespace fs = std::filesystem;
namespace json = boost::json;

constexpr std::uint64_t recordsPerUpload = 2'000;
constexpr std::size_t nodes = 3, uploaders = 2, databaseCrashes = 2;
// For a request to be taken by some node: a database that crashed has its log to read first.
constexpr Duration patience = minutes(2);
// Ages and pauses so short that everything is merged while records still come in, and leases pass on within the test.
constexpr std::string_view hurriedUpkeep =
    "[upkeep]\npauseMs = 20\nleaseMs = 1000\nafterFailureMs = 200\nblockAgeMs = 200\nkeyRunsPerLevel = 3\nkeysPerStep "
    "= 1000\n"
    "keyPagesPerStep = 2\nblocksWorthMerging = 2\n";
constexpr std::string_view target = "dddddddd-0000-4000-8000-000000000001";

std::uint64_t fromEnvironment(const char* name, std::uint64_t otherwise) {
    const char* text = std::getenv(name);
    return text ? std::strtoull(text, nullptr, 10) : otherwise;
}
// How many calls, and as many durations, are sent.
std::uint64_t recordsWanted() {
    return std::max<std::uint64_t>(1, fromEnvironment("MEETPOINT_CLUSTER_RECORDS", 60'000) / recordsPerUpload) *
           recordsPerUpload;
}
// The program that makes the store and runs as the first node.
fs::path firstProgram() {
    const char* previous = std::getenv("MEETPOINT_PREVIOUS");
    return previous ? previous : MEETPOINT_PROGRAM;
}
std::uint64_t seed() {
    return fromEnvironment("MEETPOINT_SEED", 20'261);
}

// A PostgreSQL server of the test's own, in a folder of its own.
class PrivatePostgres {
public:
    PrivatePostgres() {
        fs::permissions(folder_.path(), fs::perms(0755));
        started_ = run("start_postgres \"$0\" max_connections=200");
    }
    ~PrivatePostgres() {
        if (started_) run("stop_postgres \"$0\"");
    }
    bool isStarted() const { return started_; }
    bool crashAndRestart() const { return run("restart_postgres \"$0\""); }
    // What a query of one value gives; empty where it fails.
    std::string ask(const std::string& sql) const {
        const auto ran = runInFolder("query_postgres \"$0\" -At -c '" + sql + "'");
        return ran && ran->exitCode == 0 ? ran->output.substr(0, ran->output.find('\n')) : "";
    }
    std::string address() const { return "postgresql://meetpoint@/postgres?host=" + folder_.path().string(); }

private:
    bool run(const std::string& command) const {
        const auto ran = runInFolder(command);
        return ran && ran->exitCode == 0;
    }
    Result<ProgramRun> runInFolder(const std::string& command) const {
        const std::string script = "cd '" MEETPOINT_SOURCE_DIR "' && . tools/postgres/private.sh && " + command;
        return runProgram("/bin/bash", {"-c", script, folder_.path().string()});
    }
    const tests::TemporaryFolder folder_;
    bool started_ = false;
};

// One node of the cluster: killed and started again by whoever disturbs it.
class Node {
public:
    Node(fs::path program, std::vector<std::string> arguments)
        : program_(std::move(program)), arguments_(std::move(arguments)) {}

    // While the database server is away a node does not start; it is tried again, for so long at most.
    bool start() {
        const SystemClock clock;
        for (const Instant end = clock.now() + patience; clock.now() < end;) {
            auto started = ServerProcess::start(program_, arguments_);
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
    fs::path program_;
    std::vector<std::string> arguments_;
    mutable std::mutex mutex_;
    std::optional<ServerProcess> server_;
};

class Cluster : public testing::Test {
protected:
    std::vector<std::string> database() const { return {"--database", postgres_.address()}; }

    void SetUp() override {
        if (!std::getenv("MEETPOINT_TEST_POSTGRES")) GTEST_SKIP() << "no PostgreSQL to test on; ./dev test starts one";
        ASSERT_TRUE(postgres_.isStarted()) << "PostgreSQL's server is not installed; ./dev test installs it";
        initialise(firstProgram(), folder_.path() / "cluster", database());
        for (std::size_t i = 0; i < nodes; ++i) {
            const bool isPrevious = i == 0 && firstProgram() != MEETPOINT_PROGRAM;
            nodes_.push_back(std::make_unique<Node>(
                i == 0 ? firstProgram() : MEETPOINT_PROGRAM,
                serveArguments(database(), isPrevious ? "previous" : "nodes", isPrevious ? "" : hurriedUpkeep)));
            ASSERT_TRUE(nodes_.back()->start());
        }
        initialise(MEETPOINT_PROGRAM, folder_.path() / "alone", {});
        alone_.push_back(std::make_unique<Node>(
            MEETPOINT_PROGRAM, serveArguments({"--data", (folder_.path() / "alone").string()}, "alone", "")));
        ASSERT_TRUE(alone_[0]->start());
        makeWorldAt(nodes_[0]->url(), folder_.path() / "cluster", world_);
        makeWorldAt(alone_[0]->url(), folder_.path() / "alone", aloneWorld_);
        // From here on the numbers are the carrier's in both.
        calls_.first = SystemClock().now();
        day_ = formatInstant(calls_.first).substr(0, 10);
    }

    static void makeWorldAt(const std::string& url, const fs::path& data, OutsideWorld& into) {
        auto world = makeWorld(url, data, 1'000);
        ASSERT_TRUE(world) << world.error().message << world.error().internal;
        into = std::move(*world);
    }

    static void initialise(const fs::path& program, const fs::path& data, std::vector<std::string> more) {
        std::vector<std::string> arguments{"init", "sandbox", "--data", data.string()};
        arguments.insert(arguments.end(), more.begin(), more.end());
        const auto made = runProgram(program, arguments);
        ASSERT_TRUE(made) << made.error().message;
        ASSERT_EQ(made->exitCode, 0) << made->output;
    }

    std::vector<std::string> serveArguments(std::vector<std::string> store, const std::string& name,
                                            std::string_view settings) const {
        const fs::path file = folder_.path() / (name + ".toml");
        if (!fs::exists(file)) std::ofstream(file) << "[operations]\nlogLevel = \"off\"\n" << settings;
        store.insert(store.end(), {"--config", file.string()});
        return store;
    }

    // The i-th record of each side. One call in a hundred only the platform has, one only the carrier: in its place
    // the other sends one of a time when both are done.
    std::uint64_t callAt(std::uint64_t i) const { return i % 100 == 11 ? i + records_ : i; }
    std::uint64_t durationAt(std::uint64_t i) const { return i % 100 == 7 ? i + 2 * records_ : i; }
    void appendCall(std::uint64_t i, std::string& out) const { calls_.appendJson(callAt(i), {}, out); }
    void appendDuration(std::uint64_t i, std::string& out) const { calls_.appendDuration(durationAt(i), {}, out); }

    // What went on while the cluster was disturbed.
    struct Story {
        std::size_t kills = 0, crashes = 0;
        std::uint64_t assignments = 0, reconciliations = 0, retries = 0;
        std::string number;  // that was assigned and unassigned
    };
    void disturbedLoad(std::size_t kills, Story& story);
    void chooseNumber(std::string& id);
    void expectWholeFeeds(const Story& story, std::uint64_t items);
    // What upkeep has come to, in words; it must have been at it.
    std::string upkeepDone() const;
    // The reconciliation of the same records in alone_, one node on SQLite that nothing befalls.
    std::string undisturbed();

    const std::uint64_t records_ = recordsWanted();

    const PrivatePostgres postgres_;
    const tests::TemporaryFolder folder_;  // before the nodes, which use what lies in it
    std::vector<std::unique_ptr<Node>> nodes_, alone_;
    OutsideWorld world_, aloneWorld_;
    CallLines calls_{.apart = milliseconds(1), .ownNumbers = 1'000};
    std::string day_;
};

// Speaks to one node after another until one has done what was asked. One thread each.
class Persistent {
public:
    Persistent(const std::vector<std::unique_ptr<Node>>& all, Login login, std::uint64_t seed)
        : nodes_(all), login_(std::move(login)), random_(seed) {}

    // `work` is given a client that is logged in, and gives whether it is done.
    bool until(const std::function<bool(cli::ApiClient&)>& work) {
        const SystemClock clock;
        for (const Instant end = clock.now() + patience; clock.now() < end;) {
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
        exchange::UploadCounts counts;
        EXPECT_TRUE(party.until([&](cli::ApiClient& client) {
            const auto answered = sendRecords(client, upload);
            if (answered) counts = *answered;
            return answered.has_value();
        })) << path
            << ", upload " << number << " was never acknowledged";
        EXPECT_EQ(counts.created + counts.unchanged, recordsPerUpload) << path << ": " << toJson(counts);
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

std::string Cluster::undisturbed() {
    Persistent platform(alone_, aloneWorld_.platform, seed()), carrier(alone_, aloneWorld_.carrier, seed());
    uploadAll(
        platform, "/v1/calls", records_, 0, 1, [&](auto i, auto& out) { appendCall(i, out); }, nullptr);
    uploadAll(
        carrier, "/v1/durations", records_, 0, 1, [&](auto i, auto& out) { appendDuration(i, out); }, nullptr);
    auto client = outside::logIn(alone_[0]->url(), aloneWorld_.carrier);
    return client ? reconciled(*client, day_) : client.error().message;
}

// Assigns and unassigns a number in turn until `done`; gives how often it did.
std::uint64_t assignInTurn(Persistent& tenant, const std::string& number, const std::atomic<bool>& done) {
    const std::string path = "/v1/numbers/" + number;
    std::uint64_t changes = 0;
    for (bool assigned = false; !done; assigned = !assigned, ++changes) {
        const bool moved = tenant.until([&](cli::ApiClient& client) {
            const auto answered = assigned ? client.post(path + "/unassign", json::object{})
                                           : client.post(path + "/assign", json::object{{"targetId", target}});
            // An answer that was lost: what the number says counts.
            const auto now = answered ? answered : client.get(path);
            return now && (now->at("state").as_string() == "assigned") != assigned;
        });
        EXPECT_TRUE(moved) << "the number was never " << (assigned ? "unassigned" : "assigned");
        if (!moved) return changes;
    }
    return changes;
}

void Cluster::chooseNumber(std::string& id) {
    Persistent tenant(nodes_, world_.tenant, seed());
    ASSERT_TRUE(tenant.until([&](cli::ApiClient& client) {
        const auto put = client.post(
            "/v1/tenants/" + formatId(world_.tenantId) + "/targets",
            json::object{
                {"targets", json::array{json::object{{"id", target}, {"type", "user"}, {"displayName", "Anna"}}}}});
        const auto numbers = client.get("/v1/numbers?limit=1");
        if (!put || !numbers) return false;
        id = numbers->at("items").at(0).at("id").as_string().c_str();
        return true;
    }));
}

// Calls from two threads, durations from one; reconciliation and assignments go on beside until these are done.
void Cluster::disturbedLoad(std::size_t kills, Story& story) {
    Disturbance disturbance(nodes_, postgres_, records_, kills);
    std::deque<Persistent> parties;
    std::uint64_t nextSeed = seed();
    const auto party = [&](const Login& login) -> Persistent& {
        return parties.emplace_back(nodes_, login, nextSeed++);
    };
    std::vector<std::thread> uploading, beside;
    for (std::size_t i = 0; i < uploaders; ++i)
        uploading.emplace_back([&, i, &platform = party(world_.platform)] {
            uploadAll(
                platform, "/v1/calls", records_, i, uploaders, [&](auto n, auto& out) { appendCall(n, out); },
                &disturbance);
        });
    uploading.emplace_back([&, &carrier = party(world_.carrier)] {
        uploadAll(
            carrier, "/v1/durations", records_, 0, 1, [&](auto n, auto& out) { appendDuration(n, out); }, nullptr);
    });
    std::atomic<bool> done = false;
    beside.emplace_back([&, &carrier = party(world_.carrier)] {
        for (; !done; ++story.reconciliations)
            EXPECT_TRUE(
                carrier.until([&](cli::ApiClient& client) { return reconciled(client, day_).starts_with('{'); }));
    });
    beside.emplace_back(
        [&, &tenant = party(world_.tenant)] { story.assignments = assignInTurn(tenant, story.number, done); });
    for (std::thread& thread : uploading)
        thread.join();
    done = true;
    for (std::thread& thread : beside)
        thread.join();
    story.kills = disturbance.kills;
    story.crashes = disturbance.crashes;
    for (const Persistent& one : parties)
        story.retries += one.retries;
}

void Cluster::expectWholeFeeds(const Story& story, std::uint64_t items) {
    auto carrier = outside::logIn(nodes_[0]->url(), world_.carrier);
    ASSERT_TRUE(carrier);
    const auto whole = [&](const std::string& path, const std::string& idName) {
        auto read = readFeed(*carrier, path, idName);
        EXPECT_TRUE(read) << path << ": " << read.error().internal;
        if (!read) return std::vector<std::string>();
        EXPECT_THAT(read->faults, testing::IsEmpty()) << path;
        return std::move(read->ids);
    };
    std::vector<std::string> sent, got = whole("/v1/feeds/calls", "callId");
    for (std::uint64_t i = 0; i < records_; ++i)
        sent.push_back(formatId(CallLines::callId(callAt(i))));
    std::ranges::sort(sent);
    std::ranges::sort(got);
    EXPECT_EQ(got.size(), records_);
    EXPECT_TRUE(sent == got) << "the feed holds other calls than were sent";
    const auto events = whole("/v1/feeds/assignments", "numberId");
    EXPECT_EQ(static_cast<std::uint64_t>(std::ranges::count(events, story.number)), 2 * story.assignments + 1)
        << "a change has two steps, and the number's upload was an event too";
    EXPECT_GE(whole("/v1/feeds/items", "itemId").size(), items);
}

std::string Cluster::upkeepDone() const {
    const auto number = [&](const char* sql) { return std::strtoull(postgres_.ask(sql).c_str(), nullptr, 10); };
    const auto merged = number("SELECT SUM(progress) FROM lane_work WHERE kind IN (1, 2)");
    const auto levels = number("SELECT MAX(level) FROM key_runs");
    EXPECT_GT(merged, records_) << "of the calls and durations, half should be in merged blocks by now";
    EXPECT_GE(levels, 1u) << "no runs of the key index were merged";
    return fmt::format("{} records in merged blocks, {} blocks, {} runs up to level {}, leases passed on to token {}",
                       merged, postgres_.ask("SELECT COUNT(*) FROM blocks"),
                       postgres_.ask("SELECT COUNT(*) FROM key_runs"), levels,
                       postgres_.ask("SELECT MAX(token) FROM leases"));
}

TEST_F(Cluster, LosesAndDoublesNothingWhileNodesDieAndTheDatabaseCrashes) {
    const std::size_t kills = fromEnvironment("MEETPOINT_CLUSTER_KILLS", 8);
    SCOPED_TRACE(fmt::format("MEETPOINT_SEED={} MEETPOINT_CLUSTER_RECORDS={}", seed(), records_));
    Story story;
    ASSERT_NO_FATAL_FAILURE(chooseNumber(story.number));
    disturbedLoad(kills, story);
    EXPECT_EQ(story.kills, kills);
    EXPECT_EQ(story.crashes, databaseCrashes);

    auto carrier = outside::logIn(nodes_[0]->url(), world_.carrier);
    ASSERT_TRUE(carrier);
    const std::string disturbed = reconciled(*carrier, day_);
    expectWholeFeeds(story, json::parse(disturbed).at("items").to_number<std::uint64_t>());
    for (auto& node : nodes_)
        EXPECT_EQ(node->stop(), 0);
    const std::string upkeep = upkeepDone();
    const auto verified = runProgram(MEETPOINT_PROGRAM, {"verify", "--json", "--database", postgres_.address()});
    ASSERT_TRUE(verified);
    EXPECT_EQ(verified->exitCode, 0) << verified->output.substr(0, 2'000);
    EXPECT_EQ(disturbed, undisturbed());
    for (const char* found : {"matched", "missingAtPlatform", "missingAtCarrier"})
        EXPECT_EQ(disturbed.find(fmt::format("\"{}\":0", found)), std::string::npos)
            << "a reconciliation that finds nothing shows nothing: " << disturbed;
    std::cout << fmt::format(
        "{} calls and {} durations through {} nodes, {} kills and {} crashes of the database (seed {}): {} assignments "
        "changed, {} reconciliations, {} requests sent again; feeds whole; {}; {}\n",
        records_, records_, nodes, story.kills, story.crashes, seed(), story.assignments, story.reconciliations,
        story.retries, upkeep, disturbed.substr(0, 200));
}

}  // namespace
}  // namespace meetpoint::outside
