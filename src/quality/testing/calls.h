// Calls as records, for tests of what is made of them. Never part of the product.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "columns/records.h"

namespace meetpoint::quality::testing {

inline constexpr Instant noon{1'772'366'400'000};  // 2026-03-01T12:00:00Z

struct TestStream {
    std::optional<std::string> codec = "silk";
    std::optional<std::int64_t> packets = 3'000;
    std::optional<float> jitterMs{}, lossRatio{}, roundTripMs{}, mos{}, jitterPeakMs{}, concealedRatio{},
        audioDegradation{};
};

struct TestCall {
    Instant invitedAt = noon;
    std::optional<std::int64_t> rungAfterMs = 1'500;
    std::int64_t connectedMs = 0;
    std::optional<std::int32_t> sipCode{}, cause{};
    std::optional<std::string> trunk = "sbc1", region = "EUNO";
    bool isTest = false;
    std::vector<TestStream> streams{};
    std::uint64_t ownNumber = 41'446'681'800, farEnd = 4'917'612'345'678;
    bool isOutbound = true;
    std::uint64_t id = 0;  // 0: one of its own
    std::int32_t version = 1;
    std::optional<Id> tenantId{};
};

columns::Records recordsOf(const std::vector<TestCall>& calls);
Id callIdOf(std::uint64_t id);

}  // namespace meetpoint::quality::testing
