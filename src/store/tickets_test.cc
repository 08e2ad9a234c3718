// Tickets on every kind of store.
#include "store/tickets.h"

#include "store/testing/store_fixture.h"

namespace meetpoint::store {
namespace {

using domain::Side;
using domain::TicketKind;
using domain::TicketState;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

constexpr std::int64_t shardKey = 4;

class TicketRows : public testing::StoreFixture {
protected:
    TicketRows() : StoreFixture({1'700'000'000'000}) {}

    Ticket ticket(std::uint8_t id, std::int64_t shard = shardKey) const {
        Ticket made;
        made.key = {shard, Id{{id}}};
        made.carrierId = Id{{77}};
        made.kind = TicketKind::dispute;
        made.openedBy = Side::carrier;
        made.ownerSide = Side::platform;
        made.title = "title " + std::to_string(id);
        made.subject = R"({"description":"x"})";
        made.references[1] = "T-1";
        made.openedAt = made.changedAt = clock_.now();
        made.steps = 1;
        return made;
    }
    void insert(const Ticket& made, std::vector<TicketRecord> records = {}) {
        EXPECT_TRUE(db_->write(recordsWrite(made.key.shardKey, 2), [&](Tx& tx) -> Result<void> {
            TRY(insertTicket(tx, made));
            return insertTicketRecords(tx, made.key, records);
        }));
    }
    bool update(Ticket changed) {
        bool done = false;
        const std::int64_t seen = changed.version++;
        EXPECT_TRUE(db_->write(recordsWrite(changed.key.shardKey, 1), [&](Tx& tx) -> Result<void> {
            TRY_ASSIGN(done, updateTicket(tx, changed, seen));
            return {};
        }));
        return done;
    }
    std::vector<std::uint8_t> listed(std::optional<std::int64_t> shard, const TicketPage& page) {
        std::vector<std::uint8_t> ids;
        EXPECT_TRUE(db_->read([&](Tx& tx) -> Result<void> {
            TRY_ASSIGN(const auto found, listTickets(tx, shard, page));
            for (const Ticket& one : found)
                ids.push_back(one.key.id.bytes[0]);
            return {};
        }));
        return ids;
    }
};
INSTANTIATE_TEST_SUITE_P(Stores, TicketRows, MEETPOINT_STORES,
                         testing::nameOfCase<::testing::TestParamInfo<testing::StoreEngine>>);

TEST_P(TicketRows, AreReadBackAndChangedByTheirVersion) {
    insert(ticket(1));
    Ticket changed = ticket(1);
    changed.state = TicketState::settled;
    changed.ownerSide = Side::carrier;
    changed.owners[0] = "Petra";
    changed.references[1].reset();
    changed.dueAt = clock_.now() + days(1);
    changed.endedAt = clock_.now();
    changed.settlement = R"({"text":"so be it"})";
    changed.proposedBy = Side::platform;
    changed.steps = 9;
    EXPECT_TRUE(update(changed));
    EXPECT_FALSE(update(changed)) << "of an old version";
    EXPECT_TRUE(db_->read([&](Tx& tx) -> Result<void> {
        TRY_ASSIGN(const auto found, findTicketAnywhere(tx, Id{{1}}));
        EXPECT_TRUE(found);
        if (!found) return {};
        EXPECT_EQ(found->key.shardKey, shardKey);
        EXPECT_EQ(found->kind, TicketKind::dispute);
        EXPECT_EQ(found->state, TicketState::settled);
        EXPECT_EQ(found->openedBy, Side::carrier);
        EXPECT_EQ(found->ownerSide, Side::carrier);
        EXPECT_EQ(found->title, "title 1");
        EXPECT_EQ(found->owners[0], "Petra");
        EXPECT_FALSE(found->owners[1] || found->references[0] || found->references[1]);
        EXPECT_EQ(found->dueAt, changed.dueAt);
        EXPECT_EQ(found->settlement, changed.settlement);
        EXPECT_EQ(found->proposedBy, Side::platform);
        EXPECT_EQ(found->steps, 9);
        EXPECT_EQ(found->version, 2);
        TRY_ASSIGN(const auto elsewhere, findTicket(tx, {shardKey + 1, Id{{1}}}));
        EXPECT_FALSE(elsewhere);
        return {};
    }));
}

TEST_P(TicketRows, AreListedNewestFirstByWhatIsAsked) {
    insert(ticket(1));
    Ticket trouble = ticket(2);
    trouble.kind = TicketKind::trouble;
    trouble.ownerSide = Side::carrier;
    trouble.dueAt = clock_.now() + days(2);
    insert(trouble);
    insert(ticket(3, shardKey + 1));
    Ticket over = ticket(1);
    over.state = TicketState::rejected;
    over.endedAt = clock_.now();
    EXPECT_TRUE(update(over));
    EXPECT_THAT(listed(shardKey, {}), ElementsAre(2, 1));
    EXPECT_THAT(listed({}, {}), ElementsAre(3, 2, 1));
    EXPECT_THAT(listed(shardKey, {.kind = TicketKind::trouble}), ElementsAre(2));
    EXPECT_THAT(listed(shardKey, {.state = TicketState::rejected}), ElementsAre(1));
    EXPECT_THAT(listed(shardKey, {.isOpen = true}), ElementsAre(2));
    EXPECT_THAT(listed(shardKey, {.isOpen = false}), ElementsAre(1));
    EXPECT_THAT(listed(shardKey, {.ownerSide = Side::platform}), ElementsAre(1));
    EXPECT_THAT(listed(shardKey, {.dueBefore = clock_.now() + days(3)}), ElementsAre(2));
    EXPECT_THAT(listed(shardKey, {.dueBefore = clock_.now() + days(2)}), IsEmpty());
    EXPECT_THAT(listed({}, {.before = Id{{3}}, .limit = 1}), ElementsAre(2));
    EXPECT_TRUE(db_->read([&](Tx& tx) -> Result<void> {
        TRY_ASSIGN(const auto open, countOpenTickets(tx, shardKey));
        EXPECT_EQ(open, 1);
        return {};
    }));
}

TEST_P(TicketRows, StepsAndAttachmentsAreKept) {
    const Ticket made = ticket(1);
    insert(made);
    const Bytes content{0, 1, 2, 255, 0};
    const TicketAttachment attachment{Id{{9}},         "trace.txt",   "text/plain", 5,
                                      sha256(content), Side::carrier, clock_.now()};
    EXPECT_TRUE(db_->write(recordsWrite(shardKey, 4), [&](Tx& tx) -> Result<void> {
        TRY(insertTicketStep(tx, made.key, {1, clock_.now(), "a", Side::carrier, "open", TicketState::open, "x", {}}));
        TRY(insertTicketStep(tx, made.key,
                             {2, clock_.now(), "b", Side::platform, "comment", TicketState::open, "why?", {}}));
        TRY(insertTicketStep(tx, made.key,
                             {3, clock_.now(), "b", Side::platform, "start", TicketState::inProgress, {}, "{}"}));
        return insertAttachment(tx, made.key, attachment, content);
    }));
    EXPECT_TRUE(db_->read([&](Tx& tx) -> Result<void> {
        TRY_ASSIGN(const auto steps, listTicketSteps(tx, made.key, 1, {}, 10));
        EXPECT_EQ(steps.size(), 2u);
        if (steps.size() != 2) return {};
        EXPECT_EQ(steps[0].text, "why?");
        EXPECT_EQ(steps[1].state, TicketState::inProgress);
        EXPECT_EQ(steps[1].detail, "{}");
        TRY_ASSIGN(const auto comments, listTicketSteps(tx, made.key, 0, "comment", 10));
        EXPECT_EQ(comments.size(), 1u);
        TRY_ASSIGN(const auto attached, listAttachments(tx, made.key));
        EXPECT_EQ(attached.size(), 1u);
        if (attached.size() != 1) return {};
        EXPECT_EQ(attached[0].sha256, attachment.sha256);
        EXPECT_EQ(attached[0].name, "trace.txt");
        TRY_ASSIGN(const auto stored, readAttachment(tx, made.key, Id{{9}}));
        EXPECT_EQ(stored, content);
        TRY_ASSIGN(const auto others, readAttachment(tx, {shardKey, Id{{2}}}, Id{{9}}));
        EXPECT_FALSE(others);
        return {};
    }));
}

TEST_P(TicketRows, DisputedRecordsAreFoundByTheirDay) {
    const TicketRecord call{TicketRecordKind::call, Bytes(16, 7), Id{{50}}, Day{20'000}},
        duration{TicketRecordKind::duration, {'r', '-', '1'}, Id{{50}}, Day{20'000}},
        later{TicketRecordKind::call, Bytes(16, 8), Id{{51}}, Day{20'003}};
    insert(ticket(1), {call, duration, later});
    insert(ticket(2, shardKey + 1), {call});
    Ticket settled = ticket(1);
    settled.state = TicketState::settled;
    settled.settlement = "{}";
    EXPECT_TRUE(update(settled));
    EXPECT_TRUE(db_->read([&](Tx& tx) -> Result<void> {
        TRY_ASSIGN(const auto found, listDisputedRecords(tx, shardKey, Day{20'000}, Day{20'003}));
        EXPECT_EQ(found.size(), 2u);
        if (found.size() != 2) return {};
        EXPECT_EQ(found[0].ticketId, Id{{1}});
        EXPECT_EQ(found[0].record.key, call.key);
        EXPECT_EQ(found[1].record.kind, TicketRecordKind::duration);
        EXPECT_EQ(found[1].record.key, duration.key);
        EXPECT_EQ(found[1].record.itemId, Id{{50}});
        EXPECT_EQ(found[1].state, TicketState::settled);
        EXPECT_EQ(found[1].settlement, "{}");
        TRY_ASSIGN(const auto all, listTicketRecords(tx, {shardKey, Id{{1}}}));
        EXPECT_EQ(all.size(), 3u);
        return {};
    }));
}

}  // namespace
}  // namespace meetpoint::store
