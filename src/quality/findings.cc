#include "quality/findings.h"

#include <algorithm>
#include <cmath>
#include <functional>

#include "quality/subjects.h"

namespace meetpoint::quality {
namespace {

// Each bin may begin a stretch of about so many lengths that differ enough to count as tests of their own.
constexpr double lengthsOfStretches = 20;
constexpr std::size_t joinWithin = 30;  // minutes: what is so close to a finding about the same is part of it
constexpr double dominating = 0.6;      // a share of what came on top that is told as evidence
constexpr double overwhelming = 0.7;    // … and of which one release cause is itself the subject

// A stretch of one subject in which one rate was higher than usual.
struct Suspect {
    std::size_t subject = 0;
    Stretch stretch;
    double evidence = 0;
};

// Looks through one KPI: what stands out anywhere, explained by as few and as small subjects as possible.
class Search {
public:
    Search(const Observations& observations, double needed, const FindingLimits& limits)
        : observations_(observations), needed_(needed), limits_(limits) {}

    std::vector<Explained> run() {
        suspectAll();
        std::vector<Explained> found;
        while (!suspects_.empty()) {
            const Suspect strongest = *std::ranges::max_element(suspects_, {}, &Suspect::evidence);
            const Explained explained = explain(strongest);
            exclusions_.push_back({explained.subject, widened(explained.stretch)});
            if (isWorthTelling(explained)) found.push_back(explained);
            judgeAgain(strongest);
        }
        return joined(std::move(found));
    }

private:
    void suspectAll() {
        for (std::size_t subject = 0; subject < observations_.subjects.size(); ++subject) {
            const auto rises = findRises(observations_.series(subject, {}));
            for (const Rise& rise : rises) {
                unusual_[subject].push_back(rise.stretch);
                if (rise.evidence >= needed_) suspects_.push_back({subject, rise.stretch, rise.evidence});
            }
        }
    }

    Usual usualOfSubject(std::size_t subject, const std::vector<Trials>& series, const Stretch& now) {
        std::vector<Stretch> without = unusual_[subject];
        without.push_back(now);
        std::ranges::sort(without, {}, &Stretch::first);
        return usualOf(series, without);
    }

    // Of all subjects the one whose rise explains most; a smaller one where two explain the same.
    Explained explain(const Suspect& suspect) {
        Explained best;
        best.evidence = -1;
        for (std::size_t subject = 0; subject < observations_.subjects.size(); ++subject) {
            const auto series = observations_.series(subject, exclusions_);
            const Usual usual = usualOfSubject(subject, series, suspect.stretch);
            const Trials now = sumOf(series, suspect.stretch);
            // What is usual is estimated from much more than what is new: dispersion must not decide between subjects.
            const double evidence = evidenceOfRise(now, usual.trials);
            const bool isBetter = evidence > best.evidence * (1 + 1e-9);
            const bool isSmaller = evidence >= best.evidence * (1 - 1e-9) && now.all < best.now.all;
            const bool isFiner = evidence >= best.evidence * (1 - 1e-9) && now.all == best.now.all &&
                                 observations_.subjects[subject].kind > observations_.subjects[best.subject].kind;
            if (!isBetter && !isSmaller && !isFiner) continue;
            best = {subject, suspect.stretch, now, usual.trials, evidence, evidenceIn(series, suspect.stretch, usual)};
        }
        return withItsOwnTime(best, suspect);
    }

    // The subject shows the begin better than whatever it was seen by.
    Explained withItsOwnTime(Explained explained, const Suspect& suspect) {
        const auto series = observations_.series(explained.subject, exclusions_);
        for (const Rise& rise : findRises(series)) {
            if (!rise.stretch.touches(suspect.stretch)) continue;
            const Usual usual = usualOfSubject(explained.subject, series, rise.stretch);
            const Trials now = sumOf(series, rise.stretch);
            explained.stretch = rise.stretch;
            explained.now = now;
            explained.usual = usual.trials;
            explained.corrected = evidenceIn(series, rise.stretch, usual);
            break;
        }
        return explained;
    }

    bool isWorthTelling(const Explained& explained) const {
        const double before = explained.usual.rate(), after = explained.now.rate();
        const double onTop = static_cast<double>(explained.now.bad) - before * static_cast<double>(explained.now.all);
        return explained.corrected >= needed_ && after - before >= limits_.leastRise &&
               after >= before * limits_.leastFactor && onTop >= static_cast<double>(limits_.leastBad);
    }

