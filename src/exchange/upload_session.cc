#include "exchange/upload_session.h"

#include <boost/json.hpp>

#include "columns/block.h"
#include "columns/content_hash.h"
#include "exchange/upload_receipts.h"

namespace meetpoint::exchange {

using columns::LaneKind;
using store::Outcome;

namespace {

// What one lane answered for one chunk.
struct LaneResult {
    std::vector<Outcome> outcomes;          // of the group's rows; empty when a receipt answered
    std::optional<store::Receipt> receipt;  // found: this chunk was stored before
};

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

constexpr const char* conflictMessage =
    "This version was stored before with other content. Send the change as a higher version.";

}  // namespace

// One chunk on its way: what came in, and the lanes' answers to come.
struct UploadSession::Chunk {
    std::int64_t number = 0;
    Bytes digest;
    std::size_t size = 0;  // records, good and bad
    std::vector<formats::RowOrigin> origins;
    std::vector<std::string> keys;  // only while every record's result is listed
    std::vector<RecordResult> rejected;
    std::vector<std::vector<std::uint32_t>> laneRows;  // of each lane, positions among `origins`
    std::vector<std::shared_ptr<LaneResult>> laneResults;
    std::vector<std::shared_ptr<store::PreparedAppend>> appends;
    std::vector<std::future<Result<void>>> commits;
    std::vector<store::Receipt> replay;  // the whole chunk was stored before
};

UploadSession::UploadSession(const Services& services, const Limits& limits, const domain::Caller& caller,
                             UploadRequest request)
    : services_(services), limits_(limits), caller_(caller), request_(std::move(request)) {}

UploadSession::~UploadSession() {
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
                               ""};
    TRY(services_.db.write(store::ledgerWrite(), [&](store::Tx& tx) -> Result<void> {
        if (carrierId) {
            TRY_ASSIGN(carrier_, store::findCarrier(tx, *carrierId));
            if (!carrier_) return fail(notFound("There is no such carrier."));
        }
        TRY_ASSIGN(upload_, store::openUpload(tx, wanted));
        return {};
    }));
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
        TRY(begin(std::move(batch)));
        while (pending_.size() > limits_.uploadPendingChunks)
            TRY(settleOldest());
    }
    return {};
}

Result<void> UploadSession::begin(formats::ReadBatch batch) {
    auto chunk = std::make_unique<Chunk>();
    chunk->number = nextChunk_++;
    chunk->size = batch.origins.size() + batch.faults.size();
    auto fingerprints = columns::fingerprints(batch.records);
    chunk->digest = digestOf(batch, fingerprints);
    chunk->origins = std::move(batch.origins);
    for (const auto& fault : batch.faults)
        chunk->rejected.push_back(resultOf(fault));
    if (chunk->size <= limits_.answeredResults)
        for (std::size_t row = 0; row < chunk->origins.size(); ++row)
            chunk->keys.push_back(keyText(batch.records, row));
    TRY_ASSIGN(const bool replay, replayed(*chunk));
    if (!replay) TRY(stampAndSubmit(*chunk, std::move(batch.records), std::move(fingerprints)));
    pending_.push_back(std::move(chunk));
    return {};
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
        if (receipt.digest != chunk.digest)
            return fail(conflict("idempotency-key-reused",
                                 "This Idempotency-Key was used with other content. Use a new key for a new upload."));
        judged += countsFromJson(receipt.counts).total();
    }
    if (judged != chunk.size || receipts.empty()) return false;
    chunk.replay = std::move(receipts);
    return true;
}

