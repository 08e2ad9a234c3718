#include "formats/detect.h"

#include "domain/call.h"
#include "formats/csv.h"
#include "formats/foreign.h"
#include "formats/values.h"

namespace meetpoint::formats {
namespace {

constexpr std::string_view accepted =
    "Accepted are, plain or compressed with gzip or zstd: NDJSON or a JSON array of calls or durations, CSV with a "
    "header of "
    "their field names, Asterisk's cdr_csv, and any other CSV with a column map (docs/guide/column-map.md)";

struct Magic {
    std::string_view bytes;
    std::string_view meaning;
};
constexpr Magic magics[] = {
    {"PK\x03\x04", "a ZIP archive (or an office document); unpack it first"},
    {"%PDF", "a PDF document"},
    {"SQLite format 3", "an SQLite database"},
    {"PAR1", "a Parquet file"},
    {"ARROW1", "an Arrow file"},
    {"BZh", "bzip2 data; decompress it first"},
    {"\xFD"
     "7zXZ",
     "xz data; decompress it first"},
    {"\xD4\xC3\xB2\xA1", "a packet capture"},
    {"\x0A\x0D\x0D\x0A", "a packet capture"},
    {"<", "XML or HTML"},
};

Error unknown(std::string recognised) {
    return {ErrorKind::unsupportedMedia,
            "unknown-format",
            "this is no call log that can be read: it is " + std::move(recognised) + ". " + std::string(accepted),
            {},
            {},
            0};
}

// The beginning of what is compressed. A cut end is expected here and no error.
Result<Bytes> plainHead(ByteView head, Compression compression) {
    Bytes out;
    if (compression == Compression::none) {
        out.assign(head.begin(), head.end());
        return out;
    }
    Decompressor decompressor(compression);
    const auto enough = [&out](ByteView piece) -> Result<void> {
        out.insert(out.end(), piece.begin(), piece.end());
        if (out.size() < detectionBytes) return {};
        return fail(invalidInput("enough", ""));
    };
    const Result<void> fed = decompressor.feed(head, enough);
    if (!fed && fed.error().code != "enough") return fail(fed.error());
    return out;
}

// The names at the top of the first JSON object of `text`, as far as the head shows them.
struct FirstObject {
    std::vector<std::string> names;
    bool endsOnItsLine = false;
};
FirstObject lookInto(std::string_view text) {
    FirstObject found;
    std::size_t depth = 0;
    bool inString = false, isName = false;
    std::string name;
    for (std::size_t i = text.find('{'); i < text.size(); ++i) {
        const char c = text[i];
        if (inString) {
            if (c == '\\') {
                ++i;
            } else if (c == '"') {
                inString = false;
                if (depth == 1 && isName) found.names.push_back(name);
                isName = false;
            } else {
                name += c;
            }
            continue;
        }
        if (c == '"') {
            inString = true;
            name.clear();
        }
        if (c == '{' || c == '[') ++depth;
        if (depth == 1 && (c == '{' || c == ',')) isName = true;
        if (c == '}' || c == ']') --depth;
        if (depth == 0) {
            const std::size_t begin = text.find('{');
            found.endsOnItsLine = text.substr(begin, i - begin).find('\n') == std::string_view::npos;
            break;
        }
    }
    return found;
}

std::string joined(const std::vector<std::string>& names) {
    constexpr std::size_t most = 12;
    std::string out;
    for (std::size_t i = 0; i < names.size() && i < most; ++i)
        out.append(i ? ", " : "").append(shortened(names[i]));
    return names.size() > most ? out + ", …" : out;
}

bool looksLikeRecords(const std::vector<std::string>& names) {
    constexpr std::string_view telling =
        "callId,recordId,invitedAt,startedAt,callerNumber,calleeNumber,durationMs,durationSeconds";
    return std::count_if(names.begin(), names.end(),
                         [&](const std::string& name) { return domain::indexIn(telling, name).has_value(); }) >= 2;
}

Result<Format> detectJson(std::string_view text) {
    if (text.front() == '[' && text.find_first_not_of(" \t\r\n", 1) != std::string_view::npos) {
        const char first = text[text.find_first_not_of(" \t\r\n", 1)];
        if (first == ']') return Format::jsonArray;
        if (first != '{') return fail(unknown("a JSON array, but not of objects"));
    }
    const FirstObject object = lookInto(text);
    if (!looksLikeRecords(object.names))
        return fail(unknown(object.names.empty()
                                ? "JSON without a record"
                                : "JSON, but no calls or durations: its fields are " + joined(object.names)));
    return text.front() == '{' && object.endsOnItsLine ? Format::ndjson : Format::jsonArray;
}

bool isAsterisk(const std::vector<std::string_view>& fields) {
    constexpr std::size_t start = 9, disposition = 14;
    if (fields.size() < 16 || fields.size() > 18) return false;
    if (fields[0] == "accountcode") return true;
    return readPatternTime(fields[start], "%Y-%m-%d %H:%M:%S", TimeZone::utc()).has_value() &&
           domain::indexIn("ANSWERED,NO ANSWER,BUSY,FAILED,CONGESTION", trimmed(fields[disposition])).has_value();
}

Result<Format> detectDelimited(std::string_view text, bool hasColumnMap) {
    if (hasColumnMap) return Format::mappedCsv;
    std::optional<Format> found;
    std::vector<std::string> columns;
    bool first = true;
    CsvSplitter splitter(',', '"', detectionBytes);
    const auto look = [&](const CsvRecord& record) {
        if (!std::exchange(first, false)) return;
        columns.assign(record.fields.begin(), record.fields.end());
        if (isAsterisk(record.fields))
            found = Format::asteriskCsv;
        else if (looksLikeRecords(columns))
            found = Format::csv;
    };
    splitter.feed(text, look);
    splitter.finish(look);
    if (found) return *found;
    if (columns.size() > 1)
        return fail(unknown("delimited text of " + std::to_string(columns.size()) + " columns: " + joined(columns)));
    const std::string_view line = text.substr(0, text.find('\n'));
    for (const char delimiter : {';', '\t', '|'})
        if (std::count(line.begin(), line.end(), delimiter) >= 2)
            return fail(unknown("text with columns delimited by '" + std::string(1, delimiter) + "'"));
    return fail(unknown("plain text that begins with '" + shortened(line) + "'"));
}

}  // namespace

Result<Detected> detectFormat(ByteView head, bool hasColumnMap) {
    Detected detected;
    detected.compression = detectCompression(head);
    TRY_ASSIGN(const Bytes plain, plainHead(head, detected.compression));
    std::string_view text = textOf(plain);
    if (text.starts_with("\xEF\xBB\xBF")) text.remove_prefix(3);
    const std::size_t start = text.find_first_not_of(" \t\r\n");
    if (start == std::string_view::npos) return fail(unknown("empty"));
    for (const Magic& magic : magics)
        if (text.starts_with(magic.bytes)) return fail(unknown(std::string(magic.meaning)));
    if (text.starts_with("\xFF\xFE") || text.starts_with("\xFE\xFF"))
        return fail(unknown("text in UTF-16; convert it to UTF-8"));
    if (text.find('\0') != std::string_view::npos) return fail(unknown("binary data"));
    text.remove_prefix(start);
    const bool json = text.front() == '{' || text.front() == '[';
    TRY_ASSIGN(detected.format, json ? detectJson(text) : detectDelimited(text, hasColumnMap));
    return detected;
}

}  // namespace meetpoint::formats
