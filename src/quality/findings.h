// What stands out in how calls went: which trunk, codec, region, carrier or release cause got worse, when, and by how
// much. Every subject's bins of time are compared with what is usual for it; of all subjects that show the same, the
// one is named that explains it best.
#pragma once

#include "quality/change.h"
#include "quality/incident_data.h"

namespace meetpoint::quality {

enum class SubjectKind : std::uint8_t { everything, carrier, region, codec, trunk, releaseCause };
std::string_view name(SubjectKind kind);

// Whom a finding is about. `value` is a carrier's id, a region, codec or trunk; of a trunk `carrier` says whose.
struct Subject {
    SubjectKind kind = SubjectKind::everything;
    std::string value;
    std::string carrier;   // of trunks; of release causes where one carrier's calls alone have it
    ReleaseCause cause{};  // of release causes
    auto operator<=>(const Subject&) const = default;
};

// Which rate got worse: `ner` fell, or the share of poor streams rose, or that of calls with one release cause.
enum class FindingKpi : std::uint8_t { ner, poorStreams, releaseCauseShare };
std::string_view name(FindingKpi kpi);

// What most of what came on top has in common.
struct Evidence {
    std::string dimension;  // "sipCode", "q850Cause", "trunk", "region", "codec", "carrier"
    std::string value;
    double share = 0;  // of what came on top
};

struct Finding {
    Subject subject;
    FindingKpi kpi = FindingKpi::ner;
    Ratio before, after;  // of the KPI itself: of ner what was delivered, of the others what was poor or had the cause
    Instant startedAt;
    std::optional<Instant> endedAt;  // none: it goes on at the end of what was looked at
    std::vector<Evidence> evidence;
    double confidence = 0;  // 1 less the chance that this, or more, comes up anywhere while nothing is wrong
    std::string sentence;
};

// What is worth telling, and how sure one must be.
struct FindingLimits {
    double falseAlarms = 0.01;            // chance that one look reports anything while nothing has changed
    double leastRise = 0.01;              // of a rate, in points of 1
    double leastFactor = 1.5;             // … and how many times as high as usual
    std::uint64_t leastBad = 10;          // bad ones beyond what is usual
    Duration stillGoingOn = minutes(15);  // an end so close to that of the data is not told
};

// Findings that begin in [from, to) or last into it, in order of their begin. `data` begins before, so that it shows
// what is usual: a day at least, better a week. `carrierNames` by id, for the sentences.
std::vector<Finding> findIncidents(const IncidentData& data, Instant from, Instant to,
                                   const std::map<std::string, std::string>& carrierNames = {},
                                   const FindingLimits& limits = {});

// "Trunk sbc1: NER fell from 99.2 % to 91.0 % at 2026-03-09T14:20Z, …".
std::string sentenceOf(const Finding& finding, const std::map<std::string, std::string>& carrierNames);

}  // namespace meetpoint::quality
