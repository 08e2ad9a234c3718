#include "cli/compare_sums.h"

#include "cli/compare_matches.h"
#include "reconcile/report_sums.h"

namespace meetpoint::cli {
namespace {

using columns::Part;
using reconcile::Item;

std::vector<std::string> lineTexts(const formats::FileRead& read, std::span<const std::uint32_t> rows) {
    std::vector<std::string> out;
    for (const std::uint64_t line : linesOf(read, rows))
        out.push_back(std::to_string(line));
    return out;
}

// Of the call that stands for our side; empty where there is none or it names no trunk.
std::string_view trunkOf(const Comparison& comparison, const Item& item) {
    if (item.ourCount == 0) return {};
    const auto& trunks = comparison.ours.records.part(Part::core)[columns::CallCore::trunk];
    const std::uint32_t row = comparison.outcome.ours(item).front();
    return trunks.isNull(row) ? std::string_view() : trunks.text(row);
}

}  // namespace

reconcile::Report reportOf(const Comparison& comparison) {
    reconcile::Report report;
    report.ours = comparison.oursName;
    report.theirs = comparison.theirsName;
    for (const auto& [name, read] :
         {std::pair(&comparison.oursName, &comparison.ours), std::pair(&comparison.theirsName, &comparison.theirs)})
        if (read->counts.faulted > 0) report.unread.push_back({*name, read->counts.faulted});
    reconcile::ReportSums sums{reconcile::ReportLimits{}};
    for (const Item& item : comparison.outcome.items) {
        const reconcile::ItemFacts facts = reconcile::factsOf(item);
        sums.add(facts);
        if (facts.isDifference) sums.addTrunk(trunkOf(comparison, item), facts);
        if (sums.isAmongWorst(facts))
            sums.addWorst(facts, lineTexts(comparison.ours, comparison.outcome.ours(item)),
                          lineTexts(comparison.theirs, comparison.outcome.theirs(item)));
    }
    sums.fill(report);
    report.totals = comparison.outcome.totals;  // these know which calls were answered without any time
    for (const reconcile::Diagnosis& found : comparison.outcome.diagnosis)
        report.findings.push_back({std::nullopt, found});
    return report;
}

}  // namespace meetpoint::cli
