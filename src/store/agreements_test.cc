// Agreements on every kind of store.
#include "store/agreements.h"

#include "store/ledger.h"
#include "store/testing/store_fixture.h"

namespace meetpoint::store {
namespace {

using domain::AgreementState;
using domain::Side;
using ::testing::ElementsAre;

class Agreements : public testing::StoreFixture {
protected:
    Agreements() : StoreFixture({1'700'000'000'000}) {}
    void SetUp() override {
        StoreFixture::SetUp();
        if (!isOpen()) return;
        EXPECT_TRUE(db_->write(ledgerWrite(), [&](Tx& tx) -> Result<void> {
            for (const std::uint8_t id : {1, 2})
                TRY(insertCarrier(tx, {Id{{id}}, 0, "carrier " + std::to_string(id), "", 2000, clock_.now(), 1}));
            return {};
        }));
    }

    Agreement propose(std::uint8_t id, std::uint8_t carrier, std::int32_t validFrom) {
        Agreement made{Id{{id}},
                       Id{{carrier}},
                       0,
                       AgreementState::proposed,
                       Day{validFrom},
                       R"({"a":1})",
                       Side::carrier,
                       clock_.now(),
                       {},
                       {},
                       1};
        EXPECT_TRUE(db_->write(ledgerWrite(), [&](Tx& tx) -> Result<void> {
            TRY_ASSIGN(made, insertAgreement(tx, made));
            return {};
        }));
        return made;
    }
    bool update(Agreement agreement, AgreementState to) {
        agreement.state = to;
        if (to == AgreementState::signed_) agreement.signedAt = clock_.now();
        ++agreement.version;
        bool done = false;
        EXPECT_TRUE(db_->write(ledgerWrite(), [&](Tx& tx) -> Result<void> {
            TRY_ASSIGN(done, updateAgreement(tx, agreement));
            return {};
        }));
        return done;
    }
    std::vector<std::uint8_t> listed(const AgreementQuery& query) {
        std::vector<std::uint8_t> ids;
        EXPECT_TRUE(db_->read([&](Tx& tx) -> Result<void> {
            TRY_ASSIGN(const auto found, listAgreements(tx, query));
            for (const Agreement& one : found)
                ids.push_back(one.id.bytes[0]);
            return {};
        }));
        return ids;
    }
};
INSTANTIATE_TEST_SUITE_P(Stores, Agreements, MEETPOINT_STORES,
                         testing::nameOfCase<::testing::TestParamInfo<testing::StoreEngine>>);

TEST_P(Agreements, AreNumberedByCarrierAndReadBack) {
    EXPECT_EQ(propose(1, 1, 20'000).number, 1);
    EXPECT_EQ(propose(2, 2, 20'000).number, 1) << "another carrier's number tells nothing of this one's";
    const Agreement second = propose(3, 1, 20'010);
    EXPECT_EQ(second.number, 2);
    EXPECT_TRUE(db_->read([&](Tx& tx) -> Result<void> {
        TRY_ASSIGN(const auto found, findAgreement(tx, second.id));
        EXPECT_TRUE(found);
        if (!found) return {};
        EXPECT_EQ(found->carrierId, second.carrierId);
        EXPECT_EQ(found->validFrom, Day{20'010});
        EXPECT_EQ(found->terms, R"({"a":1})");
        EXPECT_EQ(found->proposedBy, Side::carrier);
        EXPECT_EQ(found->proposedAt, clock_.now());
        EXPECT_FALSE(found->signedAt || found->reason);
        TRY_ASSIGN(const auto open, countProposals(tx, second.carrierId));
        EXPECT_EQ(open, 2);
        TRY_ASSIGN(const auto none, findAgreement(tx, Id{{9}}));
        EXPECT_FALSE(none);
        return {};
    }));
    EXPECT_THAT(listed({}), ElementsAre(1, 2, 3));
    EXPECT_THAT(listed({.carrierId = Id{{1}}}), ElementsAre(1, 3));
    EXPECT_THAT(listed({.after = Id{{1}}, .limit = 1}), ElementsAre(2));
}

TEST_P(Agreements, AnOldVersionChangesNothing) {
    const Agreement made = propose(1, 1, 20'000);
    EXPECT_TRUE(update(made, AgreementState::signed_));
    EXPECT_FALSE(update(made, AgreementState::declined));
    EXPECT_THAT(listed({.state = AgreementState::signed_}), ElementsAre(1));
    EXPECT_THAT(listed({.state = AgreementState::declined}), ElementsAre());
}

TEST_P(Agreements, OfThoseSignedTheOneThatCountsComesLast) {
    for (const auto& [id, day] : {std::pair<std::uint8_t, std::int32_t>{1, 20'030}, {2, 20'000}, {3, 20'000}}) {
        const Agreement made = propose(id, 1, day);
        clock_.advance(seconds(1));
        update(made, AgreementState::signed_);
    }
    update(propose(4, 1, 20'040), AgreementState::withdrawn);
    std::vector<std::uint8_t> ids;
    EXPECT_TRUE(db_->read([&](Tx& tx) -> Result<void> {
        TRY_ASSIGN(const auto found, listSignedAgreements(tx));
        for (const Agreement& one : found)
            ids.push_back(one.id.bytes[0]);
        return {};
    }));
    EXPECT_THAT(ids, ElementsAre(2, 3, 1)) << "by day, and of one day the one signed last";
}

TEST_P(Agreements, StepsAreKeptInOrder) {
    const Agreement made = propose(1, 1, 20'000);
    EXPECT_TRUE(db_->write(ledgerWrite(), [&](Tx& tx) -> Result<void> {
        TRY(insertAgreementStep(
            tx, made.id, {2, clock_.now(), "b", Side::platform, AgreementState::declined, Day{20'001}, "{}", "no"}));
        return insertAgreementStep(
            tx, made.id, {1, clock_.now(), "a", Side::carrier, AgreementState::proposed, Day{20'000}, "{}", {}});
    }));
    EXPECT_TRUE(db_->read([&](Tx& tx) -> Result<void> {
        TRY_ASSIGN(const auto steps, listAgreementSteps(tx, made.id));
        EXPECT_EQ(steps.size(), 2u);
        if (steps.size() != 2) return {};
        EXPECT_EQ(steps[0].actor, "a");
        EXPECT_EQ(steps[1].side, Side::platform);
        EXPECT_EQ(steps[1].state, AgreementState::declined);
        EXPECT_EQ(steps[1].validFrom, Day{20'001});
        EXPECT_EQ(steps[1].reason, "no");
        return {};
    }));
}

}  // namespace
}  // namespace meetpoint::store
