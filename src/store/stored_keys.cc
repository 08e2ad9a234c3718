#include "store/stored_keys.h"

#include "store/lanes.h"

namespace meetpoint::store {

using columns::Part;

Result<std::string> StoredKeys::at(std::int64_t sequence) {
    if (!stretch_ || !stretch_->has(sequence)) stretch_ = recent_.find(lane_, sequence);
    if (stretch_) return std::string(textOf(stretch_->at(sequence)));
    if (!core_ || sequence < first_ || sequence >= first_ + static_cast<std::int64_t>(core_->rows()))
        TRY(load(sequence));
    return std::string(textOf((*core_)[column_].valueBytes(static_cast<std::size_t>(sequence - first_))));
}

Result<void> StoredKeys::load(std::int64_t sequence) {
    first_ = -1;
    TRY(
        tx_.query("SELECT first_sequence FROM blocks WHERE shard_key = $1 AND kind = $2 AND first_sequence <= $3 "
                  "ORDER BY first_sequence DESC LIMIT 1",
                  {lane_.shardKey, lane_.kindNumber(), sequence}, [&](const Row& row) { first_ = row.integer(0); }));
    columns::ColumnSet wanted;
    wanted.wanted.resize(static_cast<std::size_t>(column_) + 1, false);
    wanted.wanted.back() = true;
    TRY_ASSIGN(core_, readPart(tx_, lane_, first_, Part::core, wanted));
    if (sequence >= first_ + static_cast<std::int64_t>(core_->rows()))
        return fail(corrupt("the key index points at a record that is not there"));
    return {};
}

}  // namespace meetpoint::store
