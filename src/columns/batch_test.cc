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
    EXPECT_TRUE(isLast(LaneKind::calls, Part::network, CallNetwork::audioDegradationMax));
    EXPECT_TRUE(isLast(LaneKind::calls, Part::internal, CallInternal::endpointUserAgent));
    EXPECT_EQ(fieldAt(LaneKind::durations, Part::core, DurationCore::durationMs), "durationMs");
    EXPECT_TRUE(isLast(LaneKind::durations, Part::core, DurationCore::roundingStepMs));
    EXPECT_TRUE(isLast(LaneKind::durations, Part::parties, DurationParties::extensions));
    EXPECT_TRUE(isLast(LaneKind::assignments, Part::core, AssignmentCore::expectedBy));
    EXPECT_TRUE(isLast(LaneKind::items, Part::core, ItemCore::lateMs));
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

// What a column should hold, kept the simple way.
template <class T>
using Model = std::vector<std::optional<T>>;

void expectSame(const Column& column, const Model<std::int64_t>& model) {
    ASSERT_EQ(column.size(), model.size());
    std::size_t nulls = 0;
    for (std::size_t row = 0; row < model.size(); ++row) {
        ASSERT_EQ(column.isNull(row), !model[row]) << "row " << row;
        ASSERT_EQ(column.at<std::int64_t>(row), model[row].value_or(0)) << "row " << row;
        nulls += !model[row];
    }
    ASSERT_EQ(column.nullCount(), nulls);
    if (!column.validity().empty() && model.size() % 8 != 0)
        ASSERT_EQ(column.validity().back() >> (model.size() % 8), 0) << "bits past the end";
}
void expectSame(const Column& column, const Model<std::string>& model) {
    ASSERT_EQ(column.size(), model.size());
    for (std::size_t row = 0; row < model.size(); ++row) {
        ASSERT_EQ(column.isNull(row), !model[row]) << "row " << row;
        ASSERT_EQ(column.text(row), model[row].value_or("")) << "row " << row;
    }
}

// However columns are put together, they hold what was put in.
TEST(Column, HoldsWhatAnySequenceOfStepsPutIn) {
    constexpr Field numberField{"n", ColumnType::int64, true}, textField{"t", ColumnType::utf8, true};
    SeededRandom random(20261125);
    const auto below = [&](std::uint32_t limit) {
        std::uint32_t value = 0;
        random.fill({reinterpret_cast<std::uint8_t*>(&value), sizeof value});
        return value % limit;
    };
    for (int round = 0; round < 300; ++round) {
        std::vector<Column> numbers(3, Column(numberField)), texts(3, Column(textField));
        std::vector<Model<std::int64_t>> numberModels(3);
        std::vector<Model<std::string>> textModels(3);
        for (int step = 0; step < 40; ++step) {
            const std::size_t to = below(3), from = (to + 1 + below(2)) % 3;
            Column& number = numbers[to];
            Column& text = texts[to];
            auto& numberModel = numberModels[to];
            auto& textModel = textModels[to];
            const std::size_t fromRows = numberModels[from].size();
            switch (below(6)) {
                case 0: {  // values
                    for (std::uint32_t i = below(20); i > 0; --i) {
                        number.append<std::int64_t>(i);
                        text.appendText(std::string(i % 5, 'x'));
                        numberModel.emplace_back(i);
                        textModel.emplace_back(std::string(i % 5, 'x'));
                    }
                    break;
                }
                case 1: {  // absent ones
                    const std::size_t rows = number.size() + below(20);
                    number.padTo(rows);
                    text.padTo(rows);
                    numberModel.resize(rows);
                    textModel.resize(rows);
                    break;
                }
                case 2: {  // a range of another column
                    const std::size_t first = below(static_cast<std::uint32_t>(fromRows) + 1);
                    const std::size_t count = below(static_cast<std::uint32_t>(fromRows - first) + 1);
                    number.appendRange(numbers[from], first, count);
                    text.appendRange(texts[from], first, count);
                    for (std::size_t i = first; i < first + count; ++i) {
                        numberModel.push_back(numberModels[from][i]);
                        textModel.push_back(textModels[from][i]);
                    }
                    break;
                }
                case 3: {  // chosen rows of another column
                    std::vector<std::uint32_t> rows;
                    for (std::uint32_t i = fromRows == 0 ? 0 : below(20); i > 0; --i)
                        rows.push_back(below(static_cast<std::uint32_t>(fromRows)));
                    number.appendRows(numbers[from], rows);
                    text.appendRows(texts[from], rows);
                    for (const std::uint32_t row : rows) {
                        numberModel.push_back(numberModels[from][row]);
                        textModel.push_back(textModels[from][row]);
                    }
                    break;
                }
                default: {  // changes in place
                    if (numberModel.empty()) break;
                    const std::size_t row = below(static_cast<std::uint32_t>(numberModel.size()));
                    if (below(2) == 0) {
                        number.setNull(row);
                        numberModel[row].reset();
                    } else {
                        number.set<std::int64_t>(row, 77);
                        numberModel[row] = 77;
                    }
                }
            }
            ASSERT_NO_FATAL_FAILURE(expectSame(number, numberModel)) << "round " << round << " step " << step;
            ASSERT_NO_FATAL_FAILURE(expectSame(text, textModel)) << "round " << round << " step " << step;
        }
    }
}

}  // namespace
}  // namespace meetpoint::columns
