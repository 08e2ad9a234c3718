#include "exchange/deviations.h"

#include <boost/json.hpp>
#include <fmt/format.h>

#include "exchange/agreed_counting.h"
#include "exchange/agreement_terms.h"

namespace meetpoint::exchange {
namespace {

namespace json = boost::json;
using columns::CallCore;
using columns::DurationCore;
using columns::Part;
using columns::Records;
using domain::TimeBasis;
using reconcile::Cause;
using reconcile::Item;

// Fewer pairs show no way of counting, fewer calls no kind (as in reconcile/calibrate_figures and reconcile/absence).
constexpr std::uint64_t fewestPairs = 6, fewestOfAKind = 8;

struct Evidence {
    std::uint64_t count = 0, outOf = 0;
};

json::value shownRounding(const std::optional<reconcile::Rounding>& rounding) {
    if (!rounding) return nullptr;
    if (rounding->mode == reconcile::RoundingMode::up) {
        const Duration initial = rounding->initial.ms > 0 ? rounding->initial : rounding->step;
        return incrementsJson({initial, rounding->step});
    }
    return json::object{{"mode", name(rounding->mode)}, {"stepSeconds", rounding->step.ms / 1000}};
}

class Deviations {
public:
    Deviations(const domain::AgreementTerms& agreed, const reconcile::Outcome& outcome, const Records& calls,
               const Records& durations)
        : agreed_(agreed), outcome_(outcome), calls_(calls), durations_(durations) {}

    json::array find(Day day) {
        findCounting();
        if (agreed_.timeZone) findZone(day);
        if (agreed_.scope) {
            findMissingKinds(*agreed_.scope);
            findUnexpectedKinds(*agreed_.scope);
        }
        return std::move(found_);
    }

private:
    void add(std::string_view term, json::value agreed, json::value shown, const Evidence& evidence,
             std::string_view sentence) {
        found_.push_back(json::object{{"term", term},
                                      {"agreed", std::move(agreed)},
                                      {"shown", std::move(shown)},
                                      {"count", evidence.count},
                                      {"outOf", evidence.outOf},
                                      {"evidence", sentence}});
    }

    // Pairs that this way of counting does not explain.
    Evidence contradicting(const Counting& counting) const {
        Evidence evidence;
        for (const Item& item : outcome_.items) {
            if (!showsCounting(item)) continue;
            ++evidence.outOf;
            const std::int64_t ringing = beforeAnswer(calls_, outcome_.ours(item).front(), counting.basis);
            evidence.count += counting.explains(item.ourMs, ringing, item.theirMs) ? 0 : 1;
        }
        return evidence;
    }

    // What was agreed is held against all pairs; what was learnt is named only if it explains what that does not.
    void findCounting() {
        const Counting learnt{outcome_.calibration.durationBasis, outcome_.calibration.rounding};
        Counting agreed{agreed_.durationBasis.value_or(learnt.basis), learnt.rounding};
        if (agreed_.increments) agreed.rounding = roundingOf(*agreed_.increments);
        const Evidence evidence = contradicting(agreed);
        if (evidence.outOf < fewestPairs || evidence.count * 10 < evidence.outOf) return;
        const Evidence left = contradicting(learnt);
        if (left.count * 10 > left.outOf) return;
        if (agreed_.increments && agreed.rounding != learnt.rounding)
            add("increments", incrementsJson(*agreed_.increments), shownRounding(learnt.rounding), evidence,
                fmt::format("{} of {} pairs are not charged as agreed.", evidence.count, evidence.outOf));
        if (agreed_.durationBasis && agreed.basis != learnt.basis)
            add("durationBasis", json::string(name(agreed.basis)), json::string(name(learnt.basis)), evidence,
                fmt::format("{} of {} pairs are not counted from where it was agreed.", evidence.count,
                            evidence.outOf));
    }

