// What is asked of calls: of which, grouped by what, seen by whom.
#pragma once

#include <bitset>
#include <string>
#include <variant>
#include <vector>

#include "base/time.h"
#include "columns/arrow_ipc.h"
#include "columns/records.h"
#include "domain/access.h"
#include "domain/call.h"
#include "quality/figures.h"

namespace meetpoint::quality {

// What calls can be grouped by. `ownCountry` is that of the own number, `farEndCountry` that of the other party's, as
// far as its digits are shown to everybody. A call stands in the group of each codec that one of its streams used;
// where no stream is seen, in that without a codec.
enum class Dimension : std::uint8_t {
    hour,
    day,
    carrier,
    tenant,
    trunk,
    region,
    codec,
    direction,
    sipCode,
    q850Cause,
    ownCountry,
    farEndCountry,
};
inline constexpr std::size_t dimensionCount = 12;
std::string_view name(Dimension dimension);
std::optional<Dimension> readDimension(std::string_view word);

enum class TestCalls : std::uint8_t { exclude, only, include };

// All that is given must hold; of a list one.
struct Filters {
    std::optional<Id> tenant;
    std::vector<std::string> trunks, regions, codecs, ownCountries, farEndCountries;
    std::optional<domain::Direction> direction;
    std::vector<std::int32_t> sipCodes, q850Causes;
    TestCalls testCalls = TestCalls::exclude;
    bool operator==(const Filters&) const = default;
};

struct Query {
    Instant from, to;  // of invitations, [from, to)
    TimeZone zone = TimeZone::utc();
    std::vector<Dimension> groupBy;  // in the order of the keys; none twice
    Filters filters;
    bool comparePrevious = false;  // also [from - (to - from), from), its hours and days set later by as much
    // What is wanted; columns that serve nothing else are not read.
    std::bitset<kpiCount> kpis = std::bitset<kpiCount>().set();
    std::bitset<figureCount> figures = measuredFigures();
    domain::QualityLimits limits;
    // Who asks, and when: what is hidden from them (domain::visibilityOf) counts nowhere.
    domain::Role role = domain::Role::auditor;
    Instant now;
    std::size_t maxGroups = 10'000;

    bool groups(Dimension dimension) const;
    bool wants(Kpi kpi) const { return kpis[static_cast<std::size_t>(kpi)]; }
    bool wants(Figure figure) const { return figures[static_cast<std::size_t>(figure)]; }
    bool wantsEstimates() const { return wants(Figure::rating) || wants(Figure::estimatedMos); }
    // Whether anything of streams is wanted, or decides on what is.
    bool looksAtStreams() const;
    // Whether who asks is shown the network data of calls that were invited then. What is shown only shrinks with age.
    bool seesNetwork(Instant invitedAt) const;
    Instant scanFrom() const { return comparePrevious ? from - (to - from) : from; }
};

// One value of a key: an instant in ms (hour), a day's number (day), a code (sipCode, q850Cause), or text (ids as
// UUIDs; inbound, outbound); nothing where the calls do not say.
using KeyValue = std::variant<std::monostate, std::int64_t, std::string>;
using GroupKey = std::vector<KeyValue>;  // one for each of Query::groupBy, in its order

// The columns that a query reads. Without any of `network` that part is not read at all.
struct WantedColumns {
    columns::ColumnSet core, network;
};
WantedColumns wantedBy(const Query& query);

}  // namespace meetpoint::quality
