// Key figures of calls, as a caller may see them.
#pragma once

#include "exchange/cursors.h"
#include "exchange/lane_sweep.h"
#include "exchange/record_lanes.h"
#include "quality/aggregate.h"

namespace meetpoint::exchange {

// Every limit of quality's key figures, with its default; the configuration may change them.
struct QualityLimits {
    domain::QualityLimits stream;  // above which a stream is poor
    std::size_t groups = 10'000;   // of one query; more are refused, none is cut
    Duration longestRange = days(400);
    Duration longestFindingRange = days(31);
    Duration findingHistory = days(7);     // that findings are compared with
    std::size_t findingCells = 4'000'000;  // of minute, path and release cause that a look for findings holds
    std::size_t threads = 0;               // that read for all queries at once; 0: as many as the machine has cores
    std::size_t helpers() const;           // beside the one that asks
};

// What these uses work with.
struct QualityDesk {
    const Services& services;
    const QualityLimits& limits;
    const CursorKey& cursors;
    SweepHelpers& helpers;
};

struct QualityRequest {
    std::optional<Id> carrierId;  // a carrier client that acts for several must name one
    std::optional<Id> tenantId;
    quality::Query query;  // role, now, limits and the tenant are set here
    std::optional<std::string> cursor;
    std::size_t limit = 1'000;  // groups
    Instant deadline{INT64_MAX};
};

// A query as the caller may put it: its role, the limits, whose calls. Codes "range-too-long" over `longest`,
// not-found.
Result<quality::Query> queryFor(const QualityDesk& desk, const domain::Caller& caller, const QualityRequest& request,
                                Duration longest);

struct QualityPage {
    std::vector<std::pair<quality::GroupKey, quality::GroupFigures>> groups;  // in the order of their keys
    std::size_t groupCount = 0;                                               // of all pages together
    std::optional<std::string> next;
};

// Newest versions alone. Codes "range-too-long", "too-many-groups", "carrier-required", "bad-cursor", gone
// "cursor-expired" where the group that a page ended with is no longer there, timeout "deadline-passed"; not-found.
Result<QualityPage> readQuality(const QualityDesk& desk, const domain::Caller& caller, const QualityRequest& request);

// All groups at once, of the period that is asked for and, where it compares, the one before. Codes as below, no
// cursor's.
Result<quality::Groups> readGroups(const QualityDesk& desk, const domain::Caller& caller,
                                   const QualityRequest& request);
// A group's key in 16 bytes: the same for the same key, whoever asks.
Id placeOf(const quality::GroupKey& key);

// The lanes of calls that the caller may look into; one carrier's where it is named, which must have some for the
// caller. Codes "carrier-required", not-found.
Result<ReadableLanes> callLanesFor(const Services& services, store::Tx& tx, const domain::Caller& caller,
                                   const std::optional<Id>& carrierId);

}  // namespace meetpoint::exchange
