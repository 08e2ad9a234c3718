// Rows of calls and durations for tests, with only the fields that reconciliation reads.
#pragma once

#include <optional>
#include <string>

#include "columns/records.h"
#include "domain/declared_durations.h"

namespace meetpoint::reconcile::testing {

struct CallRow {
    std::uint64_t key = 1;            // becomes the callId
    int direction = 1;                // 0 inbound, 1 outbound
    std::uint64_t own = 41441000001;  // 0: ownText
    std::string ownText;
    std::uint64_t far = 41445000001;  // 0: farText
    int maskedDigits = 0;             // of far
    std::string farText;
    std::int64_t invitedMs = 0;
    std::optional<std::int64_t> answeredMs;
    std::int64_t endedMs = 0;
    std::int64_t durationMs = 0;
    std::string sipCallId;
    std::string correlationId;
    std::string transferorCorrelationId;
    std::string presented;
};
void append(columns::Records& calls, const CallRow& row);

struct DurationRow {
    std::string recordId;
    int direction = 1;
    std::uint64_t own = 41441000001;
    std::string ownText;
    std::uint64_t far = 41445000001;
    int maskedDigits = 0;
    std::string farText;
    std::int64_t startedMs = 0;
    std::optional<bool> answered;
    std::optional<std::int64_t> answeredMs;
    std::optional<std::int64_t> endedMs;
    std::int64_t durationMs = 0;
    std::string sipCallId;
    std::string callId;
    std::optional<domain::TimeBasis> basis;
    std::optional<domain::DeclaredRounding> rounding;
};
void append(columns::Records& durations, const DurationRow& row);

Id idOf(std::uint64_t key);

}  // namespace meetpoint::reconcile::testing
