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

// Core is hidden from nobody: its conditions are settled here.
std::vector<std::uint32_t> BlockMatcher::rowsByCore(const Records& records, const BlockPlace& place,
                                                    const store::BlockState& state) const {
    const Batch& core = records.part(Part::core);
    std::vector<std::uint32_t> rows;
    for (std::uint32_t row = 0; row < place.rows; ++row) {
        if (request_.newestOnly && state.isSuperseded(row)) continue;
        if (!isOfTenant(core, row)) continue;
        const RecordView view{records, row, {}};
        const bool holds = std::ranges::all_of(request_.filter.conditions, [&](const Condition& condition) {
            return condition.part != Part::core || condition.holds(view);
        });
        if (holds) rows.push_back(row);
    }
    return rows;
}

// Column by column: what a condition leaves out is not decompressed for the next.
Result<void> BlockMatcher::matchCore(ByteView data, const BlockPlace& place, const store::BlockState& state,
                                     BlockMatch& match) const {
    const columns::Schema& schema = match.core.schema();
    TRY_ASSIGN(const auto encoded, columns::openBatch(schema, data));
    if (encoded.rows != place.rows) return fail(corrupt("a block has another number of rows than its directory says"));
    TRY_ASSIGN(auto conditions, columns::decodeColumns(schema, encoded, coreConditions_));
    const auto rows = rowsByCore(coreAlone(request_.kind, std::move(conditions.batch)), place, state);
    TRY_ASSIGN(const Batch batch, columns::decodeRows(schema, encoded, rows, time_));
    const auto times = batch[columns::schemaOf(request_.kind).time].as<std::int64_t>();
    for (std::size_t i = 0; i < rows.size(); ++i)
        if (times[i] >= request_.from.ms && times[i] < request_.to.ms) match.rows.push_back(rows[i]);
    TRY_ASSIGN(match.core, columns::decodeRows(schema, encoded, match.rows, identity_));
    return {};
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

Result<std::optional<BlockMatch>> BlockMatcher::match(store::Tx& tx, store::LaneId lane,
                                                      const BlockPlace& place) const {
    TRY_ASSIGN(const auto state, store::readPlace(tx, lane, place));
    if (!state) return std::nullopt;
    const columns::Schema& schema = *columns::schemaOf(request_.kind).parts[static_cast<std::size_t>(Part::core)];
    BlockMatch match{{}, Batch(schema)};
    TRY_ASSIGN(const bool isThere, store::withPart(tx, lane, place.first, Part::core, [&](ByteView data) {
                   return matchCore(data, place, *state, match);
               }));
    if (!isThere) return fail(corrupt("a block lacks its part core"));
    if (match.rows.empty() || hiddenParts_.empty()) return match;
    TRY_ASSIGN(const auto rows, rowsByHiddenParts(tx, lane, place, match.rows));
    std::vector<std::uint32_t> kept;
    for (const std::uint32_t row : rows)
        kept.push_back(static_cast<std::uint32_t>(std::ranges::lower_bound(match.rows, row) - match.rows.begin()));
    return BlockMatch{rows, match.core.gather(kept)};
}

}  // namespace meetpoint::exchange
