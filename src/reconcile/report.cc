#include "reconcile/report.h"

#include <cmath>
#include <cstdlib>

#include <fmt/format.h>

#include "base/json_text.h"
#include "reconcile/report_words.h"

namespace meetpoint::reconcile {
namespace {

std::string_view whose(Party party) {
    switch (party) {
        case Party::platform:
            return "the platform";
        case Party::carrier:
            return "the carrier";
        case Party::neither:
            return "one side";
    }
    return "";
}

std::string capitalised(std::string text) {
    if (!text.empty() && text[0] >= 'a' && text[0] <= 'z') text[0] = static_cast<char>(text[0] - 32);
    return text;
}

std::string numberText(double value) {
    std::string text = fmt::format("{:.3f}", value);
    while (text.back() == '0')
        text.pop_back();
    if (text.back() == '.') text.pop_back();
    return text == "-0" ? "0" : text;
}

// "143 of 143 pairs", and the seconds where there are some.
std::string evidence(const Diagnosis& found) {
    switch (found.cause) {
        case Cause::coverageGap:
            return fmt::format("{} calls in a row, {} s", found.count, secondsText(found.explainedMs));
        case Cause::answeredOnly:
        case Cause::oneDirectionOnly:
        case Cause::onNet:
            return fmt::format("{} such calls stand on the other side alone", found.count);
        case Cause::duplicateUpload:
            return fmt::format("{} records, {} s", found.count, secondsText(found.explainedMs));
        case Cause::lateRecord:
            return fmt::format("{} of {} calls, {} s", found.count, found.outOf, secondsText(found.explainedMs));
        default:
            break;
    }
    std::string text = fmt::format("{} of {} pairs", found.count, found.outOf);
    if (found.explainedMs != 0) text += fmt::format(", {} s", secondsText(found.explainedMs));
    return text;
}

std::string clockClaim(const Diagnosis& found) {
    if (found.cause == Cause::clockOffset)
        return fmt::format("The carrier's clock is {} {}", spoken(*found.number),
                           *found.number > 0 ? "ahead" : "behind");
    if (found.cause == Cause::clockDrift)
        return fmt::format("The carrier's clock {} {} s an hour", *found.rate > 0 ? "gains" : "loses",
                           numberText(std::abs(*found.rate) / 1000));
    return fmt::format("The carrier's times are {} {}, as in another time zone", spoken(*found.number * 60'000),
                       *found.number > 0 ? "ahead" : "behind");
}

std::string unitClaim(const UnitFactor& unit) {
    constexpr struct {
        UnitFactor unit;
        std::string_view written, expected;
    } known[] = {{{60'000, 1}, "minutes", "milliseconds"}, {{1'000, 1}, "seconds", "milliseconds"},
                 {{60, 1}, "minutes", "seconds"},          {{1, 60}, "seconds", "minutes"},
                 {{1, 1'000}, "milliseconds", "seconds"},  {{1, 60'000}, "milliseconds", "minutes"}};
    for (const auto& one : known)
        if (one.unit == unit)
            return fmt::format("The carrier's durations are {} where {} are expected", one.written, one.expected);
    return "The carrier's durations are in another unit";
}

std::string figuresClaim(const Diagnosis& found) {
    switch (found.cause) {
        case Cause::startBasis:
            return capitalised(fmt::format("{}'s start is the answer, not the invitation", whose(found.at)));
        case Cause::durationBasis:
            return "The carrier counts the ringing into its durations";
        case Cause::durationUnit:
            return unitClaim(*found.unit);
        case Cause::rounding:
            return found.rounding->mode == RoundingMode::nearest
                       ? fmt::format("The carrier rounds durations to the nearest {}", spoken(found.rounding->step.ms))
                       : fmt::format("The carrier rounds durations {} to {}", name(found.rounding->mode),
                                     spoken(found.rounding->step.ms));
        case Cause::hungCall:
            return capitalised(fmt::format("{} let calls run on to a timer", whose(found.at)));
        default:
            return "";
    }
}

std::string recordsClaim(const Diagnosis& found) {
    const std::string_view who = whose(found.at);
    switch (found.cause) {
        case Cause::partialRecords:
            return capitalised(fmt::format("{} records some calls in several parts", who));
        case Cause::forkedLegs:
            return "Ringing legs are recorded beside the call itself";
        case Cause::coverageGap:
            return capitalised(fmt::format("{}'s data have a hole from {} to {}", who, formatInstant(*found.from),
                                           formatInstant(*found.to)));
        case Cause::answeredOnly:
            return capitalised(fmt::format("{} records answered calls only", who));
        case Cause::oneDirectionOnly:
            return capitalised(fmt::format("{} records one direction only", who));
        case Cause::onNet:
            return capitalised(fmt::format("{} does not record calls between own numbers", who));
        case Cause::transferredCall:
            return "Calls go on with another user after a transfer, a record each";
        case Cause::presentedNumber:
            return "The carrier names the number shown instead of the assigned one";
        case Cause::reversedDirection:
            return "The two sides mean the opposite by direction";
        case Cause::duplicateUpload:
            return found.at == Party::neither ? "Both sides recorded calls twice"
                                              : capitalised(fmt::format("{} recorded calls twice", who));
        case Cause::numberFormat: {
            const std::size_t arrow = found.word.find('>');
            if (arrow == std::string::npos) return "One side writes numbers in a national format";
            const auto part = [](std::string text) { return text.empty() ? std::string("nothing") : text; };
            return fmt::format("Numbers differ in their prefix: {} on one side, {} on the other",
                               part(found.word.substr(0, arrow)), part(found.word.substr(arrow + 1)));
        }
        case Cause::maskedNumber:
            return "One side hides digits of the far-end number";
        case Cause::lateRecord: {
            const std::string_view whoseRecords = found.at == Party::neither ? "both sides" : who;
            if (!found.dueAt) return fmt::format("Records of {} came after they were due", whoseRecords);
            return fmt::format("Records of {} came after {}, when they were due", whoseRecords,
                               formatInstant(*found.dueAt));
        }
        case Cause::unexplained:
            return "Differences that nothing in the data explains";
        default:
            return "";
    }
}

std::string_view atJson(Party party) {
    switch (party) {
        case Party::platform:
            return "\"platform\"";
        case Party::carrier:
            return "\"carrier\"";
        case Party::neither:
            return "null";
    }
    return "null";
}

std::string sideJson(const SideTotals& side) {
    return fmt::format(R"({{"records":{},"calls":{},"answered":{},"seconds":{}}})", side.records, side.calls,
                       side.answered, secondsText(side.connectedMs));
}

}  // namespace

std::string sentence(const Diagnosis& found) {
    std::string claim;
    switch (found.cause) {
        case Cause::clockOffset:
        case Cause::clockDrift:
        case Cause::timeZone:
            claim = clockClaim(found);
            break;
        case Cause::startBasis:
        case Cause::durationBasis:
        case Cause::durationUnit:
        case Cause::rounding:
        case Cause::hungCall:
            claim = figuresClaim(found);
            break;
        default:
            claim = recordsClaim(found);
    }
    return claim + ": " + evidence(found) + ".";
}

std::string_view advice(const Diagnosis& found) {
    switch (found.cause) {
        case Cause::clockOffset:
        case Cause::clockDrift:
            return "Ask the carrier to set its clock by NTP; the comparison has allowed for the difference.";
        case Cause::timeZone:
            return "Agree on UTC, or state the zone of the carrier's file with --theirs-zone.";
        case Cause::startBasis:
        case Cause::durationBasis:
            return "Write into the agreement from which instant starts and durations count.";
        case Cause::durationUnit:
            return "Ask for durations in the unit of their field, or declare the unit with the upload or in the column "
                   "map.";
        case Cause::transferredCall:
            return "Compare the carrier's record with all legs of the call.";
        case Cause::lateRecord:
            return "Agree on when records are due; earlier reports of these days lacked them.";
        case Cause::rounding:
            return "Check the increment against the agreement: the rounding explains these differences.";
        case Cause::hungCall:
            return "Ask for the release messages of these calls and correct the longer side.";
        case Cause::coverageGap:
            return "Ask for the missing period to be sent again.";
        case Cause::duplicateUpload:
            return "Drop the repeated records before anything is billed from them.";
        case Cause::numberFormat:
            return "Send numbers in E.164, or state the region with --region.";
        case Cause::presentedNumber:
            return "Ask for the assigned number beside the number shown.";
        case Cause::unexplained:
            return "Look at these calls one by one; they are in the matches file.";
        default:
            return "";
    }
}

std::string_view meaning(State state) {
    return wordsOf(Language::english).stateMeanings[static_cast<std::size_t>(state)];
}

std::string countsJson(const Totals& totals) {
    std::string out = "{";
    for (std::size_t s = 0; s < stateCount; ++s)
        out +=
            fmt::format("{}{}:{}", s == 0 ? "" : ",", jsonString(name(static_cast<State>(s))), totals.states[s].items);
    return out + "}";
}

std::string totalsJson(const Totals& totals) {
    const double ours = static_cast<double>(totals.ours.connectedMs);
    const std::string percent =
        ours == 0 ? "null" : numberText(100.0 * static_cast<double>(totals.differenceMs()) / ours);
    std::string out = fmt::format(
        R"({{"ours":{},"theirs":{},"pairs":{},"differenceSeconds":{},"differencePercent":{},"states":{{)",
        sideJson(totals.ours), sideJson(totals.theirs), totals.pairs, secondsText(totals.differenceMs()), percent);
    bool first = true;
    for (std::size_t s = 0; s < stateCount; ++s) {
        const StateTotals& state = totals.states[s];
        if (state.items == 0) continue;
        out += fmt::format(R"({}{}:{{"items":{},"ourSeconds":{},"theirSeconds":{}}})", first ? "" : ",",
                           jsonString(name(static_cast<State>(s))), state.items, secondsText(state.ourMs),
                           secondsText(state.theirMs));
        first = false;
    }
    return out + "}}";
}

std::string valueJson(const Diagnosis& found) {
    if (found.number) return std::to_string(*found.number);
    if (found.rate) return numberText(*found.rate);
    if (found.rounding)
        return fmt::format(R"({{"mode":{},"stepMs":{}}})", jsonString(name(found.rounding->mode)),
                           found.rounding->step.ms);
    if (found.unit) return fmt::format(R"({{"multiply":{},"divide":{}}})", found.unit->multiply, found.unit->divide);
    if (found.dueAt) return jsonString(formatInstant(*found.dueAt));
    if (found.from)
        return fmt::format(R"({{"from":{},"to":{}}})", jsonString(formatInstant(*found.from)),
                           jsonString(formatInstant(*found.to)));
    return found.word.empty() ? "null" : jsonString(found.word);
}

std::string diagnosisJson(const Summary& summary) {
    std::string out = "[";
    for (const Diagnosis& found : summary.diagnosis) {
        if (out.size() > 1) out += ",";
        out += fmt::format(
            R"({{"cause":{},"value":{},"at":{},"count":{},"outOf":{},"secondsExplained":{},"evidence":{}}})",
            jsonString(name(found.cause)), valueJson(found), atJson(found.at), found.count, found.outOf,
            secondsText(found.explainedMs), jsonString(sentence(found)));
    }
    return out + "]";
}

std::string spoken(std::int64_t ms) {
    ms = std::abs(ms);
    if (ms < 120'000 && ms % 60'000 != 0) return secondsText(ms) + " s";
    if (ms < 60'000) return secondsText(ms) + " s";
    const std::int64_t days = ms / 86'400'000;
    std::string out;
    const auto add = [&](std::int64_t count, std::string_view unit) {
        if (count == 0) return;
        out += fmt::format("{}{} {}", out.empty() ? "" : " ", count, unit);
    };
    add(days, days == 1 ? "day" : "days");
    add(ms / 3'600'000 % 24, "h");
    add(ms / 60'000 % 60, "min");
    if (ms % 60'000 != 0) out += " " + secondsText(ms % 60'000) + " s";
    return out;
}

std::string secondsText(std::int64_t ms) {
    return numberText(static_cast<double>(ms) / 1000.0);
}

std::string grouped(std::uint64_t number) {
    std::string out = std::to_string(number);
    for (std::size_t at = out.size(); at > 3;)
        out.insert(at -= 3, ",");
    return out;
}

std::string percentText(std::int64_t difference, std::int64_t base) {
    if (base == 0) return "-";
    return fmt::format("{:+.2f} %", 100.0 * static_cast<double>(difference) / static_cast<double>(base));
}

}  // namespace meetpoint::reconcile
