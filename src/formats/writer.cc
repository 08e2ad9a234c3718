#include "formats/writer.h"

#include "base/csv_text.h"
#include "base/json_text.h"
#include "domain/call.h"
#include "domain/phone_number.h"
#include "formats/values.h"

namespace meetpoint::formats {
namespace {

using columns::CallCore;
using columns::CallNetwork;
using columns::CallParties;
using columns::Column;
using columns::ColumnType;
using columns::DurationCore;
using columns::DurationParties;
using columns::LaneKind;
using columns::Part;
using columns::Records;

void appendText(std::string_view text, bool json, std::string& out) {
    if (json)
        appendJsonText(text, out);
    else
        out += text;
}

// Text that never needs an escape.
void appendWord(std::string_view word, bool json, std::string& out) {
    if (json) out += '"';
    out += word;
    if (json) out += '"';
}

void appendTime(Instant at, const TimeZone* zone, bool json, std::string& out) {
    if (json) out += '"';
    appendInstant(at, zone, out);
    if (json) out += '"';
}

void appendDigits(std::uint64_t digits, int masked, bool json, std::string& out) {
    if (json) out += '"';
    out += '+';
    appendInteger(static_cast<std::int64_t>(digits), out);
    out.append(static_cast<std::size_t>(masked), '*');
    if (json) out += '"';
}

// Text that its maker says is JSON; anything else is written as a text.
void appendJsonValue(std::string_view text, bool json, std::string& out) {
    const bool whole =
        !text.empty() && ((text.front() == '[' && text.back() == ']') || (text.front() == '{' && text.back() == '}'));
    if (whole || !json)
        out += text;
    else
        appendJsonText(text, out);
}

std::vector<std::string_view> wordsOf(std::string_view meanings) {
    std::vector<std::string_view> words;
    for (std::string_view word; !(word = domain::nameAt(meanings, words.size())).empty();)
        words.push_back(word);
    return words;
}
std::string_view wordAt(const std::vector<std::string_view>& words, std::size_t index) {
    return index < words.size() ? words[index] : std::string_view();
}

bool isPresent(const Column* column, std::size_t row) {
    return column && row < column->size() && !column->isNull(row);
}

// Makes an object of the values from `start` on, each of which stands behind a comma.
void closeObject(std::size_t start, std::string& out) {
    if (out.size() == start)
        out += '{';
    else
        out[start] = '{';
    out += '}';
}

// Columns by their enumeration in the schema of one lane.
template <class Core, class Parties>
auto numberColumns(const Records& records, auto make) {
    const columns::Batch& core = records.part(Part::core);
    const columns::Batch* parties = records.has(Part::parties) ? &records.part(Part::parties) : nullptr;
    return make(&core[Core::direction], &core[Core::ownNumber], &core[Core::ownNumberText], &core[Core::farEndPrefix],
                &core[Core::farEndMaskedDigits], parties ? &(*parties)[Parties::farEndNumber] : nullptr,
                parties ? &(*parties)[Parties::farEndText] : nullptr,
                parties ? &(*parties)[Parties::statedOwnNumber] : nullptr,
                parties ? &(*parties)[Parties::extensions] : nullptr);
}

}  // namespace

std::vector<RecordWriter::Entry> RecordWriter::entriesOf(std::span<const WireField> fields,
                                                         std::string_view within) const {
    std::vector<Entry> entries;
    for (const WireField& field : fields) {
        if (field.kind == ValueKind::seconds) continue;  // read only
        const bool kept = field.column >= 0;
        if (kept && !records_->has(field.part)) continue;
        const Column* column = kept ? &records_->part(field.part)[field.column] : nullptr;
        const std::string name(field.name);
        entries.push_back({&field, column, ",\"" + name + "\":", std::string(within) + name, !within.empty()});
        if (name == "callerNumber") entries.back().number = Number::caller;
        if (name == "calleeNumber") entries.back().number = Number::callee;
        entries.back().words = wordsOf(field.meanings);
    }
    return entries;
}

RecordWriter::RecordWriter(const Records& records, WriteContext context)
    : records_(&records), context_(context), firstStream_(columns::streamOffsets(records)) {
    const auto make = [](auto... columns) { return NumberColumns{columns...}; };
    if (records.kind() == LaneKind::calls) numbers_ = numberColumns<CallCore, CallParties>(records, make);
    if (records.kind() == LaneKind::durations) numbers_ = numberColumns<DurationCore, DurationParties>(records, make);
    const auto fields = wireRecordOf(records.kind()).fields;
    const auto byName = [](const Entry& a, const Entry& b) { return a.field->name < b.field->name; };
    json_ = entriesOf(fields);
    for (const Entry& entry : json_) {
        const bool isObject = entry.field->kind == ValueKind::object;
        if (entry.field->kind == ValueKind::list) stream_ = entriesOf(entry.field->nested);
        if (isObject) endpoint_ = entriesOf(entry.field->nested, entry.header + ".");
        if (isObject)
            csv_.insert(csv_.end(), endpoint_.begin(), endpoint_.end());
        else
            csv_.push_back(entry);
    }
    if (context.shape && !context.shape->columns.empty()) choose(context.shape->columns);
    // CSV has a place also for what no record has.
    for (std::vector<Entry>* entries : {&json_, &stream_, &endpoint_}) {
        std::erase_if(*entries, [](const Entry& entry) {
            return entry.column && entry.column->nullCount() == entry.column->size();
        });
        std::sort(entries->begin(), entries->end(), byName);
    }
}

// Leaves what is named, in CSV in that order. An object stays where something nested in it does.
void RecordWriter::choose(const std::vector<std::string>& columns) {
    std::vector<Entry> chosen;
    for (const std::string& name : columns)
        std::ranges::copy_if(csv_, std::back_inserter(chosen),
                             [&](const Entry& entry) { return entry.header == name; });
    csv_ = std::move(chosen);
    const auto isChosen = [&](const Entry& entry) {
        return std::ranges::any_of(csv_, [&](const Entry& one) { return one.header == entry.header; });
    };
    std::erase_if(endpoint_, [&](const Entry& entry) { return !isChosen(entry); });
    std::erase_if(json_, [&](const Entry& entry) {
        return entry.field->kind == ValueKind::object ? endpoint_.empty() : !isChosen(entry);
    });
}

void RecordWriter::appendScalar(const Entry& entry, std::size_t row, bool json, std::string& out) const {
    const WireField& field = *entry.field;
    const Column& column = *entry.column;
    switch (column.type()) {
        case ColumnType::uint8:
            if (field.kind == ValueKind::flag)
                out += column.at<std::uint8_t>(row) ? "true" : "false";
            else
                appendWord(wordAt(entry.words, column.at<std::uint8_t>(row)), json, out);
            return;
        case ColumnType::int32:
            if (field.kind == ValueKind::day)
                appendWord(formatDay(Day{column.at<std::int32_t>(row)}), json, out);
            else
                appendInteger(column.at<std::int32_t>(row), out);
            return;
        case ColumnType::int64:
            return appendInteger(column.at<std::int64_t>(row), out);
        case ColumnType::uint64:
            return appendDigits(column.at<std::uint64_t>(row), 0, json, out);
        case ColumnType::timestamp:
            return appendTime(column.instant(row), zone(), json, out);
        case ColumnType::float32:
            return appendNumber(column.at<float>(row), out);
        case ColumnType::fixed16: {
            char text[36];
            formatIdTo(column.id(row), text);
            return appendWord({text, sizeof text}, json, out);
        }
        case ColumnType::utf8:
            if (field.kind == ValueKind::json) return appendJsonValue(column.text(row), json, out);
            return appendText(column.text(row), json, out);
    }
}

bool RecordWriter::appendOwnSide(std::size_t row, bool stated, bool json, std::string& out) const {
    if (stated && isPresent(numbers_.stated, row)) {
        appendText(numbers_.stated->text(row), json, out);
    } else if (isPresent(numbers_.own, row)) {
        appendDigits(numbers_.own->at<std::uint64_t>(row), 0, json, out);
    } else if (isPresent(numbers_.ownText, row)) {
        appendText(numbers_.ownText->text(row), json, out);
    } else {
        return false;
    }
    return true;
}

bool RecordWriter::appendFarEnd(std::size_t row, bool json, std::string& out) const {
    if (isPresent(numbers_.farEnd, row)) {
        appendDigits(numbers_.farEnd->at<std::uint64_t>(row), 0, json, out);
    } else if (isPresent(numbers_.farEndText, row)) {
        appendText(numbers_.farEndText->text(row), json, out);
    } else if (isPresent(numbers_.prefix, row)) {
        const int masked = isPresent(numbers_.masked, row) ? numbers_.masked->at<std::uint8_t>(row) : 0;
        appendDigits(numbers_.prefix->at<std::uint64_t>(row), masked, json, out);
    } else if (json) {
        out += "null";
    } else {
        return false;
    }
    return true;
}

bool RecordWriter::appendNumbers(const Entry& entry, std::size_t row, bool json, std::string& out) const {
    if (entry.number == Number::own) return appendOwnSide(row, false, json, out);
    const bool outbound =
        numbers_.direction->at<std::uint8_t>(row) == static_cast<std::uint8_t>(domain::Direction::outbound);
    const bool isOwn = (entry.number == Number::caller) == outbound;
    return isOwn ? appendOwnSide(row, true, json, out) : appendFarEnd(row, json, out);
}

bool RecordWriter::appendStreams(std::size_t row, std::string& out) const {
    if (firstStream_.empty()) return false;
    const columns::Batch& network = records_->part(Part::network);
    const std::size_t before = out.size();
    for (std::size_t i = firstStream_[row]; i < firstStream_[row + 1]; ++i) {
        if (network[CallNetwork::streamIndex].isNull(i)) continue;
        out += out.size() == before ? '[' : ',';
        const std::size_t start = out.size();
        for (const Entry& entry : stream_) {
            if (!isPresent(entry.column, i)) continue;
            out += entry.key;
            appendScalar(entry, i, true, out);
        }
        closeObject(start, out);
    }
    if (out.size() == before) return false;
    out += ']';
    return true;
}

// The row of a column nested in `endpoint`: its own in `internal`, the call's first one in `network`; one past the end
// if none.
std::size_t RecordWriter::endpointRow(const Entry& entry, std::size_t row) const {
    if (entry.field->part != Part::network) return row;
    const bool has = !firstStream_.empty() && firstStream_[row] < firstStream_[row + 1];
    return has ? firstStream_[row] : entry.column->size();
}

bool RecordWriter::appendEndpoint(std::size_t row, std::string& out) const {
    const std::size_t start = out.size();
    for (const Entry& entry : endpoint_) {
        const std::size_t at = endpointRow(entry, row);
        if (!isPresent(entry.column, at)) continue;
        out += entry.key;
        appendScalar(entry, at, true, out);
    }
    if (out.size() == start) return false;
    closeObject(start, out);
    return true;
}

bool RecordWriter::appendComposed(const Entry& entry, std::size_t row, bool json, std::string& out) const {
    switch (entry.field->kind) {
        case ValueKind::phoneNumber:
            return appendNumbers(entry, row, json, out);
        case ValueKind::list:
            return appendStreams(row, out);
        case ValueKind::object:
            return appendEndpoint(row, out);
        case ValueKind::extensions:
            if (!isPresent(numbers_.extensions, row)) return false;
            out += numbers_.extensions->text(row);
            return true;
        case ValueKind::uuid:  // carrierId
            if (context_.carrierId.empty()) return false;
            appendText(context_.carrierId, json, out);
            return true;
        case ValueKind::bigInteger: {  // sequence
            if (context_.sequences.empty() && !context_.firstSequence) return false;
            const std::uint64_t sequence =
                context_.sequences.empty() ? *context_.firstSequence + row : context_.sequences[row];
            appendInteger(static_cast<std::int64_t>(sequence), out);
            return true;
        }
        case ValueKind::instant:  // storedAt
            if (context_.storedAt.empty()) return false;
            appendTime(context_.storedAt.size() == 1 ? context_.storedAt[0] : context_.storedAt[row], zone(), json,
                       out);
            return true;
        default:
            return false;
    }
}

bool RecordWriter::appendValue(const Entry& entry, std::size_t row, bool json, std::string& out) const {
    if (!entry.column) return appendComposed(entry, row, json, out);
    if (entry.column->isNull(row)) return false;
    appendScalar(entry, row, json, out);
    return true;
}

void RecordWriter::appendJson(std::size_t row, std::string& out) const {
    const std::size_t start = out.size();
    for (const Entry& entry : json_) {
        if (entry.column && entry.column->isNull(row)) continue;
        const std::size_t before = out.size();
        out += entry.key;
        if (!appendValue(entry, row, true, out)) out.resize(before);
    }
    closeObject(start, out);
}

void RecordWriter::appendNdjson(std::size_t row, std::string& out) const {
    appendJson(row, out);
    out += '\n';
}

void RecordWriter::appendNdjson(std::string& out) const {
    for (std::size_t row = 0; row < records_->rows(); ++row)
        appendNdjson(row, out);
}

void RecordWriter::appendCsvHeader(std::string& out) const {
    for (std::size_t i = 0; i < csv_.size(); ++i) {
        if (i > 0) out += ',';
        out += csv_[i].header;
    }
    out += "\r\n";
}

void RecordWriter::appendCsvCell(const Entry& entry, std::size_t row, std::string& scratch, std::string& out) const {
    scratch.clear();
    if (entry.isNested) {
        const std::size_t at = endpointRow(entry, row);
        if (isPresent(entry.column, at)) appendScalar(entry, at, false, scratch);
    } else {
        appendValue(entry, row, false, scratch);
    }
    appendCsvField(scratch, out);
}

void RecordWriter::appendCsv(std::size_t row, std::string& out) const {
    std::string scratch;
    for (std::size_t i = 0; i < csv_.size(); ++i) {
        if (i > 0) out += ',';
        appendCsvCell(csv_[i], row, scratch, out);
    }
    out += "\r\n";
}

std::string toJson(const Records& records, std::size_t row, WriteContext context) {
    std::string out;
    RecordWriter(records, context).appendJson(row, out);
    return out;
}

}  // namespace meetpoint::formats
