#include "api/totals_csv.h"

#include <algorithm>
#include <charconv>

#include "formats/csv.h"

namespace meetpoint::api {
namespace {

using exchange::PostedTraffic;

constexpr std::size_t longestLine = 512;  // bytes
constexpr std::size_t mostFaults = 100;   // listed
constexpr std::int64_t hourMs = 3'600'000;

// Puts one field into a cell; what is wrong with it, or nothing.
using Setter = std::optional<std::string> (*)(PostedTraffic&, std::string_view);
struct Column {
    std::string_view name;
    Setter set;
};

std::optional<std::string> setHour(PostedTraffic& cell, std::string_view text) {
    const auto at = parseInstant(text);
    if (!at) return "'hour' " + at.error().message;
    const auto hour = wholeHourOf(*at);
    if (!hour) return hour.error().message;
    cell.key.hour = *hour;
    return std::nullopt;
}
std::optional<std::string> setDirection(PostedTraffic& cell, std::string_view text) {
    if (text != "inbound" && text != "outbound") return "'direction' is inbound or outbound";
    cell.key.isOutbound = text == "outbound";
    return std::nullopt;
}
std::optional<std::string> setAnswered(PostedTraffic& cell, std::string_view text) {
    if (text != "true" && text != "false") return "'answered' is true or false";
    cell.key.isAnswered = text == "true";
    return std::nullopt;
}
template <std::int64_t PostedTraffic::*member>
std::optional<std::string> setCount(PostedTraffic& cell, std::string_view text) {
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), cell.*member);
    if (error != std::errc() || end != text.data() + text.size()) return "'calls' and 'seconds' are whole numbers";
    return std::nullopt;
}

constexpr Column known[] = {{"hour", setHour},
                            {"direction", setDirection},
                            {"answered", setAnswered},
                            {"calls", setCount<&PostedTraffic::calls>},
                            {"seconds", setCount<&PostedTraffic::seconds>}};

// Reads the lines of one body.
class TotalsLines {
public:
    void take(const formats::CsvRecord& record) {
        if (record.state != formats::CsvRecord::State::good)
            return fault(record.line, "this is no line of CSV, or is longer than 512 bytes");
        if (!hasHeader_) return takeHeader(record);
        if (columns_.empty()) return;  // the header was refused
        if (record.fields.size() != columns_.size())
            return fault(record.line, "the header names " + std::to_string(columns_.size()) + " columns, here are " +
                                          std::to_string(record.fields.size()));
        PostedTraffic cell;
        for (std::size_t i = 0; i < columns_.size(); ++i)
            if (const auto wrong = columns_[i](cell, record.fields[i])) fault(record.line, *wrong);
        cells_.push_back(cell);
    }

    Result<std::vector<PostedTraffic>> finish() {
        if (!hasHeader_ && error_.faults.empty()) fault(1, "the body is empty; begin with a header line");
        if (!error_.faults.empty()) return meetpoint::fail(std::move(error_));
        return std::move(cells_);
    }

private:
    void takeHeader(const formats::CsvRecord& record) {
        hasHeader_ = true;
        std::vector<Setter> columns;
        for (const std::string_view name : record.fields) {
            const auto found = std::ranges::find(known, name, &Column::name);
            if (found == std::end(known))
                return fault(record.line, "there is no column '" + std::string(name.substr(0, 64)) + "' here");
            if (std::ranges::find(columns, found->set) != columns.end())
                return fault(record.line, "the column '" + std::string(name) + "' stands here twice");
            columns.push_back(found->set);
        }
        if (columns.size() != std::size(known))
            return fault(record.line, "the columns hour, direction, answered, calls and seconds are all needed");
        columns_ = std::move(columns);
    }
    void fault(std::uint64_t line, std::string what) {
        if (error_.faults.size() < mostFaults) error_.faults.push_back({"", "bad-csv", std::move(what), line});
    }

    bool hasHeader_ = false;
    std::vector<Setter> columns_;
    std::vector<PostedTraffic> cells_;
    Error error_ = invalidInput("bad-csv", "The CSV of these totals cannot be read. Nothing was posted.");
};

}  // namespace

Result<std::int64_t> wholeHourOf(Instant at) {
    if (at.ms % hourMs == 0) return at.ms / hourMs;
    return fail(invalidInput("bad-time", "An hour begins on the hour UTC, such as 2026-03-09T13:00:00Z."));
}

Result<std::vector<PostedTraffic>> readTotalsCsv(std::string_view body) {
    TotalsLines lines;
    formats::CsvSplitter splitter(',', '"', longestLine);
    const auto take = [&](const formats::CsvRecord& record) { lines.take(record); };
    splitter.feed(body, take);
    splitter.finish(take);
    return lines.finish();
}

}  // namespace meetpoint::api
