#include "http/metrics.h"

#include <fmt/format.h>
#include <prometheus/counter.h>
#include <prometheus/gauge.h>
#include <prometheus/histogram.h>
#include <prometheus/registry.h>
#include <prometheus/text_serializer.h>

namespace meetpoint::http {
namespace {

// From a cached read to a long upload.
const prometheus::Histogram::BucketBoundaries durationBuckets{0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25,
                                                              0.5,   1,      2.5,   5,    10,    30,   60,  300};

}  // namespace

struct Metrics::Impl {
    prometheus::Registry registry;
    prometheus::Family<prometheus::Counter>& requests =
        prometheus::BuildCounter().Name("http_requests_total").Help("Requests answered.").Register(registry);
    prometheus::Family<prometheus::Histogram>& durations =
        prometheus::BuildHistogram()
            .Name("http_request_duration_seconds")
            .Help("From the end of a request's headers to the end of its answer.")
            .Register(registry);
    prometheus::Gauge& inFlight = prometheus::BuildGauge()
                                      .Name("http_requests_in_flight")
                                      .Help("Requests being answered.")
                                      .Register(registry)
                                      .Add({});
    prometheus::Gauge& connections =
        prometheus::BuildGauge().Name("http_connections").Help("Open connections.").Register(registry).Add({});
    prometheus::Counter& connectionsTotal = prometheus::BuildCounter()
                                                .Name("http_connections_total")
                                                .Help("Connections accepted.")
                                                .Register(registry)
                                                .Add({});
    prometheus::Family<prometheus::Counter>& refused = prometheus::BuildCounter()
                                                           .Name("http_connections_refused_total")
                                                           .Help("Connections closed for a reason of ours.")
                                                           .Register(registry);
    prometheus::Counter& queueRefused = prometheus::BuildCounter()
                                            .Name("http_blocking_queue_refused_total")
                                            .Help("Requests answered 503 because the pool's queue was full.")
                                            .Register(registry)
                                            .Add({});
};

Metrics::Metrics() : impl_(std::make_unique<Impl>()) {}
Metrics::~Metrics() = default;

prometheus::Registry& Metrics::registry() {
    return impl_->registry;
}

void Metrics::countRequest(std::string_view route, std::string_view method, int status, double seconds) {
    const std::string routeLabel(route), methodLabel(method);
    impl_->requests.Add({{"route", routeLabel}, {"method", methodLabel}, {"status", fmt::format("{}xx", status / 100)}})
        .Increment();
    impl_->durations.Add({{"route", routeLabel}, {"method", methodLabel}}, durationBuckets).Observe(seconds);
}

void Metrics::requestStarted() {
    impl_->inFlight.Increment();
}
void Metrics::requestFinished() {
    impl_->inFlight.Decrement();
}

void Metrics::connectionOpened() {
    impl_->connections.Increment();
    impl_->connectionsTotal.Increment();
}

void Metrics::connectionClosed() {
    impl_->connections.Decrement();
}

void Metrics::connectionRefused(std::string_view reason) {
    impl_->refused.Add({{"reason", std::string(reason)}}).Increment();
}

void Metrics::queueRefused() {
    impl_->queueRefused.Increment();
}

std::string Metrics::text() const {
    return prometheus::TextSerializer().Serialize(impl_->registry.Collect());
}

}  // namespace meetpoint::http
