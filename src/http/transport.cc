#include "http/transport.h"

#include <boost/asio/connect.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/ssl.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/core/error.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <fmt/format.h>
#include <poll.h>

namespace meetpoint::http {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
using asio::ip::tcp;
using boost::system::error_code;

IoResult resultOf(const error_code& error, std::size_t bytes) {
    if (!error) return {IoResult::Outcome::ok, bytes};
    if (error == asio::error::eof || error == asio::ssl::error::stream_truncated)
        return {IoResult::Outcome::ended, bytes};
    if (error == beast::error::timeout) return {IoResult::Outcome::timeout, bytes};
    return {IoResult::Outcome::broken, bytes, error.message()};
}

std::string addressOf(const tcp::socket& socket) {
    error_code error;
    const auto endpoint = socket.remote_endpoint(error);
    return error ? std::string() : endpoint.address().to_string();
}

template <class Stream>
asio::awaitable<IoResult> readSome(Stream& stream, char* to, std::size_t size) {
    error_code error;
    const std::size_t bytes =
        co_await stream.async_read_some(asio::buffer(to, size), asio::redirect_error(asio::use_awaitable, error));
    co_return resultOf(error, bytes);
}

template <class Stream>
asio::awaitable<IoResult> writeAll(Stream& stream, std::string_view text) {
    error_code error;
    const std::size_t bytes = co_await asio::async_write(stream, asio::buffer(text.data(), text.size()),
                                                         asio::redirect_error(asio::use_awaitable, error));
    co_return resultOf(error, bytes);
}

bool hasBytes(const tcp::socket& socket) {
    boost::system::error_code none;
    return socket.available(none) > 0 && !none;
}

bool hasHungUp(const tcp::socket& socket) {
    pollfd state{const_cast<tcp::socket&>(socket).native_handle(), POLLRDHUP, 0};
    return ::poll(&state, 1, 0) != 0;  // closed, or not to be asked
}

class PlainTransport final : public Transport {
public:
    explicit PlainTransport(tcp::socket socket) : peer_(addressOf(socket)), stream_(std::move(socket)) {}

    void expireAfter(Duration duration) override { stream_.expires_after(std::chrono::milliseconds(duration.ms)); }
    asio::awaitable<IoResult> handshake() override { co_return IoResult{}; }
    asio::awaitable<IoResult> read(char* to, std::size_t size) override { return readSome(stream_, to, size); }
    asio::awaitable<IoResult> write(std::string_view bytes) override { return writeAll(stream_, bytes); }
    asio::awaitable<void> finishWriting() override {
        error_code ignored;
        stream_.socket().shutdown(tcp::socket::shutdown_send, ignored);
        co_return;
    }
    bool halfCloses() const override { return true; }
    void cancel() override { stream_.cancel(); }
    void close() override { stream_.close(); }
    bool hasInput() const override { return hasBytes(stream_.socket()); }
    bool isEnded() const override { return hasHungUp(stream_.socket()); }
    std::string peerAddress() const override { return peer_; }
    std::optional<Sha256> peerCertificate() const override { return {}; }

private:
    std::string peer_;
    beast::tcp_stream stream_;
};

class TlsTransport final : public Transport {
public:
    TlsTransport(tcp::socket socket, asio::ssl::context& context, asio::ssl::stream_base::handshake_type side)
        : peer_(addressOf(socket)), stream_(beast::tcp_stream(std::move(socket)), context), side_(side) {}

    asio::ssl::stream<beast::tcp_stream>& stream() { return stream_; }

