#include "exchange/reconciliation_report.h"

#include <unordered_map>

#include "exchange/day_findings.h"
#include "exchange/item_records.h"
#include "exchange/reconciliation.h"
#include "reconcile/report_sums.h"
#include "store/json_text.h"

namespace meetpoint::exchange {
namespace {

using columns::Batch;
using columns::CallCore;
using columns::ItemCore;
using columns::LaneKind;
using columns::Part;
using reconcile::DayLine;
using reconcile::DayStatus;
using reconcile::ItemFacts;

// Items whose trunks are looked up together.
constexpr std::int64_t itemsAtOnce = 100'000;

// Stored items as what a report looks at.
class FactsReader {
public:
    ItemFacts read(const Batch& core, std::size_t row) {
        ItemFacts facts;
        facts.state = static_cast<reconcile::State>(core[ItemCore::state].at<std::uint8_t>(row));
        facts.causes = causesOf(core[ItemCore::causes].text(row));
        facts.at = core[ItemCore::callAt].instant(row);
        facts.isDifference = differs(facts.state);
        facts.ourRecords = entriesOf(core[ItemCore::ourCalls].text(row));
        facts.theirRecords = entriesOf(core[ItemCore::theirRecords].text(row));
        facts.ourMs = integerOf(core, ItemCore::oursMs, row).value_or(0);
        facts.theirMs = integerOf(core, ItemCore::theirsMs, row).value_or(0);
        facts.startDeltaMs = integerOf(core, ItemCore::startDeltaMs, row);
        facts.durationDeltaMs = integerOf(core, ItemCore::durationDeltaMs, row);
        facts.unitMs = integerOf(core, ItemCore::unitMs, row).value_or(0);
        facts.onwardMs = integerOf(core, ItemCore::onwardMs, row).value_or(0);
        facts.lateMs = integerOf(core, ItemCore::lateMs, row).value_or(0);
        facts.ownNumber = core[ItemCore::ownNumber].isNull(row) ? 0 : core[ItemCore::ownNumber].at<std::uint64_t>(row);
        return facts;
    }

private:
    static std::optional<std::int64_t> integerOf(const Batch& core, ItemCore column, std::size_t row) {
        if (core[column].isNull(row)) return std::nullopt;
        return core[column].at<std::int64_t>(row);
    }

    // Most lists have one entry or none; those need no parsing.
    static std::uint32_t entriesOf(std::string_view list) {
        if (list == "[]") return 0;
        if (list.find(',') == std::string_view::npos) return 1;
        return static_cast<std::uint32_t>(store::textsFromJson(list).size());
    }

    // Few combinations of causes occur, each many times.
    reconcile::Causes causesOf(std::string_view list) {
        constexpr std::size_t mostKept = 1'000;
        const auto found = causes_.find(std::string(list));
        if (found != causes_.end()) return found->second;
        reconcile::Causes causes;
        for (const std::string& name : store::textsFromJson(list))
            if (const auto cause = reconcile::readCause(name)) causes.add(*cause);
        if (causes_.size() < mostKept) causes_.emplace(list, causes);
        return causes;
    }

    std::unordered_map<std::string, reconcile::Causes> causes_;
};

// Sums one carrier's period, a day and a window of it at a time.
class PeriodSums {
public:
    PeriodSums(const Services& services, std::int64_t shardKey, const reconcile::ReportLimits& limits)
        : services_(services), shardKey_(shardKey), sums_(limits) {}

    // What of the day lies in [from, to), which is within it.
    Result<void> addDay(store::Tx& tx, Day day, Instant from, Instant to, reconcile::Report& report) {
        TRY_ASSIGN(const auto known, store::findDay(tx, shardKey_, day));
        TRY_ASSIGN(const auto runs, store::latestRuns(tx, shardKey_, day, Day{day.number + 1}));
        line_ = lineOf(known, day);
        closedRun_ = known.closedRun;
        if (!runs.empty()) {
            const store::ReconciliationRun& run = runs.front();
            line_.run = run.run;
            line_.ranAt = run.finishedAt;
            line_.isStale = known.isStale();
            if (!known.closedAt) line_.status = DayStatus::open;
            TRY(addFindings(run, report));
            const std::int64_t windows = std::clamp<std::int64_t>(run.items / itemsAtOnce + 1, 1, 24);
            const std::int64_t step = (to.ms - from.ms + windows - 1) / windows;
            for (Instant at = from; at < to; at = at + milliseconds(step))
                TRY(addWindow(tx, at, std::min(at + milliseconds(step), to)));
        }
        report.days.push_back(line_);
        return {};
    }

    void fill(reconcile::Report& report) const { sums_.fill(report); }

private:
    DayLine lineOf(const store::ReconciliationDay& known, Day day) const {
        DayLine line;
        line.day = day;
        line.closedAt = known.closedAt;
        if (known.closedAt)
            line.status = DayStatus::closed;
        else if (startOf(day) > services_.clock.now())
            line.status = DayStatus::notBegun;
        return line;
    }

