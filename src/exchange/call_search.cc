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

std::string nameOf(const CallSearch& search) {
    AskedFor asked("calls");
    addRange(search.range, asked);
    const CallConditions& c = search.conditions;
    for (const auto& id : {c.tenantId, c.userId, search.callId})
        asked.add(id);
    for (const auto* text : {&c.ownNumber, &c.ownNumberStartsWith, &c.farEndNumber, &c.farEndNumberStartsWith,
                             &c.sipCallId, &c.correlationId, &c.trunk, &c.callType})
        asked.add(*text);
    asked.add(c.direction);
    asked.add(c.quality);
    for (const auto& number : {c.finalSipCode, c.q850Cause})
        asked.add(number ? std::optional<std::int64_t>(*number) : std::nullopt);
    asked.add(c.minDurationMs);
    asked.add(c.maxDurationMs);
    for (const auto& flag : {c.answered, c.emergency, c.isTest})
        asked.add(flag);
    return asked.name();
}

std::string nameOf(const DurationList& list) {
    AskedFor asked("durations");
    addRange(list.range, asked);
    asked.add(list.tenantId);
    return asked.name();
}

void put64(std::uint64_t value, Bytes& out) {
    for (int i = 0; i < 8; ++i)
        out.push_back(static_cast<std::uint8_t>(value >> (8 * i)));
}

std::int64_t take64(ByteView& bytes) {
    std::uint64_t value = 0;
    for (std::size_t i = 0; i < 8; ++i)
        value |= static_cast<std::uint64_t>(bytes[i]) << (8 * i);
    bytes = bytes.subspan(8);
    return static_cast<std::int64_t>(value);
}

constexpr std::size_t numbersInPosition = 4;

Bytes bytesOf(const TimePosition& position) {
    Bytes bytes;
    for (const std::int64_t number :
         {position.at.ms, position.shardKey, std::int64_t{position.version}, position.sequence})
        put64(static_cast<std::uint64_t>(number), bytes);
    bytes.insert(bytes.end(), position.key.begin(), position.key.end());
    return bytes;
}

Result<TimePosition> positionIn(const CursorKey& cursors, std::string_view cursor, std::string_view name,
                                std::string_view reader) {
    TRY_ASSIGN(const Bytes bytes, cursors.readBytes(cursor, name, reader));
    if (bytes.size() < numbersInPosition * 8) return fail(internalError("a cursor of our own is too short"));
    ByteView rest = bytes;
    TimePosition position;
    position.at = {take64(rest)};
    position.shardKey = take64(rest);
    position.version = static_cast<std::int32_t>(take64(rest));
    position.sequence = take64(rest);
    position.key = std::string(textOf(rest));
    return position;
}

Result<void> checkRange(const SearchRange& range) {
    if (range.from && range.to && *range.to <= *range.from)
        return fail(invalidInput("bad-range",
                                 "'to' must lie after 'from'; what is found lies from 'from' up to 'to', "
                                 "which is not included."));
    return {};
}

// What a search asks of the store, with its range and its cursor.
struct Asked {
    std::string name;
    SearchRange range;
    MatchRequest request;
    TimeScan scan;
};

Result<RecordPage> searchPage(const Services& services, const Limits& limits, const CursorKey& cursors,
                              const domain::Caller& caller, Asked asked) {
    const SearchRange& range = asked.range;
    asked.request.role = caller.role;
    asked.request.newestOnly = !range.allVersions;
    if (range.from) asked.request.from = *range.from;
    if (range.to) asked.request.to = *range.to;
    asked.scan.descending = range.descending;
    asked.scan.limit = std::clamp<std::size_t>(range.limit, 1, limits.searchPage);
    if (range.cursor) {
        TRY_ASSIGN(asked.scan.after, positionIn(cursors, *range.cursor, asked.name, caller.clientId));
    }
    RecordPage page;
    TRY(services.db.read([&](store::Tx& tx) -> Result<void> {
        TRY(services.ledger.refresh(tx));
        TRY_ASSIGN(asked.scan.lanes,
                   readableLanes(services.ledger.view(), caller, asked.request.kind, range.carrierId));
        asked.request.tenantId = asked.scan.lanes.tenantId;
        TRY_ASSIGN(page.records, scanByTime(tx, services, {limits.searchBlocks, limits.searchCalendarRows},
                                            asked.request, asked.scan));
        return {};
    }));
    if (page.records.next) {
        page.next = cursors.write(asked.name, bytesOf(*page.records.next), caller.clientId);
        page.searchedUpTo = page.records.next->at;
    }
    return page;
}

}  // namespace

Result<RecordPage> searchCalls(const Services& services, const Limits& limits, const CursorKey& cursors,
                               const domain::Caller& caller, const CallSearch& search) {
    TRY(checkRange(search.range));
    Asked asked{nameOf(search), search.range, {}, {}};
    asked.request.kind = LaneKind::calls;
    TRY_ASSIGN(asked.request.filter, callFilter(search.conditions, services.lanes.secret()));
    if (search.callId) asked.scan.key = Bytes(search.callId->bytes.begin(), search.callId->bytes.end());
    return searchPage(services, limits, cursors, caller, std::move(asked));
}

Result<RecordPage> listDurations(const Services& services, const Limits& limits, const CursorKey& cursors,
                                 const domain::Caller& caller, const DurationList& list) {
    TRY(checkRange(list.range));
    Asked asked{nameOf(list), list.range, {}, {}};
    asked.request.kind = LaneKind::durations;
    if (list.tenantId)
        asked.request.filter.conditions.push_back({columns::Part::core,
                                                   {tenantColumnOf(LaneKind::durations)},
                                                   {},
                                                   false,
                                                   [wanted = *list.tenantId](const RecordView& view) {
                                                       const auto& tenant = view.records.part(
                                                           columns::Part::core)[tenantColumnOf(LaneKind::durations)];
                                                       return !tenant.isNull(view.row) && tenant.id(view.row) == wanted;
                                                   }});
    return searchPage(services, limits, cursors, caller, std::move(asked));
}

}  // namespace meetpoint::exchange
