// Helpers of the tests of this folder.
#pragma once

#include <fstream>
#include <sstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "formats/detect.h"
#include "formats/reader.h"
#include "formats/writer.h"

namespace meetpoint::formats::testing {

using columns::LaneKind;
using columns::Part;

inline ReadOptions options() {
    ReadOptions out;
    out.now = *parseInstant("2026-03-02T00:00:00Z");
    return out;
}

// Everything that an input gives, in one batch; `piece` is how many bytes are fed at a time.
struct Whole {
    ReadBatch batch{columns::Records(LaneKind::calls), {}, {}};
    ReadCounts counts;
    std::optional<Error> error;
};
inline void drain(RecordReader& reader, ReadBatch& into, std::size_t rows = 3) {
    while (reader.ready() > 0) {
        ReadBatch next = reader.take(rows);
        into.records.append(next.records);
        into.origins.insert(into.origins.end(), next.origins.begin(), next.origins.end());
        into.faults.insert(into.faults.end(), next.faults.begin(), next.faults.end());
    }
}
inline Whole read(LaneKind lane, Format format, std::string_view text, ReadOptions with = options(),
                  std::size_t piece = std::string_view::npos) {
    Whole whole{{columns::Records(lane), {}, {}}, {}, {}};
    auto reader = makeReader(lane, format, std::move(with));
    EXPECT_TRUE(reader);
    while (!text.empty() && !whole.error) {
        const std::string copy(text.substr(0, piece));  // so that a reader that keeps views is found out
        text.remove_prefix(copy.size());
        if (const auto fed = (*reader)->feed(viewOf(copy)); !fed) whole.error = fed.error();
        drain(**reader, whole.batch);
    }
    if (!whole.error)
        if (const auto done = (*reader)->finish(); !done) whole.error = done.error();
    drain(**reader, whole.batch);
    whole.counts = (*reader)->counts();
    return whole;
}

// A call or a duration as JSON, in which `replace` is put in place of a field (by its name) and `more` is added.
inline std::string edited(std::string json, std::string_view field, std::string_view value) {
    const std::string key = "\"" + std::string(field) + "\":";
    const std::size_t at = json.find(key);
    if (at == std::string::npos) {
        json.insert(json.size() - 1, "," + key + std::string(value));
        return json;
    }
    const std::size_t from = at + key.size();
    const std::size_t to = json.find_first_of(",}", from);
    if (value.empty()) {
        json.erase(at, to - at + 1);
        if (json.back() != '}') json.back() = '}';
        return json;
    }
    return json.replace(from, to - from, value);
}
inline const std::string call =
    R"({"callId":"018f3c2e-7d1a-7c55-9a51-0b7c6f2d8a10","version":1,"direction":"outbound",)"
    R"("callerNumber":"+41441234567","calleeNumber":"+4930123456","invitedAt":"2026-03-01T09:30:00.250Z",)"
    R"("answeredAt":"2026-03-01T09:30:05Z","endedAt":"2026-03-01T09:33:05Z","durationMs":180000,"trunk":"sbc1"})";
inline const std::string duration =
    R"({"recordId":"r-1","direction":"inbound","callerNumber":"+4930123456","calleeNumber":"+41441234567",)"
    R"("startedAt":"2026-03-01T10:30:00.250+01:00","endedAt":"2026-03-01T09:33:05Z","durationMs":180000,"trunk":"sbc1"})";

// The records as sorted lines of JSON: equal sets give equal texts.
inline std::vector<std::string> lines(const columns::Records& records) {
    std::vector<std::string> out;
    const RecordWriter writer(records);
    for (std::size_t row = 0; row < records.rows(); ++row) {
        out.emplace_back();
        writer.appendJson(row, out.back());
    }
    std::sort(out.begin(), out.end());
    return out;
}

inline std::string dataPath(const std::string& name) {
    return std::string(MEETPOINT_SOURCE_DIR "/../shared/data/") + name;
}
inline bool hasData() {
    return std::ifstream(dataPath("asterisk-cdr.csv")).good();
}
inline std::string contentOf(const std::string& path) {
    std::ifstream file(path, std::ios::binary);
    std::stringstream text;
    text << file.rdbuf();
    return text.str();
}

}  // namespace meetpoint::formats::testing

#define NEEDS_SHARED_DATA() \
    if (!::meetpoint::formats::testing::hasData()) GTEST_SKIP() << "the folder of real call data is absent"
