// What several tests of this folder use: encoders, a raw connection, a server with its surroundings.
#pragma once

#include <chrono>
#include <condition_variable>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "http/client.h"
#include "http/listener.h"

namespace meetpoint::http {

std::string gzip(std::string_view text);
std::string zstd(std::string_view text);

// A socket with nothing between it and the test. Reads give up after ten seconds.
class RawConnection {
public:
    explicit RawConnection(std::uint16_t port);
    ~RawConnection();
    void send(std::string_view bytes);
    // Until `count` answers with a Content-Length (or without a body) have come, or the connection ended.
    std::vector<ClientResponse> answers(std::size_t count);
    // Everything until the server closes.
    std::string untilClosed();

private:
    bool readMore();
    int socket_;
    std::string received_;
};

// A gate that one thread opens and others wait at, at most ten seconds.
class Gate {
public:
    void open();
    bool wait();

private:
    std::mutex mutex_;
    std::condition_variable opened_;
    bool open_ = false;
};

struct TestServer {
    EndpointRegistry endpoints;
    Metrics metrics;
    SystemClock clock;
    SeededRandom random{1};
    ListenerOptions options;
    Authenticator authenticator;
    std::unique_ptr<Listener> listener;

    void start();
    std::string url(std::string_view path) const;
    ClientResponse get(std::string_view path, Headers headers = {});
    ClientResponse send(ClientRequest request);  // its url is a path
    ~TestServer() {
        if (listener) listener->stop(seconds(10));
    }
};

}  // namespace meetpoint::http
