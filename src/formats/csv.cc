#include "formats/csv.h"

#include <cstring>

namespace meetpoint::formats {
namespace {

bool isBlank(char c) {
    return c == ' ' || c == '\t';
}

}  // namespace

void CsvSplitter::feed(std::string_view piece, const Sink& sink) {
    constexpr std::string_view mark = "\xEF\xBB\xBF";
    for (std::size_t i = 0; i < piece.size();) {
        if (line_ == 1 && size_ == marks_ && marks_ < mark.size() && piece[i] == mark[marks_]) {
            // A byte order mark that turns out to be none is not UTF-8 anyway.
            ++marks_;
            ++i;
            size_ = marks_;
            continue;
        }
        const std::size_t run = takeRun(piece.substr(i));
        i += run;
        if (run == 0) take(piece[i++], sink);
        if (size_ > longest_ && state_ != State::skipping) {
            endRecord(sink, CsvRecord::State::tooLong);
            state_ = State::skipping;
        }
    }
}

// Takes the bytes that mean nothing but themselves; how many those are.
std::size_t CsvSplitter::takeRun(std::string_view rest) {
    std::size_t run = 0;
    if (state_ == State::quoted) {
        while (run < rest.size() && rest[run] != quote_ && rest[run] != '\n')
            ++run;
    } else if (state_ == State::plain) {
        while (run < rest.size() && rest[run] != delimiter_ && rest[run] != quote_ && rest[run] != '\n')
            ++run;
    } else if (state_ == State::skipping) {
        while (run < rest.size() && rest[run] != '\n')
            ++run;
        return run;
    }
    // One byte over the limit is enough to see that it is passed, wherever the input was cut.
    run = std::min(run, longest_ + 1 - std::min(longest_, size_));
    text_.append(rest.substr(0, run));
    size_ += run;
    return run;
}

void CsvSplitter::take(char c, const Sink& sink) {
    const bool lineEnd = c == '\n';
    line_ += lineEnd;
    if (state_ == State::skipping) {
        state_ = State::fieldStart;
        startLine_ = line_;
        return;
    }
    const std::size_t fieldFrom = ends_.empty() ? 0 : ends_.back();
    if (lineEnd && state_ != State::quoted) {
        if (state_ == State::plain && text_.size() > fieldFrom && text_.back() == '\r') text_.pop_back();
        const bool empty = !anyQuoted_ && ends_.empty() && text_.empty();
        if (!empty) {
            endField();
            endRecord(sink, bad_ ? CsvRecord::State::badQuote : CsvRecord::State::good);
        }
        state_ = State::fieldStart;
        size_ = 0;
        startLine_ = line_;
        return;
    }
    ++size_;
    if (state_ == State::quoted) {
        if (c == quote_)
            state_ = State::afterQuote;
        else
            text_ += c;
    } else if (c == delimiter_) {
        endField();
        state_ = State::fieldStart;
    } else if (state_ == State::afterQuote) {
        if (c == quote_) {
            text_ += c;
            state_ = State::quoted;
        } else if (!isBlank(c) && c != '\r') {
            bad_ = true;
        }
    } else if (c == quote_) {
        const std::string_view before = std::string_view(text_).substr(fieldFrom);
        if (before.find_first_not_of(" \t") == std::string_view::npos) {
            text_.resize(fieldFrom);
            state_ = State::quoted;
            anyQuoted_ = true;
        } else {
            text_ += c;
        }
    } else {
        text_ += c;
        state_ = State::plain;
    }
}

void CsvSplitter::endField() {
    ends_.push_back(text_.size());
}

void CsvSplitter::endRecord(const Sink& sink, CsvRecord::State state) {
    record_.state = state;
    record_.line = startLine_;
    record_.fields.clear();
    record_.all = text_;
    if (state == CsvRecord::State::good) {
        std::size_t from = 0;
        for (const std::size_t end : ends_) {
            record_.fields.push_back(std::string_view(text_).substr(from, end - from));
            from = end;
        }
    }
    sink(record_);
    text_.clear();
    ends_.clear();
    size_ = 0;
    bad_ = anyQuoted_ = false;
}

void CsvSplitter::finish(const Sink& sink) {
    if (state_ == State::quoted) {
        endRecord(sink, CsvRecord::State::openQuote);
    } else if (state_ != State::skipping && (!text_.empty() || !ends_.empty() || anyQuoted_)) {
        const std::uint64_t line = line_;
        take('\n', sink);
        line_ = line;
    }
    state_ = State::skipping;
}

}  // namespace meetpoint::formats
