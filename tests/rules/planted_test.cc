// Each rule finds what is planted for it, names the place and the reason, and leaves the rest alone.
#include <sstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "rules/rules.h"

namespace meetpoint::rules {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

Project projectOf(std::vector<std::pair<std::string, std::string>> files, std::string build = {}) {
    Project project;
    for (auto& [path, text] : files)
        project.files.push_back(sourceFile(path, text));
    project.buildFiles.push_back(sourceFile("src/base/CMakeLists.txt", build));
    project.buildFiles.push_back(sourceFile("tests/fuzz/CMakeLists.txt", build));
    return project;
}

// "path:line" of each breach.
std::vector<std::string> places(const Breaches& breaches) {
    std::vector<std::string> out;
    for (const Breach& breach : breaches) {
        EXPECT_FALSE(breach.why.empty());
        out.push_back(breach.path + ":" + std::to_string(breach.line));
    }
    return out;
}

TEST(Planted, ALayerThatLooksUp) {
    const Project project = projectOf({{"src/domain/a.cc", "#include \"base/id.h\"\n\n#include \"store/db.h\"\n"},
                                       {"src/http/b.h", "#include \"domain/call.h\"\n"},
                                       {"src/api/c.h", "#include \"http/json.h\"\n#include \"server/run.h\"\n"},
                                       {"src/main.cc", "#include \"cli/run.h\"\n#include \"server/run.h\"\n"},
                                       {"src/attic/d.h", "\n"},
                                       {"src/store/e.cc", "// #include \"api/old.h\"\n#include \"formats/wire.h\"\n"}});
    const Breaches found = layers(project);
    EXPECT_THAT(places(found), ElementsAre("src/domain/a.cc:3", "src/http/b.h:1", "src/api/c.h:2", "src/main.cc:2",
                                           "src/attic/d.h:0"));
    std::ostringstream text;
    text << found.front();
    EXPECT_THAT(text.str(), HasSubstr("src/domain/a.cc:3: domain includes store/db.h"));
    EXPECT_THAT(text.str(), HasSubstr("because domain may include base"));
}

TEST(Planted, ALibraryAwayFromHome) {
    const Project project =
        projectOf({{"src/exchange/a.cc", "#include <boost/asio/post.hpp>\n#include <boost/json.hpp>\n"},
                   {"src/http/b.cc", "#include <boost/asio/post.hpp>\n#include <sqlite3.h>\n"},
                   {"src/exchange/a_test.cc", "#include <sqlite3.h>\n"}});
    EXPECT_THAT(places(libraryHomes(project)), ElementsAre("src/exchange/a.cc:1", "src/http/b.cc:2"));
}

TEST(Planted, InputAndClocksInPureFolders) {
    const Project project =
        projectOf({{"src/reconcile/a.cc", "#include <fstream>\n#include <vector>\n"},
                   {"src/formats/b.cc", "#include <fstream>\nauto t = std::chrono::system_clock::now();\n"},
                   {"src/base/clock.cc", "auto t = std::chrono::system_clock::now();\n"}});
    EXPECT_THAT(places(pureFolders(project)), ElementsAre("src/reconcile/a.cc:1", "src/formats/b.cc:2"));
}

TEST(Planted, IncludesOfAnotherStyle) {
    const Project project = projectOf(
        {{"src/base/a.h", ""},
         {"src/base/b.h", ""},
         {"src/base/a.cc", "#include <vector>\n#include \"base/a.h\"\n#include <base/b.h>\n#include \"b.h\"\n"}});
    EXPECT_THAT(places(includeStyle(project)), ElementsAre("src/base/a.cc:3", "src/base/a.cc:4", "src/base/a.cc:1"));
}

TEST(Planted, SqlOutsideTheStore) {
    const Project project =
        projectOf({{"src/exchange/a.cc",
                    "// \"SELECT 1\"\nrun(\"SELECT id FROM numbers\");\nrun(R\"(\n  UPDATE numbers SET a = 1)\");\n"},
                   {"src/http/b.cc", "send(\"DELETE\");\nsay(\"CREATED\");\nsay(\"Update your client\");\n"},
                   {"src/store/c.cc", "run(\"SELECT 1\");\n"}});
    EXPECT_THAT(places(sqlAtHome(project)), ElementsAre("src/exchange/a.cc:2", "src/exchange/a.cc:3"));
}

TEST(Planted, TelecomWordsInHttp) {
    const Project project =
        projectOf({{"src/http/a.h", "int carrier;\n// a carrier in a comment may explain\nint callback;\n"},
                   {"src/api/b.h", "int carrier;\n"}});
    EXPECT_THAT(places(telecomWords(project)), ElementsAre("src/http/a.h:1"));
}

TEST(Planted, BannedWordsAndSleep) {
    const Project project = projectOf({{"src/base/a.cc",
                                        "// TO"
                                        "DO: later\nint todo;\n"},
                                       {"src/base/a_test.cc", "std::this_thread::sleep_for(1s);\n"},
                                       {"src/http/b.cc", "std::this_thread::sleep_for(1s);\n"}});
    EXPECT_THAT(places(bannedWords(project)), ElementsAre("src/base/a.cc:1"));
    EXPECT_THAT(places(sleepingTests(project)), ElementsAre("src/base/a_test.cc:1"));
}

TEST(Planted, WritingToTheTerminal) {
    const Project project =
        projectOf({{"src/exchange/a.cc", "std::cout << 1;\nstd::snprintf(buffer, 3, \"printf(\");\n"},
                   {"src/cli/b.cc", "std::cout << 1;\n"}});
    EXPECT_THAT(places(standardOutput(project)), ElementsAre("src/exchange/a.cc:1"));
}

TEST(Planted, LongFilesAndFunctions) {
    std::string lines;
    for (int i = 0; i < 85; ++i)
        lines += "    if (x == " + std::to_string(i) + ") { y(); }\n";
    std::string many;
    for (int i = 0; i < 601; ++i)
        many += "int x;\n";
    const Project project =
        projectOf({{"src/base/a.cc", "namespace n {\nclass C : public D {\nint f(int a = 3) const\n{\n" + lines +
                                         "}\n};\nint g() { return 1; }\n}\n"},
                   {"src/base/b.cc", many},
                   {"src/base/table.cc", "const int table[] = {\n" + lines + "};\n"}});
    EXPECT_THAT(places(functionLength(project)), ElementsAre("src/base/a.cc:4"));
    EXPECT_THAT(places(fileLength(project)), ElementsAre("src/base/b.cc:0"));
}

TEST(Planted, FunctionBodiesAreFound) {
    const SourceFile file = sourceFile("src/a.cc", R"planted(namespace n {
struct S {
    S() : a_{1}, b_(2)
    {
        use('{', "}");
    }
    bool operator==(const S&) const { return true; }
    int a_ = 1;
};
template <class T>
auto late(T t) -> int
{
    for (;;) {
    }
}
TEST(Name, Case)
{
}
}  // namespace n
)planted");
    std::vector<std::size_t> at;
    for (const FunctionBody& body : functionBodies(file))
        if (body.lines > 0 || body.line > 6) at.push_back(body.line);
    EXPECT_THAT(at, ElementsAre(4u, 7u, 12u, 17u));
}

