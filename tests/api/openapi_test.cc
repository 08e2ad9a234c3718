// The committed document of the API is what the endpoints declare.
#include "cli/openapi.h"

#include <fstream>
#include <set>
#include <sstream>

#include <gtest/gtest.h>

#include "api/party.h"
#include "api/problems.h"
#include "cli/exit_codes.h"

namespace meetpoint::tests {
namespace {

std::string contentOf(const std::string& path) {
    std::ostringstream text;
    text << std::ifstream(path).rdbuf();
    return text.str();
}

// The first line in which two texts differ, for a message that can be read.
std::string firstDifference(const std::string& committed, const std::string& declared) {
    std::istringstream a(committed), b(declared);
    std::string lineA, lineB;
    for (int number = 1;; ++number) {
        const bool moreA = static_cast<bool>(std::getline(a, lineA)), moreB = static_cast<bool>(std::getline(b, lineB));
        if (!moreA && !moreB) return "no line";
        if (moreA != moreB || lineA != lineB)
            return "line " + std::to_string(number) + ":\n  committed: " + (moreA ? lineA : "(ends)") +
                   "\n  declared:  " + (moreB ? lineB : "(ends)");
    }
}

struct OpenApi : testing::Test {
    OpenApi() : declared(std::move(*api::DeclaredEndpoints::make(MEETPOINT_VERSION))) {}
    std::unique_ptr<api::DeclaredEndpoints> declared;
};

TEST_F(OpenApi, TheCommittedDocumentIsWhatTheEndpointsDeclare) {
    const std::string committed = contentOf(MEETPOINT_SOURCE_DIR "/api/openapi.json");
    const auto document = declared->document();
    ASSERT_TRUE(document) << document.error().message << " " << document.error().internal;
    EXPECT_TRUE(committed == *document)
        << "api/openapi.json is not what the endpoints declare; they differ in "
        << firstDifference(committed, *document)
        << "\nIf the change is meant, write the document anew and commit it:\n  build/dev/src/meetpoint "
           "openapi > api/openapi.json";
}

TEST_F(OpenApi, TheDocumentIsTheSameEveryTime) {
    const auto again = std::move(*api::DeclaredEndpoints::make(MEETPOINT_VERSION));
    EXPECT_EQ(*declared->document(), *again->document());
}

TEST_F(OpenApi, TheCommandPrintsTheDocumentAndNothingElse) {
    std::ostringstream out, err;
    EXPECT_EQ(cli::runOpenapi(out, err), cli::exitFine);
    EXPECT_EQ(out.str(), *declared->document());
    EXPECT_EQ(err.str(), "");
}

TEST_F(OpenApi, EveryOperationSaysWhatItIsAndWhatItNeeds) {
    const json::value document = json::parse(*declared->document());
    EXPECT_EQ(textAt(document, "/openapi"), "3.1.0");
    std::size_t operations = 0;
    for (const auto& [path, item] : document.at("paths").as_object())
        for (const auto& [method, operation] : item.as_object()) {
            ++operations;
            const std::string name = textAt(operation, "/operationId");
            EXPECT_FALSE(textAt(operation, "/summary").empty()) << name;
            EXPECT_EQ(at(operation, "/tags").as_array().size(), 1u) << name;
            EXPECT_TRUE(at(operation, "/responses").as_object().contains("default"))
                << name << " documents no problem answer";
        }
    EXPECT_EQ(operations, declared->registry().endpoints().size()) << "an endpoint is hidden from the document";
}

TEST_F(OpenApi, ProblemCodesAreDeclaredOnceAndWellFormed) {
    std::set<std::string> common;
    for (const auto& [code, meaning] : api::commonProblems()) {
        EXPECT_TRUE(common.insert(code).second) << code << " stands twice among the common problems";
        EXPECT_TRUE(meaning.ends_with('.')) << code << ": " << meaning;
    }
    for (const auto& endpoint : declared->registry().endpoints()) {
        std::set<std::string> own;
        for (const std::string& code : endpoint->problemCodes) {
            EXPECT_TRUE(own.insert(code).second) << endpoint->operationId << " declares '" << code << "' twice";
            EXPECT_FALSE(common.contains(code))
                << endpoint->operationId << " declares '" << code << "', which any endpoint may answer";
            EXPECT_EQ(code.find_first_not_of("abcdefghijklmnopqrstuvwxyz-"), std::string::npos)
                << endpoint->operationId << ": '" << code << "'";
        }
    }
}

TEST_F(OpenApi, UploadsOfBothKindsDeclareTheSameProblemsAndThoseOfTheirOwn) {
    const auto codesOf = [&](std::string_view operation) {
        for (const auto& endpoint : declared->registry().endpoints())
            if (endpoint->operationId == operation)
                return std::set<std::string>(endpoint->problemCodes.begin(), endpoint->problemCodes.end());
        return std::set<std::string>();
    };
    auto ofCalls = codesOf("uploadCalls");
    EXPECT_TRUE(ofCalls.contains("idempotency-key-reused"));
    ofCalls.insert({"carrier-required", "bad-declaration"});
    EXPECT_EQ(codesOf("uploadDurations"), ofCalls) << "a second problems({…}) must add to the first";
}

}  // namespace
}  // namespace meetpoint::tests
