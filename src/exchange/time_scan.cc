#include "exchange/time_scan.h"

#include <queue>
#include <set>

#include "exchange/projection.h"

namespace meetpoint::exchange {
namespace {

using columns::Batch;
using columns::minuteOf;
using columns::minutesPerDay;
using columns::Part;
using store::BlockPlace;
using store::LaneSlice;

// Windows of days that are listed at once grow and shrink so that each lists about so many rows of the calendar.
constexpr std::size_t fewRows = 500, manyRows = 4'000;
constexpr std::int32_t firstWindowDays = 2, longestWindowDays = 4'096;
// A time without an end is first cut to what the lanes hold.
constexpr Duration longTime = days(31);

std::strong_ordering compare(std::string_view a, std::string_view b) {
    return a <=> b;
}

// A record that was found, by its place.
struct Candidate {
    TimePosition position;
    std::size_t lane = 0;  // among those of the scan
    BlockPlace block;
    std::uint32_t row = 0;
};

// The order in which records are given out.
class Order {
public:
    explicit Order(bool descending) : descending_(descending) {}
    bool operator()(const Candidate& a, const Candidate& b) const { return comesBefore(a.position, b.position); }
    bool comesBefore(const TimePosition& a, const TimePosition& b) const {
        const auto ordering = inTime(a, b);
        const auto whole = ordering != 0 ? ordering : a.version <=> b.version;
        return descending_ ? whole > 0 : whole < 0;
    }
    // The same, versions aside: a later version of a record that was given out does not come again.
    bool comesBeforeAnyVersion(const TimePosition& a, const TimePosition& b) const {
        const auto ordering = inTime(a, b);
        return descending_ ? ordering > 0 : ordering < 0;
    }

private:
    static std::strong_ordering inTime(const TimePosition& a, const TimePosition& b) {
        if (const auto at = a.at <=> b.at; at != 0) return at;
        if (const auto key = compare(a.key, b.key); key != 0) return key;
        return a.shardKey <=> b.shardKey;
    }
    bool descending_;
};

// A block that is to be opened before the scan goes beyond a minute.
struct Pending {
    std::int64_t minute = 0;  // turned: ascends whichever way the scan goes
    std::size_t lane = 0;
    BlockPlace block;
    auto operator<=>(const Pending&) const = default;
};

Error cursorExpired() {
    return {ErrorKind::gone,
            "cursor-expired",
            "What this cursor points at is no longer kept. Search anew without a cursor.",
            {},
            {},
            0};
}

class Sweep {
public:
    Sweep(store::Tx& tx, const Services& services, const ScanLimits& limits, const MatchRequest& request,
          const TimeScan& scan)
        : tx_(tx),
          services_(services),
          limits_(limits),
          scan_(scan),
          order_(scan.descending),
          matcher_(services, request),
          found_(order_) {}

    Result<ScannedPage> run() {
        TRY(begin());
        while (true) {
            const std::optional<std::int64_t> boundary = nextMinute();
            if (found_.size() > scan_.limit &&
                (!boundary || turned(minuteOf(found_.rbegin()->position.at)) < *boundary))
                return page(scan_.limit, found_.size());
            if (!boundary) return page(found_.size(), found_.size());
            const bool isFirst = *boundary <= firstMinute_;
            const bool isToList = !allListed() && frontier() <= *boundary;
            if (!isFirst && (isToList ? listed_ >= limits_.calendarRows : opened_.size() >= limits_.blocks))
                return pageUpTo(*boundary);
            TRY(isToList ? listDays() : openNext());
        }
    }

private:
    using BlockKey = std::pair<std::size_t, BlockPlace>;

    std::int64_t turned(std::int64_t minute) const { return scan_.descending ? -minute : minute; }
    bool allListed() const { return scan_.descending ? nextDay_ < firstDay_ : nextDay_ > lastDay_; }
    // The first minute, turned, of what is not listed yet.
    std::int64_t frontier() const {
        const std::int64_t start = std::int64_t{nextDay_} * minutesPerDay;
        return turned(scan_.descending ? start + minutesPerDay - 1 : start);
    }
    // Before which minute everything is open; nothing if all is.
    std::optional<std::int64_t> nextMinute() const {
        std::optional<std::int64_t> minute;
        if (!allListed()) minute = frontier();
        if (!pending_.empty()) minute = std::min(minute.value_or(INT64_MAX), pending_.top().minute);
        return minute;
    }

