// Numbers and operations as the API gives them.
#pragma once

#include <boost/describe.hpp>

#include "domain/access.h"
#include "exchange/orders.h"
#include "http/json.h"
#include "store/numbers.h"

namespace meetpoint::api {

struct Number {
    Id id;
    std::string telephoneNumber;
    Id carrierId;
    Id tenantId;
    std::string state;
    std::optional<std::string> stateReason;
    std::optional<Instant> expectedBy;
    std::optional<Id> operationId;
    std::string usage;
    std::optional<std::string> additionalUsage;
    std::vector<std::string> capabilities;
    std::optional<std::string> country;
    std::optional<std::string> targetType;
    std::optional<Id> targetId;
    std::optional<std::string> category;
    std::optional<std::string> sipUri;
    std::optional<std::string> locationId;
    std::optional<std::string> callingProfileId;
    std::optional<std::string> ticketId;
    std::optional<std::string> reference;
    Instant acquiredAt;
    Instant changedAt;
    std::int64_t version;
    static constexpr http::FieldDoc docs[] = {
        {.field = "state",
         .what = "available, assignmentPending, assigned, assignmentFailed, unassignPending, releaseRequested, "
                 "removed, portingIn"},
        {.field = "stateReason", .what = "What a pending state waits for, or why an assignment failed"},
        {.field = "expectedBy", .what = "When a pending state should end at the latest"},
        {.field = "operationId", .what = "The operation that a pending state waits for"},
        {.field = "capabilities", .what = "inboundCalling, outboundCalling, tollFree, mobile"},
        {.field = "country", .what = "ISO 3166-1 alpha-2; absent for numbers of no country"},
        {.field = "targetId", .what = "Shown to platform and tenant"},
        {.field = "category", .what = "primary, private or alternate, of an assignment"},
        {.field = "ticketId", .what = "The carrier's ticket of the order"},
        {.field = "reference", .what = "The carrier's own; echoed in events, calls and usage"},
        {.field = "version", .what = "The ETag's"},
    };
};
BOOST_DESCRIBE_STRUCT(Number, (),
                      (id, telephoneNumber, carrierId, tenantId, state, stateReason, expectedBy, operationId, usage,
                       additionalUsage, capabilities, country, targetType, targetId, category, sipUri, locationId,
                       callingProfileId, ticketId, reference, acquiredAt, changedAt, version))

// A number as its caller may see it.
Number wire(const store::Number& number, const domain::Caller& caller);
// The number with its version as ETag.
http::Response answer(const store::Number& number, const domain::Caller& caller, int status = 200);
// The version that If-Match names, if it is sent. Code "bad-if-match".
Result<std::optional<std::int64_t>> versionOf(const http::Request& request);

struct NumberResult {
    std::int64_t index;
    std::string telephoneNumber;
    std::string status;
    std::optional<Id> numberId;
    std::optional<Id> workId;
    std::optional<std::string> code;
    std::optional<std::string> message;
    static constexpr http::FieldDoc docs[] = {
        {.field = "index", .what = "Position in the order, from 0"},
        {.field = "telephoneNumber", .what = "As it was sent"},
        {.field = "status", .what = "pending, succeeded or failed"},
        {.field = "workId",
         .what = "What the number waits for now: the operation of the platform's switch, or the port"},
        {.field = "code", .what = "Why it was refused; stable"},
    };
};
BOOST_DESCRIBE_STRUCT(NumberResult, (), (index, telephoneNumber, status, numberId, workId, code, message))

struct OperationCounts {
    std::int64_t total, pending, succeeded, failed;
};
BOOST_DESCRIBE_STRUCT(OperationCounts, (), (total, pending, succeeded, failed))

struct Operation {
    Id id;
    std::string kind;
    std::string status;
    bool dryRun;
    std::optional<Id> carrierId;
    std::optional<Id> tenantId;
    std::optional<Id> numberId;
    Instant createdAt;
    std::optional<Instant> finishedAt;
    std::optional<Instant> expectedBy;
    std::optional<std::string> reason;
    OperationCounts counts;
    std::int64_t version;
    bool complete;
    std::vector<NumberResult> results;
    static constexpr http::FieldDoc docs[] = {
        {.field = "kind",
         .what = "Orders: numberUpload, numberRelease, numberPort, numberAssignment, numberUnassignment. Work of the "
                 "platform's switch: assignNumber, unassignNumber, removeNumber"},
        {.field = "status", .what = "notStarted, running, succeeded, partiallySucceeded or failed"},
        {.field = "dryRun", .what = "Nothing was changed: the results say what would become of it"},
        {.field = "numberId", .what = "Of work of the switch: its number"},
        {.field = "reason", .what = "Why it failed as a whole"},
        {.field = "version", .what = "Rises with every change; give it as `after` to wait for the next"},
        {.field = "complete",
         .what = "true: `results` has every number; false: the first failures only, all results under "
                 "/v1/operations/{id}/numbers"},
    };
};
BOOST_DESCRIBE_STRUCT(Operation, (),
                      (id, kind, status, dryRun, carrierId, tenantId, numberId, createdAt, finishedAt, expectedBy,
                       reason, counts, version, complete, results))

NumberResult wire(const store::OperationNumber& number);
// Without results.
Operation wire(const store::Operation& operation);

}  // namespace meetpoint::api
