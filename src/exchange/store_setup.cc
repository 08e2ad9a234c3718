#include "exchange/store_setup.h"

#include "store/ledger.h"

namespace meetpoint::exchange {
namespace {

constexpr std::string_view kindName = "store-kind";
constexpr std::string_view hashKeyName = "hash-key";
constexpr std::string_view tokenSeedName = "token-seed";
constexpr std::string_view cursorKeyName = "cursor-key";

Bytes randomBytes(Random& random, std::size_t size) {
    Bytes bytes(size);
    random.fill(bytes);
    return bytes;
}

Error unfinishedError() {
    return conflict("store-unfinished",
                    "Another store is being moved into this one and the move has not ended. Run 'meetpoint "
                    "migrate-store' again; it goes on where it was.");
}

}  // namespace

Result<void> setUpStore(store::Db& db, StoreKind kind, Random& random) {
    return db.write(store::ledgerWrite(4), [&](store::Tx& tx) -> Result<void> {
        TRY_ASSIGN(const auto existing, store::findMeta(tx, kindName));
        TRY_ASSIGN(const auto unfinished, store::findMeta(tx, unfinishedName));
        if (unfinished) return fail(unfinishedError());
        if (existing)
            return fail(conflict("store-exists", "This data folder already holds a " + std::string(textOf(*existing)) +
                                                     " store. Name another folder with --data."));
        TRY(store::insertMeta(tx, kindName, viewOf(name(kind))));
        TRY(store::insertMeta(tx, hashKeyName, randomBytes(random, KeyedHash::Key().size())));
        TRY(store::insertMeta(tx, tokenSeedName, randomBytes(random, TokenKey::seedBytes)));
        return store::insertMeta(tx, cursorKeyName, randomBytes(random, 32));
    });
}

Result<StoreIdentity> readIdentity(store::Db& db) {
    StoreIdentity identity;
    TRY(db.read([&](store::Tx& tx) -> Result<void> {
        TRY_ASSIGN(const auto kind, store::findMeta(tx, kindName));
        TRY_ASSIGN(const auto hashKey, store::findMeta(tx, hashKeyName));
        TRY_ASSIGN(const auto seed, store::findMeta(tx, tokenSeedName));
        TRY_ASSIGN(const auto cursorKey, store::findMeta(tx, cursorKeyName));
        TRY_ASSIGN(const auto unfinished, store::findMeta(tx, unfinishedName));
        if (unfinished) return fail(unfinishedError());
        if (!kind)
            return fail(
                conflict("store-not-initialised", "This data folder holds no store yet. Run 'meetpoint init' first."));
        if (!hashKey || hashKey->size() != identity.hashKey.size() || !seed || !cursorKey)
            return fail(corrupt("the store's own secrets are damaged"));
        identity.kind = textOf(*kind) == name(StoreKind::live) ? StoreKind::live : StoreKind::sandbox;
        std::ranges::copy(*hashKey, identity.hashKey.begin());
        TRY_ASSIGN(identity.tokenKey, TokenKey::fromSeed(*seed));
        identity.cursorKey = *cursorKey;
        return {};
    }));
    return identity;
}

}  // namespace meetpoint::exchange
