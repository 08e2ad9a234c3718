#include "server/server.h"

#include "api/endpoints.h"
#include "exchange/clients.h"
#include "exchange/ledger_cache.h"
#include "exchange/store_setup.h"
#include "http/listener.h"
#include "server/alert_worker.h"
#include "server/delivery_worker.h"
#include "server/export_worker.h"
#include "server/open_store.h"
#include "server/order_worker.h"
#include "server/reconciliation_worker.h"
#include "server/statement_worker.h"
#include "server/upkeep_worker.h"

namespace meetpoint::server {
namespace {

constexpr Duration firstClientLife = hours(24);

// /metrics, on a listener of its own that outsiders do not reach.
Result<void> addOperationsEndpoints(http::EndpointRegistry& registry, const http::Metrics& metrics) {
    return registry.add(http::endpoint(http::get("/metrics"), "readMetrics")
                            .tag("Operations")
                            .summary("Counters for Prometheus")
                            .open()
                            .answers(200, "text/plain", http::textSchema(), "The text exposition")
                            .handle([&metrics](const http::Request&) -> Result<http::Response> {
                                http::Response response = http::plainText(metrics.text());
                                response.mediaType = "text/plain; version=0.0.4";
                                return response;
                            }));
}

}  // namespace

// Members stand in the order in which they depend on each other.
struct Server::Impl {
    Impl(const Configuration& wanted, std::unique_ptr<store::Db> opened, exchange::StoreIdentity identity,
         const Clock& clock, Random& random, Log log)
        : configuration(wanted),
          log(std::move(log)),
          db(std::move(opened)),
          lanes(KeyedHash(identity.hashKey), clock, wanted.keys, wanted.filters),
          sweepHelpers(configuration.quality.helpers()),
          services{*db, lanes, ledger, clock, random, identity.kind, &sweepHelpers},
          tokens(identity.tokenKey.named(wanted.publicUrl)),
          cursors(identity.cursorKey),
          seal(identity.cursorKey),
          orders(services, configuration.limits),
          exports(services, configuration.exports, cursors),
          context{services,
                  configuration.limits,
                  tokens,
                  cursors,
                  bells,
                  orders,
                  {{services, configuration.webhooks.limits, seal}, configuration.webhooks.rules},
                  {services, configuration.quality, cursors, sweepHelpers},
                  exports,
                  {services, configuration.alerts},
                  {services, configuration.tickets},
                  MEETPOINT_VERSION,
                  wanted.publicUrl,
                  !wanted.certificateFile.empty()} {
        announcements.add([this](std::string_view topic) { bells.hear(topic); });
        db->listen([this](std::string_view topic) { announcements.hear(topic); });
    }

    // Serves, and works in the background, when it returns.
    Result<void> begin() {
        TRY(api::addAllEndpoints(endpoints, context));
        TRY(addOperationsEndpoints(operationsEndpoints, metrics));
        http::ListenerOptions options;
        options.address = configuration.address;
        options.port = configuration.port;
        options.limits = configuration.http;
        options.constantHeaders = {{"Meetpoint-Store", std::string(name(services.kind))}};
        if (!configuration.certificateFile.empty())
            options.tls = http::TlsFiles{configuration.certificateFile, configuration.keyFile};
        TRY_ASSIGN(listener, http::Listener::start(options, {endpoints, api::makeAuthenticator(context), metrics,
                                                             services.clock, services.random, log}));
        http::ListenerOptions operations;
        operations.address = configuration.operationsAddress;
        operations.port = configuration.operationsPort;
        operations.ioThreads = 1;
        operations.constantHeaders = options.constantHeaders;
        TRY_ASSIGN(operationsListener,
                   http::Listener::start(
                       operations, {operationsEndpoints, {}, operationsMetrics, services.clock, services.random, log}));
        exchange::UpkeepLimits upkeepLimits = configuration.upkeep;
        upkeepLimits.stream = configuration.quality.stream;
        upkeep.emplace(services, upkeepLimits, metrics.registry(), log);
        statements.emplace(services, configuration.statements, metrics.registry(), log);
        reconciliation.emplace(services, configuration.limits, configuration.reconciliation, metrics.registry(), log);
        alerts.emplace(context.quality, configuration.alerts, metrics.registry(), log);
        orderWorker.emplace(orders, metrics.registry(), log);
        delivery.emplace(DeliveryWorker::Surroundings{services, configuration.webhooks, seal, configuration.publicUrl,
                                                      MEETPOINT_VERSION, announcements, metrics.registry(), log});
        exportWorker.emplace(ExportWorker::Surroundings{services, configuration.limits, configuration.exports,
                                                        configuration.quality.stream, exports, metrics.registry(),
                                                        log});
        return {};
    }

