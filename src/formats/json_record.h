// One record of JSON into a RowAssembler, with simdjson's on-demand parser: no tree, no allocation a field.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "formats/row.h"

namespace meetpoint::formats {

class JsonRecordParser {
public:
    JsonRecordParser();
    ~JsonRecordParser();
    // Bytes that must be readable past the end of any text given to parse().
    static std::size_t padding();

    // Reads one object into a row that was begun. `ignoredFields` counts unknown fields when `lenient`; else each is a
    // fault. Texts of the record lie in `json` or in this parser until the next call.
    void parse(std::string_view json, bool lenient, RowAssembler& row, std::uint64_t& ignoredFields);

    // The same without the short way that parse() has for what is plainly spelled (plain_json.h).
    void parseAnySpelling(std::string_view json, bool lenient, RowAssembler& row, std::uint64_t& ignoredFields);

    // The same for values that CSV holds as JSON text; `json` needs no padding. False, with a fault, if it is
    // malformed.
    void parseExtensions(std::string_view json, RowAssembler& row);
    void parseStreams(std::string_view json, bool lenient, RowAssembler& row, std::uint64_t& ignoredFields);

private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

}  // namespace meetpoint::formats
