#include "exchange/call_figures.h"

#include <algorithm>

namespace meetpoint::exchange {
namespace {

// Those that hold, of what was listed.
Result<std::vector<store::LaneSpan>> holdingSpans(store::Tx& tx, store::LaneId lane,
                                                  const std::vector<store::KeptSpan>& listed, std::int64_t rules) {
    TRY_ASSIGN(const auto stale, store::staleSpans(tx, lane, listed));
    std::vector<store::LaneSpan> holding;
    for (const store::KeptSpan& kept : listed)
        if (kept.rules == rules && !std::ranges::binary_search(stale, kept.span)) holding.push_back(kept.span);
    return holding;
}

}  // namespace

Result<FigureUpkeep::Due> FigureUpkeep::look(store::Tx& tx, store::LaneId lane, Instant now) {
    Due due;
    if (lane.kind != columns::LaneKind::calls) return due;
    TRY_ASSIGN(due.span, store::nextSpan(tx, lane, limits_));
    if (due.span) return due;
    LastLook& last = lastLooks_[lane];
    if (last.stale.empty()) {
        // Only what is appended supersedes anything.
        TRY_ASSIGN(const store::LaneHead head, lanes_.head(tx, lane));
        if (head.nextSequence == last.nextSequence) return due;
        if (now < last.at + limits_.renewAfter) {
            due.lookAgain = last.at + limits_.renewAfter;
            return due;
        }
        TRY(lookForStale(tx, lane, last));
        last.at = now;
        last.nextSequence = head.nextSequence;
    }
    if (!last.stale.empty()) due.span = last.stale.back();
    return due;
}

Result<void> FigureUpkeep::lookForStale(store::Tx& tx, store::LaneId lane, LastLook& last) const {
    TRY_ASSIGN(auto kept, store::listFigures(tx, lane));
    std::erase_if(kept, [](const store::KeptSpan& span) { return span.rules == store::noFigures; });
    TRY_ASSIGN(auto stale, store::staleSpans(tx, lane, kept));
    const std::int64_t rules = quality::rulesOf(quality_);
    for (const store::KeptSpan& span : kept)
        if (span.rules != rules) stale.push_back(span.span);
    last.stale = std::move(stale);
    return {};
}

Result<std::optional<SpanFigures>> FigureUpkeep::workOut(store::Tx& tx, store::LaneId lane,
                                                         const store::LaneSpan& span) const {
    TRY_ASSIGN(const auto stretches, store::stretchesOf(tx, lane, span));
    if (!stretches) return std::nullopt;
    SpanFigures worked{{span, store::supersededOf(*stretches), quality::rulesOf(quality_)}, {}};
    const quality::Query query = quality::hourlyQuery(quality_);
    const quality::WantedColumns wanted = quality::wantedBy(query);
    quality::Aggregator aggregator(query);
    const auto addAll = [&]() -> Result<quality::Groups> {
        for (const store::LaneStretch& stretch : *stretches) {
            TRY_ASSIGN(const auto columns, store::readStretch(tx, stretch, wanted.core, wanted.network));
            TRY(aggregator.add({columns.core, columns.network, columns.firstRow, static_cast<std::size_t>(stretch.rows),
                                stretch.superseded, std::nullopt}));
        }
        quality::Groups groups;
        TRY(aggregator.moveTo(groups));
        return groups;
    };
    auto groups = addAll();
    if (!groups && groups.error().code == quality::tooManyGroupsCode) {
        worked.span.rules = store::noFigures;
        groups = quality::Groups{};
    }
    if (!groups) return fail(std::move(groups).error());
    worked.figures = quality::keep(quality::hoursOf(std::move(*groups)));
    return worked;
}

Result<void> SpanFigures::enter(store::Tx& tx, store::LaneId lane) const {
    return store::enterFigures(tx, lane, span, {figures.hours, figures.figures, figures.points});
}

Result<std::vector<store::LaneSpan>> addKept(store::Tx& tx, store::LaneId lane, const quality::Query& query,
                                             const std::optional<Id>& carrierId, quality::Aggregator& sum) {
    TRY_ASSIGN(const auto listed, store::listFigures(tx, lane, query.scanFrom(), query.to));
    TRY_ASSIGN(const auto spans, holdingSpans(tx, lane, listed, quality::rulesOf(query.limits)));
    std::vector<store::LaneSpan> added;
    for (const store::LaneSpan& span : spans) {
        std::vector<quality::HourFigures> hours;
        TRY(store::withFigures(tx, lane, span, [&](const store::FigureBytes& bytes) -> Result<void> {
            TRY_ASSIGN(hours, quality::readKept({bytes.hours, bytes.figures, bytes.points}));
            return {};
        }));
        if (!quality::allFit(query, hours)) continue;
        TRY(sum.add(quality::HourlyBlock{hours, carrierId}));
        added.push_back(span);
    }
    return added;
}

}  // namespace meetpoint::exchange
