// The body of one request as its handler reads it: bytes from the connection, through the decoder, within the limits.
#pragma once

#include <optional>
#include <string>

#include "http/async_endpoint.h"
#include "http/body_decoder.h"
#include "http/message_reader.h"

namespace meetpoint::http {

class BodyReader final : public BodyStream {
public:
    // `deadline` bounds the whole body, `pieceTimeout` the wait for each piece.
    BodyReader(MessageReader& reader, BodyDecoder decoder, const DecoderLimits& limits, Duration pieceTimeout,
               std::chrono::steady_clock::time_point deadline);

    boost::asio::awaitable<Result<std::optional<std::string>>> next() override;
    std::uint64_t receivedBytes() const override { return decoder_.encodedBytes(); }
    std::uint64_t decodedBytes() const override { return decoder_.decodedBytes(); }

    // All of it, within the limits given.
    boost::asio::awaitable<Result<std::string>> whole();
    // True once the end was reached without an error: the connection can carry another request.
    bool finished() const { return finished_; }

private:
    boost::asio::awaitable<Result<std::optional<std::string>>> readNext();

    MessageReader& reader_;
    BodyDecoder decoder_;
    std::size_t pieceBytes_;
    std::string room_;  // what came, before it is decoded; made once
    Duration pieceTimeout_;
    std::chrono::steady_clock::time_point deadline_;
    std::optional<Error> failed_;
    bool finished_ = false;
};

}  // namespace meetpoint::http
