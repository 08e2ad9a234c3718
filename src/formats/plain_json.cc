#include "formats/plain_json.h"

#include <bit>

#include <simdjson.h>

#include "formats/json_values.h"

namespace meetpoint::formats {
namespace {

constexpr std::uint64_t ones = 0x0101010101010101ULL, tops = ones << 7;

std::uint64_t eightAt(const char* at) {
    static_assert(std::endian::native == std::endian::little);
    std::uint64_t word = 0;
    std::memcpy(&word, at, sizeof word);
    return word;
}

// The top bit of every byte that is less than `limit`, of at most 0x80; bits above the first such byte may be set
// wrongly.
std::uint64_t bytesBelow(std::uint64_t word, unsigned char limit) {
    return (word - ones * limit) & ~word & tops;
}
std::uint64_t bytesEqual(std::uint64_t word, unsigned char byte) {
    return bytesBelow(word ^ ones * byte, 1);
}
// What no plain text goes on past: quotation mark, backslash, control character. With its second bit turned over, a
// quotation mark (0x22) is what comes after the control characters, which stay among themselves.
std::uint64_t textStops(std::uint64_t word) {
    return bytesBelow(word ^ ones * 2, 0x21) | bytesEqual(word, '\\');
}

bool isDigit(char c) {
    return static_cast<unsigned char>(c - '0') <= 9;
}

// A place in a text. Each get() reads one value, or says that it is not plainly spelled. Reads beyond the text end
// within its padding: longer values look where it ends.
class Cursor {
public:
    explicit Cursor(std::string_view text) : at_(text.data()), end_(text.data() + text.size()) {}

    const char* at() const { return at_; }
    void advance(std::size_t bytes) { at_ += bytes; }
    bool atEnd() { return !hasMore() && at_ == end_; }
    // Whether something other than a blank is left, which is then next.
    bool hasMore() {
        while (at_ < end_ && isBlank(*at_))
            ++at_;
        return at_ < end_;
    }
    bool isNext(char c) const { return *at_ == c; }
    // Takes this character, if it is next after blanks.
    bool take(char c) {
        if (*at_ != c) hasMore();
        if (*at_ != c || at_ >= end_) return false;
        ++at_;
        return true;
    }
    bool takeWord(std::string_view word) {
        if (std::memcmp(at_, word.data(), word.size()) != 0) return false;
        at_ += word.size();
        return true;
    }

    bool get(std::int64_t& value) {
        constexpr std::ptrdiff_t mostDigits = 18;
        const char* start = at_;
        std::int64_t digits = 0;
        for (; isDigit(*at_); ++at_) {
            if (at_ - start == mostDigits) return false;
            digits = digits * 10 + (*at_ - '0');
        }
        value = digits;
        return at_ - start == 1 || (at_ != start && *start != '0');
    }

    // Digits below 2^53 and a power of ten up to 10^22 are exact, so that one division rounds correctly.
    bool get(double& value) {
        static constexpr double powers[] = {1e0, 1e1, 1e2,  1e3,  1e4,  1e5,  1e6,  1e7,
                                            1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15};
        constexpr std::ptrdiff_t mostDigits = 15;
        const char* start = at_;
        std::int64_t digits = 0;
        if (!get(digits)) return false;
        value = static_cast<double>(digits);
        if (*at_ != '.') return true;
        const char* fraction = ++at_;
        for (; isDigit(*at_); ++at_) {
            if (at_ - start > mostDigits) return false;
            digits = digits * 10 + (*at_ - '0');
        }
        if (at_ == fraction) return false;
        value = static_cast<double>(digits) / powers[at_ - fraction];
        return true;
    }

    bool get(bool& value) {
        value = *at_ == 't';
        return takeWord(value ? "true" : "false");
    }

    bool get(std::string_view& text) {
        if (*at_ != '"') return false;
        const char* start = ++at_;
        std::uint64_t beyondAscii = 0;
        for (; at_ < end_; at_ += sizeof(std::uint64_t)) {
            const std::uint64_t word = eightAt(at_);
            const std::uint64_t stops = textStops(word);
            if (stops == 0) {
                beyondAscii |= word & tops;
                continue;
            }
            const std::uint64_t first = stops & (~stops + 1);
            beyondAscii |= word & tops & (first - 1);
            at_ += std::countr_zero(first) / 8;
            text = {start, static_cast<std::size_t>(at_ - start)};
            return *at_++ == '"' && (beyondAscii == 0 || simdjson::validate_utf8(text.data(), text.size()));
        }
        return false;
    }

private:
    static bool isBlank(char c) { return c <= ' ' && (c == ' ' || c == '\t' || c == '\n' || c == '\r'); }

