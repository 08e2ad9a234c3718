#include "cli/exchange_session.h"

#include <fstream>
#include <iterator>

#include <CLI/CLI.hpp>
#include <boost/json.hpp>
#include <fmt/ostream.h>

#include "cli/exit_codes.h"
#include "cli/json_reading.h"
#include "http/parameters.h"

namespace meetpoint::cli {
namespace {

namespace json = boost::json;

constexpr std::streamsize largestSecretFile = 4'096;  // bytes

struct Credentials {
    std::string clientId, secret;
};

Result<std::string> contentOf(const std::string& file) {
    std::ifstream in(file, std::ios::binary);
    std::string text(static_cast<std::size_t>(largestSecretFile), '\0');
    in.read(text.data(), largestSecretFile);
    text.resize(static_cast<std::size_t>(in.gcount()));
    if (in.bad() || text.empty())
        return fail(invalidInput("file-not-readable", "The secret file " + file + " cannot be read, or is empty."));
    return text;
}

Result<Credentials> credentialsOf(const ExchangeAccess& access) {
    if (access.secretFile.empty())
        return fail(invalidInput("no-credentials",
                                 "Name a file with the client's secret: --secret-file FILE, or "
                                 "MEETPOINT_CLIENT_SECRET_FILE."));
    TRY_ASSIGN(std::string text, contentOf(access.secretFile));
    Credentials credentials{access.clientId, {}};
    if (text.starts_with('{')) {
        json::error_code unreadable;
        const json::value made = json::parse(text, unreadable);
        credentials.secret = unreadable ? "" : textAt(made, "/clientSecret");
        if (credentials.secret.empty())
            return fail(invalidInput("bad-secret-file", "The file " + access.secretFile + " has no 'clientSecret'."));
        if (credentials.clientId.empty()) credentials.clientId = textAt(made, "/clientId");
    } else {
        credentials.secret = text.substr(0, text.find_first_of("\r\n"));
    }
    if (credentials.clientId.empty())
        return fail(invalidInput("no-credentials", "Name the client: --client-id ID, or MEETPOINT_CLIENT_ID."));
    return credentials;
}

std::string_view adviceFor(std::string_view code) {
    struct Advice {
        std::string_view code, what;
    };
    constexpr Advice advice[] = {
        {"cannot-connect", "Is an exchange running there? Name another with --url or MEETPOINT_URL."},
        {"connection-lost", "Try again; the exchange may be restarting."},
        {"client-timeout", "Try again; the exchange may be busy."},
        {"bad-url", "Write --url like https://exchange.example.com."},
        {"tls-failed", "Is it https, and is its certificate one that this machine trusts?"},
        {"invalid_client", "Check the client id and the secret; a client may also have expired."},
        {"scope-missing", "Use a client of a role that may do this, or ask the platform for the scope."},
        {"carrier-required", "Name the carrier: --carrier ID."},
        {"tenant-required", "Name the tenant: --tenant ID."},
        {"version-mismatch", "It was changed meanwhile. Read it again with show, and name its --version."},
        {"bad-period", "Name a date, with --period for more than the day, or --month 2026-11."},
        {"dry-run-required", "Add --dry-run to try other rules."},
        {"too-many-exports", "See them with GET /v1/exports; DELETE cancels one."},
        {"bad-cursor", "A cursor belongs to one client and one feed. Begin without --cursor, or with --from now."},
        {"cursor-expired",
         "Keep the cursor of --from now first, read 'meetpoint numbers list', then follow from that cursor."},
    };
    const auto found = std::ranges::find(advice, code, &Advice::code);
    return found == std::end(advice) ? std::string_view() : found->what;
}

int exitCodeOf(const Error& error) {
    if (error.code == "no-credentials" || error.code == "bad-secret-file" || error.code == "bad-url" ||
        error.code == "no-numbers" || error.code == "file-exists" || error.code == "file-not-readable" ||
        error.code == "bad-csv" || error.code == "bad-item" || error.code == "bad-increments" ||
        error.code == "bad-format")
        return exitUsage;
    switch (error.kind) {
        case ErrorKind::invalidInput:
        case ErrorKind::forbidden:
        case ErrorKind::notFound:
        case ErrorKind::conflict:
        case ErrorKind::preconditionFailed:
        case ErrorKind::gone:
        case ErrorKind::tooLarge:
            return exitRefused;
        default:
            return exitFailure;
    }
}

}  // namespace

void addAccessOptions(CLI::App& command, ExchangeAccess& access) {
    command.add_option("--url", access.url, "Where the exchange is")->envname("MEETPOINT_URL")->capture_default_str();
    command.add_option("--client-id", access.clientId, "The client's id")->envname("MEETPOINT_CLIENT_ID");
    command.add_option("--secret-file", access.secretFile, "File with the client's secret")
        ->envname("MEETPOINT_CLIENT_SECRET_FILE");
    command.add_option("--carrier", access.carrier, "Id of the carrier, where the client acts for several");
    command.add_flag("--json", access.json, "For machines: one JSON object a line");
}

Result<ExchangeSession> ExchangeSession::open(const ExchangeAccess& access, http::ClientOptions options) {
    TRY_ASSIGN(const Credentials credentials, credentialsOf(access));
    std::string url = access.url;
    while (url.ends_with('/'))
        url.pop_back();
    ApiClient client(std::move(url), std::move(options));
    TRY(client.logIn(credentials.clientId, credentials.secret));
    return ExchangeSession(std::move(client), credentials.clientId, credentials.secret);
}

template <class Ask>
std::invoke_result_t<Ask> ExchangeSession::again(Ask ask) {
    auto answer = ask();
    if (answer || answer.error().code != "token-expired") return answer;
    TRY(client_.logIn(clientId_, secret_));
    return ask();
}

Result<json::value> ExchangeSession::get(const std::string& path) {
    return again([&] { return client_.get(path); });
}

Result<json::value> ExchangeSession::post(const std::string& path, const json::value& body, http::Headers headers) {
    return again([&] { return client_.post(path, body, headers); });
}

Result<json::value> ExchangeSession::send(const std::function<http::ClientRequest()>& make) {
    return again([&] { return client_.sendForJson(make()); });
}

Result<http::ClientResponse> ExchangeSession::download(const std::string& path, http::Headers headers) {
    return again([&] { return client_.sendForBody({.method = "GET", .url = path, .headers = headers}); });
}

void addToQuery(std::string& path, std::string_view name, std::string_view value) {
    if (value.empty()) return;
    path += path.find('?') == std::string::npos ? '?' : '&';
    path += std::string(name) + "=" + http::percentEncode(value);
}

int sayWhatWentWrong(std::string_view command, const Error& error, std::ostream& err) {
    fmt::print(err, "meetpoint {}: {}\n", command, error.message);
    for (const Fault& fault : error.faults)
        fmt::print(err, "    {}: {}\n", fault.pointer, fault.message);
    if (const std::string_view advice = adviceFor(error.code); !advice.empty()) fmt::print(err, "{}\n", advice);
    return exitCodeOf(error);
}

}  // namespace meetpoint::cli
