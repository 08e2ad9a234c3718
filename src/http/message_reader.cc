#include "http/message_reader.h"

#include <variant>

#include <boost/asio/buffer.hpp>
#include <boost/beast/http/buffer_body.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/optional/optional.hpp>

namespace meetpoint::http {
namespace {

namespace asio = boost::asio;
namespace wire = boost::beast::http;
using boost::system::error_code;

constexpr std::size_t headReadBytes = 8 * 1024;
constexpr std::size_t bodyReadBytes = 256 * 1024;

using RequestParser = wire::request_parser<wire::buffer_body>;
using ResponseParser = wire::response_parser<wire::buffer_body>;

template <class Message>
void takeFields(const Message& message, Headers& headers) {
    for (const auto& field : message)
        headers.add(std::string(field.name_string()), std::string(field.value()));
}

// What Beast lets pass, although two readers could see two different messages in it (request smuggling).
std::string ambiguity(const MessageHead& head, bool chunked) {
    const auto codings = head.headers.all("Transfer-Encoding");
    if (!codings.empty() && (codings.size() > 1 || !equalIgnoringCase(codings[0], "chunked") || !chunked))
        return "Transfer-Encoding may only be chunked";
    if (head.headers.all("Content-Length").size() > 1) return "Content-Length stands twice";
    if (chunked && head.contentLength) return "Content-Length and Transfer-Encoding exclude each other";
    return "";
}

std::string requestFault(const MessageHead& head) {
    const std::size_t hosts = head.headers.all("Host").size();
    if (hosts > 1 || (hosts == 0 && head.version == 11)) return "exactly one Host header is needed";
    if (const auto expect = head.headers.get("Expect"); expect && !equalIgnoringCase(*expect, "100-continue"))
        return "the only expectation possible is 100-continue";
    return "";
}

Error bodyError(ErrorKind kind, std::string code, std::string message) {
    return {kind, std::move(code), std::move(message), {}, {}, 0};
}

}  // namespace

struct MessageReader::Impl {
    std::variant<RequestParser, ResponseParser> parser;

    explicit Impl(Kind kind) {
        if (kind != Kind::request) parser.emplace<ResponseParser>();
        if (kind == Kind::responseToHead) std::get<ResponseParser>(parser).skip(true);
    }

    std::size_t put(const ReadBuffer& buffer, error_code& error) {
        const auto bytes = asio::const_buffer(buffer.bytes.data() + buffer.begin, buffer.size());
        return std::visit([&](auto& p) { return p.put(bytes, error); }, parser);
    }
    void putEnd(error_code& error) {
        std::visit([&](auto& p) { p.put_eof(error); }, parser);
    }
    bool headDone() const {
        return std::visit([](const auto& p) { return p.is_header_done(); }, parser);
    }
    bool done() const {
        return std::visit([](const auto& p) { return p.is_done(); }, parser);
    }
    // Where the next body bytes go.
    wire::buffer_body::value_type& body() {
        return std::visit([](auto& p) -> wire::buffer_body::value_type& { return p.get().body(); }, parser);
    }
    bool chunked() const {
        return std::visit([](const auto& p) { return p.chunked(); }, parser);
    }

