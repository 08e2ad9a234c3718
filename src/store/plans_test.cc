// Look-ups that must not grow with what else is stored: which index SQLite takes for them. It knows no figures of its
// tables, so it may prefer an index in the order that is wanted to the one that finds the rows.
#include <gtest/gtest.h>

#include "store/ledger.h"
#include "store/numbers.h"
#include "store/ports.h"
#include "store/testing/test_store.h"

namespace meetpoint::store {
namespace {

// Answers each query with nothing, and notes down how the store would have come to an answer.
class PlanTx : public Tx {
public:
    explicit PlanTx(Tx& tx) : tx_(tx) {}
    Result<std::int64_t> execute(std::string_view, std::span<const Value>) override { return noWrites(); }
    Result<void> executeLater(std::string_view, std::span<const Value>) override { return noWrites(); }
    Result<void> query(std::string_view sql, std::span<const Value> parameters, const RowFunction&) override {
        return tx_.query("EXPLAIN QUERY PLAN " + std::string(sql), parameters,
                         [&](const Row& row) { plan += std::string(row.text(3)) + "\n"; });
    }
    Result<void> copyIn(const RowBatch&) override { return noWrites(); }
    void onCommit(std::function<void()>) override {}
    void announce(std::string) override {}

    std::string plan;

private:
    static tl::unexpected<Error> noWrites() { return fail(internalError("a look-up writes")); }
    Tx& tx_;
};

std::string planOf(const std::function<Result<void>(Tx&)>& lookUp) {
    const testing::StorePlace place(testing::StoreEngine::sqlite);
    const ManualClock clock{{1'700'000'000'000}};
    const auto db = place.open(clock);
    std::string plan;
    EXPECT_TRUE(db && (*db)->read([&](Tx& tx) -> Result<void> {
        PlanTx plans(tx);
        TRY(lookUp(plans));
        plan = plans.plan;
        return {};
    }));
    return plan;
}

void expectHas(const std::string& plan, std::string_view part) {
    EXPECT_NE(plan.find(part), std::string::npos) << part << " is not in\n" << plan;
    EXPECT_EQ(plan.find("SCAN"), std::string::npos) << plan;
}

constexpr Id some{{1}}, other{{2}};

TEST(Plans, NumbersOfATargetAreFoundByIt) {
    expectHas(planOf([](Tx& tx) -> Result<void> {
                  TRY(numbersOfTarget(tx, some, other));
                  return {};
              }),
              "numbers_by_target (tenant_id=? AND target_id=?)");
    expectHas(planOf([](Tx& tx) -> Result<void> {
                  NumberQuery query;
                  query.tenant = some;
                  query.target = other;
                  TRY(listNumbers(tx, query));
                  return {};
              }),
              "numbers_by_target (tenant_id=? AND target_id=?)");
}

TEST(Plans, TargetsAreFoundByTheirNames) {
    TargetQuery query;
    query.type = "user";
    query.userPrincipalName = "Ada@example.com";
    const auto search = [&](Tx& tx) -> Result<void> {
        TRY(searchTargets(tx, some, query));
        return {};
    };
    expectHas(planOf(search), "targets_by_name (tenant_id=? AND <expr>=?)");
    query.userPrincipalName.reset();
    query.externalId = "x-1";
    expectHas(planOf(search), "targets_by_external_id (tenant_id=? AND <expr>=?)");
}

TEST(Plans, ConsentsAreFoundByTheirPair) {
    expectHas(planOf([](Tx& tx) -> Result<void> {
                  TRY(listConsents(tx, some, other));
                  return {};
              }),
              "consents_by_pair (tenant_id=? AND carrier_id=?)");
}

TEST(Plans, PortsAreFoundByEitherSide) {
    const std::string plan = planOf([](Tx& tx) -> Result<void> {
        TRY(listPorts(tx, some, other, 10));
        return {};
    });
    expectHas(plan, "ports_by_gaining (gaining_carrier_id=?");
    expectHas(plan, "ports_by_losing (losing_carrier_id=?");
}

}  // namespace
}  // namespace meetpoint::store
