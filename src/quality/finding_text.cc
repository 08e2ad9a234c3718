// Findings in a sentence.
#include <fmt/format.h>

#include "quality/findings.h"
#include "quality/wording.h"

namespace meetpoint::quality {
namespace {

std::string percent(const Ratio& ratio) {
    return percentText(ratio.value().value_or(0));
}

std::string causeText(const ReleaseCause& cause) {
    if (cause.sipCode == 0) return fmt::format("Q.850 cause {}", cause.q850Cause);
    if (cause.q850Cause == 0) return fmt::format("SIP {}", cause.sipCode);
    return fmt::format("SIP {} with Q.850 cause {}", cause.sipCode, cause.q850Cause);
}

std::string subjectText(const Subject& subject, const std::map<std::string, std::string>& names) {
    const bool isOfCarrier = !subject.carrier.empty() && names.contains(subject.carrier);
    const std::string of = isOfCarrier ? " of " + carrierText(subject.carrier, names) : "";
    switch (subject.kind) {
        case SubjectKind::everything:
            return "All carriers";
        case SubjectKind::carrier:
            return subject.value.empty() ? "Calls of nobody's numbers" : "Carrier " + carrierText(subject.value, names);
        case SubjectKind::region:
            return "Region " + subject.value;
        case SubjectKind::codec:
            return "Codec " + subject.value;
        case SubjectKind::trunk:
            return "Trunk " + subject.value + of;
        case SubjectKind::releaseCause:
            return "Release cause " + causeText(subject.cause) + of;
    }
    return {};
}

std::string evidenceText(const Finding& finding) {
    std::string text;
    for (const Evidence& one : finding.evidence) {
        // The subject says it already.
        if (finding.subject.kind == SubjectKind::releaseCause &&
            (one.dimension == "sipCode" || one.dimension == "q850Cause"))
            continue;
        const std::string what = one.dimension == "sipCode"     ? "SIP " + one.value
                                 : one.dimension == "q850Cause" ? "Q.850 cause " + one.value
                                                                : one.dimension + " " + one.value;
        text += fmt::format("{} {} ({:.0f} %)", text.empty() ? ", mostly" : ",", what, one.share * 100);
    }
    return text;
}

}  // namespace

std::string_view name(SubjectKind kind) {
    constexpr std::string_view names[] = {"everything", "carrier", "region", "codec", "trunk", "releaseCause"};
    return names[static_cast<std::size_t>(kind)];
}

std::string_view name(FindingKpi kpi) {
    constexpr std::string_view names[] = {"ner", "poorStreams", "releaseCauseShare"};
    return names[static_cast<std::size_t>(kpi)];
}

std::string sentenceOf(const Finding& finding, const std::map<std::string, std::string>& carrierNames) {
    const std::string_view what = finding.kpi == FindingKpi::ner           ? "NER fell"
                                  : finding.kpi == FindingKpi::poorStreams ? "poor streams rose"
                                                                           : "share of calls rose";
    const std::string till = finding.endedAt ? " until " + minuteText(*finding.endedAt) : ", still going on";
    return fmt::format("{}: {} from {} to {} at {}{}{}.", subjectText(finding.subject, carrierNames), what,
                       percent(finding.before), percent(finding.after), minuteText(finding.startedAt), till,
                       evidenceText(finding));
}

}  // namespace meetpoint::quality
