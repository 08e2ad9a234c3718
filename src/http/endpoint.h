// An endpoint is one declared value: the router, validation, the API document, metrics and the authorization test all
// come from it. Declare synchronous ones here; long polls and streamed uploads use http/async_endpoint.h.
//
//   endpoint(post("/v1/things"), "createThing")
//       .tag("Things").summary("Make a thing").scope("things.write")
//       .answers<Thing>(201, "The thing made").problems({"name-taken"})
//       .handle<NewThing>([&](const Request& request, NewThing body) -> Result<Response> { … });
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "base/result.h"
#include "http/json.h"
#include "http/message.h"
#include "http/parameters.h"

namespace meetpoint::http {

struct Access {
    bool open = false;  // anyone: the authenticator is not called
    std::string scope;  // what the caller's token must grant; "" means any authenticated caller
};

enum class BodyKind {
    none,    // a body is refused
    whole,   // read into Request::body before the handler is called
    stream,  // read piece by piece by an asynchronous handler
};

struct BodyDeclaration {
    BodyKind kind = BodyKind::none;
    std::vector<std::string> mediaTypes{};  // accepted; others answer 415
    Schema schema{};                        // of the body, or of one record of a stream
    std::string what{};
    bool optional = false;  // of whole bodies: may be empty
};

struct ResponseDeclaration {
    int status = 200;
    std::string mediaType{};  // "" for answers without a body
    Schema schema{};
    std::string what{};
};

// How an endpoint says what went wrong where its protocol has a form of its own. It is used for everything that the
// endpoint refuses, also before its handler is called: strangers, parameters, bodies, another method at its path.
struct ErrorOccasion {
    int status = 500;  // that is answered
    std::string_view requestId;
    Instant at;
};
struct ErrorForm {
    std::string name;  // of the answer in the API document, "ScimError"
    std::string mediaType;
    Schema schema;
    std::string what;                                                      // a sentence for the document
    std::function<std::string(const Error&, const ErrorOccasion&)> write;  // the body; Error::internal stays out of it
};

// Runs on the blocking pool and may block, at most until request.deadline. Called from many threads at once.
using SyncHandler = std::function<Result<Response>(const Request&)>;
struct AsyncHandler;  // http/async_endpoint.h
using Handler = std::variant<std::monostate, SyncHandler, std::shared_ptr<const AsyncHandler>>;

struct Endpoint {
    Method method = Method::get;
    // A template: "/v1/things/{id}/close". A segment may mix text and parameters ("report(from={from})"); a last
    // segment
    // "{rest*}" takes everything that remains, slashes included.
    std::string path;
    std::string operationId;  // unique, camelCase
    std::string tag;
    std::string summary;      // one line
    std::string description;  // Markdown
    Access access;
    std::vector<Parameter> pathParameters;    // those without a declaration are text; a value that does not fit is 404
    std::vector<Parameter> queryParameters;   // any other is "unknown-parameter"
    std::vector<Parameter> headerParameters;  // checked if declared; other headers pass
    BodyDeclaration body;
    std::vector<ResponseDeclaration> responses;
    std::vector<std::string> problemCodes;       // besides those that any endpoint may answer
    std::shared_ptr<const ErrorForm> errorForm;  // null: application/problem+json (http/problem.h)
    std::optional<std::uint64_t> maxBodyBytes;   // decoded; else ListenerLimits::wholeBodyBytes or streamBodyBytes
    std::optional<Duration> maxDuration;         // else ListenerLimits::requestDuration
    bool hidden = false;                         // not in the API document (console files, the document itself)
    Handler handler;
};

struct Route {
    Method method;
    std::string path;
};
Route get(std::string path);
Route post(std::string path);
Route put(std::string path);
Route patch(std::string path);
Route delete_(std::string path);

class EndpointBuilder {
public:
    EndpointBuilder(Route route, std::string operationId);

    EndpointBuilder& tag(std::string text);
    EndpointBuilder& summary(std::string text);
    EndpointBuilder& description(std::string markdown);
    EndpointBuilder& open();                    // no authentication
    EndpointBuilder& scope(std::string scope);  // "" for any authenticated caller, which is also the default
    EndpointBuilder& path(Parameter parameter);
    EndpointBuilder& query(Parameter parameter);
    EndpointBuilder& header(Parameter parameter);
    EndpointBuilder& maxBodyBytes(std::uint64_t bytes);
    EndpointBuilder& maxDuration(Duration duration);
    EndpointBuilder& problems(std::vector<std::string> codes);  // adds to those named before
    EndpointBuilder& errorForm(std::shared_ptr<const ErrorForm> form);
    EndpointBuilder& hidden();

    // A JSON body read whole. handle<T> declares it too; call this for a description, or with an asynchronous handler.
    template <class T>
    EndpointBuilder& body(std::string what) {
        return wholeBody({"application/json"}, jsonSchema<T>(), std::move(what));
    }
    EndpointBuilder& wholeBody(std::vector<std::string> mediaTypes, Schema schema, std::string what);
    EndpointBuilder& optionalBody();
    // A body of any size that an asynchronous handler reads in pieces. `schema` describes one record of it.
    EndpointBuilder& streamBody(std::vector<std::string> mediaTypes, Schema schema, std::string what);

    template <class T>
    EndpointBuilder& answers(int status, std::string what) {
        return answers(status, "application/json", jsonSchema<T>(), std::move(what));
    }
    // Several media types for one status: call it for each, the preferred one first. Accept chooses
    // (Request::negotiated).
    EndpointBuilder& answers(int status, std::string mediaType, Schema schema, std::string what);
    EndpointBuilder& answersNothing(int status, std::string what);

    // The last call: gives the finished endpoint.
    Endpoint handle(SyncHandler handler);
    Endpoint handle(std::shared_ptr<const AsyncHandler> handler);
    // A synchronous handler whose JSON body was read and checked as T.
    template <class T, class F>
    Endpoint handle(F function) {
        if (endpoint_.body.kind == BodyKind::none) body<T>("");
        const bool optional = endpoint_.body.optional;
        return handle(
            SyncHandler([function = std::move(function), optional](const Request& request) -> Result<Response> {
                if (optional && request.body.empty()) return function(request, T{});
                Result<T> body = readJson<T>(request.body);
                if (!body) return fail(std::move(body).error());
                return function(request, std::move(*body));
            }));
    }

private:
    Endpoint endpoint_;
};

EndpointBuilder endpoint(Route route, std::string operationId);

// Finds out who calls, before the body is read, and whether that caller may use this endpoint (endpoint.access.scope).
// Runs on the blocking pool. An `unauthenticated` error becomes 401 and a `forbidden` one 403, each with its
// WWW-Authenticate. Not called for open endpoints.
using Authenticator = std::function<Result<Principal>(const Request&, const Endpoint&)>;

}  // namespace meetpoint::http
