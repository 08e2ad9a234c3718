#include "store/call_figures.h"

#include <bit>

#include "store/leases.h"

namespace meetpoint::store {
namespace {

std::int64_t bitsOf(ByteView bitmap) {
    std::int64_t count = 0;
    for (const std::uint8_t bits : bitmap)
        count += std::popcount(bits);
    return count;
}

}  // namespace

std::int64_t supersededOf(std::span<const LaneStretch> stretches) {
    std::int64_t count = 0;
    for (const LaneStretch& stretch : stretches)
        count += bitsOf(stretch.superseded);
    return count;
}

Result<std::vector<KeptSpan>> listFigures(Tx& tx, LaneId lane, Instant from, Instant to) {
    std::vector<KeptSpan> spans;
    TRY(
        tx.query("SELECT first_sequence, row_count, superseded_count, rules FROM call_figures WHERE shard_key = $1 AND "
                 "kind = $2 AND max_time >= $3 AND min_time < $4 ORDER BY first_sequence",
                 {lane.shardKey, lane.kindNumber(), from, to}, [&](const Row& row) {
                     spans.push_back({{row.integer(0), row.integer(1)}, row.integer(2), row.integer(3)});
                 }));
    return spans;
}

Result<std::vector<LaneSpan>> staleSpans(Tx& tx, LaneId lane, std::span<const KeptSpan> spans) {
    std::vector<LaneSpan> stale;
    if (spans.empty()) return stale;
    std::vector<std::int64_t> rows(spans.size()), superseded(spans.size());
    std::size_t at = 0;
    TRY(tx.query(
        "SELECT first_sequence, row_count, superseded FROM blocks WHERE shard_key = $1 AND kind = $2 AND "
        "first_sequence >= $3 AND first_sequence < $4 ORDER BY first_sequence",
        {lane.shardKey, lane.kindNumber(), spans.front().span.first, spans.back().span.end()}, [&](const Row& row) {
            const std::int64_t first = row.integer(0);
            while (at < spans.size() && spans[at].span.end() <= first)
                ++at;
            if (at == spans.size() || first < spans[at].span.first) return;
            rows[at] += row.integer(1);
            superseded[at] += bitsOf(row.bytes(2));
        }));
    for (std::size_t i = 0; i < spans.size(); ++i)
        if (rows[i] != spans[i].span.rows || superseded[i] != spans[i].superseded) stale.push_back(spans[i].span);
    return stale;
}

Result<void> withFigures(Tx& tx, LaneId lane, const LaneSpan& span,
                         const std::function<Result<void>(const FigureBytes&)>& use) {
    bool isThere = false;
    Result<void> used;
    TRY(
        tx.query("SELECT hours, figures, points FROM call_figures WHERE shard_key = $1 AND kind = $2 AND "
                 "first_sequence = $3 AND row_count = $4",
                 {lane.shardKey, lane.kindNumber(), span.first, span.rows}, [&](const Row& row) {
                     isThere = true;
                     used = use({row.bytes(0), row.bytes(1), row.bytes(2)});
                 }));
    if (!isThere) return fail(corrupt("figures of a span are gone"));
    return used;
}

Result<std::optional<LaneSpan>> nextSpan(Tx& tx, LaneId lane, const FigureLimits& limits) {
    TRY_ASSIGN(const std::int64_t done, progressOf(tx, upkeepOf(lane)));
    std::int64_t from = 0;
    TRY(
        tx.query("SELECT first_sequence + row_count FROM call_figures WHERE shard_key = $1 AND kind = $2 "
                 "ORDER BY first_sequence DESC LIMIT 1",
                 {lane.shardKey, lane.kindNumber()}, [&](const Row& row) { from = row.integer(0); }));
    std::optional<LaneSpan> span;
    // Blocks have at least one record each.
    TRY(
        tx.query("SELECT first_sequence, row_count FROM blocks WHERE shard_key = $1 AND kind = $2 AND "
                 "first_sequence >= $3 AND first_sequence < $4 ORDER BY first_sequence LIMIT $5",
                 {lane.shardKey, lane.kindNumber(), from, done, limits.rows}, [&](const Row& row) {
                     if (!span) span = LaneSpan{row.integer(0), 0};
                     if (span->rows < static_cast<std::int64_t>(limits.rows)) span->rows += row.integer(1);
                 }));
    if (span && span->rows < static_cast<std::int64_t>(limits.rows)) span.reset();
    return span;
}

Result<std::optional<std::vector<LaneStretch>>> stretchesOf(Tx& tx, LaneId lane, const LaneSpan& span) {
    std::vector<LaneStretch> stretches;
    std::int64_t rows = 0;
    TRY(
        tx.query("SELECT first_sequence, row_count, superseded FROM blocks WHERE shard_key = $1 AND kind = $2 AND "
                 "first_sequence >= $3 AND first_sequence < $4 ORDER BY first_sequence",
                 {lane.shardKey, lane.kindNumber(), span.first, span.end()}, [&](const Row& row) {
                     stretches.push_back(
                         {lane, row.integer(0), row.integer(1), Bytes(row.bytes(2).begin(), row.bytes(2).end())});
                     rows += row.integer(1);
                 }));
    if (rows != span.rows) return std::nullopt;
    return stretches;
}

Result<void> enterFigures(Tx& tx, LaneId lane, const KeptSpan& kept, const FigureBytes& figures) {
    TRY(removeFigures(tx, lane, kept.span));
    Instant minTime, maxTime;
    TRY(
        tx.query("SELECT COALESCE(MIN(min_time), 0), COALESCE(MAX(max_time), 0) FROM blocks WHERE shard_key = $1 AND "
                 "kind = $2 AND first_sequence >= $3 AND first_sequence < $4",
                 {lane.shardKey, lane.kindNumber(), kept.span.first, kept.span.end()},
                 [&](const Row& row) { minTime = row.instant(0), maxTime = row.instant(1); }));
    return tx.copyIn({"call_figures",
                      {"shard_key", "kind", "first_sequence", "row_count", "min_time", "max_time", "superseded_count",
                       "rules", "hours", "figures", "points"},
                      {{lane.shardKey, lane.kindNumber(), kept.span.first, kept.span.rows, minTime, maxTime,
                        kept.superseded, kept.rules, figures.hours, figures.figures, figures.points}}});
}

Result<void> removeFigures(Tx& tx, LaneId lane, const LaneSpan& span) {
    TRY(tx.execute("DELETE FROM call_figures WHERE shard_key = $1 AND kind = $2 AND first_sequence = $3",
                   {lane.shardKey, lane.kindNumber(), span.first}));
    return {};
}

}  // namespace meetpoint::store
