// A whole file: opened, detected, decompressed and read piece by piece.
#include <cstdio>
#include <filesystem>

#include "formats/detect.h"

namespace meetpoint::formats {
namespace {

constexpr std::size_t pieceBytes = 256 * 1024;
constexpr std::size_t takeRows = 64 * 1024;

struct CloseFile {
    void operator()(std::FILE* file) const { std::fclose(file); }
};
using File = std::unique_ptr<std::FILE, CloseFile>;

// Moves everything that the reader has ready to the end of `into`.
void drain(RecordReader& reader, std::size_t keptFaults, FileRead& into) {
    while (reader.ready() > 0) {
        ReadBatch batch = reader.take(takeRows);
        into.records.append(batch.records);
        into.origins.insert(into.origins.end(), batch.origins.begin(), batch.origins.end());
        const std::size_t room = keptFaults - std::min(keptFaults, into.faults.size());
        const std::size_t kept = std::min(room, batch.faults.size());
        std::move(batch.faults.begin(), batch.faults.begin() + static_cast<std::ptrdiff_t>(kept),
                  std::back_inserter(into.faults));
    }
}

Result<std::size_t> readPiece(std::FILE* file, Bytes& piece) {
    const std::size_t count = std::fread(piece.data(), 1, piece.size(), file);
    if (count == 0 && std::ferror(file)) return fail(invalidInput("file-not-readable", "it cannot be read to its end"));
    return count;
}

Result<FileRead> readOpened(std::FILE* file, std::uint64_t size, columns::LaneKind lane, const FileOptions& options,
                            const Progress& progress) {
    FileRead out{columns::Records(lane), {}, {}, {}, {}};
    Bytes piece(pieceBytes);
    TRY_ASSIGN(std::size_t count, readPiece(file, piece));
    const ByteView head = ByteView(piece).first(std::min(count, detectionBytes));
    if (options.format) {
        out.detected = {detectCompression(head), *options.format};
    } else {
        TRY_ASSIGN(out.detected, detectFormat(head, options.read.columnMap != nullptr));
    }
    TRY_ASSIGN(const auto reader, makeReader(lane, out.detected.format, options.read));
    Decompressor decompressor(out.detected.compression);
    std::uint64_t done = 0;
    while (count > 0) {
        TRY(decompressor.feed(ByteView(piece).first(count), [&](ByteView plain) -> Result<void> {
            TRY(reader->feed(plain));
            drain(*reader, options.keptFaults, out);
            return {};
        }));
        done += count;
        if (progress && !progress(done, size)) return fail(invalidInput("cancelled", "reading was stopped"));
        TRY_ASSIGN(count, readPiece(file, piece));
    }
    TRY(decompressor.finish());
    TRY(reader->finish());
    drain(*reader, options.keptFaults, out);
    out.counts = reader->counts();
    return out;
}

}  // namespace

Result<FileRead> readFile(const std::string& path, columns::LaneKind lane, const FileOptions& options,
                          const Progress& progress) {
    std::error_code problem;
    if (std::filesystem::is_directory(path, problem))
        return fail(invalidInput("file-not-readable", path + ": is a folder; name a file"));
    const File file(std::fopen(path.c_str(), "rb"));
    if (!file) return fail(invalidInput("file-not-readable", path + ": " + std::strerror(errno)));
    const std::uintmax_t size = std::filesystem::file_size(path, problem);
    Result<FileRead> read = readOpened(file.get(), problem ? 0 : size, lane, options, progress);
    if (!read) return fail(std::move(read).error().prefixed(path));
    return read;
}

}  // namespace meetpoint::formats
