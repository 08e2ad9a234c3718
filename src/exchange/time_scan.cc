#include "exchange/time_scan.h"

#include <map>
#include <set>

#include "exchange/projection.h"
#include "exchange/shared_reading.h"

namespace meetpoint::exchange {
namespace {

using columns::Batch;
using columns::minuteOf;
using columns::minutesPerDay;
using columns::Part;
using store::BlockPlace;
using store::BlockRows;
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
        if (!pending_.empty()) minute = std::min(minute.value_or(INT64_MAX), pending_.begin()->minute);
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

    // Makes those pending that may hold what is looked for.
    Result<void> addPending(std::size_t lane, std::vector<Pending> blocks) {
        std::erase_if(blocks, [&](const Pending& pending) { return opened_.contains({lane, pending.block}); });
        std::vector<BlockPlace> places;
        for (const Pending& pending : blocks)
            places.push_back(pending.block);
        std::ranges::sort(places);
        places.erase(std::ranges::unique(places).begin(), places.end());
        TRY_ASSIGN(auto kept, thatMayMatch(scan_.lanes.lanes[lane].lane, places));
        std::erase_if(blocks, [&](const Pending& pending) {
            return !std::ranges::binary_search(kept, pending.block, {}, &BlockRows::block);
        });
        for (BlockRows& where : kept)
            if (where.rows) rows_[{lane, where.block}] = std::move(*where.rows);
        pending_.insert(blocks.begin(), blocks.end());
        return {};
    }

    // Those of `places` that neither rows of the own number nor filters exclude.
    Result<std::vector<BlockRows>> thatMayMatch(store::LaneId lane, const std::vector<BlockPlace>& places) {
        const RecordFilter& filter = matcher_.request().filter;
        store::BlockFilters& filters = services_.lanes.filters();
        std::vector<BlockRows> kept;
        if (filter.ownNumber) {
            TRY_ASSIGN(kept, filters.rowsOfNumber(tx_, lane, places, *filter.ownNumber, matcher_.request().from,
                                                  matcher_.request().to));
        } else {
            for (const BlockPlace& place : places)
                kept.push_back({place, std::nullopt});
        }
        if (filter.hashes.empty()) return kept;
        std::vector<BlockPlace> asked;
        for (const BlockRows& where : kept)
            asked.push_back(where.block);
        TRY_ASSIGN(const auto may, filters.thatMayHold(tx_, lane, asked, filter.hashes));
        std::erase_if(kept, [&](const BlockRows& where) { return !std::ranges::binary_search(may, where.block); });
        return kept;
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
        const Pending next = *pending_.begin();
        const BlockKey key{next.lane, next.block};
        const store::LaneId lane = scan_.lanes.lanes[next.lane].lane;
        if (rows_.contains(key)) TRY(matchAhead());
        pending_.erase(pending_.begin());
        if (!opened_.insert(key).second) return {};
        if (auto ahead = matched_.extract(key)) {
            take(next, lane, ahead.mapped());
            keepCore(key, std::move(ahead.mapped()));
            return {};
        }
        TRY_ASSIGN(const auto match, matcher_.match(tx_, lane, next.block));
        if (match) take(next, lane, *match);
        return {};
    }

    // Matches the next pending block, of which it is known in which rows it may be, and as many more of these as may
    // fill the page.
    Result<void> matchAhead() {
        struct Ahead {
            BlockKey key;
            store::LaneId lane;
            std::vector<std::uint32_t> rows;
            std::optional<BlockMatch> match;
        };
        std::vector<Ahead> chosen;
        std::size_t count = found_.size();
        for (auto at = pending_.begin(); at != pending_.end(); ++at) {
            if (at != pending_.begin() && count > scan_.limit) break;
            auto named = rows_.extract({at->lane, at->block});
            if (!named) continue;
            const store::LaneId lane = scan_.lanes.lanes[at->lane].lane;
            TRY_ASSIGN(auto rows, matcher_.rowsToMatch(tx_, lane, at->block, std::move(named.mapped())));
            count += rows.size();
            if (rows.empty())
                matched_.insert_or_assign(named.key(), BlockMatch{{}, Batch(*columns::schemaOf(lane.kind).parts[0])});
            else
                chosen.push_back({named.key(), lane, std::move(rows), std::nullopt});
        }
        TRY(readTogether(services_, tx_, chosen.size(), [&](store::Tx& tx, std::size_t i) -> Result<void> {
            Ahead& one = chosen[i];
            TRY_ASSIGN(one.match, matcher_.matchRows(tx, one.lane, one.key.second, one.rows));
            return {};
        }));
        for (Ahead& one : chosen)
            matched_.insert_or_assign(one.key, std::move(*one.match));
        return {};
    }

