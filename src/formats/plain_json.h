// Records spelled as machines spell them, read in one pass without an index of the text: names that are known and come
// once, texts without escapes, numbers of few digits. Nothing is refused here: what is spelled otherwise, or wrongly,
// is left to JsonRecordParser, which reads everything and says what is wrong with it.
#pragma once

#include <memory>
#include <string_view>

#include "formats/row.h"

namespace meetpoint::formats {

class PlainJsonReader {
public:
    PlainJsonReader();
    ~PlainJsonReader();
    // Reads one object into a row that was begun. False if its spelling is not plain; the row then holds some of its
    // fields and must be begun anew. JsonRecordParser::padding() bytes past the end must be readable.
    bool read(std::string_view json, RowAssembler& row);
    // The object of extensions of the record read last, as it was spelled; empty if it had none.
    std::string_view extensions() const { return extensions_; }

private:
    struct Orders;
    class Walk;
    std::unique_ptr<Orders> orders_;
    std::string_view extensions_;
};

}  // namespace meetpoint::formats
