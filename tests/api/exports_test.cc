// Exports over the API: the same records as the search in every form, for nobody but the party that asked, downloaded
// in as many pieces as one likes.
#include "api/records.h"
#include "base/hash.h"
#include "formats/csv.h"
#include "formats/decompress.h"

namespace meetpoint::tests {
namespace {

using Words = std::vector<std::string>;

class Exports : public WorldTest {
protected:
    Exports()
        : WorldTest([](server::Configuration& configuration) {
              configuration.exports.rowsPerStep = 64;
              configuration.exports.chunkBytes = 2'000;
          }) {}

    void send(const json::array& calls) {
        EXPECT_EQ(countsOf(world.platform.upload("/v1/calls", ndjson(calls))),
                  "created " + std::to_string(calls.size()));
    }
    static json::array someCalls(int count) {
        json::array calls;
        for (int number = 1; number <= count; ++number)
            calls.push_back(callRecord({.number = number,
                                        .invitedAt = World::noon + seconds(number / 3),
                                        .talk = seconds(number % 5 * 10),
                                        .outbound = number % 2 == 0}));
        json::object rich = callRecord({.number = count + 1});
        rich["trunk"] = "a \"quoted\", trunk";
        rich["extensions"] = json::object{{"site", "Zürich, West"}};
        rich["callerNumber"] = nullptr;
        rich["farEndPresentation"] = "restricted";
        calls.push_back(rich);
        return calls;
    }
    // An export that is over.
    static json::value finished(Party& party, const json::object& wanted) {
        const Answer made = party.post("/v1/exports", wanted);
        EXPECT_EQ(made.status, 202) << made.body;
        const std::string location(made.headers.value("Location"));
        EXPECT_EQ(location, "/v1/exports/" + textAt(made.value(), "/id"));
        return party.read(location + "?wait=60");
    }
    static Answer content(Party& party, const json::value& job, http::Headers headers = {}) {
        return party.get(textAt(job, "/content"), std::move(headers));
    }
    static std::string unpacked(const std::string& bytes, formats::Compression compression) {
        std::string out;
        formats::Decompressor decompressor(compression);
        const auto sink = [&](ByteView piece) -> Result<void> {
            out += textOf(piece);
            return {};
        };
        EXPECT_TRUE(decompressor.feed(viewOf(bytes), sink));
        EXPECT_TRUE(decompressor.finish());
        return out;
    }
    // Everything that a search finds, as lines of the API's JSON.
    static std::string searched(Party& party, const json::object& filter) {
        std::string lines;
        json::object body = filter;
        for (body["limit"] = 1'000;;) {
            const json::value page = party.done("/v1/calls/search", body);
            const json::value items = at(page, "/items");
            for (const json::value& call : items.as_array())
                lines += json::serialize(call) + "\n";
            if (!page.as_object().contains("next")) return lines;
            body["cursor"] = at(page, "/next");
        }
    }
    static std::string reserialized(const std::string& lines) {
        std::istringstream in(lines);
        std::string out;
        for (std::string line; std::getline(in, line);)
            out += json::serialize(json::parse(line)) + "\n";
        return out;
    }
    static std::vector<Words> csvRows(const std::string& text) {
        std::vector<Words> rows;
        formats::CsvSplitter splitter(',', '"', 1 << 20);
        const auto take = [&](const formats::CsvRecord& record) {
            EXPECT_EQ(record.state, formats::CsvRecord::State::good);
            rows.emplace_back(record.fields.begin(), record.fields.end());
        };
        splitter.feed(text, take);
        splitter.finish(take);
        return rows;
    }
};

TEST_P(Exports, AsNdjsonAreWhatTheSearchFindsForEachWhoAsks) {
    send(someCalls(300));
    send({callRecord({.number = 900, .ownNumber = World::bayE164}),
          callRecord({.number = 901, .ownNumber = World::nobodys})});
    for (Party* party : {&world.alp, &world.acme, &world.platform, &world.auditor, &world.bay}) {
        const json::value job = finished(*party, {{"kind", "calls"}, {"format", "ndjson"}});
        EXPECT_EQ(textAt(job, "/state"), "succeeded");
        const std::string bytes = content(*party, job).body;
        EXPECT_EQ(reserialized(bytes), searched(*party, {}));
        EXPECT_EQ(textAt(job, "/rows"), std::to_string(std::ranges::count(bytes, '\n')));
        EXPECT_EQ(textAt(job, "/bytes"), std::to_string(bytes.size()));
    }
    const json::value alps = finished(world.alp, {{"kind", "calls"}, {"format", "ndjson"}});
    expectNone(content(world.alp, alps).whole(), {callId(900), callId(901), std::string(World::callUser), "softphone"},
               "a carrier's export");
    const json::value acmes = finished(world.acme, {{"kind", "calls"}, {"format", "csv"}});
    expectNone(content(world.acme, acmes).whole(), {"41791234567", callId(900), callId(901)},
               "a Swiss tenant's export");
}

TEST_P(Exports, TakeEveryFilterOfTheSearch) {
    send(someCalls(60));
    for (const json::object& filter :
         {json::object{{"direction", "outbound"}},
          json::object{{"from", "2026-03-09T13:00:05+01:00"}, {"to", "2026-03-09T12:00:11Z"}},
          json::object{{"minDurationMs", 20'000}, {"answered", true}, {"order", "ascending"}},
          json::object{{"callId", callId(7)}}, json::object{{"farEndNumber", World::stranger}, {"quality", "good"}},
          json::object{{"trunk", "none"}}}) {
        const json::value job = finished(world.alp, {{"kind", "calls"}, {"format", "ndjson"}, {"filter", filter}});
        EXPECT_EQ(textAt(job, "/state"), "succeeded");
        EXPECT_EQ(reserialized(content(world.alp, job).body), searched(world.alp, filter)) << json::serialize(filter);
        for (const auto& [name, value] : filter)
            EXPECT_TRUE(at(job, "/filter").as_object().contains(name)) << name;
    }
    world.platform.upload("/v1/calls", ndjson({callRecord({.number = 1, .version = 2})}));
    const json::value all =
        finished(world.alp, {{"kind", "calls"}, {"format", "ndjson"}, {"filter", json::object{{"versions", "all"}}}});
    EXPECT_EQ(textAt(all, "/rows"), "62");
    EXPECT_EQ(textAt(finished(world.alp, {{"kind", "calls"}, {"format", "ndjson"}}), "/rows"), "61");
}

TEST_P(Exports, AsCsvHaveAHeaderTheColumnsAskedForAndTimesOfTheZone) {
    send(someCalls(100));
    const json::value job =
        finished(world.alp, {{"kind", "calls"},
                             {"format", "csv"},
                             {"filter", json::object{{"order", "ascending"}}},
                             {"columns", json::array{"callId", "invitedAt", "callerNumber", "durationMs", "trunk",
                                                     "endpoint.ipAddress", "extensions"}},
                             {"timeZone", "Europe/Zurich"}});
    const Answer file = content(world.alp, job);
    EXPECT_EQ(file.headers.value("Content-Type"), "text/csv");
    EXPECT_EQ(file.headers.value("Content-Disposition"),
              "attachment; filename=\"calls-" + textAt(job, "/id") + ".csv\"");
    std::vector<Words> expected{
        {"callId", "invitedAt", "callerNumber", "durationMs", "trunk", "endpoint.ipAddress", "extensions"}};
    std::istringstream in(searched(world.alp, {{"order", "ascending"}}));
    for (std::string line; std::getline(in, line);) {
        const json::value call = json::parse(line);
        const std::string utc = textAt(call, "/invitedAt");  // at noon UTC it is 13 o'clock in Zürich, in winter
        const bool isRich = call.as_object().contains("extensions");
        expected.push_back({textAt(call, "/callId"), "2026-03-09T13" + utc.substr(13, 10) + "+01:00",
                            isRich ? "" : textAt(call, "/callerNumber"), textAt(call, "/durationMs"),
                            textAt(call, "/trunk"), "192.0.2.55",
                            isRich ? json::serialize(at(call, "/extensions")) : ""});
    }
    EXPECT_EQ(csvRows(file.body), expected);
    EXPECT_TRUE(
        file.body.starts_with("callId,invitedAt,callerNumber,durationMs,trunk,endpoint.ipAddress,extensions\r\n"));
    const json::value empty = finished(world.alp, {{"kind", "calls"},
                                                   {"format", "csv"},
                                                   {"columns", json::array{"callId"}},
                                                   {"filter", json::object{{"trunk", "none"}}}});
    EXPECT_EQ(content(world.alp, empty).body, "callId\r\n") << "a header also where nothing is found";
    const json::value nested = finished(world.acme, {{"kind", "calls"},
                                                     {"format", "ndjson"},
                                                     {"columns", json::array{"endpoint", "version"}},
                                                     {"filter", json::object{{"callId", callId(1)}}}});
    EXPECT_EQ(
        content(world.acme, nested).body,
        R"({"endpoint":{"ipAddress":"192.0.2.55","operatingSystem":"Windows 11","userAgent":"softphone/7.1"},"version":1})"
        "\n");
}

TEST_P(Exports, OfDurationsAreThoseOfTheList) {
    json::array durations;
    for (int i = 1; i <= 150; ++i)
        durations.push_back(
            durationRecord({.recordId = "r-" + std::to_string(i), .startedAt = World::noon + seconds(i)}));
    world.alp.upload("/v1/durations", ndjson(durations));
    const json::value job = finished(world.alp, {{"kind", "durations"}, {"format", "ndjson"}});
    std::string lines;
    const json::value listed = at(world.alp.read("/v1/durations?limit=1000"), "/items");
    for (const json::value& one : listed.as_array())
        lines += json::serialize(one) + "\n";
    EXPECT_EQ(textAt(job, "/rows"), "150");
    EXPECT_EQ(reserialized(content(world.alp, job).body), lines);
    const Answer wrong =
        world.alp.post("/v1/exports", json::object{{"kind", "durations"},
                                                   {"format", "csv"},
                                                   {"filter", json::object{{"trunk", "x"}, {"isTest", true}}}});
    EXPECT_EQ(wrong.status, 400);
    EXPECT_EQ(column(at(wrong.value(), "/errors"), "pointer"), (Words{"/filter/trunk", "/filter/isTest"}));
    const Answer refused = world.acme.post("/v1/exports", json::object{{"kind", "durations"}, {"format", "csv"}});
    EXPECT_EQ(refused.code(), "scope-missing") << "as the list of durations";
}

TEST_P(Exports, CompressedAreTheSame) {
    send(someCalls(400));
    const std::string plain = content(world.alp, finished(world.alp, {{"kind", "calls"}, {"format", "csv"}})).body;
    const json::value gzip = finished(world.alp, {{"kind", "calls"}, {"format", "csv"}, {"compression", "gzip"}});
    const json::value zstd = finished(world.alp, {{"kind", "calls"}, {"format", "csv"}, {"compression", "zstd"}});
    const Answer gzipped = content(world.alp, gzip), zstandard = content(world.alp, zstd);
    EXPECT_EQ(unpacked(gzipped.body, formats::Compression::gzip), plain);
    EXPECT_EQ(unpacked(zstandard.body, formats::Compression::zstd), plain);
    EXPECT_EQ(gzipped.headers.value("Content-Type"), "application/gzip");
    EXPECT_TRUE(gzipped.headers.value("Content-Disposition").ends_with(".csv.gz\""));
    EXPECT_EQ(zstandard.headers.value("Content-Type"), "application/zstd");
    EXPECT_LT(gzipped.body.size(), plain.size() / 4);
}

TEST_P(Exports, AreDownloadedInAnyPieces) {
    send(someCalls(200));
    const json::value job = finished(world.alp, {{"kind", "calls"}, {"format", "ndjson"}});
    const Answer whole = content(world.alp, job);
    EXPECT_EQ(whole.status, 200);
    EXPECT_EQ(whole.headers.value("Content-Length"), std::to_string(whole.body.size()));
    EXPECT_EQ(whole.headers.value("Accept-Ranges"), "bytes");
    const Sha256 hash = sha256(viewOf(whole.body));
    EXPECT_EQ(textAt(job, "/sha256"), toHex(hash));
    EXPECT_EQ(whole.headers.value("Repr-Digest"), "sha-256=:" + toBase64(hash) + ":");
    const std::string etag(whole.headers.value("ETag"));
    std::string pieces;
    for (std::size_t size = 1; pieces.size() < whole.body.size(); size = size * 3 + 1) {
        const Answer part = content(
            world.alp, job,
            {{"Range", "bytes=" + std::to_string(pieces.size()) + "-" + std::to_string(pieces.size() + size - 1)},
             {"If-Range", etag}});
        ASSERT_EQ(part.status, 206);
        EXPECT_EQ(part.headers.value("Content-Length"), std::to_string(part.body.size()));
        EXPECT_EQ(part.headers.value("Content-Range"), "bytes " + std::to_string(pieces.size()) + "-" +
                                                           std::to_string(pieces.size() + part.body.size() - 1) + "/" +
                                                           std::to_string(whole.body.size()));
        pieces += part.body;
    }
    EXPECT_EQ(pieces, whole.body);
    EXPECT_EQ(content(world.alp, job, {{"Range", "bytes=-10"}}).body, whole.body.substr(whole.body.size() - 10));
    EXPECT_EQ(content(world.alp, job, {{"Range", "bytes=5-9"}, {"If-Range", "\"other\""}}).body, whole.body);
    const Answer behind = content(world.alp, job, {{"Range", "bytes=" + std::to_string(whole.body.size()) + "-"}});
    EXPECT_EQ(behind.status, 416);
    EXPECT_EQ(behind.code(), "range-not-satisfiable");
    EXPECT_EQ(behind.headers.value("Content-Range"), "bytes */" + std::to_string(whole.body.size()));
    const Answer head = world.alp.send({.method = "HEAD", .url = textAt(job, "/content")});
    EXPECT_EQ(head.status, 200);
    EXPECT_EQ(head.body, "");
    EXPECT_EQ(head.headers.value("Content-Length"), std::to_string(whole.body.size()));
}

TEST_P(Exports, BelongToTheirParty) {
    send(someCalls(10));
    const json::object wanted{{"kind", "calls"}, {"format", "csv"}};
    const json::value alps = finished(world.alp, wanted), acmes = finished(world.acme, wanted),
                      platforms = finished(world.platform, wanted);
    const auto idsSeenBy = [](Party& party, const std::string& query = "") {
        return column(at(party.read("/v1/exports" + query), "/items"), "id");
    };
    EXPECT_EQ(idsSeenBy(world.alp), (Words{textAt(alps, "/id")}));
    EXPECT_EQ(idsSeenBy(world.acme), (Words{textAt(acmes, "/id")}));
    EXPECT_EQ(idsSeenBy(world.platform), (Words{textAt(platforms, "/id")}));
    EXPECT_EQ(idsSeenBy(world.bay), Words());
    EXPECT_EQ(idsSeenBy(world.auditor), Words());
    for (Party* stranger : {&world.bay, &world.acme, &world.zeta, &world.platform, &world.auditor}) {
        const std::string path = "/v1/exports/" + textAt(alps, "/id");
        EXPECT_EQ(stranger->get(path).code(), "not-found");
        EXPECT_EQ(stranger->get(path + "/content").code(), "not-found");
        EXPECT_EQ(stranger->send({.method = "DELETE", .url = path}).code(), "not-found");
    }
    Party other =
        world.makeParty({{"name", "Alp's other"}, {"role", "carrier"}, {"carriers", json::array{world.alpId}}});
    EXPECT_EQ(content(other, alps).status, 200) << "another client of the same carrier";
    Party both = world.makeParty(
        {{"name", "Aggregator"}, {"role", "carrier"}, {"carriers", json::array{world.alpId, world.bayId}}});
    EXPECT_EQ(both.post("/v1/exports", wanted).code(), "carrier-required");
    EXPECT_EQ(both.get("/v1/exports").code(), "carrier-required");
    EXPECT_EQ(idsSeenBy(both, "?carrierId=" + world.alpId), (Words{textAt(alps, "/id")}));
    json::object named = wanted;
    named["filter"] = json::object{{"carrierId", world.bayId}};
    EXPECT_EQ(textAt(finished(both, named), "/rows"), "0");
    EXPECT_EQ(idsSeenBy(world.bay).size(), 1u) << "it is Bay's";
    named["filter"] = json::object{{"carrierId", world.alpId}};
    EXPECT_EQ(world.bay.post("/v1/exports", named).code(), "not-found");
}

TEST_P(Exports, AreListedPageByPageAndRemoved) {
    const json::object wanted{{"kind", "calls"}, {"format", "csv"}};
    Words made;
    for (int i = 0; i < 5; ++i) {
        made.insert(made.begin(), textAt(finished(world.alp, wanted), "/id"));
        exchange.clock.advance(milliseconds(10));
    }
    Words listed;
    for (std::string path = "/v1/exports?limit=2"; !path.empty();) {
        const json::value page = world.alp.read(path);
        for (const std::string& id : column(at(page, "/items"), "id"))
            listed.push_back(id);
        path = page.as_object().contains("next") ? "/v1/exports?limit=2&cursor=" + textAt(page, "/next") : "";
    }
    EXPECT_EQ(listed, made) << "the newest first";
    EXPECT_EQ(world.alp.get("/v1/exports?cursor=rubbish").code(), "bad-cursor");
    EXPECT_EQ(world.alp.send({.method = "DELETE", .url = "/v1/exports/" + made[0]}).status, 204);
    EXPECT_EQ(world.alp.get("/v1/exports/" + made[0]).code(), "not-found");
    EXPECT_EQ(world.alp.get("/v1/exports/" + made[0] + "/content").code(), "not-found");
    EXPECT_EQ(world.alp.send({.method = "DELETE", .url = "/v1/exports/" + made[0]}).code(), "not-found");
    world.advance(exchange.configuration.exports.lifetime);
    EXPECT_EQ(world.alp.get("/v1/exports/" + made[1] + "/content").code(), "export-expired");
    EXPECT_EQ(world.alp.get("/v1/exports/" + made[1] + "/content").status, 410);
}

TEST_P(Exports, AskedForTwiceWithOneKeyAreOne) {
    const json::object wanted{{"kind", "calls"}, {"format", "csv"}}, other{{"kind", "calls"}, {"format", "ndjson"}};
    const http::Headers key{{"Idempotency-Key", "monday"}};
    const std::string first = textAt(world.alp.post("/v1/exports", wanted, key).value(), "/id");
    EXPECT_EQ(textAt(world.alp.post("/v1/exports", wanted, key).value(), "/id"), first);
    EXPECT_EQ(world.alp.post("/v1/exports", other, key).code(), "idempotency-key-reused");
    EXPECT_EQ(world.alp.post("/v1/exports", other, {{"Idempotency-Key", ""}}).code(), "bad-idempotency-key");
    EXPECT_NE(textAt(world.bay.post("/v1/exports", wanted, key).value(), "/id"), first);
}

TEST_P(Exports, SayWhatIsWrongWithWhatIsAsked) {
    struct Case {
        json::object changes;
        std::string code, pointer;
    };
    const Case cases[] = {
        {{{"kind", "items"}}, "unknown-value", "/kind"},
        {{{"format", "xlsx"}}, "unknown-value", "/format"},
        {{{"compression", "bzip2"}}, "unknown-value", "/compression"},
        {{{"colour", "red"}}, "unknown-field", "/colour"},
        {{{"filter", json::object{{"limit", 5}}}}, "unknown-field", "/filter/limit"},
        {{{"filter", json::object{{"cursor", "x"}}}}, "unknown-field", "/filter/cursor"},
        {{{"columns", json::array{}}}, "too-short", "/columns"},
        {{{"columns", json::array{"callId", "colour"}}}, "unknown-column", "/columns/1"},
        {{{"columns", json::array{"callId", "userId"}}}, "unknown-column", "/columns/1"},
        {{{"columns", json::array{"callId", "callId"}}}, "duplicate-column", "/columns/1"},
        {{{"columns", json::array{"farEndPrefix"}}}, "unknown-column", "/columns/0"},
        {{{"columns", json::array{"callerNumber"}}, {"format", "arrow"}}, "unknown-column", "/columns/0"},
    };
    for (const Case& one : cases) {
        json::object wanted{{"kind", "calls"}, {"format", "csv"}};
        for (const auto& [name, value] : one.changes)
            wanted[name] = value;
        const Answer answer = world.alp.post("/v1/exports", wanted);
        EXPECT_EQ(answer.status, 400) << json::serialize(wanted);
        EXPECT_EQ(answer.code(), "invalid-body") << json::serialize(wanted) << answer.body;
        EXPECT_EQ(textAt(answer.value(), "/errors/0/pointer"), one.pointer) << answer.body;
        EXPECT_EQ(textAt(answer.value(), "/errors/0/code"), one.code) << answer.body;
    }
    const auto codeOf = [&](const json::object& changes) {
        json::object wanted{{"kind", "calls"}, {"format", "csv"}};
        for (const auto& [name, value] : changes)
            wanted[name] = value;
        return world.alp.post("/v1/exports", wanted).code();
    };
    EXPECT_EQ(codeOf({{"timeZone", "Mars/Olympus"}}), "unknown-time-zone");
    EXPECT_EQ(codeOf({{"filter", json::object{{"ownNumber", "12"}}}}), "bad-number");
    EXPECT_EQ(codeOf({{"filter", json::object{{"from", "2026-03-09T00:00:00Z"}, {"to", "2026-03-08T00:00:00Z"}}}}),
              "bad-range");
    EXPECT_EQ(at(world.alp.read("/v1/exports"), "/items"), json::value(json::array())) << "nothing was begun";
}

ON_EVERY_STORE(Exports);

}  // namespace
}  // namespace meetpoint::tests
