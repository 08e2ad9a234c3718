// A sender that loses its place sends everything again, in other pieces and another order, with corrections among it:
// each record gets its answer, and none is stored twice.
#include <numeric>
#include <random>

#include <fmt/format.h>

#include "api/records.h"

namespace meetpoint::tests {
namespace {

constexpr int records = 100'000;
constexpr std::uint64_t shuffleSeed = 5107;

// A call as a line of NDJSON, by hand: a hundred thousand JSON objects would take the test's time.
void appendLine(int number, int version, int talkSeconds, std::string& out) {
    const Instant invited = World::noon + milliseconds(number * 200);
    fmt::format_to(std::back_inserter(out),
                   R"({{"callId":"{}","version":{},"direction":"inbound","callerNumber":"+4179{:07}",)"
                   R"("calleeNumber":"{}","invitedAt":"{}","answeredAt":"{}","endedAt":"{}","durationMs":{},)"
                   R"("finalSipCode":200,"streams":[{{"codec":"silk","jitterMsAvg":4.5,"lossRatioAvg":0.0125}}]}})"
                   "\n",
                   callId(number), version, number, World::alpE164, formatInstant(invited),
                   formatInstant(invited + seconds(5)), formatInstant(invited + seconds(5 + talkSeconds)),
                   talkSeconds * 1000);
}

class Resend : public WorldTest {
protected:
    // What the answers of all pieces add up to.
    std::map<std::string, int> send(const std::vector<int>& order, std::size_t pieceRecords,
                                    const std::function<void(int, std::string&)>& append) {
        std::map<std::string, int> counts;
        for (std::size_t first = 0; first < order.size(); first += pieceRecords) {
            std::string body;
            for (std::size_t i = first; i < std::min(first + pieceRecords, order.size()); ++i)
                append(order[i], body);
            const Answer answer = world.platform.upload("/v1/calls", std::move(body));
            EXPECT_LT(answer.status, 300) << answer.body.substr(0, 500);
            const json::value counted = at(answer.value(), "/counts");
            for (const auto& [outcome, count] : counted.as_object())
                if (const int more = count.to_number<int>(); more > 0) counts[outcome] += more;
        }
        return counts;
    }
};

TEST_P(Resend, OfAHundredThousandRecordsStoresNoneTwice) {
    std::vector<int> order(records);
    std::iota(order.begin(), order.end(), 1);
    using Counts = std::map<std::string, int>;
    EXPECT_EQ(send(order, 9'001, [](int n, std::string& out) { appendLine(n, 1, 60, out); }),
              (Counts{{"created", records}}));
    std::ranges::shuffle(order, std::mt19937_64(shuffleSeed));
    const auto again = [](int number, std::string& out) {
        const int third = number % 3;
        appendLine(number, third == 2 ? 2 : 1, third == 0 ? 60 : 61, out);
    };
    EXPECT_EQ(send(order, 12'347, again), (Counts{{"unchanged", 33'333}, {"conflict", 33'334}, {"updated", 33'333}}));
    // Once more: what was updated is known by now, and what was in conflict still is.
    EXPECT_EQ(send(order, 50'000, again), (Counts{{"unchanged", 66'666}, {"conflict", 33'334}}));

    std::map<std::string, int> versions;  // of each call, in the feed
    std::int64_t last = 0;
    for (std::string path = "/v1/feeds/calls?limit=10000"; !path.empty();) {
        const json::value page = world.alp.read(path), items = at(page, "/items");
        for (const json::value& item : items.as_array()) {
            EXPECT_EQ(item.at("sequence").to_number<std::int64_t>(), ++last);
            EXPECT_EQ(item.at("version").to_number<int>(), ++versions[textAt(item, "/callId")]);
        }
        path = at(page, "/hasMore").as_bool() ? "/v1/feeds/calls?limit=10000&cursor=" + textAt(page, "/next") : "";
    }
    EXPECT_EQ(versions.size(), static_cast<std::size_t>(records));
    EXPECT_EQ(last, records + 33'333) << "each record, and each new version";
}
ON_EVERY_STORE(Resend);

}  // namespace
}  // namespace meetpoint::tests
