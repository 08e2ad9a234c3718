// Small sides made of bytes, so that numbers, instants and ids meet often. Whatever they are, every record stands in
// exactly one item.
#include <cstdint>
#include <cstdlib>
#include <vector>

#include "reconcile/reconcile.h"
#include "reconcile/testing/rows.h"

namespace {

using namespace meetpoint;
using namespace meetpoint::reconcile;

class Input {
public:
    Input(const std::uint8_t* data, std::size_t size) : data_(data), size_(size) {}
    bool done() const { return at_ >= size_; }
    int next() { return done() ? 0 : data_[at_++]; }

private:
    const std::uint8_t* data_;
    std::size_t size_;
    std::size_t at_ = 0;
};

std::int64_t instant(Input& bytes) {
    constexpr std::int64_t steps[] = {0, 1, 500, 1'000, 6'000, 60'000, 900'000, 3'600'000};
    const int byte = bytes.next();
    return 1'750'000'000'000 + steps[byte & 7] * (byte >> 3);
}

std::string id(int byte) {
    return byte % 4 == 0 ? std::string("id") + static_cast<char>('a' + byte % 3) : std::string();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    Input bytes(data, size);
    columns::Records calls(columns::LaneKind::calls);
    columns::Records durations(columns::LaneKind::durations);
    while (!bytes.done() && calls.rows() + durations.rows() < 300) {
        const int kind = bytes.next();
        const std::int64_t at = instant(bytes);
        const std::int64_t talk = bytes.next() * (kind & 64 ? 1'000ll : 60'000ll) - (kind == 255 ? 1 : 0);
        const int numbers = bytes.next();
        const std::uint64_t own = numbers & 128 ? 0 : 41441000000ull + static_cast<std::uint64_t>(numbers & 3);
        const std::uint64_t far =
            numbers & 64 ? 0 : 41445000000ull + static_cast<std::uint64_t>(numbers >> 2 & 3) * 999;
        const std::string text = numbers & 32 ? "0445000000" : numbers & 16 ? "anonymous" : "";
        const std::string shared = id(bytes.next());
        if (kind & 1) {
            testing::CallRow row{.key = calls.rows() + 1,
                                 .direction = kind >> 1 & 1,
                                 .own = own,
                                 .far = far,
                                 .maskedDigits = kind >> 2 & 3,
                                 .farText = far == 0 ? text : "",
                                 .invitedMs = at,
                                 .endedMs = at + talk + 5'000,
                                 .durationMs = talk,
                                 .sipCallId = shared};
            if (kind & 16) row.answeredMs = at + 5'000;
            testing::append(calls, row);
        } else {
            testing::DurationRow row{.recordId = std::to_string(durations.rows()),
                                     .direction = kind >> 1 & 1,
                                     .own = own,
                                     .far = far,
                                     .farText = far == 0 ? text : "",
                                     .startedMs = at,
                                     .durationMs = talk,
                                     .sipCallId = shared};
            if (kind & 16) row.endedMs = at + talk;
            if (kind & 32) row.answered = talk > 0;
            testing::append(durations, row);
        }
    }
    const Outcome outcome = meetpoint::reconcile::reconcile(calls, durations, {});
    std::vector<int> ours(calls.rows(), 0);
    std::vector<int> theirs(durations.rows(), 0);
    for (const Item& item : outcome.items) {
        for (const std::uint32_t row : outcome.ours(item))
            ++ours[row];
        for (const std::uint32_t row : outcome.theirs(item))
            ++theirs[row];
    }
    for (const int count : ours)
        if (count != 1) std::abort();
    for (const int count : theirs)
        if (count != 1) std::abort();
    return 0;
}
