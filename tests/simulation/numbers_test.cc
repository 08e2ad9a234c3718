// Ten thousand random steps of three carriers, five tenants, the platform's switch and ports between them, against a
// plain model, while the server is killed and started again: the same states and histories, feeds that replay to what
// is held from wherever they are read, and nobody who reads a call from outside the time in which the number was
// theirs.
#include <fstream>
#include <functional>
#include <random>
#include <set>

#include <boost/json.hpp>
#include <fmt/format.h>
#include <gtest/gtest.h>

#include "simulation/number_model.h"
#include "support/outside_world.h"
#include "support/server_process.h"
#include "support/temporary_folder.h"

namespace meetpoint::outside {
namespace {

namespace fs = std::filesystem;
namespace json = boost::json;

constexpr std::size_t carriers = 3, tenants = 5, users = 6, spellings = 48;
constexpr std::size_t restarts = 8;

std::uint64_t fromEnvironment(const char* name, std::uint64_t otherwise) {
    const char* text = std::getenv(name);
    return text ? std::strtoull(text, nullptr, 10) : otherwise;
}

std::string telephoneNumber(std::size_t spelling) {
    return fmt::format("+4144668{:04}", spelling);
}
std::string userId(std::size_t tenant, std::size_t user) {
    return fmt::format("{0}{0}{0}{0}{0}{0}{0}{0}-0000-4000-8000-00000000000{1}", tenant + 1, user);
}
std::string textAt(const json::value& value, std::string_view name) {
    const auto* found = value.as_object().if_contains(name);
    return found && found->is_string() ? std::string(found->get_string()) : std::string();
}

// A number as a carrier's feed or inventory shows it.
struct Seen {
    std::string state, sipUri, tenantId, category;
    std::int64_t version = 0;
    bool operator==(const Seen&) const = default;
};
Seen seenOf(const json::value& item, std::string_view version) {
    return {textAt(item, "state"), textAt(item, "sipUri"), textAt(item, "tenantId"), textAt(item, "category"),
            item.at(version).to_number<std::int64_t>()};
}
using Inventory = std::map<std::string, Seen>;

class NumbersOverTime : public testing::Test {
protected:
    void SetUp() override {
        std::ofstream(configuration_) << "[operations]\nlogLevel = \"error\"\n[numbers]\nprovisioning = \"switch\"\n"
                                         "[limits]\norderIdleMs = 100\n";
        const auto made = runProgram(MEETPOINT_PROGRAM, {"init", "sandbox", "--data", data_.string()});
        ASSERT_TRUE(made && made->exitCode == 0);
        startServer();
        makeParties();
    }

    void startServer() {
        auto started =
            ServerProcess::start(MEETPOINT_PROGRAM, {"--data", data_.string(), "--config", configuration_.string()});
        ASSERT_TRUE(started) << started.error().message;
        server_.emplace(std::move(*started));
    }

    cli::ApiClient clientFor(const Login& login) {
        auto client = logIn(server_->url(), login);
        EXPECT_TRUE(client) << client.error().message;
        return std::move(*client);
    }

    // An answer that must be there.
    static json::value must(Result<json::value> answer) {
        EXPECT_TRUE(answer) << answer.error().code << ": " << answer.error().message;
        return answer ? *answer : json::value(json::object());
    }

    Login makeClient(cli::ApiClient& by, json::object wanted) {
        const json::value made = must(by.post("/v1/clients", std::move(wanted)));
        return {textAt(made, "clientId"), textAt(made, "clientSecret")};
    }

