#include "domain/call_outcome.h"

namespace meetpoint::domain {
namespace {

using enum CallOutcome;

constexpr int noSipCode = 0;

bool isRedirection(int sipCode) {
    return sipCode >= 300 && sipCode < 400;
}
bool isChallenge(int sipCode) {
    return sipCode == 401 || sipCode == 402 || sipCode == 407;
}

// What a Q.850 cause says by itself; nothing where it says nothing definite.
std::optional<CallOutcome> byCause(int cause, int sipCode) {
    switch (cause) {
        case 0:
        case 16:   // normal clearing
        case 31:   // normal, unspecified
        case 127:  // interworking, unspecified
            return std::nullopt;
        case 17:  // user busy
            return userBusy;
        case 18:  // no user responding
        case 19:  // no answer from user
            return ringNoAnswer;
        case 20:  // subscriber absent
        case 21:  // call rejected
            return terminalReject;
        case 34:  // no circuit available
        case 44:  // requested circuit not available
            return sipCode == noSipCode ? noCircuit : failed;
        default:
            return failed;
    }
}

CallOutcome bySipCode(int sipCode, bool hasRung) {
    switch (sipCode) {
        case 486:
        case 600:
            return userBusy;
        case 480:
            return ringNoAnswer;
        case 603:
        case 607:  // unwanted (RFC 8197)
        case 608:  // rejected (RFC 8688)
            return terminalReject;
        case 487:
            return hasRung ? ringNoAnswer : abandoned;
        case noSipCode:
        case 408:
            return hasRung ? ringNoAnswer : failed;
        default:
            return failed;
    }
}

}  // namespace

std::string_view name(CallOutcome outcome) {
    constexpr std::string_view names[] = {"answered",   "userBusy",  "ringNoAnswer", "terminalReject", "redirected",
                                          "challenged", "abandoned", "noCircuit",    "failed"};
    return names[static_cast<std::size_t>(outcome)];
}

CallOutcome outcomeOf(const CallEnd& end) {
    if (end.isAnswered) return answered;
    const int sipCode = end.sipCode.value_or(noSipCode);
    if (isRedirection(sipCode)) return redirected;
    if (isChallenge(sipCode)) return challenged;
    if (const auto definite = byCause(end.q850Cause.value_or(0), sipCode)) return *definite;
    return bySipCode(sipCode, end.hasRung);
}

SessionAttempt sessionAttemptOf(const CallEnd& end) {
    const int sipCode = end.sipCode.value_or(noSipCode);
    SessionAttempt attempt;
    if (end.isAnswered) return {true, true, true};
    attempt.isCounted = isSeizure(outcomeOf(end)) && !isRedirection(sipCode) && !isChallenge(sipCode);
    attempt.isEffective = attempt.isCounted && (sipCode == 480 || sipCode == 486 || sipCode == 600 || sipCode == 603);
    return attempt;
}

}  // namespace meetpoint::domain
