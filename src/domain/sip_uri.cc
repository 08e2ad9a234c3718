#include "domain/sip_uri.h"

#include <algorithm>
#include <cctype>

namespace meetpoint::domain {
namespace {

constexpr std::size_t maxLength = 256;

bool isAlphanumeric(char c) {
    return std::isalnum(static_cast<unsigned char>(c)) != 0;
}

// "%" HEXDIG HEXDIG at the beginning of it.
bool isEscape(std::string_view text) {
    return text.size() >= 3 && text[0] == '%' && std::isxdigit(static_cast<unsigned char>(text[1])) &&
           std::isxdigit(static_cast<unsigned char>(text[2]));
}

// unreserved / escaped / user-unreserved, RFC 3261 §25.1
bool isUser(std::string_view user) {
    for (std::size_t i = 0; i < user.size(); ++i) {
        if (isAlphanumeric(user[i]) || std::string_view("-_.!~*'()&=+$,;?/").find(user[i]) != std::string_view::npos)
            continue;
        if (!isEscape(user.substr(i))) return false;
        i += 2;
    }
    return !user.empty();
}

bool isHost(std::string_view host) {
    if (host.starts_with('[')) {
        return host.ends_with(']') && host.size() > 4 &&
               std::ranges::all_of(host.substr(1, host.size() - 2), [](char c) {
                   return std::isxdigit(static_cast<unsigned char>(c)) || c == ':' || c == '.';
               });
    }
    std::size_t labelStart = 0;
    for (std::size_t i = 0; i <= host.size(); ++i) {
        if (i < host.size() && host[i] != '.') {
            if (!isAlphanumeric(host[i]) && host[i] != '-') return false;
            continue;
        }
        const std::string_view label = host.substr(labelStart, i - labelStart);
        if (label.empty() || label.size() > 63 || label.front() == '-' || label.back() == '-') return false;
        labelStart = i + 1;
    }
    return !host.empty();
}

bool isPort(std::string_view port) {
    return !port.empty() && port.size() <= 5 &&
           std::ranges::all_of(port, [](char c) { return c >= '0' && c <= '9'; }) &&
           std::stoi(std::string(port)) <= 65535;
}

// paramchar = param-unreserved / unreserved / escaped
bool isParameterText(std::string_view text) {
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (isAlphanumeric(text[i]) || std::string_view("[]/:&+$-_.!~*'()").find(text[i]) != std::string_view::npos)
            continue;
        if (!isEscape(text.substr(i))) return false;
        i += 2;
    }
    return !text.empty();
}

// *( ";" pname [ "=" pvalue ] ), RFC 3261 §25.1
bool areParameters(std::string_view parameters) {
    while (!parameters.empty()) {
        parameters.remove_prefix(1);  // the semicolon
        const std::string_view one = parameters.substr(0, parameters.find(';'));
        const std::size_t equals = one.find('=');
        if (!isParameterText(one.substr(0, equals))) return false;
        if (equals != std::string_view::npos && !isParameterText(one.substr(equals + 1))) return false;
        parameters.remove_prefix(one.size());
    }
    return true;
}

std::string lower(std::string_view text) {
    std::string out(text);
    std::ranges::transform(out, out.begin(), [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    return out;
}

}  // namespace

Result<std::string> readSipUri(std::string_view text) {
    const auto bad = [&] {
        return fail(invalidInput("bad-sip-uri", "'" + std::string(text.substr(0, 80)) +
                                                    "' is not a SIP URI; write e.g. sip:anna@example.com"));
    };
    const std::size_t colon = text.find(':');
    const std::size_t at = text.rfind('@');
    if (text.size() > maxLength || colon == std::string_view::npos || at == std::string_view::npos || at < colon)
        return bad();
    const std::string scheme = lower(text.substr(0, colon));
    const std::string_view user = text.substr(colon + 1, at - colon - 1);
    const std::string_view rest = text.substr(at + 1);
    const std::size_t semicolon = std::min(rest.find(';'), rest.size());
    const std::string_view hostPort = rest.substr(0, semicolon);
    const std::size_t portColon =
        hostPort.starts_with('[') ? hostPort.find(':', hostPort.find(']')) : hostPort.find(':');
    const std::string_view host = hostPort.substr(0, portColon);
    const bool portGood = portColon == std::string_view::npos || isPort(hostPort.substr(portColon + 1));
    if ((scheme != "sip" && scheme != "sips") || !isUser(user) || !isHost(host) || !portGood ||
        !areParameters(rest.substr(semicolon)))
        return bad();
    return scheme + ":" + std::string(user) + "@" + lower(hostPort) + std::string(rest.substr(semicolon));
}

Result<std::string> sipUriFromTemplate(std::string_view text, const SipUriParts& parts) {
    const std::string userName = parts.userPrincipalName.substr(0, parts.userPrincipalName.find('@'));
    const std::pair<std::string_view, std::string_view> known[] = {{"number", parts.number},
                                                                   {"domain", parts.domain},
                                                                   {"userPrincipalName", parts.userPrincipalName},
                                                                   {"userName", userName},
                                                                   {"targetId", parts.targetId}};
    std::string uri;
    while (!text.empty()) {
        const std::size_t open = std::min(text.find('{'), text.size());
        uri += text.substr(0, open);
        text.remove_prefix(open);
        if (text.empty()) break;
        const std::size_t close = text.find('}');
        const std::string_view word = close == std::string_view::npos ? text : text.substr(1, close - 1);
        const auto found = std::ranges::find(known, word, [](const auto& pair) { return pair.first; });
        if (close == std::string_view::npos || found == std::end(known) || found->second.empty())
            return fail(invalidInput("bad-sip-uri-template",
                                     "The tenant's template for SIP URIs names '" + std::string(word.substr(0, 40)) +
                                         "', which this number and target do not have. Give 'sipUri' yourself."));
        uri += found->second;
        text.remove_prefix(close + 1);
    }
    return readSipUri(uri);
}

}  // namespace meetpoint::domain
