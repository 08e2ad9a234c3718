#include "exchange/exports.h"

#include "base/hash.h"
#include "exchange/export_writer.h"
#include "exchange/parties.h"
#include "exchange/stamp.h"

namespace meetpoint::exchange {
namespace {

using store::Export;
using store::ExportParty;
using store::ExportState;
using store::Tx;

Error noSuchExport() {
    return notFound("There is no such export.");
}

Result<void> requireKind(const domain::Caller& caller, columns::LaneKind kind) {
    if (kind == columns::LaneKind::calls || caller.hasScope(domain::scope::durationsRead)) return {};
    return fail({ErrorKind::forbidden,
                 "scope-missing",
                 "An export of durations needs the scope '" + std::string(domain::scope::durationsRead) + "'.",
                 {},
                 {},
                 0});
}

bool belongsTo(const domain::Caller& caller, const ExportParty& party) {
    if (caller.role != party.role) return false;
    if (party.role == domain::Role::carrier) return party.carrierId && caller.actsFor(*party.carrierId);
    return party.role != domain::Role::tenant || (party.tenantId && caller.tenant == party.tenantId);
}

std::optional<double> progressOf(const Export& job, const SearchRange& range) {
    if (job.state == ExportState::succeeded) return 1.0;
    if (!range.from) return std::nullopt;
    const Instant to = std::min(range.to.value_or(job.createdAt), job.createdAt);
    if (!job.searchedUpTo || to <= *range.from) return job.isWritten ? 1.0 : 0.0;
    const Instant reached = std::clamp(*job.searchedUpTo, *range.from, to);
    const Duration behind = range.descending ? to - reached : reached - *range.from;
    return job.isWritten ? 1.0 : static_cast<double>(behind.ms) / static_cast<double>((to - *range.from).ms);
}

Result<ExportView> asView(Export job) {
    TRY_ASSIGN(ExportRequest request, readExportRequest(job.request));
    const auto progress = progressOf(job, request.search.range);
    return ExportView{std::move(job), std::move(request), progress};
}

// The request as it is kept, with everything decided that it leaves open. Finds what is wrong with it.
Result<ExportRequest> settled(const Services& services, const domain::Caller& caller, ExportRequest request) {
    if (request.kind == columns::LaneKind::durations) {
        TRY_ASSIGN(const DurationList list, durationsOf(request.search));
        TRY(prepareDurations(list));
    } else {
        TRY(prepareCalls(services, request.search));
    }
    TRY(TimeZone::load(request.timeZone));
    TRY_ASSIGN(request.columns, exportColumns(request, caller.role));
    return request;
}

Bytes digestOf(const Export& job) {
    const Sha256 digest = sha256(viewOf(job.request));
    return {digest.begin(), digest.end()};
}

std::string feedOf(const ExportParty& party) {
    std::string name = "exports/" + std::string(domain::name(party.role));
    for (const auto& id : {party.carrierId, party.tenantId})
        if (id) name += "/" + formatId(*id);
    return name;
}

}  // namespace

Result<ExportParty> ExportDesk::partyOf(const domain::Caller& caller, const std::optional<Id>& carrierId) const {
    ExportParty party{unattributedShard, caller.role, {}, {}};
    if (caller.role == domain::Role::tenant) {
        if (!caller.tenant) return fail(internalError("a tenant's client has no tenant"));
        party.tenantId = caller.tenant;
    }
    if (caller.role != domain::Role::carrier) return party;
    TRY_ASSIGN(party.carrierId, carrierOf(caller, carrierId));
    TRY(services_.db.read([&](Tx& tx) -> Result<void> {
        TRY_ASSIGN(const store::Carrier carrier, carrierIn(tx, *party.carrierId));
        party.shardKey = carrier.shardKey;
        return {};
    }));
    return party;
}

// Nothing where it is new; else the one that was asked for before with the same key.
Result<std::optional<Export>> ExportDesk::insert(const Export& job) const {
    std::optional<Export> earlier;
    TRY(services_.db.write(store::recordsWrite(job.party.shardKey, 1), [&](Tx& tx) -> Result<void> {
        earlier.reset();
        // One asks at a time, on whichever node: who asks again finds what the first has asked for.
        TRY(services_.lanes.lock(tx, {job.party.shardKey, columns::LaneKind::calls}));
        if (job.idempotencyKey) {
            TRY_ASSIGN(earlier, store::findExportByKey(tx, job.party.shardKey, job.clientId, *job.idempotencyKey));
            if (earlier) return {};
        }
        TRY_ASSIGN(const std::int64_t open, store::countOpenExports(tx, job.party));
        if (open >= static_cast<std::int64_t>(limits_.openPerParty))
            return fail(conflict("too-many-exports", "At most " + std::to_string(limits_.openPerParty) +
                                                         " exports of yours may be queued or running. Wait for one of "
                                                         "them, or cancel it."));
        return store::insertExport(tx, job);
    }));
    return earlier;
}

Result<ExportView> ExportDesk::accept(const domain::Caller& caller, const ExportRequest& request,
                                      const std::optional<std::string>& idempotencyKey) {
    TRY(requireKind(caller, request.kind));
    TRY_ASSIGN(ExportRequest wanted, settled(services_, caller, request));
    Export job;
    TRY_ASSIGN(job.party, partyOf(caller, wanted.search.range.carrierId));
    if (job.party.carrierId) wanted.search.range.carrierId = job.party.carrierId;
    TRY(services_.db.read([&](Tx& tx) -> Result<void> {
        TRY(services_.ledger.refresh(tx));
        TRY(readableLanes(services_.ledger.view(), caller, wanted.kind, wanted.search.range.carrierId));
        return {};
    }));
    job.id = makeId(services_.clock, services_.random);
    job.clientId = caller.clientId;
    job.idempotencyKey = idempotencyKey;
    job.createdAt = services_.clock.now();
    job.request = textOf(wanted);
    job.digest = digestOf(job);
    TRY_ASSIGN(auto earlier, insert(job));
    if (earlier && earlier->digest != job.digest)
        return fail(conflict("idempotency-key-reused",
                             "This Idempotency-Key was used for another export. Use a new key for a new export."));
    if (earlier && earlier->state == ExportState::removed) return fail(noSuchExport());
    if (earlier) return asView(std::move(*earlier));
    const std::lock_guard lock(mutex_);
    ring_();
    return asView(std::move(job));
}

Result<Export> ExportDesk::ownExport(Tx& tx, const domain::Caller& caller, const Id& id) const {
    TRY_ASSIGN(auto job, store::findExportAnywhere(tx, id));
    if (!job || job->state == ExportState::removed || !belongsTo(caller, job->party)) return fail(noSuchExport());
    return std::move(*job);
}

Result<ExportView> ExportDesk::find(const domain::Caller& caller, const Id& id) const {
    Export job;
    TRY(services_.db.read([&](Tx& tx) -> Result<void> {
        TRY_ASSIGN(job, ownExport(tx, caller, id));
        return {};
    }));
    TRY_ASSIGN(ExportView view, asView(std::move(job)));
    TRY(requireKind(caller, view.request.kind));
    return view;
}

Result<ExportPage> ExportDesk::list(const domain::Caller& caller, const std::optional<Id>& carrierId,
                                    const std::optional<std::string>& cursor, std::size_t limit) const {
    TRY_ASSIGN(const ExportParty party, partyOf(caller, carrierId));
    std::optional<Id> before;
    if (cursor) {
        TRY_ASSIGN(before, cursors_.readId(*cursor, feedOf(party), caller.clientId));
    }
    std::vector<Export> jobs;
    TRY(services_.db.read([&](Tx& tx) -> Result<void> {
        TRY_ASSIGN(jobs, store::listExports(tx, party, before, limit + 1));
        return {};
    }));
    ExportPage page;
    if (jobs.size() > limit) {
        jobs.pop_back();
        page.next = cursors_.write(feedOf(party), jobs.back().id, caller.clientId);
    }
    for (Export& job : jobs) {
        TRY_ASSIGN(ExportView view, asView(std::move(job)));
        if (requireKind(caller, view.request.kind)) page.exports.push_back(std::move(view));
    }
    return page;
}

Result<void> ExportDesk::remove(const domain::Caller& caller, const Id& id) {
    TRY_ASSIGN(ExportView view, find(caller, id));
    for (bool isDone = false; !isDone;) {
        TRY(services_.db.write(store::recordsWrite(view.job.party.shardKey, 1), [&](Tx& tx) -> Result<void> {
            TRY_ASSIGN(auto job, store::findExport(tx, view.job.key()));
            if (!job || job->state == ExportState::removed) return fail(noSuchExport());
            const ExportState seen = job->state;
            job->state = store::isOpen(seen) ? ExportState::cancelled : ExportState::removed;
            const Instant now = services_.clock.now();
            if (!job->finishedAt) job->finishedAt = now;
            job->expiresAt = now;
            // A worker may go a step further at the same time: then it is looked at again.
            TRY_ASSIGN(isDone, store::updateExport(tx, *job, seen));
            tx.announce(std::string(exportsTopic));
            return {};
        }));
    }
    const std::lock_guard lock(mutex_);
    ring_();
    return {};
}

Result<ExportView> ExportDesk::finished(const domain::Caller& caller, const Id& id) const {
    TRY_ASSIGN(ExportView view, find(caller, id));
    const Export& job = view.job;
    const bool isOver = job.state == ExportState::expired || (job.expiresAt && *job.expiresAt <= services_.clock.now());
    if (job.state == ExportState::failed)
        return fail(
            conflict("export-failed",
                     "This export failed: " + job.failureMessage.value_or("no reason is known") + " Ask for another."));
    if (store::isOpen(job.state))
        return fail(conflict("export-not-finished", "This export is not written yet. Read its state until it is."));
    if (isOver || job.state == ExportState::cancelled)
        return fail({ErrorKind::gone,
                     "export-expired",
                     "What this export held is no longer kept. Ask for another.",
                     {},
                     {},
                     0});
    return view;
}

Result<std::string> ExportDesk::read(const store::ExportKey& key, std::uint64_t first, std::uint64_t end) const {
    std::optional<store::ExportChunk> chunk;
    TRY(services_.db.read([&](Tx& tx) -> Result<void> {
        TRY_ASSIGN(chunk, store::readExportChunk(tx, key, static_cast<std::int64_t>(first)));
        return {};
    }));
    if (!chunk) return fail(corrupt("a chunk of an export is not there"));
    const auto start = static_cast<std::size_t>(static_cast<std::int64_t>(first) - chunk->firstByte);
    return std::string(meetpoint::textOf(chunk->content).substr(start, static_cast<std::size_t>(end - first)));
}

void ExportDesk::ringFor(std::function<void()> ring) {
    const std::lock_guard lock(mutex_);
    ring_ = std::move(ring);
}

}  // namespace meetpoint::exchange
