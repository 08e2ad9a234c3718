#include "cli/call_filter_options.h"

#include <CLI/CLI.hpp>
#include <boost/json.hpp>

namespace meetpoint::cli {
namespace {

enum class FilterKind { text, integer, flag };

struct FilterOption {
    const char *option, *name, *what;
    FilterKind kind = FilterKind::text;
};

constexpr FilterOption filterOptions[] = {
    {"--from", "from", "Invited at or after this: 2026-03-09T08:00:00+01:00"},
    {"--to", "to", "Invited before this"},
    {"--own", "ownNumber", "Own number, E.164"},
    {"--own-starts-with", "ownNumberStartsWith", "Digits of the own number, the country code first"},
    {"--far-end", "farEndNumber", "Far-end number as it is shown: E.164, masked (+4179123****) or as dialled"},
    {"--far-end-starts-with", "farEndNumberStartsWith", "Digits of the far-end number that are shown"},
    {"--direction", "direction", "inbound or outbound, seen from the tenant"},
    {"--user", "userId", "Id of the tenant's user"},
    {"--call", "callId", "Id of the call"},
    {"--sip-call-id", "sipCallId", "SIP Call-ID"},
    {"--correlation-id", "correlationId", "Ties the legs of one call"},
    {"--trunk", "trunk", "Trunk or SBC"},
    {"--call-type", "callType", "user_in, user_out, conf_in …"},
    {"--sip-code", "finalSipCode", "Final SIP response code", FilterKind::integer},
    {"--q850", "q850Cause", "ITU-T Q.850 cause", FilterKind::integer},
    {"--min-ms", "minDurationMs", "Connected at least so many milliseconds", FilterKind::integer},
    {"--max-ms", "maxDurationMs", "Connected at most so many milliseconds", FilterKind::integer},
    {"--quality", "quality", "good, poor or unclassified: of the worst stream"},
    {"--answered", "answered", "true or false", FilterKind::flag},
    {"--emergency", "emergency", "true or false", FilterKind::flag},
    {"--test", "isTest", "true or false", FilterKind::flag},
    {"--versions", "versions", "newest if left out, or all"},
};

void addOption(CLI::App& command, const FilterOption& option, boost::json::object& filter) {
    const char* name = option.name;
    switch (option.kind) {
        case FilterKind::text:
            command.add_option_function<std::string>(
                option.option, [&filter, name](const std::string& value) { filter[name] = value; }, option.what);
            return;
        case FilterKind::integer:
            command.add_option_function<std::int64_t>(
                option.option, [&filter, name](std::int64_t value) { filter[name] = value; }, option.what);
            return;
        case FilterKind::flag:
            command.add_option_function<bool>(
                option.option, [&filter, name](bool value) { filter[name] = value; }, option.what);
            return;
    }
}

}  // namespace

void addCallFilter(CLI::App& command, boost::json::object& filter) {
    for (const FilterOption& option : filterOptions)
        addOption(command, option, filter);
}

}  // namespace meetpoint::cli
