#include "store/testing/lossy_relay.h"

#include <cstring>
#include <stdexcept>

#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "store/postgres_connection.h"

namespace meetpoint::store::testing {
namespace {

// A simple query as libpq sends it ends with a zero byte (PostgreSQL, frontend/backend protocol).
constexpr std::string_view commitQuery{"COMMIT\0", 7};

sockaddr_un addressOf(const std::string& path) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    if (path.size() >= sizeof address.sun_path) throw std::runtime_error("too long for a socket: " + path);
    std::memcpy(address.sun_path, path.c_str(), path.size() + 1);
    return address;
}

int newSocket() {
    const int made = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (made < 0) throw std::runtime_error("no socket can be made");
    return made;
}

bool writeAll(int descriptor, std::string_view bytes) {
    while (!bytes.empty()) {
        const ssize_t count = ::send(descriptor, bytes.data(), bytes.size(), MSG_NOSIGNAL);
        if (count <= 0) return false;
        bytes.remove_prefix(static_cast<std::size_t>(count));
    }
    return true;
}

// What has come; empty at the end.
std::string readSome(int descriptor) {
    std::string bytes(64 * 1024, '\0');
    const ssize_t count = ::recv(descriptor, bytes.data(), bytes.size(), 0);
    bytes.resize(count > 0 ? static_cast<std::size_t>(count) : 0);
    return bytes;
}

}  // namespace

LossyRelay::LossyRelay(const StorePlace& place) {
    const auto direct = PostgresConnection::open({.address = place.database()});
    if (!direct) throw std::runtime_error(direct.error().internal);
    const std::string host = PQhost((*direct)->handle()),
                      name = std::string("/.s.PGSQL.") + PQport((*direct)->handle());
    if (!host.starts_with('/')) return;
    server_ = host + name;
    const sockaddr_un here = addressOf(place.folder().string() + name);
    listening_ = newSocket();
    if (::bind(listening_, reinterpret_cast<const sockaddr*>(&here), sizeof here) != 0 || ::listen(listening_, 16) != 0)
        throw std::runtime_error("the relay cannot listen");
    database_ = place.database() + "&host=" + place.folder().string();  // the later host counts
    accepting_ = std::thread([this] { acceptLoop(); });
}

LossyRelay::~LossyRelay() {
    {
        const std::lock_guard lock(mutex_);
        stopping_ = true;
        for (const int descriptor : open_)
            ::shutdown(descriptor, SHUT_RDWR);
    }
    if (!accepting_.joinable()) return;
    ::shutdown(listening_, SHUT_RDWR);  // ends the wait in accept
    accepting_.join();
    for (std::thread& thread : passing_)
        thread.join();
    ::close(listening_);
}

void LossyRelay::acceptLoop() {
    while (true) {
        const int client = ::accept4(listening_, nullptr, nullptr, SOCK_CLOEXEC);
        if (client < 0) return;
        const std::lock_guard lock(mutex_);
        if (stopping_) {
            ::close(client);
            return;
        }
        open_.push_back(client);
        passing_.emplace_back([this, client] { pass(client); });
    }
}

// Hands bytes on in both directions until one side ends or a COMMIT is lost.
void LossyRelay::pass(int client) {
    const int server = newSocket();
    const sockaddr_un there = addressOf(server_);
    bool open = ::connect(server, reinterpret_cast<const sockaddr*>(&there), sizeof there) == 0;
    while (open) {
        pollfd both[] = {{client, POLLIN, 0}, {server, POLLIN, 0}};
        if (::poll(both, 2, -1) < 0) break;
        if (both[1].revents != 0) {
            const std::string answer = readSome(server);
            open = !answer.empty() && writeAll(client, answer);
        }
        if (open && both[0].revents != 0) {
            const std::string request = readSome(client);
            const bool commits = request.find(commitQuery) != std::string::npos;
            const Loss loss = commits ? next_.exchange(Loss::none) : Loss::none;
            if (loss == Loss::request) break;
            open = !request.empty() && writeAll(server, request);
            if (loss == Loss::none) continue;
            readSome(server);  // its answer means that it has committed
            break;
        }
    }
    ::close(server);
    forget(client);
}

void LossyRelay::forget(int descriptor) {
    const std::lock_guard lock(mutex_);
    std::erase(open_, descriptor);
    ::close(descriptor);
}

}  // namespace meetpoint::store::testing
