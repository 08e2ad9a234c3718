// One record on its way into columns. Readers give it values by wire field; it checks each value, then what the values
// say together, and only a record without fault is appended: nothing ever has to be taken back out of a column.
#pragma once

#include <array>
#include <string>
#include <string_view>
#include <vector>

#include "columns/records.h"
#include "domain/phone_number.h"
#include "formats/reader.h"
#include "formats/values.h"
#include "formats/wire.h"

namespace meetpoint::formats {

// Finds a wire field by name without comparing more than one name. Built once a reader.
class FieldIndex {
public:
    explicit FieldIndex(std::span<const WireField> fields);
    // Position in the table; -1 if there is no such field.
    int find(std::string_view name) const {
        const Ends ends = endsOf(name);
        const Slot& slot = table_[slotOf(ends)];
        if (slot.ends.first != ends.first || slot.ends.last != ends.last || slot.ends.size != ends.size) return -1;
        // Up to 16 bytes the two ends are the whole name.
        const bool same = name.size() <= 16 || fields_[static_cast<std::size_t>(slot.index)].name == name;
        return same ? slot.index : -1;
    }
    // Whether the field's name and then a quotation mark stand at `at`, of which 64 bytes must be readable.
    bool isNameAt(int index, const char* at) const {
        const Ends& wanted = ends_[static_cast<std::size_t>(index)];
        if (at[wanted.size] != '"') return false;
        const Ends ends = endsOf({at, wanted.size});
        if (ends.first != wanted.first || ends.last != wanted.last) return false;
        return wanted.size <= 16 ||
               std::memcmp(at, fields_[static_cast<std::size_t>(index)].name.data(), wanted.size) == 0;
    }
    const WireField& operator[](int index) const { return fields_[static_cast<std::size_t>(index)]; }
    std::size_t size() const { return fields_.size(); }

private:
    static constexpr unsigned tableBits = 9;
    // The first and the last 8 bytes of a name; of a shorter one all bytes in `first`.
    struct Ends {
        std::uint64_t first = 0, last = 0, size = 0;
    };
    struct Slot {
        Ends ends;
        int index = -1;
    };
    static Ends endsOf(std::string_view name) {
        Ends ends{0, 0, name.size()};
        if (name.size() >= 8) {
            std::memcpy(&ends.first, name.data(), 8);
            std::memcpy(&ends.last, name.data() + name.size() - 8, 8);
        } else if (name.size() >= 4) {
            std::uint32_t low = 0, high = 0;
            std::memcpy(&low, name.data(), 4);
            std::memcpy(&high, name.data() + name.size() - 4, 4);
            ends.first = low | static_cast<std::uint64_t>(high) << 32;
        } else {
            for (const char c : name)
                ends.first = ends.first << 8 | static_cast<unsigned char>(c);
        }
        return ends;
    }
    std::size_t slotOf(const Ends& ends) const {
        return ((ends.first ^ (ends.last >> 7) ^ ends.size) * seed_) >> (64 - tableBits);
    }

    std::span<const WireField> fields_;
    std::array<Slot, 1 << tableBits> table_{};
    std::vector<Ends> ends_;  // of each field's name
    std::uint64_t seed_ = 0;
};

// A value that has been checked, ready for its column.
union Cell {
    Cell() : integer(0) {}
    std::int64_t integer;  // times, counts, closed sets, flags
    double number;
    Id id;
    std::string_view text;  // lies in the reader's buffer until the record is finished
};

// Where a value came from, for pointers of faults. Stream positions are 0-based; -1 outside `streams`.
struct Place {
    std::string_view object;  // "endpoint", "streams" or empty
    int stream = -1;
};

class RowAssembler {
public:
    RowAssembler(columns::LaneKind lane, const ReadOptions& options);

    const FieldIndex& fields() const { return fields_; }
    const FieldIndex& endpointFields() const { return endpointFields_; }
    const FieldIndex& streamFields() const { return streamFields_; }
    const Limits& limits() const { return limits_; }

    void begin();
    // Marks a field as seen; a second time is the fault `duplicate-field` and false.
    bool see(int field) {
        const bool first = (seen_ & bit(field)) == 0;
        seen_ |= bit(field);
        if (!first) faultTwice(field);
        return first;
    }
    // A field that was sent without a value: JSON null, or an empty CSV cell.
    void setNull(int field) { nulls_ |= bit(field); }

