#include "http/doorbell.h"

namespace meetpoint::http {

void Doorbell::ring() {
    std::lock_guard lock(mutex_);
    ++rings_;
    // Under the lock, so that cancel() can promise that nobody is being woken any more.
    for (auto& [handle, wake] : waiting_)
        wake();
    waiting_.clear();
}

std::uint64_t Doorbell::rings() const {
    std::lock_guard lock(mutex_);
    return rings_;
}

std::uint64_t Doorbell::onRing(std::uint64_t seen, std::function<void()> wake) {
    std::lock_guard lock(mutex_);
    const std::uint64_t handle = nextHandle_++;
    if (rings_ > seen)
        wake();
    else
        waiting_.emplace(handle, std::move(wake));
    return handle;
}

void Doorbell::cancel(std::uint64_t handle) {
    std::lock_guard lock(mutex_);
    waiting_.erase(handle);
}

}  // namespace meetpoint::http
