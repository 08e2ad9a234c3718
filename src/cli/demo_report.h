// The demo's report for a terminal of 80 columns.
#pragma once

#include <iosfwd>

#include "cli/demo_view.h"

namespace meetpoint::cli {

struct DemoReport {
    std::uint64_t seed;
    const SampleWeek& week;
    const DemoStory& story;
    std::vector<CarrierView> carriers;
    std::size_t usageTenant;  // whose usage is shown
    UsageView usage;
};

void writeDemoReport(const DemoReport& report, std::ostream& out, bool colours);

}  // namespace meetpoint::cli
