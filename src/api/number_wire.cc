#include "api/number_wire.h"

#include "exchange/order_text.h"
#include "http/precondition.h"

namespace meetpoint::api {
namespace {

std::vector<std::string> listOf(std::string_view names) {
    std::vector<std::string> list;
    while (!names.empty()) {
        const std::size_t comma = std::min(names.find(','), names.size());
        list.emplace_back(names.substr(0, comma));
        names.remove_prefix(std::min(comma + 1, names.size()));
    }
    return list;
}

}  // namespace

Number wire(const store::Number& number, const domain::Caller& caller) {
    return {number.id,
            domain::format(number.e164),
            number.carrierId,
            number.tenantId,
            std::string(name(number.state)),
            number.stateReason,
            number.expectedBy,
            number.operationId,
            number.usage,
            number.additionalUsage,
            listOf(number.capabilities),
            number.country.empty() ? std::nullopt : std::optional(number.country),
            number.targetType,
            caller.role == domain::Role::carrier ? std::nullopt : number.targetId,
            number.category,
            number.sipUri,
            number.locationId,
            number.callingProfileId,
            number.ticketId,
            number.reference,
            number.acquiredAt,
            number.changedAt,
            number.version};
}

http::Response answer(const store::Number& number, const domain::Caller& caller, int status) {
    http::Response response = http::jsonResponse(wire(number, caller), status);
    response.headers.set("ETag", http::etagOf(static_cast<std::uint64_t>(number.version)));
    return response;
}

Result<std::optional<std::int64_t>> versionOf(const http::Request& request) {
    TRY_ASSIGN(const auto version, http::expectedVersion(request, http::IfMatch::optional));
    return version ? std::optional(static_cast<std::int64_t>(*version)) : std::nullopt;
}

NumberResult wire(const store::OperationNumber& number) {
    return {number.position, number.telephoneNumber, number.status, number.numberId, number.workId,
            number.code,     number.message};
}

Operation wire(const store::Operation& operation) {
    const auto order = exchange::readOrder(operation.request);
    return {operation.id,
            operation.kind,
            std::string(name(operation.status)),
            order && order->dryRun,
            operation.carrierId,
            operation.tenantId,
            operation.numberId,
            operation.createdAt,
            operation.finishedAt,
            operation.expectedBy,
            operation.reason,
            {operation.total, operation.total - operation.succeeded - operation.failed, operation.succeeded,
             operation.failed},
            operation.version,
            false,
            {}};
}

}  // namespace meetpoint::api
