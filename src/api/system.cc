// Health, readiness, and the API's own document.
#include "api/endpoints.h"
#include "exchange/ledger_cache.h"
#include "http/json.h"

namespace meetpoint::api {
namespace {

using http::endpoint;
using http::Request;
using http::Response;

struct Health {
    std::string status;
    std::string store;
    std::string version;
};
BOOST_DESCRIBE_STRUCT(Health, (), (status, store, version))

}  // namespace

std::vector<http::Endpoint> systemEndpoints(const Context& context, const http::EndpointRegistry& registry) {
    std::vector<http::Endpoint> list;
    list.push_back(
        endpoint(http::get("/healthz"), "readHealth")
            .tag("Operations")
            .summary("Whether the process answers")
            .open()
            .answers<Health>(200, "It does")
            .handle([&context](const Request&) -> Result<Response> {
                return http::jsonResponse(Health{"alive", std::string(name(context.exchange.kind)), context.version});
            }));
    list.push_back(
        endpoint(http::get("/readyz"), "readReadiness")
            .tag("Operations")
            .summary("Whether the store takes reads and writes")
            .open()
            .answers<Health>(200, "It does")
            .handle([&context](const Request&) -> Result<Response> {
                if (!context.exchange.db.isHealthy())
                    return fail(Error{ErrorKind::unavailable,
                                      "storage-failed",
                                      "The store accepts nothing more until a restart.",
                                      {},
                                      {},
                                      0});
                TRY(context.exchange.db.read([&](store::Tx& tx) { return context.exchange.ledger.refresh(tx); }));
                return http::jsonResponse(Health{"ready", std::string(name(context.exchange.kind)), context.version});
            }));
    list.push_back(endpoint(http::get("/openapi.json"), "readApiDocument")
                       .tag("Operations")
                       .summary("This document")
                       .open()
                       .answers(200, "application/json", {nullptr, R"({"type":"object"})"}, "OpenAPI 3.1")
                       .handle([&context, &registry](const Request&) -> Result<Response> {
                           TRY_ASSIGN(auto document, apiDocument(registry, context.version));
                           return http::jsonText(std::move(document));
                       }));
    return list;
}

}  // namespace meetpoint::api