    Configuration configuration;
    Log log;
    api::Bells bells;             // before the store, which rings them to its end
    Announcements announcements;  // likewise
    std::unique_ptr<store::Db> db;
    store::Lanes lanes;
    exchange::LedgerCache ledger;
    exchange::SweepHelpers sweepHelpers;
    exchange::Services services;
    exchange::TokenKey tokens;
    exchange::CursorKey cursors;
    exchange::SecretSeal seal;
    exchange::OrderDesk orders;
    exchange::ExportDesk exports;
    api::Context context;
    http::Metrics metrics;
    http::Metrics operationsMetrics;
    http::EndpointRegistry endpoints;
    http::EndpointRegistry operationsEndpoints;
    std::unique_ptr<http::Listener> listener;
    std::unique_ptr<http::Listener> operationsListener;
    std::optional<UpkeepWorker> upkeep;
    std::optional<StatementWorker> statements;
    std::optional<ReconciliationWorker> reconciliation;
    std::optional<AlertWorker> alerts;
    std::optional<OrderWorker> orderWorker;
    std::optional<DeliveryWorker> delivery;
    std::optional<ExportWorker> exportWorker;
};

Result<std::unique_ptr<Server>> Server::start(const Configuration& configuration, const Clock& clock, Random& random,
                                              Log log) {
    TRY_ASSIGN(auto db, openStore(configuration, clock, random, log));
    return startOn(std::move(db), configuration, clock, random, std::move(log));
}

Result<std::unique_ptr<Server>> Server::startOn(std::unique_ptr<store::Db> db, const Configuration& configuration,
                                                const Clock& clock, Random& random, Log log) {
    TRY_ASSIGN(auto identity, exchange::readIdentity(*db));
    auto impl =
        std::make_unique<Impl>(configuration, std::move(db), std::move(identity), clock, random, std::move(log));
    TRY(impl->begin());
    return std::unique_ptr<Server>(new Server(std::move(impl)));
}

Server::Server(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}

Server::~Server() {
    stop();
}

std::uint16_t Server::port() const {
    return impl_->listener->port();
}
std::uint16_t Server::operationsPort() const {
    return impl_->operationsListener->port();
}
exchange::StoreKind Server::kind() const {
    return impl_->services.kind;
}

void Server::stop() {
    if (impl_->listener) impl_->listener->stop(impl_->configuration.stopGrace);
    if (impl_->orderWorker) impl_->orderWorker->stop();
    if (impl_->delivery) impl_->delivery->stop();
    if (impl_->exportWorker) impl_->exportWorker->stop();
    if (impl_->upkeep) impl_->upkeep->stop();
    if (impl_->statements) impl_->statements->stop();
    if (impl_->reconciliation) impl_->reconciliation->stop();
    if (impl_->alerts) impl_->alerts->stop();
    if (impl_->operationsListener) impl_->operationsListener->stop(seconds(0));
}

Result<FirstClient> initialise(const Configuration& configuration, exchange::StoreKind kind, const Clock& clock,
                               Random& random, Log log) {
    TRY_ASSIGN(const auto db, makeStore(configuration, clock, random, std::move(log)));
    TRY(exchange::setUpStore(*db, kind, random));
    TRY_ASSIGN(const auto identity, exchange::readIdentity(*db));
    store::Lanes lanes(KeyedHash(identity.hashKey), clock, configuration.keys, configuration.filters);
    exchange::LedgerCache ledger;
    const exchange::Services services{*db, lanes, ledger, clock, random, kind};
    exchange::NewClient first;
    first.name = "first client";
    first.role = domain::Role::platform;
    first.scopes = {std::string(domain::scope::clientsManage)};
    first.expiresAt = clock.now() + firstClientLife;
    TRY_ASSIGN(const auto made, exchange::makeClient(services, first));
    return FirstClient{made.client.id, made.secret, *made.client.expiresAt};
}

}  // namespace meetpoint::server
