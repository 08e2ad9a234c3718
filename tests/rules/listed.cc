#include <algorithm>
#include <iterator>
#include <map>
#include <regex>
#include <set>

#include <fmt/format.h>

#include "rules/rules.h"

namespace meetpoint::rules {
namespace {

// Texts that look like problem codes and are none, each with what it is.
const std::map<std::string_view, std::string_view>& notProblems() {
    static const std::map<std::string_view, std::string_view> list{
        {"cursor-key", "a row of the store's settings"},
        {"hash-key", "a row of the store's settings"},
        {"store-kind", "a row of the store's settings"},
        {"token-seed", "a row of the store's settings"},
        {"unfinished-move", "a row of the store's settings"},
        {"dry-run", "how a trial is undone; no caller sees it"},
        {"order-taken", "how a node tells itself that another was quicker; no caller sees it"},
        {"number-conflicts", "the name of a list in its cursors"},
        {"date-time", "a format of JSON Schema"},
        {"enough", "how a reader tells itself to stop; no caller sees it"},
        {"meetpoint-data", "a folder"},
        {"request-id", "a name in Microsoft Graph's errors"},
        {"no-store", "a value of Cache-Control"},
        {"webhook-id", "a header of what is delivered"},
        {"webhook-signature", "a header of what is delivered"},
        {"webhook-timestamp", "a header of what is delivered"},
        {"day-keeper", "a writer in entries"},
        {"x-gzip", "a content encoding"},
    };
    return list;
}

// Whether a build file of the folder, or of one above it, names the file by its path from there.
bool namedInBuild(const Project& project, const SourceFile& file) {
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

// The first cells of a page's tables, where they stand in backticks, and their lines.
std::map<std::string, std::size_t> tableKeys(std::string_view page) {
    constexpr std::string_view begin = "| `";
    std::map<std::string, std::size_t> keys;
    for (std::size_t line = 1; !page.empty(); ++line) {
        const std::size_t end = std::min(page.find('\n'), page.size());
        const std::string_view row = page.substr(0, end);
        if (row.starts_with(begin)) {
            const std::size_t close = std::min(row.find('`', begin.size()), row.size());
            keys.emplace(row.substr(begin.size(), close - begin.size()), line);
        }
        page.remove_prefix(std::min(end + 1, page.size()));
    }
    return keys;
}

// What a page names that no literal of these sources says.
void addUnknownKeys(const Project& project, std::string_view sources, const std::map<std::string, std::size_t>& keys,
                    std::string_view page, Breaches& breaches) {
    for (const auto& [key, line] : keys) {
        const bool known = std::any_of(project.files.begin(), project.files.end(), [&](const SourceFile& file) {
            return file.under(sources) && !file.isTest() &&
                   std::any_of(file.literals.begin(), file.literals.end(),
                               [&](const Literal& literal) { return literal.text == key; });
        });
        if (!known)
            breaches.push_back(
                {std::string(page), line, fmt::format("`{}` is nowhere in {}", key, sources),
                 "a page that names what does not exist sends its reader astray: remove it, or correct the spelling"});
    }
}

// The words that `pattern` captures in a file, literals included, and the lines on which its matches begin.
std::vector<Literal> captured(const SourceFile& file, const std::regex& pattern) {
    std::string text;
    for (const std::string& line : file.lines)
        text += line + '\n';
    std::vector<Literal> words;
    for (std::sregex_iterator at(text.begin(), text.end(), pattern), end; at != end; ++at) {
        const auto before = std::count(text.begin(), text.begin() + at->position(), '\n');
        words.push_back({static_cast<std::size_t>(1 + before), (*at)[1]});
    }
    return words;
}

// Codes of any form that are given to an Error as such.
std::vector<Literal> codesOfErrors(const SourceFile& file) {
    static const std::regex error(R"re((?:ErrorKind::\w+,|\b(?:invalidInput|conflict)\()\s*"([A-Za-z-]+)")re");
    return captured(file, error);
}

bool hasFuzzTarget(const Project& project, const std::string& target) {
    const std::string call = "meetpoint_fuzz(" + target + " ";
    for (const SourceFile& build : project.buildFiles)
        for (const std::string& line : build.lines)
            if (line.starts_with(call)) return true;
    return false;
}

}  // namespace

Breaches builtFiles(const Project& project) {
    constexpr std::string_view fuzzEnd = "_fuzz.cc";
    Breaches breaches;
    for (const SourceFile& file : project.files) {
        if (!file.path.ends_with(".cc")) continue;
        const std::string name = file.name();
        if (file.folder() == "tests/fuzz" && name.ends_with(fuzzEnd)) {
            const std::string target = name.substr(0, name.size() - fuzzEnd.size());
            if (!hasFuzzTarget(project, target))
                breaches.push_back({file.path, 0,
                                    fmt::format("no meetpoint_fuzz({} …) in tests/fuzz/CMakeLists.txt", target),
                                    "a fuzz target that no build makes rots"});
        } else if (!namedInBuild(project, file)) {
            breaches.push_back({file.path, 0, "named in no CMakeLists.txt",
                                "a source that no build makes rots, and a test that is not built never fails"});
        }
    }
    return breaches;
}

Breaches documentedProblems(const Project& project) {
    static const std::regex code("^[a-z]+(-[a-z0-9]+)+$");
    const auto documented = tableKeys(project.problemList);
    Breaches breaches;
    for (const SourceFile& file : project.files) {
        if (!file.under("src") || file.isTest()) continue;
        std::vector<Literal> codes = codesOfErrors(file);
        // The command line spells many words like this (CSS, options); of it only what is given to an Error counts.
        if (!file.under("src/cli"))
            std::copy_if(file.literals.begin(), file.literals.end(), std::back_inserter(codes),
                         [](const Literal& literal) { return std::regex_match(literal.text, code); });
        std::set<std::string> told;
        for (const Literal& one : codes) {
            if (notProblems().contains(one.text) || documented.contains(one.text) || !told.insert(one.text).second)
                continue;
            breaches.push_back({file.path, one.line,
                                fmt::format("\"{}\" is in no table of docs/reference/problems.md", one.text),
                                "a caller acts on codes, so each is documented; what is no problem code is listed in "
                                "tests/rules/listed.cc"});
        }
    }
    addUnknownKeys(project, "src", documented, "docs/reference/problems.md", breaches);
    return breaches;
}

Breaches documentedSettings(const Project& project) {
    static const std::regex setting("^[a-z]+\\.[a-zA-Z]+$");
    constexpr std::string_view home = "src/server/configuration.cc";
    const auto documented = tableKeys(project.settingList);
    Breaches breaches;
    for (const SourceFile& file : project.files) {
        if (file.path != home) continue;
        for (const Literal& literal : file.literals) {
            if (!std::regex_match(literal.text, setting) || documented.contains(literal.text)) continue;
            breaches.push_back({file.path, literal.line,
                                fmt::format("'{}' is in no table of docs/reference/configuration.md", literal.text),
                                "an operator finds settings on that page and nowhere else"});
        }
    }
    addUnknownKeys(project, home, documented, "docs/reference/configuration.md", breaches);
    return breaches;
}

Breaches documentedFields(const Project& project) {
    static const std::regex field(R"re(\b(?:kept|keptText|composed)\(\s*"(\w+)")re");
    constexpr std::string_view home = "src/formats/wire.cc";
    const auto documented = tableKeys(project.fieldList);
    Breaches breaches;
    for (const SourceFile& file : project.files) {
        if (file.path != home) continue;
        for (const Literal& word : captured(file, field))
            if (!documented.contains(word.text))
                breaches.push_back(
                    {file.path, word.line,
                     fmt::format("the field '{}' is in no table of docs/reference/records.md", word.text),
                     "who sends and who reads records looks fields up there"});
    }
    addUnknownKeys(project, home, documented, "docs/reference/records.md", breaches);
    return breaches;
}

Breaches brokenLinks(const Project& project) {
    static const std::regex link(R"re(\]\(([^)#\s]+))re");
    Breaches breaches;
    for (const SourceFile& document : project.documents) {
        bool inCode = false;
        for (std::size_t i = 0; i < document.lines.size(); ++i) {
            const std::string& line = document.lines[i];
            if (line.starts_with("```")) inCode = !inCode;
            if (inCode) continue;
            for (std::sregex_iterator at(line.begin(), line.end(), link), end; at != end; ++at) {
                const std::string target = (*at)[1];
                if (target.find("://") != std::string::npos) continue;
                const auto path =
                    (std::filesystem::path(document.path).parent_path() / target).lexically_normal().generic_string();
                if (!project.paths.contains(path))
                    breaches.push_back({document.path, i + 1, fmt::format("links to {}, which is not there", target),
                                        "a reader who follows a link that leads nowhere stops trusting the page"});
            }
        }
    }
    return breaches;
}

}  // namespace meetpoint::rules
