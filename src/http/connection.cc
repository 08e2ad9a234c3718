#include "http/connection.h"

#include <boost/asio/async_result.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <fmt/format.h>

#include "http/admission.h"
#include "http/answer_writer.h"
#include "http/negotiation.h"
#include "http/problem.h"

namespace meetpoint::http {
namespace {

namespace asio = boost::asio;
using SteadyTime = std::chrono::steady_clock::time_point;

constexpr std::size_t writeBytesMax = 256 * 1024;
constexpr std::size_t joinBytesMax = 16 * 1024;  // smaller bodies travel with their head
constexpr std::size_t idleBufferBytesMax = 32 * 1024;

class EmptyBody final : public BodyStream {
public:
    asio::awaitable<Result<std::optional<std::string>>> next() override { co_return std::optional<std::string>(); }
    std::uint64_t receivedBytes() const override { return 0; }
    std::uint64_t decodedBytes() const override { return 0; }
};

class InFlight {
public:
    explicit InFlight(Metrics& metrics) : metrics_(metrics) { metrics_.requestStarted(); }
    ~InFlight() { metrics_.requestFinished(); }
    InFlight(const InFlight&) = delete;
    InFlight& operator=(const InFlight&) = delete;

private:
    Metrics& metrics_;
};

// What is written into a log line keeps to one line and to its quotes.
std::string logSafe(std::string_view text) {
    std::string out;
    for (const char c : text.substr(0, 2000))
        out += static_cast<unsigned char>(c) < 0x20 ? ' ' : c == '"' ? '\'' : c == '\\' ? '/' : c;
    return out;
}

// Calls what may throw, and turns what it throws into an error.
template <class F>
auto guarded(F&& function) -> decltype(function()) {
    try {
        return function();
    } catch (const std::exception& exception) {
        return fail(internalError(fmt::format("a handler threw: {}", exception.what())));
    } catch (...) {
        return fail(internalError("a handler threw something that is no exception"));
    }
}

Error tooLargeError(std::uint64_t limit) {
    return {ErrorKind::tooLarge, "body-too-large", fmt::format("The body is larger than {} bytes.", limit), {}, {}, 0};
}

Error stoppingError() {
    return {ErrorKind::unavailable, "stopping", "The server is stopping; send the request again.", {}, {}, 1};
}

// Keeps its place at the bell for as long as the waiting coroutine exists.
class BellPlace {
public:
    BellPlace(Doorbell* bell, std::uint64_t seen, std::function<void()> wake) : bell_(bell) {
        if (bell_) handle_ = bell_->onRing(seen, std::move(wake));
    }
    ~BellPlace() {
        if (bell_) bell_->cancel(handle_);
    }
    BellPlace(const BellPlace&) = delete;
    BellPlace& operator=(const BellPlace&) = delete;

private:
    Doorbell* bell_;
    std::uint64_t handle_ = 0;
};

}  // namespace

struct Connection::Turn final : AsyncRequest {
    Turn(Connection& connection, MessageReader& reader) : connection(connection), reader(reader) {}

    Connection& connection;
    MessageReader& reader;
    Request incoming;
    const Endpoint* endpoint = nullptr;
    std::optional<BodyReader> bodyReader;
    EmptyBody emptyBody;
    SteadyTime startedAt = std::chrono::steady_clock::now();
    Duration allowed;                // for the whole request
    bool fromAuthenticator = false;  // the error is about who calls
    std::string internal;            // of the error answered, for the log

    const Request& request() const override { return incoming; }
    BodyStream& body() override {
        if (bodyReader) return *bodyReader;
        return emptyBody;
    }
    asio::awaitable<bool> waitForRing(Doorbell& bell, std::uint64_t seen, Instant until) override {
        return connection.wait(&bell, seen,
                               std::min(until, incoming.deadline) - connection.state_.services.clock.now());
    }
    asio::awaitable<bool> pause(Duration duration) override {
        co_await connection.wait(nullptr, 0,
                                 std::min(duration, incoming.deadline - connection.state_.services.clock.now()));
        co_return !connection.stopping();
    }
    bool stopping() const override { return connection.stopping(); }
    bool head() const { return incoming.method == Method::head; }
    bool sync() const { return std::holds_alternative<SyncHandler>(endpoint->handler); }

