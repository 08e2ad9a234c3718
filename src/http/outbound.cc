#include "http/outbound.h"

#include <array>
#include <span>

#include <boost/asio/ip/address.hpp>

#include "http/url.h"

namespace meetpoint::http {
namespace {

namespace ip = boost::asio::ip;

template <std::size_t size>
struct Range {
    std::array<std::uint8_t, size> first;
    int bits;
};

// IANA's registries of special-purpose addresses. Of IPv6 only 2000::/3 is in ordinary use, so that what stands here is
// the rest of that.
constexpr Range<4> specialIpv4[] = {
    {{0}, 8},             // this network
    {{10}, 8},            // private
    {{100, 64}, 10},      // shared by a provider's customers
    {{127}, 8},           // loopback
    {{169, 254}, 16},     // link-local, and the metadata service of clouds
    {{172, 16}, 12},      // private
    {{192, 0, 0}, 24},    // protocol assignments
    {{192, 0, 2}, 24},    // documentation
    {{192, 88, 99}, 24},  // relays to IPv6
    {{192, 168}, 16},     // private
    {{198, 18}, 15},      // measurements
    {{198, 51, 100}, 24},
    {{203, 0, 113}, 24},  // documentation
    {{224}, 4},           // multicast
    {{240}, 4},           // reserved, and broadcast
};
constexpr Range<16> specialIpv6[] = {
    {{0x20, 0x01, 0x00}, 23},        // protocol assignments, Teredo among them
    {{0x20, 0x01, 0x0d, 0xb8}, 32},  // documentation
    {{0x20, 0x02}, 16},              // 6to4: carries an IPv4 address
    {{0x3f, 0xff}, 20},              // documentation
};
constexpr Range<16> ordinaryIpv6{{0x20}, 3};

template <std::size_t size>
bool lies(const std::array<unsigned char, size>& address, const Range<size>& range) {
    for (int bit = 0; bit < range.bits; ++bit) {
        const std::size_t byte = static_cast<std::size_t>(bit) / 8;
        const int mask = 0x80 >> (bit % 8);
        if ((address[byte] & mask) != (range.first[byte] & mask)) return false;
    }
    return true;
}

template <std::size_t size>
bool liesInAny(const std::array<unsigned char, size>& address, std::span<const Range<size>> ranges) {
    for (const auto& range : ranges)
        if (lies(address, range)) return true;
    return false;
}

constexpr std::uint16_t securePort = 443, firstUnprivilegedPort = 1024;

Error notAllowed(std::string why) {
    return invalidInput("url-not-allowed", std::move(why));
}

}  // namespace

bool isPublicAddress(std::string_view text) {
    boost::system::error_code error;
    const ip::address address = ip::make_address(std::string(text), error);
    if (error) return false;
    if (address.is_v4()) return !liesInAny(address.to_v4().to_bytes(), std::span<const Range<4>>(specialIpv4));
    const auto bytes = address.to_v6().to_bytes();
    return lies(bytes, ordinaryIpv6) && !liesInAny(bytes, std::span<const Range<16>>(specialIpv6));
}

bool isAllowedAddress(const OutboundRules& rules, std::string_view address) {
    return rules.allowsPrivateAddresses || isPublicAddress(address);
}

Result<void> checkUrl(const OutboundRules& rules, std::string_view text) {
    TRY_ASSIGN(const Url url, parseUrl(text));
    if (!url.secure && !rules.allowsPlainHttp) return fail(notAllowed("The URL must begin with https://."));
    const bool isUsualPort = url.port == securePort || url.port >= firstUnprivilegedPort;
    if (!isUsualPort && !rules.allowsPrivateAddresses)
        return fail(notAllowed("The port of the URL must be 443, or 1024 and above."));
    boost::system::error_code noAddress;
    (void)ip::make_address(url.host, noAddress);
    if (!noAddress && !isAllowedAddress(rules, url.host))
        return fail(notAllowed("The URL names an address that is not one of the public network."));
    return {};
}

}  // namespace meetpoint::http
