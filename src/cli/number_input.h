// The numbers of an order as a person names them: on the command line, in files, on standard input.
#pragma once

#include <iosfwd>
#include <string>
#include <vector>

#include "base/result.h"

namespace meetpoint::cli {

struct InputNumber {
    std::string telephoneNumber;  // as written
    std::string reference;        // of its line in a file, perhaps ""
};
// Each argument is a number (a plus or a digit, then digits), `-` for `in`, or a file: one number a line, or CSV below
// a header with `Numbers` or `telephoneNumber`, and perhaps `reference`. What a number must look like is the exchange's
// to say. Codes "file-not-readable"; "bad-csv" with file and line; "no-numbers".
Result<std::vector<InputNumber>> readNumbers(const std::vector<std::string>& arguments, std::istream& in);

// Whether a word is a number and no file's name or id.
bool looksLikeNumber(std::string_view word);

}  // namespace meetpoint::cli
