#include "server/delivery_worker.h"

#include <algorithm>

#include <fmt/format.h>
#include <prometheus/counter.h>
#include <prometheus/gauge.h>
#include <prometheus/histogram.h>
#include <prometheus/registry.h>

#include "http/retry_after.h"

namespace meetpoint::server {
namespace {

using exchange::DeliveryDone;
using exchange::Outgoing;
using exchange::Sent;

constexpr std::size_t answerHeaderBytes = 16 * 1024;

prometheus::Family<prometheus::Counter>& counters(prometheus::Registry& metrics, const std::string& name,
                                                  const std::string& help) {
    return prometheus::BuildCounter().Name("meetpoint_webhook_" + name).Help(help).Register(metrics);
}
prometheus::Gauge& gauge(prometheus::Registry& metrics, const std::string& name, const std::string& help) {
    return prometheus::BuildGauge().Name("meetpoint_webhook_" + name).Help(help).Register(metrics).Add({});
}

void add(prometheus::Counter& counter, std::size_t count) {
    counter.Increment(static_cast<double>(count));
}

}  // namespace

struct DeliveryWorker::Counters {
    explicit Counters(prometheus::Registry& metrics)
        : noted(counters(metrics, "events_total", "Events noted down for an endpoint.").Add({})),
          attempts(counters(metrics, "attempts_total", "Attempts to deliver, by what came of them.")),
          delivered(attempts.Add({{"outcome", "delivered"}})),
          failed(attempts.Add({{"outcome", "failed"}})),
          missed(counters(metrics, "missed_total", "Events that were given up.").Add({})),
          disabled(counters(metrics, "endpoints_disabled_total", "Endpoints that were disabled for failing.").Add({})),
          leasesLost(counters(metrics, "leases_lost_total", "Leases that passed to another node during work.").Add({})),
          failures(counters(metrics, "failures_total", "Looks that ended with an error.").Add({})),
          inFlight(gauge(metrics, "requests_in_flight", "Attempts that wait for their receiver.")),
          oldest(gauge(metrics, "oldest_waiting_seconds",
                       "Age of the oldest event that waits for an enabled endpoint, of whichever node.")),
          took(prometheus::BuildHistogram()
                   .Name("meetpoint_webhook_attempt_seconds")
                   .Help("How long receivers took.")
                   .Register(metrics)
                   .Add({}, prometheus::Histogram::BucketBoundaries{0.01, 0.05, 0.1, 0.5, 1, 5, 15})) {}
    prometheus::Counter& noted;
    prometheus::Family<prometheus::Counter>& attempts;
    prometheus::Counter &delivered, &failed, &missed, &disabled, &leasesLost, &failures;
    prometheus::Gauge &inFlight, &oldest;
    prometheus::Histogram& took;
};

DeliveryWorker::DeliveryWorker(Surroundings surroundings)
    : with_(std::move(surroundings)),
      counters_(std::make_unique<Counters>(with_.metrics)),
      deliveries_(with_.services, with_.settings.limits, with_.seal, with_.publicUrl,
                  "Meetpoint-Webhooks/" + with_.version),
      pool_(static_cast<int>(with_.settings.limits.requestsInFlight), with_.settings.limits.requestsInFlight),
      thread_({"delivery by webhook", with_.settings.limits.look, [this] { return pass(); },
               [this] { counters_->failures.Increment(); }},
              with_.log),
      ear_(with_.announcements.add([this](std::string_view topic) { hear(topic); })) {
    thread_.start();
}

DeliveryWorker::~DeliveryWorker() {
    stop();
}

void DeliveryWorker::stop() {
    with_.announcements.remove(ear_);
    thread_.stop();
    pool_.stop();
    std::ranges::move(std::exchange(came_, {}), std::back_inserter(unsettled_));
    // What cannot be noted down is sent again by whoever comes next.
    (void)deliveries_.settle(unsettled_, [this](const DeliveryDone& done) { report(done); });
    deliveries_.release();
}

void DeliveryWorker::hear(std::string_view topic) {
    const auto lane = store::laneOfTopic(topic);
    if (lane && !exchange::typeOfRecords(lane->kind)) return;
    {
        const std::lock_guard lock(mutex_);
        if (lane)
            heard_.insert(lane->shardKey);
        else
            heardAll_ = true;
    }
    thread_.ring();
}

Result<bool> DeliveryWorker::pass() {
    std::set<std::int64_t> shardKeys;
    {
        const std::lock_guard lock(mutex_);
        std::ranges::move(std::exchange(came_, {}), std::back_inserter(unsettled_));
        shardKeys = std::exchange(heard_, {});
        mustLookAtAll_ |= std::exchange(heardAll_, false);
    }
    for (const Sent& sent : unsettled_)
        shardKeys.insert(sent.key.shardKey);
    const auto told = [this](const DeliveryDone& done) { report(done); };
    const bool isTime = mustLookAtAll_ || std::chrono::steady_clock::now() >= nextLook_;
    mustLookAtAll_ = true;  // unless this comes to its end
    TRY(deliveries_.settle(unsettled_, told));
    std::vector<Outgoing> outgoing;
    const auto looked = isTime ? deliveries_.nextOfAll(outgoing, told) : deliveries_.next(shardKeys, outgoing, told);
    for (const Outgoing& one : outgoing)
        send(one);
    count();
    TRY(looked);
    mustLookAtAll_ = false;
    if (isTime) nextLook_ = std::chrono::steady_clock::now() + std::chrono::milliseconds(with_.settings.limits.look.ms);
    return deliveries_.isMoreToNote();
}

void DeliveryWorker::send(const Outgoing& outgoing) {
    pool_.post([this, outgoing] {
        Sent sent = attempt(outgoing);
        {
            const std::lock_guard lock(mutex_);
            came_.push_back(std::move(sent));
        }
        thread_.ring();
    });
}

// Clients are used again for what they have loaded, the authorities; a connection serves one attempt.
std::unique_ptr<http::Client> DeliveryWorker::borrowClient() {
    {
        const std::lock_guard lock(mutex_);
        if (!idleClients_.empty()) {
            auto client = std::move(idleClients_.back());
            idleClients_.pop_back();
            return client;
        }
    }
    http::ClientOptions options;
    const Duration limit = with_.settings.limits.attemptTimeout;
    options.connectTimeout = options.readTimeout = options.writeTimeout = options.totalTimeout = limit;
    options.headerBytes = answerHeaderBytes;
    options.bodyBytes = with_.settings.limits.answerBytes;
    options.longAnswers = http::LongAnswers::cut;
    options.connections = http::Connections::oneEach;
    options.caFile = with_.settings.authoritiesFile;
    options.allowAddress = [this](const std::string& address) {
        return http::isAllowedAddress(with_.settings.rules, address);
    };
    return std::make_unique<http::Client>(std::move(options));
}

Sent DeliveryWorker::attempt(const Outgoing& outgoing) {
    Sent sent{outgoing.key, outgoing.position, with_.services.clock.now(), {}, {}, {}, {}};
    // Asked here too: the rules may have become stricter since the URL was taken.
    if (const auto allowed = http::checkUrl(with_.settings.rules, outgoing.url); !allowed) {
        sent.error = allowed.error().code;
        return sent;
    }
    http::ClientRequest request{.method = "POST", .url = outgoing.url, .body = outgoing.body};
    for (const auto& [name, value] : outgoing.headers)
        request.headers.add(name, value);
    request.headers.add("Connection", "close");
    auto client = borrowClient();
    const auto begun = std::chrono::steady_clock::now();
    const auto answer = client->send(request);
    const auto took = std::chrono::steady_clock::now() - begun;
    sent.took = milliseconds(std::chrono::duration_cast<std::chrono::milliseconds>(took).count());
    counters_->took.Observe(std::chrono::duration<double>(took).count());
    if (answer) {
        sent.status = answer->status;
        sent.retryAfter = http::readRetryAfter(answer->headers.value("Retry-After"), with_.services.clock.now());
    } else {
        sent.error = answer.error().code;
    }
    const std::lock_guard lock(mutex_);
    idleClients_.push_back(std::move(client));
    return sent;
}

void DeliveryWorker::count() const {
    counters_->inFlight.Set(static_cast<double>(deliveries_.inFlight()));
    const auto oldest = deliveries_.oldestWaiting();
    counters_->oldest.Set(oldest ? static_cast<double>((with_.services.clock.now() - *oldest).ms) / 1000 : 0);
}

void DeliveryWorker::report(const DeliveryDone& done) {
    add(counters_->noted, done.noted);
    add(counters_->delivered, done.delivered);
    add(counters_->failed, done.failed);
    add(counters_->missed, done.missed);
    add(counters_->disabled, done.disabled.size());
    add(counters_->leasesLost, done.leaseLost ? 1 : 0);
    for (const auto& [endpoint, why] : done.disabled)
        with_.log->warn("webhook endpoint {} is disabled: {}", formatId(endpoint), why);
    if (done.leaseLost) with_.log->info("delivery by webhook for shard {}: its lease has passed on", done.shardKey);
    if (!done.failure) return;
    counters_->failures.Increment();
    with_.log->error("delivery by webhook for shard {}: {} {} {}", done.shardKey, done.failure->code,
                     done.failure->message, done.failure->internal);
}

}  // namespace meetpoint::server
