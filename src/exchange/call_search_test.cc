// Ten thousand random searches against what they must find, worked out the slow way, while calls come in and blocks are
// merged.
#include "exchange/call_search.h"

#include <iostream>
#include <random>

#include <gtest/gtest.h>

#include "exchange/testing/call_model.h"
#include "exchange/upkeep.h"
#include "exchange/upload_session.h"
#include "formats/writer.h"
#include "store/testing/test_store.h"

namespace meetpoint::exchange {
namespace {

using testing::CallModel;
using testing::ModelCall;
using testing::ModelStream;

constexpr Instant start{1'772'323'200'000};  // 2026-03-01T00:00:00Z
constexpr int carrierCount = 8, tenantCount = 5, numbersPerCarrier = 5;

std::uint64_t seedOf() {
    const char* text = std::getenv("MEETPOINT_SEED");
    return text ? std::strtoull(text, nullptr, 10) : 20'260'301;
}

// Random choices from one seed.
class Dice {
public:
    explicit Dice(std::uint64_t seed) : engine_(seed) {}
    int below(int count) { return static_cast<int>(engine_() % static_cast<std::uint64_t>(count)); }
    bool oneIn(int count) { return below(count) == 0; }
    template <class T>
    const T& of(const std::vector<T>& things) {
        return things[static_cast<std::size_t>(below(static_cast<int>(things.size())))];
    }

private:
    std::mt19937_64 engine_;
};

// An exchange on SQLite with eight carriers and five tenants, and the model of what it holds.
class SearchWorld {
public:
    explicit SearchWorld(std::uint64_t seed)
        : dice(seed), random_(seed), place_(store::testing::StoreEngine::sqlite), db_(std::move(*place_.open(clock_))) {
        const auto made = db_->write(store::ledgerWrite(), [&](store::Tx& tx) { return fill(tx); });
        EXPECT_TRUE(made) << made.error().message << made.error().internal;
        const auto read = db_->read([&](store::Tx& tx) { return ledger_.refresh(tx); });
        EXPECT_TRUE(read) << read.error().message;
        tellModel();
        upkeepLimits_.blocks.age = minutes(2);
        upkeepLimits_.blocks.worthMerging = 4;
    }

    Services services() { return {*db_, lanes_, ledger_, clock_, random_, StoreKind::sandbox}; }

    void upload(int count) {
        std::string body;
        std::vector<ModelCall> sent;
        for (int i = 0; i < count; ++i)
            sent.push_back(dice.oneIn(3) && !model.calls().empty() ? laterVersion(dice.of(model.calls())) : newCall());
        for (const ModelCall& call : sent)
            body += lineOf(call);
        auto session = UploadSession::open(services(), limits, platform(), {});
        ASSERT_TRUE(session);
        ASSERT_TRUE((*session)->feed(viewOf(body)));
        const auto answer = (*session)->finish();
        ASSERT_TRUE(answer) << answer.error().message;
        ASSERT_EQ(answer->results.size(), sent.size());
        for (std::size_t i = 0; i < sent.size(); ++i) {
            const std::string& status = answer->results[i].status;
            const bool isKnown = status == "unchanged" || status == "conflict";
            ASSERT_EQ(isKnown ? "known" : status, model.add(sent[i])) << lineOf(sent[i]) << answer->results[i].code;
        }
        clock_.advance(minutes(1));
    }

    void merge() {
        clock_.advance(minutes(10));
        const Services all = services();
        Upkeep upkeep(all, upkeepLimits_);
        for (bool more = true; more;) {
            const auto passed =
                upkeep.pass([](const UpkeepDone& done) { EXPECT_FALSE(done.failure) << done.failure->message; });
            ASSERT_TRUE(passed) << passed.error().message;
            more = *passed;
        }
    }

