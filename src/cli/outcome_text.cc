#include "cli/outcome_text.h"

#include <ostream>

#include <fmt/format.h>

namespace meetpoint::cli {

std::string Paint::operator()(std::string_view code, std::string_view text) const {
    return on ? fmt::format("\033[{}m{}\033[0m", code, text) : std::string(text);
}

std::string wrapped(std::string_view text, std::size_t indent, std::size_t hanging) {
    std::string out(indent, ' ');
    std::size_t column = indent;
    while (!text.empty()) {
        const std::size_t blank = text.find(' ');
        const std::string_view word = text.substr(0, blank);
        if (column > indent && column + 1 + word.size() > terminalWidth) {
            out += "\n" + std::string(indent + hanging, ' ');
            column = indent + hanging;
        } else if (column > indent) {
            out += ' ';
            ++column;
        }
        out += word;
        column += word.size();
        text.remove_prefix(blank == std::string_view::npos ? text.size() : blank + 1);
    }
    return out + "\n";
}

std::string clockText(std::int64_t ms) {
    const std::int64_t seconds = ms / 1000;
    return fmt::format("{} h {:02} min {:02} s", seconds / 3600, seconds / 60 % 60, seconds % 60);
}

void writeTotals(const reconcile::Totals& totals, const SideNames& names, std::ostream& out, const Paint& paint) {
    const reconcile::SideTotals& ours = totals.ours;
    const reconcile::SideTotals& theirs = totals.theirs;
    out << paint(bold, fmt::format("{:<22}{:>18}{:>18}{:>20}", "", names.ours, names.theirs, "difference")) << '\n';
    const auto row = [&](std::string_view what, std::uint64_t a, std::uint64_t b) {
        const auto difference = static_cast<std::int64_t>(b) - static_cast<std::int64_t>(a);
        out << fmt::format("{:<22}{:>18}{:>18}{:>20}\n", what, grouped(a), grouped(b),
                           fmt::format("{:+d}  {}", difference, percentText(difference, static_cast<std::int64_t>(a))));
    };
    row("records", ours.records, theirs.records);
    row("calls", ours.calls, theirs.calls);
    row("answered", ours.answered, theirs.answered);
    row("connected seconds", static_cast<std::uint64_t>(ours.connectedMs / 1000),
        static_cast<std::uint64_t>(theirs.connectedMs / 1000));
    out << fmt::format("{:<22}{:>18}{:>18}\n\n", "", clockText(ours.connectedMs), clockText(theirs.connectedMs));
}

void writeDiagnosis(std::span<const reconcile::Diagnosis> diagnosis, std::ostream& out, const Paint& paint) {
    out << paint(bold, "What the data show") << '\n';
    if (diagnosis.empty()) out << "  Nothing that sets the two sides apart.\n";
    for (const reconcile::Diagnosis& found : diagnosis)
        out << wrapped("- " + reconcile::sentence(found), 2);
    out << '\n';
}

}  // namespace meetpoint::cli
