// Who asks, and what of a record they may see. The one place where that is decided: `exchange` applies the answer to
// every record before anything is filtered, sorted, grouped, counted or written.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/id.h"
#include "base/time.h"

namespace meetpoint::domain {

enum class Role : std::uint8_t { platform, carrier, tenant, auditor };

std::string_view name(Role role);
std::optional<Role> readRole(std::string_view word);

// What a client may do, in words that tokens carry. Each role has a set that its clients may be given.
namespace scope {
inline constexpr std::string_view clientsManage = "clients.manage";
inline constexpr std::string_view ledgerRead = "ledger.read";  // carriers, tenants
inline constexpr std::string_view ledgerManage = "ledger.manage";
inline constexpr std::string_view consentsWrite = "consents.write";
inline constexpr std::string_view agreementsRead = "agreements.read";
inline constexpr std::string_view agreementsWrite = "agreements.write";
inline constexpr std::string_view numbersRead = "numbers.read";
inline constexpr std::string_view numbersOrder = "numbers.order";
inline constexpr std::string_view numbersPort = "numbers.port";
inline constexpr std::string_view numbersUpdate = "numbers.update";
inline constexpr std::string_view numbersAssign = "numbers.assign";
inline constexpr std::string_view provisioning = "provisioning";   // the platform's switch
inline constexpr std::string_view feedsConsume = "feeds.consume";  // their consumers, beside what reads the feed
inline constexpr std::string_view callsWrite = "calls.write";
inline constexpr std::string_view callsRead = "calls.read";
inline constexpr std::string_view durationsWrite = "durations.write";
inline constexpr std::string_view durationsRead = "durations.read";
inline constexpr std::string_view reconciliationRead = "reconciliation.read";
inline constexpr std::string_view reconciliationRun = "reconciliation.run";
inline constexpr std::string_view totalsWrite = "totals.write";
inline constexpr std::string_view ticketsRead = "tickets.read";
inline constexpr std::string_view ticketsWrite = "tickets.write";
inline constexpr std::string_view ticketsAttachments = "tickets.attachments";  // what is in them may be anything
inline constexpr std::string_view usageRead = "usage.read";
inline constexpr std::string_view qualityRead = "quality.read";
inline constexpr std::string_view alertsManage = "alerts.manage";
inline constexpr std::string_view webhooksManage = "webhooks.manage";
}  // namespace scope
const std::vector<std::string_view>& scopesOf(Role role);

// The client behind a request, as its token says.
// An aggregator with more carriers has several clients.
inline constexpr std::size_t carriersPerClient = 200;

struct Caller {
    std::string clientId;
    Role role = Role::auditor;
    std::vector<Id> carriers;  // those that a carrier client (or an aggregator) acts for
    std::optional<Id> tenant;  // of a tenant client
    std::vector<std::string> scopes;

    bool hasScope(std::string_view wanted) const;
    bool actsFor(const Id& carrier) const;
};

// What of a call or duration record is shown.
struct Visibility {
    bool farEndInFull = false;  // else masked
    bool parties = false;       // signalling ids, SIP URI, presented and redirecting numbers, extensions
    bool network = false;       // stream quality, IP address, operating system
    bool internal = false;      // user id, user agent
};

// How long the full far-end number and the network data are shown (domain facts F: 30 days, as Microsoft Graph).
inline constexpr Duration fullDetailAge = days(30);

// What is shown of a record only shrinks with its age.
// `tenantCountry` (ISO 3166-1 alpha-2) decides whether a tenant sees far-end numbers in full; `age` is the time since
// the call.
Visibility visibilityOf(Role role, std::string_view tenantCountry, Duration age);

}  // namespace meetpoint::domain
