// A node with a clock of its own, on a store that it may share. Never part of the product.
#pragma once

#include <gtest/gtest.h>

#include "columns/content_hash.h"
#include "exchange/ledger_cache.h"
#include "exchange/services.h"
#include "store/ledger.h"
#include "store/testing/call_records.h"

namespace meetpoint::exchange::testing {

struct TestNode {
    TestNode(store::Db& db, Instant now, std::uint64_t seed)
        : clock(now), lanes(KeyedHash({1, 2, 3}), clock), random(seed), services{db,    lanes,  ledger,
                                                                                 clock, random, StoreKind::sandbox} {}

    // A carrier without records.
    store::Carrier addCarrier(const Id& id, const std::string& name) {
        store::Carrier carrier;
        EXPECT_TRUE(services.db.write(store::ledgerWrite(), [&](store::Tx& tx) -> Result<void> {
            TRY_ASSIGN(carrier, store::insertCarrier(tx, {id, 0, name, "", 2000, clock.now(), 1}));
            return store::raiseLedgerChanges(tx);
        }));
        return carrier;
    }
    void append(store::LaneId lane, const std::vector<store::testing::Call>& calls) {
        auto records = store::testing::recordsOf(calls);
        auto fingerprints = columns::fingerprints(records);
        const auto prepared = lanes.prepare(lane, std::move(records), std::move(fingerprints));
        const auto written =
            services.db.write(store::recordsWrite(lane.shardKey, calls.size()), [&](store::Tx& tx) -> Result<void> {
                TRY(lanes.append(tx, prepared, "test"));
                return {};
            });
        EXPECT_TRUE(written) << written.error().message << written.error().internal;
    }
    // For background work: whether it is asked to stop. Once it has been asked `stopsAfter` times, it says so once.
    bool stops() { return stopsAfter > 0 && --stopsAfter == 0; }

    ManualClock clock;
    store::Lanes lanes;
    LedgerCache ledger;
    SeededRandom random;
    Services services;
    int stopsAfter = 0;
};

// Lets background work (StatementMaker, DayKeeper …) pass until nothing is due; each report goes to `use`.
template <class Work, class Use>
void workOff(Work& work, Use use) {
    for (bool more = true; more;) {
        const auto passed = work.pass([&](const auto& done) {
            EXPECT_FALSE(done.failure) << done.failure->message << done.failure->internal;
            use(done);
        });
        EXPECT_TRUE(passed) << passed.error().message << passed.error().internal;
        more = passed && *passed;
    }
}

}  // namespace meetpoint::exchange::testing
