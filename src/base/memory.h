// Memory of the process.
#pragma once

namespace meetpoint {

// Gives memory that was freed back to the system. Allocators keep it for the thread that freed it; call this where one
// thread has let go of much and others go on. Takes milliseconds.
void giveFreeMemoryBack();

}  // namespace meetpoint
