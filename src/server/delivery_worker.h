// This node's share of delivery by webhook: a thread that decides and writes (exchange/deliver), and a bounded pool
// that waits for receivers, so that none of them holds up another.
#pragma once

#include <chrono>

#include "exchange/deliver.h"
#include "http/blocking_pool.h"
#include "http/client.h"
#include "http/outbound.h"
#include "server/announcements.h"
#include "server/background_thread.h"

namespace prometheus {
class Registry;
}

namespace meetpoint::server {

struct WebhookSettings {
    exchange::WebhookLimits limits;
    http::OutboundRules rules;
    std::string authoritiesFile;  // PEM: whom receivers' certificates may be signed by; "" means the system's
};

class DeliveryWorker {
public:
    // What it works with; all of it must outlive it.
    struct Surroundings {
        const exchange::Services& services;
        const WebhookSettings& settings;
        const exchange::SecretSeal& seal;
        exchange::PublicUrl publicUrl;
        std::string version;  // of the program, for receivers' logs
        Announcements& announcements;
        prometheus::Registry& metrics;
        Log log;
    };
    // Begins at once.
    explicit DeliveryWorker(Surroundings surroundings);
    ~DeliveryWorker();  // stop()
    // Waits for the attempts in flight, WebhookLimits::attemptTimeout at most, and notes down what came of them.
    // Blocks.
    void stop();

private:
    struct Counters;
    Result<bool> pass();
    void hear(std::string_view topic);
    void send(const exchange::Outgoing& outgoing);
    exchange::Sent attempt(const exchange::Outgoing& outgoing);
    std::unique_ptr<http::Client> borrowClient();
    void count() const;
    void report(const exchange::DeliveryDone& done);

    Surroundings with_;
    std::unique_ptr<Counters> counters_;
    exchange::Deliveries deliveries_;        // of the thread
    std::vector<exchange::Sent> unsettled_;  // likewise
    bool mustLookAtAll_ = true;
    std::chrono::steady_clock::time_point nextLook_;

    std::mutex mutex_;  // of what follows
    std::vector<exchange::Sent> came_;
    std::set<std::int64_t> heard_;
    bool heardAll_ = false;
    std::vector<std::unique_ptr<http::Client>> idleClients_;

    http::BlockingPool pool_;
    BackgroundThread thread_;
    int ear_;
};

}  // namespace meetpoint::server
