#include "store/json_text.h"

#include <boost/json.hpp>

namespace meetpoint::store {

std::string toJsonText(const std::vector<std::string>& texts) {
    return boost::json::serialize(boost::json::array(texts.begin(), texts.end()));
}

std::string toJsonText(const std::vector<Id>& ids) {
    boost::json::array array;
    for (const Id& id : ids)
        array.emplace_back(formatId(id));
    return boost::json::serialize(array);
}

std::vector<std::string> textsFromJson(std::string_view json) {
    std::vector<std::string> texts;
    boost::json::error_code error;
    const auto value = boost::json::parse({json.data(), json.size()}, error);
    if (error || !value.is_array()) return texts;
    for (const auto& item : value.get_array())
        if (item.is_string()) texts.emplace_back(item.get_string().c_str());
    return texts;
}

std::vector<Id> idsFromJson(std::string_view json) {
    std::vector<Id> ids;
    for (const std::string& text : textsFromJson(json))
        if (const auto id = parseId(text)) ids.push_back(*id);
    return ids;
}

}  // namespace meetpoint::store
