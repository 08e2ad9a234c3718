#include "quality/grouping.h"

#include <algorithm>
#include <bit>

#include "domain/phone_number.h"

namespace meetpoint::quality {
namespace {

using columns::Batch;
using columns::CallCore;
using columns::CallNetwork;
using columns::Column;

// Codes of values: 0 where the call does not say; numbers are set off, so that none of them is 0.
constexpr std::uint64_t absent = 0;
constexpr std::uint64_t zeroOfNumbers = 1ULL << 62;
std::uint64_t numberCode(std::int64_t number) {
    return zeroOfNumbers + static_cast<std::uint64_t>(number);
}
std::int64_t numberOf(std::uint64_t code) {
    return static_cast<std::int64_t>(code - zeroOfNumbers);
}

bool isTextual(Dimension dimension) {
    switch (dimension) {
        case Dimension::hour:
        case Dimension::day:
        case Dimension::sipCode:
        case Dimension::q850Cause:
            return false;
        default:
            return true;
    }
}

template <class T>
bool isOneOf(const std::vector<T>& list, const auto& value) {
    return std::ranges::find(list, value) != list.end();
}

bool hasBit(ByteView bits, std::size_t at) {
    return !bits.empty() && (bits[at >> 3] >> (at & 7) & 1) != 0;
}

bool passes(const std::vector<std::string>& wanted, const Column& column, std::size_t row) {
    return wanted.empty() || (!column.isNull(row) && isOneOf(wanted, column.text(row)));
}
bool passes(const std::vector<std::int32_t>& wanted, const Column& column, std::size_t row) {
    return wanted.empty() || (!column.isNull(row) && isOneOf(wanted, column.at<std::int32_t>(row)));
}

const std::string nowhere;

}  // namespace

std::uint32_t TextIds::of(std::string_view text) {
    if (const auto found = ids_.find(text); found != ids_.end()) return found->second;
    const auto id = static_cast<std::uint32_t>(texts_.size() + 1);
    texts_.push_back(&ids_.emplace(text, id).first->first);
    return id;
}

void PairIds::clear(std::size_t pairs) {
    pairs_.clear();
    const std::size_t wanted = std::bit_ceil(std::max<std::size_t>(64, pairs * 2));
    if (places_.size() < wanted)
        places_.assign(wanted, 0);
    else
        std::ranges::fill(places_, 0u);
}

std::uint32_t PairIds::of(std::uint32_t before, std::uint64_t code) {
    const std::size_t mask = places_.size() - 1;
    std::uint64_t hash = (code + before) * 0x9e3779b97f4a7c15;
    hash ^= hash >> 32;
    for (std::size_t place = hash & mask;; place = (place + 1) & mask) {
        if (places_[place] == 0) {
            pairs_.push_back({before, code});
            places_[place] = static_cast<std::uint32_t>(pairs_.size());
            return static_cast<std::uint32_t>(pairs_.size() - 1);
        }
        const Pair& known = pairs_[places_[place] - 1];
        if (known.before == before && known.code == code) return places_[place] - 1;
    }
}

const CivilTimes::Minute& CivilTimes::at(std::int64_t ms) {
    constexpr std::int64_t minuteMs = 60'000, hourMs = 3'600'000;
    const std::int64_t number = ms / minuteMs - (ms % minuteMs < 0);
    Minute& minute = kept_[static_cast<std::size_t>(number & 255)];
    if (minute.number == number) return minute;
    const Instant start{number * minuteMs};
    const std::int64_t local = start.ms + zone_.offsetMinutesAt(start) * minuteMs;
    minute = {number, start.ms - (local % hourMs + hourMs) % hourMs, zone_.dayOf(start).number};
    return minute;
}

const std::string& NumberCountries::of(std::uint64_t digits) {
    constexpr std::size_t mostKnown = 100'000;
    const std::uint64_t leading = domain::leadingDigits(digits);
    if (const auto found = known_.find(leading); found != known_.end()) return found->second;
    if (known_.size() >= mostKnown) known_.clear();
    return known_.emplace(leading, domain::countryOfLeading(leading)).first->second;
}

CallGrouper::CallGrouper(const Query& query)
    : query_(query), byCodec_(query.groups(Dimension::codec)), times_(query.zone), steps_(query.groupBy.size() + 1) {
    Filters others;
    others.testCalls = query.filters.testCalls;
    others.codecs = query.filters.codecs;
    hasFilters_ = query.filters != others;
}

std::int64_t CallGrouper::timeOf(const Batch& core, std::size_t at) const {
    const std::int64_t ms = core[CallCore::invitedAt].at<std::int64_t>(rows_[at]);
    return periods_[at] == Period::asked ? ms : ms + (query_.to - query_.from).ms;
}

const std::string& CallGrouper::ownCountry(const Batch& core, std::size_t row) {
    const Column& own = core[CallCore::ownNumber];
    return own.isNull(row) ? nowhere : countries_.of(own.at<std::uint64_t>(row));
}

// The hidden digits stand at the end, and decide no country; zeros in their places give the number its length.
const std::string& CallGrouper::farEndCountry(const Batch& core, std::size_t row) {
    const Column &prefix = core[CallCore::farEndPrefix], &masked = core[CallCore::farEndMaskedDigits];
    if (prefix.isNull(row)) return nowhere;
    std::uint64_t digits = prefix.at<std::uint64_t>(row);
    for (int hidden = masked.isNull(row) ? 0 : masked.at<std::uint8_t>(row); hidden > 0; --hidden)
        digits *= 10;
    return countries_.of(digits);
}

bool CallGrouper::isTestWanted(const Column& isTest, std::size_t row) const {
    const bool test = !isTest.isNull(row) && isTest.at<std::uint8_t>(row) == 1;
    return query_.filters.testCalls == TestCalls::include || test == (query_.filters.testCalls == TestCalls::only);
}

bool CallGrouper::isWanted(const CallBlock& block, std::size_t row) {
    const Batch& core = block.core;
    const Filters& filters = query_.filters;
    if (filters.tenant && (core[CallCore::tenantId].isNull(row) || core[CallCore::tenantId].id(row) != *filters.tenant))
        return false;
    if (filters.direction &&
        core[CallCore::direction].at<std::uint8_t>(row) != static_cast<std::uint8_t>(*filters.direction))
        return false;
    return passes(filters.trunks, core[CallCore::trunk], row) && passes(filters.regions, core[CallCore::region], row) &&
           passes(filters.sipCodes, core[CallCore::finalSipCode], row) &&
           passes(filters.q850Causes, core[CallCore::q850Cause], row) &&
           (filters.ownCountries.empty() || isOneOf(filters.ownCountries, ownCountry(core, row))) &&
           (filters.farEndCountries.empty() || isOneOf(filters.farEndCountries, farEndCountry(core, row)));
}

void CallGrouper::select(const CallBlock& block) {
    rows_.clear();
    periods_.clear();
    const auto invited = block.core[CallCore::invitedAt].as<std::int64_t>();
    const Column& isTest = block.core[CallCore::isTest];
    const std::int64_t from = query_.from.ms, to = query_.to.ms, scanFrom = query_.scanFrom().ms;
    for (std::size_t i = 0; i < block.rows; ++i) {
        const std::size_t row = block.firstRow + i;
        if (invited[row] < scanFrom || invited[row] >= to || hasBit(block.superseded, i)) continue;
        if (!isTestWanted(isTest, row) || (hasFilters_ && !isWanted(block, row))) continue;
        rows_.push_back(static_cast<std::uint32_t>(row));
        periods_.push_back(invited[row] >= from ? Period::asked : Period::previous);
    }
    findOutWhoSees(block);
}

void CallGrouper::findOutWhoSees(const CallBlock& block) {
    const auto invited = block.core[CallCore::invitedAt].as<std::int64_t>();
    const auto sees = [&](std::int64_t at) { return static_cast<std::uint8_t>(query_.seesNetwork(Instant{at})); };
    std::int64_t oldest = INT64_MAX, newest = INT64_MIN;
    for (const std::uint32_t row : rows_) {
        oldest = std::min(oldest, invited[row]);
        newest = std::max(newest, invited[row]);
    }
    if (rows_.empty()) return seesNetwork_.clear();
    // What is shown only shrinks with age: where both ends agree, all between them do.
    seesNetwork_.assign(rows_.size(), sees(oldest));
    if (sees(newest) == sees(oldest)) return;
    for (std::size_t at = 0; at < rows_.size(); ++at)
        seesNetwork_[at] = sees(invited[rows_[at]]);
}

// Splits the groups so far by a further value of each call.
template <class CodeOf>
void CallGrouper::refine(CodeOf codeOf) {
    PairIds& ids = steps_[step_++];
    ids.clear(rows_.size());
    std::uint32_t lastBefore = 0, last = 0;
    std::uint64_t lastCode = 0;
    bool isFirst = true;
    for (std::size_t at = 0; at < rows_.size(); ++at) {
        const std::uint64_t code = codeOf(at);
        if (isFirst || code != lastCode || groups_[at] != lastBefore) {
            last = ids.of(groups_[at], code);
            lastBefore = groups_[at];
            lastCode = code;
            isFirst = false;
        }
        groups_[at] = last;
    }
}

void CallGrouper::refineByText(const Column& column) {
    std::string_view last;
    std::uint64_t lastCode = absent;
    refine([&](std::size_t at) {
        if (column.isNull(rows_[at])) return absent;
        const std::string_view text = column.text(rows_[at]);
        if (lastCode == absent || text != last) {
            last = text;
            lastCode = texts_.of(text);
        }
        return lastCode;
    });
}

std::uint64_t CallGrouper::countryCode(const std::string& country) {
    return country.empty() ? absent : texts_.of(country);
}

void CallGrouper::refineBy(Dimension dimension, const CallBlock& block) {
    const Batch& core = block.core;
    const auto byNumber = [&](const Column& column) {
        refine([&](std::size_t at) {
            return column.isNull(rows_[at]) ? absent : numberCode(column.at<std::int32_t>(rows_[at]));
        });
    };
    switch (dimension) {
        case Dimension::hour:
            return refine([&](std::size_t at) { return numberCode(times_.hourStart(timeOf(core, at))); });
        case Dimension::day:
            return refine([&](std::size_t at) { return numberCode(times_.day(timeOf(core, at))); });
        case Dimension::carrier: {
            const std::uint64_t code = block.carrierId ? texts_.of(formatId(*block.carrierId)) : absent;
            return refine([&](std::size_t) { return code; });
        }
        case Dimension::tenant: {
            const Column& tenant = core[CallCore::tenantId];
            return refine([&](std::size_t at) {
                return tenant.isNull(rows_[at]) ? absent : std::uint64_t{texts_.of(formatId(tenant.id(rows_[at])))};
            });
        }
        case Dimension::trunk:
            return refineByText(core[CallCore::trunk]);
        case Dimension::region:
            return refineByText(core[CallCore::region]);
        case Dimension::direction: {
            const std::uint64_t codes[] = {texts_.of("inbound"), texts_.of("outbound")};
            const auto directions = core[CallCore::direction].as<std::uint8_t>();
            return refine([&](std::size_t at) { return codes[directions[rows_[at]] & 1]; });
        }
        case Dimension::sipCode:
            return byNumber(core[CallCore::finalSipCode]);
        case Dimension::q850Cause:
            return byNumber(core[CallCore::q850Cause]);
        case Dimension::ownCountry:
            return refine([&](std::size_t at) { return countryCode(ownCountry(core, rows_[at])); });
        case Dimension::farEndCountry:
            return refine([&](std::size_t at) { return countryCode(farEndCountry(core, rows_[at])); });
        case Dimension::codec:  // of streams: withCodec() comes last
            return;
    }
}

void CallGrouper::take(const CallBlock& block) {
    select(block);
    groups_.assign(rows_.size(), 0);
    step_ = 0;
    refine([&](std::size_t at) { return static_cast<std::uint64_t>(periods_[at]); });
    for (const Dimension dimension : query_.groupBy)
        if (dimension != Dimension::codec) refineBy(dimension, block);
    if (byCodec_) steps_[step_].clear(rows_.size() + block.network[CallNetwork::callRow].size());
}

bool CallGrouper::wantsCodec(std::optional<std::string_view> codec) const {
    return query_.filters.codecs.empty() || (codec && isOneOf(query_.filters.codecs, *codec));
}

std::uint32_t CallGrouper::withCodec(std::uint32_t group, std::optional<std::string_view> codec) {
    return steps_[step_].of(group, codec ? std::uint64_t{texts_.of(*codec)} : absent);
}

std::size_t CallGrouper::CodeHash::operator()(const Code& code) const noexcept {
    auto hash = static_cast<std::uint64_t>(code.period);
    for (const std::uint64_t value : code.values) {
        hash = (hash ^ value) * 0x9e3779b97f4a7c15;
        hash ^= hash >> 32;
    }
    return static_cast<std::size_t>(hash);
}

CallGrouper::Code CallGrouper::codeOf(std::uint32_t group) const {
    Code code;
    code.values.resize(query_.groupBy.size());
    std::size_t step = steps_.size();
    // From the last step back; the codec was the last of all, wherever it stands in the key.
    const auto back = [&] {
        const PairIds::Pair& pair = steps_[--step].pair(group);
        group = pair.before;
        return pair.code;
    };
    if (byCodec_) {
        const auto at = std::ranges::find(query_.groupBy, Dimension::codec) - query_.groupBy.begin();
        code.values[static_cast<std::size_t>(at)] = back();
    }
    for (std::size_t i = query_.groupBy.size(); i-- > 0;)
        if (query_.groupBy[i] != Dimension::codec) code.values[i] = back();
    code.period = static_cast<Period>(back());
    return code;
}

GroupKey CallGrouper::keyOf(const Code& code) const {
    GroupKey key;
    for (std::size_t i = 0; i < code.values.size(); ++i) {
        const std::uint64_t value = code.values[i];
        if (value == absent)
            key.emplace_back();
        else if (isTextual(query_.groupBy[i]))
            key.emplace_back(texts_.text(static_cast<std::uint32_t>(value)));
        else
            key.emplace_back(numberOf(value));
    }
    return key;
}

}  // namespace meetpoint::quality
