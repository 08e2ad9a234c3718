// Every endpoint of the exchange, one function a file. This is the API's table of contents.
#pragma once

#include <vector>

#include "api/context.h"
#include "http/openapi.h"
#include "http/router.h"

namespace meetpoint::api {

std::vector<http::Endpoint> tokenEndpoints(const Context& context);           // tokens.cc
std::vector<http::Endpoint> partyEndpoints(const Context& context);           // parties.cc: carriers, tenants
std::vector<http::Endpoint> agreementEndpoints(const Context& context);       // agreements.cc
std::vector<http::Endpoint> targetEndpoints(const Context& context);          // targets.cc: a tenant's directory
std::vector<http::Endpoint> scimEndpoints(const Context& context);            // scim.cc: its users by SCIM 2.0
std::vector<http::Endpoint> clientEndpoints(const Context& context);          // clients.cc
std::vector<http::Endpoint> consentEndpoints(const Context& context);         // consents.cc: notices, consents
std::vector<http::Endpoint> orderEndpoints(const Context& context);           // number_orders.cc: orders, operations
std::vector<http::Endpoint> numberEndpoints(const Context& context);          // numbers.cc: the inventory
std::vector<http::Endpoint> graphNumberEndpoints(const Context& context);     // graph_numbers.cc: as Microsoft Graph
std::vector<http::Endpoint> assignmentEndpoints(const Context& context);      // assignments.cc
std::vector<http::Endpoint> provisioningEndpoints(const Context& context);    // provisioning.cc: the switch's work
std::vector<http::Endpoint> portEndpoints(const Context& context);            // ports.cc: ports, conflicts
std::vector<http::Endpoint> feedEndpoints(const Context& context);            // feeds.cc
std::vector<http::Endpoint> feedConsumerEndpoints(const Context& context);    // feed_consumers.cc: places that are kept
std::vector<http::Endpoint> statementEndpoints(const Context& context);       // statements.cc: of feeds, hour by hour
std::vector<http::Endpoint> uploadEndpoints(const Context& context);          // uploads.cc: calls, durations
std::vector<http::Endpoint> uploadReceiptEndpoints(const Context& context);   // upload_receipts.cc, and withdrawal
std::vector<http::Endpoint> callEndpoints(const Context& context);            // calls.cc: one call, its versions
std::vector<http::Endpoint> callSearchEndpoints(const Context& context);      // call_search.cc
std::vector<http::Endpoint> exportEndpoints(const Context& context);          // exports.cc
std::vector<http::Endpoint> durationEndpoints(const Context& context);        // durations.cc: reading them
std::vector<http::Endpoint> reconciliationEndpoints(const Context& context);  // reconciliation.cc
std::vector<http::Endpoint> reconciliationReportEndpoints(const Context& context);  // reconciliation_report.cc
std::vector<http::Endpoint> trafficTotalEndpoints(const Context& context);          // traffic_totals.cc
std::vector<http::Endpoint> ticketEndpoints(const Context& context);                // tickets.cc
std::vector<http::Endpoint> usageEndpoints(const Context& context);                 // usage.cc
std::vector<http::Endpoint> qualityEndpoints(const Context& context);               // quality.cc: key figures
std::vector<http::Endpoint> findingEndpoints(const Context& context);               // quality_findings.cc
std::vector<http::Endpoint> alertRuleEndpoints(const Context& context);             // alert_rules.cc
std::vector<http::Endpoint> alertEndpoints(const Context& context);                 // alerts.cc
std::vector<http::Endpoint> webhookEndpoints(const Context& context);     // webhooks.cc: endpoints and secrets
std::vector<http::Endpoint> webhookLogEndpoints(const Context& context);  // webhook_log.cc: what is delivered
std::vector<http::Endpoint> systemEndpoints(const Context& context,
                                            const http::EndpointRegistry& registry);  // system.cc

// Fills the registry; the registry must outlive nothing but be kept as long as it is served.
Result<void> addAllEndpoints(http::EndpointRegistry& registry, const Context& context);

// Checks the bearer token and the endpoint's scope.
http::Authenticator makeAuthenticator(const Context& context);

// The API document of this registry, as committed in api/openapi.json.
Result<std::string> apiDocument(const http::EndpointRegistry& registry, std::string_view version);

}  // namespace meetpoint::api
