// A column map says how any CSV call log is read: which column holds which field, how its times and durations are
// written, what its words mean. It is a TOML file; docs/guide/column-map.md explains it with an example.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/time.h"

namespace meetpoint::formats {

// Which of two compared files the map is read for: tables `[ours]` and `[theirs]` override the rest of it.
enum class MapSide { either, ours, theirs };

struct ColumnMap {
    enum class TimeFormat { pattern, epoch, epochMs, rfc3339 };
    enum class DurationUnit { seconds, milliseconds, minutes, clock };  // clock: H:MM:SS or MM:SS

    // Where the value of one field comes from: a column by name or 1-based position, or a constant.
    struct Source {
        std::string column;  // name; empty if by position or constant
        int position = 0;    // 1-based; 0 if by name or constant
        std::optional<std::string> constant;
        std::map<std::string, std::string> values;  // what each word of the file means; empty: taken as it is
    };
    struct Target {
        std::string field;  // wire name, or "farEndNumber"
        Source source;
    };
    struct Filter {
        Source source;      // column or position
        std::string value;  // rows with another value are left out
    };

    std::string fileName;  // for messages
    char delimiter = ',';
    char quote = '"';
    bool header = true;
    TimeFormat timeFormat = TimeFormat::rfc3339;
    std::string timePattern;           // strftime: %Y %m %d %H %M %S %y %b %z %f (fraction) %p %I, and literal text
    std::optional<TimeZone> timeZone;  // of times without an offset; else ReadOptions::timeZone
    std::optional<std::string> defaultRegion;
    DurationUnit durationUnit = DurationUnit::seconds;
    bool textNumbers = false;  // numbers = "text": what is no telephone number is kept as text
    std::vector<Target> targets;
    std::vector<Filter> filters;
};

// Reads a map. `fileName` is for messages only. Code "bad-column-map"; every fault names the file, line and key and
// says what is allowed there.
Result<ColumnMap> parseColumnMap(std::string_view toml, std::string_view fileName, MapSide side = MapSide::either);
Result<ColumnMap> loadColumnMap(const std::string& path, MapSide side = MapSide::either);

}  // namespace meetpoint::formats
