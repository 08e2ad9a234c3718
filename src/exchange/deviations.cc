#include "exchange/deviations.h"

#include <boost/json.hpp>
#include <fmt/format.h>

#include "exchange/agreement_terms.h"

namespace meetpoint::exchange {
namespace {

namespace json = boost::json;
using domain::TimeBasis;
using reconcile::Cause;
using reconcile::Item;

// Fewer pairs show no way of counting, fewer calls no kind (as in reconcile/calibrate_figures and reconcile/absence).
constexpr std::uint64_t fewestPairs = 6, fewestOfAKind = 8;

struct Evidence {
    std::uint64_t count = 0, outOf = 0;
};

// As a record states it: {"mode":"up","stepMs":60000}.
json::value roundingJson(const std::optional<reconcile::Rounding>& rounding) {
    if (!rounding) return nullptr;
    return json::object{{"mode", name(rounding->mode)}, {"stepMs", rounding->step.ms}};
}

json::value shownRounding(const std::optional<reconcile::Rounding>& rounding) {
    if (!rounding) return nullptr;
    if (rounding->mode == reconcile::RoundingMode::up) {
        const Duration initial = rounding->initial.ms > 0 ? rounding->initial : rounding->step;
        return incrementsJson({initial, rounding->step});
    }
    return json::object{{"mode", name(rounding->mode)}, {"stepSeconds", rounding->step.ms / 1000}};
}

// What is found, in the order in which it is said.
class Findings {
public:
    void add(std::string_view term, json::value agreed, json::value shown, const Evidence& evidence,
             std::string_view sentence, std::string_view saidAs = "agreed") {
        found_.push_back(json::object{{"term", term},
                                      {saidAs, std::move(agreed)},
                                      {"shown", std::move(shown)},
                                      {"count", evidence.count},
                                      {"outOf", evidence.outOf},
                                      {"evidence", sentence}});
    }
    json::array take() { return std::move(found_); }

private:
    json::array found_;
};

// Times with their offset are right in any zone; only a shift says that they were written in another one.
void findZone(Findings& findings, const std::string& agreed, const std::vector<reconcile::Diagnosis>& diagnosis,
              Day day) {
    const auto zone = TimeZone::load(agreed);
    if (!zone) return;  // one that the machine's database has no more
    const Instant end = startOf(Day{day.number + 1});
    for (const reconcile::Diagnosis& found : diagnosis) {
        if (found.cause != Cause::timeZone || !found.number) continue;
        if (*found.number == zone->offsetMinutesAt(startOf(day)) || *found.number == zone->offsetMinutesAt(end))
            continue;
        findings.add("timeZone", json::string(agreed), json::object{{"offsetMinutes", *found.number}},
                     {found.count, found.outOf},
                     fmt::format("The carrier's times are {} min from UTC in {} of {} pairs.", *found.number,
                                 found.count, found.outOf));
    }
}

class ScopeFindings {
public:
    ScopeFindings(Findings& findings, const domain::RecordedScope& scope, const DeviationCounts& counts)
        : findings_(findings), scope_(scope), counts_(counts) {}

    // Kinds that the carrier has none of, although it was to record them.
    void findMissing() {
        const DeviationCounts::Kinds& missing = counts_.missing;
        if (!scope_.answeredOnly)
            add({{"answeredOnly", true}}, missing.unanswered, "calls that were not answered are missing.");
        if (scope_.inbound)
            add({{"directions", json::array{"outbound"}}}, missing.inbound, "inbound calls are missing: all of them.");
        if (scope_.outbound)
            add({{"directions", json::array{"inbound"}}}, missing.outbound, "outbound calls are missing: all of them.");
        if (scope_.onNet)
            add({{"onNet", false}}, missing.onNet, "calls between the carrier's own numbers are missing: all of them.");
    }

