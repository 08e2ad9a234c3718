#include "cli/item_pages.h"

#include <boost/json.hpp>
#include <fmt/ostream.h>

#include "cli/json_reading.h"

namespace meetpoint::cli {
namespace {

constexpr std::size_t pageSize = 1'000;  // items of one request; the exchange's largest

}  // namespace

Result<std::size_t> eachItem(ExchangeSession& session, const std::string& path, std::size_t limit, std::ostream& err,
                             const std::function<void(const boost::json::value&)>& use) {
    std::size_t used = 0;
    std::string cursor;
    do {
        const std::size_t left = limit == 0 ? pageSize : limit - used;
        std::string page = path;
        addToQuery(page, "limit", std::to_string(std::min(left, pageSize)));
        addToQuery(page, "cursor", cursor);
        TRY_ASSIGN(const boost::json::value answer, session.get(page));
        for (const boost::json::value& item : arrayAt(answer, "/items"))
            use(item), ++used;
        cursor = textAt(answer, "/next");
    } while (!cursor.empty() && (limit == 0 || used < limit));
    if (!cursor.empty()) fmt::print(err, "There are more; --limit {} ends the list here.\n", limit);
    return used;
}

}  // namespace meetpoint::cli
