// Announcements between nodes: LISTEN and NOTIFY on connections of their own, so that no commit waits for them (NOTIFY
// in a transaction would make all commits of all nodes wait for each other). They may be lost; whoever listens also
// looks by itself.
#pragma once

#include <condition_variable>
#include <mutex>
#include <set>
#include <thread>

#include "base/log.h"
#include "store/postgres_connection.h"

namespace meetpoint::store {

class PostgresBell {
public:
    // Two threads that run until the bell is destroyed. A lost connection is made again after `pause`.
    PostgresBell(PostgresSettings settings, Duration pause, Log log);
    ~PostgresBell();

    void listen(Listener listener);
    // Sends the topic to every node, this one included. Several rings of one topic may become one. Does not block.
    void ring(std::string topic);

private:
    void hearLoop();
    void ringLoop();
    void tell(std::string_view topic);
    bool waitFor(Duration pause);  // false once it is to stop

    PostgresSettings settings_;
    Duration pause_;
    Log log_;
    std::mutex mutex_;
    std::condition_variable changed_;
    std::set<std::string> waiting_;
    Listener listener_;
    bool stopping_ = false;
    int wake_[2] = {-1, -1};  // a pipe that ends the wait for notifications
    std::thread hearing_, ringing_;
};

}  // namespace meetpoint::store
