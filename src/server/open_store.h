// Where the store lies: a data folder of this machine, or a database that several nodes share. Nothing above knows
// which.
#pragma once

#include "base/clock.h"
#include "base/log.h"
#include "server/configuration.h"
#include "store/db.h"

namespace meetpoint::server {

// Opens the configured store and brings its schema up to date. A data folder that is missing is not made: its name may
// only be misspelt. Codes: store-not-initialised, those of store::openSqlite and store::openPostgres.
Result<std::unique_ptr<store::Db>> openStore(const Configuration& configuration, const Clock& clock, Random& random,
                                             Log log);

// As openStore, but makes the data folder where it is missing.
Result<std::unique_ptr<store::Db>> makeStore(const Configuration& configuration, const Clock& clock, Random& random,
                                             Log log);

// "in meetpoint-data" or "in the database"; never the database's address, which may hold a password.
std::string placeOf(const Configuration& configuration);

}  // namespace meetpoint::server
