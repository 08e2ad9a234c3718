// Key figures against a plain model: random questions about random calls, while calls and newer versions of them come
// in and upkeep merges what is there. Every answer must be that of one moment between its question and its end.
#include "exchange/quality.h"

#include <atomic>
#include <thread>

#include <gtest/gtest.h>

#include "columns/content_hash.h"
#include "exchange/ledger_cache.h"
#include "exchange/upkeep.h"
#include "quality_model.h"
#include "store/ledger.h"
#include "store/testing/test_store.h"

namespace meetpoint::outside {
namespace {

using columns::LaneKind;
using domain::Caller;
using domain::Role;
using quality::Dimension;
using quality::Figure;
using quality::Kpi;
using quality::testing::TestCall;
using quality::testing::TestStream;
using store::testing::StoreEngine;

constexpr std::uint64_t defaultSeed = 20260309;
constexpr Instant now{quality::testing::noon.ms + 10 * 86'400'000LL};
constexpr std::size_t carrierCount = 3, tenantCount = 2;

class Dice {
public:
    explicit Dice(std::uint64_t seed) : engine_(seed) {}
    std::uint64_t below(std::uint64_t count) { return engine_() % count; }
    bool chance(std::uint64_t oneOf) { return below(oneOf) == 0; }
    template <class T>
    T of(std::initializer_list<T> values) {
        return *(values.begin() + below(values.size()));
    }

private:
    std::mt19937_64 engine_;
};

Id idOf(std::uint8_t kind, std::size_t number) {
    Id id{};
    id.bytes[0] = kind;
    id.bytes[1] = static_cast<std::uint8_t>(number + 1);
    return id;
}
Id carrierId(std::size_t number) {
    return idOf(1, number);
}
Id tenantId(std::size_t number) {
    return idOf(2, number);
}

TestStream randomStream(Dice& dice) {
    const auto sometimes = [&](float value) { return dice.chance(3) ? std::nullopt : std::optional(value); };
    TestStream stream;
    stream.codec = dice.chance(9) ? std::nullopt : std::optional<std::string>(dice.of({"silk", "opus", "pcma"}));
    stream.packets =
        dice.chance(5) ? std::nullopt : std::optional<std::int64_t>(dice.chance(6) ? 0 : dice.below(9'000));
    stream.jitterMs = sometimes(static_cast<float>(dice.below(700)) / 20);
    stream.jitterPeakMs = dice.chance(4) ? std::optional(static_cast<float>(dice.below(200))) : std::nullopt;
    stream.lossRatio = sometimes(static_cast<float>(dice.below(120)) / 1'000);
    stream.roundTripMs = sometimes(static_cast<float>(dice.below(5'500)) / 10);
    stream.mos = sometimes(static_cast<float>(100 + dice.below(350)) / 100);
    return stream;
}

TestCall randomCall(Dice& dice, std::uint64_t id, std::int32_t version) {
    TestCall call;
    call.id = id;
    call.version = version;
    // Some 35 days, more of them near the age at which network figures are no longer shown.
    const std::int64_t minutesAgo = dice.chance(3) ? 30 * 1'440 - 60 + static_cast<std::int64_t>(dice.below(120))
                                                   : static_cast<std::int64_t>(dice.below(35 * 1'440));
    call.invitedAt = now - minutes(minutesAgo) - milliseconds(static_cast<std::int64_t>(dice.below(60'000)));
    call.isOutbound = dice.chance(2);
    call.isTest = dice.chance(12);
    call.trunk = dice.chance(9) ? std::nullopt : std::optional<std::string>(dice.of({"sbc1", "sbc2", "sbc3", ""}));
    call.region = dice.chance(9) ? std::nullopt : std::optional<std::string>(dice.of({"EUNO", "USWE"}));
    call.rungAfterMs = dice.chance(3) ? std::nullopt : std::optional(static_cast<std::int64_t>(dice.below(9'000)));
    call.tenantId = dice.chance(20) ? std::nullopt : std::optional(tenantId(dice.below(tenantCount)));
    call.ownNumber = dice.of<std::uint64_t>({41'446'681'800, 12'015'550'123});
    call.farEnd =
        dice.of<std::uint64_t>({4'930'123'456'78, 12'015'550'177, 14'165'550'123, 77'012'345'678, 74'951'234'567});
    if (dice.chance(2)) {
        call.connectedMs = 1 + static_cast<std::int64_t>(dice.below(400'000));
        call.sipCode = dice.chance(5) ? std::nullopt : std::optional(200);
        for (std::uint64_t n = dice.below(4); n > 0; --n)
            call.streams.push_back(randomStream(dice));
        return call;
    }
    const auto code = [](int value) { return value == 0 ? std::nullopt : std::optional<std::int32_t>(value); };
    call.sipCode = code(dice.of({0, 302, 401, 404, 407, 408, 480, 486, 487, 500, 503, 600, 603, 607}));
    call.cause = dice.chance(2) ? std::nullopt : code(dice.of({0, 16, 17, 18, 19, 20, 21, 31, 34, 38, 41, 44, 127}));
    return call;
}

// A batch of one carrier's calls, as one append has it.
struct Append {
    std::size_t carrier = 0;
    std::vector<TestCall> calls;
};

std::vector<Append> randomAppends(Dice& dice, std::size_t count) {
    std::vector<Append> appends;
    std::vector<std::pair<std::size_t, std::int32_t>> known;  // carrier and version of call id - 1
    for (std::size_t i = 0; i < count; ++i) {
        Append append{dice.below(carrierCount), {}};
        for (std::uint64_t n = 1 + dice.below(12); n > 0; --n) {
            std::vector<std::size_t> mine;
            if (dice.chance(4))
                for (std::size_t id = 0; id < known.size(); ++id)
                    if (known[id].first == append.carrier) mine.push_back(id);
            const bool isKnownHere = !mine.empty();
            const std::size_t at = isKnownHere ? mine[dice.below(mine.size())] : known.size();
            if (isKnownHere)
                known[at].second += 1;
            else
                known.emplace_back(append.carrier, 1);
            append.calls.push_back(randomCall(dice, at + 1, known[at].second));
        }
        appends.push_back(std::move(append));
    }
    return appends;
}

// The newest versions after the first `count` appends.
std::vector<ModelCall> stateAfter(const std::vector<Append>& appends, std::size_t count) {
    std::map<std::uint64_t, ModelCall> newest;
    for (std::size_t i = 0; i < count; ++i)
        for (const TestCall& call : appends[i].calls)
            newest[call.id] = {appends[i].carrier, call};
    std::vector<ModelCall> calls;
    for (auto& [id, call] : newest)
        calls.push_back(std::move(call));
    return calls;
}

class QualityAgainstAModel : public ::testing::TestWithParam<StoreEngine> {
protected:
    void SetUp() override {
        if (!store::testing::isAvailable(GetParam())) GTEST_SKIP() << "MEETPOINT_TEST_POSTGRES names no server";
        place_ = std::make_unique<store::testing::StorePlace>(GetParam());
        auto opened = place_->open(clock_);
        ASSERT_TRUE(opened) << opened.error().message << opened.error().internal;
        db_ = std::move(*opened);
        services_.emplace(exchange::Services{*db_, lanes_, ledger_, clock_, random_, exchange::StoreKind::sandbox});
        ASSERT_TRUE(db_->write(store::ledgerWrite(), [&](store::Tx& tx) { return fillLedger(tx); }));
        // Everything is of age at once: upkeep merges whatever lies there.
        exchange::UpkeepLimits limits;
        limits.blocks = {minutes(-1), 16, 2};
        limits.figures = {20, milliseconds(0)};
        upkeep_.emplace(*services_, limits);
    }

    Result<void> fillLedger(store::Tx& tx) {
        for (std::size_t i = 0; i < tenantCount; ++i)
            TRY(store::insertTenant(tx, {tenantId(i), "T" + std::to_string(i), "CH", "t.example", now, 1, {}}));
        for (std::size_t i = 0; i < carrierCount; ++i) {
            TRY_ASSIGN(const auto carrier,
                       store::insertCarrier(tx, {carrierId(i), 0, "C" + std::to_string(i), "CH", 2'000, now, 1}));
            shardKeys_.push_back(carrier.shardKey);
        }
        // Tenant 0 has to do with carriers 0 and 1, tenant 1 with all.
        for (std::size_t tenant = 0; tenant < tenantCount; ++tenant)
            for (std::size_t carrier = 0; carrier < carrierCount; ++carrier) {
                if (tenant == 0 && carrier == 2) continue;
                store::Consent consent;
                consent.id = idOf(3, tenant * carrierCount + carrier);
                consent.tenantId = tenantId(tenant);
                consent.carrierId = carrierId(carrier);
                consent.version = 1;
                TRY(store::insertConsent(tx, consent));
                consent.state = domain::ConsentState::agreementSigned;
                consent.signedAt = now - days(400);
                consent.version = 2;
                TRY_ASSIGN(const bool isSigned, store::updateConsent(tx, consent));
                if (!isSigned) return fail(internalError("the consent was not there"));
            }
        return store::raiseLedgerChanges(tx);
    }

    void append(const Append& one) {
        auto records = quality::testing::recordsOf(one.calls);
        auto fingerprints = columns::fingerprints(records);
        const auto prepared =
            lanes_.prepare({shardKeys_[one.carrier], LaneKind::calls}, std::move(records), std::move(fingerprints));
        const auto done = db_->write(store::recordsWrite(shardKeys_[one.carrier], one.calls.size()),
                                     [&](store::Tx& tx) -> Result<void> {
                                         TRY(lanes_.append(tx, prepared, "test"));
                                         return {};
                                     });
        ASSERT_TRUE(done) << done.error().message << done.error().internal;
    }

    // As if upkeep had done all blocks for good, as it does full ones; then keeps figures of them.
    void keepFigures() {
        for (const std::int64_t shardKey : shardKeys_) {
            const store::LaneId lane{shardKey, LaneKind::calls};
            const auto done = db_->write(store::upkeepWrite(shardKey, 1), [&](store::Tx& tx) -> Result<void> {
                TRY_ASSIGN(const auto head, lanes_.head(tx, lane));
                return store::setProgress(tx, store::upkeepOf(lane), head.nextSequence);
            });
            ASSERT_TRUE(done) << done.error().message << done.error().internal;
        }
        const auto passed =
            upkeep_->pass([&](const exchange::UpkeepDone& done) { figuresKept_ += done.figuresKept; });
        ASSERT_TRUE(passed) << passed.error().message << passed.error().internal;
    }

    Caller randomCaller(Dice& dice, ModelQuestion& question);
    exchange::QualityRequest randomRequest(Dice& dice, Caller& caller, ModelQuestion& question);

    ManualClock clock_{now};
    SeededRandom random_{1};
    store::Lanes lanes_{KeyedHash({1, 2, 3}), clock_};
    exchange::LedgerCache ledger_;
    std::unique_ptr<store::testing::StorePlace> place_;
    std::unique_ptr<store::Db> db_;
    std::optional<exchange::Services> services_;
    std::optional<exchange::Upkeep> upkeep_;
    std::vector<std::int64_t> shardKeys_;
    std::size_t figuresKept_ = 0;  // of spans, those that were worked out anew among them
};

Caller QualityAgainstAModel::randomCaller(Dice& dice, ModelQuestion& question) {
    Caller caller;
    caller.clientId = "client";
    caller.role = dice.of({Role::platform, Role::carrier, Role::tenant, Role::auditor});
    question.carriers = {0, 1, 2};
    if (caller.role == Role::carrier) {
        question.carriers = {dice.below(carrierCount)};
        caller.carriers = {carrierId(question.carriers[0])};
    }
    if (caller.role == Role::tenant) {
        const std::size_t tenant = dice.below(tenantCount);
        caller.tenant = tenantId(tenant);
        if (tenant == 0) question.carriers = {0, 1};
        question.query.filters.tenant = caller.tenant;
    }
    question.query.role = caller.role;
    question.query.now = now;
    return caller;
}

template <class T>
std::vector<T> someOf(Dice& dice, std::initializer_list<T> values) {
    std::vector<T> out;
    if (dice.chance(6))
        for (const T& value : values)
            if (dice.chance(2)) out.push_back(value);
    return out;
}

// What kept figures tell, as far as its borders and zone allow.
void askForHours(Dice& dice, quality::Query& query) {
    query.filters = {.tenant = query.filters.tenant};
    query.groupBy.clear();
    for (const Dimension dimension : {Dimension::carrier, Dimension::day, Dimension::hour})
        if (dice.chance(2)) query.groupBy.push_back(dimension);
    if (dice.chance(4)) return;
    constexpr std::int64_t hourMs = 3'600'000;
    query.from = Instant{query.from.ms / hourMs * hourMs};
    query.to = Instant{query.to.ms / hourMs * hourMs + hourMs};
}

exchange::QualityRequest QualityAgainstAModel::randomRequest(Dice& dice, Caller& caller, ModelQuestion& question) {
    caller = randomCaller(dice, question);
    quality::Query& query = question.query;
    query.from = now - minutes(static_cast<std::int64_t>(dice.below(36 * 1'440)));
    query.to = query.from + minutes(static_cast<std::int64_t>(1 + dice.below(20 * 1'440)));
    query.zone = *TimeZone::load(dice.of({"UTC", "Europe/Zurich", "Asia/Kathmandu", "America/St_Johns"}));
    for (std::uint64_t n = dice.below(4); n > 0; --n) {
        const auto dimension = static_cast<Dimension>(dice.below(quality::dimensionCount));
        if (!query.groups(dimension)) query.groupBy.push_back(dimension);
    }
    quality::Filters& filters = query.filters;
    filters.testCalls = dice.of({quality::TestCalls::exclude, quality::TestCalls::exclude, quality::TestCalls::only,
                                 quality::TestCalls::include});
    filters.trunks = someOf<std::string>(dice, {"sbc1", "sbc2", ""});
    filters.regions = someOf<std::string>(dice, {"EUNO", "USWE"});
    filters.codecs = someOf<std::string>(dice, {"silk", "opus"});
    filters.ownCountries = someOf<std::string>(dice, {"CH", "US"});
    filters.farEndCountries = someOf<std::string>(dice, {"DE", "CA", "KZ"});
    filters.sipCodes = someOf<std::int32_t>(dice, {200, 486, 503});
    filters.q850Causes = someOf<std::int32_t>(dice, {17, 34, 41});
    if (dice.chance(6)) filters.direction = dice.of({domain::Direction::inbound, domain::Direction::outbound});
    query.comparePrevious = dice.chance(3);
    if (dice.chance(3)) askForHours(dice, query);
    exchange::QualityRequest request;
    if (caller.role != Role::tenant && dice.chance(6))
        filters.tenant = request.tenantId = tenantId(dice.below(tenantCount));
    // A carrier sees only tenants that it has a consent with.
    if (caller.role == Role::carrier && question.carriers[0] == 2 && request.tenantId == tenantId(0))
        filters.tenant = request.tenantId = std::nullopt;
    if (caller.role != Role::carrier && dice.chance(5)) {
        const std::size_t one = question.carriers[dice.below(question.carriers.size())];
        question.carriers = {one};
        request.carrierId = carrierId(one);
    }
    request.query = query;
    request.limit = 100'000;
    return request;
}

std::string keyText(const quality::Query& query, const quality::GroupKey& key) {
    std::string text;
    for (std::size_t i = 0; i < key.size(); ++i) {
        if (key[i].index() == 0) text += "~";
        if (const auto* word = std::get_if<std::string>(&key[i])) text += *word;
        if (const auto* number = std::get_if<std::int64_t>(&key[i])) {
            if (query.groupBy[i] == Dimension::hour)
                text += formatInstant({*number});
            else if (query.groupBy[i] == Dimension::day)
                text += formatDay({static_cast<std::int32_t>(*number)});
            else
                text += std::to_string(*number);
        }
        text += "|";
    }
    return text;
}

std::map<std::string, std::uint64_t> countsOf(const quality::Figures& figures) {
    const auto& c = figures.calls;
    const auto& s = figures.streams;
    std::map<std::string, std::uint64_t> counts{{"bids", c.bids},
                                                {"seizures", c.seizures},
                                                {"answered", c.answered},
                                                {"delivered", c.delivered},
                                                {"sessions", c.sessions},
                                                {"effective", c.effective},
                                                {"connectedMs", c.connectedMs},
                                                {"rung", c.rung},
                                                {"postDialMs", c.postDialMs},
                                                {"good", c.good},
                                                {"poor", c.poor},
                                                {"withoutStreams", c.withoutStreams},
                                                {"streams", s.streams},
                                                {"streams.good", s.good},
                                                {"streams.poor", s.poor},
                                                {"streams.unclassified", s.unclassified},
                                                {"withoutPackets", s.withoutPackets},
                                                {"mosWithoutPackets", s.mosWithoutPackets}};
    std::erase_if(counts, [](const auto& count) { return count.second == 0; });
    return counts;
}

// What differs between a group of the answer and the model's; "" if nothing does.
std::string difference(const quality::Figures& got, ModelGroup wanted) {
    std::erase_if(wanted.counts, [](const auto& count) { return count.second == 0; });
    if (const auto counts = countsOf(got); counts != wanted.counts)
        return ::testing::PrintToString(counts) + " instead of " + ::testing::PrintToString(wanted.counts);
    for (const Figure figure :
         {Figure::postDialMs, Figure::jitterMs, Figure::lossRatio, Figure::roundTripMs, Figure::mos}) {
        const std::string name(quality::name(figure));
        const quality::Distribution& distribution = got[figure];
        const std::vector<double>& values = wanted.values[name];
        if (distribution.count() != values.size()) return name + ": another number of values";
        double sum = 0, largest = wanted.peaks[name];
        for (const double value : values) {
            sum += value;
            largest = std::max(largest, value);
        }
        if (std::abs(distribution.sum() - sum) > 1e-9 * (sum + 1)) return name + ": another sum";
        if (!values.empty() && distribution.largest() != largest) return name + ": another largest value";
        if (!values.empty() && distribution.smallest() != nearestRank(values, 0))
            return name + ": another smallest value";
        for (const double percent : {1.0, 5.0, 50.0, 95.0, 99.0}) {
            const auto exact = nearestRank(values, percent), given = distribution.percentile(percent);
            if (exact.has_value() != given.has_value()) return name + ": a percentile of nothing";
            const double allowed = distribution.isExact() ? 0 : quality::Distribution::relativeError;
            if (exact && std::abs(*exact - *given) > *exact * allowed) return name + ": another percentile";
        }
        if (distribution.isExact() != (values.size() <= quality::Distribution::exactValues))
            return name + ": not as exact as it says";
    }
    return "";
}

// The same for a whole answer.
std::string difference(const exchange::QualityPage& page, const quality::Query& query, ModelAnswer wanted) {
    for (const auto& [key, figures] : page.groups) {
        const std::string text = keyText(query, key);
        if (!wanted.contains(text)) return "a group of nothing: " + text;
        for (const auto& [got, period] : {std::pair(&figures.asked, 0), std::pair(&figures.previous, 1)})
            if (const std::string what = difference(*got, wanted[text][static_cast<std::size_t>(period)]);
                !what.empty())
                return text + ": " + what;
        wanted.erase(text);
    }
    return wanted.empty() ? "" : "no group " + wanted.begin()->first;
}

TEST_P(QualityAgainstAModel, AnswersAreThoseOfOneMoment) {
    const char* const given = std::getenv("MEETPOINT_SEED");
    const std::uint64_t seed = given ? std::stoull(given) : defaultSeed;
    SCOPED_TRACE("MEETPOINT_SEED=" + std::to_string(seed));
    constexpr std::size_t questions = 2'500, appendCount = 150;
    Dice dice(seed);
    const std::vector<Append> appends = randomAppends(dice, appendCount);
    std::vector<std::string> carrierIds;
    for (std::size_t i = 0; i < carrierCount; ++i)
        carrierIds.push_back(formatId(carrierId(i)));
    const exchange::QualityLimits limits;
    const exchange::CursorKey cursors{Bytes(32)};
    exchange::SweepHelpers helpers(2);
    const exchange::QualityDesk desk{*services_, limits, cursors, helpers};

    std::atomic<std::size_t> asked = 0, begun = 0, stored = 0;
    std::thread ingest([&] {
        for (std::size_t i = 0; i < appends.size(); ++i) {
            // Spread over the questions: an append after every so many of them.
            while (asked.load() < i * questions / appendCount)
                std::this_thread::yield();
            begun = i + 1;
            append(appends[i]);
            stored = i + 1;
            if (i % 5 == 4) (void)upkeep_->pass([](const exchange::UpkeepDone&) {});
            if (i % 6 == 5) keepFigures();
        }
    });
    std::size_t merged = 0;
    for (; asked < questions && !HasFailure(); ++asked) {
        Caller caller;
        ModelQuestion question;
        const exchange::QualityRequest request = randomRequest(dice, caller, question);
        const std::size_t atLeast = stored;
        const auto page = exchange::readQuality(desk, caller, request);
        const std::size_t atMost = begun;
        ASSERT_TRUE(page) << page.error().code << " " << page.error().message << page.error().internal;
        std::string what = "nothing was tried";
        for (std::size_t moment = atLeast; moment <= atMost && !what.empty(); ++moment)
            what = difference(*page, question.query, answerOf(stateAfter(appends, moment), carrierIds, question));
        EXPECT_EQ(what, "") << "question " << asked << ", between " << atLeast << " and " << atMost << " appends";
        merged += page->groups.size();
    }
    asked = questions;
    ingest.join();
    EXPECT_GT(merged, questions) << "the questions were about nothing";
    EXPECT_GT(figuresKept_, 20u);
}

INSTANTIATE_TEST_SUITE_P(Stores, QualityAgainstAModel, MEETPOINT_STORES,
                         store::testing::nameOfCase<::testing::TestParamInfo<StoreEngine>>);

}  // namespace
}  // namespace meetpoint::outside
