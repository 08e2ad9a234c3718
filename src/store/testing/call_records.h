// Small calls for tests of lanes. Never part of the product.
#pragma once

#include "columns/records.h"

namespace meetpoint::store::testing {

constexpr Instant firstCallAt{1'700'000'000'000};

struct Call {
    int id = 0;
    int version = 1;
    int seconds = 0;
    bool operator==(const Call&) const = default;
};

// Calls at times that follow their ids, with up to two streams each; some columns have values in some of them only.
columns::Records recordsOf(const std::vector<Call>& calls);
Id callIdOf(int id);
std::uint64_t ownNumberOf(int id);
std::string correlationIdOf(int id);
// The calls of records that recordsOf() made.
std::vector<Call> callsOf(const columns::Records& records);

}  // namespace meetpoint::store::testing
