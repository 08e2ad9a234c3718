#include <algorithm>
#include <map>
#include <optional>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "rules/rules.h"

namespace meetpoint::rules {
namespace {

// base ← domain ← columns ← {reconcile, quality, formats} ← store ← exchange ← api ← server ← cli;  base ← http ← {api,
// server}
const std::map<std::string, std::vector<std::string>>& allowedLayers() {
    static const std::map<std::string, std::vector<std::string>> allowed{
        {"base", {}},
        {"domain", {"base"}},
        {"columns", {"base", "domain"}},
        {"reconcile", {"base", "domain", "columns"}},
        {"quality", {"base", "domain", "columns"}},
        {"formats", {"base", "domain", "columns"}},
        {"store", {"base", "domain", "columns", "reconcile", "formats"}},
        {"exchange", {"base", "domain", "columns", "reconcile", "quality", "formats", "store"}},
        {"http", {"base"}},
        {"api", {"base", "domain", "columns", "reconcile", "quality", "formats", "store", "exchange", "http"}},
        {"server",
         {"base", "domain", "columns", "reconcile", "quality", "formats", "store", "exchange", "http", "api"}},
        {"cli",
         {"base", "domain", "columns", "reconcile", "quality", "formats", "store", "exchange", "http", "api",
          "server"}},
        {"main.cc", {"base", "cli"}},
    };
    return allowed;
}

struct Include {
    std::size_t line;
    std::string path;
    bool quoted;
};

std::vector<Include> includesOf(const SourceFile& file) {
    std::vector<Include> includes;
    for (std::size_t i = 0; i < file.code.size(); ++i) {
        const std::string& line = file.code[i];
        if (!line.starts_with("#include")) continue;
        const std::size_t open = line.find_first_of("<\"", 8);
        if (open == std::string::npos) continue;
        const std::size_t close = line.find_first_of(">\"", open + 1);
        includes.push_back({i + 1, line.substr(open + 1, close - open - 1), line[open] == '"'});
    }
    return includes;
}

// "src/http/json.cc" → "http"; "src/main.cc" → "main.cc".
std::string layerOf(const SourceFile& file) {
    const std::size_t from = std::string_view("src/").size();
    return file.path.substr(from, file.path.find('/', from) - from);
}

struct LibraryHome {
    std::string_view prefix;   // of the included path
    std::string_view folders;  // where it may stand, blank between
    std::string_view why;
};

// A file may be added to `folders` only with the reason beside it.
constexpr LibraryHome libraryHomeTable[] = {
    {"boost/asio", "src/http",
     "sockets, timers and coroutines stay behind http/, so that what uses them can be tested without"},
    {"boost/beast", "src/http", "HTTP on the wire is known in http/ alone"},
    {"openssl/ssl", "src/http", "TLS is known in http/ alone"},
    {"sqlite3.h", "src/store", "the embedded store is one implementation of Db and Tx; nobody else may depend on it"},
    {"libpq", "src/store", "the cluster store is one implementation of Db and Tx; nobody else may depend on it"},
    {"phonenumbers/", "src/domain", "one place decides what a telephone number is"},
    {"cctz/", "src/base", "one place knows time zones"},
    {"lz4", "src/columns", "one place knows how buffers are compressed"},
    {"prometheus/", "src/http src/server", "code counts through small interfaces and does not know who collects"},
    {"CLI/", "src/cli src/main.cc", "only the command line reads arguments; main lists its commands"},
};

bool inAnyOf(const SourceFile& file, std::string_view folders) {
    while (!folders.empty()) {
        const std::size_t blank = std::min(folders.find(' '), folders.size());
        if (file.under(folders.substr(0, blank))) return true;
        folders.remove_prefix(std::min(blank + 1, folders.size()));
    }
    return false;
}

constexpr std::string_view inputOutputHeaders[] = {"fstream", "iostream", "cstdio",   "filesystem", "unistd.h",
                                                   "fcntl.h", "sys/",     "netinet/", "spdlog/"};

bool doesInputOutput(std::string_view include) {
    return std::any_of(std::begin(inputOutputHeaders), std::end(inputOutputHeaders),
                       [&](std::string_view header) { return include.starts_with(header); });
}

}  // namespace

std::ostream& operator<<(std::ostream& out, const Breach& breach) {
    out << breach.path;
    if (breach.line) out << ':' << breach.line;
    return out << ": " << breach.what << "\n    because " << breach.why;
}

Breaches layers(const Project& project) {
    Breaches breaches;
    for (const SourceFile& file : project.files) {
        if (!file.under("src")) continue;
        const std::string layer = layerOf(file);
        const auto allowed = allowedLayers().find(layer);
        if (allowed == allowedLayers().end()) {
            breaches.push_back(
                {file.path, 0, "src/" + layer + " is no known layer",
                 "every folder has its place in the order of layers; give it one in tests/rules/layers.cc"});
            continue;
        }
        for (const Include& include : includesOf(file)) {
            const std::string target = include.path.substr(0, include.path.find('/'));
            if (!include.quoted || target == layer || !allowedLayers().contains(target)) continue;
            const auto& below = allowed->second;
            if (std::find(below.begin(), below.end(), target) == below.end())
                breaches.push_back(
                    {file.path, include.line, fmt::format("{} includes {}", layer, include.path),
                     fmt::format("{} may include {} and nothing else: what is below must not know what is above", layer,
                                 below.empty() ? "nothing of ours" : fmt::format("{}", fmt::join(below, ", ")))});
        }
    }
    return breaches;
}

Breaches libraryHomes(const Project& project) {
    Breaches breaches;
    for (const SourceFile& file : project.files) {
        if (!file.under("src") || file.isTest()) continue;
        for (const Include& include : includesOf(file))
            for (const LibraryHome& home : libraryHomeTable)
                if (include.path.starts_with(home.prefix) && !inAnyOf(file, home.folders))
                    breaches.push_back({file.path, include.line,
                                        fmt::format("<{}> belongs to {}", include.path, home.folders),
                                        std::string(home.why)});
    }
    return breaches;
}

Breaches pureFolders(const Project& project) {
    Breaches breaches;
    for (const SourceFile& file : project.files) {
        if (!file.under("src") || file.isTest()) continue;
        if (inAnyOf(file, "src/domain src/columns src/reconcile src/quality"))
            for (const Include& include : includesOf(file))
                if (!include.quoted && doesInputOutput(include.path))
                    breaches.push_back(
                        {file.path, include.line, fmt::format("<{}> does input and output", include.path),
                         "domain, columns, reconcile and quality are pure: the same arguments give the same result"});
        if (file.path == "src/base/clock.cc") continue;
        for (std::size_t i = 0; i < file.code.size(); ++i)
            for (const std::string_view call : {"system_clock::now", "::time(nullptr", "gettimeofday("})
                if (file.code[i].find(call) != std::string::npos)
                    breaches.push_back({file.path, i + 1, fmt::format("{} reads the machine's clock", call),
                                        "time is an argument (base/clock.h), so that a test decides what time it is"});
    }
    return breaches;
}

Breaches includeStyle(const Project& project) {
    Breaches breaches;
    for (const SourceFile& file : project.files) {
        if (!file.under("src")) continue;
        const std::vector<Include> includes = includesOf(file);
        for (const Include& include : includes) {
            const bool ours = project.has("src/" + include.path);
            if (ours && !include.quoted)
                breaches.push_back({file.path, include.line, fmt::format("<{}> is ours", include.path),
                                    "quotes tell our headers from other people's"});
            if (include.quoted && !ours && !include.path.ends_with("_generated.h"))
                breaches.push_back(
                    {file.path, include.line, fmt::format("\"{}\" is no header of src/", include.path),
                     "our headers are named from src/, \"folder/file.h\", so that a reader sees the layer"});
        }
        if (!file.path.ends_with(".cc")) continue;
        const std::string header = file.path.substr(4, file.path.size() - 6) + "h";
        if (project.has("src/" + header) && (includes.empty() || includes.front().path != header))
            breaches.push_back(
                {file.path, includes.empty() ? 0 : includes.front().line,
                 fmt::format("\"{}\" is not the first include", header),
                 "a header that is included first by its own source cannot lean on what others included"});
    }
    return breaches;
}

}  // namespace meetpoint::rules
