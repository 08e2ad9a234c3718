// Exports on every kind of store: whoever writes them and wherever one of them stops, the bytes are the same; what is
// over goes; nothing is cut without a word.
#include "exchange/exports.h"

#include <future>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "columns/content_hash.h"
#include "exchange/export_work.h"
#include "exchange/ledger_cache.h"
#include "store/ledger.h"
#include "store/testing/call_records.h"
#include "store/testing/store_fixture.h"

namespace meetpoint::exchange {
namespace {

using columns::LaneKind;
using store::ExportState;
using store::Tx;
using store::testing::StoreEngine;

constexpr Instant start{store::testing::firstCallAt.ms + 86'400'000};
constexpr int callCount = 2'500;

// Gives way after so many writes, as a process that is killed: nothing that it holds is given back.
class DyingDb final : public store::Db {
public:
    DyingDb(store::Db& db, int writes) : db_(db), left_(writes) {}
    std::future<Result<void>> submit(const store::WriteScope& scope, store::TxFunction work) override {
        if (left_-- > 0) return db_.submit(scope, std::move(work));
        std::promise<Result<void>> dead;
        dead.set_value(fail(Error{ErrorKind::unavailable, "storage-unreachable", "gone", {}, {}, 0}));
        return dead.get_future();
    }
    Result<void> read(const store::TxFunction& work) override { return db_.read(work); }
    bool isHealthy() const override { return left_ > 0; }
    void listen(store::Listener) override {}
    bool isShared() const override { return db_.isShared(); }

private:
    store::Db& db_;
    int left_;
};

// A node with a clock of its own, on a store that it may share.
struct Node {
    Node(store::Db& db, std::uint64_t seed, ExportLimits wanted)
        : clock(start),
          lanes(KeyedHash({1, 2, 3}), clock),
          random(seed),
          services{db, lanes, ledger, clock, random, StoreKind::sandbox},
          exportLimits(wanted),
          desk(services, exportLimits, cursors),
          work(services, limits, exportLimits, quality) {}

    // Everything that is due now. False: the store gave way.
    bool workOff() {
        for (;;) {
            const auto more = work.pass([](const ExportTurn&) {});
            if (!more) return false;
            if (!*more) return true;
        }
    }
    std::string contentOf(const ExportView& view) {
        std::string bytes;
        const auto size = static_cast<std::uint64_t>(view.job.bytes);
        while (bytes.size() < size) {
            const auto piece = desk.read(view.job.key(), bytes.size(), size);
            EXPECT_TRUE(piece) << piece.error().internal;
            if (!piece) break;
            EXPECT_LE(piece->size(), exportLimits.chunkBytes);
            bytes += *piece;
        }
        return bytes;
    }

    ManualClock clock;
    store::Lanes lanes;
    LedgerCache ledger;
    SeededRandom random;
    Services services;
    Limits limits;
    ExportLimits exportLimits;
    domain::QualityLimits quality;
    CursorKey cursors{Bytes(32, 7)};
    ExportDesk desk;
    ExportWork work;
};

ExportLimits smallSteps() {
    ExportLimits limits;
    limits.rowsPerStep = 200;
    limits.chunkBytes = 10'000;
    limits.stepsPerTurn = 3;
    limits.chunksPerCleaning = 7;
    limits.openPerParty = 2;
    return limits;
}

class ExportsOnAStore : public store::testing::StoreFixture {
protected:
    ExportsOnAStore() : StoreFixture(start) {}
    void SetUp() override {
        StoreFixture::SetUp();
        if (!isOpen()) return;
        node_ = std::make_unique<Node>(*db_, 1, smallSteps());
        fill();
    }

    void fill() {
        store::LaneId lane;
        ASSERT_TRUE(db_->write(store::ledgerWrite(), [&](Tx& tx) -> Result<void> {
            TRY_ASSIGN(const store::Carrier carrier,
                       store::insertCarrier(tx, {makeId(clock_, random_), 0, "Alp", "", 2000, clock_.now(), 1}));
            carrier_ = {"client", domain::Role::carrier, {carrier.id}, {}, {}};
            lane = {carrier.shardKey, LaneKind::calls};
            return store::raiseLedgerChanges(tx);
        }));
        std::vector<store::testing::Call> calls;
        for (int i = 1; i <= callCount; ++i)
            calls.push_back({i, 1, i % 100});
        auto records = store::testing::recordsOf(calls);
        auto fingerprints = columns::fingerprints(records);
        const auto prepared = node_->lanes.prepare(lane, std::move(records), std::move(fingerprints));
        ASSERT_TRUE(db_->write(store::recordsWrite(lane.shardKey, calls.size()), [&](Tx& tx) -> Result<void> {
            TRY(node_->lanes.append(tx, prepared, "test"));
            return {};
        }));
    }
    ExportView ask(ExportFormat format = ExportFormat::csv,
                   formats::Compression compression = formats::Compression::none) {
        ExportRequest request;
        request.format = format;
        request.compression = compression;
        const auto view = node_->desk.accept(carrier_, request, std::nullopt);
        EXPECT_TRUE(view) << view.error().message << view.error().internal;
        return view ? *view : ExportView{};
    }
    ExportView look(const Id& id) {
        const auto view = node_->desk.find(carrier_, id);
        EXPECT_TRUE(view) << view.error().message << view.error().internal;
        return view ? *view : ExportView{};
    }
    bool hasChunks(const ExportView& view) {
        bool has = false;
        EXPECT_TRUE(db_->read([&](Tx& tx) -> Result<void> {
            TRY_ASSIGN(const auto chunk, store::readExportChunk(tx, view.job.key(), 0));
            has = chunk.has_value();
            return {};
        }));
        return has;
    }

