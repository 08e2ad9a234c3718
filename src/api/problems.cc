#include "api/problems.h"

namespace meetpoint::api {

std::vector<std::pair<std::string, std::string>> commonProblems() {
    return {
        {"bad-encoding", "The body is not what its Content-Encoding says."},
        {"bad-escape", "The path or the query has a percent sign that escapes nothing."},
        {"bad-json", "The body is no JSON; the fault names the line."},
        {"bad-parameters", "Parameters are missing, unknown or malformed; there is a fault for each."},
        {"body-timeout", "The body did not come in time."},
        {"body-too-large", "The body is over this endpoint's limit."},
        {"busy", "Too many requests wait already; see Retry-After."},
        {"compression-ratio", "The body grows far beyond its compressed size."},
        {"corrupt-data", "Stored data fails its checks. Tell the operator."},
        {"deadline-passed", "The time for this request passed before it was begun."},
        {"headers-too-large", "Request line and headers are over their limit."},
        {"internal-error", "A defect of the exchange. Quote the request id."},
        {"invalid-body", "The body does not fit; there is a fault for each field."},
        {"malformed-request", "This is not well-formed HTTP/1.1."},
        {"method-not-allowed", "The path exists, the method does not; see Allow."},
        {"not-acceptable", "None of the media types in Accept is written here."},
        {"not-found", "It does not exist, or is not the caller's: both answer alike."},
        {"overloaded", "Too many writes wait already; see Retry-After."},
        {"scope-missing", "The token does not grant the scope that this needs."},
        {"stopping", "The server is stopping; send the request again."},
        {"storage-busy", "The store was held by somebody else for too long."},
        {"storage-failed", "The store accepts nothing more until a restart."},
        {"storage-full", "The disk is full."},
        {"token-expired", "The access token has expired."},
        {"token-invalid", "The access token is not one of this exchange."},
        {"token-missing", "There is no access token."},
        {"too-many-parameters", "The query has too many parameters."},
        {"truncated-body", "The body ends too early."},
        {"unexpected-body", "This request takes no body."},
        {"unsupported-encoding", "Content-Encoding may be gzip or zstd."},
        {"unsupported-media-type", "The body's Content-Type is not one that is read here."},
    };
}

}  // namespace meetpoint::api
