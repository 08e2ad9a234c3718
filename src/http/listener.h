// The HTTP/1.1 server: accepts, speaks TLS, keeps limits, routes, answers.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/log.h"
#include "base/result.h"
#include "http/endpoint.h"
#include "http/metrics.h"
#include "http/router.h"

namespace meetpoint::http {

// Every limit of the server. Times are of the wall, not of the Clock.
struct ListenerLimits {
    std::size_t connections = 2000;               // more are closed as they come
    std::size_t headerBytes = 32 * 1024;          // request line and headers; over it 431
    std::uint64_t wholeBodyBytes = 1 << 20;       // decoded, of bodies read whole; over it 413
    std::uint64_t streamBodyBytes = 16ULL << 30;  // decoded, of streamed bodies
    std::size_t bodyPieceBytes = 256 * 1024;      // of one piece of a streamed body
    std::uint64_t bodyRatio = 250;                // decoded to encoded bytes; beyond the slack, 413
    std::uint64_t bodyRatioSlackBytes = 4 << 20;
    Duration idleTimeout = seconds(75);      // between two requests of one connection
    Duration headerTimeout = seconds(15);    // from a request's first byte to the end of its headers
    Duration bodyReadTimeout = seconds(60);  // from one piece of a body to the next
    Duration writeTimeout = seconds(60);     // for the reader to take one piece of an answer
    Duration requestDuration = minutes(2);   // Request::deadline; an endpoint may have its own
    int blockingThreads = 8;                 // of the pool that runs synchronous handlers
    std::size_t blockingQueue = 256;         // requests waiting for it; over it 503 with Retry-After
    int retryAfterSeconds = 1;               // of that 503
    std::uint64_t drainBytes = 1 << 20;      // of an unread body, read and dropped before closing
    Duration drainTimeout = seconds(2);
};

struct TlsFiles {
    std::string certificateFile;  // PEM, with its chain
    std::string keyFile;          // PEM
    std::string clientCaFile{};  // if set, a client may show a certificate signed by these (Request::clientCertificate)
};

struct ListenerOptions {
    std::string address = "127.0.0.1";
    std::uint16_t port = 0;  // 0: a free one
    std::optional<TlsFiles> tls{};
    int ioThreads = 2;
    Headers constantHeaders{};  // on every answer
    std::string realm = "meetpoint";
    ListenerLimits limits{};
};

// What the listener works with; all of it must outlive it.
struct ListenerServices {
    const EndpointRegistry& endpoints;
    Authenticator authenticator;
    Metrics& metrics;
    const Clock& clock;
    Random& random;  // for request ids; used from several threads
    Log log;
};

class Listener {
public:
    // Listens when it returns. Codes "cannot-listen" (address in use, no permission), "bad-tls-files".
    static Result<std::unique_ptr<Listener>> start(ListenerOptions options, ListenerServices services);
    ~Listener();  // stop(seconds(0)) if it was not stopped

    std::uint16_t port() const;

    // Stops accepting and closes idle connections; requests that run may finish, and long polls are told to. After
    // `grace` the remaining connections are closed, but a handler that runs on the pool is always waited for: what it
    // is committing is committed. Blocks. Further calls do nothing.
    void stop(Duration grace);

private:
    struct Impl;
    explicit Listener(std::unique_ptr<Impl> impl);
    std::unique_ptr<Impl> impl_;
};

}  // namespace meetpoint::http
