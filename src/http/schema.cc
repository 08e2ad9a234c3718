#include "http/schema.h"

#include <limits>

#include <boost/json/array.hpp>
#include <boost/json/value.hpp>
#include <fmt/format.h>

#include "http/json_parse.h"

namespace meetpoint::http {
namespace {

namespace json = boost::json;

Result<json::object> schemaOf(const Shape& shape, SchemaComponents& components);

json::value number(double value) {
    if (value == static_cast<double>(static_cast<std::int64_t>(value))) return static_cast<std::int64_t>(value);
    return value;
}

json::object nullable(json::object schema) {
    const json::object null{{"type", "null"}};
    if (auto* type = schema.if_contains("type"); type && type->is_string() && !schema.contains("enum")) {
        *type = json::array{*type, "null"};
        return schema;
    }
    return {{"anyOf", json::array{std::move(schema), null}}};
}

// What FieldDoc says, in the words that fit the member's kind.
void constrain(json::object& schema, const Shape& shape, const FieldDoc& doc) {
    switch (shape.kind) {
        case ShapeKind::optional:
            return constrain(schema, shape.inner(), doc);
        case ShapeKind::text:
            if (doc.minLength) schema["minLength"] = doc.minLength;
            if (doc.maxLength) schema["maxLength"] = doc.maxLength;
            if (!doc.pattern.empty()) schema["pattern"] = doc.pattern;
            if (!doc.format.empty()) schema["format"] = doc.format;
            return;
        case ShapeKind::integer:
        case ShapeKind::number:
            if (doc.min) schema["minimum"] = number(*doc.min);
            if (doc.max) schema["maximum"] = number(*doc.max);
            return;
        case ShapeKind::array:
            if (doc.minLength) schema["minItems"] = doc.minLength;
            if (doc.maxLength) schema["maxItems"] = doc.maxLength;
            if (!doc.pattern.empty() && schema["items"].is_object() && shape.inner().kind == ShapeKind::text)
                schema["items"].as_object()["pattern"] = doc.pattern;
            return;
        case ShapeKind::map:
            if (doc.minLength) schema["minProperties"] = doc.minLength;
            if (doc.maxLength) schema["maxProperties"] = doc.maxLength;
            return;
        default:
            return;
    }
}

Result<json::object> fieldSchema(const Field& field, SchemaComponents& components) {
    const Shape& shape = field.shape();
    const bool optional = shape.kind == ShapeKind::optional;
    TRY_ASSIGN(json::object schema, schemaOf(optional ? shape.inner() : shape, components));
    constrain(schema, shape, field.doc);
    if (optional && field.doc.required) schema = nullable(std::move(schema));
    if (!field.doc.what.empty()) schema["description"] = field.doc.what;
    if (!field.doc.example.empty()) {
        TRY_ASSIGN(ParsedJson example, parseJson(field.doc.example, 32));
        schema["examples"] = json::array{std::move(example.value)};
    }
    return schema;
}

Result<json::object> objectSchema(const Shape& shape, SchemaComponents& components) {
    json::object schema{{"type", "object"}};
    if (!shape.what.empty()) schema["description"] = shape.what;
    json::array required;
    json::object properties;
    for (const Field& field : shape.fields) {
        if (field.required()) required.emplace_back(field.name);
        TRY_ASSIGN(json::object property, fieldSchema(field, components));
        properties[field.name] = std::move(property);
    }
    if (!required.empty()) schema["required"] = std::move(required);
    schema["properties"] = std::move(properties);
    return schema;
}

Result<json::object> component(const Shape& shape, SchemaComponents& components) {
    const json::object reference{{"$ref", "#/components/schemas/" + shape.name}};
    const auto [owner, isNew] = components.owners.emplace(shape.name, &shape);
    if (!isNew && owner->second != &shape)
        return fail(invalidInput(
            "schema-name-clash",
            fmt::format("Two types are both called {} in the API document; name one with Doc<T>::name.", shape.name)));
    if (!isNew) return reference;  // also where a type holds itself
    json::object schema;
    if (shape.kind == ShapeKind::object) {
        TRY_ASSIGN(schema, objectSchema(shape, components));
    } else {
        json::array values;
        for (const auto& [name, value] : shape.values)
            values.emplace_back(name);
        schema = {{"type", "string"}, {"enum", std::move(values)}};
    }
    components.schemas[shape.name] = std::move(schema);
    return reference;
}

json::object integerSchema(const Shape& shape) {
    json::object schema{{"type", "integer"}};
    if (shape.lowest == 0) schema["minimum"] = 0;
    const bool wide = shape.highest > static_cast<std::uint64_t>(std::numeric_limits<std::int32_t>::max());
    schema["format"] = wide ? "int64" : "int32";
    return schema;
}

Result<json::object> schemaOf(const Shape& shape, SchemaComponents& components) {
    switch (shape.kind) {
        case ShapeKind::text:
            return json::object{{"type", "string"}};
        case ShapeKind::parsedText: {
            json::object schema{{"type", "string"}};
            if (!shape.format.empty()) schema["format"] = shape.format;
            return schema;
        }
        case ShapeKind::boolean:
            return json::object{{"type", "boolean"}};
        case ShapeKind::integer:
            return integerSchema(shape);
        case ShapeKind::number:
            return json::object{{"type", "number"}};
        case ShapeKind::optional: {
            TRY_ASSIGN(json::object inner, schemaOf(shape.inner(), components));
            return nullable(std::move(inner));
        }
        case ShapeKind::array: {
            TRY_ASSIGN(json::object items, schemaOf(shape.inner(), components));
            return json::object{{"type", "array"}, {"items", std::move(items)}};
        }
        case ShapeKind::map: {
            TRY_ASSIGN(json::object values, schemaOf(shape.inner(), components));
            return json::object{{"type", "object"}, {"additionalProperties", std::move(values)}};
        }
        case ShapeKind::object:
        case ShapeKind::enumeration:
            return component(shape, components);
        case ShapeKind::any:
            return json::object{};
    }
    return json::object{};
}

}  // namespace

Result<json::object> schemaDocument(const Schema& schema, SchemaComponents& components) {
    if (schema.shape) return schemaOf(schema.shape(), components);
    if (schema.json.empty()) return json::object{};
    auto parsed = parseJson(schema.json, 64);
    if (!parsed || !parsed->value.is_object())
        return fail(invalidInput("bad-schema", "A schema given as text is no JSON object: " + schema.json));
    return std::move(parsed->value.as_object());
}

}  // namespace meetpoint::http
