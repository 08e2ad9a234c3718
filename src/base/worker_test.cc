#include "base/worker.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace meetpoint {
namespace {

TEST(Worker, RunsInOrderAndGivesEachResult) {
    std::vector<int> done;
    std::vector<std::future<Result<void>>> results;
    Worker worker(2);
    for (int i = 0; i < 100; ++i)
        results.push_back(worker.submit([&done, i]() -> Result<void> {
            done.push_back(i);
            if (i % 10 == 7) return fail(conflict("seven", "No sevens."));
            return {};
        }));
    for (int i = 0; i < 100; ++i)
        EXPECT_EQ(results[static_cast<std::size_t>(i)].get().has_value(), i % 10 != 7);
    ASSERT_EQ(done.size(), 100u);
    EXPECT_TRUE(std::ranges::is_sorted(done));
}

TEST(Worker, WorkThatThrowsIsAnErrorAndTheNextGoesOn) {
    Worker worker(2);
    auto thrown = worker.submit([]() -> Result<void> { throw std::bad_alloc(); });
    auto next = worker.submit([]() -> Result<void> { return {}; });
    const auto result = thrown.get();
    ASSERT_FALSE(result);
    EXPECT_EQ(result.error().kind, ErrorKind::internal);
    EXPECT_TRUE(next.get());
}

TEST(Worker, RunsWhatWaitsBeforeItEnds) {
    std::atomic<int> done = 0;
    std::promise<void> gate;
    auto open = gate.get_future();
    {
        Worker worker(8);
        (void)worker.submit([&]() -> Result<void> {
            open.wait();
            return {};
        });
        for (int i = 0; i < 8; ++i)
            (void)worker.submit([&]() -> Result<void> {
                ++done;
                return {};
            });
        gate.set_value();
    }
    EXPECT_EQ(done, 8);
}

TEST(Worker, MakesItsProducerWaitWhereTooMuchWaits) {
    std::promise<void> gate;
    auto open = gate.get_future();
    std::atomic<int> given = 0;
    Worker worker(1);
    (void)worker.submit([&]() -> Result<void> {
        open.wait();
        return {};
    });
    std::thread producer([&] {
        for (int i = 0; i < 3; ++i) {
            (void)worker.submit([]() -> Result<void> { return {}; });
            ++given;
        }
    });
    while (given < 1)
        std::this_thread::yield();
    EXPECT_LT(given, 3) << "the third cannot be taken while the first still runs";
    gate.set_value();
    producer.join();
    EXPECT_EQ(given, 3);
}

}  // namespace
}  // namespace meetpoint
