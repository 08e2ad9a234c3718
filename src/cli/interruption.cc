#include "cli/interruption.h"

namespace meetpoint::cli {

constexpr Duration watchStep = milliseconds(100);  // after which a watch that is over ends

void Interruption::come() {
    const std::lock_guard lock(mutex_);
    hasCome_ = true;
    changed_.notify_all();
    if (action_) action_();
}

bool Interruption::hasCome() const {
    const std::lock_guard lock(mutex_);
    return hasCome_;
}

bool Interruption::waitFor(Duration atMost) {
    std::unique_lock lock(mutex_);
    return changed_.wait_for(lock, std::chrono::milliseconds(atMost.ms), [this] { return hasCome_; });
}

void Interruption::onComing(std::function<void()> action) {
    const std::lock_guard lock(mutex_);
    action_ = std::move(action);
    if (hasCome_ && action_) action_();
}

SignalWatch::SignalWatch(Interruption& interruption)
    : watcher_([this, &interruption] {
          while (!isOver_)
              if (signals_.waitFor(watchStep)) interruption.come();
      }) {}

SignalWatch::~SignalWatch() {
    isOver_ = true;
    watcher_.join();
}

}  // namespace meetpoint::cli
