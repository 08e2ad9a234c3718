#include "exchange/call_search.h"

#include "exchange/asked_for.h"

namespace meetpoint::exchange {
namespace {

using columns::LaneKind;

void addRange(const SearchRange& range, AskedFor& asked) {
    asked.add(range.from);
    asked.add(range.to);
    asked.add(range.carrierId);
    asked.add(std::optional(range.allVersions));
    asked.add(std::optional(range.descending));
}

template <class T>
void addTo(AskedFor& asked, const std::optional<T>& value) {
    asked.add(value);
}
void addTo(AskedFor& asked, const std::optional<std::int32_t>& number) {
    asked.add(number ? std::optional<std::int64_t>(*number) : std::nullopt);
}

std::string nameOf(const CallSearch& search) {
    AskedFor asked("calls");
    addRange(search.range, asked);
    asked.add(search.callId);
    eachCondition(search.conditions, [&](const char*, const auto& value) { addTo(asked, value); });
    return asked.name();
}

std::string nameOf(const DurationList& list) {
    AskedFor asked("durations");
    addRange(list.range, asked);
    asked.add(list.tenantId);
    return asked.name();
}

// A search of a kind without conditions yet. Code "bad-range".
Result<PreparedSearch> searchOf(LaneKind kind, const SearchRange& range) {
    if (range.from && range.to && *range.to <= *range.from)
        return fail(invalidInput("bad-range",
                                 "'to' must lie after 'from'; what is found lies from 'from' up to 'to', "
                                 "which is not included."));
    PreparedSearch search{range, {}, {}};
    search.request.kind = kind;
    search.request.newestOnly = !range.allVersions;
    if (range.from) search.request.from = *range.from;
    if (range.to) search.request.to = *range.to;
    search.scan.descending = range.descending;
    return search;
}

// One page behind its cursor, with the cursor behind it.
Result<RecordPage> searchPage(const Services& services, const Limits& limits, const CursorKey& cursors,
                              const domain::Caller& caller, const std::string& name, PreparedSearch search) {
    const SearchRange& range = search.range;
    search.request.seenAt = services.clock.now();
    search.scan.limit = std::clamp<std::size_t>(range.limit, 1, limits.searchPage);
    if (range.cursor) {
        TRY_ASSIGN(const Bytes position, cursors.readBytes(*range.cursor, name, caller.clientId));
        TRY_ASSIGN(search.scan.after, readTimePosition(position));
    }
    RecordPage page;
    TRY_ASSIGN(page.records, readPage(services, limits, caller, std::move(search)));
    if (page.records.next) {
        page.next = cursors.write(name, bytesOf(*page.records.next), caller.clientId);
        page.searchedUpTo = page.records.next->at;
    }
    return page;
}

}  // namespace

Result<ScannedPage> readPage(const Services& services, const Limits& limits, const domain::Caller& caller,
                             PreparedSearch search) {
    search.request.role = caller.role;
    ScannedPage page;
    TRY(services.db.read([&](store::Tx& tx) -> Result<void> {
        TRY(services.ledger.refresh(tx));
        TRY_ASSIGN(search.scan.lanes,
                   readableLanes(services.ledger.view(), caller, search.request.kind, search.range.carrierId));
        search.request.tenantId = search.scan.lanes.tenantId;
        TRY_ASSIGN(page, scanByTime(tx, services, {limits.searchBlocks, limits.searchCalendarRows}, search.request,
                                    search.scan));
        return {};
    }));
    return page;
}

Result<PreparedSearch> prepareCalls(const Services& services, const CallSearch& search) {
    TRY_ASSIGN(PreparedSearch prepared, searchOf(LaneKind::calls, search.range));
    TRY_ASSIGN(prepared.request.filter, callFilter(search.conditions, services.lanes.secret()));
    if (search.callId) prepared.scan.key = Bytes(search.callId->bytes.begin(), search.callId->bytes.end());
    return prepared;
}

Result<PreparedSearch> prepareDurations(const DurationList& list) {
    TRY_ASSIGN(PreparedSearch prepared, searchOf(LaneKind::durations, list.range));
    if (list.tenantId)
        prepared.request.filter.conditions.push_back(
            {columns::Part::core,
             {tenantColumnOf(LaneKind::durations)},
             {},
             false,
             [wanted = *list.tenantId](const RecordView& view) {
                 const auto& tenant = view.records.part(columns::Part::core)[tenantColumnOf(LaneKind::durations)];
                 return !tenant.isNull(view.row) && tenant.id(view.row) == wanted;
             }});
    return prepared;
}

Result<RecordPage> searchCalls(const Services& services, const Limits& limits, const CursorKey& cursors,
                               const domain::Caller& caller, const CallSearch& search) {
    TRY_ASSIGN(PreparedSearch prepared, prepareCalls(services, search));
    return searchPage(services, limits, cursors, caller, nameOf(search), std::move(prepared));
}

Result<RecordPage> listDurations(const Services& services, const Limits& limits, const CursorKey& cursors,
                                 const domain::Caller& caller, const DurationList& list) {
    TRY_ASSIGN(PreparedSearch prepared, prepareDurations(list));
    return searchPage(services, limits, cursors, caller, nameOf(list), std::move(prepared));
}

}  // namespace meetpoint::exchange