    const char* at_;
    const char* end_;
};

// Finds fields by name. Records of one sender have their fields in the same order, so that a field is first taken to be
// the one that came after its predecessor last time.
class FieldOrder {
public:
    // Before the first field of an object.
    void begin() { previous_ = 0; }
    // The field whose name stands at the cursor, which is taken with its quotation mark; -1 if there is none.
    int take(const FieldIndex& fields, Cursor& cursor) {
        int index = after_[previous_];
        if (index < 0 || !fields.isNameAt(index, cursor.at())) {
            index = fields.find(nameAt(cursor.at()));
            if (index < 0) return -1;
            after_[previous_] = static_cast<std::int8_t>(index);
        }
        previous_ = static_cast<std::size_t>(index) + 1;
        cursor.advance(fields[index].name.size() + 1);
        return index;
    }

private:
    // Up to the next quotation mark, which no name in the tables holds; empty if it is far.
    static std::string_view nameAt(const char* at) {
        constexpr std::size_t longest = 64;
        for (std::size_t i = 0; i < longest; i += sizeof(std::uint64_t))
            if (const std::uint64_t ends = bytesEqual(eightAt(at + i), '"'))
                return {at, i + static_cast<std::size_t>(std::countr_zero(ends)) / 8};
        return {};
    }

    std::array<std::int8_t, 65> after_ = [] {
        std::array<std::int8_t, 65> none{};
        none.fill(-1);
        return none;
    }();
    std::size_t previous_ = 0;  // 0: none, else one more than its position
};

}  // namespace

struct PlainJsonReader::Orders {
    FieldOrder record, endpoint, stream;
};

// One reading of one record. Each function is false where the spelling is not plain.
class PlainJsonReader::Walk {
public:
    Walk(std::string_view json, RowAssembler& row, Orders& orders) : cursor_(json), row_(row), orders_(orders) {}

    bool readRecord() {
        const auto readField = [this](int index) { return row_.see(index) && this->readField(index); };
        return readObject(row_.fields(), orders_.record, readField) && cursor_.atEnd();
    }
    std::string_view extensions() const { return extensions_; }

private:
    // An object of at least one field; `use` reads the value of each.
    template <class Use>
    bool readObject(const FieldIndex& fields, FieldOrder& order, Use use) {
        if (!cursor_.take('{')) return false;
        order.begin();
        do {
            if (!cursor_.take('"')) return false;
            const int index = order.take(fields, cursor_);
            if (index < 0 || !cursor_.take(':') || !cursor_.hasMore() || !use(index)) return false;
        } while (cursor_.take(','));
        return cursor_.take('}');
    }

    bool readField(int index) {
        const WireField& field = row_.fields()[index];
        if (field.presence == Presence::givenOut) return false;
        if (cursor_.isNext('n')) {
            row_.setNull(index);
            return cursor_.takeWord("null");
        }
        switch (field.kind) {
            case ValueKind::object:
                return readEndpoint();
            case ValueKind::list:
                return readStreams();
            case ValueKind::extensions:
                return findExtensions();
            default:
                return setScalar(row_, index, cursor_);
        }
    }

    bool readEndpoint() {
        std::uint32_t seen = 0;
        return readObject(row_.endpointFields(), orders_.endpoint, [&](int inner) {
            std::string_view text;
            if (seen >> inner & 1) return false;
            seen |= 1u << inner;
            if (cursor_.isNext('n')) return cursor_.takeWord("null");
            if (!cursor_.get(text)) return false;
            row_.setEndpoint(inner, text);
            return true;
        });
    }

    bool readStreams() {
        if (!cursor_.take('[')) return false;
        do {
            if (!row_.beginStream() || !readStream()) return false;
            row_.setPlace({});
        } while (cursor_.take(','));
        return cursor_.take(']');
    }

    bool readStream() {
        std::uint32_t seen = 0;
        return readObject(row_.streamFields(), orders_.stream, [&](int inner) {
            if (seen >> inner & 1) return false;
            seen |= 1u << inner;
            return cursor_.isNext('n') ? cursor_.takeWord("null") : setStreamScalar(row_, inner, cursor_);
        });
    }

    // Where the object of extensions ends; whoever reads it judges it.
    bool findExtensions() {
        const char* start = cursor_.at();
        if (!cursor_.take('{')) return false;
        while (!cursor_.take('}')) {
            std::string_view text;
            if (!cursor_.hasMore() || cursor_.isNext('{') || cursor_.isNext('[')) return false;
            if (!cursor_.isNext('"'))
                cursor_.advance(1);
            else if (!cursor_.get(text))
                return false;
        }
        extensions_ = {start, static_cast<std::size_t>(cursor_.at() - start)};
        return true;
    }

    Cursor cursor_;
    RowAssembler& row_;
    Orders& orders_;
    std::string_view extensions_;
};

PlainJsonReader::PlainJsonReader() : orders_(std::make_unique<Orders>()) {}
PlainJsonReader::~PlainJsonReader() = default;

bool PlainJsonReader::read(std::string_view json, RowAssembler& row) {
    Walk walk(json, row, *orders_);
    const bool isPlain = walk.readRecord();
    extensions_ = walk.extensions();
    return isPlain;
}

}  // namespace meetpoint::formats