    // What is left of the suspects once the explained is out of the way.
    void judgeAgain(const Suspect& done) {
        std::vector<Suspect> left;
        for (Suspect suspect : suspects_) {
            if (suspect.subject == done.subject && suspect.stretch == done.stretch) continue;
            const auto series = observations_.series(suspect.subject, exclusions_);
            const Usual usual = usualOfSubject(suspect.subject, series, suspect.stretch);
            suspect.evidence = evidenceIn(series, suspect.stretch, usual);
            if (suspect.evidence >= needed_) left.push_back(suspect);
        }
        suspects_ = std::move(left);
    }

    static Stretch widened(const Stretch& stretch) {
        return {stretch.first - std::min(stretch.first, joinWithin), stretch.end + joinWithin};
    }

    // The same subject again and again within a short time is one finding.
    static std::vector<Explained> joined(std::vector<Explained> found) {
        std::ranges::sort(found, {}, [](const Explained& e) { return std::tuple(e.subject, e.stretch.first); });
        std::vector<Explained> out;
        for (const Explained& one : found) {
            if (out.empty() || out.back().subject != one.subject ||
                one.stretch.first > out.back().stretch.end + joinWithin) {
                out.push_back(one);
                continue;
            }
            Explained& last = out.back();
            last.stretch.end = std::max(last.stretch.end, one.stretch.end);
            last.now.add(one.now);
            last.corrected = std::max(last.corrected, one.corrected);
        }
        return out;
    }

    const Observations& observations_;
    double needed_;
    const FindingLimits& limits_;
    std::map<std::size_t, std::vector<Stretch>> unusual_;  // by subject
    std::vector<Suspect> suspects_;
    std::vector<Exclusion> exclusions_;
};

// Which value has most of what came on top.
std::optional<Evidence> dominatingOf(const std::map<std::string, double>& onTop, std::string_view dimension) {
    double all = 0, most = 0;
    std::string value;
    for (const auto& [name, count] : onTop) {
        all += std::max(0.0, count);
        if (count > most) {
            most = count;
            value = name;
        }
    }
    if (value.empty() || most < all * dominating) return std::nullopt;
    return Evidence{std::string(dimension), value, most / all};
}

Ratio ratioOfBad(const Trials& trials) {
    return {trials.bad, trials.all};
}
Ratio ratioOfGood(const Trials& trials) {
    return {trials.all - trials.bad, trials.all};
}

class Reporter {
public:
    Reporter(const IncidentData& data, double tests, const FindingLimits& limits)
        : data_(data), tests_(tests), limits_(limits) {}

    Finding report(const Explained& explained, const Observations& observations) const {
        Finding finding;
        finding.subject = observations.subjects[explained.subject];
        finding.kpi = observations.kpi;
        const bool isNer = finding.kpi == FindingKpi::ner;
        finding.before = isNer ? ratioOfGood(explained.usual) : ratioOfBad(explained.usual);
        finding.after = isNer ? ratioOfGood(explained.now) : ratioOfBad(explained.now);
        finding.startedAt = data_.from + minutes(static_cast<std::int64_t>(explained.stretch.first));
        const Instant end = data_.from + minutes(static_cast<std::int64_t>(explained.stretch.end));
        const Instant dataEnd = data_.from + minutes(static_cast<std::int64_t>(data_.minutes));
        if (end + limits_.stillGoingOn < dataEnd) finding.endedAt = end;
        finding.confidence = 1 - std::min(1.0, tests_ * std::exp(-explained.corrected));
        addEvidence(finding, explained, observations);
        return finding;
    }

private:
    void addEvidence(Finding& finding, const Explained& explained, const Observations& observations) const {
        using Values = std::vector<std::pair<std::string_view, std::function<std::string(const Observation&)>>>;
        const auto path = [&](const Observation& one) -> const Path& { return observations.pathOf(one); };
        Values values;
        if (observations.kpi == FindingKpi::ner) {
            values.emplace_back("sipCode", [&](const Observation& one) {
                const std::int32_t code = one.cause == 0 ? 0 : data_.causes[one.cause - 1].sipCode;
                return code == 0 ? std::string() : std::to_string(code);
            });
            values.emplace_back("q850Cause", [&](const Observation& one) {
                const std::int32_t code = one.cause == 0 ? 0 : data_.causes[one.cause - 1].q850Cause;
                return code == 0 ? std::string() : std::to_string(code);
            });
        }
        const SubjectKind kind = finding.subject.kind;
        if (kind != SubjectKind::trunk)
            values.emplace_back("trunk", [&](const Observation& one) { return path(one).trunk; });
        if (kind != SubjectKind::region)
            values.emplace_back("region", [&](const Observation& one) { return path(one).region; });
        if (kind != SubjectKind::codec && observations.kpi == FindingKpi::poorStreams)
            values.emplace_back("codec", [&](const Observation& one) { return path(one).codec; });
        for (const auto& [dimension, valueOf] : values) {
            const auto onTop = observations.onTopBy(explained.subject, explained.stretch, valueOf);
            // Of one value alone there is nothing to tell.
            const bool isChoice = onTop.size() > 1 || dimension == "sipCode" || dimension == "q850Cause";
            const auto evidence = dominatingOf(onTop, dimension);
            if (isChoice && evidence) finding.evidence.push_back(*evidence);
        }
    }

