// What commands that work on a running exchange share: where it is, who asks, and what to say when it does not work.
#pragma once

#include <functional>
#include <iosfwd>
#include <string>

#include "cli/api_client.h"

namespace CLI {
class App;
}

namespace meetpoint::cli {

// A secret never stands on the command line, where every user of the machine could read it: a file holds it.
struct ExchangeAccess {
    std::string url = "http://127.0.0.1:8080";
    std::string clientId;    // or of the file
    std::string secretFile;  // the secret alone, or the JSON object that `meetpoint init` writes
    std::string carrier;     // its id, where the client acts for several
    std::string tenant;      // its id
    bool json = false;       // for machines: one JSON object a line
};
// Declares the options of all this but the tenant's for one command; MEETPOINT_URL, MEETPOINT_CLIENT_ID and
// MEETPOINT_CLIENT_SECRET_FILE give what is left out.
void addAccessOptions(CLI::App& command, ExchangeAccess& access);

// A logged-in client that logs in again when its token has expired.
class ExchangeSession {
public:
    // Reads the secret and logs in; blocks. Codes "no-credentials", "file-not-readable", "bad-secret-file", those of
    // ApiClient::logIn.
    static Result<ExchangeSession> open(const ExchangeAccess& access, http::ClientOptions options = {});

    // As ApiClient's; `path` with its query.
    Result<boost::json::value> get(const std::string& path);
    Result<boost::json::value> post(const std::string& path, const boost::json::value& body,
                                    http::Headers headers = {});
    // A request of any shape; made anew where the token has expired meanwhile, since a source is read once.
    Result<boost::json::value> send(const std::function<http::ClientRequest()>& make);
    // Any answer below 300, with its headers.
    Result<http::ClientResponse> download(const std::string& path, http::Headers headers = {});
    void cancel() { client_.cancel(); }

private:
    ExchangeSession(ApiClient client, std::string clientId, std::string secret)
        : client_(std::move(client)), clientId_(std::move(clientId)), secret_(std::move(secret)) {}
    template <class Ask>
    std::invoke_result_t<Ask> again(Ask ask);

    ApiClient client_;
    std::string clientId_, secret_;
};

// "NAME=VALUE" as a further part of a query, escaped; nothing for an empty value.
void addToQuery(std::string& path, std::string_view name, std::string_view value);

// Says on `err` what went wrong, fault by fault, and what to do next. The exit code: usage for what is missing on the
// command line, refused for what the exchange does not want, failure for everything that kept it from being asked.
int sayWhatWentWrong(std::string_view command, const Error& error, std::ostream& err);

}  // namespace meetpoint::cli
