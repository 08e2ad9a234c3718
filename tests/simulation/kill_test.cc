// A server that is killed at any moment loses nothing that it acknowledged and stores nothing twice.
#include <charconv>
#include <fstream>
#include <random>
#include <set>

#include <boost/json.hpp>
#include <fmt/format.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include "support/call_lines.h"
#include "support/outside_world.h"
#include "support/server_process.h"

namespace meetpoint::outside {
namespace {

namespace fs = std::filesystem;
namespace json = boost::json;

constexpr std::uint64_t recordsPerUpload = 20'000;
constexpr std::uint64_t recordsPerPiece = 500;
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

struct Counts {
    std::uint64_t created = 0, updated = 0, unchanged = 0, outdated = 0, conflict = 0, rejected = 0;
    bool operator==(const Counts&) const = default;
    Counts& operator+=(const Counts& other) {
        created += other.created;
        updated += other.updated;
        unchanged += other.unchanged;
        outdated += other.outdated;
        conflict += other.conflict;
        rejected += other.rejected;
        return *this;
    }
};
std::ostream& operator<<(std::ostream& out, const Counts& c) {
    return out << "created " << c.created << " updated " << c.updated << " unchanged " << c.unchanged << " outdated "
               << c.outdated << " conflict " << c.conflict << " rejected " << c.rejected;
}

class KilledServer : public testing::Test {
protected:
    KilledServer()
        : folder_(fs::temp_directory_path() / fmt::format("meetpoint-kill-{}", ::getpid())), data_(folder_ / "data") {
        fs::remove_all(folder_);
        fs::create_directories(folder_);
    }
    ~KilledServer() override {
        server_.reset();
        fs::remove_all(folder_);
    }

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
        auto started = ServerProcess::start(MEETPOINT_PROGRAM, data_, {"--config", configuration().string()});
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
        const fs::path file = folder_ / "meetpoint.toml";
        if (!fs::exists(file)) std::ofstream(file) << "[operations]\nlogLevel = \"error\"\n";
        return file;
    }

    // Sends upload `number`; `line` writes call i; `beforePiece` is told how many records are out. The counts, if it
    // was acknowledged.
    template <class Line, class BeforePiece>
    std::optional<Counts> send(std::uint64_t number, const std::string& key, Line line, BeforePiece beforePiece) {
        std::uint64_t at = number * recordsPerUpload;
        const std::uint64_t end = at + recordsPerUpload;
        http::ClientRequest request{.method = "POST", .url = "/v1/calls"};
        request.headers.set("Content-Type", "application/x-ndjson");
        if (!key.empty()) request.headers.set("Idempotency-Key", key);
        request.source = [&]() -> Result<std::optional<std::string>> {
            beforePiece(at);
            if (at == end) return std::nullopt;
            std::string piece;
            for (const std::uint64_t stop = std::min(end, at + recordsPerPiece); at < stop; ++at)
                line(at, piece);
            return piece;
        };
        const auto response = platform_->send(std::move(request));
        if (!response) return std::nullopt;
        EXPECT_EQ(response->status, 200) << response->body;
        return countsOf(response->body);
    }

