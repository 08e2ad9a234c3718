#include "cli/quality_table.h"

#include <algorithm>

#include <boost/json.hpp>
#include <fmt/ostream.h>

#include "cli/json_reading.h"

namespace meetpoint::cli {
namespace {

namespace json = boost::json;

using Row = std::vector<std::string>;

bool isNull(const json::value* value) {
    return !value || value->is_null();
}

bool isTime(const std::string& name) {
    return name.ends_with("Ms");
}

std::string keyText(const json::value& group, const std::string& dimension) {
    const json::value* value = valueAt(group, "/key/" + dimension);
    if (isNull(value)) return "-";
    return value->is_string() ? std::string(value->get_string()) : json::serialize(*value);
}

// "95.2 % (20/21)"; of times "93.4 s (934.0 s/10)".
std::string ratioText(const json::value& period, const std::string& kpi) {
    const std::string at = "/kpis/" + kpi;
    const std::int64_t above = integerAt(period, at + "/numerator"), below = integerAt(period, at + "/denominator");
    if (isNull(valueAt(period, at + "/value"))) return "-";
    const double value = numberAt(period, at + "/value");
    if (isTime(kpi))
        return fmt::format("{:.1f} s ({:.1f} s/{})", value / 1'000, static_cast<double>(above) / 1'000, below);
    return fmt::format("{:.1f} % ({}/{})", value * 100, above, below);
}

// "12.3 / 40.1 (210)": average, 95th percentile, values.
std::string figureText(const json::value& period, const std::string& figure) {
    const std::string at = "/figures/" + figure;
    if (isNull(valueAt(period, at + "/average"))) return "-";
    return fmt::format("{:.4g} / {:.4g} ({})", numberAt(period, at + "/average"), numberAt(period, at + "/p95"),
                       integerAt(period, at + "/count"));
}

void addFigures(Row& row, const QualityColumns& columns, const json::value& period) {
    row.push_back(std::to_string(integerAt(period, "/calls/bids")));
    for (const std::string& kpi : columns.kpis)
        row.push_back(ratioText(period, kpi));
    for (const std::string& figure : columns.figures)
        row.push_back(figureText(period, figure));
}

Row headOf(const QualityColumns& columns) {
    Row head = columns.groupBy;
    if (head.empty()) head.emplace_back("calls of");
    head.emplace_back("bids");
    for (const std::string& kpi : columns.kpis)
        head.push_back(isTime(kpi) ? kpi.substr(0, kpi.size() - 2) : kpi);
    for (const std::string& figure : columns.figures)
        head.push_back(figure + " avg / p95");
    return head;
}

std::vector<Row> rowsOf(const QualityColumns& columns, const std::vector<json::value>& groups) {
    std::vector<Row> rows{headOf(columns)};
    for (const json::value& group : groups) {
        Row row;
        for (const std::string& dimension : columns.groupBy)
            row.push_back(keyText(group, dimension));
        if (row.empty()) row.emplace_back("all");
        const std::size_t keys = row.size();
        addFigures(row, columns, group.at("current"));
        rows.push_back(std::move(row));
        const json::value* previous = valueAt(group, "/previous");
        if (isNull(previous)) continue;
        Row before(keys);
        before.front() = "  before";
        addFigures(before, columns, *previous);
        rows.push_back(std::move(before));
    }
    return rows;
}

}  // namespace

void printQualityTable(std::ostream& out, const QualityColumns& columns, const std::vector<json::value>& groups) {
    const auto rows = rowsOf(columns, groups);
    std::vector<std::size_t> widths(rows.front().size());
    for (const Row& row : rows)
        for (std::size_t i = 0; i < row.size(); ++i)
            widths[i] = std::max(widths[i], row[i].size());
    for (const Row& row : rows) {
        std::string line;
        for (std::size_t i = 0; i + 1 < row.size(); ++i)
            line += fmt::format("{:<{}}", row[i], widths[i] + 2);
        fmt::print(out, "{}{}\n", line, row.back());
    }
}

}  // namespace meetpoint::cli
