#include "exchange/findings.h"

#include <fmt/format.h>

namespace meetpoint::exchange {
namespace {

struct Collected {
    quality::IncidentData data;
    std::map<std::string, std::string> carrierNames;  // of those that the caller may see
};

Result<Collected> collect(const QualityDesk& desk, const domain::Caller& caller, const FindingRequest& request,
                          const quality::Query& query) {
    Collected out;
    const std::size_t cells = desk.limits.findingCells;
    const quality::WantedColumns wanted = quality::wantedBy(query);
    std::vector<std::optional<quality::IncidentCollector>> threads(desk.helpers.most() + 1);
    TRY(desk.services.db.read([&](store::Tx& tx) -> Result<void> {
        TRY_ASSIGN(const ReadableLanes lanes, callLanesFor(desk.services, tx, caller, request.carrierId));
        TRY_ASSIGN(const auto carriers, store::listCarriers(tx));
        for (const store::Carrier& carrier : carriers)
            if (lanes.carrierOf({carrier.shardKey, columns::LaneKind::calls}))
                out.carrierNames.emplace(formatId(carrier.id), carrier.name);
        const Sweep over{lanes.ids(), query.from, query.to, wanted.core, wanted.network, request.deadline};
        return sweep(desk.services, desk.helpers, tx, over,
                     [&](std::size_t thread, const store::LaneStretch& stretch,
                         const store::StretchColumns& columns) -> Result<void> {
                         if (!threads[thread]) threads[thread].emplace(query, cells);
                         return threads[thread]->add({columns.core, columns.network, columns.firstRow,
                                                      static_cast<std::size_t>(stretch.rows), stretch.superseded,
                                                      lanes.carrierOf(stretch.lane)});
                     });
    }));
    std::vector<quality::IncidentCollector> collectors;
    for (auto& thread : threads)
        if (thread) collectors.push_back(std::move(*thread));
    TRY_ASSIGN(out.data, quality::mergeIncidentData(query, std::move(collectors), cells));
    return out;
}

}  // namespace

Result<std::vector<quality::Finding>> readFindings(const QualityDesk& desk, const domain::Caller& caller,
                                                   const FindingRequest& request) {
    QualityRequest wanted;
    wanted.carrierId = request.carrierId;
    wanted.tenantId = request.tenantId;
    wanted.query.from = request.from;
    wanted.query.to = request.to;
    wanted.query.groupBy = quality::incidentDimensions();
    wanted.query.kpis.reset();
    wanted.query.figures.reset();
    TRY_ASSIGN(quality::Query query, queryFor(desk, caller, wanted, desk.limits.longestFindingRange));
    // Nothing of what has not happened yet: it would look like an end.
    query.to = std::min(query.to, desk.services.clock.now());
    query.from = std::min(query.from, query.to) - desk.limits.findingHistory;
    TRY_ASSIGN(const Collected collected, collect(desk, caller, request, query));
    return quality::findIncidents(collected.data, request.from, request.to, collected.carrierNames);
}

}  // namespace meetpoint::exchange
