// What the endpoints work with; everything in it outlives them.
#pragma once

#include <map>
#include <mutex>

#include "domain/access.h"
#include "exchange/cursors.h"
#include "exchange/services.h"
#include "exchange/tokens.h"
#include "http/doorbell.h"
#include "http/endpoint.h"

namespace meetpoint::api {

// A doorbell a lane: rung after each commit, waited at by long polls.
class LaneBells {
public:
    http::Doorbell& of(store::LaneId lane) {
        const std::lock_guard lock(mutex_);
        return bells_[lane];
    }

private:
    std::mutex mutex_;
    std::map<store::LaneId, http::Doorbell> bells_;
};

struct Context {
    const exchange::Services& exchange;
    const exchange::Limits& limits;
    const exchange::TokenKey& tokens;
    const exchange::CursorKey& cursors;
    LaneBells& bells;
    std::string version;    // of the program
    std::string publicUrl;  // where callers reach the API, "https://exchange.example.com"; empty: not configured
    bool tls = false;       // whether this server speaks TLS itself
};

// Who calls; the authenticator has put it there.
inline const domain::Caller& callerOf(const http::Request& request) {
    return *request.principal.as<domain::Caller>();
}

}  // namespace meetpoint::api
