// Versions of the data transfer notice.
#include "store/ledger.h"

namespace meetpoint::store {
namespace {

Notice readNotice(const Row& row) {
    return {std::string(row.text(0)), row.integer(1), std::string(row.text(2)), std::string(row.text(3)),
            row.instant(4)};
}
constexpr std::string_view selectNotices = "SELECT version, ordinal, texts, published_by, published_at FROM notices ";

}  // namespace

Result<Notice> insertNotice(Tx& tx, Notice notice) {
    TRY_ASSIGN(notice.ordinal, nextNumber(tx, "notices"));
    TRY_ASSIGN(const auto count,
               tx.execute("INSERT INTO notices (version, ordinal, texts, published_by, published_at) VALUES ($1, $2, "
                          "$3, $4, $5) ON CONFLICT DO NOTHING",
                          {notice.version, notice.ordinal, notice.texts, notice.publishedBy, notice.publishedAt}));
    if (count == 1) return notice;
    return fail(conflict("notice-exists", "Version '" + notice.version +
                                              "' of the notice is published already, and what tenants have accepted "
                                              "never changes. Publish another version."));
}

Result<std::optional<Notice>> findNotice(Tx& tx, std::string_view version) {
    std::optional<Notice> found;
    TRY(tx.query(std::string(selectNotices) + "WHERE version = $1", {version},
                 [&](const Row& row) { found = readNotice(row); }));
    return found;
}

Result<std::vector<Notice>> listNotices(Tx& tx) {
    std::vector<Notice> notices;
    TRY(tx.query(std::string(selectNotices) + "ORDER BY ordinal DESC", {},
                 [&](const Row& row) { notices.push_back(readNotice(row)); }));
    return notices;
}

}  // namespace meetpoint::store
