// How soon a connected carrier knows of an assignment: 200 carriers hold a stream of events open each while a tenant
// assigns and unassigns numbers: a thousand a second in a quiet exchange, some beside an ingest at half its full speed,
// and a thousand a second beside it, which together is more than two cores can do.
//   assignments_bench PROGRAM FOLDER SECONDS
// The time is taken in this process, by one clock: from the answer to an assignment, and from its request, to the
// event's arrival. Requests go out on a schedule whatever the answers do.
#include <fstream>
#include <iostream>
#include <thread>

#include <boost/json.hpp>
#include <fmt/format.h>

#include "call_load.h"
#include "event_listeners.h"
#include "figure.h"
#include "support/call_lines.h"
#include "support/outside_world.h"
#include "support/server_process.h"

namespace meetpoint::bench {
namespace {

namespace fs = std::filesystem;
namespace json = boost::json;
using Clock = std::chrono::steady_clock;

constexpr std::size_t carriers = 200, numbersPerCarrier = 10, numbers = carriers * numbersPerCarrier;
constexpr std::size_t carriersPerClient = 10;
constexpr std::size_t workers = 8;
constexpr std::size_t fullPace = 1'000, modestPace = 250;  // assignments a second
constexpr std::uint64_t ingestPiece = 500;                 // records sent at once
constexpr std::uint64_t ingestProbe = 200'000;             // records by which full speed is measured

[[noreturn]] void stop(const Error& error) {
    std::cerr << "assignments_bench: " << error.code << " " << error.message << " " << error.internal << "\n";
    std::exit(3);
}
template <class T>
T must(Result<T> result) {
    if (!result) stop(result.error());
    return std::move(*result);
}
std::string idOf(const json::value& made) {
    return std::string(made.at("id").as_string());
}
std::string userOf(std::size_t number) {
    return fmt::format("aaaaaaaa-0000-4000-8000-{:012}", number);
}

// What the bench works on.
struct World {
    std::string url;
    outside::OutsideWorld base;
    std::vector<outside::Login> aggregators;  // each a client for some carriers
    std::vector<std::string> carrierIds, numberIds;
};

void addUsers(cli::ApiClient& tenant, const std::string& tenantId) {
    for (std::size_t first = 0; first < numbers; first += 1'000) {
        json::array targets;
        for (std::size_t n = first; n < std::min(first + 1'000, numbers); ++n)
            targets.push_back(
                json::object{{"id", userOf(n)}, {"type", "user"}, {"displayName", fmt::format("User {}", n)}});
        http::ClientRequest request{.method = "POST", .url = "/v1/tenants/" + tenantId + "/targets"};
        request.headers.set("Content-Type", "application/json");
        request.body = json::serialize(json::object{{"targets", std::move(targets)}});
        const auto answer = must(tenant.send(std::move(request)));
        if (answer.status != 204) stop(internalError("targets: " + answer.body));
    }
}

World makeWorld(const std::string& url, const fs::path& folder) {
    World world{url, must(outside::makeWorld(url, folder, 10'000)), {}, {}, {}};
    auto platform = must(outside::logIn(url, world.base.platform));
    auto tenant = must(outside::logIn(url, world.base.tenant));
    const std::string tenantId = formatId(world.base.tenantId);
    for (std::size_t c = 0; c < carriers; ++c)
        world.carrierIds.push_back(
            idOf(must(platform.post("/v1/carriers", json::object{{"name", fmt::format("Carrier {}", c)}}))));
    for (std::size_t c = 0; c < carriers; c += carriersPerClient) {
        const json::value client = must(platform.post(
            "/v1/clients",
            json::object{{"name", fmt::format("Carriers from {}", c)},
                         {"role", "carrier"},
                         {"carriers", json::array(world.carrierIds.begin() + static_cast<std::ptrdiff_t>(c),
                                                  world.carrierIds.begin() +
                                                      static_cast<std::ptrdiff_t>(c + carriersPerClient))}}));
        world.aggregators.push_back(
            {std::string(client.at("clientId").as_string()), std::string(client.at("clientSecret").as_string())});
    }
    std::vector<cli::ApiClient> aggregators;
    for (const outside::Login& login : world.aggregators)
        aggregators.push_back(must(outside::logIn(url, login)));
    addUsers(tenant, tenantId);
    for (std::size_t c = 0; c < carriers; ++c) {
        cli::ApiClient& carrier = aggregators[c / carriersPerClient];
        const std::string consent =
            idOf(must(tenant.post("/v1/consents", json::object{{"tenantId", tenantId},
                                                               {"carrierId", world.carrierIds[c]},
                                                               {"noticeVersion", "1"},
                                                               {"countries", json::array{"CH"}}})));
        must(carrier.post("/v1/consents/" + consent + "/state", json::object{{"state", "agreementSigned"}}));
        json::array wanted;
        for (std::size_t n = 0; n < numbersPerCarrier; ++n)
            wanted.push_back(
                json::object{{"telephoneNumber", fmt::format("+4144669{:04}", c * numbersPerCarrier + n)}});
        const json::value done =
            must(carrier.order("/v1/number-orders?carrierId=" + world.carrierIds[c],
                               json::object{{"tenantId", tenantId}, {"numbers", std::move(wanted)}}));
        for (const json::value& result : done.at("results").as_array())
            world.numberIds.emplace_back(result.at("numberId").as_string());
    }
    return world;
}

std::string tokenOf(const std::string& url, const outside::Login& login) {
    http::Client client;
    http::ClientRequest request{
        .method = "POST", .url = url + "/oauth2/token", .body = "grant_type=client_credentials"};
    request.headers.set("Content-Type", "application/x-www-form-urlencoded");
    const std::string credentials = login.clientId + ":" + login.secret;
    request.headers.set("Authorization", "Basic " + toBase64(viewOf(credentials)));
    return std::string(json::parse(must(client.send(request)).body).at("access_token").as_string());
}

struct Sent {
    std::string numberId;
    std::int64_t version = 0;
    Moment asked, answered;
};

// One worker's share: its numbers in turn, assigned and unassigned by turns, each at its time.
void assign(cli::ApiClient tenant, const World& world, std::size_t worker, Moment begin, std::size_t rounds,
            std::size_t perSecond, std::vector<Sent>& sent) {
    for (std::size_t i = 0; i < rounds; ++i) {
        const std::size_t place = i * workers + worker;
        std::this_thread::sleep_until(begin + std::chrono::microseconds(place * 1'000'000 / perSecond));
        const std::string& id = world.numberIds[place % numbers];
        const bool isAssignment = place / numbers % 2 == 0;
        const json::object body = isAssignment ? json::object{{"targetId", userOf(place % numbers)}} : json::object{};
        Sent one{id, 0, Clock::now(), {}};
        const json::value answer =
            must(tenant.post("/v1/numbers/" + id + (isAssignment ? "/assign" : "/unassign"), body));
        one.answered = Clock::now();
        one.version = answer.at("version").to_number<std::int64_t>();
        sent.push_back(std::move(one));
    }
}

double millisecondsBetween(Moment from, Moment to) {
    return std::chrono::duration<double, std::milli>(to - from).count();
}

// Assigns for that many seconds, an even number of rounds over all numbers, and prints what the listeners saw.
void measure(const World& world, EventListeners& listeners, const std::string& name, std::size_t perSecond,
             std::size_t wantedSeconds) {
    const std::size_t pairs = std::max<std::size_t>(1, wantedSeconds * perSecond / (2 * numbers));
    const std::size_t rounds = pairs * 2 * numbers / workers;
    std::vector<std::vector<Sent>> sent(workers);
    std::vector<cli::ApiClient> tenants;
    for (std::size_t w = 0; w < workers; ++w)
        tenants.push_back(must(outside::logIn(world.url, world.base.tenant)));
    const Moment begin = Clock::now() + std::chrono::milliseconds(100);
    std::vector<std::thread> threads;
    for (std::size_t w = 0; w < workers; ++w)
        threads.emplace_back([&, w] { assign(std::move(tenants[w]), world, w, begin, rounds, perSecond, sent[w]); });
    for (std::thread& thread : threads)
        thread.join();
    const double took = secondsSince(begin);
    std::vector<double> fromAnswer, fromRequest;
    for (const auto& share : sent)
        for (const Sent& one : share) {
            const auto arrival = listeners.arrival(one.numberId, one.version, std::chrono::seconds(10));
            if (!arrival) stop(internalError("an event did not arrive"));
            fromAnswer.push_back(std::max(0.0, millisecondsBetween(one.answered, *arrival)));
            fromRequest.push_back(millisecondsBetween(one.asked, *arrival));
        }
    printFigure("assignments." + name + "-per-second", static_cast<double>(fromAnswer.size()) / took, "assignments/s");
    printFigure("assignments." + name + "-event-p50", percentile(fromAnswer, 0.5), "ms after the answer");
    printFigure("assignments." + name + "-event-p99", percentile(fromAnswer, 0.99), "ms after the answer");
    printFigure("assignments." + name + "-request-p50", percentile(fromRequest, 0.5), "ms after the request");
    printFigure("assignments." + name + "-request-p99", percentile(fromRequest, 0.99), "ms after the request");
}

// Calls at a given speed until it is stopped.
class Ingest {
public:
    Ingest(cli::ApiClient platform, outside::CallLines calls, std::uint64_t first, double speed)
        : thread_([this, platform = std::move(platform), calls, first, speed]() mutable {
              run(platform, calls, first, speed);
          }) {}
    ~Ingest() {
        stopping_ = true;
        thread_.join();
    }
    std::uint64_t sent() const { return sent_; }

private:
    void run(cli::ApiClient& platform, const outside::CallLines& calls, std::uint64_t first, double speed) {
        const Moment begin = Clock::now();
        http::ClientRequest request{.method = "POST", .url = "/v1/calls"};
        request.headers.set("Content-Type", "application/x-ndjson");
        request.source = [&, at = first]() mutable -> Result<std::optional<std::string>> {
            if (stopping_) return std::nullopt;
            std::this_thread::sleep_until(begin +
                                          std::chrono::duration_cast<Clock::duration>(
                                              std::chrono::duration<double>(static_cast<double>(at - first) / speed)));
            std::string lines = calls.lines(at, at + ingestPiece);
            at += ingestPiece;
            sent_ += ingestPiece;
            return lines;
        };
        must(platform.sendForJson(std::move(request)));
    }

    std::atomic<bool> stopping_ = false;
    std::atomic<std::uint64_t> sent_ = 0;
    std::thread thread_;
};

int run(const fs::path& program, const fs::path& folder, std::size_t wantedSeconds) {
    fs::create_directories(folder);
    const fs::path data = folder / "data", configuration = folder / "meetpoint.toml";
    std::ofstream(configuration) << "[operations]\nlogLevel = \"error\"\n";
    const auto made = must(outside::runProgram(program, {"init", "sandbox", "--data", data.string()}));
    if (made.exitCode != 0) stop(internalError(made.output));
    auto server =
        must(outside::ServerProcess::start(program, {"--data", data.string(), "--config", configuration.string()}));
    const World world = makeWorld(server.url(), data);
    std::vector<EventListeners::Wanted> wanted;
    for (std::size_t c = 0; c < carriers; ++c) {
        if (c % carriersPerClient == 0)
            wanted.push_back({world.carrierIds[c], tokenOf(server.url(), world.aggregators[c / carriersPerClient])});
        else
            wanted.push_back({world.carrierIds[c], wanted.back().token});
    }
    const auto listeners = must(EventListeners::open(server.url(), wanted));
    measure(world, *listeners, "quiet", fullPace, wantedSeconds);

    auto platform = must(outside::logIn(server.url(), world.base.platform));
    outside::CallLines calls;
    calls.first = SystemClock().now();
    const double full =
        static_cast<double>(ingestProbe) / must(upload(platform, calls.lines(0, ingestProbe), ingestProbe));
    printFigure("assignments.ingest-full-speed", full, "records/s");
    std::uint64_t next = ingestProbe;
    for (const auto& [name, perSecond] :
         {std::pair{"beside-ingest", modestPace}, std::pair{"at-full-pace-beside-ingest", fullPace}}) {
        const Moment begin = Clock::now();
        Ingest ingest(must(outside::logIn(server.url(), world.base.platform)), calls, next, full / 2);
        std::this_thread::sleep_for(std::chrono::seconds(1));
        measure(world, *listeners, name, perSecond, wantedSeconds);
        const double speed = static_cast<double>(ingest.sent()) / secondsSince(begin);
        printFigure(fmt::format("assignments.ingest-{}", name), speed / full, "of its full speed");
        next += ingest.sent() + ingestPiece;
    }
    return 0;
}

}  // namespace
}  // namespace meetpoint::bench

int main(int argc, char** argv) {
    if (argc == 4) return meetpoint::bench::run(argv[1], argv[2], std::stoull(argv[3]));
    std::cerr << "usage: assignments_bench PROGRAM FOLDER SECONDS\n";
    return 2;
}
