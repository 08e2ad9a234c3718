// Key figures of calls, said a second time and as plainly as possible: every call looked at for every question, every
// value kept and sorted. It knows nothing of blocks, columns and sketches; the rules are those of
// docs/guide/quality.md.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "domain/access.h"
#include "quality/query.h"
#include "quality/testing/calls.h"

namespace meetpoint::outside {

struct ModelCall {
    std::size_t carrier = 0;
    quality::testing::TestCall call;
};

// What is asked, beside quality::Query.
struct ModelQuestion {
    quality::Query query;
    std::vector<std::size_t> carriers;  // whose lanes the caller may look into
};

struct ModelGroup {
    std::map<std::string, std::uint64_t> counts;
    std::map<std::string, std::vector<double>> values;  // of a figure
    std::map<std::string, double> peaks;                // the largest that was measured
};

// By key ("2026-03-01T12:00:00.000Z|sbc1|"), each for the period that is asked for and the one before it.
using ModelAnswer = std::map<std::string, std::array<ModelGroup, 2>>;

// `calls` are the newest versions. `carrierIds` as they stand in keys.
ModelAnswer answerOf(const std::vector<ModelCall>& calls, const std::vector<std::string>& carrierIds,
                     const ModelQuestion& question);

// The smallest value that at least so many percent are not above; of no values nothing.
std::optional<double> nearestRank(std::vector<double> values, double percent);

}  // namespace meetpoint::outside
