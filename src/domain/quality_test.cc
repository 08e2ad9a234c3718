#include "domain/quality.h"

#include <numeric>

#include <gtest/gtest.h>

namespace meetpoint::domain {
namespace {

using enum StreamQuality;

// One stream on each side of every published threshold, and some without anything to go by.
struct GoldenStream {
    const char* what;
    StreamFigures figures;
    StreamQuality published;
    std::vector<QualityFigure> reasons{};
};

const GoldenStream golden[] = {
    {"audio degradation at 1.0", {.audioDegradation = 1.0}, good},
    {"audio degradation above 1.0", {.audioDegradation = 1.01}, poor, {QualityFigure::audioDegradation}},
    {"round trip at 500 ms", {.roundTripMs = 500}, good},
    {"round trip above 500 ms", {.roundTripMs = 500.5}, poor, {QualityFigure::roundTripMs}},
    {"loss at 10 %", {.lossRatio = 0.1}, good},
    {"loss above 10 %", {.lossRatio = 0.1001}, poor, {QualityFigure::lossRatio}},
    {"jitter at 30 ms", {.jitterMs = 30}, good},
    {"jitter above 30 ms", {.jitterMs = 30.25}, poor, {QualityFigure::jitterMs}},
    {"concealed samples at 7 %", {.concealedRatio = 0.07}, good},
    {"concealed samples above 7 %", {.concealedRatio = 0.0701}, poor, {QualityFigure::concealedRatio}},
    {"all at their limits",
     {.audioDegradation = 1.0, .roundTripMs = 500, .lossRatio = 0.1, .jitterMs = 30, .concealedRatio = 0.07},
     good},
    {"two beyond",
     {.roundTripMs = 600, .lossRatio = 0.01, .jitterMs = 31},
     poor,
     {QualityFigure::roundTripMs, QualityFigure::jitterMs}},
    {"one figure is enough for good", {.jitterMs = 0}, good},
    {"packets and figures", {.jitterMs = 4, .packets = 3'000}, good},
    {"nothing measured", {}, unclassified},
    {"packets and nothing measured", {.packets = 3'000}, unclassified},
    {"no packets: what stands beside them is no measurement",
     {.lossRatio = 1.0, .jitterMs = 99, .packets = 0},
     unclassified},
};

TEST(StreamQuality, IsAsPublished) {
    for (const GoldenStream& stream : golden) {
        EXPECT_EQ(qualityOf(stream.figures), stream.published) << stream.what;
        std::vector<QualityFigure> figures;
        for (const QualityReason& reason : reasonsOf(stream.figures)) {
            figures.push_back(reason.figure);
            EXPECT_GT(reason.value, reason.limit) << stream.what;
        }
        EXPECT_EQ(figures, stream.reasons) << stream.what;
    }
}

// Records keep float32, whose 0.1 is a little more than that of a double.
TEST(StreamQuality, JudgesAStoredFigureLikeTheOneThatWasSent) {
    for (const double limit : {0.1, 0.07, 0.3, 30.1}) {
        const double stored = static_cast<float>(limit);
        EXPECT_EQ(qualityOf({.lossRatio = stored}, {.lossRatio = limit}), good) << limit;
        EXPECT_EQ(qualityOf({.jitterMs = stored}, {.jitterMs = limit}), good) << limit;
    }
}

TEST(StreamQuality, GoesByTheLimitsThatItIsGiven) {
    const QualityLimits strict{.jitterMs = 10};
    EXPECT_EQ(qualityOf({.jitterMs = 11}), good);
    EXPECT_EQ(qualityOf({.jitterMs = 11}, strict), poor);
    const auto reasons = reasonsOf({.jitterMs = 11}, strict);
    ASSERT_EQ(reasons.size(), 1u);
    EXPECT_EQ(name(reasons[0].figure), "jitterMsAvg");
    EXPECT_EQ(reasons[0].value, 11);
    EXPECT_EQ(reasons[0].limit, 10);
}

TEST(CallQuality, IsThatOfItsWorstStreamThatSaysSomething) {
    const auto call = [](std::vector<StreamQuality> streams) {
        return std::accumulate(streams.begin(), streams.end(), StreamQuality::unclassified, worseOf);
    };
    EXPECT_EQ(call({}), unclassified);
    EXPECT_EQ(call({unclassified, unclassified}), unclassified);
    EXPECT_EQ(call({unclassified, good}), good);
    EXPECT_EQ(call({good, poor, unclassified}), poor);
}

}  // namespace
}  // namespace meetpoint::domain
