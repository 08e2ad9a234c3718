#include "exchange/item_records.h"

#include <algorithm>

#include "base/json_text.h"

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
        for (std::size_t i = 0; i < reconcile::causeCount; ++i) {
            const auto cause = static_cast<reconcile::Cause>(i);
            if (!causes.has(cause)) continue;
            if (causesText_.size() > 1) causesText_ += ',';
            causesText_ += jsonString(reconcile::name(cause));
        }
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

// Whether two rows say the same, run and kind of change aside.
bool sameContent(const Batch& a, std::size_t rowA, const Batch& b, std::size_t rowB) {
    for (std::size_t i = 0; i < a.columnCount(); ++i) {
        if (i == static_cast<std::size_t>(ItemCore::run) || i == static_cast<std::size_t>(ItemCore::changed)) continue;
        if (a[i].isNull(rowA) != b[i].isNull(rowB) || !std::ranges::equal(a[i].valueBytes(rowA), b[i].valueBytes(rowB)))
            return false;
    }
    return true;
}

}  // namespace

bool carrierDurationCounts(const reconcile::Item& item) {
    using reconcile::Cause;
    using reconcile::State;
    if (item.causes.has(Cause::hungCall) || item.ourCount == 0 || item.theirCount == 0) return false;
    return item.state == State::matched || item.state == State::matchedWithinTolerance;
}

Records itemRecords(const reconcile::Items& items, const reconcile::Reconciliation& matched, Day day,
                    std::int32_t run) {
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
        core[ItemCore::usableForUsage].append<std::uint8_t>(carrierDurationCounts(item) ? 1 : 0);
    }
    return records;
}

EarlierItems::EarlierItems(Batch core) : core_(std::move(core)), isThere_(core_.rows(), 0) {
    rows_.reserve(core_.rows());
    for (std::uint32_t row = 0; row < core_.rows(); ++row)
        rows_.emplace(core_[ItemCore::itemId].id(row), row);
}

Records EarlierItems::changesOf(Records now) {
    if (rows_.empty()) return now;
    Batch& core = now.part(Part::core);
    std::vector<std::uint32_t> changed;
    for (std::uint32_t row = 0; row < core.rows(); ++row) {
        const auto found = rows_.find(core[ItemCore::itemId].id(row));
        if (found != rows_.end()) {
            isThere_[found->second] = 1;
            if (sameContent(core_, found->second, core, row)) continue;
            core[ItemCore::changed].set<std::uint8_t>(row, static_cast<std::uint8_t>(ItemChange::changed));
        }
        changed.push_back(row);
    }
    return changed.size() == core.rows() ? std::move(now) : now.gather(changed);
}

Records EarlierItems::gone(std::int32_t run) const {
    Records gone(LaneKind::items);
    Batch& core = gone.part(Part::core);
    for (std::size_t row = 0; row < core_.rows(); ++row) {
        if (isThere_[row]) continue;
        core.appendRow(core_, row);
        core[ItemCore::run].set<std::int32_t>(core.rows() - 1, run);
        core[ItemCore::changed].set<std::uint8_t>(core.rows() - 1, static_cast<std::uint8_t>(ItemChange::gone));
    }
    return gone;
}

Records changedItems(const Records& before, const Records& now, std::int32_t run) {
    Records fresh = now;
    Batch& core = fresh.part(Part::core);
    for (std::size_t row = 0; row < core.rows(); ++row) {
        core[ItemCore::run].set<std::int32_t>(row, run);
        core[ItemCore::changed].set<std::uint8_t>(row, static_cast<std::uint8_t>(ItemChange::created));
    }
    EarlierItems earlier(before.part(Part::core));
    Records changes = earlier.changesOf(std::move(fresh));
    changes.append(earlier.gone(run));
    return changes;
}

}  // namespace meetpoint::exchange
