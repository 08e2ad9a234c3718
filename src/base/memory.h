// Memory of the process.
#pragma once

#include <cstddef>
#include <vector>

namespace meetpoint {

// Gives memory that was freed back to the system. Allocators keep it for the thread that freed it; call this where one
// thread has let go of much and others go on. Takes milliseconds.
void giveFreeMemoryBack();

// Asks the system for large pages for memory that nothing was written to yet: many megabytes are then made ready at
// once, and read in no order without looking up where each page lies. No more than a wish.
void preferLargePages(void* memory, std::size_t bytes);

// Makes room in a vector that so many items will be appended to, in large pages where it is large.
template <class T>
void reserveLarge(std::vector<T>& items, std::size_t count) {
    if (items.capacity() >= count) return;
    items.reserve(count);
    if (items.empty()) preferLargePages(items.data(), items.capacity() * sizeof(T));
}
// A vector of so many equal items, made likewise.
template <class T>
std::vector<T> largeVector(std::size_t count, T value) {
    std::vector<T> items;
    reserveLarge(items, count);
    items.assign(count, value);
    return items;
}

}  // namespace meetpoint
