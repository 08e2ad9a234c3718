// What tickets say of the records that they hold: disputed while a ticket is open, decided once it is settled. Read
// from the tickets whenever items or usage are read, so that it holds at once and a run changes nothing of it.
#pragma once

#include <map>

#include "columns/records.h"
#include "store/tickets.h"

namespace meetpoint::exchange {

// In the order of columns::ItemCore::dispute.
enum class DisputeState : std::uint8_t { open, settled };

struct DisputeVerdict {
    Id ticketId;
    DisputeState state = DisputeState::open;
    domain::Side counts = domain::Side::platform;  // of a settled one: whose duration
};

// A settlement as the store keeps it: what was said, and whose duration counts for each disputed item.
struct TicketSettlement {
    std::string text;
    std::map<Id, domain::Side> counts;  // by item
};
std::string settlementText(const TicketSettlement& settlement);
// Of a text that settlementText() made; else internal.
Result<TicketSettlement> readSettlement(const std::string& text);

class Disputes {
public:
    // Of a carrier's calls of days in [from, to).
    static Result<Disputes> read(store::Tx& tx, std::int64_t shardKey, Day from, Day to);

    // Null: nothing. Of several tickets an open one counts, else the one that was settled last.
    const DisputeVerdict* ofCall(const Id& callId) const;
    // Of an item, by any of its records.
    const DisputeVerdict* ofItem(const columns::Batch& itemCore, std::size_t row) const;
    bool isEmpty() const { return verdicts_.empty(); }

private:
    struct Known {
        DisputeVerdict verdict;
        Instant endedAt;
    };
    using RecordKey = std::pair<store::TicketRecordKind, Bytes>;
    void add(const RecordKey& key, const DisputeVerdict& verdict, Instant endedAt);
    const Known* known(store::TicketRecordKind kind, ByteView key) const;

    std::map<RecordKey, Known> verdicts_;
};

// Writes what is known of an item's dispute into its row: the ticket, whether it is open, and whose duration counts.
void showDispute(const Disputes& disputes, columns::Batch& itemCore, std::size_t row);

// The keys of an item's records, ours and theirs.
std::vector<store::TicketRecord> recordsOfItem(const columns::Batch& itemCore, std::size_t row);

}  // namespace meetpoint::exchange
