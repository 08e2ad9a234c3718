// What uploads say of their records, in their answer and afterwards.
#pragma once

#include "exchange/upload_receipts.h"
#include "http/json.h"

namespace meetpoint::api {

struct UploadCounts {
    std::uint64_t created, updated, unchanged, outdated, conflict, rejected;
};
BOOST_DESCRIBE_STRUCT(UploadCounts, (), (created, updated, unchanged, outdated, conflict, rejected))

struct RecordResult {
    std::uint64_t index = 0;
    std::uint64_t line = 0;
    std::optional<std::string> key;
    std::string status;
    std::optional<std::string> code;
    std::optional<std::string> message;
    std::optional<std::string> pointer;
    static constexpr http::FieldDoc docs[] = {
        {.field = "index", .what = "Position in the upload, from 0"},
        {.field = "line", .what = "Line of the body on which the record starts, from 1"},
        {.field = "key", .what = "callId or recordId, as far as it could be read"},
        {.field = "status",
         .what = "created, updated (higher version), unchanged, outdated (lower version, kept), conflict (same "
                 "version, other content) or rejected"},
        {.field = "pointer", .what = "JSON pointer to the field that is wrong"},
    };
};
BOOST_DESCRIBE_STRUCT(RecordResult, (), (index, line, key, status, code, message, pointer))

UploadCounts wire(const exchange::UploadCounts& counts);
RecordResult wire(const exchange::RecordResult& result);

}  // namespace meetpoint::api
