// Any bytes as a query, as a path and as a value of each type of parameter: refused or decoded; what was decoded comes
// back from its own escaping.
#include "base/json_text.h"
#include "http/parameters.h"
#include "http/router.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace meetpoint;
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    static const std::vector<http::Parameter> declared{http::textParameter("cursor", "", 64),
                                                       http::integerParameter("limit", "", 1, 1'000, 100),
                                                       http::booleanParameter("flag", ""),
                                                       http::instantParameter("from", ""),
                                                       http::dateParameter("date", ""),
                                                       http::idParameter("id", ""),
                                                       http::choiceParameter("table", "", {"records", "streams"}),
                                                       http::repeatable(http::textParameter("state", ""))};
    if (const auto decoded = http::percentDecode(text)) {
        const auto again = http::percentDecode(http::percentEncode(*decoded));
        if (!again || *again != *decoded || !isUtf8(*decoded)) __builtin_trap();
    }
    if (const auto pairs = http::parseForm(text)) (void)http::checkParameters(declared, *pairs, "query");
    for (const http::Parameter& parameter : declared) {
        if (http::faultOf(parameter, text)) continue;
        http::ParameterValues values;
        if (const auto checked = http::checkParameters(declared, {{parameter.name, std::string(text)}}, "query");
            !checked || !checked->has(parameter.name))
            __builtin_trap();
    }
    static const http::EndpointRegistry registry = [] {
        http::EndpointRegistry made;
        const auto answer = [](const http::Request&) -> Result<http::Response> { return http::noContent(); };
        for (const char* path : {"/v1/things/{id}", "/v1/things/report(from={from})", "/files/{rest*}"})
            if (!made.add(http::endpoint(http::get(path), "read" + std::to_string(std::string_view(path).size()))
                              .open()
                              .answersNothing(204, "")
                              .handle(answer)))
                __builtin_trap();
        return made;
    }();
    (void)registry.match(http::Method::get, text);
    (void)registry.allowed(text);
    return 0;
}