    const IncidentData& data_;
    double tests_;
    const FindingLimits& limits_;
};

// Where all calls are hit alike and nearly all of what came on top ended in one way, that way is the subject.
void nameReleaseCause(Finding& finding) {
    const bool isWide = finding.subject.kind == SubjectKind::everything || finding.subject.kind == SubjectKind::carrier;
    if (finding.kpi != FindingKpi::ner || !isWide) return;
    Subject subject{SubjectKind::releaseCause, {}, finding.subject.value, {0, 0, true}};
    for (const Evidence& one : finding.evidence) {
        if (one.share < overwhelming) continue;
        if (one.dimension == "sipCode") subject.cause.sipCode = std::stoi(one.value);
        if (one.dimension == "q850Cause") subject.cause.q850Cause = std::stoi(one.value);
    }
    if (subject.cause.sipCode != 0 || subject.cause.q850Cause != 0) finding.subject = subject;
}

// A rise of one release cause: of all calls alike it is about that cause, else about those calls, and the cause is why.
void nameRisenCause(Finding& finding, const ReleaseCause& cause) {
    if (finding.subject.kind == SubjectKind::everything || finding.subject.kind == SubjectKind::carrier)
        finding.subject = {SubjectKind::releaseCause, {}, finding.subject.value, cause};
    if (cause.q850Cause != 0)
        finding.evidence.insert(finding.evidence.begin(), {"q850Cause", std::to_string(cause.q850Cause), 1});
    if (cause.sipCode != 0)
        finding.evidence.insert(finding.evidence.begin(), {"sipCode", std::to_string(cause.sipCode), 1});
}

// Whether a fall of NER at the same time tells of the failures already.
bool isTold(const std::vector<Finding>& findings, const Finding& rise) {
    const auto endOf = [](const Finding& finding) { return finding.endedAt.value_or(Instant{INT64_MAX}); };
    const Duration around = minutes(static_cast<std::int64_t>(joinWithin));
    return std::ranges::any_of(findings, [&](const Finding& told) {
        return told.kpi == FindingKpi::ner && told.startedAt - around < endOf(rise) &&
               rise.startedAt - around < endOf(told);
    });
}

std::uint64_t countOf(const IncidentData& data, std::uint32_t cause) {
    std::uint64_t count = 0;
    for (const CallCell& cell : data.calls)
        if (cell.cause == cause) count += cell.calls;
    return count;
}

// How many stretches of how many subjects are looked at, about.
double countTests(const IncidentData& data, const Observations& calls, const Observations& streams) {
    const auto series = static_cast<double>(calls.subjects.size() * (1 + data.causes.size()) + streams.subjects.size());
    return std::max(1.0, series * static_cast<double>(data.minutes) * lengthsOfStretches);
}

}  // namespace

std::vector<Finding> findIncidents(const IncidentData& data, Instant from, Instant to,
                                   const std::map<std::string, std::string>& carrierNames,
                                   const FindingLimits& limits) {
    std::vector<Finding> findings;
    const Observations calls = observationsOfNer(data), streams = observationsOfStreams(data);
    const double tests = countTests(data, calls, streams);
    const double needed = std::log(tests / limits.falseAlarms);
    const Reporter reporter(data, tests, limits);
    for (const Observations* observations : {&calls, &streams})
        for (const Explained& explained : Search(*observations, needed, limits).run()) {
            findings.push_back(reporter.report(explained, *observations));
            nameReleaseCause(findings.back());
        }
    for (std::uint32_t number = 1; number <= data.causes.size(); ++number) {
        const ReleaseCause& cause = data.causes[number - 1];
        if (countOf(data, number) < limits.leastBad) continue;
        const Observations observations = observationsOfCause(data, number);
        for (const Explained& explained : Search(observations, needed, limits).run()) {
            Finding finding = reporter.report(explained, observations);
            if (cause.isFailure && isTold(findings, finding)) continue;
            nameRisenCause(finding, cause);
            findings.push_back(std::move(finding));
        }
    }
    std::erase_if(findings, [&](const Finding& finding) {
        return finding.startedAt >= to || (finding.endedAt && *finding.endedAt <= from);
    });
    std::ranges::sort(findings, {}, [](const Finding& f) { return std::tuple(f.startedAt, f.kpi, f.subject); });
    for (Finding& finding : findings)
        finding.sentence = sentenceOf(finding, carrierNames);
    return findings;
}

}  // namespace meetpoint::quality
