// What an operator can set. One struct a part, each setting with its unit and default; docs/reference/configuration.md
// lists them all.
#pragma once

#include <filesystem>
#include <string>

#include "exchange/alert_rules.h"
#include "exchange/day_keeper.h"
#include "exchange/exports.h"
#include "exchange/quality.h"
#include "exchange/services.h"
#include "exchange/statements.h"
#include "exchange/tickets.h"
#include "exchange/upkeep.h"
#include "http/listener.h"
#include "server/delivery_worker.h"
#include "store/keys.h"
#include "store/postgres.h"
#include "store/sqlite.h"

namespace meetpoint::server {

struct Configuration {
    std::filesystem::path data = "meetpoint-data";  // the data folder
    std::string database;               // postgresql://…, instead of the data folder; several nodes may share it
    std::string address = "127.0.0.1";  // of the API
    std::uint16_t port = 8080;          // 0: a free one
    std::string operationsAddress = "127.0.0.1";  // of /metrics
    std::uint16_t operationsPort = 9464;          // 0: a free one
    std::string publicUrl;  // where callers reach the API, where a proxy stands in front; no slash at its end
    std::string certificateFile, keyFile;  // PEM; both or neither
    std::string logLevel = "info";
    std::string provisioning = "immediate";  // or "switch": who confirms assignments, the exchange or the switch
    Duration stopGrace = seconds(20);        // that requests may take to finish when the server is asked to stop
    exchange::Limits limits;
    store::SqliteLimits store;
    store::PostgresLimits databaseLimits;
    store::KeyIndexLimits keys;
    store::BlockFilterLimits filters;
    exchange::UpkeepLimits upkeep;
    exchange::StatementLimits statements;
    exchange::DayKeeperLimits reconciliation;
    exchange::ExportLimits exports;
    exchange::QualityLimits quality;
    exchange::AlertLimits alerts;
    exchange::TicketLimits tickets;
    WebhookSettings webhooks;
    http::ListenerLimits http;
};

// Reads a TOML file over the defaults. Codes "bad-configuration" (file, line and key named), "file-not-readable".
Result<Configuration> readConfiguration(const std::filesystem::path& file);

}  // namespace meetpoint::server