    // Nothing new is begun for a request that is late or whose server is going.
    Result<void> mayBegin() const {
        if (connection.state_.abandoning) return fail(stoppingError());
        if (std::chrono::steady_clock::now() - startedAt > std::chrono::milliseconds(allowed.ms))
            return fail({ErrorKind::timeout,
                         "deadline-passed",
                         "The time for this request passed before it was begun.",
                         {},
                         {},
                         0});
        return {};
    }

protected:
    asio::awaitable<void> run(std::function<void()> task) override {
        // An exception must not end the pool's thread: it is carried back to the coroutine that waits.
        std::exception_ptr thrown;
        std::function<void()> caught = [&] {
            try {
                task();
            } catch (...) {
                thrown = std::current_exception();
            }
        };
        co_await connection.runOnPool(std::move(caught));
        if (thrown) std::rethrow_exception(thrown);
    }
};

Connection::Connection(ListenerState& state, std::unique_ptr<Transport> transport, asio::any_io_executor executor)
    : state_(state), transport_(std::move(transport)), executor_(executor), timer_(executor) {}

asio::awaitable<void> Connection::run() {
    const auto self = shared_from_this();
    transport_->expireAfter(state_.options.limits.headerTimeout);
    const IoResult shaken = co_await transport_->handshake();
    if (!shaken.ok()) {
        state_.services.metrics.connectionRefused("tls");
        transport_->close();
        co_return;
    }
    while (co_await serveOne()) {
    }
    co_await closeGently();
}

void Connection::beginStop() {
    asio::post(executor_, [self = shared_from_this()] {
        if (self->idle_) self->transport_->cancel();
        self->timer_.cancel();
    });
}

void Connection::closeNow() {
    asio::post(executor_, [self = shared_from_this()] {
        self->transport_->close();
        self->timer_.cancel();
    });
}

asio::awaitable<bool> Connection::serveOne() {
    const ListenerLimits& limits = state_.options.limits;
    // What one large upload needed is not kept while nothing happens.
    if (buffer_.size() == 0 && buffer_.bytes.size() > idleBufferBytesMax) buffer_ = ReadBuffer{};
    MessageReader reader(MessageReader::Kind::request, *transport_, buffer_, limits.headerBytes);
    // A request that has arrived before the stop is served, though nobody has looked at it yet.
    if (state_.stopping && !reader.started() && !transport_->hasInput()) co_return false;
    idle_ = !reader.started();
    HeadOutcome outcome = co_await reader.readHead({limits.idleTimeout, limits.headerTimeout});
    idle_ = false;
    const bool interrupted = outcome == HeadOutcome::broken && state_.stopping;
    if (interrupted && (reader.started() || transport_->hasInput()))
        outcome = co_await reader.readHead({limits.headerTimeout, limits.headerTimeout});
    if (outcome != HeadOutcome::ok) co_return co_await refuseHead(outcome, reader);

    Turn turn(*this, reader);
    const InFlight inFlight(state_.services.metrics);
    const MessageHead& head = reader.head();
    turn.incoming.headers = head.headers;
    turn.incoming.target = head.target;
    turn.incoming.method = parseMethod(head.method).value_or(Method::get);
    turn.incoming.requestId = requestIdFor(head.headers, state_.services.random);
    turn.incoming.peerAddress = transport_->peerAddress();
    turn.incoming.clientCertificate = transport_->peerCertificate();
    turn.incoming.receivedAt = state_.services.clock.now();
    turn.incoming.mediaType = head.hasBody ? mediaTypeOf(head.headers.value("Content-Type")) : "";

    std::optional<Result<Response>> answered;
    std::string thrown;
    try {
        answered.emplace(co_await answer(turn));
    } catch (const std::exception& exception) {
        thrown = exception.what();
    } catch (...) {
        thrown = "something that is no exception";
    }
    if (!answered) answered.emplace(fail(internalError("a handler threw: " + thrown)));
    Response response = *answered ? std::move(**answered) : problemFor(turn, answered->error());
    co_return co_await deliver(turn, std::move(response));
}

asio::awaitable<bool> Connection::refuseHead(HeadOutcome outcome, const MessageReader& reader) {
    if (outcome == HeadOutcome::timeout) state_.services.metrics.connectionRefused("timeout");
    if (outcome != HeadOutcome::malformed && outcome != HeadOutcome::tooLarge) co_return false;
    state_.services.metrics.connectionRefused("malformed");
    const std::string requestId = requestIdFor(reader.head().headers, state_.services.random);
    const bool large = outcome == HeadOutcome::tooLarge;
    const Error error =
        large ? Error{ErrorKind::tooLarge,
                      "headers-too-large",
                      fmt::format("Request line and headers are larger than {} bytes.",
                                  state_.options.limits.headerBytes),
                      {},
                      {},
                      0}
              : invalidInput("malformed-request", "This is not well-formed HTTP/1.1: " + reader.detail() + ".");
    const Response response = problemResponse(error, requestId, large ? 431 : 0);
    state_.services.metrics.countRequest("unmatched", "other", response.status, 0);
    std::string bytes = responseHead(
        response, {Framing::length, true, state_.services.clock.now(), requestId, &state_.options.constantHeaders});
    bytes += response.body;
    co_await writeTimed(bytes);
    unread_ = true;
    co_return false;
}

asio::awaitable<Result<Response>> Connection::answer(Turn& turn) {
    const EndpointRegistry& endpoints = state_.services.endpoints;
    if (turn.reader.head().method == "OPTIONS") {
        const std::string allowed = endpoints.allowed(splitTarget(turn.incoming.target).path);
        if (allowed.empty()) co_return fail(notFound("There is nothing at this path."));
        Response response = noContent();
        response.headers.add("Allow", allowed);
        co_return response;
    }
    CO_TRY_ASSIGN(turn.endpoint, routeRequest(turn.incoming, turn.reader.head().method, endpoints));
    turn.allowed = turn.endpoint->maxDuration.value_or(state_.options.limits.requestDuration);
    turn.incoming.deadline = turn.incoming.receivedAt + turn.allowed;

    std::optional<Result<Response>> early;
    CO_TRY(co_await admitTurn(turn, early));
    if (early) co_return std::move(*early);
    CO_TRY(co_await openBody(turn));
    co_return co_await callHandler(turn);
}

// A synchronous handler without a body is called in the same visit to the pool: `early` is then its answer.
asio::awaitable<Result<void>> Connection::admitTurn(Turn& turn, std::optional<Result<Response>>& early) {
    const bool hasBody = turn.reader.head().hasBody;
    Result<void> admitted;
    std::function<void()> task = [&] {
        admitted = turn.mayBegin();
        if (admitted) {
            turn.fromAuthenticator = true;
            admitted =
                guarded([&] { return admit(turn.incoming, *turn.endpoint, state_.services.authenticator, hasBody); });
            turn.fromAuthenticator = !admitted && !turn.incoming.principal && !turn.endpoint->access.open;
        }
        if (admitted && turn.sync() && turn.endpoint->body.kind == BodyKind::none)
            early.emplace(guarded([&] { return std::get<SyncHandler>(turn.endpoint->handler)(turn.incoming); }));
    };
    // Without an authenticator to ask and with a handler that must not block, there is nothing to leave this thread
    // for.
    if (turn.endpoint->access.open && !turn.sync()) {
        task();
        co_return admitted;
    }
    const bool taken = co_await tryRunOnPool(std::move(task));
    if (taken) co_return admitted;
    state_.services.metrics.queueRefused();
    co_return fail({ErrorKind::unavailable,
                    "busy",
                    "Too many requests wait already; try again.",
                    {},
                    {},
                    state_.options.limits.retryAfterSeconds});
}

asio::awaitable<Result<void>> Connection::openBody(Turn& turn) {
    const BodyKind kind = turn.endpoint->body.kind;
    const MessageHead& head = turn.reader.head();
    if (kind == BodyKind::none) co_return Result<void>();
    const ListenerLimits& limits = state_.options.limits;
    const std::uint64_t bytesMax =
        turn.endpoint->maxBodyBytes.value_or(kind == BodyKind::stream ? limits.streamBodyBytes : limits.wholeBodyBytes);
    const DecoderLimits decoderLimits{bytesMax, limits.bodyPieceBytes, limits.bodyRatio, limits.bodyRatioSlackBytes};
    std::string encoding;
    for (const std::string_view value : head.headers.all("Content-Encoding"))
        encoding += (encoding.empty() ? "" : ",") + std::string(value);
    // Refused before a byte of it is read, where its length tells already.
    if (encoding.empty() && head.contentLength.value_or(0) > bytesMax) co_return fail(tooLargeError(bytesMax));
    CO_TRY_ASSIGN(BodyDecoder decoder, BodyDecoder::make(head.hasBody ? encoding : "", decoderLimits));
    turn.bodyReader.emplace(turn.reader, std::move(decoder), decoderLimits, limits.bodyReadTimeout,
                            turn.startedAt + std::chrono::milliseconds(turn.allowed.ms));
    if (kind == BodyKind::whole) {
        CO_TRY_ASSIGN(turn.incoming.body, co_await turn.bodyReader->whole());
    }
    co_return Result<void>();
}

asio::awaitable<Result<Response>> Connection::callHandler(Turn& turn) {
    if (const auto* handler = std::get_if<std::shared_ptr<const AsyncHandler>>(&turn.endpoint->handler))
        co_return co_await (*handler)->call(turn);
    std::optional<Result<Response>> response;
    std::function<void()> task = [&] {
        if (auto begin = turn.mayBegin(); !begin)
            response.emplace(fail(std::move(begin).error()));
        else
            response.emplace(guarded([&] { return std::get<SyncHandler>(turn.endpoint->handler)(turn.incoming); }));
    };
    co_await runOnPool(std::move(task));
    co_return std::move(*response);
}

Response Connection::problemFor(Turn& turn, const Error& error) {
    // A late body is the caller's lateness, not ours.
    const int status = error.code == "body-timeout" ? 408 : 0;
    Response response = problemResponse(error, turn.incoming.requestId, status);
    turn.internal = error.internal;
    const EndpointRegistry& endpoints = state_.services.endpoints;
    const std::string_view path = splitTarget(turn.incoming.target).path;
    if (const ErrorForm* form = turn.endpoint ? turn.endpoint->errorForm.get() : endpoints.errorFormAt(path)) {
        response.mediaType = form->mediaType;
        response.body = form->write(error, {response.status, turn.incoming.requestId, turn.incoming.receivedAt});
    }
    if (error.kind == ErrorKind::methodNotAllowed) response.headers.set("Allow", endpoints.allowed(path));
    if (turn.fromAuthenticator) {
        const std::string challenge = challengeFor(error, turn.incoming, *turn.endpoint, state_.options.realm);
        if (!challenge.empty()) response.headers.set("WWW-Authenticate", challenge);
    }
    return response;
}

asio::awaitable<bool> Connection::deliver(Turn& turn, Response response) {
    const MessageHead& head = turn.reader.head();
    unread_ = !turn.reader.bodyDone();
    bool close = unread_ || !head.keepAlive || head.version < 11 || state_.stopping;
    const bool sent = co_await send(turn, response, close);
    account(turn, response.status);
    if (!sent) transport_->close();
    co_return sent && !close;
}

asio::awaitable<bool> Connection::send(Turn& turn, const Response& response, bool close) {
    const bool pieces = response.source || response.asyncSource;
    Framing framing = Framing::length;
    if (statusHasNoBody(response.status) || (turn.head() && pieces))
        framing = Framing::none;
    else if (pieces && response.headers.has("Content-Length"))
        framing = Framing::said;
    else if (pieces)
        framing = turn.reader.head().version < 11 ? Framing::untilClose : Framing::chunked;
    std::string bytes = responseHead(response, {framing, close, state_.services.clock.now(), turn.incoming.requestId,
                                                &state_.options.constantHeaders});
    if (framing == Framing::none || turn.head()) co_return co_await writeTimed(bytes);
    if (pieces) {
        if (!co_await writeTimed(bytes)) co_return false;
        co_return co_await sendPieces(turn, response, framing == Framing::chunked);
    }
    std::string_view body = response.body;
    if (body.size() <= joinBytesMax) {
        bytes += body;
        co_return co_await writeTimed(bytes);
    }
    if (!co_await writeTimed(bytes)) co_return false;
    while (!body.empty()) {
        const std::string_view part = body.substr(0, writeBytesMax);
        if (!co_await writeTimed(part)) co_return false;
        body.remove_prefix(part.size());
    }
    co_return true;
}

asio::awaitable<bool> Connection::sendPieces(Turn& turn, const Response& response, bool chunked) {
    for (;;) {
        Result<std::optional<std::string>> piece = std::optional<std::string>();
        if (response.asyncSource) {
            piece = co_await response.asyncSource->next(turn);
        } else {
            std::function<void()> task = [&] {
                if (state_.abandoning)
                    piece = fail(stoppingError());
                else
                    piece = guarded([&] { return response.source(); });
            };
            co_await runOnPool(std::move(task));
        }
        if (!piece) {
            // The status is sent already; only a broken connection can still say that the body is not whole.
            state_.services.log->error("answer broken off id={} route={} code={} internal={}", turn.incoming.requestId,
                                       turn.incoming.route, piece.error().code, logSafe(piece.error().internal));
            co_return false;
        }
        if (!*piece) break;
        if ((*piece)->empty()) continue;
        const std::string bytes = chunked ? chunkOf(**piece) : std::move(**piece);
        if (!co_await writeTimed(bytes)) co_return false;
    }
    if (chunked) co_return co_await writeTimed(lastChunk);
    co_return true;
}

asio::awaitable<bool> Connection::writeTimed(std::string_view bytes) {
    transport_->expireAfter(state_.options.limits.writeTimeout);
    const IoResult written = co_await transport_->write(bytes);
    co_return written.ok();
}

void Connection::account(const Turn& turn, int status) {
    const std::string_view route = turn.endpoint ? std::string_view(turn.endpoint->path) : "unmatched";
    const std::string_view method = turn.endpoint ? name(turn.incoming.method) : "other";
    const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - turn.startedAt).count();
    state_.services.metrics.countRequest(route, method, status, seconds);
    const auto level = status >= 500 ? spdlog::level::err : spdlog::level::debug;
    state_.services.log->log(level, "request id={} method={} route={} status={} ms={:.1f}{}{}", turn.incoming.requestId,
                             method, route, status, seconds * 1000,
                             turn.internal.empty() ? "" : " internal=", logSafe(turn.internal));
}

