// What a handler receives and gives: method, headers, request, response. No socket and no coroutine here.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <typeindex>
#include <utility>
#include <vector>

#include "base/hash.h"
#include "base/result.h"
#include "base/time.h"
#include "http/parameters.h"

namespace meetpoint::http {

enum class Method { get, head, post, put, patch, delete_, options };
// "GET".
std::string_view name(Method method);
std::optional<Method> parseMethod(std::string_view text);

// Header fields in order of arrival. Names are compared without regard to case; one name may stand several times.
class Headers {
public:
    using Field = std::pair<std::string, std::string>;

    Headers() = default;
    Headers(std::initializer_list<Field> fields) : fields_(fields) {}

    // Appends, keeping what is there.
    void add(std::string name, std::string value);
    // Replaces every field of that name with this one.
    void set(std::string_view name, std::string value);
    void remove(std::string_view name);
    // The first value of that name.
    std::optional<std::string_view> get(std::string_view name) const;
    // The first value of that name, or "".
    std::string_view value(std::string_view name) const { return get(name).value_or(std::string_view{}); }
    std::vector<std::string_view> all(std::string_view name) const;
    bool has(std::string_view name) const { return get(name).has_value(); }

    auto begin() const { return fields_.begin(); }
    auto end() const { return fields_.end(); }
    std::size_t size() const { return fields_.size(); }

private:
    std::vector<Field> fields_;
};

bool equalIgnoringCase(std::string_view a, std::string_view b);

// Who calls, as the authenticator found out. http only carries it: what it holds is between authenticator and handlers.
class Principal {
public:
    Principal() = default;
    template <class T>
    static Principal of(std::shared_ptr<const T> value) {
        Principal made;
        made.type_ = typeid(T);
        made.value_ = std::move(value);
        return made;
    }
    // The value, or null if there is none or it has another type.
    template <class T>
    const T* as() const {
        return value_ && type_ == std::type_index(typeid(T)) ? static_cast<const T*>(value_.get()) : nullptr;
    }
    explicit operator bool() const { return value_ != nullptr; }

private:
    std::shared_ptr<const void> value_;
    std::type_index type_ = typeid(void);
};

struct Request {
    Method method = Method::get;  // as sent: a HEAD that a GET endpoint answers stays `head`
    std::string route;            // the endpoint's template, "/v1/things/{id}"; the only form that may be logged
    std::string target;           // path and query as sent; never log it
    ParameterValues path;         // percent-decoded and checked against their declarations
    ParameterValues query;        // the same, with defaults filled in
    Headers headers;
    std::string requestId;    // the client's X-Request-Id if it was well formed, else made here
    std::string peerAddress;  // "192.0.2.1" or "2001:db8::1"
    Instant receivedAt;
    Instant deadline;        // stop working for this request then; see Endpoint::maxDuration
    std::string negotiated;  // the media type chosen by Accept among those the endpoint answers; "" if it has none
    std::string mediaType;   // of the body: lower case, without parameters; "" without a body
    std::string body;        // whole, decoded; empty for endpoints whose body is a stream
    std::optional<Sha256> clientCertificate;  // SHA-256 of the peer's DER certificate, verified by TLS
    Principal principal;
};

// Gives the next piece of a streamed body; an empty optional is its end. An error breaks the connection off, so that
// the reader sees the body is not whole. Called on the blocking pool, one call at a time.
using PullSource = std::function<Result<std::optional<std::string>>()>;

struct AsyncSource;  // http/async_endpoint.h: the same for bodies that wait, such as event streams

// Exactly one of `body`, `source`, `asyncSource` is the body.
struct Response {
    int status = 200;
    std::string mediaType;
    std::string body;
    // Besides Content-Type and Content-Length, which the listener writes; of a body in pieces whose length is known
    // they say it.
    Headers headers{};
    PullSource source{};
    std::shared_ptr<const AsyncSource> asyncSource{};
};

// 200 with a body that is JSON already.
Response jsonText(std::string json, int status = 200);
Response plainText(std::string text, int status = 200);
Response noContent();
Response streamed(std::string mediaType, PullSource source);

}  // namespace meetpoint::http
