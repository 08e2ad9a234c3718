// The leases that one node holds, and its watch over those of others. Background work is divided by them: a node takes
// the lease of a piece of work, renews it while it works, and gives it back. One that dies loses its leases when others
// have seen them unchanged for the lease's length; one that was only held up is refused by the fence.
#pragma once

#include <map>

#include "base/clock.h"
#include "store/leases.h"

namespace meetpoint::exchange {

// The code of work that was refused because its lease has passed on.
inline constexpr std::string_view leaseLostCode = "lease-lost";

// Whether the store as a whole is away, full of work or stopping, so that other lanes would fare no better.
inline bool isOfTheStore(const Error& error) {
    return error.kind == ErrorKind::unavailable || error.kind == ErrorKind::rateLimited;
}

// For one thread at a time.
class Leases {
public:
    // `node` names this process and no other; a restarted one has another name.
    Leases(store::Db& db, const Clock& clock, const Id& node, Duration length)
        : db_(db), clock_(clock), node_(node), length_(length) {}

    // The lease, or nothing while another node has it. Once it is given, older holders can no longer write.
    Result<std::optional<store::Lease>> take(const store::LeaseName& name);
    // Renews a lease of this node where a good part of its length has passed. False: it has passed on.
    Result<bool> keep(const store::Lease& lease);
    // The same for work that cannot go on without. Code "lease-lost".
    Result<void> demand(const store::Lease& lease);
    Result<void> release(const store::Lease& lease);

private:
    // Another node's lease, and since when it has looked so, by this node's own watch.
    struct Watched {
        store::StoredLease lease;
        Instant since;
    };
    bool isFree(const store::LeaseName& name, const std::optional<store::StoredLease>& found);

    store::Db& db_;
    const Clock& clock_;
    Id node_;
    Duration length_;
    std::map<store::LeaseName, Watched> watched_;
    std::map<store::LeaseName, Instant> renewedAt_;
};

}  // namespace meetpoint::exchange
