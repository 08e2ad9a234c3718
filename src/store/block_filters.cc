#include "store/block_filters.h"

#include <algorithm>

namespace meetpoint::store {
namespace {

bool mayHoldAll(const columns::KeyFilter& filter, std::span<const std::uint64_t> hashes) {
    return std::ranges::all_of(hashes, [&](std::uint64_t hash) { return filter.mayContain(hash); });
}

// Calls `use` with the position of each of `blocks` that is there, and its value in `column`.
Result<void> readFilters(Tx& tx, LaneId lane, std::span<const BlockPlace> blocks, const std::string& column,
                         const std::function<void(std::size_t, ByteView)>& use) {
    std::size_t at = 0;
    return tx.query("SELECT first_sequence, row_count, " + column +
                        " FROM block_filters WHERE shard_key = $1 AND kind = $2 AND first_sequence >= $3 AND "
                        "first_sequence <= $4 ORDER BY first_sequence",
                    {lane.shardKey, lane.kindNumber(), blocks.front().first, blocks.back().first}, [&](const Row& row) {
                        const BlockPlace place{row.integer(0), row.integer(1)};
                        while (at < blocks.size() && blocks[at] < place)
                            ++at;
                        if (at < blocks.size() && blocks[at] == place) use(at, row.bytes(2));
                    });
}

}  // namespace

Result<void> enterFilters(Tx& tx, LaneId lane, const std::vector<PlacedBlock>& blocks) {
    RowBatch batch{"block_filters", {"shard_key", "kind", "first_sequence", "row_count", "filter", "own_numbers"}, {}};
    for (const PlacedBlock& placed : blocks) {
        const Bytes& numbers = placed.block->ownNumbers;
        batch.rows.push_back({lane.shardKey, lane.kindNumber(), placed.firstSequence, placed.block->rows,
                              placed.block->filter, numbers.empty() ? std::nullopt : std::optional<ByteView>(numbers)});
    }
    return tx.copyIn(batch);
}

Result<std::vector<BlockFilters::Filters::Shared>> BlockFilters::read(Tx& tx, LaneId lane,
                                                                      std::span<const BlockPlace> blocks,
                                                                      Filters& kept) {
    std::vector<Filters::Shared> filters(blocks.size());
    TRY(readFilters(tx, lane, blocks, "filter", [&](std::size_t at, ByteView bytes) {
        auto filter = columns::KeyFilter::fromBytes(bytes);
        // A damaged filter excludes nothing; the records themselves decide.
        if (!filter) filter = columns::KeyFilter::ofEverything();
        filters[at] = std::make_shared<const columns::KeyFilter>(std::move(*filter));
        kept.keep(lane, blocks[at], filters[at], filters[at]->bytes().size());
    }));
    return filters;
}

Result<std::vector<BlockFilters::Numbers::Shared>> BlockFilters::read(Tx& tx, LaneId lane,
                                                                      std::span<const BlockPlace> blocks,
                                                                      Numbers& kept) {
    std::vector<Numbers::Shared> numbers(blocks.size());
    TRY(readFilters(tx, lane, blocks, "own_numbers", [&](std::size_t at, ByteView bytes) {
        auto rows = columns::NumberRows::fromBytes(bytes, static_cast<std::size_t>(blocks[at].rows));
        // So it is where there is none, and where it is damaged.
        if (!rows) rows = columns::NumberRows::ofAnyRow();
        numbers[at] = std::make_shared<const columns::NumberRows>(std::move(*rows));
        kept.keep(lane, blocks[at], numbers[at], numbers[at]->byteSize());
    }));
    return numbers;
}

template <class Kept, class Use>
Result<void> BlockFilters::forEach(Tx& tx, LaneId lane, std::span<const BlockPlace> blocks, Kept& kept, Use use) {
    for (std::size_t i = 0; i < blocks.size();) {
        if (const auto known = kept.find(lane, blocks[i])) {
            use(blocks[i], *known);
            ++i;
            continue;
        }
        std::size_t end = i + 1;
        while (end < blocks.size() && end - i < limits_.blocksPerQuery && !kept.find(lane, blocks[end]))
            ++end;
        const auto missing = blocks.subspan(i, end - i);
        TRY_ASSIGN(const auto values, read(tx, lane, missing, kept));
        for (std::size_t m = 0; m < missing.size(); ++m)
            if (values[m]) use(missing[m], *values[m]);
        i = end;
    }
    return {};
}

Result<std::vector<BlockPlace>> BlockFilters::thatMayHold(Tx& tx, LaneId lane, std::span<const BlockPlace> blocks,
                                                          std::span<const std::uint64_t> hashes) {
    std::vector<BlockPlace> out;
    TRY(forEach(tx, lane, blocks, filters_, [&](const BlockPlace& block, const columns::KeyFilter& filter) {
        if (mayHoldAll(filter, hashes)) out.push_back(block);
    }));
    return out;
}

Result<std::vector<BlockRows>> BlockFilters::rowsOfNumber(Tx& tx, LaneId lane, std::span<const BlockPlace> blocks,
                                                          std::uint64_t numberHash, Instant from, Instant to) {
    std::vector<BlockRows> out;
    TRY(forEach(tx, lane, blocks, numbers_, [&](const BlockPlace& block, const columns::NumberRows& numbers) {
        auto rows = numbers.find(numberHash, from, to);
        if (!rows || !rows->empty()) out.push_back({block, std::move(rows)});
    }));
    return out;
}

}  // namespace meetpoint::store
