#include "base/id.h"

#include <gtest/gtest.h>

namespace meetpoint {
namespace {

TEST(Id, LaterIdsSortLaterAndReadBack) {
    ManualClock clock({1'700'000'000'000});
    SeededRandom random(7);
    const Id first = makeId(clock, random);
    clock.advance(milliseconds(1));
    const Id second = makeId(clock, random);
    EXPECT_LT(first, second);
    EXPECT_EQ(*parseId(formatId(second)), second);
    EXPECT_EQ(formatId(first)[14], '7');
}

TEST(Id, RefusesWhatIsNoUuid) {
    for (auto text : {"", "018f3c2e7d1a7c559a510b7c6f2d8a10", "018f3c2e-7d1a-7c55-9a51-0b7c6f2d8a1g"})
        EXPECT_EQ(parseId(text).error().code, "bad-id") << text;
}

}  // namespace
}  // namespace meetpoint
