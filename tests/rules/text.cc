#include <algorithm>
#include <cctype>
#include <optional>
#include <regex>

#include <fmt/format.h>

#include "rules/rules.h"

namespace meetpoint::rules {
namespace {

// An exception is a line here with its reason; the lists may only shrink.
struct Exception {
    std::string_view path;
    std::string_view head;  // of a function: a part of its first line
    std::string_view why;
};

constexpr std::size_t sourceLinesMax = 600;
constexpr std::size_t testLinesMax = 1000;
constexpr std::size_t functionLinesMax = 80;
constexpr std::size_t testFunctionLinesMax = 120;  // a test tells a story; its steps stand in a row

constexpr Exception longFiles[] = {
    {"", "", ""},
};

constexpr Exception longFunctions[] = {
    {"", "", ""},
};

constexpr Exception writersToStandardOutput[] = {
    {"src/main.cc", "", "the program's entry"},
};

template <std::size_t n>
bool excepted(const Exception (&list)[n], const SourceFile& file, std::string_view head = {}) {
    return std::any_of(std::begin(list), std::end(list), [&](const Exception& one) {
        return file.path == one.path && head.find(one.head) != std::string_view::npos;
    });
}

template <class Found>
Breaches inCode(const Project& project, const std::regex& pattern, const Found& describe) {
    Breaches breaches;
    for (const SourceFile& file : project.files) {
        std::smatch match;
        for (std::size_t i = 0; i < file.code.size(); ++i)
            if (std::regex_search(file.code[i], match, pattern))
                if (auto breach = describe(file, match.str())) {
                    breach->path = file.path;
                    breach->line = i + 1;
                    breaches.push_back(std::move(*breach));
                }
    }
    return breaches;
}

// Follows braces and tells function bodies from namespaces, types and initialisers by what stands before the brace.
class BodyFinder {
public:
    explicit BodyFinder(const SourceFile& file) : file_(file) {}

    std::vector<FunctionBody> find() {
        for (std::size_t i = 0; i < file_.code.size(); ++i) {
            if (file_.code[i].starts_with('#')) continue;
            for (const char c : file_.code[i])
                read(c, i + 1);
            // A macro that stands for declarations ends without a semicolon.
            if (parentheses_ == 0 && head_.find_first_not_of(' ') == head_.find("BOOST_DESCRIBE")) clear();
            head_ += ' ';
        }
        return std::move(bodies_);
    }

private:
    enum class Kind { scope, body, other };
    struct Open {
        Kind kind;
        std::size_t line;
        std::string head;
    };

    void read(char c, std::size_t line) {
        if (c == '{') {
            open_.push_back({kindOf(), line, headLine_ ? file_.lines[headLine_ - 1] : std::string()});
            clear();
        } else if (c == '}') {
            close(line);
            clear();
        } else if (c == ';' && parentheses_ == 0) {
            clear();
        } else {
            if (c == '(') ++parentheses_;
            if (c == ')') --parentheses_;
            if (!std::isspace(static_cast<unsigned char>(c)) && headLine_ == 0) headLine_ = line;
            head_ += c;
        }
    }

    void clear() {
        head_.clear();
        headLine_ = 0;
        parentheses_ = 0;
    }

    void close(std::size_t line) {
        if (open_.empty()) return;
        const Open& open = open_.back();
        if (open.kind == Kind::body)
            bodies_.push_back({open.line, open.head, line - open.line - (line > open.line ? 1 : 0)});
        open_.pop_back();
    }

    Kind kindOf() const {
        if (!open_.empty() && open_.back().kind != Kind::scope) return Kind::other;
        static const std::regex type("\\b(namespace|class|struct|union|enum|extern)\\b");
        static const std::regex callable("\\)\\s*(const|noexcept|override|final|mutable|->|requires|:|$|\\s)");
        if (std::regex_search(head_, callable) && head_.find('=') == std::string::npos) return Kind::body;
        if (head_.find("operator") != std::string::npos && head_.find('(') != std::string::npos) return Kind::body;
        if (std::regex_search(head_, callable) && head_.find('=') > head_.find('(')) return Kind::body;
        return std::regex_search(head_, type) ? Kind::scope : Kind::other;
    }

