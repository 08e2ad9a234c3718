#include "http/listener.h"

#include <atomic>
#include <future>
#include <thread>
#include <unordered_map>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/strand.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <fmt/format.h>

#include "http/connection.h"

namespace meetpoint::http {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;

// After the grace and the last handler, connections only have to notice that they are closed.
constexpr auto unwindTime = std::chrono::seconds(5);
constexpr auto acceptPause = std::chrono::milliseconds(100);

Error tlsError(std::string_view file, const error_code& error) {
    return invalidInput("bad-tls-files", fmt::format("{}: {}.", file, error.message()));
}

Result<std::unique_ptr<asio::ssl::context>> loadTls(const TlsFiles& files) {
    auto context = std::make_unique<asio::ssl::context>(asio::ssl::context::tls_server);
    error_code error;
    context->set_options(asio::ssl::context::default_workarounds | asio::ssl::context::no_tlsv1 |
                             asio::ssl::context::no_tlsv1_1 | asio::ssl::context::no_compression,
                         error);
    context->use_certificate_chain_file(files.certificateFile, error);
    if (error) return fail(tlsError(files.certificateFile, error));
    context->use_private_key_file(files.keyFile, asio::ssl::context::pem, error);
    if (error) return fail(tlsError(files.keyFile, error));
    if (!files.clientCaFile.empty()) {
        context->load_verify_file(files.clientCaFile, error);
        if (error) return fail(tlsError(files.clientCaFile, error));
        // Asked for, not demanded: who shows none can still use a token that is bound to none.
        context->set_verify_mode(asio::ssl::verify_peer, error);
    }
    return context;
}

Result<tcp::endpoint> endpointOf(const ListenerOptions& options) {
    error_code error;
    const auto address = asio::ip::make_address(options.address, error);
    if (error) return fail(invalidInput("cannot-listen", options.address + " is no IP address."));
    return tcp::endpoint(address, options.port);
}

}  // namespace

struct Listener::Impl {
    Impl(ListenerOptions options, ListenerServices services)
        : context(std::max(1, options.ioThreads)),
          acceptor(asio::make_strand(context)),
          acceptTimer(acceptor.get_executor()),
          limits(options.limits),
          state{std::move(options), std::move(services),
                BlockingPool(std::max(1, limits.blockingThreads), limits.blockingQueue)} {}

    Result<void> listen();
    void run();
    asio::awaitable<void> acceptAll();
    void adopt(tcp::socket socket);
    void acceptWaiting();
    void forget(Connection* connection);
    template <class F>
    void forEachConnection(F&& function);
    void stop(Duration grace);
    bool waitForConnections(std::chrono::milliseconds atMost);

    std::unique_ptr<asio::ssl::context> tls;
    asio::io_context context;
    tcp::acceptor acceptor;
    asio::steady_timer acceptTimer;
    ListenerLimits limits;
    ListenerState state;
    std::uint16_t port = 0;
    std::vector<std::thread> threads;
    std::once_flag stopped;

    std::mutex mutex;
    std::condition_variable allGone;
    std::promise<void> acceptedAll;  // kept once the acceptor is closed
    std::unordered_map<Connection*, std::weak_ptr<Connection>> connections;
};

Result<void> Listener::Impl::listen() {
    if (state.options.tls) {
        TRY_ASSIGN(tls, loadTls(*state.options.tls));
    }
    TRY_ASSIGN(const tcp::endpoint endpoint, endpointOf(state.options));
    error_code error;
    acceptor.open(endpoint.protocol(), error);
    if (!error) acceptor.set_option(asio::socket_base::reuse_address(true), error);
    if (!error) acceptor.bind(endpoint, error);
    if (!error) acceptor.listen(asio::socket_base::max_listen_connections, error);
    if (!error) port = acceptor.local_endpoint(error).port();
    if (error)
        return fail({ErrorKind::unavailable,
                     "cannot-listen",
                     fmt::format("Cannot listen on {} port {}: {}.", state.options.address, state.options.port,
                                 error.message()),
                     {},
                     {},
                     0});
    return {};
}

void Listener::Impl::run() {
    asio::co_spawn(acceptor.get_executor(), acceptAll(), asio::detached);
    for (int i = 0; i < std::max(1, state.options.ioThreads); ++i)
        threads.emplace_back([this, guard = asio::make_work_guard(context)] { context.run(); });
}

