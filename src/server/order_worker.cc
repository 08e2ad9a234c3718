#include "server/order_worker.h"

namespace meetpoint::server {
namespace {

constexpr Duration betweenLooks = seconds(1);  // for orders that other nodes have left lying

}  // namespace

OrderWorker::OrderWorker(exchange::OrderDesk& desk, Log log)
    : desk_(desk), log_(std::move(log)), thread_([this] { run(); }) {}

OrderWorker::~OrderWorker() {
    stop();
}

void OrderWorker::stop() {
    stopping_ = true;
    desk_.stop();
    if (thread_.joinable()) thread_.join();
}

void OrderWorker::run() {
    std::string told;  // the code of the last failure, logged once for as long as it lasts
    while (!stopping_) {
        const auto worked = desk_.workOnce();
        if (!worked && !stopping_ && told != worked.error().code)
            log_->error("orders of numbers cannot go on for now: {} {} {}", worked.error().code, worked.error().message,
                        worked.error().internal);
        told = worked ? "" : worked.error().code;
        if (!worked || !*worked) desk_.wait(betweenLooks);
    }
}

}  // namespace meetpoint::server
