// One side of a reconciliation as flat arrays, a row a record, in one canonical order that does not depend on the order
// of the input. Every stage reads and writes these arrays; none of them copies records.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/id.h"
#include "reconcile/narrow_column.h"
#include "reconcile/options.h"

namespace meetpoint::reconcile {

inline constexpr std::uint32_t noRow = UINT32_MAX;
// Numbers are E.164 digits; texts that are not (names, short codes) are keys above this bit, the same key for the same
// text on both sides and for no other. 0 is "not stated".
inline constexpr std::uint64_t textKey = 1ull << 63;

// A far-end number that hides more of its digits counts as not stated.
inline constexpr int mostHiddenDigitsOfANumber = 6;

// What became of a record when legs, partial records and repeats were put together.
// An onward leg is one by which a call went on after its user had left.
enum class Role : std::uint8_t { call, leg, part, onward, duplicate, invalid };
enum class Fault : std::uint8_t { none, noNumber, negativeDuration };
std::string_view name(Fault fault);  // a sentence for people

// Texts, one a row, without a piece of memory each.
class TextColumn {
public:
    void reserve(std::size_t rows) { reserveLarge(begins_, rows); }
    void append(std::string_view text);
    std::size_t size() const { return begins_.size(); }
    std::string_view operator[](std::size_t row) const;

private:
    static constexpr std::size_t rowsOfPiece = 65'536;
    std::vector<std::string> pieces_;
    std::vector<std::uint32_t> begins_;  // in their piece
};

struct Side {
    bool ours = true;
    // The smallest unit that all starts of this side are multiples of: 1000 or 1.
    std::int64_t resolutionMs = 1;

    // By rows of the input: what names a record. Calls have the first, durations the others.
    std::vector<Id> callIds;
    TextColumn recordIds;
    std::vector<std::uint8_t> statedBasis;     // domain::TimeBasis of the duration, or noBasis; empty: none states it
    std::vector<std::uint8_t> statedRounding;  // of `roundings`, from 1 on, or 0; empty: none states it
    std::vector<Rounding> roundings;
    std::vector<std::uint8_t> late;  // 1: it came after it was due; empty: none did

    // From here on by rows of this side.
    std::vector<std::uint32_t> source;  // row of the input
    std::vector<std::uint64_t> own;
    std::vector<std::uint64_t> far;       // hidden digits are zeros
    std::vector<std::uint8_t> hidden;     // how many last digits of `far` are hidden
    std::vector<std::uint8_t> direction;  // domain::Direction
    std::vector<std::uint8_t> answered;
    std::vector<std::uint8_t> converted;  // a number was not E.164 and was read as such
    std::vector<std::int64_t> start;      // ms UTC, on this side's own clock
    NarrowColumn answerAfter, endAfter;   // ms after the start
    NarrowColumn ringingAfter;            // the same; of ours alone
    NarrowColumn duration;                // ms; the sum where parts were put together
    NarrowColumn stated;                  // the same as the records state it; empty: nowhere another figure
    // Hashes of ids, 0 none; empty where no record states one, and once `pairsById` has seen them.
    std::vector<std::uint64_t> sharedCallId;  // of theirs; ours are `callIds`
    std::vector<std::uint64_t> sipCallId;
    std::vector<std::uint64_t> correlation;
    std::vector<std::uint64_t> transferor;  // of ours: the correlation of the call that was transferred to this one
    // The number shown to the far end, as a place in `textKeys`; empty where no record states one.
    std::vector<std::uint32_t> presentedText;
    std::vector<std::uint64_t> textKeys;
    std::vector<Role> role;
    // Own numbers that the records state otherwise than `own` has them, in order of rows; 0: as text.
    struct Restated {
        std::uint32_t row;
        std::uint64_t number;
    };
    std::vector<Restated> restatedOwn;
    // Records of one call are a chain that begins at the row whose role is `call`; empty as long as there is none. Of a
    // duplicate, leg, part or onward leg `heads` has the row that stands for the call.
    std::vector<std::uint32_t> nexts, heads;
    // Rows of calls that name the same correlation as another row, or are named by it as what was transferred; in order
    // of rows. Filled by `keepLinks`.
    struct Link {
        std::uint32_t row;
        std::uint64_t id;
        auto operator<=>(const Link&) const = default;
    };
    std::vector<Link> links;
    // Filled by `align`: the instant to compare, ms on our clock, as ms after the start, and the duration to compare,
    // ms on the carrier's basis.
    NarrowColumn atAfter;
    NarrowColumn measured;

    static constexpr std::uint8_t noBasis = UINT8_MAX;
    static constexpr std::uint32_t noText = UINT32_MAX;

