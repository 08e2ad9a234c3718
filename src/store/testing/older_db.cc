#include "store/testing/older_db.h"

#include "store/key_pages.h"

namespace meetpoint::store::testing {
namespace {

struct Page {
    std::int64_t shardKey, kind, run, page;
    std::vector<KeyEntry> entries;
};

// As such a program wrote a page: entries as they lie in memory.
ByteView plainPage(const std::vector<KeyEntry>& entries) {
    return {reinterpret_cast<const std::uint8_t*>(entries.data()), entries.size() * sizeof(KeyEntry)};
}

Result<void> takeChecksAway(Tx& tx) {
    std::vector<Page> pages;
    Result<void> read;
    TRY(tx.query("SELECT shard_key, kind, run, page, data FROM key_pages", {}, [&](const Row& row) {
        pages.push_back({row.integer(0), row.integer(1), row.integer(2), row.integer(3), {}});
        if (read) read = readKeyPage(row.bytes(4), pages.back().entries);
    }));
    TRY(std::move(read));
    for (Page& page : pages) {
        for (KeyEntry& entry : page.entries)
            entry.place = KeyEntry::placeOf(entry.sequence(), 0);
        TRY(tx.execute("UPDATE key_pages SET data = $5 WHERE shard_key = $1 AND kind = $2 AND run = $3 AND page = $4",
                       {page.shardKey, page.kind, page.run, page.page, plainPage(page.entries)}));
    }
    return {};
}

constexpr const char* isOfLowerHalf =
    "first_sequence * 2 < (SELECT next_sequence FROM lanes AS lane WHERE lane.shard_key = %1.shard_key AND lane.kind = "
    "%1.kind)";

std::string ofLowerHalf(std::string_view table) {
    std::string condition(isOfLowerHalf);
    for (std::size_t at = 0; (at = condition.find("%1", at)) != std::string::npos;)
        condition.replace(at, 2, table);
    return condition;
}

}  // namespace

Result<void> takeBackToStep16(Db& db) {
    const bool isPostgres = db.isShared();
    return db.write(ledgerWrite(), [&](Tx& tx) -> Result<void> {
        TRY(tx.execute(isPostgres ? "ALTER TABLE blocks ADD COLUMN filter BYTEA"
                                  : "ALTER TABLE blocks ADD COLUMN filter BLOB"));
        TRY(tx.execute(
            "UPDATE blocks SET filter = (SELECT filter FROM block_filters AS stored WHERE stored.shard_key = "
            "blocks.shard_key AND stored.kind = blocks.kind AND stored.first_sequence = "
            "blocks.first_sequence)"));
        TRY(tx.execute("DROP TABLE block_filters"));
        TRY(tx.execute("DROP TABLE call_figures"));
        TRY(tx.execute("UPDATE blocks SET calendar_days = NULL WHERE " + ofLowerHalf("blocks")));
        TRY(tx.execute("DELETE FROM block_days WHERE " + ofLowerHalf("block_days")));
        TRY(takeChecksAway(tx));
        TRY(tx.execute("DELETE FROM schema_steps WHERE number > 16"));
        return {};
    });
}

}  // namespace meetpoint::store::testing
