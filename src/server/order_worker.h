// The thread that works through this node's orders of numbers.
#pragma once

#include "exchange/orders.h"
#include "server/background_thread.h"

namespace prometheus {
class Registry;
}

namespace meetpoint::server {

class OrderWorker {
public:
    // Begins at once, and is rung by the desk. Everything it is given must outlive it.
    OrderWorker(exchange::OrderDesk& desk, prometheus::Registry& metrics, Log log);
    ~OrderWorker();  // stop()
    // Ends after the transaction that it is at; orders that are not finished are taken up by whoever comes next.
    void stop();

private:
    exchange::OrderDesk& desk_;
    BackgroundThread thread_;
};

}  // namespace meetpoint::server