    // Times with their offset are right in any zone; only a shift says that they were written in another one.
    void findZone(Day day) {
        const auto zone = TimeZone::load(*agreed_.timeZone);
        if (!zone) return;  // one that the machine's database has no more
        const Instant end = startOf(Day{day.number + 1});
        for (const reconcile::Diagnosis& found : outcome_.diagnosis) {
            if (found.cause != Cause::timeZone || !found.number) continue;
            if (*found.number == zone->offsetMinutesAt(startOf(day)) || *found.number == zone->offsetMinutesAt(end))
                continue;
            add("timeZone", json::string(*agreed_.timeZone), json::object{{"offsetMinutes", *found.number}},
                {found.count, found.outOf},
                fmt::format("The carrier's times are {} min from UTC in {} of {} pairs.", *found.number, found.count,
                            found.outOf));
        }
    }

    void addScope(json::object shown, std::uint64_t count, std::string_view sentence) {
        if (count > 0)
            add("scope", scopeJson(*agreed_.scope), std::move(shown), {count, outcome_.items.size()},
                fmt::format("{} {}", count, sentence));
    }

    // Kinds that the carrier has none of, although it was to record them.
    void findMissingKinds(const domain::RecordedScope& scope) {
        std::uint64_t unanswered = 0, inbound = 0, outbound = 0, onNet = 0;
        for (const Item& item : outcome_.items) {
            if (item.ourCount == 0 || item.state != reconcile::State::outsideScope) continue;
            const std::size_t row = outcome_.ours(item).front();
            const bool isOutbound = calls_.part(Part::core)[CallCore::direction].at<std::uint8_t>(row) == 1;
            unanswered += item.causes.has(Cause::answeredOnly) ? 1 : 0;
            onNet += item.causes.has(Cause::onNet) ? 1 : 0;
            if (item.causes.has(Cause::oneDirectionOnly)) ++(isOutbound ? outbound : inbound);
        }
        if (!scope.answeredOnly)
            addScope({{"answeredOnly", true}}, unanswered, "calls that were not answered are missing.");
        if (scope.inbound)
            addScope({{"directions", json::array{"outbound"}}}, inbound, "inbound calls are missing: all of them.");
        if (scope.outbound)
            addScope({{"directions", json::array{"inbound"}}}, outbound, "outbound calls are missing: all of them.");
        if (scope.onNet)
            addScope({{"onNet", false}}, onNet, "calls between the carrier's own numbers are missing: all of them.");
    }

    // Kinds that the carrier sends although it was not to.
    void findUnexpectedKinds(const domain::RecordedScope& scope) {
        std::uint64_t unanswered = 0, inbound = 0, outbound = 0;
        for (const Item& item : outcome_.items) {
            if (item.theirCount == 0) continue;
            const std::size_t row = outcome_.theirs(item).front();
            const bool isOutbound = durations_.part(Part::core)[DurationCore::direction].at<std::uint8_t>(row) == 1;
            unanswered += item.theirMs == 0 ? 1 : 0;
            ++(isOutbound ? outbound : inbound);
        }
        const auto atLeast = [](std::uint64_t count) { return count >= fewestOfAKind ? count : 0; };
        if (scope.answeredOnly)
            addScope({{"answeredOnly", false}}, atLeast(unanswered), "calls that were not answered were sent.");
        if (!scope.inbound)
            addScope({{"directions", json::array{"inbound", "outbound"}}}, atLeast(inbound),
                     "inbound calls were sent.");
        if (!scope.outbound)
            addScope({{"directions", json::array{"inbound", "outbound"}}}, atLeast(outbound),
                     "outbound calls were sent.");
    }

    const domain::AgreementTerms& agreed_;
    const reconcile::Outcome& outcome_;
    const Records& calls_;
    const Records& durations_;
    json::array found_;
};

}  // namespace

json::array deviationsJson(const domain::AgreementTerms& agreed, const reconcile::Outcome& outcome,
                           const Records& calls, const Records& durations, Day day) {
    return Deviations(agreed, outcome, calls, durations).find(day);
}

}  // namespace meetpoint::exchange
