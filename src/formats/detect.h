// What a file holds, by its content and never by its name, and reading a whole file.
#pragma once

#include <functional>
#include <optional>
#include <string>

#include "formats/decompress.h"
#include "formats/reader.h"

namespace meetpoint::formats {

// How much of a file's beginning detectFormat wants.
inline constexpr std::size_t detectionBytes = 64 * 1024;

struct Detected {
    Compression compression = Compression::none;
    Format format = Format::ndjson;
};
// `head` is the first 64 KiB (or all, if less) as stored, perhaps compressed. `hasColumnMap` says that the caller has a
// column map, which any delimited text then fits. Code "unknown-format": the message says what was recognised and what
// is accepted.
Result<Detected> detectFormat(ByteView head, bool hasColumnMap = false);

struct FileRead {
    columns::Records records;
    std::vector<RowOrigin> origins;
    std::vector<RecordFault> faults;  // the first `FileOptions::keptFaults`; `counts.faulted` counts all
    ReadCounts counts;
    Detected detected;
};
struct FileOptions {
    ReadOptions read;
    std::optional<Format> format;  // said by the user; else detected
    std::size_t keptFaults = 10'000;
};
// Called now and then with the bytes of the file read so far and its size; says whether to go on.
using Progress = std::function<bool(std::uint64_t done, std::uint64_t size)>;

// Reads a file, plain or compressed; memory beyond the result is flat. Codes: "file-not-readable", "unknown-format",
// "truncated-input", "bad-compression", "cancelled" and those of makeReader and feed; each message names the file.
Result<FileRead> readFile(const std::string& path, columns::LaneKind lane, const FileOptions& options,
                          const Progress& progress = {});

}  // namespace meetpoint::formats
