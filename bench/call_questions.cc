#include "call_questions.h"

#include <random>

#include <boost/json.hpp>
#include <fmt/format.h>

#include "call_load.h"
#include "figure.h"

namespace meetpoint::bench {
namespace {

namespace json = boost::json;

constexpr std::uint64_t seed = 815;
constexpr std::size_t callsRead = 2'000, numbersSearched = 500, pagesRead = 500;

// Times of questions of one kind.
class Times {
public:
    template <class Ask>
    auto time(Ask ask) {
        const auto start = std::chrono::steady_clock::now();
        auto answer = ask();
        milliseconds_.push_back(secondsSince(start) * 1'000);
        return answer;
    }
    double median() const { return percentile(milliseconds_, 0.5); }
    void print(const std::string& name) const {
        printFigure(name + "-p50", percentile(milliseconds_, 0.5), "ms");
        printFigure(name + "-p99", percentile(milliseconds_, 0.99), "ms");
    }

private:
    std::vector<double> milliseconds_;
};

Error wrongAnswer(std::string what) {
    return internalError("a wrong answer: " + std::move(what));
}

// The page of a feed after this one, by its Link header.
std::string nextPage(const http::ClientResponse& page) {
    const std::string link(page.headers.value("Link"));
    return link.substr(1, link.find('>') - 1);
}

}  // namespace

Result<CallQuestions> CallQuestions::logIn(const std::string& url, const outside::OutsideWorld& world,
                                           const CallHistory& history) {
    TRY_ASSIGN(auto platform, outside::logIn(url, world.platform));
    TRY_ASSIGN(auto carrier, outside::logIn(url, world.carrier));
    return CallQuestions(history, std::move(platform), std::move(carrier));
}

Result<double> CallQuestions::readById(const std::string& name, std::uint64_t arrived) {
    std::vector<std::uint32_t> whole;
    for (std::uint64_t i = 0; i < arrived; ++i)
        if (history_.arrivals()[i].isFinal) whole.push_back(history_.arrivals()[i].call);
    std::mt19937_64 random(seed);
    Times times;
    for (std::size_t i = 0; i < callsRead; ++i) {
        const std::string id = formatId(outside::CallLines::callId(whole[random() % whole.size()]));
        TRY_ASSIGN(const json::value answer, times.time([&] { return platform_.get("/v1/calls/" + id); }));
        const json::object& call = answer.at("call").as_object();
        if (call.at("callId").as_string() != id || call.at("version").to_number<int>() != 2)
            return fail(wrongAnswer(json::serialize(answer)));
    }
    times.print("calls." + name);
    return times.median();
}

Result<void> CallQuestions::searchByNumber() {
    std::mt19937_64 random(seed);
    Times times;
    std::uint64_t found = 0;
    for (std::size_t i = 0; i < numbersSearched; ++i) {
        const std::string number = outside::CallLines::ownNumber(random() % CallHistory::numbersPerCarrier);
        const Instant from = history_.begin() + days(static_cast<std::int64_t>(random() % 7));
        const std::string path = fmt::format("/v1/calls?ownNumber=%2B{}&from={}&to={}&limit=1000", number.substr(1),
                                             formatInstant(from), formatInstant(from + days(1)));
        TRY_ASSIGN(const json::value answer, times.time([&] { return carrier_.get(path); }));
        for (const json::value& call : answer.at("items").as_array()) {
            const bool isOutbound = call.at("direction").as_string() == "outbound";
            if (call.at(isOutbound ? "callerNumber" : "calleeNumber").as_string() != number)
                return fail(wrongAnswer(json::serialize(call)));
        }
        found += answer.at("items").as_array().size();
    }
    times.print("calls.number-day");
    printFigure("calls.number-day-found", static_cast<double>(found) / numbersSearched, "calls an answer");
    return {};
}

Result<void> CallQuestions::readFeed() {
    Times times;
    std::string page = "/v1/feeds/calls?limit=1000";
    for (std::size_t i = 0; i < std::min<std::size_t>(pagesRead, history_.recordsOfFirstCarrier() / 1'000); ++i) {
        TRY_ASSIGN(const auto answer, times.time([&] { return readPage(page, "application/x-ndjson"); }));
        if (std::ranges::count(answer.body, '\n') != 1'000) return fail(wrongAnswer(answer.body.substr(0, 500)));
        page = nextPage(answer);
    }
    times.print("calls.feed-page");
    const auto start = std::chrono::steady_clock::now();
    std::uint64_t bytes = 0;
    page = "/v1/feeds/calls?limit=10000";
    for (std::uint64_t read = 0; read < history_.recordsOfFirstCarrier(); read += 10'000) {
        TRY_ASSIGN(const auto answer, readPage(page, "application/vnd.apache.arrow.stream"));
        bytes += answer.body.size();
        page = nextPage(answer);
    }
    printFigure("calls.feed-arrow", static_cast<double>(bytes) / 1e6 / secondsSince(start), "MB/s");
    return {};
}

Result<http::ClientResponse> CallQuestions::readPage(const std::string& path, std::string_view mediaType) {
    http::ClientRequest request{.method = "GET", .url = path};
    request.headers.set("Accept", std::string(mediaType));
    TRY_ASSIGN(auto answer, carrier_.send(std::move(request)));
    if (answer.status != 200) return fail(wrongAnswer(answer.body.substr(0, 500)));
    return answer;
}

Result<void> CallQuestions::readQuality(int runs) {
    struct Question {
        std::string name, query;
    };
    const Instant end = history_.begin() + CallHistory::span;
    const std::string range = "from=" + formatInstant(history_.begin()) + "&to=" + formatInstant(end) + "&limit=10000";
    for (const Question& question :
         {Question{"carrier-hour", "&groupBy=carrier&groupBy=hour"}, Question{"all-in-one", ""},
          Question{"trunk-direction-code", "&groupBy=trunk&groupBy=direction&groupBy=sipCode"},
          Question{"ratios-carrier-hour", "&groupBy=carrier&groupBy=hour&figures=none"}}) {
        Times times;
        for (int run = 0; run < runs; ++run) {
            TRY_ASSIGN(const json::value answer,
                       times.time([&] { return platform_.get("/v1/quality?" + range + question.query); }));
            std::uint64_t calls = 0;
            for (const json::value& item : answer.at("items").as_array())
                calls += item.at("current").at("calls").at("bids").to_number<std::uint64_t>();
            if (calls != history_.calls()) return fail(wrongAnswer(fmt::format("{} calls were counted", calls)));
        }
        printFigure("calls.quality-" + question.name, times.median(), "ms");
    }
    return {};
}

}  // namespace meetpoint::bench
