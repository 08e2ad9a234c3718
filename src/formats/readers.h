// The readers behind makeReader, one for each format.
#pragma once

#include "formats/batch_queue.h"
#include "formats/reader.h"
#include "formats/row.h"

namespace meetpoint::formats {

// What all readers share: options, the row under construction, the queue and the counts.
class ReaderBase : public RecordReader {
public:
    ReaderBase(columns::LaneKind lane, ReadOptions options)
        : lane_(lane), options_(std::move(options)), row_(lane, options_), queue_(lane, options_.batchRows) {}
    std::size_t ready() const override { return queue_.ready(); }
    ReadBatch take(std::size_t maxRows) override { return queue_.take(maxRows); }
    const ReadCounts& counts() const override { return counts_; }

protected:
    // Finishes the row under construction as the next record of the input.
    void finishRow(std::uint64_t line) {
        if (!row_.good()) ++counts_.faulted;
        const bool wasGood = row_.good();
        ReadBatch& batch = queue_.back();
        const std::size_t before = batch.faults.size();
        row_.finish({counts_.records++, line}, batch);
        if (wasGood && batch.faults.size() > before) ++counts_.faulted;
    }
    // A record that cannot even be looked into.
    void faultRow(std::uint64_t line, std::string code, std::string message) {
        queue_.back().faults.push_back({counts_.records++, line, "", std::move(code), std::move(message), "", {}});
        ++counts_.faulted;
    }
    std::string tooLong() const {
        return "the record is longer than " + std::to_string(options_.limits.lineBytes) +
               " bytes and was skipped; split it or send less";
    }

    columns::LaneKind lane_;
    ReadOptions options_;
    RowAssembler row_;
    BatchQueue queue_;
    ReadCounts counts_;
};

std::unique_ptr<RecordReader> makeLineReader(columns::LaneKind lane, ReadOptions options);
std::unique_ptr<RecordReader> makeArrayReader(columns::LaneKind lane, ReadOptions options);
std::unique_ptr<RecordReader> makeCsvReader(columns::LaneKind lane, ReadOptions options);
std::unique_ptr<RecordReader> makeAsteriskReader(columns::LaneKind lane, ReadOptions options);
std::unique_ptr<RecordReader> makeMappedReader(columns::LaneKind lane, ReadOptions options);

}  // namespace meetpoint::formats
