// Alerts: raised and cleared with whoever wants to be told of it, and read by whoever may see them.
#pragma once

#include "exchange/alert_rules.h"
#include "exchange/webhook_events.h"

namespace meetpoint::exchange {

namespace clear_reason {
inline constexpr std::string_view recovered = "recovered";      // windows said so
inline constexpr std::string_view silent = "silent";            // nothing was known of it for long
inline constexpr std::string_view ruleChanged = "ruleChanged";  // by its owner
inline constexpr std::string_view ruleDeleted = "ruleDeleted";
}  // namespace clear_reason

// Inside a transaction that began with checkFence() or holdWork() of alertsOf() and holdWork() of deliveryOf(): notes
// down the alert, or its end, and what the carrier's endpoints are to be told of it.
Result<void> raiseAlert(store::Tx& tx, const Services& services, const store::Alert& alert);
Result<void> clearAlert(store::Tx& tx, const Services& services, store::Alert alert, std::string_view reason,
                        Instant at, const std::optional<DecidingWindow>& window = {});
// Ends all open alerts of a rule and forgets what is remembered of its groups.
Result<void> clearAlertsOf(store::Tx& tx, const Services& services, const store::AlertRule& rule,
                           std::string_view reason);

struct AlertView {
    store::Alert alert;
    DecidingWindow raised;
    std::optional<DecidingWindow> cleared;
};
struct AlertQuery {
    std::optional<Id> carrierId;  // of this carrier's own rules
    store::AlertPage page;
};
// Newest first: a carrier its own, the platform all, the auditor those of carriers, a tenant none. Codes not-found for
// a carrier that the caller may not see.
Result<std::vector<AlertView>> listAlerts(const Services& services, const domain::Caller& caller,
                                          const AlertQuery& query);
// Code not-found.
Result<AlertView> findAlert(const Services& services, const domain::Caller& caller, const Id& id);

// Who may see rules and alerts of this owner (none: the platform).
bool maySeeAlertsOf(const domain::Caller& caller, const std::optional<Id>& carrierId);

// The data of alert.raised or alert.cleared as an endpoint wants it. Codes not-found where the alert is kept no longer.
Result<RecordEvent> alertEvent(store::Tx& tx, const PublicUrl& publicUrl, const store::WebhookEndpoint& endpoint,
                               const store::WebhookDelivery& delivery);

}  // namespace meetpoint::exchange
