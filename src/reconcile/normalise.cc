#include "reconcile/normalise.h"

#include <algorithm>
#include <numeric>

#include "reconcile/numbers.h"

namespace meetpoint::reconcile {
namespace {

using columns::Batch;
using columns::CallCore;
using columns::CallParties;
using columns::Column;
using columns::DurationCore;
using columns::DurationParties;
using columns::LaneKind;
using columns::Part;

// Where each field of a side stands; -1 where the lane has none.
struct Places {
    int key, direction, own, ownText, prefix, maskedDigits, start, answer, end, duration;
    int far, farText, callId, sipCallId, presented;  // in parties; `callId` of calls is the key
    int correlation;                                 // in core
};

template <class E>
constexpr int at(E column) {
    return static_cast<int>(column);
}

constexpr Places callPlaces{at(CallCore::callId),
                            at(CallCore::direction),
                            at(CallCore::ownNumber),
                            at(CallCore::ownNumberText),
                            at(CallCore::farEndPrefix),
                            at(CallCore::farEndMaskedDigits),
                            at(CallCore::invitedAt),
                            at(CallCore::answeredAt),
                            at(CallCore::endedAt),
                            at(CallCore::durationMs),
                            at(CallParties::farEndNumber),
                            at(CallParties::farEndText),
                            -1,
                            at(CallParties::sipCallId),
                            at(CallParties::presentedNumber),
                            at(CallCore::correlationId)};
constexpr Places durationPlaces{at(DurationCore::recordId),
                                at(DurationCore::direction),
                                at(DurationCore::ownNumber),
                                at(DurationCore::ownNumberText),
                                at(DurationCore::farEndPrefix),
                                at(DurationCore::farEndMaskedDigits),
                                at(DurationCore::startedAt),
                                at(DurationCore::answeredAt),
                                at(DurationCore::endedAt),
                                at(DurationCore::durationMs),
                                at(DurationParties::farEndNumber),
                                at(DurationParties::farEndText),
                                at(DurationParties::callId),
                                at(DurationParties::sipCallId),
                                -1,
                                -1};

const Places& placesOf(LaneKind kind) {
    return kind == LaneKind::calls ? callPlaces : durationPlaces;
}

const Batch* partiesOf(const columns::Records& records) {
    return records.has(Part::parties) ? &records.part(Part::parties) : nullptr;
}

bool has(const Batch& batch, int column, std::size_t row) {
    return column >= 0 && !batch[column].isNull(row);
}

// FNV-1a, then mixed. Equal texts have equal hashes in every run; whoever joins on it also compares a number and a
// time.
std::uint64_t hashText(std::string_view text) {
    if (text.empty()) return 0;
    std::uint64_t hash = 0xCBF29CE484222325ull;
    for (const char c : text)
        hash = (hash ^ static_cast<std::uint8_t>(c)) * 0x100000001B3ull;
    return mix(hash, text.size()) | 1;
}

std::uint64_t hashUuid(ByteView bytes) {
    std::uint64_t low = 0;
    std::uint64_t high = 0;
    std::memcpy(&low, bytes.data(), 8);
    std::memcpy(&high, bytes.data() + 8, 8);
    return low == 0 && high == 0 ? 0 : mix(low, high) | 1;
}

void collectTexts(const columns::Records& records, std::vector<std::string_view>& texts) {
    const Places& places = placesOf(records.kind());
    const auto take = [&](const Batch& batch, int column) {
        if (column < 0 || batch[column].nullCount() == batch.rows()) return;
        for (std::size_t row = 0; row < batch.rows(); ++row)
            if (!batch[column].isNull(row)) texts.push_back(batch[column].text(row));
    };
    take(records.part(Part::core), places.ownText);
    if (const Batch* parties = partiesOf(records)) {
        take(*parties, places.farText);
        take(*parties, places.presented);
    }
}

void resize(Side& side, std::size_t rows) {
    side.source.resize(rows);
    for (auto* column : {&side.own, &side.far, &side.callId, &side.sipCallId, &side.correlation, &side.presented})
        column->assign(rows, 0);
    for (auto* column : {&side.hidden, &side.direction, &side.answered, &side.converted})
        column->assign(rows, 0);
    for (auto* column : {&side.start, &side.answer, &side.end, &side.at})
        column->assign(rows, noTime);
    for (auto* column : {&side.duration, &side.measured})
        column->assign(rows, 0);
    side.role.assign(rows, Role::call);
    side.fault.assign(rows, Fault::none);
    side.next.assign(rows, noRow);
    side.head.assign(rows, noRow);
}

void readNumbers(Side& side, const NumberTexts& texts) {
    const Places& places = placesOf(side.records->kind());
    const Batch& core = side.records->part(Part::core);
    const Batch* parties = partiesOf(*side.records);
    for (std::size_t i = 0; i < side.size(); ++i) {
        const std::size_t row = side.source[i];
        if (has(core, places.own, row)) {
            side.own[i] = core[places.own].at<std::uint64_t>(row);
        } else if (has(core, places.ownText, row)) {
            const NumberKey number = texts.find(core[places.ownText].text(row));
            side.own[i] = number.key;
            side.converted[i] |= number.converted;
        }
        if (parties && has(*parties, places.far, row)) {
            side.far[i] = (*parties)[places.far].at<std::uint64_t>(row);
        } else if (has(core, places.prefix, row)) {
            side.far[i] = core[places.prefix].at<std::uint64_t>(row);
            const int masked =
                has(core, places.maskedDigits, row) ? core[places.maskedDigits].at<std::uint8_t>(row) : 0;
            for (int digit = 0; digit < masked && side.far[i] < textKey / 16; ++digit)
                side.far[i] *= 10, ++side.hidden[i];
        } else if (parties && has(*parties, places.farText, row)) {
            const NumberKey number = texts.find((*parties)[places.farText].text(row));
            side.far[i] = number.key;
            side.hidden[i] = number.hidden;
            side.converted[i] |= number.converted;
        }
        if (parties && has(*parties, places.presented, row))
            side.presented[i] = texts.find((*parties)[places.presented].text(row)).key;
    }
}

void readTimes(Side& side) {
    const Places& places = placesOf(side.records->kind());
    const Batch& core = side.records->part(Part::core);
    const auto instant = [&](int column, std::size_t row) {
        return has(core, column, row) ? core[column].at<std::int64_t>(row) : noTime;
    };
    bool wholeSeconds = true;
    for (std::size_t i = 0; i < side.size(); ++i) {
        const std::size_t row = side.source[i];
        side.direction[i] = core[places.direction].at<std::uint8_t>(row);
        side.start[i] = instant(places.start, row);
        side.answer[i] = instant(places.answer, row);
        side.end[i] = instant(places.end, row);
        side.duration[i] = core[places.duration].at<std::int64_t>(row);
        // An end before the start is a slip of one field (a switch that lost a message), not a reason to drop a call.
        if (side.end[i] != noTime && side.end[i] < side.start[i] - measurementMs) side.end[i] = noTime;
        wholeSeconds = wholeSeconds && side.start[i] % 1000 == 0;
    }
    side.resolutionMs = wholeSeconds ? 1000 : 1;
}

// Calls carry no flag. A side that states the answer of (nearly) every call with a talk means it where it states none;
// one that never states it is judged by the talk.
bool statesAnswers(const Side& side) {
    std::size_t talks = 0;
    std::size_t stated = 0;
    for (std::size_t i = 0; i < side.size(); ++i) {
        if (side.duration[i] <= 0) continue;
        ++talks;
        stated += side.answer[i] != noTime ? 1 : 0;
    }
    return stated * 10 >= talks * 9;
}

void readAnswered(Side& side) {
    const Batch& core = side.records->part(Part::core);
    const bool platform = side.records->kind() == LaneKind::calls;
    const bool byInstant = statesAnswers(side);
    for (std::size_t i = 0; i < side.size(); ++i) {
        const std::size_t row = side.source[i];
        if (!platform && !core[DurationCore::answered].isNull(row))
            side.answered[i] = core[DurationCore::answered].at<std::uint8_t>(row);
        else
            side.answered[i] = side.answer[i] != noTime || (side.duration[i] > 0 && !(platform && byInstant));
        if (platform && side.answered[i] && side.answer[i] == noTime && side.end[i] != noTime)
            side.answer[i] = side.end[i] - side.duration[i];
    }
}

void readIds(Side& side) {
    const Places& places = placesOf(side.records->kind());
    const Batch& core = side.records->part(Part::core);
    const Batch* parties = partiesOf(*side.records);
    for (std::size_t i = 0; i < side.size(); ++i) {
        const std::size_t row = side.source[i];
        if (side.records->kind() == LaneKind::calls) {
            side.callId[i] = hashUuid(core[places.key].valueBytes(row));
        } else if (parties && has(*parties, places.callId, row)) {
            const auto id = parseId((*parties)[places.callId].text(row));
            if (id) side.callId[i] = hashUuid(id->view());
        }
        if (parties && has(*parties, places.sipCallId, row))
            side.sipCallId[i] = hashText((*parties)[places.sipCallId].text(row));
        if (has(core, places.correlation, row)) side.correlation[i] = hashText(core[places.correlation].text(row));
    }
}

void markFaults(Side& side) {
    for (std::size_t i = 0; i < side.size(); ++i) {
        if (side.duration[i] < 0)
            side.fault[i] = Fault::negativeDuration;
        else if (side.own[i] == 0 && side.far[i] == 0)
            side.fault[i] = Fault::noNumber;
        if (side.fault[i] != Fault::none) side.role[i] = Role::invalid;
    }
}

template <class T>
void permute(std::vector<T>& column, const std::vector<std::uint32_t>& order) {
    std::vector<T> out(column.size());
    for (std::size_t i = 0; i < order.size(); ++i)
        out[i] = column[order[i]];
    column = std::move(out);
}

// Time first, then everything that tells two records apart; two rows that are equal in all of it may stand either way.
void putInOrder(Side& side) {
    const Column& keys = side.records->part(Part::core)[placesOf(side.records->kind()).key];
    std::vector<std::uint32_t> order(side.size());
    std::iota(order.begin(), order.end(), 0u);
    const auto fields = [&](std::uint32_t i) {
        return std::tuple(side.start[i], side.own[i], side.far[i], side.direction[i], side.answered[i],
                          side.duration[i], side.end[i], side.answer[i], side.hidden[i]);
    };
    std::ranges::sort(order, [&](std::uint32_t a, std::uint32_t b) {
        if (side.start[a] != side.start[b]) return side.start[a] < side.start[b];
        const auto left = fields(a);
        const auto right = fields(b);
        if (left != right) return left < right;
        const ByteView keyA = keys.valueBytes(side.source[a]);
        const ByteView keyB = keys.valueBytes(side.source[b]);
        if (!std::ranges::equal(keyA, keyB)) return std::ranges::lexicographical_compare(keyA, keyB);
        return std::tuple(side.callId[a], side.sipCallId[a], side.correlation[a], side.presented[a]) <
               std::tuple(side.callId[b], side.sipCallId[b], side.correlation[b], side.presented[b]);
    });
    for (auto* column : {&side.own, &side.far, &side.callId, &side.sipCallId, &side.correlation, &side.presented})
        permute(*column, order);
    for (auto* column : {&side.hidden, &side.direction, &side.answered, &side.converted})
        permute(*column, order);
    for (auto* column : {&side.start, &side.answer, &side.end, &side.duration})
        permute(*column, order);
    permute(side.role, order);
    permute(side.fault, order);
    permute(side.source, order);
}

void readSide(Side& side, const columns::Records& records, const NumberTexts& texts) {
    side.records = &records;
    side.ours = records.kind() == LaneKind::calls;
    resize(side, records.rows());
    std::iota(side.source.begin(), side.source.end(), 0u);
    readNumbers(side, texts);
    readTimes(side);
    readAnswered(side);
    readIds(side);
}

}  // namespace

Sides normalise(const columns::Records& calls, const columns::Records& durations, const Options& options) {
    std::vector<std::string_view> found;
    collectTexts(calls, found);
    collectTexts(durations, found);
    const NumberTexts texts(std::move(found), options.defaultRegion);
    Sides sides;
    readSide(sides.ours, calls, texts);
    readSide(sides.theirs, durations, texts);
    learnPrefixes(sides, texts);
    for (Side* side : {&sides.ours, &sides.theirs}) {
        markFaults(*side);
        putInOrder(*side);
        for (const std::uint8_t hidden : side->hidden)
            sides.hiddenDigits = std::max<int>(sides.hiddenDigits, hidden);
    }
    return sides;
}

}  // namespace meetpoint::reconcile