    std::size_t size() const { return source.size(); }
    bool isCall(std::size_t row) const { return role[row] == Role::call; }
    std::int64_t answer(std::size_t row) const { return after(start[row], answerAfter[row]); }
    std::int64_t end(std::size_t row) const { return after(start[row], endAfter[row]); }
    bool statesAnswer(std::size_t row) const { return answerAfter.isStated(row); }
    bool statesEnd(std::size_t row) const { return endAfter.isStated(row); }
    std::int64_t at(std::size_t row) const { return after(start[row], atAfter[row]); }
    std::uint64_t sipId(std::size_t row) const { return sipCallId.empty() ? 0 : sipCallId[row]; }
    std::uint64_t correlationId(std::size_t row) const { return correlation.empty() ? 0 : correlation[row]; }
    std::uint64_t transferorId(std::size_t row) const { return transferor.empty() ? 0 : transferor[row]; }
    bool isLate(std::size_t row) const { return !late.empty() && late[source[row]] != 0; }
    std::int64_t statedDuration(std::size_t row) const { return stated.size() == 0 ? duration[row] : stated[row]; }
    std::uint64_t presented(std::size_t row) const;
    Fault fault(std::size_t row) const;
    std::uint32_t next(std::size_t row) const { return nexts.empty() ? noRow : nexts[row]; }
    std::uint32_t head(std::size_t row) const { return heads.empty() ? noRow : heads[row]; }
    // From where the record says that its duration counts; nothing if it does not say.
    std::optional<domain::TimeBasis> statedDurationBasis(std::size_t row) const;
    // To what the record says that its duration is rounded; nothing if it does not say.
    std::optional<Rounding> statedDurationRounding(std::size_t row) const;
    // What most of the records say, where most of them say the same.
    std::optional<domain::TimeBasis> usualBasis() const;
    std::optional<Rounding> usualRounding() const;
    // The own number as the record states it, if it does so in E.164; 0 otherwise.
    std::uint64_t statedOwn(std::size_t row) const;
    // Puts `row`, as what it is to the call, and its chain behind the chain of `call`.
    void join(std::uint32_t call, std::uint32_t row, Role as);
    // The same with a talk that follows the call's: the call lasts as long as both and ends with it.
    void joinTalk(std::uint32_t call, std::uint32_t row, Role as);
    void setHead(std::uint32_t row, std::uint32_t call);
    // Notes which calls are linked by a correlation, for `areLinked`.
    void keepLinks();
    bool areLinked(std::uint32_t a, std::uint32_t b) const;
    // Gives up the ids that are of no use once they have proposed what they can.
    void forgetSharedIds();

    // `gap` after `start`, either of which may be noTime; wide gaps wrap round as their making did.
    static std::int64_t after(std::int64_t start, std::int64_t gap) {
        if (gap == noTime) return noTime;
        return static_cast<std::int64_t>(static_cast<std::uint64_t>(start) + static_cast<std::uint64_t>(gap));
    }
    static std::int64_t gapTo(std::int64_t instant, std::int64_t start) {
        if (instant == noTime) return noTime;
        return static_cast<std::int64_t>(static_cast<std::uint64_t>(instant) - static_cast<std::uint64_t>(start));
    }

private:
    void makeChains();
};

// The two sides of one run.
struct Sides {
    Side ours;
    Side theirs;
    // The most digits that any far-end number of either side hides: keys are cut by so many.
    int hiddenDigits = 0;
    // What turned one side's spelling of numbers into the other's; empty if nothing had to.
    std::string numberPrefix;
};

// Whether two far-end numbers may be the same, as far as their digits are readable. Not stated agrees with nothing.
bool farAgrees(const Side& a, std::size_t i, const Side& b, std::size_t j);
// The most digits that any far-end number of either side hides, of those that hide no more than `atMost`.
int mostHiddenDigits(const Sides& sides, int atMost);
// Of an id, for joining; 0 for a nil one.
std::uint64_t hashOf(const Id& id);
// A 64-bit mix of two keys, for grouping; equal keys are still compared.
std::uint64_t mix(std::uint64_t a, std::uint64_t b);
// The far-end number without the digits that `hiddenDigits` may hide.
std::uint64_t readablePart(std::uint64_t number, int hiddenDigits);

// Rows grouped by a key: (key, row) pairs in order of key, then row.
struct Keyed {
    std::uint64_t key;
    std::uint32_t row;
    auto operator<=>(const Keyed&) const = default;
};
// Calls each group of equal keys that both lists have: visit(span of ours, span of theirs).
template <class Visit>
void forEachCommonKey(const std::vector<Keyed>& ours, const std::vector<Keyed>& theirs, Visit visit) {
    std::size_t i = 0;
    std::size_t j = 0;
    while (i < ours.size() && j < theirs.size()) {
        if (ours[i].key != theirs[j].key) {
            ours[i].key < theirs[j].key ? ++i : ++j;
            continue;
        }
        std::size_t endOurs = i;
        std::size_t endTheirs = j;
        while (endOurs < ours.size() && ours[endOurs].key == ours[i].key)
            ++endOurs;
        while (endTheirs < theirs.size() && theirs[endTheirs].key == theirs[j].key)
            ++endTheirs;
        visit(std::span(ours).subspan(i, endOurs - i), std::span(theirs).subspan(j, endTheirs - j));
        i = endOurs;
        j = endTheirs;
    }
}

}  // namespace meetpoint::reconcile
