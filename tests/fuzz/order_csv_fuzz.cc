// Any bytes as an order of numbers in CSV, or as a list of assignments: refused with the line at fault, or read into at
// most as many numbers as it has lines.
#include <algorithm>

#include "api/order_csv.h"

namespace {

void expectSane(const meetpoint::Result<meetpoint::exchange::NumberOrder>& order, std::string_view text) {
    if (!order) {
        if (order.error().code.empty() || order.error().message.empty()) __builtin_trap();
        return;
    }
    // A line ends with a line feed or a carriage return.
    const auto ends = std::ranges::count_if(text, [](char c) { return c == '\n' || c == '\r'; });
    if (order->numbers.size() > static_cast<std::size_t>(ends) + 1) __builtin_trap();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace meetpoint;
    http::Request request;
    request.body.assign(reinterpret_cast<const char*>(data), size);
    expectSane(api::readOrderCsv(request), request.body);
    expectSane(api::readAssignmentCsv(request), request.body);
    return 0;
}
