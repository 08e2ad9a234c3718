// SIP URIs: the part of RFC 3261 §25.1 that an assignment uses.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"

namespace meetpoint::domain {

// `sip:` or `sips:`, user, `@`, host name or address, optional port and parameters; at most 256 characters. Gives the
// URI back with scheme and host in lower case. Code "bad-sip-uri".
Result<std::string> readSipUri(std::string_view text);

// What a template may name, in braces.
struct SipUriParts {
    std::string number;             // {number}: E.164 with a plus
    std::string domain;             // {domain}: the tenant's SIP domain
    std::string userPrincipalName;  // {userPrincipalName}; {userName} is what stands before its @
    std::string targetId;           // {targetId}
};
inline constexpr std::string_view defaultSipUriTemplate = "sip:{number}@{domain}";
// Fills in a template such as "sip:{userName}@{domain};user=phone" and reads what results. Codes "bad-sip-uri",
// "bad-sip-uri-template": it names something else, or what it names is empty for this target.
Result<std::string> sipUriFromTemplate(std::string_view text, const SipUriParts& parts);

}  // namespace meetpoint::domain
