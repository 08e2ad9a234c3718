// Any bytes as a stored part, as a filter and as rows of own numbers: refused or decoded, never read out of bounds;
// what was decoded encodes and decodes to the same content, and what can be opened without decompressing decodes alike.
#include "columns/arrow_ipc.h"
#include "columns/content_hash.h"
#include "columns/key_filter.h"
#include "columns/number_rows.h"
#include "columns/records.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace meetpoint;
    using namespace meetpoint::columns;
    const ByteView bytes(data, size);
    ArrowLimits limits;
    limits.rows = 10'000;
    limits.bufferBytes = 1 << 20;
    for (const auto kind : {LaneKind::assignments, LaneKind::calls, LaneKind::durations, LaneKind::items}) {
        for (const Schema* part : schemaOf(kind).parts) {
            if (!part) continue;
            (void)openBatch(*part, bytes, limits);
            const auto batch = decodeBatch(*part, bytes, {}, limits);
            std::vector<std::uint32_t> rows;
            for (std::uint32_t row = 0; row < limits.rows; row += 3)
                if (!batch || row < batch->rows()) rows.push_back(row);
            const auto some = decodeRows(*part, bytes, rows, {}, limits);
            if (!batch) continue;
            if (!some ||
                contentHash(*some, some->columnCount()) != contentHash(batch->gather(rows), some->columnCount()))
                __builtin_trap();
            const auto again = decodeBatch(*part, encodeBatch(*batch, Compression::zstd), {}, limits);
            if (!again || contentHash(*again, again->columnCount()) != contentHash(*batch, batch->columnCount()))
                __builtin_trap();
        }
    }
    if (const auto filter = KeyFilter::fromBytes(bytes)) (void)filter->mayContain(size);
    if (const auto numbers = NumberRows::fromBytes(bytes, limits.rows)) {
        for (std::uint64_t upper = 0; upper < 1 << 16; upper += 1'000)
            for (const std::uint32_t row : *numbers->find(upper << 48, {INT64_MIN}, {INT64_MAX}))
                if (row >= limits.rows) __builtin_trap();
    }
    return 0;
}
