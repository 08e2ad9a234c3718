#include "quality/kept_figures.h"

#include "columns/arrow_ipc.h"

namespace meetpoint::quality {
namespace {

using columns::Batch;
using columns::ColumnType;
using columns::Field;
using columns::Schema;

// The counts of an hour, in the order of their columns.
constexpr std::uint64_t CallCounts::*callCounts[] = {
    &CallCounts::bids,     &CallCounts::seizures,    &CallCounts::answered,   &CallCounts::delivered,
    &CallCounts::sessions, &CallCounts::effective,   &CallCounts::rung,       &CallCounts::good,
    &CallCounts::poor,     &CallCounts::connectedMs, &CallCounts::postDialMs, &CallCounts::withoutStreams};
constexpr std::uint64_t StreamCounts::*streamCounts[] = {
    &StreamCounts::streams,      &StreamCounts::good,           &StreamCounts::poor,
    &StreamCounts::unclassified, &StreamCounts::withoutPackets, &StreamCounts::mosWithoutPackets};
static_assert(sizeof(CallCounts) == sizeof(std::uint64_t) * std::size(callCounts));
// But for guessedRatings: estimates are not kept.
static_assert(sizeof(StreamCounts) == sizeof(std::uint64_t) * (std::size(streamCounts) + 1));

constexpr Field hourFields[] = {
    {"hour", ColumnType::timestamp, false},         {"bids", ColumnType::int64, false},
    {"seizures", ColumnType::int64, false},         {"answered", ColumnType::int64, false},
    {"delivered", ColumnType::int64, false},        {"sessions", ColumnType::int64, false},
    {"effective", ColumnType::int64, false},        {"rung", ColumnType::int64, false},
    {"goodCalls", ColumnType::int64, false},        {"poorCalls", ColumnType::int64, false},
    {"connectedMs", ColumnType::int64, false},      {"postDialMs", ColumnType::int64, false},
    {"withoutStreams", ColumnType::int64, false},   {"streams", ColumnType::int64, false},
    {"goodStreams", ColumnType::int64, false},      {"poorStreams", ColumnType::int64, false},
    {"unclassified", ColumnType::int64, false},     {"withoutPackets", ColumnType::int64, false},
    {"mosWithoutPackets", ColumnType::int64, false}};
static_assert(std::size(hourFields) == 1 + std::size(callCounts) + std::size(streamCounts));
constexpr Schema hourSchema{"figures.hours", 1, hourFields};

enum class FigureColumn : std::uint8_t { hour, figure, count, sumHigh, sumLow, smallest, largest, isExact, points };
constexpr Field figureFields[] = {
    {"hour", ColumnType::int32, false},                                              // its row among the hours
    {"figure", ColumnType::uint8, false},                                            // Figure
    {"count", ColumnType::int64, false},     {"sumHigh", ColumnType::int64, false},  // with sumLow: in units of 2^-30
    {"sumLow", ColumnType::uint64, false},   {"smallest", ColumnType::float32, false},
    {"largest", ColumnType::float32, false}, {"isExact", ColumnType::uint8, false},
    {"points", ColumnType::int32, false}};  // how many
constexpr Schema figureSchema{"figures.figures", 1, figureFields};

enum class PointColumn : std::uint8_t { at, times };
constexpr Field pointFields[] = {{"at", ColumnType::int32, false}, {"times", ColumnType::int32, false}};
constexpr Schema pointSchema{"figures.points", 1, pointFields};

void addFigure(Batch& figures, Batch& points, std::size_t hour, std::size_t figure, const Distribution& distribution) {
    const Distribution::Parts parts = distribution.parts();
    if (parts == Distribution::Parts{}) return;
    figures[FigureColumn::hour].append(static_cast<std::int32_t>(hour));
    figures[FigureColumn::figure].append(static_cast<std::uint8_t>(figure));
    figures[FigureColumn::count].append(static_cast<std::int64_t>(parts.count));
    figures[FigureColumn::sumHigh].append(parts.sumHigh);
    figures[FigureColumn::sumLow].append(parts.sumLow);
    figures[FigureColumn::smallest].append(parts.smallest);
    figures[FigureColumn::largest].append(parts.largest);
    figures[FigureColumn::isExact].append(static_cast<std::uint8_t>(parts.isExact));
    figures[FigureColumn::points].append(static_cast<std::int32_t>(parts.points.size()));
    for (const Distribution::Point& point : parts.points) {
        points[PointColumn::at].append(point.at);
        points[PointColumn::times].append(point.times);
    }
}

Error corruptFigures() {
    return corrupt("kept figures of a block do not fit together");
}

Result<void> readHours(const Batch& batch, std::vector<HourFigures>& hours) {
    hours.resize(batch.rows());
    for (std::size_t row = 0; row < hours.size(); ++row) {
        hours[row].hour = batch[0].instant(row);
        std::size_t column = 1;
        for (const auto count : callCounts)
            hours[row].figures.calls.*count = batch[column++].at<std::uint64_t>(row);
        for (const auto count : streamCounts)
            hours[row].figures.streams.*count = batch[column++].at<std::uint64_t>(row);
    }
    return {};
}

Result<Distribution> readFigure(const Batch& figures, std::size_t row, const Batch& points, std::size_t& point) {
    Distribution::Parts parts{.count = figures[FigureColumn::count].at<std::uint64_t>(row),
                              .sumHigh = figures[FigureColumn::sumHigh].at<std::int64_t>(row),
                              .sumLow = figures[FigureColumn::sumLow].at<std::uint64_t>(row),
                              .smallest = figures[FigureColumn::smallest].at<float>(row),
                              .largest = figures[FigureColumn::largest].at<float>(row),
                              .isExact = figures[FigureColumn::isExact].at<std::uint8_t>(row) != 0,
                              .points = {}};
    const auto count = static_cast<std::size_t>(std::max(0, figures[FigureColumn::points].at<std::int32_t>(row)));
    if (count > points.rows() - point) return fail(corruptFigures());
    const auto at = points[PointColumn::at].as<std::int32_t>(), times = points[PointColumn::times].as<std::int32_t>();
    parts.points.reserve(count);
    for (const std::size_t end = point + count; point < end; ++point)
        parts.points.push_back({at[point], times[point]});
    auto made = Distribution::ofParts(parts);
    if (!made) return fail(corruptFigures());
    return std::move(*made);
}

}  // namespace

KeptFigures keep(std::span<const HourFigures> hours) {
    Batch hourRows(hourSchema), figureRows(figureSchema), points(pointSchema);
    for (std::size_t row = 0; row < hours.size(); ++row) {
        const Figures& figures = hours[row].figures;
        hourRows[0].append(hours[row].hour);
        std::size_t column = 1;
        for (const auto count : callCounts)
            hourRows[column++].append(static_cast<std::int64_t>(figures.calls.*count));
        for (const auto count : streamCounts)
            hourRows[column++].append(static_cast<std::int64_t>(figures.streams.*count));
        for (std::size_t figure = 0; figure < figureCount; ++figure)
            addFigure(figureRows, points, row, figure, figures.distributions[figure]);
    }
    constexpr auto compression = columns::Compression::zstd;
    return {encodeBatch(hourRows, compression), encodeBatch(figureRows, compression), encodeBatch(points, compression)};
}

Result<std::vector<HourFigures>> readKept(const KeptView& kept) {
    TRY_ASSIGN(const Batch hourRows, columns::decodeBatch(hourSchema, kept.hours));
    TRY_ASSIGN(const Batch figures, columns::decodeBatch(figureSchema, kept.figures));
    TRY_ASSIGN(const Batch points, columns::decodeBatch(pointSchema, kept.points));
    std::vector<HourFigures> hours;
    TRY(readHours(hourRows, hours));
    std::size_t point = 0;
    for (std::size_t row = 0; row < figures.rows(); ++row) {
        const auto hour = static_cast<std::size_t>(figures[FigureColumn::hour].at<std::int32_t>(row));
        const std::size_t figure = figures[FigureColumn::figure].at<std::uint8_t>(row);
        if (hour >= hours.size() || figure >= figureCount) return fail(corruptFigures());
        TRY_ASSIGN(hours[hour].figures.distributions[figure], readFigure(figures, row, points, point));
    }
    return hours;
}

}  // namespace meetpoint::quality
