// Figures by hour as bytes: three Arrow record batches. The first holds a row an hour with its counts, the second a row
// for each figure of an hour that has values, the third what percentiles are made of, one after another.
#pragma once

#include "base/result.h"
#include "quality/hourly_figures.h"

namespace meetpoint::quality {

struct KeptFigures {
    Bytes hours, figures, points;
};
// `hours` in ascending order.
KeptFigures keep(std::span<const HourFigures> hours);

struct KeptView {
    ByteView hours, figures, points;
};
// As they were kept, to the last bit. Code "corrupt-data".
Result<std::vector<HourFigures>> readKept(const KeptView& kept);

}  // namespace meetpoint::quality
