#include "exchange/assignment_events.h"

namespace meetpoint::exchange {
namespace {

using columns::AssignmentCore;
using columns::Batch;
using columns::Column;
using columns::Part;

void appendText(Column& column, const std::optional<std::string>& text) {
    text && !text->empty() ? column.appendText(*text) : column.appendNull();
}

}  // namespace

void appendAssignmentEvent(columns::Records& events, const store::Number& number, const store::NumberStep& step,
                           const Id& eventId) {
    Batch& core = events.part(Part::core);
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
    appendText(core[AssignmentCore::reason], step.reason ? step.reason : number.stateReason);
    appendText(core[AssignmentCore::reference], number.reference);
    core[AssignmentCore::cause].appendText(step.action);
    core[AssignmentCore::numberVersion].append(step.version);
    appendText(core[AssignmentCore::category], step.category);
    if (number.expectedBy)
        core[AssignmentCore::expectedBy].append(*number.expectedBy);
    else
        core[AssignmentCore::expectedBy].appendNull();
    appendText(events.part(Part::parties)[columns::AssignmentParties::sipUri], step.sipUri);
}

}  // namespace meetpoint::exchange
