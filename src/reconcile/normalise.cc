#include "reconcile/normalise.h"

#include <algorithm>
#include <numeric>

#include "base/memory.h"
#include "base/parallel.h"
#include "reconcile/numbers.h"
#include "reconcile/sorting.h"

namespace meetpoint::reconcile {

// Makes a side of what came in for it.
class Normaliser {
public:
    static const TextTable& textsOf(const SideInput& input) { return input.texts_; }

    // Texts get the keys that all texts of both sides have together.
    static Side read(SideInput& input, const NumberTexts& texts) {
        Side side = std::move(input.side_);
        std::vector<NumberKey> keys(input.texts_.size());
        for (std::size_t number = 0; number < keys.size(); ++number)
            keys[number] = texts.find(input.texts_[number]);
        if (!keys.empty()) readTexts(side, keys);
        side.resolutionMs = input.isInWholeSeconds_ ? 1000 : 1;
        readAnswered(side, input);
        side.role = largeVector(side.own.size(), Role::call);
        side.source = largeVector<std::uint32_t>(side.own.size(), 0);
        std::iota(side.source.begin(), side.source.end(), 0u);
        return side;
    }

private:
    static void readTexts(Side& side, const std::vector<NumberKey>& keys) {
        for (std::uint32_t i = 0; i < side.own.size(); ++i) {
            if ((side.own[i] & textKey) != 0) {
                const NumberKey& number = keys[side.own[i] & ~textKey];
                side.own[i] = number.key;
                side.converted[i] |= number.converted;
                side.restatedOwn.push_back({i, 0});
            }
            if ((side.far[i] & textKey) != 0) {
                const NumberKey& number = keys[side.far[i] & ~textKey];
                side.far[i] = number.key;
                side.hidden[i] = number.hidden;
                side.converted[i] |= number.converted;
            }
        }
        if (side.presentedText.empty()) return;
        for (const NumberKey& number : keys)
            side.textKeys.push_back(number.key);
    }

