// The project keeps its own rules.
#include "rules/rules.h"

#include <gtest/gtest.h>

namespace meetpoint::rules {
namespace {

const Project& project() {
    static const Project read = readProject(MEETPOINT_SOURCE_DIR);
    return read;
}

void expectNone(const Breaches& breaches) {
    for (const Breach& breach : breaches)
        ADD_FAILURE() << breach;
}

TEST(Rules, ReadsTheProject) {
    ASSERT_GT(project().files.size(), 100u);
}
TEST(Rules, LayersKnowOnlyThoseBelow) {
    expectNone(layers(project()));
}
TEST(Rules, LibrariesStayAtHome) {
    expectNone(libraryHomes(project()));
}
TEST(Rules, PureFoldersDoNoInputOrOutput) {
    expectNone(pureFolders(project()));
}
TEST(Rules, IncludesAreWrittenAlike) {
    expectNone(includeStyle(project()));
}
TEST(Rules, SqlStandsInTheStore) {
    expectNone(sqlAtHome(project()));
}
TEST(Rules, BaseAndHttpKnowNoTelecomWord) {
    expectNone(telecomWords(project()));
}
TEST(Rules, NoBannedWords) {
    expectNone(bannedWords(project()));
}
TEST(Rules, TestsDoNotSleep) {
    expectNone(sleepingTests(project()));
}
TEST(Rules, OnlyTheCommandLineWritesOut) {
    expectNone(standardOutput(project()));
}
TEST(Rules, FilesAreShort) {
    expectNone(fileLength(project()));
}
TEST(Rules, FunctionsAreShort) {
    expectNone(functionLength(project()));
}
TEST(Rules, EverySourceIsBuilt) {
    expectNone(builtFiles(project()));
}
TEST(Rules, EveryProblemIsDocumented) {
    expectNone(documentedProblems(project()));
}
TEST(Rules, EverySettingIsDocumented) {
    expectNone(documentedSettings(project()));
}
TEST(Rules, LinksOfDocumentsLeadSomewhere) {
    expectNone(brokenLinks(project()));
}
TEST(Rules, EveryFieldIsDocumented) {
    expectNone(documentedFields(project()));
}

}  // namespace
}  // namespace meetpoint::rules
