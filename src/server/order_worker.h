// The thread that works through this node's orders of numbers.
#pragma once

#include <atomic>
#include <thread>

#include "base/log.h"
#include "exchange/orders.h"

namespace meetpoint::server {

class OrderWorker {
public:
    // Begins at once. Everything it is given must outlive it.
    OrderWorker(exchange::OrderDesk& desk, Log log);
    ~OrderWorker();  // stop()
    // Ends after the transaction that it is at; orders that are not finished are taken up by whoever comes next.
    void stop();

private:
    void run();

    exchange::OrderDesk& desk_;
    Log log_;
    std::atomic<bool> stopping_ = false;
    std::thread thread_;  // after everything that it uses
};

}  // namespace meetpoint::server
