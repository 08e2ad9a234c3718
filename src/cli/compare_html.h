// The report of a comparison as one HTML page that needs nothing else: no script, no outside resource, charts as SVG.
#pragma once

#include <iosfwd>
#include <string>

#include "cli/compare.h"

namespace meetpoint::cli {

void writeHtml(const Comparison& comparison, std::ostream& out);

// The text with what HTML would read as markup escaped.
std::string escaped(std::string_view text);

}  // namespace meetpoint::cli
