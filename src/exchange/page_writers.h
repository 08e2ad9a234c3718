// A page that a scan found, record by record as text.
#pragma once

#include "exchange/time_scan.h"
#include "formats/writer.h"

namespace meetpoint::exchange {

// A writer for each slice of a page. The page, and `shape` where one is given, must outlive it and not change.
class PageWriters {
public:
    explicit PageWriters(const ScannedPage& page, const formats::RecordShape* shape = nullptr);
    PageWriters(const PageWriters&) = delete;
    PageWriters& operator=(const PageWriters&) = delete;

    const formats::RecordWriter& of(std::size_t slice) const { return *slices_[slice].writer; }

private:
    struct Slice {
        std::string carrier;
        std::vector<std::uint64_t> sequences;
        std::optional<formats::RecordWriter> writer;
    };
    std::vector<Slice> slices_;
};

}  // namespace meetpoint::exchange
