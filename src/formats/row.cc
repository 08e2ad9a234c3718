#include "formats/row.h"

#include <cmath>

#include "formats/values.h"

namespace meetpoint::formats {
namespace {

using columns::LaneKind;
using columns::Part;

constexpr std::size_t maxFaults = 8;
constexpr std::size_t quoted = 40;

std::span<const WireField> nestedOf(LaneKind lane, std::string_view name) {
    const WireField* field = findField(wireRecordOf(lane), name);
    return field ? field->nested : std::span<const WireField>();
}

std::string quote(std::string_view text) {
    return "'" + shortened(text, quoted) + "'";
}

// Words of a closed set as a sentence lists them: "inbound, outbound".
std::string listed(std::string_view meanings) {
    std::string out;
    for (const char c : meanings) {
        out += c;
        if (c == ',') out += ' ';
    }
    return out;
}

std::string inMinutes(std::int64_t ms) {
    return std::to_string(ms / 60'000) + " min";
}

}  // namespace

FieldIndex::FieldIndex(std::span<const WireField> fields) : fields_(fields) {
    for (const WireField& field : fields)
        ends_.push_back(endsOf(field.name));
    // A multiplier under which all names fall into different slots; a few hundred tries find one.
    std::uint64_t state = 0x9E3779B97F4A7C15ULL;
    for (bool found = false; !found;) {
        state = state * 6364136223846793005ULL + 1442695040888963407ULL;
        seed_ = state | 1;
        table_.fill({});
        found = true;
        for (std::size_t i = 0; found && i < fields.size(); ++i) {
            const Ends ends = endsOf(fields[i].name);
            Slot& slot = table_[slotOf(ends)];
            found = slot.index < 0;
            slot = {ends, static_cast<int>(i)};
        }
    }
}

RowAssembler::RowAssembler(LaneKind lane, const ReadOptions& options)
    : lane_(lane),
      limits_(options.limits),
      now_(options.now),
      textOwnNumbers_(options.textOwnNumbers || lane == LaneKind::durations),
      declared_(options.declared),
      unitMs_(declared_.unit ? domain::millisecondsOf(*declared_.unit) : 1),
      fields_(wireRecordOf(lane).fields),
      endpointFields_(nestedOf(lane, "endpoint")),
      streamFields_(nestedOf(lane, "streams")) {
    const bool calls = lane == LaneKind::calls;
    const auto at = [this](std::string_view name) { return fields_.find(name); };
    special_ = {at(calls ? "callId" : "recordId"),
                at(calls ? "version" : "revision"),
                at("direction"),
                at("ownNumber"),
                at("callerNumber"),
                at("calleeNumber"),
                at("farEndPresentation"),
                at(calls ? "invitedAt" : "startedAt"),
                at("ringingAt"),
                at("answeredAt"),
                at("endedAt"),
                at("durationMs"),
                at("durationSeconds"),
                at("startBasis"),
                at("durationBasis"),
                at("rounding"),
                at("roundingStepMs"),
                at("finalBy"),
                at("extensions"),
                at("completeness")};
    for (std::size_t i = 0; i < fields_.size(); ++i) {
        const WireField& field = fields_[static_cast<int>(i)];
        if (field.presence == Presence::required) requiredMask_ |= bit(static_cast<int>(i));
        if (field.column < 0 || field.presence == Presence::givenOut) continue;
        keptMask_ |= bit(static_cast<int>(i));
        targets_[i] = {field.part, field.column};
    }
    // Numbers and the duration have rules of their own.
    requiredMask_ &= ~(bit(special_.callerNumber) | bit(special_.calleeNumber) | bit(special_.durationMs));
}

void RowAssembler::begin() {
    seen_ = nulls_ = present_ = faulted_ = 0;
    endpoint_ = {};
    streamCount_ = 0;
    numbers_ = {};
    sidesSet_ = false;
    extensions_ = {};
    place_ = {};
    faults_.clear();
}

std::string RowAssembler::pointerTo(const WireField& field) const {
    std::string pointer;
    if (!place_.object.empty()) pointer.append("/").append(place_.object);
    if (place_.stream >= 0) pointer.append("/").append(std::to_string(place_.stream));
    return pointer.append("/").append(field.name);
}

void RowAssembler::fault(std::string pointer, std::string code, std::string message) {
    if (faults_.size() < maxFaults) faults_.push_back({std::move(pointer), std::move(code), std::move(message), 0});
}

void RowAssembler::faultAt(const WireField& field, std::string code, std::string message) {
    if (place_.object.empty()) faulted_ |= bit(fields_.find(field.name));
    fault(pointerTo(field), std::move(code), std::move(message));
}

void RowAssembler::faultTwice(int field) {
    faultAt(fields_[field], "duplicate-field", std::string(fields_[field].name) + " is given twice; send it once");
}

void RowAssembler::setKept(int field, std::int64_t value) {
    cells_[static_cast<std::size_t>(field)].integer = value;
    present_ |= bit(field);
}

bool RowAssembler::checkText(const WireField& field, std::string_view text) {
    const std::size_t longest = field.longest ? limits_.*field.longest : limits_.text;
    const bool isKey = place_.object.empty() && field.presence == Presence::required;
    if (text.size() > longest) {
        faultAt(field, "text-too-long",
                std::string(field.name) + " has " + std::to_string(text.size()) + " bytes; at most " +
                    std::to_string(longest) + " are kept");
        return false;
    }
    if (!isPlain(text)) {
        faultAt(field, isKey ? "bad-id" : "bad-value",
                std::string(field.name) + " holds a control character; remove it");
        return false;
    }
    return true;
}

void RowAssembler::checkTime(int field, Instant at) {
    const bool mayLieAhead = field == special_.finalBy;
    if (at < limits_.earliest || (!mayLieAhead && at > now_ + limits_.future)) {
        faultAt(fields_[field], "time-out-of-range",
                formatInstant(at) + " is out of range; times lie between " + formatInstant(limits_.earliest) + " and " +
                    formatInstant(now_ + limits_.future));
        return;
    }
    setKept(field, at.ms);
}

void RowAssembler::setInstant(int field, Instant at) {
    checkTime(field, at);
}

void RowAssembler::setText(int field, std::string_view text) {
    const WireField& wire = fields_[field];
    Cell& cell = cells_[static_cast<std::size_t>(field)];
    if (text.empty()) return setNull(field);
    switch (wire.kind) {
        case ValueKind::uuid:
            if (const auto id = readId(text)) {
                cell.id = *id;
                present_ |= bit(field);
                return;
            }
            return faultAt(wire, "bad-id", quote(text) + " is not a UUID such as 018f3c2e-7d1a-7c55-9a51-0b7c6f2d8a10");
        case ValueKind::instant: {
            if (const auto at = instants_.read(text)) return checkTime(field, *at);
            const Result<Instant> at = parseInstant(text);
            if (!at) return faultAt(wire, at.error().code, at.error().message);
            return checkTime(field, *at);
        }
        case ValueKind::closedSet: {
            const auto index = domain::indexIn(wire.meanings, text);
            if (index) return setKept(field, *index);
            return faultAt(wire, "bad-value", quote(text) + " is none of " + listed(wire.meanings));
        }
        case ValueKind::phoneNumber:
            break;  // checked when own side and far end are known
        case ValueKind::text:
            if (!checkText(wire, text)) return;
            break;
        default:
            return faultAt(wire, "wrong-type",
                           std::string(wire.name) + " must be a JSON " + std::string(jsonTypeOf(wire.kind)));
    }
    cell.text = text;
    present_ |= bit(field);
}

void RowAssembler::setInteger(int field, std::int64_t value) {
    const WireField& wire = fields_[field];
    if (wire.kind == ValueKind::seconds) return setNumber(field, static_cast<double>(value));
    if (wire.kind == ValueKind::milliseconds) return setKept(field, value);
    if (value < 0 || value > INT32_MAX)
        return faultAt(wire, "bad-value",
                       std::to_string(value) + " is out of range; " + std::string(wire.name) + " is 0 to 2147483647");
    setKept(field, value);
}

void RowAssembler::setNumber(int field, double value) {
    // Beyond this no duration is plausible, and the conversion below stays defined.
    constexpr double mostSeconds = 1e15;
    if (!(std::abs(value) < mostSeconds))
        return faultAt(fields_[field], "duration-too-long", "this duration is not plausible");
    cells_[static_cast<std::size_t>(field)].number = value;
    present_ |= bit(field);
}

void RowAssembler::setFlag(int field, bool value) {
    setKept(field, value);
}

void RowAssembler::setFromText(int field, std::string_view text) {
    const WireField& wire = fields_[field];
    if (text.empty()) return setNull(field);
    switch (wire.kind) {
        case ValueKind::milliseconds:
        case ValueKind::integer:
            if (const auto value = readInteger(text)) return setInteger(field, *value);
            return faultAt(wire, "wrong-type", quote(text) + " is not an integer");
        case ValueKind::seconds:
            if (const auto value = readNumber(text)) return setNumber(field, *value);
            return faultAt(wire, "wrong-type", quote(text) + " is not a number");
        case ValueKind::flag:
            if (text == "true" || text == "yes" || text == "1") return setFlag(field, true);
            if (text == "false" || text == "no" || text == "0") return setFlag(field, false);
            return faultAt(wire, "wrong-type", quote(text) + " is not true or false");
        default:
            return setText(field, text);
    }
}

void RowAssembler::setEndpoint(int inner, std::string_view text) {
    if (text.empty()) return;
    place_.object = "endpoint";
    if (checkText(endpointFields_[inner], text)) endpoint_[static_cast<std::size_t>(inner)] = text;
    place_ = {};
}

void RowAssembler::setExtensions(std::string_view canonicalJson) {
    if (canonicalJson != "{}") extensions_ = canonicalJson;
}

bool RowAssembler::beginStream() {
    if (streamCount_ == limits_.streams) {
        place_ = {};
        fault("/streams", "bad-value",
              "more than " + std::to_string(limits_.streams) + " streams; send at most that many");
        return false;
    }
    if (streamCount_ == streams_.size()) streams_.emplace_back();
    place_ = {"streams", static_cast<int>(streamCount_)};
    streams_[streamCount_++].present = 0;
    return true;
}

void RowAssembler::setStreamText(int inner, std::string_view text) {
    const WireField& wire = streamFields_[inner];
    if (wire.kind != ValueKind::text)
        return faultAt(wire, "wrong-type",
                       std::string(wire.name) + " must be a JSON " + std::string(jsonTypeOf(wire.kind)));
    if (text.empty() || !checkText(wire, text)) return;
    Stream& stream = streams_[streamCount_ - 1];
    stream.cells[static_cast<std::size_t>(inner)].text = text;
    stream.present |= 1u << inner;
}

bool RowAssembler::checkFigure(const WireField& field, double value) {
    const double most = field.kind == ValueKind::ratio ? 1 : field.kind == ValueKind::mos ? 5 : 1e12;
    if (value >= 0 && value <= most) return true;
    std::string range = field.kind == ValueKind::ratio ? "a share from 0 to 1"
                        : field.kind == ValueKind::mos ? "0 to 5"
                                                       : "0 to 1000000000000";
    std::string sent;
    appendNumber(value, sent);
    faultAt(field, "bad-quality-figure", sent + " is out of range; " + std::string(field.name) + " is " + range);
    return false;
}

void RowAssembler::setStreamNumber(int inner, double value) {
    if (!checkFigure(streamFields_[inner], value)) return;
    Stream& stream = streams_[streamCount_ - 1];
    stream.cells[static_cast<std::size_t>(inner)].number = value;
    stream.present |= 1u << inner;
}

void RowAssembler::setStreamCount(int inner, std::int64_t value) {
    if (!checkFigure(streamFields_[inner], static_cast<double>(value))) return;
    Stream& stream = streams_[streamCount_ - 1];
    stream.cells[static_cast<std::size_t>(inner)].integer = value;
    stream.present |= 1u << inner;
}

void RowAssembler::setSides(std::string_view own, std::string_view farEnd) {
    sidesSet_ = true;
    ownSide_ = own;
    farSide_ = farEnd;
}

void RowAssembler::checkRequired() {
    std::uint64_t missing = requiredMask_ & ~present_ & ~faulted_;
    if (special_.durationSeconds >= 0) {
        const std::uint64_t either = bit(special_.durationMs) | bit(special_.durationSeconds);
        if (((present_ | faulted_) & either) == 0)
            fault("/durationMs", "missing-field", "durationMs is required, or durationSeconds instead");
    } else {
        missing |= bit(special_.durationMs) & ~present_ & ~faulted_;
    }
    for (int i = 0; missing != 0; ++i, missing >>= 1)
        if (missing & 1) faultAt(fields_[i], "missing-field", std::string(fields_[i].name) + " is required");
}

void RowAssembler::checkTimes() {
    if (!has(special_.startedAt)) return;
    const std::string startName(fields_[special_.startedAt].name);
    const std::int64_t start = integerOf(special_.startedAt);
    const bool ended = has(special_.endedAt);
    const std::int64_t end = ended ? integerOf(special_.endedAt) : INT64_MAX;
    if (end < start)
        return fault("/endedAt", "ends-before-start",
                     "endedAt lies before " + startName + "; check both times and their offsets");
    if (has(special_.answeredAt)) {
        const std::int64_t answered = integerOf(special_.answeredAt);
        if (answered < start || answered > end)
            fault("/answeredAt", "answer-outside-call",
                  "answeredAt must lie between " + startName + (ended ? " and endedAt" : " and the end of the call"));
    }
}

// Makes `durationMs` of what was sent, in milliseconds.
void RowAssembler::readDuration() {
    if (has(special_.durationMs) && unitMs_ > 1) {
        // A figure whose milliseconds nothing can hold stays one that is too long, or negative.
        const std::int64_t most = INT64_MAX / unitMs_;
        setKept(special_.durationMs, std::clamp(integerOf(special_.durationMs), -most, most) * unitMs_);
    }
    if (special_.durationSeconds < 0 || !has(special_.durationSeconds)) return;
    const double sent = cells_[static_cast<std::size_t>(special_.durationSeconds)].number;
    const std::int64_t ms = std::llround(sent * static_cast<double>(declared_.unit ? unitMs_ : 1'000));
    if (!has(special_.durationMs)) {
        setKept(special_.durationMs, ms);
    } else if (std::abs(integerOf(special_.durationMs) - ms) >= 1000) {
        fault("/durationSeconds", "duration-disagrees",
              "durationSeconds and durationMs differ by a second or more; send one of them");
    }
}

void RowAssembler::checkDuration() {
    if (!has(special_.durationMs)) return;
    const std::int64_t duration = integerOf(special_.durationMs);
    if (duration < 0) return fault("/durationMs", "negative-duration", "a duration cannot be negative; send 0 or more");
    if (duration > limits_.longestCall.ms)
        return fault("/durationMs", "duration-too-long",
                     inMinutes(duration) + " is longer than " + inMinutes(limits_.longestCall.ms) +
                         "; check the unit: " +
                         (declared_.unit ? "the upload declares " + std::string(name(*declared_.unit))
                                         : std::string("durationMs is milliseconds")));
    if (!has(special_.startedAt) || !has(special_.endedAt) ||
        integerOf(special_.endedAt) < integerOf(special_.startedAt))
        return;
    if (special_.durationBasis >= 0 && has(special_.durationBasis)) {
        // A duration that counts from before startedAt may well be longer than what lies between the two times.
        if (!has(special_.startBasis) || integerOf(special_.startBasis) > integerOf(special_.durationBasis)) {
            const bool fromAnswer = integerOf(special_.durationBasis) == static_cast<int>(domain::TimeBasis::answer);
            if (!fromAnswer) return;
        }
    }
    const std::int64_t whole = integerOf(special_.endedAt) - integerOf(special_.startedAt);
    if (duration > whole + limits_.durationSlack.ms)
        fault("/durationMs", "duration-disagrees",
              "durationMs is " + std::to_string(duration) + ", but only " + std::to_string(whole) +
                  " ms lie between start and end; send connected time");
}

void RowAssembler::checkRounding() {
    if (special_.rounding < 0) return;
    const bool hasMode = has(special_.rounding), hasStep = has(special_.roundingStepMs);
    if (hasStep &&
        (integerOf(special_.roundingStepMs) < 1 || integerOf(special_.roundingStepMs) > domain::longestRoundingStep.ms))
        return fault("/roundingStepMs", "bad-value", "roundingStepMs is 1 to 3600000");
    const auto isWrong = [this](int field) { return (faulted_ & bit(field)) != 0; };
    if (hasMode == hasStep || isWrong(special_.rounding) || isWrong(special_.roundingStepMs)) return;
    const WireField& missing = fields_[hasMode ? special_.roundingStepMs : special_.rounding];
    faultAt(missing, "missing-field", "rounding and roundingStepMs go together: send both, or neither");
}

// What the record does not say of itself is as the upload declares it.
void RowAssembler::addDeclared() {
    if (special_.rounding < 0) return;
    if (declared_.basis && !has(special_.durationBasis))
        setKept(special_.durationBasis, static_cast<std::int64_t>(*declared_.basis));
    if (!declared_.rounding || has(special_.rounding)) return;
    setKept(special_.rounding, static_cast<std::int64_t>(declared_.rounding->mode));
    setKept(special_.roundingStepMs, declared_.rounding->step.ms);
}

void RowAssembler::resolveOwn(std::string_view text, int field) {
    if (const auto number = domain::readE164(text)) {
        numbers_.own = number->digits;
        return;
    }
    if (!textOwnNumbers_)
        return faultAt(fields_[field], "bad-number",
                       "the own number must be E.164: a plus and 7 to 15 digits, e.g. +41441234567");
    if (text.size() > limits_.ownNumberText || !isPlain(text))
        return faultAt(fields_[field], "bad-number",
                       "the own number must be E.164, or a text of at most " + std::to_string(limits_.ownNumberText) +
                           " bytes without control characters");
    numbers_.ownText = text;
}

void RowAssembler::resolveFarEnd(std::string_view text, int field) {
    if (text.empty()) return;
    if (const auto number = domain::readE164(text)) {
        numbers_.farEnd = numbers_.farEndPrefix = number->digits;
        numbers_.farEndMasked = 0;
    } else if (const auto masked = domain::readMasked(text)) {
        numbers_.farEndPrefix = masked->prefix;
        numbers_.farEndMasked = masked->maskedDigits;
    } else if (text.size() > limits_.farEndText) {
        faultAt(fields_[field], "text-too-long",
                "a far-end number has at most " + std::to_string(limits_.farEndText) + " bytes");
    } else if (!isPlain(text)) {
        faultAt(fields_[field], "bad-number", "a number holds no control characters; remove them");
    } else {
        numbers_.farEndText = text;
    }
}

void RowAssembler::resolveNumbers() {
    if (!has(special_.direction)) return;
    const bool outbound = integerOf(special_.direction) == static_cast<int>(domain::Direction::outbound);
    const int ownField = outbound ? special_.callerNumber : special_.calleeNumber;
    const int farField = outbound ? special_.calleeNumber : special_.callerNumber;
    const auto textAt = [this](int field) { return has(field) ? textOf(field) : std::string_view(); };
    const std::string_view own = sidesSet_ ? ownSide_ : textAt(ownField);
    const std::string_view farEnd = sidesSet_ ? farSide_ : textAt(farField);
    const std::string_view named = textAt(special_.ownNumber);
    const auto wrong = [this](int field) { return (faulted_ & bit(field)) != 0; };
    if (own.empty() && named.empty() && !wrong(ownField) && !wrong(special_.ownNumber))
        faultAt(fields_[ownField], "missing-field",
                std::string(fields_[ownField].name) + " is required: it is the own number of an " +
                    (outbound ? "outbound" : "inbound") + " call");
    if (!named.empty()) {
        resolveOwn(named, special_.ownNumber);
        if (!own.empty() && own != named) {
            if (own.size() > limits_.farEndText || !isPlain(own))
                faultAt(
                    fields_[ownField], own.size() > limits_.farEndText ? "text-too-long" : "bad-number",
                    "a number has at most " + std::to_string(limits_.farEndText) + " bytes and no control characters");
            else
                numbers_.stated = own;
        }
    } else if (!own.empty()) {
        resolveOwn(own, ownField);
    }
    const bool sent = sidesSet_ || (seen_ & bit(farField)) != 0;
    const bool withheld = special_.presentation >= 0 && has(special_.presentation) &&
                          integerOf(special_.presentation) != static_cast<int>(domain::FarEndPresentation::allowed);
    if (!sent && !withheld && !wrong(farField))
        faultAt(fields_[farField], "missing-field",
                std::string(fields_[farField].name) + " is required; send null if the far end is not known");
    resolveFarEnd(farEnd, farField);
}

std::string RowAssembler::keyText() const {
    if (!has(special_.key)) return {};
    const Cell& cell = cells_[static_cast<std::size_t>(special_.key)];
    return fields_[special_.key].kind == ValueKind::uuid ? formatId(cell.id) : std::string(cell.text);
}

void RowAssembler::finish(RowOrigin origin, ReadBatch& into) {
    place_ = {};
    checkRequired();
    checkTimes();
    readDuration();
    checkRounding();
    addDeclared();
    checkDuration();
    resolveNumbers();
    if (faults_.empty()) {
        append(into.records);
        into.origins.push_back(origin);
        return;
    }
    for (Fault& fault : faults_)
        fault.line = origin.line;
    RecordFault out{origin.index, origin.line, faults_[0].pointer, faults_[0].code, faults_[0].message, keyText(), {}};
    out.more.assign(faults_.begin() + 1, faults_.end());
    into.faults.push_back(std::move(out));
}

}  // namespace meetpoint::formats
