// Hands what the store announces to everyone in this process who wants to hear of it.
#pragma once

#include <map>
#include <mutex>

#include "store/db.h"

namespace meetpoint::server {

// Safe from any thread.
class Announcements {
public:
    // Tells all. `topic` as in store::Listener.
    void hear(std::string_view topic) const {
        const std::lock_guard lock(mutex_);
        for (const auto& [handle, listener] : listeners_)
            listener(topic);
    }
    // `listener` must be quick and must not call this object.
    int add(store::Listener listener) {
        const std::lock_guard lock(mutex_);
        listeners_.emplace(++last_, std::move(listener));
        return last_;
    }
    // When it returns, that listener is not being told and will not be.
    void remove(int handle) {
        const std::lock_guard lock(mutex_);
        listeners_.erase(handle);
    }

private:
    mutable std::mutex mutex_;
    int last_ = 0;
    std::map<int, store::Listener> listeners_;
};

}  // namespace meetpoint::server
