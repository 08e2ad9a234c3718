#include "cli/verify.h"

#include <boost/json.hpp>
#include <fmt/ostream.h>

#include "cli/exit_codes.h"
#include "exchange/store_setup.h"
#include "exchange/verify.h"
#include "store/sqlite.h"

namespace meetpoint::cli {
namespace {

namespace json = boost::json;

std::string laneName(store::LaneId lane) {
    return fmt::format("{}/{}", lane.shardKey, columns::name(lane.kind));
}

json::object wire(const store::LaneProof& proof) {
    return {{"lane", laneName(proof.lane)}, {"entries", proof.entries},
            {"records", proof.records},     {"distinctKeys", proof.distinctKeys},
            {"head", toHex(proof.head)},    {"faults", json::array(proof.faults.begin(), proof.faults.end())}};
}

Result<std::vector<store::LaneProof>> verify(const VerifyOptions& options, std::ostream& out) {
    const SystemClock clock;
    TRY_ASSIGN(const auto db, store::openSqlite(options.data, {}, clock, makeLog("warn")));
    TRY_ASSIGN(const auto identity, exchange::readIdentity(*db));
    const store::Lanes lanes(KeyedHash(identity.hashKey), clock);
    return exchange::verifyStore(*db, lanes, [&](const store::LaneProof& proof) {
        if (options.json) return;
        fmt::print(out, "{:<20} {:>12} records in {:>8} entries  {}\n", laneName(proof.lane), proof.records,
                   proof.entries, proof.faults.empty() ? "intact" : "NOT INTACT");
        for (const std::string& fault : proof.faults)
            fmt::print(out, "    {}\n", fault);
    });
}

}  // namespace

int runVerify(const VerifyOptions& options, std::ostream& out, std::ostream& err) {
    const auto proofs = verify(options, out);
    if (!proofs) {
        fmt::print(err, "meetpoint verify: {}\n", proofs.error().message);
        return exitFailure;
    }
    const bool intact = std::ranges::all_of(*proofs, [](const auto& proof) { return proof.faults.empty(); });
    if (options.json) {
        json::array lanes;
        for (const auto& proof : *proofs)
            lanes.push_back(wire(proof));
        fmt::print(out, "{}\n", json::serialize(json::object{{"intact", intact}, {"lanes", std::move(lanes)}}));
    } else {
        std::int64_t records = 0;
        for (const auto& proof : *proofs)
            records += proof.records;
        fmt::print(out, "{} lanes, {} records: {}\n", proofs->size(), records,
                   intact ? "every chain, sequence and content holds."
                          : "something does not hold, see above. Restore from a backup and compare.");
    }
    return intact ? exitFine : exitDifferences;
}

void addVerifyCommand(CLI::App& app, std::function<void(const VerifyOptions&)> run) {
    auto options = std::make_shared<VerifyOptions>();
    CLI::App* command = app.add_subcommand("verify", "Prove that the store is intact: chains, sequences, contents");
    command->add_option("--data", options->data, "Data folder")->capture_default_str();
    command->add_flag("--json", options->json, "For machines");
    command->callback([options, run = std::move(run)] { run(*options); });
}

}  // namespace meetpoint::cli
