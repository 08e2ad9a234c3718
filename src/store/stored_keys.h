// The keys of stored records, by sequence: what an entry of the key index is confirmed on.
#pragma once

#include "store/recent_keys.h"

namespace meetpoint::store {

// Asked in order of sequence it decodes each block's key column once. Lives within one transaction that has locked the
// lane, so that nothing moves.
class StoredKeys {
public:
    StoredKeys(Tx& tx, LaneId lane, const RecentKeys& recent)
        : tx_(tx), lane_(lane), column_(columns::schemaOf(lane.kind).key), recent_(recent) {}

    // The key of the record at that sequence. Code "corrupt-data" if there is none.
    Result<std::string> at(std::int64_t sequence);

private:
    Result<void> load(std::int64_t sequence);

    Tx& tx_;
    LaneId lane_;
    int column_;
    const RecentKeys& recent_;
    std::shared_ptr<const RecentKeys::Stretch> stretch_;  // null: not kept
    std::int64_t first_ = -1;
    std::optional<columns::Batch> core_;
};

}  // namespace meetpoint::store
