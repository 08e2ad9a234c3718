// A source file as the rules see it: its lines as written, the same lines with comments and the insides of literals
// blanked, and its string literals.
#pragma once

#include <filesystem>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace meetpoint::rules {

struct Literal {
    std::size_t line = 0;  // 1-based, where it begins
    std::string text;      // without quotes and prefix; escapes as written
};

struct SourceFile {
    std::string path;                // from the project's root: "src/base/id.cc"
    std::vector<std::string> lines;  // as written
    std::vector<std::string> code;   // the same, with comments and the insides of literals as blanks
    std::vector<Literal> literals;

    bool under(std::string_view folder) const;  // "src/http"
    bool isTest() const;                        // everything in tests/, and what serves unit tests beside the code
    std::string folder() const;                 // "src/base"
    std::string name() const;                   // "id.cc"
};

SourceFile sourceFile(std::string path, std::string_view text);

// A project on disk or, for the tests of the rules, one made up.
struct Project {
    std::vector<SourceFile> files;       // *.cc and *.h of src/, tests/ and bench/, sorted by path
    std::vector<SourceFile> buildFiles;  // every CMakeLists.txt of these
    std::vector<SourceFile> documents;   // every *.md
    std::set<std::string> paths;         // of all files and folders
    std::string problemList;             // docs/reference/problems.md
    std::string settingList;             // docs/reference/configuration.md
    std::string fieldList;               // docs/reference/records.md

    bool has(std::string_view path) const;
};

Project readProject(const std::filesystem::path& root);

}  // namespace meetpoint::rules
