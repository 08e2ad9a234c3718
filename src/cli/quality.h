// meetpoint quality: key figures of a running exchange's calls, what stands out in them, and alerts.
#pragma once

#include <functional>
#include <iosfwd>
#include <string>
#include <vector>

#include "cli/exchange_session.h"

namespace meetpoint::cli {

enum class QualityTask { figures, findings, alerts };

// Words are those of the API, which refuses what it does not know.
struct QualityOptions {
    QualityTask task = QualityTask::figures;
    ExchangeAccess access;
    std::string from, to;  // instants, or dates in `timeZone`
    std::string timeZone;  // IANA; UTC if left out
    // figures
    std::vector<std::string> groupBy, kpis, figures;
    std::vector<std::string> trunks, regions, codecs, ownCountries, farEndCountries, sipCodes, q850Causes;
    std::string direction, isTest;
    bool compare = false;   // beside the period of the same length before
    std::size_t limit = 0;  // groups or alerts; 0: all
    // alerts
    std::string status, rule;  // open, cleared; the id of one rule
};

// Blocks until everything is printed. 0 fine, 1 the exchange refused the request, 2 usage, 3 failure.
int runQuality(const QualityOptions& options, std::ostream& out, std::ostream& err);
void addQualityCommand(CLI::App& app, std::function<void(const QualityOptions&)> run);

}  // namespace meetpoint::cli
