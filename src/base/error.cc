#include "base/error.h"

namespace meetpoint {

std::string_view name(ErrorKind kind) {
    switch (kind) {
        case ErrorKind::invalidInput:
            return "invalidInput";
        case ErrorKind::unauthenticated:
            return "unauthenticated";
        case ErrorKind::forbidden:
            return "forbidden";
        case ErrorKind::notFound:
            return "notFound";
        case ErrorKind::conflict:
            return "conflict";
        case ErrorKind::preconditionFailed:
            return "preconditionFailed";
        case ErrorKind::gone:
            return "gone";
        case ErrorKind::tooLarge:
            return "tooLarge";
        case ErrorKind::unsupportedMedia:
            return "unsupportedMedia";
        case ErrorKind::notAcceptable:
            return "notAcceptable";
        case ErrorKind::methodNotAllowed:
            return "methodNotAllowed";
        case ErrorKind::rateLimited:
            return "rateLimited";
        case ErrorKind::unavailable:
            return "unavailable";
        case ErrorKind::timeout:
            return "timeout";
        case ErrorKind::corrupt:
            return "corrupt";
        case ErrorKind::internal:
            return "internal";
    }
    return "internal";
}

}  // namespace meetpoint
