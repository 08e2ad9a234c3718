// Delivery by webhook: what goes where and when. Each endpoint reads its carrier's lanes from cursors of its own, which
// move on in the transaction that notes down the events that follow (so that nothing is left out and nothing noted
// twice); what is noted down is sent, and tried again by a schedule, until it is delivered or given up. Of several
// nodes one at a time delivers for a carrier, by its lease. An event may arrive twice where a node ends between sending
// and noting that down; it then has the same webhook-id.
#pragma once

#include <set>

#include "exchange/leases.h"
#include "exchange/webhook_events.h"
#include "exchange/webhook_schedule.h"
#include "exchange/webhook_signing.h"

namespace meetpoint::exchange {

// One attempt, ready to be sent as a POST.
struct Outgoing {
    store::WebhookKey key;
    std::int64_t position = 0;
    std::string url;
    std::vector<std::pair<std::string, std::string>> headers;
    std::string body;
};

// What was done for a carrier.
struct DeliveryDone {
    std::int64_t shardKey = 0;
    std::size_t noted = 0;      // events that are to be delivered
    std::size_t delivered = 0;  // attempts by what came of them
    std::size_t failed = 0;
    std::size_t missed = 0;                            // events that were given up
    std::vector<std::pair<Id, std::string>> disabled;  // endpoints, and why
    bool leaseLost = false;
    std::optional<Error> failure;  // about this carrier alone
    bool isNothing() const { return noted + delivered + failed == 0 && !leaseLost && !failure; }
};

// For one thread at a time; several nodes have one each. Blocks on the store and never on a receiver.
class Deliveries {
public:
    using Report = std::function<void(const DeliveryDone&)>;

    Deliveries(const Services& services, const WebhookLimits& limits, const SecretSeal& seal, PublicUrl publicUrl,
               std::string userAgent);

    // Looks at the carriers of these shard keys, or at all, and at those that had to wait for room; notes down what
    // their lanes have for their endpoints, and adds to `out` what is to be sent now, also where it ends with an error.
    // Each is in flight until it is settled. Errors are those of the store as a whole; what is wrong with one carrier
    // goes into its report.
    Result<void> next(const std::set<std::int64_t>& shardKeys, std::vector<Outgoing>& out, const Report& report);
    Result<void> nextOfAll(std::vector<Outgoing>& out, const Report& report);
    // Writes down what came of attempts, and takes them off `sent` as it does; what is left after an error is to be
    // given again.
    Result<void> settle(std::vector<Sent>& sent, const Report& report);
    // Gives back every lease: what is due is another node's from now on.
    void release();

    // Whether the next look should not wait: a lane has more than one transaction takes.
    bool isMoreToNote() const { return isMoreToNote_; }
    std::size_t inFlight() const { return inFlight_.size(); }
    // When the oldest event was made that waits for an enabled endpoint, as far as the last look at all saw.
    std::optional<Instant> oldestWaiting() const { return oldestWaiting_; }

private:
    struct Overview;
    struct Served;
    struct Noted {
        std::size_t events = 0;
        bool isMore = false;  // in the lane, and room for it
    };
    using Place = std::pair<store::WebhookKey, std::int64_t>;

    Result<Overview> look(std::optional<std::int64_t> shardKey);
    Result<void> serveReported(std::int64_t shardKey, const Overview& overview, const Report& report,
                               std::vector<Outgoing>& out);
    Result<void> concluded(DeliveryDone& done, const Result<void>& result, const Report& report);
    Result<void> serve(std::int64_t shardKey, const Overview& overview, Served& served);
    Result<bool> lead(std::int64_t shardKey);
    Result<void> write(std::int64_t shardKey, std::size_t rows, const store::TxFunction& work);
    Result<void> note(std::int64_t shardKey, DeliveryDone& done);
    Result<Noted> noteFor(store::Tx& tx, const store::WebhookEndpoint& endpoint, store::WebhookCursor cursor,
                          std::size_t room);
    std::size_t inFlightTo(const store::WebhookKey& key) const;
    std::size_t roomFor(const store::WebhookEndpoint& endpoint) const;
    Result<void> collect(std::int64_t shardKey, Served& served);
    Result<void> collectOf(store::Tx& tx, const store::WebhookEndpoint& endpoint, Served& served);
    Result<Outgoing> compose(store::Tx& tx, const store::WebhookEndpoint& endpoint,
                             const std::vector<store::WebhookSecret>& secrets, const store::WebhookDelivery& delivery);
    Result<void> settleOf(std::int64_t shardKey, const std::vector<Sent>& sent, DeliveryDone& done);
    Result<void> settleOne(store::Tx& tx, const Sent& sent, std::set<store::WebhookKey>& missed, DeliveryDone& done);
    Result<void> disable(store::Tx& tx, store::WebhookEndpoint endpoint, std::string_view why, DeliveryDone& done);
    Result<void> keepLeases(const Overview& overview, const Report& report);
    Result<void> clean(std::int64_t shardKey, const std::vector<store::WebhookEndpoint>& endpoints);

    const Services& services_;
    const WebhookLimits& limits_;
    const SecretSeal& seal_;
    PublicUrl publicUrl_;
    std::string userAgent_;
    Leases leases_;
    std::map<std::int64_t, store::Lease> held_;
    std::map<std::int64_t, Instant> busyAt_;      // of held leases: when there was last something to do
    std::map<std::int64_t, Instant> heldUpTill_;  // carriers whose deliveries failed here
    std::map<std::int64_t, Instant> cleanedAt_;
    std::map<Place, bool> inFlight_;  // and whether it goes to a failing endpoint
    std::set<std::int64_t> starved_;  // carriers that have more to note down, or to send than there was room for
    bool isMoreToNote_ = false;
    std::optional<Instant> oldestWaiting_;
    std::int64_t lastServed_ = 0;  // the next look begins behind it, so that all carriers have their turn
};

}  // namespace meetpoint::exchange
