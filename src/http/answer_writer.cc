#include "http/answer_writer.h"

#include <fmt/format.h>

#include "http/problem.h"

namespace meetpoint::http {

bool statusHasNoBody(int status) {
    return status == 204 || status == 304 || status < 200;
}

void appendField(std::string& out, std::string_view name, std::string_view value) {
    const auto append = [&](std::string_view text) {
        for (const char c : text)
            out += c == '\r' || c == '\n' || c == '\0' ? ' ' : c;
    };
    append(name);
    out += ": ";
    append(value);
    out += "\r\n";
}

std::string responseHead(const Response& response, const HeadOptions& options) {
    std::string out = fmt::format("HTTP/1.1 {} {}\r\n", response.status, reasonPhrase(response.status));
    appendField(out, "Date", httpDate(options.now));
    appendField(out, "X-Request-Id", options.requestId);
    if (!response.mediaType.empty() && !statusHasNoBody(response.status))
        appendField(out, "Content-Type", response.mediaType);
    if (options.framing == Framing::length) appendField(out, "Content-Length", std::to_string(response.body.size()));
    if (options.framing == Framing::chunked) appendField(out, "Transfer-Encoding", "chunked");
    if (options.close) appendField(out, "Connection", "close");
    for (const auto& [name, value] : response.headers)
        appendField(out, name, value);
    if (options.constant)
        for (const auto& [name, value] : *options.constant)
            if (!response.headers.has(name)) appendField(out, name, value);
    out += "\r\n";
    return out;
}

std::string chunkOf(std::string_view piece) {
    if (piece.empty()) return "";
    std::string out = fmt::format("{:x}\r\n", piece.size());
    out += piece;
    out += "\r\n";
    return out;
}

std::string httpDate(Instant at) {
    constexpr std::string_view dayNames[] = {"Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"};  // day 0 was a Thursday
    constexpr std::string_view monthNames[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                               "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
    const Day day = dayOf(at);
    const CivilDate date = civilFromDays(day.number);
    const std::int64_t second = (at - startOf(day)).ms / 1000;
    return fmt::format("{}, {:02} {} {:04} {:02}:{:02}:{:02} GMT", dayNames[((day.number % 7) + 7) % 7], date.day,
                       monthNames[date.month - 1], date.year, second / 3600, second / 60 % 60, second % 60);
}

}  // namespace meetpoint::http
