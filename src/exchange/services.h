// What the uses of the exchange work with. Each use takes this and the caller, opens its own transactions, and gives a
// result that knows nothing of HTTP.
#pragma once

#include "base/clock.h"
#include "domain/access.h"
#include "store/lanes.h"

namespace meetpoint::exchange {

class LedgerCache;
class SweepHelpers;

// A store is one or the other for ever; tokens of one never work on the other.
enum class StoreKind { live, sandbox };
std::string_view name(StoreKind kind);

struct Services {
    store::Db& db;
    store::Lanes& lanes;
    LedgerCache& ledger;
    const Clock& clock;
    Random& random;
    StoreKind kind;
    SweepHelpers* helpers = nullptr;  // threads that read beside those who ask; null: none
};

// Who confirms that the platform's switch routes a number as it should.
struct Provisioning {
    bool isImmediate = true;                  // the exchange itself, at once; else the switch, by its feed of work
    Duration assignmentWithin = minutes(10);  // how long the switch should take at most
    Duration removalWithin = hours(24);
};

// Every limit of the uses, with its default; the configuration may change them.
struct Limits {
    std::size_t uploadChunkRecords = 8'192;  // records of one commit
    std::size_t uploadPendingChunks = 3;     // chunks of one upload that wait for their commit while the next is read
    std::size_t answeredResults = 1'000;     // uploads up to this size answer one result a record
    std::size_t answeredProblems = 100;      // problems listed in the answer of a larger one
    std::size_t numbersPerOrder = 10'000;
    std::size_t numbersPerStep = 500;  // numbers of an order that one transaction works through
    Duration orderIdle = seconds(10);  // an order that its node has not worked on for so long, any node takes up
    Provisioning provisioning;
    std::size_t targetsPerRequest = 1'000;
    std::size_t feedConsumers = 100;  // of a carrier
    std::size_t feedPage = 10'000;    // records of one page at most
    Duration feedLook = seconds(1);  // a long poll looks by itself this often, where other nodes write to the store too
    Duration eventPulse = seconds(15);    // a sign of life in streams of events that have nothing to say
    Duration eventRetry = seconds(1);     // after which a client whose stream broke off comes again
    std::size_t agreementProposals = 10;  // of a carrier that nobody has answered
    std::size_t agreementSteps = 100;     // of one proposal until it is answered
    std::size_t totalsHours = 744;        // of traffic totals that are posted or read at once: 31 days
    std::size_t totalsVersions = 1'000;   // of one hour and side
    std::size_t searchPage = 1'000;       // records of one page of a search at most
    std::size_t searchBlocks = 1'000;     // blocks that one page opens, beyond those of its first minute
    std::size_t searchCalendarRows =
        50'000;  // rows of the calendar that one page lists, beyond those of its first days
    Duration tokenLife = minutes(30);
    Duration durationNumberSlack = hours(26);  // a duration's number must have been held within this of its start
    Duration reconcileMargin = hours(15);      // of the neighbouring days that a run looks at: zones reach 14 h
    Duration recordsDue = days(10);      // after their day's end, where nothing else is agreed; later ones are late
    std::size_t reportGroups = 100'000;  // numbers, and trunks, that a report tells apart at a time
    std::size_t reconcileThreads = 0;    // that one run works on at most; 0: one a core
};

// The carrier that a request is about: the one named, or the only one that the caller acts for. Codes
// "carrier-required", and not-found where the caller may not act for it.
Result<Id> carrierOf(const domain::Caller& caller, const std::optional<Id>& named);

}  // namespace meetpoint::exchange
