// Proof that the store holds what was acknowledged: every lane's chain and contents.
#pragma once

#include "store/lane_verifier.h"

namespace meetpoint::exchange {

// All lanes, in order; `progress` is told of each when it is done. Reads everything.
Result<std::vector<store::LaneProof>> verifyStore(store::Db& db, const store::Lanes& lanes,
                                                  const std::function<void(const store::LaneProof&)>& progress);

}  // namespace meetpoint::exchange