    void makeParties() {
        const auto firstOne = firstLogin(data_);
        ASSERT_TRUE(firstOne) << firstOne.error().message;
        auto first = clientFor(*firstOne);
        logins_.push_back(makeClient(first, {{"name", "Platform"}, {"role", "platform"}}));
        auto platform = clientFor(logins_[0]);
        must(
            platform.post("/v1/notices", json::object{{"version", "1"}, {"texts", json::object{{"en", "A notice."}}}}));
        for (std::size_t c = 0; c < carriers; ++c) {
            const std::string name = fmt::format("Carrier {}", c);
            carrierIds_.push_back(textAt(must(platform.post("/v1/carriers", json::object{{"name", name}})), "id"));
            logins_.push_back(makeClient(
                first, {{"name", name}, {"role", "carrier"}, {"carriers", json::array{carrierIds_.back()}}}));
        }
        for (std::size_t t = 0; t < tenants; ++t) {
            const std::string name = fmt::format("Tenant {}", t);
            tenantIds_.push_back(textAt(
                must(platform.post(
                    "/v1/tenants",
                    json::object{{"name", name}, {"country", "CH"}, {"sipDomain", fmt::format("t{}.example", t)}})),
                "id"));
            logins_.push_back(makeClient(first, {{"name", name}, {"role", "tenant"}, {"tenantId", tenantIds_.back()}}));
        }
        connect();
        for (std::size_t t = 0; t < tenants; ++t)
            makeTenant(t);
    }

    void makeTenant(std::size_t t) {
        json::array directory;
        for (std::size_t u = 0; u < users; ++u)
            directory.push_back(json::object{
                {"id", userId(t, u)}, {"type", "user"}, {"displayName", fmt::format("User {} of {}", u, t)}});
        const auto kept = tenant(t).post("/v1/tenants/" + tenantIds_[t] + "/targets",
                                         json::object{{"targets", std::move(directory)}});
        EXPECT_TRUE(kept) << kept.error().message;
        for (std::size_t c = 0; c < carriers; ++c) {
            const json::value consent =
                must(tenant(t).post("/v1/consents", json::object{{"tenantId", tenantIds_[t]},
                                                                 {"carrierId", carrierIds_[c]},
                                                                 {"noticeVersion", "1"},
                                                                 {"countries", json::array{"CH"}}}));
            must(carrier(c).post("/v1/consents/" + textAt(consent, "id") + "/state",
                                 json::object{{"state", "agreementSigned"}}));
        }
    }

    void connect() {
        clients_.clear();
        for (const Login& login : logins_)
            clients_.push_back(clientFor(login));
    }
    cli::ApiClient& platform() { return clients_[0]; }
    cli::ApiClient& carrier(std::size_t c) { return clients_[1 + c]; }
    cli::ApiClient& tenant(std::size_t t) { return clients_[1 + carriers + t]; }

    std::size_t below(std::size_t bound) { return random_() % bound; }
    // One that fits, nine times of ten; else any.
    bool isFitting() { return below(10) != 0; }

    // -- the steps: each asks the model first, and holds the answer to what it says
    // ------------------------------------

    json::value order(std::string kind, std::size_t c, std::size_t t, std::size_t spelling, bool kill) {
        const json::object wanted{
            {"kind", kind},
            {"tenantId", tenantIds_[t]},
            {"numbers", json::array{json::object{{"telephoneNumber", telephoneNumber(spelling)}}}}};
        if (!kill) return must(carrier(c).order("/v1/number-orders", wanted)).at("results").at(0);
        const json::value accepted = must(carrier(c).post("/v1/number-orders", wanted));
        server_->kill();
        startServer();
        connect();
        // Whatever became of it before the end, it goes on.
        const json::value done = must(carrier(c).get("/v1/operations/" + textAt(accepted, "id") + "?wait=60"));
        EXPECT_NE(textAt(done, "status"), "running");
        return done.at("results").at(0);
    }

    void expectResult(const json::value& result, const std::string& code) {
        EXPECT_EQ(textAt(result, "code"), code);
        EXPECT_EQ(textAt(result, "status"), code.empty() ? "succeeded" : "failed");
    }

    void upload(bool kill) {
        const std::size_t c = below(carriers), t = below(tenants), spelling = below(spellings);
        const std::string code = model_.mayUpload(c, spelling);
        const json::value result = order("upload", c, t, spelling, kill);
        expectResult(result, code);
        if (code.empty()) model_.upload(textAt(result, "numberId"), c, t, spelling);
    }

