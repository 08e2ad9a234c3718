#include "quality/subjects.h"

#include <algorithm>

namespace meetpoint::quality {
namespace {

// A subject for each carrier, region, codec and trunk of the paths, and one for all of several carriers.
void addSubjects(Observations& observations, bool withCodecs) {
    std::map<Subject, std::vector<std::uint32_t>> found;
    std::vector<std::uint32_t> everything;
    bool isOneCarrier = true;
    const std::vector<Path>& paths = *observations.paths;
    for (std::uint32_t i = 0; i < paths.size(); ++i) {
        const Path& path = paths[i];
        everything.push_back(i);
        isOneCarrier &= path.carrier == paths.front().carrier;
        found[{SubjectKind::carrier, path.carrier, {}}].push_back(i);
        if (!path.region.empty()) found[{SubjectKind::region, path.region, {}}].push_back(i);
        if (withCodecs && !path.codec.empty()) found[{SubjectKind::codec, path.codec, {}}].push_back(i);
        if (!path.trunk.empty()) found[{SubjectKind::trunk, path.trunk, path.carrier}].push_back(i);
    }
    if (!isOneCarrier) found[{SubjectKind::everything, {}, {}}] = std::move(everything);
    for (auto& [subject, members] : found) {
        observations.subjects.push_back(subject);
        std::vector<bool> has(paths.size());
        for (const std::uint32_t path : members)
            has[path] = true;
        observations.hasPath.push_back(std::move(has));
        observations.pathsOf.push_back(std::move(members));
    }
}

// `items` in the order of their paths.
void finish(Observations& observations, bool withCodecs) {
    observations.firstItem.assign(observations.paths->size() + 1, 0);
    for (const Observation& one : observations.items)
        ++observations.firstItem[one.path + 1];
    for (std::size_t i = 1; i < observations.firstItem.size(); ++i)
        observations.firstItem[i] += observations.firstItem[i - 1];
    addSubjects(observations, withCodecs);
}

Observations begin(const IncidentData& data, FindingKpi kpi, const std::vector<Path>& paths) {
    Observations observations;
    observations.kpi = kpi;
    observations.minutes = data.minutes;
    observations.paths = &paths;
    return observations;
}

}  // namespace

std::vector<Trials> Observations::series(std::size_t subject, const std::vector<Exclusion>& without) const {
    std::vector<Trials> bins(minutes);
    for (const std::uint32_t path : pathsOf[subject]) {
        std::vector<Stretch> skipped;
        for (const Exclusion& exclusion : without)
            if (hasPath[exclusion.subject][path]) skipped.push_back(exclusion.stretch);
        for (std::size_t i = firstItem[path]; i < firstItem[path + 1]; ++i) {
            const Observation& one = items[i];
            const bool isSkipped = std::ranges::any_of(
                skipped, [&](const Stretch& s) { return one.minute >= s.first && one.minute < s.end; });
            if (!isSkipped) bins[one.minute].add({one.all, one.bad});
        }
    }
    return bins;
}

std::map<std::string, double> Observations::onTopBy(
    std::size_t subject, const Stretch& stretch, const std::function<std::string(const Observation&)>& valueOf) const {
    struct Bad {
        double now = 0, usual = 0;
    };
    std::map<std::string, Bad> bad;
    double now = 0, usual = 0;
    for (const std::uint32_t path : pathsOf[subject])
        for (std::size_t i = firstItem[path]; i < firstItem[path + 1]; ++i) {
            const Observation& one = items[i];
            const bool isNow = one.minute >= stretch.first && one.minute < stretch.end;
            (isNow ? now : usual) += one.all;
            if (one.bad == 0) continue;
            Bad& sum = bad[valueOf(one)];
            (isNow ? sum.now : sum.usual) += one.bad;
        }
    std::map<std::string, double> onTop;
    for (const auto& [value, sum] : bad)
        onTop[value] = sum.now - (usual > 0 ? sum.usual * now / usual : 0);
    return onTop;
}

Observations observationsOfNer(const IncidentData& data) {
    Observations observations = begin(data, FindingKpi::ner, data.callPaths);
    for (const CallCell& cell : data.calls) {
        const bool isBad = cell.cause != 0 && data.causes[cell.cause - 1].isFailure;
        observations.items.push_back({cell.path, cell.minute, cell.cause, cell.calls, isBad ? cell.calls : 0});
    }
    finish(observations, false);
    return observations;
}

Observations observationsOfCause(const IncidentData& data, std::uint32_t cause) {
    Observations observations = begin(data, FindingKpi::releaseCauseShare, data.callPaths);
    observations.cause = cause;
    for (const CallCell& cell : data.calls) {
        const std::uint32_t bad = cell.cause == cause ? cell.calls : 0;
        auto& items = observations.items;
        if (!items.empty() && items.back().path == cell.path && items.back().minute == cell.minute) {
            items.back().all += cell.calls;
            items.back().bad += bad;
        } else {
            items.push_back({cell.path, cell.minute, cause, cell.calls, bad});
        }
    }
    finish(observations, false);
    return observations;
}

Observations observationsOfStreams(const IncidentData& data) {
    Observations observations = begin(data, FindingKpi::poorStreams, data.streamPaths);
    for (const StreamCell& cell : data.streams)
        observations.items.push_back({cell.path, cell.minute, 0, cell.good + cell.poor, cell.poor});
    finish(observations, true);
    return observations;
}

}  // namespace meetpoint::quality