    // Of some blocks, as of those that an older program has written.
    void forgetOwnNumbers() {
        const auto forgotten = db_->write(store::ledgerWrite(), [&](store::Tx& tx) -> Result<void> {
            TRY(tx.execute("UPDATE block_filters SET own_numbers = NULL WHERE first_sequence % 5 = $1",
                           {std::int64_t{dice.below(5)}}));
            return {};
        });
        ASSERT_TRUE(forgotten);
    }

    // As retention would.
    void dropEverything() {
        const auto dropped = db_->write(store::ledgerWrite(), [](store::Tx& tx) -> Result<void> {
            TRY(tx.execute("DELETE FROM blocks"));
            return {};
        });
        ASSERT_TRUE(dropped);
    }

    domain::Caller platform() const { return {"platform", domain::Role::platform, {}, {}, {}}; }
    domain::Caller anyone() {
        switch (dice.below(6)) {
            case 0:
                return platform();
            case 1:
                return {"auditor", domain::Role::auditor, {}, {}, {}};
            case 2:
            case 3:
                return {"tenant", domain::Role::tenant, {}, dice.of(tenants_), {}};
            default:
                return {"carrier", domain::Role::carrier, {dice.of(carriers_)}, {}, {}};
        }
    }

    // Something to search for, as a rule of a call that is there.
    CallSearch anySearch(const domain::Caller& caller) {
        CallSearch search;
        const ModelCall& near = dice.of(model.calls());
        search.range.descending = dice.oneIn(2);
        search.range.allVersions = dice.oneIn(4);
        search.range.limit = static_cast<std::size_t>(1 + dice.below(dice.oneIn(4) ? 100 : 12));
        chooseTime(near, search.range);
        if (dice.oneIn(8)) search.range.carrierId = dice.of(caller.carriers.empty() ? carriers_ : caller.carriers);
        if (dice.oneIn(25)) search.callId = near.callId;
        chooseNumbers(near, search.conditions);
        choosePlain(near, search.conditions);
        return search;
    }

    Instant now() const { return clock_.now(); }
    LedgerCache& ledger() { return ledger_; }

    Dice dice;
    CallModel model;
    Limits limits;
    const CursorKey cursors{Bytes(32, 7)};

private:
    static Id idOf(int kind, int number) {
        return Id{{static_cast<std::uint8_t>(kind), static_cast<std::uint8_t>(number)}};
    }

    Result<void> fill(store::Tx& tx) {
        const std::vector<std::string> countries{"CH", "DE", "US", "CH", "GB"};
        for (int i = 0; i < carrierCount; ++i) {
            carriers_.push_back(idOf(1, i));
            TRY(store::insertCarrier(tx, {carriers_.back(), 0, "Carrier " + std::to_string(i), "", 2000, start, 1}));
        }
        for (int i = 0; i < tenantCount; ++i) {
            tenants_.push_back(idOf(2, i));
            const std::string name = "Tenant " + std::to_string(i);
            TRY(store::insertTenant(
                tx, {tenants_.back(), name, countries[static_cast<std::size_t>(i)], "x.example", start, 1}));
        }
        // Consents begin on different days, so that early calls belong to nobody.
        for (int carrier = 0; carrier < carrierCount; ++carrier)
            for (int tenant = 0; tenant < tenantCount; ++tenant)
                TRY(addConsent(tx, carrier, tenant));
        return addNumbers(tx);
    }

    Result<void> addConsent(store::Tx& tx, int carrier, int tenant) {
        store::Consent consent;
        consent.id = idOf(3, carrier * tenantCount + tenant);
        consent.tenantId = tenants_[static_cast<std::size_t>(tenant)];
        consent.carrierId = carriers_[static_cast<std::size_t>(carrier)];
        consent.noticeVersion = "1";
        TRY(store::insertConsent(tx, consent));
        consent.state = domain::ConsentState::agreementSigned;
        consent.signedAt = start - days(45) + hours((carrier + tenant) % 7 * 48);
        consent.version = 2;
        TRY(store::updateConsent(tx, consent));
        return {};
    }

