// A test on a store of each kind, whose statements are judged (checked_db). Never part of the product.
#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "store/testing/checked_db.h"
#include "store/testing/test_store.h"

namespace meetpoint::store::testing {

class StoreFixture : public ::testing::TestWithParam<StoreEngine> {
protected:
    explicit StoreFixture(Instant now) : clock_(now) {}

    // Who overrides it calls it first, and goes on only where isOpen().
    void SetUp() override {
        if (!isAvailable(GetParam())) GTEST_SKIP() << "MEETPOINT_TEST_POSTGRES names no server";
        place_ = std::make_unique<StorePlace>(GetParam());
        auto opened = place_->open(clock_);
        ASSERT_TRUE(opened) << opened.error().message << opened.error().internal;
        db_ = checkStatements(std::move(*opened), findings_);
    }
    void TearDown() override { EXPECT_THAT(findings_.findings(), ::testing::IsEmpty()); }
    bool isOpen() const { return db_ != nullptr; }

    ManualClock clock_;
    StatementFindings findings_;
    std::unique_ptr<StorePlace> place_;
    std::unique_ptr<Db> db_;
};

}  // namespace meetpoint::store::testing
