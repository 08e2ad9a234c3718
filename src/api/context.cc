#include "api/context.h"

namespace meetpoint::api {

Result<std::optional<std::string>> idempotencyKeyOf(const http::Request& request) {
    const auto key = request.headers.get("Idempotency-Key");
    if (!key) return std::optional<std::string>();
    if (key->empty() || key->size() > longestIdempotencyKey)
        return fail(invalidInput("bad-idempotency-key", "An Idempotency-Key has 1 to 255 characters."));
    return std::optional(std::string(*key));
}

}  // namespace meetpoint::api
