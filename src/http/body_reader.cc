#include "http/body_reader.h"

namespace meetpoint::http {
namespace {

namespace asio = boost::asio;

constexpr std::size_t encodedReadBytes = 256 * 1024;

}  // namespace

BodyReader::BodyReader(MessageReader& reader, BodyDecoder decoder, const DecoderLimits& limits, Duration pieceTimeout,
                       std::chrono::steady_clock::time_point deadline)
    : reader_(reader),
      decoder_(std::move(decoder)),
      pieceBytes_(limits.pieceBytes),
      pieceTimeout_(pieceTimeout),
      deadline_(deadline) {}

asio::awaitable<Result<std::optional<std::string>>> BodyReader::next() {
    if (failed_) co_return fail(*failed_);
    if (finished_) co_return std::optional<std::string>();
    auto piece = co_await readNext();
    if (!piece)
        failed_ = piece.error();
    else if (!*piece)
        finished_ = true;
    co_return piece;
}

asio::awaitable<Result<std::optional<std::string>>> BodyReader::readNext() {
    std::string out;
    for (;;) {
        CO_TRY(decoder_.decode(out));
        if (!out.empty()) co_return std::optional(std::move(out));
        const auto left =
            std::chrono::duration_cast<std::chrono::milliseconds>(deadline_ - std::chrono::steady_clock::now());
        if (left.count() <= 0)
            co_return fail(
                {ErrorKind::timeout, "body-timeout", "The body did not come in the time for this request.", {}, {}, 0});
        room_.resize(std::min(encodedReadBytes, pieceBytes_));
        CO_TRY_ASSIGN(
            const std::size_t read,
            co_await reader_.readBody(room_.data(), room_.size(), std::min(pieceTimeout_, milliseconds(left.count()))));
        if (read == 0) {
            CO_TRY(decoder_.finish());
            co_return std::optional<std::string>();
        }
        decoder_.feed(room_.substr(0, read));
    }
}

asio::awaitable<Result<std::string>> BodyReader::whole() {
    std::string body;
    for (;;) {
        CO_TRY_ASSIGN(std::optional<std::string> piece, co_await next());
        if (!piece) co_return body;
        body += *piece;
    }
}

}  // namespace meetpoint::http
