// How a checked record goes into columns.
#include "formats/row.h"

namespace meetpoint::formats {
namespace {

using columns::CallCore;
using columns::CallInternal;
using columns::CallNetwork;
using columns::CallParties;
using columns::ColumnType;
using columns::DurationCore;
using columns::DurationParties;
using columns::LaneKind;
using columns::Part;

void appendDigits(columns::Column& column, std::uint64_t digits) {
    digits == 0 ? column.appendNull() : column.append(digits);
}
void appendOptional(columns::Column& column, std::string_view text) {
    text.empty() ? column.appendNull() : column.appendText(text);
}

}  // namespace

void RowAssembler::append(columns::Records& into) {
    const auto row = static_cast<std::int32_t>(into.rows());
    appendCore(into.part(Part::core));
    appendParties(into.part(Part::parties));
    if (lane_ != LaneKind::calls) return;
    appendNetwork(into.part(Part::network), row);
    columns::Batch& internal = into.part(Part::internal);
    appendCell(internal[CallInternal::userId], fieldOf_[static_cast<std::size_t>(Part::internal)][0]);
    columns::Column& agent = internal[CallInternal::endpointUserAgent];
    endpoint_[2].empty() ? agent.appendNull() : agent.appendText(endpoint_[2]);
}

void RowAssembler::appendCell(columns::Column& column, int field) {
    if (field < 0 || !has(field)) return column.appendNull();
    const Cell& cell = cells_[static_cast<std::size_t>(field)];
    switch (column.type()) {
        case ColumnType::uint8:
            return column.append(static_cast<std::uint8_t>(cell.integer));
        case ColumnType::int32:
            return column.append(static_cast<std::int32_t>(cell.integer));
        case ColumnType::int64:
        case ColumnType::timestamp:
            return column.append(cell.integer);
        case ColumnType::utf8:
            return column.appendText(cell.text);
        case ColumnType::fixed16:
            return column.append(cell.id);
        case ColumnType::uint64:
        case ColumnType::float32:
            return column.appendNull();  // never kept by a top-level field
    }
}

void RowAssembler::appendCore(columns::Batch& core) {
    const bool calls = lane_ == LaneKind::calls;
    const auto at = [calls](CallCore call, DurationCore duration) {
        return calls ? static_cast<int>(call) : static_cast<int>(duration);
    };
    const int own = at(CallCore::ownNumber, DurationCore::ownNumber);
    const int version = at(CallCore::version, DurationCore::revision);
    const auto& fieldOf = fieldOf_[static_cast<std::size_t>(Part::core)];
    // Own number, own text, far-end prefix and mask lie side by side in both schemas.
    for (int column = 0; column < static_cast<int>(fieldOf.size()); ++column) {
        const int field = fieldOf[static_cast<std::size_t>(column)];
        if (column == own) {
            appendDigits(core[column], numbers_.own);
            appendOptional(core[column + 1], numbers_.ownText);
            appendDigits(core[column + 2], numbers_.farEndPrefix);
            numbers_.farEndMasked < 0 ? core[column + 3].appendNull()
                                      : core[column + 3].append(static_cast<std::uint8_t>(numbers_.farEndMasked));
            column += 3;
        } else if (column == version && !has(field)) {
            core[column].append<std::int32_t>(1);
        } else if (calls && column == static_cast<int>(CallCore::completeness) && !has(field)) {
            core[column].append(static_cast<std::uint8_t>(domain::Completeness::final));
        } else if (!calls && column == static_cast<int>(DurationCore::holderKnown)) {
            core[column].append<std::uint8_t>(0);
        } else {
            appendCell(core[column], field);
        }
    }
}

void RowAssembler::appendParties(columns::Batch& parties) {
    const bool calls = lane_ == LaneKind::calls;
    const int farEnd =
        calls ? static_cast<int>(CallParties::farEndNumber) : static_cast<int>(DurationParties::farEndNumber);
    const int last = static_cast<int>(parties.columnCount()) - 1;  // extensions, in both schemas
    const auto& fieldOf = fieldOf_[static_cast<std::size_t>(Part::parties)];
    for (int column = 0; column < last; ++column) {
        if (column == farEnd) {
            appendDigits(parties[column], numbers_.farEnd);
            appendOptional(parties[column + 1], numbers_.farEndText);
            appendOptional(parties[column + 2], numbers_.stated);
            column += 2;
        } else {
            appendCell(parties[column], fieldOf[static_cast<std::size_t>(column)]);
        }
    }
    appendOptional(parties[last], extensions_);
}

void RowAssembler::appendNetwork(columns::Batch& network, std::int32_t row) {
    const bool hasEndpoint = !endpoint_[0].empty() || !endpoint_[1].empty();
    const std::size_t rows = std::max<std::size_t>(streamCount_, hasEndpoint ? 1 : 0);
    for (std::size_t i = 0; i < rows; ++i) {
        network[CallNetwork::callRow].append(row);
        const bool isStream = i < streamCount_;
        isStream ? network[CallNetwork::streamIndex].append(static_cast<std::uint8_t>(i))
                 : network[CallNetwork::streamIndex].appendNull();
        for (std::size_t inner = 0; inner < streamFields_.size(); ++inner) {
            columns::Column& column = network[streamFields_[static_cast<int>(inner)].column];
            if (!isStream || (streams_[i].present >> inner & 1) == 0) {
                column.appendNull();
                continue;
            }
            const Cell& cell = streams_[i].cells[inner];
            if (column.type() == ColumnType::utf8)
                column.appendText(cell.text);
            else if (column.type() == ColumnType::int64)
                column.append(cell.integer);
            else
                column.append(static_cast<float>(cell.number));
        }
        appendOptional(network[CallNetwork::endpointIpAddress], i == 0 ? endpoint_[0] : std::string_view());
        appendOptional(network[CallNetwork::endpointOperatingSystem], i == 0 ? endpoint_[1] : std::string_view());
    }
}

}  // namespace meetpoint::formats
