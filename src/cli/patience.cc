#include "cli/patience.h"

#include <algorithm>

#include <fmt/ostream.h>

namespace meetpoint::cli {

bool Patience::mayPass(const Error& error) {
    return error.kind == ErrorKind::unavailable || error.kind == ErrorKind::timeout ||
           error.kind == ErrorKind::rateLimited || error.kind == ErrorKind::internal;
}

void Patience::wait(const Error& error) {
    if (!isAway_) fmt::print(err_, "{} It is tried again until it works; Ctrl-C ends it.\n", error.message);
    isAway_ = true;
    interruption_.waitFor(pause_);
    pause_ = std::min(Duration{pause_.ms * 2}, longestPause);
}

void Patience::worked() {
    if (isAway_) fmt::print(err_, "The exchange answers again.\n");
    isAway_ = false;
    pause_ = firstPause;
}

}  // namespace meetpoint::cli
