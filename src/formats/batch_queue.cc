#include "formats/batch_queue.h"

namespace meetpoint::formats {
namespace {

// Takes the first `rows` records, and the faults before the record after them, out of a batch.
ReadBatch splitFront(ReadBatch& batch, std::size_t rows) {
    ReadBatch front{batch.records.slice(0, rows), {}, {}};
    const std::uint64_t next = batch.origins[rows].index;
    front.origins.assign(batch.origins.begin(), batch.origins.begin() + static_cast<std::ptrdiff_t>(rows));
    const auto end = std::find_if(batch.faults.begin(), batch.faults.end(),
                                  [next](const RecordFault& fault) { return fault.index >= next; });
    front.faults.assign(std::make_move_iterator(batch.faults.begin()), std::make_move_iterator(end));
    batch.faults.erase(batch.faults.begin(), end);
    batch.origins.erase(batch.origins.begin(), batch.origins.begin() + static_cast<std::ptrdiff_t>(rows));
    batch.records = batch.records.slice(rows, batch.records.rows() - rows);
    return front;
}

}  // namespace

ReadBatch& BatchQueue::back() {
    const auto isFull = [this](const ReadBatch& batch) {
        return batch.origins.size() + batch.faults.size() >= batchRows_;
    };
    if (batches_.empty() || isFull(batches_.back())) batches_.push_back({columns::Records(lane_), {}, {}});
    return batches_.back();
}

std::size_t BatchQueue::ready() const {
    std::size_t total = 0;
    for (const ReadBatch& batch : batches_)
        total += batch.origins.size() + batch.faults.size();
    return total;
}

ReadBatch BatchQueue::take(std::size_t maxRows) {
    maxRows = std::max<std::size_t>(1, maxRows);
    if (batches_.empty()) return {columns::Records(lane_), {}, {}};
    batches_.front().records.complete();
    if (batches_.front().origins.size() > maxRows) return splitFront(batches_.front(), maxRows);
    ReadBatch front = std::move(batches_.front());
    batches_.pop_front();
    return front;
}

}  // namespace meetpoint::formats
