#include "http/problem.h"

#include <fmt/format.h>

#include "base/json_text.h"
#include "http/json.h"

namespace meetpoint::http {

int statusOf(ErrorKind kind) {
    switch (kind) {
        // Malformed and well-formed but wrong input alike: a caller fixes both the same way, and `code` says which it
        // is.
        case ErrorKind::invalidInput:
            return 400;
        case ErrorKind::unauthenticated:
            return 401;
        case ErrorKind::forbidden:
            return 403;
        case ErrorKind::notFound:
            return 404;
        case ErrorKind::methodNotAllowed:
            return 405;
        case ErrorKind::notAcceptable:
            return 406;
        case ErrorKind::conflict:
            return 409;
        case ErrorKind::gone:
            return 410;
        case ErrorKind::preconditionFailed:
            return 412;
        case ErrorKind::tooLarge:
            return 413;
        case ErrorKind::unsupportedMedia:
            return 415;
        case ErrorKind::rateLimited:
            return 429;
        case ErrorKind::internal:
            return 500;
        case ErrorKind::corrupt:
            return 500;  // our stored bytes; what a caller sent wrong is invalidInput
        case ErrorKind::unavailable:
            return 503;
        case ErrorKind::timeout:
            return 504;
    }
    return 500;
}

std::string_view reasonPhrase(int status) {
    switch (status) {
        case 200:
            return "OK";
        case 201:
            return "Created";
        case 202:
            return "Accepted";
        case 204:
            return "No Content";
        case 207:
            return "Multi-Status";
        case 302:
            return "Found";
        case 303:
            return "See Other";
        case 304:
            return "Not Modified";
        case 307:
            return "Temporary Redirect";
        case 400:
            return "Bad Request";
        case 401:
            return "Unauthorized";
        case 403:
            return "Forbidden";
        case 404:
            return "Not Found";
        case 405:
            return "Method Not Allowed";
        case 406:
            return "Not Acceptable";
        case 408:
            return "Request Timeout";
        case 409:
            return "Conflict";
        case 410:
            return "Gone";
        case 412:
            return "Precondition Failed";
        case 413:
            return "Content Too Large";
        case 415:
            return "Unsupported Media Type";
        case 422:
            return "Unprocessable Content";
        case 429:
            return "Too Many Requests";
        case 431:
            return "Request Header Fields Too Large";
        case 500:
            return "Internal Server Error";
        case 501:
            return "Not Implemented";
        case 503:
            return "Service Unavailable";
        case 504:
            return "Gateway Timeout";
        default:
            return "Other";
    }
}

std::string problemJson(const Error& error, int status, std::string_view requestId) {
    std::string out = "{\"type\":";
    appendRepairedJsonText("urn:meetpoint:problem:" + error.code, out);
    out += ",\"title\":";
    appendRepairedJsonText(reasonPhrase(status), out);
    out += fmt::format(",\"status\":{},\"detail\":", status);
    appendRepairedJsonText(error.message, out);
    out += ",\"requestId\":";
    appendRepairedJsonText(requestId, out);
    if (!error.faults.empty()) {
        out += ",\"errors\":[";
        for (const Fault& fault : error.faults) {
            if (&fault != &error.faults.front()) out += ',';
            out += "{\"pointer\":";
            appendRepairedJsonText(fault.pointer, out);
            out += ",\"code\":";
            appendRepairedJsonText(fault.code, out);
            out += ",\"detail\":";
            appendRepairedJsonText(fault.message, out);
            if (fault.line) out += fmt::format(",\"line\":{}", fault.line);
            out += '}';
        }
        out += ']';
    }
    out += '}';
    return out;
}

Response problemResponse(const Error& error, std::string_view requestId, int status) {
    Response response;
    response.status = status ? status : statusOf(error.kind);
    response.mediaType = "application/problem+json";
    response.body = problemJson(error, response.status, requestId);
    if (error.retryAfterSeconds > 0) response.headers.add("Retry-After", std::to_string(error.retryAfterSeconds));
    return response;
}

}  // namespace meetpoint::http