    Result<void> begin() {
        const MatchRequest& request = matcher_.request();
        from_ = request.from;
        last_ = request.to.ms == INT64_MAX ? request.to : request.to - milliseconds(1);
        if (scan_.after) (scan_.descending ? last_ : from_) = scan_.after->at;
        if (scan_.after && scan_.descending && scan_.after->key.empty()) last_ = last_ - milliseconds(1);
        from_ = std::max(from_, request.from);
        nextDay_ = scan_.descending ? lastDay_ : firstDay_;  // nothing to list
        if (scan_.after) TRY(checkKept(*scan_.after));
        if (last_ < from_) return {};
        matcher_.narrow(from_, last_.ms == INT64_MAX ? last_ : last_ + milliseconds(1));
        TRY(cutToWhatIsKept());
        firstMinute_ = turned(minuteOf(scan_.descending ? last_ : from_));
        return addUncalendared();
    }

    Result<void> checkKept(const TimePosition& after) const {
        if (after.sequence <= 0) return {};
        const auto lane = std::ranges::find(scan_.lanes.lanes, after.shardKey,
                                            [](const ReadableLane& readable) { return readable.lane.shardKey; });
        if (lane == scan_.lanes.lanes.end()) return {};
        TRY_ASSIGN(const bool isKept, services_.lanes.isKept(tx_, lane->lane, after.sequence));
        return isKept ? Result<void>() : fail(cursorExpired());
    }

    // The days to list: of a long time only those that the calendars have.
    Result<void> cutToWhatIsKept() {
        if (last_.ms / 2 - from_.ms / 2 <= longTime.ms / 2) {
            firstDay_ = dayOf(from_).number;
            lastDay_ = dayOf(last_).number;
        } else {
            for (const ReadableLane& readable : scan_.lanes.lanes) {
                TRY_ASSIGN(const auto span, store::calendarSpan(tx_, readable.lane));
                if (!span) continue;
                const bool isFirst = firstDay_ > lastDay_;
                firstDay_ = isFirst ? span->first.number : std::min(firstDay_, span->first.number);
                lastDay_ = isFirst ? span->second.number : std::max(lastDay_, span->second.number);
            }
            if (firstDay_ > lastDay_) return {};
            if (startOf(Day{firstDay_}) < from_) firstDay_ = dayOf(from_).number;
            if (startOf(Day{lastDay_}) > last_) lastDay_ = dayOf(last_).number;
        }
        nextDay_ = scan_.descending ? lastDay_ : firstDay_;
        return {};
    }

    Result<void> addUncalendared() {
        for (std::size_t lane = 0; lane < scan_.lanes.lanes.size(); ++lane) {
            const Instant end = last_.ms == INT64_MAX ? last_ : last_ + milliseconds(1);
            TRY_ASSIGN(auto blocks, store::listUncalendared(tx_, scan_.lanes.lanes[lane].lane, from_, end));
            std::vector<Pending> wanted;
            for (const auto& [block, minTime, maxTime] : blocks)
                wanted.push_back(
                    {turned(minuteOf(scan_.descending ? std::min(maxTime, last_) : std::max(minTime, from_))), lane,
                     block});
            TRY(addPending(lane, std::move(wanted)));
        }
        return {};
    }

    // Makes those pending whose filters do not exclude them.
    Result<void> addPending(std::size_t lane, std::vector<Pending> blocks) {
        const auto& hashes = matcher_.request().filter.hashes;
        std::erase_if(blocks, [&](const Pending& pending) { return opened_.contains({lane, pending.block}); });
        if (!hashes.empty() && !blocks.empty()) {
            std::vector<BlockPlace> places;
            for (const Pending& pending : blocks)
                places.push_back(pending.block);
            std::ranges::sort(places);
            places.erase(std::ranges::unique(places).begin(), places.end());
            TRY_ASSIGN(const auto kept,
                       services_.lanes.filters().thatMayHold(tx_, scan_.lanes.lanes[lane].lane, places, hashes));
            std::erase_if(blocks,
                          [&](const Pending& pending) { return !std::ranges::binary_search(kept, pending.block); });
        }
        for (const Pending& pending : blocks)
            pending_.push(pending);
        return {};
    }

