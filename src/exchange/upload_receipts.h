// What uploads say of themselves afterwards: counts, problems and outcomes as receipts keep them.
#pragma once

#include "domain/declared_durations.h"
#include "exchange/cursors.h"
#include "exchange/services.h"
#include "store/receipts.h"

namespace meetpoint::exchange {

// What became of one record; `code` is empty unless it was refused or conflicts.
struct RecordResult {
    std::uint64_t index = 0;
    std::uint64_t line = 0;
    std::string key;     // callId or recordId
    std::string status;  // created, updated, unchanged, outdated, conflict, rejected
    std::string code;
    std::string message;
    std::string pointer;
};

struct UploadCounts {
    std::uint64_t created = 0, updated = 0, unchanged = 0, outdated = 0, conflict = 0, rejected = 0;
    std::uint64_t total() const { return created + updated + unchanged + outdated + conflict + rejected; }
    void add(const UploadCounts& other);
    bool operator==(const UploadCounts&) const = default;
};
std::string toJson(const UploadCounts& counts);
UploadCounts countsFromJson(std::string_view json);
UploadCounts countsOf(const std::vector<store::Outcome>& outcomes);

// {"unit":"s","basis":"invite","rounding":"up","roundingStepMs":60000}, as far as declared; nothing where nothing is.
std::optional<std::string> declaredJson(const domain::DeclaredDurations& declared);
domain::DeclaredDurations declaredFromJson(std::string_view json);

// Index, line, key, code and pointer of what was not stored, without messages: those may quote what the record said.
std::string problemsJson(const std::vector<RecordResult>& problems);
std::vector<RecordResult> problemsFromJson(std::string_view json);

// A letter for each of a chunk's `chunkRows` good records: what became of those at `rows`, a dot for the others.
std::string lettersOf(const std::vector<store::Outcome>& outcomes, const std::vector<std::uint32_t>& rows,
                      std::size_t chunkRows);
std::optional<store::Outcome> outcomeOf(char letter);

// What is known of an upload: its own answer, from the receipts. The caller must have begun it (or be the platform).
struct UploadState {
    store::Upload upload;
    UploadCounts counts;                 // of what is committed
    std::vector<RecordResult> problems;  // from `offset` on, at most `limit`
    std::uint64_t problemCount = 0;
};
Result<UploadState> findUpload(const Services& services, const domain::Caller& caller, const Id& id, std::size_t offset,
                               std::size_t limit);

// The uploads that the caller has begun (the platform: everybody's), the newest first. `kind`: "calls" or "durations".
// Code "bad-cursor".
struct UploadPage {
    std::vector<store::Upload> uploads;
    std::optional<std::string> next;
};
Result<UploadPage> listUploads(const Services& services, const CursorKey& cursors, const domain::Caller& caller,
                               const std::optional<std::string>& kind, const std::optional<std::string>& cursor,
                               std::size_t limit);

}  // namespace meetpoint::exchange
