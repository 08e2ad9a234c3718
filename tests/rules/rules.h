// The rules of the code that a compiler does not check. Each function returns what breaks its rule; a breach names the
// place and the reason for the rule.
#pragma once

#include <ostream>
#include <string>
#include <vector>

#include "rules/source_file.h"

namespace meetpoint::rules {

struct Breach {
    std::string path;
    std::size_t line = 0;  // 1-based; 0: the file as a whole
    std::string what;
    std::string why;
};
std::ostream& operator<<(std::ostream& out, const Breach& breach);

using Breaches = std::vector<Breach>;

// layers.cc: who may know whom
Breaches layers(const Project& project);        // a folder of src/ includes only those below it
Breaches libraryHomes(const Project& project);  // Asio, SQLite, libphonenumber … each in one place
Breaches pureFolders(const Project& project);   // no I/O in domain, columns and reconcile; no clock but base/clock.cc
Breaches includeStyle(const Project& project);  // "folder/file.h" for ours, <file> for others, own header first

// text.cc: what stands in the files
Breaches sqlAtHome(const Project& project);     // SQL only in src/store
Breaches telecomWords(const Project& project);  // none in base and http
Breaches bannedWords(const Project& project);
Breaches sleepingTests(const Project& project);
Breaches standardOutput(const Project& project);  // only the command line writes there
Breaches fileLength(const Project& project);
Breaches functionLength(const Project& project);

// listed.cc: what must be named elsewhere
Breaches builtFiles(const Project& project);  // every .cc stands in a CMakeLists.txt, every fuzz target has its test
Breaches documentedProblems(
    const Project& project);  // the problem codes of the source and of docs/reference/problems.md are the same
Breaches documentedSettings(
    const Project& project);  // so are the settings of the server and of docs/reference/configuration.md
Breaches brokenLinks(const Project& project);       // what a document links to exists
Breaches documentedFields(const Project& project);  // and the fields of records and of docs/reference/records.md

// Every function body of a file: where it begins, its first line as written, and how many lines it has.
struct FunctionBody {
    std::size_t line = 0;
    std::string head;
    std::size_t lines = 0;
};
std::vector<FunctionBody> functionBodies(const SourceFile& file);

}  // namespace meetpoint::rules