    // Calls carry no flag. A side that states the answer of (nearly) every call with a talk means it where it states
    // none; one that never states it is judged by the talk.
    static void readAnswered(Side& side, const SideInput& input) {
        const bool byInstant = input.talksWithAnswer_ * 10 >= input.talks_ * 9;
        for (std::size_t i = 0; i < side.own.size(); ++i) {
            if (side.answered[i] == SideInput::unstated)
                side.answered[i] = side.statesAnswer(i) || (side.duration[i] > 0 && !(side.ours && byInstant));
            if (side.ours && side.answered[i] && !side.statesAnswer(i) && side.statesEnd(i))
                side.answerAfter.set(i, side.endAfter[i] - side.duration[i]);
        }
    }
};

namespace {

// A number that hides more says nothing of who it is; taken for one, it would make all numbers alike as far as they can
// be read.
void forgetHiddenNumbers(Side& side) {
    for (std::size_t i = 0; i < side.size(); ++i)
        if (side.hidden[i] > mostHiddenDigitsOfANumber) side.far[i] = 0, side.hidden[i] = 0;
}

void markFaults(Side& side) {
    for (std::size_t i = 0; i < side.size(); ++i)
        if (side.duration[i] < 0 || (side.own[i] == 0 && side.far[i] == 0)) side.role[i] = Role::invalid;
}

// Everything but the start that tells two records apart; two rows that are equal in all of it may stand either way.
bool comesBefore(const Side& side, std::uint32_t a, std::uint32_t b) {
    const auto fields = [&](std::uint32_t i) {
        return std::tuple(side.own[i], side.far[i], side.direction[i], side.answered[i], side.duration[i], side.end(i),
                          side.answer(i), side.hidden[i]);
    };
    const auto left = fields(a);
    const auto right = fields(b);
    if (left != right) return left < right;
    const auto keyOf = [&](std::uint32_t i) { return side.ours ? textOf(side.callIds[i].view()) : side.recordIds[i]; };
    if (keyOf(a) != keyOf(b)) return keyOf(a) < keyOf(b);
    const auto ids = [&](std::uint32_t i) {
        return std::tuple(side.sharedCallId.empty() ? 0 : side.sharedCallId[i], side.sipId(i), side.correlationId(i),
                          side.transferorId(i), side.presented(i));
    };
    return ids(a) < ids(b);
}

template <class T>
void permute(std::vector<T>& column, const std::vector<std::uint32_t>& order) {
    if (column.empty()) return;
    auto out = largeVector(column.size(), T());
    for (std::size_t i = 0; i < order.size(); ++i)
        out[i] = column[order[i]];
    column = std::move(out);
}

void permuteAll(Side& side, const std::vector<std::uint32_t>& order) {
    for (auto* column :
         {&side.own, &side.far, &side.sharedCallId, &side.sipCallId, &side.correlation, &side.transferor})
        permute(*column, order);
    for (auto* column : {&side.hidden, &side.direction, &side.answered, &side.converted})
        permute(*column, order);
    for (auto* column : {&side.answerAfter, &side.endAfter, &side.duration})
        column->permute(order);
    if (side.ringingAfter.size() > 0) side.ringingAfter.permute(order);
    permute(side.start, order);
    permute(side.presentedText, order);
    permute(side.role, order);
    if (!side.restatedOwn.empty()) {
        std::vector<std::uint32_t> places(order.size());
        for (std::uint32_t i = 0; i < order.size(); ++i)
            places[order[i]] = i;
        for (Side::Restated& one : side.restatedOwn)
            one.row = places[one.row];
        std::ranges::sort(side.restatedOwn, {}, &Side::Restated::row);
    }
}

// Time first, then everything that tells two records apart.
void putInOrder(Side& side) {
    auto order = largeVector<std::uint32_t>(side.size(), 0);
    std::iota(order.begin(), order.end(), 0u);
    if (!std::ranges::is_sorted(side.start))
        sortByNumber(order, [&](std::uint32_t i) { return inUnsignedOrder(side.start[i]); });
    for (std::size_t first = 0; first < order.size();) {
        std::size_t last = first + 1;
        while (last < order.size() && side.start[order[last]] == side.start[order[first]])
            ++last;
        if (last - first > 1)
            std::sort(order.begin() + static_cast<std::ptrdiff_t>(first),
                      order.begin() + static_cast<std::ptrdiff_t>(last),
                      [&](std::uint32_t a, std::uint32_t b) { return comesBefore(side, a, b); });
        first = last;
    }
    if (std::ranges::is_sorted(order)) return;
    permuteAll(side, order);
    side.source = std::move(order);
}

}  // namespace

Sides normalise(SideInput calls, SideInput durations, const Options& options) {
    std::vector<std::string_view> found;
    for (const SideInput* input : {&calls, &durations}) {
        const TextTable& texts = Normaliser::textsOf(*input);
        for (std::size_t number = 0; number < texts.size(); ++number)
            found.push_back(texts[number]);
    }
    const NumberTexts texts(std::move(found), options.defaultRegion);
    Sides sides;
    inParallel(options.threads, 2, [&](std::size_t piece) {
        piece == 0 ? sides.ours = Normaliser::read(calls, texts) : sides.theirs = Normaliser::read(durations, texts);
    });
    for (Side* side : {&sides.ours, &sides.theirs})
        forgetHiddenNumbers(*side);
    learnPrefixes(sides, texts, options.threads);
    inParallel(options.threads, 2, [&](std::size_t piece) {
        Side& side = piece == 0 ? sides.ours : sides.theirs;
        markFaults(side);
        putInOrder(side);
    });
    sides.hiddenDigits = mostHiddenDigits(sides, mostHiddenDigitsOfANumber);
    return sides;
}

}  // namespace meetpoint::reconcile
