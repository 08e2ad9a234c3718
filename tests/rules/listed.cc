#include <algorithm>
#include <map>
#include <regex>

#include <fmt/format.h>

#include "rules/rules.h"

namespace meetpoint::rules {
namespace {

// Texts that look like problem codes and are none, each with what it is.
const std::map<std::string_view, std::string_view>& notProblems()
{
    static const std::map<std::string_view, std::string_view> list{
        {"cursor-key", "a row of the store's settings"},
        {"hash-key", "a row of the store's settings"},
        {"store-kind", "a row of the store's settings"},
        {"token-seed", "a row of the store's settings"},
        {"date-time", "a format of JSON Schema"},
        {"x-gzip", "a content encoding"},
    };
    return list;
}

// Whether a build file of the folder, or of one above it, names the file by its path from there.
bool namedInBuild(const Project& project, const SourceFile& file)
{
    for (const SourceFile& build : project.buildFiles) {
        const std::string home = build.folder();
        if (!file.under(home)) continue;
        const std::string name = file.path.substr(home.size() + 1);
        for (const std::string& line : build.lines)
            for (std::size_t at = line.find(name); at != std::string::npos; at = line.find(name, at + 1)) {
                const bool begins = at == 0 || line[at - 1] == ' ' || line[at - 1] == '(' || line[at - 1] == '/';
                const std::size_t end = at + name.size();
                if (begins && (end == line.size() || line[end] == ' ' || line[end] == ')')) return true;
            }
    }
    return false;
}

bool hasFuzzTarget(const Project& project, const std::string& target)
{
    const std::string call = "meetpoint_fuzz(" + target + " ";
    for (const SourceFile& build : project.buildFiles)
        for (const std::string& line : build.lines)
            if (line.starts_with(call)) return true;
    return false;
}

}  // namespace

Breaches builtFiles(const Project& project)
{
    constexpr std::string_view fuzzEnd = "_fuzz.cc";
    Breaches breaches;
    for (const SourceFile& file : project.files) {
        if (!file.path.ends_with(".cc")) continue;
        const std::string name = file.name();
        if (file.folder() == "tests/fuzz" && name.ends_with(fuzzEnd)) {
            const std::string target = name.substr(0, name.size() - fuzzEnd.size());
            if (!hasFuzzTarget(project, target))
                breaches.push_back({file.path, 0, fmt::format("no meetpoint_fuzz({} …) in tests/fuzz/CMakeLists.txt", target),
                                    "a fuzz target that no build makes rots"});
        } else if (!namedInBuild(project, file)) {
            breaches.push_back({file.path, 0, "named in no CMakeLists.txt", "a source that no build makes rots, and a test that is not built never fails"});
        }
    }
    return breaches;
}

Breaches documentedProblems(const Project& project)
{
    static const std::regex code("^[a-z]+(-[a-z0-9]+)+$");
    Breaches breaches;
    for (const SourceFile& file : project.files) {
        if (!file.under("src") || file.isTest() || file.under("src/cli")) continue;
        for (const Literal& literal : file.literals) {
            if (!std::regex_match(literal.text, code) || notProblems().contains(literal.text)) continue;
            if (project.problemList.find("`" + literal.text + "`") != std::string::npos) continue;
            breaches.push_back({file.path, literal.line, fmt::format("\"{}\" is not in docs/reference/problems.md", literal.text),
                                "a caller acts on codes, so each is documented; what is no problem code is listed in tests/rules/listed.cc"});
        }
    }
    return breaches;
}

}  // namespace meetpoint::rules