    Result<void> addNumbers(store::Tx& tx) {
        for (int carrier = 0; carrier < carrierCount; ++carrier)
            for (int i = 0; i < numbersPerCarrier; ++i) {
                numbers_.push_back(41'440'000'000ULL + static_cast<std::uint64_t>(carrier * 1'000 + i));
                const auto holder = [&](int of) { return carriers_[static_cast<std::size_t>(of % carrierCount)]; };
                const Id tenant = tenants_[static_cast<std::size_t>((carrier + i) % tenantCount)];
                TRY(store::insertHolderChange(tx,
                                              {0, {numbers_.back()}, start - days(60), holder(carrier), tenant, {}}));
                // One of each carrier's moves to the next one.
                if (i == 0)
                    TRY(store::insertHolderChange(
                        tx, {0, {numbers_.back()}, start - days(20), holder(carrier + 1), tenants_[0], {}}));
            }
        numbers_.push_back(41'449'999'999ULL);  // nobody's
        return store::raiseLedgerChanges(tx);
    }

    void tellModel() {
        const auto view = ledger_.view();
        const std::vector<std::string> countries{"CH", "DE", "US", "CH", "GB"};
        for (std::size_t i = 0; i < tenants_.size(); ++i)
            model.addTenant(tenants_[i], countries[i]);
        for (const Id& tenant : tenants_)
            for (const Id& carrier : carriers_)
                model.addConsent(tenant, carrier, view.consents(tenant, carrier).front().from);
        for (const std::uint64_t number : numbers_)
            for (const Instant at : {start - days(60), start - days(20)})
                if (const Holder* holder = view.holderAt(number, at))
                    model.addHolder(
                        number, {at, view.carrier(holder->carrierId)->shardKey, holder->carrierId, holder->tenantId});
    }

