// Any bytes as each of the texts that the domain reads: times, ids, telephone numbers, SIP URIs, encodings. What was
// read is read the same from its own spelling.
#include "base/bytes.h"
#include "base/id.h"
#include "base/time.h"
#include "domain/phone_number.h"
#include "domain/sip_uri.h"

namespace {

// Says which promise broke before it stops: a trap alone does not.
void expect(bool holds, const char* promise) {
    if (holds) return;
    std::fprintf(stderr, "%s is not read the same from its own spelling\n", promise);
    std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace meetpoint;
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    if (const auto at = parseInstant(text)) expect(*parseInstant(formatInstant(*at)) == *at, "an instant");
    if (const auto day = parseDay(text)) expect(parseDay(formatDay(*day))->number == day->number, "a day");
    if (const auto id = parseId(text)) expect(*parseId(formatId(*id)) == *id, "an id");
    if (const auto number = domain::readE164(text)) expect(domain::format(*number) == text, "an E.164 number");
    if (const auto masked = domain::readMasked(text)) expect(domain::format(*masked) == text, "a masked number");
    if (const auto uri = domain::readSipUri(text)) expect(*domain::readSipUri(*uri) == *uri, "a SIP URI");
    if (const auto hex = fromHex(text)) expect(*fromHex(toHex(*hex)) == *hex, "hexadecimal");
    if (const auto bytes = fromBase64(text)) expect(*fromBase64(toBase64(*bytes)) == *bytes, "base64");
    if (const auto bytes = fromBase64Url(text)) expect(toBase64Url(*bytes) == text, "base64url");
    for (const char* region : {"", "CH", "US"})
        if (const auto number = domain::interpret(text.substr(0, 64), region); number)
            expect(domain::readE164(domain::format(*number)) == number, "an interpreted number");
    return 0;
}
