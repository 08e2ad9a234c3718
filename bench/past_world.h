// A store whose parties met in the past, so that calls of days gone by belong to somebody.
#pragma once

#include <filesystem>

#include "support/outside_world.h"

namespace meetpoint::bench {

// Makes a sandbox store in `folder`, which is removed first, and in it the world of outside::makeWorld, by a server in
// this process whose clock stands at `at`. 10,000 numbers are shared among `carriers`. Blocks; the server has ended
// when it returns.
Result<outside::OutsideWorld> makePastWorld(const std::filesystem::path& folder, Instant at, std::uint64_t carriers);

}  // namespace meetpoint::bench
