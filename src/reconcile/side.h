// One side of a reconciliation as flat arrays, a row a record, in one canonical order that does not depend on the order
// of the input. Every stage reads and writes these arrays; none of them copies records.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "columns/records.h"
#include "reconcile/options.h"

namespace meetpoint::reconcile {

// An instant that a record does not state.
inline constexpr std::int64_t noTime = INT64_MIN;
inline constexpr std::uint32_t noRow = UINT32_MAX;
// Numbers are E.164 digits; texts that are not (names, short codes) are keys above this bit, the same key for the same
// text on both sides and for no other. 0 is "not stated".
inline constexpr std::uint64_t textKey = 1ull << 63;

// What became of a record when legs, partial records and repeats were put together.
enum class Role : std::uint8_t { call, leg, part, duplicate, invalid };
enum class Fault : std::uint8_t { none, noNumber, negativeDuration };
std::string_view name(Fault fault);  // a sentence for people

struct Side {
    const columns::Records* records = nullptr;
    bool ours = true;
    // The smallest unit that all starts of this side are multiples of: 1000 or 1.
    std::int64_t resolutionMs = 1;

    std::vector<std::uint32_t> source;  // row in `records`
    std::vector<std::uint64_t> own;
    std::vector<std::uint64_t> far;       // hidden digits are zeros
    std::vector<std::uint8_t> hidden;     // how many last digits of `far` are hidden
    std::vector<std::uint8_t> direction;  // domain::Direction
    std::vector<std::uint8_t> answered;
    std::vector<std::uint8_t> converted;  // a number was not E.164 and was read as such
    std::vector<std::int64_t> start;      // ms UTC, on this side's own clock
    std::vector<std::int64_t> answer;
    std::vector<std::int64_t> end;
    std::vector<std::int64_t> duration;  // ms, as stated; the sum where parts were put together
    std::vector<std::uint64_t> callId;   // hashes; 0 none
    std::vector<std::uint64_t> sipCallId;
    std::vector<std::uint64_t> correlation;
    std::vector<std::uint64_t> presented;  // key of the number shown to the far end
    std::vector<Role> role;
    std::vector<Fault> fault;
    // Records of one call are a chain that begins at the row whose role is `call`.
    std::vector<std::uint32_t> next;
    // For a duplicate, leg or part: the row that stands for the call.
    std::vector<std::uint32_t> head;
    // Filled by `align`: the instant to compare, ms on our clock, and the duration to compare, ms on the carrier's
    // basis.
    std::vector<std::int64_t> at;
    std::vector<std::int64_t> measured;

    std::size_t size() const { return source.size(); }
    bool isCall(std::size_t row) const { return role[row] == Role::call; }
    // The number that made the call.
    std::uint64_t caller(std::size_t row) const { return direction[row] == 1 ? own[row] : far[row]; }
    std::uint64_t callee(std::size_t row) const { return direction[row] == 1 ? far[row] : own[row]; }
    // Puts `row` and its chain behind the chain of `call`.
    void join(std::uint32_t call, std::uint32_t row, Role as);
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
// From where a duration record says that its duration counts; nothing if it does not say.
std::optional<domain::TimeBasis> statedDurationBasis(const columns::Records& durations, std::size_t row);
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
