#include "exchange/verify.h"

namespace meetpoint::exchange {

Result<std::vector<store::LaneProof>> verifyStore(store::Db& db, const store::Lanes& lanes,
                                                  const std::function<void(const store::LaneProof&)>& progress) {
    std::vector<store::LaneId> ids;
    TRY(db.read([&](store::Tx& tx) -> Result<void> {
        TRY_ASSIGN(ids, lanes.list(tx));
        return {};
    }));
    std::vector<store::LaneProof> proofs;
    for (const store::LaneId lane : ids) {
        TRY(db.read([&](store::Tx& tx) -> Result<void> {
            TRY_ASSIGN(auto proof, store::verifyLane(tx, lanes, lane));
            proofs.push_back(std::move(proof));
            return {};
        }));
        progress(proofs.back());
    }
    return proofs;
}

}  // namespace meetpoint::exchange
