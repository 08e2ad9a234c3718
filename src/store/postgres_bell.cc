#include "store/postgres_bell.h"

#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

namespace meetpoint::store {
namespace {

constexpr const char* channel = "meetpoint";

struct FreeNotify {
    void operator()(PGnotify* notify) const { PQfreemem(notify); }
};

}  // namespace

PostgresBell::PostgresBell(PostgresSettings settings, Duration pause, Log log)
    : settings_(std::move(settings)), pause_(pause), log_(std::move(log)) {
    if (::pipe2(wake_, O_CLOEXEC) != 0) log_->error("no pipe for the database's announcements: {}", errno);
    hearing_ = std::thread([this] { hearLoop(); });
    ringing_ = std::thread([this] { ringLoop(); });
}

PostgresBell::~PostgresBell() {
    {
        const std::lock_guard lock(mutex_);
        stopping_ = true;
    }
    changed_.notify_all();
    ::close(wake_[1]);  // the other end becomes readable
    hearing_.join();
    ringing_.join();
    ::close(wake_[0]);
}

void PostgresBell::listen(Listener listener) {
    const std::lock_guard lock(mutex_);
    listener_ = std::move(listener);
}

void PostgresBell::ring(std::string topic) {
    const std::lock_guard lock(mutex_);
    waiting_.insert(std::move(topic));
    changed_.notify_all();
}

void PostgresBell::tell(std::string_view topic) {
    Listener listener;
    {
        const std::lock_guard lock(mutex_);
        listener = listener_;
    }
    if (listener) listener(topic);
}

bool PostgresBell::waitFor(Duration pause) {
    std::unique_lock lock(mutex_);
    return !changed_.wait_for(lock, std::chrono::milliseconds(pause.ms), [&] { return stopping_; });
}

void PostgresBell::hearLoop() {
    std::unique_ptr<PostgresConnection> connection;
    while (true) {
        if (!connection || !connection->isAlive()) {
            auto opened = PostgresConnection::open(settings_);
            if (!opened || !(*opened)->script(std::string("LISTEN ") + channel)) {
                if (!waitFor(pause_)) return;
                continue;
            }
            connection = std::move(*opened);
            tell("");  // what was announced meanwhile is lost
        }
        pollfd ends[] = {{PQsocket(connection->handle()), POLLIN, 0}, {wake_[0], POLLIN, 0}};
        if (::poll(ends, 2, -1) < 0 && errno != EINTR) log_->warn("waiting for announcements failed: {}", errno);
        if (ends[1].revents != 0) return;
        (void)PQconsumeInput(connection->handle());  // a lost connection shows in isAlive()
        while (const std::unique_ptr<PGnotify, FreeNotify> notify{PQnotifies(connection->handle())})
            tell(notify->extra);
    }
}

void PostgresBell::ringLoop() {
    std::unique_ptr<PostgresConnection> connection;
    while (true) {
        std::set<std::string> topics;
        {
            std::unique_lock lock(mutex_);
            changed_.wait(lock, [&] { return stopping_ || !waiting_.empty(); });
            if (stopping_) return;
            topics.swap(waiting_);
        }
        if (!connection || !connection->isAlive()) {
            auto opened = PostgresConnection::open(settings_);
            connection = opened ? std::move(*opened) : nullptr;
        }
        for (const std::string& topic : topics) {
            // Lost with the connection: then this node's own listeners hear it from here, and the others look by
            // themselves.
            const Value values[] = {Value(channel), Value(topic)};
            if (!connection || !connection->query("SELECT pg_notify($1, $2)", values, [](const Row&) {})) tell(topic);
        }
    }
}

}  // namespace meetpoint::store
