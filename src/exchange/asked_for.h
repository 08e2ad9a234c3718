// Everything that was asked, put into a few bytes, so that a cursor belongs to its question and to no other.
#pragma once

#include <optional>

#include "base/hash.h"
#include "base/id.h"
#include "base/time.h"

namespace meetpoint::exchange {

// Each part is added in the same order, also where it was not asked for. No two lists of parts give the same name.
class AskedFor {
public:
    // `what`: "calls".
    explicit AskedFor(std::string_view what) { add(std::optional<std::string>(what)); }

    void add(const std::optional<std::string>& text);
    void add(const std::optional<Id>& id) { add(id ? std::optional(formatId(*id)) : std::nullopt); }
    void add(std::optional<std::int64_t> number) {
        add(number ? std::optional(std::to_string(*number)) : std::nullopt);
    }
    void add(const std::optional<Instant>& at) { add(at ? std::optional<std::int64_t>(at->ms) : std::nullopt); }
    template <class Enum>
    requires std::is_enum_v<Enum>
    void add(const std::optional<Enum>& word) {
        add(word ? std::optional<std::int64_t>(static_cast<std::int64_t>(*word)) : std::nullopt);
    }
    void add(const std::optional<bool>& flag) { add(flag ? std::optional<std::int64_t>(*flag ? 1 : 0) : std::nullopt); }
    // Texts or numbers, as many as there are.
    template <class T>
    void addAll(const std::vector<T>& list) {
        add(std::optional(static_cast<std::int64_t>(list.size())));
        for (const T& one : list)
            add(std::optional(one));
    }

    // Of all that was added; once. For cursors (exchange/cursors.h), and a place of 16 bytes.
    std::string name();
    Id place();

private:
    Sha256Builder hash_;
};

}  // namespace meetpoint::exchange
