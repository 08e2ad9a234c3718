// One connection's byte stream, plain or TLS, server's or client's side. Hides Beast's stream types from the files that
// only move bytes. Not safe from several threads: all calls come from the connection's own executor.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/ip/tcp.hpp>

#include "base/hash.h"
#include "base/result.h"
#include "base/time.h"

namespace boost::asio::ssl {
class context;
}

namespace meetpoint::http {

struct IoResult {
    enum class Outcome { ok, ended, timeout, broken };
    Outcome outcome = Outcome::ok;
    std::size_t bytes = 0;
    std::string detail{};  // of a broken connection, for the log
    bool ok() const { return outcome == Outcome::ok; }
};

class Transport {
public:
    virtual ~Transport() = default;

    // From now, all following operations together must be done within this time, or the connection is closed.
    virtual void expireAfter(Duration duration) = 0;
    // TLS only: what must happen before the first byte. Plain ones answer at once.
    virtual boost::asio::awaitable<IoResult> handshake() = 0;
    // At least one byte unless it ended.
    virtual boost::asio::awaitable<IoResult> read(char* to, std::size_t size) = 0;
    // All of it.
    virtual boost::asio::awaitable<IoResult> write(std::string_view bytes) = 0;
    // Tells the other side that nothing more comes.
    virtual boost::asio::awaitable<void> finishWriting() = 0;
    // Whether reading goes on after finishWriting().
    virtual bool halfCloses() const = 0;
    // Ends the operations that wait; what they have taken in is not lost, and others may follow.
    virtual void cancel() = 0;
    virtual void close() = 0;
    // Whether the other side has sent something that was not read yet.
    virtual bool hasInput() const = 0;
    // Whether the other side has closed the connection, as far as that is known here already.
    virtual bool isEnded() const = 0;

    virtual std::string peerAddress() const = 0;
    // SHA-256 of the verified certificate that the other side showed.
    virtual std::optional<Sha256> peerCertificate() const = 0;
};

// `tls` null means plain; it must outlive the transport.
std::unique_ptr<Transport> acceptedTransport(boost::asio::ip::tcp::socket socket, boost::asio::ssl::context* tls);

struct ConnectTarget {
    std::string host;
    std::string port;
    std::function<bool(const std::string& address)> allowAddress;
    Duration timeout;  // for all of it; the system's resolver may take longer
};
// Resolves, connects and shakes hands. Codes "cannot-connect", "address-refused", "tls-failed", "client-timeout".
boost::asio::awaitable<Result<std::unique_ptr<Transport>>> connectTransport(const ConnectTarget& target,
                                                                            boost::asio::ssl::context* tls);

}  // namespace meetpoint::http
