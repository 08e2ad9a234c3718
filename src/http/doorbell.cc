#include "http/doorbell.h"

namespace meetpoint::http {

void Doorbell::ring()
{
    std::map<std::uint64_t, std::function<void()>> woken;
    {
        std::lock_guard lock(mutex_);
        ++rings_;
        woken.swap(waiting_);
    }
    for (auto& [handle, wake] : woken) wake();
}

std::uint64_t Doorbell::rings() const
{
    std::lock_guard lock(mutex_);
    return rings_;
}

std::uint64_t Doorbell::onRing(std::uint64_t seen, std::function<void()> wake)
{
    {
        std::lock_guard lock(mutex_);
        if (rings_ <= seen) {
            waiting_.emplace(nextHandle_, std::move(wake));
            return nextHandle_++;
        }
    }
    wake();
    return 0;
}

void Doorbell::cancel(std::uint64_t handle)
{
    std::lock_guard lock(mutex_);
    waiting_.erase(handle);
}

}  // namespace meetpoint::http
