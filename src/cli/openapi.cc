#include "cli/openapi.h"

#include <fmt/ostream.h>

#include "api/declared_endpoints.h"
#include "cli/exit_codes.h"

namespace meetpoint::cli {
namespace {

Result<std::string> document() {
    TRY_ASSIGN(const auto endpoints, api::DeclaredEndpoints::make(MEETPOINT_VERSION));
    return endpoints->document();
}

}  // namespace

int runOpenapi(std::ostream& out, std::ostream& err) {
    const auto text = document();
    if (!text) {
        fmt::print(err, "meetpoint openapi: {} {}\n", text.error().message, text.error().internal);
        return exitFailure;
    }
    out << *text;
    return exitFine;
}

void addOpenapiCommand(CLI::App& app, std::function<void()> run) {
    CLI::App* command =
        app.add_subcommand("openapi", "Print the API's document (OpenAPI 3.1); api/openapi.json is made of it");
    command->callback([run = std::move(run)] { run(); });
}

}  // namespace meetpoint::cli
