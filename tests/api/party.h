// One client of the exchange under test, and the answers that it gets over HTTP.
#pragma once

#include <mutex>

#include <boost/json.hpp>

#include "api/declared_endpoints.h"
#include "cli/api_client.h"
#include "http/message.h"

namespace meetpoint::tests {

namespace json = boost::json;

struct Answer {
    int status = 0;
    http::Headers headers;
    std::string body;

    // The body; a test failure and null where it is no JSON.
    json::value value() const;
    // The stable code of a problem, also in the form of SCIM or OData; "" for anything else.
    std::string code() const;
    // Status, headers and body as one text, apart from the date: what a leak or a difference would stand in.
    std::string whole() const;
};

// What a GET by nobody is answered.
Answer plainGet(const std::string& url, http::Headers headers = {});

// The value at a JSON pointer; a test failure and null where there is none.
json::value at(const json::value& value, std::string_view pointer);
// The same as text: strings as they are, anything else as JSON.
std::string textAt(const json::value& value, std::string_view pointer);
// Of the objects of an array, the members of that name.
std::vector<std::string> column(const json::value& array, std::string_view name);

// Every answer that an exchange gave, for tests that hold them all against its document. Safe from any thread.
class AnswerLog {
public:
    struct Entry {
        std::string operationId;  // "" where no endpoint is meant
        Answer answer;
    };
    void add(std::string operationId, const Answer& answer);
    std::vector<Entry> entries() const;

private:
    mutable std::mutex mutex_;
    std::vector<Entry> entries_;
};

class Party {
public:
    // What it is answered is added to `answers`.
    Party(std::string url, const api::DeclaredEndpoints& declared, AnswerLog& answers, std::string clientId,
          std::string secret);

    // A token for every scope of the client, or only for those named (separated by blanks). The newest one is
    // sent from now on.
    void logIn();
    // To an exchange that listens elsewhere now; logs in.
    void connectTo(std::string url);
    std::string token(const std::string& scopes = {});

    Answer get(const std::string& path, http::Headers headers = {});
    Answer post(const std::string& path, const json::value& body, http::Headers headers = {});
    Answer upload(const std::string& path, std::string body, const std::string& mediaType = "application/x-ndjson",
                  http::Headers headers = {});
    // Any request; its url is a path. Every problem that comes back must have been declared.
    Answer send(http::ClientRequest request);

    // The body of an answer below 300; a test failure and null for any other.
    json::value read(const std::string& path);
    json::value done(const std::string& path, const json::value& body);
    // The operation that an order of numbers ran as, finished.
    json::value ordered(const json::value& order, const std::string& path = "/v1/number-orders");

    const std::string& clientId() const { return clientId_; }

private:
    void expectDeclared(const http::ClientRequest& request, const Answer& answer) const;
    const http::Endpoint* endpointOf(const http::ClientRequest& request) const;

    const api::DeclaredEndpoints* declared_;
    AnswerLog* answers_;
    std::string clientId_, secret_;
    cli::ApiClient client_;
};

}  // namespace meetpoint::tests
