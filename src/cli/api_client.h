// A client of the exchange's own API: logs in, sends and reads JSON, and says in one line what went wrong. `demo` works
// through it, as do the tests and benchmarks that watch a server from outside.
#pragma once

#include <string>

#include <boost/json/value.hpp>

#include "http/client.h"

namespace meetpoint::cli {

class ApiClient {
public:
    // `baseUrl` is "http://127.0.0.1:8080". Not safe from several threads at once.
    explicit ApiClient(std::string baseUrl, http::ClientOptions options = {});

    // Gets a token by client_secret_basic (RFC 6749 §2.3.1), asking for every scope that the client has; later calls
    // carry it. Blocks. An error of the token endpoint keeps OAuth's code ("invalid_client").
    Result<void> logIn(const std::string& clientId, const std::string& secret);

    // A JSON answer with a status below 300, else the problem as an Error: its stable code, "METHOD PATH answered
    // STATUS: detail", its faults. Blocks. Errors of the connection are those of http::Client.
    Result<boost::json::value> get(const std::string& path);
    Result<boost::json::value> post(const std::string& path, const boost::json::value& body,
                                    http::Headers headers = {});
    // An order of numbers: waits for the end of its operation (`Prefer: wait`), at most a minute, and gives it.
    Result<boost::json::value> order(const std::string& path, const boost::json::value& body);
    // The same for a request of any shape: another media type, further headers.
    Result<boost::json::value> sendForJson(http::ClientRequest request);

    // An answer with a status below 300, whatever its body is, else the problem.
    Result<http::ClientResponse> sendForBody(http::ClientRequest request);

    // Any answer. `request.url` is a path; the token is added unless the request brings an Authorization of its own.
    Result<http::ClientResponse> send(http::ClientRequest request);

    // As http::Client::cancel: from any thread.
    void cancel() { client_.cancel(); }

private:
    std::string baseUrl_;
    http::Client client_;
    std::string token_;
};

}  // namespace meetpoint::cli