// Closing while bytes of the other side are unread would send a reset, and with it lose the answer on its way.
asio::awaitable<void> Connection::closeGently() {
    const ListenerLimits& limits = state_.options.limits;
    transport_->expireAfter(limits.drainTimeout);
    if (!unread_ || transport_->halfCloses()) co_await transport_->finishWriting();
    if (unread_) {
        char dropped[16 * 1024];
        for (std::uint64_t total = 0; total < limits.drainBytes;) {
            const IoResult read = co_await transport_->read(dropped, sizeof dropped);
            if (!read.ok()) break;
            total += read.bytes;
        }
        if (!transport_->halfCloses()) co_await transport_->finishWriting();
    }
    transport_->close();
}

asio::awaitable<void> Connection::runOnPool(std::function<void()> task) {
    auto start = [this](auto handler, std::function<void()> work) {
        // The pool's tasks are copyable functions; the handler is not.
        auto shared = std::make_shared<decltype(handler)>(std::move(handler));
        state_.pool.post([this, shared, work = std::move(work)]() mutable {
            work();
            asio::post(executor_, [shared = std::move(shared)] { std::move (*shared)(); });
        });
    };
    co_await asio::async_initiate<const asio::use_awaitable_t<>, void()>(start, asio::use_awaitable, std::move(task));
}

