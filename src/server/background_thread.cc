#include "server/background_thread.h"

#include <chrono>

namespace meetpoint::server {

BackgroundThread::BackgroundThread(Work work, Log log) : work_(std::move(work)), log_(std::move(log)) {}

BackgroundThread::~BackgroundThread() {
    stop();
}

void BackgroundThread::start() {
    thread_ = std::thread([this] { run(); });
}

void BackgroundThread::stop() {
    {
        const std::lock_guard lock(mutex_);
        stopping_ = true;
    }
    changed_.notify_all();
    if (thread_.joinable()) thread_.join();
}

void BackgroundThread::ring() {
    {
        const std::lock_guard lock(mutex_);
        rung_ = true;
    }
    changed_.notify_all();
}

void BackgroundThread::run() {
    std::string told;  // the code of the last failure, logged once for as long as it lasts
    while (!isStopping()) {
        const auto more = work_.step();
        if (!more && !isStopping()) {
            work_.countFailure();
            if (told != more.error().code)
                log_->warn("{} cannot go on for now: {} {}", work_.name, more.error().code, more.error().internal);
        }
        told = more ? "" : more.error().code;
        if (!more || !*more) pause();
    }
}

void BackgroundThread::pause() {
    std::unique_lock lock(mutex_);
    changed_.wait_for(lock, std::chrono::milliseconds(work_.pause.ms), [this] { return rung_ || isStopping(); });
    rung_ = false;
}

}  // namespace meetpoint::server
