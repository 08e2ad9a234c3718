// One accepted connection: reads requests one after the other, has each answered, closes.
#pragma once

#include <atomic>
#include <memory>
#include <optional>
#include <string>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/steady_timer.hpp>

#include "http/async_endpoint.h"
#include "http/blocking_pool.h"
#include "http/body_reader.h"
#include "http/listener.h"
#include "http/message_reader.h"
#include "http/transport.h"

namespace meetpoint::http {

// What all connections of a listener share.
struct ListenerState {
    ListenerOptions options;
    ListenerServices services;
    BlockingPool pool;
    std::atomic<bool> stopping = false;    // finish what runs, take nothing new
    std::atomic<bool> abandoning = false;  // the grace is over: begin nothing more
};

// Everything here runs on the connection's strand, except what is handed to the pool.
class Connection : public std::enable_shared_from_this<Connection> {
public:
    Connection(ListenerState& state, std::unique_ptr<Transport> transport, boost::asio::any_io_executor executor);

    boost::asio::awaitable<void> run();
    // From any thread. Closes the connection if nothing of a request has arrived; wakes the handler's waits otherwise.
    void beginStop();
    // From any thread.
    void closeNow();

    // Used by the request being answered.
    boost::asio::awaitable<void> runOnPool(std::function<void()> task);
    // False, and the task is not run, if the pool's queue is full.
    boost::asio::awaitable<bool> tryRunOnPool(std::function<void()> task);
    // True if the bell rang more than `seen` times; null waits for time alone.
    boost::asio::awaitable<bool> wait(Doorbell* bell, std::uint64_t seen, Duration atMost);
    bool stopping() const { return state_.stopping; }

private:
    struct Turn;  // one request and its answer

    boost::asio::awaitable<bool> serveOne();
    boost::asio::awaitable<bool> refuseHead(HeadOutcome outcome, const MessageReader& reader);
    boost::asio::awaitable<Result<Response>> answer(Turn& turn);
    boost::asio::awaitable<Result<void>> admitTurn(Turn& turn, std::optional<Result<Response>>& early);
    boost::asio::awaitable<Result<void>> openBody(Turn& turn);
    boost::asio::awaitable<Result<Response>> callHandler(Turn& turn);
    boost::asio::awaitable<bool> deliver(Turn& turn, Response response);
    boost::asio::awaitable<bool> send(Turn& turn, const Response& response, bool close);
    boost::asio::awaitable<bool> sendPieces(Turn& turn, const Response& response, bool chunked);
    boost::asio::awaitable<bool> writeTimed(std::string_view bytes);
    boost::asio::awaitable<void> closeGently();
    Response problemFor(Turn& turn, const Error& error);
    void account(const Turn& turn, int status);

    ListenerState& state_;
    std::unique_ptr<Transport> transport_;
    boost::asio::any_io_executor executor_;
    boost::asio::steady_timer timer_;  // the one wait of the request being answered
    ReadBuffer buffer_;
    bool idle_ = true;     // waits for a request; a stop interrupts it
    bool unread_ = false;  // the last answer went out before its request was read to the end
};

}  // namespace meetpoint::http
