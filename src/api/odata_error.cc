#include "api/odata_error.h"

#include <boost/json.hpp>

namespace meetpoint::api {
namespace {

namespace json = boost::json;

std::string_view graphCode(const Error& error) {
    if (error.code == "graph-not-supported") return "notSupported";
    switch (error.kind) {
        case ErrorKind::invalidInput:
        case ErrorKind::tooLarge:
        case ErrorKind::unsupportedMedia:
        case ErrorKind::notAcceptable:
            return "invalidRequest";
        case ErrorKind::unauthenticated:
            return "unauthenticated";
        case ErrorKind::forbidden:
            return "accessDenied";
        case ErrorKind::notFound:
            return "itemNotFound";
        case ErrorKind::conflict:
        case ErrorKind::methodNotAllowed:
            return "notAllowed";
        case ErrorKind::preconditionFailed:
            return "resourceModified";
        case ErrorKind::gone:
            return "resyncRequired";
        case ErrorKind::rateLimited:
            return "activityLimitReached";
        case ErrorKind::unavailable:
            return "serviceNotAvailable";
        case ErrorKind::timeout:
        case ErrorKind::corrupt:
        case ErrorKind::internal:
            return "generalException";
    }
    return "generalException";
}

std::string write(const Error& error, const http::ErrorOccasion& occasion) {
    json::object body{{"code", graphCode(error)}, {"message", error.message}};
    if (!error.faults.empty()) {
        json::array details;
        for (const Fault& fault : error.faults)
            details.push_back(
                json::object{{"code", fault.code}, {"target", fault.pointer}, {"message", fault.message}});
        body["target"] = error.faults.front().pointer;
        body["details"] = std::move(details);
    }
    body["innerError"] =
        json::object{{"code", error.code}, {"request-id", occasion.requestId}, {"date", formatInstant(occasion.at)}};
    return json::serialize(json::object{{"error", std::move(body)}});
}

constexpr const char* schema = R"({
  "type": "object", "required": ["error"],
  "properties": {"error": {
    "type": "object", "required": ["code", "message", "innerError"],
    "properties": {
      "code": {"type": "string", "description": "Microsoft Graph's word for the kind of error."},
      "message": {"type": "string", "description": "What is wrong and what to do next."},
      "target": {"type": "string", "description": "What is at fault: a part of the filter, a parameter, a field."},
      "details": {"type": "array", "items": {
        "type": "object", "required": ["code", "target", "message"],
        "properties": {"code": {"type": "string"}, "target": {"type": "string"}, "message": {"type": "string"}}}},
      "innerError": {
        "type": "object", "required": ["code", "request-id", "date"],
        "properties": {
          "code": {"type": "string", "description": "The code of the problem; stable."},
          "request-id": {"type": "string"},
          "date": {"type": "string", "format": "date-time"}}}}}}
})";

}  // namespace

std::shared_ptr<const http::ErrorForm> odataErrors() {
    static const auto form = std::make_shared<const http::ErrorForm>(
        http::ErrorForm{"ODataError",
                        "application/json",
                        {.json = schema},
                        "An error in the form of OData 4 and Microsoft Graph, with the code of the problem.",
                        write});
    return form;
}

}  // namespace meetpoint::api
