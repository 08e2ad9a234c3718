#include "quality/query.h"

#include <algorithm>

namespace meetpoint::quality {
namespace {

using columns::CallCore;
using columns::CallNetwork;

constexpr std::string_view dimensionNames[dimensionCount] = {"hour",    "day",       "carrier",    "tenant",
                                                             "trunk",   "region",    "codec",      "direction",
                                                             "sipCode", "q850Cause", "ownCountry", "farEndCountry"};

enum class How { values, presence };

// A set of columns that is filled name by name.
template <class Column>
class Wanted {
public:
    Wanted& addAs(How how, Column column) {
        std::vector<bool>& wanted = how == How::values ? set_.wanted : set_.presence;
        const auto at = static_cast<std::size_t>(column);
        if (wanted.size() <= at) wanted.resize(at + 1);
        wanted[at] = true;
        return *this;
    }
    Wanted& add(Column column) { return addAs(How::values, column); }
    Wanted& addIf(bool condition, Column column) { return condition ? add(column) : *this; }
    columns::ColumnSet take() { return std::move(set_); }

private:
    columns::ColumnSet set_;
};

columns::ColumnSet coreOf(const Query& query) {
    const Filters& filters = query.filters;
    const bool ownCountry = query.groups(Dimension::ownCountry) || !filters.ownCountries.empty();
    const bool farEndCountry = query.groups(Dimension::farEndCountry) || !filters.farEndCountries.empty();
    const bool postDial = query.wants(Figure::postDialMs) || query.wants(Kpi::pddMs);
    Wanted<CallCore> wanted;
    // Of these times it matters whether they are there, of the ringing also when.
    wanted.add(CallCore::invitedAt)
        .addAs(postDial ? How::values : How::presence, CallCore::ringingAt)
        .addAs(How::presence, CallCore::answeredAt)
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
    if (!query.looksAtStreams()) return {{false}};
    const bool codec = query.groups(Dimension::codec) || !query.filters.codecs.empty() || query.wantsEstimates();
    Wanted<CallNetwork> wanted;
    for (const CallNetwork column : {CallNetwork::callRow, CallNetwork::streamIndex, CallNetwork::packets,
                                     CallNetwork::jitterMsAvg, CallNetwork::lossRatioAvg, CallNetwork::roundTripMsAvg,
                                     CallNetwork::concealedRatioAvg, CallNetwork::audioDegradationAvg})
        wanted.add(column);
    wanted.addIf(query.wants(Figure::jitterMs), CallNetwork::jitterMsMax)
        .addIf(query.wants(Figure::lossRatio), CallNetwork::lossRatioMax)
        .addIf(query.wants(Figure::roundTripMs), CallNetwork::roundTripMsMax)
        .addIf(query.wants(Figure::mos), CallNetwork::mos)
        .addIf(codec, CallNetwork::codec);
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

bool Query::looksAtStreams() const {
    auto ofStreams = figures;
    ofStreams.reset(static_cast<std::size_t>(Figure::postDialMs));
    return ofStreams.any() || wants(Kpi::poorStreams) || wants(Kpi::poorCalls) || groups(Dimension::codec) ||
           !filters.codecs.empty();
}

bool Query::seesNetwork(Instant invitedAt) const {
    // Of a tenant's country only far-end numbers depend, which are not looked at here.
    return domain::visibilityOf(role, {}, now - invitedAt).network;
}

WantedColumns wantedBy(const Query& query) {
    return {coreOf(query), networkOf(query)};
}

}  // namespace meetpoint::quality
