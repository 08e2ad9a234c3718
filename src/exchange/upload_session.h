// An upload of call or duration records: read in pieces of any size, stamped, and committed in chunks while the next is
// read. Not atomic as a whole: each chunk is, and leaves a receipt, so that a broken upload can be sent again with the
// same key and goes on after what is stored.
#pragma once

#include <deque>

#include "base/worker.h"
#include "exchange/services.h"
#include "exchange/stamp.h"
#include "exchange/upload_receipts.h"
#include "formats/reader.h"

namespace meetpoint::exchange {

// No upload goes on for longer.
inline constexpr Duration longestUpload = hours(6);

struct UploadRequest {
    columns::LaneKind kind = columns::LaneKind::calls;  // or durations
    formats::Format format = formats::Format::ndjson;
    std::optional<Id> carrierId;  // of durations, where the caller acts for several
    std::optional<std::string> idempotencyKey;
    bool lenient = false;                // unknown fields are ignored and counted
    domain::DeclaredDurations declared;  // of durations
};

struct UploadAnswer {
    Id uploadId;
    UploadCounts counts;
    std::uint64_t ignoredFields = 0;
    bool allListed = false;  // `results` has every record; else only the first problems
    std::vector<RecordResult> results;
};

struct LaneShare;

class UploadSession {
public:
    // Codes: "carrier-required"; not-found where the caller may not act for the carrier; "idempotency-key-reused" where
    // the upload of that key declared something else.
    static Result<std::unique_ptr<UploadSession>> open(const Services& services, const Limits& limits,
                                                       const domain::Caller& caller, const UploadRequest& request);
    ~UploadSession();

    // Takes the next bytes; commits chunks as they fill, and waits while too many are pending. An error ends the
    // upload: what was committed stays. Codes of its own: "idempotency-key-reused" (the key was used with other
    // content). Blocks.
    Result<void> feed(ByteView piece);
    // Commits the rest and waits for all. Blocks.
    Result<UploadAnswer> finish();
    const Id& id() const { return upload_.id; }
    // What is committed so far, for the message of an upload that broke off.
    std::uint64_t committed() const { return answer_.counts.total(); }

private:
    struct Chunk;
    UploadSession(const Services& services, const Limits& limits, const domain::Caller& caller, UploadRequest request);
    Result<void> openUpload();
    Result<void> commitReady(bool everything);
    void begin(formats::ReadBatch batch, bool isLast);
    Result<void> prepareAndSubmit(Chunk& chunk);
    Result<bool> replayed(Chunk& chunk);
    Result<void> stampAndSubmit(Chunk& chunk, std::vector<std::uint32_t> fingerprints);
    void submit(Chunk& chunk, LaneGroup group);
    Result<void> settleOldest();
    void report(const Chunk& chunk);
    void reportReplay(const Chunk& chunk);
    void reportLane(const Chunk& chunk, const LaneShare& share);
    void list(RecordResult result);
    void stopListing();
    bool isHome(std::int64_t shardKey) const;

    Services services_;
    Limits limits_;
    domain::Caller caller_;
    UploadRequest request_;
    std::optional<store::Carrier> carrier_;
    store::Upload upload_;
    std::unique_ptr<formats::RecordReader> reader_;
    std::int64_t nextChunk_ = 0;
    std::deque<std::unique_ptr<Chunk>> pending_;
    UploadAnswer answer_;
    std::vector<RecordResult> problems_;
    // Stamps, encodes and submits a chunk while the next one is read; made for uploads of more than one chunk.
    std::unique_ptr<Worker> worker_;
};

}  // namespace meetpoint::exchange