    // Kinds that the carrier sends although it was not to.
    void findUnexpected() {
        const DeviationCounts::Kinds& sent = counts_.sent;
        const auto atLeast = [](std::uint64_t count) { return count >= fewestOfAKind ? count : 0; };
        if (scope_.answeredOnly)
            add({{"answeredOnly", false}}, atLeast(sent.unanswered), "calls that were not answered were sent.");
        if (!scope_.inbound)
            add({{"directions", json::array{"inbound", "outbound"}}}, atLeast(sent.inbound),
                "inbound calls were sent.");
        if (!scope_.outbound)
            add({{"directions", json::array{"inbound", "outbound"}}}, atLeast(sent.outbound),
                "outbound calls were sent.");
    }

private:
    void add(json::object shown, std::uint64_t count, std::string_view sentence) {
        if (count > 0)
            findings_.add("scope", scopeJson(scope_), std::move(shown), {count, counts_.items},
                          fmt::format("{} {}", count, sentence));
    }

    Findings& findings_;
    const domain::RecordedScope& scope_;
    const DeviationCounts& counts_;
};

// What was said is held against all pairs; what was learnt is named only if it explains what that does not.
bool isContradicted(std::uint64_t pairs, std::uint64_t against, std::uint64_t againstLearnt) {
    return pairs >= fewestPairs && against * 10 >= pairs && againstLearnt * 10 <= pairs;
}

void findDeclared(Findings& findings, const DeviationCounts::Declared& declared, const Counting& learnt) {
    if (!isContradicted(declared.pairs, declared.againstDeclared, declared.againstLearnt)) return;
    const Evidence evidence{declared.againstDeclared, declared.pairs};
    if (declared.basis && *declared.basis != learnt.basis)
        findings.add(
            "durationBasis", json::string(name(*declared.basis)), json::string(name(learnt.basis)), evidence,
            fmt::format("{} of {} pairs are not counted from where it was declared.", evidence.count, evidence.outOf),
            "declared");
    if (declared.rounding && declared.rounding != learnt.rounding)
        findings.add("rounding", roundingJson(declared.rounding), roundingJson(learnt.rounding), evidence,
                     fmt::format("{} of {} pairs are not rounded as declared.", evidence.count, evidence.outOf),
                     "declared");
}

void append(DeviationCounts::Kinds& kinds, const DeviationCounts::Kinds& more) {
    kinds.unanswered += more.unanswered;
    kinds.inbound += more.inbound;
    kinds.outbound += more.outbound;
    kinds.onNet += more.onNet;
}

}  // namespace

DeviationCounts::Declared* DeviationCounts::declaredAs(const Item& item) {
    if (!item.statedBasis && !item.statedRounding) return nullptr;
    for (Declared& known : declared)
        if (known.basis == item.statedBasis && known.rounding == item.statedRounding) return &known;
    if (declared.size() == mostDeclared) return nullptr;
    return &declared.emplace_back(Declared{item.statedBasis, item.statedRounding});
}

void DeviationCounts::append(const DeviationCounts& more) {
    items += more.items;
    pairs += more.pairs;
    againstAgreed += more.againstAgreed;
    againstLearnt += more.againstLearnt;
    exchange::append(missing, more.missing);
    exchange::append(sent, more.sent);
    for (const Declared& other : more.declared) {
        Item like;
        like.statedBasis = other.basis, like.statedRounding = other.rounding;
        Declared* known = declaredAs(like);
        if (!known) continue;
        known->pairs += other.pairs;
        known->againstDeclared += other.againstDeclared;
        known->againstLearnt += other.againstLearnt;
    }
}

// As the agreement states it, what it leaves open as it was learnt; and as it was learnt.
struct Deviations::Ways {
    Counting agreed, learnt;
};

Deviations::Deviations(const domain::AgreementTerms* agreed, const reconcile::Calibration& learnt)
    : agreed_(agreed ? *agreed : domain::AgreementTerms()), learnt_(learnt) {}

Deviations::Ways Deviations::ways() const {
    Ways ways;
    ways.learnt = {learnt_.durationBasis, learnt_.rounding};
    ways.agreed = {agreed_.durationBasis.value_or(ways.learnt.basis), ways.learnt.rounding};
    if (agreed_.increments) ways.agreed.rounding = roundingOf(*agreed_.increments);
    return ways;
}

void Deviations::countPair(const Ways& ways, const Item& item, DeviationCounts& counts) const {
    // A figure in a wrong unit is held against what it should have been.
    const auto contradicts = [&](const Counting& counting) {
        const std::int64_t theirMs = item.theirMs - item.unitMs;
        return counting.explains(item.ourMs, beforeAnswer(item, counting.basis), theirMs) ? 0u : 1u;
    };
    if (agreed_.increments || agreed_.durationBasis) {
        ++counts.pairs;
        counts.againstAgreed += contradicts(ways.agreed);
        counts.againstLearnt += contradicts(ways.learnt);
    }
    if (DeviationCounts::Declared* declared = counts.declaredAs(item)) {
        ++declared->pairs;
        declared->againstDeclared += contradicts({declared->basis.value_or(ways.learnt.basis),
                                                  declared->rounding ? declared->rounding : ways.learnt.rounding});
        declared->againstLearnt += contradicts(ways.learnt);
    }
}

DeviationCounts Deviations::count(const reconcile::Items& items) const {
    const Ways ways = this->ways();
    DeviationCounts counts;
    counts.items = items.items.size();
    for (const Item& item : items.items) {
        if (showsCounting(item)) countPair(ways, item, counts);
        const bool isOutbound = item.direction == static_cast<std::uint8_t>(domain::Direction::outbound);
        if (item.ourCount > 0 && item.state == reconcile::State::outsideScope) {
            counts.missing.unanswered += item.causes.has(Cause::answeredOnly) ? 1 : 0;
            counts.missing.onNet += item.causes.has(Cause::onNet) ? 1 : 0;
            if (item.causes.has(Cause::oneDirectionOnly))
                ++(isOutbound ? counts.missing.outbound : counts.missing.inbound);
        }
        if (item.theirCount == 0) continue;
        // The item has our direction where there is a call of ours.
        const bool isReversed = item.ourCount > 0 && item.causes.has(Cause::reversedDirection);
        counts.sent.unanswered += item.theirMs == 0 ? 1 : 0;
        ++(isOutbound != isReversed ? counts.sent.outbound : counts.sent.inbound);
    }
    return counts;
}

json::array Deviations::say(const DeviationCounts& counts, const std::vector<reconcile::Diagnosis>& diagnosis,
                            Day day) const {
    Findings findings;
    const Ways ways = this->ways();
    if (isContradicted(counts.pairs, counts.againstAgreed, counts.againstLearnt)) {
        const Evidence evidence{counts.againstAgreed, counts.pairs};
        if (agreed_.increments && ways.agreed.rounding != ways.learnt.rounding)
            findings.add("increments", incrementsJson(*agreed_.increments), shownRounding(ways.learnt.rounding),
                         evidence,
                         fmt::format("{} of {} pairs are not charged as agreed.", evidence.count, evidence.outOf));
        if (agreed_.durationBasis && ways.agreed.basis != ways.learnt.basis)
            findings.add("durationBasis", json::string(name(ways.agreed.basis)), json::string(name(ways.learnt.basis)),
                         evidence,
                         fmt::format("{} of {} pairs are not counted from where it was agreed.", evidence.count,
                                     evidence.outOf));
    }
    if (agreed_.timeZone) findZone(findings, *agreed_.timeZone, diagnosis, day);
    if (agreed_.scope) {
        ScopeFindings scope(findings, *agreed_.scope, counts);
        scope.findMissing();
        scope.findUnexpected();
    }
    for (const DeviationCounts::Declared& declared : counts.declared)
        findDeclared(findings, declared, ways.learnt);
    return findings.take();
}

}  // namespace meetpoint::exchange