    SeededRandom random_{20'260'301};
    std::unique_ptr<Node> node_;
    domain::Caller carrier_;
};

TEST_P(ExportsOnAStore, AreTheSameBytesWhereverANodeDies) {
    const ExportView whole = ask();
    ASSERT_TRUE(node_->workOff());
    const ExportView done = look(whole.job.id);
    ASSERT_EQ(done.job.state, ExportState::succeeded);
    EXPECT_EQ(done.job.rows, callCount);
    EXPECT_EQ(done.progress, 1.0);
    const std::string bytes = node_->contentOf(done);
    EXPECT_EQ(std::ranges::count(bytes, '\n'), callCount + 1) << "a header and a line a call";
    EXPECT_EQ(*done.job.sha256, sha256(viewOf(bytes)));
    std::uint64_t seed = 100;
    for (const int writes : {2, 3, 5, 9, 14, 17}) {
        const ExportView again = ask();
        DyingDb dying(*db_, writes);
        Node first(dying, ++seed, smallSteps()), second(*db_, ++seed, smallSteps());
        EXPECT_FALSE(first.workOff()) << "it dies after " << writes << " writes";
        EXPECT_TRUE(second.workOff());
        if (db_->isShared()) {
            EXPECT_NE(look(again.job.id).job.state, ExportState::succeeded) << "its lease is not over yet";
            second.clock.advance(smallSteps().lease);
            EXPECT_TRUE(second.workOff());
        }
        const ExportView resumed = look(again.job.id);
        ASSERT_EQ(resumed.job.state, ExportState::succeeded) << "after " << writes << " writes";
        EXPECT_EQ(node_->contentOf(resumed), bytes) << "after " << writes << " writes";
        EXPECT_EQ(resumed.job.sha256, done.job.sha256);
    }
}

TEST_P(ExportsOnAStore, OfEachFormAreHashedAsTheyAreGivenOut) {
    for (const auto format : {ExportFormat::csv, ExportFormat::ndjson, ExportFormat::arrow})
        for (const auto compression :
             {formats::Compression::none, formats::Compression::gzip, formats::Compression::zstd}) {
            const ExportView asked = ask(format, compression);
            ASSERT_TRUE(node_->workOff());
            const ExportView done = look(asked.job.id);
            ASSERT_EQ(done.job.state, ExportState::succeeded) << done.job.failureMessage.value_or("");
            const std::string bytes = node_->contentOf(done);
            EXPECT_EQ(*done.job.sha256, sha256(viewOf(bytes)));
            EXPECT_EQ(formats::detectCompression(viewOf(bytes)), compression);
        }
}

TEST_P(ExportsOnAStore, ThatAreCancelledHalfwayAreWrittenNoFurther) {
    const ExportView asked = ask();
    ASSERT_TRUE(node_->work.pass([](const ExportTurn&) {}));
    const ExportView halfway = look(asked.job.id);
    EXPECT_EQ(halfway.job.state, ExportState::running);
    EXPECT_EQ(halfway.job.rows, 600) << "three steps";
    EXPECT_TRUE(hasChunks(asked));
    const auto early = node_->desk.finished(carrier_, asked.job.id);
    ASSERT_FALSE(early);
    EXPECT_EQ(early.error().code, "export-not-finished");
    ASSERT_TRUE(node_->desk.remove(carrier_, asked.job.id));
    ASSERT_TRUE(node_->workOff());
    EXPECT_EQ(look(asked.job.id).job.state, ExportState::cancelled);
    EXPECT_EQ(look(asked.job.id).job.rows, 600);
    EXPECT_FALSE(hasChunks(asked));
    ASSERT_TRUE(node_->desk.remove(carrier_, asked.job.id)) << "and is listed until it is removed";
    const auto gone = node_->desk.find(carrier_, asked.job.id);
    ASSERT_FALSE(gone);
    EXPECT_EQ(gone.error().code, "not-found");
    ASSERT_TRUE(node_->workOff());
    EXPECT_TRUE(node_->desk.list(carrier_, {}, {}, 10)->exports.empty());
}

TEST_P(ExportsOnAStore, ExpireAndAreForgotten) {
    const ExportView asked = ask();
    ASSERT_TRUE(node_->workOff());
    node_->clock.advance(milliseconds(node_->exportLimits.lifetime.ms - 1));
    ASSERT_TRUE(node_->workOff());
    EXPECT_TRUE(node_->desk.finished(carrier_, asked.job.id));
    node_->clock.advance(milliseconds(1));
    const auto over = node_->desk.finished(carrier_, asked.job.id);
    ASSERT_FALSE(over) << "also before anybody has cleaned up";
    EXPECT_EQ(over.error().code, "export-expired");
    ASSERT_TRUE(node_->workOff());
    EXPECT_EQ(look(asked.job.id).job.state, ExportState::expired);
    EXPECT_FALSE(hasChunks(asked));
    node_->clock.advance(milliseconds(node_->exportLimits.remembered.ms - node_->exportLimits.lifetime.ms));
    ASSERT_TRUE(node_->workOff());
    EXPECT_FALSE(node_->desk.find(carrier_, asked.job.id));
}

TEST_P(ExportsOnAStore, ThatAreTooLargeFailAndSayWhichLimit) {
    node_->exportLimits.mostRows = 1'000;
    const ExportView rows = ask();
    ASSERT_TRUE(node_->workOff());
    const ExportView failed = look(rows.job.id);
    EXPECT_EQ(failed.job.state, ExportState::failed);
    EXPECT_EQ(failed.job.failureCode, "export-too-large");
    EXPECT_NE(failed.job.failureMessage->find("more than 1000 records"), std::string::npos);
    EXPECT_FALSE(hasChunks(rows)) << "half of it is of no use";
    const auto content = node_->desk.finished(carrier_, rows.job.id);
    ASSERT_FALSE(content);
    EXPECT_EQ(content.error().code, "export-failed");
    node_->exportLimits.mostRows = 1'000'000;
    node_->exportLimits.mostBytes = 50'000;
    const ExportView bytes = ask();
    ASSERT_TRUE(node_->workOff());
    EXPECT_NE(look(bytes.job.id).job.failureMessage->find("more than 50000 bytes"), std::string::npos);
}

TEST_P(ExportsOnAStore, OfOnePartyAreOnlySoManyAtOnce) {
    ask();
    const ExportView second = ask();
    const auto third = node_->desk.accept(carrier_, {}, std::nullopt);
    ASSERT_FALSE(third);
    EXPECT_EQ(third.error().code, "too-many-exports");
    ASSERT_TRUE(node_->desk.remove(carrier_, second.job.id));
    EXPECT_TRUE(node_->desk.accept(carrier_, {}, std::nullopt));
}

INSTANTIATE_TEST_SUITE_P(Stores, ExportsOnAStore, MEETPOINT_STORES,
                         store::testing::nameOfCase<::testing::TestParamInfo<StoreEngine>>);

TEST_P(ExportsOnAStore, AskedForByManyAtOnceWithOneKeyAreOne) {
    constexpr int askers = 6, rounds = 5;
    ExportLimits limits = smallSteps();
    limits.openPerParty = 100;
    Node node(*db_, 5, limits);
    for (int round = 0; round < rounds; ++round) {
        std::vector<std::future<Result<ExportView>>> asked;
        for (int i = 0; i < askers; ++i)
            asked.push_back(std::async(std::launch::async, [&, key = "key " + std::to_string(round)] {
                return node.desk.accept(carrier_, ExportRequest{}, key);
            }));
        std::set<Id> ids;
        for (auto& one : asked) {
            const auto view = one.get();
            ASSERT_TRUE(view) << view.error().message << view.error().internal;
            ids.insert(view->job.id);
        }
        EXPECT_EQ(ids.size(), 1u);
    }
}

TEST(ExportRequest, ComesBackFromItsText) {
    ExportRequest request;
    request.kind = LaneKind::durations;
    request.format = ExportFormat::ndjson;
    request.compression = formats::Compression::zstd;
    request.columns = {"callId", "endpoint.ipAddress"};
    request.timeZone = "Europe/Zurich";
    request.search.range.from = Instant{1};
    request.search.range.allVersions = true;
    request.search.range.descending = false;
    request.search.callId = Id{{1, 2, 3}};
    request.search.conditions.direction = domain::Direction::outbound;
    request.search.conditions.quality = domain::StreamQuality::poor;
    request.search.conditions.farEndNumber = "+4179123****";
    request.search.conditions.q850Cause = 17;
    request.search.conditions.maxDurationMs = INT64_MAX;
    request.search.conditions.answered = false;
    const auto again = readExportRequest(textOf(request));
    ASSERT_TRUE(again) << again.error().message;
    EXPECT_EQ(textOf(*again), textOf(request));
    EXPECT_EQ(again->columns, request.columns);
    EXPECT_EQ(again->search.conditions.quality, domain::StreamQuality::poor);
    EXPECT_EQ(again->search.conditions.maxDurationMs, INT64_MAX);
    EXPECT_TRUE(again->search.range.allVersions);
    EXPECT_FALSE(again->search.range.descending);
    for (const char* bad : {"", "[]", "{}", R"({"kind":"calls","filter":{},"columns":[],"timeZone":"UTC"})"})
        EXPECT_FALSE(readExportRequest(bad)) << bad;
}

}  // namespace
}  // namespace meetpoint::exchange
