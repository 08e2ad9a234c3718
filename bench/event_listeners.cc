#include "event_listeners.h"

#include <arpa/inet.h>
#include <fmt/format.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

namespace meetpoint::bench {
namespace {

std::string keyOf(std::string_view numberId, std::string_view version) {
    return fmt::format("{}/{}", numberId, version);
}

// What stands behind `name` in a line of JSON that this project wrote, up to a quote, comma or brace.
std::string_view valueOf(std::string_view line, std::string_view name) {
    const std::size_t at = line.find(name);
    if (at == std::string_view::npos) return {};
    line.remove_prefix(at + name.size());
    return line.substr(0, line.find_first_of("\",}"));
}

}  // namespace

Result<std::unique_ptr<EventListeners>> EventListeners::open(const std::string& url,
                                                             const std::vector<Wanted>& carriers) {
    std::unique_ptr<EventListeners> listeners(new EventListeners());
    for (const Wanted& carrier : carriers)
        TRY(listeners->connect(url, carrier));
    listeners->thread_ = std::thread([all = listeners.get()] { all->run(); });
    for (int tries = 0; listeners->begun_ < carriers.size(); ++tries) {
        if (tries == 1'000) return fail(internalError("not every stream of events has begun"));
        std::this_thread::sleep_for(std::chrono::milliseconds(10));
    }
    return listeners;
}

EventListeners::~EventListeners() {
    stopping_ = true;
    if (thread_.joinable()) thread_.join();
    for (const Stream& stream : streams_)
        ::close(stream.socket);
}

Result<void> EventListeners::connect(const std::string& url, const Wanted& carrier) {
    const std::string host = url.substr(url.find("//") + 2);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(static_cast<std::uint16_t>(std::stoi(host.substr(host.find(':') + 1))));
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    const int socket = ::socket(AF_INET, SOCK_STREAM, 0);
    streams_.push_back({socket, {}, false});
    const std::string request = fmt::format(
        "GET /v1/feeds/assignments?from=now&carrierId={} HTTP/1.1\r\nHost: {}\r\nAuthorization: Bearer {}\r\n"
        "Accept: text/event-stream\r\n\r\n",
        carrier.carrierId, host, carrier.token);
    const bool isSent =
        socket >= 0 && ::connect(socket, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0 &&
        ::send(socket, request.data(), request.size(), MSG_NOSIGNAL) == static_cast<ssize_t>(request.size());
    if (!isSent) return fail(internalError("a stream of events cannot be opened"));
    return {};
}

void EventListeners::run() {
    std::vector<pollfd> waiting;
    for (const Stream& stream : streams_)
        waiting.push_back({stream.socket, POLLIN, 0});
    while (!stopping_) {
        if (::poll(waiting.data(), waiting.size(), 100) <= 0) continue;
        for (std::size_t i = 0; i < waiting.size(); ++i)
            if (waiting[i].revents != 0) read(streams_[i]);
    }
}

void EventListeners::read(Stream& stream) {
    char piece[65'536];
    const ssize_t got = ::recv(stream.socket, piece, sizeof piece, MSG_DONTWAIT);
    const Moment now = std::chrono::steady_clock::now();
    if (got <= 0) return;
    stream.buffer.append(piece, static_cast<std::size_t>(got));
    std::size_t begin = 0;
    for (std::size_t end; (end = stream.buffer.find('\n', begin)) != std::string::npos; begin = end + 1) {
        const std::string_view line = std::string_view(stream.buffer).substr(begin, end - begin);
        if (!stream.isBegun && line.starts_with("retry:")) {
            stream.isBegun = true;
            ++begun_;
        }
        if (line.starts_with("data: ")) take(line, now);
    }
    stream.buffer.erase(0, begin);
}

void EventListeners::take(std::string_view line, Moment at) {
    const std::lock_guard lock(mutex_);
    arrivals_.emplace(keyOf(valueOf(line, "\"numberId\":\""), valueOf(line, "\"numberVersion\":")), at);
}

std::optional<Moment> EventListeners::arrival(const std::string& numberId, std::int64_t version,
                                              std::chrono::seconds patience) {
    const std::string key = keyOf(numberId, std::to_string(version));
    const Moment until = std::chrono::steady_clock::now() + patience;
    while (true) {
        {
            const std::lock_guard lock(mutex_);
            if (const auto found = arrivals_.find(key); found != arrivals_.end()) return found->second;
        }
        if (std::chrono::steady_clock::now() > until) return std::nullopt;
        std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
}

}  // namespace meetpoint::bench
