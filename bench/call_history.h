// A week of calls as it reaches an exchange: of every call a provisional version when it ends and a final one with its
// quality some minutes later, now and then a record days late, in order of arrival. Carriers are mixed as they come.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "base/result.h"
#include "support/call_lines.h"

namespace meetpoint::bench {

// One record on its way.
struct Arrival {
    std::uint32_t call = 0;  // index in CallLines
    bool isFinal = false;
};

class CallHistory {
public:
    static constexpr std::uint64_t carriers = 8, numbersPerCarrier = 10'000 / carriers;
    static constexpr Duration span = days(7);  // from the first invitation to the last

    // `calls` is at most 2^31. The last invitation lies before `end`.
    CallHistory(std::uint64_t calls, Instant end);

    const outside::CallLines& lines() const { return lines_; }
    std::uint64_t calls() const { return arrivals_.size() / 2; }
    const std::vector<Arrival>& arrivals() const { return arrivals_; }
    std::uint64_t recordsOfFirstCarrier() const { return recordsOfFirstCarrier_; }
    Instant begin() const { return lines_.first; }

    // The arrivals [from, to) as NDJSON, and as CSV with the columns of CallLines.
    std::string json(std::uint64_t from, std::uint64_t to) const;
    std::string csv(std::uint64_t from, std::uint64_t to) const;

    // What the peers load: FOLDER/ndjson and FOLDER/csv with part-00001 and on, of `rows` records each, and
    // FOLDER/columns with the names of the columns of CSV. Code "file-unwritable".
    Result<void> write(const std::filesystem::path& folder, std::uint64_t rows) const;

private:
    outside::CallLines lines_;
    std::vector<Arrival> arrivals_;
    std::uint64_t recordsOfFirstCarrier_ = 0;
};

}  // namespace meetpoint::bench
