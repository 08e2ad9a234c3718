#include "api/authorization_table.h"

#include "api/records.h"

namespace meetpoint::tests {
namespace {

using Things = std::vector<ForeignThing>;

constexpr std::string_view nothing = "0197c000-0000-7000-8000-0000000000ff";  // the id of nothing

// "/v1/numbers/{}/history" with the id in place of the braces.
std::string with(std::string_view pattern, std::string_view id) {
    std::string path(pattern);
    return path.replace(path.find("{}"), 2, id);
}

// Everybody of `askers` asks for another's thing at a path.
ForeignThing at(Party& asker, std::string what, std::string_view pattern, std::string_view foreign,
                const json::value& body = {}) {
    return {asker, std::move(what), with(pattern, foreign), with(pattern, nothing), body, body};
}

std::function<Things(World&)> othersCarrier(std::string pattern, json::value body = {}) {
    return [pattern, body](World& w) { return Things{at(w.alp, "Alp names Bay", pattern, w.bayId, body)}; };
}

std::function<Things(World&)> othersNumber(std::string pattern, json::value body = {}) {
    return [pattern, body](World& w) {
        return Things{at(w.alp, "Alp asks for Bay's number", pattern, w.bayNumber, body),
                      at(w.bay, "Bay asks for Alp's number", pattern, w.alpNumber, body),
                      at(w.acme, "Acme asks for Zeta's number", pattern, w.bayNumber, body)};
    };
}

const std::string scimUser = "/v1/tenants/{}/scim/v2/Users/" + std::string(World::zetaUserId);

// Zeta's directory, which is nobody else's.
std::function<Things(World&)> othersDirectory(std::string pattern, json::value body = {}) {
    return [pattern, body](World& w) {
        return Things{at(w.acme, "Acme looks into Zeta's directory", pattern, w.zetaId, body)};
    };
}

// A port that is between Bay and nobody.
Things othersPort(World& w, const std::string& pattern, const json::value& body) {
    w.bay.ordered(json::object{{"kind", "port"},
                               {"tenantId", w.zetaId},
                               {"numbers", json::array{json::object{{"telephoneNumber", "+12015550177"}}}}});
    return {at(w.alp, "Alp asks for Bay's port", pattern, textAt(w.bay.read("/v1/ports"), "/items/0/id"), body)};
}

// Uploads by which Bay and the platform have left a receipt.
std::function<Things(World&)> othersUpload(std::string pattern) {
    return [pattern](World& w) {
        const std::string bays = textAt(w.bay.upload("/v1/durations", "").value(), "/uploadId");
        const std::string platforms = textAt(w.platform.upload("/v1/calls", "").value(), "/uploadId");
        return Things{at(w.alp, "Alp asks for Bay's upload", pattern, bays),
                      at(w.acme, "Acme asks for the platform's upload", pattern, platforms),
                      at(w.auditor, "the auditor asks for the platform's upload", pattern, platforms)};
    };
}

Things othersConsent(World& w) {
    const json::object sign{{"state", "ended"}, {"reason", "trying"}};
    return {at(w.alp, "Alp ends Bay's consent", "/v1/consents/{}/state", w.bayConsent, sign),
            at(w.acme, "Acme ends Zeta's consent", "/v1/consents/{}/state", w.bayConsent, sign)};
}

Things acceptanceOfOthers(World& w) {
    const json::object again{{"noticeVersion", World::noticeVersion}, {"countries", json::array{"US"}}};
    return {at(w.alp, "Alp accepts in Bay's consent", "/v1/consents/{}/acceptance", w.bayConsent, again),
            at(w.acme, "Acme accepts in Zeta's consent", "/v1/consents/{}/acceptance", w.bayConsent, again)};
}

json::object consentOf(std::string_view tenant, std::string_view carrier) {
    return {{"tenantId", tenant},
            {"carrierId", carrier},
            {"noticeVersion", World::noticeVersion},
            {"countries", json::array{"CH"}}};
}

Things consentForOthers(World& w) {
    return {{w.acme, "Acme accepts for Zeta", "/v1/consents", "/v1/consents", consentOf(w.zetaId, w.alpId),
             consentOf(nothing, w.alpId)},
            {w.alp, "Alp accepts for Zeta", "/v1/consents", "/v1/consents", consentOf(w.zetaId, w.alpId),
             consentOf(nothing, w.alpId)}};
}

json::object orderFor(std::string_view tenant) {
    return {{"tenantId", tenant}, {"numbers", json::array{json::object{{"telephoneNumber", World::nobodys}}}}};
}

Things orderForOthers(World& w) {
    return {at(w.alp, "Alp orders as Bay", "/v1/number-orders?carrierId={}", w.bayId, orderFor(w.zetaId)),
            {w.alp, "Alp orders for a tenant of Bay's", "/v1/number-orders", "/v1/number-orders", orderFor(w.zetaId),
             orderFor(nothing)}};
}

Things othersTargets(World& w) {
    const json::object upload{
        {"targets", json::array{json::object{{"id", nothing}, {"type", "user"}, {"displayName", "Mallory"}}}}};
    return {at(w.acme, "Acme adds a target to Zeta", "/v1/tenants/{}/targets", w.zetaId, upload)};
}

Things assignmentOfOthers(World& w) {
    return {at(w.acme, "Acme assigns Zeta's number", "/v1/numbers/{}/assign", w.bayNumber,
               json::object{{"targetId", w.acmeUser}})};
}

Things unassignmentOfOthers(World& w) {
    return {at(w.acme, "Acme unassigns Zeta's number", "/v1/numbers/{}/unassign", w.bayNumber,
               json::object{{"reason", "trying"}})};
}

Things othersFeed(World& w, const std::string& feed) {
    return {at(w.alp, "Alp reads Bay's feed", "/v1/feeds/" + feed + "?carrierId={}", w.bayId)};
}

Things feedForTenant(World& w, const std::string& feed) {
    Things things = othersFeed(w, feed);
    things.push_back(at(w.acme, "Acme reads Alp's feed", "/v1/feeds/" + feed + "?carrierId={}", w.alpId));
    return things;
}

json::object someTerms() {
    return {{"validFrom", "2026-03-01"}, {"terms", json::object{{"toleranceMs", 1'000}}}};
}

// A proposal of Bay's.
std::function<Things(World&)> othersAgreement(std::string pattern, json::value body = {}) {
    return [pattern, body](World& w) {
        const std::string bays = textAt(w.bay.done("/v1/agreements", someTerms()), "/id");
        return Things{at(w.alp, "Alp asks for Bay's agreement", pattern, bays, body)};
    };
}

std::vector<AccessRow> agreementRows() {
    const std::set<std::string> sides{"platform", "carrier"}, readers{"platform", "carrier", "auditor"};
    return {
        {"listAgreements", readers, othersCarrier("/v1/agreements?carrierId={}")},
        {"readAgreement", readers, othersAgreement("/v1/agreements/{}")},
        {"readAgreementHistory", readers, othersAgreement("/v1/agreements/{}/history")},
        {"proposeAgreement", sides, othersCarrier("/v1/agreements?carrierId={}", someTerms())},
        {"amendAgreement", sides, othersAgreement("/v1/agreements/{}", someTerms())},
        {"moveAgreement", sides, othersAgreement("/v1/agreements/{}/state", json::object{{"state", "signed"}})},
    };
}

std::vector<AccessRow> trafficRows() {
    return {
        {"postTrafficTotals",
         {"platform", "carrier"},
         othersCarrier("/v1/traffic-totals?carrierId={}",
                       json::object{{"totals", json::array{json::object{{"hour", "2026-03-09T12:00:00Z"},
                                                                        {"direction", "inbound"},
                                                                        {"answered", true},
                                                                        {"calls", 1},
                                                                        {"seconds", 1}}}}})},
        {"readTrafficTotals",
         {"platform", "carrier", "auditor"},
         othersCarrier("/v1/traffic-totals?from=2026-03-09T00:00:00Z&to=2026-03-10T00:00:00Z&carrierId={}")},
        {"readTrafficTotalsHistory",
         {"platform", "carrier", "auditor"},
         othersCarrier("/v1/traffic-totals/history?hour=2026-03-09T12:00:00Z&carrierId={}")},
    };
}

json::object someTicket() {
    return {{"kind", "trouble"}, {"title", "Bay's trouble"}, {"description", "It hums."}, {"trunk", "bay-sbc"}};
}

// A ticket of Bay's.
std::function<Things(World&)> othersTicket(std::string pattern, json::value body = {}) {
    return [pattern, body](World& w) {
        const std::string bays = textAt(w.bay.done("/v1/tickets", someTicket()), "/id");
        return Things{at(w.alp, "Alp asks for Bay's ticket", pattern, bays, body)};
    };
}

// What is attached to one.
Things othersAttachment(World& w) {
    const std::string ticket = textAt(w.bay.done("/v1/tickets", someTicket()), "/id");
    const std::string path = "/v1/tickets/" + ticket + "/attachments";
    const Answer made = w.bay.upload(path + "?name=hum.txt", "hum", "text/plain");
    return {at(w.alp, "Alp asks for what Bay attached", path + "/{}", textAt(made.value(), "/id"))};
}

Things attachmentForOthers(World& w) {
    const std::string ticket = textAt(w.bay.done("/v1/tickets", someTicket()), "/id");
    return {at(w.alp, "Alp attaches to Bay's ticket", "/v1/tickets/{}/attachments?name=x.json", ticket,
               json::object{{"any", "thing"}})};
}

std::vector<AccessRow> ticketRows() {
    const std::set<std::string> sides{"platform", "carrier"}, readers{"platform", "carrier", "auditor"};
    return {
        {"listTickets", readers, othersCarrier("/v1/tickets?carrierId={}")},
        {"readTicket", readers, othersTicket("/v1/tickets/{}")},
        {"readTicketHistory", readers, othersTicket("/v1/tickets/{}/history")},
        {"readTicketAttachment", sides, othersAttachment},
        {"openTicket", sides, othersCarrier("/v1/tickets?carrierId={}", someTicket())},
        {"commentOnTicket", sides, othersTicket("/v1/tickets/{}/comments", json::object{{"text", "mine"}})},
        {"attachToTicket", sides, attachmentForOthers},
        {"changeTicket", sides, othersTicket("/v1/tickets/{}", json::object{{"title", "mine"}})},
        {"moveTicket", sides, othersTicket("/v1/tickets/{}/state", json::object{{"action", "start"}})},
    };
}

std::vector<AccessRow> openRows() {
    return {{"issueToken", {}}, {"readAuthorizationServer", {}}, {"readKeys", {}},
            {"readHealth", {}}, {"readReadiness", {}},           {"readApiDocument", {}}};
}

std::vector<AccessRow> ledgerRows() {
    return {
        {"createCarrier", {"platform"}},
        {"listCarriers", {"platform", "carrier", "tenant", "auditor"}},
        {"readCarrier",
         {"platform", "carrier", "tenant", "auditor"},
         [](World& w) {
             return Things{at(w.alp, "Alp reads Bay", "/v1/carriers/{}", w.bayId),
                           at(w.acme, "Acme reads a carrier it has nothing with", "/v1/carriers/{}", w.bayId)};
         }},
        {"createTenant", {"platform"}},
        {"listTenants", {"platform", "carrier", "tenant", "auditor"}},
        {"readTenant",
         {"platform", "carrier", "tenant", "auditor"},
         [](World& w) {
             return Things{at(w.alp, "Alp reads Bay's tenant", "/v1/tenants/{}", w.zetaId),
                           at(w.acme, "Acme reads Zeta", "/v1/tenants/{}", w.zetaId)};
         }},
        {"putTargets", {"platform", "tenant"}, othersTargets},
        {"listTargets", {"platform", "tenant"}, othersDirectory("/v1/tenants/{}/targets")},
        {"readTarget",
         {"platform", "tenant"},
         othersDirectory("/v1/tenants/{}/targets/" + std::string(World::zetaUserId))},
        {"deleteTarget",
         {"platform", "tenant"},
         othersDirectory("/v1/tenants/{}/targets/" + std::string(World::zetaUserId))},
        {"listScimUsers", {"platform", "tenant"}, othersDirectory("/v1/tenants/{}/scim/v2/Users")},
        {"createScimUser",
         {"platform", "tenant"},
         othersDirectory("/v1/tenants/{}/scim/v2/Users", json::object{{"userName", "mallory@zeta.example"}})},
        {"readScimUser", {"platform", "tenant"}, othersDirectory(scimUser)},
        {"replaceScimUser",
         {"platform", "tenant"},
         othersDirectory(scimUser, json::object{{"userName", "mallory@zeta.example"}})},
        {"patchScimUser",
         {"platform", "tenant"},
         othersDirectory(scimUser,
                         json::object{{"Operations", json::array{json::object{
                                                         {"op", "replace"}, {"path", "active"}, {"value", false}}}}})},
        {"deleteScimUser", {"platform", "tenant"}, othersDirectory(scimUser)},
        {"readScimConfig", {"platform", "tenant"}, othersDirectory("/v1/tenants/{}/scim/v2/ServiceProviderConfig")},
        {"readScimResourceTypes", {"platform", "tenant"}, othersDirectory("/v1/tenants/{}/scim/v2/ResourceTypes")},
        {"createClient", {"platform"}},
        {"listClients", {"platform"}},
        {"acceptNotice", {"platform", "carrier", "tenant"}, consentForOthers},
        {"acceptAgain", {"platform", "carrier", "tenant"}, acceptanceOfOthers},
        {"moveConsent", {"platform", "carrier", "tenant"}, othersConsent},
        {"readConsentHistory",
         {"platform", "carrier", "tenant", "auditor"},
         [](World& w) {
             return Things{at(w.alp, "Alp reads Bay's consent", "/v1/consents/{}/history", w.bayConsent),
                           at(w.acme, "Acme reads Zeta's consent", "/v1/consents/{}/history", w.bayConsent)};
         }},
        {"publishNotice", {"platform"}},
        {"listNotices", {"platform", "carrier", "tenant", "auditor"}},
        {"readNotice", {"platform", "carrier", "tenant", "auditor"}},
        {"listConsents", {"platform", "carrier", "tenant", "auditor"}},
    };
}

std::vector<AccessRow> numberRows() {
    return {
        {"orderNumbers", {"carrier"}, orderForOthers},
        {"orderAssignments",
         {"platform", "tenant"},
         [](World& w) {
             const auto order = [](std::string_view tenant) {
                 return json::object{{"tenantId", tenant},
                                     {"numbers", json::array{json::object{{"telephoneNumber", World::bayE164},
                                                                          {"targetId", World::zetaUserId}}}}};
             };
             return Things{{w.acme, "Acme assigns for Zeta", "/v1/number-assignments", "/v1/number-assignments",
                            order(w.zetaId), order(nothing)}};
         }},
        {"listOperationNumbers",
         {"platform", "carrier", "tenant", "auditor"},
         [](World& w) {
             return Things{at(w.alp, "Alp reads Bay's order", "/v1/operations/{}/numbers", w.bayOperation),
                           at(w.acme, "Acme reads a carrier's order", "/v1/operations/{}/numbers", w.alpOperation)};
         }},
        {"confirmOperation",
         {"platform"},
         [](World& w) {
             return Things{at(w.platform, "the platform confirms what is an order", "/v1/operations/{}/confirm",
                              std::string(nothing), json::object{{"status", "succeeded"}})};
         }},
        {"readProvisioningFeed", {"platform"}},
        {"listPorts", {"platform", "carrier"}, othersCarrier("/v1/ports?carrierId={}")},
        {"readPort", {"platform", "carrier"}, [](World& w) { return othersPort(w, "/v1/ports/{}", {}); }},
        {"movePort",
         {"platform", "carrier"},
         [](World& w) {
             return othersPort(w, "/v1/ports/{}/state", json::object{{"state", "cancelled"}});
         }},
        {"listNumberConflicts", {"platform"}},
        {"settleNumberConflict",
         {"platform"},
         [](World& w) {
             return Things{at(w.platform, "the platform settles what is no conflict", "/v1/number-conflicts/{}/settle",
                              std::string(nothing), json::object{{"resolution", "dismiss"}})};
         }},
        {"searchNumbers",
         {"platform", "carrier", "tenant", "auditor"},
         [](World& w) {
             const json::object others{{"telephoneNumber", World::bayE164}},
                 nobodys{{"telephoneNumber", "+12015550199"}};
             return Things{
                 {w.alp, "Alp looks for Bay's number", "/v1/numbers/search", "/v1/numbers/search", others, nobodys},
                 {w.acme, "Acme looks for Zeta's", "/v1/numbers/search", "/v1/numbers/search", others, nobodys}};
         }},
        {"updateNumber",
         {"platform", "carrier", "tenant"},
         othersNumber("/v1/numbers/{}", json::object{{"locationId", "here"}})},
        {"readOperation",
         {"platform", "carrier", "tenant", "auditor"},
         [](World& w) {
             return Things{at(w.alp, "Alp reads Bay's order", "/v1/operations/{}", w.bayOperation),
                           at(w.acme, "Acme reads a carrier's order", "/v1/operations/{}", w.alpOperation)};
         }},
        {"listNumbers",
         {"platform", "carrier", "tenant", "auditor"},
         [](World& w) {
             return Things{at(w.alp, "Alp lists Bay's numbers", "/v1/numbers?carrierId={}", w.bayId),
                           at(w.alp, "Alp lists its numbers of Zeta", "/v1/numbers?tenantId={}", w.zetaId),
                           at(w.acme, "Acme lists Bay's numbers", "/v1/numbers?carrierId={}", w.bayId),
                           at(w.acme, "Acme lists Zeta's numbers", "/v1/numbers?tenantId={}", w.zetaId)};
         }},
        {"readNumber", {"platform", "carrier", "tenant", "auditor"}, othersNumber("/v1/numbers/{}")},
        {"readNumberHistory", {"platform", "carrier", "tenant", "auditor"}, othersNumber("/v1/numbers/{}/history")},
        {"assignNumber", {"platform", "tenant"}, assignmentOfOthers},
        {"unassignNumber", {"platform", "tenant"}, unassignmentOfOthers},
    };
}

// A webhook endpoint of a carrier's.
std::string webhookOf(Party& carrier) {
    return textAt(carrier.done("/v1/webhook-endpoints", json::object{{"url", "https://receiver.example/hook"}}), "/id");
}

std::function<Things(World&)> othersWebhook(std::string pattern, json::value body = {}) {
    return [pattern, body](World& w) {
        return Things{at(w.alp, "Alp asks for Bay's webhook endpoint", pattern, webhookOf(w.bay), body),
                      at(w.bay, "Bay asks for Alp's webhook endpoint", pattern, webhookOf(w.alp), body)};
    };
}

std::vector<AccessRow> webhookRows() {
    const std::set<std::string> roles{"platform", "carrier"};
    const std::string one = "/v1/webhook-endpoints/{}";
    return {
        {"createWebhookEndpoint", roles,
         othersCarrier("/v1/webhook-endpoints?carrierId={}", json::object{{"url", "https://receiver.example/hook"}})},
        {"listWebhookEndpoints", roles, othersCarrier("/v1/webhook-endpoints?carrierId={}")},
        {"readWebhookEndpoint", roles, othersWebhook(one)},
        {"changeWebhookEndpoint", roles, othersWebhook(one, json::object{{"status", "disabled"}})},
        {"deleteWebhookEndpoint", roles, othersWebhook(one)},
        {"addWebhookSecret", roles, othersWebhook(one + "/secrets", json::object{})},
        {"deleteWebhookSecret", roles, othersWebhook(one + "/secrets/" + std::string(nothing))},
        {"testWebhookEndpoint", roles, othersWebhook(one + "/test")},
        {"listWebhookDeliveries", roles, othersWebhook(one + "/deliveries")},
        {"replayWebhookDelivery", roles, othersWebhook(one + "/deliveries/" + std::string(nothing) + "/replay")},
        {"recoverWebhookEndpoint", roles,
         othersWebhook(one + "/recover", json::object{{"since", "2026-03-01T00:00:00Z"}})},
    };
}

json::object alertRule() {
    return {{"name", "Delivery"},
            {"kpi", "ner"},
            {"condition", json::object{{"kind", "threshold"}, {"side", "below"}, {"raiseAt", 0.9}, {"clearAt", 0.9}}}};
}

std::function<Things(World&)> othersAlertRule(const std::string& pattern, const json::value& body = {}) {
    return [pattern, body](World& w) {
        const std::string bays = textAt(w.bay.done("/v1/alert-rules", alertRule()), "/id");
        const std::string platforms = textAt(w.platform.done("/v1/alert-rules", alertRule()), "/id");
        return Things{at(w.alp, "Alp asks for Bay's alert rule", pattern, bays, body),
                      at(w.alp, "Alp asks for the platform's alert rule", pattern, platforms, body)};
    };
}

// Alp asks for the alert that a rule of Bay's raises.
Things othersAlert(World& w) {
    json::object rule = alertRule();
    rule["minimumDenominator"] = 1;
    rule["windowsToRaise"] = 1;
    w.bay.done("/v1/alert-rules", rule);
    json::object call =
        callRecord({.number = 77, .invitedAt = w.exchange.clock.now(), .talk = {}, .ownNumber = World::bayE164});
    call["finalSipCode"] = 503;
    call["streams"] = json::array();
    w.platform.upload("/v1/calls", ndjson({call}));
    w.advance(minutes(20));
    json::array alerts;
    while (alerts.empty()) {
        alerts = tests::at(w.bay.read("/v1/alerts"), "/items").as_array();
        std::this_thread::yield();
    }
    return {at(w.alp, "Alp asks for Bay's alert", "/v1/alerts/{}", textAt(alerts[0], "/id"))};
}

std::vector<AccessRow> alertRows() {
    const std::set<std::string> readers{"platform", "carrier", "tenant", "auditor"}, owners{"platform", "carrier"};
    const std::string one = "/v1/alert-rules/{}";
    return {
        {"createAlertRule", owners, othersCarrier("/v1/alert-rules?carrierId={}", alertRule())},
        {"listAlertRules", readers, othersCarrier("/v1/alert-rules?carrierId={}")},
        {"readAlertRule", readers, othersAlertRule(one)},
        {"replaceAlertRule", owners, othersAlertRule(one, alertRule())},
        {"deleteAlertRule", owners, othersAlertRule(one)},
        {"listAlerts", readers, othersCarrier("/v1/alerts?carrierId={}")},
        {"readAlert", readers, othersAlert},
    };
}

std::function<Things(World&)> othersConsumer(const std::string& operation, const std::string& pattern,
                                             const json::value& body = {}) {
    return [operation, pattern, body](World& w) {
        const json::object wanted{{"feed", "calls"}, {"name", "for " + operation}};
        const std::string id = textAt(w.bay.done("/v1/feed-consumers", wanted), "/id");
        return Things{at(w.alp, "Alp looks into Bay's consumer", pattern, id, body)};
    };
}

const std::set<std::string> everyRole{"platform", "carrier", "tenant", "auditor"};

// An export that Bay has asked for, and one of the platform's.
std::function<Things(World&)> othersExport(const std::string& pattern) {
    return [pattern](World& w) {
        const json::object wanted{{"kind", "calls"}, {"format", "csv"}};
        const std::string bays = textAt(w.bay.done("/v1/exports", wanted), "/id"),
                          platforms = textAt(w.platform.done("/v1/exports", wanted), "/id");
        return Things{at(w.alp, "Alp looks at Bay's export", pattern, bays),
                      at(w.acme, "Acme looks at Bay's export", pattern, bays),
                      at(w.platform, "the platform looks at Bay's export", pattern, bays),
                      at(w.auditor, "the auditor looks at the platform's export", pattern, platforms)};
    };
}

// Actions on a number that somebody else has, and on one that nobody has.
std::function<Things(World&)> graphAction(const std::string& path, json::object rest) {
    return [path, rest](World& w) {
        json::object others = rest, nobodys = rest;
        others["telephoneNumber"] = World::bayE164;
        nobodys["telephoneNumber"] = "+12015550199";
        return Things{{w.acme, "Acme moves Zeta's number", path, path, others, nobodys}};
    };
}

std::vector<AccessRow> graphRows() {
    std::vector<AccessRow> rows;
    for (const auto& [version, prefix] : {std::pair("/v1.0", "graph"), std::pair("/beta", "graphBeta")}) {
        const std::string base = std::string(version) + "/admin/teams/telephoneNumberManagement", id = prefix,
                          numbers = base + "/numberAssignments";
        const auto othersOperation = [](const std::string& pattern) {
            return [pattern](World& w) {
                w.zeta.done("/v1/numbers/" + w.bayNumber + "/unassign", json::object());
                const std::string location(
                    w.zeta.post("/v1/numbers/" + w.bayNumber + "/assign", json::object{{"targetId", w.zetaUser}})
                        .headers.value("Location"));
                const std::string operation = location.substr(location.rfind('/') + 1);
                return Things{at(w.alp, "Alp reads what Zeta did", pattern, operation),
                              at(w.acme, "Acme reads what Zeta did", pattern, operation)};
            };
        };
        rows.push_back({id + "ListNumberAssignments", {"platform", "carrier", "tenant", "auditor"}});
        rows.push_back(
            {id + "ReadNumberAssignment", {"platform", "carrier", "tenant", "auditor"}, othersNumber(numbers + "/{}")});
        rows.push_back({id + "ReadOperation",
                        {"platform", "carrier", "tenant", "auditor"},
                        othersOperation(base + "/operations/{}")});
        rows.push_back({id + "ReadOperationByKey",
                        {"platform", "carrier", "tenant", "auditor"},
                        othersOperation(base + "/operations('{}')")});
        rows.push_back({id + "AssignNumber",
                        {"platform", "tenant"},
                        graphAction(numbers + "/assignNumber",
                                    {{"assignmentTargetId", World::zetaUserId}, {"numberType", "operatorConnect"}})});
        rows.push_back({id + "UnassignNumber", {"platform", "tenant"}, graphAction(numbers + "/unassignNumber", {})});
        rows.push_back({id + "UpdateNumber",
                        {"platform", "carrier", "tenant"},
                        graphAction(numbers + "/updateNumber", {{"locationId", "here"}})});
    }
    return rows;
}

std::vector<AccessRow> qualityRows() {
    const std::string range = "from=2026-03-01&to=2026-03-10";
    return {
        {"readQuality",
         {"platform", "carrier", "tenant", "auditor"},
         [range](World& w) {
             const std::string path = "/v1/quality?" + range;
             return Things{
                 at(w.alp, "Alp reads Bay's quality", path + "&carrierId={}", w.bayId),
                 at(w.alp, "Alp reads that of Bay's tenant", path + "&tenantId={}", w.zetaId),
                 at(w.acme, "Acme reads that of a carrier it has nothing with", path + "&carrierId={}", w.bayId),
                 at(w.acme, "Acme reads Zeta's quality", path + "&tenantId={}", w.zetaId)};
         }},
        {"readQualityFindings",
         {"platform", "carrier", "tenant", "auditor"},
         [range](World& w) {
             const std::string path = "/v1/quality/findings?" + range;
             return Things{at(w.alp, "Alp reads Bay's findings", path + "&carrierId={}", w.bayId),
                           at(w.alp, "Alp reads those of Bay's tenant", path + "&tenantId={}", w.zetaId),
                           at(w.acme, "Acme reads Zeta's findings", path + "&tenantId={}", w.zetaId)};
         }},
    };
}

// A call of each side, and requests of the other side for it by its id.
std::function<Things(World&)> othersCall(std::string pattern) {
    return [pattern](World& w) {
        const CallFacts alps{.number = 1}, bays{.number = 2, .ownNumber = World::bayE164, .farEnd = "+442079460018"},
            nobodys{.number = 3, .ownNumber = World::nobodys};
        w.platform.upload("/v1/calls", ndjson({callRecord(alps), callRecord(bays), callRecord(nobodys)}));
        return Things{at(w.alp, "Alp asks for Bay's call", pattern, callId(2)),
                      at(w.bay, "Bay asks for Alp's call", pattern, callId(1)),
                      at(w.acme, "Acme asks for Zeta's call", pattern, callId(2)),
                      at(w.alp, "Alp asks for a call of nobody", pattern, callId(3)),
                      at(w.acme, "Acme asks for a call of nobody", pattern, callId(3)),
                      at(w.auditor, "the auditor asks for a call of nobody", pattern, callId(3)),
                      at(w.alp, "Alp names Bay", with(pattern, callId(1)) + "?carrierId={}", w.bayId)};
    };
}

std::vector<AccessRow> recordRows() {
    return {
        {"readCall", {"platform", "carrier", "tenant", "auditor"}, othersCall("/v1/calls/{}")},
        {"listCallVersions", {"platform", "carrier", "tenant", "auditor"}, othersCall("/v1/calls/{}/versions")},
        {"listCalls",
         {"platform", "carrier", "tenant", "auditor"},
         [](World& w) {
             othersCall("{}")(w);
             return Things{at(w.alp, "Alp searches Bay's calls", "/v1/calls?carrierId={}", w.bayId),
                           at(w.alp, "Alp searches calls of Bay's tenant", "/v1/calls?tenantId={}", w.zetaId),
                           at(w.alp, "Alp looks for Bay's call", "/v1/calls?callId={}", callId(2)),
                           at(w.alp, "Alp looks for a call of nobody", "/v1/calls?callId={}", callId(3)),
                           at(w.acme, "Acme searches Bay's calls", "/v1/calls?carrierId={}", w.bayId),
                           at(w.acme, "Acme searches Zeta's calls", "/v1/calls?tenantId={}", w.zetaId)};
         }},
        {"searchCalls",
         {"platform", "carrier", "tenant", "auditor"},
         [](World& w) {
             othersCall("{}")(w);
             const auto search = [](Party& asker, std::string what, const char* name, std::string_view others,
                                    std::string_view nobodys) {
                 return ForeignThing{asker,
                                     std::move(what),
                                     "/v1/calls/search",
                                     "/v1/calls/search",
                                     json::object{{name, others}},
                                     json::object{{name, nobodys}}};
             };
             return Things{
                 search(w.alp, "Alp looks for calls of Bay's number", "ownNumber", World::bayE164, "+12015550199"),
                 search(w.acme, "Acme looks for calls with Zeta's far end", "farEndNumber", "+442079460018", "+1"),
                 search(w.alp, "Alp looks for Bay's SIP Call-ID", "sipCallId", "sip-2@sbc.example", "sip-9"),
                 search(w.alp, "Alp names Bay", "carrierId", w.bayId, nothing),
                 search(w.auditor, "the auditor looks for nobody's call", "callId", callId(3), nothing)};
         }},
        {"listDurations",
         {"platform", "carrier"},
         [](World& w) {
             return Things{at(w.alp, "Alp lists Bay's durations", "/v1/durations?carrierId={}", w.bayId),
                           at(w.alp, "Alp lists durations of Zeta", "/v1/durations?tenantId={}", w.zetaId)};
         }},
        {"readDuration",
         {"platform", "carrier"},
         [](World& w) {
             w.bay.upload("/v1/durations", ndjson({durationRecord({.recordId = "b-1", .ownNumber = World::bayE164})}));
             return Things{at(w.alp, "Alp asks for Bay's record", "/v1/durations/{}", "b-1"),
                           at(w.alp, "Alp names Bay", "/v1/durations/b-1?carrierId={}", w.bayId)};
         }},
        {"readAssignmentFeed",
         {"platform", "carrier", "tenant", "auditor"},
         [](World& w) { return feedForTenant(w, "assignments"); }},
        {"readCallFeed",
         {"platform", "carrier", "tenant", "auditor"},
         [](World& w) { return feedForTenant(w, "calls"); }},
        {"readItemFeed", {"platform", "carrier", "auditor"}, [](World& w) { return othersFeed(w, "items"); }},
        {"createExport", everyRole,
         [](World& w) {
             const auto of = [](std::string_view carrier) {
                 return json::object{
                     {"kind", "calls"}, {"format", "csv"}, {"filter", json::object{{"carrierId", carrier}}}};
             };
             return Things{{w.alp, "Alp wants Bay's calls", "/v1/exports", "/v1/exports", of(w.bayId), of(nothing)}};
         }},
        {"listExports", everyRole, othersCarrier("/v1/exports?carrierId={}")},
        {"readExport", everyRole, othersExport("/v1/exports/{}")},
        {"readExportContent", everyRole, othersExport("/v1/exports/{}/content")},
        {"deleteExport", everyRole, othersExport("/v1/exports/{}")},
        {"createFeedConsumer",
         {"platform", "carrier"},
         othersCarrier("/v1/feed-consumers?carrierId={}", json::object{{"feed", "calls"}, {"name", "one"}})},
        {"listFeedConsumers", {"platform", "carrier"}, othersCarrier("/v1/feed-consumers?carrierId={}")},
        {"readFeedConsumer", {"platform", "carrier"}, othersConsumer("read", "/v1/feed-consumers/{}")},
        {"commitFeedConsumer",
         {"platform", "carrier"},
         othersConsumer("commit", "/v1/feed-consumers/{}/commit", json::object{{"cursor", "none"}})},
        {"deleteFeedConsumer", {"platform", "carrier"}, othersConsumer("delete", "/v1/feed-consumers/{}")},
        {"listAssignmentStatements",
         {"platform", "carrier", "tenant", "auditor"},
         [](World& w) { return feedForTenant(w, "assignments/statements"); }},
        {"listCallStatements",
         {"platform", "carrier", "tenant", "auditor"},
         [](World& w) { return feedForTenant(w, "calls/statements"); }},
        {"listItemStatements",
         {"platform", "carrier", "auditor"},
         [](World& w) { return othersFeed(w, "items/statements"); }},
        {"uploadCalls", {"platform"}},
        {"uploadDurations", {"carrier"}, othersCarrier("/v1/durations?carrierId={}", json::array{})},
        {"readUpload", {"platform", "carrier", "tenant", "auditor"}, othersUpload("/v1/uploads/{}")},
        {"readUploadResults", {"platform", "carrier", "tenant", "auditor"}, othersUpload("/v1/uploads/{}/results")},
        {"listUploads", {"platform", "carrier", "tenant", "auditor"}},
        {"withdrawUpload",
         {"carrier"},
         [](World& w) {
             const std::string bays = textAt(w.bay.upload("/v1/durations", "").value(), "/uploadId");
             return Things{at(w.alp, "Alp withdraws Bay's upload", "/v1/uploads/{}/withdraw", bays,
                              json::object{{"reason", "trying"}})};
         }},
    };
}

std::vector<AccessRow> reconciliationRows() {
    return {
        {"runReconciliation",
         {"platform", "carrier"},
         othersCarrier("/v1/reconciliation/runs?carrierId={}", json::object{{"date", World::day}})},
        {"listReconciliationRuns",
         {"platform", "carrier", "auditor"},
         othersCarrier("/v1/reconciliation/runs?date=2026-03-09&carrierId={}")},
        {"listReconciliationDays",
         {"platform", "carrier", "auditor"},
         othersCarrier("/v1/reconciliation/days?from=2026-03-01&to=2026-03-10&carrierId={}")},
        {"readReconciliationDay",
         {"platform", "carrier", "auditor"},
         othersCarrier("/v1/reconciliation/days/2026-03-09?carrierId={}")},
        {"listReconciliationItems",
         {"platform", "carrier", "auditor"},
         othersCarrier("/v1/reconciliation/items?date=2026-03-09&carrierId={}")},
        {"readReconciliationReport",
         {"platform", "carrier", "auditor"},
         othersCarrier("/v1/reconciliation/report?month=2026-03&carrierId={}")},
        {"readUsage",
         {"platform", "tenant"},
         [](World& w) {
             return Things{at(w.acme, "Acme reads Zeta's usage", "/v1/usage?from=2026-03-01&to=2026-03-10&tenantId={}",
                              w.zetaId)};
         }},
    };
}

}  // namespace

std::vector<AccessRow> accessTable() {
    std::vector<AccessRow> table;
    for (auto part : {openRows, ledgerRows, agreementRows, trafficRows, ticketRows, numberRows, graphRows, recordRows,
                      reconciliationRows, qualityRows, alertRows, webhookRows})
        for (AccessRow& row : part())
            table.push_back(std::move(row));
    return table;
}

}  // namespace meetpoint::tests
