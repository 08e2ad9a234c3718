// Writing exports in the background, a page a transaction, whichever node does it: what is done stands in the store
// with the place behind it, and a lease says whose turn it is.
#pragma once

#include "exchange/exports.h"
#include "exchange/leases.h"

namespace meetpoint::exchange {

// What one turn has done for the exports of one shard key.
struct ExportTurn {
    std::int64_t shardKey = 0;
    std::size_t rows = 0, bytes = 0;  // written
    std::vector<Id> succeeded, expired;
    std::vector<std::pair<Id, Error>> failed;  // for good
    bool leaseLost = false;                    // to another node, during the work
    std::optional<Error> failure;              // that ended the turn; it is tried again
    bool isNothing() const {
        return rows == 0 && succeeded.empty() && expired.empty() && failed.empty() && !leaseLost && !failure;
    }
};

// For one thread at a time; several nodes have one each.
class ExportWork {
public:
    using Report = std::function<void(const ExportTurn&)>;
    // `quality` is by what streams are judged, should a filter ask. `isStopping` is asked between transactions.
    ExportWork(
        const Services& services, const Limits& limits, const ExportLimits& exports,
        const domain::QualityLimits& quality, std::function<bool()> isStopping = [] { return false; });
    ExportWork(const ExportWork&) = delete;

    // Gives each export on which there is something to do a turn; blocks. True: there is more. Errors are those of the
    // store as a whole.
    Result<bool> pass(const Report& report);

private:
    Result<bool> turn(std::int64_t shardKey, const std::vector<store::ExportKey>& keys);
    Result<bool> workOn(const store::Lease& lease, const store::ExportKey& key);
    Result<bool> step(const store::Lease& lease, const store::ExportKey& key);
    Result<void> writeMore(const store::Lease& lease, store::Export job);
    Result<void> seal(const store::Lease& lease, store::Export job);
    Result<bool> clean(const store::Lease& lease, store::Export job);
    Result<ScannedPage> nextPage(const store::Export& job, const ExportRequest& request) const;
    Result<bool> save(const store::Lease& lease, const store::Export& job, store::ExportState seen, ByteView bytes);
    Result<void> failForGood(const store::Lease& lease, store::Export job, const Error& error);

    const Services& services_;
    const Limits& limits_;
    const ExportLimits& exports_;
    const domain::QualityLimits& quality_;
    std::function<bool()> isStopping_;
    Leases leases_;
    ExportTurn done_;  // on the shard key whose turn it is
};

}  // namespace meetpoint::exchange
