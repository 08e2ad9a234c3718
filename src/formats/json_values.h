// Which value a field takes, said once for both ways of reading JSON (plain_json, json_record). A `Value` reads what
// stands at a place: get(T&) of integers, numbers, flags and texts is false where something else stands.
#pragma once

#include "formats/row.h"

namespace meetpoint::formats {

// A top-level field that is neither an object nor a list.
template <class Value>
bool setScalar(RowAssembler& row, int index, Value& value) {
    const auto read = [&]<class T>(T into, void (RowAssembler::*set)(int, T)) {
        if (!value.get(into)) return false;
        (row.*set)(index, into);
        return true;
    };
    switch (row.fields()[index].kind) {
        case ValueKind::milliseconds:
        case ValueKind::integer:
            return read(std::int64_t{}, &RowAssembler::setInteger);
        case ValueKind::seconds:
            return read(double{}, &RowAssembler::setNumber);
        case ValueKind::flag:
            return read(bool{}, &RowAssembler::setFlag);
        default:
            return read(std::string_view{}, &RowAssembler::setText);
    }
}

// A field of the stream that was begun last.
template <class Value>
bool setStreamScalar(RowAssembler& row, int inner, Value& value) {
    const auto read = [&]<class T>(T into, void (RowAssembler::*set)(int, T)) {
        if (!value.get(into)) return false;
        (row.*set)(inner, into);
        return true;
    };
    switch (row.streamFields()[inner].kind) {
        case ValueKind::count:
            return read(std::int64_t{}, &RowAssembler::setStreamCount);
        case ValueKind::text:
            return read(std::string_view{}, &RowAssembler::setStreamText);
        default:
            return read(double{}, &RowAssembler::setStreamNumber);
    }
}

}  // namespace meetpoint::formats
