#include "formats/column_map.h"

#include <fstream>
#include <sstream>

#include <fmt/format.h>
#include <toml++/toml.h>

#include "domain/call.h"
#include "formats/foreign.h"
#include "formats/wire.h"

namespace meetpoint::formats {
namespace {

constexpr std::string_view sides[] = {"ours", "theirs"};

// Reads one level of a map into `map`; faults go to `error`.
class MapReader {
public:
    MapReader(ColumnMap& map, Error& error) : map_(map), error_(error) {}

    void read(const toml::table& table, std::string_view prefix) {
        for (const auto& [key, node] : table)
            readSetting(key.str(), node, prefix);
    }

private:
    void fault(const toml::node& node, std::string_view key, std::string message) {
        const std::size_t line = node.source().begin.line;
        error_.faults.push_back(
            {"/" + std::string(key), "bad-column-map",
             map_.fileName + ":" + std::to_string(line) + ": " + std::string(key) + " " + std::move(message), line});
    }

    std::optional<std::string> text(const toml::node& node, std::string_view key) {
        if (const auto value = node.value_exact<std::string>()) return value;
        fault(node, key, "must be a text");
        return std::nullopt;
    }

    void readSetting(std::string_view key, const toml::node& node, std::string_view prefix) {
        const std::string whole = std::string(prefix) + std::string(key);
        if (key == "fields" || key == "filter") {
            const toml::table* table = node.as_table();
            if (!table) return fault(node, whole, "must be a table");
            for (const auto& [name, value] : *table)
                key == "fields" ? readTarget(name.str(), value, whole) : readFilter(name.str(), value, whole);
        } else if (prefix.empty() && (key == sides[0] || key == sides[1])) {
            if (!node.is_table()) fault(node, whole, "must be a table");
        } else if (key == "header") {
            const auto value = node.value_exact<bool>();
            if (!value) return fault(node, whole, "must be true or false");
            map_.header = *value;
        } else {
            readTextSetting(key, node, whole);
        }
    }

    void readTextSetting(std::string_view key, const toml::node& node, const std::string& whole) {
        constexpr std::string_view known = "delimiter,quote,timeFormat,timeZone,defaultRegion,durationUnit,numbers";
        if (!domain::indexIn(known, key))
            return fault(node, whole,
                         "is not a setting; there are delimiter, quote, header, timeFormat, timeZone, defaultRegion, "
                         "durationUnit, numbers and the tables fields, filter, ours, theirs");
        const auto value = text(node, whole);
        if (!value) return;
        if (key == "delimiter" || key == "quote") {
            const bool allowed = value->size() == 1 && value->front() != '\n' && value->front() != '\r';
            if (!allowed) return fault(node, whole, "must be one character of ASCII, e.g. \";\" or \"\\t\"");
            (key == "delimiter" ? map_.delimiter : map_.quote) = value->front();
        } else if (key == "timeFormat") {
            readTimeFormat(*value, node, whole);
        } else if (key == "timeZone") {
            Result<TimeZone> zone = TimeZone::load(*value);
            if (!zone) return fault(node, whole, "must be an IANA time zone such as Europe/Zurich, or UTC, or +02:00");
            map_.timeZone = std::move(*zone);
        } else if (key == "defaultRegion") {
            if (value->size() != 2) return fault(node, whole, "must be an ISO 3166-1 country code such as CH");
            map_.defaultRegion = *value;
        } else if (key == "durationUnit") {
            const auto unit = domain::indexIn("s,ms,min,HH:MM:SS", *value);
            if (!unit) return fault(node, whole, "must be one of \"s\", \"ms\", \"min\", \"HH:MM:SS\"");
            map_.durationUnit = static_cast<ColumnMap::DurationUnit>(*unit);
        } else {
            const auto numbers = domain::indexIn("telephone,text", *value);
            if (!numbers) return fault(node, whole, "must be \"telephone\" or \"text\"");
            map_.textNumbers = *numbers == 1;
        }
    }

