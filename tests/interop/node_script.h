// Runs a script of this folder on Node, with the libraries of strangers.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "support/server_process.h"

namespace meetpoint::tests {

inline std::filesystem::path interopFolder() {
    return std::filesystem::path(MEETPOINT_SOURCE_DIR) / "tests" / "interop";
}

// Fails fatally where the packages are not installed.
inline void expectNodePackages() {
    for (const char* package : {"apache-arrow", "ajv", "standardwebhooks", "@microsoft/microsoft-graph-client"})
        ASSERT_TRUE(std::filesystem::exists(interopFolder() / "node_modules" / package))
            << "the npm packages of tests/interop are not installed; ./dev test installs them, as does: npm --prefix "
               "tests/interop ci";
}

// Runs a script of this folder; what it found is the message where it does not end well.
inline void expectNodeAgrees(const std::string& script, std::vector<std::string> arguments) {
    arguments.insert(arguments.begin(), {"node", (interopFolder() / script).string()});
    const auto ran = outside::runProgram("/usr/bin/env", arguments);
    ASSERT_TRUE(ran) << ran.error().message;
    EXPECT_EQ(ran->exitCode, 0) << ran->output;
}

}  // namespace meetpoint::tests
