#include "exchange/item_records.h"

#include <algorithm>

#include "base/json_text.h"
#include "exchange/agreed_counting.h"

namespace meetpoint::exchange {
namespace {

using columns::Batch;
using columns::Column;
using columns::ItemCore;
using columns::LaneKind;
using columns::Part;
using columns::Records;

// Writes the texts of items, each into the same room.
class ItemTexts {
public:
    explicit ItemTexts(const reconcile::Reconciliation& matched) : matched_(matched) {}

    std::string_view causes(const reconcile::Causes& causes) {
        if (causes == causes_) return causesText_;
        causes_ = causes;
        causesText_ = "[";
        causes.forEach([this](reconcile::Cause cause) {
            if (causesText_.size() > 1) causesText_ += ',';
            appendJsonText(reconcile::name(cause), causesText_);
        });
        return causesText_ += ']';
    }

    // The keys of the item's records; read them before the next item's.
    void read(const reconcile::Items& items, const reconcile::Item& item) {
        calls_.clear();
        for (const std::uint32_t row : items.ours(item))
            calls_.push_back(matched_.callId(row));
        if (calls_.size() > 1) std::ranges::sort(calls_);
        records_.clear();
        for (const std::uint32_t row : items.theirs(item))
            records_.push_back(matched_.recordId(row));
        if (records_.size() > 1) std::ranges::sort(records_);
    }
    Id itemId() { return ids_.of(calls_, records_); }
    // In order of the ids, which is that of their texts.
    std::string_view calls() {
        text_ = "[";
        for (const Id& call : calls_) {
            text_ += text_.size() > 1 ? ",\"" : "\"";
            text_.resize(text_.size() + 36);
            formatIdTo(call, text_.data() + text_.size() - 36);
            text_ += '"';
        }
        return text_ += ']';
    }
    std::string_view records() {
        text_ = "[";
        for (const std::string_view record : records_) {
            if (text_.size() > 1) text_ += ',';
            appendJsonText(record, text_);
        }
        return text_ += ']';
    }

private:
    const reconcile::Reconciliation& matched_;
    reconcile::ItemIds ids_;
    reconcile::Causes causes_;
    std::string causesText_ = "[]";
    std::vector<Id> calls_;
    std::vector<std::string_view> records_;
    std::string text_;
};

void appendOptional(Column& column, const std::optional<std::int64_t>& value) {
    value ? column.append<std::int64_t>(*value) : column.appendNull();
}

// The row begun last; those before it that have none are absent.
void appendWhereNotZero(Batch& core, ItemCore column, std::int64_t value) {
    if (value == 0) return;
    core[column].padTo(core.rows() - 1);
    core[column].append<std::int64_t>(value);
}

// A hash of what an item says, run and kind of change aside: 64 bits, so that two of one item that differ have the same
// once in 10^19 times.
std::uint64_t contentOf(const Batch& core, std::size_t row) {
    std::uint64_t hash = 0;
    for (std::size_t i = 0; i < core.columnCount(); ++i) {
        if (i == static_cast<std::size_t>(ItemCore::run) || i == static_cast<std::size_t>(ItemCore::changed)) continue;
        const ByteView bytes = core[i].valueBytes(row);
        hash = reconcile::mix(hash, core[i].isNull(row) ? UINT64_MAX : bytes.size());
        for (std::size_t at = 0; at < bytes.size(); at += 8) {
            std::uint64_t word = 0;
            std::memcpy(&word, bytes.data() + at, std::min<std::size_t>(8, bytes.size() - at));
            hash = reconcile::mix(hash, word);
        }
    }
    return hash;
}

}  // namespace

Records itemRecords(const reconcile::Items& items, const reconcile::Reconciliation& matched, Day day, std::int32_t run,
                    const domain::AgreementTerms* terms) {
    Records records(LaneKind::items);
    Batch& core = records.part(Part::core);
    core.reserve(items.items.size());
    ItemTexts texts(matched);
    for (const reconcile::Item& item : items.items) {
        texts.read(items, item);
        core[ItemCore::itemId].append(texts.itemId());
        core[ItemCore::run].append<std::int32_t>(run);
        core[ItemCore::day].append<std::int32_t>(day.number);
        core[ItemCore::callAt].append(item.at);
        core[ItemCore::state].append<std::uint8_t>(static_cast<std::uint8_t>(item.state));
        core[ItemCore::changed].append<std::uint8_t>(static_cast<std::uint8_t>(ItemChange::created));
        const auto matchedBy = reconcile::name(item.matchedBy);
        matchedBy.empty() ? core[ItemCore::matchedBy].appendNull() : core[ItemCore::matchedBy].appendText(matchedBy);
        item.ownNumber == 0 ? core[ItemCore::ownNumber].appendNull()
                            : core[ItemCore::ownNumber].append<std::uint64_t>(item.ownNumber);
        core[ItemCore::direction].append<std::uint8_t>(item.direction);
        appendOptional(core[ItemCore::startDeltaMs], item.startDeltaMs);
        appendOptional(core[ItemCore::durationDeltaMs], item.durationDeltaMs);
        appendOptional(core[ItemCore::oursMs], item.ourCount > 0 ? std::optional(item.ourMs) : std::nullopt);
        appendOptional(core[ItemCore::theirsMs], item.theirCount > 0 ? std::optional(item.theirMs) : std::nullopt);
        core[ItemCore::causes].appendText(texts.causes(item.causes));
        core[ItemCore::ourCalls].appendText(texts.calls());
        core[ItemCore::theirRecords].appendText(texts.records());
        const CarrierDuration carriers = carrierDuration(item, terms);
        core[ItemCore::usableForUsage].append<std::uint8_t>(carriers.counts ? 1 : 0);
        appendOptional(core[ItemCore::connectedMs], carriers.connectedMs);
        // Few items have any of these.
        appendWhereNotZero(core, ItemCore::unitMs, item.unitMs);
        appendWhereNotZero(core, ItemCore::onwardMs, item.onwardMs);
        appendWhereNotZero(core, ItemCore::lateMs, item.lateMs);
    }
    core.complete();  // what tickets say is laid over when items are read
    return records;
}

void EarlierItems::add(const Batch& core, std::size_t row) {
    items_.emplace(core[ItemCore::itemId].id(row), Known{contentOf(core, row), 0});
}

Records EarlierItems::changesOf(Records now) {
    if (items_.empty()) return now;
    Batch& core = now.part(Part::core);
    std::vector<std::uint32_t> changed;
    for (std::uint32_t row = 0; row < core.rows(); ++row) {
        const auto found = items_.find(core[ItemCore::itemId].id(row));
        if (found != items_.end()) {
            found->second.isThere = 1;
            if (found->second.content == contentOf(core, row)) continue;
            core[ItemCore::changed].set<std::uint8_t>(row, static_cast<std::uint8_t>(ItemChange::changed));
        }
        changed.push_back(row);
    }
    return changed.size() == core.rows() ? std::move(now) : now.gather(changed);
}

bool EarlierItems::isGone(const Id& item) const {
    const auto found = items_.find(item);
    return found != items_.end() && !found->second.isThere;
}

bool EarlierItems::hasGone() const {
    return std::ranges::any_of(items_, [](const auto& item) { return !item.second.isThere; });
}

void EarlierItems::appendGone(const Batch& core, std::size_t row, std::int32_t run, Records& records) {
    Batch& out = records.part(Part::core);
    out.appendRow(core, row);
    out[ItemCore::run].set<std::int32_t>(out.rows() - 1, run);
    out[ItemCore::changed].set<std::uint8_t>(out.rows() - 1, static_cast<std::uint8_t>(ItemChange::gone));
}

}  // namespace meetpoint::exchange