    // For read(), as long as what is kept is no more than a few pages.
    void keepCore(const BlockKey& key, BlockMatch match) {
        if (coreRows_ + match.rows.size() > 2 * (scan_.limit + 1)) return;
        coreRows_ += match.rows.size();
        cores_.emplace(key, std::move(match));
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
            out.next->shardKey = scan_.lanes.lanes[pending_.begin()->lane].lane.shardKey;
            out.next->sequence = pending_.begin()->block.first;
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
        std::vector<std::pair<BlockKey, std::vector<std::uint32_t>>> wanted(rowsOf.begin(), rowsOf.end());
        std::vector<std::optional<LaneSlice>> slices(wanted.size());
        const domain::Role role = matcher_.request().role;
        TRY(readTogether(services_, tx_, wanted.size(), [&](store::Tx& tx, std::size_t i) -> Result<void> {
            TRY_ASSIGN(slices[i], readRows(tx, wanted[i].first, wanted[i].second));
            return {};
        }));
        for (std::size_t i = 0; i < wanted.size(); ++i) {
            LaneSlice& slice = *slices[i];
            slice.records = project(services_.ledger.view(), std::move(slice.records), role, matcher_.request().seenAt);
            sliceOf[wanted[i].first] = i;
            out.slices.push_back(std::move(slice));
            out.carriers.push_back(scan_.lanes.lanes[wanted[i].first.first].carrierId);
        }
        std::vector<std::size_t> taken(out.slices.size(), 0);
        for (const Candidate& candidate : chosen) {
            const std::size_t slice = sliceOf[{candidate.lane, candidate.block}];
            out.order.push_back({slice, taken[slice]++});
        }
        return out;
    }

    // Some rows of one block; of core again only if it was not kept.
    Result<LaneSlice> readRows(store::Tx& tx, const BlockKey& key, const std::vector<std::uint32_t>& rows) const {
        const store::LaneId lane = scan_.lanes.lanes[key.first].lane;
        store::PartSet parts = partsShownTo(matcher_.request().role);
        const auto kept = cores_.find(key);
        parts.core = kept == cores_.end();
        TRY_ASSIGN(LaneSlice slice, store::readRows(tx, lane, key.second.first, rows, parts));
        if (parts.core) return slice;
        const BlockMatch& match = kept->second;
        std::vector<std::uint32_t> places;
        for (const std::uint32_t row : rows)
            places.push_back(
                static_cast<std::uint32_t>(std::ranges::lower_bound(match.rows, row) - match.rows.begin()));
        std::array<std::optional<Batch>, columns::partCount> batches;
        batches[static_cast<std::size_t>(Part::core)] = match.core.gather(places);
        for (const Part part : {Part::parties, Part::network, Part::internal})
            if (slice.records.has(part)) batches[static_cast<std::size_t>(part)] = std::move(slice.records.part(part));
        slice.records = columns::adoptParts(lane.kind, std::move(batches));
        return slice;
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
    std::set<Pending> pending_;
    std::set<BlockKey> opened_;
    // Of pending blocks: in which rows it may be, where that is known; and what matches, where that was looked up.
    std::map<BlockKey, std::vector<std::uint32_t>> rows_;
    std::map<BlockKey, BlockMatch> matched_;
    // Of opened blocks whose matching rows were read in full.
    std::map<BlockKey, BlockMatch> cores_;
    std::size_t coreRows_ = 0;
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
