#include "exchange/page_writers.h"

namespace meetpoint::exchange {

PageWriters::PageWriters(const ScannedPage& page, const formats::RecordShape* shape) : slices_(page.slices.size()) {
    for (std::size_t i = 0; i < slices_.size(); ++i) {
        const store::LaneSlice& from = page.slices[i];
        Slice& slice = slices_[i];
        if (page.carriers[i]) slice.carrier = formatId(*page.carriers[i]);
        slice.sequences.assign(from.sequences.begin(), from.sequences.end());
        slice.writer.emplace(from.records,
                             formats::WriteContext{slice.carrier, {}, slice.sequences, from.storedAt, shape});
    }
}

}  // namespace meetpoint::exchange
