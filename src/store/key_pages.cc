#include "store/key_pages.h"

#include <cstring>

namespace meetpoint::store {

ByteView keyPageBytes(std::span<const KeyEntry> entries) {
    return {reinterpret_cast<const std::uint8_t*>(entries.data()), entries.size_bytes()};
}

Result<void> readKeyPage(ByteView bytes, std::vector<KeyEntry>& out) {
    if (bytes.size() % sizeof(KeyEntry) != 0) return fail(corrupt("a page of the key index has an impossible length"));
    const std::size_t at = out.size();
    out.resize(at + bytes.size() / sizeof(KeyEntry));
    if (!bytes.empty()) std::memcpy(out.data() + at, bytes.data(), bytes.size());
    return {};
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
