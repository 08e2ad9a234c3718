#include "exchange/projection.h"

namespace meetpoint::exchange {
namespace {

using columns::Batch;
using columns::CallCore;
using columns::CallNetwork;
using columns::CallParties;
using columns::Column;
using columns::DurationCore;
using columns::DurationParties;
using columns::LaneKind;
using columns::Part;
using columns::Records;

Column emptied(const Column& column) {
    Column out(column.field());
    for (std::size_t row = 0; row < column.size(); ++row)
        out.appendNull();
    return out;
}

void emptyPart(Batch& batch) {
    for (std::size_t i = 0; i < batch.columnCount(); ++i)
        batch[i] = emptied(batch[i]);
}

// Keeps the values of the rows that `keep` names.
template <class Keep>
Column filtered(const Column& column, Keep keep) {
    Column out(column.field());
    for (std::size_t row = 0; row < column.size(); ++row)
        keep(row) ? out.appendFrom(column, row) : out.appendNull();
    return out;
}

struct Columns {
    std::size_t tenant, time, farEndNumber, farEndText;
};
Columns columnsOf(LaneKind kind) {
    const auto at = [](auto column) { return static_cast<std::size_t>(column); };
    if (kind == LaneKind::calls)
        return {at(CallCore::tenantId), at(CallCore::invitedAt), at(CallParties::farEndNumber),
                at(CallParties::farEndText)};
    return {at(DurationCore::tenantId), at(DurationCore::startedAt), at(DurationParties::farEndNumber),
            at(DurationParties::farEndText)};
}

std::vector<domain::Visibility> visibilities(const LedgerCache::View& ledger, const Records& records, domain::Role role,
                                             std::span<const Instant> at) {
    const Columns where = columnsOf(records.kind());
    const Batch& core = records.part(Part::core);
    std::vector<domain::Visibility> out(records.rows());
    for (std::size_t row = 0; row < out.size(); ++row) {
        const store::Tenant* tenant =
            core[where.tenant].isNull(row) ? nullptr : ledger.tenant(core[where.tenant].id(row));
        out[row] = domain::visibilityOf(role, tenant ? std::string_view(tenant->country) : std::string_view(),
                                        (at.size() == 1 ? at[0] : at[row]) - core[where.time].instant(row));
    }
    return out;
}

}  // namespace

store::PartSet partsShownTo(domain::Role role) {
    const domain::Visibility seen = domain::visibilityOf(role, {}, Duration{});
    return {true, seen.parties, seen.network, seen.internal};
}

Records project(const LedgerCache::View& ledger, Records records, domain::Role role, std::span<const Instant> at) {
    if (records.kind() != LaneKind::calls && records.kind() != LaneKind::durations) return records;
    const auto seen = visibilities(ledger, records, role, at);
    const Columns where = columnsOf(records.kind());
    const bool allParties = std::ranges::all_of(seen, &domain::Visibility::parties);
    const bool allFarEnds = allParties && std::ranges::all_of(seen, &domain::Visibility::farEndInFull);
    if (records.has(Part::parties)) {
        Batch& parties = records.part(Part::parties);
        for (std::size_t i = 0; i < parties.columnCount(); ++i) {
            const bool isFarEnd = i == where.farEndNumber || i == where.farEndText;
            if (isFarEnd ? allFarEnds : allParties) continue;
            parties[i] = filtered(parties[i], [&](std::size_t row) {
                return seen[row].parties && (!isFarEnd || seen[row].farEndInFull);
            });
        }
    }
    if (records.has(Part::internal) && std::ranges::none_of(seen, &domain::Visibility::internal))
        emptyPart(records.part(Part::internal));
    if (records.has(Part::network) && !std::ranges::all_of(seen, &domain::Visibility::network)) {
        const Batch& network = records.part(Part::network);
        Batch kept(network.schema());
        for (std::size_t row = 0; row < network.rows(); ++row)
            if (seen[static_cast<std::size_t>(network[CallNetwork::callRow].at<std::int32_t>(row))].network)
                kept.appendRow(network, row);
        records.part(Part::network) = std::move(kept);
    }
    return records;
}

}  // namespace meetpoint::exchange
