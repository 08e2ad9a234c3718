#include "columns/arrow_ipc.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "base/clock.h"
#include "columns/content_hash.h"
#include "columns/key_filter.h"

namespace meetpoint::columns {
namespace {

constexpr Field fields[] = {{"id", ColumnType::fixed16, false}, {"number", ColumnType::uint64},
                            {"at", ColumnType::timestamp},      {"ratio", ColumnType::float32},
                            {"text", ColumnType::utf8},         {"flag", ColumnType::uint8, true, "no,yes"}};
constexpr Schema schema{"test", 1, fields};
constexpr Schema earlier{"test", 0, std::span(fields).first(4)};

Batch sample(std::size_t rows, std::uint64_t seed) {
    SeededRandom random(seed);
    Batch batch(schema);
    for (std::size_t row = 0; row < rows; ++row) {
        Id id;
        random.fill(id.bytes);
        batch[0].append(id);
        const std::uint64_t word = random.next64();
        word % 3 == 0 ? batch[1].appendNull() : batch[1].append<std::uint64_t>(word);
        batch[2].append<std::int64_t>(1'700'000'000'000 + static_cast<std::int64_t>(row));
        word % 5 == 0 ? batch[3].appendNull() : batch[3].append<float>(static_cast<float>(word % 1000) / 1000);
        word % 7 == 0 ? batch[4].appendNull()
                      : batch[4].appendText(std::string(word % 40, static_cast<char>('a' + word % 26)));
        batch[5].append<std::uint8_t>(static_cast<std::uint8_t>(word & 1));
    }
    return batch;
}

bool sameContent(const Batch& a, const Batch& b) {
    return contentHash(a, a.columnCount()) == contentHash(b, b.columnCount());
}

TEST(ArrowIpc, ReadsBackWhatItWroteUnderEveryCompression) {
    for (const auto compression : {Compression::none, Compression::lz4, Compression::zstd})
        for (const std::size_t rows : {0, 1, 7, 8, 9, 4096}) {
            const Batch batch = sample(rows, rows + 1);
            const auto back = decodeBatch(schema, encodeBatch(batch, compression));
            ASSERT_TRUE(back) << back.error().message;
            EXPECT_TRUE(sameContent(batch, *back)) << rows;
        }
}

TEST(ArrowIpc, ColumnsWithoutValuesAtTheEndAreReadableByWhoDoesNotKnowThem) {
    const Batch full = sample(10, 3);
    Batch unused(schema);
    for (std::size_t i = 0; i < 4; ++i)
        unused[i].appendRange(full[i], 0, 10);
    unused.complete();
    const Bytes message = encodeBatch(unused, Compression::zstd);
    const auto byEarlier = decodeBatch(earlier, message);
    ASSERT_TRUE(byEarlier) << byEarlier.error().message;
    EXPECT_EQ(contentHash(*byEarlier, 4), contentHash(unused, 4));
    const auto byLater = decodeBatch(schema, message);
    ASSERT_TRUE(byLater);
    EXPECT_TRUE(sameContent(*byLater, unused));
    EXPECT_FALSE(decodeBatch(earlier, encodeBatch(full, Compression::zstd))) << "once there is a value, it is not lost";
}

TEST(ArrowIpc, ColumnsAddedLaterAreAbsentInOlderBatches) {
    Batch old(earlier);
    const Batch full = sample(10, 3);
    for (std::size_t i = 0; i < 4; ++i)
        old[i].appendRange(full[i], 0, 10);
    const auto back = decodeBatch(schema, encodeBatch(old, Compression::lz4));
    ASSERT_TRUE(back);
    EXPECT_EQ((*back)[4].nullCount(), 10u);
    EXPECT_EQ((*back)[0].id(9), full[0].id(9));
    EXPECT_EQ(contentHash(*back, 4), contentHash(old, 4));
}

TEST(ArrowIpc, ReadsOnlyTheColumnsThatAreWanted) {
    const Batch batch = sample(100, 4);
    const auto back = decodeBatch(schema, encodeBatch(batch, Compression::zstd), {{false, false, true}});
    ASSERT_TRUE(back);
    EXPECT_EQ((*back)[2].at<std::int64_t>(99), batch[2].at<std::int64_t>(99));
    EXPECT_EQ((*back)[0].nullCount(), 100u);
}

// Rows in any order, some more than once, of buffers in one frame and in many.
RC_GTEST_PROP(ArrowIpc, ReadsSomeRowsAsTheWholeHasThem, (std::uint64_t seed)) {
    const std::size_t stored = *rc::gen::element<std::size_t>(1, 9, 100, 3000);
    const auto rows = *rc::gen::container<std::vector<std::uint32_t>>(
        rc::gen::inRange<std::uint32_t>(0, static_cast<std::uint32_t>(stored)));
    const Batch batch = sample(stored, seed);
    for (const auto compression : {Compression::none, Compression::lz4, Compression::zstd}) {
        const Bytes message = encodeBatch(batch, compression);
        const auto some = decodeRows(schema, message, rows);
        RC_ASSERT(some.has_value());
        RC_ASSERT(some->rows() == rows.size());
        RC_ASSERT(sameContent(*some, batch.gather(rows)));
        const auto texts = decodeRows(schema, message, rows, {{false, false, false, false, true}});
        RC_ASSERT(texts.has_value());
        RC_ASSERT((*texts)[0].nullCount() == rows.size());
        for (std::size_t i = 0; i < rows.size(); ++i)
            RC_ASSERT((*texts)[4].text(i) == batch[4].text(rows[i]));
    }
}

TEST(ArrowIpc, RefusesRowsThatAMessageDoesNotHave) {
    const Bytes message = encodeBatch(sample(10, 3), Compression::zstd);
    const std::uint32_t rows[] = {3, 10};
    EXPECT_FALSE(decodeRows(schema, message, rows));
}

TEST(ArrowIpc, PassesCompressedColumnsOnAndAddsNewOnes) {
    const Batch batch = sample(500, 5);
    const Bytes message = encodeBatch(batch, Compression::zstd);
    auto opened = openBatch(schema, message);
    ASSERT_TRUE(opened);
    EncodedBatch chosen;
    chosen.rows = opened->rows;
    chosen.compression = opened->compression;
    chosen.owned.reserve(8);
    chosen.columns = {opened->columns[0], opened->columns[4]};
    static constexpr Field extra[] = {
        {"id", ColumnType::fixed16, false}, {"text", ColumnType::utf8}, {"sequence", ColumnType::int64}};
    static constexpr Schema narrow{"narrow", 1, extra};
    Column sequence(extra[2]);
    for (std::int64_t i = 0; i < 500; ++i)
        sequence.append<std::int64_t>(i + 100);
    addColumn(chosen, sequence);
    const auto back = decodeBatch(narrow, assembleBatch(chosen));
    ASSERT_TRUE(back);
    EXPECT_EQ((*back)[1].text(3), batch[4].text(3));
    EXPECT_EQ((*back)[2].at<std::int64_t>(499), 599);
}

// Every flipped byte and every cut either gives an error or a batch of sound shape; sanitizers watch for the rest.
TEST(ArrowIpc, DamagedBytesAreRefusedNeverFollowed) {
    SeededRandom random(11);
    for (const auto compression : {Compression::none, Compression::lz4, Compression::zstd}) {
        const Bytes good = encodeBatch(sample(64, 6), compression);
        const std::uint32_t some[] = {0, 31, 63};
        for (std::size_t cut = 0; cut < good.size(); cut += 3) {
            EXPECT_FALSE(decodeBatch(schema, ByteView(good).first(cut)));
            EXPECT_FALSE(decodeRows(schema, ByteView(good).first(cut), some));
        }
        for (std::size_t at = 0; at < good.size(); ++at) {
            Bytes bad = good;
            bad[at] ^= static_cast<std::uint8_t>(1u << (random.next64() % 8));
            const auto rows = decodeRows(schema, bad, some);
            const auto result = decodeBatch(schema, bad);
            if (!result) continue;
            ASSERT_TRUE(rows) << "the whole is sound, so are its rows";
            EXPECT_EQ((*rows)[4].text(1), (*result)[4].text(31));
            for (std::size_t row = 0; row < result->rows(); ++row)
                EXPECT_LE((*result)[4].text(row).size(), bad.size() * 300);
        }
    }
}

RC_GTEST_PROP(ContentHash, DoesNotDependOnHowRowsAreCut, (std::uint64_t seed)) {
    const std::size_t rows = 1 + seed % 200;
    const Batch whole = sample(rows, seed);
    const auto cut = *rc::gen::inRange<std::size_t>(0, rows);
    Batch joined = whole.slice(0, cut);
    joined.appendRange(whole.slice(cut, rows - cut), 0, rows - cut);
    RC_ASSERT(sameContent(whole, joined));
    const auto stored = decodeBatch(schema, encodeBatch(whole, Compression::lz4));
    RC_ASSERT(contentHash(stored->slice(cut, rows - cut), 6) == contentHash(whole.slice(cut, rows - cut), 6));
    Batch changed = whole;
    changed[5].set<std::uint8_t>(rows - 1, 9);
    RC_ASSERT(!sameContent(whole, changed));
}

TEST(KeyFilter, NeverForgetsAndSeldomErrs) {
    SeededRandom random(5);
    KeyFilter filter(10'000, 10);
    std::vector<std::uint64_t> hashes(10'000);
    for (auto& hash : hashes)
        filter.add(hash = random.next64());
    const auto copy = KeyFilter::fromBytes(filter.bytes());
    ASSERT_TRUE(copy);
    for (const auto hash : hashes)
        EXPECT_TRUE(copy->mayContain(hash));
    int wrong = 0;
    for (int i = 0; i < 10'000; ++i)
        wrong += copy->mayContain(random.next64());
    EXPECT_LT(wrong, 250);
    EXPECT_FALSE(KeyFilter::fromBytes(Bytes(31)));
}

}  // namespace
}  // namespace meetpoint::columns
