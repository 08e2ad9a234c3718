// Asterisk's cdr_csv. Legs of one call share a uniqueid and rows repeat: every row is kept under a key of its own, and
// the plain uniqueid goes where reconciliation finds the legs by it.
#include <simdjson.h>

#include "formats/csv.h"
#include "formats/foreign.h"
#include "formats/readers.h"
#include "formats/values.h"

namespace meetpoint::formats {
namespace {

enum AsteriskColumn : std::size_t {
    accountCode,
    source,
    destination,
    destinationContext,
    callerName,
    channel,
    destinationChannel,
    lastApplication,
    lastData,
    start,
    answer,
    end,
    duration,
    billedSeconds,
    disposition,
    amaFlags,
    uniqueId,
    userField,
};
constexpr std::size_t fewestColumns = 16, mostColumns = 18;
constexpr std::string_view columnNames =
    "accountcode,src,dst,dcontext,clid,channel,dstchannel,lastapp,lastdata,start,answer,end,duration,billsec,"
    "disposition,"
    "amaflags,uniqueid,userfield";
constexpr std::string_view timePattern = "%Y-%m-%d %H:%M:%S";

class AsteriskReader final : public ReaderBase {
public:
    AsteriskReader(columns::LaneKind lane, ReadOptions options)
        : ReaderBase(lane, std::move(options)),
          splitter_(',', '"', options_.limits.lineBytes),
          numbers_(options_.defaultRegion) {
        const auto at = [this](std::string_view name) { return row_.fields().find(name); };
        const bool calls = lane == columns::LaneKind::calls;
        key_ = at(calls ? "callId" : "recordId");
        version_ = at(calls ? "version" : "revision");
        startedAt_ = at(calls ? "invitedAt" : "startedAt");
        answeredAt_ = at("answeredAt");
        endedAt_ = at("endedAt");
        direction_ = at("direction");
        durationMs_ = at("durationMs");
        row_.allowTextOwnNumber();
    }

    Result<void> feed(ByteView piece) override {
        counts_.bytes += piece.size();
        splitter_.feed(textOf(piece), [this](const CsvRecord& record) { readRow(record); });
        counts_.lines = splitter_.lines();
        return {};
    }

    Result<void> finish() override {
        splitter_.finish([this](const CsvRecord& record) { readRow(record); });
        return {};
    }

private:
    void readRow(const CsvRecord& record) {
        if (record.state == CsvRecord::State::tooLong) return faultRow(record.line, "line-too-long", tooLong());
        if (record.state != CsvRecord::State::good)
            return faultRow(record.line, "bad-csv", "quotation marks do not match; double the marks inside a field");
        if (record.fields.size() < fewestColumns || record.fields.size() > mostColumns)
            return faultRow(record.line, "bad-csv",
                            "the line has " + std::to_string(record.fields.size()) +
                                " columns; Asterisk's cdr_csv writes 16 to 18");
        if (record.fields[0] == "accountcode" && counts_.records == 0) return;  // somebody added a header
        if (!simdjson::validate_utf8(record.all.data(), record.all.size()))
            return faultRow(record.line, "bad-utf8", "the line is not UTF-8; convert the file");
        row_.begin();
        numbers_.trim();
        readKey(record);
        readTimes(record);
        readSides(record);
        finishRow(record.line);
    }

    static std::string_view at(const CsvRecord& record, AsteriskColumn column) {
        return column < record.fields.size() ? trimmed(record.fields[column]) : std::string_view();
    }

    void badCell(AsteriskColumn column, std::string code, std::string_view text, std::string_view wanted) {
        row_.fault("/" + std::string(domain::nameAt(columnNames, column)), std::move(code),
                   "'" + shortened(text) + "' is not " + std::string(wanted));
    }

    void readKey(const CsvRecord& record) {
        std::string_view id = at(record, uniqueId);
        if (id.empty()) {
            // Without ids a row is known by what it says.
            derived_ = "row-" + formatId(derivedId(options_.sourceName, record.all, 0));
            id = derived_;
        } else {
            row_.setText(row_.fields().find("sipCallId"), id);
            const int correlation = row_.fields().find("correlationId");
            if (correlation >= 0) row_.setText(correlation, id);
        }
        const std::uint32_t before = repetitions_(id);
        if (lane_ == columns::LaneKind::calls) {
            keyText_ = formatId(derivedId(options_.sourceName, id, before));
        } else {
            keyText_ = id;
            if (before > 0) keyText_ += "#" + std::to_string(before + 1);
        }
        row_.setText(key_, keyText_);
        row_.setInteger(version_, 1);
    }

    std::optional<Instant> readTime(const CsvRecord& record, AsteriskColumn column, int field) {
        const std::string_view text = at(record, column);
        if (text.empty()) return std::nullopt;
        const auto time = readPatternTime(text, timePattern, options_.timeZone);
        if (time)
            row_.setInstant(field, *time);
        else
            badCell(column, "bad-time", text, "a time such as 2017-06-20 09:49:22");
        return time;
    }

    void readTimes(const CsvRecord& record) {
        const std::string_view outcome = at(record, disposition);
        const bool answered = outcome == "ANSWERED";
        if (domain::indexIn("ANSWERED,NO ANSWER,BUSY,FAILED,CONGESTION", outcome) == std::nullopt)
            badCell(disposition, "bad-value", outcome, "one of ANSWERED, NO ANSWER, BUSY, FAILED, CONGESTION");
        readTime(record, start, startedAt_);
        readTime(record, end, endedAt_);
        if (answered) readTime(record, answer, answeredAt_);
        if (const auto seconds = readInteger(at(record, billedSeconds)); !seconds)
            badCell(billedSeconds, "wrong-type", at(record, billedSeconds), "a whole number of seconds");
        else if (*seconds < 0)
            badCell(billedSeconds, "negative-duration", at(record, billedSeconds), "a duration: it is negative");
        else if (*seconds > INT32_MAX)
            badCell(billedSeconds, "duration-too-long", at(record, billedSeconds), "a plausible duration");
        else
            row_.setInteger(durationMs_, *seconds * 1000);
        if (lane_ != columns::LaneKind::durations) return;
        row_.setText(row_.fields().find("startBasis"), "invite");
        row_.setText(row_.fields().find("durationBasis"), "answer");
        row_.setFlag(row_.fields().find("answered"), answered);
    }

    void readSides(const CsvRecord& record) {
        const bool outbound = options_.defaultDirection == domain::Direction::outbound;
        row_.setText(direction_, outbound ? "outbound" : "inbound");
        const std::string_view from = numbers_.read(at(record, source)), to = numbers_.read(at(record, destination));
        row_.setSides(outbound ? from : to, outbound ? to : from);
    }

    CsvSplitter splitter_;
    NumberCache numbers_;
    RepetitionCounter repetitions_;
    std::string derived_, keyText_;
    int key_, version_, startedAt_, answeredAt_, endedAt_, direction_, durationMs_;
};

}  // namespace

std::unique_ptr<RecordReader> makeAsteriskReader(columns::LaneKind lane, ReadOptions options) {
    return std::make_unique<AsteriskReader>(lane, std::move(options));
}

}  // namespace meetpoint::formats
