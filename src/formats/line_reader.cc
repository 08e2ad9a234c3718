// NDJSON: a line is parsed where it lies in the buffer.
#include "formats/json_record.h"
#include "formats/readers.h"

namespace meetpoint::formats {
namespace {

constexpr std::size_t chunkBytes = 256 * 1024;

class LineReader final : public ReaderBase {
public:
    using ReaderBase::ReaderBase;

    Result<void> feed(ByteView piece) override {
        counts_.bytes += piece.size();
        for (; !piece.empty(); piece = piece.subspan(std::min(piece.size(), chunkBytes)))
            takeChunk(textOf(piece.first(std::min(piece.size(), chunkBytes))));
        return {};
    }

    Result<void> finish() override {
        if (!skipping_ && used_ > 0) readLine({buffer_.data(), used_});
        used_ = scanned_ = 0;
        return {};
    }

private:
    void takeChunk(std::string_view chunk) {
        if (skipping_) {
            const std::size_t newline = chunk.find('\n');
            if (newline == std::string_view::npos) return;
            chunk.remove_prefix(newline + 1);
            skipping_ = false;
        }
        if (buffer_.size() < used_ + chunk.size() + JsonRecordParser::padding())
            buffer_.resize(used_ + chunk.size() + JsonRecordParser::padding());
        std::memcpy(buffer_.data() + used_, chunk.data(), chunk.size());
        used_ += chunk.size();
        readLines();
        if (used_ > options_.limits.lineBytes) {
            faultRow(++counts_.lines, "line-too-long", tooLong());
            skipping_ = true;
            used_ = scanned_ = 0;
        }
    }

    // Reads the whole lines of the buffer and moves what is left to its front.
    void readLines() {
        std::size_t start = 0;
        while (true) {
            const char* from = buffer_.data() + scanned_;
            const void* newline = std::memchr(from, '\n', used_ - scanned_);
            if (!newline) break;
            const std::size_t end = static_cast<std::size_t>(static_cast<const char*>(newline) - buffer_.data());
            readLine({buffer_.data() + start, end - start});
            start = scanned_ = end + 1;
        }
        std::memmove(buffer_.data(), buffer_.data() + start, used_ - start);
        used_ -= start;
        scanned_ = used_;
    }

    void readLine(std::string_view line) {
        const std::uint64_t number = ++counts_.lines;
        if (line.size() > options_.limits.lineBytes) return faultRow(number, "line-too-long", tooLong());
        if (number == 1 && line.starts_with("\xEF\xBB\xBF")) line.remove_prefix(3);
        while (!line.empty() && (line.back() == '\r' || line.back() == ' ' || line.back() == '\t'))
            line.remove_suffix(1);
        if (line.find_first_not_of(" \t") == std::string_view::npos) return;
        row_.begin();
        parser_.parse(line, options_.lenient, row_, counts_.ignoredFields);
        finishRow(number);
    }

    JsonRecordParser parser_;
    std::vector<char> buffer_;
    std::size_t used_ = 0;     // bytes of the buffer that hold input
    std::size_t scanned_ = 0;  // of which the first ones hold no newline
    bool skipping_ = false;    // inside a line that is too long
};

}  // namespace

std::unique_ptr<RecordReader> makeLineReader(columns::LaneKind lane, ReadOptions options) {
    return std::make_unique<LineReader>(lane, std::move(options));
}

}  // namespace meetpoint::formats
