#include "api/endpoints.h"

#include "api/problems.h"

namespace meetpoint::api {

Result<void> addAllEndpoints(http::EndpointRegistry& registry, const Context& context) {
    TRY(registry.add(tokenEndpoints(context)));
    TRY(registry.add(partyEndpoints(context)));
    TRY(registry.add(targetEndpoints(context)));
    TRY(registry.add(scimEndpoints(context)));
    TRY(registry.add(clientEndpoints(context)));
    TRY(registry.add(consentEndpoints(context)));
    TRY(registry.add(agreementEndpoints(context)));
    TRY(registry.add(orderEndpoints(context)));
    TRY(registry.add(numberEndpoints(context)));
    TRY(registry.add(assignmentEndpoints(context)));
    TRY(registry.add(graphNumberEndpoints(context)));
    TRY(registry.add(provisioningEndpoints(context)));
    TRY(registry.add(portEndpoints(context)));
    TRY(registry.add(feedEndpoints(context)));
    TRY(registry.add(feedConsumerEndpoints(context)));
    TRY(registry.add(statementEndpoints(context)));
    TRY(registry.add(uploadEndpoints(context)));
    TRY(registry.add(uploadReceiptEndpoints(context)));
    TRY(registry.add(callSearchEndpoints(context)));
    TRY(registry.add(callEndpoints(context)));
    TRY(registry.add(durationEndpoints(context)));
    TRY(registry.add(exportEndpoints(context)));
    TRY(registry.add(reconciliationEndpoints(context)));
    TRY(registry.add(reconciliationReportEndpoints(context)));
    TRY(registry.add(trafficTotalEndpoints(context)));
    TRY(registry.add(ticketEndpoints(context)));
    TRY(registry.add(usageEndpoints(context)));
    TRY(registry.add(qualityEndpoints(context)));
    TRY(registry.add(findingEndpoints(context)));
    TRY(registry.add(alertRuleEndpoints(context)));
    TRY(registry.add(alertEndpoints(context)));
    TRY(registry.add(webhookEndpoints(context)));
    TRY(registry.add(webhookLogEndpoints(context)));
    return registry.add(systemEndpoints(context, registry));
}

Result<std::string> apiDocument(const http::EndpointRegistry& registry, std::string_view version) {
    namespace scope = domain::scope;
    http::OpenApiOptions options;
    options.title = "Meetpoint";
    options.version = version;
    options.description =
        "The open carrier data exchange: numbers, call records and quality, call durations, and their reconciliation "
        "between a "
        "communications platform and its carriers. Readers must expect new fields and new values.";
    for (const auto& [name, what] : std::initializer_list<std::pair<std::string_view, std::string_view>>{
             {scope::clientsManage, "Make and list OAuth clients"},
             {scope::ledgerRead, "Read carriers, tenants and consents"},
             {scope::ledgerManage, "Add carriers and tenants"},
             {scope::consentsWrite, "Accept, sign, decline and end consents"},
             {scope::agreementsRead, "Read agreements"},
             {scope::agreementsWrite, "Propose, sign, decline and withdraw agreements"},
             {scope::numbersRead, "Read numbers and the assignment feed"},
             {scope::numbersOrder, "Upload, release and port numbers"},
             {scope::numbersPort, "See ports through"},
             {scope::numbersUpdate, "Change what is known about numbers"},
             {scope::numbersAssign, "Keep targets and assign numbers"},
             {scope::provisioning, "Do the work of the platform's switch, settle conflicts"},
             {scope::callsWrite, "Upload call records"},
             {scope::callsRead, "Read call records and quality"},
             {scope::durationsWrite, "Upload call durations"},
             {scope::durationsRead, "Read call durations"},
             {scope::reconciliationRead, "Read reconciliation"},
             {scope::reconciliationRun, "Run reconciliation"},
             {scope::totalsWrite, "Post traffic totals"},
             {scope::ticketsRead, "Read tickets"},
             {scope::ticketsWrite, "Open tickets, take part in them, settle them"},
             {scope::ticketsAttachments, "Read what is attached to tickets"},
             {scope::usageRead, "Read usage"},
             {scope::qualityRead, "Read key figures of calls, findings and alerts"},
             {scope::alertsManage, "Keep alert rules"},
             {scope::webhooksManage, "Keep webhook endpoints and read their logs"},
             {scope::feedsConsume, "Have places in feeds kept"}})
        options.scopes.emplace_back(name, what);
    options.tags = {{"Access", "Tokens and clients"},
                    {"Parties", "Who takes part"},
                    {"Directory", "What a tenant's numbers can be assigned to"},
                    {"Consent", "The precondition of every flow"},
                    {"Agreements", "What platform and carrier have signed about durations"},
                    {"Numbers", "Orders, inventory, assignment, ports"},
                    {"Microsoft Graph", "Number assignments in the shape of Microsoft Graph, errors included"},
                    {"Feeds", "What happened, in order of arrival"},
                    {"Uploads", "Records in"},
                    {"Calls", "Single calls and durations, and searching them"},
                    {"Exports", "Records written out in the background, to be downloaded"},
                    {"Reconciliation", "Both sides' records, call by call"},
                    {"Tickets", "Trouble and disputes, in one thread that both sides see"},
                    {"Usage", "What tenants used"},
                    {"Quality", "How calls went: key figures, what stands out"},
                    {"Alerts", "Rules over key figures, and what they raised"},
                    {"Webhooks", "Being told of what happens"},
                    {"Operations", "Health and this document"}};
    options.problems = commonProblems();
    return http::writeOpenApi(registry, options);
}

}  // namespace meetpoint::api
