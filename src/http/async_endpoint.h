// Asynchronous handlers: coroutines for long polls, streamed uploads and event streams. This header includes Asio; an
// endpoint file that needs none of these should include http/endpoint.h only.
//
//   endpoint(get("/v1/feed"), "readFeed")….handle(asynchronous([&](AsyncRequest& request) -> Answer {
//       const auto seen = bell.rings();
//       auto page = co_await request.runBlocking([&] { return readPage(…); });   // Result<Page>, on the pool
//       if (page && page->empty()) co_await request.waitForRing(bell, seen, until);
//       …
//       co_return jsonResponse(*page);
//   }))
//
// A handler must catch what it may throw by itself; an exception that escapes answers 500. It must not block.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <type_traits>
#include <utility>

#include <boost/asio/awaitable.hpp>

#include "http/doorbell.h"
#include "http/endpoint.h"

namespace meetpoint::http {

using Answer = boost::asio::awaitable<Result<Response>>;

// A request body as it comes in, with its Content-Encoding taken off.
class BodyStream {
public:
    virtual ~BodyStream() = default;
    // The next piece, never empty and at most ListenerLimits::bodyPieceBytes; nothing at the end. Waits for the
    // network, at most ListenerLimits::bodyReadTimeout. Codes: "body-too-large", "compression-ratio", "truncated-body"
    // (the connection broke or the encoded bytes end early), "bad-encoding", "body-timeout". After an error it answers
    // that error again.
    virtual boost::asio::awaitable<Result<std::optional<std::string>>> next() = 0;
    // Bytes received so far, as sent, and after decoding.
    virtual std::uint64_t receivedBytes() const = 0;
    virtual std::uint64_t decodedBytes() const = 0;
};

class AsyncRequest {
public:
    virtual ~AsyncRequest() = default;
    virtual const Request& request() const = 0;
    const Request* operator->() const { return &request(); }
    const Request& operator*() const { return request(); }

    // Empty for endpoints that declare no stream body.
    virtual BodyStream& body() = 0;

    // Runs `function` on the blocking pool and gives its result. The pool is bounded, and a handler that was let in is
    // never refused: it waits for its turn. An exception in `function` becomes `internalError` where it answers a
    // Result, and ends the request with 500 otherwise.
    template <class F>
    boost::asio::awaitable<std::invoke_result_t<F&>> runBlocking(F function) {
        using Value = std::invoke_result_t<F&>;
        std::optional<Value> result;
        std::function<void()> task = [&] {
            if constexpr (requires { typename Value::error_type; }) {
                try {
                    result.emplace(function());
                } catch (const std::exception& exception) {
                    result.emplace(fail(internalError(exception.what())));
                }
            } else {
                result.emplace(function());
            }
        };
        co_await run(std::move(task));
        co_return std::move(*result);
    }

    // Waits until the bell has rung more than `seen` times, or until that instant (real time; at most
    // request().deadline), or until the listener stops. True if it rang.
    virtual boost::asio::awaitable<bool> waitForRing(Doorbell& bell, std::uint64_t seen, Instant until) = 0;
    // Waits that long (at most until the deadline); false if the listener began to stop meanwhile.
    virtual boost::asio::awaitable<bool> pause(Duration duration) = 0;
    // True once the listener was asked to stop: long answers should come to their end.
    virtual bool stopping() const = 0;

protected:
    virtual boost::asio::awaitable<void> run(std::function<void()> task) = 0;
};

struct AsyncHandler {
    std::function<Answer(AsyncRequest&)> call;
};
inline std::shared_ptr<const AsyncHandler> asynchronous(std::function<Answer(AsyncRequest&)> call) {
    return std::make_shared<const AsyncHandler>(AsyncHandler{std::move(call)});
}

// A response body that waits between its pieces (text/event-stream). Called again until it gives nothing; an error
// breaks the connection off. The request stays valid until then.
struct AsyncSource {
    std::function<boost::asio::awaitable<Result<std::optional<std::string>>>(AsyncRequest&)> next;
};
inline Response streamedAsynchronously(
    std::string mediaType,
    std::function<boost::asio::awaitable<Result<std::optional<std::string>>>(AsyncRequest&)> next) {
    Response response;
    response.mediaType = std::move(mediaType);
    response.asyncSource = std::make_shared<const AsyncSource>(AsyncSource{std::move(next)});
    return response;
}

}  // namespace meetpoint::http
