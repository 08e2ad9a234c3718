// The demo's story, step by step, each through the HTTP API by the party whose step it is: parties, consents,
// numbers and assignments first, then a week of calls from both sides, then reconciliation.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "cli/api_client.h"
#include "cli/demo_calls.h"
#include "cli/replay_clock.h"

namespace meetpoint::cli {

// One OAuth client of the demo, with the party that it acts for.
struct DemoClient {
    std::string clientId, secret;
    std::string partyId;  // of the carrier or tenant; empty for the platform
    ApiClient api;
};

// A refusal that the exchange answered, in its words.
struct Refusal {
    std::string what;  // the number or the recordId
    std::string code;
    std::string message;
};

struct UploadSum {
    std::int64_t records = 0, created = 0, unchanged = 0;
    std::vector<Refusal> refusals;
};

// What happened on the way, for the report.
struct DemoStory {
    std::size_t numbersOrdered = 0, numbersAccepted = 0;
    std::string refusedCarrier;  // whose order had the refused number
    Refusal refusedNumber;
    std::string movedNumber, movedFrom, movedTo;
    std::string unassignedNumber, unassignedReason;
    UploadSum calls;
    std::vector<UploadSum> durations;                   // a carrier each
    std::int64_t resentUnchanged = 0;                   // of one file that a carrier sent a second time
    std::vector<std::vector<boost::json::value>> days;  // the day reports, a carrier each, oldest first
};

struct DemoCast {
    DemoClient platform;
    std::vector<DemoClient> carriers;
    std::vector<DemoClient> tenants;
};

class DemoSteps {
public:
    // `step` is told what comes next and may end the demo with an error.
    using Step = std::function<Result<void>(const std::string& what)>;
    DemoSteps(std::string baseUrl, ReplayClock& clock, std::uint64_t seed, const SampleWeek& week, Step step);

    // `firstId` and `firstSecret` are of the store's first client. Afterwards the clock is where the real one
    // is.
    Result<void> run(const std::string& firstId, const std::string& firstSecret);

    DemoCast& cast() { return *cast_; }
    const DemoStory& story() const { return story_; }

private:
    Result<void> makeParties(const std::string& firstId, const std::string& firstSecret);
    Result<DemoClient> makeClient(ApiClient& first, const boost::json::value& wanted, const std::string& partyId);
    Result<void> logAllIn();
    Result<void> agree();
    Result<void> orderNumbers();
    Result<void> orderFor(std::size_t carrier, std::size_t tenant);
    Result<void> assignNumbers();
    Result<void> moveNumbers();
    Result<void> sendCalls();
    Result<void> sendDurations();
    Result<void> reconcile();
    Result<boost::json::value> upload(DemoClient& client, const std::string& path, const std::string& key,
                                      std::string lines);

    std::string baseUrl_;
    ReplayClock& clock_;
    std::uint64_t seed_;
    const SampleWeek& week_;
    Step step_;
    std::optional<DemoCast> cast_;
    DemoStory story_;
    std::vector<std::vector<std::string>> numberIds_;  // a carrier and number each
    std::vector<std::vector<std::string>> targetIds_;  // the user of each number
};

}  // namespace meetpoint::cli
