#include "quality_model.h"

#include <algorithm>
#include <cmath>
#include <set>

namespace meetpoint::outside {
namespace {

using quality::Dimension;
using quality::TestCalls;
using quality::testing::TestCall;
using quality::testing::TestStream;

template <class T>
bool isIn(const std::vector<T>& list, const std::optional<T>& value) {
    return list.empty() || (value && std::find(list.begin(), list.end(), *value) != list.end());
}

std::string countryOf(std::uint64_t number) {
    const std::string digits = std::to_string(number);
    for (const auto& [prefix, country] : std::initializer_list<std::pair<std::string, std::string>>{
             {"41", "CH"}, {"49", "DE"}, {"1201", "US"}, {"1416", "CA"}, {"7701", "KZ"}, {"7495", "RU"}})
        if (digits.starts_with(prefix)) return country;
    return {};
}

bool isAnswered(const TestCall& call) {
    return call.connectedMs > 0;
}

// The rows of the table in the guide.
std::string outcomeOf(const TestCall& call) {
    const int sip = call.sipCode.value_or(0), cause = call.cause.value_or(0);
    const bool rang = call.rungAfterMs.has_value();
    if (isAnswered(call)) return "answered";
    if (sip >= 300 && sip < 400) return "redirected";
    if (sip == 401 || sip == 402 || sip == 407) return "challenged";
    if (cause == 17) return "busy";
    if (cause == 18 || cause == 19) return "noAnswer";
    if (cause == 20 || cause == 21) return "refused";
    if ((cause == 34 || cause == 44) && sip == 0) return "noCircuit";
    if (cause != 0 && cause != 16 && cause != 31 && cause != 127) return "failed";
    if (sip == 486 || sip == 600) return "busy";
    if (sip == 480 || (rang && (sip == 408 || sip == 487 || sip == 0))) return "noAnswer";
    if (sip == 603 || sip == 607 || sip == 608) return "refused";
    return sip == 487 ? "abandoned" : "failed";
}

std::string classOf(const TestStream& stream, const domain::QualityLimits& limits) {
    if (stream.packets == 0) return "unclassified";
    bool any = false, poor = false;
    const auto look = [&](const std::optional<float>& value, double limit) {
        any |= value.has_value();
        poor |= value && *value > static_cast<float>(limit);
    };
    look(stream.audioDegradation, limits.audioDegradation);
    look(stream.roundTripMs, limits.roundTripMs);
    look(stream.lossRatio, limits.lossRatio);
    look(stream.jitterMs, limits.jitterMs);
    look(stream.concealedRatio, limits.concealedRatio);
    return poor ? "poor" : any ? "good" : "unclassified";
}

void addStream(ModelGroup& group, const TestStream& stream, const domain::QualityLimits& limits) {
    ++group.counts["streams"];
    ++group.counts["streams." + classOf(stream, limits)];
    if (stream.packets == 0) ++group.counts["withoutPackets"];
    if (stream.mos && stream.packets.value_or(0) > 0) group.values["mos"].push_back(*stream.mos);
    if (stream.mos && stream.packets.value_or(0) <= 0) ++group.counts["mosWithoutPackets"];
    if (stream.packets == 0) return;
    for (const auto& [name, value] : {std::pair("jitterMs", stream.jitterMs), std::pair("lossRatio", stream.lossRatio),
                                      std::pair("roundTripMs", stream.roundTripMs)})
        if (value) group.values[name].push_back(*value);
    if (stream.jitterPeakMs)
        group.peaks["jitterMs"] = std::max(group.peaks["jitterMs"], static_cast<double>(*stream.jitterPeakMs));
}

void addCall(ModelGroup& group, const TestCall& call, const std::vector<std::string>& classes, bool seesStreams) {
    const std::string outcome = outcomeOf(call);
    auto& counts = group.counts;
    ++counts["bids"];
    if (outcome != "noCircuit") ++counts["seizures"];
    if (isAnswered(call)) ++counts["answered"];
    for (const char* delivered : {"answered", "busy", "noAnswer", "refused"})
        if (outcome == delivered) ++counts["delivered"];
    const int sip = call.sipCode.value_or(0);
    const bool isSession =
        isAnswered(call) || (outcome != "noCircuit" && outcome != "redirected" && outcome != "challenged");
    if (isSession) ++counts["sessions"];
    if (isAnswered(call) || (isSession && (sip == 480 || sip == 486 || sip == 600 || sip == 603)))
        ++counts["effective"];
    counts["connectedMs"] += static_cast<std::uint64_t>(call.connectedMs);
    if (call.rungAfterMs) {
        ++counts["rung"];
        counts["postDialMs"] += static_cast<std::uint64_t>(*call.rungAfterMs);
        group.values["postDialMs"].push_back(static_cast<double>(*call.rungAfterMs));
    }
    const auto has = [&](const char* wanted) {
        return std::find(classes.begin(), classes.end(), wanted) != classes.end();
    };
    if (has("poor"))
        ++counts["poor"];
    else if (has("good"))
        ++counts["good"];
    if (isAnswered(call) && classes.empty() && seesStreams) ++counts["withoutStreams"];
}

bool isWanted(const TestCall& call, const quality::Filters& filters) {
    if (filters.testCalls != TestCalls::include && call.isTest != (filters.testCalls == TestCalls::only)) return false;
    if (filters.tenant && call.tenantId != filters.tenant) return false;
    if (filters.direction && (*filters.direction == domain::Direction::outbound) != call.isOutbound) return false;
    return isIn(filters.trunks, call.trunk) && isIn(filters.regions, call.region) &&
           isIn(filters.sipCodes, call.sipCode) && isIn(filters.q850Causes, call.cause) &&
           isIn(filters.ownCountries, std::optional(countryOf(call.ownNumber))) &&
           isIn(filters.farEndCountries, std::optional(countryOf(call.farEnd)));
}

constexpr std::string_view absent = "~";  // in a key; an empty text is another value

std::string keyOf(const TestCall& call, const std::string& carrier, const std::optional<std::string>& codec,
                  const quality::Query& query, Instant at) {
    const auto text = [](const auto& value) {
        if constexpr (requires { *value; })
            return value ? std::string(*value) : std::string(absent);
        else
            return std::string(value);
    };
    const auto number = [](const std::optional<std::int32_t>& value) {
        return value ? std::to_string(*value) : std::string(absent);
    };
    std::string key;
    for (const Dimension dimension : query.groupBy) {
        const std::int64_t offset = query.zone.offsetMinutesAt(at) * std::int64_t{60'000}, hour = 3'600'000;
        switch (dimension) {
            case Dimension::hour:
                key += formatInstant({(at.ms + offset) / hour * hour - offset});
                break;
            case Dimension::day:
                key += formatDay(query.zone.dayOf(at));
                break;
            case Dimension::carrier:
                key += carrier;
                break;
            case Dimension::tenant:
                key += call.tenantId ? formatId(*call.tenantId) : std::string(absent);
                break;
            case Dimension::trunk:
                key += text(call.trunk);
                break;
            case Dimension::region:
                key += text(call.region);
                break;
            case Dimension::codec:
                key += text(codec);
                break;
            case Dimension::direction:
                key += call.isOutbound ? "outbound" : "inbound";
                break;
            case Dimension::sipCode:
                key += number(call.sipCode);
                break;
            case Dimension::q850Cause:
                key += number(call.cause);
                break;
            case Dimension::ownCountry:
                key += countryOf(call.ownNumber);
                break;
            case Dimension::farEndCountry:
                key += countryOf(call.farEnd);
                break;
        }
        key += "|";
    }
    return key;
}

}  // namespace

std::optional<double> nearestRank(std::vector<double> values, double percent) {
    if (values.empty()) return std::nullopt;
    std::sort(values.begin(), values.end());
    const auto rank = static_cast<std::size_t>(std::ceil(percent / 100 * static_cast<double>(values.size())));
    return values[std::max<std::size_t>(rank, 1) - 1];
}

ModelAnswer answerOf(const std::vector<ModelCall>& calls, const std::vector<std::string>& carrierIds,
                     const ModelQuestion& question) {
    const quality::Query& query = question.query;
    const Duration length = query.to - query.from;
    const bool byCodec = query.groups(Dimension::codec);
    ModelAnswer answer;
    for (const auto& [carrier, call] : calls) {
        if (std::find(question.carriers.begin(), question.carriers.end(), carrier) == question.carriers.end()) continue;
        const bool isAsked = call.invitedAt >= query.from && call.invitedAt < query.to;
        const bool isBefore =
            query.comparePrevious && call.invitedAt >= query.from - length && call.invitedAt < query.from;
        if ((!isAsked && !isBefore) || !isWanted(call, query.filters)) continue;
        const Instant at = isAsked ? call.invitedAt : call.invitedAt + length;
        const bool sees = query.role != domain::Role::auditor && query.now - call.invitedAt <= days(30);
        // Which of the call's streams count in which group.
        std::map<std::string, std::vector<std::string>> classes;
        for (const TestStream& stream : call.streams) {
            if (!sees || !isIn(query.filters.codecs, stream.codec)) continue;
            const std::string key = keyOf(call, carrierIds[carrier], byCodec ? stream.codec : std::nullopt, query, at);
            addStream(answer[key][isAsked ? 0 : 1], stream, query.limits);
            classes[key].push_back(classOf(stream, query.limits));
        }
        if (classes.empty() && query.filters.codecs.empty())
            classes[keyOf(call, carrierIds[carrier], std::nullopt, query, at)];
        for (const auto& [key, seen] : classes)
            addCall(answer[key][isAsked ? 0 : 1], call, seen, sees);
    }
    return answer;
}

}  // namespace meetpoint::outside
