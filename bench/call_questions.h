// How soon a server answers what is asked of stored calls: one call, a number's day, the feed, key figures.
#pragma once

#include "call_history.h"
#include "support/outside_world.h"

namespace meetpoint::bench {

// Of a running server; every function blocks, asks one question after another over one connection, and prints figures
// "calls.…". An answer that is not what the history says is an error.
class CallQuestions {
public:
    static Result<CallQuestions> logIn(const std::string& url, const outside::OutsideWorld& world,
                                       const CallHistory& history);

    // Calls drawn from those that have arrived in both versions among the first `arrived` arrivals, read by their ids.
    // Gives the median in milliseconds; `name` goes into the figures' names.
    Result<double> readById(const std::string& name, std::uint64_t arrived);
    // The calls of a number of the first carrier on a day of the history, by pages of 1,000.
    Result<void> searchByNumber();
    // The feed of the first carrier: some hundred pages of 1,000 records as NDJSON, and all of it as Arrow.
    Result<void> readFeed();
    // Key figures of all calls, `runs` times.
    Result<void> readQuality(int runs);

private:
    CallQuestions(const CallHistory& history, cli::ApiClient platform, cli::ApiClient carrier)
        : history_(history), platform_(std::move(platform)), carrier_(std::move(carrier)) {}
    Result<http::ClientResponse> readPage(const std::string& path, std::string_view mediaType);

    const CallHistory& history_;
    cli::ApiClient platform_, carrier_;
};

}  // namespace meetpoint::bench
