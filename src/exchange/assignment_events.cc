#include "exchange/assignment_events.h"

#include "columns/content_hash.h"

namespace meetpoint::exchange {
namespace {

using columns::AssignmentCore;
using columns::Batch;
using columns::Column;
using columns::Part;

void appendText(Column& column, const std::optional<std::string>& text) {
    text && !text->empty() ? column.appendText(*text) : column.appendNull();
}

columns::Records recordOf(const store::Number& number, const store::NumberStep& step, const Id& eventId) {
    columns::Records records(columns::LaneKind::assignments);
    Batch& core = records.part(Part::core);
    core[AssignmentCore::eventId].append(eventId);
    core[AssignmentCore::occurredAt].append(step.at);
    core[AssignmentCore::numberId].append(number.id);
    core[AssignmentCore::number].append<std::uint64_t>(number.e164.digits);
    core[AssignmentCore::tenantId].append(number.tenantId);
    appendText(core[AssignmentCore::previousState], step.previousState);
    core[AssignmentCore::state].appendText(step.state);
    appendText(core[AssignmentCore::usage], number.usage);
    appendText(core[AssignmentCore::targetType], step.targetType);
    // What kind of target, not which: the directory is the tenant's own.
    core[AssignmentCore::targetId].appendNull();
    appendText(core[AssignmentCore::reason], step.reason);
    appendText(core[AssignmentCore::reference], number.reference);
    appendText(records.part(Part::parties)[columns::AssignmentParties::sipUri], step.sipUri);
    return records;
}

}  // namespace

Result<void> appendAssignmentEvent(store::Tx& tx, const Services& services, std::int64_t carrierShard,
                                   const store::Number& number, const store::NumberStep& step) {
    columns::Records records = recordOf(number, step, makeId(services.clock, services.random));
    auto fingerprints = columns::fingerprints(records);
    const auto prepared = services.lanes.prepare({carrierShard, columns::LaneKind::assignments}, std::move(records),
                                                 std::move(fingerprints));
    TRY(services.lanes.append(tx, prepared, step.actor));
    return {};
}

}  // namespace meetpoint::exchange
