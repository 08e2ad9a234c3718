#include "rules/source_file.h"

#include <algorithm>
#include <fstream>
#include <iterator>

namespace meetpoint::rules {
namespace {

std::vector<std::string> linesOf(std::string_view text) {
    std::vector<std::string> lines;
    while (!text.empty()) {
        const std::size_t end = std::min(text.find('\n'), text.size());
        lines.emplace_back(text.substr(0, end));
        text.remove_prefix(std::min(end + 1, text.size()));
    }
    return lines;
}

bool isWord(char c) {
    return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '_';
}

// Walks the text once; `code` is a copy in which it blanks what is no code.
class Scanner {
public:
    Scanner(std::string_view text, std::vector<Literal>& literals) : text_(text), code_(text), literals_(literals) {}

    std::string scan() {
        while (at_ < text_.size())
            step();
        return std::move(code_);
    }

private:
    void step() {
        if (startsWith("//")) return blank(std::min(text_.find('\n', at_), text_.size()));
        if (startsWith("/*")) return blank(endOf("*/", at_ + 2));
        if (startsWith("#include"))
            at_ = std::min(text_.find('\n', at_), text_.size());
        else if (startsWith("R\"") && !(at_ > 0 && isWord(text_[at_ - 1])))
            rawLiteral();
        else if (text_[at_] == '"')
            literal('"');
        // A digit separator is no character literal.
        else if (text_[at_] == '\'' && !(at_ > 0 && isWord(text_[at_ - 1])))
            literal('\'');
        else
            ++at_;
    }

    bool startsWith(std::string_view word) const { return text_.substr(at_, word.size()) == word; }

    std::size_t endOf(std::string_view word, std::size_t from) const {
        const std::size_t found = text_.find(word, from);
        return found == std::string_view::npos ? text_.size() : found + word.size();
    }

    void blank(std::size_t end) {
        for (; at_ < end; ++at_)
            if (code_[at_] != '\n') code_[at_] = ' ';
    }

    void keep(std::size_t from, std::size_t to) {
        const auto line = 1 + std::count(text_.begin(), text_.begin() + static_cast<std::ptrdiff_t>(from), '\n');
        literals_.push_back({static_cast<std::size_t>(line), std::string(text_.substr(from, to - from))});
    }

    void literal(char quote) {
        const std::size_t from = ++at_;
        std::size_t end = from;
        while (end < text_.size() && text_[end] != quote && text_[end] != '\n')
            end += text_[end] == '\\' ? 2 : 1;
        end = std::min(end, text_.size());
        if (quote == '"') keep(from, end);
        blank(end);
        at_ = std::min(end + 1, text_.size());
    }

    void rawLiteral() {
        const std::size_t open = std::min(text_.find('(', at_), text_.size() - 1);
        const std::string close = ")" + std::string(text_.substr(at_ + 2, open - at_ - 2)) + "\"";
        const std::size_t end = std::min(text_.find(close, open), text_.size());
        keep(open + 1, end);
        at_ += 2;
        blank(end);
        at_ = std::min(end + close.size(), text_.size());
    }

    std::string_view text_;
    std::string code_;
    std::vector<Literal>& literals_;
    std::size_t at_ = 0;
};

std::string readText(const std::filesystem::path& path) {
    std::ifstream file(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

// What a document may link to, and the documents themselves. Code inside them is no C++: only their lines are kept.
void readDocuments(const std::filesystem::path& root, Project& project) {
    constexpr std::string_view notOurs[] = {"build", ".git", "node_modules"};
    for (auto at = std::filesystem::recursive_directory_iterator(root); at != std::filesystem::end(at); ++at) {
        const std::string name = at->path().filename().string();
        if (std::find(std::begin(notOurs), std::end(notOurs), name) != std::end(notOurs)) {
            at.disable_recursion_pending();
            continue;
        }
        const std::string path = std::filesystem::relative(at->path(), root).generic_string();
        project.paths.insert(path);
        if (!path.ends_with(".md")) continue;
        SourceFile document;
        document.path = path;
        document.lines = linesOf(readText(at->path()));
        project.documents.push_back(std::move(document));
    }
    std::sort(project.documents.begin(), project.documents.end(),
              [](const SourceFile& a, const SourceFile& b) { return a.path < b.path; });
}

}  // namespace

bool SourceFile::under(std::string_view folder) const {
    if (path == folder) return true;  // one file may be named too
    return path.size() > folder.size() && path.compare(0, folder.size(), folder) == 0 && path[folder.size()] == '/';
}

bool SourceFile::isTest() const {
    const std::string_view file = path;
    return file.starts_with("tests/") || file.ends_with("_test.cc") ||
           file.find("/testing") != std::string_view::npos || file.find("test_support") != std::string_view::npos;
}

std::string SourceFile::folder() const {
    return path.substr(0, path.rfind('/'));
}

std::string SourceFile::name() const {
    return path.substr(path.rfind('/') + 1);
}

SourceFile sourceFile(std::string path, std::string_view text) {
    SourceFile file;
    file.path = std::move(path);
    file.lines = linesOf(text);
    file.code = linesOf(Scanner(text, file.literals).scan());
    return file;
}

bool Project::has(std::string_view path) const {
    return std::any_of(files.begin(), files.end(), [&](const SourceFile& file) { return file.path == path; });
}

Project readProject(const std::filesystem::path& root) {
    Project project;
    for (const char* top : {"src", "tests", "bench"}) {
        for (auto at = std::filesystem::recursive_directory_iterator(root / top); at != std::filesystem::end(at);
             ++at) {
            if (at->path().filename() == "node_modules") at.disable_recursion_pending();
            if (!at->is_regular_file()) continue;
            const std::string path = std::filesystem::relative(at->path(), root).generic_string();
            if (path.ends_with(".cc") || path.ends_with(".h"))
                project.files.push_back(sourceFile(path, readText(at->path())));
            else if (at->path().filename() == "CMakeLists.txt")
                project.buildFiles.push_back(sourceFile(path, readText(at->path())));
        }
    }
    readDocuments(root, project);
    const auto byPath = [](const SourceFile& a, const SourceFile& b) { return a.path < b.path; };
    std::sort(project.files.begin(), project.files.end(), byPath);
    std::sort(project.buildFiles.begin(), project.buildFiles.end(), byPath);
    project.problemList = readText(root / "docs/reference/problems.md");
    project.settingList = readText(root / "docs/reference/configuration.md");
    project.fieldList = readText(root / "docs/reference/records.md");
    return project;
}

}  // namespace meetpoint::rules
