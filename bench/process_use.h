// What a process has used so far, by proc(5).
#pragma once

#include <sys/types.h>

namespace meetpoint::bench {

// The most resident memory that it ever had.
double peakMegabytesOf(pid_t process);
// What it has now.
double residentMegabytesOf(pid_t process);
// User and system time together.
double processorSecondsOf(pid_t process);

}  // namespace meetpoint::bench
