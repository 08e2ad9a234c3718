// Any bytes as an access token and as a cursor: none that was not made with the key is taken.
#include "exchange/cursors.h"
#include "exchange/tokens.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace meetpoint;
    static const exchange::TokenKey tokens = *exchange::TokenKey::fromSeed(Bytes(exchange::TokenKey::seedBytes, 42));
    static const exchange::CursorKey cursors(Bytes(32, 42));
    static const Instant now{1'772'000'000'000};
    static const domain::Caller caller{"client", domain::Role::carrier, {Id{{1}}}, std::nullopt, {"calls.read"}};
    static const std::string genuineToken =
        tokens.issue(caller, exchange::StoreKind::sandbox, Id{{2}}, now, minutes(30));
    static const std::string genuineCursor = cursors.write("calls/1", 7, "client");

    const std::string_view text(reinterpret_cast<const char*>(data), size);
    if (const auto read = tokens.verify(text, exchange::StoreKind::sandbox, now); read && text != genuineToken)
        __builtin_trap();
    if (const auto read = cursors.read(text, "calls/1", "client"); read && text != genuineCursor) __builtin_trap();
    // The genuine signature over other words.
    const std::string forged = std::string(text) + genuineToken.substr(genuineToken.rfind('.'));
    if (tokens.verify(forged, exchange::StoreKind::sandbox, now) && forged != genuineToken) __builtin_trap();
    return 0;
}
