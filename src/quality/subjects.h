// The subjects that findings may be about, and what was observed of each: one KPI's trials by path and minute.
#pragma once

#include <functional>

#include "quality/findings.h"

namespace meetpoint::quality {

// Trials of one minute and path.
struct Observation {
    std::uint32_t path = 0;
    std::uint32_t minute = 0;
    std::uint32_t cause = 0;  // of bad calls, where the KPI is of calls; as CallCell::cause
    std::uint32_t all = 0, bad = 0;
};

// What of a subject is left out, because another finding explains it.
struct Exclusion {
    std::size_t subject = 0;
    Stretch stretch;
};

// A subject that explains what stood out.
struct Explained {
    std::size_t subject = 0;
    Stretch stretch;
    Trials now, usual;
    double evidence = 0;   // as if bins varied by chance alone: for choosing between subjects
    double corrected = 0;  // by how much they vary
};

struct Observations {
    FindingKpi kpi = FindingKpi::ner;
    std::uint32_t cause = 0;  // of releaseCauseShare
    std::size_t minutes = 0;
    const std::vector<Path>* paths = nullptr;
    std::vector<Observation> items;      // by path and minute
    std::vector<std::size_t> firstItem;  // of each path, and one more
    std::vector<Subject> subjects;
    std::vector<std::vector<std::uint32_t>> pathsOf;  // each subject
    std::vector<std::vector<bool>> hasPath;           // the same as a set

    const Path& pathOf(const Observation& one) const { return (*paths)[one.path]; }
    // A subject's trials, minute by minute.
    std::vector<Trials> series(std::size_t subject, const std::vector<Exclusion>& without) const;
    // Of a subject, value by value of `valueOf`: how many bad ones there were in the stretch beyond what the rest of
    // the time has for as many trials.
    std::map<std::string, double> onTopBy(std::size_t subject, const Stretch& stretch,
                                          const std::function<std::string(const Observation&)>& valueOf) const;
};

Observations observationsOfNer(const IncidentData& data);
Observations observationsOfStreams(const IncidentData& data);
Observations observationsOfCause(const IncidentData& data, std::uint32_t cause);

}  // namespace meetpoint::quality
