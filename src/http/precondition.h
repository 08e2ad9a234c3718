// ETag and If-Match for resources that carry an integer version.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "base/result.h"
#include "http/message.h"

namespace meetpoint::http {

// A strong entity tag: `"7"`.
std::string etagOf(std::uint64_t version);

enum class IfMatch { optional, required };

// The version that the caller's If-Match names; nothing for `*`, or if it is missing and may be. Errors:
// preconditionFailed "if-match-required"; invalidInput "bad-if-match" (a weak tag, a list, or no tag of ours).
Result<std::optional<std::uint64_t>> expectedVersion(const Request& request, IfMatch demand);
// preconditionFailed "version-mismatch", naming the current version.
Result<void> checkVersion(std::optional<std::uint64_t> expected, std::uint64_t current);

}  // namespace meetpoint::http