TEST(Planted, SourcesThatNoBuildNames) {
    const Project project =
        projectOf({{"src/base/id.cc", ""},
                   {"src/base/grid.cc", ""},
                   {"tests/fuzz/csv_fuzz.cc", ""},
                   {"tests/fuzz/tsv_fuzz.cc", ""}},
                  "meetpoint_module(base SOURCES id.cc\n    grid.cc_old)\nmeetpoint_fuzz(csv LINK base)\n");
    EXPECT_THAT(places(builtFiles(project)), ElementsAre("src/base/grid.cc:0", "tests/fuzz/tsv_fuzz.cc:0"));
}

TEST(Planted, AProblemNobodyDocumented) {
    Project project = projectOf(
        {{"src/api/a.cc", "fail(\"bad-thing\");\nfail(\"bad-other\");\nuse(\"x-gzip\");\n"},
         {"src/cli/b.cc", "use(\"some-class\");\nfail(Error{ErrorKind::conflict,\n  \"taken\", \"It is.\"});\n"}});
    project.problemList = "`bad-thing` is named in passing.\n\n| `bad-other` | 400 |\n";
    EXPECT_THAT(places(documentedProblems(project)), ElementsAre("src/api/a.cc:1", "src/cli/b.cc:2"));
}

TEST(Planted, ADocumentedProblemThatIsNone) {
    Project project =
        projectOf({{"src/api/a.cc", "fail(\"bad-thing\");\n"}, {"src/api/a_test.cc", "expect(\"bad-relic\");\n"}});
    project.problemList =
        "| code | status |\n|---|---|\n| `bad-thing` | 400 |\n| `bad-relic` | 400, not `bad-thing` |\n";
    EXPECT_THAT(places(documentedProblems(project)), ElementsAre("docs/reference/problems.md:4"));
}

TEST(Planted, SettingsThatPageAndSourceDoNotShare) {
    Project project = projectOf(
        {{"src/server/configuration.cc", "{\"listen.port\", 1},\n{\"listen.tide\", 2},\nsay(\"see listen.port.\");\n"},
         {"src/server/server.cc", "use(\"some.thing\");\n"}});
    project.settingList = "| `listen.port` | its port |\n| `listen.moon` | gone |\n";
    EXPECT_THAT(places(documentedSettings(project)),
                ElementsAre("src/server/configuration.cc:2", "docs/reference/configuration.md:2"));
}

TEST(Planted, FieldsThatPageAndSourceDoNotShare) {
    Project project =
        projectOf({{"src/formats/wire.cc", "kept(\"callId\", uuid),\nkeptText(\n  \"trunk\", x),\nsay(\"other\");\n"}});
    project.fieldList = "| `callId` | needed |\n| `tide` | |\n";
    EXPECT_THAT(places(documentedFields(project)), ElementsAre("src/formats/wire.cc:2", "docs/reference/records.md:2"));
}

TEST(Planted, ALinkThatLeadsNowhere) {
    Project project;
    project.paths = {"docs", "docs/guide", "docs/guide/compare.md", "README.md"};
    SourceFile document;
    document.path = "docs/guide/compare.md";
    document.lines = {"[home](../../README.md#top), [folder](../guide), [out](https://example.com/a)",
                      "[gone](gone.md)", "```", "[code](no.md)", "```"};
    project.documents.push_back(document);
    EXPECT_THAT(places(brokenLinks(project)), ElementsAre("docs/guide/compare.md:2"));
}

TEST(Planted, LiteralsAndCommentsAreTold) {
    const SourceFile file =
        sourceFile("src/a.cc", "int a = 1'000; // \"no\"\nauto b = \"x\\\"y\" /* \"no\n*/ + R\"(raw\n\")\";\n");
    ASSERT_EQ(file.literals.size(), 2u);
    EXPECT_EQ(file.literals[0].text, "x\\\"y");
    EXPECT_EQ(file.literals[1].text, "raw\n\"");
    EXPECT_EQ(file.literals[1].line, 3u);
    EXPECT_THAT(file.code[0], HasSubstr("1'000"));
    EXPECT_THAT(projectOf({}).files, IsEmpty());
}

}  // namespace
}  // namespace meetpoint::rules
