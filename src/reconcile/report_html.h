// A report as one HTML page that needs nothing else: no script, no outside resource, charts as SVG. It can be read by
// keyboard and by screen readers: every chart's figures stand in a table as well, wide tables take the focus.
#pragma once

#include <iosfwd>

#include "reconcile/report_data.h"
#include "reconcile/report_words.h"

namespace meetpoint::reconcile {

void writeHtml(const Report& report, Language language, std::ostream& out);

}  // namespace meetpoint::reconcile
