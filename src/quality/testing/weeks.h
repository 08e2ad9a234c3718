// Traffic as a carrier has it, with incidents planted in it whose truth is known. It knows nothing of how they are
// looked for. Never part of the product.
//
// One carrier, eight trunks of 4 to 25 % of its calls, three regions (a trunk's calls are mostly in one), four codecs.
// Calls come and go with the time of day, five times as many at noon as at night. The network fails 0.4 to 1.2 % of a
// trunk's calls, and 1 to 3 % of a codec's streams are poor; both follow the time of day by ±30 % and vary by about
// 20 % more from hour to hour, trunk by trunk, than chance alone would make them.
#pragma once

#include "quality/findings.h"

namespace meetpoint::quality::testing {

struct Incident {
    Subject subject;  // a trunk, a codec, a region, a release cause
    FindingKpi kpi = FindingKpi::ner;
    Instant from;
    Duration length;
    double share = 0;  // of the subject's calls or streams that go wrong on top; of a release cause: of all calls
};

struct Traffic {
    std::uint64_t seed = 1;
    Instant from;
    std::int64_t days = 7;
    double callsAMinute = 60;  // on average
};

IncidentData makeTraffic(const Traffic& traffic, const std::vector<Incident>& incidents);

// A random one that begins on the last of the days. Its size: 1.5 to 6 calls or streams a minute go wrong on top at its
// begin, for 30 minutes to 3 hours.
Incident randomIncident(const Traffic& traffic, SubjectKind kind, std::uint64_t seed);

inline constexpr std::string_view carrier = "alp";

}  // namespace meetpoint::quality::testing
