#include "store/traffic_totals.h"

namespace meetpoint::store {
namespace {

constexpr std::string_view select =
    "SELECT t.hour, t.side, t.version, t.posted_at, t.posted_by, t.direction, t.answered, t.calls, t.seconds FROM "
    "traffic_totals t WHERE t.shard_key = $1 ";
constexpr std::string_view order = "ORDER BY t.hour, t.side, t.version, t.direction, t.answered";

// Rows of one version follow each other.
Result<std::vector<TrafficHour>> hoursWhere(Tx& tx, std::string_view condition, std::initializer_list<Value> values) {
    std::vector<TrafficHour> hours;
    TRY(tx.query(std::string(select) + std::string(condition) + std::string(order), values, [&](const Row& row) {
        const auto side = static_cast<domain::Side>(row.integer(1));
        const bool isNext = hours.empty() || hours.back().hour != row.integer(0) || hours.back().side != side ||
                            hours.back().version != row.integer(2);
        if (isNext)
            hours.push_back({row.integer(0), side, row.integer(2), row.instant(3), std::string(row.text(4)), {}});
        hours.back().cells.push_back({row.integer(5) != 0, row.integer(6) != 0, row.integer(7), row.integer(8)});
    }));
    return hours;
}

}  // namespace

Result<void> insertTraffic(Tx& tx, std::int64_t shardKey, std::span<const TrafficHour> hours) {
    RowBatch batch{
        "traffic_totals",
        {"shard_key", "hour", "side", "version", "direction", "answered", "calls", "seconds", "posted_at", "posted_by"},
        {}};
    for (const TrafficHour& hour : hours)
        for (const TrafficCell& cell : hour.cells)
            batch.rows.push_back({shardKey, hour.hour, static_cast<std::int64_t>(hour.side), hour.version,
                                  cell.isOutbound ? 1 : 0, cell.isAnswered ? 1 : 0, cell.calls, cell.seconds,
                                  hour.postedAt, hour.postedBy});
    return tx.copyIn(batch);
}

Result<std::vector<TrafficHour>> latestTraffic(Tx& tx, std::int64_t shardKey, std::int64_t from, std::int64_t to) {
    return hoursWhere(tx,
                      "AND t.hour >= $2 AND t.hour < $3 AND t.version = (SELECT MAX(n.version) FROM traffic_totals n "
                      "WHERE n.shard_key = $1 AND n.hour = t.hour AND n.side = t.side) ",
                      {shardKey, from, to});
}

Result<std::vector<TrafficHour>> trafficVersions(Tx& tx, std::int64_t shardKey, std::int64_t hour) {
    return hoursWhere(tx, "AND t.hour = $2 ", {shardKey, hour});
}

}  // namespace meetpoint::store
