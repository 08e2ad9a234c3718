#include "cli/migrate_store.h"

#include <boost/json.hpp>
#include <fmt/ostream.h>

#include "cli/exit_codes.h"
#include "exchange/move_store.h"
#include "server/open_store.h"

namespace meetpoint::cli {
namespace {

namespace json = boost::json;

server::Configuration placeNamed(const std::string& name) {
    server::Configuration place;
    if (name.starts_with("postgresql://") || name.starts_with("postgres://"))
        place.database = name;
    else
        place.data = name;
    return place;
}

std::string serveOptions(const server::Configuration& place) {
    return place.database.empty() ? "--data " + place.data.string() : "--database …, on as many machines as you like";
}

void showProgress(std::ostream& err, const exchange::MoveProgress& progress) {
    fmt::print(err, "\r\033[K{} {}: {} rows", progress.isProof ? "comparing" : "copying", progress.table,
               progress.rows);
    err.flush();
}

Result<exchange::Moved> move(const server::Configuration& from, const server::Configuration& to, std::ostream& err,
                             bool terminal) {
    const SystemClock clock;
    SystemRandom random;
    const Log log = makeLog("warn");
    TRY_ASSIGN(const auto source, server::openStore(from, clock, random, log));
    TRY_ASSIGN(const auto target, server::makeStore(to, clock, random, log));
    auto moved = exchange::moveStore(*source, *target, clock, [&](const exchange::MoveProgress& progress) {
        if (terminal) showProgress(err, progress);
    });
    if (terminal) fmt::print(err, "\r\033[K");
    return moved;
}

std::int64_t recordsOf(const exchange::Moved& moved) {
    std::int64_t records = 0;
    for (const store::LaneProof& lane : moved.lanes)
        records += lane.records;
    return records;
}

}  // namespace

int runMigrateStore(const MigrateStoreOptions& options, std::ostream& out, std::ostream& err, bool terminal) {
    const server::Configuration from = placeNamed(options.from), to = placeNamed(options.to);
    const auto moved = move(from, to, err, terminal);
    if (!moved) {
        fmt::print(err, "meetpoint migrate-store: {}\n", moved.error().message);
        return exitFailure;
    }
    if (options.json) {
        fmt::print(out, "{}\n",
                   json::serialize(json::object{{"tables", moved->tables},
                                                {"rows", moved->rows},
                                                {"rowsBefore", moved->rowsBefore},
                                                {"lanes", moved->lanes.size()},
                                                {"records", recordsOf(*moved)}}));
        return exitFine;
    }
    fmt::print(out,
               "Moved {} rows of {} tables; every table is the same on both sides, and every hash of {} lanes with {} "
               "records holds.\nThe store that was moved is left as it is: do not serve it again.\nNext: meetpoint "
               "serve {}\n",
               moved->rows, moved->tables, moved->lanes.size(), recordsOf(*moved), serveOptions(to));
    if (moved->rowsBefore > 0)
        fmt::print(out, "{} of the rows were there from a move that broke off.\n", moved->rowsBefore);
    return exitFine;
}

void addMigrateStoreCommand(CLI::App& app, std::function<void(const MigrateStoreOptions&)> run) {
    auto options = std::make_shared<MigrateStoreOptions>();
    CLI::App* command = app.add_subcommand(
        "migrate-store", "Move everything from a data folder into a shared database, or back, and prove it");
    command->add_option("--from", options->from, "Data folder or postgresql://… that no exchange serves meanwhile")
        ->required();
    command->add_option("--to", options->to, "Empty data folder or database, or one that this move began")->required();
    command->add_flag("--json", options->json, "For machines");
    command->callback([options, run = std::move(run)] { run(*options); });
}

}  // namespace meetpoint::cli
