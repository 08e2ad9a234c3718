// Any CSV call log, by a column map.
#include <cmath>

#include <simdjson.h>

#include "formats/csv.h"
#include "formats/foreign.h"
#include "formats/readers.h"
#include "formats/values.h"

namespace meetpoint::formats {
namespace {

using columns::LaneKind;

// A map serves both lanes: names that only the other lane has are read as their counterpart, or left out.
std::string_view counterpart(LaneKind lane, std::string_view name) {
    if (name == "durationSeconds") return "durationMs";  // the map's durationUnit decides, not the name
    constexpr std::pair<std::string_view, std::string_view> pairs[] = {
        {"callId", "recordId"}, {"version", "revision"}, {"invitedAt", "startedAt"}};
    for (const auto& [call, duration] : pairs) {
        if (lane == LaneKind::calls && name == duration) return call;
        if (lane == LaneKind::durations && name == call) return name == "callId" ? name : duration;
    }
    return name;
}

class MappedReader final : public ReaderBase {
public:
    MappedReader(LaneKind lane, ReadOptions options)
        : ReaderBase(lane, std::move(options)),
          map_(*options_.columnMap),
          zone_(map_.timeZone.value_or(options_.timeZone)),
          splitter_(map_.delimiter, map_.quote, options_.limits.lineBytes),
          numbers_(map_.defaultRegion.value_or(options_.defaultRegion)) {
        if (map_.textNumbers) row_.allowTextOwnNumber();
        const bool calls = lane == LaneKind::calls;
        key_ = row_.fields().find(calls ? "callId" : "recordId");
        version_ = row_.fields().find(calls ? "version" : "revision");
        startedAt_ = row_.fields().find(calls ? "invitedAt" : "startedAt");
        answeredAt_ = row_.fields().find("answeredAt");
        endedAt_ = row_.fields().find("endedAt");
        durationMs_ = row_.fields().find("durationMs");
    }

    Result<void> feed(ByteView piece) override {
        counts_.bytes += piece.size();
        if (!broken_) splitter_.feed(textOf(piece), [this](const CsvRecord& record) { takeRecord(record); });
        counts_.lines = splitter_.lines();
        if (broken_) return fail(*broken_);
        return {};
    }

    Result<void> finish() override {
        if (!broken_) splitter_.finish([this](const CsvRecord& record) { takeRecord(record); });
        if (broken_) return fail(*broken_);
        return {};
    }

private:
    struct Bound {
        const ColumnMap::Source* source;
        int field;  // -1: farEndNumber, or a field that this lane does not have
        bool farEnd;
        int column;  // 0-based; -1 for a constant
    };

    void takeRecord(const CsvRecord& record) {
        if (broken_) return;
        if (bound_.empty()) {
            bind(record);
            if (broken_ || map_.header) return;
        }
        readRow(record);
    }

    // 0-based column of a source; -1 for a constant. What the file does not have ends the reading.
    int columnOf(const ColumnMap::Source& source, const CsvRecord& header, std::string_view forField) {
        if (source.constant) return -1;
        if (source.position > 0 && source.position <= static_cast<int>(header.fields.size()))
            return source.position - 1;
        for (std::size_t i = 0; source.position == 0 && i < header.fields.size(); ++i)
            if (trimmed(header.fields[i]) == source.column) return static_cast<int>(i);
        std::string found;
        for (const std::string_view field : header.fields)
            found.append(found.empty() ? "" : ", ").append(shortened(trimmed(field)));
        const std::string wanted =
            source.position > 0 ? "column " + std::to_string(source.position) : "column '" + source.column + "'";
        broken_ =
            invalidInput("bad-csv-header", map_.fileName + ": " + std::string(forField) + " is read from " + wanted +
                                               ", which the file does not have; its columns are: " + found);
        return -1;
    }

    void bind(const CsvRecord& record) {
        if (record.state != CsvRecord::State::good) {
            broken_ = invalidInput("bad-csv-header", "the first line is not CSV: it is too long or badly quoted");
            return;
        }
        columnCount_ = record.fields.size();
        for (const ColumnMap::Target& target : map_.targets) {
            const bool farEnd = target.field == "farEndNumber";
            const int field = row_.fields().find(counterpart(lane_, target.field));
            bound_.push_back({&target.source, field, farEnd, columnOf(target.source, record, target.field)});
            keyMapped_ |= field == key_;
            farEndMapped_ |= farEnd;
        }
        for (const ColumnMap::Filter& filter : map_.filters)
            filterColumns_.push_back(columnOf(filter.source, record, "a filter"));
    }

    std::string_view valueOf(const Bound& bound, const CsvRecord& record) const {
        const std::string_view text = bound.column < 0 ? std::string_view(*bound.source->constant)
                                                       : trimmed(record.fields[static_cast<std::size_t>(bound.column)]);
        const auto meaning = bound.source->values.find(std::string(text));
        return meaning == bound.source->values.end() ? text : std::string_view(meaning->second);
    }

    bool passesFilters(const CsvRecord& record) const {
        for (std::size_t i = 0; i < filterColumns_.size(); ++i)
            if (trimmed(record.fields[static_cast<std::size_t>(filterColumns_[i])]) != map_.filters[i].value)
                return false;
        return true;
    }