    void readTimeFormat(const std::string& value, const toml::node& node, const std::string& whole) {
        map_.timePattern.clear();
        if (const auto word = domain::indexIn("epoch,epochMs,rfc3339", value)) {
            map_.timeFormat = static_cast<ColumnMap::TimeFormat>(1 + *word);
            return;
        }
        const char unknown = unknownPatternLetter(value);
        if (value.find('%') == std::string::npos || unknown)
            return fault(
                node, whole,
                fmt::format("must be \"epoch\", \"epochMs\", \"rfc3339\", or a pattern of %Y %y %m %d %H %I %p %M %S "
                            "%b %z %f{}",
                            unknown ? fmt::format("; %{} is not read", unknown) : ""));
        map_.timeFormat = ColumnMap::TimeFormat::pattern;
        map_.timePattern = value;
    }

    static bool isField(std::string_view name) {
        if (name == "farEndNumber") return true;
        for (const auto lane : {columns::LaneKind::calls, columns::LaneKind::durations}) {
            const WireField* field = findField(wireRecordOf(lane), name);
            const bool scalar = field && field->kind != ValueKind::object && field->kind != ValueKind::list &&
                                field->kind != ValueKind::extensions;
            if (scalar && field->presence != Presence::givenOut && name.find('.') == std::string_view::npos)
                return true;
        }
        return false;
    }

    void readTarget(std::string_view name, const toml::node& node, const std::string& table) {
        const std::string key = table + "." + std::string(name);
        if (!isField(name))
            return fault(node, key, "is not a field of a call or a duration; see docs/guide/column-map.md");
        auto source = readSource(node, key);
        if (!source) return;
        for (ColumnMap::Target& target : map_.targets) {
            if (target.field != name) continue;
            target.source = std::move(*source);
            return;
        }
        map_.targets.push_back({std::string(name), std::move(*source)});
    }

    void readFilter(std::string_view name, const toml::node& node, const std::string& table) {
        const std::string key = table + "." + std::string(name);
        const auto value = text(node, key);
        if (!value) return;
        ColumnMap::Filter filter{{}, *value};
        const bool isPosition = name.find_first_not_of("0123456789") == std::string_view::npos && name.size() < 6;
        if (isPosition && !map_.header)
            filter.source.position = std::atoi(std::string(name).c_str());
        else
            filter.source.column = name;
        map_.filters.push_back(std::move(filter));
    }

    // A column by name or position, or { column = …, values = {…} }, or { constant = … }.
    std::optional<ColumnMap::Source> readSource(const toml::node& node, const std::string& key) {
        constexpr std::string_view allowed =
            "must be a column's name, its position from 1, or a table of column, constant and values";
        ColumnMap::Source source;
        if (readColumn(node, source)) return source;
        const toml::table* table = node.as_table();
        if (!table) {
            fault(node, key, std::string(allowed));
            return std::nullopt;
        }
        for (const auto& [name, value] : *table) {
            bool good = true;
            if (name == "column")
                good = readColumn(value, source);
            else if (name == "constant")
                good = (source.constant = value.value_exact<std::string>()).has_value();
            else if (name == "values")
                good = readValues(value, source);
            else
                good = false;
            if (!good) {
                fault(value, key + "." + std::string(name.str()),
                      fmt::format("{}; values and constants are texts", allowed));
                return std::nullopt;
            }
        }
        const int given = source.constant.has_value() + !source.column.empty() + (source.position > 0);
        if (given == 1) return source;
        fault(node, key, "must name either a column or a constant");
        return std::nullopt;
    }

    static bool readColumn(const toml::node& node, ColumnMap::Source& source) {
        constexpr std::int64_t mostColumns = 10'000;
        if (const auto name = node.value_exact<std::string>(); name && !name->empty()) {
            source.column = *name;
            return true;
        }
        const auto position = node.value_exact<std::int64_t>();
        if (!position || *position < 1 || *position > mostColumns) return false;
        source.position = static_cast<int>(*position);
        return true;
    }