    void release() {
        const std::size_t spelling = below(spellings);
        const ModelNumber* held = model_.live(spelling);
        const bool isOwn = held && isFitting();
        const std::size_t c = isOwn ? held->carrier : below(carriers), t = isOwn ? held->tenant : below(tenants);
        const std::string code = model_.mayRelease(c, t, spelling);
        const json::value result = order("release", c, t, spelling, false);
        expectResult(result, code);
        if (code.empty()) model_.release(spelling, textAt(result, "workId"));
    }

    // A number that was ever there, most often one that is live.
    ModelNumber* someNumber() {
        ModelNumber* held = model_.live(below(spellings));
        if (held || model_.numbers().empty()) return held;
        return &model_.number(
            std::next(model_.numbers().begin(), static_cast<std::ptrdiff_t>(below(model_.numbers().size())))->first);
    }

    void expectCode(const Result<json::value>& answer, const std::string& code) {
        if (code.empty())
            EXPECT_TRUE(answer) << answer.error().code << ": " << answer.error().message;
        else
            EXPECT_EQ(answer ? "" : answer.error().code, code);
    }

    void assign() {
        ModelNumber* number = someNumber();
        if (!number) return;
        const std::size_t user = below(users);
        const std::string category = below(3) == 0 ? "alternate" : "primary";
        const std::size_t asking = isFitting() ? number->tenant : below(tenants);
        const std::string code = asking != number->tenant ? "not-found" : model_.mayAssign(*number, user, category);
        json::object wanted{{"targetId", userId(number->tenant, user)}, {"category", category}};
        std::string sipUri = fmt::format("sip:{}@t{}.example", telephoneNumber(number->spelling), number->tenant);
        if (below(2) == 0) {
            sipUri = fmt::format("sip:user{}@voice.example", below(1'000));
            wanted["sipUri"] = sipUri;
        }
        const auto answer = tenant(asking).post("/v1/numbers/" + number->id + "/assign", wanted);
        expectCode(answer, code);
        if (code.empty() && answer) model_.assign(*number, user, category, sipUri, textAt(*answer, "operationId"));
    }

    void unassign() {
        ModelNumber* number = someNumber();
        if (!number) return;
        const std::string code = NumberModel::mayUnassign(*number);
        const auto answer =
            tenant(number->tenant).post("/v1/numbers/" + number->id + "/unassign", json::object{{"reason", "moved"}});
        expectCode(answer, code);
        if (code.empty() && answer) NumberModel::unassign(*number, textAt(*answer, "operationId"));
    }

    void confirm() {
        std::vector<ModelNumber*> waiting;
        for (const auto& [id, number] : model_.numbers())
            if (number.isPending()) waiting.push_back(&model_.number(id));
        if (waiting.empty()) return;
        ModelNumber& number = *waiting[below(waiting.size())];
        const bool succeeded = below(5) != 0;
        json::object outcome{{"status", succeeded ? "succeeded" : "failed"}};
        if (!succeeded) outcome["reason"] = "no route";
        const std::string path = "/v1/operations/" + number.work + "/confirm";
        expectCode(platform().post(path, outcome), "");
        expectCode(platform().post(path, outcome), "");  // again: nothing changes
        NumberModel::confirm(number, succeeded);
    }

    void port(bool kill) {
        const std::size_t c = below(carriers), spelling = below(spellings);
        const ModelNumber* held = model_.live(spelling);
        const std::size_t t = held && below(2) == 0 ? held->tenant : below(tenants);
        const std::string code = model_.mayPort(c, spelling);
        const json::value result = order("port", c, t, spelling, kill);
        expectResult(result, code);
        if (code.empty()) model_.port(textAt(result, "workId"), textAt(result, "numberId"), c, t, spelling);
    }

    void movePort() {
        if (model_.ports().empty()) return;
        // Most often one of the newest, which are open.
        const std::size_t count = model_.ports().size(),
                          back = isFitting() ? below(std::min<std::size_t>(count, 12)) : below(count);
        ModelPort& port = std::next(model_.ports().begin(), static_cast<std::ptrdiff_t>(count - 1 - back))->second;
        static const std::vector<std::string> moves{"accepted",  "accepted", "completed", "completed",
                                                    "completed", "objected", "cancelled"};
        const std::string to = moves[below(moves.size())];
        const bool byLosing = to == "accepted" || to == "objected";
        if (byLosing && !port.losing) return;
        const ModelNumber& own = model_.number(byLosing ? *port.losing : port.gaining);
        const std::string code = model_.mayMove(port, to);
        json::object wanted{{"state", to}};
        if (to == "objected") wanted["reason"] = "unpaid";
        expectCode(carrier(own.carrier).post("/v1/ports/" + port.id + "/state", wanted), code);
        if (!code.empty() || !model_.movePort(port, to)) return;
        const json::value number = must(platform().get("/v1/numbers/" + port.gaining));
        model_.number(port.gaining).work = textAt(number, "operationId");
    }

    void step() {
        const std::size_t dice = below(100);
        if (dice < 14) return upload(false);
        if (dice < 22) return release();
        if (dice < 45) return assign();
        if (dice < 58) return unassign();
        if (dice < 80) return confirm();
        if (dice < 87) return port(false);
        movePort();
    }

    // -- what must be true at the end
    // ----------------------------------------------------------------------------------

    json::array allPages(cli::ApiClient& client, const std::string& path) {
        json::array all;
        for (std::string cursor;;) {
            const json::value page = must(client.get(path + (cursor.empty() ? "" : "&cursor=" + cursor)));
            for (const json::value& item : page.at("items").as_array())
                all.push_back(item);
            cursor = textAt(page, "next");
            if (cursor.empty()) return all;
        }
    }

    void expectStates() {
        std::map<std::string, json::value> held;
        for (const json::value& item : allPages(platform(), "/v1/numbers?limit=1000"))
            held[textAt(item, "id")] = item;
        for (const auto& [id, number] : model_.numbers()) {
            ASSERT_EQ(held.contains(id), number.state != "removed") << id;
            if (number.state == "removed") continue;
            const json::value& item = held.at(id);
            EXPECT_EQ(textAt(item, "state"), number.state) << id;
            EXPECT_EQ(textAt(item, "telephoneNumber"), telephoneNumber(number.spelling));
            EXPECT_EQ(textAt(item, "carrierId"), carrierIds_[number.carrier]);
            EXPECT_EQ(textAt(item, "tenantId"), tenantIds_[number.tenant]);
            EXPECT_EQ(textAt(item, "targetId"), number.target ? userId(number.tenant, *number.target) : "") << id;
            EXPECT_EQ(textAt(item, "sipUri"), number.sipUri.value_or("")) << id;
            EXPECT_EQ(textAt(item, "category"), number.category) << id;
        }
    }

    json::array historyOf(const std::string& id) {
        return must(platform().get("/v1/numbers/" + id + "/history")).at("items").as_array();
    }

    void expectHistories() {
        for (const auto& [id, number] : model_.numbers()) {
            std::vector<std::string> actions;
            std::int64_t version = 0;
            for (const json::value& step : historyOf(id)) {
                actions.push_back(textAt(step, "action"));
                EXPECT_EQ(step.at("version").to_number<std::int64_t>(), ++version) << id;
            }
            EXPECT_EQ(actions, number.history) << id;
        }
    }

    // The feed from a cursor on, applied to what was known there.
    Inventory replay(std::size_t c, std::string cursor, Inventory known, std::int64_t& sequence,
                     const std::function<void(const std::string&, const Inventory&, std::int64_t)>& atCursor) {
        while (true) {
            const json::value page = must(carrier(c).get(fmt::format("/v1/feeds/assignments?limit={}{}", 1 + below(400),
                                                                     cursor.empty() ? "" : "&cursor=" + cursor)));
            for (const json::value& event : page.at("items").as_array()) {
                EXPECT_EQ(event.at("sequence").to_number<std::int64_t>(), ++sequence);
                EXPECT_EQ(textAt(event, "carrierId"), carrierIds_[c]);
                const std::string id = textAt(event, "numberId");
                const auto before = known.find(id);
                EXPECT_EQ(textAt(event, "previousState"), before == known.end() ? "" : before->second.state);
                known[id] = seenOf(event, "numberVersion");
            }
            cursor = textAt(page, "next");
            atCursor(cursor, known, sequence);
            if (page.at("hasMore") == json::value(false)) break;
        }
        return known;
    }

    void expectFeedsReplay() {
        for (std::size_t c = 0; c < carriers; ++c) {
            Inventory held;
            for (const json::value& item : allPages(carrier(c), "/v1/numbers?limit=1000"))
                held[textAt(item, "id")] = seenOf(item, "version");
            struct Place {
                std::string cursor;
                Inventory known;
                std::int64_t sequence;
            };
            std::vector<Place> places;
            const auto keep = [&](const std::string& cursor, const Inventory& known, std::int64_t sequence) {
                if (below(4) == 0) places.push_back({cursor, known, sequence});
            };
            const auto withoutRemoved = [](Inventory inventory) {
                std::erase_if(inventory, [](const auto& entry) { return entry.second.state == "removed"; });
                return inventory;
            };
            std::int64_t sequence = 0;
            const Inventory all = replay(c, "", {}, sequence, keep);
            EXPECT_EQ(withoutRemoved(all), held) << "carrier " << c;
            for (const Place& place : places) {
                std::int64_t from = place.sequence;
                EXPECT_EQ(replay(c, place.cursor, place.known, from, [](auto&&...) {}), all);
                EXPECT_EQ(from, sequence);
            }
        }
    }

    // When a number was whose, by the times that its histories name: from each instant on a carrier, or nobody.
    std::map<Instant, std::optional<std::size_t>> holdersOf(std::size_t spelling) {
        struct Change {
            std::string action;
            std::size_t carrier;
        };
        std::multimap<Instant, Change> changes;
        for (const auto& [id, number] : model_.numbers()) {
            if (number.spelling != spelling) continue;
            for (const json::value& step : historyOf(id))
                changes.emplace(*parseInstant(textAt(step, "at")), Change{textAt(step, "action"), number.carrier});
        }
        std::map<Instant, std::optional<std::size_t>> holders;
        std::optional<Instant> handedOver;  // by a port whose gaining side is not up yet
        for (const auto& [at, change] : changes) {
            if (change.action == "portOut") handedOver = at;
            if (change.action == "remove") holders[at] = std::nullopt;
            if (change.action == "upload") holders[at] = change.carrier;
            if (change.action == "completePort")
                holders[std::exchange(handedOver, std::nullopt).value_or(at)] = change.carrier;
        }
        return holders;
    }

    // A call in the middle of each time between two changes, and one before all.
    void expectCallsReachTheHolderOfTheirTime() {
        std::vector<std::set<std::string>> wanted(carriers);
        std::map<std::string, std::string> described;
        std::string lines;
        std::size_t calls = 0;
        for (std::size_t spelling = 0; spelling < spellings; ++spelling) {
            const auto holders = holdersOf(spelling);
            for (auto at = holders.begin(); at != holders.end(); ++at) {
                const auto next = std::next(at);
                const Instant until = next == holders.end() ? SystemClock().now() : next->first;
                // A number that nobody held is ported a moment before its history says so.
                if (until - at->first < milliseconds(20)) continue;
                const Instant invited = at->first + milliseconds((until - at->first).ms / 2);
                const std::string id = fmt::format("{:08x}-0000-4000-8000-000000000001", ++calls);
                lines += fmt::format(
                    R"({{"callId":"{0}","version":1,"direction":"inbound","callerNumber":"+41791234567","calleeNumber":"{1}","invitedAt":"{2}","endedAt":"{2}","durationMs":0}})"
                    "\n",
                    id, telephoneNumber(spelling), formatInstant(invited));
                if (at->second) wanted[*at->second].insert(id);
                described[id] = fmt::format("{} at {}, between {} and {}", telephoneNumber(spelling),
                                            formatInstant(invited), formatInstant(at->first), formatInstant(until));
            }
        }
        http::ClientRequest request{.method = "POST", .url = "/v1/calls", .body = std::move(lines)};
        request.headers.set("Content-Type", "application/x-ndjson");
        const json::value sent = must(platform().sendForJson(std::move(request)));
        EXPECT_EQ(sent.at("counts").at("created").to_number<std::size_t>(), calls)
            << json::serialize(sent).substr(0, 800);
        for (std::size_t c = 0; c < carriers; ++c) {
            std::set<std::string> got;
            std::string cursor;
            for (bool more = true; more;) {
                const json::value page =
                    must(carrier(c).get("/v1/feeds/calls?limit=1000" + (cursor.empty() ? "" : "&cursor=" + cursor)));
                for (const json::value& call : page.at("items").as_array())
                    got.insert(textAt(call, "callId"));
                cursor = textAt(page, "next");
                more = page.at("hasMore") == json::value(true);
            }
            for (const auto& [id, what] : described) {
                EXPECT_EQ(got.contains(id), wanted[c].contains(id)) << "carrier " << c << ": " << what;
                got.erase(id);
            }
            EXPECT_TRUE(got.empty()) << "carrier " << c << " has " << got.size() << " calls that nobody sent";
        }
        const auto completed =
            std::ranges::count_if(model_.ports(), [](const auto& entry) { return entry.second.state == "completed"; });
        std::cout << fmt::format("{} steps, {} holdings, {} ports of which {} were completed, {} calls\n", steps_,
                                 model_.numbers().size(), model_.ports().size(), completed, calls);
        EXPECT_GT(completed, steps_ / 500) << "too few ports were seen through for this to say anything";
        EXPECT_GT(calls, steps_ / 50);
    }

    const std::uint64_t seed_ = fromEnvironment("MEETPOINT_SEED", 44'104);
    const std::uint64_t steps_ = fromEnvironment("MEETPOINT_NUMBER_STEPS", 10'000);
    std::mt19937_64 random_{seed_};
    const tests::TemporaryFolder folder_;
    const fs::path data_ = folder_.path() / "data", configuration_ = folder_.path() / "meetpoint.toml";
    std::optional<ServerProcess> server_;
    std::vector<Login> logins_;
    std::vector<std::string> carrierIds_, tenantIds_;
    std::vector<cli::ApiClient> clients_;
    NumberModel model_;
};

TEST_F(NumbersOverTime, AreWhatAPlainModelSays) {
    SCOPED_TRACE(fmt::format("MEETPOINT_SEED={} MEETPOINT_NUMBER_STEPS={}", seed_, steps_));
    for (std::uint64_t i = 0; i < steps_ && !HasFailure(); ++i) {
        const bool isRestart = i % (steps_ / restarts) == steps_ / restarts - 1;
        if (isRestart && below(2) == 0)
            port(true);
        else if (isRestart)
            upload(true);
        else
            step();
        if (HasFailure()) ADD_FAILURE() << "at step " << i;
    }
    ASSERT_FALSE(HasFailure());
    expectStates();
    expectHistories();
    expectFeedsReplay();
    expectCallsReachTheHolderOfTheirTime();
    EXPECT_EQ(server_->stop(), 0);
    const auto verified = runProgram(MEETPOINT_PROGRAM, {"verify", "--data", data_.string()});
    EXPECT_TRUE(verified && verified->exitCode == 0) << verified->output;
}

}  // namespace
}  // namespace meetpoint::outside
