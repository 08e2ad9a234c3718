// How a benchmark says what it measured: one line of JSON a figure, which bench/run prints as it is or as a table.
#pragma once

#include <string_view>

#include <fmt/format.h>

namespace meetpoint::bench {

// `name` is "bench.what"; `unit` is "records/s", "x" for ratios, "MB", "ms". `value` must be finite.
inline void printFigure(std::string_view name, double value, std::string_view unit) {
    fmt::print("{{\"name\":\"{}\",\"value\":{:.6g},\"unit\":\"{}\"}}\n", name, value, unit);
}

}  // namespace meetpoint::bench
