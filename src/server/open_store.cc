#include "server/open_store.h"

namespace meetpoint::server {

Result<std::unique_ptr<store::Db>> openStore(const Configuration& configuration, const Clock& clock, Random& random,
                                             Log log) {
    std::error_code unseen;
    if (configuration.database.empty() && !std::filesystem::exists(configuration.data, unseen) && !unseen)
        return fail(conflict("store-not-initialised",
                             "There is no data folder " + configuration.data.string() +
                                 ". Make a store with 'meetpoint init', or name its folder with --data."));
    return makeStore(configuration, clock, random, std::move(log));
}

Result<std::unique_ptr<store::Db>> makeStore(const Configuration& configuration, const Clock& clock, Random& random,
                                             Log log) {
    if (!configuration.database.empty())
        return store::openPostgres(configuration.database, configuration.databaseLimits, clock, random, std::move(log));
    return store::openSqlite(configuration.data, configuration.store, clock, std::move(log));
}

std::string placeOf(const Configuration& configuration) {
    return configuration.database.empty() ? "in " + configuration.data.string() : "in the database";
}

}  // namespace meetpoint::server
