// A carrier's receiver of webhooks on this machine, which answers as the test says and keeps what came.
#pragma once

#include <condition_variable>

#include "http/test_support.h"

namespace meetpoint::tests {

// Takes POST at /ok (200, or what setStatus() says), /error (500), /redirect (307 to /target), /target, /gone (410),
// /large (10 MB) and /never.
class WebhookReceiver {
public:
    struct Message {
        std::string path;
        http::Headers headers;
        std::string body;
        int status = 0;  // that it was answered
    };

    WebhookReceiver();
    ~WebhookReceiver() { never_.open(); }

    std::string url(std::string_view path) const { return server_.url(path); }
    std::uint16_t port() const { return server_.listener->port(); }
    // From now on, at /ok.
    void setStatus(int status) { status_ = status; }
    // Those that came to a path, once there are so many; a test failure after a minute.
    std::vector<Message> waitFor(std::string_view path, std::size_t count);
    std::vector<Message> at(std::string_view path) const;

private:
    std::vector<Message> messagesAt(std::string_view path) const;
    http::Response answer(const http::Request& request);

    mutable std::mutex mutex_;
    std::condition_variable came_;
    std::vector<Message> messages_;
    std::atomic<int> status_ = 200;
    http::Gate never_;
    http::TestServer server_;  // after everything that it uses
};

}  // namespace meetpoint::tests
