#include "cli/compare_matches.h"

#include <ostream>

#include <fmt/format.h>

#include "base/json_text.h"
#include "reconcile/report.h"
#include "reconcile/side.h"

namespace meetpoint::cli {
namespace {

using columns::Part;

template <class Values, class Text>
std::string jsonList(const Values& values, Text text) {
    std::string out = "[";
    for (const auto& value : values) {
        if (out.size() > 1) out += ',';
        out += text(value);
    }
    return out + "]";
}

std::string numberOrNull(const std::optional<std::int64_t>& value) {
    return value ? std::to_string(*value) : "null";
}

std::string causesJson(const reconcile::Causes& causes) {
    std::vector<reconcile::Cause> named;
    for (std::size_t c = 0; c < reconcile::causeCount; ++c)
        if (causes.has(static_cast<reconcile::Cause>(c))) named.push_back(static_cast<reconcile::Cause>(c));
    return jsonList(named, [](reconcile::Cause cause) { return jsonString(reconcile::name(cause)); });
}

}  // namespace

std::vector<std::uint64_t> linesOf(const formats::FileRead& read, std::span<const std::uint32_t> rows) {
    std::vector<std::uint64_t> out;
    for (const std::uint32_t row : rows)
        out.push_back(read.origins[row].line);
    return out;
}

void writeMatches(const Comparison& comparison, std::ostream& out) {
    const reconcile::Outcome& outcome = comparison.outcome;
    const auto& callIds = comparison.ours.records.part(Part::core)[columns::CallCore::callId];
    const auto& recordIds = comparison.theirs.records.part(Part::core)[columns::DurationCore::recordId];
    const auto line = [](std::uint64_t number) { return std::to_string(number); };
    for (const reconcile::Item& item : outcome.items) {
        const Id id = reconcile::itemId(outcome, item, comparison.ours.records, comparison.theirs.records);
        const std::string_view by = reconcile::name(item.matchedBy);
        out << fmt::format(
                   R"({{"itemId":{},"state":{},"at":{},"ours":{},"theirs":{},"oursLines":{},"theirsLines":{},)",
                   jsonString(formatId(id)), jsonString(reconcile::name(item.state)),
                   jsonString(formatInstant(item.at)),
                   jsonList(outcome.ours(item), [&](auto row) { return jsonString(formatId(callIds.id(row))); }),
                   jsonList(outcome.theirs(item), [&](auto row) { return jsonString(recordIds.text(row)); }),
                   jsonList(linesOf(comparison.ours, outcome.ours(item)), line),
                   jsonList(linesOf(comparison.theirs, outcome.theirs(item)), line))
            << fmt::format(R"("matchedBy":{},"startDeltaMs":{},"durationDeltaMs":{},"causes":{})",
                           by.empty() ? "null" : jsonString(by), numberOrNull(item.startDeltaMs),
                           numberOrNull(item.durationDeltaMs), causesJson(item.causes));
        if (item.state == reconcile::State::invalid) {
            const auto fault = item.invalidNumber ? reconcile::Fault::noNumber : reconcile::Fault::negativeDuration;
            out << ",\"reason\":" << jsonString(reconcile::name(fault));
        }
        out << "}\n";
    }
}

}  // namespace meetpoint::cli
