// Many connected carriers: streams of assignment events held open at once, and when each event came in.
#pragma once

#include <atomic>
#include <chrono>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <unordered_map>
#include <vector>

#include "base/result.h"

namespace meetpoint::bench {

using Moment = std::chrono::steady_clock::time_point;

class EventListeners {
public:
    // Opens a stream for each carrier at `url` ("http://127.0.0.1:8080") and waits until every one has begun. Code
    // "cannot-listen".
    struct Wanted {
        std::string carrierId, token;
    };
    static Result<std::unique_ptr<EventListeners>> open(const std::string& url, const std::vector<Wanted>& carriers);
    ~EventListeners();

    // When the event of that number and version came in. Waits at most `patience`.
    std::optional<Moment> arrival(const std::string& numberId, std::int64_t version, std::chrono::seconds patience);

private:
    struct Stream {
        int socket = -1;
        std::string buffer;
        bool isBegun = false;
    };
    EventListeners() = default;
    Result<void> connect(const std::string& url, const Wanted& carrier);
    void run();
    void read(Stream& stream);
    void take(std::string_view line, Moment at);

    std::vector<Stream> streams_;
    std::atomic<std::size_t> begun_ = 0;
    std::atomic<bool> stopping_ = false;
    std::mutex mutex_;
    std::unordered_map<std::string, Moment> arrivals_;  // by number id and version
    std::thread thread_;
};

}  // namespace meetpoint::bench
