// Fresh stores for tests, of every kind that a suite runs on: SQLite always, PostgreSQL where MEETPOINT_TEST_POSTGRES
// names a server (./dev test starts one of its own). Never part of the product.
#pragma once

#include <filesystem>
#include <ostream>

#include "base/clock.h"
#include "store/postgres.h"
#include "store/sqlite.h"

namespace meetpoint::store::testing {

enum class StoreEngine { sqlite, postgres };
inline constexpr StoreEngine storeEngines[] = {StoreEngine::sqlite, StoreEngine::postgres};
std::string_view name(StoreEngine engine);
std::ostream& operator<<(std::ostream& out, StoreEngine engine);
// False where the environment names no server: a test of it skips, and says so.
bool isAvailable(StoreEngine engine);

// A place for one store that is new and empty, and gone with this object: a folder, or a schema of its own in the
// server's database.
class StorePlace {
public:
    explicit StorePlace(StoreEngine engine);
    ~StorePlace();
    StorePlace(const StorePlace&) = delete;
    StorePlace& operator=(const StorePlace&) = delete;

    StoreEngine engine() const { return engine_; }
    const std::filesystem::path& folder() const {
        return folder_;
    }                                                          // also of a PostgreSQL place, for files beside the store
    const std::string& database() const { return database_; }  // an address, or empty

    // Opens the store; what is there stays. Several at once only where the engine shares.
    Result<std::unique_ptr<Db>> open(const Clock& clock, const SqliteLimits& sqlite = {},
                                     const PostgresLimits& postgres = {}) const;
    // The same as a program does that knows only these steps of its engine's schema.
    Result<std::unique_ptr<Db>> openKnowing(KnownSteps known, const Clock& clock) const;
    // All steps of its engine's schema.
    KnownSteps steps() const;

private:
    StoreEngine engine_;
    std::filesystem::path folder_;
    std::string database_, schema_;
};

}  // namespace meetpoint::store::testing

// For test cases named after their engine: INSTANTIATE_TEST_SUITE_P(Stores, Suite, MEETPOINT_STORES,
// meetpoint::store::testing::nameOfCase)
#define MEETPOINT_STORES ::testing::ValuesIn(::meetpoint::store::testing::storeEngines)
namespace meetpoint::store::testing {
template <class Info>
std::string nameOfCase(const Info& info) {
    return std::string(name(info.param));
}
}  // namespace meetpoint::store::testing
