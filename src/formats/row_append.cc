// How a checked record goes into columns: only what is present is written; columns that are passed over are filled up
// when they are written next, or at the end of the batch (Records::complete).
#include <bit>

#include "formats/row.h"

namespace meetpoint::formats {
namespace {

using columns::Batch;
using columns::CallCore;
using columns::CallInternal;
using columns::CallNetwork;
using columns::CallParties;
using columns::Column;
using columns::ColumnType;
using columns::DurationCore;
using columns::DurationParties;
using columns::LaneKind;
using columns::Part;

void appendCell(Column& column, const Cell& cell) {
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
        case ColumnType::float32:
            return column.append(static_cast<float>(cell.number));
        case ColumnType::uint64:
            return;  // numbers are composed, never kept by a field
    }
}

// Row `row` of one batch. An empty text and the number 0 are absent.
class RowOf {
public:
    RowOf(Batch& batch, std::size_t row) : batch_(batch), row_(row) {}
    template <class Index>
    Column& operator[](Index column) {
        Column& out = batch_[column];
        out.padTo(row_);
        return out;
    }
    template <class Index>
    void digits(Index column, std::uint64_t number) {
        if (number != 0) (*this)[column].append(number);
    }
    template <class Index>
    void text(Index column, std::string_view text) {
        if (!text.empty()) (*this)[column].appendText(text);
    }

private:
    Batch& batch_;
    std::size_t row_;
};

}  // namespace

void RowAssembler::append(columns::Records& into) {
    const std::size_t row = into.rows();
    for (std::uint64_t left = present_ & keptMask_; left != 0; left &= left - 1) {
        const int field = std::countr_zero(left);
        const Target target = targets_[static_cast<std::size_t>(field)];
        appendCell(RowOf(into.part(target.part), row)[target.column], cells_[static_cast<std::size_t>(field)]);
    }
    lane_ == LaneKind::calls ? appendCallRest(into, row) : appendDurationRest(into, row);
}

// What both lanes make of the numbers, and the extensions.
template <class Core, class Parties>
void RowAssembler::appendNumbers(columns::Records& into, std::size_t row) {
    RowOf core(into.part(Part::core), row);
    core.digits(Core::ownNumber, numbers_.own);
    core.text(Core::ownNumberText, numbers_.ownText);
    core.digits(Core::farEndPrefix, numbers_.farEndPrefix);
    if (numbers_.farEndMasked >= 0)
        core[Core::farEndMaskedDigits].append(static_cast<std::uint8_t>(numbers_.farEndMasked));
    RowOf parties(into.part(Part::parties), row);
    parties.digits(Parties::farEndNumber, numbers_.farEnd);
    parties.text(Parties::farEndText, numbers_.farEndText);
    parties.text(Parties::statedOwnNumber, numbers_.stated);
    parties.text(Parties::extensions, extensions_);
}

void RowAssembler::appendCallRest(columns::Records& into, std::size_t row) {
    appendNumbers<CallCore, CallParties>(into, row);
    if (!has(special_.completeness))
        RowOf(into.part(Part::core), row)[CallCore::completeness].append(
            static_cast<std::uint8_t>(domain::Completeness::final));
    RowOf(into.part(Part::internal), row).text(CallInternal::endpointUserAgent, endpoint_[2]);
    appendNetwork(into.part(Part::network), static_cast<std::int32_t>(row));
}

void RowAssembler::appendDurationRest(columns::Records& into, std::size_t row) {
    appendNumbers<DurationCore, DurationParties>(into, row);
    RowOf core(into.part(Part::core), row);
    if (!has(special_.version)) core[DurationCore::revision].append<std::int32_t>(1);
    core[DurationCore::holderKnown].append<std::uint8_t>(0);
}

void RowAssembler::appendNetwork(Batch& network, std::int32_t call) {
    const bool hasEndpoint = !endpoint_[0].empty() || !endpoint_[1].empty();
    const std::size_t rows = std::max<std::size_t>(streamCount_, hasEndpoint ? 1 : 0);
    for (std::size_t i = 0; i < rows; ++i) {
        RowOf row(network, network.rows());
        // The first column last: it counts the rows.
        if (i < streamCount_) {
            row[CallNetwork::streamIndex].append(static_cast<std::uint8_t>(i));
            for (std::uint32_t left = streams_[i].present; left != 0; left &= left - 1) {
                const int inner = std::countr_zero(left);
                appendCell(row[streamFields_[inner].column], streams_[i].cells[static_cast<std::size_t>(inner)]);
            }
        }
        if (i == 0) {
            row.text(CallNetwork::endpointIpAddress, endpoint_[0]);
            row.text(CallNetwork::endpointOperatingSystem, endpoint_[1]);
        }
        network[CallNetwork::callRow].append(call);
    }
}

}  // namespace meetpoint::formats
