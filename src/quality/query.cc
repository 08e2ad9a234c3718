#include "quality/query.h"

#include <algorithm>

namespace meetpoint::quality {
namespace {

using columns::CallCore;
using columns::CallNetwork;

constexpr std::string_view dimensionNames[dimensionCount] = {"hour",    "day",       "carrier",    "tenant",
                                                             "trunk",   "region",    "codec",      "direction",
                                                             "sipCode", "q850Cause", "ownCountry", "farEndCountry"};

// A set of columns that is filled name by name.
template <class Column>
class Wanted {
public:
    Wanted& add(Column column) {
        const auto at = static_cast<std::size_t>(column);
        if (set_.wanted.size() <= at) set_.wanted.resize(at + 1);
        set_.wanted[at] = true;
        return *this;
    }
    Wanted& addIf(bool condition, Column column) { return condition ? add(column) : *this; }
    columns::ColumnSet take() { return std::move(set_); }

private:
    columns::ColumnSet set_;
};

columns::ColumnSet coreOf(const Query& query) {
    const Filters& filters = query.filters;
    const bool ownCountry = query.groups(Dimension::ownCountry) || !filters.ownCountries.empty();
    const bool farEndCountry = query.groups(Dimension::farEndCountry) || !filters.farEndCountries.empty();
    Wanted<CallCore> wanted;
    wanted.add(CallCore::invitedAt)
        .add(CallCore::ringingAt)
        .add(CallCore::answeredAt)
        .add(CallCore::durationMs)
        .add(CallCore::finalSipCode)
        .add(CallCore::q850Cause)
        .add(CallCore::isTest)
        .addIf(query.groups(Dimension::tenant) || filters.tenant, CallCore::tenantId)
        .addIf(query.groups(Dimension::trunk) || !filters.trunks.empty(), CallCore::trunk)
        .addIf(query.groups(Dimension::region) || !filters.regions.empty(), CallCore::region)
        .addIf(query.groups(Dimension::direction) || filters.direction, CallCore::direction)
        .addIf(ownCountry, CallCore::ownNumber)
        .addIf(farEndCountry, CallCore::farEndPrefix)
        .addIf(farEndCountry, CallCore::farEndMaskedDigits);
    return wanted.take();
}

columns::ColumnSet networkOf(const Query& query) {
    const bool codec = query.groups(Dimension::codec) || !query.filters.codecs.empty() || query.estimates;
    Wanted<CallNetwork> wanted;
    for (const CallNetwork column :
         {CallNetwork::callRow, CallNetwork::streamIndex, CallNetwork::packets, CallNetwork::jitterMsAvg,
          CallNetwork::jitterMsMax, CallNetwork::lossRatioAvg, CallNetwork::lossRatioMax, CallNetwork::roundTripMsAvg,
          CallNetwork::roundTripMsMax, CallNetwork::concealedRatioAvg, CallNetwork::audioDegradationAvg,
          CallNetwork::mos})
        wanted.add(column);
    wanted.addIf(codec, CallNetwork::codec);
    return wanted.take();
}

}  // namespace

std::string_view name(Dimension dimension) {
    return dimensionNames[static_cast<std::size_t>(dimension)];
}
std::optional<Dimension> readDimension(std::string_view word) {
    const auto* const found = std::ranges::find(dimensionNames, word);
    return found == std::end(dimensionNames) ? std::nullopt
                                             : std::optional(static_cast<Dimension>(found - dimensionNames));
}

bool Query::groups(Dimension dimension) const {
    return std::ranges::find(groupBy, dimension) != groupBy.end();
}

WantedColumns wantedBy(const Query& query) {
    return {coreOf(query), networkOf(query)};
}

}  // namespace meetpoint::quality
