#include "server/configuration.h"

#include <fmt/format.h>
#include <toml++/toml.h>

namespace meetpoint::server {
namespace {

// One setting: where it stands in the file and in the structure, and its bounds. What is not in this table is an error.
struct Setting {
    std::string_view key;  // "section.name"
    std::variant<std::string*, std::filesystem::path*, std::uint16_t*, std::size_t*, int*, bool*, double*, Duration*,
                 std::vector<Duration>*>
        place;
    std::int64_t min = 0;
    std::int64_t max = INT64_MAX;
};

constexpr std::size_t longestList = 32;

std::vector<Setting> webhookSettingsOf(WebhookSettings& webhooks) {
    exchange::WebhookLimits& limits = webhooks.limits;
    return {
        {"webhooks.allowHttp", &webhooks.rules.allowsPlainHttp},
        {"webhooks.allowPrivateAddresses", &webhooks.rules.allowsPrivateAddresses},
        {"webhooks.authoritiesFile", &webhooks.authoritiesFile},
        {"webhooks.endpointsPerCarrier", &limits.endpointsPerCarrier, 1, 1'000},
        {"webhooks.secretsPerEndpoint", &limits.secretsPerEndpoint, 1, 100},
        {"webhooks.waitingPerEndpoint", &limits.waitingPerEndpoint, 1, 100'000},
        {"webhooks.requestsInFlight", &limits.requestsInFlight, 1, 1'024},
        {"webhooks.requestsToFailing", &limits.requestsToFailing, 1, 1'024},
        {"webhooks.requestsPerEndpoint", &limits.requestsPerEndpoint, 1, 1'024},
        {"webhooks.attemptTimeoutMs", &limits.attemptTimeout, 100, 120'000},
        {"webhooks.answerBytes", &limits.answerBytes, 0, 1 << 20},
        {"webhooks.retriesMs", &limits.retries, 0, 30 * 86'400'000LL},
        {"webhooks.jitterPercent", &limits.jitterPercent, 0, 1'000},
        {"webhooks.longestRetryAfterMs", &limits.longestRetryAfter, 0, 30 * 86'400'000LL},
        {"webhooks.secretOverlapMs", &limits.secretOverlap, 0, 365 * 86'400'000LL},
        {"webhooks.keepDeliveredMs", &limits.keepDelivered, 0},
        {"webhooks.attemptsKept", &limits.attemptsKept, 1, 1'000},
        {"webhooks.lookMs", &limits.look, 1, 60'000},
        {"webhooks.leaseMs", &limits.lease, 1'000, 3'600'000},
        {"webhooks.afterFailureMs", &limits.afterFailure, 100, 86'400'000},
    };
}

std::vector<Setting> qualitySettingsOf(exchange::QualityLimits& quality) {
    domain::QualityLimits& stream = quality.stream;
    return {
        {"quality.poorAboveAudioDegradation", &stream.audioDegradation, 0, 5},
        {"quality.poorAboveRoundTripMs", &stream.roundTripMs, 0, 60'000},
        {"quality.poorAboveLossRatio", &stream.lossRatio, 0, 1},
        {"quality.poorAboveJitterMs", &stream.jitterMs, 0, 60'000},
        {"quality.poorAboveConcealedRatio", &stream.concealedRatio, 0, 1},
        {"quality.groupsPerQuery", &quality.groups, 1, 1'000'000},
        {"quality.longestRangeMs", &quality.longestRange, 60'000},
        {"quality.longestFindingRangeMs", &quality.longestFindingRange, 60'000},
        {"quality.findingHistoryMs", &quality.findingHistory, 3'600'000},
        {"quality.findingCells", &quality.findingCells, 1'000, 1'000'000'000},
        {"quality.threads", &quality.threads, 0, 256},
    };
}

std::vector<Setting> alertSettingsOf(exchange::AlertLimits& alerts) {
    return {
        {"alerts.delayMs", &alerts.delay, 0, 86'400'000},
        {"alerts.catchUpMs", &alerts.catchUp, 0, 30 * 86'400'000LL},
        {"alerts.evaluationTimeMs", &alerts.evaluationTime, 100, 3'600'000},
        {"alerts.silentForMs", &alerts.silentFor, 60'000},
        {"alerts.keepClearedMs", &alerts.keepCleared, 0},
        {"alerts.rulesPerParty", &alerts.rulesPerParty, 1, 10'000},
        {"alerts.groupsPerRule", &alerts.groupsPerRule, 1, 10'000},
        {"alerts.windowsPerTurn", &alerts.windowsPerTurn, 1, 10'000},
        {"alerts.pauseMs", &alerts.pause, 1, 3'600'000},
        {"alerts.leaseMs", &alerts.lease, 1'000, 3'600'000},
        {"alerts.afterFailureMs", &alerts.afterFailure, 100, 86'400'000},
    };
}

std::vector<Setting> ticketSettingsOf(exchange::TicketLimits& tickets) {
    return {
        {"tickets.openPerCarrier", &tickets.openPerCarrier, 1, 1'000'000},
        {"tickets.itemsPerDispute", &tickets.itemsPerDispute, 1, 10'000},
        {"tickets.daysPerDispute", &tickets.daysPerDispute, 1, 366},
        {"tickets.callsPerTicket", &tickets.callsPerTicket, 1, 1'000},
        {"tickets.stepsPerTicket", &tickets.stepsPerTicket, 1, 1'000'000},
        {"tickets.attachmentsPerTicket", &tickets.attachmentsPerTicket, 1, 1'000},
        {"tickets.attachmentBytes", &tickets.attachmentBytes, 1'024, 16 << 20},
        {"tickets.reopenWithinMs", &tickets.reopenWithin, 0},
    };
}

std::vector<Setting> storeSettingsOf(Configuration& c) {
    return {
        {"data.folder", &c.data},
        {"data.queuedWrites", &c.store.queuedWrites, 1, 1'000'000},
        {"data.rowsPerCommit", &c.store.rowsPerCommit, 1, 1'000'000},
        {"data.readConnections", &c.store.readConnections, 1, 256},
        {"data.readWaitMs", &c.store.readWait, 1, 600'000},
        {"data.cacheKilobytes", &c.store.cacheKilobytes, 1'024, 64 << 20},
        {"data.walCheckpointPages", &c.store.walCheckpointPages, 1, 1'000'000},
        {"data.freePagesKept", &c.store.freePagesKept, 0, 100'000'000},
        {"data.freePagesPerStep", &c.store.freePagesPerStep, 1, 100'000},
        {"data.busyTimeoutMs", &c.store.busyTimeoutMs, 0, 600'000},
        {"database.address", &c.database},
        {"database.queuedWrites", &c.databaseLimits.queuedWrites, 1, 1'000'000},
        {"database.rowsPerCommit", &c.databaseLimits.rowsPerCommit, 1, 1'000'000},
        {"database.writeConnections", &c.databaseLimits.writeConnections, 1, 256},
        {"database.readConnections", &c.databaseLimits.readConnections, 1, 256},
        {"database.readWaitMs", &c.databaseLimits.readWait, 1, 600'000},
        {"database.connectTimeoutMs", &c.databaseLimits.connectTimeout, 1'000, 600'000},
        {"database.statementTimeoutMs", &c.databaseLimits.statementTimeout, 1'000},
        {"database.lockTimeoutMs", &c.databaseLimits.lockTimeout, 100},
        {"database.retryForMs", &c.databaseLimits.retryFor, 0, 3'600'000},
        {"database.retryPauseMs", &c.databaseLimits.retryPause, 1, 60'000},
        {"database.contendedTries", &c.databaseLimits.contendedTries, 1, 10'000},
        {"data.keyFilterCacheBytes", &c.keys.cachedRunBytes, 1 << 20},
        {"data.blockFilterCacheBytes", &c.filters.cachedBytes, 1 << 20},
        {"data.ownNumberCacheBytes", &c.filters.cachedNumberBytes, 1 << 20},
        {"data.blockFiltersPerQuery", &c.filters.blocksPerQuery, 1, 10'000},
    };
}

std::vector<Setting> backgroundSettingsOf(Configuration& c) {
    return {
        {"upkeep.pauseMs", &c.upkeep.pause, 10, 3'600'000},
        {"upkeep.leaseMs", &c.upkeep.lease, 1'000, 3'600'000},
        {"upkeep.afterFailureMs", &c.upkeep.afterFailure, 100, 86'400'000},
        {"upkeep.stepsPerTurn", &c.upkeep.stepsPerTurn, 1, 1'000'000},
        {"upkeep.keysPerStep", &c.upkeep.keysPerStep, 1'000, 10'000'000},
        {"upkeep.keyPagesPerStep", &c.upkeep.pagesPerStep, 1, 100'000},
        {"upkeep.keyRunsPerLevel", &c.keys.runsPerLevel, 2, 64},
        {"upkeep.largestKeyRun", &c.keys.largestMergedRun, 1'000, 100'000'000},
        {"upkeep.keyRunsBeforeAppendMerges", &c.keys.runsBeforeAppendMerges, 2, 1'000},
        {"upkeep.keysMergedByAppends", &c.keys.cheapAppendMerge, 0, 1'000'000},
        {"upkeep.blockAgeMs", &c.upkeep.blocks.age, 0},
        {"upkeep.blocksPerStep", &c.upkeep.blocks.blocksPerStep, 2, 4'096},
        {"upkeep.blocksWorthMerging", &c.upkeep.blocks.worthMerging, 2, 256},
        {"upkeep.recordsPerFigures", &c.upkeep.figures.rows, 1, 1'000'000},
        {"upkeep.figuresRenewAfterMs", &c.upkeep.figures.renewAfter, 0, 86'400'000},
        {"statements.pauseMs", &c.statements.pause, 10, 3'600'000},
        {"statements.leaseMs", &c.statements.lease, 1'000, 3'600'000},
        {"statements.afterFailureMs", &c.statements.afterFailure, 100, 86'400'000},
        {"statements.hoursPerTurn", &c.statements.hoursPerTurn, 1, 10'000},
        {"statements.entriesPerRead", &c.statements.entriesPerRead, 1, 1'000'000},
        {"reconciliation.pauseMs", &c.reconciliation.pause, 10, 3'600'000},
        {"reconciliation.lookMs", &c.reconciliation.look, 10, 86'400'000},
        {"reconciliation.leaseMs", &c.reconciliation.lease, 1'000, 86'400'000},
        {"reconciliation.afterFailureMs", &c.reconciliation.afterFailure, 100, 86'400'000},
        {"reconciliation.runsPerTurn", &c.reconciliation.runsPerTurn, 1, 10'000},
        {"reconciliation.settleMs", &c.reconciliation.settle, 0},
        {"reconciliation.intervalMs", &c.reconciliation.interval, 0},
        {"reconciliation.closeAfterMs", &c.reconciliation.closeAfter, 0},
    };
}

std::vector<Setting> exportSettingsOf(exchange::ExportLimits& exports) {
    return {
        {"exports.lifetimeMs", &exports.lifetime, 60'000},
        {"exports.rememberedMs", &exports.remembered, 60'000},
        {"exports.openPerParty", &exports.openPerParty, 1, 1'000},
        {"exports.rowsPerStep", &exports.rowsPerStep, 1, 100'000},
        {"exports.chunkBytes", &exports.chunkBytes, 1'024, 64 << 20},
        {"exports.mostRows", &exports.mostRows, 1},
        {"exports.mostBytes", &exports.mostBytes, 1},
        {"exports.stepsPerTurn", &exports.stepsPerTurn, 1, 1'000'000},
        {"exports.chunksPerCleaning", &exports.chunksPerCleaning, 1, 10'000},
        {"exports.pauseMs", &exports.pause, 10, 3'600'000},
        {"exports.leaseMs", &exports.lease, 1'000, 3'600'000},
    };
}

std::vector<Setting> listenSettingsOf(Configuration& c) {
    return {
        {"listen.address", &c.address},
        {"listen.port", &c.port, 0, 65'535},
        {"listen.publicUrl", &c.publicUrl},
        {"listen.certificateFile", &c.certificateFile},
        {"listen.keyFile", &c.keyFile},
        {"listen.connections", &c.http.connections, 1, 1'000'000},
        {"listen.headerBytes", &c.http.headerBytes, 1'024, 1 << 20},
        {"listen.wholeBodyBytes", &c.http.wholeBodyBytes, 1'024},
        {"listen.streamBodyBytes", &c.http.streamBodyBytes, 1'024},
        {"listen.bodyRatio", &c.http.bodyRatio, 1},
        {"listen.idleTimeoutMs", &c.http.idleTimeout, 1},
        {"listen.headerTimeoutMs", &c.http.headerTimeout, 1},
        {"listen.bodyReadTimeoutMs", &c.http.bodyReadTimeout, 1},
        {"listen.writeTimeoutMs", &c.http.writeTimeout, 1},
        {"listen.requestDurationMs", &c.http.requestDuration, 1},
        {"listen.blockingThreads", &c.http.blockingThreads, 1, 1'024},
        {"listen.blockingQueue", &c.http.blockingQueue, 1, 1'000'000},
        {"listen.stopGraceMs", &c.stopGrace, 0},
        {"operations.address", &c.operationsAddress},
        {"operations.port", &c.operationsPort, 0, 65'535},
        {"operations.logLevel", &c.logLevel},
    };
}

std::vector<Setting> useSettingsOf(Configuration& c) {
    return {
        {"limits.uploadChunkRecords", &c.limits.uploadChunkRecords, 1, 100'000},
        {"limits.uploadPendingChunks", &c.limits.uploadPendingChunks, 1, 64},
        {"limits.answeredResults", &c.limits.answeredResults, 1, 10'000},
        {"limits.answeredProblems", &c.limits.answeredProblems, 1, 10'000},
        {"limits.numbersPerOrder", &c.limits.numbersPerOrder, 1, 100'000},
        {"limits.numbersPerStep", &c.limits.numbersPerStep, 1, 10'000},
        {"limits.orderIdleMs", &c.limits.orderIdle, 100, 3'600'000},
        {"numbers.provisioning", &c.provisioning},
        {"numbers.assignmentWithinMs", &c.limits.provisioning.assignmentWithin, 1'000},
        {"numbers.removalWithinMs", &c.limits.provisioning.removalWithin, 1'000},
        {"limits.feedConsumersPerCarrier", &c.limits.feedConsumers, 1, 10'000},
        {"limits.feedPage", &c.limits.feedPage, 1, 100'000},
        {"limits.feedLookMs", &c.limits.feedLook, 10, 60'000},
        {"limits.eventPulseMs", &c.limits.eventPulse, 100, 600'000},
        {"limits.eventRetryMs", &c.limits.eventRetry, 1, 600'000},
        {"limits.agreementProposals", &c.limits.agreementProposals, 1, 1'000},
        {"limits.agreementSteps", &c.limits.agreementSteps, 1, 10'000},
        {"limits.totalsHours", &c.limits.totalsHours, 1, 8'784},
        {"limits.totalsVersions", &c.limits.totalsVersions, 1, 1'000'000},
        {"limits.searchPage", &c.limits.searchPage, 1, 100'000},
        {"limits.searchBlocks", &c.limits.searchBlocks, 1, 1'000'000},
        {"limits.searchCalendarRows", &c.limits.searchCalendarRows, 1, 10'000'000},
        {"limits.tokenLifeMs", &c.limits.tokenLife, 60'000, 86'400'000},
        {"limits.durationNumberSlackMs", &c.limits.durationNumberSlack, 0},
        {"limits.reportGroups", &c.limits.reportGroups, 100, 10'000'000},
        {"limits.reconcileMarginMs", &c.limits.reconcileMargin, 0, 7 * 86'400'000},
        {"limits.recordsDueMs", &c.limits.recordsDue, 0},
        {"limits.reconcileThreads", &c.limits.reconcileThreads, 0, 256},
    };
}

std::vector<Setting> settingsOf(Configuration& c) {
    std::vector<Setting> settings;
    for (auto part : {storeSettingsOf(c), backgroundSettingsOf(c), listenSettingsOf(c), useSettingsOf(c),
                      qualitySettingsOf(c.quality), alertSettingsOf(c.alerts), ticketSettingsOf(c.tickets),
                      webhookSettingsOf(c.webhooks), exportSettingsOf(c.exports)})
        std::ranges::move(part, std::back_inserter(settings));
    return settings;
}

Error bad(const std::filesystem::path& file, const toml::node& node, std::string what) {
    return invalidInput("bad-configuration", fmt::format("{}:{}: {}", file.string(), node.source().begin.line, what));
}

struct Store {
    const toml::node& node;
    const Setting& setting;
    const std::filesystem::path& file;

    Result<void> operator()(std::string* place) const { return text(*place); }
    Result<void> operator()(std::filesystem::path* place) const {
        std::string value;
        TRY(text(value));
        *place = value;
        return {};
    }
    Result<void> operator()(bool* place) const {
        const auto value = node.value_exact<bool>();
        if (!value) return fail(bad(file, node, fmt::format("'{}' must be true or false", setting.key)));
        *place = *value;
        return {};
    }
    Result<void> operator()(double* place) const {
        const auto value = node.value<double>();
        if (!node.is_number() || !value || !(*value >= static_cast<double>(setting.min)) ||
            !(*value <= static_cast<double>(setting.max)))
            return fail(bad(file, node,
                            fmt::format("'{}' must be a number from {} to {}", setting.key, setting.min, setting.max)));
        *place = *value;
        return {};
    }
    Result<void> operator()(Duration* place) const { return number(node, place->ms); }
    Result<void> operator()(std::vector<Duration>* place) const {
        const toml::array* items = node.as_array();
        if (!items || items->size() > longestList)
            return fail(bad(file, node,
                            fmt::format("'{}' must be a list of at most {} whole numbers", setting.key, longestList)));
        std::vector<Duration> list;
        for (const toml::node& item : *items)
            TRY(number(item, list.emplace_back().ms));
        *place = std::move(list);
        return {};
    }
    template <class T>
    Result<void> operator()(T* place) const {
        std::int64_t value = 0;
        TRY(number(node, value));
        *place = static_cast<T>(value);
        return {};
    }

private:
    Result<void> text(std::string& place) const {
        const auto value = node.value_exact<std::string>();
        if (!value) return fail(bad(file, node, fmt::format("'{}' must be a text in quotation marks", setting.key)));
        place = *value;
        return {};
    }
    Result<void> number(const toml::node& from, std::int64_t& place) const {
        const auto value = from.value_exact<std::int64_t>();
        if (!value || *value < setting.min || *value > setting.max)
            return fail(
                bad(file, from,
                    fmt::format("'{}' must be a whole number from {} to {}", setting.key, setting.min, setting.max)));
        place = *value;
        return {};
    }
};

Result<void> apply(const std::filesystem::path& file, const toml::table& table, Configuration& configuration) {
    const auto settings = settingsOf(configuration);
    for (const auto& [section, content] : table) {
        const toml::table* entries = content.as_table();
        if (!entries)
            return fail(
                bad(file, content, fmt::format("'{}' stands outside a section such as [listen]", section.str())));
        for (const auto& [key, node] : *entries) {
            const std::string name = std::string(section.str()) + "." + std::string(key.str());
            const auto found = std::ranges::find(settings, name, &Setting::key);
            if (found == settings.end())
                return fail(bad(file, node,
                                fmt::format("there is no setting '{}'; see docs/reference/configuration.md", name)));
            TRY(std::visit(Store{node, *found, file}, found->place));
        }
    }
    return {};
}

}  // namespace

Result<Configuration> readConfiguration(const std::filesystem::path& file) {
    std::error_code error;
    if (!std::filesystem::is_regular_file(file, error))
        return fail(Error{ErrorKind::notFound,
                          "file-not-readable",
                          "There is no configuration file " + file.string() + ".",
                          {},
                          {},
                          0});
    Configuration configuration;
    try {
        TRY(apply(file, toml::parse_file(file.string()), configuration));
    } catch (const toml::parse_error& problem) {
        return fail(invalidInput("bad-configuration", fmt::format("{}:{}: {}", file.string(),
                                                                  problem.source().begin.line, problem.description())));
    }
    if (configuration.certificateFile.empty() != configuration.keyFile.empty())
        return fail(invalidInput("bad-configuration",
                                 file.string() + ": set listen.certificateFile and listen.keyFile, both or neither"));
    const bool isUrl =
        configuration.publicUrl.starts_with("https://") || configuration.publicUrl.starts_with("http://");
    if (!configuration.publicUrl.empty() && (!isUrl || configuration.publicUrl.ends_with('/')))
        return fail(invalidInput(
            "bad-configuration",
            file.string() +
                ": listen.publicUrl must be like https://exchange.example.com, without a slash at its end"));
    const bool isImmediate = configuration.provisioning == "immediate";
    if (!isImmediate && configuration.provisioning != "switch")
        return fail(invalidInput("bad-configuration",
                                 file.string() + ": numbers.provisioning must be \"immediate\" or \"switch\""));
    configuration.limits.provisioning.isImmediate = isImmediate;
    return configuration;
}

}  // namespace meetpoint::server
