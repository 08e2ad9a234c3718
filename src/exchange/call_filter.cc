#include "exchange/call_filter.h"

#include "columns/block.h"
#include "domain/phone_number.h"

namespace meetpoint::exchange {
namespace {

using columns::Batch;
using columns::CallCore;
using columns::CallInternal;
using columns::CallNetwork;
using columns::CallParties;
using columns::Column;
using columns::Part;

constexpr std::size_t longestNumber = 15;  // digits, ITU-T E.164
constexpr std::size_t longestText = 256;   // of what a record may hold in these fields

template <class Index>
int at(Index column) {
    return static_cast<int>(column);
}

const Batch& core(const RecordView& view) {
    return view.records.part(Part::core);
}

// Conditions on one column of core.
template <class Holds>
Condition ofCore(CallCore column, Holds holds) {
    return {Part::core, {at(column)}, {}, false, [column, holds](const RecordView& view) {
                const Column& values = core(view)[column];
                return !values.isNull(view.row) && holds(values, view.row);
            }};
}

Condition textIs(CallCore column, std::string wanted) {
    return ofCore(column, [wanted = std::move(wanted)](const Column& values, std::size_t row) {
        return values.text(row) == wanted;
    });
}

template <class T>
Condition valueIs(CallCore column, T wanted) {
    return ofCore(column, [wanted](const Column& values, std::size_t row) { return values.at<T>(row) == wanted; });
}

Condition idIs(Part part, int column, Id wanted) {
    return {part, {}, {column}, false, [part, column, wanted](const RecordView& view) {
                const Column& values = view.records.part(part)[column];
                return !values.isNull(view.row) && values.id(view.row) == wanted;
            }};
}

// What is not said of a call is not so.
Condition flagIs(CallCore column, bool wanted) {
    return {Part::core, {at(column)}, {}, false, [column, wanted](const RecordView& view) {
                const Column& values = core(view)[column];
                return (!values.isNull(view.row) && values.at<std::uint8_t>(view.row) != 0) == wanted;
            }};
}

// A call may be answered and end within the same millisecond.
Condition answeredIs(bool wanted) {
    return {
        Part::core, {at(CallCore::answeredAt), at(CallCore::durationMs)}, {}, false, [wanted](const RecordView& view) {
            const bool answered = !core(view)[CallCore::answeredAt].isNull(view.row) ||
                                  core(view)[CallCore::durationMs].at<std::int64_t>(view.row) > 0;
            return answered == wanted;
        }};
}

Condition durationWithin(std::int64_t least, std::int64_t most) {
    return ofCore(CallCore::durationMs, [least, most](const Column& values, std::size_t row) {
        return values.at<std::int64_t>(row) >= least && values.at<std::int64_t>(row) <= most;
    });
}

bool startsWith(std::uint64_t number, std::string_view digits) {
    return std::string_view(std::to_string(number)).starts_with(digits);
}

// 1 to 15 digits, perhaps after a plus. Code "bad-number-part".
Result<void> checkPrefix(std::string_view text, std::string_view name) {
    const std::string_view digits = text.substr(text.starts_with('+') ? 1 : 0);
    const bool good = !digits.empty() && digits.size() <= longestNumber &&
                      std::ranges::all_of(digits, [](char c) { return c >= '0' && c <= '9'; });
    if (good) return {};
    return fail(invalidInput("bad-number-part", "'" + std::string(name) +
                                                    "' takes 1 to 15 digits, with or without a plus before the country "
                                                    "code."));
}

std::string digitsOf(const std::string& prefix) {
    return prefix.starts_with('+') ? prefix.substr(1) : prefix;
}

// The far end as it is written in a record: in full, masked, or as dialled.
struct FarEnd {
    std::optional<std::uint64_t> number;
    std::optional<domain::MaskedNumber> masked;
    std::string_view text;  // empty if it is a number
};
FarEnd farEndOf(const RecordView& view) {
    const Batch& parties = view.records.part(Part::parties);
    const Column& number = parties[CallParties::farEndNumber];
    if (!number.isNull(view.row)) return {number.at<std::uint64_t>(view.row), std::nullopt, {}};
    const Column& text = parties[CallParties::farEndText];
    if (!text.isNull(view.row)) return {std::nullopt, std::nullopt, text.text(view.row)};
    const Column& prefix = core(view)[CallCore::farEndPrefix];
    if (prefix.isNull(view.row)) return {};
    const Column& hidden = core(view)[CallCore::farEndMaskedDigits];
    const int digits = hidden.isNull(view.row) ? 0 : hidden.at<std::uint8_t>(view.row);
    return {std::nullopt, domain::MaskedNumber{prefix.at<std::uint64_t>(view.row), digits}, {}};
}

Condition ofFarEnd(bool hiddenMayMeet, std::function<bool(const FarEnd&)> holds) {
    return {Part::parties,
            {at(CallCore::farEndPrefix), at(CallCore::farEndMaskedDigits)},
            {at(CallParties::farEndNumber), at(CallParties::farEndText)},
            hiddenMayMeet,
            [holds = std::move(holds)](const RecordView& view) { return holds(farEndOf(view)); }};
}

Result<void> addFarEnd(const CallConditions& wanted, const KeyedHash& secret, RecordFilter& filter) {
    if (wanted.farEndNumber) {
        const std::string& text = *wanted.farEndNumber;
        if (text.empty() || text.size() > longestText)
            return fail(invalidInput("bad-number",
                                     "'farEndNumber' is a number as it is shown: +41791234567, +4179123****, or as it "
                                     "was dialled."));
        if (const auto number = domain::readE164(text)) {
            filter.hashes.push_back(columns::numberHash(number->digits, secret));
            filter.conditions.push_back(
                ofFarEnd(false, [digits = number->digits](const FarEnd& farEnd) { return farEnd.number == digits; }));
        } else if (const auto masked = domain::readMasked(text)) {
            // What is shown masked is shown as core has it; a number that is kept in full meets it only as it is seen.
            filter.conditions.push_back(valueIs<std::uint64_t>(CallCore::farEndPrefix, masked->prefix));
            filter.conditions.push_back(ofFarEnd(true, [masked = *masked](const FarEnd& farEnd) {
                return farEnd.masked && farEnd.masked->prefix == masked.prefix &&
                       farEnd.masked->maskedDigits == masked.maskedDigits;
            }));
        } else {
            filter.conditions.push_back(ofFarEnd(false, [text](const FarEnd& farEnd) { return farEnd.text == text; }));
        }
    }
    if (!wanted.farEndNumberStartsWith) return {};
    const std::string& prefix = *wanted.farEndNumberStartsWith;
    TRY(checkPrefix(prefix, "farEndNumberStartsWith"));
    filter.conditions.push_back(ofFarEnd(false, [prefix, digits = digitsOf(prefix)](const FarEnd& farEnd) {
        if (farEnd.number) return startsWith(*farEnd.number, digits);
        if (farEnd.masked) return startsWith(farEnd.masked->prefix, digits);
        return !farEnd.text.empty() && farEnd.text.starts_with(prefix);
    }));
    return {};
}

Result<void> addOwnNumber(const CallConditions& wanted, const KeyedHash& secret, RecordFilter& filter) {
    if (wanted.ownNumber) {
        const auto number = domain::readE164(*wanted.ownNumber);
        if (!number) return fail(invalidInput("bad-number", "'ownNumber' must be E.164, e.g. +41446681800."));
        filter.ownNumber = columns::numberHash(number->digits, secret);
        filter.conditions.push_back(valueIs<std::uint64_t>(CallCore::ownNumber, number->digits));
    }
    if (!wanted.ownNumberStartsWith) return {};
    TRY(checkPrefix(*wanted.ownNumberStartsWith, "ownNumberStartsWith"));
    filter.conditions.push_back(ofCore(
        CallCore::ownNumber, [digits = digitsOf(*wanted.ownNumberStartsWith)](const Column& values, std::size_t row) {
            return startsWith(values.at<std::uint64_t>(row), digits);
        }));
    return {};
}

std::optional<double> figureOf(const Batch& network, CallNetwork column, std::size_t row) {
    if (network[column].isNull(row)) return std::nullopt;
    return network[column].at<float>(row);
}

domain::StreamQuality qualityOf(const RecordView& view, const domain::QualityLimits& limits) {
    const Batch& network = view.records.part(Part::network);
    auto worst = domain::StreamQuality::unclassified;
    for (std::size_t row = view.streamOffsets[view.row]; row < view.streamOffsets[view.row + 1]; ++row) {
        domain::StreamFigures figures{
            figureOf(network, CallNetwork::audioDegradationAvg, row),
            figureOf(network, CallNetwork::roundTripMsAvg, row), figureOf(network, CallNetwork::lossRatioAvg, row),
            figureOf(network, CallNetwork::jitterMsAvg, row), figureOf(network, CallNetwork::concealedRatioAvg, row)};
        const auto& packets = network[CallNetwork::packets];
        if (!packets.isNull(row)) figures.packets = packets.at<std::int64_t>(row);
        worst = domain::worseOf(worst, domain::qualityOf(figures, limits));
    }
    return worst;
}

Condition qualityIs(domain::StreamQuality wanted, const domain::QualityLimits& limits) {
    return {Part::network,
            {},
            {at(CallNetwork::audioDegradationAvg), at(CallNetwork::roundTripMsAvg), at(CallNetwork::lossRatioAvg),
             at(CallNetwork::jitterMsAvg), at(CallNetwork::concealedRatioAvg), at(CallNetwork::packets)},
            wanted == domain::StreamQuality::unclassified,  // so is a call whose streams are hidden
            [wanted, limits](const RecordView& view) { return qualityOf(view, limits) == wanted; }};
}

void addSignalling(const CallConditions& wanted, const KeyedHash& secret, RecordFilter& filter) {
    if (wanted.correlationId) {
        filter.hashes.push_back(columns::signallingIdHash(*wanted.correlationId, secret));
        filter.conditions.push_back(textIs(CallCore::correlationId, *wanted.correlationId));
    }
    if (!wanted.sipCallId) return;
    filter.hashes.push_back(columns::signallingIdHash(*wanted.sipCallId, secret));
    filter.conditions.push_back(
        {Part::parties, {}, {at(CallParties::sipCallId)}, false, [id = *wanted.sipCallId](const RecordView& view) {
             const Column& ids = view.records.part(Part::parties)[CallParties::sipCallId];
             return !ids.isNull(view.row) && ids.text(view.row) == id;
         }});
}

void addPlain(const CallConditions& wanted, RecordFilter& filter) {
    auto& conditions = filter.conditions;
    if (wanted.tenantId)
        conditions.push_back(ofCore(CallCore::tenantId, [id = *wanted.tenantId](const Column& values, std::size_t row) {
            return values.id(row) == id;
        }));
    if (wanted.trunk) conditions.push_back(textIs(CallCore::trunk, *wanted.trunk));
    if (wanted.callType) conditions.push_back(textIs(CallCore::callType, *wanted.callType));
    if (wanted.direction)
        conditions.push_back(valueIs(CallCore::direction, static_cast<std::uint8_t>(*wanted.direction)));
    if (wanted.finalSipCode) conditions.push_back(valueIs(CallCore::finalSipCode, *wanted.finalSipCode));
    if (wanted.q850Cause) conditions.push_back(valueIs(CallCore::q850Cause, *wanted.q850Cause));
    if (wanted.minDurationMs || wanted.maxDurationMs)
        conditions.push_back(
            durationWithin(wanted.minDurationMs.value_or(0), wanted.maxDurationMs.value_or(INT64_MAX)));
    if (wanted.answered) conditions.push_back(answeredIs(*wanted.answered));
    if (wanted.emergency) conditions.push_back(flagIs(CallCore::emergency, *wanted.emergency));
    if (wanted.isTest) conditions.push_back(flagIs(CallCore::isTest, *wanted.isTest));
    if (wanted.userId) conditions.push_back(idIs(Part::internal, at(CallInternal::userId), *wanted.userId));
}

}  // namespace

Result<RecordFilter> callFilter(const CallConditions& conditions, const KeyedHash& secret) {
    if (conditions.minDurationMs && conditions.maxDurationMs && *conditions.minDurationMs > *conditions.maxDurationMs)
        return fail(invalidInput("bad-range", "'maxDurationMs' is less than 'minDurationMs'."));
    RecordFilter filter;
    addPlain(conditions, filter);
    TRY(addOwnNumber(conditions, secret, filter));
    TRY(addFarEnd(conditions, secret, filter));
    addSignalling(conditions, secret, filter);
    if (conditions.quality) filter.conditions.push_back(qualityIs(*conditions.quality, conditions.qualityLimits));
    return filter;
}

}  // namespace meetpoint::exchange
