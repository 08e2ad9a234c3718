#include "reconcile/side_input.h"

#include <algorithm>
#include <cstring>
#include <numeric>

#include "base/memory.h"

namespace meetpoint::reconcile {

using columns::Batch;
using columns::CallCore;
using columns::CallParties;
using columns::Column;
using columns::DurationCore;
using columns::DurationParties;
using columns::LaneKind;
using columns::Part;

// Where each field of a side stands; -1 where the lane has none.
struct SideInput::Places {
    int key, direction, own, ownText, prefix, maskedDigits, start, ringing, answer, end, duration, correlation,
        transferor, answered, basis, rounding, roundingStep;  // in core
    int far, farText, callId, sipCallId, presented;           // in parties
};

namespace {

template <class E>
constexpr int at(E column) {
    return static_cast<int>(column);
}

bool has(const Batch& batch, int column, std::size_t row) {
    return column >= 0 && !batch[column].isNull(row);
}

// The column, or null where no row has a value in it.
const Column* filled(const Batch* batch, int column) {
    if (!batch || column < 0) return nullptr;
    const Column& found = (*batch)[column];
    return found.nullCount() == found.size() ? nullptr : &found;
}

// Equal texts have equal hashes in every run; whoever joins on it also compares a number and a time.
std::uint64_t hashText(std::string_view text) {
    if (text.empty()) return 0;
    std::uint64_t hash = 0xCBF29CE484222325ull;
    std::size_t done = 0;
    for (; done + 8 <= text.size(); done += 8) {
        std::uint64_t word = 0;
        std::memcpy(&word, text.data() + done, 8);
        hash = mix(hash, word);
    }
    std::uint64_t rest = 0;
    std::memcpy(&rest, text.data() + done, text.size() - done);
    return mix(mix(hash, rest), text.size()) | 1;
}

// Sets the value of a row in a column that exists only where some row has a value; `rows`: how many there may be.
template <class T>
void setAt(std::vector<T>& column, std::size_t row, T value, T none, std::size_t rows) {
    if (column.empty()) reserveLarge(column, rows);
    if (column.size() <= row) column.resize(row, none), column.push_back(value);
}

template <class T>
void padIfUsed(std::vector<T>& column, std::size_t rows, T none) {
    if (!column.empty()) column.resize(rows, none);
}

}  // namespace

const SideInput::Places& SideInput::placesOf(LaneKind kind) {
    static constexpr Places calls{.key = at(CallCore::callId),
                                  .direction = at(CallCore::direction),
                                  .own = at(CallCore::ownNumber),
                                  .ownText = at(CallCore::ownNumberText),
                                  .prefix = at(CallCore::farEndPrefix),
                                  .maskedDigits = at(CallCore::farEndMaskedDigits),
                                  .start = at(CallCore::invitedAt),
                                  .ringing = at(CallCore::ringingAt),
                                  .answer = at(CallCore::answeredAt),
                                  .end = at(CallCore::endedAt),
                                  .duration = at(CallCore::durationMs),
                                  .correlation = at(CallCore::correlationId),
                                  .transferor = at(CallCore::transferorCorrelationId),
                                  .answered = -1,
                                  .basis = -1,
                                  .rounding = -1,
                                  .roundingStep = -1,
                                  .far = at(CallParties::farEndNumber),
                                  .farText = at(CallParties::farEndText),
                                  .callId = -1,
                                  .sipCallId = at(CallParties::sipCallId),
                                  .presented = at(CallParties::presentedNumber)};
    static constexpr Places durations{.key = at(DurationCore::recordId),
                                      .direction = at(DurationCore::direction),
                                      .own = at(DurationCore::ownNumber),
                                      .ownText = at(DurationCore::ownNumberText),
                                      .prefix = at(DurationCore::farEndPrefix),
                                      .maskedDigits = at(DurationCore::farEndMaskedDigits),
                                      .start = at(DurationCore::startedAt),
                                      .ringing = -1,
                                      .answer = at(DurationCore::answeredAt),
                                      .end = at(DurationCore::endedAt),
                                      .duration = at(DurationCore::durationMs),
                                      .correlation = -1,
                                      .transferor = -1,
                                      .answered = at(DurationCore::answered),
                                      .basis = at(DurationCore::durationBasis),
                                      .rounding = at(DurationCore::rounding),
                                      .roundingStep = at(DurationCore::roundingStepMs),
                                      .far = at(DurationParties::farEndNumber),
                                      .farText = at(DurationParties::farEndText),
                                      .callId = at(DurationParties::callId),
                                      .sipCallId = at(DurationParties::sipCallId),
                                      .presented = -1};
    return kind == LaneKind::calls ? calls : durations;
}

std::uint32_t TextTable::numberOf(std::string_view text) {
    const auto found = numbers_.find(text);
    if (found != numbers_.end()) return found->second;
    const auto number = static_cast<std::uint32_t>(texts_.size());
    numbers_.emplace(texts_.emplace_back(text), number);
    return number;
}

SideInput::SideInput(LaneKind kind) : kind_(kind) {
    side_.ours = kind == LaneKind::calls;
}

columns::ColumnSet SideInput::columnsOf(LaneKind kind, Part part) {
    const Places& p = placesOf(kind);
    const std::initializer_list<int> core{p.key,          p.direction,   p.own,        p.ownText,  p.prefix,
                                          p.maskedDigits, p.start,       p.ringing,    p.answer,   p.end,
                                          p.duration,     p.correlation, p.transferor, p.answered, p.basis,
                                          p.rounding,     p.roundingStep};
    const std::initializer_list<int> parties{p.far, p.farText, p.callId, p.sipCallId, p.presented};
    columns::ColumnSet set;
    set.wanted.resize(columns::schemaOf(kind).parts[static_cast<std::size_t>(part)]->fields.size(), false);
    for (const int column : part == Part::core ? core : parties)
        if (column >= 0) set.wanted[static_cast<std::size_t>(column)] = true;
    return set;
}

void SideInput::reserve(std::size_t rows) {
    side_.ours ? reserveLarge(side_.callIds, rows) : side_.recordIds.reserve(rows);
    for (auto* column : {&side_.own, &side_.far})
        reserveLarge(*column, rows);
    for (auto* column : {&side_.hidden, &side_.direction, &side_.answered, &side_.converted})
        reserveLarge(*column, rows);
    reserveLarge(side_.start, rows);
    for (auto* column : {&side_.answerAfter, &side_.endAfter, &side_.duration})
        column->reserve(rows);
    if (side_.ours) side_.ringingAfter.reserve(rows);
}

void SideInput::add(const columns::Records& records) {
    std::vector<std::uint32_t> rows(records.rows());
    std::iota(rows.begin(), rows.end(), 0u);
    add(records.part(Part::core), records.has(Part::parties) ? &records.part(Part::parties) : nullptr, rows);
}

void SideInput::add(const Batch& core, const Batch* parties, std::span<const std::uint32_t> rows,
                    std::uint32_t lateFrom) {
    addLate(rows, lateFrom);
    addIds(core, parties, rows);
    addKeys(core, rows);
    addNumbers(core, parties, rows);
    addTimes(core, rows);
}

void SideInput::addNumbers(const Batch& core, const Batch* parties, std::span<const std::uint32_t> rows) {
    const Places& places = placesOf(kind_);
    const Column *owns = filled(&core, places.own), *ownTexts = filled(&core, places.ownText);
    const Column* farNumbers = filled(parties, places.far);
    const Column* farTexts = filled(parties, places.farText);
    const Column* prefixes = filled(&core, places.prefix);
    const Column* shown = filled(parties, places.presented);
    for (const std::uint32_t row : rows) {
        std::uint64_t own = 0, far = 0;
        std::uint8_t hidden = 0;
        if (owns && !owns->isNull(row))
            own = owns->at<std::uint64_t>(row);
        else if (ownTexts && !ownTexts->isNull(row))
            own = textKey | texts_.numberOf(ownTexts->text(row));
        if (farNumbers && !farNumbers->isNull(row)) {
            far = farNumbers->at<std::uint64_t>(row);
        } else if (prefixes && !prefixes->isNull(row)) {
            far = prefixes->at<std::uint64_t>(row);
            const int masked =
                has(core, places.maskedDigits, row) ? core[places.maskedDigits].at<std::uint8_t>(row) : 0;
            for (int digit = 0; digit < masked && far < textKey / 16; ++digit)
                far *= 10, ++hidden;
        } else if (farTexts && !farTexts->isNull(row)) {
            far = textKey | texts_.numberOf(farTexts->text(row));
        }
        if (shown && !shown->isNull(row))
            setAt(side_.presentedText, side_.own.size(), texts_.numberOf(shown->text(row)), Side::noText, mostRows());
        side_.own.push_back(own);
        side_.far.push_back(far);
        side_.hidden.push_back(hidden);
        side_.converted.push_back(0);
    }
    padIfUsed(side_.presentedText, side_.own.size(), Side::noText);
}

void SideInput::addTimes(const Batch& core, std::span<const std::uint32_t> rows) {
    const Places& places = placesOf(kind_);
    const Column *starts = filled(&core, places.start), *answers = filled(&core, places.answer);
    const Column *ends = filled(&core, places.end), *ringings = filled(&core, places.ringing);
    const Column* answered = filled(&core, places.answered);
    const Column &durations = core[places.duration], &directions = core[places.direction];
    const auto instant = [](const Column* column, std::size_t row) {
        return column && !column->isNull(row) ? column->at<std::int64_t>(row) : noTime;
    };
    for (const std::uint32_t row : rows) {
        const std::int64_t start = instant(starts, row);
        const std::int64_t answer = instant(answers, row);
        std::int64_t end = instant(ends, row);
        // An end before the start is a slip of one field (a switch that lost a message), not a reason to drop a call.
        if (end != noTime && end < start - measurementMs) end = noTime;
        const std::int64_t duration = durations.at<std::int64_t>(row);
        side_.start.push_back(start);
        side_.answerAfter.append(Side::gapTo(answer, start));
        side_.endAfter.append(Side::gapTo(end, start));
        if (side_.ours) side_.ringingAfter.append(Side::gapTo(instant(ringings, row), start));
        side_.duration.append(duration);
        side_.direction.push_back(directions.at<std::uint8_t>(row));
        side_.answered.push_back(answered && !answered->isNull(row) ? answered->at<std::uint8_t>(row) : unstated);
        isInWholeSeconds_ = isInWholeSeconds_ && start % 1000 == 0;
        if (duration <= 0) continue;
        ++talks_;
        talksWithAnswer_ += answer != noTime ? 1 : 0;
    }
}

void SideInput::addKeys(const Batch& core, std::span<const std::uint32_t> rows) {
    const Places& places = placesOf(kind_);
    const Column& keys = core[places.key];
    if (side_.ours) {
        for (const std::uint32_t row : rows)
            side_.callIds.push_back(keys.id(row));
        return;
    }
    const Column* bases = filled(&core, places.basis);
    for (const std::uint32_t row : rows) {
        if (bases && !bases->isNull(row))
            setAt(side_.statedBasis, side_.recordIds.size(), bases->at<std::uint8_t>(row), Side::noBasis, mostRows());
        side_.recordIds.append(keys.text(row));
    }
    padIfUsed(side_.statedBasis, side_.recordIds.size(), Side::noBasis);
    addRoundings(core, rows);
}

// Few differ, so each record notes which of them it states; one beyond what can be noted counts as not stated.
void SideInput::addRoundings(const Batch& core, std::span<const std::uint32_t> rows) {
    const Places& places = placesOf(kind_);
    const Column* modes = filled(&core, places.rounding);
    const Column* steps = filled(&core, places.roundingStep);
    for (std::size_t i = 0; modes && steps && i < rows.size(); ++i) {
        if (modes->isNull(rows[i]) || steps->isNull(rows[i])) continue;
        const Rounding stated{static_cast<RoundingMode>(modes->at<std::uint8_t>(rows[i])),
                              milliseconds(steps->at<std::int64_t>(rows[i]))};
        auto known = std::ranges::find(side_.roundings, stated);
        if (known == side_.roundings.end()) {
            if (side_.roundings.size() == UINT8_MAX) continue;
            known = side_.roundings.insert(known, stated);
        }
        setAt<std::uint8_t>(side_.statedRounding, size() + i,
                            static_cast<std::uint8_t>(known - side_.roundings.begin() + 1), 0, mostRows());
    }
    padIfUsed<std::uint8_t>(side_.statedRounding, size() + rows.size(), 0);
}

void SideInput::addLate(std::span<const std::uint32_t> rows, std::uint32_t lateFrom) {
    for (std::size_t i = 0; i < rows.size(); ++i)
        if (rows[i] >= lateFrom) setAt<std::uint8_t>(side_.late, size() + i, 1, 0, mostRows());
    padIfUsed<std::uint8_t>(side_.late, size() + rows.size(), 0);
}

void SideInput::addIds(const Batch& core, const Batch* parties, std::span<const std::uint32_t> rows) {
    const Places& places = placesOf(kind_);
    const auto take = [&](const Column* column, std::vector<std::uint64_t>& hashes, auto hashOf) {
        if (!column) return padIfUsed<std::uint64_t>(hashes, size() + rows.size(), 0);
        for (std::size_t i = 0; i < rows.size(); ++i) {
            const std::uint64_t hash = column->isNull(rows[i]) ? 0 : hashOf(column->text(rows[i]));
            if (hash != 0) setAt<std::uint64_t>(hashes, size() + i, hash, 0, mostRows());
        }
        padIfUsed<std::uint64_t>(hashes, size() + rows.size(), 0);
    };
    take(filled(parties, places.sipCallId), side_.sipCallId, hashText);
    take(filled(&core, places.correlation), side_.correlation, hashText);
    take(filled(&core, places.transferor), side_.transferor, hashText);
    take(filled(parties, places.callId), side_.sharedCallId, [](std::string_view text) -> std::uint64_t {
        const auto id = parseId(text);
        return id ? hashOf(*id) : 0;
    });
}

}  // namespace meetpoint::reconcile
