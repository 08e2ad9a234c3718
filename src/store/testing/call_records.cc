#include "store/testing/call_records.h"

namespace meetpoint::store::testing {

using columns::CallCore;
using columns::CallNetwork;
using columns::Part;

Id callIdOf(int id) {
    return Id{{static_cast<std::uint8_t>(id >> 8), static_cast<std::uint8_t>(id)}};
}

std::uint64_t ownNumberOf(int id) {
    return 41440000000 + static_cast<std::uint64_t>(id);
}

namespace {

// Of the last call.
void appendStream(columns::Records& records, int stream) {
    columns::Batch& network = records.part(Part::network);
    for (std::size_t c = 0; c < network.columnCount(); ++c) {
        if (static_cast<CallNetwork>(c) == CallNetwork::callRow)
            network[c].append<std::int32_t>(static_cast<std::int32_t>(records.rows()) - 1);
        else if (static_cast<CallNetwork>(c) == CallNetwork::streamIndex)
            network[c].append<std::uint8_t>(static_cast<std::uint8_t>(stream));
        else
            network[c].appendNull();
    }
}

}  // namespace

std::string correlationIdOf(int id) {
    return "correlation-" + std::to_string(id);
}

columns::Records recordsOf(const std::vector<Call>& calls) {
    columns::Records records(columns::LaneKind::calls);
    columns::Batch& core = records.part(Part::core);
    for (const Call& call : calls) {
        for (std::size_t c = 0; c < core.columnCount(); ++c) {
            switch (static_cast<CallCore>(c)) {
                case CallCore::callId:
                    core[c].append(callIdOf(call.id));
                    break;
                case CallCore::version:
                    core[c].append<std::int32_t>(call.version);
                    break;
                case CallCore::completeness:
                case CallCore::direction:
                    core[c].append<std::uint8_t>(0);
                    break;
                case CallCore::ownNumber:
                    core[c].append<std::uint64_t>(ownNumberOf(call.id));
                    break;
                case CallCore::invitedAt:
                    core[c].append(firstCallAt + minutes(call.id));
                    break;
                case CallCore::answeredAt:
                    if (call.seconds % 3 == 0)
                        core[c].appendNull();
                    else
                        core[c].append(firstCallAt + minutes(call.id) + milliseconds(call.version));
                    break;
                case CallCore::trunk:
                    if (call.seconds % 2 == 0)
                        core[c].appendNull();
                    else
                        core[c].appendText(std::string(static_cast<std::size_t>(call.id % 40), 't'));
                    break;
                case CallCore::correlationId:
                    core[c].appendText(correlationIdOf(call.id));
                    break;
                case CallCore::endedAt:
                    core[c].append(firstCallAt + minutes(call.id) + seconds(call.seconds));
                    break;
                case CallCore::durationMs:
                    core[c].append<std::int64_t>(call.seconds * 1000);
                    break;
                default:
                    core[c].appendNull();
            }
        }
        for (const Part part : {Part::parties, Part::internal})
            for (std::size_t c = 0; c < records.part(part).columnCount(); ++c)
                records.part(part)[c].appendNull();
        for (int stream = 0; stream < call.id % 3; ++stream)
            appendStream(records, stream);
    }
    return records;
}

std::vector<Call> callsOf(const columns::Records& records) {
    const columns::Batch& core = records.part(Part::core);
    std::vector<Call> calls;
    for (std::size_t row = 0; row < core.rows(); ++row) {
        const Id id = core[CallCore::callId].id(row);
        calls.push_back({id.bytes[0] << 8 | id.bytes[1], core[CallCore::version].at<std::int32_t>(row),
                         static_cast<int>(core[CallCore::durationMs].at<std::int64_t>(row) / 1000)});
    }
    return calls;
}

}  // namespace meetpoint::store::testing
