#include "exchange/item_records.h"

#include <boost/json.hpp>

#include "exchange/agreed_counting.h"

namespace meetpoint::exchange {
namespace {

namespace json = boost::json;
using columns::Batch;
using columns::CallCore;
using columns::Column;
using columns::DurationCore;
using columns::ItemCore;
using columns::LaneKind;
using columns::Part;
using columns::Records;

std::string causesJson(const reconcile::Causes& causes) {
    json::array names;
    for (std::size_t i = 0; i < reconcile::causeCount; ++i)
        if (causes.has(static_cast<reconcile::Cause>(i)))
            names.emplace_back(reconcile::name(static_cast<reconcile::Cause>(i)));
    return json::serialize(names);
}

std::string callIdsJson(std::span<const std::uint32_t> rows, const Records& calls) {
    std::vector<std::string> ids;
    for (const std::uint32_t row : rows)
        ids.push_back(formatId(calls.part(Part::core)[CallCore::callId].id(row)));
    std::ranges::sort(ids);
    return json::serialize(json::array(ids.begin(), ids.end()));
}

std::string recordIdsJson(std::span<const std::uint32_t> rows, const Records& durations) {
    std::vector<std::string> ids;
    for (const std::uint32_t row : rows)
        ids.emplace_back(durations.part(Part::core)[DurationCore::recordId].text(row));
    std::ranges::sort(ids);
    return json::serialize(json::array(ids.begin(), ids.end()));
}

void appendOptional(Column& column, const std::optional<std::int64_t>& value) {
    value ? column.append<std::int64_t>(*value) : column.appendNull();
}

// The own number and direction of the call, from our side where it is there.
void appendParty(Batch& core, const reconcile::Outcome& outcome, const reconcile::Item& item, const Records& calls,
                 const Records& durations) {
    const auto copy = [&](const Batch& from, auto number, auto direction, std::uint32_t row) {
        core[ItemCore::ownNumber].appendFrom(from[number], row);
        core[ItemCore::direction].appendFrom(from[direction], row);
    };
    if (item.ourCount > 0)
        copy(calls.part(Part::core), CallCore::ownNumber, CallCore::direction, outcome.ours(item).front());
    else
        copy(durations.part(Part::core), DurationCore::ownNumber, DurationCore::direction,
             outcome.theirs(item).front());
}

// Whether two rows say the same, run and kind of change aside.
bool sameContent(const Batch& a, std::size_t rowA, const Batch& b, std::size_t rowB) {
    for (std::size_t i = 0; i < a.columnCount(); ++i) {
        if (i == static_cast<std::size_t>(ItemCore::run) || i == static_cast<std::size_t>(ItemCore::changed)) continue;
        if (a[i].isNull(rowA) != b[i].isNull(rowB) || !std::ranges::equal(a[i].valueBytes(rowA), b[i].valueBytes(rowB)))
            return false;
    }
    return true;
}

std::unordered_map<Id, std::size_t> rowsById(const Batch& core) {
    std::unordered_map<Id, std::size_t> rows;
    for (std::size_t row = 0; row < core.rows(); ++row)
        rows.emplace(core[ItemCore::itemId].id(row), row);
    return rows;
}

}  // namespace

Records itemRecords(const reconcile::Outcome& outcome, const Records& calls, const Records& durations, Day day,
                    const domain::AgreementTerms* terms) {
    Records records(LaneKind::items);
    Batch& core = records.part(Part::core);
    core.reserve(outcome.items.size());
    for (const reconcile::Item& item : outcome.items) {
        core[ItemCore::itemId].append(reconcile::itemId(outcome, item, calls, durations));
        core[ItemCore::run].append<std::int32_t>(0);
        core[ItemCore::day].append<std::int32_t>(day.number);
        core[ItemCore::callAt].append(item.at);
        core[ItemCore::state].append<std::uint8_t>(static_cast<std::uint8_t>(item.state));
        core[ItemCore::changed].append<std::uint8_t>(0);
        const auto matchedBy = reconcile::name(item.matchedBy);
        matchedBy.empty() ? core[ItemCore::matchedBy].appendNull() : core[ItemCore::matchedBy].appendText(matchedBy);
        appendParty(core, outcome, item, calls, durations);
        appendOptional(core[ItemCore::startDeltaMs], item.startDeltaMs);
        appendOptional(core[ItemCore::durationDeltaMs], item.durationDeltaMs);
        appendOptional(core[ItemCore::oursMs], item.ourCount > 0 ? std::optional(item.ourMs) : std::nullopt);
        appendOptional(core[ItemCore::theirsMs], item.theirCount > 0 ? std::optional(item.theirMs) : std::nullopt);
        core[ItemCore::causes].appendText(causesJson(item.causes));
        core[ItemCore::ourCalls].appendText(callIdsJson(outcome.ours(item), calls));
        core[ItemCore::theirRecords].appendText(recordIdsJson(outcome.theirs(item), durations));
        const CarrierDuration carriers = carrierDuration(outcome, item, calls, terms);
        core[ItemCore::usableForUsage].append<std::uint8_t>(carriers.counts ? 1 : 0);
        appendOptional(core[ItemCore::connectedMs], carriers.connectedMs);
    }
    return records;
}

Records changedItems(const Records& before, const Records& now, std::int32_t run) {
    const Batch& old = before.part(Part::core);
    const Batch& fresh = now.part(Part::core);
    const auto oldRows = rowsById(old);
    const auto freshRows = rowsById(fresh);
    Records changes(LaneKind::items);
    Batch& core = changes.part(Part::core);
    const auto add = [&](const Batch& from, std::size_t row, ItemChange change) {
        core.appendRow(from, row);
        core[ItemCore::run].set<std::int32_t>(core.rows() - 1, run);
        core[ItemCore::changed].set<std::uint8_t>(core.rows() - 1, static_cast<std::uint8_t>(change));
    };
    for (std::size_t row = 0; row < fresh.rows(); ++row) {
        const auto found = oldRows.find(fresh[ItemCore::itemId].id(row));
        if (found == oldRows.end())
            add(fresh, row, ItemChange::created);
        else if (!sameContent(old, found->second, fresh, row))
            add(fresh, row, ItemChange::changed);
    }
    for (std::size_t row = 0; row < old.rows(); ++row)
        if (!freshRows.contains(old[ItemCore::itemId].id(row))) add(old, row, ItemChange::gone);
    return changes;
}

}  // namespace meetpoint::exchange
