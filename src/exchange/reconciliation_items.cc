#include "exchange/reconciliation_items.h"

#include <unordered_map>

#include "domain/call.h"
#include "exchange/asked_for.h"
#include "exchange/disputes.h"
#include "exchange/item_records.h"
#include "exchange/reconciliation.h"

namespace meetpoint::exchange {
namespace {

using columns::ItemCore;
using columns::LaneKind;
using columns::Part;

bool isGone(const store::LaneSlice& slice, std::size_t row) {
    return slice.records.part(Part::core)[ItemCore::changed].at<std::uint8_t>(row) ==
           static_cast<std::uint8_t>(ItemChange::gone);
}

std::int64_t runOf(const store::LaneSlice& slice, std::size_t row) {
    return slice.records.part(Part::core)[ItemCore::run].at<std::int32_t>(row);
}

Result<void> scanRows(store::Tx& tx, const Services& services, std::int64_t shardKey, Instant from, Instant to,
                      bool newestOnly, const UseItem& use) {
    store::ScanRequest request;
    request.from = from;
    request.to = to;
    request.newestOnly = newestOnly;
    return services.lanes.scan(tx, {shardKey, LaneKind::items}, request,
                               [&](const store::LaneSlice& slice) -> Result<void> {
                                   for (std::size_t row = 0; row < slice.sequences.size(); ++row)
                                       use(slice, row);
                                   return {};
                               });
}

// Each item as the run left it: of its rows up to that run the last. Runs rise with the sequence.
Result<void> scanItemsAsOf(store::Tx& tx, const Services& services, std::int64_t shardKey, Instant from, Instant to,
                           std::int64_t asOf, const UseItem& use) {
    std::unordered_map<Id, std::int64_t> last;  // sequence
    TRY(scanRows(tx, services, shardKey, from, to, false, [&](const store::LaneSlice& slice, std::size_t row) {
        const Id item = slice.records.part(Part::core)[ItemCore::itemId].id(row);
        if (runOf(slice, row) <= asOf) last[item] = slice.sequences[row];
    }));
    return scanRows(tx, services, shardKey, from, to, false, [&](const store::LaneSlice& slice, std::size_t row) {
        const auto found = last.find(slice.records.part(Part::core)[ItemCore::itemId].id(row));
        if (found != last.end() && found->second == slice.sequences[row] && !isGone(slice, row)) use(slice, row);
    });
}

std::string cursorName(const ItemRequest& request, std::int64_t shardKey) {
    AskedFor asked("items");
    asked.add(std::optional<std::int64_t>(shardKey));
    asked.add(std::optional<std::int64_t>(request.day.number));
    asked.add(request.state);
    asked.add(request.asOf);
    asked.add(std::optional<bool>(request.onlyAdjustments));
    return asked.name();
}

Result<std::optional<std::uint8_t>> stateOf(const ItemRequest& request) {
    if (!request.state) return std::optional<std::uint8_t>();
    const columns::Schema& core = *columns::schemaOf(LaneKind::items).parts[static_cast<std::size_t>(Part::core)];
    const auto state = domain::indexIn(core.fields[static_cast<std::size_t>(ItemCore::state)].meanings, *request.state);
    if (!state) return fail(invalidInput("bad-value", "'" + *request.state + "' is no state of an item."));
    return state;
}

// The rows that the request is about, whatever their state and however many.
Result<void> scanWanted(store::Tx& tx, const Services& services, std::int64_t shardKey, const ItemRequest& request,
                        const UseItem& use) {
    const Instant from = startOf(request.day), to = startOf(Day{request.day.number + 1});
    if (request.asOf) return scanItemsAsOf(tx, services, shardKey, from, to, *request.asOf, use);
    if (!request.onlyAdjustments) return scanItems(tx, services, shardKey, from, to, use);
    TRY_ASSIGN(const auto day, store::findDay(tx, shardKey, request.day));
    if (!day.closedRun) return {};
    return scanRows(tx, services, shardKey, from, to, true, [&](const store::LaneSlice& slice, std::size_t row) {
        if (runOf(slice, row) > *day.closedRun) use(slice, row);
    });
}

}  // namespace

Result<void> scanItems(store::Tx& tx, const Services& services, std::int64_t shardKey, Instant from, Instant to,
                       const UseItem& use) {
    return scanRows(tx, services, shardKey, from, to, true, [&](const store::LaneSlice& slice, std::size_t row) {
        if (!isGone(slice, row)) use(slice, row);
    });
}

Result<ItemPage> listItems(const Services& services, const CursorKey& cursors, const domain::Caller& caller,
                           const ItemRequest& request) {
    TRY_ASSIGN(const store::Carrier carrier, reconciledCarrier(services, caller, request.carrierId));
    if (request.asOf && request.onlyAdjustments)
        return fail(invalidInput("bad-value", "Adjustments are those that stand now. Leave out asOf."));
    TRY_ASSIGN(const std::optional<std::uint8_t> state, stateOf(request));
    const std::string question = cursorName(request, carrier.shardKey);
    std::int64_t after = 0;
    if (request.cursor) {
        TRY_ASSIGN(after, cursors.read(*request.cursor, question, caller.clientId));
    }
    ItemPage page;
    page.carrierId = carrier.id;
    bool more = false;
    Disputes disputes;  // none for a day as it was
    const auto take = [&](const store::LaneSlice& slice, std::size_t row) {
        const columns::Batch& core = slice.records.part(Part::core);
        const bool wanted = slice.sequences[row] > after &&
                            core[ItemCore::day].at<std::int32_t>(row) == request.day.number &&
                            (!state || core[ItemCore::state].at<std::uint8_t>(row) == *state);
        if (!wanted) return;
        if (page.sequences.size() == request.limit) {
            more = true;
            return;
        }
        page.items.part(Part::core).appendRow(core, row);
        showDispute(disputes, page.items.part(Part::core), page.sequences.size());
        page.sequences.push_back(static_cast<std::uint64_t>(slice.sequences[row]));
        page.storedAt.push_back(slice.storedAt[row]);
    };
    TRY(services.db.read([&](store::Tx& tx) -> Result<void> {
        if (!request.asOf) {
            TRY_ASSIGN(disputes, Disputes::read(tx, carrier.shardKey, request.day, Day{request.day.number + 1}));
        }
        return scanWanted(tx, services, carrier.shardKey, request, take);
    }));
    if (more) page.next = cursors.write(question, static_cast<std::int64_t>(page.sequences.back()), caller.clientId);
    return page;
}

}  // namespace meetpoint::exchange
