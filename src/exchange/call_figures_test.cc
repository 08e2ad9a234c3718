// Figures that are kept, on every kind of store: an answer is the same as if they were not.
#include "exchange/call_figures.h"

#include <gtest/gtest.h>

#include "exchange/lane_sweep.h"
#include "exchange/testing/test_node.h"
#include "exchange/upkeep.h"
#include "store/testing/store_fixture.h"

namespace meetpoint::exchange {
namespace {

using columns::LaneKind;
using quality::Dimension;
using store::Tx;
using store::testing::Call;
using store::testing::StoreEngine;

constexpr store::LaneId lane{1, LaneKind::calls};
constexpr int rowsOfSpan = 200;

class CallFigures : public store::testing::StoreFixture {
protected:
    CallFigures() : StoreFixture(store::testing::firstCallAt) {}
    void SetUp() override {
        StoreFixture::SetUp();
        if (!isOpen()) return;
        node_.emplace(*db_, clock_.now(), 3);
        query_.from = clock_.now() - days(400);
        query_.to = clock_.now() + days(400);
        query_.groupBy = {Dimension::carrier};
        query_.role = domain::Role::platform;
        query_.now = clock_.now();
        startUpkeep();
    }

    void startUpkeep() {
        UpkeepLimits limits;
        limits.blocks = {minutes(10), 16, 2};
        limits.figures = {rowsOfSpan, minutes(5)};
        limits.stream = query_.limits;
        upkeep_.emplace(node_->services, limits);
    }

    void append(int from, int to, int version) {
        std::vector<Call> calls;
        for (int id = from; id < to; ++id)
            calls.push_back({id, version, version * 10});
        node_->append(lane, calls);
    }
    void change(const std::string& sql) {
        const auto written = db_->write(store::recordsWrite(lane.shardKey, 1), [&](Tx& tx) -> Result<void> {
            TRY(tx.execute(sql + " shard_key = $1", {lane.shardKey}));
            return {};
        });
        ASSERT_TRUE(written) << written.error().message << written.error().internal;
    }
    // How many spans were worked out. The day of what was appended is over, so that its blocks are done.
    std::size_t keepFigures(Duration later = days(1)) {
        node_->clock.advance(later);
        std::size_t kept = 0;
        testing::workOff(*upkeep_, [&](const UpkeepDone& done) { kept += done.figuresKept; });
        return kept;
    }

    struct Answer {
        quality::Figures figures;
        std::vector<store::LaneSpan> known;  // of which no call was read
    };
    Result<Answer> ask(bool fromKept = true) {
        Answer answer;
        quality::Aggregator sum(query_);
        const quality::WantedColumns wanted = quality::wantedBy(query_);
        SweepHelpers nobody(0);
        TRY(db_->read([&](Tx& tx) -> Result<void> {
            Sweep over{{lane}, query_.from, query_.to, wanted.core, wanted.network};
            if (fromKept) {
                TRY_ASSIGN(answer.known, addKept(tx, lane, query_, std::nullopt, sum));
                over.known[lane] = answer.known;
            }
            return sweep(node_->services, nobody, tx, over,
                         [&](std::size_t, const store::LaneStretch& stretch, const store::StretchColumns& columns) {
                             return sum.add({columns.core, columns.network, columns.firstRow,
                                             static_cast<std::size_t>(stretch.rows), stretch.superseded, std::nullopt});
                         });
        }));
        quality::Groups groups;
        TRY(sum.moveTo(groups));
        if (!groups.empty()) answer.figures = std::move(groups.begin()->second.asked);
        return answer;
    }
    // Asks, expects what the calls themselves say, and gives how many spans were known.
    std::size_t knownSpans() {
        const auto kept = ask(), read = ask(false);
        EXPECT_TRUE(kept) << kept.error().message << kept.error().internal;
        EXPECT_TRUE(read) << read.error().message << read.error().internal;
        if (!kept || !read) return 0;
        EXPECT_EQ(kept->figures.calls, read->figures.calls);
        EXPECT_EQ(kept->figures.streams, read->figures.streams);
        for (std::size_t i = 0; i < quality::figureCount; ++i)
            EXPECT_EQ(kept->figures.distributions[i].parts(), read->figures.distributions[i].parts());
        bids_ = kept->figures.calls.bids;
        return kept->known.size();
    }

