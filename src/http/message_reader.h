// Reads one HTTP/1.1 message after the other from a transport: the head, then the body in pieces. Wraps Beast's parser.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <boost/asio/awaitable.hpp>

#include "base/result.h"
#include "http/message.h"
#include "http/transport.h"

namespace meetpoint::http {

// Bytes that were received and not used yet. Lives as long as the connection: pipelined messages wait in it.
struct ReadBuffer {
    std::vector<char> bytes;
    std::size_t begin = 0;
    std::size_t end = 0;
    std::size_t size() const { return end - begin; }
};

struct MessageHead {
    std::string method;  // of requests
    std::string target;
    int status = 0;  // of answers
    int version = 11;
    bool keepAlive = true;
    bool hasBody = false;
    bool expectsContinue = false;
    std::optional<std::uint64_t> contentLength;
    Headers headers;
};

enum class HeadOutcome { ok, ended, timeout, broken, malformed, tooLarge };

struct ReadTimes {
    Duration first;  // until the first byte
    Duration rest;   // from there to the end of the head
};

class MessageReader {
public:
    enum class Kind { request, response, responseToHead };

    MessageReader(Kind kind, Transport& transport, ReadBuffer& buffer, std::size_t headerBytes);
    ~MessageReader();

    // `ended` if the connection was closed before the first byte. `detail()` says what was malformed.
    boost::asio::awaitable<HeadOutcome> readHead(ReadTimes times);
    const MessageHead& head() const { return head_; }
    const std::string& detail() const { return detail_; }
    // False while the first byte of the head has not come: nobody is harmed if the connection is closed now.
    bool started() const { return started_; }

    // Up to `size` bytes of the body with its chunking taken off; 0 at its end. Sends "100 Continue" first if that is
    // expected. Codes "truncated-body", "bad-chunk", "body-timeout".
    boost::asio::awaitable<Result<std::size_t>> readBody(char* to, std::size_t size, Duration timeout);
    bool bodyDone() const;

private:
    struct Impl;
    boost::asio::awaitable<IoResult> fill(std::size_t capacity);

    Transport& transport_;
    ReadBuffer& buffer_;
    std::size_t headerBytes_;
    std::unique_ptr<Impl> impl_;
    MessageHead head_;
    std::string detail_;
    bool started_ = false;
    bool continueSent_ = false;
};

}  // namespace meetpoint::http