    // Values of a top-level field. Texts must stay where they are until the record is finished. A value that does not
    // fit its kind becomes a fault.
    void setText(int field, std::string_view text);  // uuid, text, phoneNumber, instant, closedSet
    void setInteger(int field, std::int64_t value);  // milliseconds, integer, seconds
    void setNumber(int field, double value);         // seconds
    void setFlag(int field, bool value);
    void setInstant(int field, Instant at);
    // Any scalar from its text, as CSV has it. An empty text is null.
    void setFromText(int field, std::string_view text);
    void setEndpoint(int inner, std::string_view text);
    // Extensions as canonical JSON; the text is kept by the caller until the record is finished.
    void setExtensions(std::string_view canonicalJson);

    // Streams: begin one, then its fields.
    bool beginStream();
    int streamPosition() const { return static_cast<int>(streamCount_) - 1; }
    void setStreamText(int inner, std::string_view text);
    void setStreamNumber(int inner, double value);
    void setStreamCount(int inner, std::int64_t value);

    // Numbers by side, for sources that say own and far end rather than caller and callee. A number that came out of
    // domain::interpret is passed as text in E.164.
    void setSides(std::string_view own, std::string_view farEnd);
    void allowTextOwnNumber() { textOwnNumbers_ = true; }
    bool has(int field) const { return (present_ & bit(field)) != 0; }
    std::int64_t integerOf(int field) const { return cells_[static_cast<std::size_t>(field)].integer; }
    std::string_view textOf(int field) const { return cells_[static_cast<std::size_t>(field)].text; }

    void fault(std::string pointer, std::string code, std::string message);
    void faultAt(const WireField& field, std::string code, std::string message);
    void setPlace(Place place) { place_ = place; }
    bool good() const { return faults_.empty(); }

    // Checks the record as a whole and appends it, or gives its faults; `origin` says where it stood.
    void finish(RowOrigin origin, ReadBatch& into);

private:
    static std::uint64_t bit(int field) { return 1ULL << field; }
    static constexpr std::size_t maxFields = 64;
    // What a composed value is made of; -1 if the lane has no such field.
    struct Special {
        int key, version, direction, ownNumber, callerNumber, calleeNumber, presentation, startedAt, ringingAt,
            answeredAt, endedAt, durationMs, durationSeconds, startBasis, durationBasis, rounding, roundingStepMs,
            finalBy, extensions, completeness;
    };
    struct Numbers {
        std::string_view stated;
        std::uint64_t own = 0, farEnd = 0, farEndPrefix = 0;
        int farEndMasked = -1;
        std::string_view ownText, farEndText;
    };
    struct Stream {
        std::uint32_t present = 0;
        std::array<Cell, 16> cells;
    };

    void faultTwice(int field);
    bool checkText(const WireField& field, std::string_view text);
    void checkTime(int field, Instant at);
    void checkRequired();
    void checkTimes();
    void readDuration();
    void checkDuration();
    void checkRounding();
    void addDeclared();
    bool checkFigure(const WireField& field, double value);
    void resolveNumbers();
    void resolveOwn(std::string_view text, int field);
    void resolveFarEnd(std::string_view text, int field);
    void append(columns::Records& into);
    template <class Core, class Parties>
    void appendNumbers(columns::Records& into, std::size_t row);
    void appendCallRest(columns::Records& into, std::size_t row);
    void appendDurationRest(columns::Records& into, std::size_t row);
    void appendNetwork(columns::Batch& network, std::int32_t call);
    void setKept(int field, std::int64_t value);
    std::string keyText() const;
    std::string pointerTo(const WireField& field) const;

    columns::LaneKind lane_;
    Limits limits_;
    Instant now_;
    bool textOwnNumbers_;
    domain::DeclaredDurations declared_;
    std::int64_t unitMs_ = 1;  // of figures in durationMs
    FieldIndex fields_;
    FieldIndex endpointFields_;
    FieldIndex streamFields_;
    Special special_;
    std::uint64_t requiredMask_ = 0;
    std::uint64_t keptMask_ = 0;  // the fields that a column of their own keeps
    struct Target {
        columns::Part part = columns::Part::core;
        int column = -1;
    };
    std::array<Target, maxFields> targets_;  // of each kept field

    std::uint64_t seen_ = 0, nulls_ = 0, present_ = 0, faulted_ = 0;
    std::array<Cell, maxFields> cells_;
    std::array<std::string_view, 3> endpoint_;
    std::vector<Stream> streams_;
    std::size_t streamCount_ = 0;
    Numbers numbers_;
    bool sidesSet_ = false;
    std::string_view ownSide_, farSide_;
    std::string_view extensions_;
    Place place_;
    std::vector<Fault> faults_;
    InstantReader instants_;
};

}  // namespace meetpoint::formats
