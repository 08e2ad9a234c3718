// What a comparison adds up to, for every form of its report.
#pragma once

#include "cli/compare.h"

namespace meetpoint::cli {

// Records are named by their lines in the files.
reconcile::Report reportOf(const Comparison& comparison);

}  // namespace meetpoint::cli
