#include "exchange/quality.h"

#include <algorithm>
#include <thread>

#include <fmt/format.h>

#include "exchange/asked_for.h"
#include "exchange/call_figures.h"
#include "exchange/parties.h"

namespace meetpoint::exchange {
namespace {

using quality::GroupKey;
using quality::KeyValue;

// What a cursor is bound to: the same question.
std::string cursorName(const QualityRequest& request, const quality::Query& query) {
    const quality::Filters& filters = query.filters;
    AskedFor asked("quality");
    asked.add(std::optional(query.from));
    asked.add(std::optional(query.to));
    asked.add(std::optional(query.zone.name()));
    asked.addAll(query.groupBy);
    asked.add(request.carrierId);
    asked.add(filters.tenant);
    for (const auto* words :
         {&filters.trunks, &filters.regions, &filters.codecs, &filters.ownCountries, &filters.farEndCountries})
        asked.addAll(*words);
    asked.add(filters.direction);
    for (const auto* codes : {&filters.sipCodes, &filters.q850Causes})
        asked.addAll(std::vector<std::int64_t>(codes->begin(), codes->end()));
    asked.add(std::optional(filters.testCalls));
    asked.add(std::optional(query.comparePrevious));
    return asked.name();
}

// Who may be asked about.
Result<std::optional<Id>> tenantOf(const Services& services, const domain::Caller& caller,
                                   const std::optional<Id>& named) {
    if (named) TRY(findTenant(services, caller, *named));
    if (caller.role == domain::Role::tenant) return caller.tenant;
    return named;
}

// All groups, from one snapshot.
Result<quality::Groups> collect(const QualityDesk& desk, const domain::Caller& caller,
                                const std::optional<Id>& carrierId, const quality::Query& query, Instant deadline) {
    const quality::WantedColumns wanted = quality::wantedBy(query);
    std::vector<std::optional<quality::Aggregator>> threads(desk.helpers.most() + 1);
    const auto aggregator = [&](std::size_t thread) -> quality::Aggregator& {
        return threads[thread] ? *threads[thread] : threads[thread].emplace(query);
    };
    TRY(desk.services.db.read([&](store::Tx& tx) -> Result<void> {
        TRY_ASSIGN(const ReadableLanes lanes, callLanesFor(desk.services, tx, caller, carrierId));
        Sweep over{lanes.ids(), query.scanFrom(), query.to, wanted.core, wanted.network, deadline};
        if (quality::asksForHours(query)) {
            for (const store::LaneId lane : over.lanes) {
                TRY_ASSIGN(over.known[lane], addKept(tx, lane, query, lanes.carrierOf(lane), aggregator(0)));
            }
        }
        return sweep(desk.services, desk.helpers, tx, over,
                     [&](std::size_t thread, const store::LaneStretch& stretch,
                         const store::StretchColumns& columns) -> Result<void> {
                         return aggregator(thread).add({columns.core, columns.network, columns.firstRow,
                                                        static_cast<std::size_t>(stretch.rows), stretch.superseded,
                                                        lanes.carrierOf(stretch.lane)});
                     });
    }));
    quality::Groups groups;
    for (auto& thread : threads)
        if (thread) TRY(thread->moveTo(groups));
    return groups;
}

}  // namespace

Id placeOf(const GroupKey& key) {
    AskedFor group("group");
    for (const KeyValue& value : key) {
        const auto* number = std::get_if<std::int64_t>(&value);
        const auto* text = std::get_if<std::string>(&value);
        group.add(number ? std::optional(*number) : std::nullopt);
        group.add(text ? std::optional(*text) : std::nullopt);
    }
    return group.place();
}

std::size_t QualityLimits::helpers() const {
    const std::size_t all = threads > 0 ? threads : std::max(1u, std::thread::hardware_concurrency());
    return all - 1;
}

Result<quality::Query> queryFor(const QualityDesk& desk, const domain::Caller& caller, const QualityRequest& request,
                                Duration longest) {
    quality::Query query = request.query;
    if (query.to <= query.from || query.to - query.from > longest)
        return fail(invalidInput("range-too-long",
                                 fmt::format("'to' must be after 'from', at most {} days. Ask for longer times in "
                                             "pieces.",
                                             longest.ms / days(1).ms)));
    query.role = caller.role;
    query.now = desk.services.clock.now();
    query.limits = desk.limits.stream;
    query.maxGroups = desk.limits.groups;
    TRY_ASSIGN(query.filters.tenant, tenantOf(desk.services, caller, request.tenantId));
    return query;
}

Result<ReadableLanes> callLanesFor(const Services& services, store::Tx& tx, const domain::Caller& caller,
                                   const std::optional<Id>& carrierId) {
    TRY(services.ledger.refresh(tx));
    TRY_ASSIGN(auto lanes, readableLanes(services.ledger.view(), caller, columns::LaneKind::calls, carrierId));
    if (carrierId && lanes.lanes.empty()) return fail(notFound("There is no such carrier."));
    return lanes;
}

Result<quality::Groups> readGroups(const QualityDesk& desk, const domain::Caller& caller,
                                   const QualityRequest& request) {
    TRY_ASSIGN(const quality::Query query, queryFor(desk, caller, request, desk.limits.longestRange));
    return collect(desk, caller, request.carrierId, query, request.deadline);
}

Result<QualityPage> readQuality(const QualityDesk& desk, const domain::Caller& caller, const QualityRequest& request) {
    TRY_ASSIGN(const quality::Query query, queryFor(desk, caller, request, desk.limits.longestRange));
    const std::string name = cursorName(request, query);
    std::optional<Id> after;
    if (request.cursor) {
        TRY_ASSIGN(after, desk.cursors.readId(*request.cursor, name, caller.clientId));
    }
    TRY_ASSIGN(auto groups, collect(desk, caller, request.carrierId, query, request.deadline));
    auto at = groups.begin();
    if (after) {
        at = std::ranges::find_if(groups, [&](const auto& group) { return placeOf(group.first) == *after; });
        if (at == groups.end())
            return fail(Error{ErrorKind::gone,
                              "cursor-expired",
                              "The group that the page before ended with is no longer there: its calls have newer "
                              "versions. Read again without a cursor.",
                              {},
                              {},
                              0});
        ++at;
    }
    QualityPage page;
    page.groupCount = groups.size();
    for (; at != groups.end(); ++at) {
        if (page.groups.size() == request.limit) {
            page.next = desk.cursors.write(name, placeOf(page.groups.back().first), caller.clientId);
            break;
        }
        page.groups.emplace_back(at->first, std::move(at->second));
    }
    return page;
}

}  // namespace meetpoint::exchange
