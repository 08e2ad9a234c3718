// Stands between a store and its PostgreSQL server, and cuts a connection in the middle of a COMMIT when it is told to.
// Never part of the product.
#pragma once

#include <atomic>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "store/testing/test_store.h"

namespace meetpoint::store::testing {

class LossyRelay {
public:
    enum class Loss {
        none,
        request,  // the server never hears of the COMMIT
        answer,   // it has committed, and nobody hears of that
    };

    // Listens beside the files of the place, which must be one on PostgreSQL whose server has a Unix socket.
    explicit LossyRelay(const StorePlace& place);
    ~LossyRelay();
    LossyRelay(const LossyRelay&) = delete;
    LossyRelay& operator=(const LossyRelay&) = delete;

    // The place's database by way of the relay; empty where the server has no Unix socket.
    const std::string& database() const { return database_; }
    // What befalls the next COMMIT of any connection; the ones after it pass.
    void loseNextCommit(Loss loss) { next_ = loss; }
    // Whether it has befallen one.
    bool hasLost() const { return next_ == Loss::none; }

private:
    void acceptLoop();
    void pass(int client);
    void forget(int descriptor);

    std::string database_, server_;
    int listening_ = -1;
    std::atomic<Loss> next_ = Loss::none;
    std::mutex mutex_;
    std::vector<int> open_;  // descriptors that the destructor ends
    bool stopping_ = false;
    std::vector<std::thread> passing_;
    std::thread accepting_;
};

}  // namespace meetpoint::store::testing
