#include "exchange/disputes.h"

#include <boost/json.hpp>

#include "store/json_text.h"

namespace meetpoint::exchange {
namespace {

namespace json = boost::json;
using columns::Batch;
using columns::ItemCore;
using domain::Side;
using store::TicketRecordKind;

// A call may change its day from run to run, as clocks and partners are found.
constexpr std::int32_t daysAround = 2;

Bytes bytesOf(std::string_view text) {
    return {text.begin(), text.end()};
}

bool isDecided(const store::DisputedRecord& record) {
    const bool isOver = record.state == domain::TicketState::settled || record.state == domain::TicketState::closed;
    return isOver && record.settlement.has_value();
}

}  // namespace

std::string settlementText(const TicketSettlement& settlement) {
    json::object counts;
    for (const auto& [item, side] : settlement.counts)
        counts[formatId(item)] = name(side);
    return json::serialize(json::object{{"text", settlement.text}, {"counts", std::move(counts)}});
}

Result<TicketSettlement> readSettlement(const std::string& text) {
    try {
        const json::value value = json::parse(text);
        TicketSettlement settlement{std::string(value.at("text").as_string()), {}};
        for (const auto& [item, side] : value.at("counts").as_object()) {
            const auto id = parseId(item);
            if (!id) return fail(internalError("a settlement names an item that is none"));
            settlement.counts[*id] = domain::readSide(side.as_string()).value_or(Side::platform);
        }
        return settlement;
    } catch (const std::exception& problem) {
        return fail(internalError(std::string("a settlement cannot be read: ") + problem.what()));
    }
}

Result<Disputes> Disputes::read(store::Tx& tx, std::int64_t shardKey, Day from, Day to) {
    TRY_ASSIGN(const auto records,
               store::listDisputedRecords(tx, shardKey, Day{from.number - daysAround}, Day{to.number + daysAround}));
    Disputes disputes;
    std::optional<Id> ticket;
    TicketSettlement settlement;
    for (const store::DisputedRecord& one : records) {
        const RecordKey key{one.record.kind, one.record.key};
        if (domain::isOpen(one.state)) {
            disputes.add(key, {one.ticketId, DisputeState::open, Side::platform}, Instant{INT64_MAX});
            continue;
        }
        if (!isDecided(one)) continue;
        if (ticket != one.ticketId) {
            TRY_ASSIGN(settlement, readSettlement(*one.settlement));
            ticket = one.ticketId;
        }
        const auto counts = settlement.counts.find(one.record.itemId);
        if (counts == settlement.counts.end()) continue;
        disputes.add(key, {one.ticketId, DisputeState::settled, counts->second}, one.endedAt.value_or(Instant{}));
    }
    return disputes;
}

void Disputes::add(const RecordKey& key, const DisputeVerdict& verdict, Instant endedAt) {
    const auto [at, isNew] = verdicts_.try_emplace(key, Known{verdict, endedAt});
    if (!isNew && at->second.endedAt <= endedAt) at->second = {verdict, endedAt};
}

const Disputes::Known* Disputes::known(TicketRecordKind kind, ByteView key) const {
    if (verdicts_.empty()) return nullptr;
    const auto found = verdicts_.find({kind, Bytes(key.begin(), key.end())});
    return found == verdicts_.end() ? nullptr : &found->second;
}

const DisputeVerdict* Disputes::ofCall(const Id& callId) const {
    const Known* found = known(TicketRecordKind::call, callId.view());
    return found ? &found->verdict : nullptr;
}

const DisputeVerdict* Disputes::ofItem(const Batch& itemCore, std::size_t row) const {
    if (verdicts_.empty()) return nullptr;
    const Known* best = nullptr;
    for (const store::TicketRecord& record : recordsOfItem(itemCore, row)) {
        const Known* found = known(record.kind, record.key);
        if (found && (!best || best->endedAt < found->endedAt)) best = found;
    }
    return best ? &best->verdict : nullptr;
}

void showDispute(const Disputes& disputes, Batch& itemCore, std::size_t row) {
    const DisputeVerdict* verdict = disputes.ofItem(itemCore, row);
    if (!verdict) return;
    itemCore[ItemCore::ticketId].set(row, verdict->ticketId.bytes);
    itemCore[ItemCore::dispute].set<std::uint8_t>(row, static_cast<std::uint8_t>(verdict->state));
    const bool carrierCounts = verdict->state == DisputeState::settled && verdict->counts == Side::carrier;
    itemCore[ItemCore::usableForUsage].set<std::uint8_t>(row, carrierCounts ? 1 : 0);
}

std::vector<store::TicketRecord> recordsOfItem(const Batch& itemCore, std::size_t row) {
    const Id item = itemCore[ItemCore::itemId].id(row);
    const Day day{itemCore[ItemCore::day].at<std::int32_t>(row)};
    std::vector<store::TicketRecord> records;
    for (const Id& call : store::idsFromJson(itemCore[ItemCore::ourCalls].text(row)))
        records.push_back({TicketRecordKind::call, Bytes(call.bytes.begin(), call.bytes.end()), item, day});
    for (const std::string& record : store::textsFromJson(itemCore[ItemCore::theirRecords].text(row)))
        records.push_back({TicketRecordKind::duration, bytesOf(record), item, day});
    return records;
}

}  // namespace meetpoint::exchange
