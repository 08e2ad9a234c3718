#include "columns/batch.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "columns/records.h"

namespace meetpoint::columns {
namespace {

constexpr Field fields[] = {{"number", ColumnType::uint64}, {"text", ColumnType::utf8}, {"small", ColumnType::uint8}};
constexpr Schema schema{"test", 1, fields};

Batch batchOf(const std::vector<std::optional<std::string>>& values) {
    Batch batch(schema);
    for (const auto& value : values) {
        if (value) {
            batch[0].append<std::uint64_t>(value->size());
            batch[1].appendText(*value);
        } else {
            batch[0].appendNull();
            batch[1].appendNull();
        }
        batch[2].append<std::uint8_t>(1);
    }
    return batch;
}

std::vector<std::optional<std::string>> valuesOf(const Batch& batch) {
    std::vector<std::optional<std::string>> out;
    for (std::size_t i = 0; i < batch.rows(); ++i) {
        if (batch[1].isNull(i))
            out.emplace_back();
        else
            out.emplace_back(batch[1].text(i));
    }
    return out;
}

// Every third text stands for an absent value.
std::vector<std::optional<std::string>> someAbsent(const std::vector<std::string>& texts) {
    std::vector<std::optional<std::string>> out;
    for (const std::string& text : texts) {
        if (out.size() % 3 == 2)
            out.emplace_back();
        else
            out.emplace_back(text);
    }
    return out;
}

RC_GTEST_PROP(Batch, KeepsWhatIsAppendedHoweverItIsCutAndJoined, (const std::vector<std::string>& texts)) {
    const auto values = someAbsent(texts);
    const Batch whole = batchOf(values);
    RC_ASSERT(valuesOf(whole) == values);
    const auto cut = *rc::gen::inRange<std::size_t>(0, values.size() + 1);
    Batch joined = whole.slice(0, cut);
    joined.appendRange(whole, cut, values.size() - cut);
    RC_ASSERT(valuesOf(joined) == values);
    RC_ASSERT(joined[1].nullCount() == whole[1].nullCount());
    RC_ASSERT(std::ranges::equal(joined[0].values(), whole[0].values()));
}

RC_GTEST_PROP(Batch, GatherTakesTheNamedRows, (const std::vector<std::string>& texts)) {
    const auto values = someAbsent(texts);
    const Batch whole = batchOf(values);
    std::vector<std::uint32_t> rows;
    std::vector<std::optional<std::string>> expected;
    for (std::uint32_t i = 0; i < values.size(); i += 2) {
        rows.push_back(i);
        expected.push_back(values[i]);
    }
    RC_ASSERT(valuesOf(whole.gather(rows)) == expected);
}

TEST(Batch, ValuesCanBeReplacedAndMadeAbsent) {
    Batch batch = batchOf({"a", "bb"});
    batch[0].set<std::uint64_t>(1, 9);
    EXPECT_EQ(batch[0].at<std::uint64_t>(1), 9u);
    batch[0].setNull(1);
    EXPECT_TRUE(batch[0].isNull(1));
    EXPECT_FALSE(batch[0].isNull(0));
    EXPECT_EQ(batch[0].at<std::uint64_t>(1), 0u);
}

// The enumerations in records.h name positions; this keeps the first and last of each in step with its fields.
TEST(Records, TheEnumerationsNameTheFields) {
    auto fieldAt = [](LaneKind kind, Part part, auto column) {
        return schemaOf(kind).parts[static_cast<std::size_t>(part)]->fields[static_cast<std::size_t>(column)].name;
    };
    auto isLast = [](LaneKind kind, Part part, auto column) {
        return schemaOf(kind).parts[static_cast<std::size_t>(part)]->fields.size() - 1 ==
               static_cast<std::size_t>(column);
    };
    EXPECT_EQ(fieldAt(LaneKind::calls, Part::core, CallCore::invitedAt), "invitedAt");
    EXPECT_EQ(fieldAt(LaneKind::calls, Part::core, CallCore::q850Cause), "q850Cause");
    EXPECT_TRUE(isLast(LaneKind::calls, Part::core, CallCore::reference));
    EXPECT_EQ(fieldAt(LaneKind::calls, Part::parties, CallParties::sipCallId), "sipCallId");
    EXPECT_TRUE(isLast(LaneKind::calls, Part::parties, CallParties::extensions));
    EXPECT_EQ(fieldAt(LaneKind::calls, Part::network, CallNetwork::mos), "mos");
    EXPECT_TRUE(isLast(LaneKind::calls, Part::network, CallNetwork::endpointOperatingSystem));
    EXPECT_TRUE(isLast(LaneKind::calls, Part::internal, CallInternal::endpointUserAgent));
    EXPECT_EQ(fieldAt(LaneKind::durations, Part::core, DurationCore::durationMs), "durationMs");
    EXPECT_TRUE(isLast(LaneKind::durations, Part::core, DurationCore::holderKnown));
    EXPECT_TRUE(isLast(LaneKind::durations, Part::parties, DurationParties::extensions));
    EXPECT_TRUE(isLast(LaneKind::assignments, Part::core, AssignmentCore::reference));
    EXPECT_TRUE(isLast(LaneKind::items, Part::core, ItemCore::usableForUsage));
}

TEST(Records, StreamsFollowTheirCalls) {
    Records calls(LaneKind::calls);
    for (const Part part : {Part::core, Part::parties, Part::internal}) {
        Batch& batch = calls.part(part);
        for (std::size_t c = 0; c < batch.columnCount(); ++c)
            for (int row = 0; row < 3; ++row)
                batch[c].appendNull();
    }
    Batch& network = calls.part(Part::network);
    for (const std::int32_t call : {0, 0, 2}) {
        for (std::size_t c = 0; c < network.columnCount(); ++c)
            c == 0 ? network[c].append<std::int32_t>(call) : network[c].appendNull();
    }
    const std::uint32_t rows[] = {2, 0};
    const Records chosen = calls.gather(rows);
    const auto callRows = chosen.part(Part::network)[CallNetwork::callRow].as<std::int32_t>();
    EXPECT_EQ(std::vector(callRows.begin(), callRows.end()), (std::vector<std::int32_t>{0, 1, 1}));
    Records joined = calls.slice(0, 1);
    joined.append(chosen);
    const auto joinedRows = joined.part(Part::network)[CallNetwork::callRow].as<std::int32_t>();
    EXPECT_EQ(std::vector(joinedRows.begin(), joinedRows.end()), (std::vector<std::int32_t>{0, 0, 1, 2, 2}));
}

}  // namespace
}  // namespace meetpoint::columns
