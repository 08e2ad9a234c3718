#include <gtest/gtest.h>

#include "domain/access.h"
#include "exchange/cursors.h"
#include "exchange/item_records.h"
#include "exchange/ledger_cache.h"
#include "exchange/projection.h"
#include "exchange/stamp.h"
#include "exchange/tokens.h"
#include "store/sqlite.h"

namespace meetpoint::exchange {
namespace {

namespace fs = std::filesystem;
using columns::CallCore;
using columns::CallParties;
using columns::LaneKind;
using columns::Part;
using columns::Records;

constexpr Instant start{1'772'000'000'000};
const Id alp{{1}}, bay{{2}}, acme{{11}}, zeta{{12}};
constexpr std::uint64_t number = 41446681800;

// A ledger of two carriers and two tenants: `number` was held by alp for acme, then from hour 10 on by bay for zeta.
class LedgerRules : public testing::Test {
protected:
    LedgerRules()
        : folder_(fs::temp_directory_path() / ("meetpoint-rules-" + std::to_string(::getpid()) + "-" +
                                               testing::UnitTest::GetInstance()->current_test_info()->name())) {
        fs::remove_all(folder_);
        db_ = std::move(*store::openSqlite(folder_, {}, clock_, silentLog()));
        const auto made = db_->write(store::ledgerWrite(), [](store::Tx& tx) -> Result<void> {
            TRY(store::insertCarrier(tx, {alp, 0, "Alp", "CH", 2000, start, 1}));
            TRY(store::insertCarrier(tx, {bay, 0, "Bay", "", 2000, start, 1}));
            TRY(store::insertTenant(tx, {acme, "Acme", "CH", "acme.example", start, 1}));
            TRY(store::insertTenant(tx, {zeta, "Zeta", "US", "zeta.example", start, 1}));
            TRY(consent(tx, Id{{21}}, acme, alp, start, start + hours(100)));
            TRY(consent(tx, Id{{22}}, zeta, bay, start, std::nullopt));
            TRY(store::insertHolderChange(tx, {0, {number}, start, alp, acme, "ref-7"}));
            TRY(store::insertHolderChange(tx, {0, {number}, start + hours(10), bay, zeta, std::nullopt}));
            return store::raiseLedgerChanges(tx);
        });
        EXPECT_TRUE(made) << made.error().internal;
        refresh();
    }
    ~LedgerRules() override {
        db_.reset();
        fs::remove_all(folder_);
    }

    static Result<void> consent(store::Tx& tx, const Id& id, const Id& tenant, const Id& carrier, Instant from,
                                std::optional<Instant> until) {
        store::Consent consent;
        consent.id = id;
        consent.tenantId = tenant;
        consent.carrierId = carrier;
        consent.noticeVersion = "1";
        consent.acceptedAt = from;
        TRY(store::insertConsent(tx, consent));
        consent.state = until ? domain::ConsentState::ended : domain::ConsentState::agreementSigned;
        consent.signedAt = from;
        consent.endedAt = until;
        consent.version = 2;
        TRY(store::updateConsent(tx, consent));
        return {};
    }
    void refresh() {
        EXPECT_TRUE(db_->read([&](store::Tx& tx) { return ledger_.refresh(tx); }));
    }

    static Records callAt(Instant at, std::uint64_t own = number) {
        Records records(LaneKind::calls);
        for (const Part part : {Part::core, Part::parties, Part::internal})
            for (std::size_t c = 0; c < records.part(part).columnCount(); ++c) {
                auto& column = records.part(part)[c];
                const bool isTime = part == Part::core && (c == static_cast<std::size_t>(CallCore::invitedAt) ||
                                                           c == static_cast<std::size_t>(CallCore::endedAt));
                if (isTime)
                    column.append(at);
                else if (part == Part::core && c == static_cast<std::size_t>(CallCore::ownNumber))
                    column.append<std::uint64_t>(own);
                else if (part == Part::core && c == static_cast<std::size_t>(CallCore::farEndPrefix))
                    column.append<std::uint64_t>(41791234567);
                else if (part == Part::parties && c == static_cast<std::size_t>(CallParties::farEndNumber))
                    column.append<std::uint64_t>(41791234567);
                else if (part == Part::internal && c == 0)
                    column.append(Id{{99}});
                else
                    column.appendNull();
            }
        return records;
    }
    Stamped stamp(Instant at, std::uint64_t own = number) {
        return stampCalls(ledger_.view(), callAt(at, own), {0}, start + hours(20));
    }