    void readRow(const CsvRecord& record) {
        if (record.state == CsvRecord::State::tooLong) return faultRow(record.line, "line-too-long", tooLong());
        if (record.state != CsvRecord::State::good)
            return faultRow(record.line, "bad-csv", "quotation marks do not match; double the marks inside a field");
        if (record.fields.size() != columnCount_)
            return faultRow(record.line, "bad-csv",
                            "the line has " + std::to_string(record.fields.size()) + " columns, the first line " +
                                std::to_string(columnCount_));
        if (!simdjson::validate_utf8(record.all.data(), record.all.size()))
            return faultRow(record.line, "bad-utf8", "the line is not UTF-8; convert the file");
        if (!passesFilters(record)) {
            ++counts_.filtered;
            return;
        }
        row_.begin();
        numbers_.trim();
        own_ = farEnd_ = {};
        for (const Bound& bound : bound_)
            readValue(bound, valueOf(bound, record));
        if (farEndMapped_) row_.setSides(own_, farEnd_);
        fillIn(record);
        finishRow(record.line);
    }

    void readValue(const Bound& bound, std::string_view text) {
        if (bound.farEnd) {
            farEnd_ = numbers_.read(text);
            return;
        }
        if (bound.field < 0) return;
        const WireField& wire = row_.fields()[bound.field];
        if (!row_.see(bound.field)) return;
        if (text.empty()) return row_.setNull(bound.field);
        if (bound.field == key_ && lane_ == LaneKind::calls) return setCallId(text);
        switch (wire.kind) {
            case ValueKind::instant:
                return setTime(bound.field, text);
            case ValueKind::milliseconds:
            case ValueKind::seconds:
                return setDuration(text);
            case ValueKind::phoneNumber: {
                const std::string_view number = numbers_.read(text);
                if (wire.name == "ownNumber") own_ = number;
                if (wire.name != "ownNumber" || !farEndMapped_) row_.setText(bound.field, number);
                return;
            }
            default:
                row_.setFromText(bound.field, text);
        }
    }

    void setCallId(std::string_view text) {
        if (readId(text)) return row_.setText(key_, text);
        keyText_ = formatId(derivedId(options_.sourceName, text, repetitions_(text)));
        row_.setText(key_, keyText_);
    }

    void setTime(int field, std::string_view text) {
        const WireField& wire = row_.fields()[field];
        if (map_.timeFormat == ColumnMap::TimeFormat::rfc3339) return row_.setText(field, text);
        std::optional<Instant> time;
        if (map_.timeFormat == ColumnMap::TimeFormat::pattern) {
            time = readPatternTime(text, map_.timePattern, zone_);
        } else if (const auto number = readNumber(text)) {
            constexpr double latest = 1e15;
            const double ms = map_.timeFormat == ColumnMap::TimeFormat::epoch ? *number * 1000 : *number;
            if (std::abs(ms) < latest) time = Instant{static_cast<std::int64_t>(std::floor(ms))};
        }
        if (time) return row_.setInstant(field, *time);
        row_.faultAt(wire, "bad-time",
                     "'" + shortened(text) + "' is not a time as the column map describes it (" +
                         (map_.timePattern.empty() ? "seconds or milliseconds since 1970" : map_.timePattern) + ")");
    }

    void setDuration(std::string_view text) {
        std::optional<std::int64_t> ms;
        if (map_.durationUnit == ColumnMap::DurationUnit::clock) {
            ms = readClock(text);
        } else if (const auto number = readNumber(text)) {
            const double factor = map_.durationUnit == ColumnMap::DurationUnit::milliseconds ? 1
                                  : map_.durationUnit == ColumnMap::DurationUnit::seconds    ? 1000
                                                                                             : 60'000;
            constexpr double most = 1e15;
            if (std::abs(*number * factor) < most) ms = std::llround(*number * factor);
        }
        if (ms) return row_.setInteger(durationMs_, *ms);
        row_.faultAt(row_.fields()[durationMs_], "wrong-type",
                     "'" + shortened(text) + "' is not a duration in the unit that the column map names");
    }

    // What the file does not say but the lane requires.
    void fillIn(const CsvRecord& record) {
        if (!keyMapped_) {
            keyText_ = formatId(derivedId(options_.sourceName, record.all, repetitions_(record.all)));
            if (lane_ == LaneKind::durations) keyText_.insert(0, "row-");
            row_.setText(key_, keyText_);
        }
        if (!row_.has(version_)) row_.setInteger(version_, 1);
        if (lane_ != LaneKind::calls || row_.has(endedAt_) || !row_.has(startedAt_) || !row_.has(durationMs_)) return;
        const std::int64_t from = row_.integerOf(row_.has(answeredAt_) ? answeredAt_ : startedAt_);
        const std::int64_t duration = row_.integerOf(durationMs_);
        if (duration >= 0 && duration <= options_.limits.longestCall.ms)
            row_.setInstant(endedAt_, Instant{from} + milliseconds(duration));
        else
            row_.setInstant(endedAt_, Instant{from});
    }

    const ColumnMap& map_;
    TimeZone zone_;
    CsvSplitter splitter_;
    NumberCache numbers_;
    RepetitionCounter repetitions_;
    std::vector<Bound> bound_;
    std::vector<int> filterColumns_;
    std::size_t columnCount_ = 0;
    bool keyMapped_ = false, farEndMapped_ = false;
    std::string keyText_;
    std::string_view own_, farEnd_;
    int key_, version_, startedAt_, answeredAt_, endedAt_, durationMs_;
    std::optional<Error> broken_;
};

}  // namespace

std::unique_ptr<RecordReader> makeMappedReader(LaneKind lane, ReadOptions options) {
    return std::make_unique<MappedReader>(lane, std::move(options));
}

}  // namespace meetpoint::formats
