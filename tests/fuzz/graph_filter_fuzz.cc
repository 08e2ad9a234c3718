// Any bytes as a $filter of number assignments: refused with the part at fault, or read into a condition of bounded
// size that means the same in parentheses.
#include "api/graph_filter.h"

namespace {

struct Written {
    std::string text;
    std::size_t parameters = 0;
};
Written written(const meetpoint::store::NumberCondition& condition) {
    Written out;
    out.text = textOf(condition, [&](meetpoint::store::Value) { return "$" + std::to_string(++out.parameters); });
    return out;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace meetpoint;
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    const auto condition = api::readGraphFilter(text);
    if (!condition) {
        if (condition.error().code != "bad-filter" || condition.error().faults.size() != 1) __builtin_trap();
        if (condition.error().faults.front().pointer.empty()) __builtin_trap();
        return 0;
    }
    const Written once = written(*condition);
    // A comparison asks for at most the seven states, and twice the four usages.
    if (once.parameters > api::graphFilterComparisons * 11) __builtin_trap();
    const auto inner = api::readGraphFilter("(" + std::string(text) + ")");
    if (inner && written(*inner).text != once.text) __builtin_trap();
    return 0;
}
