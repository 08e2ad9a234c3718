// OAuth clients: who may call, as what.
#include "exchange/clients.h"

#include "api/endpoints.h"
#include "http/json.h"

namespace meetpoint::api {

using http::endpoint;
using http::Request;
using http::Response;

enum class ClientRole { platform, carrier, tenant, auditor };
BOOST_DESCRIBE_ENUM(ClientRole, platform, carrier, tenant, auditor)

struct NewClient {
    std::string name;
    ClientRole role = ClientRole::carrier;
    std::optional<std::vector<Id>> carriers;
    std::optional<Id> tenantId;
    std::optional<std::vector<std::string>> scopes;
    std::optional<Instant> expiresAt;

    static constexpr http::FieldDoc docs[] = {
        {.field = "name", .minLength = 1, .maxLength = 200},
        {.field = "carriers",
         .what = "Of a carrier client: the carriers that it acts for",
         .maxLength = domain::carriersPerClient},
        {.field = "tenantId", .what = "Of a tenant client"},
        {.field = "scopes", .what = "Left out: all that the role may have", .maxLength = 100},
    };
};
BOOST_DESCRIBE_STRUCT(NewClient, (), (name, role, carriers, tenantId, scopes, expiresAt))

struct Client {
    std::string clientId;
    std::string name;
    ClientRole role;
    std::vector<Id> carriers;
    std::optional<Id> tenantId;
    std::vector<std::string> scopes;
    Instant createdAt;
    std::optional<Instant> expiresAt;
    std::optional<std::string> clientSecret;
    static constexpr http::FieldDoc docs[] = {
        {.field = "clientSecret", .what = "Only in the answer that made the client; it cannot be read again"}};
};
BOOST_DESCRIBE_STRUCT(Client, (),
                      (clientId, name, role, carriers, tenantId, scopes, createdAt, expiresAt, clientSecret))

struct ClientList {
    std::vector<Client> items;
};
BOOST_DESCRIBE_STRUCT(ClientList, (), (items))

namespace {

Client wire(const store::Client& client, std::optional<std::string> secret = {}) {
    return {client.id,        client.name,      static_cast<ClientRole>(client.role),
            client.carriers,  client.tenantId,  client.scopes,
            client.createdAt, client.expiresAt, std::move(secret)};
}

}  // namespace

std::vector<http::Endpoint> clientEndpoints(const Context& context) {
    const std::string manage(domain::scope::clientsManage);
    std::vector<http::Endpoint> list;
    list.push_back(
        endpoint(http::post("/v1/clients"), "createClient")
            .tag("Access")
            .summary("Make an OAuth client; its secret is shown once")
            .scope(manage)
            .answers<Client>(201, "The client and its secret")
            .problems({"unknown-scope", "client-incomplete"})
            .handle<NewClient>([&context](const Request&, NewClient body) -> Result<Response> {
                TRY_ASSIGN(const auto made,
                           exchange::makeClient(context.exchange,
                                                {body.name, static_cast<domain::Role>(body.role),
                                                 body.carriers.value_or(std::vector<Id>()), body.tenantId,
                                                 body.scopes.value_or(std::vector<std::string>()), body.expiresAt}));
                Response response = http::jsonResponse(wire(made.client, made.secret), 201);
                response.headers.set("Cache-Control", "no-store");
                return response;
            }));
    list.push_back(endpoint(http::get("/v1/clients"), "listClients")
                       .tag("Access")
                       .summary("All OAuth clients, without their secrets")
                       .scope(manage)
                       .answers<ClientList>(200, "In order of id")
                       .handle([&context](const Request&) -> Result<Response> {
                           TRY_ASSIGN(const auto clients, exchange::listClients(context.exchange));
                           ClientList answer;
                           for (const auto& client : clients)
                               answer.items.push_back(wire(client));
                           return http::jsonResponse(answer);
                       }));
    return list;
}

}  // namespace meetpoint::api
