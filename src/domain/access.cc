#include "domain/access.h"

#include <algorithm>
#include <array>

#include "domain/phone_number.h"

namespace meetpoint::domain {
namespace {

constexpr std::array<std::string_view, 4> roleNames{"platform", "carrier", "tenant", "auditor"};

}  // namespace

std::string_view name(Role role) {
    return roleNames[static_cast<std::size_t>(role)];
}

std::optional<Role> readRole(std::string_view word) {
    for (std::size_t i = 0; i < roleNames.size(); ++i)
        if (roleNames[i] == word) return static_cast<Role>(i);
    return std::nullopt;
}

const std::vector<std::string_view>& scopesOf(Role role) {
    using namespace scope;
    static const std::array<std::vector<std::string_view>, 4> sets{{
        {clientsManage,     ledgerRead,  ledgerManage, consentsWrite,  agreementsRead,
         agreementsWrite,   numbersRead, numbersPort,  numbersUpdate,  numbersAssign,
         provisioning,      callsWrite,  callsRead,    durationsRead,  reconciliationRead,
         reconciliationRun, totalsWrite, ticketsRead,  ticketsWrite,   ticketsAttachments,
         usageRead,         qualityRead, alertsManage, webhooksManage, feedsConsume},
        {ledgerRead,        consentsWrite,  agreementsRead, agreementsWrite, numbersRead,        numbersOrder,
         numbersPort,       numbersUpdate,  callsRead,      durationsWrite,  durationsRead,      reconciliationRead,
         reconciliationRun, totalsWrite,    ticketsRead,    ticketsWrite,    ticketsAttachments, qualityRead,
         alertsManage,      webhooksManage, feedsConsume},
        {ledgerRead, consentsWrite, numbersRead, numbersUpdate, numbersAssign, callsRead, usageRead, qualityRead},
        {ledgerRead, agreementsRead, numbersRead, callsRead, reconciliationRead, ticketsRead, qualityRead},
    }};
    return sets[static_cast<std::size_t>(role)];
}

bool Caller::hasScope(std::string_view wanted) const {
    return std::ranges::find(scopes, wanted) != scopes.end();
}

bool Caller::actsFor(const Id& carrier) const {
    return role == Role::carrier && std::ranges::find(carriers, carrier) != carriers.end();
}

Visibility visibilityOf(Role role, std::string_view tenantCountry, Duration age) {
    const bool recent = age <= fullDetailAge;
    switch (role) {
        case Role::platform:
            return {recent, true, recent, true};
        case Role::carrier:
            return {recent, true, recent, false};
        case Role::tenant:
            return {recent && maskedDigitsOf(tenantCountry) == 0, true, recent, true};
        case Role::auditor:
            return {};
    }
    return {};
}

}  // namespace meetpoint::domain