    // The calendar's next days, of all lanes.
    Result<void> listDays() {
        const std::int32_t from = scan_.descending ? std::max(nextDay_ - windowDays_ + 1, firstDay_) : nextDay_;
        const std::int32_t to = scan_.descending ? nextDay_ : std::min(nextDay_ + windowDays_ - 1, lastDay_);
        std::size_t rows = 0;
        for (std::size_t lane = 0; lane < scan_.lanes.lanes.size(); ++lane) {
            std::vector<Pending> blocks;
            TRY(store::listCalendar(tx_, scan_.lanes.lanes[lane].lane, Day{from}, Day{to + 1},
                                    [&](const store::CalendarEntry& entry) {
                                        ++rows;
                                        if (const auto minute = firstMinuteOf(entry))
                                            blocks.push_back({turned(*minute), lane, entry.block});
                                    }));
            TRY(addPending(lane, std::move(blocks)));
        }
        nextDay_ = scan_.descending ? from - 1 : to + 1;
        listed_ += rows;
        if (rows < fewRows) windowDays_ = std::min(windowDays_ * 4, longestWindowDays);
        if (rows > manyRows) windowDays_ = std::max(windowDays_ / 2, 1);
        return {};
    }

    // The first minute of an entry that the scan comes to; nothing if none lies in its time.
    std::optional<std::int64_t> firstMinuteOf(const store::CalendarEntry& entry) const {
        const std::int64_t start = std::int64_t{entry.day.number} * minutesPerDay;
        const std::int64_t from = std::max<std::int64_t>(minuteOf(from_) - start, 0);
        const std::int64_t to = std::min<std::int64_t>(minuteOf(last_) - start, minutesPerDay - 1);
        if (from > to) return std::nullopt;
        const auto minute = scan_.descending ? entry.minutes.lastUpTo(static_cast<int>(to))
                                             : entry.minutes.firstFrom(static_cast<int>(from));
        if (!minute || *minute < from || *minute > to) return std::nullopt;
        return start + *minute;
    }

    Result<void> openNext() {
        const Pending next = pending_.top();
        pending_.pop();
        if (!opened_.insert({next.lane, next.block}).second) return {};
        const store::LaneId lane = scan_.lanes.lanes[next.lane].lane;
        TRY_ASSIGN(const auto match, matcher_.match(tx_, lane, next.block));
        if (match) take(next, lane, *match);
        return {};
    }

    void take(const Pending& from, store::LaneId lane, const BlockMatch& match) {
        const columns::LaneSchema& schema = columns::schemaOf(lane.kind);
        for (std::size_t i = 0; i < match.rows.size(); ++i) {
            const std::uint32_t row = match.rows[i];
            const Instant at = match.core[schema.time].instant(i);
            if (isBeyondPage(at)) continue;
            Candidate candidate{{at, std::string(textOf(match.core[schema.key].valueBytes(i))), lane.shardKey,
                                 match.core[schema.version].at<std::int32_t>(i), from.block.first + row},
                                from.lane,
                                from.block,
                                row};
            if (scan_.after && !isAfter(candidate.position)) continue;
            found_.insert(std::move(candidate));
            if (found_.size() > scan_.limit + 1) found_.erase(std::prev(found_.end()));
        }
    }

    // Whether the page is full of what comes before that time.
    bool isBeyondPage(Instant at) const {
        if (found_.size() <= scan_.limit) return false;
        const Instant worst = found_.rbegin()->position.at;
        return scan_.descending ? at < worst : at > worst;
    }

    bool isAfter(const TimePosition& position) const {
        return matcher_.request().newestOnly ? order_.comesBeforeAnyVersion(*scan_.after, position)
                                             : order_.comesBefore(*scan_.after, position);
    }

    // The first `count` of what was found; `known` of them are there.
    Result<ScannedPage> page(std::size_t count, std::size_t known) {
        std::vector<Candidate> chosen(found_.begin(), std::next(found_.begin(), static_cast<std::ptrdiff_t>(count)));
        TRY_ASSIGN(ScannedPage out, read(chosen));
        if (count < known) out.next = chosen.back().position;
        return out;
    }

    // What was found before a minute, where the work of one page is done.
    Result<ScannedPage> pageUpTo(std::int64_t boundary) {
        std::size_t count = 0;
        for (const Candidate& candidate : found_)
            if (turned(minuteOf(candidate.position.at)) < boundary) ++count;
        TRY_ASSIGN(ScannedPage out, page(std::min(count, scan_.limit), 0));
        const std::int64_t minute = turned(boundary);
        out.next = TimePosition{columns::startOfMinute(scan_.descending ? minute + 1 : minute), {}, 0, 0, 0};
        if (!pending_.empty()) {
            out.next->shardKey = scan_.lanes.lanes[pending_.top().lane].lane.shardKey;
            out.next->sequence = pending_.top().block.first;
        }
        return out;
    }