    std::string anyFarEnd() {
        const std::string number = "+4179" + std::to_string(1'000'000 + dice.below(40) * 7'003);
        switch (dice.below(8)) {
            case 0:
                return "";
            case 1:
                return dice.oneIn(2) ? "112" : "Tax Office";
            case 2:
                return number.substr(0, number.size() - 2) + "**";
            default:
                return number;
        }
    }

    ModelCall newCall() {
        ModelCall call;
        call.callId = Id{{static_cast<std::uint8_t>(dice.below(256)), static_cast<std::uint8_t>(++calls_ >> 8),
                          static_cast<std::uint8_t>(calls_)}};
        // Most are recent, some late by days, a few by weeks; many share their instant.
        const int lateness = dice.below(10);
        call.invitedAt = clock_.now() - seconds(dice.below(30) * 20) -
                         (lateness < 7 ? Duration{} : hours(dice.below(lateness < 9 ? 80 : 1'200)));
        call.own = dice.of(numbers_);
        call.farEnd = anyFarEnd();
        call.outbound = dice.oneIn(2);
        if (!dice.oneIn(3)) call.answeredAt = call.invitedAt + seconds(dice.below(20));
        call.talk = call.answeredAt ? milliseconds(dice.below(40) * 1'500) : Duration{};
        if (dice.oneIn(2)) call.sipCallId = "sip-" + std::to_string(dice.below(500));
        if (dice.oneIn(2)) call.correlationId = "leg-" + std::to_string(dice.below(200));
        if (!dice.oneIn(4)) call.trunk = "sbc" + std::to_string(dice.below(4)) + ".example";
        if (dice.oneIn(2)) call.callType = call.outbound ? "user_out" : "user_in";
        if (!dice.oneIn(4)) call.finalSipCode = dice.of(std::vector<int>{200, 200, 404, 480, 486, 503});
        if (dice.oneIn(3)) call.q850Cause = dice.of(std::vector<int>{16, 17, 31});
        if (dice.oneIn(6)) call.emergency = dice.oneIn(3);
        if (dice.oneIn(6)) call.isTest = dice.oneIn(2);
        if (dice.oneIn(3)) call.userId = idOf(9, dice.below(5));
        call.streams = anyStreams();
        return call;
    }

    std::vector<ModelStream> anyStreams() {
        std::vector<ModelStream> streams(static_cast<std::size_t>(dice.below(3)));
        for (ModelStream& stream : streams) {
            if (dice.oneIn(2)) stream.jitterMs = dice.below(40);
            if (dice.oneIn(3)) stream.lossRatio = dice.below(20) / 100.0;
            if (dice.oneIn(4)) stream.roundTripMs = dice.below(700);
        }
        return streams;
    }

    // Another version of a call: mostly a higher one with more quality, now and then lower, equal, or of another time.
    ModelCall laterVersion(ModelCall call) {
        call.version = dice.oneIn(5) ? 1 + dice.below(4) : call.version + 1;
        call.streams = anyStreams();
        if (dice.oneIn(10)) {
            const Duration by = seconds(dice.below(7'200) - 3'600);
            call.invitedAt = std::min(call.invitedAt + by, clock_.now());
            if (call.answeredAt) call.answeredAt = call.invitedAt + seconds(1);
        }
        if (dice.oneIn(20)) call.own = dice.of(numbers_);
        return call;
    }

    void chooseTime(const ModelCall& near, SearchRange& range) {
        switch (dice.below(4)) {
            case 0:
                return;
            case 1:
                range.from = near.invitedAt - minutes(dice.below(60));
                range.to = *range.from + minutes(1 + dice.below(300));
                return;
            case 2:
                range.from = near.invitedAt - seconds(dice.below(2));
                if (dice.oneIn(2)) range.to = *range.from + hours(24);
                return;
            default:
                range.to = near.invitedAt + milliseconds(dice.below(3));
                if (dice.oneIn(2)) range.from = *range.to - days(1 + dice.below(50));
        }
    }

    void chooseNumbers(const ModelCall& near, CallConditions& conditions) {
        const std::string own = "+" + std::to_string(near.own);
        if (dice.oneIn(4)) conditions.ownNumber = own;
        if (dice.oneIn(12)) conditions.ownNumberStartsWith = own.substr(dice.below(2), 5 + dice.below(7));
        // As somebody else is shown it, too: digits that are hidden from the asker must find nothing.
        const std::string shown =
            model.shownFarEnd(near, static_cast<domain::Role>(dice.below(4)), dice.oneIn(2) ? now() : near.invitedAt);
        if (dice.oneIn(6) && !shown.empty()) conditions.farEndNumber = shown;
        if (dice.oneIn(6) && shown.starts_with('+')) {
            const std::size_t digits = shown.find_last_of("0123456789") + 1;
            const std::size_t from = static_cast<std::size_t>(dice.below(2));
            conditions.farEndNumberStartsWith =
                shown.substr(from, std::max<std::size_t>(digits - from - static_cast<std::size_t>(dice.below(4)), 1));
        }
    }

    void choosePlain(const ModelCall& near, CallConditions& conditions) {
        if (dice.oneIn(10)) conditions.tenantId = dice.of(tenants_);
        if (dice.oneIn(15)) conditions.userId = near.userId;
        if (dice.oneIn(12)) conditions.sipCallId = near.sipCallId;
        if (dice.oneIn(12)) conditions.correlationId = near.correlationId;
        if (dice.oneIn(12)) conditions.trunk = near.trunk;
        if (dice.oneIn(15)) conditions.callType = near.callType;
        if (dice.oneIn(12)) conditions.direction = static_cast<domain::Direction>(dice.below(2));
        if (dice.oneIn(8)) conditions.quality = static_cast<domain::StreamQuality>(dice.below(3));
        if (dice.oneIn(12)) conditions.finalSipCode = near.finalSipCode;
        if (dice.oneIn(15)) conditions.q850Cause = near.q850Cause;
        if (dice.oneIn(15)) conditions.minDurationMs = near.talk.ms;
        if (dice.oneIn(15)) conditions.maxDurationMs = near.talk.ms + dice.below(2'000);
        if (conditions.minDurationMs && conditions.maxDurationMs)
            conditions.maxDurationMs = std::max(*conditions.minDurationMs, *conditions.maxDurationMs);
        if (dice.oneIn(12)) conditions.answered = dice.oneIn(2);
        if (dice.oneIn(15)) conditions.emergency = dice.oneIn(2);
        if (dice.oneIn(15)) conditions.isTest = dice.oneIn(2);
    }

    ManualClock clock_{start};
    SeededRandom random_;
    store::testing::StorePlace place_;
    std::unique_ptr<store::Db> db_;
    store::Lanes lanes_{KeyedHash({1, 2, 3}), clock_};
    LedgerCache ledger_;
    UpkeepLimits upkeepLimits_;
    std::vector<Id> carriers_, tenants_;
    std::vector<std::uint64_t> numbers_;
    int calls_ = 0;
};

// What a page gives: shard key, sequence and far end of each record.
using Rows = std::vector<std::tuple<std::int64_t, std::int64_t, std::string>>;

Rows rowsOf(const ScannedPage& page, LedgerCache& ledger) {
    Rows rows;
    for (const auto& [slice, row] : page.order) {
        const store::LaneSlice& records = page.slices[slice];
        const std::string json = formats::toJson(records.records, row);
        const bool outbound = json.find(R"("direction":"outbound")") != std::string::npos;
        const std::string name = outbound ? R"("calleeNumber":)" : R"("callerNumber":)";
        const std::size_t from = json.find(name) + name.size();
        const auto& carrier = page.carriers[slice];
        rows.emplace_back(carrier ? ledger.view().carrier(*carrier)->shardKey : 0, records.sequences[row],
                          json.substr(from, json.find(',', from) - from));
    }
    return rows;
}

Rows expectedRows(const SearchWorld& world, const domain::Caller& caller, std::span<const ModelCall* const> calls) {
    Rows rows;
    for (const ModelCall* call : calls) {
        const std::string farEnd = world.model.shownFarEnd(*call, caller.role, world.now());
        rows.emplace_back(call->shardKey, call->sequence, farEnd.empty() ? "null" : "\"" + farEnd + "\"");
    }
    return rows;
}

// Where two lists differ first, in words; empty if nowhere.
std::string difference(const Rows& found, const Rows& expected) {
    const auto text = [](const Rows& rows, std::size_t at) {
        if (at >= rows.size()) return std::string("nothing");
        const auto& [shardKey, sequence, farEnd] = rows[at];
        return "lane " + std::to_string(shardKey) + " sequence " + std::to_string(sequence) + " with " + farEnd;
    };
    const std::size_t most = std::max(found.size(), expected.size());
    for (std::size_t at = 0; at < most; ++at)
        if (at >= found.size() || at >= expected.size() || found[at] != expected[at])
            return "at " + std::to_string(at) + " found " + text(found, at) + ", expected " + text(expected, at);
    return {};
}

class CallSearches : public ::testing::Test {
protected:
    // Reads a search to its end, or for so many pages, against the model; `between` happens between two pages.
    void follow(const domain::Caller& caller, CallSearch search, int pages, const std::function<void()>& between) {
        std::optional<ModelCall> last;
        while (pages-- > 0) {
            const auto left = world_.model.find(caller, search, world_.now(), last ? &*last : nullptr);
            const auto page = searchCalls(world_.services(), world_.limits, world_.cursors, caller, search);
            ASSERT_TRUE(page) << page.error().message << page.error().internal;
            const std::size_t count = std::min(left.size(), search.range.limit);
            ASSERT_EQ(difference(rowsOf(page->records, world_.ledger()),
                                 expectedRows(world_, caller, std::span(left).first(count))),
                      "");
            ASSERT_EQ(page->next.has_value(), left.size() > count);
            found_ += count;
            ++pages_;
            if (!page->next) return;
            ASSERT_LE(page->next->size(), 512u);
            search.range.cursor = page->next;
            last = *left[count - 1];
            between();
        }
    }

    // The same where a page may do so little that it ends before it is full: nothing is passed over, and every page
    // gets further.
    void followInSmallSteps(const domain::Caller& caller, CallSearch search) {
        const auto all = world_.model.find(caller, search, world_.now(), nullptr);
        Limits few = world_.limits;
        few.searchBlocks = static_cast<std::size_t>(1 + world_.dice.below(4));
        few.searchCalendarRows = static_cast<std::size_t>(1 + world_.dice.below(30));
        Rows rows;
        std::optional<Instant> reached;
        bool wasAtRecord = false;  // from a record to the end of its instant is a step, too
        while (true) {
            const auto page = searchCalls(world_.services(), few, world_.cursors, caller, search);
            ASSERT_TRUE(page) << page.error().message << page.error().internal;
            const Rows more = rowsOf(page->records, world_.ledger());
            rows.insert(rows.end(), more.begin(), more.end());
            ++pages_;
            if (!page->next) break;
            const bool isFurther =
                !reached || (search.range.descending ? *page->searchedUpTo < *reached : *page->searchedUpTo > *reached);
            ASSERT_TRUE(isFurther || !more.empty() || wasAtRecord);
            reached = page->searchedUpTo;
            wasAtRecord = !more.empty();
            search.range.cursor = page->next;
        }
        ASSERT_EQ(difference(rows, expectedRows(world_, caller, all)), "");
        found_ += rows.size();
    }

    const std::uint64_t seed_ = seedOf();
    SearchWorld world_{seed_};
    std::size_t found_ = 0, pages_ = 0;
};

TEST_F(CallSearches, TenThousandFindWhatThePlainWayFinds) {
    SCOPED_TRACE("MEETPOINT_SEED=" + std::to_string(seed_));
    constexpr int searches = 10'000;
    for (int i = 0; i < 20; ++i)
        world_.upload(60);
    for (int i = 0; i < searches && !HasFatalFailure(); ++i) {
        if (i % 100 == 0) world_.upload(5 + world_.dice.below(20));
        if (i % 500 == 499) world_.merge();
        if (i % 700 == 699) world_.forgetOwnNumbers();
        const domain::Caller caller = world_.anyone();
        const CallSearch search = world_.anySearch(caller);
        SCOPED_TRACE("search " + std::to_string(i));
        if (world_.dice.oneIn(100))
            followInSmallSteps(caller, search);
        else
            follow(caller, search, 1 + world_.dice.below(3), [&] {
                if (world_.dice.oneIn(60)) world_.upload(1 + world_.dice.below(10));
            });
    }
    EXPECT_GT(found_, 50'000u) << "the searches must find something";
    std::cout << "seed " << seed_ << ": " << world_.model.calls().size() << " records, " << pages_ << " pages, "
              << found_ << " found\n";
}

TEST_F(CallSearches, ACursorBelongsToItsCallerAndItsSearch) {
    world_.upload(50);
    CallSearch search;
    search.range.limit = 3;
    search.conditions.direction = domain::Direction::outbound;
    const auto ask = [&](const domain::Caller& caller) {
        return searchCalls(world_.services(), world_.limits, world_.cursors, caller, search);
    };
    const domain::Caller platform = world_.platform();
    const auto first = ask(platform);
    ASSERT_TRUE(first && first->next);
    search.range.cursor = first->next;
    search.range.limit = 5;
    EXPECT_TRUE(ask(platform)) << "another limit is the same search";
    domain::Caller other = platform;
    other.clientId = "another";
    EXPECT_EQ(ask(other).error().code, "bad-cursor");
    const CallSearch same = search;
    const std::vector<std::function<void()>> changes{
        [&] { search.conditions.direction = domain::Direction::inbound; },
        [&] { search.conditions.trunk = "x"; },
        [&] { search.conditions.trunk = ""; },
        [&] { search.conditions.callType = "x"; },
        [&] { search.conditions.answered = true; },
        [&] { search.conditions.emergency = true; },
        [&] { search.conditions.minDurationMs = 0; },
        [&] { search.range.descending = false; },
        [&] { search.range.allVersions = true; },
        [&] { search.range.from = Instant{0}; },
        [&] { search.range.cursor->at(3) = search.range.cursor->at(3) == 'A' ? 'B' : 'A'; },
        [&] { search.range.cursor->resize(8); },
        [&] { search.range.cursor = ""; },
    };
    for (std::size_t i = 0; i < changes.size(); ++i) {
        search = same;
        changes[i]();
        const auto refused = ask(platform);
        ASSERT_FALSE(refused) << i;
        EXPECT_EQ(refused.error().code, "bad-cursor") << i;
    }
}

TEST_F(CallSearches, ACursorWhosePlaceIsNoLongerKeptSaysSo) {
    for (const bool inSmallSteps : {false, true}) {
        SearchWorld world(seed_);
        for (int i = 0; i < 4; ++i)
            world.upload(40);
        Limits limits = world.limits;
        if (inSmallSteps) limits.searchBlocks = 1;
        CallSearch search;
        search.range.limit = inSmallSteps ? 100 : 4;
        const auto ask = [&] { return searchCalls(world.services(), limits, world.cursors, world.platform(), search); };
        const auto first = ask();
        ASSERT_TRUE(first && first->next);
        search.range.cursor = first->next;
        ASSERT_TRUE(ask());
        world.dropEverything();
        const auto gone = ask();
        ASSERT_FALSE(gone);
        EXPECT_EQ(gone.error().code, "cursor-expired");
        EXPECT_EQ(gone.error().kind, ErrorKind::gone);
        search.range.cursor.reset();
        EXPECT_TRUE(ask()->records.order.empty()) << "begun anew, there is nothing to find";
    }
}

TEST_F(CallSearches, WhatCannotBeMeantIsRefused) {
    const auto code = [&](const std::function<void(CallSearch&)>& change) {
        CallSearch search;
        change(search);
        const auto answer = searchCalls(world_.services(), world_.limits, world_.cursors, world_.platform(), search);
        return answer ? std::string("fine") : answer.error().code;
    };
    EXPECT_EQ(code([](CallSearch& s) { s.range.from = s.range.to = start; }), "bad-range");
    EXPECT_EQ(code([](CallSearch& s) {
                  s.conditions.minDurationMs = 2;
                  s.conditions.maxDurationMs = 1;
              }),
              "bad-range");
    for (const char* part : {"", "+", "41a", "1234567890123456", "++41", "41*", " 41"}) {
        EXPECT_EQ(code([&](CallSearch& s) { s.conditions.ownNumberStartsWith = part; }), "bad-number-part") << part;
        EXPECT_EQ(code([&](CallSearch& s) { s.conditions.farEndNumberStartsWith = part; }), "bad-number-part") << part;
    }
    for (const char* number : {"", "41446681800", "+41", "+0446681800"})
        EXPECT_EQ(code([&](CallSearch& s) { s.conditions.ownNumber = number; }), "bad-number") << number;
    EXPECT_EQ(code([](CallSearch& s) { s.conditions.farEndNumber = ""; }), "bad-number");
    EXPECT_EQ(code([](CallSearch& s) { s.conditions.farEndNumber = "112"; }), "fine");
    EXPECT_EQ(code([](CallSearch& s) { s.range.carrierId = Id{{77}}; }), "not-found");
    EXPECT_EQ(code([](CallSearch& s) { s.range.from = Instant{INT64_MIN}; }), "fine");
    EXPECT_EQ(code([](CallSearch& s) { s.range.to = Instant{INT64_MAX}; }), "fine");
}

}  // namespace
}  // namespace meetpoint::exchange
