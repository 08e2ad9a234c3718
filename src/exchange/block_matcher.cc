#include "exchange/block_matcher.h"

#include "exchange/projection.h"
#include "store/lane_parts.h"

namespace meetpoint::exchange {
namespace {

using columns::Batch;
using columns::ColumnSet;
using columns::Part;
using columns::Records;
using store::BlockPlace;

void want(ColumnSet& set, int column) {
    const auto at = static_cast<std::size_t>(column);
    if (set.wanted.size() <= at) set.wanted.resize(at + 1, false);
    set.wanted[at] = true;
}

const columns::Schema& coreSchemaOf(columns::LaneKind kind) {
    return *columns::schemaOf(kind).parts[static_cast<std::size_t>(Part::core)];
}

Records coreAlone(columns::LaneKind kind, Batch core) {
    std::array<std::optional<Batch>, columns::partCount> parts;
    parts[static_cast<std::size_t>(Part::core)] = std::move(core);
    return columns::adoptParts(kind, std::move(parts));
}

}  // namespace

BlockMatcher::BlockMatcher(const Services& services, MatchRequest request)
    : services_(services), request_(std::move(request)) {
    const columns::LaneSchema& schema = columns::schemaOf(request_.kind);
    ColumnSet& core = wanted_[static_cast<std::size_t>(Part::core)];
    for (const int column : {schema.key, schema.version, schema.time}) {
        if (column < 0) continue;
        want(identity_, column);
        want(core, column);
    }
    want(time_, schema.time);
    if (const int tenant = tenantColumnOf(request_.kind); tenant >= 0) {
        want(core, tenant);
        if (request_.tenantId) want(coreConditions_, tenant);
    }
    for (const Condition& condition : request_.filter.conditions) {
        for (const int column : condition.core) {
            want(core, column);
            if (condition.part == Part::core) want(coreConditions_, column);
        }
        if (condition.part == Part::core) continue;
        ColumnSet& part = wanted_[static_cast<std::size_t>(condition.part)];
        if (condition.part == Part::network) want(part, static_cast<int>(columns::CallNetwork::callRow));
        for (const int column : condition.columns)
            want(part, column);
        if (std::ranges::find(hiddenParts_, condition.part) == hiddenParts_.end())
            hiddenParts_.push_back(condition.part);
    }
}

void BlockMatcher::narrow(Instant from, Instant to) {
    request_.from = std::max(request_.from, from);
    request_.to = std::min(request_.to, to);
}

bool BlockMatcher::isOfTenant(const Batch& core, std::size_t row) const {
    if (!request_.tenantId) return true;
    const columns::Column& tenant = core[tenantColumnOf(request_.kind)];
    return !tenant.isNull(row) && tenant.id(row) == *request_.tenantId;
}

bool BlockMatcher::matches(const RecordView& projected) const {
    return isOfTenant(projected.records.part(Part::core), projected.row) &&
           std::ranges::all_of(request_.filter.conditions,
                               [&](const Condition& condition) { return condition.holds(projected); });
}

// Core is hidden from nobody: its conditions are settled there.
bool BlockMatcher::meetsCore(const Records& core, std::size_t row) const {
    if (!isOfTenant(core.part(Part::core), row)) return false;
    const RecordView view{core, row, {}};
    return std::ranges::all_of(request_.filter.conditions, [&](const Condition& condition) {
        return condition.part != Part::core || condition.holds(view);
    });
}

// Column by column: what a condition leaves out is not decompressed for the next.
Result<BlockMatch> BlockMatcher::matchCore(ByteView data, const BlockPlace& place,
                                           const store::BlockState& state) const {
    const columns::Schema& schema = coreSchemaOf(request_.kind);
    TRY_ASSIGN(const auto encoded, columns::openBatch(schema, data));
    if (encoded.rows != place.rows) return fail(corrupt("a block has another number of rows than its directory says"));
    TRY_ASSIGN(auto conditions, columns::decodeColumns(schema, encoded, coreConditions_));
    const Records core = coreAlone(request_.kind, std::move(conditions.batch));
    std::vector<std::uint32_t> rows;
    for (std::uint32_t row = 0; row < place.rows; ++row)
        if (!(request_.newestOnly && state.isSuperseded(row)) && meetsCore(core, row)) rows.push_back(row);
    TRY_ASSIGN(const Batch batch, columns::decodeRows(schema, encoded, rows, time_));
    const auto times = batch[columns::schemaOf(request_.kind).time].as<std::int64_t>();
    BlockMatch match{{}, Batch(schema)};
    for (std::size_t i = 0; i < rows.size(); ++i)
        if (isInTime(times[i])) match.rows.push_back(rows[i]);
    TRY_ASSIGN(match.core, columns::decodeRows(schema, encoded, match.rows, identity_));
    return match;
}

// Nearly all of a few named rows are given out: they are read in full at once.
Result<BlockMatch> BlockMatcher::matchCoreOf(ByteView data, const std::vector<std::uint32_t>& rows) const {
    const columns::Schema& schema = coreSchemaOf(request_.kind);
    TRY_ASSIGN(Batch batch, columns::decodeRows(schema, data, rows));
    const Records core = coreAlone(request_.kind, std::move(batch));
    const auto times = core.part(Part::core)[columns::schemaOf(request_.kind).time].as<std::int64_t>();
    BlockMatch match{{}, Batch(schema)};
    std::vector<std::uint32_t> kept;
    for (std::uint32_t i = 0; i < rows.size(); ++i) {
        if (!isInTime(times[i]) || !meetsCore(core, i)) continue;
        match.rows.push_back(rows[i]);
        kept.push_back(i);
    }
    match.core = core.part(Part::core).gather(kept);
    return match;
}

Result<std::vector<std::uint32_t>> BlockMatcher::rowsByHiddenParts(store::Tx& tx, store::LaneId lane,
                                                                   const BlockPlace& place,
                                                                   std::vector<std::uint32_t> rows) const {
    std::array<std::optional<Batch>, columns::partCount> parts;
    const auto read = [&](Part part) -> Result<void> {
        const auto at = static_cast<std::size_t>(part);
        TRY_ASSIGN(parts[at], store::readPart(tx, lane, place.first, part, wanted_[at]));
        return {};
    };
    TRY(read(Part::core));
    for (const Part part : hiddenParts_)
        TRY(read(part));
    return rowsAsSeen(columns::adoptParts(request_.kind, std::move(parts)), std::move(rows));
}

// The conditions on other parts: first of records as they are stored, where that can only leave too many, then as they
// are seen.
std::vector<std::uint32_t> BlockMatcher::rowsAsSeen(const Records& stored, std::vector<std::uint32_t> rows) const {
    const auto offsets = columns::streamOffsets(stored);
    std::erase_if(rows, [&](std::uint32_t row) {
        return std::ranges::any_of(request_.filter.conditions, [&](const Condition& condition) {
            return condition.part != Part::core && !condition.hiddenMayMeet && !condition.holds({stored, row, offsets});
        });
    });
    if (rows.empty()) return rows;
    const Records seen = project(services_.ledger.view(), stored.gather(rows), request_.role, request_.seenAt);
    const auto seenOffsets = columns::streamOffsets(seen);
    std::vector<std::uint32_t> out;
    for (std::size_t i = 0; i < rows.size(); ++i)
        if (matches({seen, i, seenOffsets})) out.push_back(rows[i]);
    return out;
}

Result<BlockMatch> BlockMatcher::matchHiddenParts(store::Tx& tx, store::LaneId lane, const BlockPlace& place,
                                                  BlockMatch match) const {
    if (match.rows.empty() || hiddenParts_.empty()) return match;
    TRY_ASSIGN(const auto rows, rowsByHiddenParts(tx, lane, place, match.rows));
    std::vector<std::uint32_t> kept;
    for (const std::uint32_t row : rows)
        kept.push_back(static_cast<std::uint32_t>(std::ranges::lower_bound(match.rows, row) - match.rows.begin()));
    return BlockMatch{rows, match.core.gather(kept)};
}

Result<std::optional<BlockMatch>> BlockMatcher::match(store::Tx& tx, store::LaneId lane,
                                                      const BlockPlace& place) const {
    TRY_ASSIGN(const auto state, store::readPlace(tx, lane, place));
    if (!state) return std::nullopt;
    BlockMatch match{{}, Batch(coreSchemaOf(request_.kind))};
    TRY_ASSIGN(const bool isThere,
               store::withPart(tx, lane, place.first, Part::core, [&](ByteView data) -> Result<void> {
                   TRY_ASSIGN(match, matchCore(data, place, *state));
                   return {};
               }));
    if (!isThere) return fail(corrupt("a block lacks its part core"));
    TRY_ASSIGN(match, matchHiddenParts(tx, lane, place, std::move(match)));
    return match;
}

Result<std::vector<std::uint32_t>> BlockMatcher::rowsToMatch(store::Tx& tx, store::LaneId lane, const BlockPlace& place,
                                                             std::vector<std::uint32_t> rows) const {
    TRY_ASSIGN(const auto state, store::readPlace(tx, lane, place));
    if (!state) return std::vector<std::uint32_t>();
    if (request_.newestOnly) std::erase_if(rows, [&](std::uint32_t row) { return state->isSuperseded(row); });
    return rows;
}

Result<BlockMatch> BlockMatcher::matchRows(store::Tx& tx, store::LaneId lane, const BlockPlace& place,
                                           const std::vector<std::uint32_t>& rows) const {
    BlockMatch match{{}, Batch(coreSchemaOf(request_.kind))};
    TRY_ASSIGN(const bool isThere,
               store::withPart(tx, lane, place.first, Part::core, [&](ByteView data) -> Result<void> {
                   TRY_ASSIGN(match, matchCoreOf(data, rows));
                   return {};
               }));
    if (!isThere) return fail(corrupt("a block lacks its part core"));
    return matchHiddenParts(tx, lane, place, std::move(match));
}

}  // namespace meetpoint::exchange
