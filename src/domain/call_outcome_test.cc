#include "domain/call_outcome.h"

#include <gtest/gtest.h>

namespace meetpoint::domain {
namespace {

using enum CallOutcome;

CallOutcome unanswered(std::optional<std::int32_t> sipCode, std::optional<std::int32_t> cause = {},
                       bool hasRung = false) {
    return outcomeOf({false, hasRung, sipCode, cause});
}

// E.425: what the network delivered although nobody talked.
TEST(CallOutcome, TellsUsersFromTheNetwork) {
    EXPECT_EQ(outcomeOf({true, true, 200, 16}), answered);
    EXPECT_EQ(outcomeOf({true, false, 503, 34}), answered) << "whatever ended it later, it was answered";
    EXPECT_EQ(unanswered(486), userBusy);
    EXPECT_EQ(unanswered(600), userBusy);
    EXPECT_EQ(unanswered(480), ringNoAnswer);
    EXPECT_EQ(unanswered(603), terminalReject);
    EXPECT_EQ(unanswered(487, {}, true), ringNoAnswer) << "given up while it rang";
    EXPECT_EQ(unanswered(487), abandoned);
    EXPECT_EQ(unanswered(408, {}, true), ringNoAnswer);
    EXPECT_EQ(unanswered(408), failed);
    EXPECT_EQ(unanswered(503), failed);
    EXPECT_EQ(unanswered(404), failed);
    EXPECT_EQ(unanswered(302), redirected);
    EXPECT_EQ(unanswered(407), challenged);
    EXPECT_EQ(unanswered({}, {}, true), ringNoAnswer);
    EXPECT_EQ(unanswered(0), failed);
    for (const CallOutcome outcome : {answered, userBusy, ringNoAnswer, terminalReject})
        EXPECT_TRUE(isDelivered(outcome)) << name(outcome);
    for (const CallOutcome outcome : {redirected, challenged, abandoned, noCircuit, failed})
        EXPECT_FALSE(isDelivered(outcome)) << name(outcome);
}

TEST(CallOutcome, GoesByTheCauseWhereItIsDefinite) {
    EXPECT_EQ(unanswered(503, 17), userBusy);
    EXPECT_EQ(unanswered(480, 19), ringNoAnswer);
    EXPECT_EQ(unanswered(480, 41), failed);
    EXPECT_EQ(unanswered(480, 20), terminalReject);
    EXPECT_EQ(unanswered(486, 127), userBusy) << "interworking says nothing";
    EXPECT_EQ(unanswered(603, 16), terminalReject);
    EXPECT_EQ(unanswered({}, 18), ringNoAnswer);
}

// E.600: a bid that gets no circuit is no seizure. Whoever answered by SIP has been asked.
TEST(CallOutcome, ABidWithoutACircuitIsNoSeizure) {
    EXPECT_EQ(unanswered({}, 34), noCircuit);
    EXPECT_EQ(unanswered({}, 44), noCircuit);
    EXPECT_FALSE(isSeizure(noCircuit));
    EXPECT_EQ(unanswered(503, 34), failed) << "the next hop had none: it was reached";
    EXPECT_TRUE(isSeizure(failed));
}

// RFC 6076, 4.6 and 4.7.
TEST(CallOutcome, CountsSessionsBySipCodesAlone) {
    const auto attempt = [](std::int32_t sipCode) { return sessionAttemptOf({false, false, sipCode, {}}); };
    for (const std::int32_t code : {300, 302, 401, 402, 407})
        EXPECT_FALSE(attempt(code).isCounted) << code;
    for (const std::int32_t code : {480, 486, 600, 603}) {
        EXPECT_TRUE(attempt(code).isCounted && attempt(code).isEffective) << code;
        EXPECT_FALSE(attempt(code).isEstablished) << code;
    }
    for (const std::int32_t code : {404, 408, 487, 500, 503, 504, 604}) {
        EXPECT_TRUE(attempt(code).isCounted) << code;
        EXPECT_FALSE(attempt(code).isEffective) << code;
    }
    const SessionAttempt established = sessionAttemptOf({true, true, {}, {}});
    EXPECT_TRUE(established.isCounted && established.isEstablished && established.isEffective);
    EXPECT_FALSE(sessionAttemptOf({false, false, {}, 34}).isCounted) << "no INVITE went out";
}

}  // namespace
}  // namespace meetpoint::domain