    static Counts countsOf(const std::string& body) {
        const json::value answer = json::parse(body);
        const json::object& counts = answer.at("counts").as_object();
        const auto at = [&](const char* name) { return counts.at(name).to_number<std::uint64_t>(); };
        return {at("created"), at("updated"), at("unchanged"), at("outdated"), at("conflict"), at("rejected")};
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

    // Reads the carrier's whole feed: the ids of the calls, while every sequence must be one more than the one before.
    std::vector<Id> readFeed() const {
        auto carrier = outside::logIn(server_->url(), world_.carrier);
        EXPECT_TRUE(carrier);
        std::vector<Id> ids;
        std::string cursor;
        while (true) {
            http::ClientRequest request{
                .method = "GET", .url = "/v1/feeds/calls?limit=10000" + (cursor.empty() ? "" : "&cursor=" + cursor)};
            request.headers.set("Accept", "application/json");
            const auto page = carrier->send(std::move(request));
            if (!page || page->status != 200) {
                ADD_FAILURE() << (page ? page->body.substr(0, 500) : page.error().message);
                return ids;
            }
            const std::size_t before = ids.size();
            takeIds(page->body, ids);
            cursor = textAfter(page->body, "],\"next\":\"");
            if (page->body.find("\"hasMore\":true") == std::string::npos || ids.size() == before) return ids;
        }
    }

    static std::string textAfter(const std::string& body, std::string_view mark) {
        const std::size_t at = body.rfind(mark);
        return at == std::string::npos
                   ? std::string()
                   : body.substr(at + mark.size(), body.find('"', at + mark.size()) - at - mark.size());
    }

    static void takeIds(const std::string& body, std::vector<Id>& ids) {
        constexpr std::string_view idMark = "\"callId\":\"", sequenceMark = "\"sequence\":";
        for (std::size_t at = body.find(idMark); at != std::string::npos; at = body.find(idMark, at)) {
            at += idMark.size();
            ids.push_back(*parseId(std::string_view(body).substr(at, 36)));
            const std::size_t digits = body.find(sequenceMark, at) + sequenceMark.size();
            std::uint64_t sequence = 0;
            std::from_chars(body.data() + digits, body.data() + body.size(), sequence);
            ASSERT_EQ(sequence, ids.size()) << "a gap, or a record out of its place";
        }
    }

    fs::path folder_, data_;
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

    const auto line = [&](std::uint64_t i, std::string& out) { calls_.appendJson(i, 1, "OK", out); };
    Counts acknowledged;
    std::size_t killed = 0;
    for (std::uint64_t number = 0; number < uploads; ++number) {
        // Every other upload relies on its key to be resumed, the others on the records' own ids.
        const std::string key = number % 2 == 0 ? fmt::format("upload-{}", number) : std::string();
        std::optional<Counts> counts;
        while (!counts) {
            counts = send(number, key, line, [&](std::uint64_t out) {
                if (!server_->running() || killAt.empty() || *killAt.begin() > out) return;
                killAt.erase(killAt.begin());
                server_->kill();
            });
            if (counts) break;
            ASSERT_FALSE(server_->running()) << "an upload broke off although nobody killed the server";
            ++killed;
            startServer();
            logIn();
        }
        EXPECT_EQ(counts->created + counts->unchanged, recordsPerUpload) << *counts;
        acknowledged += *counts;
        if (!server_->running()) {  // killed after it had acknowledged
            ++killed;
            startServer();
            logIn();
        }
    }
    EXPECT_EQ(killed + killAt.size(), kills);
    EXPECT_TRUE(killAt.empty());

    const std::vector<Id> inFeed = readFeed();
    EXPECT_EQ(inFeed.size(), records);
    std::vector<Id> sent(records), got = inFeed;
    for (std::uint64_t i = 0; i < records; ++i)
        sent[i] = CallLines::callId(i);
    std::ranges::sort(sent);
    std::ranges::sort(got);
    EXPECT_TRUE(sent == got) << "the feed holds other calls than were sent";
    EXPECT_EQ(server_->stop(), 0);
    EXPECT_EQ(verified(), std::pair(static_cast<std::int64_t>(records), static_cast<std::int64_t>(records)));

    // Again, a third unchanged, a third changed at the same version, a third at a higher one.
    startServer();
    logIn();
    const auto changed = [&](std::uint64_t i, std::string& out) {
        calls_.appendJson(i, i % 3 == 2 ? 2 : 1, i % 3 == 1 ? "Changed" : "OK", out);
    };
    Counts again;
    for (std::uint64_t number = 0; number < uploads; ++number) {
        const auto counts = send(number, {}, changed, [](std::uint64_t) {});
        ASSERT_TRUE(counts);
        again += *counts;
    }
    const Counts expected{.created = 0,
                          .updated = records / 3,
                          .unchanged = (records + 2) / 3,
                          .outdated = 0,
                          .conflict = (records + 1) / 3,
                          .rejected = 0};
    EXPECT_EQ(again, expected);
    EXPECT_EQ(server_->stop(), 0);
    EXPECT_EQ(verified(),
              std::pair(static_cast<std::int64_t>(records + records / 3), static_cast<std::int64_t>(records)));
    RecordProperty("records", std::to_string(records));
    std::cout << fmt::format(
                     "{} calls sent through {} kills (seed {}): {} created and {} unchanged when acknowledged; feed {} "
                     "records; sent again: ",
                     records, killed, seed(), acknowledged.created, acknowledged.unchanged, inFeed.size())
              << again << "\n";
}

}  // namespace
}  // namespace meetpoint::outside
