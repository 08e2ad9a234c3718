// Whom a server may call when somebody else chose the address: without rules, whoever names a URL reaches through the
// server into the network that it stands in.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"

namespace meetpoint::http {

struct OutboundRules {
    bool allowsPlainHttp = false;
    bool allowsPrivateAddresses = false;  // and any port with them
};

// Whether an address ("192.0.2.1", "2001:db8::1") is an ordinary one of the public network: not private, loopback,
// link-local, shared (CGNAT), multicast, unique-local, reserved, for documentation, or one of IPv6 that carries an IPv4
// address. What is no address is none.
bool isPublicAddress(std::string_view address);

// Whether the address that a connection is about to be made to is allowed. Ask it of the addresses that a name gave,
// and connect to those (ClientOptions::allowAddress): a name that is asked twice may answer otherwise.
bool isAllowedAddress(const OutboundRules& rules, std::string_view address);

// What can be said of a URL before its name is resolved. Codes "bad-url"; "url-not-allowed": plain http, a port that is
// neither 443 nor 1024 or above, an address that is not allowed.
Result<void> checkUrl(const OutboundRules& rules, std::string_view url);

}  // namespace meetpoint::http
