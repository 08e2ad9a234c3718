// Findings: what was planted is found, named right and dated right; where nothing was planted, nothing is found.
#include "quality/findings.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "quality/testing/weeks.h"

namespace meetpoint::quality {
namespace {

using testing::Incident;
using testing::makeTraffic;
using testing::randomIncident;
using testing::Traffic;

constexpr Instant monday{1'772'409'600'000};  // 2026-03-02T00:00:00Z
const std::map<std::string, std::string> names{{"alp", "Alp Telecom"}};

std::vector<Finding> find(const IncidentData& data, Instant from) {
    return findIncidents(data, from, data.from + minutes(static_cast<std::int64_t>(data.minutes)), names);
}

std::string text(const Incident& incident) {
    return fmt::format("{} {}{} {} from {} for {} min, {:.1f} % on top", name(incident.subject.kind),
                       incident.subject.value, incident.subject.cause.sipCode, name(incident.kpi),
                       formatInstant(incident.from), incident.length.ms / 60'000, incident.share * 100);
}

bool isAbout(const Finding& finding, const Incident& incident) {
    if (finding.subject.kind != incident.subject.kind || finding.subject.value != incident.subject.value) return false;
    if (incident.subject.kind != SubjectKind::releaseCause) return true;
    return finding.subject.cause.q850Cause == incident.subject.cause.q850Cause;
}

// 50 incidents: 14 of trunks, 12 each of codecs, regions and release causes.
TEST(Findings, AreWhatWasPlanted) {
    constexpr SubjectKind kinds[] = {SubjectKind::trunk, SubjectKind::codec, SubjectKind::region,
                                     SubjectKind::releaseCause};
    int right = 0, others = 0;
    for (std::uint64_t seed = 1; seed <= 50; ++seed) {
        const Traffic traffic{seed * 101, monday, 3};
        const Incident incident = randomIncident(traffic, kinds[seed % 4], seed * 977);
        const auto findings = find(makeTraffic(traffic, {incident}), monday + days(2));
        bool isFound = false;
        std::string seen;
        for (const Finding& finding : findings) {
            const bool isRight =
                isAbout(finding, incident) && std::abs((finding.startedAt - incident.from).ms) <= minutes(5).ms;
            others += !isRight;
            isFound |= isRight;
            seen += "\n    " + finding.sentence;
        }
        right += isFound;
        if (!isFound || findings.size() != 1) std::cout << "seed " << seed << ": " << text(incident) << seen << "\n";
    }
    std::cout << right << " of 50 planted incidents found, " << others << " other findings\n";
    EXPECT_GE(right, 48);
    EXPECT_LE(others, 2);
}

TEST(Findings, ThereAreNoneInThirtyQuietWeeks) {
    std::size_t found = 0;
    for (std::uint64_t seed = 1; seed <= 30; ++seed) {
        const Traffic traffic{seed * 7'919, monday, 7};
        for (const Finding& finding : find(makeTraffic(traffic, {}), monday)) {
            std::cout << "seed " << seed << ": " << finding.sentence << "\n";
            ++found;
        }
    }
    EXPECT_LE(found, 1u);
}

}  // namespace
}  // namespace meetpoint::quality
