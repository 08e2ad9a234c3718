#include "exchange/traffic_totals.h"

#include <fmt/format.h>

#include "exchange/reconciliation.h"
#include "store/leases.h"

namespace meetpoint::exchange {
namespace {

using domain::Side;
using store::TrafficCell;
using store::TrafficHour;
using store::Tx;

constexpr std::int64_t hourMs = 3'600'000;
constexpr std::size_t mostFaults = 100;                // listed
constexpr std::int64_t mostCalls = 1'000'000'000'000;  // of a cell
constexpr std::int64_t longestCallSeconds = 30 * 86'400;

// What is wrong with a cell by itself: the field and a sentence.
std::optional<std::pair<const char*, std::string>> faultOf(const PostedTraffic& cell, Instant now) {
    if (cell.calls < 0 || cell.calls > mostCalls) return std::pair{"calls", std::string("is out of range")};
    if (cell.seconds < 0 || cell.seconds / longestCallSeconds > cell.calls)
        return std::pair{"seconds", std::string("is negative, or more than such calls can last")};
    if (!cell.key.isAnswered && cell.seconds > 0)
        return std::pair{"seconds", std::string("must be 0 for calls that were not answered: ringing does not count")};
    if (cell.calls == 0 && cell.seconds > 0) return std::pair{"seconds", std::string("must be 0 without calls")};
    if (cell.key.hour < 0 || startOfHour(cell.key.hour) > now)
        return std::pair{"hour", std::string("has not begun yet, or is not of our time")};
    return std::nullopt;
}

// By hour, cells in order.
Result<std::map<std::int64_t, std::vector<TrafficCell>>> checkedHours(const Limits& limits,
                                                                      std::span<const PostedTraffic> totals,
                                                                      Instant now) {
    Error wrong = invalidInput("bad-totals", "These totals cannot be. Nothing was posted.");
    std::map<TrafficKey, TrafficCell> cells;
    for (std::size_t i = 0; i < totals.size(); ++i) {
        const PostedTraffic& one = totals[i];
        auto fault = faultOf(one, now);
        const TrafficCell cell{one.key.isOutbound, one.key.isAnswered, one.calls, one.seconds};
        if (!fault && !cells.emplace(one.key, cell).second)
            fault = std::pair{"hour", std::string("stands here a second time with this direction and answered")};
        if (fault && wrong.faults.size() < mostFaults)
            wrong.faults.push_back({fmt::format("/totals/{}/{}", i, fault->first), "bad-totals",
                                    fmt::format("'{}' {}.", fault->first, fault->second), 0});
    }
    if (!wrong.faults.empty()) return fail(std::move(wrong));
    std::map<std::int64_t, std::vector<TrafficCell>> hours;
    for (const auto& [key, cell] : cells)
        hours[key.hour].push_back(cell);
    if (hours.size() > limits.totalsHours)
        return fail(Error{ErrorKind::tooLarge,
                          "too-many-hours",
                          fmt::format("A request has at most {} hours. Post the rest in another.", limits.totalsHours),
                          {},
                          {},
                          0});
    return hours;
}

const TrafficHour* newestOf(std::span<const TrafficHour> hours, std::int64_t hour, Side side) {
    for (const TrafficHour& one : hours)
        if (one.hour == hour && one.side == side) return &one;
    return nullptr;
}

std::set<Day> daysOf(std::span<const TrafficHour> hours) {
    std::set<Day> days;
    for (const TrafficHour& one : hours)
        days.insert(dayOf(startOfHour(one.hour)));
    return days;
}

// Keeps others waiting that post of the same carrier, so that versions follow each other.
Result<void> holdPostings(Tx& tx, std::int64_t shardKey) {
    return store::holdWork(tx, {store::LaneWork::reconciliation, {shardKey, columns::LaneKind::items}});
}

Result<void> checkWholeHour(Instant at) {
    if (at.ms % hourMs == 0) return {};
    return fail(invalidInput("bad-range", "Totals are by whole hours UTC, such as 2026-03-09T13:00:00Z."));
}

Result<TrafficSums> storedSums(Tx& tx, const Services& services, store::LaneId lane, const TrafficQuery& query) {
    TrafficSums sums;
    store::ScanRequest request;
    request.from = query.from;
    request.to = query.to;
    TRY(services.lanes.scan(tx, lane, request, [&](const store::LaneSlice& slice) -> Result<void> {
        addRecords(sums, slice.records, query.from, query.to);
        return {};
    }));
    return sums;
}

}  // namespace

Result<TrafficPosting> postTraffic(const Services& services, const Limits& limits, const domain::Caller& caller,
                                   const std::optional<Id>& carrierId, std::span<const PostedTraffic> totals) {
    const auto side = domain::sideOf(caller.role);
    if (!side) return fail(notFound("There is no such carrier."));
    TRY_ASSIGN(const store::Carrier carrier, reconciledCarrier(services, caller, carrierId));
    const Instant now = services.clock.now();
    TRY_ASSIGN(const auto hours, checkedHours(limits, totals, now));
    TrafficPosting posting;
    if (hours.empty()) return TrafficPosting{carrier.id, *side, {}};
    const std::int64_t first = hours.begin()->first, last = hours.rbegin()->first;
    TRY(services.db.write(store::recordsWrite(carrier.shardKey, totals.size()), [&](Tx& tx) -> Result<void> {
        posting = {carrier.id, *side, {}};
        TRY(holdPostings(tx, carrier.shardKey));
        TRY_ASSIGN(const auto before, store::latestTraffic(tx, carrier.shardKey, first, last + 1));
        std::vector<TrafficHour> fresh;
        for (const auto& [hour, cells] : hours) {
            const TrafficHour* newest = newestOf(before, hour, *side);
            const bool isNew = !newest || newest->cells != cells;
            const std::int64_t version = (newest ? newest->version : 0) + (isNew ? 1 : 0);
            if (static_cast<std::size_t>(version) > limits.totalsVersions)
                return fail(conflict("too-many-versions",
                                     fmt::format("The hour {} was posted {} times already.",
                                                 formatInstant(startOfHour(hour)), limits.totalsVersions)));
            posting.hours.push_back({hour, version, isNew});
            if (isNew) fresh.push_back({hour, *side, version, now, caller.clientId, cells});
        }
        TRY(store::insertTraffic(tx, carrier.shardKey, fresh));
        return store::noteDays(tx, carrier.shardKey, daysOf(fresh));
    }));
    return posting;
}

Result<TrafficView> readTraffic(const Services& services, const Limits& limits, const domain::Caller& caller,
                                const TrafficQuery& query) {
    TRY(checkWholeHour(query.from));
    TRY(checkWholeHour(query.to));
    if (query.to <= query.from) return fail(invalidInput("bad-range", "'to' must be after 'from'."));
    if ((query.to - query.from).ms / hourMs > static_cast<std::int64_t>(limits.totalsHours))
        return fail(invalidInput("range-too-long", fmt::format("One question has at most {} hours. Ask for longer "
                                                               "times in pieces.",
                                                               limits.totalsHours)));
    TRY_ASSIGN(const store::Carrier carrier, reconciledCarrier(services, caller, query.carrierId));
    TrafficView view;
    view.carrierId = carrier.id;
    TRY(services.db.read([&](Tx& tx) -> Result<void> {
        TRY_ASSIGN(view.posted, store::latestTraffic(tx, carrier.shardKey, hourOf(query.from), hourOf(query.to)));
        TRY_ASSIGN(const auto calls, storedSums(tx, services, {carrier.shardKey, columns::LaneKind::calls}, query));
        TRY_ASSIGN(const auto durations,
                   storedSums(tx, services, {carrier.shardKey, columns::LaneKind::durations}, query));
        view.figures = figuresOf(view.posted, calls, durations);
        return {};
    }));
    return view;
}

Result<TrafficVersions> trafficHistory(const Services& services, const domain::Caller& caller,
                                       const std::optional<Id>& carrierId, Instant hour) {
    TRY(checkWholeHour(hour));
    TRY_ASSIGN(const store::Carrier carrier, reconciledCarrier(services, caller, carrierId));
    TrafficVersions found{carrier.id, {}};
    TRY(services.db.read([&](Tx& tx) -> Result<void> {
        TRY_ASSIGN(found.versions, store::trafficVersions(tx, carrier.shardKey, hourOf(hour)));
        return {};
    }));
    return found;
}

Result<boost::json::array> trafficBeyond(Tx& tx, const Services& services, std::int64_t shardKey, Day day,
                                         const TrafficTolerance& tolerance) {
    TrafficQuery query;
    query.from = startOf(day);
    query.to = startOf(Day{day.number + 1});
    TRY_ASSIGN(const auto posted, store::latestTraffic(tx, shardKey, hourOf(query.from), hourOf(query.to)));
    if (posted.empty()) return boost::json::array();
    TRY_ASSIGN(const auto calls, storedSums(tx, services, {shardKey, columns::LaneKind::calls}, query));
    TRY_ASSIGN(const auto durations, storedSums(tx, services, {shardKey, columns::LaneKind::durations}, query));
    return beyondJson(figuresOf(posted, calls, durations), tolerance);
}

}  // namespace meetpoint::exchange
