#include "http/test_support.h"

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>
#include <zlib.h>
#include <zstd.h>

namespace meetpoint::http {

std::string gzip(std::string_view text) {
    z_stream stream{};
    deflateInit2(&stream, 6, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY);
    std::string out(deflateBound(&stream, text.size()) + 32, '\0');
    stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(text.data()));
    stream.avail_in = static_cast<uInt>(text.size());
    stream.next_out = reinterpret_cast<Bytef*>(out.data());
    stream.avail_out = static_cast<uInt>(out.size());
    deflate(&stream, Z_FINISH);
    out.resize(stream.total_out);
    deflateEnd(&stream);
    return out;
}

std::string zstd(std::string_view text) {
    std::string out(ZSTD_compressBound(text.size()), '\0');
    out.resize(ZSTD_compress(out.data(), out.size(), text.data(), text.size(), 3));
    return out;
}

RawConnection::RawConnection(std::uint16_t port) : socket_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    timeval patience{10, 0};
    ::setsockopt(socket_, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    EXPECT_EQ(::connect(socket_, reinterpret_cast<sockaddr*>(&address), sizeof address), 0);
}

RawConnection::~RawConnection() {
    ::close(socket_);
}

void RawConnection::send(std::string_view bytes) {
    while (!bytes.empty()) {
        const auto sent = ::send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
        if (sent <= 0) return;
        bytes.remove_prefix(static_cast<std::size_t>(sent));
    }
}

bool RawConnection::readMore() {
    char buffer[4096];
    const auto got = ::recv(socket_, buffer, sizeof buffer, 0);
    if (got > 0) received_.append(buffer, static_cast<std::size_t>(got));
    return got > 0;
}

std::vector<ClientResponse> RawConnection::answers(std::size_t count) {
    std::vector<ClientResponse> found;
    while (found.size() < count) {
        const std::size_t end = received_.find("\r\n\r\n");
        if (end == received_.npos) {
            if (!readMore()) return found;
            continue;
        }
        ClientResponse answer;
        answer.status = std::stoi(received_.substr(9, 3));
        for (std::size_t at = received_.find("\r\n") + 2; at < end;) {
            const std::size_t colon = received_.find(": ", at), stop = received_.find("\r\n", at);
            answer.headers.add(received_.substr(at, colon - at), received_.substr(colon + 2, stop - colon - 2));
            at = stop + 2;
        }
        const std::size_t length =
            answer.headers.has("Content-Length") ? std::stoul(std::string(answer.headers.value("Content-Length"))) : 0;
        while (received_.size() < end + 4 + length)
            if (!readMore()) return found;
        answer.body = received_.substr(end + 4, length);
        received_.erase(0, end + 4 + length);
        found.push_back(std::move(answer));
    }
    return found;
}

std::string RawConnection::untilClosed() {
    while (readMore()) {
    }
    return std::move(received_);
}

void Gate::open() {
    {
        std::lock_guard lock(mutex_);
        open_ = true;
    }
    opened_.notify_all();
}

bool Gate::wait() {
    std::unique_lock lock(mutex_);
    return opened_.wait_for(lock, std::chrono::seconds(10), [this] { return open_; });
}

void TestServer::start() {
    auto started = Listener::start(options, {endpoints, authenticator, metrics, clock, random, silentLog()});
    ASSERT_TRUE(started) << started.error().message;
    listener = std::move(*started);
}

std::string TestServer::url(std::string_view path) const {
    return (options.tls ? "https://localhost:" : "http://127.0.0.1:") + std::to_string(listener->port()) +
           std::string(path);
}

ClientResponse TestServer::send(ClientRequest request) {
    request.url = url(request.url);
    Client client;
    auto answer = client.send(request);
    EXPECT_TRUE(answer) << answer.error().code << " " << answer.error().message;
    return answer ? *answer : ClientResponse{};
}

ClientResponse TestServer::get(std::string_view path, Headers headers) {
    ClientRequest request;
    request.url = std::string(path);
    request.headers = std::move(headers);
    return send(std::move(request));
}

}  // namespace meetpoint::http
