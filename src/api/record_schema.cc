#include "api/record_schema.h"

#include <boost/json.hpp>

#include "formats/wire.h"

namespace meetpoint::api {
namespace {

namespace json = boost::json;

json::object objectSchema(std::span<const formats::WireField> fields);

json::array wordsOf(std::string_view meanings) {
    json::array words;
    while (!meanings.empty()) {
        const std::size_t comma = std::min(meanings.find(','), meanings.size());
        words.emplace_back(meanings.substr(0, comma));
        meanings.remove_prefix(std::min(comma + 1, meanings.size()));
    }
    return words;
}

json::object fieldSchema(const formats::WireField& field) {
    json::object schema;
    if (field.kind == formats::ValueKind::object) {
        schema = objectSchema(field.nested);
    } else if (field.kind == formats::ValueKind::list) {
        schema = {{"type", "array"}, {"items", objectSchema(field.nested)}};
    } else if (const auto type = formats::jsonTypeOf(field.kind); !type.empty()) {
        schema["type"] = type;
    }
    if (const auto format = formats::jsonFormatOf(field.kind); !format.empty()) schema["format"] = format;
    if (!field.meanings.empty()) schema["enum"] = wordsOf(field.meanings);
    if (!field.description.empty()) schema["description"] = field.description;
    if (field.presence == formats::Presence::givenOut) schema["readOnly"] = true;
    return schema;
}

json::object objectSchema(std::span<const formats::WireField> fields) {
    json::object properties;
    json::array required;
    for (const auto& field : fields) {
        properties[field.name] = fieldSchema(field);
        if (field.presence == formats::Presence::required) required.emplace_back(field.name);
    }
    json::object schema{{"type", "object"}, {"properties", std::move(properties)}};
    if (!required.empty()) schema["required"] = std::move(required);
    return schema;
}

json::object recordObject(columns::LaneKind lane) {
    const auto& record = formats::wireRecordOf(lane);
    json::object schema = objectSchema(record.fields);
    schema["title"] = record.name;
    schema["description"] = record.description;
    return schema;
}

// What every page of records has: whose they are, they themselves, where the next begins.
json::object pageObject(columns::LaneKind lane, std::string_view aboutNext) {
    return {{"type", "object"},
            {"required", json::array{"carrierId", "items"}},
            {"properties", json::object{{"carrierId", json::object{{"type", "string"}, {"format", "uuid"}}},
                                        {"items", json::object{{"type", "array"}, {"items", recordObject(lane)}}},
                                        {"next", json::object{{"type", "string"}, {"description", aboutNext}}}}}};
}

}  // namespace

http::Schema recordSchema(columns::LaneKind lane) {
    return {nullptr, json::serialize(recordObject(lane))};
}

http::Schema feedPageSchema(columns::LaneKind lane) {
    json::object page = pageObject(lane, "The cursor to go on with, also when there is nothing more yet");
    page["properties"].as_object()["hasMore"] =
        json::object{{"type", "boolean"}, {"description", "More is there already"}};
    page["properties"].as_object()["deliveredAt"] =
        json::object{{"type", "string"},
                     {"format", "date-time"},
                     {"description", "When this page was made; storedAt and endedAt stand in the records"}};
    for (const char* always : {"next", "hasMore", "deliveredAt"})
        page["required"].as_array().emplace_back(always);
    return {nullptr, json::serialize(page)};
}

http::Schema callInFullSchema() {
    const json::object durations{{"type", "array"},
                                 {"description",
                                  "The carrier's records of this call, as reconciliation has paired them "
                                  "with it or as they name its callId"},
                                 {"items", recordObject(columns::LaneKind::durations)}};
    return {nullptr,
            json::serialize(json::object{{"type", "object"},
                                         {"title", "CallInFull"},
                                         {"required", json::array{"call", "durations"}},
                                         {"properties", json::object{{"call", recordObject(columns::LaneKind::calls)},
                                                                     {"durations", durations}}}})};
}

http::Schema durationInFullSchema() {
    const json::object revisions{
        {"type", "array"}, {"description", "Lowest first"}, {"items", recordObject(columns::LaneKind::durations)}};
    return {nullptr, json::serialize(json::object{
                         {"type", "object"},
                         {"title", "CallDurationInFull"},
                         {"required", json::array{"duration", "revisions"}},
                         {"properties", json::object{{"duration", recordObject(columns::LaneKind::durations)},
                                                     {"revisions", revisions}}}})};
}

http::Schema searchPageSchema(columns::LaneKind lane) {
    json::object page = pageObject(lane, "The cursor to go on with; absent where everything was looked through");
    json::object& properties = page["properties"].as_object();
    properties.erase("carrierId");
    page["required"] = json::array{"items", "hasMore"};
    properties["hasMore"] = json::object{{"type", "boolean"}, {"description", "There may be more: go on with `next`"}};
    properties["searchedUpTo"] = json::object{{"type", "string"},
                                              {"format", "date-time"},
                                              {"description", "With `next`: up to what time has been looked through"}};
    return {nullptr, json::serialize(page)};
}

http::Schema callVersionsSchema() {
    const json::object items{{"type", "array"}, {"items", recordObject(columns::LaneKind::calls)}};
    return {nullptr, json::serialize(json::object{{"type", "object"},
                                                  {"title", "CallVersions"},
                                                  {"required", json::array{"items"}},
                                                  {"properties", json::object{{"items", items}}}})};
}

http::Schema listPageSchema(columns::LaneKind lane) {
    return {nullptr, json::serialize(pageObject(lane, "The cursor of the next page; absent on the last"))};
}

}  // namespace meetpoint::api