asio::awaitable<bool> Connection::tryRunOnPool(std::function<void()> task) {
    auto start = [this](auto handler, std::function<void()> work) {
        auto shared = std::make_shared<decltype(handler)>(std::move(handler));
        const auto complete = [this, shared](bool taken) {
            asio::post(executor_, [shared, taken] { std::move (*shared)(taken); });
        };
        const bool taken = state_.pool.tryPost([complete, work = std::move(work)] {
            work();
            complete(true);
        });
        if (!taken) complete(false);
    };
    co_return co_await asio::async_initiate<const asio::use_awaitable_t<>, void(bool)>(start, asio::use_awaitable,
                                                                                       std::move(task));
}

asio::awaitable<bool> Connection::wait(Doorbell* bell, std::uint64_t seen, Duration atMost) {
    if (!state_.stopping && atMost.ms > 0) {
        const auto over = std::make_shared<bool>(false);
        timer_.expires_after(std::chrono::milliseconds(atMost.ms));
        const BellPlace place(bell, seen, [this, over] {
            // Posted, not called: it must come after the wait below has begun, and never reach a later one.
            asio::post(executor_, [self = shared_from_this(), over] {
                if (!*over) self->timer_.cancel();
            });
        });
        boost::system::error_code ignored;
        co_await timer_.async_wait(asio::redirect_error(asio::use_awaitable, ignored));
        *over = true;
    }
    co_return bell && bell->rings() > seen;
}

}  // namespace meetpoint::http