Result<void> UploadSession::stampAndSubmit(Chunk& chunk, columns::Records records,
                                           std::vector<std::uint32_t> fingerprints) {
    TRY(services_.db.read([&](store::Tx& tx) { return services_.ledger.refresh(tx); }));
    const Instant now = services_.clock.now();
    Stamped stamped;
    {
        const auto ledger = services_.ledger.view();
        stamped = carrier_ ? stampDurations(ledger, std::move(records), std::move(fingerprints), *carrier_,
                                            limits_.durationNumberSlack, now)
                           : stampCalls(ledger, std::move(records), std::move(fingerprints), now);
    }
    for (const Refusal& refusal : stamped.refusals) {
        const auto& origin = chunk.origins[refusal.row];
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
    auto prepared = std::make_shared<store::PreparedAppend>(
        services_.lanes.prepare(lane, std::move(group.records), std::move(group.fingerprints)));
    auto result = std::make_shared<LaneResult>();
    const std::vector<RecordResult> home = isHome(group.shardKey) ? chunk.rejected : std::vector<RecordResult>();
    store::Receipt blank{lane, upload_.id, chunk.number, chunk.digest, {}, {}, problemsJson(home)};
    std::vector<RecordResult> origins;  // where each row came from, for the problems that only the lane finds
    for (const std::uint32_t row : group.rows)
        origins.push_back({chunk.origins[row].index, chunk.origins[row].line, {}, {}, {}, {}, {}});
    chunk.commits.push_back(services_.db.submit(
        store::recordsWrite(lane.shardKey, prepared->records.rows()),
        [lanes = &services_.lanes, prepared, result, blank, origins = std::move(origins), writer = caller_.clientId,
         rows = group.rows, chunkRows = chunk.origins.size(), lettersWanted = chunk.size <= limits_.answeredResults,
         home = home](store::Tx& tx) -> Result<void> {
            *result = {};
            TRY_ASSIGN(result->receipt, store::findReceipt(tx, blank.lane, blank.uploadId, blank.chunk));
            if (result->receipt) {
                if (result->receipt->digest == blank.digest) return {};
                return fail(
                    conflict("idempotency-key-reused",
                             "This Idempotency-Key was used with other content. Use a new key for a new upload."));
            }
            if (prepared->records.rows() > 0) {
                TRY_ASSIGN(auto appended, lanes->append(tx, *prepared, writer));
                result->outcomes = std::move(appended.outcomes);
            }
            store::Receipt receipt = blank;
            UploadCounts counts = countsOf(result->outcomes);
            counts.rejected = home.size();
            receipt.counts = toJson(counts);
            if (lettersWanted) receipt.outcomes = lettersOf(result->outcomes, rows, chunkRows);
            if (counts.conflict > 0) {
                std::vector<RecordResult> problems = home;
                for (std::size_t row = 0; row < result->outcomes.size(); ++row) {
                    if (result->outcomes[row] != Outcome::conflict) continue;
                    RecordResult problem = origins[row];
                    problem.key = keyText(prepared->records, row);
                    problem.status = "conflict";
                    problem.code = "version-conflict";
                    problems.push_back(std::move(problem));
                }
                receipt.problems = problemsJson(problems);
            }
            return store::insertReceipt(tx, receipt);
        }));
    chunk.laneRows.push_back(std::move(group.rows));
    chunk.laneResults.push_back(std::move(result));
    chunk.appends.push_back(std::move(prepared));
}

Result<void> UploadSession::settleOldest() {
    const std::unique_ptr<Chunk> chunk = std::move(pending_.front());
    pending_.pop_front();
    // All of them, even where one fails: what was committed is counted.
    std::optional<Error> first;
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
            list({chunk.origins[row].index,
                  chunk.origins[row].line,
                  chunk.keys[row],
                  std::string(store::name(*outcome)),
                  {},
                  {},
                  {}});
        }
        if (receipt.outcomes.empty()) stopListing();
    }
}

void UploadSession::reportLane(const Chunk& chunk, std::size_t lane) {
    const LaneResult& result = *chunk.laneResults[lane];
    if (result.receipt) answer_.counts.add(countsFromJson(result.receipt->counts));
    UploadCounts counts = countsOf(result.outcomes);
    answer_.counts.add(counts);
    if (counts.conflict == 0 && !answer_.allListed) return;
    for (std::size_t i = 0; i < result.outcomes.size(); ++i) {
        const auto& origin = chunk.origins[chunk.laneRows[lane][i]];
        const bool isConflict = result.outcomes[i] == Outcome::conflict;
        if (isConflict || answer_.allListed)
            list({origin.index, origin.line, keyText(chunk.appends[lane]->records, i),
                  std::string(store::name(result.outcomes[i])), isConflict ? "version-conflict" : "",
                  isConflict ? conflictMessage : "", ""});
    }
}

void UploadSession::report(const Chunk& chunk) {
    if (!chunk.replay.empty()) return reportReplay(chunk);
    for (const RecordResult& rejected : chunk.rejected)
        list(rejected);
    for (std::size_t lane = 0; lane < chunk.laneResults.size(); ++lane) {
        // A lane that found its receipt counts the refusals in it.
        if (!chunk.laneResults[lane]->receipt && isHome(chunk.appends[lane]->lane.shardKey))
            answer_.counts.rejected += chunk.rejected.size();
        reportLane(chunk, lane);
    }
}

}  // namespace meetpoint::exchange
