#include "exchange/quality.h"

#include <algorithm>
#include <thread>

#include <fmt/format.h>

#include "base/hash.h"
#include "exchange/consents.h"
#include "exchange/parties.h"
#include "exchange/stamp.h"

namespace meetpoint::exchange {
namespace {

using quality::GroupKey;
using quality::KeyValue;

// Text and numbers of any kind into a digest, so that no two lists of them give the same.
class Digest {
public:
    Digest& add(std::string_view text) {
        builder_.addU64(text.size());
        builder_.add(viewOf(text));
        return *this;
    }
    Digest& add(std::int64_t number) {
        builder_.addU64(static_cast<std::uint64_t>(number));
        return *this;
    }
    template <class T>
    Digest& addAll(const std::vector<T>& list) {
        add(static_cast<std::int64_t>(list.size()));
        for (const T& one : list)
            add(one);
        return *this;
    }
    Sha256 finish() { return builder_.finish(); }

private:
    Sha256Builder builder_;
};

// What a cursor is bound to: the same question.
std::string cursorName(const QualityRequest& request, const quality::Query& query) {
    const quality::Filters& filters = query.filters;
    Digest digest;
    digest.add(query.from.ms).add(query.to.ms).add(query.zone.name());
    for (const quality::Dimension dimension : query.groupBy)
        digest.add(name(dimension));
    digest.add(request.carrierId ? formatId(*request.carrierId) : "")
        .add(filters.tenant ? formatId(*filters.tenant) : "")
        .addAll(filters.trunks)
        .addAll(filters.regions)
        .addAll(filters.codecs)
        .addAll(filters.ownCountries)
        .addAll(filters.farEndCountries)
        .add(filters.direction ? static_cast<std::int64_t>(*filters.direction) : -1);
    for (const auto* codes : {&filters.sipCodes, &filters.q850Causes})
        digest.addAll(std::vector<std::int64_t>(codes->begin(), codes->end()));
    digest.add(static_cast<std::int64_t>(filters.testCalls)).add(query.comparePrevious ? 1 : 0);
    return "quality/" + toHex(digest.finish());
}

// A key in a cursor's room.
Id placeOf(const GroupKey& key) {
    Digest digest;
    for (const KeyValue& value : key) {
        digest.add(static_cast<std::int64_t>(value.index()));
        if (const auto* number = std::get_if<std::int64_t>(&value)) digest.add(*number);
        if (const auto* text = std::get_if<std::string>(&value)) digest.add(*text);
    }
    return idFromBytes(ByteView(digest.finish()).first(Id().bytes.size()));
}

// Who may be asked about.
Result<std::optional<Id>> tenantOf(const Services& services, const domain::Caller& caller,
                                   const std::optional<Id>& named) {
    if (named) TRY(findTenant(services, caller, *named));
    if (caller.role == domain::Role::tenant) return caller.tenant;
    return named;
}

// All groups, from one snapshot.
Result<quality::Groups> collect(const QualityDesk& desk, const domain::Caller& caller,
                                const std::optional<Id>& carrierId, const quality::Query& query, Instant deadline) {
    const quality::WantedColumns wanted = quality::wantedBy(query);
    std::vector<std::optional<quality::Aggregator>> threads(desk.helpers.most() + 1);
    TRY(desk.services.db.read([&](store::Tx& tx) -> Result<void> {
        TRY_ASSIGN(const auto lanes, callLanesOf(tx, caller, carrierId));
        TRY_ASSIGN(const auto carriers, store::listCarriers(tx));
        std::map<std::int64_t, Id> carrierOfShard;
        for (const store::Carrier& carrier : carriers)
            carrierOfShard.emplace(carrier.shardKey, carrier.id);
        const Sweep over{lanes, query.scanFrom(), query.to, wanted.core, wanted.network, deadline};
        return sweep(desk.services, desk.helpers, tx, over,
                     [&](std::size_t thread, const store::LaneStretch& stretch,
                         const store::StretchColumns& columns) -> Result<void> {
                         if (!threads[thread]) threads[thread].emplace(query);
                         const auto carrier = carrierOfShard.find(stretch.lane.shardKey);
                         return threads[thread]->add(
                             {columns.core, columns.network, columns.firstRow, static_cast<std::size_t>(stretch.rows),
                              stretch.superseded,
                              carrier == carrierOfShard.end() ? std::nullopt : std::optional(carrier->second)});
                     });
    }));
    quality::Groups groups;
    for (auto& thread : threads)
        if (thread) TRY(thread->moveTo(groups));
    return groups;
}

}  // namespace

std::size_t QualityLimits::helpers() const {
    const std::size_t all = threads > 0 ? threads : std::max(1u, std::thread::hardware_concurrency());
    return all - 1;
}

Result<quality::Query> queryFor(const QualityDesk& desk, const domain::Caller& caller, const QualityRequest& request,
                                Duration longest) {
    quality::Query query = request.query;
    if (query.to <= query.from || query.to - query.from > longest)
        return fail(invalidInput("range-too-long",
                                 fmt::format("'to' must be after 'from', at most {} days. Ask for longer times in "
                                             "pieces.",
                                             longest.ms / days(1).ms)));
    query.role = caller.role;
    query.now = desk.services.clock.now();
    query.limits = desk.limits.stream;
    query.maxGroups = desk.limits.groups;
    TRY_ASSIGN(query.filters.tenant, tenantOf(desk.services, caller, request.tenantId));
    return query;
}

Result<std::vector<store::LaneId>> callLanesOf(store::Tx& tx, const domain::Caller& caller,
                                               const std::optional<Id>& carrierId) {
    const auto laneOf = [](std::int64_t shardKey) { return store::LaneId{shardKey, columns::LaneKind::calls}; };
    TRY_ASSIGN(const auto carriers, store::listCarriers(tx));
    std::optional<Id> wanted = carrierId;
    if (caller.role == domain::Role::carrier) {
        TRY_ASSIGN(wanted, carrierOf(caller, carrierId));
    }
    TRY_ASSIGN(const auto consents, consentsOf(tx, caller));
    std::vector<store::LaneId> lanes;
    for (const store::Carrier& carrier : carriers) {
        if (wanted && carrier.id != *wanted) continue;
        // A tenant's calls lie with those carriers alone that it had a consent with.
        const bool isOfTenant = std::ranges::find(consents, carrier.id, &store::Consent::carrierId) != consents.end();
        if (caller.role == domain::Role::tenant && !isOfTenant) continue;
        lanes.push_back(laneOf(carrier.shardKey));
    }
    if (wanted && lanes.empty()) return fail(notFound("There is no such carrier."));
    if (caller.role == domain::Role::platform && !wanted) lanes.push_back(laneOf(unattributedShard));
    return lanes;
}

Result<QualityPage> readQuality(const QualityDesk& desk, const domain::Caller& caller, const QualityRequest& request) {
    TRY_ASSIGN(const quality::Query query, queryFor(desk, caller, request, desk.limits.longestRange));
    const std::string name = cursorName(request, query);
    std::optional<Id> after;
    if (request.cursor) {
        TRY_ASSIGN(after, desk.cursors.readId(*request.cursor, name, caller.clientId));
    }
    TRY_ASSIGN(auto groups, collect(desk, caller, request.carrierId, query, request.deadline));
    auto at = groups.begin();
    if (after) {
        at = std::ranges::find_if(groups, [&](const auto& group) { return placeOf(group.first) == *after; });
        if (at == groups.end())
            return fail(Error{ErrorKind::gone,
                              "cursor-expired",
                              "The group that the page before ended with is no longer there: its calls have newer "
                              "versions. Read again without a cursor.",
                              {},
                              {},
                              0});
        ++at;
    }
    QualityPage page;
    page.groupCount = groups.size();
    for (; at != groups.end(); ++at) {
        if (page.groups.size() == request.limit) {
            page.next = desk.cursors.write(name, placeOf(page.groups.back().first), caller.clientId);
            break;
        }
        page.groups.emplace_back(at->first, std::move(at->second));
    }
    return page;
}

}  // namespace meetpoint::exchange