    void expireAfter(Duration duration) override {
        stream_.next_layer().expires_after(std::chrono::milliseconds(duration.ms));
    }
    asio::awaitable<IoResult> handshake() override {
        error_code error;
        co_await stream_.async_handshake(side_, asio::redirect_error(asio::use_awaitable, error));
        co_return resultOf(error, 0);
    }
    asio::awaitable<IoResult> read(char* to, std::size_t size) override { return readSome(stream_, to, size); }
    asio::awaitable<IoResult> write(std::string_view bytes) override { return writeAll(stream_, bytes); }
    asio::awaitable<void> finishWriting() override {
        error_code ignored;
        co_await stream_.async_shutdown(asio::redirect_error(asio::use_awaitable, ignored));
    }
    bool halfCloses() const override { return false; }
    void cancel() override { stream_.next_layer().cancel(); }
    void close() override { stream_.next_layer().close(); }
    bool hasInput() const override { return hasBytes(stream_.next_layer().socket()); }
    bool isEnded() const override { return hasHungUp(stream_.next_layer().socket()); }
    std::string peerAddress() const override { return peer_; }
    std::optional<Sha256> peerCertificate() const override {
        SSL* ssl = const_cast<asio::ssl::stream<beast::tcp_stream>&>(stream_).native_handle();
        const std::unique_ptr<X509, decltype(&X509_free)> certificate(SSL_get1_peer_certificate(ssl), &X509_free);
        if (!certificate || SSL_get_verify_result(ssl) != X509_V_OK) return {};
        Sha256 digest{};
        unsigned size = 0;
        if (X509_digest(certificate.get(), EVP_sha256(), digest.data(), &size) != 1) return {};
        return digest;
    }

private:
    std::string peer_;
    asio::ssl::stream<beast::tcp_stream> stream_;
    asio::ssl::stream_base::handshake_type side_;
};

Error clientError(ErrorKind kind, std::string code, std::string message) {
    return {kind, std::move(code), std::move(message), {}, {}, 0};
}

Error connectError(const ConnectTarget& target, const error_code& error) {
    if (error == beast::error::timeout)
        return clientError(ErrorKind::timeout, "client-timeout", "Connecting to " + target.host + " took too long.");
    return clientError(ErrorKind::unavailable, "cannot-connect",
                       fmt::format("Cannot connect to {}:{}: {}.", target.host, target.port, error.message()));
}

using SteadyTime = std::chrono::steady_clock::time_point;

// What is left until then; at least a moment, in which a deadline that has passed is found out.
std::chrono::milliseconds leftUntil(SteadyTime end) {
    const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(end - std::chrono::steady_clock::now());
    return std::max(left, std::chrono::milliseconds(1));
}

asio::awaitable<Result<tcp::socket>> connectSocket(const ConnectTarget& target, SteadyTime end) {
    const auto executor = co_await asio::this_coro::executor;
    tcp::resolver resolver(executor);
    error_code error;
    const auto found =
        co_await resolver.async_resolve(target.host, target.port, asio::redirect_error(asio::use_awaitable, error));
    if (error) co_return fail(connectError(target, error));

    beast::tcp_stream stream(executor);
    stream.expires_after(leftUntil(end));
    bool refused = false;
    for (const auto& entry : found) {
        const tcp::endpoint endpoint = entry.endpoint();
        if (target.allowAddress && !target.allowAddress(endpoint.address().to_string())) {
            refused = true;
            continue;
        }
        co_await stream.async_connect(endpoint, asio::redirect_error(asio::use_awaitable, error));
        if (!error) {
            error_code ignored;
            stream.socket().set_option(tcp::no_delay(true), ignored);
            stream.expires_never();
            co_return stream.release_socket();
        }
        if (error == beast::error::timeout) break;
    }
    if (refused && !error)
        co_return fail(clientError(ErrorKind::forbidden, "address-refused",
                                   "The addresses of " + target.host + " are not allowed."));
    co_return fail(connectError(target, error));
}

}  // namespace

std::unique_ptr<Transport> acceptedTransport(tcp::socket socket, asio::ssl::context* tls) {
    error_code ignored;
    socket.set_option(tcp::no_delay(true), ignored);
    if (tls) return std::make_unique<TlsTransport>(std::move(socket), *tls, asio::ssl::stream_base::server);
    return std::make_unique<PlainTransport>(std::move(socket));
}

asio::awaitable<Result<std::unique_ptr<Transport>>> connectTransport(const ConnectTarget& target,
                                                                     asio::ssl::context* tls) {
    const SteadyTime end = std::chrono::steady_clock::now() + std::chrono::milliseconds(target.timeout.ms);
    CO_TRY_ASSIGN(tcp::socket socket, co_await connectSocket(target, end));
    if (!tls) co_return std::unique_ptr<Transport>(std::make_unique<PlainTransport>(std::move(socket)));

    auto transport = std::make_unique<TlsTransport>(std::move(socket), *tls, asio::ssl::stream_base::client);
    SSL_set_tlsext_host_name(transport->stream().native_handle(), target.host.c_str());
    transport->stream().set_verify_callback(asio::ssl::host_name_verification(target.host));
    transport->expireAfter(milliseconds(leftUntil(end).count()));
    const IoResult shaken = co_await transport->handshake();
    if (shaken.outcome == IoResult::Outcome::timeout)
        co_return fail(clientError(ErrorKind::timeout, "client-timeout", "The TLS handshake took too long."));
    if (!shaken.ok())
        co_return fail(clientError(ErrorKind::unavailable, "tls-failed",
                                   "No secure connection to " + target.host + ": " +
                                       (shaken.detail.empty() ? "it was closed" : shaken.detail) + "."));
    co_return std::unique_ptr<Transport>(std::move(transport));
}

}  // namespace meetpoint::http
