// `meetpoint openapi`: prints the document of the API, from which api/openapi.json is made.
#pragma once

#include <functional>
#include <ostream>

#include <CLI/CLI.hpp>

namespace meetpoint::cli {

int runOpenapi(std::ostream& out, std::ostream& err);
void addOpenapiCommand(CLI::App& app, std::function<void()> run);

}  // namespace meetpoint::cli
