#include "server/order_worker.h"

#include <prometheus/counter.h>
#include <prometheus/registry.h>

namespace meetpoint::server {
namespace {

constexpr Duration betweenLooks = seconds(1);  // for orders that other nodes have left lying

prometheus::Counter& failuresIn(prometheus::Registry& metrics) {
    return prometheus::BuildCounter()
        .Name("meetpoint_order_failures_total")
        .Help("Steps of orders of numbers that ended with an error.")
        .Register(metrics)
        .Add({});
}

}  // namespace

OrderWorker::OrderWorker(exchange::OrderDesk& desk, prometheus::Registry& metrics, Log log)
    : desk_(desk),
      thread_({"work on orders of numbers", betweenLooks, [&desk] { return desk.workOnce(); },
               [&failures = failuresIn(metrics)] { failures.Increment(); }},
              std::move(log)) {
    desk_.ringFor([this] { thread_.ring(); });
    thread_.start();
}

OrderWorker::~OrderWorker() {
    stop();
}

void OrderWorker::stop() {
    desk_.ringFor([] {});
    thread_.stop();
}

}  // namespace meetpoint::server
