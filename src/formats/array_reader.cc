// A JSON array of records, or a single one: elements are cut out as they come, the body is never held.
#include "formats/json_record.h"
#include "formats/readers.h"

namespace meetpoint::formats {
namespace {

class ArrayReader final : public ReaderBase {
public:
    using ReaderBase::ReaderBase;

    Result<void> feed(ByteView piece) override {
        for (const char c : textOf(piece)) {
            if (counts_.lines == 0) counts_.lines = 1;
            take(c);
            ++counts_.bytes;
            counts_.lines += c == '\n';
        }
        return {};
    }

    Result<void> finish() override {
        if (state_ == State::element && isScalar_ && single_) endElement();
        if (state_ == State::start) return {};
        if (state_ != State::done && state_ != State::broken)
            faultRow(
                counts_.lines, "bad-json",
                "the input ends at byte " + std::to_string(counts_.bytes) + " before the JSON does; send the rest");
        return {};
    }

    using ReaderBase::take;

private:
    enum class State { start, beforeElement, element, afterElement, done, broken };

    static bool isBlank(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }

    void take(char c) {
        switch (state_) {
            case State::start:
                if (isBlank(c) || isByteOrderMark(c)) return;
                if (c == '[') {
                    state_ = State::beforeElement;
                    return;
                }
                single_ = true;
                return beginElement(c);
            case State::beforeElement:
                if (isBlank(c)) return;
                if (c == ']' && elements_ == 0) {
                    state_ = State::done;
                    return;
                }
                if (c == ']' || c == ',') return breakOff("expected a record");
                return beginElement(c);
            case State::element:
                return takeInside(c);
            case State::afterElement:
                if (isBlank(c)) return;
                if (c == ',')
                    state_ = State::beforeElement;
                else if (c == ']')
                    state_ = State::done;
                else
                    breakOff("expected a comma or ]");
                return;
            case State::done:
                if (!isBlank(c)) breakOff("something follows the end");
                return;
            case State::broken:
                return;
        }
    }

    bool isByteOrderMark(char c) const {
        constexpr std::string_view mark = "\xEF\xBB\xBF";
        return counts_.bytes < mark.size() && c == mark[counts_.bytes];
    }

    void breakOff(std::string_view why) {
        faultRow(counts_.lines, "bad-json",
                 std::string(why) + " at byte " + std::to_string(counts_.bytes) +
                     "; nothing after it was read. NDJSON would confine such a mistake to its line");
        state_ = State::broken;
    }

    void beginElement(char c) {
        state_ = State::element;
        ++elements_;
        text_.clear();
        size_ = depth_ = 0;
        inString_ = escaped_ = false;
        startLine_ = counts_.lines;
        isScalar_ = c != '{' && c != '[' && c != '"';
        takeInside(c);
    }

    void takeInside(char c) {
        if (isScalar_ && (c == ',' || c == ']' || isBlank(c))) {
            endElement();
            if (!single_ || !isBlank(c)) take(c);
            return;
        }
        ++size_;
        if (size_ <= options_.limits.lineBytes) text_ += c;
        if (inString_) {
            if (escaped_)
                escaped_ = false;
            else if (c == '\\')
                escaped_ = true;
            else if (c == '"')
                inString_ = false;
        } else if (c == '"') {
            inString_ = true;
        } else if (c == '{' || c == '[') {
            ++depth_;
        } else if ((c == '}' || c == ']') && depth_ > 0) {
            --depth_;
        }
        if (!isScalar_ && !inString_ && depth_ == 0) endElement();
    }

    void endElement() {
        state_ = single_ ? State::done : State::afterElement;
        if (size_ > options_.limits.lineBytes) return faultRow(startLine_, "line-too-long", tooLong());
        const std::size_t size = text_.size();
        text_.resize(size + JsonRecordParser::padding());
        row_.begin();
        parser_.parse({text_.data(), size}, options_.lenient, row_, counts_.ignoredFields);
        finishRow(startLine_);
    }

    JsonRecordParser parser_;
    State state_ = State::start;
    bool single_ = false;   // one object instead of an array
    std::string text_;      // the element so far, up to the limit
    std::size_t size_ = 0;  // its whole length
    std::size_t depth_ = 0;
    bool inString_ = false, escaped_ = false, isScalar_ = false;
    std::uint64_t startLine_ = 0, elements_ = 0;
};

}  // namespace

std::unique_ptr<RecordReader> makeArrayReader(columns::LaneKind lane, ReadOptions options) {
    return std::make_unique<ArrayReader>(lane, std::move(options));
}

}  // namespace meetpoint::formats
