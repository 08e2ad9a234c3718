// Which calls of a block a query asks for, and which group each belongs to: worked out column by column, so that a row
// costs a few steps for each dimension whatever the number of groups.
#pragma once

#include <map>
#include <span>
#include <unordered_map>

#include "quality/query.h"

namespace meetpoint::quality {

// Rows of one block: the columns that wantedBy() names, others without rows.
struct CallBlock {
    const columns::Batch& core;
    const columns::Batch& network;
    std::size_t firstRow = 0;  // of the block's rows, those that are meant
    std::size_t rows = 0;
    ByteView superseded;          // of these, bit by bit; empty: none
    std::optional<Id> carrierId;  // whose lane it is; none: calls of nobody's numbers
};

enum class Period : std::uint8_t { asked, previous };

// Text as small numbers, the same for the same text; 0 is given to none.
class TextIds {
public:
    std::uint32_t of(std::string_view text);
    const std::string& text(std::uint32_t id) const { return *texts_[id - 1]; }

private:
    struct Hash {
        using is_transparent = void;
        std::size_t operator()(std::string_view text) const { return std::hash<std::string_view>{}(text); }
    };
    std::unordered_map<std::string, std::uint32_t, Hash, std::equal_to<>> ids_;
    std::vector<const std::string*> texts_;
};

// Pairs of numbers as numbers from 0 on. For one block at a time.
class PairIds {
public:
    struct Pair {
        std::uint32_t before;
        std::uint64_t code;
    };
    // `pairs`: at most so many will come.
    void clear(std::size_t pairs);
    std::uint32_t of(std::uint32_t before, std::uint64_t code);
    const Pair& pair(std::uint32_t id) const { return pairs_[id]; }
    std::size_t size() const { return pairs_.size(); }

private:
    std::vector<Pair> pairs_;
    std::vector<std::uint32_t> places_;  // id + 1; 0: free
};

// The civil hour and day of instants that mostly lie close together.
class CivilTimes {
public:
    explicit CivilTimes(const TimeZone& zone) : zone_(zone) {}
    std::int64_t hourStart(std::int64_t ms) { return at(ms).hourStart; }
    std::int64_t day(std::int64_t ms) { return at(ms).day; }

private:
    // One minute of UTC, within which no zone changes.
    struct Minute {
        std::int64_t number = INT64_MIN, hourStart = 0, day = 0;
    };
    const Minute& at(std::int64_t ms);
    const TimeZone& zone_;
    std::array<Minute, 256> kept_;
};

// The countries of numbers, kept.
class NumberCountries {
public:
    // Empty where there is none.
    const std::string& of(std::uint64_t digits);

private:
    std::unordered_map<std::uint64_t, std::string> known_;
};

// For one thread. `query` must outlive it.
class CallGrouper {
public:
    explicit CallGrouper(const Query& query);

    // Takes the next block; what is asked below is of this one, until the next.
    void take(const CallBlock& block);
    // Rows of the block, ascending, and the group of each.
    std::span<const std::uint32_t> rows() const { return rows_; }
    std::span<const std::uint32_t> groups() const { return groups_; }
    bool seesStreams(std::size_t at) const { return seesNetwork_[at] != 0; }  // of rows()[at]
    // The group of a call's stream where the query groups by codec; null: of a call without one.
    std::uint32_t withCodec(std::uint32_t group, std::optional<std::string_view> codec);
    // Whether the filter on codecs lets the stream through.
    bool wantsCodec(std::optional<std::string_view> codec) const;
    bool isByCodec() const { return byCodec_; }

    // A group in numbers that stand for the same in every block of this grouper, and in words that all groupers share.
    struct Code {
        Period period = Period::asked;
        std::vector<std::uint64_t> values;
        bool operator==(const Code&) const = default;
    };
    struct CodeHash {
        std::size_t operator()(const Code& code) const noexcept;
    };
    Code codeOf(std::uint32_t group) const;
    GroupKey keyOf(const Code& code) const;

private:
    void select(const CallBlock& block);
    void findOutWhoSees(const CallBlock& block);
    bool isTestWanted(const columns::Column& isTest, std::size_t row) const;
    bool isWanted(const CallBlock& block, std::size_t row);
    template <class CodeOf>
    void refine(CodeOf codeOf);
    void refineBy(Dimension dimension, const CallBlock& block);
    void refineByText(const columns::Column& column);
    std::uint64_t countryCode(const std::string& country);
    const std::string& ownCountry(const columns::Batch& core, std::size_t row);
    const std::string& farEndCountry(const columns::Batch& core, std::size_t row);
    std::int64_t timeOf(const columns::Batch& core, std::size_t at) const;

    const Query& query_;
    bool byCodec_;
    bool hasFilters_;  // beside that on test calls and codecs
    TextIds texts_;
    CivilTimes times_;
    NumberCountries countries_;
    std::vector<std::uint32_t> rows_, groups_;
    std::vector<Period> periods_;
    std::vector<std::uint8_t> seesNetwork_;
    // One for each step: the period, then each dimension. Groups of the last step are what groups() gives.
    std::vector<PairIds> steps_;
    std::size_t step_ = 0;
};

}  // namespace meetpoint::quality
