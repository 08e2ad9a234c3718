#include "store/testing/test_store.h"

#include <atomic>
#include <cstdlib>
#include <stdexcept>

#include <fmt/format.h>
#include <unistd.h>

#include "store/postgres_connection.h"

namespace meetpoint::store::testing {
namespace {

namespace fs = std::filesystem;

std::string serverAddress() {
    const char* address = std::getenv("MEETPOINT_TEST_POSTGRES");
    return address ? address : "";
}

// A script on the server's own database; a test cannot go on without it.
void runOnServer(const std::string& sql) {
    const auto connection = PostgresConnection::open({.address = serverAddress()});
    if (!connection) throw std::runtime_error("MEETPOINT_TEST_POSTGRES: " + connection.error().internal);
    if (const auto done = (*connection)->script(sql); !done) throw std::runtime_error(done.error().internal);
}

}  // namespace

std::string_view name(StoreEngine engine) {
    return engine == StoreEngine::sqlite ? "sqlite" : "postgres";
}
std::ostream& operator<<(std::ostream& out, StoreEngine engine) {
    return out << name(engine);
}

bool isAvailable(StoreEngine engine) {
    return engine == StoreEngine::sqlite || !serverAddress().empty();
}

StorePlace::StorePlace(StoreEngine engine) : engine_(engine) {
    static std::atomic<int> counter = 0;
    const std::string unique = fmt::format("meetpoint_test_{}_{}", ::getpid(), counter++);
    folder_ = fs::temp_directory_path() / unique;
    fs::remove_all(folder_);
    if (engine == StoreEngine::sqlite) return;
    fs::create_directories(folder_);
    if (!isAvailable(engine)) return;
    schema_ = unique;
    runOnServer("DROP SCHEMA IF EXISTS " + schema_ + " CASCADE; CREATE SCHEMA " + schema_);
    const std::string server = serverAddress();
    database_ = server + (server.find('?') == std::string::npos ? "?" : "&") + "application_name=" + schema_ +
                "&options=-csearch_path%3D" + schema_;
}

StorePlace::~StorePlace() {
    std::error_code ignored;  // a folder that stays is the next run's to remove
    fs::remove_all(folder_, ignored);
    if (!schema_.empty()) runOnServer("DROP SCHEMA " + schema_ + " CASCADE");
}

Result<std::unique_ptr<Db>> StorePlace::open(const Clock& clock, const SqliteLimits& sqlite,
                                             const PostgresLimits& postgres) const {
    if (engine_ == StoreEngine::sqlite) return openSqlite(folder_, sqlite, clock, silentLog());
    SystemRandom random;
    return openPostgres(database_, postgres, clock, random, silentLog());
}

Result<std::unique_ptr<Db>> StorePlace::openKnowing(KnownSteps known, const Clock& clock) const {
    if (engine_ == StoreEngine::sqlite) return openSqlite(folder_, {}, clock, silentLog(), known);
    SystemRandom random;
    return openPostgres(database_, {}, clock, random, silentLog(), known);
}

KnownSteps StorePlace::steps() const {
    return engine_ == StoreEngine::sqlite ? sqliteSchema().steps : postgresSchema().steps;
}

}  // namespace meetpoint::store::testing
