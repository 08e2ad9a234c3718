#include "domain/ticket.h"

#include <gtest/gtest.h>

namespace meetpoint::domain {
namespace {

using enum TicketState;
using Action = TicketAction;

constexpr TicketState states[] = {open, inProgress, settlementProposed, settled, rejected, withdrawn, closed};
constexpr Action actions[] = {Action::start,  Action::propose,  Action::accept, Action::refuse,
                              Action::reject, Action::withdraw, Action::reopen, Action::close};
constexpr Side sides[] = {Side::platform, Side::carrier};

TEST(TicketLife, NobodyAnswersItsOwnProposalOrRejectsItsOwnTicket) {
    for (const Side opener : sides) {
        const Side other = otherSide(opener);
        const TicketRoles roles{opener, other};
        EXPECT_EQ(next(settlementProposed, Action::accept, roles, opener), settled);
        EXPECT_FALSE(next(settlementProposed, Action::accept, roles, other));
        EXPECT_EQ(next(settlementProposed, Action::refuse, roles, opener), inProgress);
        EXPECT_FALSE(next(settlementProposed, Action::refuse, roles, other));
        EXPECT_EQ(next(settlementProposed, Action::propose, roles, opener), settlementProposed) << "another one";
        EXPECT_EQ(next(open, Action::reject, roles, other), rejected);
        EXPECT_FALSE(next(open, Action::reject, roles, opener));
        EXPECT_EQ(next(open, Action::withdraw, roles, opener), withdrawn);
        EXPECT_FALSE(next(open, Action::withdraw, roles, other));
        EXPECT_EQ(next(settled, Action::close, roles, opener), closed);
        EXPECT_FALSE(next(settled, Action::close, roles, other)) << "the opener says when it is content";
        EXPECT_EQ(next(rejected, Action::reopen, roles, opener), inProgress);
        EXPECT_FALSE(next(settlementProposed, Action::accept, {opener, {}}, other)) << "nothing was proposed";
    }
}

TEST(TicketLife, WhatIsOverForEverNobodyMoves) {
    for (const TicketState state : {withdrawn, closed})
        for (const Action action : actions)
            for (const Side mover : sides)
                EXPECT_FALSE(next(state, action, {Side::platform, Side::carrier}, mover)) << name(action);
}

// Whatever the sides do, a settlement was proposed by one and accepted by the other.
TEST(TicketLife, OnlyAProposalIsSettled) {
    for (const TicketState state : states)
        for (const Action action : actions)
            for (const Side mover : sides) {
                const auto to = next(state, action, {Side::platform, Side::platform}, mover);
                if (to != settled) continue;
                EXPECT_EQ(state, settlementProposed);
                EXPECT_EQ(mover, Side::carrier);
            }
}

TEST(TicketLife, TheOwnerIsWhoHasToAct) {
    const TicketRoles roles{Side::carrier, {}};
    EXPECT_EQ(ownerAfter(Action::start, roles, Side::platform), Side::platform);
    EXPECT_EQ(ownerAfter(Action::propose, roles, Side::platform), Side::carrier);
    EXPECT_EQ(ownerAfter(Action::refuse, roles, Side::carrier), Side::platform);
    EXPECT_EQ(ownerAfter(Action::accept, roles, Side::platform), Side::carrier) << "it may close it";
}

TEST(TicketLife, NamesAreReadBack) {
    for (const TicketState state : states)
        EXPECT_EQ(readTicketState(name(state)), state);
    for (const Action action : actions)
        EXPECT_EQ(readTicketAction(name(action)), action);
    EXPECT_EQ(readTicketKind(name(TicketKind::dispute)), TicketKind::dispute);
    EXPECT_FALSE(readTicketState("lost"));
    EXPECT_TRUE(isOpen(settlementProposed));
    EXPECT_FALSE(isOpen(settled));
    EXPECT_TRUE(needsReason(Action::refuse));
    EXPECT_FALSE(needsReason(Action::accept));
}

}  // namespace
}  // namespace meetpoint::domain
