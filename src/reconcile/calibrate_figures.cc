// How the other side counts a duration: from the answer or from the invitation, and rounded to which step.
#include <algorithm>

#include "base/memory.h"
#include "base/parallel.h"
#include "reconcile/calibrate.h"

namespace meetpoint::reconcile {
namespace {

// Fewer pairs than this show nothing: six multiples of six seconds in a row come by chance once in 46,656 times.
constexpr std::size_t fewestPairs = 6;
// Fewer pairs than this do not show how parts of a second are rounded.
constexpr std::size_t fewestForSeconds = 12;

struct Figures {
    std::int64_t connected;
    std::int64_t fromInvite;
    std::int64_t stated;
};

struct Rule {
    domain::TimeBasis basis = domain::TimeBasis::answer;
    std::optional<Rounding> rounding;
    std::size_t explained = 0;
    std::int64_t roughness = 0;  // what remains between rule and figures without measurement, ms in all
};

std::vector<Figures> figuresOf(const Sides& sides, const std::vector<RowPair>& pairs) {
    std::vector<Figures> out;
    reserveLarge(out, pairs.size());
    for (const RowPair& pair : pairs) {
        if (!sides.ours.answered[pair.ours] || !sides.theirs.answered[pair.theirs]) continue;
        if (sides.theirs.duration[pair.theirs] <= 0) continue;
        out.push_back({sides.ours.duration[pair.ours], durationFrom(sides.ours, pair.ours, domain::TimeBasis::invite),
                       sides.theirs.duration[pair.theirs]});
    }
    return out;
}

void judge(const std::vector<Figures>& figures, Rule& rule) {
    const Rounding none{RoundingMode::up, {1}};
    const Rounding& rounds = rule.rounding ? *rule.rounding : none;
    for (const Figures& one : figures) {
        const std::int64_t true_ = rule.basis == domain::TimeBasis::answer ? one.connected : one.fromInvite;
        rule.explained += rounds.distance(true_, one.stated, measurementMs) == 0 ? 1 : 0;
        rule.roughness += std::min<std::int64_t>(60'000, rounds.distance(true_, one.stated, 0));
    }
}

// The largest step of which (nearly) all of these are multiples; 0 if none.
std::int64_t commonStep(const std::vector<Figures>& figures) {
    for (const std::int64_t step : {60'000, 30'000, 6'000}) {
        std::size_t others = 0;
        const auto tooMany = [&] { return others * 100 > figures.size() * 2; };
        for (std::size_t i = 0; i < figures.size() && !tooMany(); ++i)
            others += figures[i].stated % step == 0 ? 0 : 1;
        if (!tooMany()) return step;
    }
    return 0;
}

std::vector<Rule> candidates(const std::vector<Figures>& figures) {
    using enum domain::TimeBasis;
    std::vector<Rule> out{{answer, {}}};
    const std::int64_t step = commonStep(figures);
    const auto addRounded = [&](domain::TimeBasis basis) {
        if (step == 0) return;
        for (const RoundingMode mode : {RoundingMode::up, RoundingMode::down, RoundingMode::nearest})
            out.push_back({basis, Rounding{mode, {step}}});
    };
    addRounded(answer);
    const auto rings = std::ranges::count_if(
        figures, [](const Figures& one) { return one.fromInvite - one.connected > 2 * measurementMs; });
    // Without ringing both bases are one.
    if (static_cast<std::size_t>(rings) < std::max(fewestPairs / 2, figures.size() / 5)) return out;
    out.push_back({invite, {}});
    addRounded(invite);
    return out;
}

// A side that counts parts of a second against one that does not: which way it cuts them. Only without any slack.
std::optional<Rounding> roundingOfSeconds(const std::vector<Figures>& figures, domain::TimeBasis basis) {
    if (figures.size() < fewestForSeconds) return std::nullopt;
    const auto isWhole = [](std::int64_t ms) { return ms % 1000 == 0; };
    if (!std::ranges::all_of(figures, isWhole, &Figures::stated)) return std::nullopt;
    if (std::ranges::count_if(figures, isWhole, &Figures::connected) * 10 > std::ssize(figures)) return std::nullopt;
    std::optional<Rounding> best;
    std::size_t most = figures.size() * 9 / 10;
    for (const RoundingMode mode : {RoundingMode::up, RoundingMode::down, RoundingMode::nearest}) {
        const Rounding rounding{mode, {1000}};
        std::size_t kept = 0;
        for (const Figures& one : figures) {
            const std::int64_t ms = basis == domain::TimeBasis::answer ? one.connected : one.fromInvite;
            kept += rounding.distance(ms, one.stated, 20) == 0 ? 1 : 0;
        }
        if (kept > most) most = kept, best = rounding;
    }
    return best;
}

}  // namespace

FigureFinding findFigures(const Sides& sides, const std::vector<RowPair>& pairs, std::size_t threads) {
    const std::vector<Figures> figures = figuresOf(sides, pairs);
    if (figures.size() < fewestPairs) return {};
    std::vector<Rule> rules = candidates(figures);
    inParallel(threads, rules.size(), [&](std::size_t rule) { judge(figures, rules[rule]); });
    const Rule& plain = rules.front();
    const Rule* best = &plain;
    for (const Rule& rule : rules)
        if (rule.explained > best->explained ||
            (rule.explained == best->explained && rule.roughness < best->roughness && best != &plain))
            best = &rule;
    const std::size_t gained = best->explained - plain.explained;
    const bool shown =
        best->explained * 10 >= figures.size() * 9 && gained >= std::max<std::size_t>(3, figures.size() / 20);
    FigureFinding out;
    if (best != &plain && shown) {
        out.basis = best->basis;
        out.rounding = best->rounding;
    }
    if (!out.rounding) {
        out.rounding = roundingOfSeconds(figures, out.basis);
        out.exact = out.rounding.has_value();
    }
    return out;
}

}  // namespace meetpoint::reconcile
