// Our Arrow streams as a stranger's library reads them: the call feed against its JSON, and both compressions
// in one file.
#include <fstream>

#include <gtest/gtest.h>

#include "api/records.h"
#include "columns/arrow_ipc.h"
#include "columns/records.h"
#include "interop/node_script.h"

namespace meetpoint::tests {
namespace {

namespace fs = std::filesystem;

class Arrow : public WorldTest {
protected:
    void SetUp() override { ASSERT_NO_FATAL_FAILURE(expectNodePackages()); }

    std::string write(const std::string& name, const std::string& bytes) const {
        const fs::path file = folder.path() / name;
        std::ofstream(file, std::ios::binary) << bytes;
        return file.string();
    }

    TemporaryFolder folder;
};

// Calls of every kind: unanswered, masked, national and restricted far ends, extensions, without quality.
json::array calls() {
    json::array list;
    for (int number = 1; number <= 2'500; ++number)
        list.push_back(callRecord({.number = number,
                                   .invitedAt = World::noon + seconds(number),
                                   .talk = seconds(number % 7 * 13),
                                   .outbound = number % 2 == 0}));
    for (const char* farEnd : {"+4179123****", "112", "Anonymous"}) {
        const int number = static_cast<int>(list.size()) + 1;
        list.push_back(callRecord({.number = number, .farEnd = farEnd}));
    }
    json::object restricted = callRecord({.number = 3'001}), plain = callRecord({.number = 3'002}),
                 rich = callRecord({.number = 3'003});
    restricted["callerNumber"] = nullptr;
    restricted["farEndPresentation"] = "restricted";
    for (const char* name : {"streams", "endpoint", "userId", "trunk", "sipCallId"})
        plain.erase(name);
    rich["extensions"] = json::object{{"site", "Zürich"}, {"rack", 7}};
    rich["completeness"] = "provisional";
    rich["mediaBypass"] = true;
    rich["q850Cause"] = 16;
    list.insert(list.end(), {restricted, plain, rich});
    return list;
}

TEST_P(Arrow, TheCallFeedSaysTheSameAsItsJson) {
    EXPECT_EQ(countsOf(world.platform.upload("/v1/calls", ndjson(calls()))), "created 2506");
    const auto files = [&](Party& party, const std::string& name, const std::string& query) {
        const std::string path = "/v1/feeds/calls?limit=10000" + query;
        const http::Headers arrow{{"Accept", "application/vnd.apache.arrow.stream"}};
        return std::vector{write(name + ".json", party.get(path).body),
                           write(name + ".calls.arrow", party.get(path + "&table=calls", arrow).body),
                           write(name + ".streams.arrow", party.get(path + "&table=streams", arrow).body)};
    };
    expectNodeAgrees("compare_feed.mjs", files(world.alp, "carrier", ""));
    expectNodeAgrees("compare_feed.mjs", files(world.platform, "platform", "&carrierId=" + world.alpId));
    expectNodeAgrees("compare_feed.mjs", files(world.bay, "empty", ""));
    world.advance(days(31));
    expectNodeAgrees("compare_feed.mjs", files(world.alp, "old", ""));
}

TEST_P(Arrow, AnExportOfSeveralCarriersSaysTheSameAsTheSearch) {
    json::array sent;
    for (int number = 1; number <= 700; ++number)
        sent.push_back(callRecord({.number = number,
                                   .invitedAt = World::noon + seconds(number / 2),
                                   .ownNumber = number % 3 == 0   ? World::bayE164
                                                : number % 7 == 0 ? World::nobodys
                                                                  : World::alpE164}));
    EXPECT_EQ(countsOf(world.platform.upload("/v1/calls", ndjson(sent))), "created 700");
    const json::array columns{"carrierId", "sequence", "storedAt",   "callId",    "version",
                              "direction", "trunk",    "durationMs", "invitedAt", "userId"};
    const json::object wanted{{"kind", "calls"}, {"format", "arrow"}, {"columns", columns}};
    const std::string job = textAt(world.platform.done("/v1/exports", wanted), "/id");
    EXPECT_EQ(textAt(world.platform.read("/v1/exports/" + job + "?wait=60"), "/rows"), "700");
    std::vector<std::string> arguments{
        write("search.json", world.platform.get("/v1/calls?limit=1000").body),
        write("export.arrow", world.platform.get("/v1/exports/" + job + "/content").body)};
    for (const json::value& column : columns)
        arguments.emplace_back(column.as_string());
    expectNodeAgrees("compare_export.mjs", arguments);
}

ON_EVERY_STORE(Arrow);

TEST(ArrowCompression, BothKindsOpenInOneStream) {
    const columns::Schema& schema = *columns::schemaOf(columns::LaneKind::assignments).parts[0];
    std::vector<const columns::Field*> fields;
    for (const columns::Field& field : schema.fields)
        fields.push_back(&field);
    columns::Batch batch(schema);
    for (int row = 0; row < 1'000; ++row)
        for (std::size_t i = 0; i < batch.columnCount(); ++i) {
            columns::Column& column = batch[i];
            switch (column.type()) {
                case columns::ColumnType::fixed16:
                    column.append(Id{{static_cast<std::uint8_t>(row % 251)}});
                    break;
                case columns::ColumnType::timestamp:
                    column.append(World::noon + seconds(row));
                    break;
                case columns::ColumnType::int64:
                    column.append<std::int64_t>(row);
                    break;
                case columns::ColumnType::uint64:
                    column.append<std::uint64_t>(41446681800u + static_cast<std::uint64_t>(row));
                    break;
                case columns::ColumnType::utf8:
                    column.field().nullable&& row % 3 == 0 ? column.appendNull()
                                                           : column.appendText("text " + std::to_string(row % 10));
                    break;
                default:
                    FAIL() << "a column of a type that this test does not fill: " << column.field().name;
            }
        }
    Bytes stream = columns::encodeSchema("assignments", 1, fields);
    for (const auto compression : {columns::Compression::none, columns::Compression::lz4, columns::Compression::zstd}) {
        const Bytes message = columns::encodeBatch(batch, compression);
        stream.insert(stream.end(), message.begin(), message.end());
    }
    const Bytes end = columns::endOfStream();
    stream.insert(stream.end(), end.begin(), end.end());

    const TemporaryFolder folder;
    const fs::path file = folder.path() / "compressions.arrow";
    std::ofstream(file, std::ios::binary) << textOf(stream);
    expectNodeAgrees("compare_batches.mjs", {file.string(), "1000"});
}

}  // namespace
}  // namespace meetpoint::tests