asio::awaitable<void> Listener::Impl::acceptAll() {
    while (!state.stopping) {
        error_code error;
        const asio::any_io_executor strand = asio::make_strand(context);
        tcp::socket socket = co_await acceptor.async_accept(strand, asio::redirect_error(asio::use_awaitable, error));
        if (!error) {
            adopt(std::move(socket));
            continue;
        }
        if (state.stopping) break;
        // Out of descriptors, mostly: trying again at once would only spin.
        state.services.log->warn("accept failed: {}", error.message());
        acceptTimer.expires_after(acceptPause);
        co_await acceptTimer.async_wait(asio::redirect_error(asio::use_awaitable, error));
    }
    acceptWaiting();
    error_code ignored;
    acceptor.close(ignored);
    acceptedAll.set_value();
}

void Listener::Impl::adopt(tcp::socket socket) {
    const asio::any_io_executor executor = socket.get_executor();
    std::shared_ptr<Connection> connection;
    {
        std::lock_guard lock(mutex);
        if (connections.size() >= limits.connections) {
            state.services.metrics.connectionRefused("limit");
            return;
        }
        connection = std::make_shared<Connection>(state, acceptedTransport(std::move(socket), tls.get()), executor);
        connections.emplace(connection.get(), connection);
    }
    state.services.metrics.connectionOpened();
    Connection* const key = connection.get();
    asio::co_spawn(
        executor, [connection]() { return connection->run(); },
        [this, connection, key](std::exception_ptr thrown) {
            if (thrown) state.services.log->error("a connection ended with an exception");
            forget(key);
        });
}

// Who connected before the stop has been told by the system that it is connected: its request is served.
void Listener::Impl::acceptWaiting() {
    error_code error;
    acceptor.non_blocking(true, error);
    for (std::size_t i = 0; !error && i < limits.connections; ++i) {
        tcp::socket socket(asio::make_strand(context));
        acceptor.accept(socket, error);
        if (!error) adopt(std::move(socket));
    }
}

void Listener::Impl::forget(Connection* connection) {
    state.services.metrics.connectionClosed();
    std::lock_guard lock(mutex);
    connections.erase(connection);
    if (connections.empty()) allGone.notify_all();
}

template <class F>
void Listener::Impl::forEachConnection(F&& function) {
    std::lock_guard lock(mutex);
    for (auto& [key, weak] : connections)
        if (const auto connection = weak.lock()) function(*connection);
}

bool Listener::Impl::waitForConnections(std::chrono::milliseconds atMost) {
    std::unique_lock lock(mutex);
    return allGone.wait_for(lock, atMost, [this] { return connections.empty(); });
}

void Listener::Impl::stop(Duration grace) {
    state.stopping = true;
    // Ends the wait that acceptAll() is in. A connection that it has just been given is not lost.
    asio::post(acceptor.get_executor(), [this] {
        error_code ignored;
        acceptor.cancel(ignored);
        acceptTimer.cancel();
    });
    acceptedAll.get_future().wait();
    forEachConnection([](Connection& connection) { connection.beginStop(); });
    if (!waitForConnections(std::chrono::milliseconds(grace.ms))) {
        state.abandoning = true;
        forEachConnection([](Connection& connection) { connection.closeNow(); });
    }
    // Waits for every handler that runs, however long it takes: it may be in the middle of a commit.
    state.pool.stop();
    waitForConnections(unwindTime);
    context.stop();
    for (std::thread& thread : threads)
        thread.join();
}

Listener::Listener(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}

Listener::~Listener() {
    stop(seconds(0));
}

Result<std::unique_ptr<Listener>> Listener::start(ListenerOptions options, ListenerServices services) {
    auto impl = std::make_unique<Impl>(std::move(options), std::move(services));
    TRY(impl->listen());
    impl->run();
    return std::unique_ptr<Listener>(new Listener(std::move(impl)));
}

std::uint16_t Listener::port() const {
    return impl_->port;
}

void Listener::stop(Duration grace) {
    std::call_once(impl_->stopped, [&] { impl_->stop(grace); });
}

}  // namespace meetpoint::http