    fs::path folder_;
    ManualClock clock_{start};
    std::unique_ptr<store::Db> db_;
    LedgerCache ledger_;
};

TEST_F(LedgerRules, ACallBelongsToWhoHeldItsNumberThen) {
    const auto ledger = [&] { return ledger_.view(); };
    const std::int64_t alpShard = ledger().carrier(alp)->shardKey, bayShard = ledger().carrier(bay)->shardKey;
    EXPECT_EQ(stamp(start + hours(10) - milliseconds(1)).groups.at(0).shardKey, alpShard);
    EXPECT_EQ(stamp(start + hours(10)).groups.at(0).shardKey, bayShard);
    EXPECT_EQ(stamp(start - milliseconds(1)).groups.at(0).shardKey, unattributedShard) << "nobody held it yet";
    EXPECT_EQ(stamp(start, number + 1).groups.at(0).shardKey, unattributedShard) << "nobody ever held it";
    const Stamped stamped = stamp(start);
    const auto& core = stamped.groups.at(0).records.part(Part::core);
    EXPECT_EQ(core[CallCore::tenantId].id(0), acme);
    EXPECT_EQ(core[CallCore::reference].text(0), "ref-7");
    EXPECT_EQ(core[CallCore::farEndMaskedDigits].at<std::uint8_t>(0), 4) << "Switzerland hides four digits";
    EXPECT_EQ(core[CallCore::farEndPrefix].at<std::uint64_t>(0), 4179123u);
}

TEST_F(LedgerRules, ConsentIsJudgedAtTheTimeOfTheCall) {
    const auto at = [&](Instant call, Instant now) {
        return stampCalls(ledger_.view(), callAt(call), {0}, now).groups.at(0).shardKey;
    };
    const std::int64_t alpShard = ledger_.view().carrier(alp)->shardKey;
    EXPECT_EQ(at(start + hours(1), start + hours(200)), alpShard)
        << "late versions of a covered call are taken during the wind-down";
    EXPECT_EQ(at(start + hours(1), start + hours(100) + days(91)), unattributedShard) << "and not after it";
}

TEST_F(LedgerRules, HolderChangesReachTheCacheOnTheNextLook) {
    EXPECT_TRUE(db_->write(store::ledgerWrite(), [&](store::Tx& tx) {
        return store::insertHolderChange(tx,
                                         {0, {number}, start + hours(15), std::nullopt, std::nullopt, std::nullopt});
    }));
    EXPECT_NE(ledger_.view().holderAt(number, start + hours(16)), nullptr);
    refresh();
    EXPECT_EQ(ledger_.view().holderAt(number, start + hours(16)), nullptr);
    EXPECT_NE(ledger_.view().holderAt(number, start + hours(14)), nullptr);
    EXPECT_EQ(ledger_.view().holdersWithin(number, start + hours(9), start + hours(11)).size(), 2u);
    EXPECT_EQ(ledger_.view().holdersWithin(number, start + hours(16), start + hours(17)).size(), 0u);
}

TEST_F(LedgerRules, ProjectionHidesWhatEachRoleMayNotSee) {
    const Stamped stamped = stamp(start);
    const auto see = [&](domain::Role role, Instant now) {
        return project(ledger_.view(), stamped.groups.at(0).records, role, now);
    };
    const Records carrier = see(domain::Role::carrier, start + hours(1));
    EXPECT_EQ(carrier.part(Part::parties)[CallParties::farEndNumber].at<std::uint64_t>(0), 41791234567u);
    EXPECT_TRUE(carrier.part(Part::internal)[0].isNull(0)) << "user ids are the platform's and the tenant's";
    const Records later = see(domain::Role::carrier, start + days(31));
    EXPECT_TRUE(later.part(Part::parties)[CallParties::farEndNumber].isNull(0));
    EXPECT_EQ(later.part(Part::core)[CallCore::farEndPrefix].at<std::uint64_t>(0), 4179123u);
    const Records tenant = see(domain::Role::tenant, start + hours(1));
    EXPECT_TRUE(tenant.part(Part::parties)[CallParties::farEndNumber].isNull(0))
        << "a Swiss tenant sees masked numbers";
    EXPECT_FALSE(tenant.part(Part::internal)[0].isNull(0));
}

TEST(Cursors, AreBoundToFeedAndReader) {
    const CursorKey key(Bytes(32, 7));
    const std::string cursor = key.write("calls/3", 42, "client-a");
    EXPECT_EQ(*key.read(cursor, "calls/3", "client-a"), 42);
    EXPECT_EQ(key.read(cursor, "calls/4", "client-a").error().code, "bad-cursor");
    EXPECT_EQ(key.read(cursor, "calls/3", "client-b").error().code, "bad-cursor");
    EXPECT_EQ(CursorKey(Bytes(32, 8)).read(cursor, "calls/3", "client-a").error().code, "bad-cursor");
    for (std::size_t i = 0; i < cursor.size(); ++i) {
        std::string changed = cursor;
        changed[i] = changed[i] == 'A' ? 'B' : 'A';
        EXPECT_FALSE(key.read(changed, "calls/3", "client-a")) << i;
    }
    EXPECT_LE(cursor.size(), 512u);
}

TEST(Tokens, AreReadBackUntilTheyExpireAndNeverWhenForged) {
    const TokenKey key = *TokenKey::fromSeed(Bytes(32, 1));
    const domain::Caller caller{
        "client-a", domain::Role::carrier, {alp, bay}, std::nullopt, {"calls.read", "numbers.read"}};
    const std::string token = key.issue(caller, StoreKind::live, Id{{5}}, start, minutes(30));
    const auto back = key.verify(token, StoreKind::live, start + minutes(29));
    ASSERT_TRUE(back) << back.error().internal;
    EXPECT_EQ(back->clientId, "client-a");
    EXPECT_EQ(back->carriers, caller.carriers);
    EXPECT_EQ(back->scopes, caller.scopes);
    EXPECT_EQ(key.verify(token, StoreKind::live, start + minutes(30)).error().code, "token-expired");
    EXPECT_EQ(key.verify(token, StoreKind::sandbox, start).error().code, "token-invalid")
        << "a token of a live store in a sandbox";
    EXPECT_EQ(TokenKey::fromSeed(Bytes(32, 2))->verify(token, StoreKind::live, start).error().code, "token-invalid");
    EXPECT_EQ(key.named("https://a.example").verify(token, StoreKind::live, start).error().code, "token-invalid")
        << "a token of another issuer";
    EXPECT_EQ(key.verify("", StoreKind::live, start).error().code, "token-missing");
    const std::string none = toBase64Url(viewOf(R"({"alg":"none"})")) +
                             token.substr(token.find('.'), token.rfind('.') - token.find('.')) + ".";
    EXPECT_EQ(key.verify(none, StoreKind::live, start).error().code, "token-invalid");
}

TEST(Tokens, OfAsManyCarriersAsAClientMayHavePassProxies) {
    const TokenKey key = *TokenKey::fromSeed(Bytes(32, 1));
    domain::Caller caller{"client-a", domain::Role::carrier, {}, std::nullopt, {}};
    for (std::size_t i = 0; i < domain::carriersPerClient; ++i)
        caller.carriers.push_back(Id{{static_cast<std::uint8_t>(i), 1, 2, 3}});
    const std::string_view all[] = {domain::scope::callsRead, domain::scope::numbersRead,
                                    domain::scope::webhooksManage};
    for (int i = 0; i < 10; ++i)
        caller.scopes.insert(caller.scopes.end(), std::begin(all), std::end(all));
    const std::string token = key.issue(caller, StoreKind::live, Id{{5}}, start, minutes(30));
    EXPECT_LT(token.size(), 7'500u);
    const auto back = key.verify(token, StoreKind::live, start);
    ASSERT_TRUE(back) << back.error().internal;
    EXPECT_EQ(back->carriers, caller.carriers);
}

TEST(Items, ARunStoresOnlyWhatChanged) {
    const auto itemsOf = [](std::initializer_list<std::pair<int, int>> idsAndStates) {
        Records records(LaneKind::items);
        auto& core = records.part(Part::core);
        for (const auto& [id, state] : idsAndStates)
            for (std::size_t c = 0; c < core.columnCount(); ++c) {
                if (c == static_cast<std::size_t>(columns::ItemCore::itemId))
                    core[c].append(Id{{static_cast<std::uint8_t>(id)}});
                else if (core[c].type() == columns::ColumnType::uint8)
                    core[c].append<std::uint8_t>(
                        c == static_cast<std::size_t>(columns::ItemCore::state) ? static_cast<std::uint8_t>(state) : 0);
                else if (core[c].field().nullable)
                    core[c].appendNull();
                else
                    core[c].type() == columns::ColumnType::int32 ? core[c].append<std::int32_t>(0)
                                                                 : core[c].append<std::int64_t>(0);
            }
        return records;
    };
    const Records before = itemsOf({{1, 0}, {2, 0}, {3, 6}});
    const auto& old = before.part(Part::core);
    // What a run stores of its items.
    const auto changesBy = [&](Records now) {
        EarlierItems earlier;
        for (std::size_t row = 0; row < old.rows(); ++row)
            earlier.add(old, row);
        for (std::size_t row = 0; row < now.rows(); ++row)
            now.part(Part::core)[columns::ItemCore::run].set<std::int32_t>(row, 2);
        Records changes = earlier.changesOf(std::move(now));
        std::size_t gone = 0;
        for (std::size_t row = 0; row < old.rows(); ++row) {
            if (!earlier.isGone(old[columns::ItemCore::itemId].id(row))) continue;
            EarlierItems::appendGone(old, row, 2, changes);
            ++gone;
        }
        EXPECT_EQ(earlier.hasGone(), gone > 0);
        return changes;
    };
    EXPECT_EQ(changesBy(itemsOf({{3, 6}, {1, 0}, {2, 0}})).rows(), 0u) << "whatever the order";
    const Records changes = changesBy(itemsOf({{1, 0}, {2, 2}, {4, 0}}));
    ASSERT_EQ(changes.rows(), 3u);
    const auto& core = changes.part(Part::core);
    std::map<int, ItemChange> byId;
    for (std::size_t row = 0; row < 3; ++row) {
        byId[core[columns::ItemCore::itemId].id(row).bytes[0]] =
            static_cast<ItemChange>(core[columns::ItemCore::changed].at<std::uint8_t>(row));
        EXPECT_EQ(core[columns::ItemCore::run].at<std::int32_t>(row), 2);
    }
    EXPECT_EQ(byId,
              (std::map<int, ItemChange>{{2, ItemChange::changed}, {3, ItemChange::gone}, {4, ItemChange::created}}));
}

}  // namespace
}  // namespace meetpoint::exchange
