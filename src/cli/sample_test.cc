// What the documents show of `compare` is what it prints.
#include <filesystem>
#include <fstream>
#include <regex>
#include <sstream>

#include <gtest/gtest.h>

#include "cli/compare.h"

namespace meetpoint::cli {
namespace {

namespace fs = std::filesystem;

const fs::path documents = fs::path(MEETPOINT_SOURCE_DIR) / "docs";

// The report names files as they were given, so the command runs where they lie.
class InFolder {
public:
    explicit InFolder(const fs::path& folder) : before_(fs::current_path()) { fs::current_path(folder); }
    ~InFolder() { fs::current_path(before_); }
    InFolder(const InFolder&) = delete;
    InFolder& operator=(const InFolder&) = delete;

private:
    fs::path before_;
};

std::string replaced(std::string text, const std::string& what, const std::string& by) {
    for (std::size_t at = text.find(what); at != std::string::npos; at = text.find(what, at + by.size()))
        text.replace(at, what.size(), by);
    return text;
}

// The lines of text that a picture of a terminal shows; it has no empty ones.
std::vector<std::string> linesOfPicture(const fs::path& file) {
    static const std::regex tag("<[^>]*>");
    std::vector<std::string> lines;
    std::ifstream svg(file);
    for (std::string line; std::getline(svg, line);) {
        if (!line.starts_with("<text ")) continue;
        const std::string text = std::regex_replace(line, tag, "");
        lines.push_back(replaced(replaced(replaced(text, "&lt;", "<"), "&gt;", ">"), "&amp;", "&"));
    }
    return lines;
}

std::vector<std::string> linesOf(const std::string& text) {
    std::vector<std::string> lines;
    std::istringstream in(text);
    for (std::string line; std::getline(in, line);)
        if (!line.empty()) lines.push_back(line);
    return lines;
}

TEST(Sample, ThePictureShowsWhatIsPrinted) {
    const InFolder folder(documents / "guide/sample");
    CompareOptions options;
    options.ours = "ours.ndjson";
    options.theirs = "theirs.csv";
    options.tolerance = "6";
    std::ostringstream out, err;
    EXPECT_EQ(runCompare(options, out, err, false), exitDifferences);
    EXPECT_EQ(err.str(), "");

    std::vector<std::string> expected{"$ meetpoint compare ours.ndjson theirs.csv --tolerance 6"};
    for (std::string& line : linesOf(out.str()))
        expected.push_back(std::move(line));
    EXPECT_EQ(linesOfPicture(documents / "images/compare.svg"), expected)
        << "docs/images/compare.svg shows another report than the command prints: draw it anew, a <text> "
           "element a line";
}

}  // namespace
}  // namespace meetpoint::cli
