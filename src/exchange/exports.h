// Exports: records written out in the background, whatever their number, kept for a while and downloaded in as many
// pieces as the line needs. What is written is what the client's party may see when it asks, by the search's own rules.
#pragma once

#include <functional>
#include <mutex>

#include "exchange/export_request.h"
#include "store/exports.h"

namespace meetpoint::exchange {

struct ExportLimits {
    Duration lifetime = days(7);             // after its end, in which an export can be downloaded
    Duration remembered = days(30);          // after its end, in which it is still listed
    std::size_t openPerParty = 4;            // exports of one party that are queued or running
    std::size_t rowsPerStep = 4'096;         // records that are read and written at once
    std::size_t chunkBytes = 1 << 20;        // of one stored piece
    std::size_t mostRows = 100'000'000;      // of one export; beyond that it fails and says so
    std::size_t mostBytes = 20'000'000'000;  // likewise
    std::size_t stepsPerTurn = 16;           // on one export before the next has its turn
    std::size_t chunksPerCleaning = 64;      // that one transaction removes
    Duration pause = seconds(1);             // before the next look, when nothing was to be done
    Duration lease = seconds(30);            // after which the exports of a node that died pass to others
};

// Announced when an export has come to its end (store::Tx::announce).
inline constexpr std::string_view exportsTopic = "exports";

// An export, and what it was asked to be.
struct ExportView {
    store::Export job;
    ExportRequest request;
    // Of the time that is searched, how much is behind it: 0 to 1. Nothing where the search has no beginning.
    std::optional<double> progress;
};
struct ExportPage {
    std::vector<ExportView> exports;  // the newest first
    std::optional<std::string> next;
};

// Where exports are asked for and looked at. Those of another party do not exist for a caller: a carrier's are seen by
// the clients that act for it, a tenant's by the tenant's, the platform's by the platform's, the auditor's by the
// auditor's. One of durations needs the scope `durations.read` too (code "scope-missing"). Safe from several threads;
// everything blocks on the store.
class ExportDesk {
public:
    ExportDesk(const Services& services, const ExportLimits& limits, const CursorKey& cursors)
        : services_(services), limits_(limits), cursors_(cursors) {}

    // Takes it in; a worker of any node writes it. The same request with the same key again is the same export. Codes
    // of the search, "invalid-body" (exportColumns, durationsOf), "unknown-time-zone", "too-many-exports",
    // "idempotency-key-reused".
    Result<ExportView> accept(const domain::Caller& caller, const ExportRequest& request,
                              const std::optional<std::string>& idempotencyKey);
    Result<ExportView> find(const domain::Caller& caller, const Id& id) const;
    // Codes "bad-cursor", "carrier-required", not-found.
    Result<ExportPage> list(const domain::Caller& caller, const std::optional<Id>& carrierId,
                            const std::optional<std::string>& cursor, std::size_t limit) const;
    // Cancels what is not finished, and removes what is. What is written goes in the background.
    Result<void> remove(const domain::Caller& caller, const Id& id);

    // One that has succeeded and is kept. Codes "export-not-finished", "export-failed", "export-expired" (gone).
    Result<ExportView> finished(const domain::Caller& caller, const Id& id) const;
    // Some of its bytes from `first` on, at least one and at most up to `end`.
    Result<std::string> read(const store::ExportKey& key, std::uint64_t first, std::uint64_t end) const;

    // `ring` is called for each export that comes in. It must be quick and must not call the desk.
    void ringFor(std::function<void()> ring);

private:
    Result<store::ExportParty> partyOf(const domain::Caller& caller, const std::optional<Id>& carrierId) const;
    Result<store::Export> ownExport(store::Tx& tx, const domain::Caller& caller, const Id& id) const;
    Result<std::optional<store::Export>> insert(const store::Export& job) const;

    const Services& services_;
    const ExportLimits& limits_;
    const CursorKey& cursors_;
    std::mutex mutex_;
    std::function<void()> ring_ = [] {};
};

}  // namespace meetpoint::exchange
