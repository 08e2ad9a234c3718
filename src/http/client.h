// A blocking HTTP/1.1 client with limits on everything. Follows no redirects and keeps no cookies.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "base/result.h"
#include "http/message.h"

namespace meetpoint::http {

// What becomes of an answer whose body is longer than ClientOptions::bodyBytes: an error, or its beginning.
enum class LongAnswers { refuse, cut };
// Whether the connection stays open for the next request, or each request has one of its own.
enum class Connections { kept, oneEach };

struct ClientOptions {
    Duration connectTimeout = seconds(10);  // name, TCP and TLS together
    Duration readTimeout = seconds(60);     // for the first byte of the answer, and between two pieces
    Duration writeTimeout = seconds(60);
    Duration totalTimeout = minutes(10);  // of one call
    std::size_t headerBytes = 64 * 1024;
    std::uint64_t bodyBytes = 16 << 20;  // of an answer
    LongAnswers longAnswers = LongAnswers::refuse;
    Connections connections = Connections::kept;
    std::string caFile{};           // PEM; "" means the system's
    std::string certificateFile{};  // shown to servers that ask; PEM
    std::string keyFile{};
    // Asked for each address that the name resolves to ("10.0.0.1"); false refuses it. Unset allows all. The name is
    // resolved once a connection, and the connection goes to an address that was asked about.
    std::function<bool(const std::string& address)> allowAddress{};
};

struct ClientRequest {
    std::string method = "GET";
    std::string url;  // absolute, "https://host:8443/path?query"
    Headers headers{};
    std::string body{};
    PullSource source{};                     // instead of `body`; sent chunked
    std::optional<Duration> totalTimeout{};  // instead of the options' one
};

struct ClientResponse {
    int status = 0;
    Headers headers;
    std::string body;
};

// Not safe from several threads at once: give each its own. Keeps one connection open and uses it again for the same
// scheme, host and port.
class Client {
public:
    explicit Client(ClientOptions options = {});
    ~Client();
    Client(Client&&) noexcept;
    Client& operator=(Client&&) noexcept;

    // Any status is an answer, not an error. Blocks. A request on a kept connection that turns out closed before any
    // byte of the answer came is sent once more on a new one, unless its body came from a source or its method is POST
    // or PATCH with no Idempotency-Key. Errors: invalidInput "bad-url", "bad-header"; unavailable "cannot-connect",
    // "connection-lost", "tls-failed"; forbidden "address-refused"; timeout "client-timeout"; tooLarge
    // "answer-too-large"; corrupt "bad-answer"; whatever the source fails with.
    Result<ClientResponse> send(const ClientRequest& request);

    // From any thread: the call that waits for its answer, and every later one, fails with "cancelled" (unavailable). A
    // call that is still connecting ends at its connectTimeout.
    void cancel();

private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

}  // namespace meetpoint::http