    Result<void> addWindow(store::Tx& tx, Instant from, Instant to) {
        waiting_.clear();
        ofCall_.clear();
        store::ScanRequest request;
        request.from = from;
        request.to = to;
        TRY(services_.lanes.scan(tx, {shardKey_, LaneKind::items}, request,
                                 [&](const store::LaneSlice& slice) -> Result<void> {
                                     const Batch& core = slice.records.part(Part::core);
                                     for (std::size_t row = 0; row < core.rows(); ++row)
                                         addItem(core, row);
                                     return {};
                                 }));
        TRY(findTrunks(tx, from, to));
        for (const Waiting& item : waiting_)
            sums_.addTrunk(item.trunk, item.facts);
        return {};
    }

    void addItem(const Batch& core, std::size_t row) {
        if (closedRun_ && core[ItemCore::run].at<std::int32_t>(row) > *closedRun_) ++line_.adjustments;
        if (core[ItemCore::changed].at<std::uint8_t>(row) == static_cast<std::uint8_t>(ItemChange::gone)) return;
        const ItemFacts facts = reader_.read(core, row);
        sums_.add(facts);
        addToDay(facts);
        if (!facts.isDifference) return;
        if (sums_.isAmongWorst(facts))
            sums_.addWorst(facts, store::textsFromJson(core[ItemCore::ourCalls].text(row)),
                           store::textsFromJson(core[ItemCore::theirRecords].text(row)));
        if (facts.ourRecords > 0)
            for (const Id& call : store::idsFromJson(core[ItemCore::ourCalls].text(row)))
                ofCall_.emplace(call, waiting_.size());
        waiting_.push_back({facts, {}});
    }

    void addToDay(const ItemFacts& facts) {
        ++line_.items;
        line_.differences += facts.isDifference ? 1 : 0;
        if (!facts.hasCall()) return;
        line_.ours.calls += facts.ourRecords > 0 ? 1 : 0;
        line_.ours.ms += facts.ourMs;
        line_.theirs.calls += facts.theirRecords > 0 ? 1 : 0;
        line_.theirs.ms += facts.theirMs;
    }

    // An item stands at the time of the call of ours that stands for it, so that this call is found here.
    Result<void> findTrunks(store::Tx& tx, Instant from, Instant to) {
        if (ofCall_.empty()) return {};
        store::Lanes::ColumnScan wanted;
        wanted.request.from = from;
        wanted.request.to = to;
        const auto& parts = columns::schemaOf(LaneKind::calls).parts;
        const auto none = [&](Part part) {
            return std::vector<bool>(parts[static_cast<std::size_t>(part)]->fields.size(), false);
        };
        wanted.core.wanted = none(Part::core);
        for (const CallCore column : {CallCore::callId, CallCore::invitedAt, CallCore::trunk})
            wanted.core.wanted[static_cast<std::size_t>(column)] = true;
        wanted.parties.wanted = none(Part::parties);
        return services_.lanes.scanColumns(
            tx, {shardKey_, LaneKind::calls}, wanted,
            [&](const Batch& core, const Batch&, std::span<const std::uint32_t> rows, std::int64_t) -> Result<void> {
                for (const std::uint32_t row : rows) {
                    const auto found = ofCall_.find(core[CallCore::callId].id(row));
                    if (found == ofCall_.end() || core[CallCore::trunk].isNull(row)) continue;
                    std::string& trunk = waiting_[found->second].trunk;
                    if (trunk.empty()) trunk = core[CallCore::trunk].text(row);
                }
                return {};
            });
    }

    struct Waiting {
        ItemFacts facts;
        std::string trunk;
    };

    const Services& services_;
    const std::int64_t shardKey_;
    reconcile::ReportSums sums_;
    FactsReader reader_;
    DayLine line_;
    std::optional<std::int64_t> closedRun_;
    std::vector<Waiting> waiting_;                // items of a window that differ
    std::unordered_map<Id, std::size_t> ofCall_;  // which of them a call of ours stands in
};

}  // namespace

Result<PeriodReport> readReport(const Services& services, const Limits& limits, const domain::Caller& caller,
                                const ReportRequest& request) {
    TRY_ASSIGN(const store::Carrier carrier, reconciledCarrier(services, caller, request.carrierId));
    TRY(services.db.read([&](store::Tx& tx) { return services.ledger.refresh(tx); }));
    TRY_ASSIGN(const Period period, periodOf(services.ledger.view(), carrier.id, request.period));
    PeriodReport answer{carrier.id, {}};
    reconcile::Report& report = answer.report;
    report.ours = "Platform";
    report.theirs = carrier.name;
    report.period =
        reconcile::ReportPeriod{period.kind, period.from, period.to, period.zone.name(), services.clock.now()};
    reconcile::ReportLimits reportLimits;
    reportLimits.groups = limits.reportGroups;
    PeriodSums sums(services, carrier.shardKey, reportLimits);
    for (Day day = dayOf(period.from); startOf(day) < period.to; ++day.number) {
        const Instant from = std::max(startOf(day), period.from);
        const Instant to = std::min(startOf(Day{day.number + 1}), period.to);
        TRY(services.db.read([&](store::Tx& tx) { return sums.addDay(tx, day, from, to, report); }));
    }
    sums.fill(report);
    return answer;
}

}  // namespace meetpoint::exchange
