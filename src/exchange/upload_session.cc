#include "exchange/upload_session.h"

#include <boost/json.hpp>

#include "columns/block.h"
#include "columns/content_hash.h"
#include "exchange/parties.h"
#include "exchange/upload_receipts.h"

namespace meetpoint::exchange {

using columns::LaneKind;
using store::Outcome;

// What one lane gets of one chunk, and what it answered.
struct LaneShare {
    std::vector<std::uint32_t> rows;  // positions among the chunk's origins
    store::PreparedAppend append;
    std::vector<RecordResult> rejected;  // what the receipt of this lane has to say of refusals
    // The lane's answer.
    std::vector<Outcome> outcomes;               // of `rows`; empty when a receipt answered
    std::int64_t firstSequence = 0, stored = 0;  // where in the lane
    std::optional<store::Receipt> receipt;       // found: this chunk was stored before
};

namespace {

using Origins = std::shared_ptr<const std::vector<formats::RowOrigin>>;

std::string keyText(const columns::Records& records, std::size_t row) {
    const ByteView key = columns::keyBytes(records, row);
    return records.kind() == LaneKind::calls ? formatId(idFromBytes(key)) : std::string(textOf(key));
}

// SHA-256 over what identifies the chunk's records and their content, in order.
Bytes digestOf(const formats::ReadBatch& batch, const std::vector<std::uint32_t>& fingerprints) {
    Bytes said;
    said.reserve(batch.records.rows() * 32 + 8);
    const auto sayU64 = [&](std::uint64_t value) {
        for (int i = 0; i < 8; ++i)
            said.push_back(static_cast<std::uint8_t>(value >> (8 * i)));
    };
    for (std::size_t row = 0; row < batch.records.rows(); ++row) {
        const ByteView key = columns::keyBytes(batch.records, row);
        said.insert(said.end(), key.begin(), key.end());
        sayU64(static_cast<std::uint64_t>(columns::versionOf(batch.records, row)));
        sayU64(fingerprints[row]);
    }
    sayU64(batch.faults.size());
    const Sha256 digest = sha256(said);
    return Bytes(digest.begin(), digest.end());
}

RecordResult resultOf(const formats::RecordFault& fault) {
    return {fault.index, fault.line, fault.key, "rejected", fault.code, fault.message, fault.pointer};
}

std::future<Result<void>> settled(Result<void> result) {
    std::promise<Result<void>> promise;
    promise.set_value(std::move(result));
    return promise.get_future();
}

constexpr const char* conflictMessage =
    "This version was stored before with other content. Send the change as a higher version.";

}  // namespace

// One chunk on its way: what came in, and the lanes' answers to come. Until `begun` is there it belongs to whoever
// prepares it.
struct UploadSession::Chunk {
    std::int64_t number = 0;
    std::size_t size = 0;             // records, good and bad
    formats::ReadBatch batch;         // what was read; its records go on into the lanes
    std::future<Result<void>> begun;  // stamped, encoded and submitted
    Bytes digest;
    Origins origins;
    std::vector<std::string> keys;  // only while every record's result is listed
    std::vector<RecordResult> rejected;
    std::vector<std::shared_ptr<LaneShare>> lanes;
    std::vector<std::future<Result<void>>> commits;
    std::vector<store::Receipt> replay;  // the whole chunk was stored before
};

namespace {

constexpr const char* declaredOtherwise =
    "The upload of this Idempotency-Key declared another unit, basis or rounding. Use a new key for a new upload.";
constexpr const char* keyReused = "This Idempotency-Key was used with other content. Use a new key for a new upload.";

// The receipt of what a lane answered, problems included.
store::Receipt receiptOf(store::Receipt blank, const LaneShare& share, const Origins& origins, bool lettersWanted) {
    UploadCounts counts = countsOf(share.outcomes);
    counts.rejected = share.rejected.size();
    blank.counts = toJson(counts);
    if (lettersWanted) blank.outcomes = lettersOf(share.outcomes, share.rows, origins->size());
    std::vector<RecordResult> problems = share.rejected;
    for (std::size_t i = 0; counts.conflict > 0 && i < share.outcomes.size(); ++i) {
        if (share.outcomes[i] != Outcome::conflict) continue;
        const formats::RowOrigin& origin = (*origins)[share.rows[i]];
        problems.push_back(
            {origin.index, origin.line, keyText(share.append.records, i), "conflict", "version-conflict", {}, {}});
    }
    blank.problems = problemsJson(problems);
    blank.firstSequence = share.firstSequence;
    blank.storedRows = share.stored;
    return blank;
}

}  // namespace

UploadSession::UploadSession(const Services& services, const Limits& limits, const domain::Caller& caller,
                             UploadRequest request)
    : services_(services), limits_(limits), caller_(caller), request_(std::move(request)) {}

UploadSession::~UploadSession() {
    worker_.reset();
    // Commits that were begun go on: their results may still be read by the upload's key.
    for (const auto& chunk : pending_)
        for (auto& commit : chunk->commits)
            commit.wait();
}

Result<std::unique_ptr<UploadSession>> UploadSession::open(const Services& services, const Limits& limits,
                                                           const domain::Caller& caller, const UploadRequest& request) {
    std::unique_ptr<UploadSession> session(new UploadSession(services, limits, caller, request));
    TRY(session->openUpload());
    formats::ReadOptions options;
    options.now = services.clock.now();
    options.lenient = request.lenient;
    options.batchRows = limits.uploadChunkRecords;
    options.declared = request.declared;
    if (session->carrier_) {
        options.defaultRegion = session->carrier_->defaultRegion;
        // Carriers bill by increments: a duration rounded up past its own end is a fact to reconcile, not a fault.
        options.limits.durationSlack = options.limits.longestCall;
    }
    TRY_ASSIGN(session->reader_, formats::makeReader(request.kind, request.format, options));
    return session;
}

Result<void> UploadSession::openUpload() {
    std::optional<Id> carrierId;
    if (request_.kind == LaneKind::durations) {
        TRY_ASSIGN(carrierId, carrierOf(caller_, request_.carrierId));
    }
    const store::Upload wanted{makeId(services_.clock, services_.random),
                               caller_.clientId,
                               std::string(columns::name(request_.kind)),
                               request_.idempotencyKey,
                               services_.clock.now(),
                               {},
                               "",
                               {},
                               {},
                               declaredJson(request_.declared)};
    TRY(services_.db.write(store::ledgerWrite(), [&](store::Tx& tx) -> Result<void> {
        if (carrierId) {
            TRY_ASSIGN(carrier_, carrierIn(tx, *carrierId));
        }
        TRY_ASSIGN(upload_, store::openUpload(tx, wanted));
        return {};
    }));
    if (upload_.declared != wanted.declared) return fail(conflict("idempotency-key-reused", declaredOtherwise));
    answer_.uploadId = upload_.id;
    answer_.allListed = true;
    return {};
}

Result<void> UploadSession::feed(ByteView piece) {
    TRY(reader_->feed(piece));
    return commitReady(false);
}

Result<UploadAnswer> UploadSession::finish() {
    TRY(reader_->finish());
    TRY(commitReady(true));
    while (!pending_.empty())
        TRY(settleOldest());
    answer_.ignoredFields = reader_->counts().ignoredFields;
    if (!answer_.allListed) answer_.results = std::move(problems_);
    std::ranges::sort(answer_.results, {}, &RecordResult::index);
    TRY(services_.db.write(store::ledgerWrite(), [&](store::Tx& tx) {
        return store::finishUpload(tx, upload_.id, services_.clock.now(), toJson(answer_.counts));
    }));
    return std::move(answer_);
}

Result<void> UploadSession::commitReady(bool everything) {
    while (reader_->ready() >= limits_.uploadChunkRecords || (everything && reader_->ready() > 0)) {
        formats::ReadBatch batch = reader_->take(limits_.uploadChunkRecords);
        if (batch.empty()) break;
        begin(std::move(batch), everything && reader_->ready() == 0);
        while (pending_.size() > limits_.uploadPendingChunks)
            TRY(settleOldest());
    }
    return {};
}

void UploadSession::begin(formats::ReadBatch batch, bool isLast) {
    auto chunk = std::make_unique<Chunk>(Chunk{
        nextChunk_++, batch.origins.size() + batch.faults.size(), std::move(batch), {}, {}, {}, {}, {}, {}, {}, {}});
    if (!worker_ && !isLast) worker_ = std::make_unique<Worker>(limits_.uploadPendingChunks);
    if (worker_)
        chunk->begun = worker_->submit([this, chunk = chunk.get()] { return prepareAndSubmit(*chunk); });
    else
        chunk->begun = settled(prepareAndSubmit(*chunk));
    pending_.push_back(std::move(chunk));
}

Result<void> UploadSession::prepareAndSubmit(Chunk& chunk) {
    auto fingerprints = columns::fingerprints(chunk.batch.records);
    chunk.digest = digestOf(chunk.batch, fingerprints);
    for (const auto& fault : chunk.batch.faults)
        chunk.rejected.push_back(resultOf(fault));
    chunk.origins = std::make_shared<const std::vector<formats::RowOrigin>>(std::move(chunk.batch.origins));
    if (chunk.size <= limits_.answeredResults)
        for (std::size_t row = 0; row < chunk.origins->size(); ++row)
            chunk.keys.push_back(keyText(chunk.batch.records, row));
    TRY_ASSIGN(const bool replay, replayed(chunk));
    if (replay) return {};
    return stampAndSubmit(chunk, std::move(fingerprints));
}

// Whether every lane of this chunk has its receipt already.
Result<bool> UploadSession::replayed(Chunk& chunk) {
    if (!request_.idempotencyKey) return false;
    std::vector<store::Receipt> receipts;
    TRY(services_.db.read([&](store::Tx& tx) -> Result<void> {
        TRY_ASSIGN(receipts, store::listChunkReceipts(tx, upload_.id, chunk.number));
        return {};
    }));
    std::uint64_t judged = 0;
    for (const store::Receipt& receipt : receipts) {
        if (receipt.digest != chunk.digest) return fail(conflict("idempotency-key-reused", keyReused));
        judged += countsFromJson(receipt.counts).total();
    }
    if (judged != chunk.size || receipts.empty()) return false;
    chunk.replay = std::move(receipts);
    return true;
}

Result<void> UploadSession::stampAndSubmit(Chunk& chunk, std::vector<std::uint32_t> fingerprints) {
    TRY(services_.db.read([&](store::Tx& tx) { return services_.ledger.refresh(tx); }));
    const Instant now = services_.clock.now();
    columns::Records records = std::exchange(chunk.batch.records, columns::Records(request_.kind));
    Stamped stamped;
    {
        const auto ledger = services_.ledger.view();
        stamped = carrier_ ? stampDurations(ledger, std::move(records), std::move(fingerprints), *carrier_,
                                            limits_.durationNumberSlack, now)
                           : stampCalls(ledger, std::move(records), std::move(fingerprints), now);
    }
    for (const Refusal& refusal : stamped.refusals) {
        const auto& origin = (*chunk.origins)[refusal.row];
        chunk.rejected.push_back({origin.index, origin.line,
                                  refusal.row < chunk.keys.size() ? chunk.keys[refusal.row] : std::string(), "rejected",
                                  refusal.code, refusal.message, refusal.pointer});
    }
    // What was refused stands in the receipt of the upload's home lane, which is made even if that lane gets no record.
    const bool homeHasGroup =
        std::ranges::any_of(stamped.groups, [&](const LaneGroup& group) { return isHome(group.shardKey); });
    if (!homeHasGroup && !chunk.rejected.empty())
        stamped.groups.push_back(
            {carrier_ ? carrier_->shardKey : unattributedShard, columns::Records(request_.kind), {}, {}});
    for (LaneGroup& group : stamped.groups)
        submit(chunk, std::move(group));
    return {};
}

void UploadSession::submit(Chunk& chunk, LaneGroup group) {
    const store::LaneId lane{group.shardKey, request_.kind};
    auto share = std::make_shared<LaneShare>(
        LaneShare{std::move(group.rows),
                  services_.lanes.prepare(lane, std::move(group.records), std::move(group.fingerprints)),
                  isHome(group.shardKey) ? chunk.rejected : std::vector<RecordResult>(),
                  {}});
    chunk.lanes.push_back(share);
    const store::Receipt blank{lane, upload_.id, chunk.number, chunk.digest, {}, {}, {}};
    chunk.commits.push_back(services_.db.submit(
        store::recordsWrite(lane.shardKey, share->append.records.rows()),
        [lanes = &services_.lanes, share, blank, origins = chunk.origins, writer = caller_.clientId,
         lettersWanted = chunk.size <= limits_.answeredResults](store::Tx& tx) -> Result<void> {
            share->outcomes.clear();
            TRY_ASSIGN(share->receipt, store::findReceipt(tx, blank.lane, blank.uploadId, blank.chunk));
            if (share->receipt) {
                if (share->receipt->digest == blank.digest) return {};
                return fail(conflict("idempotency-key-reused", keyReused));
            }
            if (share->append.records.rows() > 0) {
                TRY_ASSIGN(auto appended, lanes->append(tx, share->append, writer));
                share->outcomes = std::move(appended.outcomes);
                share->firstSequence = appended.firstSequence;
                share->stored = appended.stored;
            }
            return store::insertReceipt(tx, receiptOf(blank, *share, origins, lettersWanted));
        }));
}

Result<void> UploadSession::settleOldest() {
    const std::unique_ptr<Chunk> chunk = std::move(pending_.front());
    pending_.pop_front();
    // All of them, even where one fails: what was committed is counted.
    std::optional<Error> first;
    if (auto begun = chunk->begun.get(); !begun) first = std::move(begun).error();
    for (auto& commit : chunk->commits)
        if (auto done = commit.get(); !done && !first) first = std::move(done).error();
    if (first) return fail(std::move(*first));
    report(*chunk);
    return {};
}

void UploadSession::list(RecordResult result) {
    if (!result.code.empty() && problems_.size() < limits_.answeredProblems) problems_.push_back(result);
    if (!answer_.allListed) return;
    if (answer_.results.size() < limits_.answeredResults) {
        answer_.results.push_back(std::move(result));
        return;
    }
    stopListing();
}

void UploadSession::stopListing() {
    answer_.allListed = false;
    answer_.results.clear();
}

bool UploadSession::isHome(std::int64_t shardKey) const {
    return shardKey == (carrier_ ? carrier_->shardKey : unattributedShard);
}

// A chunk that was stored before: its receipts say what became of its records, the body that came again says which
// those were.
void UploadSession::reportReplay(const Chunk& chunk) {
    for (const store::Receipt& receipt : chunk.replay) {
        answer_.counts.add(countsFromJson(receipt.counts));
        for (RecordResult& problem : problemsFromJson(receipt.problems))
            list(std::move(problem));
        for (std::size_t row = 0; row < std::min(receipt.outcomes.size(), chunk.keys.size()); ++row) {
            const auto outcome = outcomeOf(receipt.outcomes[row]);
            if (!outcome || *outcome == Outcome::conflict) continue;
            list({(*chunk.origins)[row].index,
                  (*chunk.origins)[row].line,
                  chunk.keys[row],
                  std::string(store::name(*outcome)),
                  {},
                  {},
                  {}});
        }
        if (receipt.outcomes.empty()) stopListing();
    }
}

void UploadSession::reportLane(const Chunk& chunk, const LaneShare& share) {
    // A lane that found its receipt counts the refusals in it.
    if (share.receipt)
        answer_.counts.add(countsFromJson(share.receipt->counts));
    else if (isHome(share.append.lane.shardKey))
        answer_.counts.rejected += chunk.rejected.size();
    const UploadCounts counts = countsOf(share.outcomes);
    answer_.counts.add(counts);
    if (counts.conflict == 0 && !answer_.allListed) return;
    for (std::size_t i = 0; i < share.outcomes.size(); ++i) {
        const auto& origin = (*chunk.origins)[share.rows[i]];
        const bool isConflict = share.outcomes[i] == Outcome::conflict;
        if (isConflict || answer_.allListed)
            list({origin.index, origin.line, keyText(share.append.records, i),
                  std::string(store::name(share.outcomes[i])), isConflict ? "version-conflict" : "",
                  isConflict ? conflictMessage : "", ""});
    }
}

void UploadSession::report(const Chunk& chunk) {
    if (!chunk.replay.empty()) return reportReplay(chunk);
    for (const RecordResult& rejected : chunk.rejected)
        list(rejected);
    for (const auto& share : chunk.lanes)
        reportLane(chunk, *share);
}

}  // namespace meetpoint::exchange
