#include "http/client.h"

#include <atomic>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/ssl/context.hpp>
#include <fmt/format.h>

#include "http/answer_writer.h"
#include "http/message_reader.h"
#include "http/transport.h"
#include "http/url.h"

namespace meetpoint::http {
namespace {

namespace asio = boost::asio;
using boost::system::error_code;
using SteadyTime = std::chrono::steady_clock::time_point;

constexpr std::size_t readBytes = 64 * 1024;
constexpr std::size_t writeBytesMax = 256 * 1024;

Error clientError(ErrorKind kind, std::string code, std::string message) {
    return {kind, std::move(code), std::move(message), {}, {}, 0};
}

bool isToken(std::string_view text) {
    return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) {
        return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
               std::string_view("!#$%&'*+-.^_`|~").find(c) != std::string_view::npos;
    });
}

Result<std::string> requestHead(const ClientRequest& request, const Url& url) {
    const auto bad = [](std::string_view name) {
        return fail(invalidInput("bad-header", fmt::format("{} cannot be sent.", name)));
    };
    if (!isToken(request.method)) return bad("This method");
    std::string out = fmt::format("{} {} HTTP/1.1\r\n", request.method, url.target);
    if (!request.headers.has("Host")) appendField(out, "Host", url.authority);
    for (const auto& [name, value] : request.headers) {
        const bool broken = value.find_first_of(std::string_view("\r\n\0", 3)) != value.npos;
        const bool ours = equalIgnoringCase(name, "Content-Length") || equalIgnoringCase(name, "Transfer-Encoding");
        if (!isToken(name) || broken || ours) return bad("The header " + name);
        appendField(out, name, value);
    }
    const bool mayHaveBody = request.method != "GET" && request.method != "HEAD";
    if (request.source)
        appendField(out, "Transfer-Encoding", "chunked");
    else if (!request.body.empty() || mayHaveBody)
        appendField(out, "Content-Length", std::to_string(request.body.size()));
    out += "\r\n";
    return out;
}

// Sending this twice does no more than sending it once.
bool repeatable(const ClientRequest& request) {
    if (request.source) return false;
    return (request.method != "POST" && request.method != "PATCH") || request.headers.has("Idempotency-Key");
}

}  // namespace

struct Client::Impl {
    explicit Impl(ClientOptions options) : options(std::move(options)) {}

    struct Failure {
        Error error;
        bool nothingCame = false;  // not a byte of the answer: the kept connection was closed by the other side
    };
    using Outcome = tl::expected<ClientResponse, Failure>;

    Result<ClientResponse> send(const ClientRequest& request);
    void cancel();
    Result<void> loadTls();
    asio::awaitable<Outcome> exchange(const ClientRequest& request, const Url& url, const std::string& head);
    asio::awaitable<Result<void>> writeRequest(const ClientRequest& request, const std::string& head,
                                               bool& connectionBroke);
    asio::awaitable<Outcome> readAnswer(const ClientRequest& request);
    Duration bounded(Duration wanted) const {
        const auto left =
            std::chrono::duration_cast<std::chrono::milliseconds>(deadline - std::chrono::steady_clock::now());
        return std::min(wanted, milliseconds(std::max<std::int64_t>(1, left.count())));
    }

    ClientOptions options;
    asio::io_context context{1};
    std::unique_ptr<asio::ssl::context> tls;
    std::unique_ptr<Transport> transport;
    std::string origin;  // of the kept connection
    ReadBuffer buffer;
    SteadyTime deadline;
    std::atomic<bool> cancelled = false;
};

