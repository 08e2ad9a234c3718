// Bearing with an exchange that is away for a while: it is being restarted, or is overloaded.
#pragma once

#include <iosfwd>

#include "base/error.h"
#include "cli/interruption.h"

namespace meetpoint::cli {

// Tries again for ever, after pauses that grow, until the interruption comes.
class Patience {
public:
    Patience(Interruption& interruption, std::ostream& err) : interruption_(interruption), err_(err) {}

    // Whether what went wrong may pass by itself.
    static bool mayPass(const Error& error);
    // Says so the first time, and waits.
    void wait(const Error& error);
    void worked();

private:
    Interruption& interruption_;
    std::ostream& err_;
    bool isAway_ = false;
    Duration pause_ = firstPause;
    static constexpr Duration firstPause = seconds(1), longestPause = seconds(30);
};

}  // namespace meetpoint::cli
