// The words of a report for people, in the languages that it is written in. Names of states and causes stay as the API
// has them, and their meaning stands beside them.
#pragma once

#include <array>
#include <optional>
#include <string>
#include <string_view>

#include "reconcile/report_data.h"

namespace meetpoint::reconcile {

enum class Language : std::uint8_t { english, traditionalChinese, japanese };
std::string_view tagOf(Language language);  // BCP 47: "en", "zh-Hant", "ja"
std::optional<Language> languageOf(std::string_view tag);

// Where a text has `{}`, a number or a name goes.
struct ReportWords {
    std::string_view title, filesTitle, ours, theirs, period, contents;
    std::array<std::string_view, 3> kinds;  // by PeriodKind
    std::string_view madeAt, unread, missingDays, staleDays, droppedGroups;
    std::string_view totals, figure, difference, percent, records, calls, answered, minutes, seconds;
    std::string_view shown, nothingShown, evidence, day, value, side;
    std::array<std::string_view, 3> parties;  // by Party
    std::string_view states, state, meaning, items;
    std::string_view causes, cause, explains, noCauses;
    std::string_view deviations, term, agreed, count;
    std::string_view days, status, lastRun, closedAt, adjustments, differences, stale;
    std::array<std::string_view, 4> statuses;  // by DayStatus
    std::string_view numbers, number, trunks, trunk, none, atStake;
    std::string_view startDeltas, times, bars;
    std::string_view worst, time, whatDiffers, ourRecords, theirRecords;
    std::array<std::string_view, stateCount> stateMeanings;
    std::array<std::string_view, causeCount> causeMeanings;
};
const ReportWords& wordsOf(Language language);

// A cause that was found, as a sentence: whole in English, else its meaning, its value and what shows it.
std::string sentence(const Diagnosis& found, Language language);
// The value of a cause as text that needs no words: "+37 s", "↑ 60 s", "0>41"; empty where it has none.
std::string valueText(const Diagnosis& found);

}  // namespace meetpoint::reconcile
