// What the listener counts, in a Prometheus registry that the caller owns and may add to.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "base/time.h"

namespace prometheus {
class Registry;
}

namespace meetpoint::http {

// Safe to use from several threads.
class Metrics {
public:
    Metrics();
    ~Metrics();

    // For families of other modules; they appear in the same exposition.
    prometheus::Registry& registry();

    // http_requests_total{route,method,status="2xx"}, http_request_duration_seconds{route,method}.
    // `route` is a template, or "unmatched".
    void countRequest(std::string_view route, std::string_view method, int status, double seconds);
    void requestStarted();  // http_requests_in_flight
    void requestFinished();
    void connectionOpened();  // http_connections, http_connections_total
    void connectionClosed();
    // http_connections_refused_total{reason}: "limit", "timeout", "malformed", "tls".
    void connectionRefused(std::string_view reason);
    void queueRefused();  // http_blocking_queue_refused_total

    // The text exposition, media type "text/plain; version=0.0.4".
    std::string text() const;

private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

}  // namespace meetpoint::http
