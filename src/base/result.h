// Result<T>: a value or an Error. Nothing in this project throws across a function boundary of its own.
#pragma once

#include <utility>

#include <tl/expected.hpp>

#include "base/error.h"

namespace meetpoint {

template <class T>
using Result = tl::expected<T, Error>;

inline tl::unexpected<Error> fail(Error error) {
    return tl::unexpected<Error>(std::move(error));
}

}  // namespace meetpoint

// TRY(expression) returns from the enclosing function with the error, if there is one.
// TRY_ASSIGN(auto name, expression) does the same and otherwise takes the value. CO_… are for coroutines.
#define MEETPOINT_JOIN2(a, b) a##b
#define MEETPOINT_JOIN(a, b) MEETPOINT_JOIN2(a, b)
#define MEETPOINT_TRY_IMPL(give_back, expression)                                    \
    do {                                                                             \
        auto try_result = (expression);                                              \
        if (!try_result) give_back ::meetpoint::fail(std::move(try_result).error()); \
    } while (false)
#define MEETPOINT_ASSIGN_IMPL(give_back, temporary, declaration, expression)   \
    auto temporary = (expression);                                             \
    if (!temporary) give_back ::meetpoint::fail(std::move(temporary).error()); \
    declaration = std::move(*temporary)
#define TRY(...) MEETPOINT_TRY_IMPL(return, (__VA_ARGS__))
#define CO_TRY(...) MEETPOINT_TRY_IMPL(co_return, (__VA_ARGS__))
#define TRY_ASSIGN(declaration, ...) \
    MEETPOINT_ASSIGN_IMPL(return, MEETPOINT_JOIN(try_result_, __COUNTER__), declaration, (__VA_ARGS__))
#define CO_TRY_ASSIGN(declaration, ...) \
    MEETPOINT_ASSIGN_IMPL(co_return, MEETPOINT_JOIN(try_result_, __COUNTER__), declaration, (__VA_ARGS__))
