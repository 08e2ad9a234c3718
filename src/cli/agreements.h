// meetpoint agreements: what platform and carrier agree on about comparing and counting durations.
#pragma once

#include <functional>
#include <iosfwd>
#include <string>
#include <vector>

#include "cli/exchange_session.h"

namespace meetpoint::cli {

enum class AgreementsTask { list, show, propose, sign, decline, withdraw };

// Words are those of the API, which refuses what it does not know.
struct AgreementsOptions {
    AgreementsTask task = AgreementsTask::list;
    ExchangeAccess access;
    std::string state, inForceOn;  // list
    std::size_t limit = 0;         // 0: all
    std::string id;                // show, sign, decline, withdraw
    std::string version;           // sign, decline, withdraw: as it was read
    std::string reason;            // decline
    // propose; empty: not agreed, or the API's default
    std::string validFrom, toleranceMs, tolerancePerMille;
    std::string increments;  // "60/60": seconds charged first, and seconds of every further step
    std::string durationBasis, timeZone, cycleStartDay, dueAfterHours, closeAfterHours;
    std::vector<std::string> directions;  // with the next two the scope; all calls where they are left out
    bool answeredOnly = false, noOnNet = false;
};

// Blocks until everything is done. 0 fine, 1 the exchange refused the request, 2 usage, 3 failure.
int runAgreements(const AgreementsOptions& options, std::ostream& out, std::ostream& err);
void addAgreementsCommand(CLI::App& app, std::function<void(const AgreementsOptions&)> run);

}  // namespace meetpoint::cli
