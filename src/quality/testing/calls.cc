#include "quality/testing/calls.h"

namespace meetpoint::quality::testing {
namespace {

using columns::Batch;
using columns::CallCore;
using columns::CallNetwork;
using columns::Column;
using columns::Part;

constexpr std::uint64_t idsOfTheirOwn = 1'000'000'000;

void appendText(Column& column, const std::optional<std::string>& text) {
    text ? column.appendText(*text) : column.appendNull();
}
template <class T>
void appendValue(Column& column, const std::optional<T>& value) {
    value ? column.append(*value) : column.appendNull();
}

void appendCore(Batch& core, const TestCall& call, std::uint64_t row) {
    core[CallCore::callId].append(callIdOf(call.id > 0 ? call.id : idsOfTheirOwn + row));
    core[CallCore::version].append<std::int32_t>(call.version);
    core[CallCore::completeness].append<std::uint8_t>(1);
    appendValue(core[CallCore::tenantId], call.tenantId);
    core[CallCore::direction].append<std::uint8_t>(call.isOutbound ? 1 : 0);
    core[CallCore::ownNumber].append<std::uint64_t>(call.ownNumber);
    core[CallCore::farEndPrefix].append<std::uint64_t>(call.farEnd / 1'000);
    core[CallCore::farEndMaskedDigits].append<std::uint8_t>(3);
    core[CallCore::invitedAt].append(call.invitedAt);
    if (call.rungAfterMs) {
        core[CallCore::ringingAt].padTo(row);
        core[CallCore::ringingAt].append(call.invitedAt + milliseconds(*call.rungAfterMs));
    }
    core[CallCore::endedAt].append(call.invitedAt + milliseconds(call.rungAfterMs.value_or(0) + call.connectedMs));
    core[CallCore::durationMs].append<std::int64_t>(call.connectedMs);
    appendValue(core[CallCore::finalSipCode], call.sipCode);
    appendValue(core[CallCore::q850Cause], call.cause);
    appendText(core[CallCore::trunk], call.trunk);
    appendText(core[CallCore::region], call.region);
    core[CallCore::isTest].append<std::uint8_t>(call.isTest ? 1 : 0);
}

void appendStream(Batch& network, const TestStream& stream, std::int32_t row, std::uint8_t index) {
    network[CallNetwork::callRow].append<std::int32_t>(row);
    network[CallNetwork::streamIndex].append<std::uint8_t>(index);
    appendText(network[CallNetwork::codec], stream.codec);
    appendValue(network[CallNetwork::packets], stream.packets);
    appendValue(network[CallNetwork::jitterMsAvg], stream.jitterMs);
    appendValue(network[CallNetwork::jitterMsMax], stream.jitterPeakMs);
    appendValue(network[CallNetwork::lossRatioAvg], stream.lossRatio);
    appendValue(network[CallNetwork::roundTripMsAvg], stream.roundTripMs);
    appendValue(network[CallNetwork::concealedRatioAvg], stream.concealedRatio);
    appendValue(network[CallNetwork::audioDegradationAvg], stream.audioDegradation);
    appendValue(network[CallNetwork::mos], stream.mos);
}

}  // namespace

Id callIdOf(std::uint64_t id) {
    Id out{};
    for (std::size_t i = 0; i < 8; ++i)
        out.bytes[i] = static_cast<std::uint8_t>(id >> (8 * i));
    out.bytes[15] = 1;
    return out;
}

columns::Records recordsOf(const std::vector<TestCall>& calls) {
    columns::Records records(columns::LaneKind::calls);
    for (std::size_t row = 0; row < calls.size(); ++row) {
        appendCore(records.part(Part::core), calls[row], row);
        for (std::size_t i = 0; i < calls[row].streams.size(); ++i)
            appendStream(records.part(Part::network), calls[row].streams[i], static_cast<std::int32_t>(row),
                         static_cast<std::uint8_t>(i));
    }
    records.complete();
    return records;
}

}  // namespace meetpoint::quality::testing
