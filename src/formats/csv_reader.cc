// CSV with a header of wire names.
#include <simdjson.h>

#include "formats/csv.h"
#include "formats/json_record.h"
#include "formats/readers.h"
#include "formats/values.h"

namespace meetpoint::formats {
namespace {

class CsvReader final : public ReaderBase {
public:
    CsvReader(columns::LaneKind lane, ReadOptions options)
        : ReaderBase(lane, std::move(options)), splitter_(',', '"', options_.limits.lineBytes) {}

    Result<void> feed(ByteView piece) override {
        counts_.bytes += piece.size();
        if (!broken_) splitter_.feed(textOf(piece), [this](const CsvRecord& record) { takeRecord(record); });
        return outcome();
    }

    Result<void> finish() override {
        if (!broken_) splitter_.finish([this](const CsvRecord& record) { takeRecord(record); });
        return outcome();
    }

private:
    // What a column of the file is for.
    struct Bound {
        int field = -1;     // top-level field
        int endpoint = -1;  // field of `endpoint`
        std::string name;
    };

    Result<void> outcome() {
        counts_.lines = splitter_.lines();
        if (broken_) return fail(*broken_);
        return {};
    }

    void takeRecord(const CsvRecord& record) {
        if (broken_) return;
        if (!bound_.empty()) return readRow(record);
        if (record.state == CsvRecord::State::good)
            bindHeader(record);
        else
            broken_ =
                invalidInput("bad-csv-header", "the first line is not a CSV header: it is too long or badly quoted");
    }

    void bindHeader(const CsvRecord& record) {
        Error error = invalidInput("bad-csv-header", "");
        if (record.fields.size() > options_.limits.csvColumns) {
            error.message = "line " + std::to_string(record.line) +
                            ", the header: " + std::to_string(record.fields.size()) + " columns; at most " +
                            std::to_string(options_.limits.csvColumns) + " are read";
            broken_ = std::move(error);
            return;
        }
        for (const std::string_view name : record.fields) {
            Bound bound{row_.fields().find(name), -1, std::string(name)};
            constexpr std::string_view endpoint = "endpoint.";
            if (bound.field >= 0 && row_.fields()[bound.field].kind == ValueKind::object) bound.field = -1;
            if (name.starts_with(endpoint)) bound.endpoint = row_.endpointFields().find(name.substr(endpoint.size()));
            if (bound.field < 0 && bound.endpoint < 0 && !options_.lenient)
                error.faults.push_back({"/" + shortened(name), "unknown-field",
                                        "there is no field '" + shortened(name) + "'", record.line});
            for (const Bound& other : bound_)
                if (other.name == bound.name)
                    error.faults.push_back(
                        {"/" + shortened(name), "duplicate-field", "the column is there twice", record.line});
            bound_.push_back(std::move(bound));
        }
        for (std::size_t i = 0; i < row_.fields().size(); ++i)
            checkBound(static_cast<int>(i), record.line, error);
        if (error.faults.empty()) return;
        error.message = "line " + std::to_string(record.line) + ", the header: " + error.faults[0].message;
        if (error.faults.size() > 1)
            error.message += " (and " + std::to_string(error.faults.size() - 1) + " more faults)";
        broken_ = std::move(error);
    }

    bool isBound(std::string_view name) const {
        return std::any_of(bound_.begin(), bound_.end(), [name](const Bound& bound) { return bound.name == name; });
    }

    void checkBound(int field, std::uint64_t line, Error& error) const {
        const WireField& wire = row_.fields()[field];
        if (wire.presence != Presence::required || isBound(wire.name)) return;
        if (wire.name == "durationMs" && isBound("durationSeconds")) return;
        error.faults.push_back({"/" + std::string(wire.name), "missing-field",
                                "the required column '" + std::string(wire.name) + "' is missing", line});
    }

    void readRow(const CsvRecord& record) {
        switch (record.state) {
            case CsvRecord::State::tooLong:
                return faultRow(record.line, "line-too-long", tooLong());
            case CsvRecord::State::openQuote:
                return faultRow(record.line, "bad-csv", "a quotation mark is opened here and never closed");
            case CsvRecord::State::badQuote:
                return faultRow(record.line, "bad-csv",
                                "text follows a closing quotation mark; double the marks inside a field");
            case CsvRecord::State::good:
                break;
        }
        if (record.fields.size() != bound_.size())
            return faultRow(record.line, "bad-csv",
                            "the line has " + std::to_string(record.fields.size()) + " columns, the header " +
                                std::to_string(bound_.size()));
        if (!simdjson::validate_utf8(record.all.data(), record.all.size()))
            return faultRow(record.line, "bad-utf8", "the line is not UTF-8; convert the file");
        row_.begin();
        // Lists come last: their texts lie in the parser, which is used for extensions too.
        for (const bool lists : {false, true})
            for (std::size_t i = 0; i < bound_.size(); ++i)
                if (isList(bound_[i]) == lists) readCell(bound_[i], record.fields[i]);
        finishRow(record.line);
    }

    bool isList(const Bound& bound) const {
        return bound.field >= 0 && row_.fields()[bound.field].kind == ValueKind::list;
    }

    void readCell(const Bound& bound, std::string_view text) {
        if (bound.endpoint >= 0) return row_.setEndpoint(bound.endpoint, text);
        if (bound.field < 0) {
            counts_.ignoredFields += !text.empty();
            return;
        }
        row_.see(bound.field);
        const WireField& wire = row_.fields()[bound.field];
        if (text.empty() || wire.presence == Presence::givenOut) return row_.setNull(bound.field);
        if (wire.kind == ValueKind::extensions) return parser_.parseExtensions(text, row_);
        if (wire.kind == ValueKind::list)
            return parser_.parseStreams(text, options_.lenient, row_, counts_.ignoredFields);
        row_.setFromText(bound.field, text);
    }

    CsvSplitter splitter_;
    JsonRecordParser parser_;
    std::vector<Bound> bound_;
    std::optional<Error> broken_;
};

}  // namespace

std::unique_ptr<RecordReader> makeCsvReader(columns::LaneKind lane, ReadOptions options) {
    return std::make_unique<CsvReader>(lane, std::move(options));
}

}  // namespace meetpoint::formats