    const SourceFile& file_;
    std::string head_;
    std::size_t headLine_ = 0;
    int parentheses_ = 0;
    std::vector<Open> open_;
    std::vector<FunctionBody> bodies_;
};

}  // namespace

Breaches sqlAtHome(const Project& project) {
    static const std::regex sql(
        "^\\s*(SELECT\\s|INSERT\\s+(INTO|OR)\\s|UPDATE\\s+\\w+\\s+SET|DELETE\\s+FROM\\s|CREATE\\s+\\w|WITH\\s+\\w+\\s+"
        "AS\\b|"
        "PRAGMA\\s|ALTER\\s+TABLE|DROP\\s+TABLE|COMMIT\\b|BEGIN(\\s+IMMEDIATE)?\\b$)");
    Breaches breaches;
    for (const SourceFile& file : project.files) {
        if (!file.under("src") || file.under("src/store") || file.isTest()) continue;
        for (const Literal& literal : file.literals)
            if (std::regex_search(literal.text, sql))
                breaches.push_back({file.path, literal.line, fmt::format("\"{}\" is SQL", literal.text.substr(0, 40)),
                                    "only src/store knows tables: one place to change when a schema does"});
    }
    return breaches;
}

Breaches telecomWords(const Project& project) {
    static const std::regex word("\\b(carriers?|tenants?|telephon\\w*|phone\\w*|calls?Records?|e164|trunks?)\\b",
                                 std::regex::icase);
    return inCode(project, word, [](const SourceFile& file, const std::string& found) -> std::optional<Breach> {
        if (!(file.under("src/http") || file.under("src/base")) || file.isTest()) return {};
        return Breach{{},
                      0,
                      fmt::format("'{}' is a word of telephony", found),
                      "base and http serve any server; what they would learn about calls could not be tested alone"};
    });
}

Breaches bannedWords(const Project& project) {
    // Spelt in halves, so that this file keeps its own rule.
    static const std::regex banned(
        "\\b(TO"
        "DO|FIX"
        "ME|XX"
        "X|HA"
        "CK)\\b");
    Breaches breaches;
    for (const SourceFile& file : project.files)
        for (std::size_t i = 0; i < file.lines.size(); ++i)
            if (std::smatch match; std::regex_search(file.lines[i], match, banned))
                breaches.push_back({file.path, i + 1, fmt::format("'{}'", match.str()),
                                    "a wish in a comment is done by nobody: do it, or write an issue"});
    return breaches;
}

Breaches sleepingTests(const Project& project) {
    static const std::regex sleeping("\\b(sleep_for|sleep_until|usleep|nanosleep)\\b");
    return inCode(project, sleeping, [](const SourceFile& file, const std::string& found) -> std::optional<Breach> {
        if (!file.isTest()) return {};
        return Breach{{},
                      0,
                      found + " in a test",
                      "a test that sleeps is slow on a good day and wrong on a bad one: wait for the event, or move "
                      "the test's clock"};
    });
}

Breaches standardOutput(const Project& project) {
    static const std::regex output(
        "std::(cout|cerr|clog)\\b|\\b(printf|puts|putchar)\\s*\\(|\\bfmt::print\\(|\\bfprintf\\(std(out|err)");
    return inCode(project, output, [](const SourceFile& file, const std::string& found) -> std::optional<Breach> {
        if (file.under("src/cli") || file.under("bench") || file.isTest() || excepted(writersToStandardOutput, file))
            return {};
        return Breach{
            {},
            0,
            found + " writes to the terminal",
            "only the command line owns standard output; elsewhere a result is returned and an event is logged"};
    });
}

Breaches fileLength(const Project& project) {
    Breaches breaches;
    for (const SourceFile& file : project.files) {
        const std::size_t max = file.isTest() ? testLinesMax : sourceLinesMax;
        if (file.lines.size() > max && !excepted(longFiles, file))
            breaches.push_back({file.path, 0, fmt::format("{} lines; at most {}", file.lines.size(), max),
                                "a file that does one thing is shorter; split it by what it does"});
    }
    return breaches;
}

std::vector<FunctionBody> functionBodies(const SourceFile& file) {
    return BodyFinder(file).find();
}

Breaches functionLength(const Project& project) {
    Breaches breaches;
    for (const SourceFile& file : project.files) {
        const std::size_t max = file.isTest() ? testFunctionLinesMax : functionLinesMax;
        for (const FunctionBody& body : functionBodies(file))
            if (body.lines > max && !excepted(longFunctions, file, body.head))
                breaches.push_back({file.path, body.line,
                                    fmt::format("a function of {} lines; at most {}: {}", body.lines, max, body.head),
                                    "a reader holds one screen in mind; give its steps names"});
    }
    return breaches;
}

}  // namespace meetpoint::rules
