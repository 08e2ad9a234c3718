#include "api/declared_endpoints.h"

#include "api/endpoints.h"
#include "exchange/ledger_cache.h"

namespace meetpoint::api {
namespace {

// Refuses everything: a handler that is called all the same answers an error.
class NoDb final : public store::Db {
public:
    std::future<Result<void>> submit(const store::WriteScope&, store::TxFunction) override {
        std::promise<Result<void>> refused;
        refused.set_value(fail(internalError("there is no store behind declared endpoints")));
        return refused.get_future();
    }
    Result<void> read(const store::TxFunction&) override {
        return fail(internalError("there is no store behind declared endpoints"));
    }
    bool isHealthy() const override { return false; }
    void listen(store::Listener) override {}
    bool isShared() const override { return false; }
};

}  // namespace

// What a context refers to, in the order in which it does.
struct DeclaredEndpoints::Surroundings {
    explicit Surroundings(std::string version)
        : context{services,
                  limits,
                  tokens,
                  cursors,
                  bells,
                  orders,
                  {{services, webhookLimits, seal}, rules},
                  {services, qualityLimits, cursors, sweepHelpers},
                  exports,
                  {services, alertLimits},
                  {services, ticketLimits},
                  std::move(version)} {}

    NoDb db;
    SystemClock clock;
    SystemRandom random;
    store::Lanes lanes{KeyedHash(KeyedHash::Key{}), clock};
    exchange::LedgerCache ledger;
    exchange::Services services{db, lanes, ledger, clock, random, exchange::StoreKind::sandbox};
    exchange::Limits limits;
    exchange::TokenKey tokens;
    exchange::CursorKey cursors{Bytes()};
    Bells bells;
    exchange::OrderDesk orders{services, limits};
    exchange::WebhookLimits webhookLimits;
    exchange::SecretSeal seal{viewOf("nothing is sealed here")};
    http::OutboundRules rules;
    exchange::QualityLimits qualityLimits;
    exchange::SweepHelpers sweepHelpers{0};
    exchange::ExportLimits exportLimits;
    exchange::ExportDesk exports{services, exportLimits, cursors};
    exchange::AlertLimits alertLimits;
    exchange::TicketLimits ticketLimits;
    Context context;
    http::EndpointRegistry registry;
};

Result<std::unique_ptr<DeclaredEndpoints>> DeclaredEndpoints::make(std::string version) {
    auto surroundings = std::make_unique<Surroundings>(std::move(version));
    TRY(addAllEndpoints(surroundings->registry, surroundings->context));
    return std::unique_ptr<DeclaredEndpoints>(new DeclaredEndpoints(std::move(surroundings)));
}

DeclaredEndpoints::DeclaredEndpoints(std::unique_ptr<Surroundings> surroundings)
    : surroundings_(std::move(surroundings)) {}

DeclaredEndpoints::~DeclaredEndpoints() = default;

const http::EndpointRegistry& DeclaredEndpoints::registry() const {
    return surroundings_->registry;
}

Result<std::string> DeclaredEndpoints::document() const {
    return apiDocument(surroundings_->registry, surroundings_->context.version);
}

}  // namespace meetpoint::api
