#include "api/links.h"

#include "http/parameters.h"

namespace meetpoint::api {

std::string addressOf(const Context& context, const http::Request& request) {
    if (!context.publicUrl.empty()) return context.publicUrl;
    return (context.tls ? "https://" : "http://") + std::string(request.headers.value("Host"));
}

void addNextLink(http::Response& response, const http::Request& request, std::string_view next) {
    const std::string path = request.target.substr(0, request.target.find('?'));
    std::string query;
    for (const auto& [name, value] : request.query)
        if (name != "cursor")
            query += (query.empty() ? "?" : "&") + http::percentEncode(name) + "=" + http::percentEncode(value);
    query += (query.empty() ? "?cursor=" : "&cursor=") + http::percentEncode(next);
    response.headers.add("Link", "<" + path + query + ">; rel=\"next\"");
}

}  // namespace meetpoint::api