    static bool readValues(const toml::node& node, ColumnMap::Source& source) {
        const toml::table* table = node.as_table();
        if (!table) return false;
        for (const auto& [word, meaning] : *table) {
            const auto text = meaning.value_exact<std::string>();
            if (!text) return false;
            source.values[std::string(word.str())] = *text;
        }
        return true;
    }

    ColumnMap& map_;
    Error& error_;
};

bool hasTarget(const ColumnMap& map, std::string_view name) {
    return std::any_of(map.targets.begin(), map.targets.end(),
                       [name](const ColumnMap::Target& target) { return target.field == name; });
}

void checkWhole(const ColumnMap& map, Error& error) {
    const auto missing = [&](std::string message) {
        error.faults.push_back({"/fields", "bad-column-map", map.fileName + ": " + std::move(message), 0});
    };
    if (!hasTarget(map, "direction"))
        missing("fields.direction is missing; where every call goes one way use { constant = \"outbound\" }");
    if (!hasTarget(map, "startedAt") && !hasTarget(map, "invitedAt")) missing("fields.startedAt is missing");
    if (!hasTarget(map, "durationMs") && !hasTarget(map, "durationSeconds"))
        missing("fields.durationSeconds is missing; durationUnit says in what unit the column counts");
    const bool bySide = hasTarget(map, "ownNumber") && hasTarget(map, "farEndNumber");
    if (!bySide && !(hasTarget(map, "callerNumber") && hasTarget(map, "calleeNumber")))
        missing("name ownNumber and farEndNumber, or callerNumber and calleeNumber, in fields");
    for (const ColumnMap::Target& target : map.targets)
        if (!map.header && !target.source.column.empty())
            missing("fields." + target.field + " names a column, but header = false: give its position");
    if (map.delimiter == map.quote) missing("delimiter and quote must differ");
}

}  // namespace

Result<ColumnMap> parseColumnMap(std::string_view toml, std::string_view fileName, MapSide side) {
    ColumnMap map;
    map.fileName = fileName;
    Error error = invalidInput("bad-column-map", "");
    const toml::parse_result parsed = [&]() -> toml::parse_result {
        // toml++ is built with exceptions; none leaves this function.
        try {
            return toml::parse(toml, fileName);
        } catch (const toml::parse_error& problem) {
            const std::size_t line = problem.source().begin.line;
            error.faults.push_back(
                {"", "bad-column-map",
                 map.fileName + ":" + std::to_string(line) + ": not TOML: " + std::string(problem.description()),
                 line});
            return {};
        }
    }();
    if (error.faults.empty()) {
        MapReader reader(map, error);
        // `header` decides what a filter's key means, so it is read first.
        if (const auto header = parsed["header"].value<bool>()) map.header = *header;
        reader.read(parsed, "");
        for (const std::size_t i : {0u, 1u}) {
            const toml::table* table = parsed[sides[i]].as_table();
            if (!table) continue;
            if (static_cast<std::size_t>(side) == i + 1) {
                reader.read(*table, std::string(sides[i]) + ".");
            } else {
                ColumnMap unused = map;
                MapReader(unused, error).read(*table, std::string(sides[i]) + ".");  // for its faults
            }
        }
        if (error.faults.empty()) checkWhole(map, error);
    }
    if (error.faults.empty()) return map;
    error.message = error.faults[0].message;
    if (error.faults.size() > 1) error.message += " (and " + std::to_string(error.faults.size() - 1) + " more)";
    return fail(std::move(error));
}

Result<ColumnMap> loadColumnMap(const std::string& path, MapSide side) {
    std::ifstream file(path, std::ios::binary);
    std::stringstream text;
    text << file.rdbuf();
    if (!file) return fail(invalidInput("file-not-readable", path + " cannot be read"));
    return parseColumnMap(text.str(), path, side);
}

}  // namespace meetpoint::formats
