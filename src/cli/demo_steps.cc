#include "cli/demo_steps.h"

#include <boost/json.hpp>
#include <fmt/format.h>

#include "cli/demo_durations.h"
#include "cli/demo_world.h"
#include "cli/dice.h"
#include "cli/json_reading.h"

namespace meetpoint::cli {
namespace {

namespace json = boost::json;

constexpr std::size_t movedNumber = 1;       // of the first carrier
constexpr std::size_t unassignedNumber = 6;  // of the second
constexpr std::string_view noticeVersion = "2026-1";

std::string lowerCase(std::string text) {
    for (char& c : text)
        if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    return text;
}

// "ada.archer@harbour.example".
std::string addressOf(const std::string& user, std::size_t tenant) {
    std::string address = lowerCase(user);
    for (char& c : address)
        if (c == ' ') c = '.';
    return address + "@" + std::string(demoTenants()[tenant].sipDomain);
}

Id targetId(Dice& dice) {
    Id id;
    for (std::uint8_t& byte : id.bytes)
        byte = static_cast<std::uint8_t>(dice.bits());
    return id;
}

bool serves(std::size_t carrier, std::size_t tenant) {
    for (std::size_t n = 0; n < demoNumbersPerCarrier; ++n)
        if (demoTenantOf(carrier, n) == tenant) return true;
    return false;
}

void addTo(UploadSum& sum, const json::value& answer) {
    for (const char* count : {"created", "updated", "unchanged", "outdated", "conflict", "rejected"})
        sum.records += integerAt(answer, std::string("/counts/") + count);
    sum.created += integerAt(answer, "/counts/created");
    sum.unchanged += integerAt(answer, "/counts/unchanged");
    for (const json::value& result : arrayAt(answer, "/results"))
        if (const std::string code = textAt(result, "/code"); !code.empty())
            sum.refusals.push_back({textAt(result, "/key"), code, textAt(result, "/message")});
}

}  // namespace

DemoSteps::DemoSteps(std::string baseUrl, ReplayClock& clock, std::uint64_t seed, const SampleWeek& week, Step step)
    : baseUrl_(std::move(baseUrl)),
      clock_(clock),
      seed_(seed),
      week_(week),
      step_(std::move(step)),
      numberIds_(demoCarriers().size(), std::vector<std::string>(demoNumbersPerCarrier)),
      targetIds_(numberIds_) {
    story_.durations.resize(demoCarriers().size());
    story_.days.resize(demoCarriers().size());
}

Result<void> DemoSteps::run(const std::string& firstId, const std::string& firstSecret) {
    TRY(step_("Making the parties and their clients"));
    TRY(makeParties(firstId, firstSecret));
    TRY(logAllIn());
    TRY(agree());
    TRY(step_("Ordering and assigning numbers"));
    TRY(orderNumbers());
    TRY(assignNumbers());
    // Tokens live half an hour: whoever acts days later asks for new ones.
    clock_.moveTo(startOf(week_.workday(2)) + hours(7));
    TRY(logAllIn());
    TRY(moveNumbers());
    clock_.catchUp();
    TRY(logAllIn());
    TRY(step_("Sending the platform's calls"));
    TRY(sendCalls());
    TRY(step_("Sending the carriers' durations"));
    TRY(sendDurations());
    TRY(step_("Reconciling"));
    return reconcile();
}

Result<DemoClient> DemoSteps::makeClient(ApiClient& first, const json::value& wanted, const std::string& partyId) {
    TRY_ASSIGN(const json::value made, first.post("/v1/clients", wanted));
    return DemoClient{textAt(made, "/clientId"), textAt(made, "/clientSecret"), partyId, ApiClient(baseUrl_)};
}

Result<void> DemoSteps::makeParties(const std::string& firstId, const std::string& firstSecret) {
    ApiClient first(baseUrl_);
    TRY(first.logIn(firstId, firstSecret));
    TRY_ASSIGN(DemoClient platform, makeClient(first, json::object{{"name", "platform"}, {"role", "platform"}}, ""));
    TRY(platform.api.logIn(platform.clientId, platform.secret));
    cast_.emplace(DemoCast{std::move(platform), {}, {}});
    for (const DemoTenant& tenant : demoTenants()) {
        TRY_ASSIGN(const json::value made,
                   cast_->platform.api.post("/v1/tenants", json::object{{"name", tenant.name},
                                                                        {"country", tenant.country},
                                                                        {"sipDomain", tenant.sipDomain}}));
        const std::string id = textAt(made, "/id");
        TRY_ASSIGN(DemoClient client,
                   makeClient(first, json::object{{"name", tenant.name}, {"role", "tenant"}, {"tenantId", id}}, id));
        cast_->tenants.push_back(std::move(client));
    }
    for (const DemoCarrier& carrier : demoCarriers()) {
        TRY_ASSIGN(const json::value made,
                   cast_->platform.api.post("/v1/carriers",
                                            json::object{{"name", carrier.name}, {"defaultRegion", carrier.country}}));
        const std::string id = textAt(made, "/id");
        TRY_ASSIGN(
            DemoClient client,
            makeClient(first, json::object{{"name", carrier.name}, {"role", "carrier"}, {"carriers", json::array{id}}},
                       id));
        cast_->carriers.push_back(std::move(client));
    }
    return {};
}

Result<void> DemoSteps::logAllIn() {
    TRY(cast_->platform.api.logIn(cast_->platform.clientId, cast_->platform.secret));
    for (auto* clients : {&cast_->carriers, &cast_->tenants})
        for (DemoClient& client : *clients)
            TRY(client.api.logIn(client.clientId, client.secret));
    return {};
}

json::array demoCountries() {
    json::array countries;
    for (const DemoCarrier& carrier : demoCarriers())
        countries.push_back(json::value(carrier.country));
    return countries;
}

// Each tenant accepts the notice for the carriers that serve it; each carrier signs.
Result<void> DemoSteps::agree() {
    TRY(cast_->platform.api.post(
        "/v1/notices", json::object{{"version", noticeVersion},
                                    {"texts", json::object{{"en",
                                                            "Your numbers, their SIP URIs, and the details and "
                                                            "quality of your calls go to the carrier that you "
                                                            "choose, so that the service works and its faults "
                                                            "can be found."}}}}));
    for (std::size_t tenant = 0; tenant < demoTenants().size(); ++tenant)
        for (std::size_t carrier = 0; carrier < demoCarriers().size(); ++carrier) {
            if (!serves(carrier, tenant)) continue;
            DemoClient& accepting = cast_->tenants[tenant];
            DemoClient& signing = cast_->carriers[carrier];
            TRY_ASSIGN(const json::value consent,
                       accepting.api.post("/v1/consents", json::object{{"tenantId", accepting.partyId},
                                                                       {"carrierId", signing.partyId},
                                                                       {"noticeVersion", noticeVersion},
                                                                       {"countries", demoCountries()}}));
            TRY(signing.api.post("/v1/consents/" + textAt(consent, "/id") + "/state",
                                 json::object{{"state", "agreementSigned"}}));
        }
    return {};
}

Result<void> DemoSteps::orderFor(std::size_t carrier, std::size_t tenant) {
    json::array wanted;
    for (std::size_t n = 0; n < demoNumbersPerCarrier; ++n)
        if (demoTenantOf(carrier, n) == tenant)
            wanted.push_back(
                json::object{{"telephoneNumber", demoNumber(carrier, n)},
                             {"reference", fmt::format("{}-{:04}", demoCarriers()[carrier].prefix, n + 1)}});
    // The last carrier also orders a number that the first holds.
    if (carrier + 1 == demoCarriers().size() && tenant == 0)
        wanted.push_back(json::object{{"telephoneNumber", demoNumber(0, 0)}});
    story_.numbersOrdered += wanted.size();
    TRY_ASSIGN(const json::value operation,
               cast_->carriers[carrier].api.order(
                   "/v1/number-orders",
                   json::object{{"tenantId", cast_->tenants[tenant].partyId}, {"numbers", std::move(wanted)}}));
    for (const json::value& result : arrayAt(operation, "/results")) {
        const std::string number = textAt(result, "/telephoneNumber");
        if (textAt(result, "/status") != "succeeded") {
            story_.refusedCarrier = demoCarriers()[carrier].name;
            story_.refusedNumber = {number, textAt(result, "/code"), textAt(result, "/message")};
            continue;
        }
        ++story_.numbersAccepted;
        for (std::size_t n = 0; n < demoNumbersPerCarrier; ++n)
            if (demoNumber(carrier, n) == number) numberIds_[carrier][n] = textAt(result, "/numberId");
    }
    return {};
}

Result<void> DemoSteps::orderNumbers() {
    for (std::size_t carrier = 0; carrier < demoCarriers().size(); ++carrier)
        for (std::size_t tenant = 0; tenant < demoTenants().size(); ++tenant)
            if (serves(carrier, tenant)) TRY(orderFor(carrier, tenant));
    return {};
}

Result<void> DemoSteps::assignNumbers() {
    Dice dice(seed_ ^ 0x74617267);
    std::vector<json::array> targets(demoTenants().size());
    for (std::size_t carrier = 0; carrier < demoCarriers().size(); ++carrier)
        for (std::size_t n = 0; n < demoNumbersPerCarrier; ++n) {
            const std::size_t tenant = demoTenantOf(carrier, n);
            const std::string user = demoUser(carrier, n);
            targetIds_[carrier][n] = formatId(targetId(dice));
            targets[tenant].push_back(json::object{{"id", targetIds_[carrier][n]},
                                                   {"type", "user"},
                                                   {"displayName", user},
                                                   {"userPrincipalName", addressOf(user, tenant)},
                                                   {"sipUri", "sip:" + addressOf(user, tenant)},
                                                   {"country", demoTenants()[tenant].country}});
        }
    for (std::size_t tenant = 0; tenant < targets.size(); ++tenant) {
        DemoClient& client = cast_->tenants[tenant];
        TRY(client.api.post("/v1/tenants/" + client.partyId + "/targets",
                            json::object{{"targets", std::move(targets[tenant])}}));
    }
    for (std::size_t carrier = 0; carrier < demoCarriers().size(); ++carrier)
        for (std::size_t n = 0; n < demoNumbersPerCarrier; ++n)
            TRY(cast_->tenants[demoTenantOf(carrier, n)].api.post("/v1/numbers/" + numberIds_[carrier][n] + "/assign",
                                                                  json::object{{"targetId", targetIds_[carrier][n]}}));
    return {};
}

// In the middle of the week one number goes to another user, and one is taken back.
Result<void> DemoSteps::moveNumbers() {
    story_.movedNumber = demoNumber(0, movedNumber);
    story_.movedFrom = demoUser(0, movedNumber);
    story_.movedTo = demoUser(0, movedNumber + 1);
    ApiClient& first = cast_->tenants[demoTenantOf(0, movedNumber)].api;
    const std::string moved = "/v1/numbers/" + numberIds_[0][movedNumber];
    TRY(first.post(moved + "/unassign", json::object{{"reason", "moves to a colleague"}}));
    TRY(first.post(moved + "/assign",
                   json::object{{"targetId", targetIds_[0][movedNumber + 1]}, {"category", "alternate"}}));

    story_.unassignedNumber = demoNumber(1, unassignedNumber);
    story_.unassignedReason = "the user left";
    ApiClient& second = cast_->tenants[demoTenantOf(1, unassignedNumber)].api;
    TRY(second.post("/v1/numbers/" + numberIds_[1][unassignedNumber] + "/unassign",
                    json::object{{"reason", story_.unassignedReason}}));
    return {};
}

Result<json::value> DemoSteps::upload(DemoClient& client, const std::string& path, const std::string& key,
                                      std::string lines) {
    http::ClientRequest request{.method = "POST", .url = path, .body = std::move(lines)};
    request.headers.set("Content-Type", "application/x-ndjson");
    request.headers.set("Idempotency-Key", key);
    return client.api.sendForJson(std::move(request));
}

Result<void> DemoSteps::sendCalls() {
    TRY_ASSIGN(const json::value answer,
               upload(cast_->platform, "/v1/calls", "calls-of-the-week", platformRecords(week_, seed_)));
    addTo(story_.calls, answer);
    return {};
}

Result<void> DemoSteps::sendDurations() {
    for (std::size_t carrier = 0; carrier < demoCarriers().size(); ++carrier) {
        const CarrierFiles files = carrierFiles(week_, carrier, seed_);
        for (std::size_t day = 0; day < files.days.size(); ++day) {
            TRY_ASSIGN(const json::value answer, upload(cast_->carriers[carrier], "/v1/durations",
                                                        fmt::format("durations-day-{}", day + 1), files.days[day]));
            addTo(story_.durations[carrier], answer);
        }
        if (carrier + 1 < demoCarriers().size()) continue;
        // The same file once more, as if the carrier had never got the answer and lost the key.
        TRY_ASSIGN(const json::value again,
                   upload(cast_->carriers[carrier], "/v1/durations", "durations-day-1-again", files.days.front()));
        story_.resentUnchanged = integerAt(again, "/counts/unchanged");
    }
    return {};
}

Result<void> DemoSteps::reconcile() {
    for (std::size_t carrier = 0; carrier < demoCarriers().size(); ++carrier)
        for (Day day = week_.firstDay; day <= week_.lastDay(); ++day.number) {
            TRY_ASSIGN(json::value report, cast_->carriers[carrier].api.post("/v1/reconciliation/runs",
                                                                             json::object{{"date", formatDay(day)}}));
            story_.days[carrier].push_back(std::move(report));
        }
    return {};
}

}  // namespace meetpoint::cli
