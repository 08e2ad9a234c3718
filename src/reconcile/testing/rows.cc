#include "reconcile/testing/rows.h"

#include "domain/phone_number.h"

namespace meetpoint::reconcile::testing {
namespace {

using columns::Batch;
using columns::Part;

// Completes a row: every column that was not written gets an absent value.
void finish(Batch& batch, std::size_t rows) {
    for (std::size_t c = 0; c < batch.columnCount(); ++c)
        if (batch[c].size() < rows) batch[c].appendNull();
}

template <class Index>
void text(Batch& batch, Index column, const std::string& value) {
    if (!value.empty()) batch[column].appendText(value);
}

template <class Core, class Parties>
void numbers(Batch& core, Batch& parties, std::uint64_t own, const std::string& ownText, std::uint64_t far,
             int maskedDigits, const std::string& farText) {
    if (own != 0) core[Core::ownNumber].append(own);
    text(core, Core::ownNumberText, ownText);
    if (far != 0 && maskedDigits > 0) {
        const auto masked = domain::mask({far}, maskedDigits);
        core[Core::farEndPrefix].append(masked.prefix);
        core[Core::farEndMaskedDigits].append(static_cast<std::uint8_t>(maskedDigits));
    } else if (far != 0) {
        parties[Parties::farEndNumber].append(far);
    }
    text(parties, Parties::farEndText, farText);
}

}  // namespace

Id idOf(std::uint64_t key) {
    Id id;
    std::memcpy(id.bytes.data() + 8, &key, 8);
    id.bytes[0] = 0x5A;
    return id;
}

void append(columns::Records& calls, const CallRow& row) {
    using columns::CallCore;
    using columns::CallParties;
    Batch& core = calls.part(Part::core);
    Batch& parties = calls.part(Part::parties);
    const std::size_t rows = core.rows() + 1;
    core[CallCore::callId].append(idOf(row.key));
    core[CallCore::version].append<std::int32_t>(1);
    core[CallCore::direction].append(static_cast<std::uint8_t>(row.direction));
    core[CallCore::invitedAt].append(row.invitedMs);
    if (row.answeredMs) core[CallCore::answeredAt].append(*row.answeredMs);
    core[CallCore::endedAt].append(row.endedMs);
    core[CallCore::durationMs].append(row.durationMs);
    text(core, CallCore::correlationId, row.correlationId);
    text(core, CallCore::transferorCorrelationId, row.transferorCorrelationId);
    text(parties, CallParties::sipCallId, row.sipCallId);
    text(parties, CallParties::presentedNumber, row.presented);
    numbers<CallCore, CallParties>(core, parties, row.own, row.ownText, row.far, row.maskedDigits, row.farText);
    finish(core, rows);
    finish(parties, rows);
    finish(calls.part(Part::internal), rows);
}

void append(columns::Records& durations, const DurationRow& row) {
    using columns::DurationCore;
    using columns::DurationParties;
    Batch& core = durations.part(Part::core);
    Batch& parties = durations.part(Part::parties);
    const std::size_t rows = core.rows() + 1;
    core[DurationCore::recordId].appendText(row.recordId);
    core[DurationCore::revision].append<std::int32_t>(1);
    core[DurationCore::direction].append(static_cast<std::uint8_t>(row.direction));
    core[DurationCore::startedAt].append(row.startedMs);
    if (row.answered) core[DurationCore::answered].append(static_cast<std::uint8_t>(*row.answered));
    if (row.answeredMs) core[DurationCore::answeredAt].append(*row.answeredMs);
    if (row.endedMs) core[DurationCore::endedAt].append(*row.endedMs);
    core[DurationCore::durationMs].append(row.durationMs);
    core[DurationCore::holderKnown].append<std::uint8_t>(1);
    if (row.basis) core[DurationCore::durationBasis].append(static_cast<std::uint8_t>(*row.basis));
    if (row.rounding) {
        core[DurationCore::rounding].append(static_cast<std::uint8_t>(row.rounding->mode));
        core[DurationCore::roundingStepMs].append(row.rounding->step.ms);
    }
    text(parties, DurationParties::sipCallId, row.sipCallId);
    text(parties, DurationParties::callId, row.callId);
    numbers<DurationCore, DurationParties>(core, parties, row.own, row.ownText, row.far, row.maskedDigits, row.farText);
    finish(core, rows);
    finish(parties, rows);
}

}  // namespace meetpoint::reconcile::testing
