// What a reader has ready: batches of limited size, filled at the back and taken from the front.
#pragma once

#include <deque>

#include "formats/reader.h"

namespace meetpoint::formats {

class BatchQueue {
public:
    BatchQueue(columns::LaneKind lane, std::size_t batchRows)
        : lane_(lane), batchRows_(std::max<std::size_t>(1, batchRows)) {}

    // The batch that the next record goes into.
    ReadBatch& back();
    // Records and faults that wait.
    std::size_t ready() const;
    // See RecordReader::take.
    ReadBatch take(std::size_t maxRows);

private:
    columns::LaneKind lane_;
    std::size_t batchRows_;
    std::deque<ReadBatch> batches_;
};

}  // namespace meetpoint::formats
