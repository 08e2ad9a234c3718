// Words and figures of a reconciliation for a terminal of 80 columns, for every command that shows one.
#pragma once

#include <cstdint>
#include <iosfwd>
#include <span>
#include <string>
#include <string_view>

#include "reconcile/report.h"

namespace meetpoint::cli {

inline constexpr std::size_t terminalWidth = 80;

// Colours, where a person is watching.
struct Paint {
    bool on;
    std::string operator()(std::string_view code, std::string_view text) const;
};
inline constexpr std::string_view bold = "1", red = "31", green = "32", yellow = "33";

// Breaks at blanks so that no line is wider than the terminal; further lines are indented by `hanging` more.
// Ends with a line break.
std::string wrapped(std::string_view text, std::size_t indent, std::size_t hanging = 2);
using reconcile::grouped;
using reconcile::percentText;
// "2 h 05 min 09 s".
std::string clockText(std::int64_t ms);

// What the two sides are called at the head of the table.
struct SideNames {
    std::string_view ours;
    std::string_view theirs;
};
// Records, calls, answered and connected time of both sides, with the differences.
void writeTotals(const reconcile::Totals& totals, const SideNames& names, std::ostream& out, const Paint& paint);
// Each cause as a sentence, under a heading.
void writeDiagnosis(std::span<const reconcile::Diagnosis> diagnosis, std::ostream& out, const Paint& paint);

}  // namespace meetpoint::cli
