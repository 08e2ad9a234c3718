// Waiting for something new: what every long poll does between two looks.
#pragma once

#include "api/context.h"
#include "http/async_endpoint.h"

namespace meetpoint::api {

// One request's wait at a bell. Call look() before each look, so that what is stored in between is not missed.
class Waiting {
public:
    Waiting(const Context& context, http::AsyncRequest& request, http::Doorbell& bell, Instant until)
        : context_(context), request_(request), bell_(bell), until_(until) {}

    void look() { seen_ = bell_.rings(); }
    // Until it is worth looking again. False: the time is over, or the server stops.
    boost::asio::awaitable<bool> forMore() {
        const Instant now = context_.exchange.clock.now();
        if (now >= until_ || request_.stopping()) co_return false;
        // Where other nodes write too, an announcement may come late or never.
        const Instant look =
            context_.exchange.db.isShared() ? std::min(until_, now + context_.limits.feedLook) : until_;
        const bool isRung = co_await request_.waitForRing(bell_, seen_, look);
        co_return !request_.stopping() && (isRung || look < until_);
    }

private:
    const Context& context_;
    http::AsyncRequest& request_;
    http::Doorbell& bell_;
    Instant until_;
    std::uint64_t seen_ = 0;
};

// How long a client prefers to wait for the end of what it asked for: `Prefer: wait=N` in seconds (RFC 7240 §4.3), at
// most `longest`; zero without it.
Duration preferredWait(const http::Request& request, Duration longest);

}  // namespace meetpoint::api
