#include "domain/agreement.h"

namespace meetpoint::domain {
namespace {

constexpr std::string_view states = "proposed,signed,declined,withdrawn";

struct Transition {
    AgreementState from, to;
    bool byProposer;
};
constexpr Transition transitions[] = {
    {AgreementState::proposed, AgreementState::signed_, false},
    {AgreementState::proposed, AgreementState::declined, false},
    {AgreementState::proposed, AgreementState::withdrawn, true},
};

Error badAgreement(std::string message) {
    return invalidInput("bad-agreement", std::move(message));
}

bool isIncrement(Duration length) {
    return length >= seconds(1) && length <= longestIncrement && length.ms % 1000 == 0;
}

}  // namespace

std::string_view name(AgreementState state) {
    return nameAt(states, static_cast<std::size_t>(state));
}

std::optional<AgreementState> readAgreementState(std::string_view word) {
    if (const auto index = indexIn(states, word)) return static_cast<AgreementState>(*index);
    return std::nullopt;
}

bool mayMove(AgreementState from, AgreementState to, Side proposer, Side mover) {
    for (const Transition& one : transitions)
        if (one.from == from && one.to == to) return one.byProposer == (proposer == mover);
    return false;
}

std::int64_t Increments::charged(std::int64_t ms) const {
    if (ms <= 0) return ms;
    if (ms <= initial.ms) return initial.ms;
    return initial.ms + (ms - initial.ms + step.ms - 1) / step.ms * step.ms;
}

Result<void> checkTerms(const AgreementTerms& terms) {
    if (terms.tolerance.ms < 0 || terms.tolerance > longestTolerance)
        return fail(badAgreement("'toleranceMs' must be from 0 to 60,000."));
    if (terms.tolerancePerMille < 0 || terms.tolerancePerMille > mostTolerancePerMille)
        return fail(badAgreement("'tolerancePerMille' must be from 0 to 200."));
    if (terms.increments && !(isIncrement(terms.increments->initial) && isIncrement(terms.increments->step)))
        return fail(badAgreement("Increments are whole seconds, from 1 to 3,600."));
    if (terms.scope && !terms.scope->inbound && !terms.scope->outbound)
        return fail(badAgreement("A scope needs at least one direction."));
    if (terms.billingCycleStartDay < 1 || terms.billingCycleStartDay > 28)
        return fail(badAgreement("'billingCycleStartDay' must be from 1 to 28: every month has those."));
    if (terms.dueAfter && (*terms.dueAfter < hours(1) || *terms.dueAfter > longestCloseAfter))
        return fail(badAgreement("'dueAfterHours' must be from 1 to 8,784."));
    if (terms.closeAfter && (*terms.closeAfter < hours(1) || *terms.closeAfter > longestCloseAfter))
        return fail(badAgreement("'closeAfterHours' must be from 1 to 8,784."));
    if (terms.timeZone) TRY(TimeZone::load(*terms.timeZone));
    return {};
}

}  // namespace meetpoint::domain
