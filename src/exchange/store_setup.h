// A new store's own values: its kind and its secrets. Made once by `meetpoint init`.
#pragma once

#include "exchange/tokens.h"

namespace meetpoint::exchange {

struct StoreIdentity {
    StoreKind kind = StoreKind::sandbox;
    KeyedHash::Key hashKey{};  // of the key index and the filters
    TokenKey tokenKey;
    Bytes cursorKey;  // signs cursors
};

// Code "store-exists" if the store has been set up before.
Result<void> setUpStore(store::Db& db, StoreKind kind, Random& random);
// The row of `meta` that a store has while it is being moved into; see move_store.
inline constexpr std::string_view unfinishedName = "unfinished-move";

// Codes: "store-not-initialised": run `meetpoint init` first; "store-unfinished": a move into it has not ended.
Result<StoreIdentity> readIdentity(store::Db& db);

}  // namespace meetpoint::exchange
