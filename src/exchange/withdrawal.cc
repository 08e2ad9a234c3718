#include "exchange/withdrawal.h"

#include "columns/content_hash.h"
#include "exchange/upload_session.h"

namespace meetpoint::exchange {
namespace {

using columns::DurationCore;
using columns::LaneKind;
using columns::Part;
using columns::Records;

Result<void> checkWithdrawable(const store::Upload& upload, std::span<const store::Receipt> receipts, Instant now) {
    if (upload.kind != columns::name(LaneKind::durations))
        return fail(invalidInput("not-withdrawable",
                                 "Only durations are withdrawn. Correct calls by sending them with a higher version."));
    if (!upload.finishedAt && upload.createdAt > now - longestUpload)
        return fail(conflict("upload-unfinished",
                             "This upload may be going on still. Finish it, or wait six hours, and ask again."));
    for (const store::Receipt& receipt : receipts)
        if (!receipt.firstSequence)
            return fail(invalidInput("not-withdrawable",
                                     "This upload was stored by an earlier version, which kept no account of where. "
                                     "Send its records again with a higher revision."));
    return {};
}

// What a receipt's chunk has stored.
Result<Records> recordsOf(store::Tx& tx, const Services& services, const store::Receipt& receipt) {
    Records records(receipt.lane.kind);
    const std::int64_t end = *receipt.firstSequence + receipt.storedRows;
    for (std::int64_t at = *receipt.firstSequence; at < end;) {
        TRY_ASSIGN(const auto slice, services.lanes.readFrom(tx, receipt.lane, at, static_cast<std::size_t>(end - at),
                                                             store::PartSet::all()));
        if (slice.sequences.empty()) return fail(corrupt("a receipt names records that are not there"));
        records.append(slice.records);
        at += static_cast<std::int64_t>(slice.sequences.size());
    }
    return records;
}

// The revisions that take back those of `records` which are their keys' newest.
Result<Records> withdrawalsOf(store::Tx& tx, const Services& services, store::LaneId lane, const Records& records) {
    TRY_ASSIGN(const auto newest, services.lanes.newestVersions(tx, lane, records));
    std::vector<std::uint32_t> rows;
    for (std::uint32_t row = 0; row < newest.size(); ++row)
        if (columns::versionOf(records, row) == newest[row]) rows.push_back(row);
    Records withdrawals = records.gather(rows);
    columns::Batch& core = withdrawals.part(Part::core);
    columns::Column withdrawn(core[DurationCore::withdrawn].field());
    for (std::size_t row = 0; row < rows.size(); ++row) {
        core[DurationCore::revision].set<std::int32_t>(row, columns::versionOf(withdrawals, row) + 1);
        withdrawn.append<std::uint8_t>(1);
    }
    core[DurationCore::withdrawn] = std::move(withdrawn);
    return withdrawals;
}

struct Taken {
    std::uint64_t withdrawn = 0, overtaken = 0;
};

Result<Taken> withdrawChunk(store::Tx& tx, const Services& services, const store::Receipt& wanted,
                            const std::string& writer) {
    Taken taken;
    TRY(services.lanes.lock(tx, wanted.lane));
    TRY_ASSIGN(const auto receipt, store::findReceipt(tx, wanted.lane, wanted.uploadId, wanted.chunk));
    if (!receipt || receipt->isWithdrawn) return taken;
    TRY_ASSIGN(const Records records, recordsOf(tx, services, *receipt));
    TRY_ASSIGN(Records withdrawals, withdrawalsOf(tx, services, receipt->lane, records));
    taken.withdrawn = withdrawals.rows();
    taken.overtaken = records.rows() - withdrawals.rows();
    if (withdrawals.rows() > 0) {
        auto fingerprints = columns::fingerprints(withdrawals);
        const auto prepared = services.lanes.prepare(receipt->lane, std::move(withdrawals), std::move(fingerprints));
        TRY(services.lanes.append(tx, prepared, writer));
    }
    TRY(store::noteReceiptWithdrawn(tx, *receipt));
    return taken;
}

}  // namespace

Result<Withdrawal> withdrawUpload(const Services& services, const domain::Caller& caller, const Id& id,
                                  const std::string& reason) {
    Withdrawal done;
    std::vector<store::Receipt> receipts;
    TRY(services.db.read([&](store::Tx& tx) -> Result<void> {
        TRY_ASSIGN(const auto upload, store::findUpload(tx, id));
        if (!upload || upload->clientId != caller.clientId) return fail(notFound("There is no such upload."));
        done.upload = *upload;
        TRY_ASSIGN(receipts, store::listReceipts(tx, id));
        return {};
    }));
    const Instant now = services.clock.now();
    TRY(checkWithdrawable(done.upload, receipts, now));
    TRY(services.db.write(store::ledgerWrite(), [&](store::Tx& tx) -> Result<void> {
        TRY(store::noteWithdrawal(tx, id, now, reason));
        TRY_ASSIGN(const auto upload, store::findUpload(tx, id));
        if (!upload) return fail(corrupt("an upload is gone"));
        done.upload = *upload;
        return {};
    }));
    for (const store::Receipt& receipt : receipts) {
        if (receipt.storedRows == 0 || receipt.isWithdrawn) continue;
        Taken taken;
        TRY(services.db.write(store::recordsWrite(receipt.lane.shardKey, static_cast<std::size_t>(receipt.storedRows)),
                              [&](store::Tx& tx) -> Result<void> {
                                  TRY_ASSIGN(taken, withdrawChunk(tx, services, receipt, caller.clientId));
                                  return {};
                              }));
        done.withdrawn += taken.withdrawn;
        done.overtaken += taken.overtaken;
    }
    return done;
}

}  // namespace meetpoint::exchange
