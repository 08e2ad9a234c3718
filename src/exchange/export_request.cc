#include "exchange/export_request.h"

#include <boost/json.hpp>

#include "domain/call.h"

namespace meetpoint::exchange {
namespace {

namespace json = boost::json;

constexpr std::string_view formatNames = "csv,ndjson,arrow", directionNames = "inbound,outbound",
                           versionNames = "newest,all", orderNames = "ascending,descending",
                           kindNames = "assignments,calls,durations,items", compressionNames = "none,gzip,zstd";

// The place of a word that is kept as an enumeration or a flag.
template <class To>
bool readWord(const boost::json::object& from, const char* name, std::string_view words, To& to) {
    const boost::json::value* found = from.if_contains(name);
    const auto index =
        found && found->is_string() ? domain::indexIn(words, std::string_view(found->get_string())) : std::nullopt;
    if (index) to = static_cast<To>(*index);
    return index.has_value();
}
template <class From>
std::string_view wordOf(std::string_view words, From value) {
    return domain::nameAt(words, static_cast<std::size_t>(value));
}

json::value valueOf(const Id& id) {
    return json::string(formatId(id));
}
json::value valueOf(Instant at) {
    return json::string(formatInstant(at));
}
json::value valueOf(domain::Direction direction) {
    return json::string(domain::nameAt(directionNames, static_cast<std::size_t>(direction)));
}
json::value valueOf(domain::StreamQuality quality) {
    return json::string(domain::nameAt(domain::qualityNames, static_cast<std::size_t>(quality)));
}
json::value valueOf(const std::string& text) {
    return json::string(text);
}
template <class Plain>
requires std::is_arithmetic_v<Plain> json::value valueOf(Plain value) {
    return value;
}

// Takes what was read, where it could be.
template <class To, class Read>
bool take(const Read& read, To& to) {
    if (read) to = static_cast<To>(*read);
    return static_cast<bool>(read);
}
std::string_view textIn(const json::value& from) {
    return from.is_string() ? std::string_view(from.get_string()) : std::string_view();
}

bool read(const json::value& from, Id& to) {
    return take(parseId(textIn(from)), to);
}
bool read(const json::value& from, Instant& to) {
    return take(parseInstant(textIn(from)), to);
}
bool read(const json::value& from, domain::Direction& to) {
    return take(domain::indexIn(directionNames, textIn(from)), to);
}
bool read(const json::value& from, domain::StreamQuality& to) {
    return take(domain::indexIn(domain::qualityNames, textIn(from)), to);
}
bool read(const json::value& from, std::string& to) {
    if (from.is_string()) to = std::string(from.get_string());
    return from.is_string();
}
bool read(const json::value& from, bool& to) {
    if (from.is_bool()) to = from.get_bool();
    return from.is_bool();
}
template <class Whole>
requires std::is_integral_v<Whole>
bool read(const json::value& from, Whole& to) {
    if (from.is_int64()) to = static_cast<Whole>(from.get_int64());
    return from.is_int64();
}

// Everything that a search says, with its names.
template <class Search, class Use>
void eachOf(Search& search, Use use) {
    use("from", search.range.from);
    use("to", search.range.to);
    use("carrierId", search.range.carrierId);
    use("callId", search.callId);
    eachCondition(search.conditions, use);
}

bool readFilter(const json::object& from, CallSearch& search) {
    bool isGood = true;
    eachOf(search, [&](const char* name, auto& value) {
        const json::value* found = from.if_contains(name);
        if (found) isGood &= read(*found, value.emplace());
    });
    return isGood;
}

bool readInto(const json::object& from, ExportRequest& request) {
    const json::value* filter = from.if_contains("filter");
    const json::value* columns = from.if_contains("columns");
    const json::value* zone = from.if_contains("timeZone");
    if (!filter || !filter->is_object() || !columns || !columns->is_array() || !zone) return false;
    for (const json::value& column : columns->get_array())
        if (!read(column, request.columns.emplace_back())) return false;
    SearchRange& range = request.search.range;
    return read(*zone, request.timeZone) && readWord(from, "kind", kindNames, request.kind) &&
           readWord(from, "format", formatNames, request.format) &&
           readWord(from, "compression", compressionNames, request.compression) &&
           readWord(filter->get_object(), "versions", versionNames, range.allVersions) &&
           readWord(filter->get_object(), "order", orderNames, range.descending) &&
           readFilter(filter->get_object(), request.search);
}

}  // namespace

std::string_view name(ExportFormat format) {
    return domain::nameAt(formatNames, static_cast<std::size_t>(format));
}

json::object filterOf(const CallSearch& search) {
    json::object filter;
    eachOf(search, [&](const char* name, const auto& value) {
        if (value) filter[name] = valueOf(*value);
    });
    filter["versions"] = json::string(wordOf(versionNames, search.range.allVersions));
    filter["order"] = json::string(wordOf(orderNames, search.range.descending));
    return filter;
}

std::string textOf(const ExportRequest& request) {
    return json::serialize(json::object{{"kind", wordOf(kindNames, request.kind)},
                                        {"filter", filterOf(request.search)},
                                        {"format", name(request.format)},
                                        {"compression", wordOf(compressionNames, request.compression)},
                                        {"columns", json::array(request.columns.begin(), request.columns.end())},
                                        {"timeZone", request.timeZone}});
}

Result<ExportRequest> readExportRequest(const std::string& text) {
    json::error_code failed;
    const json::value value = json::parse(text, failed);
    ExportRequest request;
    if (failed || !value.is_object() || !readInto(value.get_object(), request))
        return fail(corrupt("what an export was asked for cannot be read"));
    return request;
}

Result<DurationList> durationsOf(const CallSearch& search) {
    Error error = invalidInput("invalid-body", "Durations are not found by every condition of calls.");
    const auto refuse = [&](const char* name, const auto& value) {
        if (value && std::string_view(name) != "tenantId")
            error.faults.push_back({"/filter/" + std::string(name), "not-of-durations",
                                    "Durations are found by from, to, carrierId, tenantId and versions.", 0});
    };
    refuse("callId", search.callId);
    eachCondition(search.conditions, refuse);
    if (!error.faults.empty()) return fail(std::move(error));
    return DurationList{search.range, search.conditions.tenantId};
}

}  // namespace meetpoint::exchange
