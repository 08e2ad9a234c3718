// Cutting delimited text into records (RFC 4180) as it comes in pieces. Quoted fields may hold delimiters and line
// ends; blanks around a quoted field, which some systems pad with, are dropped; LF and CRLF both end a record; empty
// lines are no records.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"

namespace meetpoint::formats {

struct CsvRecord {
    enum class State { good, tooLong, openQuote, badQuote };
    State state = State::good;
    std::uint64_t line = 0;                // 1-based, where it starts
    std::string_view all;                  // the unquoted fields, one after the other
    std::vector<std::string_view> fields;  // valid during the call; empty unless good
};

class CsvSplitter {
public:
    using Sink = std::function<void(const CsvRecord&)>;

    // A record of more than `longest` bytes, quotes and delimiters included, is not held: it is reported as tooLong and
    // reading goes on at the next line.
    CsvSplitter(char delimiter, char quote, std::size_t longest)
        : delimiter_(delimiter), quote_(quote), longest_(longest) {}

    void feed(std::string_view piece, const Sink& sink);
    // The input ends here.
    void finish(const Sink& sink);
    std::uint64_t lines() const { return line_; }

private:
    enum class State { fieldStart, plain, quoted, afterQuote, skipping };

    void take(char c, const Sink& sink);
    void endField();
    void endRecord(const Sink& sink, CsvRecord::State state);
    std::size_t takeRun(std::string_view rest);

    char delimiter_;
    char quote_;
    std::size_t longest_;
    State state_ = State::fieldStart;
    std::string text_;               // fields of the record so far, unquoted, without delimiters
    std::vector<std::size_t> ends_;  // where each field ends in text_
    std::size_t size_ = 0;           // bytes of the record so far, as sent
    bool bad_ = false;
    bool anyQuoted_ = false;
    std::size_t marks_ = 0;  // bytes of a byte order mark seen
    std::uint64_t line_ = 1;
    std::uint64_t startLine_ = 1;
    CsvRecord record_;
};

}  // namespace meetpoint::formats
