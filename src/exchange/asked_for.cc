#include "exchange/asked_for.h"

namespace meetpoint::exchange {

void AskedFor::add(const std::optional<std::string>& text) {
    hash_.addU64(text ? text->size() + 1 : 0);
    if (text) hash_.add(viewOf(*text));
}

std::string AskedFor::name() {
    const Sha256 digest = hash_.finish();
    return "asked/" + toBase64Url(digest);
}

Id AskedFor::place() {
    const Sha256 digest = hash_.finish();
    return idFromBytes(ByteView(digest).first(Id().bytes.size()));
}

}  // namespace meetpoint::exchange
