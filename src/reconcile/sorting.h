// Sorting of many small items by a number: digit by digit, so that the time goes with their count alone.
#pragma once

#include <algorithm>
#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <span>
#include <utility>
#include <vector>

#include "base/memory.h"
#include "base/parallel.h"

namespace meetpoint::reconcile {

// Sorts by keyOf(item), an unsigned number; items of equal keys keep their order. Digits in which no two keys differ
// cost nothing. Needs as much memory again.
template <class T, class KeyOf>
void sortByNumber(std::vector<T>& items, KeyOf keyOf) {
    // Below this a sort by comparing is quicker than the counting of digits.
    constexpr std::size_t few = 512;
    if (items.size() < few) {
        std::ranges::stable_sort(items, {}, keyOf);
        return;
    }
    constexpr unsigned digitBits = 11;
    constexpr std::size_t digitValues = std::size_t{1} << digitBits;
    std::uint64_t all = 0, common = ~std::uint64_t{0};
    for (const T& item : items) {
        all |= keyOf(item);
        common &= keyOf(item);
    }
    const std::uint64_t varying = all & ~common;
    if (std::ranges::is_sorted(items, {}, keyOf)) return;
    std::vector<T> room;
    std::vector<std::size_t> places(digitValues);
    for (unsigned shift = 0; shift < 64; shift += digitBits) {
        const auto digitOf = [&](const T& item) { return keyOf(item) >> shift & (digitValues - 1); };
        if ((varying >> shift & (digitValues - 1)) == 0) continue;
        std::ranges::fill(places, 0);
        for (const T& item : items)
            ++places[digitOf(item)];
        std::size_t before = 0;
        for (std::size_t& place : places)
            before += std::exchange(place, before);
        reserveLarge(room, items.size());
        room.resize(items.size());
        for (const T& item : items)
            room[places[digitOf(item)]++] = item;
        items.swap(room);
    }
}

// Deals items out by the first eight bits in which their keys differ, in place (McIlroy, Bostic and McIlroy 1993).
// Calls heap(span) for each heap that still needs sorting.
template <class T, class KeyOf, class Heap>
void dealByNumber(std::span<T> items, KeyOf keyOf, Heap heap) {
    std::uint64_t all = 0, common = ~std::uint64_t{0};
    for (const T& item : items) {
        all |= keyOf(item);
        common &= keyOf(item);
    }
    if (all == common) return;
    constexpr int digitBits = 8;
    const int shift = std::max(0, static_cast<int>(std::bit_width(all & ~common)) - digitBits);
    const auto digitOf = [&](const T& item) { return static_cast<std::size_t>(keyOf(item) >> shift & 0xFF); };
    std::array<std::size_t, 257> ends{};
    for (const T& item : items)
        ++ends[digitOf(item) + 1];
    for (std::size_t digit = 0; digit < 256; ++digit)
        ends[digit + 1] += ends[digit];
    std::array<std::size_t, 256> next{};
    std::copy_n(ends.begin(), next.size(), next.begin());
    for (std::size_t digit = 0; digit < next.size(); ++digit) {
        while (next[digit] < ends[digit + 1]) {
            T& item = items[next[digit]];
            const std::size_t home = digitOf(item);
            home == digit ? void(++next[digit]) : std::swap(item, items[next[home]++]);
        }
    }
    if (shift == 0) return;
    for (std::size_t digit = 0; digit < next.size(); ++digit)
        if (ends[digit + 1] - ends[digit] > 1) heap(items.subspan(ends[digit], ends[digit + 1] - ends[digit]));
}

// As sortByNumber(), without further memory, and without keeping the order of equal keys.
template <class T, class KeyOf>
void sortByNumberInPlace(std::span<T> items, KeyOf keyOf) {
    constexpr std::size_t few = 128;
    if (items.size() < few) return std::ranges::sort(items, {}, keyOf), void();
    if (!std::ranges::is_sorted(items, {}, keyOf))
        dealByNumber(items, keyOf, [&](std::span<T> heap) { sortByNumberInPlace(heap, keyOf); });
}

// The same on several threads: heaps are dealt out until they are small beside the whole, and then shared.
template <class T, class KeyOf>
void sortByNumberInPlace(std::span<T> items, KeyOf keyOf, std::size_t threads) {
    if (std::ranges::is_sorted(items, {}, keyOf)) return;
    const std::size_t small = std::max<std::size_t>(1'024, items.size() / (threads * 8 + 1));
    std::vector<std::span<T>> heaps;
    const auto deal = [&](std::span<T> heap, auto self) -> void {
        if (heap.size() <= small || threads < 2) return heaps.push_back(heap);
        dealByNumber(heap, keyOf, [&](std::span<T> part) { self(part, self); });
    };
    deal(items, deal);
    inParallel(threads, heaps.size(), [&](std::size_t heap) { sortByNumberInPlace(heaps[heap], keyOf); });
}

// A signed number as an unsigned one in the same order.
inline std::uint64_t inUnsignedOrder(std::int64_t number) {
    return static_cast<std::uint64_t>(number) ^ std::uint64_t{1} << 63;
}

}  // namespace meetpoint::reconcile
