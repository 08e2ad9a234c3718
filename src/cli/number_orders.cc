#include "cli/number_orders.h"

#include <span>

#include <boost/json.hpp>
#include <fmt/ostream.h>

#include "base/clock.h"
#include "cli/exit_codes.h"
#include "cli/json_reading.h"
#include "cli/json_writing.h"
#include "cli/number_input.h"
#include "cli/number_lists.h"

namespace meetpoint::cli {
namespace {

namespace json = boost::json;

constexpr std::size_t numbersAnOrder = 10'000;  // the exchange's largest order unless it was configured otherwise
constexpr int waitSeconds = 30;                 // of one look at an operation that does not move

struct Counts {
    std::int64_t total = 0, succeeded = 0, failed = 0;
};

bool isFinished(const json::value& operation) {
    const std::string status = textAt(operation, "/status");
    return status == "succeeded" || status == "partiallySucceeded" || status == "failed";
}

void showProgress(const Surroundings& around, const json::value& operation, const Counts& before, std::size_t total) {
    if (!around.terminal) return;
    const std::int64_t done =
        before.total + integerAt(operation, "/counts/total") - integerAt(operation, "/counts/pending");
    fmt::print(around.err, "\r\033[K{} of {} numbers done; operation {} goes on without you too", done, total,
               textAt(operation, "/id"));
    around.err.flush();
}

// The operation when it has ended.
Result<json::value> followed(ExchangeSession& session, const Surroundings& around, json::value operation,
                             const Counts& before, std::size_t total) {
    while (!isFinished(operation)) {
        showProgress(around, operation, before, total);
        TRY_ASSIGN(operation, session.get(fmt::format("/v1/operations/{}?wait={}&after={}", textAt(operation, "/id"),
                                                      waitSeconds, integerAt(operation, "/version"))));
    }
    if (around.terminal) fmt::print(around.err, "\r\033[K");
    return operation;
}

void printResult(const Surroundings& around, bool asJson, const json::value& result) {
    if (asJson)
        fmt::print(around.out, "{}\n", json::serialize(result));
    else
        fmt::print(around.out, "{:<20}{:<24}{}\n", textAt(result, "/telephoneNumber"), textAt(result, "/code"),
                   textAt(result, "/message"));
}

// What became of each number for machines; for people those that were refused.
Result<void> printResults(ExchangeSession& session, const NumbersOptions& options, const Surroundings& around,
                          const std::string& operation) {
    std::string cursor;
    do {
        std::string path = "/v1/operations/" + operation + "/numbers";
        if (!options.access.json) addToQuery(path, "status", "failed");
        addToQuery(path, "cursor", cursor);
        TRY_ASSIGN(const json::value page, session.get(path));
        for (const json::value& result : arrayAt(page, "/items"))
            printResult(around, options.access.json, result);
        cursor = textAt(page, "/next");
    } while (!cursor.empty());
    return {};
}

// Sends one order and sees it through; its counts are added up.
Result<json::value> orderOnce(ExchangeSession& session, const NumbersOptions& options, const Surroundings& around,
                              std::string path, const json::object& order, Counts& counts, std::size_t total) {
    if (options.dryRun) addToQuery(path, "dryRun", "true");
    // Should the connection break, sending it again is the same order.
    SystemRandom random;
    const Id key = makeId(SystemClock(), random);
    TRY_ASSIGN(json::value operation, session.post(path, order, {{"Idempotency-Key", "cli-" + formatId(key)}}));
    if (!options.noWait) {
        TRY_ASSIGN(operation, followed(session, around, std::move(operation), counts, total));
        TRY(printResults(session, options, around, textAt(operation, "/id")));
    }
    counts.total += integerAt(operation, "/counts/total");
    counts.succeeded += integerAt(operation, "/counts/succeeded");
    counts.failed += integerAt(operation, "/counts/failed");
    return operation;
}

json::object orderOf(const NumbersOptions& options, std::span<const InputNumber> numbers) {
    json::object order{{"kind", options.task == NumbersTask::release ? "release" : "upload"}};
    setText(order, "tenantId", options.access.tenant);
    setText(order, "usage", options.usage);
    setText(order, "additionalUsage", options.additionalUsage);
    setText(order, "country", options.country);
    setText(order, "locationId", options.locationId);
    setText(order, "callingProfileId", options.callingProfileId);
    setText(order, "ticketId", options.ticketId);
    json::array list;
    for (const InputNumber& number : numbers) {
        json::object one{{"telephoneNumber", number.telephoneNumber}};
        setText(one, "reference", number.reference);
        list.push_back(std::move(one));
    }
    order["numbers"] = std::move(list);
    return order;
}

void printOperation(const NumbersOptions& options, const Surroundings& around, const json::value& operation) {
    const std::string id = textAt(operation, "/id");
    if (options.access.json)
        fmt::print(around.out, "{}\n", json::serialize(json::object{{"operationId", id}}));
    else
        fmt::print(around.out, "Operation {} goes on; read it at /v1/operations/{}.\n", id, id);
}

}  // namespace

Result<int> orderNumbers(ExchangeSession& session, const NumbersOptions& options, const Surroundings& around) {
    TRY_ASSIGN(const auto numbers, readNumbers(options.numbers, around.in));
    std::string path = "/v1/number-orders";
    addToQuery(path, "carrierId", options.access.carrier);
    Counts counts;
    for (std::size_t from = 0; from < numbers.size(); from += numbersAnOrder) {
        const auto part = std::span(numbers).subspan(from, std::min(numbersAnOrder, numbers.size() - from));
        TRY_ASSIGN(const json::value operation,
                   orderOnce(session, options, around, path, orderOf(options, part), counts, numbers.size()));
        if (options.noWait) printOperation(options, around, operation);
    }
    if (options.noWait) return exitFine;
    const bool isRelease = options.task == NumbersTask::release;
    const char* done =
        options.dryRun ? (isRelease ? "Would release" : "Would upload") : (isRelease ? "Released" : "Uploaded");
    fmt::print(options.access.json ? around.err : around.out, "{} {} of {} numbers{}\n", done, counts.succeeded,
               counts.total,
               counts.failed > 0 ? fmt::format("; {} refused, see above.", counts.failed) : std::string("."));
    return counts.failed > 0 ? exitRefused : exitFine;
}

Result<int> moveAssignment(ExchangeSession& session, const NumbersOptions& options, const Surroundings& around) {
    const bool isAssignment = options.task == NumbersTask::assign;
    TRY_ASSIGN(const json::value number, findNumber(session, options, options.numbers.front()));
    json::object one{{"telephoneNumber", textAt(number, "/telephoneNumber")}};
    if (isAssignment) one[parseId(options.assignTo) ? "targetId" : "userPrincipalName"] = options.assignTo;
    setText(one, "category", options.category);
    setText(one, "sipUri", options.sipUri);
    setText(one, "reason", options.reason);
    const json::object order{{"kind", isAssignment ? "assign" : "unassign"},
                             {"tenantId", textAt(number, "/tenantId")},
                             {"numbers", json::array{std::move(one)}}};
    Counts counts;
    NumbersOptions forPeople = options;
    forPeople.access.json = false;  // the number itself is what machines get, at the end
    const Surroundings refusals{around.in, options.access.json ? around.err : around.out, around.err, around.terminal};
    TRY_ASSIGN(const json::value operation,
               orderOnce(session, forPeople, refusals, "/v1/number-assignments", order, counts, 1));
    if (options.noWait) {
        printOperation(options, around, operation);
        return exitFine;
    }
    if (counts.failed > 0) return exitRefused;
    TRY_ASSIGN(const json::value now, session.get("/v1/numbers/" + textAt(number, "/id")));
    if (options.access.json) {
        fmt::print(around.out, "{}\n", json::serialize(now));
        return exitFine;
    }
    const std::string sipUri = textAt(now, "/sipUri");
    if (options.dryRun)
        fmt::print(around.out, "{} could be {}.\n", textAt(now, "/telephoneNumber"),
                   isAssignment ? "assigned to " + options.assignTo : "unassigned");
    else
        fmt::print(around.out, "{} is {}{}.\n", textAt(now, "/telephoneNumber"), textAt(now, "/state"),
                   sipUri.empty() ? "" : ", " + sipUri);
    return exitFine;
}

}  // namespace meetpoint::cli