    MessageHead takeHead() const {
        MessageHead head;
        std::visit(
            [&](const auto& p) {
                const auto& message = p.get();
                takeFields(message, head.headers);
                head.version = static_cast<int>(message.version());
                head.keepAlive = message.keep_alive();
                if (const auto length = p.content_length()) head.contentLength = *length;
                head.hasBody = !p.is_done();
                if constexpr (std::is_same_v<std::decay_t<decltype(p)>, RequestParser>) {
                    head.method = std::string(message.method_string());
                    head.target = std::string(message.target());
                } else {
                    head.status = message.result_int();
                }
            },
            parser);
        head.expectsContinue = head.version == 11 && head.headers.has("Expect");
        return head;
    }
};

MessageReader::MessageReader(Kind kind, Transport& transport, ReadBuffer& buffer, std::size_t headerBytes)
    : transport_(transport), buffer_(buffer), headerBytes_(headerBytes), impl_(std::make_unique<Impl>(kind)) {
    std::visit(
        [&](auto& parser) {
            parser.header_limit(static_cast<std::uint32_t>(headerBytes));
            parser.body_limit(boost::none);  // bodies are bounded after decoding
        },
        impl_->parser);
    started_ = buffer.size() > 0;
}

MessageReader::~MessageReader() = default;

asio::awaitable<IoResult> MessageReader::fill(std::size_t capacity) {
    if (buffer_.size() == 0) buffer_.begin = buffer_.end = 0;
    if (buffer_.begin > 0) {
        std::memmove(buffer_.bytes.data(), buffer_.bytes.data() + buffer_.begin, buffer_.size());
        buffer_.end -= buffer_.begin;
        buffer_.begin = 0;
    }
    if (buffer_.bytes.size() < buffer_.end + capacity) buffer_.bytes.resize(buffer_.end + capacity);
    const IoResult read = co_await transport_.read(buffer_.bytes.data() + buffer_.end, capacity);
    buffer_.end += read.bytes;
    co_return read;
}

asio::awaitable<HeadOutcome> MessageReader::readHead(ReadTimes times) {
    transport_.expireAfter(started_ ? times.rest : times.first);
    for (;;) {
        if (buffer_.size() > 0) {
            error_code error;
            buffer_.begin += impl_->put(buffer_, error);
            if (impl_->headDone()) break;
            if (error == wire::error::header_limit || buffer_.size() > headerBytes_) co_return HeadOutcome::tooLarge;
            if (error && error != wire::error::need_more) {
                detail_ = error.message();
                co_return HeadOutcome::malformed;
            }
        }
        const IoResult read = co_await fill(headReadBytes);
        if (read.outcome == IoResult::Outcome::ended) co_return started_ ? HeadOutcome::broken : HeadOutcome::ended;
        if (read.outcome == IoResult::Outcome::timeout) co_return HeadOutcome::timeout;
        if (!read.ok()) {
            detail_ = read.detail;
            co_return HeadOutcome::broken;
        }
        if (!std::exchange(started_, true)) transport_.expireAfter(times.rest);
    }
    head_ = impl_->takeHead();
    detail_ = ambiguity(head_, impl_->chunked());
    if (detail_.empty() && impl_->parser.index() == 0) detail_ = requestFault(head_);
    co_return detail_.empty() ? HeadOutcome::ok : HeadOutcome::malformed;
}

bool MessageReader::bodyDone() const {
    return impl_->done();
}

asio::awaitable<Result<std::size_t>> MessageReader::readBody(char* to, std::size_t size, Duration timeout) {
    transport_.expireAfter(timeout);
    if (head_.expectsContinue && !std::exchange(continueSent_, true) && buffer_.size() == 0 && !impl_->done())
        co_await transport_.write("HTTP/1.1 100 Continue\r\n\r\n");
    impl_->body().data = to;
    impl_->body().size = size;
    while (!impl_->done()) {
        if (buffer_.size() > 0) {
            error_code error;
            const std::size_t used = impl_->put(buffer_, error);
            buffer_.begin += used;
            const std::size_t written = size - impl_->body().size;
            if (written > 0) co_return written;
            if (error && error != wire::error::need_more && error != wire::error::need_buffer)
                co_return fail(bodyError(ErrorKind::invalidInput, "bad-chunk",
                                         "The body's chunked framing is wrong: " + error.message() + "."));
            if (used > 0 && !error) continue;
            if (buffer_.size() >= bodyReadBytes)
                co_return fail(bodyError(ErrorKind::invalidInput, "bad-chunk", "A chunk's header is too long."));
        }
        const IoResult read = co_await fill(bodyReadBytes);
        if (read.outcome == IoResult::Outcome::timeout)
            co_return fail(bodyError(ErrorKind::timeout, "body-timeout", "The body came too slowly."));
        if (!read.ok()) {
            // An answer without a length ends with its connection.
            error_code error;
            if (read.outcome == IoResult::Outcome::ended) impl_->putEnd(error);
            if (!error && impl_->done()) break;
            co_return fail(
                bodyError(ErrorKind::invalidInput, "truncated-body", "The connection ended inside the body."));
        }
    }
    co_return std::size_t(0);
}

}  // namespace meetpoint::http