Result<void> Client::Impl::loadTls() {
    if (tls) return {};
    auto made = std::make_unique<asio::ssl::context>(asio::ssl::context::tls_client);
    error_code error;
    made->set_options(
        asio::ssl::context::default_workarounds | asio::ssl::context::no_tlsv1 | asio::ssl::context::no_tlsv1_1, error);
    if (options.caFile.empty())
        made->set_default_verify_paths(error);
    else
        made->load_verify_file(options.caFile, error);
    if (!error) made->set_verify_mode(asio::ssl::verify_peer, error);
    if (!error && !options.certificateFile.empty()) made->use_certificate_chain_file(options.certificateFile, error);
    if (!error && !options.keyFile.empty()) made->use_private_key_file(options.keyFile, asio::ssl::context::pem, error);
    if (error)
        return fail(clientError(ErrorKind::unavailable, "tls-failed",
                                "The TLS files cannot be used: " + error.message() + "."));
    tls = std::move(made);
    return {};
}

Result<ClientResponse> Client::Impl::send(const ClientRequest& request) {
    TRY_ASSIGN(const Url url, parseUrl(request.url));
    TRY_ASSIGN(const std::string head, requestHead(request, url));
    if (url.secure) TRY(loadTls());
    const Duration total = request.totalTimeout.value_or(options.totalTimeout);
    deadline = std::chrono::steady_clock::now() + std::chrono::milliseconds(total.ms);
    const auto cancelledError = [] {
        return clientError(ErrorKind::unavailable, "cancelled", "The request was given up.");
    };
    for (int attempt = 0;; ++attempt) {
        if (cancelled) return fail(cancelledError());
        // A body that comes from a source cannot be sent again: see first whether anybody is there to take it.
        const bool kept = transport && origin == url.origin() && !transport->isEnded();
        if (!kept) transport.reset();
        std::optional<Outcome> outcome;
        context.restart();
        asio::co_spawn(context, exchange(request, url, head), [&](std::exception_ptr thrown, Outcome made) {
            if (thrown)
                outcome.emplace(tl::unexpected(Failure{internalError("the HTTP client threw")}));
            else
                outcome.emplace(std::move(made));
        });
        context.run();
        if (*outcome) return std::move(**outcome);
        transport.reset();
        buffer = ReadBuffer{};
        if (cancelled) return fail(cancelledError());
        if (!(kept && attempt == 0 && outcome->error().nothingCame && repeatable(request)))
            return fail(std::move(outcome->error().error));
    }
}

// The transport belongs to the thread that sends, so it is closed there; what waits on it then fails.
void Client::Impl::cancel() {
    cancelled = true;
    asio::post(context, [this] {
        if (transport) transport->close();
    });
}

asio::awaitable<Client::Impl::Outcome> Client::Impl::exchange(const ClientRequest& request, const Url& url,
                                                              const std::string& head) {
    if (!transport) {
        buffer = ReadBuffer{};
        const ConnectTarget target{url.host, std::to_string(url.port), options.allowAddress,
                                   bounded(options.connectTimeout)};
        auto connected = co_await connectTransport(target, url.secure ? tls.get() : nullptr);
        if (!connected) co_return tl::unexpected(Failure{std::move(connected).error()});
        transport = std::move(*connected);
        origin = url.origin();
    }
    bool connectionBroke = false;
    auto written = co_await writeRequest(request, head, connectionBroke);
    if (!written && !connectionBroke) co_return tl::unexpected(Failure{std::move(written).error()});
    // Even where writing failed an answer may be there: a server that refuses a body says why and closes.
    co_return co_await readAnswer(request);
}

asio::awaitable<Result<void>> Client::Impl::writeRequest(const ClientRequest& request, const std::string& head,
                                                         bool& connectionBroke) {
    transport->expireAfter(bounded(options.writeTimeout));
    IoResult written = co_await transport->write(head);
    std::string_view body = request.body;
    while (written.ok() && !request.source && !body.empty()) {
        const std::string_view part = body.substr(0, writeBytesMax);
        transport->expireAfter(bounded(options.writeTimeout));
        written = co_await transport->write(part);
        body.remove_prefix(part.size());
    }
    while (written.ok() && request.source) {
        CO_TRY_ASSIGN(std::optional<std::string> piece, request.source());
        const std::string bytes = piece ? chunkOf(*piece) : std::string(lastChunk);
        transport->expireAfter(bounded(options.writeTimeout));
        written = co_await transport->write(bytes);
        if (!piece) break;
    }
    if (written.ok()) co_return Result<void>();
    if (written.outcome == IoResult::Outcome::timeout)
        co_return fail(clientError(ErrorKind::timeout, "client-timeout", "The server took the request too slowly."));
    connectionBroke = true;
    co_return fail(clientError(ErrorKind::unavailable, "connection-lost", "The connection broke while sending."));
}

