#include "base/memory.h"

#include <cstdint>
#include <cstdlib>  // says whether this is glibc

#include <sys/mman.h>

#ifdef __GLIBC__
#include <malloc.h>
#endif

namespace meetpoint {

void giveFreeMemoryBack() {
#ifdef __GLIBC__
    malloc_trim(0);
#endif
}

void preferLargePages(void* memory, std::size_t bytes) {
#ifdef MADV_HUGEPAGE
    constexpr std::uintptr_t largePage = 2u << 20;
    // Of whole large pages alone: what lies beside them may be anybody's.
    const auto from = (reinterpret_cast<std::uintptr_t>(memory) + largePage - 1) / largePage * largePage;
    const auto to = (reinterpret_cast<std::uintptr_t>(memory) + bytes) / largePage * largePage;
    if (from < to) (void)madvise(reinterpret_cast<void*>(from), to - from, MADV_HUGEPAGE);
#endif
}

}  // namespace meetpoint
