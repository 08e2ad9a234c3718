// Key figures of calls: grouped, compared, with what they were made of.
#include "exchange/quality.h"

#include "api/endpoints.h"
#include "api/links.h"
#include "api/quality_wire.h"
#include "http/json.h"

namespace meetpoint::api {

using http::endpoint;
using http::Request;
using http::Response;

namespace {

constexpr std::int64_t defaultPage = 1'000, largestPage = 10'000;

Result<Response> readQuality(const Context& context, const Request& request) {
    TRY_ASSIGN(exchange::QualityRequest wanted, qualityRequestOf(request));
    for (const std::string& word : request.query.texts("groupBy")) {
        const auto dimension = quality::readDimension(word);
        if (dimension && !wanted.query.groups(*dimension)) wanted.query.groupBy.push_back(*dimension);
    }
    wanted.query.comparePrevious = request.query.has("compare");
    readWantedFigures(request, wanted.query);
    wanted.cursor = request.query.text("cursor");
    wanted.limit = static_cast<std::size_t>(*request.query.integer("limit"));
    TRY_ASSIGN(const auto page, exchange::readQuality(context.quality, callerOf(request), wanted));
    Quality answer{wanted.query.from, wanted.query.to, wanted.query.zone.name(), {}, page.groupCount, {}, page.next};
    for (const quality::Dimension dimension : wanted.query.groupBy)
        answer.groupBy.emplace_back(name(dimension));
    for (const auto& [key, figures] : page.groups)
        answer.items.push_back(wire(wanted.query, key, figures));
    Response response = http::jsonResponse(answer);
    if (page.next) addNextLink(response, request, *page.next);
    return response;
}

}  // namespace

std::vector<http::Endpoint> qualityEndpoints(const Context& context) {
    auto builder = endpoint(http::get("/v1/quality"), "readQuality");
    builder.tag("Quality")
        .summary("Key figures of calls, grouped as asked")
        .description(
            "Newest versions of calls alone, test calls left out. Every ratio comes with what it was made of, and is "
            "null where the denominator is 0. Percentiles are exact for groups of up to 256 values, else within 0.8 % "
            "of the value. A call counts in the group of each codec that one of its streams used.")
        .scope(std::string(domain::scope::qualityRead));
    addQualityParameters(builder);
    addFigureParameters(builder);
    std::vector<std::string> dimensions;
    for (std::size_t i = 0; i < quality::dimensionCount; ++i)
        dimensions.emplace_back(name(static_cast<quality::Dimension>(i)));
    std::vector<http::Endpoint> list;
    list.push_back(builder
                       .query(http::repeatable(http::choiceParameter(
                           "groupBy", "In the order of the keys; none: one group of all", dimensions)))
                       .query(http::choiceParameter(
                           "compare", "Beside each group the period of the same length before it", {"previous"}))
                       .query(http::textParameter("cursor", "From `next` of the page before", 512))
                       .query(http::integerParameter("limit", "Groups a page", 1, largestPage, defaultPage))
                       .answers<Quality>(200, "In the order of the keys")
                       .problems({"too-many-groups", "bad-cursor", "cursor-expired"})
                       .handle([&context](const Request& request) { return readQuality(context, request); }));
    return list;
}

}  // namespace meetpoint::api