    std::optional<testing::TestNode> node_;
    std::optional<Upkeep> upkeep_;
    quality::Query query_;
    std::uint64_t bids_ = 0;
};

TEST_P(CallFigures, AreKeptOfFullSpansOnceTheirBlocksAreDone) {
    for (int day = 0; day < 5; ++day) {
        append(day * 90, day * 90 + 90, 1);
        (void)keepFigures();
    }
    // Blocks of 90: a span of three, and two that wait for a third.
    EXPECT_EQ(knownSpans(), 1u);
    EXPECT_EQ(bids_, 450u);
    append(450, 540, 1);
    EXPECT_EQ(knownSpans(), 1u);
    EXPECT_EQ(keepFigures(), 1u);
    EXPECT_EQ(knownSpans(), 2u);
    EXPECT_EQ(bids_, 540u);
}

TEST_P(CallFigures, SpareReadingTheCalls) {
    append(0, 450, 1);
    EXPECT_EQ(keepFigures(), 1u);
    change("DELETE FROM part_core WHERE");
    const auto answer = ask();
    ASSERT_TRUE(answer) << answer.error().message << answer.error().internal;
    EXPECT_EQ(answer->figures.calls.bids, 450u);
    EXPECT_EQ(ask(false).error().code, "corrupt-data");
}

TEST_P(CallFigures, OfSupersededCallsAreLeftAloneUntilTheyAreRenewed) {
    append(0, 400, 1);
    EXPECT_EQ(keepFigures(), 1u);
    EXPECT_EQ(knownSpans(), 1u);
    append(395, 410, 2);
    EXPECT_EQ(knownSpans(), 0u);
    EXPECT_EQ(bids_, 410u);
    EXPECT_EQ(keepFigures(minutes(6)), 1u);
    EXPECT_EQ(knownSpans(), 1u);
    EXPECT_EQ(bids_, 410u);
    // Not again before the time is over.
    append(0, 2, 2);
    EXPECT_EQ(keepFigures(minutes(1)), 0u);
    EXPECT_EQ(knownSpans(), 0u);
    EXPECT_EQ(keepFigures(minutes(5)), 1u);
    EXPECT_EQ(knownSpans(), 1u);
    EXPECT_EQ(keepFigures(hours(1)), 0u);
}

TEST_P(CallFigures, StayDueUntilTheyAreEntered) {
    append(0, 400, 1);
    EXPECT_EQ(keepFigures(), 1u);
    append(0, 5, 2);
    FigureUpkeep figures(node_->lanes, query_.limits, {rowsOfSpan, minutes(5)});
    const auto due = [&] {
        std::optional<store::LaneSpan> span;
        EXPECT_TRUE(db_->read([&](Tx& tx) -> Result<void> {
            TRY_ASSIGN(const auto found, figures.look(tx, lane, node_->clock.now()));
            span = found.span;
            if (span) TRY(figures.workOut(tx, lane, *span));
            return {};
        }));
        return span;
    };
    const store::LaneSpan span{1, 400};
    EXPECT_EQ(due(), span);
    EXPECT_EQ(due(), span) << "nobody entered them";
    figures.isDone(lane, span);
    EXPECT_EQ(due(), std::nullopt);
}

TEST_P(CallFigures, OfOtherLimitsAreRenewedByTheNextProgram) {
    append(0, 400, 1);
    EXPECT_EQ(keepFigures(), 1u);
    query_.limits.jitterMs = 5;
    EXPECT_EQ(knownSpans(), 0u);
    startUpkeep();
    EXPECT_EQ(keepFigures(minutes(1)), 1u);
    EXPECT_EQ(knownSpans(), 1u);
}

TEST_P(CallFigures, WhoseBlocksAreGoneAreTakenOut) {
    append(0, 250, 1);
    (void)keepFigures();
    append(250, 500, 1);
    EXPECT_EQ(keepFigures(), 1u);
    EXPECT_EQ(knownSpans(), 2u);
    change("DELETE FROM blocks WHERE first_sequence = 1 AND");
    EXPECT_EQ(knownSpans(), 1u);
    EXPECT_EQ(bids_, 250u);
    startUpkeep();
    (void)keepFigures(minutes(1));
    std::size_t listed = 0;
    EXPECT_TRUE(db_->read([&](Tx& tx) -> Result<void> {
        TRY_ASSIGN(const auto spans, store::listFigures(tx, lane));
        listed = spans.size();
        return {};
    }));
    EXPECT_EQ(listed, 1u);
}

TEST_P(CallFigures, ThatAreDamagedAreReported) {
    append(0, 250, 1);
    EXPECT_EQ(keepFigures(), 1u);
    change("UPDATE call_figures SET points = hours WHERE");
    EXPECT_EQ(ask().error().code, "corrupt-data");
}

// Calls of more hours than are kept: none can be kept, and nobody tries again.
TEST_P(CallFigures, OfCallsAllOverTheYearsAreNotKept) {
    constexpr int minutesApart = 300;
    std::vector<Call> calls;
    for (int id = 0; id < 1'500; ++id)
        calls.push_back({id * minutesApart, 1, 10});
    node_->append(lane, calls);
    EXPECT_EQ(keepFigures(), 1u);
    EXPECT_EQ(keepFigures(), 0u);
    EXPECT_EQ(knownSpans(), 0u);
    EXPECT_EQ(bids_, 1'500u);
}

INSTANTIATE_TEST_SUITE_P(Stores, CallFigures, MEETPOINT_STORES,
                         store::testing::nameOfCase<::testing::TestParamInfo<StoreEngine>>);

}  // namespace
}  // namespace meetpoint::exchange
