// What can go wrong, without a word of HTTP: the kind says who must react, the code is stable and documented, the
// message is for the caller. What only the operator may see goes to `internal` and from there to the log.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace meetpoint {

// Who must react, and how. `http` maps each kind to one status.
enum class ErrorKind {
    invalidInput,        // the caller must change what it sent
    unauthenticated,     // the caller must identify itself
    forbidden,           // the caller may not do this, whoever asks
    notFound,            // it does not exist, or is not the caller's: both answer alike
    conflict,            // the state of the thing does not allow it
    preconditionFailed,  // the caller's version of the thing is old
    gone,                // it existed, and is no longer kept
    tooLarge,            // over a named limit of size
    unsupportedMedia,    // a format or encoding that is not read here
    notAcceptable,       // a format that is not written here
    methodNotAllowed,    // the path exists, the method does not
    rateLimited,         // try again after `retryAfterSeconds`
    unavailable,         // try again later: the exchange cannot do it now
    timeout,             // the deadline passed before the work was done
    corrupt,             // stored or sent bytes fail their checks
    internal,            // a defect or a broken machine; the caller can do nothing
};

// One fault inside a larger input. `pointer` is a JSON pointer (RFC 6901) into that input; `line` is 1-based, 0
// unknown.
struct Fault {
    std::string pointer;
    std::string code;
    std::string message;
    std::size_t line = 0;
};

struct Error {
    ErrorKind kind = ErrorKind::internal;
    std::string code;      // stable, kebab-case, e.g. "cursor-expired"; documented in docs/reference/problems.md
    std::string message;   // for the caller: what is wrong and what to do next; never a secret, never a full number
    std::string internal;  // for the log
    std::vector<Fault> faults;
    int retryAfterSeconds = 0;

    // The same error with "CONTEXT: " before its message, for naming a file or a step on the way up.
    Error prefixed(std::string_view context) && {
        message = std::string(context) + ": " + message;
        return std::move(*this);
    }
};

inline Error invalidInput(std::string code, std::string message) {
    return {ErrorKind::invalidInput, std::move(code), std::move(message), {}, {}, 0};
}
inline Error notFound(std::string message) {
    return {ErrorKind::notFound, "not-found", std::move(message), {}, {}, 0};
}
inline Error conflict(std::string code, std::string message) {
    return {ErrorKind::conflict, std::move(code), std::move(message), {}, {}, 0};
}
inline Error corrupt(std::string message) {
    return {ErrorKind::corrupt, "corrupt-data", std::move(message), {}, {}, 0};
}
// A defect or a broken machine. `what` goes to the log only.
inline Error internalError(std::string what) {
    return {ErrorKind::internal,
            "internal-error",
            "The exchange could not finish this. Nothing was changed. Quote the request id when you report it.",
            std::move(what),
            {},
            0};
}

// A stable lower-case word for a kind, for logs and metrics.
std::string_view name(ErrorKind kind);

}  // namespace meetpoint
