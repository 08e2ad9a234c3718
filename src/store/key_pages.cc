#include "store/key_pages.h"

#include <array>
#include <bit>
#include <cstring>

namespace meetpoint::store {

namespace {

constexpr std::size_t entryBytesBefore = 24;  // of pages that earlier programs wrote: their length is a multiple of it
constexpr std::uint8_t packedFormat = 1;
constexpr std::size_t headBytes = 28;
constexpr std::size_t slackBytes = 8;  // a word is written, and read, at once

// What a page is packed by. Each column holds values above its base, in so many bits each.
struct PageHead {
    std::array<std::uint8_t, 5> bits{};  // of steps between hashes, sequences, checks, versions, fingerprints
    std::uint16_t count = 0;
    std::uint64_t firstHash = 0;
    std::uint64_t leastSequence = 0;
    std::uint32_t leastVersion = 0;

    std::size_t bodyBytes() const {
        std::size_t entryBits = 0;
        for (const std::uint8_t column : bits)
            entryBits += column;
        return (entryBits * count + 7) / 8;
    }
};
constexpr std::array<std::uint8_t, 5> mostBits{64, KeyEntry::sequenceBits, 64 - KeyEntry::sequenceBits, 32, 32};

template <class T>
std::uint8_t* put(std::uint8_t* at, T value) {
    std::memcpy(at, &value, sizeof value);
    return at + sizeof value;
}
template <class T>
T take(const std::uint8_t* at) {
    T value;
    std::memcpy(&value, at, sizeof value);
    return value;
}

// Values one after another, of at most 32 bits at a time.
class BitWriter {
public:
    explicit BitWriter(std::uint8_t* to) : to_(to) {}
    void add(std::uint64_t value, int bits) {
        if (bits > 32) {
            addLow(value & 0xffffffff, 32);
            value >>= 32;
            bits -= 32;
        }
        addLow(value, bits);
    }

private:
    void addLow(std::uint64_t value, int bits) {
        std::uint8_t* const at = to_ + (bit_ >> 3);
        put(at, take<std::uint64_t>(at) | value << (bit_ & 7));
        bit_ += static_cast<std::size_t>(bits);
    }
    std::uint8_t* to_;
    std::size_t bit_ = 0;
};

class BitReader {
public:
    explicit BitReader(const std::uint8_t* from) : from_(from) {}
    std::uint64_t next(int bits) {
        if (bits <= 32) return nextLow(bits);
        const std::uint64_t low = nextLow(32);
        return low | nextLow(bits - 32) << 32;
    }

private:
    std::uint64_t nextLow(int bits) {
        const std::uint64_t word = take<std::uint64_t>(from_ + (bit_ >> 3)) >> (bit_ & 7);
        bit_ += static_cast<std::size_t>(bits);
        return word & ((1ULL << bits) - 1);
    }
    const std::uint8_t* from_;
    std::size_t bit_ = 0;
};

PageHead headOf(std::span<const KeyEntry> entries) {
    PageHead head;
    head.count = static_cast<std::uint16_t>(entries.size());
    head.firstHash = entries.front().hash;
    head.leastSequence = static_cast<std::uint64_t>(entries.front().sequence());
    head.leastVersion = static_cast<std::uint32_t>(entries.front().version);
    for (const KeyEntry& entry : entries) {
        head.leastSequence = std::min(head.leastSequence, static_cast<std::uint64_t>(entry.sequence()));
        head.leastVersion = std::min(head.leastVersion, static_cast<std::uint32_t>(entry.version));
    }
    std::array<std::uint64_t, 5> all{};
    std::uint64_t before = head.firstHash;
    for (const KeyEntry& entry : entries) {
        all[0] |= entry.hash - std::exchange(before, entry.hash);
        all[1] |= static_cast<std::uint64_t>(entry.sequence()) - head.leastSequence;
        all[2] |= entry.check();
        all[3] |= static_cast<std::uint32_t>(entry.version) - head.leastVersion;
        all[4] |= entry.fingerprint;
    }
    for (std::size_t i = 0; i < all.size(); ++i)
        head.bits[i] = static_cast<std::uint8_t>(std::bit_width(all[i]));
    return head;
}

// Nothing where these bytes are no such page.
std::optional<PageHead> readHead(ByteView bytes) {
    if (bytes.size() < headBytes || bytes[0] != packedFormat) return std::nullopt;
    PageHead head;
    std::memcpy(head.bits.data(), bytes.data() + 1, head.bits.size());
    head.count = take<std::uint16_t>(bytes.data() + 6);
    head.firstHash = take<std::uint64_t>(bytes.data() + 8);
    head.leastSequence = take<std::uint64_t>(bytes.data() + 16);
    head.leastVersion = take<std::uint32_t>(bytes.data() + 24);
    for (std::size_t i = 0; i < mostBits.size(); ++i)
        if (head.bits[i] > mostBits[i]) return std::nullopt;
    const std::size_t size = headBytes + head.bodyBytes() + slackBytes;
    if (bytes.size() != size && bytes.size() != size + 1) return std::nullopt;
    return head;
}

Error impossiblePage() {
    return corrupt("a page of the key index has an impossible length");
}

Result<void> readPacked(ByteView bytes, std::vector<KeyEntry>& out) {
    const auto head = readHead(bytes);
    if (!head) return fail(impossiblePage());
    const std::size_t first = out.size();
    out.resize(first + head->count);
    const std::span<KeyEntry> entries(out.data() + first, head->count);
    BitReader reader(bytes.data() + headBytes);
    std::uint64_t hash = head->firstHash;
    for (KeyEntry& entry : entries)
        entry.hash = hash += reader.next(head->bits[0]);
    constexpr std::uint64_t sequenceMask = (1ULL << KeyEntry::sequenceBits) - 1;
    for (KeyEntry& entry : entries)
        entry.place = (head->leastSequence + reader.next(head->bits[1])) & sequenceMask;
    for (KeyEntry& entry : entries)
        entry.place |= reader.next(head->bits[2]) << KeyEntry::sequenceBits;
    for (KeyEntry& entry : entries)
        entry.version = static_cast<std::int32_t>(head->leastVersion + reader.next(head->bits[3]));
    for (KeyEntry& entry : entries)
        entry.fingerprint = static_cast<std::uint32_t>(reader.next(head->bits[4]));
    return {};
}

}  // namespace

Bytes packKeyPage(std::span<const KeyEntry> entries) {
    const PageHead head = headOf(entries);
    std::size_t size = headBytes + head.bodyBytes() + slackBytes;
    size += size % entryBytesBefore == 0;
    Bytes page(size, 0);
    std::uint8_t* at = put(page.data(), packedFormat);
    at = put(at, head.bits);
    at = put(at, head.count);
    at = put(at, head.firstHash);
    at = put(at, head.leastSequence);
    at = put(at, head.leastVersion);
    BitWriter writer(at);
    std::uint64_t before = head.firstHash;
    for (const KeyEntry& entry : entries)
        writer.add(entry.hash - std::exchange(before, entry.hash), head.bits[0]);
    for (const KeyEntry& entry : entries)
        writer.add(static_cast<std::uint64_t>(entry.sequence()) - head.leastSequence, head.bits[1]);
    for (const KeyEntry& entry : entries)
        writer.add(entry.check(), head.bits[2]);
    for (const KeyEntry& entry : entries)
        writer.add(static_cast<std::uint32_t>(entry.version) - head.leastVersion, head.bits[3]);
    for (const KeyEntry& entry : entries)
        writer.add(entry.fingerprint, head.bits[4]);
    return page;
}

Result<void> readKeyPage(ByteView bytes, std::vector<KeyEntry>& out) {
    if (bytes.size() % entryBytesBefore != 0) return readPacked(bytes, out);
    static_assert(sizeof(KeyEntry) == entryBytesBefore);
    const std::size_t at = out.size();
    out.resize(at + bytes.size() / sizeof(KeyEntry));
    if (!bytes.empty()) std::memcpy(out.data() + at, bytes.data(), bytes.size());
    return {};
}

void KeyPageRows::add(std::size_t page, std::span<const KeyEntry> entries) {
    pages_.emplace_back(page, packKeyPage(entries));
}

Result<void> KeyPageRows::insert(Tx& tx) const {
    RowBatch batch{"key_pages", {"shard_key", "kind", "run", "page", "data"}, {}};
    for (const auto& [page, bytes] : pages_)
        batch.rows.push_back({lane_.shardKey, lane_.kindNumber(), run_, page, bytes});
    return tx.copyIn(batch);
}

Result<std::vector<KeyRun>> listRuns(Tx& tx, LaneId lane) {
    std::vector<KeyRun> out;
    TRY(tx.query("SELECT run, level, entry_count FROM key_runs WHERE shard_key = $1 AND kind = $2 ORDER BY run",
                 {lane.shardKey, lane.kindNumber()}, [&](const Row& row) {
                     out.push_back({row.integer(0), row.integer(1), row.integer(2)});
                 }));
    return out;
}

Result<void> listRun(Tx& tx, LaneId lane, const KeyRun& run, ByteView filter, std::span<const std::uint64_t> fences) {
    const ByteView fenceBytes(reinterpret_cast<const std::uint8_t*>(fences.data()), fences.size_bytes());
    TRY(
        tx.executeLater("INSERT INTO key_runs (shard_key, kind, run, level, entry_count, filter, fences) "
                        "VALUES ($1, $2, $3, $4, $5, $6, $7)",
                        {lane.shardKey, lane.kindNumber(), run.number, run.level, run.entries, filter, fenceBytes}));
    return {};
}

Result<void> unlistRun(Tx& tx, LaneId lane, std::int64_t run) {
    TRY(tx.execute("DELETE FROM key_runs WHERE shard_key = $1 AND kind = $2 AND run = $3",
                   {lane.shardKey, lane.kindNumber(), run}));
    return {};
}

}  // namespace meetpoint::store