asio::awaitable<Client::Impl::Outcome> Client::Impl::readAnswer(const ClientRequest& request) {
    const auto kind = request.method == "HEAD" ? MessageReader::Kind::responseToHead : MessageReader::Kind::response;
    std::optional<MessageReader> reader;
    do {  // interim answers (1xx) come before the real one
        if (std::chrono::steady_clock::now() > deadline)
            co_return tl::unexpected(
                Failure{clientError(ErrorKind::timeout, "client-timeout", "No answer came in time.")});
        reader.emplace(kind, *transport, buffer, options.headerBytes);
        const Duration wait = bounded(options.readTimeout);
        const HeadOutcome outcome = co_await reader->readHead({wait, wait});
        if (outcome == HeadOutcome::timeout)
            co_return tl::unexpected(
                Failure{clientError(ErrorKind::timeout, "client-timeout", "No answer came in time.")});
        if (outcome == HeadOutcome::malformed || outcome == HeadOutcome::tooLarge)
            co_return tl::unexpected(
                Failure{clientError(ErrorKind::corrupt, "bad-answer", "The answer is not well-formed HTTP/1.1.")});
        if (outcome != HeadOutcome::ok)
            co_return tl::unexpected(Failure{
                clientError(ErrorKind::unavailable, "connection-lost", "The connection was closed before the answer."),
                !reader->started()});
    } while (reader->head().status < 200 && reader->head().status != 101);

    ClientResponse response{reader->head().status, reader->head().headers, {}};
    std::string piece(readBytes, '\0');
    while (!reader->bodyDone()) {
        if (std::chrono::steady_clock::now() > deadline)
            co_return tl::unexpected(
                Failure{clientError(ErrorKind::timeout, "client-timeout", "The answer took too long.")});
        auto read = co_await reader->readBody(piece.data(), piece.size(), bounded(options.readTimeout));
        if (!read) {
            Error error = std::move(read).error();
            const bool slow = error.kind == ErrorKind::timeout;
            co_return tl::unexpected(Failure{clientError(
                slow ? ErrorKind::timeout : ErrorKind::unavailable, slow ? "client-timeout" : "connection-lost",
                slow ? "The answer came too slowly." : "The answer ended too early.")});
        }
        const std::size_t room = options.bodyBytes - response.body.size();
        if (*read > room && options.longAnswers == LongAnswers::cut) {
            response.body.append(piece, 0, room);
            transport.reset();  // what else comes on it belongs to this answer
            co_return response;
        }
        if (*read > room)
            co_return tl::unexpected(
                Failure{clientError(ErrorKind::tooLarge, "answer-too-large",
                                    fmt::format("The answer is larger than {} bytes.", options.bodyBytes))});
        response.body.append(piece, 0, *read);
    }
    if (!reader->head().keepAlive || options.connections == Connections::oneEach) transport.reset();
    co_return response;
}

Client::Client(ClientOptions options) : impl_(std::make_unique<Impl>(std::move(options))) {}
Client::~Client() = default;
Client::Client(Client&&) noexcept = default;
Client& Client::operator=(Client&&) noexcept = default;

void Client::cancel() {
    impl_->cancel();
}

Result<ClientResponse> Client::send(const ClientRequest& request) {
    return impl_->send(request);
}

}  // namespace meetpoint::http