    // The chosen records in full, as their reader may see them.
    Result<ScannedPage> read(const std::vector<Candidate>& chosen) const {
        ScannedPage out;
        std::map<BlockKey, std::vector<std::uint32_t>> rowsOf;
        for (const Candidate& candidate : chosen)
            rowsOf[{candidate.lane, candidate.block}].push_back(candidate.row);
        std::map<BlockKey, std::size_t> sliceOf;
        const store::PartSet parts = partsShownTo(matcher_.request().role);
        for (const auto& [key, rows] : rowsOf) {
            const ReadableLane& readable = scan_.lanes.lanes[key.first];
            TRY_ASSIGN(LaneSlice slice, store::readRows(tx_, readable.lane, key.second.first, rows, parts));
            slice.records = project(services_.ledger.view(), std::move(slice.records), matcher_.request().role,
                                    matcher_.request().seenAt);
            sliceOf[key] = out.slices.size();
            out.slices.push_back(std::move(slice));
            out.carriers.push_back(readable.carrierId);
        }
        std::vector<std::size_t> taken(out.slices.size(), 0);
        for (const Candidate& candidate : chosen) {
            const std::size_t slice = sliceOf[{candidate.lane, candidate.block}];
            out.order.push_back({slice, taken[slice]++});
        }
        return out;
    }

    store::Tx& tx_;
    const Services& services_;
    const ScanLimits& limits_;
    const TimeScan& scan_;
    Order order_;
    BlockMatcher matcher_;

    Instant from_, last_;  // what is left of the time, both included
    std::int64_t firstMinute_ = 0;
    std::int32_t firstDay_ = 0, lastDay_ = -1, nextDay_ = 0;
    std::int32_t windowDays_ = firstWindowDays;
    std::size_t listed_ = 0;
    std::priority_queue<Pending, std::vector<Pending>, std::greater<>> pending_;
    std::set<BlockKey> opened_;
    std::set<Candidate, Order> found_;  // the first `limit` and one more
};

// One record: by its key rather than by time.
Result<ScannedPage> scanKey(store::Tx& tx, const Services& services, const MatchRequest& request,
                            const TimeScan& scan) {
    const BlockMatcher matcher(services, request);
    const Order order(scan.descending);
    struct Version {
        TimePosition position;
        LaneSlice slice;
        std::optional<Id> carrierId;
    };
    std::vector<Version> found;
    const columns::LaneSchema& schema = columns::schemaOf(request.kind);
    for (const ReadableLane& readable : scan.lanes.lanes) {
        TRY_ASSIGN(auto slices, services.lanes.findVersions(tx, readable.lane, *scan.key, store::PartSet::all()));
        if (request.newestOnly && slices.size() > 1) slices.erase(slices.begin(), std::prev(slices.end()));
        for (LaneSlice& slice : slices) {
            slice.records = project(services.ledger.view(), std::move(slice.records), request.role, request.seenAt);
            const Batch& core = slice.records.part(Part::core);
            const TimePosition position{core[schema.time].instant(0), std::string(textOf(*scan.key)),
                                        readable.lane.shardKey, columns::versionOf(slice.records, 0),
                                        slice.sequences[0]};
            const bool isInTime = position.at >= request.from && position.at < request.to;
            const bool isLeft = !scan.after || (request.newestOnly ? order.comesBeforeAnyVersion(*scan.after, position)
                                                                   : order.comesBefore(*scan.after, position));
            if (isInTime && isLeft && matcher.matches({slice.records, 0, columns::streamOffsets(slice.records)}))
                found.push_back({position, std::move(slice), readable.carrierId});
        }
    }
    std::ranges::sort(found,
                      [&](const Version& a, const Version& b) { return order.comesBefore(a.position, b.position); });
    ScannedPage page;
    if (found.size() > scan.limit) page.next = found[scan.limit - 1].position;
    for (std::size_t i = 0; i < std::min(found.size(), scan.limit); ++i) {
        page.order.push_back({i, 0});
        page.slices.push_back(std::move(found[i].slice));
        page.carriers.push_back(found[i].carrierId);
    }
    return page;
}

}  // namespace

Result<ScannedPage> scanByTime(store::Tx& tx, const Services& services, const ScanLimits& limits,
                               const MatchRequest& request, const TimeScan& scan) {
    if (scan.key) return scanKey(tx, services, request, scan);
    return Sweep(tx, services, limits, request, scan).run();
}

}  // namespace meetpoint::exchange
