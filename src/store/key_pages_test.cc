#include "store/key_pages.h"

#include <cstring>
#include <random>

#include <gtest/gtest.h>

namespace meetpoint::store {
namespace {

bool isSame(const KeyEntry& a, const KeyEntry& b) {
    return a.hash == b.hash && a.place == b.place && a.version == b.version && a.fingerprint == b.fingerprint;
}

void expectRead(ByteView bytes, const std::vector<KeyEntry>& wanted) {
    std::vector<KeyEntry> entries{{1, 2, 3, 4}};
    const auto read = readKeyPage(bytes, entries);
    ASSERT_TRUE(read) << read.error().internal;
    ASSERT_EQ(entries.size(), wanted.size() + 1);
    for (std::size_t i = 0; i < wanted.size(); ++i)
        EXPECT_TRUE(isSame(entries[i + 1], wanted[i])) << i;
}

// Entries as a run of so many has them.
std::vector<KeyEntry> entriesOf(std::mt19937_64& random, std::size_t count, std::uint64_t runLength, int versions) {
    std::vector<KeyEntry> entries;
    for (std::size_t i = 0; i < count; ++i)
        entries.push_back({random() / runLength * count,
                           KeyEntry::placeOf(static_cast<std::int64_t>(5'000'000'000 + random() % runLength),
                                             static_cast<std::uint32_t>(random() & 0xffffff)),
                           static_cast<std::int32_t>(1 + random() % static_cast<std::uint64_t>(versions)),
                           static_cast<std::uint32_t>(random())});
    std::ranges::sort(entries, byHash);
    return entries;
}

TEST(KeyPages, GiveTheirEntriesBack) {
    constexpr std::uint64_t seed = 20'261'127;
    SCOPED_TRACE(seed);
    std::mt19937_64 random(seed);
    for (int round = 0; round < 500; ++round) {
        const std::size_t count = 1 + random() % entriesPerKeyPage;
        const auto entries = entriesOf(random, count, count + random() % 9'000'000, 1 + static_cast<int>(random() % 9));
        expectRead(packKeyPage(entries), entries);
    }
}

TEST(KeyPages, HoldWhateverAnEntryCanBe) {
    const std::vector<KeyEntry> entries{{0, KeyEntry::placeOf(0, 0), INT32_MIN, 0},
                                        {1, KeyEntry::placeOf((1LL << 40) - 1, 0xffffff), INT32_MAX, UINT32_MAX},
                                        {UINT64_MAX, KeyEntry::placeOf(7, 1), -1, 5},
                                        {UINT64_MAX, KeyEntry::placeOf(8, 1), 0, 5}};
    expectRead(packKeyPage(entries), entries);
    for (const KeyEntry& one : entries)
        expectRead(packKeyPage({{one}}), {one});
}

TEST(KeyPages, OfAFullRunFitAPageOfTheDatabase) {
    std::mt19937_64 random(1);
    for (const std::uint64_t length : {2'000u, 60'000u, 1'250'000u, 8'000'000u})
        EXPECT_LT(packKeyPage(entriesOf(random, entriesPerKeyPage, length, 3)).size(), 16'300u) << length;
}

TEST(KeyPages, OfEarlierProgramsAreReadAsTheyLie) {
    std::mt19937_64 random(2);
    const auto entries = entriesOf(random, 680, 100'000, 2);
    Bytes bytes(entries.size() * sizeof(KeyEntry));
    std::memcpy(bytes.data(), entries.data(), bytes.size());
    expectRead(bytes, entries);
}

TEST(KeyPages, ThatAreDamagedAreRefused) {
    std::mt19937_64 random(3);
    const Bytes page = packKeyPage(entriesOf(random, 100, 100'000, 2));
    std::vector<KeyEntry> entries;
    for (std::size_t size = 1; size < page.size(); ++size)
        if (size % sizeof(KeyEntry) != 0) {
            EXPECT_EQ(readKeyPage(ByteView(page).first(size), entries).error().code, "corrupt-data") << size;
        }
    Bytes other = page;
    other[0] = 9;
    EXPECT_EQ(readKeyPage(other, entries).error().code, "corrupt-data") << "another format";
    for (std::size_t column = 1; column <= 5; ++column) {
        other = page;
        other[column] = 65;
        EXPECT_EQ(readKeyPage(other, entries).error().code, "corrupt-data") << column;
    }
}

}  // namespace
}  // namespace meetpoint::store
