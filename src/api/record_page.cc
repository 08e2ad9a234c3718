#include "api/record_page.h"

#include "api/links.h"
#include "exchange/page_writers.h"

namespace meetpoint::api {
namespace {

constexpr std::int64_t largestPage = 1'000, defaultPage = 100;

std::vector<std::uint64_t> unsignedOf(const std::vector<std::int64_t>& sequences) {
    return {sequences.begin(), sequences.end()};
}

std::string itemsOf(const exchange::ScannedPage& page) {
    const exchange::PageWriters writers(page);
    std::string items;
    for (const auto& [slice, row] : page.order) {
        if (!items.empty()) items += ",";
        writers.of(slice).appendJson(row, items);
    }
    return items;
}

}  // namespace

void appendRecord(const store::LaneSlice& slice, std::size_t row, const std::optional<Id>& carrierId,
                  std::string& out) {
    const std::string carrier = carrierId ? formatId(*carrierId) : std::string();
    const auto sequences = unsignedOf(slice.sequences);
    formats::RecordWriter(slice.records, {carrier, {}, sequences, slice.storedAt}).appendJson(row, out);
}

http::Response recordPage(const exchange::RecordPage& page, const http::Request& request) {
    std::string body = R"({"items":[)" + itemsOf(page.records) + R"(],"hasMore":)" + (page.next ? "true" : "false");
    if (page.next) body += R"(,"next":")" + *page.next + "\"";
    if (page.searchedUpTo) body += R"(,"searchedUpTo":")" + formatInstant(*page.searchedUpTo) + "\"";
    http::Response response = http::jsonText(body + "}");
    if (page.next && request.method == http::Method::get) addNextLink(response, request, *page.next);
    return response;
}

exchange::SearchRange rangeOf(const http::Request& request) {
    const http::ParameterValues& query = request.query;
    return {query.instant("from"),
            query.instant("to"),
            query.id("carrierId"),
            query.text("versions") == "all",
            query.text("order") == "descending",
            static_cast<std::size_t>(*query.integer("limit")),
            query.text("cursor")};
}

void addRangeParameters(http::EndpointBuilder& builder, std::string_view time) {
    const std::string name(time);
    builder.query(http::instantParameter("from", "Records whose " + name + " is not before this"))
        .query(http::instantParameter("to", "Records whose " + name + " is before this"))
        .query(http::idParameter("carrierId", "Of this carrier; where the client acts for several carriers"))
        .query(http::choiceParameter("versions", "The newest version of each record, or every one that is kept",
                                     {"newest", "all"}, "newest"))
        .query(
            http::choiceParameter("order", "By " + name + ", then by key", {"descending", "ascending"}, "descending"))
        .query(http::textParameter("cursor", "From `next` of the page before", 512))
        .query(http::integerParameter("limit", "Records a page", 1, largestPage, defaultPage));
}

}  // namespace meetpoint::api
