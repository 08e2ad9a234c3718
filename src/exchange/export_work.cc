#include "exchange/export_work.h"

#include "base/hash.h"
#include "exchange/export_writer.h"
#include "formats/compress.h"

namespace meetpoint::exchange {
namespace {

using store::Export;
using store::ExportKey;
using store::ExportState;
using store::Lease;
using store::Tx;

constexpr std::size_t keysPerPass = 1'000;

// One node works on all exports of a shard key.
store::LeaseName exportsOf(std::int64_t shardKey) {
    return {store::LaneWork::exports, {shardKey, columns::LaneKind::calls}};
}

// The client as it was when it asked.
domain::Caller askerOf(const Export& job) {
    domain::Caller caller;
    caller.clientId = job.clientId;
    caller.role = job.party.role;
    if (job.party.carrierId) caller.carriers = {*job.party.carrierId};
    caller.tenant = job.party.tenantId;
    return caller;
}

Error tooLarge(std::string_view what, std::size_t limit) {
    return {ErrorKind::tooLarge,
            "export-too-large",
            "It has more than " + std::to_string(limit) + " " + std::string(what) +
                ", which is the most that one export may have. Ask for a shorter time.",
            {},
            {},
            0};
}

}  // namespace

ExportWork::ExportWork(const Services& services, const Limits& limits, const ExportLimits& exports,
                       const domain::QualityLimits& quality, std::function<bool()> isStopping)
    : services_(services),
      limits_(limits),
      exports_(exports),
      quality_(quality),
      isStopping_(std::move(isStopping)),
      leases_(services.db, services.clock, makeId(services.clock, services.random), exports.lease) {}

Result<bool> ExportWork::pass(const Report& report) {
    std::map<std::int64_t, std::vector<ExportKey>> due;
    TRY(services_.db.read([&](Tx& tx) -> Result<void> {
        TRY_ASSIGN(const auto keys, store::listDueExports(tx, services_.clock.now(), keysPerPass));
        for (const ExportKey& key : keys)
            due[key.shardKey].push_back(key);
        return {};
    }));
    bool isMoreDue = false;
    for (const auto& [shardKey, keys] : due) {
        if (isStopping_()) return false;
        done_ = {};
        done_.shardKey = shardKey;
        const auto more = turn(shardKey, keys);
        if (!more && more.error().code == leaseLostCode)
            done_.leaseLost = true;
        else if (!more)
            done_.failure = more.error();
        if (!done_.isNothing()) report(done_);
        if (!more && isOfTheStore(more.error())) return fail(more.error());
        isMoreDue |= more && *more;
    }
    return isMoreDue;
}

// True: there is more to do.
Result<bool> ExportWork::turn(std::int64_t shardKey, const std::vector<ExportKey>& keys) {
    TRY_ASSIGN(const auto lease, leases_.take(exportsOf(shardKey)));
    if (!lease) return false;
    const auto more = [&]() -> Result<bool> {
        bool isMore = false;
        for (const ExportKey& key : keys) {
            if (isStopping_()) return false;
            TRY_ASSIGN(const bool isUnfinished, workOn(*lease, key));
            isMore |= isUnfinished;
        }
        return isMore;
    }();
    // Given back also after a failure, so that nobody waits for it in vain; what went wrong first is what counts.
    const auto released = leases_.release(*lease);
    TRY(more);
    TRY(released);
    return more;
}

Result<bool> ExportWork::workOn(const Lease& lease, const ExportKey& key) {
    for (std::size_t steps = 0; steps < exports_.stepsPerTurn; ++steps) {
        if (isStopping_()) return false;
        TRY_ASSIGN(const bool isMore, step(lease, key));
        if (!isMore) return false;
    }
    return true;
}

// One transaction's work. False: nothing is left to do.
Result<bool> ExportWork::step(const Lease& lease, const ExportKey& key) {
    TRY(leases_.demand(lease));
    std::optional<Export> job;
    TRY(services_.db.read([&](Tx& tx) -> Result<void> {
        TRY_ASSIGN(job, store::findExport(tx, key));
        return {};
    }));
    if (!job) return false;
    if (!store::isOpen(job->state)) return clean(lease, std::move(*job));
    const auto worked = job->isWritten ? seal(lease, *job) : writeMore(lease, *job);
    if (worked) return true;
    const Error& error = worked.error();
    if (isOfTheStore(error) || error.code == leaseLostCode) return fail(error);
    TRY(failForGood(lease, std::move(*job), error));
    return true;
}

Result<ScannedPage> ExportWork::nextPage(const Export& job, const ExportRequest& request) const {
    CallSearch wanted = request.search;
    wanted.conditions.qualityLimits = quality_;
    TRY_ASSIGN(PreparedSearch search, request.kind == columns::LaneKind::calls
                                          ? prepareCalls(services_, wanted)
                                          : prepareDurations({wanted.range, wanted.conditions.tenantId}));
    search.request.seenAt = job.createdAt;
    search.scan.limit = exports_.rowsPerStep;
    if (job.position) {
        TRY_ASSIGN(search.scan.after, readTimePosition(*job.position));
    }
    return readPage(services_, limits_, askerOf(job), std::move(search));
}

Result<void> ExportWork::writeMore(const Lease& lease, Export job) {
    TRY_ASSIGN(const ExportRequest request, readExportRequest(job.request));
    TRY_ASSIGN(const ExportWriter writer, ExportWriter::make(request, job.party.role));
    TRY_ASSIGN(const ScannedPage page, nextPage(job, request));
    Bytes raw = job.position ? Bytes() : writer.head();
    const auto append = [&](const Bytes& more) { raw.insert(raw.end(), more.begin(), more.end()); };
    append(writer.page(page));
    if (!page.next) append(writer.tail());
    Bytes bytes;
    if (!raw.empty()) {
        TRY_ASSIGN(bytes, formats::compress(raw, request.compression));
    }
    const ExportState seen = job.state;
    job.state = ExportState::running;
    if (!job.startedAt) job.startedAt = services_.clock.now();
    job.rows += static_cast<std::int64_t>(page.order.size());
    job.bytes += static_cast<std::int64_t>(bytes.size());
    if (job.rows > static_cast<std::int64_t>(exports_.mostRows)) return fail(tooLarge("records", exports_.mostRows));
    if (job.bytes > static_cast<std::int64_t>(exports_.mostBytes)) return fail(tooLarge("bytes", exports_.mostBytes));
    job.isWritten = !page.next;
    if (page.next) {
        job.position = bytesOf(*page.next);
        job.searchedUpTo = page.next->at;
    }
    TRY_ASSIGN(const bool isStored, save(lease, job, seen, bytes));
    if (isStored) {
        done_.rows += page.order.size();
        done_.bytes += bytes.size();
    }
    return {};
}

// False: it was cancelled meanwhile.
Result<bool> ExportWork::save(const Lease& lease, const Export& job, ExportState seen, ByteView bytes) {
    bool isStored = false;
    TRY(leases_.demand(lease));
    const std::size_t chunks = bytes.size() / exports_.chunkBytes + 1;
    TRY(services_.db.write(store::upkeepWrite(job.party.shardKey, chunks), [&](Tx& tx) -> Result<void> {
        TRY(store::checkFence(tx, lease));
        TRY_ASSIGN(isStored, store::updateExport(tx, job, seen));
        if (!isStored) return {};
        if (!store::isOpen(job.state)) tx.announce(std::string(exportsTopic));
        const std::int64_t before = job.bytes - static_cast<std::int64_t>(bytes.size());
        for (std::size_t at = 0; at < bytes.size(); at += exports_.chunkBytes)
            TRY(store::insertExportChunk(tx, job.key(), before + static_cast<std::int64_t>(at),
                                         bytes.subspan(at, std::min(exports_.chunkBytes, bytes.size() - at))));
        return {};
    }));
    return isStored;
}

// Hashes what is stored, as it will be given out.
Result<void> ExportWork::seal(const Lease& lease, Export job) {
    Sha256Builder hash;
    for (std::int64_t at = 0; at < job.bytes;) {
        if (isStopping_()) return {};
        TRY(leases_.demand(lease));
        std::optional<store::ExportChunk> chunk;
        TRY(services_.db.read([&](Tx& tx) -> Result<void> {
            TRY_ASSIGN(chunk, store::readExportChunk(tx, job.key(), at));
            return {};
        }));
        if (!chunk || chunk->firstByte != at) return fail(corrupt("a chunk of an export is not there"));
        hash.add(chunk->content);
        at += static_cast<std::int64_t>(chunk->content.size());
    }
    const ExportState seen = job.state;
    const Instant now = services_.clock.now();
    job.state = ExportState::succeeded;
    job.sha256 = hash.finish();
    job.finishedAt = now;
    job.expiresAt = now + exports_.lifetime;
    TRY_ASSIGN(const bool isStored, save(lease, job, seen, {}));
    if (isStored) done_.succeeded.push_back(job.id);
    return {};
}

Result<void> ExportWork::failForGood(const Lease& lease, Export job, const Error& error) {
    const ExportState seen = job.state;
    job.state = ExportState::failed;
    job.finishedAt = job.expiresAt = services_.clock.now();
    job.failureCode = error.code;
    job.failureMessage = error.message;
    TRY_ASSIGN(const bool isStored, save(lease, job, seen, {}));
    if (isStored) done_.failed.emplace_back(job.id, error);
    return {};
}

// What is no longer kept: first its chunks, a few a transaction, then the row where its time is over too.
Result<bool> ExportWork::clean(const Lease& lease, Export job) {
    const Instant now = services_.clock.now();
    const bool isRemoved = job.state == ExportState::removed;
    if (!isRemoved && (!job.expiresAt || now < *job.expiresAt)) return false;
    const ExportState seen = job.state;
    const Instant forgotten = job.finishedAt.value_or(now) + exports_.remembered;
    std::int64_t deleted = 0;
    TRY(services_.db.write(
        store::upkeepWrite(job.party.shardKey, exports_.chunksPerCleaning), [&](Tx& tx) -> Result<void> {
            TRY(store::checkFence(tx, lease));
            TRY_ASSIGN(deleted, store::deleteExportChunks(tx, job.key(), exports_.chunksPerCleaning));
            if (deleted == 0 && (isRemoved || forgotten <= now)) return store::deleteExport(tx, job.key());
            if (seen == ExportState::succeeded) job.state = ExportState::expired;
            if (deleted == 0) job.expiresAt = forgotten;
            TRY(store::updateExport(tx, job, seen));
            return {};
        }));
    if (seen == ExportState::succeeded) done_.expired.push_back(job.id);
    return deleted > 0;
}

}  // namespace meetpoint::exchange
